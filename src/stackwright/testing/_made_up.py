"""Outputs that a fake makes up: what the class of a resource says that it has."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, get_origin

from stackwright.sdk._types import (
    class_names,
    is_output_type,
    list_element_type,
    mapping_value_type,
    unwrap_type,
)
from stackwright.sdk.resource import CustomResource
from stackwright.sdk.type_token import get_type_token

_OPTIONAL: Final = re.compile(r"(?:[\w.]*Output\[)?(?:typing\.)?Optional\[|\| None\]?$")
_DEPTH: Final = 5

_classes: dict[str, type] = {}
_seen = 0


def class_of(token: str) -> type | None:
    """The resource class with this type token, if the program has imported one."""
    global _seen  # noqa: PLW0603 # classes only ever come along
    found = _classes.get(token)
    if found is None:
        every = list(_below(CustomResource))
        if len(every) != _seen:
            _seen = len(every)
            _classes.update({known: cls for cls in every if (known := get_type_token(cls)) is not None})
            found = _classes.get(token)
    return found


def _below(cls: type) -> Iterator[type]:
    subclasses: list[type] = cls.__subclasses__()
    for each in subclasses:
        yield each
        yield from _below(each)


def outputs_of(token: str, name: str) -> dict[str, Any]:
    """
    What an object of the type *token* called *name* may answer: by wire name, the same each time.

    Properties that may be missing are; so is everything where no class is known.
    """
    cls = class_of(token)
    return {} if cls is None else _properties(cls, name, 0)


def _properties(cls: type, name: str, depth: int) -> dict[str, Any]:
    names = class_names(cls)
    found = {}
    for python, wire in names.to_wire.items():
        if wire in ("id", "urn") or _may_be_missing(cls, python):
            continue
        typ = names.type_of(wire)
        value = None if typ is None else _value(typ, f"{name}-{wire}", depth)
        if value is not None:
            found[wire] = value
    return found


def _may_be_missing(cls: type, python: str) -> bool:
    member = inspect.getattr_static(cls, python, None)
    if isinstance(member, property) and member.fget is not None:
        annotation = getattr(inspect.unwrap(member.fget), "__annotations__", {}).get("return")
    else:
        annotation = getattr(cls, "__annotations__", {}).get(python)
    return _OPTIONAL.search(annotation if isinstance(annotation, str) else str(annotation)) is not None


def _value(typ: Any, name: str, depth: int) -> Any:
    if depth > _DEPTH:
        return None
    if is_output_type(typ):
        return _properties(typ, name, depth + 1)
    if list_element_type(typ) is not None or get_origin(typ) is list:
        return []
    if (
        mapping_value_type(typ) is not None
        or typ is dict
        or (isinstance(typ, type) and issubclass(typ, Mapping))
    ):
        return {}
    plain = unwrap_type(typ)
    if plain is bool:
        return False
    if plain in (int, float):
        return 1
    return name if plain in (str, Any) else None
