"""Strategies for Terraform's types and their values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from stackwright.providers.terraform import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    UNKNOWN,
    DynamicValue,
    ListOf,
    MapOf,
    ObjectOf,
    Primitive,
    SetOf,
    TupleOf,
    Type,
    canonical_set,
)

_TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
_NAMES = st.text("abcdefg", min_size=1, max_size=3)
_LIMIT = Decimal("1e40")
_NUMBERS = (
    st.integers()
    | st.integers(2**62, 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(
        allow_nan=False, allow_infinity=False, min_value=Decimal("-1e40"), max_value=Decimal("1e40")
    )
)


def types(*, dynamic: bool = True) -> st.SearchStrategy[Type]:
    """Types of every kind; a set holds nothing dynamic, as everywhere."""
    simple: list[Type] = [STRING, NUMBER, BOOL]

    def around(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
        wrapped = st.builds(ListOf, inner) | st.builds(MapOf, inner)
        wrapped |= st.builds(ObjectOf, st.dictionaries(_NAMES, inner, max_size=4))
        return wrapped | st.builds(TupleOf, st.lists(inner, max_size=3).map(tuple))

    plain = st.recursive(
        st.sampled_from(simple), lambda inner: around(inner) | st.builds(SetOf, inner), max_leaves=6
    )
    if not dynamic:
        return plain
    return st.recursive(plain | st.just(DYNAMIC), around, max_leaves=6)


def values(kind: Type, *, unknown: bool = True) -> st.SearchStrategy[Any]:
    """Values of *kind*, nulls and (unless told otherwise) unknowns at any depth."""
    nothing = st.sampled_from([None, UNKNOWN]) if unknown else st.none()
    return _known(kind, unknown) | nothing


def _known(kind: Type, unknown: bool) -> st.SearchStrategy[Any]:
    match kind:
        case Primitive():
            if kind is DYNAMIC:
                return types(dynamic=False).flatmap(
                    lambda inner: st.builds(DynamicValue, st.just(inner), values(inner, unknown=unknown))
                )
            simple: dict[Any, st.SearchStrategy[Any]] = {STRING: _TEXT, NUMBER: _NUMBERS, BOOL: st.booleans()}
            return simple[kind]
        case ListOf(element):
            return st.lists(values(element, unknown=unknown), max_size=3)
        case SetOf(element):
            elements = st.lists(values(element, unknown=unknown), max_size=3)
            return elements.map(lambda found: canonical_set(found, element))
        case MapOf(element):
            return st.dictionaries(_TEXT, values(element, unknown=unknown), max_size=3)
        case TupleOf(elements):
            return st.tuples(*(values(each, unknown=unknown) for each in elements)).map(list)
        case ObjectOf(attributes):
            return st.fixed_dictionaries(
                {name: values(each, unknown=unknown) for name, each in attributes.items()}
            )


def typed_values(*, unknown: bool = True) -> st.SearchStrategy[tuple[Type, Any]]:
    """A type, and a value of it."""
    return types().flatmap(lambda kind: st.tuples(st.just(kind), values(kind, unknown=unknown)))
