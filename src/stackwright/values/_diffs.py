"""
When two values are the same, and where they differ if they are not.

Facts: protocol.md §4.1 (assets), engine.md E153, E154. In maps, a key that holds
None and a key that is missing mean the same, as they do to the genuine engine.
Neither function recurses, so the depth of a value never matters.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, TypeAlias

import msgspec

from stackwright.values._kinds import (
    Archive,
    Asset,
    OutputValue,
    PropertyMap,
    ResourceRef,
    Secret,
    Unknown,
    Value,
)
from stackwright.values._paths import format_element


class DiffKind(Enum):
    """What happens to a property, and whether that takes a new object (E153)."""

    ADD = "add"
    ADD_REPLACE = "add-replace"
    DELETE = "delete"
    DELETE_REPLACE = "delete-replace"
    UPDATE = "update"
    UPDATE_REPLACE = "update-replace"

    @property
    def replaces(self) -> bool:
        """Whether this change requires a replacement."""
        return self in _REPLACING

    @property
    def as_replace(self) -> DiffKind:
        """The same change, requiring a replacement."""
        return _AS_REPLACE.get(self, self)

    @property
    def inverted(self) -> DiffKind:
        """The change that leads back: an addition becomes a deletion."""
        return _INVERTED.get(self, self)


_AS_REPLACE: Final = {
    DiffKind.ADD: DiffKind.ADD_REPLACE,
    DiffKind.DELETE: DiffKind.DELETE_REPLACE,
    DiffKind.UPDATE: DiffKind.UPDATE_REPLACE,
}
_REPLACING: Final = frozenset(_AS_REPLACE.values())
_INVERTED: Final = {
    DiffKind.ADD: DiffKind.DELETE,
    DiffKind.DELETE: DiffKind.ADD,
    DiffKind.ADD_REPLACE: DiffKind.DELETE_REPLACE,
    DiffKind.DELETE_REPLACE: DiffKind.ADD_REPLACE,
}


class PropertyDiff(msgspec.Struct, frozen=True):
    """
    What happens to the property at one path.

    `input_diff` says that old and new *inputs* were compared; otherwise the old
    output was compared with the new input.
    """

    kind: DiffKind
    input_diff: bool = False


_ADDED: Final = PropertyDiff(DiffKind.ADD, input_diff=True)
_DELETED: Final = PropertyDiff(DiffKind.DELETE, input_diff=True)
_UPDATED: Final = PropertyDiff(DiffKind.UPDATE, input_diff=True)

_EXACT: Final = frozenset({str, bool, type(None), bytes})
"""Types whose values are equal only to values of the same type, and then as Python says."""
_all_exact: Final = _EXACT.issuperset
_all_text: Final = frozenset({str}).issuperset


def values_equal(old: Value, new: Value, *, unknowns_match: bool = False) -> bool:
    """
    Whether two values are the same, all the way down.

    * A bool is not a number; numbers are compared as numbers (`1` is `1.0`), NaN is NaN.
    * Assets and archives are the same if their hashes are; without one, an asset that is
      not a text, and any archive, is the same as nothing (protocol.md §4.1).
    * `Secret(x)` is `Secret(x)`, but never a bare `x`.
    * An unknown is the same as nothing, not even as itself; with *unknowns_match*, it
      is the same as any unknown of its kind (to see whether a goal was repeated).
    * References are the same if they name the same object, whatever version of the package.
    * In a map, None and a missing key are the same.
    """
    pending = [(old, new)]
    pop, push = pending.pop, pending.append
    while pending:
        left, right = pop()
        kind = type(left)
        if kind is dict:
            if type(right) is not dict:
                return False
            if left is right and _all_exact(map(type, left.values())):
                continue
            nulls = 0
            for key, item in left.items():
                # Inline, as these are most of all leaves; what is not text never equals a text.
                other = right.get(key)
                kind = type(item)
                if kind is str:
                    if item != other:
                        return False
                elif item is None:
                    if other is not None:
                        return False
                    nulls += key not in right
                elif kind is bool:
                    if item is not other:
                        return False
                elif kind is int:
                    if item != other or type(other) is bool:
                        return False
                else:
                    push((item, other))
            if len(right) + nulls != len(left) and not _only_nulls_beyond(right, left):
                return False
        elif kind is list or kind is tuple:
            if (type(right) is not list and type(right) is not tuple) or len(left) != len(right):
                return False
            if kind is type(right) and _all_text(map(type, left)):
                if left != right:
                    return False
            else:
                pending.extend(zip(left, right, strict=True))
        elif kind in _EXACT:
            if kind is not type(right) or left != right:
                return False
        elif kind is Secret:
            if type(right) is not Secret:
                return False
            push((left.value, right.value))
        elif kind is OutputValue:
            if (
                type(right) is not OutputValue
                or left.secret is not right.secret
                or set(left.dependencies) != set(right.dependencies)
            ):
                return False
            push((left.value, right.value))
        elif not _leaves_equal(left, right, unknowns_match=unknowns_match):
            return False
    return True


def _only_nulls_beyond(longer: PropertyMap, known: PropertyMap) -> bool:
    """Whether every key of *longer* that *known* does not have holds None."""
    return all(item is None or key in known for key, item in longer.items())


def _leaves_equal(left: Value, right: Value, *, unknowns_match: bool) -> bool:
    """Compare two values of which the first is neither a container nor a wrapper."""
    kind = type(left)
    if kind is int or kind is float:
        if type(right) is not int and type(right) is not float:
            return False
        return bool(left == right) or (left != left and right != right)  # only NaN is not itself
    if kind is not type(right):
        return False
    if kind is Unknown:
        return unknowns_match and left.kind is right.kind
    if kind is ResourceRef:
        return bool(left.urn == right.urn and left.id == right.id)
    if kind is Asset or kind is Archive:
        digest = _hash_of(left)
        return bool(digest) and digest == _hash_of(right)
    return bool(left == right)


def _hash_of(value: Asset | Archive) -> str:
    """The hash of an asset or archive as far as it is known without reading anything."""
    if value.hash or type(value) is Archive or value.path or value.uri:
        return value.hash
    import hashlib

    text = value.text or "" if type(value) is Asset else ""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


_Trail: TypeAlias = tuple["_Trail | None", str | int]
"""A path from the inside out; written down only where a difference is found."""


def diff_properties(old: PropertyMap, new: PropertyMap) -> dict[str, PropertyDiff]:
    """
    Where *new* differs from *old*, by path, each entry an input diff (E154).

    Maps are compared by key and lists by index. A thing that is there on one side only
    is one entry however much it holds, and so are two things of different kinds.
    Secrets and output values are looked through: secretness alone is no difference.
    The order is that of the sorted keys, so it does not depend on how maps were built.
    The answer is empty exactly if the revealed maps are `values_equal`.
    """
    found: dict[str, PropertyDiff] = {}
    if values_equal(old, new):
        return found
    pending: list[tuple[_Trail | None, Value, Value]] = [(None, old, new)]
    while pending:
        trail, left, right = pending.pop()
        left, right = _bare(left), _bare(right)
        if type(left) is dict and type(right) is dict:
            keys = [key for key in left.keys() | right.keys() if not _plainly_equal(left, right, key)]
            keys.sort(reverse=True)
            pending.extend([((trail, key), left.get(key), right.get(key)) for key in keys])
        elif isinstance(left, list | tuple) and isinstance(right, list | tuple):
            common, longest = min(len(left), len(right)), max(len(left), len(right))
            whole = _ADDED if len(right) > common else _DELETED
            pending.extend([((trail, at), whole, _BEYOND) for at in range(longest - 1, common - 1, -1)])
            pending.extend([((trail, at), left[at], right[at]) for at in range(common - 1, -1, -1)])
        elif right is _BEYOND:
            found[_written(trail)] = left
        elif not values_equal(left, right):
            in_map = trail is None or type(trail[1]) is str
            if in_map and left is None:
                found[_written(trail)] = _ADDED
            elif in_map and right is None:
                found[_written(trail)] = _DELETED
            else:
                found[_written(trail)] = _UPDATED
    return found


def _plainly_equal(old: PropertyMap, new: PropertyMap, key: str) -> bool:
    """Whether both hold the same text, boolean, None or byte string under *key*."""
    left, right = old.get(key), new.get(key)
    return type(left) is type(right) and type(left) in _EXACT and bool(left == right)


_BEYOND: Final = object()
"""In place of a new value: the list on the other side is shorter, and the entry is decided."""


def _bare(value: Value) -> Value:
    while type(value) is Secret or type(value) is OutputValue:
        value = value.value
    return value


def _written(trail: _Trail | None) -> str:
    elements: list[str | int] = []
    while trail is not None:
        trail, element = trail
        elements.append(element)
    elements.reverse()
    return "".join([format_element(element, first=not at) for at, element in enumerate(elements)])
