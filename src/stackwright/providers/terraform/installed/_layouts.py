"""Directories of packages, packed and unpacked, and what lies in them (terraform.md §7.5, §7.6)."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from semver import Version

from stackwright.providers.terraform.installed._address import ProviderAddress
from stackwright.providers.terraform.installed._versions import parse_provider_version

_MACHINES: Final = {
    "x86_64": "amd64",
    "amd64": "amd64",
    "aarch64": "arm64",
    "arm64": "arm64",
    "i386": "386",
    "i686": "386",
    "armv6l": "arm",
    "armv7l": "arm",
}


class LocalPackage(msgspec.Struct, frozen=True):
    """A package that a directory holds: itself a directory, or an archive still to be unpacked."""

    version: Version
    path: Path
    packed: bool


def current_platform() -> str:
    """This machine as `OS_ARCH`, in the words of Go."""
    system = {"win32": "windows", "cygwin": "windows"}.get(sys.platform, sys.platform)
    machine = platform.machine().lower()
    return f"{system}_{_MACHINES.get(machine, machine)}"


def unpacked_path(root: Path, address: ProviderAddress, version: str, target: str) -> Path:
    """Where the unpacked layout has a package."""
    return root / address.host / address.namespace / address.type / version / target


def archive_name(address: ProviderAddress, version: str, target: str) -> str:
    """What a package's archive is called."""
    return f"terraform-provider-{address.type}_{version}_{target}.zip"


def packages_in(root: Path, address: ProviderAddress, target: str) -> Iterator[LocalPackage]:
    """The packages of *address* below *root*, for one platform, unpacked ones first; it may be missing."""
    place = root / address.host / address.namespace / address.type
    try:
        names = sorted(entry.name for entry in os.scandir(place))
    except OSError:
        return
    for name in names:
        version = parse_provider_version(name)
        if version is not None and (place / name / target).is_dir():
            yield LocalPackage(version, place / name / target, packed=False)
    start, end = f"terraform-provider-{address.type}_", f"_{target}.zip"
    for name in names:
        if name.startswith(start) and name.endswith(end):
            version = parse_provider_version(name[len(start) : -len(end)])
            if version is not None:
                yield LocalPackage(version, place / name, packed=True)


def find_executable(directory: Path, kind: str) -> Path | None:
    """The program of the provider type *kind* in an unpacked package, or None."""
    start = f"terraform-provider-{kind}"
    try:
        for path in sorted(directory.iterdir()):
            name = path.name
            if (name == start or name.startswith((f"{start}_", f"{start}."))) and path.is_file():
                return path
    except OSError:
        pass  # a directory that cannot be read, or whose files cannot, holds no program for us
    return None
