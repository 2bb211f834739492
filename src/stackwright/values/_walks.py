"""
Questions about a whole value, and copies of it with one thing changed.

Every function here returns the very object it was given where nothing had to
change, so that the common case (plain data) allocates nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from stackwright.urn import Urn
from stackwright.values._kinds import Archive, Asset, OutputValue, Secret, Unknown, Value

_PLAIN: Final = frozenset({str, int, bool, float, type(None), bytes})


def _leaves(value: Value) -> Iterator[Value]:
    """Every value below, containers and wrappers included, without recursion limits."""
    stack = [value]
    while stack:
        current = stack.pop()
        kind = type(current)
        if kind in _PLAIN:
            continue
        yield current
        if kind is dict:
            stack.extend(current.values())
        elif kind is list or kind is tuple:
            stack.extend(current)
        elif kind is Secret or kind is OutputValue:
            stack.append(current.value)


def contains_unknowns(value: Value) -> bool:
    """Whether any part of *value* is not known yet."""
    return any(type(part) is Unknown for part in _leaves(value))


def contains_secrets(value: Value) -> bool:
    """Whether any part of *value* is secret."""
    return any(type(part) is Secret or (type(part) is OutputValue and part.secret) for part in _leaves(value))


def contains_outputs(value: Value) -> bool:
    """Whether any part of *value* carries dependencies of its own (`OutputValue`)."""
    return any(type(part) is OutputValue for part in _leaves(value))


def contains_assets(value: Value) -> bool:
    """Whether any part of *value* is an asset or an archive."""
    return any(type(part) is Asset or type(part) is Archive for part in _leaves(value))


def dependencies_in(value: Value) -> set[Urn]:
    """The URNs that output values anywhere within *value* depend on."""
    found: set[Urn] = set()
    for part in _leaves(value):
        if type(part) is OutputValue:
            found.update(part.dependencies)
    return found


def map_leaves(value: Value, change: Callable[[Value], Value]) -> Value:
    """
    Rebuild *value* bottom-up, giving every part that is not plain data to *change*.

    *change* sees a container or wrapper after its children were changed, and
    returns what stands in its place (the same object to keep it).
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is dict:
        rebuilt: Value = None
        for key, item in value.items():
            changed = map_leaves(item, change)
            if changed is not item:
                if rebuilt is None:
                    rebuilt = dict(value)
                rebuilt[key] = changed
        return change(value if rebuilt is None else rebuilt)
    if kind is list or kind is tuple:
        items = [map_leaves(item, change) for item in value]
        same = all(new is old for new, old in zip(items, value, strict=True))
        return change(value if same else items)
    if kind is Secret:
        inner = map_leaves(value.value, change)
        return change(value if inner is value.value else Secret(inner))
    if kind is OutputValue:
        inner = map_leaves(value.value, change)
        if inner is not value.value:
            value = OutputValue(value=inner, secret=value.secret, dependencies=value.dependencies)
        return change(value)
    return change(value)


def _without_secret(value: Value) -> Value:
    if type(value) is Secret:
        return value.value
    if type(value) is OutputValue and value.secret:
        return OutputValue(value=value.value, dependencies=value.dependencies)
    return value


def strip_secrets(value: Value) -> Value:
    """The same value with nothing secret about it: for providers that take no secrets, never for screens."""
    return map_leaves(value, _without_secret)


def _plain(value: Value) -> Value:
    if type(value) is Secret or type(value) is OutputValue:
        return value.value
    return value


def reveal(value: Value) -> Value:
    """The bare value: secrets and output values unwrapped at every level (E154)."""
    return map_leaves(value, _plain)


def _reduced(value: Value) -> Value:
    if type(value) is not OutputValue:
        return value
    if type(value.value) is Unknown:
        return value.value
    if value.secret:
        return value.value if type(value.value) is Secret else Secret(value.value)
    return value.value


def reduce_outputs(value: Value) -> Value:
    """Output values as plain kinds: unknown, secret, or the value itself; dependencies go (E76)."""
    return map_leaves(value, _reduced)


def seal(value: Value) -> Value:
    """Make *value* secret as a whole; what is secret already, or unknown, stays as it is."""
    return value if type(value) is Secret else Secret(value)
