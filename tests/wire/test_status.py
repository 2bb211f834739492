"""Details of failed calls."""

from __future__ import annotations

from stackwright.wire import (
    NO_DETAILS,
    Cause,
    FailureDetails,
    InvalidInput,
    MissingKey,
    decode_details,
    encode_details,
)
from stackwright.wire.stubs.google.rpc.status_pb2 import Status
from stackwright.wire.stubs.pulumi import errors_pb2, provider_pb2


def test_every_kind_of_detail_is_read() -> None:
    """protocol.md §6.1."""
    failed = provider_pb2.ErrorResourceInitFailed(id="i-1", reasons=["too slow"])
    failed.properties.update({"a": 1})
    trailer = encode_details(
        3,
        "no",
        [
            errors_pb2.ErrorCause(message="why", stackTrace="where"),
            errors_pb2.InputPropertiesError(errors=[{"property_path": "a.b", "reason": "bad"}]),
            provider_pb2.ConfigureErrorMissingKeys(
                missingKeys=[{"name": "token", "description": "The token"}]
            ),
            failed,
            provider_pb2.ErrorResourceAwaitFailed(),
        ],
    )

    assert decode_details(trailer) == FailureDetails(
        cause=Cause("why", "where"),
        invalid_inputs=(InvalidInput("a.b", "bad"),),
        missing_keys=(MissingKey("token", "The token"),),
        init_failed=failed,
        await_failed=True,
    )


def test_the_trailer_is_a_status_of_its_own() -> None:
    """protocol.md §6.1: code and text are in it, type URLs have Google's prefix."""
    status = Status.FromString(encode_details(5, "gone", [errors_pb2.ErrorCause(message="x")]))

    assert (status.code, status.message) == (5, "gone")
    assert status.details[0].type_url == "type.googleapis.com/pulumirpc.ErrorCause"


def test_what_nobody_knows_is_left_out() -> None:
    """A detail of a later protocol, or one that cannot be read, does not hide the failure."""
    trailer = encode_details(
        3, "no", [provider_pb2.CheckRequest(urn="u"), errors_pb2.ErrorCause(message="why")]
    )
    broken = Status(details=[{"type_url": "type.googleapis.com/pulumirpc.ErrorCause", "value": b"\xff"}])

    assert decode_details(trailer) == FailureDetails(cause=Cause("why"))
    assert decode_details(broken.SerializeToString()) == NO_DETAILS
    assert decode_details(b"\xff\xff") == NO_DETAILS
    assert decode_details(b"") == NO_DETAILS


def test_golden_bytes() -> None:
    """The trailer's bytes are a contract."""
    trailer = encode_details(2, "x", [errors_pb2.ErrorCause(message="m")])

    assert trailer == (b"\x08\x02\x12\x01x\x1a\x2f\n(type.googleapis.com/pulumirpc.ErrorCause\x12\x03\n\x01m")
