# Written by tools/generate_stubs.py from pulumi/source.proto; do not edit.

from stackwright.wire._pool import define

__getattr__, __dir__ = define(
    __name__,
    (
        b'\n\x13pulumi/source.proto\x12\tpulumirpc"N\n\x0eSourcePosition\x12\x10\n\x03uri\x18\x01 '
        b'\x01(\tR\x03uri\x12\x12\n\x04line\x18\x02 \x01(\x05R\x04line\x12\x16\n\x06column\x18\x03 \x01(\x05R\x06column"7\n\nStac'
        b'kFrame\x12)\n\x02pc\x18\x01 \x01(\x0b2\x19.pulumirpc.SourcePositionR\x02pc";\n\nStackTr'
        b'ace\x12-\n\x06frames\x18\x01 \x03(\x0b2\x15.pulumirpc.StackFrameR\x06framesb\x06proto3'
    ),
)
