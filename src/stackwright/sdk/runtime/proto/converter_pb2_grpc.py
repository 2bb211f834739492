# Written by tools/generate_stubs.py from pulumi/converter.proto; do not edit.

from stackwright.wire._shared import shared_services

__getattr__, __dir__ = shared_services(__name__, "pulumi.converter_pb2")
