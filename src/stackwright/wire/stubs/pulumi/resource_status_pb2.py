# Written by tools/generate_stubs.py from pulumi/resource_status.proto; do not edit.

from stackwright.wire._pool import define
import stackwright.wire.stubs.google.protobuf.struct_pb2  # noqa: F401
import stackwright.wire.stubs.pulumi.provider_pb2  # noqa: F401

__getattr__, __dir__ = define(
    __name__,
    (
        b'\n\x1cpulumi/resource_status.proto\x12\tpulumirpc\x1a\x1cgoogle/protobuf/s'
        b'truct.proto\x1a\x15pulumi/provider.proto"Z\n\x17PublishViewStepsReques'
        b't\x12\x14\n\x05token\x18\x01 \x01(\tR\x05token\x12)\n\x05steps\x18\x02 \x03(\x0b2\x13.pulumirpc.ViewStepR'
        b'\x05steps"\x1a\n\x18PublishViewStepsResponse"\xc1\x06\n\x08ViewStep\x122\n\x06status\x18\x01 '
        b'\x01(\x0e2\x1a.pulumirpc.ViewStep.StatusR\x06status\x12\x14\n\x05error\x18\x02 \x01(\tR\x05erro'
        b'r\x12&\n\x02op\x18\x03 \x01(\x0e2\x16.pulumirpc.ViewStep.OpR\x02op\x12\x12\n\x04type\x18\x04 \x01(\tR\x04typ'
        b'e\x12\x12\n\x04name\x18\x05 \x01(\tR\x04name\x12*\n\x03old\x18\x06 \x01(\x0b2\x18.pulumirpc.ViewStepState'
        b'R\x03old\x12*\n\x03new\x18\x07 \x01(\x0b2\x18.pulumirpc.ViewStepStateR\x03new\x12\x12\n\x04keys\x18\x08 '
        b'\x03(\tR\x04keys\x12\x14\n\x05diffs\x18\t \x03(\tR\x05diffs\x12J\n\rdetailed_diff\x18\n \x03(\x0b2%.pul'
        b'umirpc.ViewStep.DetailedDiffEntryR\x0cdetailedDiff\x12*\n\x11has_detai'
        b'led_diff\x18\x0b \x01(\x08R\x0fhasDetailedDiff\x1aX\n\x11DetailedDiffEntry\x12\x10\n\x03key\x18'
        b'\x01 \x01(\tR\x03key\x12-\n\x05value\x18\x02 \x01(\x0b2\x17.pulumirpc.PropertyDiffR\x05value:\x028'
        b'\x01"\x92\x02\n\x02Op\x12\x0f\n\x0bUNSPECIFIED\x10\x00\x12\x08\n\x04SAME\x10\x01\x12\n\n\x06CREATE\x10\x02\x12\n\n\x06UPDATE\x10\x03\x12'
        b'\n\n\x06DELETE\x10\x04\x12\x0b\n\x07REPLACE\x10\x05\x12\x16\n\x12CREATE_REPLACEMENT\x10\x06\x12\x13\n\x0fDELETE_R'
        b'EPLACED\x10\x07\x12\x08\n\x04READ\x10\x08\x12\x14\n\x10READ_REPLACEMENT\x10\t\x12\x0b\n\x07REFRESH\x10\n\x12\x10\n\x0cRE'
        b'AD_DISCARD\x10\x0b\x12\x14\n\x10DISCARD_REPLACED\x10\x0c\x12\x1a\n\x16REMOVE_PENDING_REPLACE'
        b'\x10\r\x12\n\n\x06IMPORT\x10\x0e\x12\x16\n\x12IMPORT_REPLACEMENT\x10\x0f"2\n\x06Status\x12\x06\n\x02OK\x10\x00\x12\x13\n\x0f'
        b'PARTIAL_FAILURE\x10\x01\x12\x0b\n\x07UNKNOWN\x10\x02"\xdd\x01\n\rViewStepState\x12\x12\n\x04type\x18\x01 \x01'
        b'(\tR\x04type\x12\x12\n\x04name\x18\x02 \x01(\tR\x04name\x12\x1f\n\x0bparent_type\x18\x03 \x01(\tR\nparentTyp'
        b'e\x12\x1f\n\x0bparent_name\x18\x04 \x01(\tR\nparentName\x12/\n\x06inputs\x18\x05 \x01(\x0b2\x17.google.'
        b'protobuf.StructR\x06inputs\x121\n\x07outputs\x18\x06 \x01(\x0b2\x17.google.protobuf.S'
        b'tructR\x07outputs2m\n\x0eResourceStatus\x12[\n\x10PublishViewSteps\x12".pulum'
        b'irpc.PublishViewStepsRequest\x1a#.pulumirpc.PublishViewStepsRes'
        b'ponseb\x06proto3'
    ),
)
