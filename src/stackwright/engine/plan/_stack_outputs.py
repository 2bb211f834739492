"""The stack's own outputs at the end of a run (E87)."""

from __future__ import annotations

from stackwright.values import PropertyMap


def merge_stack_outputs(old: PropertyMap, new: PropertyMap, *, failed: bool) -> PropertyMap:
    """Exactly the new ones after success; after a failure, old ones stay where there is no new one."""
    return {**old, **new} if failed else new
