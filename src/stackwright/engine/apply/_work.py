"""
What each kind of step does: which calls of a provider, around which hooks.

Changes the run that it is given and nothing else; when a step may run, and what is recorded
of it, is the executor's. Facts: engine.md E109-E122.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from datetime import UTC, datetime
from typing import Final, Protocol

import msgspec

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.engine._events import Reporter
from stackwright.engine._outcomes import Outcomes
from stackwright.engine._steps import Op, Step
from stackwright.engine.apply._hooks import HookError, Hooks
from stackwright.engine.apply._registry import ProviderRegistry
from stackwright.engine.apply._run import Run
from stackwright.errors import StackwrightError
from stackwright.goals import HookKind
from stackwright.providers import (
    CheckRequest,
    CreateRequest,
    DeleteRequest,
    DiffRequest,
    InitFailedError,
    Provider,
    ProviderError,
    ReadRequest,
    ReadResult,
    ResourceStatus,
    UpdateRequest,
)
from stackwright.state import ResourceState
from stackwright.urn import UNKNOWN_ID, Urn, is_provider_type


class AfterHook(Protocol):
    """Runs the hooks of *kind* of what has been done; their failure is told, and undoes nothing (E104)."""

    async def __call__(
        self, kind: HookKind, *, old: ResourceState | None, new: ResourceState | None
    ) -> None: ...


class Work:
    """
    Does the work of steps.

    *doomed* are the URNs that the deployment deletes (E179); *recordable* leaves out of a
    record what is not to be recorded; *after_hook* runs the hooks of what has been done.
    """

    def __init__(
        self,
        *,
        registry: ProviderRegistry,
        hooks: Hooks,
        outcomes: Outcomes,
        report: Reporter,
        preview: bool,
        ignore_protect: bool,
        doomed: Set[Urn],
        recordable: Callable[[ResourceState], ResourceState],
        after_hook: AfterHook,
    ) -> None:
        self._registry = registry
        self._hooks = hooks
        self._outcomes = outcomes
        self._report = report
        self._preview = preview
        self._ignore_protect = ignore_protect
        self._doomed = doomed
        self._recordable = recordable
        self._after_hook = after_hook

    async def do(self, run: Run) -> None:
        """
        Do what the step of *run* is about; what has come of it is in *run*.

        Raises what the provider or a hook raised, where nothing is to be recorded of it.
        """
        await self._WORK[run.step.op](self, run)

    def _say(self, severity: Severity, message: str, urn: Urn | None) -> None:
        self._report(Diagnostic(severity=severity, message=message, urn=urn))

    async def _nothing(self, run: Run) -> None:
        """Replace markers and records that only have to go."""

    async def _same(self, run: Run) -> None:
        step = run.step
        if step.skipped_create or step.new is None:
            return
        old = run.old
        if is_provider_type(old.type):
            await self._registry.same(step.urn, old)
            run.new = self._outcomes.same(old, step.new)
        else:
            run.new = self._outcomes.same(old, self._recordable(step.new))

    async def _provider(self, step: Step) -> Provider:
        return await self._registry.provider(step.provider, step.extension_ref)

    async def _create(self, run: Run) -> None:
        step, new = run.step, run.wanted
        await self._hooks.run(HookKind.BEFORE_CREATE, old=None, new=new)
        if is_provider_type(new.type):
            id_, outputs = await self._registry.create(step.urn, new.type, new.inputs)
            run.new = self._outcomes.created(new, id_, outputs, now=now())
        elif new.custom:
            await self._retrying(run, "create", self._create_custom)
        else:
            run.new = self._outcomes.created(new, "", {}, now=now())
        if new.custom:
            await self._after_hook(HookKind.AFTER_CREATE, old=None, new=run.new)

    async def _create_custom(self, run: Run) -> None:
        new = run.wanted
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

    async def _update(self, run: Run) -> None:
        step, new, old = run.step, run.wanted, run.old
        await self._hooks.run(HookKind.BEFORE_UPDATE, old=old, new=new)
        if is_provider_type(new.type):
            outputs = await self._registry.update(step.urn, new.type, old.id, new.inputs)
            run.new = self._outcomes.updated(old, new, outputs, now=now())
        elif new.custom:
            await self._retrying(run, "update", self._update_custom)
        else:
            run.new = self._outcomes.updated(old, new, old.outputs, now=now())
        if old.custom:
            await self._after_hook(HookKind.AFTER_UPDATE, old=old, new=run.new)

    async def _update_custom(self, run: Run) -> None:
        new, old = run.wanted, run.old
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

    async def _delete(self, run: Run) -> None:
        step, old = run.step, run.old
        await self._hooks.run(HookKind.BEFORE_DELETE, old=old, new=None)
        if old.protect and not self._ignore_protect and step.op is not Op.DELETE_REPLACED:
            raise ProtectedError(step.urn)
        if is_provider_type(old.type):
            await self._registry.delete(old.urn, old.id)
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
        return not (old.deleted_with and old.deleted_with in self._doomed)

    async def _delete_custom(self, run: Run) -> None:
        old = run.old
        provider = await self._registry.provider(old.provider, old.extension_ref)
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

    async def _retrying(self, run: Run, operation: str, work: Callable[[Run], object]) -> None:
        """Do *work*, again for as long as the resource's error hooks ask for it (E106)."""
        failures: list[str] = []
        old = run.step.old.state if run.step.old else None
        subject = run.step.new if run.step.new is not None else run.old
        while True:
            try:
                await work(run)  # type: ignore[misc]
            except HookError:
                raise
            except ProviderError as error:
                failures.insert(0, str(error))
                if not await self._hooks.should_retry(subject, operation, failures, old=old):
                    raise
            else:
                return

    async def _read(self, run: Run) -> None:
        new = run.wanted
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

    async def _refresh(self, run: Run) -> None:
        old = run.old
        if not old.custom or is_provider_type(old.type) or old.pending_replacement or not old.id:
            run.new, run.op = old, Op.SAME
            return
        provider = await self._registry.provider(old.provider, old.extension_ref)
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

    async def _show_drift(self, run: Run, provider: Provider, refreshed: ResourceState) -> None:
        """Let the provider say what its findings mean; what is recorded is settled already (E119)."""
        old = run.old
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

    async def _import(self, run: Run) -> None:
        """Adopt what exists: for a program's option, or with what a command *supplied* (E227, E230)."""
        new, supplied = run.wanted, run.step.supplied
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

    async def _look_up(self, run: Run) -> tuple[ReadResult, tuple[str, ...]]:
        new = run.wanted
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
        provider = await self._registry.provider(new.provider, new.extension_ref)
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
            hint="Set `protect=False` on it in the program and run `stackwright up`; then it can be deleted",
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


def now() -> str:
    """The time in UTC as records carry it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _reasons(error: BaseException | None) -> tuple[str, ...]:
    if not isinstance(error, InitFailedError):
        return ()
    return error.reasons or (str(error),)
