"""
A scripted `Monitor` that answers like an engine, from memory.

It keeps every request in order, computes URNs, echoes inputs as outputs and makes up
ids. Tests change single answers (`answers`), make resources fail, hold answers back
until they are released, and look at what was asked.

    monitor = FakeMonitor(dry_run=True)
    result = run_program(monitor, program)
    assert monitor.resource("web").inputs == {...}

By default it answers on a thread of its own, like an engine in the same process;
with `threaded=False` it answers within the call.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.goals import (
    CallRequest,
    CallResult,
    DeploymentInfo,
    ExistsRequest,
    HookArgs,
    HookKind,
    HookRegistration,
    InvokeRequest,
    InvokeResult,
    InvokeTransform,
    InvokeTransformArgs,
    PackageRequest,
    ReadRequest,
    Registered,
    RegisterRequest,
    ResourceTransform,
    TransformArgs,
)
from stackwright.monitor import MonitorClosedError
from stackwright.reply import Reply
from stackwright.urn import ROOT_STACK_TYPE, UNKNOWN_ID, Urn, child_urn
from stackwright.values import PropertyMap, reduce_outputs

ALL_FEATURES = frozenset(
    {
        "secrets",
        "resourceReferences",
        "outputValues",
        "aliasSpecs",
        "replacementTrigger",
        "deletedWith",
        "replaceWith",
        "transforms",
        "invokeTransforms",
        "parameterization",
        "resourceHooks",
        "errorHooks",
        "invokeDependsOn",
        "invokeParent",
    }
)

Answer = Callable[[Any], Any]


class FakeMonitor:
    """
    A deployment in memory.

    Attributes:
        requests: Everything that was asked, in order.
        answers: By type token, function token or resource name: what to answer instead of the
            usual. Called with the request; may return a `Registered` (or other result), a dict of
            outputs, or an exception to fail with.
        outputs: What components and the stack gave as their outputs, by URN.
        there: Ids that exist (or are not known: None) when somebody asks for that.
        said: Every diagnostic.
    """

    def __init__(
        self,
        *,
        project: str = "proj",
        stack: str = "dev",
        dry_run: bool = False,
        config: Mapping[str, str] | None = None,
        secret_keys: frozenset[str] = frozenset(),
        features: frozenset[str] = ALL_FEATURES,
        threaded: bool = True,
    ) -> None:
        self.info = DeploymentInfo(
            project=project,
            stack=stack,
            dry_run=dry_run,
            config=dict(config or {}),
            config_secret_keys=secret_keys,
            features=features,
        )
        self.requests: list[Any] = []
        self.answers: dict[str, Answer] = {}
        self.outputs: dict[Urn, PropertyMap] = {}
        self.states: dict[Urn, Registered] = {}
        self.hooks: dict[str, HookRegistration] = {}
        self.there: dict[str, bool | None] = {}
        self.said: list[Diagnostic] = []
        self.finished = False
        self.root: Urn | None = None
        self.closed = False
        self._stack_transforms: list[ResourceTransform] = []
        self._invoke_transforms: list[InvokeTransform] = []
        self._packages: dict[Any, str] = {}
        self._held: dict[str, threading.Event] = {}
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        if threaded:
            self._thread = threading.Thread(target=self._serve, name="fake engine", daemon=True)
            self._thread.start()

    # For tests ------------------------------------------------------------------------------------

    @property
    def registrations(self) -> list[RegisterRequest]:
        """Registrations in order, without the stack's own."""
        return [r for r in self.requests if isinstance(r, RegisterRequest) and r.type != ROOT_STACK_TYPE]

    def resource(self, name: str) -> RegisterRequest:
        """The one registration with this name."""
        (found,) = [r for r in self.registrations if r.name == name]
        return found

    def urn(self, name: str) -> Urn:
        """The URN of the one resource with this name."""
        (found,) = [urn for urn in self.states if urn.endswith(f"::{name}")]
        return found

    @property
    def names(self) -> list[str]:
        """The names of what was registered, in order."""
        return [r.name for r in self.registrations]

    @property
    def exports(self) -> PropertyMap:
        """The outputs of the stack."""
        return self.outputs[self.stack_urn]

    @property
    def stack_urn(self) -> Urn:
        """The stack's own URN."""
        info = self.info
        return child_urn(info.stack, info.project, None, ROOT_STACK_TYPE, f"{info.project}-{info.stack}")

    def warnings(self) -> list[str]:
        """What was said as a warning."""
        return [d.message for d in self.said if d.severity is Severity.WARNING]

    def hold(self, name: str) -> Callable[[], None]:
        """Answer nothing about *name*, nor what follows, until released (threads only)."""
        event = self._held[name] = threading.Event()
        return event.set

    def close(self) -> None:
        """End the deployment: everything unanswered, and everything to come, fails (E79)."""
        self.closed = True

    def stop(self) -> None:
        """Stop the thread."""
        if self._thread is not None:
            self._work.put(None)
            self._thread.join(timeout=10)

    def run_hook(self, name: str, kind: HookKind, **bags: Any) -> Any:
        """Run a hook as the engine would, from this thread, and wait for it."""
        args = HookArgs(
            kind=kind, urn=Urn("urn:pulumi:s::p::t:m:R::r"), id="id", name="r", type="t:m:R", **bags
        )
        return _waited(self.hooks[name].callback(args))

    # Monitor --------------------------------------------------------------------------------------

    def deployment(self) -> DeploymentInfo:
        return self.info

    def register(self, request: RegisterRequest) -> Reply[Registered]:
        self.requests.append(request)
        return self._later(request.name, lambda: self._registered(request))

    def register_outputs(self, urn: Urn, outputs: PropertyMap) -> Reply[None]:
        self.requests.append((urn, outputs))
        self.outputs[urn] = outputs
        return self._later("", lambda: None)

    def read(self, request: ReadRequest) -> Reply[Registered]:
        self.requests.append(request)
        return self._later(request.name, lambda: self._read(request))

    def exists(self, request: ExistsRequest) -> Reply[bool | None]:
        self.requests.append(request)
        return self._later("", lambda: self.there.get(request.id, False))

    def invoke(self, request: InvokeRequest) -> Reply[InvokeResult]:
        self.requests.append(request)
        return self._later(request.token, lambda: self._invoked(request))

    def call(self, request: CallRequest) -> Reply[CallResult]:
        self.requests.append(request)

        def answer() -> CallResult:
            return self._scripted(request, request.token, CallResult, CallResult(value=request.args))

        return self._later(request.token, answer)

    def register_package(
        self, request: PackageRequest, *, extension: PackageRequest | None = None
    ) -> Reply[str]:
        self.requests.append(request)
        key = (request, extension)
        return Reply.of(self._packages.setdefault(key, f"package-{len(self._packages)}"))

    def add_stack_transform(self, transform: ResourceTransform) -> Reply[None]:
        return self._later("", lambda: self._stack_transforms.append(transform))

    def add_invoke_transform(self, transform: InvokeTransform) -> Reply[None]:
        return self._later("", lambda: self._invoke_transforms.append(transform))

    def add_hook(self, hook: HookRegistration) -> Reply[None]:
        self.requests.append(hook)
        if not hook.name or hook.name in self.hooks:
            return Reply.failed(Exception(f"hook {hook.name!r} is registered already"))
        self.hooks[hook.name] = hook
        return self._later("", lambda: None)

    def supports(self, feature: str) -> bool:
        return feature in self.info.features

    def set_root(self, urn: Urn) -> None:
        self.root = urn

    def log(self, diagnostic: Diagnostic) -> None:
        self.said.append(diagnostic)

    def finish(self) -> Reply[None]:
        self.finished = True
        return self._later("", lambda: None)

    # How it answers -------------------------------------------------------------------------------

    def _later(self, name: str, answer: Callable[[], Any]) -> Reply[Any]:
        reply: Reply[Any] = Reply()

        def work() -> None:
            held = self._held.get(name)
            if held is not None and self._thread is not None:
                held.wait(timeout=30)
            if self.closed:
                reply.fail(MonitorClosedError())
                return
            try:
                found = answer()
            except Exception as error:
                reply.fail(error)
            else:
                reply.answer(found)

        if self._thread is None:
            work()
        else:
            self._work.put(work)
        return reply

    def _serve(self) -> None:
        while (work := self._work.get()) is not None:
            work()

    def _scripted(self, request: Any, key: str, kind: type, usual: Any) -> Any:
        script = self.answers.get(key)
        if script is None:
            return usual
        found = script(request)
        if isinstance(found, BaseException):
            raise found
        if isinstance(found, kind):
            return found
        field = "outputs" if kind is Registered else "value"
        return msgspec.structs.replace(usual, **{field: found})

    def _registered(self, request: RegisterRequest) -> Registered:
        urn = child_urn(self.info.stack, self.info.project, request.parent, request.type, request.name)
        request = self._transformed(request)
        if request.type == ROOT_STACK_TYPE or not (request.custom or request.remote):
            usual = Registered(urn=urn)
        else:
            inputs = {k: reduce_outputs(v) for k, v in request.inputs.items()}
            id_ = None if request.remote else UNKNOWN_ID if self.info.dry_run else f"{request.name}-id"
            usual = Registered(urn=urn, id=id_, outputs=inputs)
        key = request.name if request.name in self.answers else request.type
        answer: Registered = self._scripted(request, key, Registered, usual)
        self.states[urn] = answer
        return answer

    def _transformed(self, request: RegisterRequest) -> RegisterRequest:
        transforms = [*request.transforms, *self._stack_transforms]
        if not transforms or request.type == ROOT_STACK_TYPE:
            return request
        for transform in transforms:
            args = TransformArgs(
                type=request.type,
                name=request.name,
                custom=request.custom,
                parent=request.parent,
                properties=request.inputs,
                options=request.options,
            )
            result = _waited(transform(args))
            if result.properties is not None:
                request = msgspec.structs.replace(request, inputs=result.properties)
            if result.options is not None:
                request = msgspec.structs.replace(request, options=result.options)
        self.requests.append(("transformed", request))
        return request

    def _read(self, request: ReadRequest) -> Registered:
        urn = child_urn(self.info.stack, self.info.project, request.parent, request.type, request.name)
        usual = Registered(urn=urn, id=request.id, outputs=dict(request.inputs))
        key = request.name if request.name in self.answers else request.type
        answer: Registered = self._scripted(request, key, Registered, usual)
        self.states[urn] = answer
        return answer

    def _invoked(self, request: InvokeRequest) -> InvokeResult:
        if request.token == "pulumi:pulumi:getResource":
            known = self.states.get(request.args["urn"])
            if known is None:
                raise LookupError(f"unknown resource {request.args['urn']}")
            return InvokeResult(value={"urn": known.urn, "id": known.id or "", "state": known.outputs})
        args = InvokeTransformArgs(token=request.token, args=request.args, provider=request.provider)
        for transform in self._invoke_transforms:
            args = _waited(transform(args)) or args
        request = msgspec.structs.replace(request, args=args.args, provider=args.provider)
        usual = InvokeResult(value=request.args)
        answer: InvokeResult = self._scripted(request, request.token, InvokeResult, usual)
        return answer


def _waited(awaitable: Any) -> Any:
    if isinstance(awaitable, Reply):
        return awaitable.wait(timeout=30)

    async def wait() -> Any:
        return await awaitable

    return asyncio.run(wait())
