"""
Property paths: how options and diffs name a place within a resource's properties.

Facts: protocol.md §5.3, engine.md §6.1. A parsed path is a plain tuple, so that it
compares, hashes and slices like one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, TypeAlias

from stackwright.errors import UserError
from stackwright.values._kinds import OutputValue, Secret, Value

PropertyPath: TypeAlias = tuple[str | int, ...]
"""Keys and indexes from the outermost to the innermost; the key `WILDCARD` stands for any one of them."""

WILDCARD: Final = "*"

INIT_ERROR_PATH: Final = "#initerror"
"""The path that stands for «the resource was created, but could not be initialised» (§5.3)."""

# In a quoted key `\"` is a quote and any other backslash is itself. A key that ends in a backslash
# is therefore read by going back one step, where the text allows no other reading.
_QUOTED: Final = re.compile(r'\["((?:\\"|[^"])*)"\]')
_NAME: Final = re.compile(r"[^.\[]+")
_INDEX: Final = re.compile(r"[+-]?[0-9]{1,18}")
_SIMPLE: Final = re.compile(r"[\w$#@/:-][\w$#@/: -]*")


class InvalidPathError(UserError):
    """
    A property path cannot be read.

    Attributes:
        text: The whole path.
        position: Where in it reading stopped, counted from 0.
    """

    code = "invalid-path"

    def __init__(self, text: str, position: int, problem: str) -> None:
        super().__init__(
            f"`{text}` is not a property path: {problem} at position {position}",
            hint='A property path looks like name, list[0].name, map["a key"] or list[*].name',
        )
        self.text = text
        self.position = position


@lru_cache(maxsize=4096)
def parse_path(text: str, *, strict: bool = False) -> PropertyPath:
    """
    Read a property path; the empty text is the empty path (E172).

    *strict* refuses `.[`, which old providers write.

    Raises:
        InvalidPathError: The text is not a path; the error says where.
    """
    if text.startswith("."):
        raise InvalidPathError(text, 0, "a path begins with a name or `[`")
    elements: list[str | int] = []
    position, end = 0, len(text)
    while position < end:
        sign = text[position]
        if sign == ".":
            while position < end and text[position] == ".":
                position += 1
            if position == end:
                raise InvalidPathError(text, end, "a name is missing after the last `.`")
            if strict and text[position] == "[":
                raise InvalidPathError(text, position, "`.` and `[` follow each other")
        elif sign == "[":
            element, position = _parse_bracket(text, position)
            elements.append(element)
        else:
            name = _NAME.match(text, position)
            assert name is not None  # anything but `.` and `[` is a name
            elements.append(name.group())
            position = name.end()
    return tuple(elements)


def _parse_bracket(text: str, position: int) -> tuple[str | int, int]:
    """Read `[…]` at *position*: the element, and where the path goes on."""
    if text.startswith('["', position):
        quoted = _QUOTED.match(text, position)
        if quoted is None:
            raise InvalidPathError(text, position, "the quoted key has no end")
        return quoted.group(1).replace('\\"', '"'), quoted.end()
    close = text.find("]", position)
    if close < 0:
        raise InvalidPathError(text, position, "`[` has no `]`")
    inner = text[position + 1 : close]
    if inner == WILDCARD:
        return WILDCARD, close + 1
    if not _INDEX.fullmatch(inner):
        raise InvalidPathError(text, position + 1, 'an index is a whole number, a quoted "key" or `*`')
    return int(inner), close + 1


def format_element(element: str | int, *, first: bool) -> str:
    """One element the way `format_path` writes it, with what separates it from the one before."""
    if type(element) is int:
        return f"[{element}]"
    key = str(element)
    # The quoted spelling of a key that ends in a backslash, or begins with a bracket after
    # such a one, has two readings. Its bare spelling, where there is one, has not.
    misleading = key.endswith("\\") or key.startswith("]")
    if _SIMPLE.fullmatch(key) or (misleading and _NAME.fullmatch(key)):
        return key if first else f".{key}"
    if key == WILDCARD:
        return "[*]"
    quoted = key.replace('"', '\\"')
    return f'["{quoted}"]'


def format_path(path: PropertyPath) -> str:
    """
    Write *path* so that `parse_path` reads the same elements.

    The grammar has no sure spelling for a key that must be quoted (it holds `.` or `[`) and
    ends in a backslash, where a later key begins with `]` or holds `"]`.
    """
    return "".join([format_element(element, first=not at) for at, element in enumerate(path)])


def path_contains(pattern: PropertyPath, path: PropertyPath) -> bool:
    """Whether *path* is the place that *pattern* names, or lies within it (E173)."""
    if len(path) < len(pattern):
        return False
    return all(asked in (WILDCARD, element) for asked, element in zip(pattern, path, strict=False))


def get_path(value: Value, path: PropertyPath, default: Value = None) -> Value:
    """
    The value at *path* within *value*, or *default* where there is none (§5.3).

    Secrets and output values on the way are looked through; the value found is
    returned as it stands, a secret as a secret. Whether something on the way was
    secret is not said: whoever shows or copies the value asks `contains_secrets`
    of the outermost. Indexes count from 0; negative ones and wildcards find nothing.
    """
    current = value
    for element in path:
        while type(current) is Secret or type(current) is OutputValue:
            current = current.value
        if type(element) is str:
            if type(current) is not dict or element not in current:
                return default
            current = current[element]
        else:
            index = element if type(element) is int else -1
            if not isinstance(current, list | tuple) or not 0 <= index < len(current):
                return default
            current = current[index]
    return current
