"""Hooks of which only the name is known: they were registered elsewhere (sdk.md §13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stackwright.reply import Reply
from stackwright.sdk.resource_hooks import (
    ErrorHook,
    ErrorHookArgs,
    ResourceHook,
    ResourceHookArgs,
    ResourceHookBinding,
)

if TYPE_CHECKING:
    from stackwright.sdk.runtime.proto.provider_pb2 import ConstructRequest
    from stackwright.sdk.runtime.proto.resource_pb2 import RegisterResourceRequest


def noop(args: ResourceHookArgs) -> None:
    """What a hook that is only a name does here."""


def noop_error(args: ErrorHookArgs) -> bool:
    """What an error hook that is only a name says here: do not try again."""
    return False


class StubResourceHook(ResourceHook):
    """A hook by its name, to pass on; making one registers nothing."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.callback = noop
        self.opts = None
        self._registered = Reply.of(None)


class StubErrorHook(ErrorHook):
    """An error hook by its name, to pass on; making one registers nothing."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.callback = noop_error
        self._registered = Reply.of(None)


def _binding_from_proto(
    binding: RegisterResourceRequest.ResourceHooksBinding | ConstructRequest.ResourceHooksBinding | None,
) -> ResourceHookBinding | None:
    if not binding:
        return None
    kinds = (
        "before_create",
        "after_create",
        "before_update",
        "after_update",
        "before_delete",
        "after_delete",
    )
    hooks: dict[str, Any] = {
        kind: [StubResourceHook(name) for name in getattr(binding, kind)] for kind in kinds
    }
    return ResourceHookBinding(**hooks, on_error=[StubErrorHook(name) for name in binding.on_error])
