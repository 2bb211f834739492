"""
Carry one step out: journal, provider, journal, tell.

A step's lifecycle is a table (`_NEXT`); every step goes through `Executor.run`.
Facts: engine.md E109-E122, E247-E258, E266-E272.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Final

import msgspec

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.engine._events import Reporter, StepDone, StepFailed, StepStarted
from stackwright.engine._outcomes import Outcomes
from stackwright.engine._steps import Op, Record, Step
from stackwright.engine._unstored import without_unstored
from stackwright.engine.apply._hooks import HookError, Hooks
from stackwright.engine.apply._registry import ProviderRegistry
from stackwright.errors import InternalError, StackwrightError
from stackwright.goals import HookKind
from stackwright.providers import (
    CheckRequest,
    CreateRequest,
    DeleteRequest,
    DiffRequest,
    InitFailedError,
    Provider,
    ProviderError,
    ProviderGoneError,
    ReadRequest,
    ReadResult,
    ResourceStatus,
    UpdateRequest,
)
from stackwright.state import Change, Journal, Key, ResourceState
from stackwright.urn import UNKNOWN_ID, Urn, is_provider_type
from stackwright.values import PropertyMap, PropertyPath


class StepFailedError(Exception):
    """A step could not be carried out. The user has been told; this only stops what follows."""

    def __init__(self, step: Step, error: BaseException) -> None:
        super().__init__(f"{step.op.value} of {step.urn} failed: {error}")
        self.step = step
        self.error = error


class DeploymentStoppedError(Exception):
    """The deployment was stopped before this step began; nothing was done (E250)."""


class Moment(Enum):
    """Where a step is."""

    WAITING = "waiting"
    BEGUN = "begun"
    APPLIED = "applied"
    RECORDED = "recorded"
    FAILED = "failed"
    DROPPED = "dropped"


_NEXT: Final[Mapping[Moment, frozenset[Moment]]] = {
    Moment.WAITING: frozenset({Moment.BEGUN, Moment.DROPPED, Moment.FAILED}),
    Moment.BEGUN: frozenset({Moment.APPLIED, Moment.FAILED}),
    Moment.APPLIED: frozenset({Moment.RECORDED, Moment.FAILED}),
    Moment.RECORDED: frozenset(),
    Moment.FAILED: frozenset(),
    Moment.DROPPED: frozenset(),
}
"""A step moves only along these arrows; anything else is a bug here."""


class _Run:
    """One step on its way."""

    __slots__ = ("failure", "key", "moment", "new", "number", "op", "step")

    def __init__(self, step: Step) -> None:
        self.step = step
        self.moment = Moment.WAITING
        self.op = step.op
        self.new = step.new
        self.key: Key | None = step.old.key if step.old is not None else None
        self.number: int | None = None
        self.failure: BaseException | None = None

    def move(self, moment: Moment) -> None:
        if moment not in _NEXT[self.moment]:
            raise InternalError(f"{self.step.urn}: a step cannot go from {self.moment} to {moment}")
        self.moment = moment


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
        self._ignore_protect = ignore_protect
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
        run = _Run(step)
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

    async def _begin(self, run: _Run) -> None:
        step = run.step
        await self._record_extension(step)
        kind = step.op.pending
        subject = step.new if step.new is not None else _old(step)
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

    async def _apply(self, run: _Run) -> None:
        work = self._WORK[run.step.op]
        await work(self, run)
        if run.new is not None and run.step.op is not Op.SAME:
            run.new, warnings = self._outcomes.mark_secrets(run.new)
            for warning in warnings:
                self._say(Severity.WARNING, warning, run.step.urn)
            run.new = self._recordable(run.new)
        run.move(Moment.APPLIED)

    # What is recorded ---------------------------------------------------------------------------

    async def _record(self, run: _Run, removes: tuple[Key, ...]) -> None:
        change = self._change(run, removes)
        # A replacement's marker comes before or after its halves, and makes nothing.
        made = not run.step.skipped_create and run.step.op is not Op.REPLACE
        if run.new is not None and run.key is not None and made:
            self.current[run.step.urn] = Record(run.key, run.new)
        if change is not None and self._journal is not None:
            await self._journal.commit(change)
        run.move(Moment.RECORDED)

    def _change(self, run: _Run, removes: tuple[Key, ...]) -> Change | None:
        """The table of E269: what each kind of step does to the records."""
        step, old = run.step, run.step.old
        op = step.op
        if op is Op.REPLACE or step.skipped_create:
            return None
        if op is Op.SAME:
            return self._change_for_same(run, removes)
        # What a refresh finds gone is dropped when all references to it are known: by its caller.
        if op is Op.REFRESH and (run.new is None or run.new is _old(step)):
            return None
        if op.deletes or op is Op.REMOVE_PENDING_REPLACE or run.new is None:
            key = _key(step)
            if run.failure is not None and run.new is not None:
                return Change(operation=run.number, put=((key, _stored(run.new)),))
            if step.sets_pending_replacement:
                flagged = msgspec.structs.replace(_old(step), pending_replacement=True)
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

    def _change_for_same(self, run: _Run, removes: tuple[Key, ...]) -> Change | None:
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

    def _succeeded(self, run: _Run) -> None:
        step = run.step
        if run.op.is_logical and not step.is_internal and self._counts(run):
            self.changes[run.op] += 1
        if self._preview or step.op.deletes or step.op is Op.REFRESH or self._shows_outputs(run):
            self._report(StepDone(step, run.op, run.new, self._preview))

    def _counts(self, run: _Run) -> bool:
        if run.step.op is Op.REFRESH:
            return self.counts_refreshes
        if run.op is not Op.READ:
            return True
        old = run.step.old
        return old is not None and run.new is not None and old.state.outputs != run.new.outputs

    @staticmethod
    def _shows_outputs(run: _Run) -> bool:
        """Components show theirs when they register them (E294)."""
        subject = run.new if run.new is not None else run.step.new
        return subject is None or subject.custom or subject.view_of is not None

    async def _failed(self, run: _Run, error: Exception) -> None:
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

    async def _tell_failure(self, run: _Run, error: BaseException) -> None:
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

    # The work of each kind ----------------------------------------------------------------------

    async def _nothing(self, run: _Run) -> None:
        """Replace markers and records that only have to go."""

    async def _same(self, run: _Run) -> None:
        step = run.step
        if step.skipped_create or step.new is None:
            return
        old = _old(step)
        if is_provider_type(old.type):
            await self.registry.same(step.urn, old)
            run.new = self._outcomes.same(old, step.new)
        else:
            run.new = self._outcomes.same(old, self._recordable(step.new))

    async def _provider(self, step: Step) -> Provider:
        return await self.registry.provider(step.provider, step.extension_ref)

    async def _create(self, run: _Run) -> None:
        step, new = run.step, _new(run)
        await self.hooks.run(HookKind.BEFORE_CREATE, old=None, new=new)
        if is_provider_type(new.type):
            id_, outputs = await self.registry.create(step.urn, new.type, new.inputs)
            run.new = self._outcomes.created(new, id_, outputs, now=now())
        elif new.custom:
            await self._retrying(run, "create", self._create_custom)
        else:
            run.new = self._outcomes.created(new, "", {}, now=now())
        if new.custom:
            await self._after_hook(HookKind.AFTER_CREATE, old=None, new=run.new)

    async def _create_custom(self, run: _Run) -> None:
        new = _new(run)
        provider = await self._provider(run.step)
        request = CreateRequest(
            urn=new.urn,
            type=new.type,
            inputs=new.inputs,
            preview=self._preview,
            timeout=new.custom_timeouts.create if new.custom_timeouts else 0,
        )
        try:
            result = await provider.create(request)
        except InitFailedError as error:
            if not error.id:
                raise ProviderError(
                    f"{new.urn} was created, but its provider did not say under which id",
                    status=ResourceStatus.UNKNOWN,
                    detail=str(error),
                ) from error
            run.new = self._outcomes.created(
                new,
                error.id,
                error.outputs,
                now=now(),
                init_errors=error.reasons or (str(error),),
                refresh_before_update=error.refresh_before_update,
            )
            run.failure = error
            return
        if not result.id and not self._preview:
            raise ProviderError(
                f"The provider returned an empty id for {new.urn}", status=ResourceStatus.UNKNOWN
            )
        run.new = self._outcomes.created(
            new, result.id, result.outputs, now=now(), refresh_before_update=result.refresh_before_update
        )

    async def _update(self, run: _Run) -> None:
        step, new, old = run.step, _new(run), _old(run.step)
        await self.hooks.run(HookKind.BEFORE_UPDATE, old=old, new=new)
        if is_provider_type(new.type):
            outputs = await self.registry.update(step.urn, new.type, old.id, new.inputs)
            run.new = self._outcomes.updated(old, new, outputs, now=now())
        elif new.custom:
            await self._retrying(run, "update", self._update_custom)
        else:
            run.new = self._outcomes.updated(old, new, old.outputs, now=now())
        if old.custom:
            await self._after_hook(HookKind.AFTER_UPDATE, old=old, new=run.new)

    async def _update_custom(self, run: _Run) -> None:
        new, old = _new(run), _old(run.step)
        provider = await self._provider(run.step)
        request = UpdateRequest(
            urn=new.urn,
            type=new.type,
            id=old.id,
            old_inputs=old.inputs,
            old_outputs=old.outputs,
            news=new.inputs,
            preview=self._preview,
            ignore_changes=new.ignore_changes,
            timeout=new.custom_timeouts.update if new.custom_timeouts else 0,
        )
        try:
            result = await provider.update(request)
        except InitFailedError as error:
            run.new = self._outcomes.partially_updated(
                old,
                new,
                error.outputs,
                error.reasons or (str(error),),
                now=now(),
                refresh_before_update=error.refresh_before_update,
            )
            run.failure = error
            return
        run.new = self._outcomes.updated(
            old, new, result.outputs, now=now(), refresh_before_update=result.refresh_before_update
        )

    async def _delete(self, run: _Run) -> None:
        step, old = run.step, _old(run.step)
        await self.hooks.run(HookKind.BEFORE_DELETE, old=old, new=None)
        if old.protect and not self._ignore_protect and step.op is not Op.DELETE_REPLACED:
            raise ProtectedError(step.urn)
        if is_provider_type(old.type):
            await self.registry.delete(old.urn, old.id)
        elif self._must_call_delete(step, old):
            await self._retrying(run, "delete", self._delete_custom)
            if run.failure is not None:
                return
        run.new = None
        await self._after_hook(HookKind.AFTER_DELETE, old=old, new=None)

    def _must_call_delete(self, step: Step, old: ResourceState) -> bool:
        """In order of precedence (E115)."""
        if self._preview or old.external or old.retain_on_delete or not old.custom:
            return False
        # The half that a failed creation left behind has nothing to be deleted by.
        if not old.id:
            return False
        return not (old.deleted_with and old.deleted_with in self.doomed)

    async def _delete_custom(self, run: _Run) -> None:
        old = _old(run.step)
        provider = await self.registry.provider(old.provider, old.extension_ref)
        request = DeleteRequest(
            urn=old.urn,
            type=old.type,
            id=old.id,
            inputs=old.inputs,
            outputs=old.outputs,
            timeout=old.custom_timeouts.delete if old.custom_timeouts else 0,
        )
        try:
            await provider.delete(request)
        except InitFailedError as error:
            run.new = self._outcomes.partially_deleted(old, error.outputs, now=now())
            run.failure = error

    async def _retrying(self, run: _Run, operation: str, work: Callable[[_Run], object]) -> None:
        """Do *work*, again for as long as the resource's error hooks ask for it (E106)."""
        failures: list[str] = []
        old = run.step.old.state if run.step.old else None
        subject = run.step.new if run.step.new is not None else _old(run.step)
        while True:
            try:
                await work(run)  # type: ignore[misc]
            except HookError:
                raise
            except ProviderError as error:
                failures.insert(0, str(error))
                if not await self.hooks.should_retry(subject, operation, failures, old=old):
                    raise
            else:
                return

    async def _read(self, run: _Run) -> None:
        new = _new(run)
        old = run.step.old.state if run.step.old else None
        if not new.id or new.id == UNKNOWN_ID:
            run.new = self._outcomes.read(new, ReadResult(id=new.id, outputs={}), old=old, now=now())
            return
        provider = await self._provider(run.step)
        request = ReadRequest(
            urn=new.urn,
            type=new.type,
            id=new.id,
            outputs=new.inputs,
            inputs=new.inputs,
            timeout=0,
        )
        try:
            result = await provider.read(request)
        except InitFailedError as error:
            result = ReadResult(
                id=error.id or new.id,
                outputs=error.outputs,
                inputs=error.inputs,
                refresh_before_update=error.refresh_before_update,
            )
            run.failure = error
        if not result.exists:
            raise NotFoundError(new.urn, new.id)
        reasons = _reasons(run.failure)
        run.new = self._outcomes.read(new, result, old=old, now=now(), init_errors=reasons)

    async def _refresh(self, run: _Run) -> None:
        old = _old(run.step)
        if not old.custom or is_provider_type(old.type) or old.pending_replacement or not old.id:
            run.new, run.op = old, Op.SAME
            return
        provider = await self.registry.provider(old.provider, old.extension_ref)
        request = ReadRequest(urn=old.urn, type=old.type, id=old.id, outputs=old.outputs, inputs=old.inputs)
        reasons: tuple[str, ...] = ()
        try:
            result = await provider.read(request)
        except InitFailedError as error:
            reasons = _reasons(error)
            result = ReadResult(id=error.id or old.id, outputs=error.outputs, inputs=error.inputs)
            self._say(Severity.WARNING, f"{old.urn} is unhealthy: {error}", old.urn)
        refreshed = self._outcomes.refreshed(old, result, now=now(), init_errors=reasons)
        if refreshed is None:
            run.new, run.op = None, Op.DELETE
        elif refreshed is old:
            run.new, run.op = old, Op.SAME
        else:
            run.new = refreshed
            await self._show_drift(run, provider, refreshed)

    async def _show_drift(self, run: _Run, provider: Provider, refreshed: ResourceState) -> None:
        """Let the provider say what its findings mean; what is recorded is settled already (E119)."""
        old = _old(run.step)
        run.op = Op.UPDATE
        if old.external:
            return
        request = DiffRequest(
            urn=old.urn,
            type=old.type,
            id=refreshed.id,
            old_inputs=refreshed.inputs,
            old_outputs=refreshed.outputs,
            news=old.inputs,
            preview=self._preview,
            ignore_changes=old.ignore_changes,
        )
        try:
            run.op, diff = self._outcomes.drift(await provider.diff(request))
        except ProviderError as error:
            self._say(Severity.DEBUG, f"What a refresh found cannot be compared: {error}", old.urn)
            return
        run.step = msgspec.structs.replace(run.step, diffs=diff.diffs, detailed=diff.detailed)

    async def _import(self, run: _Run) -> None:
        """Adopt what exists: for a program's option, or with what a command *supplied* (E227, E230)."""
        new, supplied = _new(run), run.step.supplied
        reasons: tuple[str, ...] = ()
        if supplied is not None and (supplied.outputs is not None or not new.custom):
            result = ReadResult(
                id=new.import_id, inputs=supplied.inputs or {}, outputs=supplied.outputs or {}
            )
        else:
            result, reasons = await self._look_up(run)
        run.new = self._outcomes.imported(
            new, result, now=now(), init_errors=reasons, supplied=supplied.inputs if supplied else None
        )
        if supplied is not None:
            run.new, unknown = self._outcomes.adopted(run.new, supplied)
            if unknown:
                text = f"there is no input {', '.join(unknown)} in what was read of {new.urn}"
                self._say(Severity.WARNING, text, new.urn)
            if new.custom:
                await self._check_adopted(run.new)

    async def _look_up(self, run: _Run) -> tuple[ReadResult, tuple[str, ...]]:
        new = _new(run)
        provider = await self._provider(run.step)
        request = ReadRequest(urn=new.urn, type=new.type, id=new.import_id, outputs={}, inputs=None)
        reasons: tuple[str, ...] = ()
        try:
            result = await provider.read(request)
        except InitFailedError as error:
            result = ReadResult(id=error.id or new.import_id, outputs=error.outputs, inputs=error.inputs)
            reasons = _reasons(error)
        if not result.exists:
            raise NotFoundError(new.urn, new.import_id)
        if result.inputs is None:
            raise CannotImportError(new.urn, new.type)
        return result, reasons

    async def _check_adopted(self, new: ResourceState) -> None:
        """What a program that says just this would hear; nothing of it holds the import up (E228)."""
        provider = await self.registry.provider(new.provider, new.extension_ref)
        request = CheckRequest(
            urn=new.urn, type=new.type, olds=new.inputs, news=new.inputs, seed=b"", preview=self._preview
        )
        try:
            failures = (await provider.check(request)).failures
        except ProviderError as error:
            self._say(Severity.WARNING, f"what was imported could not be checked: {error}", new.urn)
            return
        for failure in failures:
            where = f"property {failure.property} has a problem: " if failure.property else ""
            self._say(
                Severity.WARNING,
                f"a program that says what was imported would be refused: {where}{failure.reason}",
                new.urn,
            )

    _WORK: Final = {
        Op.SAME: _same,
        Op.CREATE: _create,
        Op.CREATE_REPLACEMENT: _create,
        Op.UPDATE: _update,
        Op.DELETE: _delete,
        Op.DELETE_REPLACED: _delete,
        Op.DISCARD: _delete,
        Op.DISCARD_REPLACED: _delete,
        Op.READ: _read,
        Op.READ_REPLACEMENT: _read,
        Op.REFRESH: _refresh,
        Op.IMPORT: _import,
        Op.IMPORT_REPLACEMENT: _import,
        Op.REPLACE: _nothing,
        Op.REMOVE_PENDING_REPLACE: _nothing,
    }


class ProtectedError(StackwrightError):
    """A protected resource is not deleted (E115, E177)."""

    code = "protected"

    def __init__(self, urn: Urn) -> None:
        super().__init__(
            f"{urn} is protected and cannot be deleted",
            hint="Remove `protect=True` from it and run `stackwright up`, then delete it; "
            "or run `stackwright state unprotect` with its URN",
        )


class NotFoundError(ProviderError):
    """What should be read or imported does not exist."""

    code = "resource-not-found"

    def __init__(self, urn: Urn, id_: str) -> None:
        super().__init__(f"resource '{id_}' does not exist", hint=f"It was asked for as {urn}")


class CannotImportError(ProviderError):
    """The provider can read such a resource, but not tell the inputs that it was made with (E227)."""

    code = "cannot-import"

    def __init__(self, urn: Urn, type_: str) -> None:
        super().__init__(
            f"The provider does not support importing {type_} ({urn})",
            hint="A newer version of the provider may",
        )


_INSTANT = frozenset({Op.SAME, Op.REPLACE, Op.REMOVE_PENDING_REPLACE})
"""Steps that ask nobody outside: they need no slot."""

_NEW_RECORD = frozenset({Op.CREATE_REPLACEMENT, Op.READ_REPLACEMENT, Op.IMPORT_REPLACEMENT})
"""Steps whose new record stands beside the old one."""


def now() -> str:
    """The time in UTC as records carry it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _old(step: Step) -> ResourceState:
    if step.old is None:
        raise InternalError(f"{step.urn}: a {step.op.value} step needs an old record")
    return step.old.state


def _key(step: Step) -> Key:
    if step.old is None:
        raise InternalError(f"{step.urn}: a {step.op.value} step needs an old record")
    return step.old.key


def _new(run: _Run) -> ResourceState:
    if run.step.new is None:
        raise InternalError(f"{run.step.urn}: a {run.step.op.value} step needs a new record")
    return run.step.new


def _stored(state: ResourceState) -> ResourceState:
    """What is written: aliases are applied by then, and go (E268)."""
    return msgspec.structs.replace(state, aliases=()) if state.aliases else state


def _status(error: BaseException) -> ResourceStatus:
    return error.status if isinstance(error, ProviderError) else ResourceStatus.OK


def _reasons(error: BaseException | None) -> tuple[str, ...]:
    if not isinstance(error, InitFailedError):
        return ()
    return error.reasons or (str(error),)


def _describe(step: Step, error: BaseException) -> str:
    if isinstance(error, StackwrightError):
        return str(error)
    return f"{step.op.value} failed: {type(error).__name__}: {error}"
