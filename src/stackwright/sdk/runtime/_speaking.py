"""
A deployment behind an object that speaks the protocol (protocol.md §10): `RegisterResource` and its like.

Test suites put such objects in the place of the monitor, often around the one that
`set_mocks` made, and overriding a method of `MockMonitor` makes one of it as well.
What it has no method for is answered as by an engine that does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from stackwright.diagnostics import Diagnostic
from stackwright.goals import (
    CallRequest,
    CallResult,
    DeploymentInfo,
    ExistsRequest,
    HookRegistration,
    InvokeRequest,
    InvokeResult,
    PackageRequest,
    ReadRequest,
    Registered,
    RegisterRequest,
)
from stackwright.monitor import Monitor
from stackwright.reply import Reply
from stackwright.sdk import _session
from stackwright.sdk.runtime import _spoken
from stackwright.urn import Urn
from stackwright.values import PropertyMap

_METHODS: Final = (
    "RegisterResource",
    "ReadResource",
    "Invoke",
    "Call",
    "RegisterPackage",
    "SupportsFeature",
    "GetDeploymentInfo",
)


def monitor_of(given: Any) -> Monitor | None:
    """*given* as a monitor: itself, or what speaks for an object that only knows messages."""
    # Asked of its class: a wrapper that passes on what it does not have seems to have everything.
    if given is None or hasattr(type(given), "register"):
        return given  # type: ignore[no-any-return] # a monitor, or what is used as one
    own = getattr(given, "__dict__", {})  # where gRPC's stubs have their methods
    speaks = any(method in own or hasattr(type(given), method) for method in _METHODS)
    return SpeakingMonitor(given) if speaks else given


def original(monitor: Any) -> Any:
    """What `monitor_of` was given."""
    return monitor.spoken if isinstance(monitor, SpeakingMonitor) else monitor


def asked(ask: Callable[[], Any], answer: Callable[[Any], Any] | None = None) -> Reply[Any]:
    """The reply that *ask* gives at once, read by *answer*."""
    try:
        found = ask()
        return Reply.of(found if answer is None else answer(found))
    except Exception as error:  # noqa: BLE001 # mocks fail the way providers do
        return Reply.failed(_translated(error))


def _translated(error: Exception) -> Exception:
    """What an error of a call to another engine means to the program; others are what they are."""
    if not callable(getattr(error, "code", None)):
        return error
    import grpc

    from stackwright.sdk.runtime.settings import grpc_error_to_exception

    if not isinstance(error, grpc.RpcError) or error.code() is not grpc.StatusCode.UNAVAILABLE:
        return error
    meant = grpc_error_to_exception(error)
    meant.__cause__ = error
    return meant


class SpeakingMonitor:
    """The monitor whose requests go to the methods of *spoken*, as messages."""

    stands_in = True
    """Not a deployment: what its methods raise is the program's own."""

    def __init__(self, spoken: Any) -> None:
        self.spoken = spoken

    def deployment(self) -> DeploymentInfo:
        """What the settings say."""
        session = _session.current()
        return DeploymentInfo(
            project=session.project or _session.DEFAULT_PROJECT,
            stack=session.stack or _session.DEFAULT_STACK,
            dry_run=session.dry_run,
        )

    def register(self, request: RegisterRequest) -> Reply[Registered]:
        """`RegisterResource`."""
        alias_specs = not request.options.aliases or self.supports("aliasSpecs")
        message = _spoken.registration_message(request, alias_specs=alias_specs)
        return asked(
            lambda: self.spoken.RegisterResource(message),
            lambda message: _spoken.registered_of(message, custom=request.custom),
        )

    def register_outputs(self, urn: Urn, outputs: PropertyMap) -> Reply[None]:
        """`RegisterResourceOutputs`."""
        message = _spoken.outputs_message(urn, outputs)
        return asked(lambda: self.spoken.RegisterResourceOutputs(message), _nothing)

    def read(self, request: ReadRequest) -> Reply[Registered]:
        """`ReadResource`."""
        return asked(lambda: self.spoken.ReadResource(_spoken.read_message(request)), _spoken.read_of)

    def exists(self, request: ExistsRequest) -> Reply[bool | None]:
        """`ExistsResource`."""
        message = _spoken.exists_message(request)
        return asked(lambda: self.spoken.ExistsResource(message), _spoken.exists_answer_of)

    def invoke(self, request: InvokeRequest) -> Reply[InvokeResult]:
        """`Invoke`."""
        return asked(lambda: self.spoken.Invoke(_spoken.invoke_message(request)), _spoken.invoked_of)

    def call(self, request: CallRequest) -> Reply[CallResult]:
        """`Call`."""
        return asked(lambda: self.spoken.Call(_spoken.call_message(request)), _spoken.called_of)

    def register_package(
        self, request: PackageRequest, *, extension: PackageRequest | None = None
    ) -> Reply[str]:
        """`RegisterPackage`."""
        message = _spoken.package_message(request, extension)
        return asked(lambda: self.spoken.RegisterPackage(message), lambda answer: str(answer.ref))

    def add_stack_transform(self, transform: Any) -> Reply[None]:
        """`RegisterStackTransform`."""
        return self._told("RegisterStackTransform", _spoken.callback_message, transform)

    def add_invoke_transform(self, transform: Any) -> Reply[None]:
        """`RegisterStackInvokeTransform`."""
        return self._told("RegisterStackInvokeTransform", _spoken.callback_message, transform)

    def add_hook(self, hook: HookRegistration) -> Reply[None]:
        """`RegisterResourceHook` or `RegisterErrorHook`."""
        method = "RegisterErrorHook" if hook.is_error_hook else "RegisterResourceHook"
        return self._told(method, _spoken.hook_message, hook)

    def _told(self, method: str, message: Callable[[Any], Any], subject: Any) -> Reply[None]:
        tell = getattr(self.spoken, method, None)
        return Reply.of(None) if tell is None else asked(lambda: tell(message(subject)), _nothing)

    def supports(self, feature: str) -> bool:
        """`SupportsFeature`; where it cannot be asked, the feature is tried."""
        ask = getattr(self.spoken, "SupportsFeature", None)
        return ask is None or bool(ask(_spoken.feature_message(feature)).hasSupport)

    def set_root(self, urn: Urn) -> None:
        """Nothing depends on it."""

    def log(self, diagnostic: Diagnostic) -> None:
        """To the logger of what is behind it, as mocks do."""
        log = getattr(self.spoken, "log", None)
        if log is not None:
            log(diagnostic)

    def finish(self) -> Reply[None]:
        """There is nothing to wait for."""
        return Reply.of(None)


def _nothing(_: Any) -> None:
    return None
