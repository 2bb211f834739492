"""
A `Monitor`, served to programs and components in other processes (protocol.md §10, §12).

Decides nothing: every request becomes a call of the monitor, every answer a message in
the form that the caller takes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import msgspec

from stackwright.goals import HookRegistration, Result
from stackwright.monitor import Monitor, MonitorClosedError
from stackwright.urn import Urn, is_urn
from stackwright.values import PropertyMap
from stackwright.wire import monitor_messages as messages
from stackwright.wire._callbacks import CallbackClients
from stackwright.wire._engine_service import EngineService
from stackwright.wire._errors import WireError
from stackwright.wire._servers import LocalServer
from stackwright.wire._values import EVERYTHING, decode_properties

if TYPE_CHECKING:
    from stackwright.wire.stubs.google.protobuf import empty_pb2
    from stackwright.wire.stubs.pulumi import callback_pb2, provider_pb2, resource_pb2

T = TypeVar("T")

_WRONG: Final = frozenset({"invalid-request", "invalid-urn", "invalid-provider-reference"})
"""What an engine calls a request that is wrong in itself."""

_PLAIN_OUTPUTS: Final = msgspec.structs.replace(EVERYTHING, keep_outputs=False)

_OLD_CALLER: Final = "grpc-node-js/"


class MonitorServer:
    """
    A running server of `ResourceMonitor` and `Engine` for one monitor.

    It lives on the event loop that started it. A caller that goes away takes nothing
    with it: what it asked for goes on, as in a process of ours.
    """

    def __init__(self, server: LocalServer, callbacks: CallbackClients) -> None:
        self._server = server
        self._callbacks = callbacks
        self.address = server.address

    @classmethod
    async def start(
        cls,
        monitor: Monitor,
        *,
        guest: bool = False,
        root: Callable[[], Urn | None] | None = None,
    ) -> MonitorServer:
        """
        Serve *monitor* on loopback, on a port of the system's choice.

        *guest*: the callers are constructions or calls within somebody's deployment, which they
        neither end nor name the stack of. *root* answers the URN of the stack's own resource.

        Raises:
            RuntimeError: The system gives no loopback port.
        """
        from stackwright.wire.stubs.pulumi import engine_pb2, resource_pb2

        callbacks = CallbackClients()
        engine = EngineService(monitor.log, root_urn=root, on_root=None if guest else monitor.set_root)
        service = _ResourceMonitor(monitor, callbacks, guest=guest)
        server = await LocalServer.start(
            partial(resource_pb2.add_ResourceMonitorServicer_to_server, service),
            partial(engine_pb2.add_EngineServicer_to_server, engine),
        )
        return cls(server, callbacks)

    async def stop(self, grace: float | None = None) -> None:
        """Take no more calls; those under way end after *grace* seconds (None: at once)."""
        await self._server.stop(grace)
        await self._callbacks.close()


class _ResourceMonitor:
    """The methods of `ResourceMonitor`, by the protocol's names."""

    def __init__(self, monitor: Monitor, callbacks: CallbackClients, *, guest: bool) -> None:
        self._monitor = monitor
        self._callbacks = callbacks
        self._guest = guest
        self._finishing = False

    # The deployment -----------------------------------------------------------------------------

    async def GetDeploymentInfo(  # noqa: N802
        self, request: empty_pb2.Empty, context: Any
    ) -> resource_pb2.DeploymentInfo:
        from stackwright.wire.stubs.pulumi import resource_pb2

        del request, context
        message = resource_pb2.DeploymentInfo()
        messages.fill_deployment(message, self._monitor.deployment())
        return message

    async def SupportsFeature(  # noqa: N802
        self, request: resource_pb2.SupportsFeatureRequest, context: Any
    ) -> resource_pb2.SupportsFeatureResponse:
        from stackwright.wire.stubs.pulumi import resource_pb2

        del context
        return resource_pb2.SupportsFeatureResponse(hasSupport=self._monitor.supports(request.id))

    async def SignalAndWaitForShutdown(  # noqa: N802
        self, request: empty_pb2.Empty, context: Any
    ) -> empty_pb2.Empty:
        from stackwright.wire.stubs.google.protobuf import empty_pb2

        del request
        if self._guest:
            return empty_pb2.Empty()
        if self._finishing:
            await _refuse(context, "FAILED_PRECONDITION", "somebody waits for the end already")
        self._finishing = True
        await self._answered(self._monitor.finish(), context)
        return empty_pb2.Empty()

    # Resources ----------------------------------------------------------------------------------

    async def RegisterResource(  # noqa: N802
        self, request: resource_pb2.RegisterResourceRequest, context: Any
    ) -> resource_pb2.RegisterResourceResponse:
        from stackwright.wire.stubs.pulumi import resource_pb2

        if request.state_migrations:
            await _refuse(context, "FAILED_PRECONDITION", "state migrations are not supported by this engine")
        await _check_urns(
            context, ("parent", request.parent), ("deletedWith", request.deletedWith), *_named_urns(request)
        )
        read = partial(messages.register_request_of, old_aliases=_is_old_caller(context))
        goal = await _understood(context, read, request)
        if request.transforms:
            for callback in request.transforms:
                await _check_callback(context, callback)
            transforms = tuple(map(self._callbacks.transform, request.transforms))
            goal = msgspec.structs.replace(goal, transforms=transforms)
        registered = await self._answered(self._monitor.register(goal), context)
        if registered.result is not Result.SUCCESS and not request.supportsResultReporting:
            await _refuse(context, "INTERNAL", "resource registration failed")
        answer = resource_pb2.RegisterResourceResponse()
        messages.fill_register_answer(answer, request, registered)
        return answer

    async def RegisterResourceOutputs(  # noqa: N802
        self, request: resource_pb2.RegisterResourceOutputsRequest, context: Any
    ) -> empty_pb2.Empty:
        from stackwright.wire.stubs.google.protobuf import empty_pb2

        await _check_urns(context, ("urn", request.urn))
        outputs = await _understood(context, _plain_outputs_of, request.outputs)
        await self._answered(self._monitor.register_outputs(Urn(request.urn), outputs), context)
        return empty_pb2.Empty()

    async def ReadResource(  # noqa: N802
        self, request: resource_pb2.ReadResourceRequest, context: Any
    ) -> resource_pb2.ReadResourceResponse:
        from stackwright.wire.stubs.pulumi import resource_pb2

        dependencies = (("dependency", urn) for urn in request.dependencies)
        await _check_urns(context, ("parent", request.parent), *dependencies)
        asked = await _understood(context, messages.read_request_of, request)
        read = await self._answered(self._monitor.read(asked), context)
        if read.result is not Result.SUCCESS:  # the answer has no place for it
            await _refuse(context, "INTERNAL", "resource read failed")
        answer = resource_pb2.ReadResourceResponse()
        messages.fill_read_answer(answer, request, read)
        return answer

    async def ExistsResource(  # noqa: N802
        self, request: resource_pb2.ExistsResourceRequest, context: Any
    ) -> resource_pb2.ExistsResourceResponse:
        from stackwright.wire.stubs.pulumi import resource_pb2

        await _check_urns(context, ("parent", request.parent))
        asked = await _understood(context, messages.exists_request_of, request)
        exists = await self._answered(self._monitor.exists(asked), context)
        return resource_pb2.ExistsResourceResponse(exists=bool(exists), unknown=exists is None)

    # Functions and packages -----------------------------------------------------------------------

    async def Invoke(  # noqa: N802
        self, request: resource_pb2.ResourceInvokeRequest, context: Any
    ) -> resource_pb2.ResourceInvokeResponse:
        from stackwright.wire.stubs.pulumi import resource_pb2

        await _check_urns(context, ("parent", request.parent))
        asked = await _understood(context, messages.invoke_request_of, request)
        answer = resource_pb2.ResourceInvokeResponse()
        found = await self._answered(self._monitor.invoke(asked), context)
        messages.fill_invoke_answer(answer, request, found)
        return answer

    async def Call(  # noqa: N802
        self, request: resource_pb2.ResourceCallRequest, context: Any
    ) -> provider_pb2.CallResponse:
        from stackwright.wire.stubs.pulumi import provider_pb2

        asked = await _understood(context, messages.call_request_of, request)
        answer = provider_pb2.CallResponse()
        messages.fill_call_answer(answer, request, await self._answered(self._monitor.call(asked), context))
        return answer

    async def RegisterPackage(  # noqa: N802
        self, request: resource_pb2.RegisterPackageRequest, context: Any
    ) -> resource_pb2.RegisterPackageResponse:
        from stackwright.wire.stubs.pulumi import resource_pb2

        base, extension = messages.package_request_of(request)
        if not base.name:
            await _refuse(context, "INVALID_ARGUMENT", "a package needs the name of its plugin")
        found = await self._answered(self._monitor.register_package(base, extension=extension), context)
        return resource_pb2.RegisterPackageResponse(ref=found)

    # Callbacks ------------------------------------------------------------------------------------

    async def RegisterStackTransform(  # noqa: N802
        self, request: callback_pb2.Callback, context: Any
    ) -> empty_pb2.Empty:
        await _check_callback(context, request)
        return await self._done(
            self._monitor.add_stack_transform(self._callbacks.transform(request)), context
        )

    async def RegisterStackInvokeTransform(  # noqa: N802
        self, request: callback_pb2.Callback, context: Any
    ) -> empty_pb2.Empty:
        await _check_callback(context, request)
        transform = self._callbacks.invoke_transform(request)
        return await self._done(self._monitor.add_invoke_transform(transform), context)

    async def RegisterResourceHook(  # noqa: N802
        self, request: resource_pb2.RegisterResourceHookRequest, context: Any
    ) -> empty_pb2.Empty:
        await _check_callback(context, request.callback)
        hook = HookRegistration(
            name=request.name,
            callback=self._callbacks.hook(request.callback),
            on_dry_run=request.on_dry_run,
            ignore_errors=request.ignore_errors,
        )
        return await self._done(self._monitor.add_hook(hook), context)

    async def RegisterErrorHook(  # noqa: N802
        self, request: resource_pb2.RegisterErrorHookRequest, context: Any
    ) -> empty_pb2.Empty:
        await _check_callback(context, request.callback)
        hook = HookRegistration(
            name=request.name, callback=self._callbacks.hook(request.callback), is_error_hook=True
        )
        return await self._done(self._monitor.add_hook(hook), context)

    # Answers --------------------------------------------------------------------------------------

    async def _done(self, reply: Awaitable[None], context: Any) -> empty_pb2.Empty:
        from stackwright.wire.stubs.google.protobuf import empty_pb2

        await self._answered(reply, context)
        return empty_pb2.Empty()

    @staticmethod
    async def _answered(reply: Awaitable[T], context: Any) -> T:
        """What the monitor answers; its failures become the protocol's codes (§6.6)."""
        try:
            return await reply
        except MonitorClosedError:
            await _refuse(context, "UNAVAILABLE", "resource monitor shut down")
        except Exception as error:  # noqa: BLE001 - it is told to the program
            code = "INVALID_ARGUMENT" if getattr(error, "code", "") in _WRONG else "UNKNOWN"
            await _refuse(context, code, str(error) or type(error).__name__)


async def _refuse(context: Any, code: str, text: str) -> NoReturn:
    """End the call with a status; never returns."""
    import grpc

    await context.abort(getattr(grpc.StatusCode, code), text)
    raise AssertionError("abort raises")


async def _understood(context: Any, read: Callable[[Any], T], message: Any) -> T:
    """What *read* makes of *message*; refuses it where that cannot be read (§6.6)."""
    try:
        return read(message)
    except WireError as error:
        await _refuse(context, "INVALID_ARGUMENT", str(error))


def _plain_outputs_of(bag: Any) -> PropertyMap:
    return decode_properties(bag, _PLAIN_OUTPUTS)


async def _check_urns(context: Any, *named: tuple[str, str]) -> None:
    """Refuse what should be a URN and is not (§6.6); empty is absent."""
    for name, text in named:
        if text and not is_urn(text):
            await _refuse(context, "INVALID_ARGUMENT", f"invalid {name} URN: `{text}` is not a URN")


def _named_urns(request: resource_pb2.RegisterResourceRequest) -> Iterable[tuple[str, str]]:
    for urn in request.dependencies:
        yield "dependency", urn
    for urn in request.aliasURNs:
        yield "alias", urn
    for urn in request.replace_with:
        yield "replaceWith", urn


async def _check_callback(context: Any, callback: callback_pb2.Callback) -> None:
    if not callback.target:
        await _refuse(context, "INVALID_ARGUMENT", "a callback needs the address of its server")


def _is_old_caller(context: Any) -> bool:
    """Whether the caller is of the kind whose old releases said «no parent» differently (§10.3)."""
    metadata: Mapping[str, Any] = dict(context.invocation_metadata() or ())
    runtime = metadata.get("pulumi-runtime")
    if runtime is not None:
        return bool(runtime == "nodejs")
    return str(metadata.get("user-agent", "")).startswith(_OLD_CALLER)
