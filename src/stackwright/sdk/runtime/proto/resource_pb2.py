# Written by tools/generate_stubs.py from pulumi/resource.proto; do not edit.

from stackwright.wire._shared import shared_messages

__getattr__, __dir__ = shared_messages(__name__, "pulumi.resource_pb2")
