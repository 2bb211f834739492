# Written by tools/generate_stubs.py from google/rpc/status.proto; do not edit.

from stackwright.wire._pool import define
import stackwright.wire.stubs.google.protobuf.any_pb2  # noqa: F401

__getattr__, __dir__ = define(
    __name__,
    (
        b'\n\x17google/rpc/status.proto\x12\ngoogle.rpc\x1a\x19google/protobuf/any.p'
        b'roto"f\n\x06Status\x12\x12\n\x04code\x18\x01 \x01(\x05R\x04code\x12\x18\n\x07message\x18\x02 \x01(\tR\x07message'
        b'\x12.\n\x07details\x18\x03 \x03(\x0b2\x14.google.protobuf.AnyR\x07detailsb\x06proto3'
    ),
)
