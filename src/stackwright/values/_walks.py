"""
Questions about a whole value, and copies of it with one thing changed.

Every function here returns the very object it was given where nothing had to
change, so that the common case (plain data) allocates nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

from stackwright.urn import Urn
from stackwright.values._kinds import Archive, Asset, OutputValue, PropertyMap, Secret, Unknown, Value

_PLAIN: Final = frozenset({str, int, bool, float, type(None), bytes})
_all_plain: Final = _PLAIN.issuperset


def _specials(value: Value) -> list[Value]:
    """Every part that is neither plain data nor a container, those within wrappers included; any depth."""
    found: list[Value] = []
    pending = [value]
    while pending:
        part = pending.pop()
        kind = type(part)
        if kind in _PLAIN:
            continue
        if kind is dict:
            # Most containers hold plain data only, which C code sees much faster.
            if not _all_plain(map(type, part.values())):
                pending.extend(part.values())
        elif kind is list or kind is tuple:
            if not _all_plain(map(type, part)):
                pending.extend(part)
        else:
            found.append(part)
            if kind is Secret or kind is OutputValue:
                pending.append(part.value)
    return found


def contains_unknowns(value: Value) -> bool:
    """
    Whether any part of *value* is not known yet.

    A reference to a resource is known even where the resource's id is not.
    """
    return any(type(part) is Unknown for part in _specials(value))


def contains_secrets(value: Value) -> bool:
    """Whether any part of *value* is secret."""
    return any(
        type(part) is Secret or (type(part) is OutputValue and part.secret) for part in _specials(value)
    )


def contains_outputs(value: Value) -> bool:
    """Whether any part of *value* carries dependencies of its own (`OutputValue`)."""
    return any(type(part) is OutputValue for part in _specials(value))


def contains_assets(value: Value) -> bool:
    """Whether any part of *value* is an asset or an archive."""
    return any(type(part) is Asset or type(part) is Archive for part in _specials(value))


def dependencies_in(value: Value) -> set[Urn]:
    """The URNs that output values anywhere within *value* depend on."""
    found: set[Urn] = set()
    for part in _specials(value):
        if type(part) is OutputValue:
            found.update(part.dependencies)
    return found


def dependencies_by_property(
    properties: PropertyMap, known: Mapping[str, tuple[Urn, ...]]
) -> dict[str, tuple[Urn, ...]]:
    """*known*, by property, with what the output values among *properties* depend on besides."""
    found = dict(known)
    for key, value in properties.items():
        inside = dependencies_in(value)
        if inside:
            before = found.get(key, ())
            found[key] = (*before, *sorted(inside.difference(before)))
    return found


def map_leaves(value: Value, change: Callable[[Value], Value]) -> Value:
    """
    Rebuild *value* bottom-up, giving every part that is not plain data to *change*.

    *change* sees a container or wrapper after its children were changed, and
    returns what stands in its place (the same object to keep it). It does not see
    what an archive lists, nor what it returned itself. Any depth will do.
    """
    return value if type(value) in _PLAIN else _mapped(value, change, _RECURSED)


_RECURSED: Final = 100
"""How many levels are walked by recursion, which is faster; what is below, by `_mapped_deep`."""


def _mapped(value: Value, change: Callable[[Value], Value], levels: int) -> Value:
    if not levels:
        return _mapped_deep(value, change)
    kind = type(value)
    if kind is dict:
        if _all_plain(map(type, value.values())):
            return change(value)
        rebuilt: Value = None
        for key, item in value.items():
            if type(item) in _PLAIN:
                continue
            changed = _mapped(item, change, levels - 1)
            if changed is not item:
                if rebuilt is None:
                    rebuilt = dict(value)
                rebuilt[key] = changed
        return change(value if rebuilt is None else rebuilt)
    if kind is list or kind is tuple:
        if _all_plain(map(type, value)):
            return change(value)
        rebuilt = None
        for at, item in enumerate(value):
            if type(item) in _PLAIN:
                continue
            changed = _mapped(item, change, levels - 1)
            if changed is not item:
                if rebuilt is None:
                    rebuilt = list(value)
                rebuilt[at] = changed
        return change(value if rebuilt is None else rebuilt)
    if kind is Secret or kind is OutputValue:
        inner = value.value
        if type(inner) not in _PLAIN:
            changed = _mapped(inner, change, levels - 1)
            if changed is not inner:
                value = _rebuilt(value, [changed])
    return change(value)


def _mapped_deep(value: Value, change: Callable[[Value], Value]) -> Value:
    """`_mapped` with a stack of its own: each entry a part, its children so far, and those to come."""
    stack: list[tuple[Value, list[Value], Iterator[Value]]] = [(value, [], iter(_children(value)))]
    results: list[Value] = []
    while stack:
        part, changed, rest = stack[-1]
        for child in rest:
            if type(child) in _PLAIN:
                changed.append(child)
            else:
                stack.append((child, [], iter(_children(child))))
                break
        else:
            stack.pop()
            same = all(new is old for new, old in zip(changed, _children(part), strict=True))
            result = change(part if same else _rebuilt(part, changed))
            (stack[-1][1] if stack else results).append(result)
    return results[0]


def _children(value: Value) -> Collection[Value]:
    kind = type(value)
    if kind is dict:
        return value.values()  # type: ignore[no-any-return]
    if kind is list or kind is tuple:
        return value  # type: ignore[no-any-return]
    if kind is Secret or kind is OutputValue:
        return (value.value,)
    return ()


def _rebuilt(value: Value, children: list[Value]) -> Value:
    """A container or wrapper like *value* around other children."""
    kind = type(value)
    if kind is dict:
        return dict(zip(value, children, strict=True))
    if kind is Secret:
        return Secret(children[0])
    if kind is OutputValue:
        return OutputValue(value=children[0], secret=value.secret, dependencies=value.dependencies)
    return children


def _without_secret(value: Value) -> Value:
    if type(value) is Secret:
        return value.value
    if type(value) is OutputValue and value.secret:
        return OutputValue(value=value.value, dependencies=value.dependencies)
    return value


def strip_secrets(value: Value) -> Value:
    """The same value with nothing secret about it: for providers that take no secrets, never for screens."""
    return map_leaves(value, _without_secret) if contains_secrets(value) else value


def _plain(value: Value) -> Value:
    if type(value) is Secret or type(value) is OutputValue:
        return value.value
    return value


def reveal(value: Value) -> Value:
    """The bare value: secrets and output values unwrapped at every level (E154)."""
    return map_leaves(value, _plain) if _specials(value) else value


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
    return map_leaves(value, _reduced) if contains_outputs(value) else value


def _upgraded(value: Value) -> Value:
    kind = type(value)
    if kind is Unknown:
        return OutputValue(value=value)
    if kind is not Secret and kind is not OutputValue:
        return value
    inner = value.value
    secret = kind is Secret or value.secret
    dependencies = () if kind is Secret else value.dependencies
    if type(inner) is OutputValue:
        found = sorted({*dependencies, *inner.dependencies})
        return OutputValue(value=inner.value, secret=secret or inner.secret, dependencies=tuple(found))
    return OutputValue(value=inner, secret=True) if kind is Secret else value


def upgrade_to_outputs(value: Value) -> Value:
    """Secrets and unknowns as output values, wherever they are; the reverse of `reduce_outputs` (§3.1)."""
    return map_leaves(value, _upgraded)


def seal(value: Value) -> Value:
    """Make *value* secret as a whole; what is secret already, or unknown, stays as it is."""
    kind = type(value)
    if kind is Secret or kind is Unknown:
        return value
    if kind is OutputValue:
        if value.secret:
            return value
        return OutputValue(value=value.value, secret=True, dependencies=value.dependencies)
    return Secret(value)
