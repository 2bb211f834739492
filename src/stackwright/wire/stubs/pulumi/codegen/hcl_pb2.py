# Written by tools/generate_stubs.py from pulumi/codegen/hcl.proto; do not edit.

from stackwright.wire._pool import define

__getattr__, __dir__ = define(
    __name__,
    (
        b'\n\x18pulumi/codegen/hcl.proto\x12\x11pulumirpc.codegen"E\n\x03Pos\x12\x12\n\x04line'
        b'\x18\x01 \x01(\x03R\x04line\x12\x16\n\x06column\x18\x02 \x01(\x03R\x06column\x12\x12\n\x04byte\x18\x03 \x01(\x03R\x04byte"{\n\x05'
        b'Range\x12\x1a\n\x08filename\x18\x01 \x01(\tR\x08filename\x12,\n\x05start\x18\x02 \x01(\x0b2\x16.pulumirpc'
        b'.codegen.PosR\x05start\x12(\n\x03end\x18\x03 \x01(\x0b2\x16.pulumirpc.codegen.PosR\x03en'
        b'd"\xe9\x01\n\nDiagnostic\x12A\n\x08severity\x18\x01 \x01(\x0e2%.pulumirpc.codegen.Diagn'
        b'osticSeverityR\x08severity\x12\x18\n\x07summary\x18\x02 \x01(\tR\x07summary\x12\x16\n\x06detail\x18'
        b'\x03 \x01(\tR\x06detail\x122\n\x07subject\x18\x04 \x01(\x0b2\x18.pulumirpc.codegen.RangeR\x07su'
        b'bject\x122\n\x07context\x18\x05 \x01(\x0b2\x18.pulumirpc.codegen.RangeR\x07context*H\n'
        b'\x12DiagnosticSeverity\x12\x10\n\x0cDIAG_INVALID\x10\x00\x12\x0e\n\nDIAG_ERROR\x10\x01\x12\x10\n\x0cDIA'
        b'G_WARNING\x10\x02b\x06proto3'
    ),
)
