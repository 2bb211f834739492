"""
A deployment for unit tests: resources exist as soon as the test's `Mocks` says so (sdk.md §17).

`MockMonitor` is a `Monitor` beside the engine's: it knows no providers and no state,
and answers at once, in the order in which it is asked.
"""

from __future__ import annotations

import functools
import inspect
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from stackwright.collector import be_patient, be_usual
from stackwright.diagnostics import Diagnostic, Severity
from stackwright.goals import (
    CallRequest,
    CallResult,
    CheckFailure,
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
from stackwright.lazy import LazyModule
from stackwright.reply import Reply
from stackwright.sdk import _session, _wire_form
from stackwright.sdk._session import Session
from stackwright.sdk._turns import current_loop
from stackwright.sdk.runtime import _spoken
from stackwright.sdk.runtime._speaking import SpeakingMonitor, asked
from stackwright.sdk.runtime.settings import FEATURE_NAMES, Settings
from stackwright.urn import ROOT_STACK_TYPE, Urn, urn_qualified_type, urn_type
from stackwright.values import PropertyMap

if TYPE_CHECKING:
    import logging

    from stackwright.sdk.invoke import InvokeTransform
    from stackwright.sdk.resource import ResourceTransform
else:
    logging = LazyModule("logging")

FEATURES: Final = frozenset(
    {
        "secrets",
        "resourceReferences",
        "aliasSpecs",
        "replacementTrigger",
        "deletedWith",
        "replaceWith",
        "transforms",
        "invokeTransforms",
        "parameterization",
        "resourceHooks",
        "errorHooks",
    }
)


_MANY: Final = 1_000
"""From so many resources on, looking for garbage among them is what they cost most."""

_mocked: Final[weakref.WeakSet[Session]] = weakref.WeakSet()
"""The deployments that `set_mocks` has made and that something still belongs to."""


class MockResourceArgs:
    """A resource that a program under test asked for."""

    typ: str
    name: str
    inputs: dict[str, Any]
    provider: str | None = None
    resource_id: str | None = None
    custom: bool | None = None
    transforms: list[ResourceTransform] | None = None

    def __init__(
        self,
        typ: str,
        name: str,
        inputs: dict[str, Any],
        provider: str | None = None,
        resource_id: str | None = None,
        custom: bool | None = None,
        transforms: list[ResourceTransform] | None = None,
    ) -> None:
        self.typ = typ
        self.name = name
        self.inputs = inputs
        self.provider = provider
        self.resource_id = resource_id
        self.custom = custom
        self.transforms = transforms


class MockCallArgs:
    """A function that a program under test called."""

    token: str
    args: dict[str, Any]
    provider: str

    def __init__(self, token: str, args: dict[str, Any], provider: str) -> None:
        self.token = token
        self.args = args
        self.provider = provider


class Mocks(ABC):
    """What a test says in the place of providers."""

    @abstractmethod
    def call(self, args: MockCallArgs) -> Any:
        """Answer a function call: a dict, or a dict and a list of (property, reason) failures."""
        return {}, None

    @abstractmethod
    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Answer a registration or a read: the id and the outputs."""
        return "", {}

    def register_transform(self, transform: ResourceTransform) -> None:  # noqa: B027 # need not be written
        """A stack transform was registered; it is not run."""

    def register_invoke_transform(self, transform: InvokeTransform) -> None:  # noqa: B027 # likewise
        """An invoke transform was registered; it is not run."""


class MockMonitor:
    """A `Monitor` that asks `Mocks`."""

    stands_in = True
    """See `SpeakingMonitor`."""

    class ResourceRegistration(NamedTuple):
        """A resource as it was registered or read."""

        urn: str
        id: str
        state: dict[str, Any]

    def __init__(self, mocks: Mocks) -> None:
        self.mocks = mocks
        self._resources: dict[str, MockMonitor.ResourceRegistration] = {}
        # What is registered, in dictionaries that the garbage collector sees as one object each:
        # suites make many resources, and few ask for them here.
        self._ids: dict[str, str] = {}
        self._states: dict[str, dict[str, Any]] = {}
        self._many = False
        self.logger: logging.Logger | None = None
        self._transforms: list[Any] = []
        self._invoke_transforms: list[Any] = []
        self._packages: dict[Any, str] = {}

    @property
    def resources(self) -> dict[str, MockMonitor.ResourceRegistration]:
        """All resources so far, by URN."""
        for urn, id_ in self._ids.items():
            self._resources[urn] = self.ResourceRegistration(urn, id_, self._states[urn])
        self._ids.clear()
        self._states.clear()
        return self._resources

    def get_registered_resources(self) -> dict[str, MockMonitor.ResourceRegistration]:
        """All resources so far, by URN."""
        return dict(self.resources)

    def get_registered_transforms(self) -> list[Any]:
        """All stack transforms so far."""
        return list(self._transforms)

    def get_registered_invoke_transforms(self) -> list[Any]:
        """All invoke transforms so far."""
        return list(self._invoke_transforms)

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """The URN of a resource; of its parents, only the nearest one's type is in it (§17)."""
        above = urn_qualified_type(parent).rpartition("$")[2] + "$" if parent else ""
        session = _session.current()  # suites may give it another name at any time
        stack = session.stack or _session.DEFAULT_STACK
        return f"urn:pulumi:{stack}::{session.project or _session.DEFAULT_PROJECT}::{above}{type_}::{name}"

    # Monitor --------------------------------------------------------------------------------------

    def deployment(self) -> DeploymentInfo:
        """What tests run in."""
        session = _session.current()
        return DeploymentInfo(
            project=session.project or _session.DEFAULT_PROJECT,
            stack=session.stack or _session.DEFAULT_STACK,
            dry_run=session.dry_run,
            features=FEATURES,
        )

    def _overrides(self, method: str) -> bool:
        """Whether a subclass or a test suite has put another *method* there that speaks the protocol."""
        return method in vars(self) or getattr(type(self), method) is not _OWN_METHODS[method]

    def register(self, request: RegisterRequest) -> Reply[Registered]:
        """Ask the mocks for the resource; the stack's own never reaches them."""
        if self._overrides("RegisterResource"):
            return SpeakingMonitor(self).register(request)
        return asked(lambda: self._registered(request))

    def _registered(self, request: RegisterRequest) -> Registered:
        urn = Urn(self.make_urn(request.parent or "", request.type, request.name))
        if request.type == ROOT_STACK_TYPE:
            return Registered(urn=urn)
        args = MockResourceArgs(
            typ=request.type,
            name=request.name,
            inputs=_wire_form.bag_for_mocks(request.inputs),
            provider=request.options.provider,
            resource_id=request.options.import_id,
            custom=request.custom,
            transforms=[_original(transform) for transform in request.transforms] or None,
        )
        return self._new(urn, args, with_id=request.custom)

    def read(self, request: ReadRequest) -> Reply[Registered]:
        """Ask the mocks for the resource that is read."""
        if self._overrides("ReadResource"):
            return SpeakingMonitor(self).read(request)
        return asked(lambda: self._read(request))

    def _read(self, request: ReadRequest) -> Registered:
        urn = Urn(self.make_urn(request.parent or "", request.type, request.name))
        args = MockResourceArgs(
            typ=request.type,
            name=request.name,
            inputs=_wire_form.bag_for_mocks(request.inputs),
            provider=request.provider,
            resource_id=request.id,
        )
        # Which id the mocks answer with says nothing about what was read.
        return self._new(urn, args, with_id=False)

    def _new(self, urn: Urn, args: MockResourceArgs, *, with_id: bool) -> Registered:
        id_, state = self.mocks.new_resource(args)
        outputs = _wire_form.as_travelled(_wire_form.bag_from_mocks(state))
        self._ids[urn], self._states[urn] = id_ or "", dict(state)
        if not self._many and len(self._ids) >= _MANY:
            self._many = True
            be_patient()
            weakref.finalize(self, be_usual)
        return Registered(urn=urn, id=(id_ or "") if with_id else None, outputs=outputs)

    def exists(self, request: ExistsRequest) -> Reply[bool | None]:
        """Whether the mocks were asked for a resource of that type and answered with that id."""
        if self._overrides("ExistsResource"):
            return SpeakingMonitor(self).exists(request)
        return Reply.of(self._exists(request))

    def _exists(self, request: ExistsRequest) -> bool:
        return any(
            known.id == request.id and urn_type(Urn(urn)) == request.type
            for urn, known in self.resources.items()
        )

    def invoke(self, request: InvokeRequest) -> Reply[InvokeResult]:
        """Ask the mocks for a function's answer; `getResource` is answered from what is registered."""
        if self._overrides("Invoke"):
            return SpeakingMonitor(self).invoke(request)
        return asked(lambda: self._invoked(request))

    def _invoked(self, request: InvokeRequest) -> InvokeResult:
        if request.token == "pulumi:pulumi:getResource":  # noqa: S105 # a token of another kind
            return self._got(request.args.get("urn"))
        args = MockCallArgs(request.token, _wire_form.bag_for_mocks(request.args), request.provider)
        value, failures = _call_outcome(self.mocks.call(args))
        return InvokeResult(value=value, failures=failures)

    def _got(self, urn: Any) -> InvokeResult:
        known = self.resources.get(urn)
        if known is None:
            raise Exception(f"unknown resource {urn}")  # noqa: TRY002 # what suites expect here
        state = _wire_form.bag_from_mocks(known.state)
        return InvokeResult(value={"urn": known.urn, "id": known.id, "state": state})

    def call(self, request: CallRequest) -> Reply[CallResult]:
        """Ask the mocks for a method's answer."""

        def answer(outcome: Any) -> CallResult:
            value, failures = _call_outcome(outcome)
            return CallResult(value=value, failures=failures)

        args = MockCallArgs(request.token, _wire_form.bag_for_mocks(request.args), request.provider)
        return asked(lambda: self.mocks.call(args), answer)

    def register_outputs(self, urn: Urn, outputs: PropertyMap) -> Reply[None]:
        """Nothing happens, unless a subclass has a `RegisterResourceOutputs`."""
        if not self._overrides("RegisterResourceOutputs"):
            return Reply.of(None)
        return SpeakingMonitor(self).register_outputs(urn, outputs)

    def register_package(
        self, request: PackageRequest, *, extension: PackageRequest | None = None
    ) -> Reply[str]:
        """A reference of its own for every different request."""
        if self._overrides("RegisterPackage"):
            return SpeakingMonitor(self).register_package(request, extension=extension)
        key = (request, extension)
        return Reply.of(self._packages.setdefault(key, f"mock-package-{len(self._packages)}"))

    def add_stack_transform(self, transform: Any) -> Reply[None]:
        """Remember it, and tell the mocks."""
        original = _original(transform)
        self._transforms.append(original)
        self.mocks.register_transform(original)
        return Reply.of(None)

    def add_invoke_transform(self, transform: Any) -> Reply[None]:
        """Remember it, and tell the mocks."""
        original = _original(transform)
        self._invoke_transforms.append(original)
        self.mocks.register_invoke_transform(original)
        return Reply.of(None)

    def add_hook(self, hook: HookRegistration) -> Reply[None]:
        """Hooks are not run."""
        return Reply.of(None)

    def supports(self, feature: str) -> bool:
        """What tests need, and nothing newer (§17)."""
        if self._overrides("SupportsFeature"):
            return SpeakingMonitor(self).supports(feature)
        return feature in FEATURES

    def set_root(self, urn: Urn) -> None:
        """Nothing depends on it."""

    def log(self, diagnostic: Diagnostic) -> None:
        """Through the test's logger, or the root logger."""
        logger = self.logger or logging.getLogger()
        level = {
            Severity.DEBUG: logging.DEBUG,
            Severity.WARNING: logging.WARNING,
            Severity.ERROR: logging.ERROR,
        }.get(diagnostic.severity, logging.INFO)
        logger.log(level, "%s", diagnostic.message)

    def finish(self) -> Reply[None]:
        """There is nothing to wait for."""
        return Reply.of(None)

    # The same in the protocol's words: for suites that override or call these -----------------------

    def RegisterResource(self, request: Any) -> Any:
        """A `RegisterResourceRequest`, answered by the mocks."""
        return _spoken.registered_message(self._registered(_spoken.registration_of(request)))

    def ReadResource(self, request: Any) -> Any:
        """A `ReadResourceRequest`, answered by the mocks."""
        return _spoken.read_answer_message(self._read(_spoken.read_request_of(request)))

    def ExistsResource(self, request: Any) -> Any:
        """An `ExistsResourceRequest`, answered from what is registered."""
        from stackwright.sdk.runtime.proto import resource_pb2

        return resource_pb2.ExistsResourceResponse(exists=self._exists(_spoken.exists_of(request)))

    def Invoke(self, request: Any) -> Any:
        """A `ResourceInvokeRequest`, answered by the mocks."""
        return _spoken.invoked_message(self._invoked(_spoken.invoke_of(request)))

    def RegisterResourceOutputs(self, request: Any) -> Any:
        """The outputs of a component: nothing happens."""
        return _nothing()

    def RegisterStackTransform(self, request: Any) -> Any:
        """A transform by its token."""
        self.add_stack_transform(_spoken.callback_of(request.token))
        return _nothing()

    def RegisterStackInvokeTransform(self, request: Any) -> Any:
        """An invoke transform by its token."""
        self.add_invoke_transform(_spoken.callback_of(request.token))
        return _nothing()

    def RegisterResourceHook(self, request: Any) -> Any:
        """Hooks are not run."""
        return _nothing()

    def RegisterErrorHook(self, request: Any) -> Any:
        """Hooks are not run."""
        return _nothing()

    def RegisterPackage(self, request: Any) -> Any:
        """A package, which gets a reference."""
        from stackwright.sdk.runtime.proto import resource_pb2

        reference = self._packages.setdefault(
            request.SerializeToString(), f"mock-package-{len(self._packages)}"
        )
        return resource_pb2.RegisterPackageResponse(ref=reference)

    def SupportsFeature(self, request: Any) -> Any:
        """Whether tests need the feature (§17)."""
        from stackwright.sdk.runtime.proto import resource_pb2

        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in FEATURES)

    def GetDeploymentInfo(self, request: Any) -> Any:
        """What tests run in."""
        from stackwright.sdk.runtime.proto import resource_pb2

        numbers: Any = [number for number, name in FEATURE_NAMES.items() if name in FEATURES]
        info = self.deployment()
        return resource_pb2.DeploymentInfo(
            project=info.project,
            stack=info.stack,
            dryRun=info.dry_run,
            supportedFeatures=numbers,
        )

    def SignalAndWaitForShutdown(self, request: Any) -> Any:
        """There is nothing to wait for."""
        return _nothing()


_OWN_METHODS: Final = dict(vars(MockMonitor))
"""As they are here: suites patch the class as well as single monitors."""


def _nothing() -> Any:
    from google.protobuf import empty_pb2

    return empty_pb2.Empty()


class MockEngine:
    """Where messages go when something speaks the protocol: to a logger."""

    def __init__(self, logger: logging.Logger | None) -> None:
        self.logger = logger if logger is not None else logging.getLogger()

    def Log(self, request: Any) -> None:
        """A `LogRequest`, at the level of its severity."""
        levels = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR)
        self.logger.log(levels[request.severity], "%s", request.message)


class MockSettings(Settings):
    """Settings for tests: takes by name whatever `Settings` has, and more."""

    def __init__(self, *_: Any, **kwargs: Any) -> None:
        known = {name: kwargs.pop(name) for name in tuple(kwargs) if name in _SETTINGS}
        super().__init__(known.pop("project", None), known.pop("stack", None), **known)
        for name, value in kwargs.items():
            if not isinstance(getattr(Settings, name, None), property):
                setattr(self, name, value)

    def __repr__(self) -> str:
        return super().__repr__().replace("Settings", "MockSettings", 1)


_SETTINGS: Final = frozenset(inspect.signature(Settings).parameters)


def _original(callback: Any) -> Any:
    return getattr(callback, "stackwright_function", callback)


def _call_outcome(outcome: Any) -> tuple[PropertyMap, tuple[CheckFailure, ...]]:
    failures: Any = None
    if isinstance(outcome, tuple):
        outcome, failures = outcome
    value = (
        _wire_form.as_travelled(_wire_form.bag_from_mocks(outcome)) if isinstance(outcome, Mapping) else {}
    )
    return value, tuple(CheckFailure(prop, reason) for prop, reason in failures or ())


def set_mocks(
    mocks: Mocks,
    project: str | None = None,
    stack: str | None = None,
    preview: bool | None = None,
    logger: logging.Logger | None = None,
    monitor: MockMonitor | None = None,
    organization: str | None = None,
) -> None:
    """
    Run what follows under *mocks* instead of a deployment.

    Call it before the code under test is imported, on the event loop that the test runs on.
    """
    current_loop()
    used = MockMonitor(mocks) if monitor is None else monitor
    used.logger = logger
    session = Session(
        monitor=used,
        project=project or _session.DEFAULT_PROJECT,
        stack=stack or _session.DEFAULT_STACK,
        organization=organization,
        dry_run=bool(preview),
    )
    _session.enter(session)
    _mocked.add(session)
    from stackwright.sdk.runtime.stack import Stack

    stack_resource = Stack()
    # The mocks answer at once, so this takes no turn of an event loop.
    session.turns.run_until(lambda: not stack_resource._standing.waits)
    used.register_outputs(Urn(stack_resource._standing.urn or ""), {})


def test(fn: Callable[..., Any]) -> Callable[..., Any]:
    """
    Make a test of a function that returns an output, an awaitable or nothing.

    All that it leads to is awaited, and a failure anywhere in that is the test's failure.
    """
    from stackwright.sdk._turns import sync_await
    from stackwright.sdk.runtime.stack import drain, raise_first_failure, run_pulumi_func

    def run(*args: Any, **kwargs: Any) -> None:
        # Resources that a module made when it was imported belong to the mocks of then, which
        # those of another module have replaced meanwhile: what they lead to counts as well.
        current = _session.current()
        others = [session for session in _mocked if session is not current]
        for session in (current, *others):
            session.forget_failures()
        sync_await(run_pulumi_func(lambda: _waited_for(fn(*args, **kwargs))))
        for session in others:
            if session.open or session.unsent or session.failures:
                sync_await(drain(session))
                raise_first_failure(session)

    return functools.wraps(fn)(run)


def _waited_for(result: Any) -> Any:
    from stackwright.sdk.output import Output

    # An output is tracked anyway; an awaitable is for the caller to await.
    return None if isinstance(result, Output) else result


# Test runners collect functions of this name otherwise.
test.__test__ = False  # type: ignore[attr-defined]
