"""Which inputs changed, for providers that only say that something did."""

from __future__ import annotations

from collections.abc import Collection

from stackwright.providers._interface import DiffRequest
from stackwright.values import DiffKind, PropertyDiff, values_equal


def differences(request: DiffRequest, replaces: Collection[str] = ()) -> dict[str, PropertyDiff]:
    """The inputs that are not what they were, by name; those in *replaces* need another object."""
    old, new = request.old_inputs, request.news
    found = {}
    for key in sorted(old.keys() | new.keys()):
        if key in old and key in new:
            if values_equal(old[key], new[key]):
                continue
            kind = DiffKind.UPDATE_REPLACE if key in replaces else DiffKind.UPDATE
        elif key in new:
            kind = DiffKind.ADD_REPLACE if key in replaces else DiffKind.ADD
        else:
            kind = DiffKind.DELETE_REPLACE if key in replaces else DiffKind.DELETE
        found[key] = PropertyDiff(kind, True)
    return found
