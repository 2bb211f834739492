"""Python expressions as trees, written over as many lines as they need."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final, TypeAlias

import msgspec

from stackwright.packages.sdkgen._text import quoted

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


def text(value: str) -> Expression:
    """A text; JSON is written as what it says, where that gives the same text again."""
    if value[:1] in ("{", "[") and len(value) > 2:
        try:
            parsed = json.loads(value)
        except ValueError:
            return quoted(value)
        for more in ((), (("separators", '(",", ":")'),)):
            separators = (",", ":") if more else None
            if isinstance(parsed, dict | list) and json.dumps(parsed, separators=separators) == value:
                return Call("json.dumps", (("", plain(parsed)), *more))
    return quoted(value)


def plain(value: object) -> Expression:
    """A value of texts, numbers, lists and dictionaries."""
    if isinstance(value, dict):
        return Mapped(tuple((str(key), plain(each)) for key, each in value.items()))
    if isinstance(value, list):
        return Listed(tuple(plain(each) for each in value))
    return quoted(value) if isinstance(value, str) else repr(value)


def call(function: str, *positional: Expression, named: Sequence[tuple[str, Expression]] = ()) -> Call:
    return Call(function, (*(("", each) for each in positional), *named))
