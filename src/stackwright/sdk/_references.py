"""
Resources that arrive by reference, and the provider packages that can make them (sdk.md §7).

A provider SDK registers its classes when it is imported. A reference to a resource
whose class is not registered becomes its id, or its URN.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Protocol

from stackwright.environment import DISABLE_RESOURCE_REFERENCES
from stackwright.sdk import _session
from stackwright.sdk._session import Session
from stackwright.urn import provider_package, urn_name, urn_type
from stackwright.values import UNKNOWN, ResourceRef, Unknown

if TYPE_CHECKING:
    from semver import VersionInfo


class Versioned(Protocol):
    """What is registered: it has a version, or None for any."""

    def version(self) -> VersionInfo | None: ...


def register(table: dict[str, list[Any]], key: str, what: str, entry: Versioned) -> None:
    """Add *entry*; a second one of the same version is a ValueError (§7)."""
    entries = table.setdefault(key, [])
    for known in entries:
        if same(known.version(), entry.version()):
            raise ValueError(
                f"Cannot register the {what} {key}@{entry.version()}: it is registered already. "
                f"Before: {known!r}. Now: {entry!r}"
            )
    entries.append(entry)


def forget(modules: Collection[str]) -> None:
    """Take out what packages registered whose *modules* are gone, so that they can do so again."""
    for table in (_session.resource_packages, _session.resource_modules):
        for key, entries in list(table.items()):
            table[key] = [entry for entry in entries if type(entry).__module__ not in modules]


def same(one: VersionInfo | None, other: VersionInfo | None) -> bool:
    """Whether these versions are equal, or one of them is any."""
    return one is None or other is None or one == other


def satisfies(want: VersionInfo | None, have: VersionInfo | None) -> bool:
    """Whether what is registered as *have* can stand in for *want*."""
    if want is None or have is None:
        return True
    return have.major == want.major and have.minor >= want.minor and have.patch >= want.patch


def lookup(table: dict[str, list[Any]], key: str, version: str) -> Any:
    """The newest entry that satisfies *version* (empty: any), or None."""
    entries = table.get(key)
    if not entries:
        return None
    want = None
    if version:
        from semver import VersionInfo

        want = VersionInfo.parse(version)
    best: Any = None
    for entry in entries:
        have = entry.version()
        if not satisfies(want, have):
            continue
        best_version = best.version() if best is not None else None
        if best is None or (have is not None and (best_version is None or have > best_version)):
            best = entry
    return best


def resource_of(session: Session, reference: ResourceRef) -> Any:
    """The object that stands for *reference* in the program."""
    if DISABLE_RESOURCE_REFERENCES.value():
        return _in_short(reference)
    urn = reference.urn
    found = made(urn_name(urn), urn_type(urn), urn, reference.package_version)
    return _in_short(reference) if found is None else found


def made(name: str, typ: str, urn: str, version: str) -> Any:
    """What a registered package makes for a resource of this type; None if none is registered."""
    package = provider_package(typ)
    if package is not None:
        entry = lookup(_session.resource_packages, package, version)
        return None if entry is None else entry.construct_provider(name, typ, urn)
    entry = lookup(_session.resource_modules, ":".join(typ.split(":")[:2]), version)
    return None if entry is None else entry.construct(name, typ, urn)


def _in_short(reference: ResourceRef) -> Any:
    if reference.id is None:
        return reference.urn
    return UNKNOWN if isinstance(reference.id, Unknown) or reference.id == "" else reference.id


def dependency(session: Session, urn: str) -> Any:
    """A resource known by its URN alone."""
    # Resources are made of what is below them, this module included; only this one makes resources.
    from stackwright.sdk.resource import DependencyResource

    return DependencyResource(urn)
