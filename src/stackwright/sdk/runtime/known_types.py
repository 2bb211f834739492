"""Questions about the class of an object, for code that cannot import the class."""

from __future__ import annotations

from typing import Any

from stackwright.sdk._standing import ResourceBase
from stackwright.sdk.asset import Archive, Asset
from stackwright.sdk.output import Output
from stackwright.sdk.resource import CustomResource, CustomTimeouts
from stackwright.values import Unknown


def is_asset(obj: Any) -> bool:
    """Whether *obj* is an asset."""
    return isinstance(obj, Asset)


def is_archive(obj: Any) -> bool:
    """Whether *obj* is an archive."""
    return isinstance(obj, Archive)


def is_resource(obj: Any) -> bool:
    """Whether *obj* is a resource of any kind."""
    return isinstance(obj, ResourceBase)


def is_custom_resource(obj: Any) -> bool:
    """Whether *obj* is a resource with an id."""
    return isinstance(obj, CustomResource)


def is_custom_timeouts(obj: Any) -> bool:
    """Whether *obj* is a `CustomTimeouts`."""
    return isinstance(obj, CustomTimeouts)


def is_stack(obj: Any) -> bool:
    """Whether *obj* is the stack's own resource."""
    from stackwright.sdk.runtime.stack import Stack

    return isinstance(obj, Stack)


def is_output(obj: Any) -> bool:
    """Whether *obj* is an output."""
    return isinstance(obj, Output)


def is_unknown(obj: Any) -> bool:
    """Whether *obj* stands for something that is not known."""
    return isinstance(obj, Unknown)
