# Written by tools/generate_stubs.py from pulumi/errors.proto; do not edit.

from stackwright.wire._pool import define

__getattr__, __dir__ = define(
    __name__,
    (
        b'\n\x13pulumi/errors.proto\x12\tpulumirpc"F\n\nErrorCause\x12\x18\n\x07message\x18\x01 '
        b'\x01(\tR\x07message\x12\x1e\n\nstackTrace\x18\x02 \x01(\tR\nstackTrace"\xab\x01\n\x14InputProper'
        b'tiesError\x12E\n\x06errors\x18\x01 \x03(\x0b2-.pulumirpc.InputPropertiesError.P'
        b'ropertyErrorR\x06errors\x1aL\n\rPropertyError\x12#\n\rproperty_path\x18\x01 \x01(\t'
        b'R\x0cpropertyPath\x12\x16\n\x06reason\x18\x02 \x01(\tR\x06reasonb\x06proto3'
    ),
)
