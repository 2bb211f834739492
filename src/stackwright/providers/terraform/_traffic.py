"""
All calls to providers in a file, for whoever looks for a fault (terraform.md §1.9).

One line of JSON for each call: the method, the request, the answer or the error, with
values as what they hold. Secrets are in there like everything else, so the file is only
its owner's to read, and nothing is written unless somebody names a file.
"""

from __future__ import annotations

import base64
import contextlib
import os
import threading
from pathlib import Path
from typing import Any

import msgspec


class TrafficLog:
    """The file. Writing never fails, and may happen on any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def write(self, method: str, request: Any, *, answer: Any = None, error: str | None = None) -> None:
        """Note one call; a message that came as bytes is noted by its size."""
        line: dict[str, Any] = {"method": method, "request": _readable(request)}
        if error is not None:
            line["errors"] = [error]
        else:
            line["response"] = {"bytes": len(answer)} if isinstance(answer, bytes) else _readable(answer)
        data = msgspec.json.encode(line) + b"\n"
        with self._lock, contextlib.suppress(OSError):
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, data)
            finally:
                os.close(descriptor)


def _readable(message: Any) -> Any:
    from google.protobuf import json_format

    return _opened(json_format.MessageToDict(message, preserving_proto_field_name=True))


def _opened(data: Any) -> Any:
    """*data* with values in place of their encodings."""
    match data:
        case {"msgpack": str(packed), **rest} if not rest:
            with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, ValueError, TypeError):
                return _plain(_unpack(base64.b64decode(packed)))
            return data
        case dict():
            return {key: _opened(each) for key, each in data.items()}
        case list():
            return [_opened(each) for each in data]
    return data


def _plain(value: Any) -> Any:
    """What JSON can say of *value*; keys are texts."""
    match value:
        case dict():
            return {str(key): _plain(each) for key, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case bytes():
            return value.decode("utf-8", "replace")
        case float() if value in (float("inf"), float("-inf")):
            return str(value)
    return value


def _unpack(data: bytes) -> Any:
    return msgspec.msgpack.decode(data, ext_hook=lambda code, content: "(unknown)")
