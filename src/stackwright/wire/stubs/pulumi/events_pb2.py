# Written by tools/generate_stubs.py from pulumi/events.proto; do not edit.

from stackwright.wire._pool import define
import stackwright.wire.stubs.google.protobuf.empty_pb2  # noqa: F401

__getattr__, __dir__ = define(
    __name__,
    (
        b'\n\x13pulumi/events.proto\x12\tpulumirpc\x1a\x1bgoogle/protobuf/empty.prot'
        b'o"$\n\x0cEventRequest\x12\x14\n\x05event\x18\x01 \x01(\tR\x05event2K\n\x06Events\x12A\n\x0cStreamE'
        b'vents\x12\x17.pulumirpc.EventRequest\x1a\x16.google.protobuf.Empty(\x01b\x06pr'
        b'oto3'
    ),
)
