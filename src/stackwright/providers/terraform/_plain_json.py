"""
States as `terraform show -json` prints them, made states as their files have them.

The difference is in values of dynamic type: a file says their type beside them, a print
does not, so that it is worked out here as for a program's values. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stackwright.providers.terraform._types import (
    DYNAMIC,
    ListOf,
    MapOf,
    ObjectOf,
    SetOf,
    TupleOf,
    Type,
    contains_dynamic,
)


def with_types(state: bytes, kind: Type) -> bytes:
    """The JSON of a value of *kind*, with the types of what is dynamic in it."""
    if not contains_dynamic(kind):
        return state
    return json.dumps(_typed(json.loads(state), kind)).encode()


def _typed(value: Any, kind: Type) -> Any:
    if value is None:
        return None
    if kind is DYNAMIC:
        return {"value": value, "type": _type_of(value)}
    match kind:
        case ListOf(inner) | SetOf(inner) if isinstance(value, list):
            return [_typed(each, inner) for each in value]
        case TupleOf(kinds) if isinstance(value, list) and len(value) == len(kinds):
            return [_typed(each, inner) for each, inner in zip(value, kinds, strict=True)]
        case MapOf(inner) if isinstance(value, dict):
            return {key: _typed(each, inner) for key, each in value.items()}
        case ObjectOf() if isinstance(value, dict):
            members: Mapping[str, Type] = kind.attributes
            return {
                key: _typed(each, members[key]) if key in members else each for key, each in value.items()
            }
    return value


def _type_of(value: Any) -> Any:
    """The type of a value that nobody declared, in the notation of §3.1."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, list):
        kinds = [_type_of(each) for each in value]
        alike = bool(kinds) and all(each == kinds[0] for each in kinds)
        return ["list", kinds[0]] if alike else ["tuple", kinds]
    if isinstance(value, dict):
        return ["object", {key: _type_of(each) for key, each in value.items()}]
    return "dynamic"
