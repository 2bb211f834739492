# Written by tools/generate_stubs.py from google/rpc/status.proto; do not edit.

from stackwright.wire._shared import shared_messages

__getattr__, __dir__ = shared_messages(__name__, "google.rpc.status_pb2")
