"""Which resource was said to depend on which (sdk.md §3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from stackwright.sdk.resource import Resource

_edges: WeakKeyDictionary[Resource, set[Resource]] = WeakKeyDictionary()


def declare_dependency(from_resource: Resource, to_resource: Resource) -> bool:
    """Note that the first depends on the second; False, and nothing noted, if that closes a circle."""
    seen: set[Resource] = set()
    waiting = [to_resource]
    while waiting:
        resource = waiting.pop()
        if resource is from_resource:
            return False
        if resource not in seen:
            seen.add(resource)
            waiting.extend(_edges.get(resource, ()))
    _edges.setdefault(from_resource, set()).add(to_resource)
    return True
