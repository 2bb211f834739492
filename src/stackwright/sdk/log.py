"""What a program says to the person who runs it (sdk.md §11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackwright.diagnostics import Severity
from stackwright.sdk import _session

if TYPE_CHECKING:
    from stackwright.sdk.resource import Resource


def debug(
    msg: str,
    resource: Resource | None = None,
    stream_id: int | None = None,
    ephemeral: bool | None = None,
) -> None:
    """Say something that is shown only when debugging was asked for."""
    _log(Severity.DEBUG, msg, resource, stream_id, ephemeral)


def info(
    msg: str,
    resource: Resource | None = None,
    stream_id: int | None = None,
    ephemeral: bool | None = None,
) -> None:
    """Say something; an *ephemeral* message is a status that the next one replaces."""
    _log(Severity.INFO, msg, resource, stream_id, ephemeral)


def warn(
    msg: str,
    resource: Resource | None = None,
    stream_id: int | None = None,
    ephemeral: bool | None = None,
) -> None:
    """Say that something may be wrong."""
    _log(Severity.WARNING, msg, resource, stream_id, ephemeral)


def error(
    msg: str,
    resource: Resource | None = None,
    stream_id: int | None = None,
    ephemeral: bool | None = None,
) -> None:
    """Say that something is wrong. Does not end the program by itself."""
    _log(Severity.ERROR, msg, resource, stream_id, ephemeral)


def _log(
    severity: Severity,
    message: str,
    resource: Resource | None,
    stream_id: int | None,
    ephemeral: bool | None,
) -> None:
    session = _session.current()
    stream, passing = stream_id or 0, bool(ephemeral)
    if resource is None or session.monitor is None:
        session.log(severity, str(message), stream=stream, ephemeral=passing)
        return
    standing = resource._standing

    def say(_: object) -> None:
        session.log(severity, str(message), urn=standing.urn, stream=stream, ephemeral=passing)

    if standing.urn is not None:
        say(None)
    else:
        standing.when_answered(say, None)
