# Written by tools/generate_stubs.py from pulumi/codegen/loader.proto; do not edit.

from stackwright.wire._pool import define

__getattr__, __dir__ = define(
    __name__,
    (
        b'\n\x1bpulumi/codegen/loader.proto\x12\x07codegen"V\n\x10Parameterization\x12\x12'
        b'\n\x04name\x18\x01 \x01(\tR\x04name\x12\x18\n\x07version\x18\x02 \x01(\tR\x07version\x12\x14\n\x05value\x18\x03 \x01(\x0cR'
        b'\x05value"\xb0\x01\n\x10GetSchemaRequest\x12\x18\n\x07package\x18\x01 \x01(\tR\x07package\x12\x18\n\x07ver'
        b'sion\x18\x02 \x01(\tR\x07version\x12!\n\x0cdownload_url\x18\x03 \x01(\tR\x0bdownloadUrl\x12E\n\x10pa'
        b'rameterization\x18\x04 \x01(\x0b2\x19.codegen.ParameterizationR\x10parameteriz'
        b'ation"+\n\x11GetSchemaResponse\x12\x16\n\x06schema\x18\x01 \x01(\x0cR\x06schema2L\n\x06Loader'
        b'\x12B\n\tGetSchema\x12\x19.codegen.GetSchemaRequest\x1a\x1a.codegen.GetSchema'
        b'Responseb\x06proto3'
    ),
)
