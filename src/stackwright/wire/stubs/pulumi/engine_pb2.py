# Written by tools/generate_stubs.py from pulumi/engine.proto; do not edit.

from stackwright.wire._pool import define
import stackwright.wire.stubs.google.protobuf.empty_pb2  # noqa: F401
import stackwright.wire.stubs.google.protobuf.struct_pb2  # noqa: F401

__getattr__, __dir__ = define(
    __name__,
    (
        b'\n\x13pulumi/engine.proto\x12\tpulumirpc\x1a\x1bgoogle/protobuf/empty.prot'
        b'o\x1a\x1cgoogle/protobuf/struct.proto"\xa6\x01\n\nLogRequest\x122\n\x08severity\x18\x01'
        b' \x01(\x0e2\x16.pulumirpc.LogSeverityR\x08severity\x12\x18\n\x07message\x18\x02 \x01(\tR\x07mes'
        b'sage\x12\x10\n\x03urn\x18\x03 \x01(\tR\x03urn\x12\x1a\n\x08streamId\x18\x04 \x01(\x05R\x08streamId\x12\x1c\n\tepheme'
        b'ral\x18\x05 \x01(\x08R\tephemeral"\x18\n\x16GetRootResourceRequest"+\n\x17GetRootRes'
        b'ourceResponse\x12\x10\n\x03urn\x18\x01 \x01(\tR\x03urn"*\n\x16SetRootResourceRequest\x12\x10\n'
        b'\x03urn\x18\x01 \x01(\tR\x03urn"\x19\n\x17SetRootResourceResponse"b\n\x15StartDebugging'
        b'Request\x12/\n\x06config\x18\x01 \x01(\x0b2\x17.google.protobuf.StructR\x06config\x12\x18\n\x07'
        b'message\x18\x02 \x01(\tR\x07message"O\n\x1bRequirePulumiVersionRequest\x120\n\x14pul'
        b'umi_version_range\x18\x01 \x01(\tR\x12pulumiVersionRange"\x1e\n\x1cRequirePulumi'
        b'VersionResponse*:\n\x0bLogSeverity\x12\t\n\x05DEBUG\x10\x00\x12\x08\n\x04INFO\x10\x01\x12\x0b\n\x07WARNI'
        b'NG\x10\x02\x12\t\n\x05ERROR\x10\x032\xa7\x03\n\x06Engine\x124\n\x03Log\x12\x15.pulumirpc.LogRequest\x1a\x16.g'
        b'oogle.protobuf.Empty\x12X\n\x0fGetRootResource\x12!.pulumirpc.GetRootR'
        b'esourceRequest\x1a".pulumirpc.GetRootResourceResponse\x12X\n\x0fSetRoo'
        b'tResource\x12!.pulumirpc.SetRootResourceRequest\x1a".pulumirpc.Set'
        b'RootResourceResponse\x12J\n\x0eStartDebugging\x12 .pulumirpc.StartDebu'
        b'ggingRequest\x1a\x16.google.protobuf.Empty\x12g\n\x14RequirePulumiVersion'
        b"\x12&.pulumirpc.RequirePulumiVersionRequest\x1a'.pulumirpc.Require"
        b'PulumiVersionResponseb\x06proto3'
    ),
)
