"""Python expressions as trees, written over as many lines as they need."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec

from stackwright.packages.sdkgen._text import quoted
from stackwright.values import PropertyPath

WIDTH: Final = 100
_SHORT: Final = 40
"""Texts of no more characters are never cut."""

_ENDING: Final = re.compile(r'"{3,}|"\Z')
"""What would end a text between triple quotes."""


class Call(msgspec.Struct, frozen=True):
    """A call; an argument without a name is positional."""

    function: str
    arguments: tuple[tuple[str, Expression], ...]


class Listed(msgspec.Struct, frozen=True):
    items: tuple[Expression, ...]


class Mapped(msgspec.Struct, frozen=True):
    entries: tuple[tuple[str, Expression], ...]


class Text(msgspec.Struct, frozen=True):
    """A text of several lines, or one that may be too long for one."""

    value: str


Expression: TypeAlias = str | Call | Listed | Mapped | Text
"""A `str` is an expression as it stands."""


def written(expression: Expression, *, before: int = 0, indent: str = "") -> str:
    """*expression* from column *before* on, on a line that is indented by *indent*."""
    flat = _flat(expression)
    if before + len(flat) <= WIDTH and "\n" not in flat:
        return flat
    inner = indent + "    "
    match expression:
        case Call(function, arguments):
            lines = [_part(f"{name}=" if name else "", each, inner) for name, each in arguments]
            return f"{function}(\n" + "".join(lines) + f"{indent})"
        case Listed(items):
            return "[\n" + "".join(_part("", each, inner) for each in items) + f"{indent}]"
        case Mapped(entries):
            lines = [_part(f"{quoted(name)}: ", each, inner) for name, each in entries]
            return "{\n" + "".join(lines) + f"{indent}}}"
        case Text(value) if len(pieces := _pieces(value, WIDTH - len(inner))) > 1 and "\n" not in flat:
            return "(\n" + "".join(f"{inner}{quoted(each)}\n" for each in pieces) + f"{indent})"
    return flat


def _part(head: str, expression: Expression, indent: str) -> str:
    return f"{indent}{head}{written(expression, before=len(indent) + len(head) + 1, indent=indent)},\n"


def _flat(expression: Expression) -> str:
    match expression:
        case Call(function, arguments):
            inner = ", ".join(f"{name}={_flat(each)}" if name else _flat(each) for name, each in arguments)
            return f"{function}({inner})"
        case Listed(items):
            return f"[{', '.join(_flat(each) for each in items)}]"
        case Mapped(entries):
            return "{" + ", ".join(f"{quoted(name)}: {_flat(each)}" for name, each in entries) + "}"
        case Text(value):
            return _block(value) or quoted(value)
    return expression


def said(value: str) -> Expression:
    """*value*, whatever it says, as a literal."""
    return Text(value) if "\n" in value[:-1] or len(value) > _SHORT else quoted(value)


def _block(value: str) -> str:
    """*value* between triple quotes, line by line as it reads; empty where that would not be plain to see."""
    lines = value.split("\n")
    unclear = any(each != each.rstrip() or not each.replace("\t", " ").isprintable() for each in lines)
    if unclear or "\n" not in value[:-1]:
        return ""
    body = _ENDING.sub(lambda found: found[0].replace('"', '\\"'), value.replace("\\", "\\\\"))
    return f'"""\\\n{body}"""'


def _pieces(value: str, width: int) -> list[str]:
    """*value* in pieces that fit into *width* columns, cut after line ends, and after spaces where needed."""
    found: list[str] = []
    for line in value.splitlines(keepends=True):
        found.append("")
        for word in re.split("(?<= )", line):
            if found[-1] and len(quoted(found[-1] + word)) > max(width, _SHORT):
                found.append("")
            found[-1] += word
    return found


class Json(msgspec.Struct, frozen=True):
    """A text of JSON: what it says, and with which separators, if not with the usual ones."""

    value: dict[str, Any] | list[Any]
    separators: tuple[str, str] | None = None


def json_of(value: str) -> Json | None:
    """What *value* says as JSON; None if it says nothing, or would not be the same text again."""
    if value[:1] not in ("{", "[") or len(value) <= 2:
        return None
    try:
        parsed = json.loads(value)
        for separators in (None, (",", ":")):
            if json.dumps(parsed, separators=separators) == value:
                return Json(parsed, separators)
    except (ValueError, RecursionError):
        pass
    return None


def text(value: str, references: Mapping[PropertyPath, Expression] | None = None) -> Expression:
    """
    A text; JSON is written as what it says, where that gives the same text again.

    *references* are expressions that stand for texts within the JSON, by where those are.
    """
    found = json_of(value)
    if found is None:
        return said(value)
    function = "pulumi.Output.json_dumps" if references else "json.dumps"
    more = (("separators", repr(found.separators).replace("'", '"')),) if found.separators else ()
    return Call(function, (("", plain(found.value, references)), *more))


def plain(
    value: object, references: Mapping[PropertyPath, Expression] | None = None, path: PropertyPath = ()
) -> Expression:
    """A value of texts, numbers, lists and dictionaries; *references* are as in `text`."""
    if references and path in references:
        return references[path]
    if isinstance(value, dict):
        return Mapped(tuple((str(key), plain(each, references, (*path, key))) for key, each in value.items()))
    if isinstance(value, list):
        return Listed(tuple(plain(each, references, (*path, at)) for at, each in enumerate(value)))
    return said(value) if isinstance(value, str) else repr(value)


def call(function: str, *positional: Expression, named: Sequence[tuple[str, Expression]] = ()) -> Call:
    return Call(function, (*(("", each) for each in positional), *named))
