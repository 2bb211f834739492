"""
Names that provider packages, tools and test suites take from here (sdk.md §1, §5-§7).

How values travel is decided elsewhere (`_serialize`, `_deserialize`, `_protobuf`); the
SDK itself needs none of this.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from stackwright.environment import ERROR_ON_DEPENDENCY_CYCLES
from stackwright.sdk import _references, _session
from stackwright.sdk.output import contains_unknowns
from stackwright.sdk.runtime import _protobuf
from stackwright.sdk.runtime._protobuf import (
    UNKNOWN,
    deserialize_output_value,
    deserialize_properties,
    deserialize_properties_unwrap_secrets,
    deserialize_property,
    deserialize_resource,
    is_rpc_secret,
    serialize_properties,
    serialize_property,
    struct_contains_unknowns,
    unwrap_rpc_secret,
    wrap_rpc_secret,
)
from stackwright.sdk.runtime._resolving import (
    resolve_outputs,
    resolve_outputs_due_to_exception,
    resolve_properties,
    transfer_properties,
    translate_output_properties,
)

if TYPE_CHECKING:
    from semver import VersionInfo

    from stackwright.sdk.resource import ProviderResource, Resource

# Suites clear these between tests.
_RESOURCE_PACKAGES = _session.resource_packages
_RESOURCE_MODULES = _session.resource_modules

_special_sig_key = _protobuf.SIGNATURE
_special_asset_sig = _protobuf.ASSET
_special_archive_sig = _protobuf.ARCHIVE
_special_secret_sig = _protobuf.SECRET
_special_resource_sig = _protobuf.REFERENCE
_special_output_value_sig = _protobuf.OUTPUT

ERROR_ON_DEPENDENCY_CYCLES_VAR = f"PULUMI_{ERROR_ON_DEPENDENCY_CYCLES.name}"
"""The variable that says whether circles among dependencies are errors, by the name that suites set."""

Resolver = Callable[[Any, bool, bool, "set[Resource] | None", "Exception | None"], None]
"""Settles one output of a resource: value, known, secret, what else it depends on, and a failure."""


class ResourcePackage(ABC):
    """What can make provider resources of one package from references (§7)."""

    @abstractmethod
    def version(self) -> VersionInfo | None:
        """The package's version; None fits every reference."""

    @abstractmethod
    def construct_provider(self, name: str, typ: str, urn: str) -> ProviderResource:
        """Make the object for the provider with this URN."""


class ResourceModule(ABC):
    """What can make resources of one module of a package from references (§7)."""

    @abstractmethod
    def version(self) -> VersionInfo | None:
        """The package's version; None fits every reference."""

    @abstractmethod
    def construct(self, name: str, typ: str, urn: str) -> Resource:
        """Make the object for the resource with this URN."""


def register_resource_package(pkg: str, package: ResourcePackage) -> None:
    """Have *package* make the providers that arrive by reference."""
    _references.register(_session.resource_packages, pkg, "package", package)


def register_resource_module(pkg: str, mod: str, module: ResourceModule) -> None:
    """Have *module* make the resources that arrive by reference."""
    _references.register(_session.resource_modules, f"{pkg}:{mod}", "module", module)


def get_resource_package(pkg: str, version: str) -> ResourcePackage | None:
    """The newest registered package that satisfies *version*."""
    found: ResourcePackage | None = _references.lookup(_session.resource_packages, pkg, version)
    return found


def get_resource_module(pkg: str, mod: str, version: str) -> ResourceModule | None:
    """The newest registered module that satisfies *version*."""
    found: ResourceModule | None = _references.lookup(_session.resource_modules, f"{pkg}:{mod}", version)
    return found


def same_version(a: VersionInfo | None, b: VersionInfo | None) -> bool:
    """Whether registrations with these versions exclude each other: equal, or one of them any."""
    return _references.same(a, b)


def check_version(want: VersionInfo | None, have: VersionInfo | None) -> bool:
    """Whether *have* can stand in for *want*."""
    return _references.satisfies(want, have)


def isLegalProtobufValue(value: Any) -> bool:  # noqa: N802 # known by this name
    """Whether *value* is plain data that can be sent as it is."""
    return value is None or isinstance(value, (bool, str, int, float, dict, list))


__all__ = [
    "UNKNOWN",
    "ResourceModule",
    "ResourcePackage",
    "check_version",
    "contains_unknowns",
    "deserialize_output_value",
    "deserialize_properties",
    "deserialize_properties_unwrap_secrets",
    "deserialize_property",
    "deserialize_resource",
    "get_resource_module",
    "get_resource_package",
    "isLegalProtobufValue",
    "is_rpc_secret",
    "register_resource_module",
    "register_resource_package",
    "resolve_outputs",
    "resolve_outputs_due_to_exception",
    "resolve_properties",
    "same_version",
    "serialize_properties",
    "serialize_property",
    "struct_contains_unknowns",
    "transfer_properties",
    "translate_output_properties",
    "unwrap_rpc_secret",
    "wrap_rpc_secret",
]
