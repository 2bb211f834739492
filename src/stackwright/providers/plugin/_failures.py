"""
Failed calls as our errors (protocol.md §6). Pure: a code, a text and the details in, an error out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stackwright.goals import CheckFailure
from stackwright.providers._interface import (
    InitFailedError,
    InvalidInputsError,
    MissingConfigurationError,
    ProviderError,
    ResourceStatus,
    UnimplementedError,
)
from stackwright.values import InvalidPathError, OutputValue, PropertyMap, Secret, get_path, parse_path
from stackwright.wire import CodecOptions, FailureDetails, InvalidInput, decode_properties

if TYPE_CHECKING:
    from stackwright.wire.stubs.pulumi.provider_pb2 import ErrorResourceInitFailed

_CHANGED_MAYBE: Final = frozenset({"INTERNAL", "DATA_LOSS", "UNKNOWN"})

# What a failed call leaves behind may hold anything that an answer may.
_LEFT_BEHIND: Final = CodecOptions(keep_secrets=True, keep_resources=True, keep_unknowns=True)


class AwaitFailedError(ProviderError):
    """
    The provider could not wait until the object was ready (protocol.md §6.1).

    Nothing is recorded; the deployment goes on and ends with a failure.
    """

    code = "await-failed"


def status_of(code: str) -> ResourceStatus:
    """What a failure with this gRPC code leaves behind (§6.2)."""
    return ResourceStatus.UNKNOWN if code in _CHANGED_MAYBE else ResourceStatus.OK


def failure(
    code: str,
    text: str,
    details: FailureDetails,
    *,
    doing: str,
    package: str,
    inputs: PropertyMap | None = None,
) -> ProviderError:
    """
    The error for a call that ended with *code*.

    *doing* says what was asked, as in `create urn:…`; *inputs* are those of the call,
    for messages that show a wrong one.
    """
    message = text or f"The provider `{package}` could not {doing} and did not say why ({code})"
    if details.cause is not None and details.cause.message:
        message = f"{message}: {details.cause.message}"
    if details.init_failed is not None:
        return _init_failed(details.init_failed)
    if details.await_failed:
        return AwaitFailedError(message)
    if details.missing_keys:
        return MissingConfigurationError(
            package, tuple((key.name, key.description) for key in details.missing_keys)
        )
    if details.invalid_inputs:
        lines = [message, *(_line(problem, inputs or {}) for problem in details.invalid_inputs)]
        return InvalidInputsError(
            "\n".join(lines),
            tuple(CheckFailure(problem.path, problem.reason) for problem in details.invalid_inputs),
        )
    if code == "UNIMPLEMENTED":
        return UnimplementedError(message)
    return ProviderError(message, status=status_of(code))


def _init_failed(detail: ErrorResourceInitFailed) -> InitFailedError:
    return InitFailedError(
        id=detail.id,
        outputs=decode_properties(detail.properties, _LEFT_BEHIND),
        inputs=decode_properties(detail.inputs, _LEFT_BEHIND) if detail.HasField("inputs") else None,
        reasons=tuple(detail.reasons),
        refresh_before_update=detail.refresh_before_update,
    )


def _line(problem: InvalidInput, inputs: PropertyMap) -> str:
    """One wrong input in words; with its value where that is plain and not secret (§6.3)."""
    try:
        path = parse_path(problem.path)
    except InvalidPathError:
        path = ()  # a path that cannot be read is shown as it came
    within = [get_path(inputs, path[:length]) for length in range(1, len(path) + 1)]
    value = within[-1] if within else None
    secret = any(type(part) is Secret or type(part) is OutputValue for part in within)
    shown = f" with value '{value}'" if not secret and isinstance(value, str | int | float) else ""
    return f"\t\t- property {problem.path}{shown} has a problem: {problem.reason}"
