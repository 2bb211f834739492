"""What a project's packages are, as the project file and the lock file know them."""

from __future__ import annotations

from pathlib import Path

import msgspec

from stackwright.errors import UserError
from stackwright.packages._ready import pinned_revision
from stackwright.packages._sources import GitSource, Source, TerraformSource, recorded_source
from stackwright.project import PackageSpec, Project
from stackwright.providers._lock_file import LockedPlugin, LockedProvider, LockFile
from stackwright.providers.plugin import plugin_name
from stackwright.providers.terraform.installed import read_locks


class ListedPackage(msgspec.Struct, frozen=True, kw_only=True):
    """A package as the project file and the lock file know it."""

    name: str
    source: str
    version: str
    constraints: str = ""
    pinned: bool = False


def listed_packages(project: Project) -> list[ListedPackage]:
    """
    What is recorded of the project's packages, in the order of the project file.

    Raises:
        LockFileError: What is pinned cannot be read.
    """
    lock = read_locks(project.root)
    return [_listed(name, spec, project.root, lock) for name, spec in project.packages.items()]


def _listed(name: str, spec: PackageSpec, root: Path, lock: LockFile) -> ListedPackage:
    source = understood(name, spec, root)
    entry = locked_entry(source, spec, lock)
    shown, version = spec.source, spec.version or ""
    if isinstance(source, TerraformSource):
        shown, version = source.address or source.path, source.constraint
    return ListedPackage(
        name=name,
        source=shown,
        version=entry.version if entry is not None else version,
        constraints=entry.constraints if isinstance(entry, LockedProvider) else "",
        pinned=entry is not None and bool(entry.hashes),
    )


def locked_entry(
    source: Source | None, spec: PackageSpec, lock: LockFile
) -> LockedProvider | LockedPlugin | None:
    """What the lock file pins for an entry of the project file, which means *source*."""
    match source:
        case TerraformSource():
            return lock.provider(source.address)
        case GitSource():
            return pinned_revision(lock, plugin_name("", source.repository.address), source.ref)
        case _:
            return lock.plugin("resource", spec.source, spec.version or "")


def understood(name: str, spec: PackageSpec, root: Path) -> Source | None:
    """What an entry means; None for one that only an installation has to complain of."""
    try:
        return recorded_source(name, spec, root)
    except UserError:
        return None
