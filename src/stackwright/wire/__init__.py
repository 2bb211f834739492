"""
The wire: our values as bytes, and bytes as our values.

Decides how property values, statuses and services look in the protocols that
others speak too. `proto/` holds our own .proto files and `stubs/` what
`tools/generate_stubs.py` makes of them, in a descriptor pool of our own so that other
packages of the same names can live in the same process. The codecs are pure
functions.

Leaves to others what to send and when (`engine`, `providers`, `sdk`). May import
`values`, `urn` and `errors`. Importing this package loads neither protobuf nor
gRPC; the modules of `stubs` load protobuf, servers and channels load gRPC. What only some
operations have a use for is loaded when they do.
"""

from typing import TYPE_CHECKING

from stackwright.lazy import on_first_use
from stackwright.wire._errors import DecodeError, EncodeError, WireError
from stackwright.wire._grpc import load_grpc
from stackwright.wire._parsing import parser
from stackwright.wire._servers import LocalServer, open_channel
from stackwright.wire._services import CHANNEL_OPTIONS, MAX_MESSAGE_BYTES
from stackwright.wire._status import (
    DETAILS_TRAILER,
    NO_DETAILS,
    Cause,
    FailureDetails,
    InvalidInput,
    MissingKey,
    decode_details,
    encode_details,
)
from stackwright.wire._values import (
    EVERYTHING,
    SIGNATURE,
    CodecOptions,
    decode_properties,
    decode_value,
    encode_properties,
    encode_value,
)

if TYPE_CHECKING:
    from stackwright.wire._engine_service import COMPATIBLE_VERSION, EngineService
    from stackwright.wire._event_stream import EventStream
    from stackwright.wire._monitor_client import MonitorRefusedError, MonitorUnreachableError, RemoteMonitor
    from stackwright.wire._monitor_server import MonitorServer

__getattr__ = on_first_use(
    __name__,
    {
        "_engine_service": ("COMPATIBLE_VERSION", "EngineService"),
        "_event_stream": ("EventStream",),
        "_monitor_client": ("MonitorRefusedError", "MonitorUnreachableError", "RemoteMonitor"),
        "_monitor_server": ("MonitorServer",),
    },
)

__all__ = [
    "CHANNEL_OPTIONS",
    "COMPATIBLE_VERSION",
    "DETAILS_TRAILER",
    "EVERYTHING",
    "MAX_MESSAGE_BYTES",
    "NO_DETAILS",
    "SIGNATURE",
    "Cause",
    "CodecOptions",
    "DecodeError",
    "EncodeError",
    "EngineService",
    "EventStream",
    "FailureDetails",
    "InvalidInput",
    "LocalServer",
    "MissingKey",
    "MonitorRefusedError",
    "MonitorServer",
    "MonitorUnreachableError",
    "RemoteMonitor",
    "WireError",
    "decode_details",
    "decode_properties",
    "decode_value",
    "encode_details",
    "encode_properties",
    "encode_value",
    "load_grpc",
    "open_channel",
    "parser",
]
