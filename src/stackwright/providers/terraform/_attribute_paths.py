"""
Where an attribute path leads within a value (terraform.md §3.8).

Paths come from providers, and point to nothing now and then. Elements of sets have no
address (§3.6), so a path that goes on below a set means the set.
"""

from __future__ import annotations

from typing import Final

from stackwright.providers.terraform._client import AttributeName, AttributePath, ElementKey
from stackwright.providers.terraform._schema import Attribute, Block, NestedBlock, NestedObject
from stackwright.providers.terraform._types import (
    DYNAMIC,
    ListOf,
    MapOf,
    ObjectOf,
    SetOf,
    TupleOf,
    Type,
)
from stackwright.providers.terraform._values import UNKNOWN, DynamicValue, TfValue, UnknownValue

MISSING: Final = object()
"""In place of a value: there is none at a path."""


def without_set_elements(path: AttributePath, kind: Type) -> AttributePath:
    """*path* in a value of *kind*, cut off at the first set."""
    for at, step in enumerate(path):
        match kind, step:
            case SetOf(), _:
                return path[:at]
            case ObjectOf(attributes), AttributeName(name) if name in attributes:
                kind = attributes[name]
            case ((ListOf(inner) | MapOf(inner)), ElementKey()):
                kind = inner
            case TupleOf(kinds), ElementKey(int(index)) if 0 <= index < len(kinds):
                kind = kinds[index]
            case _:
                return path
    return path


def resolve(value: TfValue, kind: Type, path: AttributePath) -> tuple[TfValue, Type]:
    """The value at *path* and its type; `MISSING` where there is none. Within an unknown, all is unknown."""
    for step in path:
        if isinstance(value, DynamicValue):
            value, kind = value.value, value.type
        if value is None or value is MISSING:
            return MISSING, kind
        known = not isinstance(value, UnknownValue)
        match kind, step:
            case ObjectOf(attributes), AttributeName(name) if name in attributes:
                kind = attributes[name]
                value = value.get(name) if known else UNKNOWN
            case MapOf(inner), ElementKey(str(key)):
                kind = inner
                value = value.get(key, MISSING) if known else UNKNOWN
            case ObjectOf(attributes), ElementKey(str(key)) if key in attributes:
                kind = attributes[key]
                value = value.get(key) if known else UNKNOWN
            case ListOf(inner), ElementKey(int(index)):
                kind = inner
                if known:
                    value = value[index] if 0 <= index < len(value) else MISSING
            case TupleOf(kinds), ElementKey(int(index)) if 0 <= index < len(kinds):
                kind = kinds[index]
                value = value[index] if known else UNKNOWN
            case _ if kind is DYNAMIC and not known:
                value = UNKNOWN
            case _:
                return MISSING, kind
    return value, kind


def attribute_at(block: Block, path: AttributePath) -> Attribute | None:
    """The innermost attribute of *block* that *path* leads through, or None if it leads to a block."""
    here: Block | NestedBlock | NestedObject | None = block
    found: Attribute | None = None
    for step in path:
        if not isinstance(step, AttributeName):
            continue
        inner = here.block if isinstance(here, NestedBlock) else here
        if isinstance(inner, Block) and step.name in inner.blocks:
            here, found = inner.blocks[step.name], None
        elif inner is not None and step.name in inner.attributes:
            found = inner.attributes[step.name]
            here = found.nested
        else:
            return found
    return found
