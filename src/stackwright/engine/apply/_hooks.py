"""Resource hooks: known by name, run around steps (engine.md §3.7)."""

from __future__ import annotations

from collections.abc import Callable

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.errors import UserError
from stackwright.goals import HookArgs, HookKind, HookRegistration
from stackwright.state import ResourceState


class HookError(UserError):
    """A hook is not known, or it failed (E101, E104)."""

    code = "hook-failed"


MAX_ATTEMPTS = 100
"""After so many failures of one operation no error hook is asked any more (E106)."""

_BEFORE = frozenset({HookKind.BEFORE_CREATE, HookKind.BEFORE_UPDATE, HookKind.BEFORE_DELETE})


class Hooks:
    """The hooks of one deployment."""

    def __init__(self, *, preview: bool, tell: Callable[[Diagnostic], None]) -> None:
        self._preview = preview
        self._tell = tell
        self._hooks: dict[str, HookRegistration] = {}

    def add(self, hook: HookRegistration) -> None:
        """Make a hook known. Raises `HookError` for a name that is empty or taken (E100)."""
        if not hook.name:
            raise HookError("A resource hook needs a name")
        if hook.name in self._hooks:
            raise HookError(
                f"A hook named `{hook.name}` is registered already",
                hint="Give each hook a name of its own",
            )
        self._hooks[hook.name] = hook

    def _find(self, name: str, state: ResourceState) -> HookRegistration:
        hook = self._hooks.get(name)
        if hook is None:
            raise HookError(
                f"{state.urn} names the hook `{name}`, which is not registered",
                hint="Create the ResourceHook before the resources that use it",
            )
        return hook

    async def run(
        self, kind: HookKind, *, old: ResourceState | None, new: ResourceState | None
    ) -> str | None:
        """
        Run the hooks of *kind* of the resource, in the order it lists them (E103).

        Answers None, or what an after-hook failed with: the step itself stands (E104).

        Raises:
            HookError: A before-hook failed, or a hook is not known; nothing has been done.
        """
        owner = old if kind in (HookKind.BEFORE_DELETE, HookKind.AFTER_DELETE) else new
        if owner is None or not owner.hooks:
            return None
        when = "before" if kind in _BEFORE else "after"
        for name in owner.hooks.get(kind, ()):
            hook = self._find(name, owner)
            if self._preview and not hook.on_dry_run:
                continue
            try:
                await hook.callback(_arguments(kind, owner, old, new))
            except Exception as error:
                text = f'{when} hook "{name}" failed: {error}'
                if hook.ignore_errors:
                    self._tell(Diagnostic(severity=Severity.WARNING, message=text, urn=owner.urn))
                elif when == "before":
                    raise HookError(text) from error
                else:
                    return text
        return None

    async def should_retry(
        self,
        state: ResourceState,
        operation: str,
        failures: list[str],
        *,
        old: ResourceState | None,
    ) -> bool:
        """
        Ask the resource's error hooks whether a failed operation is to be tried again (E106).

        Raises:
            HookError: A hook failed; its error stands in place of the operation's.
        """
        names = state.hooks.get(HookKind.ON_ERROR, ()) if state.hooks else ()
        if not names:
            return False
        if len(failures) >= MAX_ATTEMPTS:
            self._tell(
                Diagnostic(
                    severity=Severity.WARNING,
                    message=f"{operation} failed {MAX_ATTEMPTS} times; not trying again",
                    urn=state.urn,
                )
            )
            raise HookError(f"Maximum retries reached: {failures[0]}")
        again = False
        for name in names:
            hook = self._find(name, state)
            arguments = HookArgs(
                kind=HookKind.ON_ERROR,
                urn=state.urn,
                id=old.id if old else "",
                name=state.urn.split("::", 3)[3],
                type=state.type,
                new_inputs=state.inputs,
                old_inputs=old.inputs if old else None,
                old_outputs=old.outputs if old else None,
                operation=operation,
                errors=tuple(failures),
            )
            try:
                again = bool(await hook.callback(arguments)) or again
            except Exception as error:
                said = f'error hook "{name}" failed: {error}\n  It was asked about: {failures[0]}'
                raise HookError(said) from error
        if again:
            self._tell(
                Diagnostic(
                    severity=Severity.WARNING,
                    message=f"{operation} failed, trying again (attempt {len(failures)} of {MAX_ATTEMPTS}): "
                    f"{failures[0]}",
                    urn=state.urn,
                )
            )
        return again


def _arguments(
    kind: HookKind, owner: ResourceState, old: ResourceState | None, new: ResourceState | None
) -> HookArgs:
    deleting = kind in (HookKind.BEFORE_DELETE, HookKind.AFTER_DELETE)
    creating = kind in (HookKind.BEFORE_CREATE, HookKind.AFTER_CREATE)
    finished = kind in (HookKind.AFTER_CREATE, HookKind.AFTER_UPDATE)
    return HookArgs(
        kind=kind,
        urn=owner.urn,
        id=owner.id or (old.id if old and not creating else ""),
        name=owner.urn.split("::", 3)[3],
        type=owner.type,
        new_inputs=None if deleting or new is None else new.inputs,
        old_inputs=None if creating or old is None else old.inputs,
        new_outputs=new.outputs if finished and new is not None else None,
        old_outputs=None if creating or old is None else old.outputs,
    )
