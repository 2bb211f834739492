# Written by tools/generate_stubs.py from pulumi/codegen/mapper.proto; do not edit.

from stackwright.wire._pool import define

__getattr__, __dir__ = define(
    __name__,
    (
        b'\n\x1bpulumi/codegen/mapper.proto\x12\x07codegen"\xd0\x01\n\x11GetMappingRequest'
        b"\x12\x1a\n\x08provider\x18\x01 \x01(\tR\x08provider\x12'\n\x0fpulumi_provider\x18\x02 \x01(\tR\x0epulum"
        b'iProvider\x12X\n\x15parameterization_hint\x18\x03 \x01(\x0b2#.codegen.MapperPar'
        b'ameterizationHintR\x14parameterizationHint\x12\x1c\n\tecosystem\x18\x04 \x01(\tR\t'
        b'ecosystem"`\n\x1aMapperParameterizationHint\x12\x12\n\x04name\x18\x01 \x01(\tR\x04name\x12'
        b'\x18\n\x07version\x18\x02 \x01(\tR\x07version\x12\x14\n\x05value\x18\x03 \x01(\x0cR\x05value"(\n\x12GetMappin'
        b'gResponse\x12\x12\n\x04data\x18\x01 \x01(\x0cR\x04data2O\n\x06Mapper\x12E\n\nGetMapping\x12\x1a.code'
        b'gen.GetMappingRequest\x1a\x1b.codegen.GetMappingResponseb\x06proto3'
    ),
)
