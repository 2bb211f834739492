"""
The engine as a `Monitor`: requests cross into the engine's loop, replies cross back.

Decides nothing: it hands each request, in order, to the deployment, and sees to
it that every reply is settled, whatever happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from stackwright.diagnostics import Diagnostic
from stackwright.goals import (
    CallRequest,
    CallResult,
    DeploymentInfo,
    ExistsRequest,
    HookRegistration,
    InvokeRequest,
    InvokeResult,
    InvokeTransform,
    PackageRequest,
    ReadRequest,
    Registered,
    RegisterRequest,
    ResourceTransform,
)
from stackwright.monitor import MonitorClosedError
from stackwright.reply import Mailbox, Reply
from stackwright.urn import Urn
from stackwright.values import PropertyMap


class EngineMonitor:
    """
    A deployment's monitor, for programs in this process. Thread-safe.

    *serve* starts the work for one request on the loop; see `Deployment`.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        info: DeploymentInfo,
        serve: Callable[[Any, Reply[Any]], None],
    ) -> None:
        self._info = info
        self._mailbox: Mailbox[tuple[Any, Reply[Any]]] = Mailbox(loop, lambda item: serve(*item))
        self._open: set[Reply[Any]] = set()
        self._closed = False

    def _ask(self, request: Any) -> Reply[Any]:
        reply: Reply[Any] = Reply()
        if self._closed:
            return Reply.failed(MonitorClosedError())
        self._open.add(reply)
        reply.then(self._open.discard)
        try:
            self._mailbox.put((request, reply))
        except RuntimeError:
            reply.fail(MonitorClosedError())
        self._fail_if_closed(reply)
        return reply

    def _fail_if_closed(self, reply: Reply[Any]) -> None:
        """`close` may have come in between, when it could not see this reply yet."""
        if self._closed:
            reply.fail(MonitorClosedError())

    def close(self) -> None:
        """Fail everything that is still open, and everything that may come (E79)."""
        self._closed = True
        for reply in list(self._open):
            reply.fail(MonitorClosedError())

    # Monitor ------------------------------------------------------------------------------------

    def deployment(self) -> DeploymentInfo:
        return self._info

    def register(self, request: RegisterRequest) -> Reply[Registered]:
        return self._ask(request)

    def register_outputs(self, urn: Urn, outputs: PropertyMap) -> Reply[None]:
        return self._ask(OutputsRequest(urn, outputs))

    def read(self, request: ReadRequest) -> Reply[Registered]:
        return self._ask(request)

    def exists(self, request: ExistsRequest) -> Reply[bool | None]:
        return self._ask(request)

    def invoke(self, request: InvokeRequest) -> Reply[InvokeResult]:
        return self._ask(request)

    def call(self, request: CallRequest) -> Reply[CallResult]:
        return self._ask(request)

    def register_package(
        self, request: PackageRequest, *, extension: PackageRequest | None = None
    ) -> Reply[str]:
        return self._ask(PackageRegistration(request, extension))

    def add_stack_transform(self, transform: ResourceTransform) -> Reply[None]:
        return self._ask(StackTransform(transform))

    def add_invoke_transform(self, transform: InvokeTransform) -> Reply[None]:
        return self._ask(StackInvokeTransform(transform))

    def add_hook(self, hook: HookRegistration) -> Reply[None]:
        return self._ask(hook)

    def supports(self, feature: str) -> bool:
        return feature in self._info.features

    def set_root(self, urn: Urn) -> None:
        self._ask(RootRequest(urn))

    def log(self, diagnostic: Diagnostic) -> None:
        self._ask(diagnostic)

    def finish(self) -> Reply[None]:
        return self._ask(FinishRequest())


class OutputsRequest(msgspec.Struct, frozen=True, gc=False):
    """A component's outputs, or the stack's."""

    urn: Urn
    outputs: PropertyMap


class PackageRegistration(msgspec.Struct, frozen=True):
    """A package announced by the program."""

    base: PackageRequest
    extension: PackageRequest | None


class StackTransform(msgspec.Struct, frozen=True):
    """A transform for every resource."""

    transform: ResourceTransform


class StackInvokeTransform(msgspec.Struct, frozen=True):
    """A transform for every invoke."""

    transform: InvokeTransform


class RootRequest(msgspec.Struct, frozen=True):
    """Which resource is the stack's own."""

    urn: Urn


class FinishRequest(msgspec.Struct, frozen=True):
    """The program has ended well and will ask for nothing more."""
