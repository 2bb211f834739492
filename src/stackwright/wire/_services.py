"""
Clients and servers of gRPC services, from the services' descriptors.

What generated `*_pb2_grpc` modules spell out, a table of method names says as well:
`stub_class` answers a client class with one attribute per method, `register_servicer`
serves an object's coroutines under the names of a service. Both are for `grpc.aio`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from stackwright.wire._parsing import parser

if TYPE_CHECKING:
    import grpc.aio
    from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

MAX_MESSAGE_BYTES: Final = 400 * 1024 * 1024
"""What every server and client of the protocol takes in one message (protocol.md §1)."""

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


def register_servicer(service: ServiceDescriptor, servicer: object, server: grpc.aio.Server) -> None:
    """Serve those methods of *service* that *servicer* has; the others answer `UNIMPLEMENTED`."""
    import grpc

    handlers = {}
    for method in service.methods:
        behaviour = getattr(servicer, method.name, None)
        if behaviour is None:
            continue
        make = getattr(grpc, f"{_kind(method)}_rpc_method_handler")
        handlers[method.name] = make(
            behaviour,
            request_deserializer=parser(_message_class(method.input_type)),
            response_serializer=_message_class(method.output_type).SerializeToString,
        )
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service.full_name, handlers),))
