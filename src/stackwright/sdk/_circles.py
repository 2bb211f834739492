"""Dependencies where circles are no error (sdk.md §24): the edge that would close one is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from stackwright.sdk._standing import ResourceBase, stands_for_itself
from stackwright.sdk.runtime.resource_cycle_breaker import declare_dependency

if TYPE_CHECKING:
    from stackwright.sdk.resource import Resource


def without_circles(dependent: ResourceBase, resources: set[ResourceBase]) -> set[ResourceBase]:
    """*resources*, expanded, without those that depend on *dependent* already, however far away (§24)."""
    found: set[ResourceBase] = set()
    waiting = list(resources)
    while waiting:
        other = waiting.pop(0)
        if not declare_dependency(cast("Resource", dependent), cast("Resource", other)):
            continue
        if stands_for_itself(other):
            found.add(other)
        else:
            waiting.extend(vars(other).get("_childResources", ()))
    return found
