"""Parts of registration that others import from here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stackwright.sdk._alias_urns import inherited_alias
from stackwright.sdk._registration import Outputs
from stackwright.sdk.output import Input, Output
from stackwright.sdk.resource import ProviderResource, create_urn, parse_resource_reference
from stackwright.urn import urn_name, urn_type

if TYPE_CHECKING:
    from stackwright.sdk.resource import Resource


def register_resource_outputs(res: Resource, outputs: Any) -> None:
    """Give a component its outputs."""
    Outputs(res, outputs).start()


def convert_providers(
    provider: ProviderResource | None,
    providers: Mapping[str, ProviderResource] | list[ProviderResource] | None,
) -> Mapping[str, ProviderResource]:
    """The providers of both options, by package."""
    if provider is not None:
        return convert_providers(None, [provider])
    if providers is None:
        return {}
    if isinstance(providers, Mapping):
        return providers
    return {one.package: one for one in providers}


def inherited_child_alias(
    child_name: str, parent_name: str, parent_alias: Input[str], child_type: str
) -> Output[str]:
    """The URN a child had when its parent had another one."""
    return Output.from_input(parent_alias).apply(
        lambda urn: inherited_alias(child_name, parent_name, urn, child_type)
    )


def urn_type_and_name(urn: str) -> tuple[str, str]:
    """The type and the name in a URN."""
    return urn_type(urn), urn_name(urn)


__all__ = [
    "convert_providers",
    "create_urn",
    "inherited_child_alias",
    "parse_resource_reference",
    "register_resource_outputs",
    "urn_type_and_name",
]
