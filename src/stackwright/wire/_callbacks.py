"""
Callbacks across processes: transforms and hooks (protocol.md §11).

A callback is a function of the program that the engine calls. On the engine's side
`CallbackClients` makes callables of what messages carry; on the program's side a
`CallbackServer` makes messages of callables and serves them. Both sides see the
same signatures: those of `goals`.
"""

from __future__ import annotations

import asyncio
import os
import traceback
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from stackwright.goals import (
    HookArgs,
    HookKind,
    InvokeTransform,
    InvokeTransformArgs,
    ResourceHook,
    ResourceTransform,
    TransformArgs,
    TransformResult,
)
from stackwright.reply import Reply
from stackwright.urn import Urn
from stackwright.wire._errors import DecodeError
from stackwright.wire._parsing import parser
from stackwright.wire._servers import LocalServer, open_channel
from stackwright.wire._values import EVERYTHING, CodecOptions, decode_properties, encode_properties
from stackwright.wire.option_messages import (
    checksums_of,
    fill_transform_options,
    transform_options_of,
    urn_of,
)

if TYPE_CHECKING:
    from stackwright.wire.stubs.pulumi import callback_pb2, resource_pb2

T = TypeVar("T")

_WITH_BYTES: Final = msgspec.structs.replace(EVERYTHING, plain_unknowns=True)
_WITHOUT_BYTES: Final = msgspec.structs.replace(_WITH_BYTES, keep_bytes=False)
_OURS: Final = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120 # compared with the files of frames
_BETWEEN: Final = (f"{os.sep}asyncio{os.sep}", f"{os.sep}concurrent{os.sep}futures{os.sep}")
_BAGS: Final = ("new_inputs", "old_inputs", "new_outputs", "old_outputs")


class CallbackError(Exception):
    """A callback of the program failed, or the program that had it is gone."""


# The engine's side --------------------------------------------------------------------------------


class CallbackClients:
    """
    Calls what programs offer; one channel for each of them.

    The callables it makes may be called on any thread: they run on the loop of their maker.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._channels: dict[str, Any] = {}

    async def close(self) -> None:
        """Give up all channels; what is called from now on fails."""
        channels, self._channels = self._channels, {}
        for channel in channels.values():
            await channel.close()

    def transform(self, callback: callback_pb2.Callback) -> ResourceTransform:
        """A resource transform (§11.2)."""
        return partial(self._here, partial(self._transform, callback))

    def invoke_transform(self, callback: callback_pb2.Callback) -> InvokeTransform:
        """An invoke transform (§11.3)."""
        return partial(self._here, partial(self._invoke_transform, callback))

    def hook(self, callback: callback_pb2.Callback) -> ResourceHook:
        """A resource hook, or an error hook (§11.4, §11.5)."""
        return partial(self._here, partial(self._hook, callback))

    def _here(self, work: Callable[[Any], Coroutine[Any, Any, T]], args: Any) -> Awaitable[T]:
        """Run *work* on this object's loop, from wherever."""
        reply: Reply[T] = Reply()

        def done(task: asyncio.Task[T]) -> None:
            if task.cancelled():
                reply.fail(CallbackError("the deployment was stopped"))
            elif (error := task.exception()) is not None:
                reply.fail(error)
            else:
                reply.answer(task.result())

        def start() -> None:
            task = self._loop.create_task(work(args))
            task.add_done_callback(done)

        self._loop.call_soon_threadsafe(start)
        return reply

    async def _call(self, callback: callback_pb2.Callback, request: Any, answer: type) -> Any:
        import grpc.aio

        from stackwright.wire.stubs.pulumi import callback_pb2

        channel = self._channels.get(callback.target)
        if channel is None:
            channel = self._channels[callback.target] = open_channel(callback.target)
        stub = callback_pb2.CallbacksStub(channel)
        message = callback_pb2.CallbackInvokeRequest(
            token=callback.token, request=request.SerializeToString()
        )
        try:
            found = await stub.Invoke(message)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.UNAVAILABLE:
                raise CallbackError("the program that it belongs to is gone") from None
            raise CallbackError(error.details() or error.code().name) from None
        return parser(answer)(found.response)

    async def _transform(self, callback: callback_pb2.Callback, args: TransformArgs) -> TransformResult:
        from stackwright.wire.stubs.pulumi import resource_pb2

        coding = _coding(callback)
        message = resource_pb2.TransformRequest(
            type=args.type, name=args.name, custom=args.custom, parent=args.parent or ""
        )
        encode_properties(args.properties, message.properties, coding)
        fill_transform_options(message.options, args.options, coding)
        answer = await self._call(callback, message, resource_pb2.TransformResponse)
        return TransformResult(
            properties=(
                decode_properties(answer.properties, EVERYTHING) if answer.HasField("properties") else None
            ),
            options=(
                transform_options_of(answer.options, EVERYTHING, args.options)
                if answer.HasField("options")
                else None
            ),
        )

    async def _invoke_transform(
        self, callback: callback_pb2.Callback, args: InvokeTransformArgs
    ) -> InvokeTransformArgs | None:
        from stackwright.wire.stubs.pulumi import resource_pb2

        message = resource_pb2.TransformInvokeRequest(token=args.token)
        encode_properties(args.args, message.args, _coding(callback))
        _fill_invoke_options(message.options, args)
        answer = await self._call(callback, message, resource_pb2.TransformInvokeResponse)
        return _transformed_invoke(args, answer)

    async def _hook(self, callback: callback_pb2.Callback, args: HookArgs) -> bool | None:
        from stackwright.wire.stubs.pulumi import resource_pb2

        message: Any
        answer: Any
        if args.kind is HookKind.ON_ERROR:
            message = resource_pb2.ErrorHookRequest(failed_operation=args.operation, errors=args.errors)
            answer = resource_pb2.ErrorHookResponse
        else:
            message = resource_pb2.ResourceHookRequest()
            answer = resource_pb2.ResourceHookResponse
        message.urn, message.id, message.name, message.type = args.urn, args.id, args.name, args.type
        for name in _BAGS:
            bag = getattr(args, name)
            if bag is not None and name in message.DESCRIPTOR.fields_by_name:
                encode_properties(bag, getattr(message, name), _coding(callback))
        found = await self._call(callback, message, answer)
        if found.error:
            raise CallbackError(found.error)
        return found.retry if args.kind is HookKind.ON_ERROR else None


def _coding(callback: callback_pb2.Callback) -> CodecOptions:
    return _WITH_BYTES if callback.accepts_byte_string else _WITHOUT_BYTES


def _fill_invoke_options(into: resource_pb2.TransformInvokeOptions, args: InvokeTransformArgs) -> None:
    into.provider, into.version = args.provider, args.version
    into.plugin_download_url = args.plugin_download_url
    into.plugin_checksums.update(dict(args.plugin_checksums))


def _transformed_invoke(
    before: InvokeTransformArgs, answer: resource_pb2.TransformInvokeResponse
) -> InvokeTransformArgs | None:
    """What an invoke has become; None where nothing was answered. Absent parts stay as they were."""
    if not answer.HasField("args") and not answer.HasField("options"):
        return None
    source: Any = answer.options if answer.HasField("options") else before
    return InvokeTransformArgs(
        token=before.token,
        args=decode_properties(answer.args, EVERYTHING) if answer.HasField("args") else before.args,
        provider=source.provider,
        version=source.version,
        plugin_download_url=source.plugin_download_url,
        plugin_checksums=(
            before.plugin_checksums if source is before else checksums_of(source.plugin_checksums)
        ),
    )


# The program's side -------------------------------------------------------------------------------


class CallbackServer:
    """
    Serves a program's callbacks; started with the first of them. Lives on one event loop.

    The callables are those that an engine in the same process would be given.
    """

    def __init__(self) -> None:
        self._server: LocalServer | None = None
        self._tokens: dict[tuple[Any, Any], str] = {}
        """By what serves a callable, and the callable: the same one is one callback, wherever it is used."""
        self._handlers: dict[str, Callable[[bytes], Awaitable[Any]]] = {}
        self._starting = asyncio.Lock()

    async def stop(self) -> None:
        """Serve no longer."""
        if self._server is not None:
            await self._server.stop()

    async def offer_transform(self, into: callback_pb2.Callback, transform: ResourceTransform) -> None:
        """Fill *into* with a callback for *transform*."""
        await self._offer(into, _serve_transform, transform)

    async def offer_invoke_transform(self, into: callback_pb2.Callback, transform: InvokeTransform) -> None:
        """Fill *into* with a callback for *transform*."""
        await self._offer(into, _serve_invoke_transform, transform)

    async def offer_hook(self, into: callback_pb2.Callback, hook: ResourceHook, *, on_error: bool) -> None:
        """Fill *into* with a callback for *hook*; *on_error*: it is an error hook."""
        await self._offer(into, _serve_error_hook if on_error else _serve_hook, hook)

    async def _offer(
        self, into: callback_pb2.Callback, serve: Callable[[Any, bytes], Awaitable[Any]], callback: Any
    ) -> None:
        from stackwright.wire.stubs.pulumi import callback_pb2

        async with self._starting:
            if self._server is None:
                self._server = await LocalServer.start(
                    partial(callback_pb2.add_CallbacksServicer_to_server, self)
                )
        token = self._tokens.get((serve, callback))
        if token is None:  # not to be guessed: whoever is on this machine can reach the server
            token = self._tokens[serve, callback] = str(uuid.uuid4())
            self._handlers[token] = partial(serve, callback)
        into.target, into.token, into.accepts_byte_string = self._server.address, token, True

    async def Invoke(  # noqa: N802 - the protocol's name
        self, request: callback_pb2.CallbackInvokeRequest, context: Any
    ) -> callback_pb2.CallbackInvokeResponse:
        import grpc

        from stackwright.wire.stubs.pulumi import callback_pb2

        handler = self._handlers.get(request.token)
        if handler is None:
            await context.abort(
                grpc.StatusCode.INVALID_ARGUMENT, f"there is no callback `{request.token}` in this program"
            )
        try:
            answer = await handler(request.request)  # type: ignore[misc] # abort never returns
        except DecodeError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        except asyncio.CancelledError:
            await context.abort(grpc.StatusCode.CANCELLED, "the program is ending")
        except Exception as error:  # noqa: BLE001 - it is told to the engine
            await context.abort(grpc.StatusCode.UNKNOWN, _told(error, request.token))
        return callback_pb2.CallbackInvokeResponse(response=answer.SerializeToString())


def _told(error: BaseException, token: str) -> str:
    """What the engine is told of a callback that failed: it passes that on to people, so with their lines."""
    said = str(error) or type(error).__name__
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if _is_the_programs(frame.filename)
    ]
    if not frames:
        return said
    return f"{said}\nin callback {token}:\n{''.join(traceback.format_list(frames)).rstrip()}"


def _is_the_programs(file: str) -> bool:
    return not file.startswith((_OURS, "<")) and not any(part in file for part in _BETWEEN)


async def _serve_transform(transform: ResourceTransform, request: bytes) -> resource_pb2.TransformResponse:
    from stackwright.wire.stubs.pulumi import resource_pb2

    message = parser(resource_pb2.TransformRequest)(request)
    result = await transform(
        TransformArgs(
            type=message.type,
            name=message.name,
            custom=message.custom,
            parent=urn_of(message.parent),
            properties=decode_properties(message.properties, EVERYTHING),
            options=transform_options_of(message.options, EVERYTHING),
        )
    )
    answer = resource_pb2.TransformResponse()
    if result.properties is not None:
        encode_properties(result.properties, answer.properties, EVERYTHING)
    if result.options is not None:
        fill_transform_options(answer.options, result.options, EVERYTHING)
    return answer


async def _serve_invoke_transform(
    transform: InvokeTransform, request: bytes
) -> resource_pb2.TransformInvokeResponse:
    from stackwright.wire.stubs.pulumi import resource_pb2

    message = parser(resource_pb2.TransformInvokeRequest)(request)
    options = message.options
    result = await transform(
        InvokeTransformArgs(
            token=message.token,
            args=decode_properties(message.args, EVERYTHING),
            provider=options.provider,
            version=options.version,
            plugin_download_url=options.plugin_download_url,
            plugin_checksums=checksums_of(options.plugin_checksums),
        )
    )
    answer = resource_pb2.TransformInvokeResponse()
    if result is not None:
        encode_properties(result.args, answer.args, EVERYTHING)
        answer.options.SetInParent()
        _fill_invoke_options(answer.options, result)
    return answer


def _hook_args(
    kind: HookKind, message: Any, *, operation: str = "", errors: tuple[str, ...] = ()
) -> HookArgs:
    bags: dict[str, Any] = {
        name: decode_properties(getattr(message, name), EVERYTHING)
        for name in _BAGS
        if name in message.DESCRIPTOR.fields_by_name and message.HasField(name)
    }
    return HookArgs(
        kind=kind,
        urn=Urn(message.urn),
        id=message.id,
        name=message.name,
        type=message.type,
        operation=operation,
        errors=errors,
        **bags,
    )


async def _serve_hook(hook: ResourceHook, request: bytes) -> resource_pb2.ResourceHookResponse:
    from stackwright.wire.stubs.pulumi import resource_pb2

    message = parser(resource_pb2.ResourceHookRequest)(request)
    try:
        await hook(_hook_args(_kind_of(message), message))
    except Exception as error:  # noqa: BLE001 - a hook's failure is an answer (§11.4)
        return resource_pb2.ResourceHookResponse(error=str(error) or type(error).__name__)
    return resource_pb2.ResourceHookResponse()


def _kind_of(message: resource_pb2.ResourceHookRequest) -> HookKind:
    """
    When this hook runs, which only the bags tell (§11.4).

    Before and after a delete look alike; a hook is bound to one of them by name, and the
    program's arguments are the same.
    """
    new, old = message.HasField("new_inputs"), message.HasField("old_inputs")
    done = message.HasField("new_outputs")
    if not new:
        return HookKind.BEFORE_DELETE
    if old:
        return HookKind.AFTER_UPDATE if done else HookKind.BEFORE_UPDATE
    return HookKind.AFTER_CREATE if done else HookKind.BEFORE_CREATE


async def _serve_error_hook(hook: ResourceHook, request: bytes) -> resource_pb2.ErrorHookResponse:
    from stackwright.wire.stubs.pulumi import resource_pb2

    message = parser(resource_pb2.ErrorHookRequest)(request)
    args = _hook_args(
        HookKind.ON_ERROR, message, operation=message.failed_operation, errors=tuple(message.errors)
    )
    try:
        retry = await hook(args)
    except Exception as error:  # noqa: BLE001 - a hook's failure is an answer (§11.5)
        return resource_pb2.ErrorHookResponse(error=str(error) or type(error).__name__)
    return resource_pb2.ErrorHookResponse(retry=bool(retry))
