"""What a resource takes from its parent, and which provider manages it (engine.md §2.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from stackwright.goals import RegisterRequest
from stackwright.urn import parse_provider_reference, resource_package, type_package


def inherit(request: RegisterRequest, parent: RegisterRequest, parent_provider: str = "") -> RegisterRequest:
    """
    The request with what its parent's goal gives it (E38): `deleted_with`, `protect`,
    `retain_on_delete` where they are unset, and the provider where it fits.

    *parent_provider* is what manages a custom parent, which may be a default provider that
    its goal does not name.
    """
    own, above = request.options, parent.options
    changes: dict[str, Any] = {}
    if own.deleted_with is None and above.deleted_with is not None:
        changes["deleted_with"] = above.deleted_with
    if own.protect is None and above.protect is not None:
        changes["protect"] = above.protect
    if own.retain_on_delete is None and above.retain_on_delete is not None:
        changes["retain_on_delete"] = above.retain_on_delete
    provider = above.provider or parent_provider
    if provider and not own.provider:
        is_local_component = not request.custom and not request.remote
        package = parse_provider_reference(provider).package
        if is_local_component or package == type_package(request.type):
            changes["provider"] = provider
    if not changes:
        return request
    return msgspec.structs.replace(request, options=msgspec.structs.replace(own, **changes))


def effective_providers(own: Mapping[str, str], above: Mapping[str, str]) -> Mapping[str, str]:
    """A component's providers by package: its own, and what its parent has beyond them (E40)."""
    if not above:
        return own
    return {**above, **own} if own else above


def choose_provider(request: RegisterRequest, above: Mapping[str, str], *, package: str = "") -> str:
    """
    The reference of the provider that manages the resource; empty: the default one (E39).

    *above* is the parent's effective providers; *package* is whose provider serves it, where
    that is not the package of its type.
    """
    options = request.options
    package = package or resource_package(request.type)
    return options.provider or options.providers.get(package, "") or above.get(package, "")
