"""
Clients and servers of gRPC services, from the services' descriptors.

What generated `*_pb2_grpc` modules spell out, a table of method names says as well:
`stub_class` answers a client class with one attribute per method, `register_servicer`
serves an object's coroutines under the names of a service. Both are for `grpc.aio`.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

from stackwright.wire._parsing import parser

if TYPE_CHECKING:
    from collections.abc import Callable

    import grpc.aio
    from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

MAX_MESSAGE_BYTES: Final = 400 * 1024 * 1024
"""What every server and client of the protocol takes in one message (protocol.md §1)."""

SERVER_OPTIONS: Final = (
    # Beyond these, gRPC refuses calls that it has not handed out yet, some of them from the first
    # limit on (1,000 by default): a program that declares everything at once would lose resources.
    ("grpc.server.max_pending_requests", 2**30),
    ("grpc.server.max_pending_requests_hard_limit", 2**30),
)

CHANNEL_OPTIONS: Final = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
)


def _message_class(descriptor: Any) -> Any:
    from google.protobuf import message_factory

    return message_factory.GetMessageClass(descriptor)


def _path(method: MethodDescriptor) -> str:
    return f"/{method.containing_service.full_name}/{method.name}"


def _kind(method: MethodDescriptor) -> str:
    """`unary_stream` and its like: how grpc names the shape of *method*."""
    asked = "stream" if method.client_streaming else "unary"
    return f"{asked}_{'stream' if method.server_streaming else 'unary'}"


def stub_class(service: ServiceDescriptor) -> type:
    """A client class for *service*: made with a channel, it has one callable per method."""

    class Stub:
        __slots__ = tuple(service.methods_by_name)

        def __init__(self, channel: grpc.aio.Channel) -> None:
            for method in service.methods:
                make = getattr(channel, _kind(method))
                encode = _message_class(method.input_type).SerializeToString
                decode = parser(_message_class(method.output_type))
                setattr(
                    self,
                    method.name,
                    make(_path(method), request_serializer=encode, response_deserializer=decode),
                )

    Stub.__name__ = Stub.__qualname__ = f"{service.name}Stub"
    return Stub


def _guarded(behaviour: Any, parse: Any) -> Any:
    """
    *behaviour* for bytes: what is no message, or cannot be answered, is refused with a status.

    Left to gRPC, each such request would leave a traceback on standard error.
    """

    async def answer(data: bytes, context: Any) -> Any:
        import grpc.aio
        from google.protobuf.message import DecodeError

        try:
            request = parse(data)
        except (DecodeError, ValueError, RecursionError):
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the request is no message of this method")
        try:
            return await behaviour(request, context)
        except grpc.aio.AbortError:
            raise  # a status already
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer
            await context.abort(grpc.StatusCode.UNKNOWN, str(error) or type(error).__name__)

    return answer


def register_servicer(service: ServiceDescriptor, servicer: object, server: grpc.aio.Server) -> None:
    """Serve those methods of *service* that *servicer* has; the others answer `UNIMPLEMENTED`."""
    import grpc

    handlers = {}
    for method in service.methods:
        behaviour = getattr(servicer, method.name, None)
        if behaviour is None:
            continue
        make = getattr(grpc, f"{_kind(method)}_rpc_method_handler")
        parse = parser(_message_class(method.input_type))
        # A server of threads has plain functions instead; those are taken as they are.
        is_plain = _kind(method) == "unary_unary" and inspect.iscoroutinefunction(behaviour)
        handlers[method.name] = make(
            _guarded(behaviour, parse) if is_plain else behaviour,
            request_deserializer=None if is_plain else parse,
            response_serializer=_message_class(method.output_type).SerializeToString,
        )
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service.full_name, handlers),))


def service_members(service: ServiceDescriptor, module: str) -> dict[str, Callable[[], Any]]:
    """The names protoc's plugin for gRPC gives to *service*, each with what makes the thing of that name."""
    return {
        f"{service.name}Stub": lambda: _named(stub_class(service), module),
        f"{service.name}Servicer": lambda: _named(servicer_class(service), module),
        f"add_{service.name}Servicer_to_server": lambda: _adder(service, module),
        service.name: lambda: _named(_one_shot_class(service), module),
    }


def _named(made: type, module: str) -> type:
    made.__module__ = module
    return made


def _adder(service: ServiceDescriptor, module: str) -> Callable[[object, grpc.aio.Server], None]:
    def add(servicer: object, server: grpc.aio.Server) -> None:
        register_servicer(service, servicer, server)

    add.__name__ = add.__qualname__ = f"add_{service.name}Servicer_to_server"
    add.__module__ = module
    return add


def servicer_class(service: ServiceDescriptor) -> type:
    """A base for servers of *service*: what a subclass leaves out answers `UNIMPLEMENTED`."""

    def missing(method: MethodDescriptor) -> Callable[..., Any]:
        # A plain function under either kind of server, as in what protoc's plugin writes.
        def refuse(context: Any) -> Any:
            import grpc

            context.set_code(grpc.StatusCode.UNIMPLEMENTED)
            context.set_details("Method not implemented!")
            raise NotImplementedError("Method not implemented!")

        def one(self: object, request: Any, context: Any) -> Any:
            return refuse(context)

        def many(self: object, request_iterator: Any, context: Any) -> Any:
            return refuse(context)

        made = many if method.client_streaming else one
        made.__name__ = method.name
        return made

    body: dict[str, Any] = {method.name: missing(method) for method in service.methods}
    return type(f"{service.name}Servicer", (), body)


def _one_shot(
    request: Any,
    target: str,
    options: Any = (),
    channel_credentials: Any = None,
    call_credentials: Any = None,
    insecure: bool = False,
    compression: Any = None,
    wait_for_ready: bool | None = None,
    timeout: float | None = None,
    metadata: Any = None,
) -> Any:
    """The parameters of a call that brings an address instead of a channel."""


def _one_shot_class(service: ServiceDescriptor) -> type:
    """Calls of *service* that bring an address instead of a channel."""

    def caller(method: MethodDescriptor) -> staticmethod[..., Any]:
        def call(request: Any, target: str, *given: Any, **named: Any) -> Any:
            import grpc.experimental

            return getattr(grpc.experimental, _kind(method))(
                request,
                target,
                _path(method),
                _message_class(method.input_type).SerializeToString,
                parser(_message_class(method.output_type)),
                *given,
                **named,
            )

        # The parameters are those of `grpc.experimental`, but for the ones that are known here.
        signature = inspect.signature(_one_shot)
        if method.client_streaming:
            signature = signature.replace(
                parameters=[
                    parameter.replace(name="request_iterator") if name == "request" else parameter
                    for name, parameter in signature.parameters.items()
                ]
            )
        call.__name__ = method.name
        call.__signature__ = signature  # type: ignore[attr-defined] # that is how a function is given one
        return staticmethod(call)

    return type(service.name, (), {method.name: caller(method) for method in service.methods})
