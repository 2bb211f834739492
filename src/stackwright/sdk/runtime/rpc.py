"""
Names that provider packages and tools take from here (sdk.md §1, §7).

How values travel is decided elsewhere (`_serialize`, `_deserialize`); nothing in this
module knows a wire format, but for the string that stands for an unknown value.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Final

from stackwright.sdk import _references, _session
from stackwright.sdk.output import contains_unknowns
from stackwright.values import UnknownKind

if TYPE_CHECKING:
    from semver import VersionInfo

    from stackwright.sdk.resource import ProviderResource, Resource

UNKNOWN: Final = UnknownKind.STRING.value
"""The text that stands for an unknown value on the wire."""


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
    "get_resource_module",
    "get_resource_package",
    "isLegalProtobufValue",
    "register_resource_module",
    "register_resource_package",
]
