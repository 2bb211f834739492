"""
Our own cache of unpacked packages (terraform.md §7.8).

Contents lie under their own hash; the unpacked layout of addresses and versions is
links to them. So a package is kept once however many names it has, two projects that
pin different archives of one version do not disturb each other, and what was tampered
with is recognised by its own name.

    packages/HASH/…                             the files; HASH is `h1` in hexadecimal
    packages/HASH.json                          all hashes that are known of it
    providers/HOST/NAMESPACE/TYPE/VERSION/OS_ARCH  → a link to the directory above
    providers/HOST/NAMESPACE/TYPE/VERSION/OS_ARCH.lock

A package appears whole or not at all. Processes that install the same one take turns.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from stackwright.environment import home, writing_home
from stackwright.errors import UserError
from stackwright.providers.terraform.installed._address import ProviderAddress
from stackwright.providers.terraform.installed._hashes import (
    archive_hash,
    package_hash,
    remembered_package_hash,
)
from stackwright.providers.terraform.installed._layouts import (
    LocalPackage,
    find_executable,
    packages_in,
    unpacked_path,
)
from stackwright.values import ArchiveError, ArchiveLimits, extract_archive

_ABANDONED: Final = 24 * 60 * 60


class PackageStoreError(UserError):
    """A package cannot be put into the cache."""

    code = "package-store"


class StoredPackage(msgspec.Struct, frozen=True):
    """A package in the cache: where it is, and every hash that is known of it."""

    directory: Path
    hashes: tuple[str, ...]


class PackageStore:
    """The cache below a directory, by default in our home."""

    def __init__(self, root: Path | None = None, environ: Mapping[str, str] | None = None) -> None:
        self._root = home(environ) / "terraform" if root is None else root
        self._environ = environ

    @property
    def layout(self) -> Path:
        """The directory that has the unpacked layout."""
        return self._root / "providers"

    def packages(self, address: ProviderAddress, target: str) -> Iterator[LocalPackage]:
        """What is kept of *address* for a platform."""
        return packages_in(self.layout, address, target)

    def hashes(self, directory: Path) -> tuple[str, ...]:
        """
        The hashes of a package in here; nothing if its files are not what they were.

        *directory* may be a link of the layout.
        """
        real = directory.resolve()
        try:
            found = remembered_package_hash(real, self._environ)
        except OSError:
            return ()
        if _directory_name(found) != real.name:
            return ()
        return (found, *(each for each in self._said(real) if each != found))

    def pinned(self, address: ProviderAddress, hashes: Sequence[str]) -> Path | None:
        """A package with one of these `h1` hashes, whatever the layout points at now."""
        for each in hashes:
            if each.startswith("h1:"):
                directory = self._root / "packages" / _directory_name(each)
                if find_executable(directory, address.type) is not None and self.hashes(directory):
                    return directory
        return None

    @contextlib.contextmanager
    def locked(self, address: ProviderAddress, version: str, target: str) -> Iterator[None]:
        """
        Hold the turn for one package; other processes wait meanwhile.

        Raises:
            PackageStoreError: The cache cannot be written.
        """
        place = unpacked_path(self.layout, address, version, target)
        lock = place.with_name(f"{target}.lock")
        with writing_home(PackageStoreError, f"{place} cannot be written"):
            lock.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def add(
        self,
        archive: Path,
        address: ProviderAddress,
        version: str,
        target: str,
        *,
        check: Callable[[Sequence[str]], None] | None = None,
    ) -> StoredPackage:
        """
        Unpack a verified *archive* and give it its name.

        *check* is shown the hashes before anything is kept; what it raises ends the matter.

        Call it with the package `locked`. Blocks.

        Raises:
            ArchiveError: The archive is damaged, unsafe or too big.
            PackageStoreError: It holds no provider, or the cache cannot be written.
        """
        place = unpacked_path(self.layout, address, version, target)
        packages = self._root / "packages"
        with writing_home(PackageStoreError, f"{place} cannot be written"):
            packages.mkdir(parents=True, exist_ok=True)
            _sweep(packages)
            size = archive.stat().st_size
            fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=packages))
            try:
                contents = fresh / "contents"
                try:
                    extract_archive(archive, contents, limits=ArchiveLimits.for_archive(size))
                except ArchiveError as error:
                    if isinstance(error.__cause__, OSError):
                        raise error.__cause__ from error
                    raise
                program = find_executable(contents, address.type)
                if program is None:
                    raise PackageStoreError(
                        f"The archive of {address.shown} {version} holds no program "
                        f"`terraform-provider-{address.type}`"
                    )
                program.chmod(program.stat().st_mode | 0o111)
                found = package_hash(contents)
                directory = packages / _directory_name(found)
                known = dict.fromkeys((found, archive_hash(archive), *self._said(directory)))
                if check is not None:
                    check(tuple(known))
                if not (directory.is_dir() and self.hashes(directory)):
                    self._move(contents, directory)
                note = fresh / "note.json"
                note.write_text(json.dumps({"hashes": list(known)}), encoding="utf-8")
                note.replace(directory.with_name(f"{directory.name}.json"))
                link = fresh / "link"
                link.symlink_to(os.path.relpath(directory, place.parent))
                if place.is_dir() and not place.is_symlink():
                    shutil.rmtree(place)
                link.replace(place)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
        return StoredPackage(directory, tuple(known))

    def _move(self, contents: Path, directory: Path) -> None:
        if directory.exists():  # damaged: nothing that runs from it is worth keeping
            shutil.rmtree(directory)
        try:
            contents.rename(directory)
        except OSError:
            # The same contents under another name may have come meanwhile.
            if not self.hashes(directory):
                raise

    def _said(self, directory: Path) -> tuple[str, ...]:
        try:
            note = json.loads(directory.with_name(f"{directory.name}.json").read_bytes())
            return tuple(str(each) for each in note["hashes"])
        except (OSError, ValueError, KeyError, TypeError):
            return ()


def _sweep(packages: Path) -> None:
    """Remove what processes that were killed have left; nobody takes a day for one package."""
    for leftover in packages.glob(".new-*"):
        with contextlib.suppress(OSError):
            if time.time() - leftover.stat().st_mtime > _ABANDONED:
                shutil.rmtree(leftover, ignore_errors=True)


def _directory_name(h1: str) -> str:
    try:
        return base64.b64decode(h1.removeprefix("h1:"), validate=True).hex()
    except ValueError:
        return "-"  # no hash at all, so the name of nothing
