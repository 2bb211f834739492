"""
Carry one step out: journal, provider, journal, tell.

Every step goes through `Executor.run`, along the table in `_run`; what each kind does is in
`_work`. Facts: engine.md E247-E258, E266-E272.
"""

from __future__ import annotations

import asyncio
from collections import Counter

import msgspec

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.engine._events import Reporter, StepDone, StepFailed, StepStarted
from stackwright.engine._outcomes import Outcomes
from stackwright.engine._steps import Op, Record, Step
from stackwright.engine._unstored import without_unstored
from stackwright.engine.apply._hooks import Hooks
from stackwright.engine.apply._registry import ProviderRegistry
from stackwright.engine.apply._run import Moment, Run
from stackwright.engine.apply._work import ProtectedError, Work
from stackwright.errors import InternalError, StackwrightError
from stackwright.goals import HookKind
from stackwright.providers import (
    ProviderError,
    ProviderGoneError,
    ResourceStatus,
)
from stackwright.state import Change, Journal, Key, ResourceState
from stackwright.urn import Urn, is_provider_type
from stackwright.values import PropertyMap, PropertyPath


class StepFailedError(Exception):
    """A step could not be carried out. The user has been told; this only stops what follows."""

    def __init__(self, step: Step, error: BaseException) -> None:
        super().__init__(f"{step.op.value} of {step.urn} failed: {error}")
        self.step = step
        self.error = error


class DeploymentStoppedError(Exception):
    """The deployment was stopped before this step began; nothing was done (E250)."""


class Done(msgspec.Struct, frozen=True):
    """A step that was carried out: the record as it is now under its key; both None after a removal."""

    op: Op
    key: Key | None
    new: ResourceState | None


class Executor:
    """
    Runs steps, at most *parallel* at a time.

    *outcomes* are the pure rules for the record that each operation leaves behind.
    Without a journal (previews) nothing is recorded.
    """

    def __init__(
        self,
        *,
        registry: ProviderRegistry,
        hooks: Hooks,
        outcomes: Outcomes,
        journal: Journal | None,
        report: Reporter,
        parallel: int,
        continue_on_error: bool = False,
        ignore_protect: bool = False,
    ) -> None:
        self.registry = registry
        self.hooks = hooks
        self._outcomes = outcomes
        self._journal = journal
        self._report = report
        self._preview = journal is None
        self._continue = continue_on_error
        self._slots = asyncio.Semaphore(max(1, parallel))
        self.changes: Counter[Op] = Counter()
        self.failures: list[StepFailedError] = []
        self.after_hook_failed = False
        self.maybe_corrupt = False
        self.stopped = False
        self.keeps_going = False
        """While refreshing: a failure stops nothing else (E216)."""
        self.counts_refreshes = False
        """Whether what refreshes find is counted (E296)."""
        self.doomed: set[Urn] = set()
        """URNs that this deployment deletes, for `deleted_with` (E179)."""
        self.current: dict[Urn, Record] = {}
        """The record of every resource this deployment has dealt with, as it is now."""
        self.in_flight: dict[Urn, Op] = {}
        self._unstored: dict[Urn, tuple[PropertyPath, ...]] = {}
        self._work = Work(
            registry=registry,
            hooks=hooks,
            outcomes=outcomes,
            report=report,
            preview=self._preview,
            ignore_protect=ignore_protect,
            doomed=self.doomed,
            recordable=self._recordable,
            after_hook=self._after_hook,
        )

    def keep_out_of_records(self, urn: Urn, paths: tuple[PropertyPath, ...]) -> None:
        """The inputs of *urn* at *paths* are for its provider alone; nothing is recorded of them."""
        if paths:
            self._unstored[urn] = paths
        else:
            self._unstored.pop(urn, None)

    def _recordable(self, state: ResourceState) -> ResourceState:
        paths = self._unstored.get(state.urn)
        return state if paths is None else without_unstored(state, paths)

    def stop(self) -> None:
        """Start nothing more; what runs ends and is recorded (E250, E255)."""
        self.stopped = True

    def new_key(self) -> Key:
        if self._journal is not None:
            return self._journal.new_key()
        self._preview_keys += 1
        return Key(-self._preview_keys)

    _preview_keys = 0

    # One step -----------------------------------------------------------------------------------

    async def run(self, step: Step, *, removes: tuple[Key, ...] = ()) -> Done:
        """
        Carry *step* out and record it.

        Raises:
            StepFailedError: It failed; said, journaled, and the deployment is stopping
                unless it continues on errors.
            DeploymentStoppedError: It was not begun.
        """
        if step.op in _INSTANT:
            return await self._run(step, removes)
        async with self._slots:
            return await self._run(step, removes)

    async def _run(self, step: Step, removes: tuple[Key, ...]) -> Done:
        if self.stopped:
            raise DeploymentStoppedError
        run = Run(step)
        self._report(StepStarted(step, self._preview))
        self.in_flight[step.urn] = step.op
        try:
            await self._begin(run)
            await self._apply(run)
            await self._record(run, removes)
        except asyncio.CancelledError:
            raise  # terminated: the operation stays pending in the journal (E256)
        except Exception as error:
            await self._failed(run, error)
            raise StepFailedError(step, error) from error
        finally:
            self.in_flight.pop(step.urn, None)
        if run.failure is None or not step.op.deletes:
            self._succeeded(run)
        if run.failure is not None:
            await self._tell_failure(run, run.failure)
            raise StepFailedError(step, run.failure)
        return Done(run.op, run.key, run.new)

    async def _begin(self, run: Run) -> None:
        step = run.step
        await self._record_extension(step)
        kind = step.op.pending
        subject = step.new if step.new is not None else run.old
        # Only what a provider does outside can be lost half-way: components and providers need no note.
        if kind is not None and self._journal is not None and self._is_external_work(step, subject):
            run.number, durable = self._journal.begin(kind, self._recordable(subject))
            await durable
        run.move(Moment.BEGUN)

    async def _record_extension(self, step: Step) -> None:
        """What a record names is recorded before it, so that any later run can make sense of it (E267)."""
        if step.new is None or not step.new.extension_ref or self._journal is None:
            return
        table = self.registry.extensions.to_record(step.new.extension_ref)
        if table is not None:
            await self._journal.commit(Change(extensions=table))

    @staticmethod
    def _is_external_work(step: Step, subject: ResourceState) -> bool:
        return subject.custom and not is_provider_type(subject.type)

    async def _apply(self, run: Run) -> None:
        await self._work.do(run)
        if run.new is not None and run.step.op is not Op.SAME:
            run.new, warnings = self._outcomes.mark_secrets(run.new)
            for warning in warnings:
                self._say(Severity.WARNING, warning, run.step.urn)
            run.new = self._recordable(run.new)
        run.move(Moment.APPLIED)

    # What is recorded ---------------------------------------------------------------------------

    async def _record(self, run: Run, removes: tuple[Key, ...]) -> None:
        change = self._change(run, removes)
        # A replacement's marker comes before or after its halves, and makes nothing.
        made = not run.step.skipped_create and run.step.op is not Op.REPLACE
        if run.new is not None and run.key is not None and made:
            self.current[run.step.urn] = Record(run.key, run.new)
        if change is not None and self._journal is not None:
            await self._journal.commit(change)
        run.move(Moment.RECORDED)

    def _change(self, run: Run, removes: tuple[Key, ...]) -> Change | None:
        """The table of E269: what each kind of step does to the records."""
        step, old = run.step, run.step.old
        op = step.op
        if op is Op.REPLACE or step.skipped_create:
            return None
        if op is Op.SAME:
            return self._change_for_same(run, removes)
        # What a refresh finds gone is dropped when all references to it are known: by its caller.
        if op is Op.REFRESH and (run.new is None or run.new is run.old):
            return None
        if op.deletes or op is Op.REMOVE_PENDING_REPLACE or run.new is None:
            key = _key(step)
            if run.failure is not None and run.new is not None:
                return Change(operation=run.number, put=((key, _stored(run.new)),))
            if step.sets_pending_replacement:
                flagged = msgspec.structs.replace(run.old, pending_replacement=True)
                return Change(operation=run.number, put=((key, flagged),))
            return Change(operation=run.number, remove=(key,))
        put: list[tuple[Key, ResourceState]] = []
        remove = list(removes)
        if op in _NEW_RECORD:
            run.key = self.new_key()
            if old is not None:
                if old.state.pending_replacement or not step.pending_delete:
                    remove.append(old.key)
                else:
                    put.append((old.key, msgspec.structs.replace(old.state, delete=True)))
        elif run.key is None:
            run.key = self.new_key()
        renames: tuple[tuple[Urn, Urn], ...] = ()
        if old is not None and op not in _NEW_RECORD and old.state.urn != step.urn:
            renames = ((old.state.urn, step.urn),)
        put.append((run.key, _stored(run.new)))
        return Change(operation=run.number, renames=renames, remove=tuple(remove), put=tuple(put))

    def _change_for_same(self, run: Run, removes: tuple[Key, ...]) -> Change | None:
        old, new = run.step.old, run.new
        if old is None or new is None:
            raise InternalError(f"{run.step.urn}: a same step needs both its records")
        renames = ((old.state.urn, new.urn),) if old.state.urn != new.urn else ()
        if not renames and not removes and not self._outcomes.must_write(old.state, new):
            return None
        return Change(renames=renames, remove=removes, put=((old.key, _stored(new)),))

    async def record_outputs(self, urn: Urn, outputs: PropertyMap, step: Step) -> None:
        """Give a component (or the stack) its outputs, and run its after-hooks (E89)."""
        record = self.current[urn]
        new = msgspec.structs.replace(record.state, outputs=outputs)
        self.current[urn] = Record(record.key, new)
        if self._journal is not None and self._outcomes.outputs_differ(record.state, new):
            await self._journal.commit(Change(put=((record.key, _stored(new)),)))
        kind = {Op.CREATE: HookKind.AFTER_CREATE, Op.UPDATE: HookKind.AFTER_UPDATE}.get(step.op)
        if kind is not None and not new.custom:
            await self._after_hook(kind, old=step.old.state if step.old else None, new=new)
        self._report(StepDone(step, step.op, new, self._preview))

    async def commit(self, change: Change) -> None:
        """Record a change that belongs to no step (rewritten references, settled operations)."""
        if self._journal is not None:
            await self._journal.commit(change)

    # After it -----------------------------------------------------------------------------------

    def _succeeded(self, run: Run) -> None:
        step = run.step
        if run.op.is_logical and not step.is_internal and self._counts(run):
            self.changes[run.op] += 1
        if self._preview or step.op.deletes or step.op is Op.REFRESH or self._shows_outputs(run):
            self._report(StepDone(step, run.op, run.new, self._preview))

    def _counts(self, run: Run) -> bool:
        if run.step.op is Op.REFRESH:
            return self.counts_refreshes
        if run.op is not Op.READ:
            return True
        old = run.step.old
        return old is not None and run.new is not None and old.state.outputs != run.new.outputs

    @staticmethod
    def _shows_outputs(run: Run) -> bool:
        """Components show theirs when they register them (E294)."""
        subject = run.new if run.new is not None else run.step.new
        return subject is None or subject.custom or subject.view_of is not None

    async def _failed(self, run: Run, error: Exception) -> None:
        began = run.moment is Moment.BEGUN
        run.move(Moment.FAILED)
        if run.number is not None and self._journal is not None and began:
            # A provider that is gone may have done all of it: the next run looks at the object.
            uncertain = _status(error) is ResourceStatus.UNKNOWN and (
                run.step.op.creates or isinstance(error, ProviderGoneError)
            )
            try:
                await self._journal.commit(Change(operation=run.number, keep_pending=uncertain))
            except StackwrightError as broken:
                self._say(Severity.ERROR, str(broken), run.step.urn)
        await self._tell_failure(run, error)

    async def _tell_failure(self, run: Run, error: BaseException) -> None:
        step = run.step
        status = _status(error)
        if status is ResourceStatus.UNKNOWN:
            self.maybe_corrupt = True
        code = 2005 if self._preview else 2000
        urn = None if step.is_internal else step.urn
        self._report(
            Diagnostic(
                severity=Severity.ERROR,
                message=_describe(step, error),
                urn=urn,
                code=code,
                place=step.new.source_position if step.new is not None else "",
            )
        )
        if not self._preview:
            self._report(StepFailed(step, status, sum(self.changes.values())))
        self.failures.append(StepFailedError(step, error))
        if not (self._continue or self.keeps_going or isinstance(error, ProtectedError)):
            self.stop()

    def _say(self, severity: Severity, message: str, urn: Urn | None) -> None:
        self._report(Diagnostic(severity=severity, message=message, urn=urn))

    async def _after_hook(
        self, kind: HookKind, *, old: ResourceState | None, new: ResourceState | None
    ) -> None:
        """A failing after-hook leaves its step as it is, and fails the deployment (E104)."""
        failure = await self.hooks.run(kind, old=old, new=new)
        if failure is None:
            return
        owner = new if new is not None else old
        self._say(Severity.ERROR, failure, owner.urn if owner else None)
        self.after_hook_failed = True
        if not self._continue:
            self.stop()


_INSTANT = frozenset({Op.SAME, Op.REPLACE, Op.REMOVE_PENDING_REPLACE})
"""Steps that ask nobody outside: they need no slot."""

_NEW_RECORD = frozenset({Op.CREATE_REPLACEMENT, Op.READ_REPLACEMENT, Op.IMPORT_REPLACEMENT})
"""Steps whose new record stands beside the old one."""


def _key(step: Step) -> Key:
    if step.old is None:
        raise InternalError(f"{step.urn}: a {step.op.value} step needs an old record")
    return step.old.key


def _stored(state: ResourceState) -> ResourceState:
    """What is written: aliases are applied by then, and go (E268)."""
    return msgspec.structs.replace(state, aliases=()) if state.aliases else state


def _status(error: BaseException) -> ResourceStatus:
    return error.status if isinstance(error, ProviderError) else ResourceStatus.OK


def _describe(step: Step, error: BaseException) -> str:
    if isinstance(error, StackwrightError):
        return str(error)
    return f"{step.op.value} failed: {type(error).__name__}: {error}"
