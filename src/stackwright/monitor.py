"""
`Monitor`: what a program says to a deployment, and all it knows of the engine.

Implemented by the engine in the same process, by a client that speaks to
another engine over gRPC, and by mocks in unit tests. An adapter serves any
implementation over gRPC to programs in other processes.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

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
from stackwright.reply import Reply
from stackwright.urn import Urn
from stackwright.values import PropertyMap


class MonitorClosedError(Exception):
    """
    The deployment is over, or was stopped: nothing more can be asked of it (E79).

    Whoever stopped it has told the user why; a program that sees this ends quietly.
    """


@runtime_checkable
class Monitor(Protocol):
    """
    A deployment as its program sees it.

    Every method may be called from any thread, returns at once, and answers through
    a `Reply` that may be settled on any thread. Requests are taken in the order of the
    calls; answers come in any order. Once the deployment has stopped, every unanswered
    and every further reply fails with `MonitorClosedError`.
    """

    def deployment(self) -> DeploymentInfo:
        """Project, stack, configuration and whether this is a preview. Never waits, never changes."""
        ...

    def register(self, request: RegisterRequest) -> Reply[Registered]:
        """
        Ask for a resource; the reply comes when it exists, or in a preview when its fate is known.

        The reply's `result` says whether it worked (E80). It fails when the request itself
        is wrong (bad token, missing parent, duplicate URN) and the deployment goes on stopping.
        """
        ...

    def register_outputs(self, urn: Urn, outputs: PropertyMap) -> Reply[None]:
        """
        Give a component (or the stack) its outputs; once for each registration (E86, E87).

        For the stack's own resource these are the stack outputs, applied at the end.
        """
        ...

    def read(self, request: ReadRequest) -> Reply[Registered]:
        """Adopt, without managing it, a resource that exists; it must exist (E90)."""
        ...

    def exists(self, request: ExistsRequest) -> Reply[bool | None]:
        """
        Ask its provider whether a resource exists; None where a preview cannot know (protocol.md §10.6).

        Nothing is recorded. A failure fails the reply alone, never the deployment.
        """
        ...

    def invoke(self, request: InvokeRequest) -> Reply[InvokeResult]:
        """Call a function. Its failure fails the reply alone, never the deployment (E91)."""
        ...

    def call(self, request: CallRequest) -> Reply[CallResult]:
        """Call a method of a resource. Its failure stops the deployment (E94)."""
        ...

    def register_package(
        self, request: PackageRequest, *, extension: PackageRequest | None = None
    ) -> Reply[str]:
        """Announce a package with its parameters; equal requests give the same reference (E96)."""
        ...

    def add_stack_transform(self, transform: ResourceTransform) -> Reply[None]:
        """Run *transform* on every resource that is registered from now on (E68)."""
        ...

    def add_invoke_transform(self, transform: InvokeTransform) -> Reply[None]:
        """Run *transform* on every invoke from now on (E91)."""
        ...

    def add_hook(self, hook: HookRegistration) -> Reply[None]:
        """Make a hook known under its name; a name that is taken, or empty, fails (E100)."""
        ...

    def supports(self, feature: str) -> bool:
        """Whether this deployment understands *feature* (E59). Unknown names: no."""
        ...

    def set_root(self, urn: Urn) -> None:
        """Say which resource is the stack's own (protocol.md §12)."""
        ...

    def log(self, diagnostic: Diagnostic) -> None:
        """Say something to the user, in the program's name."""
        ...

    def finish(self) -> Reply[None]:
        """
        Say that no request will follow; the reply comes when every step has run (E98).

        Callbacks (transforms, hooks) are still made until then.
        """
        ...
