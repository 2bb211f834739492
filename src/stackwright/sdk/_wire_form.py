"""
Values in the form that tests with mocks know: special kinds as dicts with a signature (protocol.md §2.2).

Mocks were always given bags as they travel, and answer with anything a program might
write; both directions are here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from stackwright.sdk import _session
from stackwright.sdk._deserialize import to_program
from stackwright.sdk._serialize import Serializer, Waits
from stackwright.sdk.output import is_pending
from stackwright.values import PropertyMap, Secret, Value

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 # a signature, not a secret


def bag_for_mocks(bag: PropertyMap) -> dict[str, Any]:
    """A bag as mocks are given it: secrets in their signed form, unknowns in previews only."""
    session = _session.current()
    found = {}
    for name, value in bag.items():
        inner, secret = to_program(session, value, keep_unknowns=session.dry_run)
        if inner is not None:
            inner = as_travelled(inner)
            found[name] = {_SIGNATURE: _SECRET, "value": inner} if secret else inner
    return found


def as_travelled(value: Any) -> Any:
    """*value* with its numbers as the protocol has them: there is one kind of number (protocol.md §2.1)."""
    if type(value) is int:
        return float(value)
    if type(value) is dict:
        return {name: as_travelled(item) for name, item in value.items()}
    if type(value) is list:
        return [as_travelled(item) for item in value]
    return Secret(as_travelled(value.value)) if type(value) is Secret else value


def bag_from_mocks(bag: Mapping[str, Any]) -> PropertyMap:
    """
    A bag that mocks answered with, as values.

    Raises:
        ValueError: It holds something that is no input.
    """
    session = _session.current()
    look = Serializer(session)
    found, _ = look.bag(bag, None)
    while look.waits and look.waits.error is None:
        session.turns.run_until(partial(_all_there, look.waits))
        look = Serializer(session, look.memo)
        found, _ = look.bag(bag, None)
    if look.waits.error is not None:
        raise look.waits.error
    return {name: _unsigned(value) for name, value in found.items()}


def _all_there(waits: Waits) -> bool:
    return not any(is_pending(output) for output in (waits.outputs or {}).values()) and not any(
        standing.waits for standing in (waits.standings or {}).values()
    )


def _unsigned(value: Value) -> Value:
    if isinstance(value, dict):
        inner = {name: _unsigned(item) for name, item in value.items()}
        return Secret(inner.get("value")) if inner.get(_SIGNATURE) == _SECRET else inner
    if isinstance(value, list):
        return [_unsigned(item) for item in value]
    return Secret(_unsigned(value.value)) if isinstance(value, Secret) else value


__all__ = ["as_travelled", "bag_for_mocks", "bag_from_mocks"]
