"""Values that are nested deeper than protobuf for Python parses."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from google.protobuf.message import DecodeError as UnparsableMessageError

from stackwright.values import UNKNOWN, Asset, OutputValue, Secret
from stackwright.wire import (
    EVERYTHING,
    CodecOptions,
    DecodeError,
    decode_details,
    decode_properties,
    decode_value,
    encode_details,
    encode_properties,
    encode_value,
    parser,
)
from stackwright.wire.stubs.pulumi.provider_pb2 import CreateRequest, ErrorResourceInitFailed
from stackwright.wire.stubs.pulumi.resource_pb2 import RegisterResourceRequest

LEAF = {
    "text": "x",
    "number": 1.5,
    "whole": 3,
    "yes": True,
    "none": None,
    "secret": Secret([1, UNKNOWN]),
    "output": OutputValue(value={"a": []}, secret=True),
    "asset": Asset(text="t"),
    "bytes": b"\xff",
}


def nested(levels: int, leaf: Any = LEAF) -> dict[str, Any]:
    value = leaf
    for _ in range(levels):
        value = {"m": [value]}
    return {"top": value, "beside": "b"}


def parsed(bag: dict[str, Any]) -> Any:
    """*bag* in a message that went over a wire."""
    request = CreateRequest(urn="urn:x", preview=True)
    encode_properties(bag, request.properties, EVERYTHING)
    return parser(CreateRequest)(request.SerializeToString())


@pytest.mark.parametrize("levels", [1, 20, 60, 150])
def test_depth_changes_nothing(levels: int) -> None:
    """Kubernetes' own schemas go beyond what protobuf for Python takes; plugins send them."""
    bag = nested(levels)

    message = parsed(bag)

    assert (message.urn, message.preview, message.HasField("properties")) == ("urn:x", True, True)
    assert decode_properties(message.properties, EVERYTHING) == bag


def test_protobuf_alone_gives_up() -> None:
    """Why there is a second way at all; once this fails, `_deep` can go."""
    # In a process of its own: the genuine SDK lifts protobuf's limit for the whole process.
    request = CreateRequest()
    encode_properties(nested(60), request.properties, EVERYTHING)
    program = (
        "import sys\n"
        "from stackwright.wire.stubs.pulumi.provider_pb2 import CreateRequest\n"
        "CreateRequest.FromString(bytes.fromhex(sys.stdin.read()))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        input=request.SerializeToString().hex(),
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert "DecodeError" in done.stderr


def test_options_hold_at_every_depth() -> None:
    """protocol.md §3.1 applies to deep bags as to others."""
    message = parsed(nested(60))
    value = decode_properties(message.properties, CodecOptions())["top"]
    for _ in range(60):
        (value,) = value["m"]

    assert value["secret"] == [1, None]
    assert value["output"] == {"a": []}
    with pytest.raises(DecodeError, match=r"`top(\.m\[0\]){60}\.secret\.value\[1\]`"):
        decode_properties(message.properties, CodecOptions(reject_unknowns=True))


def test_single_values_can_be_deep_too() -> None:
    """`replacement_trigger` is one value."""
    request = RegisterResourceRequest()
    encode_value(nested(60), request.replacement_trigger, EVERYTHING)

    message = parser(RegisterResourceRequest)(request.SerializeToString())

    assert decode_value(message.replacement_trigger, EVERYTHING) == nested(60)


def test_details_of_failures_can_be_deep() -> None:
    """protocol.md §6.1: what was made half is not lost because it is deep."""
    detail = ErrorResourceInitFailed(id="i")
    encode_properties(nested(60), detail.properties, EVERYTHING)

    found = decode_details(encode_details(2, "x", [detail])).init_failed

    assert found is not None
    assert decode_properties(found.properties, EVERYTHING) == nested(60)


def test_there_is_an_end_and_it_is_an_error() -> None:
    """A message made to exhaust the stack is refused."""
    level = b""
    for _ in range(3000):
        value = b"\x2a" + _length(level) + level
        entry = b"\x0a\x01m\x12" + _length(value) + value
        level = b"\x0a" + _length(entry) + entry
    message = parser(CreateRequest)(b"\x12" + _length(level) + level)

    with pytest.raises(DecodeError, match="nested too deeply"):
        decode_properties(message.properties, EVERYTHING)


def test_bytes_that_are_no_message_are_errors() -> None:
    """At once for the message, and by path for what lies deeper."""
    with pytest.raises(UnparsableMessageError):
        parser(CreateRequest)(b"\x12\xff")
    inner = b"\x0a\x05\x0a\x01m\x12\xff"
    value = b"\x2a" + _length(inner) + inner
    entry = b"\x0a\x01m\x12" + _length(value) + value
    message = parser(CreateRequest)(
        b"\x12" + _length(b"\x0a" + _length(entry) + entry) + b"\x0a" + _length(entry) + entry
    )

    with pytest.raises(DecodeError, match="`m` was received malformed"):
        decode_properties(message.properties, EVERYTHING)


def _length(data: bytes) -> bytes:
    rest, out = len(data), bytearray()
    while rest > 127:
        out.append(rest & 127 | 128)
        rest >>= 7
    out.append(rest)
    return bytes(out)
