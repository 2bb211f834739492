"""
Repeated blocks as plain collections, whichever way their values are typed.

A list or map of blocks with a dynamic type inside is a tuple or an object that brings
its type along (terraform.md §4.1). Whoever walks a schema wants neither to know nor to
lose that: `block_elements` takes such a value apart, `block_value` puts it together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stackwright.providers.terraform._schema import NestedBlock, Nesting
from stackwright.providers.terraform._types import DYNAMIC, ObjectOf, TupleOf, Type, contains_dynamic
from stackwright.providers.terraform._values import (
    DynamicValue,
    TfValue,
    UnknownValue,
    canonical_set,
)


def block_elements(nested: NestedBlock, value: TfValue) -> Any:
    """
    The blocks in *value*: a list of them, or a dict where they have keys.

    Each is a value of `nested.block.type`. Null and unknown come back as they are.
    """
    if not isinstance(value, DynamicValue) or nested.type is not DYNAMIC:
        return value
    element = nested.block.type
    match value.type:
        case TupleOf(kinds):
            return [_general(each, kind, element) for each, kind in zip(value.value, kinds, strict=True)]
        case ObjectOf(kinds):
            return {key: _general(value.value.get(key), kind, element) for key, kind in kinds.items()}
    return value.value


def block_value(nested: NestedBlock, elements: Sequence[TfValue] | Mapping[str, TfValue]) -> TfValue:
    """The value of `nested.type` that consists of *elements*; sets come out in canonical order."""
    if nested.nesting is Nesting.SET:
        return canonical_set(list(elements), nested.block.type)
    if nested.type is not DYNAMIC:
        return dict(elements) if isinstance(elements, Mapping) else list(elements)
    element = nested.block.type
    if isinstance(elements, Mapping):
        parts = {key: _particular(each, element) for key, each in elements.items()}
        kinds = ObjectOf({key: kind for key, (kind, _) in parts.items()})
        return DynamicValue(kinds, {key: each for key, (_, each) in parts.items()})
    pairs = [_particular(each, element) for each in elements]
    return DynamicValue(TupleOf(tuple(kind for kind, _ in pairs)), [each for _, each in pairs])


def _general(value: TfValue, kind: Type, wanted: Type) -> TfValue:
    """*value* of the particular type *kind* as one of *wanted*, which says `dynamic` somewhere."""
    if value is None or isinstance(value, UnknownValue) or kind == wanted:
        return value
    if wanted is DYNAMIC:
        return value if isinstance(value, DynamicValue) else DynamicValue(kind, value)
    if isinstance(kind, ObjectOf) and isinstance(wanted, ObjectOf):
        return {
            name: _general(value.get(name), kind.attributes.get(name, each), each)
            for name, each in wanted.attributes.items()
        }
    return value


def _particular(value: TfValue, kind: Type) -> tuple[Type, TfValue]:
    """*value* without a `dynamic` in its type, and that type."""
    if value is None or isinstance(value, UnknownValue) or not contains_dynamic(kind):
        return kind, value
    if kind is DYNAMIC:
        return value.type, value.value
    if isinstance(kind, ObjectOf):
        parts = {name: _particular(value.get(name), each) for name, each in kind.attributes.items()}
        kinds = ObjectOf({name: each for name, (each, _) in parts.items()})
        return kinds, {name: each for name, (_, each) in parts.items()}
    return kind, value
