# Written by tools/generate_stubs.py from pulumi/alias.proto; do not edit.

from stackwright.wire._pool import define

__getattr__, __dir__ = define(
    __name__,
    (
        b'\n\x12pulumi/alias.proto\x12\tpulumirpc"\xfa\x01\n\x05Alias\x12\x12\n\x03urn\x18\x01 \x01(\tH\x00R\x03ur'
        b'n\x12+\n\x04spec\x18\x02 \x01(\x0b2\x15.pulumirpc.Alias.SpecH\x00R\x04spec\x1a\xa6\x01\n\x04Spec\x12\x12\n\x04n'
        b'ame\x18\x01 \x01(\tR\x04name\x12\x12\n\x04type\x18\x02 \x01(\tR\x04type\x12\x14\n\x05stack\x18\x03 \x01(\tR\x05stack\x12\x18\n'
        b'\x07project\x18\x04 \x01(\tR\x07project\x12\x1e\n\tparentUrn\x18\x05 \x01(\tH\x00R\tparentUrn\x12\x1c\n\x08n'
        b'oParent\x18\x06 \x01(\x08H\x00R\x08noParentB\x08\n\x06parentB\x07\n\x05aliasb\x06proto3'
    ),
)
