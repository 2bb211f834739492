# Written by tools/generate_stubs.py from google/protobuf/empty.proto; do not edit.

from stackwright.wire._pool import define

__getattr__, __dir__ = define(
    __name__,
    (
        b'\n\x1bgoogle/protobuf/empty.proto\x12\x0fgoogle.protobuf"\x07\n\x05EmptyB}\n\x13c'
        b'om.google.protobufB\nEmptyProtoP\x01Z.google.golang.org/protobuf'
        b'/types/known/emptypb\xf8\x01\x01\xa2\x02\x03GPB\xaa\x02\x1eGoogle.Protobuf.WellKnownTyp'
        b'esb\x06proto3'
    ),
)
