"""
Path patterns as the genuine package takes them.

`*` is anything but a slash, `**` anything at all, `?` one character but a slash,
`[ab]`, `[a-z]` and `[!a]` one of (or none of) some characters, `{a,b}` alternatives,
and a backslash takes the next character as it is. A pattern that begins with `!`
takes back what earlier ones found. Only files are found, by their path from the
directory searched, with slashes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from stackwright.providers._interface import ProviderError


def find_files(directory: Path, patterns: Sequence[str]) -> list[str]:
    """
    The files below *directory* that *patterns* select, sorted.

    Links to files count as files; links to directories are not followed. Reads
    directories, and so belongs on a thread.

    Raises:
        ProviderError: A pattern cannot be read, or a directory.
    """
    rules = [
        (not pattern.startswith("!"), compile_pattern(pattern.removeprefix("!"))) for pattern in patterns
    ]
    found = []
    for path in _files_below(directory):
        selected = False
        for include, rule in rules:
            if rule.fullmatch(path):
                selected = include
        if selected:
            found.append(path)
    return sorted(found)


def _files_below(directory: Path) -> Iterator[str]:
    pending = [("", str(directory))]
    while pending:
        prefix, place = pending.pop()
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        pending.append((f"{prefix}{entry.name}/", entry.path))
                    elif entry.is_file():
                        yield prefix + entry.name
        except OSError as error:
            raise ProviderError(
                f"The directory {place} cannot be searched for assets: {error.strerror}"
            ) from error


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """
    The regular expression that matches whole paths as *pattern* does.

    Raises:
        ProviderError: A bracket or brace is not closed, or a range ends before it begins.
    """
    parts: list[str] = []
    at, depth, end = 0, 0, len(pattern)
    while at < end:
        sign = pattern[at]
        at += 1
        if sign == "*":
            deep = pattern.startswith("*", at)
            while pattern.startswith("*", at):
                at += 1
            parts.append(".*" if deep else "[^/]*")
        elif sign == "?":
            parts.append("[^/]")
        elif sign == "[":
            close = pattern.find("]", at + 1)
            if close < 0:
                raise _unreadable(pattern, "`[` is not closed")
            parts.append(_one_of(pattern, pattern[at:close]))
            at = close + 1
        elif sign == "{":
            depth += 1
            parts.append("(?:")
        elif sign == "}" and depth:
            depth -= 1
            parts.append(")")
        elif sign == "," and depth:
            parts.append("|")
        elif sign == "\\" and at < end:
            parts.append(re.escape(pattern[at]))
            at += 1
        else:
            parts.append(re.escape(sign))
    if depth:
        raise _unreadable(pattern, "`{` is not closed")
    return re.compile("".join(parts), re.DOTALL)


def _one_of(pattern: str, inner: str) -> str:
    negated = inner.startswith("!")
    characters = inner.removeprefix("!")
    if len(characters) == 3 and characters[1] == "-":
        if characters[0] > characters[2]:
            raise _unreadable(pattern, f"the range `{characters}` ends before it begins")
        body = f"{re.escape(characters[0])}-{re.escape(characters[2])}"
    elif characters:
        body = re.escape(characters)
    else:
        raise _unreadable(pattern, "`[]` holds nothing")
    return f"[^{body}]" if negated else f"[{body}]"


def _unreadable(pattern: str, problem: str) -> ProviderError:
    return ProviderError(
        f"`{pattern}` is not a path pattern: {problem}",
        hint="A pattern looks like assets/**, src/*.js or !**secret.*",
    )
