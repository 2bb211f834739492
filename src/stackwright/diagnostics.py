"""What the engine, programs and providers say to the person in front of the screen (engine.md §13)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import msgspec

from stackwright.urn import Urn


class Severity(Enum):
    """How much a diagnostic matters; the values are those of event logs (E288)."""

    DEBUG = "debug"
    INFO = "info"
    INFO_STDERR = "info#err"
    WARNING = "warning"
    ERROR = "error"


class Diagnostic(msgspec.Struct, frozen=True, kw_only=True):
    """
    One thing said.

    `code` is the numeric id where one exists (E302). An ephemeral diagnostic is a
    status to be overwritten by the next one. `urn` is None where no resource is meant.
    `place` is where the program declares it, as records have it (`project:///main.py#3`).
    """

    severity: Severity
    message: str
    urn: Urn | None = None
    code: int | None = None
    ephemeral: bool = False
    stream: int = 0
    prefix: str = ""
    place: str = ""

    def __rich_repr__(self) -> Any:
        yield self.severity.value
        yield self.message


class DebuggerAwaited(Diagnostic, frozen=True, kw_only=True):
    """
    A process stands still until a debugger attaches to it (`startDebuggingEvent`, E287).

    `config` is how an editor does that, in the terms of the Debug Adapter Protocol.
    """

    severity: Severity = Severity.INFO
    ephemeral: bool = True
    config: Mapping[str, Any] = {}
