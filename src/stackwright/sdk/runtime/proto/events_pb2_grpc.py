# Written by tools/generate_stubs.py from pulumi/events.proto; do not edit.

from stackwright.wire._shared import shared_services

__getattr__, __dir__ = shared_services(__name__, "pulumi.events_pb2")
