"""Values as providers written in Python see them: plain data, and the SDK's own assets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackwright.sdk._deserialize import to_program
from stackwright.sdk._session import Session
from stackwright.sdk._wire_form import bag_from_mocks
from stackwright.values import (
    OutputValue,
    PropertyMap,
    ResourceRef,
    Secret,
    Value,
    reduce_outputs,
)


def plain(bag: PropertyMap) -> dict[str, Any]:
    """*bag* without secretness, resources by their ids (or URNs); what is unknown stays so."""
    session = Session()
    found = {}
    for name, value in bag.items():
        inner, _ = to_program(session, _without_references(reduce_outputs(value)))
        if inner is not None:
            found[name] = inner
    return found


def _without_references(value: Value) -> Value:
    if isinstance(value, Secret):
        return _without_references(value.value)
    if isinstance(value, OutputValue):
        return _without_references(value.value)
    if isinstance(value, ResourceRef):
        return value.urn if value.id is None else value.id
    if isinstance(value, dict):
        return {name: _without_references(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_references(item) for item in value]
    return value


def values(bag: Mapping[str, Any]) -> PropertyMap:
    """
    What a provider answered, as values. Entries that are None are left out.

    Raises:
        ValueError: Something in it is nothing that a state can hold; says where.
    """
    return bag_from_mocks(bag)


__all__ = ["plain", "values"]
