"""Python expressions as trees, written over as many lines as they need."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec

from stackwright.packages.sdkgen._text import quoted
from stackwright.values import PropertyPath

WIDTH: Final = 100


class Call(msgspec.Struct, frozen=True):
    """A call; an argument without a name is positional."""

    function: str
    arguments: tuple[tuple[str, Expression], ...]


class Listed(msgspec.Struct, frozen=True):
    items: tuple[Expression, ...]


class Mapped(msgspec.Struct, frozen=True):
    entries: tuple[tuple[str, Expression], ...]


Expression: TypeAlias = str | Call | Listed | Mapped
"""A text is an expression as it stands."""


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
    return expression


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


def text(value: str, references: Mapping[PropertyPath, str] | None = None) -> Expression:
    """
    A text; JSON is written as what it says, where that gives the same text again.

    *references* are expressions that stand for texts within the JSON, by where those are.
    """
    found = json_of(value)
    if found is None:
        return quoted(value)
    function = "pulumi.Output.json_dumps" if references else "json.dumps"
    more = (("separators", repr(found.separators).replace("'", '"')),) if found.separators else ()
    return Call(function, (("", plain(found.value, references)), *more))


def plain(
    value: object, references: Mapping[PropertyPath, str] | None = None, path: PropertyPath = ()
) -> Expression:
    """A value of texts, numbers, lists and dictionaries; *references* are as in `text`."""
    if references and path in references:
        return references[path]
    if isinstance(value, dict):
        return Mapped(tuple((str(key), plain(each, references, (*path, key))) for key, each in value.items()))
    if isinstance(value, list):
        return Listed(tuple(plain(each, references, (*path, at)) for at, each in enumerate(value)))
    return quoted(value) if isinstance(value, str) else repr(value)


def call(function: str, *positional: Expression, named: Sequence[tuple[str, Expression]] = ()) -> Call:
    return Call(function, (*(("", each) for each in positional), *named))
