"""
A `Monitor` that is another process: our SDK under any engine that speaks the protocol (protocol.md §10-§12).

Decides nothing: calls become messages, answers become values, and callbacks are served
for as long as the program runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from stackwright.debugging import untraced
from stackwright.diagnostics import DebuggerAwaited, Diagnostic, Severity
from stackwright.errors import StackwrightError
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
from stackwright.reply import Reply
from stackwright.urn import Urn
from stackwright.values import PropertyMap
from stackwright.wire import monitor_messages as messages
from stackwright.wire._callbacks import CallbackServer
from stackwright.wire._grpc import load_grpc
from stackwright.wire._servers import open_channel
from stackwright.wire._values import EVERYTHING, CodecOptions, encode_properties

if TYPE_CHECKING:
    import grpc.aio

T = TypeVar("T")

_SEVERITIES: Final = {
    Severity.DEBUG: 0,
    Severity.INFO: 1,
    Severity.INFO_STDERR: 1,
    Severity.WARNING: 2,
    Severity.ERROR: 3,
}
_HELLO_SECONDS: Final = 60
"""How long an engine may take for its first answer."""


class MonitorRefusedError(StackwrightError):
    """An engine in another process could not, or would not, do what the program asked for."""

    code = "monitor-refused"


class _NoSuchMethodError(MonitorRefusedError):
    """The engine is of a release that does not have a method yet."""


class MonitorUnreachableError(StackwrightError):
    """There is no engine at the address that the program was started with."""

    code = "monitor-unreachable"

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(
            f"There is no engine at {address}",
            detail=reason,
            hint="Start the program with `stackwright up`, or another engine that speaks the protocol",
        )


class RemoteMonitor:
    """
    Implements `Monitor` for an engine at an address.

    *info* is what the program was started with; an engine that tells itself what it is
    deploying is believed instead. *engine* is the address for messages; without it they
    are lost. A thread of its own talks to the engine. Use as a context manager, or `close`.
    """

    def __init__(self, address: str, *, info: DeploymentInfo, engine: str = "") -> None:
        self._address = address
        self._engine_address = engine
        self._info = info
        self._asked: dict[str, bool] = {}
        self._told = False
        self._coding = EVERYTHING
        self._loop = asyncio.new_event_loop()
        self._thread = untraced(threading.Thread(target=self._run, name="stackwright-monitor", daemon=True))
        self._closed = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self._first: set[asyncio.Task[Any]] = set()

    # Its life -------------------------------------------------------------------------------------

    def open(self) -> RemoteMonitor:
        """
        Reach the engine, and learn what it understands.

        Raises:
            MonitorUnreachableError: Nobody answers there.
        """
        load_grpc()
        self._thread.start()
        try:
            self._on_loop(self._hello()).result(_HELLO_SECONDS)
        except MonitorClosedError as error:
            self.close()
            raise MonitorUnreachableError(self._address, str(error)) from None
        except TimeoutError:
            self.close()
            reason = f"it did not answer within {_HELLO_SECONDS} seconds"
            raise MonitorUnreachableError(self._address, reason) from None
        return self

    def close(self) -> None:
        """Stop talking to the engine. Idempotent."""
        if self._closed:
            return
        self._closed = True
        self._on_loop(self._goodbye()).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> RemoteMonitor:
        return self.open()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _on_loop(self, work: Coroutine[Any, Any, T]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _hello(self) -> None:
        from stackwright.wire.stubs.google.protobuf import empty_pb2
        from stackwright.wire.stubs.pulumi import engine_pb2, resource_pb2

        self._channel = open_channel(self._address)
        self._stub = resource_pb2.ResourceMonitorStub(self._channel)
        self._engine_channel: grpc.aio.Channel | None = None
        self._engine_stub: Any = None
        if self._engine_address:
            self._engine_channel = open_channel(self._engine_address)
            self._engine_stub = engine_pb2.EngineStub(self._engine_channel)
        self._callbacks = CallbackServer()
        self._telling = asyncio.Lock()
        try:
            message = await self._call("GetDeploymentInfo", empty_pb2.Empty())
        except _NoSuchMethodError:
            await self._ask_for_features()
        else:
            self._told = True
            self._info = DeploymentInfo(
                project=message.project,
                stack=message.stack,
                organization=message.organization or self._info.organization,
                config=dict(message.config),
                config_secret_keys=frozenset(message.configSecretKeys),
                dry_run=message.dryRun,
                parallel=message.parallel,
                features=messages.features_of(message),
                root_directory=self._info.root_directory,
            )
        features = self._info.features
        self._coding = CodecOptions(
            keep_unknowns=True,
            keep_secrets="secrets" in features,
            keep_resources="resourceReferences" in features,
            keep_outputs="outputValues" in features,
            keep_bytes="byteString" in features,
        )

    async def _ask_for_features(self) -> None:
        """Ask an engine that knows no `GetDeploymentInfo` for each feature (§10.1)."""
        from stackwright.wire.stubs.pulumi import resource_pb2

        answers = await asyncio.gather(
            *(
                self._call("SupportsFeature", resource_pb2.SupportsFeatureRequest(id=name))
                for name in messages.FEATURES
            ),
            return_exceptions=True,
        )
        for name, answer in zip(messages.FEATURES, answers, strict=True):
            if isinstance(answer, MonitorClosedError):
                raise answer
            self._asked[name] = not isinstance(answer, BaseException) and answer.hasSupport
        features = frozenset(name for name, has in self._asked.items() if has)
        self._info = msgspec.structs.replace(self._info, features=features)

    async def _goodbye(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._callbacks.stop()
        await self._channel.close(None)
        if self._engine_channel is not None:
            await self._engine_channel.close(None)

    # Calls ----------------------------------------------------------------------------------------

    async def _call(self, method: str, message: Any, *, stub: Any = None) -> Any:
        """
        One call; the protocol's codes become exceptions (§6.6).

        Raises:
            MonitorClosedError: The engine is gone, or stops.
            MonitorRefusedError: It says no, or has no such method.
        """
        import grpc

        try:
            return await getattr(stub or self._stub, method)(message)
        except grpc.aio.AioRpcError as error:
            code, details = error.code(), error.details()
        if code is grpc.StatusCode.UNIMPLEMENTED:
            raise _NoSuchMethodError(f"The engine has no `{method}`")
        if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
            raise MonitorClosedError(details or "")
        raise MonitorRefusedError(details or str(code))

    def _ask(self, work: Callable[[], Coroutine[Any, Any, T]], *, first: bool = False) -> Reply[T]:
        """
        Start *work* on the thread that talks to the engine; its end settles the reply.

        gRPC promises no order. What later requests rely on (a transform, a hook) comes *first*:
        nothing that is asked after it is sent before the engine has answered it.
        """
        reply: Reply[T] = Reply()
        if self._closed:
            return Reply.failed(MonitorClosedError())

        def done(task: asyncio.Task[T]) -> None:
            self._tasks.discard(task)
            if task.cancelled():
                reply.fail(MonitorClosedError())
            elif (error := task.exception()) is not None:
                reply.fail(error)
            else:
                reply.answer(task.result())

        def start() -> None:
            before = tuple(self._first)
            task = self._loop.create_task(_after(before, work) if before else work())
            self._tasks.add(task)
            if first:
                self._first.add(task)
                task.add_done_callback(self._first.discard)
            task.add_done_callback(done)

        try:
            self._loop.call_soon_threadsafe(start)
        except RuntimeError:
            return Reply.failed(MonitorClosedError())
        return reply

    # Monitor --------------------------------------------------------------------------------------

    def deployment(self) -> DeploymentInfo:
        return self._info

    def register(self, request: RegisterRequest) -> Reply[Registered]:
        alias_specs = not request.options.aliases or self.supports("aliasSpecs")

        async def work() -> Registered:
            from stackwright.wire.stubs.pulumi import resource_pb2

            message = resource_pb2.RegisterResourceRequest()
            messages.fill_register_request(message, request, self._coding, alias_specs=alias_specs)
            for transform in request.transforms:
                await self._callbacks.offer_transform(message.transforms.add(), transform)
            answer = await self._call("RegisterResource", message)
            return messages.register_answer_of(answer, custom=request.custom)

        return self._ask(work)

    def register_outputs(self, urn: Urn, outputs: PropertyMap) -> Reply[None]:
        async def work() -> None:
            from stackwright.wire.stubs.pulumi import resource_pb2

            message = resource_pb2.RegisterResourceOutputsRequest(urn=urn)
            encode_properties(outputs, message.outputs, self._coding)
            await self._call("RegisterResourceOutputs", message)

        return self._ask(work)

    def read(self, request: ReadRequest) -> Reply[Registered]:
        async def work() -> Registered:
            from stackwright.wire.stubs.pulumi import resource_pb2

            message = resource_pb2.ReadResourceRequest()
            messages.fill_read_request(message, request, self._coding)
            return messages.read_answer_of(await self._call("ReadResource", message))

        return self._ask(work)

    def exists(self, request: ExistsRequest) -> Reply[bool | None]:
        async def work() -> bool | None:
            from stackwright.wire.stubs.pulumi import resource_pb2

            message = resource_pb2.ExistsResourceRequest()
            messages.fill_exists_request(message, request, self._coding)
            return messages.exists_answer_of(await self._call("ExistsResource", message))

        return self._ask(work)

    def invoke(self, request: InvokeRequest) -> Reply[InvokeResult]:
        async def work() -> InvokeResult:
            from stackwright.wire.stubs.pulumi import resource_pb2

            message = resource_pb2.ResourceInvokeRequest()
            messages.fill_invoke_request(message, request, self._coding)
            return messages.invoke_answer_of(await self._call("Invoke", message))

        return self._ask(work)

    def call(self, request: CallRequest) -> Reply[CallResult]:
        async def work() -> CallResult:
            from stackwright.wire.stubs.pulumi import resource_pb2

            message = resource_pb2.ResourceCallRequest()
            messages.fill_call_request(message, request, self._coding)
            return messages.call_answer_of(await self._call("Call", message))

        return self._ask(work)

    def register_package(
        self, request: PackageRequest, *, extension: PackageRequest | None = None
    ) -> Reply[str]:
        async def work() -> str:
            from stackwright.wire.stubs.pulumi import resource_pb2

            message = resource_pb2.RegisterPackageRequest()
            messages.fill_package_request(message, request, extension)
            return str((await self._call("RegisterPackage", message)).ref)

        return self._ask(work)

    def add_stack_transform(self, transform: ResourceTransform) -> Reply[None]:
        async def work() -> None:
            from stackwright.wire.stubs.pulumi import callback_pb2

            message = callback_pb2.Callback()
            await self._callbacks.offer_transform(message, transform)
            await self._call("RegisterStackTransform", message)

        return self._ask(work, first=True)

    def add_invoke_transform(self, transform: InvokeTransform) -> Reply[None]:
        async def work() -> None:
            from stackwright.wire.stubs.pulumi import callback_pb2

            message = callback_pb2.Callback()
            await self._callbacks.offer_invoke_transform(message, transform)
            await self._call("RegisterStackInvokeTransform", message)

        return self._ask(work, first=True)

    def add_hook(self, hook: HookRegistration) -> Reply[None]:
        async def work() -> None:
            from stackwright.wire.stubs.pulumi import resource_pb2

            message: Any
            if hook.is_error_hook:
                message = resource_pb2.RegisterErrorHookRequest(name=hook.name)
            else:
                message = resource_pb2.RegisterResourceHookRequest(
                    name=hook.name, on_dry_run=hook.on_dry_run, ignore_errors=hook.ignore_errors
                )
            await self._callbacks.offer_hook(message.callback, hook.callback, on_error=hook.is_error_hook)
            await self._call("RegisterErrorHook" if hook.is_error_hook else "RegisterResourceHook", message)

        return self._ask(work, first=True)

    def supports(self, feature: str) -> bool:
        """See `Monitor.supports`; an engine is asked once for a name that has no number."""
        if self._told or feature in self._asked:
            return feature in self._info.features
        from stackwright.wire.stubs.pulumi import resource_pb2

        async def work() -> bool:
            message = resource_pb2.SupportsFeatureRequest(id=feature)
            return bool((await self._call("SupportsFeature", message)).hasSupport)

        known = self._asked[feature] = self._ask(work).wait()
        return known

    def set_root(self, urn: Urn) -> None:
        from stackwright.wire.stubs.pulumi import engine_pb2

        self._tell("SetRootResource", engine_pb2.SetRootResourceRequest(urn=urn))

    def log(self, diagnostic: Diagnostic) -> None:
        from stackwright.wire.stubs.pulumi import engine_pb2

        if isinstance(diagnostic, DebuggerAwaited):
            message = engine_pb2.StartDebuggingRequest(message=diagnostic.message)
            encode_properties(dict(diagnostic.config), message.config, EVERYTHING)
            self._tell("StartDebugging", message)
            return
        self._tell(
            "Log",
            engine_pb2.LogRequest(
                severity=_SEVERITIES[diagnostic.severity],  # type: ignore[arg-type] # a number will do
                message=diagnostic.message,
                urn=diagnostic.urn or "",
                streamId=diagnostic.stream,
                ephemeral=diagnostic.ephemeral,
            ),
        )

    def _tell(self, method: str, message: Any) -> None:
        """A message to the engine that nobody waits for; whoever asks for the end waits for all of them."""
        if not self._engine_address:
            return

        async def work() -> None:
            async with self._telling:  # what is said is heard in the order it was said in
                await self._call(method, message, stub=self._engine_stub)

        self._ask(work)

    def require_version(self, wanted: str) -> Reply[None]:
        """
        Have the engine say whether its version is in the range *wanted*; without its address nobody does.

        The reply fails with a `MonitorRefusedError` if it is not, or if the engine cannot tell.
        """
        if not self._engine_address:
            return Reply.of(None)

        async def work() -> None:
            from stackwright.wire.stubs.pulumi import engine_pb2

            message = engine_pb2.RequirePulumiVersionRequest(pulumi_version_range=wanted)
            try:
                await self._call("RequirePulumiVersion", message, stub=self._engine_stub)
            except _NoSuchMethodError:
                raise MonitorRefusedError(
                    "The engine cannot be asked for its version: upgrade it",
                    detail=f"The program needs one in the range {wanted}",
                ) from None

        return self._ask(work)

    def flush(self) -> None:
        """Return when everything that was said so far has been heard, or cannot be any more."""

        async def work() -> None:
            async with self._telling:
                return

        with contextlib.suppress(MonitorClosedError):
            self._ask(work).wait()

    def finish(self) -> Reply[None]:
        async def work() -> None:
            from stackwright.wire.stubs.google.protobuf import empty_pb2

            others = self._tasks - {asyncio.current_task()}
            await asyncio.gather(*others, return_exceptions=True)
            try:
                await self._call("SignalAndWaitForShutdown", empty_pb2.Empty())
            except _NoSuchMethodError:
                return  # the end of this process is the signal there (§10.11)

        return self._ask(work)


async def _after(before: tuple[asyncio.Task[Any], ...], work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """*work*, once those *before* it are done, however they ended."""
    await asyncio.wait(before)
    return await work()
