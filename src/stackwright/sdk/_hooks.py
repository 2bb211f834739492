"""
Hooks between the program and the deployment (sdk.md §13).

The deployment knows hooks by name and asks the program to run them; the program's
functions get objects of the SDK, and run on its own thread.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import Any

from stackwright.goals import HookArgs, HookKind, HookNames, HookRegistration
from stackwright.reply import Reply
from stackwright.sdk import _session
from stackwright.sdk import output as _output
from stackwright.sdk._deserialize import to_program, translate
from stackwright.sdk._registration import require
from stackwright.sdk._session import Session
from stackwright.values import PropertyMap

_KINDS: Mapping[str, HookKind] = {
    "before_create": HookKind.BEFORE_CREATE,
    "after_create": HookKind.AFTER_CREATE,
    "before_update": HookKind.BEFORE_UPDATE,
    "after_update": HookKind.AFTER_UPDATE,
    "before_delete": HookKind.BEFORE_DELETE,
    "after_delete": HookKind.AFTER_DELETE,
    "on_error": HookKind.ON_ERROR,
}
_NAMED_ONLY = ("before_delete", "after_delete", "on_error")


def register_hook(
    name: str, func: Callable[[Any], Any], on_dry_run: bool, ignore_errors: bool
) -> Reply[None]:
    """Make a resource hook known under *name*; a failure of that ends the program."""
    session = _known("resourceHooks", "resource hooks")

    def run(args: HookArgs) -> Any:
        return _then(func(_resource_hook_args(session, args)), lambda _: None)

    return _add(session, name, run, is_error_hook=False, on_dry_run=on_dry_run, ignore_errors=ignore_errors)


def register_error_hook(name: str, func: Callable[[Any], Any]) -> Reply[None]:
    """Make an error hook known under *name*; a failure of that ends the program."""
    session = _known("errorHooks", "error hooks")

    def run(args: HookArgs) -> Any:
        return _then(func(_error_hook_args(session, args)), bool)

    return _add(session, name, run, is_error_hook=True)


def _known(feature: str, called: str) -> Session:
    session = _session.current()
    require(session, feature, called)
    return session


def _add(session: Session, name: str, run: Callable[[HookArgs], Any], **flags: Any) -> Reply[None]:
    if session.monitor is None:
        return Reply.of(None)
    session.turns.listen()

    def asked(args: HookArgs) -> Awaitable[Any]:
        return session.turns.ask(lambda: run(args))

    reply = session.monitor.add_hook(registration(name, asked, **flags))

    def added(reply: Reply[None]) -> None:
        if reply.error is not None:
            session.fail(reply.error)

    session.turns.expect(reply, added)
    return reply


def registration(name: str, callback: Any, *, is_error_hook: bool, **flags: Any) -> HookRegistration:
    """The request that makes a hook known."""
    return HookRegistration(name=name, callback=callback, is_error_hook=is_error_hook, **flags)


def _then(answer: Any, finish: Callable[[Any], Any]) -> Any:
    if not isawaitable(answer):
        return finish(answer)

    async def awaited() -> Any:
        return finish(await answer)

    return awaited()


def hook_names(session: Session, binding: Any, prefix: str) -> HookNames:
    """The names of the hooks of one resource, by kind; functions without a name get one (§13)."""
    require(session, "resourceHooks", "resource hooks")
    from stackwright.sdk.resource_hooks import ErrorHook, ResourceHook

    found: dict[HookKind, tuple[str, ...]] = {}
    for attribute, kind in _KINDS.items():
        hooks = getattr(binding, attribute)
        if not hooks:
            continue
        names = []
        for index, hook in enumerate(hooks):
            expected = ErrorHook if attribute == "on_error" else ResourceHook
            if isinstance(hook, expected):
                names.append(hook.name)
            elif not callable(hook) or isinstance(hook, (ErrorHook, ResourceHook)):
                raise ValueError(  # noqa: TRY004 # §13
                    f"A hook in `{attribute}` is a {type(hook).__name__}, not a {expected.__name__}"
                )
            elif attribute in _NAMED_ONLY:
                raise ValueError(
                    f"Hooks in `{attribute}` have to be named, so that they can run when the program does "
                    f"not declare the resource any more: wrap the function in {expected.__name__}"
                )
            else:
                name = f"{prefix}_{attribute}_{index}"
                names.append(_anonymous(session, name, hook))
        found[kind] = tuple(names)
    return found


def _anonymous(session: Session, name: str, func: Callable[[Any], Any]) -> str:
    # The request may be looked at several times before it can be sent; the hook is made known once.
    key = ("hook", name)
    if key not in session.package_refs:
        session.package_refs[key] = register_hook(name, func, False, False)
    return name


# Arguments ----------------------------------------------------------------------------------------


def bag(session: Session, values: PropertyMap | None) -> dict[str, Any] | None:
    """A bag as callbacks see it: wire names, secrets as secret outputs, unknowns kept."""
    if values is None:
        return None
    found = {}
    for name, value in values.items():
        inner, secret = to_program(session, value)
        inner = translate(inner, None)
        found[name] = _output.settled(session, inner, True, True) if secret else inner
    return found


def _resource_hook_args(session: Session, args: HookArgs) -> Any:
    from stackwright.sdk.resource_hooks import ResourceHookArgs

    return ResourceHookArgs(
        urn=args.urn,
        id=args.id,
        name=args.name,
        type=args.type,
        new_inputs=bag(session, args.new_inputs),
        old_inputs=bag(session, args.old_inputs),
        new_outputs=bag(session, args.new_outputs),
        old_outputs=bag(session, args.old_outputs),
    )


def _error_hook_args(session: Session, args: HookArgs) -> Any:
    from stackwright.sdk.resource_hooks import ErrorHookArgs

    return ErrorHookArgs(
        urn=args.urn,
        id=args.id,
        name=args.name,
        type=args.type,
        new_inputs=bag(session, args.new_inputs),
        old_inputs=bag(session, args.old_inputs),
        old_outputs=bag(session, args.old_outputs),
        failed_operation=args.operation,
        errors=list(args.errors),
    )
