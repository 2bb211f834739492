"""
Values of Terraform's types (terraform.md §3.2-3.6), as plain Python.

    null                 None
    string, bool         str, bool
    number               int, float or Decimal, whichever says it exactly
    list, set, tuple     list (a set in canonical order)
    map, object          dict (an object with every attribute of its type)
    dynamic              DynamicValue, or None
    unknown              UnknownValue

Values are never changed in place. What a value means depends on its type, so whoever
compares or orders values passes the type along.
"""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import Any, Final, TypeAlias
from unicodedata import normalize

import msgspec

from stackwright.providers.terraform._types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListOf,
    MapOf,
    ObjectOf,
    Primitive,
    SetOf,
    TupleOf,
    Type,
)

TfValue: TypeAlias = Any
"""One of the kinds listed above. (The recursive type costs checkers more than it gives.)"""


class Refinements(msgspec.Struct, frozen=True):
    """What is known of an unknown all the same (§3.4); None says that nothing is."""

    nullable: bool | None = None
    """False: it will not be null. True: it will be."""
    prefix: str | None = None
    lower: tuple[int | float | Decimal, bool] | None = None
    """The bound, and whether it is included."""
    upper: tuple[int | float | Decimal, bool] | None = None
    min_length: int | None = None
    max_length: int | None = None


class UnknownValue(msgspec.Struct, frozen=True):
    """A value that only applying will tell. Refinements never take part in comparisons."""

    refinements: Refinements | None = None


UNKNOWN: Final = UnknownValue()

_EXACT: Final = Context(prec=10_000, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""More digits than any provider counts with (§3.3 asks for 155)."""


class DynamicValue(msgspec.Struct, frozen=True):
    """A known value where the schema says `dynamic`; `type` is never `DYNAMIC` itself."""

    type: Type
    value: TfValue


_SURELY_KNOWN: Final = frozenset({type(None), str, bool, int, float, Decimal})


def contains_unknown(value: TfValue) -> bool:
    """Whether *value* is not wholly known."""
    kind = type(value)
    if kind in _SURELY_KNOWN:  # most values are, and this is asked of all of them
        return False
    if kind is dict:
        return any(map(contains_unknown, value.values()))
    if kind is list:
        return any(map(contains_unknown, value))
    if kind is DynamicValue:
        return contains_unknown(value.value)
    return kind is UnknownValue


def equal(left: TfValue, right: TfValue, kind: Type) -> bool:
    """
    Whether both are the same value of *kind*: numbers by what they count, sets in any order.

    Two unknowns are equal here, whatever they are refined to. Who needs to know
    whether values will *surely* be equal asks `contains_unknown` first.
    """
    if left is right:
        return True
    if left is None or right is None:
        return False
    if isinstance(left, UnknownValue) or isinstance(right, UnknownValue):
        return isinstance(left, UnknownValue) and isinstance(right, UnknownValue)
    match kind:
        case Primitive():
            if kind is DYNAMIC:
                return bool(left.type == right.type) and equal(left.value, right.value, left.type)
            return bool(left == right) or (kind is STRING and _same_text(left, right))
        case ListOf(element):
            return len(left) == len(right) and all(
                equal(one, other, element) for one, other in zip(left, right, strict=True)
            )
        case SetOf(element):
            return _same_elements(left, right, element)
        case MapOf(element):
            return left.keys() == right.keys() and all(
                equal(one, right[key], element) for key, one in left.items()
            )
        case TupleOf(elements):
            return len(left) == len(right) and all(
                equal(one, other, each) for one, other, each in zip(left, right, elements, strict=True)
            )
        case ObjectOf(attributes):
            return all(equal(left.get(name), right.get(name), each) for name, each in attributes.items())


def _same_text(left: str, right: str) -> bool:
    """Whether two texts differ only in how their characters are composed (§3.3)."""
    if left.isascii() or right.isascii():
        return False
    return normalize("NFC", left) == normalize("NFC", right)


def canonical_set(elements: list[TfValue], kind: Type) -> list[TfValue]:
    """
    *elements* of type *kind* as a set: in the order Terraform writes sets in, each value once.

    Elements that hold unknowns may yet turn out to differ, so they are all kept.
    """
    if len(elements) < 2:
        return list(elements)
    ordered = sorted(elements, key=_order(kind))
    kept = ordered[:1]
    for element in ordered[1:]:
        if contains_unknown(element) or not equal(kept[-1], element, kind):
            kept.append(element)
    return kept


def _same_elements(left: list[TfValue], right: list[TfValue], kind: Type) -> bool:
    if len(left) != len(right):
        return False
    key = _order(kind)
    pairs = zip(sorted(left, key=key), sorted(right, key=key), strict=True)
    return all(equal(one, other, kind) for one, other in pairs)


def _order(kind: Type) -> Any:
    """A sort key: known before unknown before null; simple values by themselves, others by their text."""
    if kind in (STRING, NUMBER, BOOL):

        def simple(value: TfValue) -> tuple[int, TfValue]:
            if value is None:
                return 2, 0
            if isinstance(value, UnknownValue):
                return 1, 0
            return 0, value

        return simple

    def compound(value: TfValue) -> tuple[int, str]:
        if value is None:
            return 2, ""
        if isinstance(value, UnknownValue):
            return 1, ""
        return 0, _text(value, kind)

    return compound


def _text(value: TfValue, kind: Type) -> str:
    """A text that is the same for equal values of *kind*; its order is Terraform's order of elements."""
    if value is None:
        return "~"
    if isinstance(value, UnknownValue):
        return "?"
    match kind:
        case Primitive():
            return _primitive_text(value, kind)
        case ListOf(element):
            return "[" + "".join(_text(each, element) + ";" for each in value) + "]"
        case SetOf(element):
            ordered = canonical_set(value, element)
            return "[" + "".join(_text(each, element) + ";" for each in ordered) + "]"
        case MapOf(element):
            parts = (f"{_quoted(key)}:{_text(value[key], element)};" for key in sorted(value))
            return "{" + "".join(parts) + "}"
        case TupleOf(elements):
            pairs = zip(value, elements, strict=True)
            return "<" + "".join(_text(each, kind) + ";" for each, kind in pairs) + ">"
        case ObjectOf(attributes):
            parts = (_text(value.get(name), each) + ";" for name, each in attributes.items())
            return "<" + "".join(parts) + ">"


def _primitive_text(value: TfValue, kind: Primitive) -> str:
    if kind is DYNAMIC:
        return _text(value.value, value.type)
    if kind is STRING:
        return _quoted(value)
    if kind is BOOL:
        return "T" if value else "F"
    # Ten digits order as Terraform does; the exact number keeps different ones apart.
    exact = _EXACT.normalize(_EXACT.create_decimal(value))
    return f"{exact:.10g}\0{exact}" if exact.is_finite() else str(exact)


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()
