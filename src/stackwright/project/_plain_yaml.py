"""
A reader for the plain part of YAML, to make commands start fast.

Loading the YAML library takes longer than everything else a short command
does, while nearly all project and stack files are nothing but `key: value`
lines, nested maps and lists of words. This reader knows that part alone and gives
up on anything else, however harmless: the library then reads the file, and it
is the only one that reports mistakes. A property test holds the two to the same
answer.
"""

from __future__ import annotations

import re
from typing import Any, Final

from stackwright.project._scalars import plain_scalar

_ENTRY: Final = re.compile(r"(?P<key>[A-Za-z_][A-Za-z0-9_.:/-]*?):(?: +(?P<rest>.*))?\Z")
_QUOTED: Final = re.compile(r"""(?:"(?P<double>[^"\\]*)"|'(?P<single>[^']*)')(?: +#.*)?\Z""")
_PLAIN_START: Final = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`]|-[0-9.]")
_MAX_DEPTH: Final = 20


class _NotPlainError(Exception):
    """The text uses something that this reader does not know."""


def read_plain_yaml(text: str) -> dict[str, Any] | None:
    """The mapping that *text* holds, or None for text that only the library can judge."""
    text = text.replace("\r\n", "\n")
    lines: list[tuple[int, str]] = []
    for number, line in enumerate(text.split("\n")):
        content = line.strip(" ")
        if not content or (content[0] == "#" and line.isprintable()):
            continue
        if number == 0 and content == "---":
            continue
        # Control characters and foreign spaces and line ends are for the library to judge.
        if not line.isprintable() or line.startswith(("---", "...", "%")):
            return None
        lines.append((len(line) - len(line.lstrip(" ")), content))
    if not lines or lines[0][0] != 0:
        return None
    try:
        mapping, end = _mapping(lines, 0, 0)
    except _NotPlainError:
        return None
    return mapping if end == len(lines) else None


def _mapping(lines: list[tuple[int, str]], start: int, depth: int) -> tuple[dict[str, Any], int]:
    indent = lines[start][0]
    mapping: dict[str, Any] = {}
    at = start
    while at < len(lines) and lines[at][0] == indent:
        match = _ENTRY.match(lines[at][1])
        if match is None or match["key"] in mapping:
            raise _NotPlainError
        rest = match["rest"] or ""
        at += 1
        if rest and rest[0] != "#":
            mapping[match["key"]] = _scalar(rest)
        else:
            mapping[match["key"]], at = _nested(lines, at, indent, depth)
    if at < len(lines) and lines[at][0] > indent:
        raise _NotPlainError
    return mapping, at


def _nested(lines: list[tuple[int, str]], at: int, indent: int, depth: int) -> tuple[Any, int]:
    if at == len(lines):
        return None, at
    following, content = lines[at]
    if following >= indent and content.startswith("- "):
        return _sequence(lines, at)
    if following <= indent:
        return None, at
    if depth == _MAX_DEPTH:
        raise _NotPlainError
    return _mapping(lines, at, depth + 1)


def _sequence(lines: list[tuple[int, str]], at: int) -> tuple[list[Any], int]:
    indent = lines[at][0]
    entries: list[Any] = []
    while at < len(lines) and lines[at][0] == indent and lines[at][1].startswith("- "):
        content = lines[at][1][2:].lstrip(" ")
        if not content or content[0] == "#" or _ENTRY.match(content):
            raise _NotPlainError
        entries.append(_scalar(content))
        at += 1
    if at < len(lines) and (lines[at][0] > indent or lines[at][1] == "-"):
        raise _NotPlainError
    return entries, at


def _scalar(text: str) -> Any:
    if text in {"[]", "{}"}:
        return [] if text == "[]" else {}
    if quoted := _QUOTED.match(text):
        return quoted["double"] if quoted["double"] is not None else quoted["single"]
    if not _PLAIN_START.match(text):
        raise _NotPlainError
    comment = text.find(" #")
    if comment >= 0:
        text = text[:comment].rstrip(" ")
    if ": " in text or text.endswith(":"):
        raise _NotPlainError
    return plain_scalar(text)
