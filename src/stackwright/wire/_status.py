"""
What a failed call says beyond its code and its text (protocol.md §6.1).

The details travel as a serialized `google.rpc.Status` in the trailer named
`DETAILS_TRAILER`. Both functions are pure: bytes in, data out, and back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import msgspec

from stackwright.wire._parsing import parser

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from stackwright.wire.stubs.pulumi import provider_pb2

DETAILS_TRAILER: Final = "grpc-status-details-bin"
_TYPE_URL_PREFIX: Final = "type.googleapis.com/"


class Cause(msgspec.Struct, frozen=True):
    """What lies behind a failure, in the words and with the stack of whoever failed."""

    message: str
    stack_trace: str = ""


class InvalidInput(msgspec.Struct, frozen=True):
    """One input that is wrong; `path` is in the notation of protocol.md §5.3."""

    path: str
    reason: str


class MissingKey(msgspec.Struct, frozen=True):
    """A configuration key that a provider cannot do without."""

    name: str
    description: str


class FailureDetails(msgspec.Struct, frozen=True, kw_only=True):
    """The details of one status. Kinds of detail that nobody has told us about are left out."""

    cause: Cause | None = None
    invalid_inputs: tuple[InvalidInput, ...] = ()
    missing_keys: tuple[MissingKey, ...] = ()
    init_failed: provider_pb2.ErrorResourceInitFailed | None = None
    """As it came: its bags are decoded by whoever knows the options of the call."""
    await_failed: bool = False
    """The object exists, but the provider could not wait for it to become ready."""


NO_DETAILS: Final = FailureDetails()


def encode_details(code: int, message: str, details: Iterable[Message]) -> bytes:
    """The trailer of a status with this code (its gRPC number), text and detail messages."""
    from stackwright.wire.stubs.google.rpc import status_pb2

    status = status_pb2.Status(code=code, message=message)
    for detail in details:
        packed = status.details.add()
        packed.type_url = _TYPE_URL_PREFIX + detail.DESCRIPTOR.full_name
        packed.value = detail.SerializeToString(deterministic=True)
    return status.SerializeToString(deterministic=True)


def decode_details(trailer: bytes) -> FailureDetails:
    """
    Read a trailer.

    A failure is worth reporting even when its details are not readable: what
    cannot be parsed counts as absent.
    """
    from google.protobuf.message import DecodeError

    from stackwright.wire.stubs.google.rpc import status_pb2

    try:
        status = status_pb2.Status.FromString(trailer)
    except DecodeError:
        return NO_DETAILS
    found = NO_DETAILS
    for packed in status.details:
        try:
            found = _with_detail(found, packed.type_url.rpartition("/")[2], packed.value)
        except DecodeError:
            continue
    return found


def _with_detail(found: FailureDetails, name: str, data: bytes) -> FailureDetails:
    from stackwright.wire.stubs.pulumi import errors_pb2, provider_pb2

    replace = msgspec.structs.replace
    match name:
        case "pulumirpc.ErrorCause":
            cause = errors_pb2.ErrorCause.FromString(data)
            return replace(found, cause=Cause(cause.message, cause.stackTrace))
        case "pulumirpc.InputPropertiesError":
            errors = errors_pb2.InputPropertiesError.FromString(data).errors
            inputs = tuple(InvalidInput(error.property_path, error.reason) for error in errors)
            return replace(found, invalid_inputs=found.invalid_inputs + inputs)
        case "pulumirpc.ConfigureErrorMissingKeys":
            keys = provider_pb2.ConfigureErrorMissingKeys.FromString(data).missingKeys
            missing = tuple(MissingKey(key.name, key.description) for key in keys)
            return replace(found, missing_keys=found.missing_keys + missing)
        case "pulumirpc.ErrorResourceInitFailed":
            return replace(found, init_failed=parser(provider_pb2.ErrorResourceInitFailed)(data))
        case "pulumirpc.ErrorResourceAwaitFailed":
            return replace(found, await_failed=True)
        case _:
            return found
