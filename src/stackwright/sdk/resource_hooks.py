"""Hooks: functions of the program that run before and after a resource is changed (sdk.md §13)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Optional, TypeVar

from stackwright.sdk import _hooks

T = TypeVar("T")


@dataclass(frozen=True)
class ResourceHookArgs:
    """What a hook is given. Bags go by the names on the wire; which are there depends on the moment."""

    urn: str
    id: str
    name: str
    type: str
    new_inputs: Mapping[str, Any] | None = None
    old_inputs: Mapping[str, Any] | None = None
    new_outputs: Mapping[str, Any] | None = None
    old_outputs: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class ErrorHookArgs:
    """What an error hook is given: what was to be done, and how it failed so far, newest first."""

    urn: str
    id: str
    name: str
    type: str
    new_inputs: Mapping[str, Any] | None = None
    old_inputs: Mapping[str, Any] | None = None
    old_outputs: Mapping[str, Any] | None = None
    failed_operation: str = ""
    errors: Optional[list[str]] = None  # noqa: UP045


ResourceHookFunction = Callable[[ResourceHookArgs], Awaitable[None] | None]
"""Raising is the hook's failure."""

ErrorHookFunction = Callable[[ErrorHookArgs], bool | Awaitable[bool]]
"""Answers whether to try again."""


@dataclass
class ResourceHookOptions:
    """Whether a hook runs in previews too, and whether its failure matters."""

    on_dry_run: bool = False
    ignore_errors: bool = False


class ResourceHook:
    """A named hook. It is made known to the deployment at once; calling it calls the function."""

    name: str
    opts: ResourceHookOptions | None = None
    callback: ResourceHookFunction

    def __init__(
        self, name: str, func: ResourceHookFunction, opts: ResourceHookOptions | None = None
    ) -> None:
        self.name = name
        self.callback = func
        self.opts = opts
        options = opts or ResourceHookOptions()
        self._registered = _hooks.register_hook(name, func, options.on_dry_run, options.ignore_errors)

    def __repr__(self) -> str:
        return f"ResourceHook(name={self.name}, callback={self.callback}, opts={self.opts})"

    def __call__(self, args: ResourceHookArgs) -> Awaitable[None] | None:
        return self.callback(args)


class ErrorHook:
    """A named hook for failures: it answers whether the operation is to be tried again."""

    name: str
    callback: ErrorHookFunction

    def __init__(self, name: str, func: ErrorHookFunction) -> None:
        self.name = name
        self.callback = func
        self._registered = _hooks.register_error_hook(name, func)

    def __repr__(self) -> str:
        return f"ErrorHook(name={self.name}, callback={self.callback})"

    def __call__(self, args: ErrorHookArgs) -> bool | Awaitable[bool]:
        return self.callback(args)


Hook = ResourceHook | ResourceHookFunction


class ResourceHookBinding:
    """Which hooks run when, for one resource. Delete hooks and error hooks have to be named ones."""

    before_create: list[Hook] | None
    after_create: list[Hook] | None
    before_update: list[Hook] | None
    after_update: list[Hook] | None
    before_delete: list[ResourceHook] | None
    after_delete: list[ResourceHook] | None
    on_error: list[ErrorHook] | None

    def __init__(
        self,
        before_create: list[Hook] | None = None,
        after_create: list[Hook] | None = None,
        before_update: list[Hook] | None = None,
        after_update: list[Hook] | None = None,
        before_delete: list[ResourceHook] | None = None,
        after_delete: list[ResourceHook] | None = None,
        on_error: list[ErrorHook] | None = None,
    ) -> None:
        self.before_create = before_create
        self.after_create = after_create
        self.before_update = before_update
        self.after_update = after_update
        self.before_delete = before_delete
        self.after_delete = after_delete
        self.on_error = on_error

    def _copy(self) -> ResourceHookBinding:
        copied = ResourceHookBinding()
        vars(copied).update(
            {kind: None if hooks is None else list(hooks) for kind, hooks in vars(self).items()}
        )
        return copied

    @classmethod
    def merge(
        cls, bindings1: ResourceHookBinding | None, bindings2: ResourceHookBinding | None
    ) -> ResourceHookBinding:
        """The hooks of both, kind by kind, the first one's first; neither is changed."""
        merged = bindings1._copy() if bindings1 is not None else cls()
        for kind, hooks in vars(bindings2).items() if bindings2 is not None else ():
            before = getattr(merged, kind)
            if hooks is not None:
                setattr(merged, kind, list(hooks) if before is None else before + hooks)
        return merged


def resource_hook(
    name: str, opts: ResourceHookOptions | None = None
) -> Callable[[ResourceHookFunction], ResourceHook]:
    """Make a function a hook of this name."""

    def decorate(func: ResourceHookFunction) -> ResourceHook:
        return ResourceHook(name, func, opts)

    return decorate


def error_hook(name: str) -> Callable[[ErrorHookFunction], ErrorHook]:
    """Make a function an error hook of this name."""

    def decorate(func: ErrorHookFunction) -> ErrorHook:
        return ErrorHook(name, func)

    return decorate
