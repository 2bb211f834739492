"""
What providers log, and who hears it (terraform.md §1.6).

Terraform's variables decide, as its users know them: TF_LOG and TF_LOG_PROVIDER say how
much is heard, TF_LOG_SDK how much the frameworks say, TF_LOG_PATH where it goes (standard
error without it). Unless somebody asks, providers are told to keep quiet: some would
write a megabyte for every call.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

LEVELS: Final = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "OFF")
_TAIL_LINES: Final = 40
_CRASH_LINES: Final = 400
_CRASH_STARTS: Final = ("panic: ", "fatal error: ", "runtime: ", "unexpected fault address")


class LogRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a provider logged."""

    level: str
    message: str
    module: str = ""
    fields: Mapping[str, Any] = {}
    line: str
    """As it was written."""


class LogSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the user wants to hear. `level` is one of `LEVELS`."""

    level: str = "OFF"
    json: bool = False
    path: Path | None = None
    variables: Mapping[str, str] = {}
    """What a provider's process is told."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> LogSettings:
        """As Terraform reads its variables; a level that it does not know counts as TRACE."""
        general = environ.get("TF_LOG", "")
        wanted = environ.get("TF_LOG_PROVIDER") or general
        variables = {
            name: value
            for name, value in environ.items()
            if name.startswith(("TF_LOG_PROVIDER_", "TF_LOG_SDK_")) and value
        }
        for name in ("TF_LOG_SDK", "TF_LOG_PROVIDER"):
            said = environ.get(name) or (_level(general) if general else "OFF")
            variables[name] = said
        heard = [_level(wanted)] if wanted else []
        heard += [_level(value) for name, value in variables.items() if name != "TF_LOG_PROVIDER"]
        path = environ.get("TF_LOG_PATH")
        return cls(
            level=min(heard, key=LEVELS.index, default="OFF"),
            json="JSON" in (general.upper(), wanted.upper()),
            path=Path(path) if path else None,
            variables=variables,
        )

    def hears(self, record: LogRecord) -> bool:
        return self.level != "OFF" and LEVELS.index(record.level) >= LEVELS.index(self.level)


def _level(text: str) -> str:
    return text.upper() if text.upper() in LEVELS else "TRACE"


class LogWriter:
    """Writes records where the user wants them. May be called from any thread; never fails."""

    def __init__(self, settings: LogSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()

    def __call__(self, provider: str, record: LogRecord) -> None:
        if not self._settings.hears(record):
            return
        text = record.line if self._settings.json else _for_people(provider, record)
        with self._lock, contextlib.suppress(OSError):
            if self._settings.path is None:
                sys.stderr.write(text + "\n")
            else:
                with self._settings.path.open("a") as file:
                    file.write(text + "\n")


def _for_people(provider: str, record: LogRecord) -> str:
    where = record.module or provider
    pairs = "".join(f" {key}={value}" for key, value in record.fields.items())
    return f"[{record.level}] {where}: {record.message}{pairs}"


class OutputListener:
    """
    Listens to all a provider's process prints, line by line, from any thread.

    Log records go to *on_record*. What is no record is kept, the last of it in `tail`,
    and a crash from its first line on in `crash`.
    """

    def __init__(self, on_record: Callable[[LogRecord], None]) -> None:
        self._on_record = on_record
        self._level = "INFO"
        self._crash: list[str] = []
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)

    @property
    def said(self) -> str:
        """The crash if there was one, or what it printed last."""
        return "\n".join(self._crash or self._tail)

    def line(self, text: str) -> None:
        if self._crash or text.startswith(_CRASH_STARTS):
            if len(self._crash) < _CRASH_LINES:
                self._crash.append(text)
            return
        record = _record(text, self._level)
        self._level = record.level  # a line without a level continues the one before
        if record.module or record.fields:
            if record.level in ("ERROR", "WARN"):
                self._tail.append(record.message)
        else:
            self._tail.append(text)
        self._on_record(record)


def _record(text: str, level: str) -> LogRecord:
    if text.startswith("{"):
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
            data = msgspec.json.decode(text)
            if isinstance(data, dict) and "@message" in data:
                return LogRecord(
                    level=_level(str(data.get("@level", level))),
                    message=str(data["@message"]),
                    module=str(data.get("@module", "")),
                    fields={key: value for key, value in data.items() if not key.startswith("@")},
                    line=text,
                )
    for each in LEVELS:
        if text.startswith(f"[{each}]"):
            return LogRecord(level=each, message=text.removeprefix(f"[{each}]").strip(), line=text)
    return LogRecord(level=level, message=text, line=text)
