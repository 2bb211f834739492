"""
Finding an installed provider, without a network (terraform.md §7.6-7.8).

Looked at, in this order: the executables under development that the CLI configuration
names, our own cache, Terraform's plugin cache, the filesystem mirrors of the
configuration or the directories that are mirrors without being named. The newest version
that is allowed is taken; of one version, the place that comes first. An archive in a
mirror is unpacked into our cache first. What a lock file pins is found by its hashes or
not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from stackwright.errors import UserError
from stackwright.providers._interface import ProviderMissingError, ProviderNotFoundError
from stackwright.providers._lock_file import LockedProvider, LockFile, LockMismatchError, agrees
from stackwright.providers.terraform.installed._address import (
    PUBLIC_HOSTS,
    ProviderAddress,
)
from stackwright.providers.terraform.installed._cli_config import (
    CliConfig,
    FilesystemMirror,
    read_cli_config,
)
from stackwright.providers.terraform.installed._hashes import archive_hash, remembered_package_hash
from stackwright.providers.terraform.installed._layouts import (
    LocalPackage,
    current_platform,
    find_executable,
    packages_in,
)
from stackwright.providers.terraform.installed._store import PackageStore, PackageStoreError
from stackwright.providers.terraform.installed._terraform_lock import (
    TERRAFORM_LOCK_NAME,
    read_locks,
    read_terraform_lock,
)
from stackwright.providers.terraform.installed._versions import ANY, Constraint, parse_provider_version
from stackwright.values import ArchiveError

LOCAL_HOST: Final = "localhost"
LOCAL_VERSION: Final = "0.0.0"
"""The version of a provider that was built here and never released."""


class InstalledProvider(msgspec.Struct, frozen=True, kw_only=True):
    """
    A provider that can be started.

    Attributes:
        hashes: `h1` of the package, and `zh` where its archive is known; none for an
            executable under development.
        source: For people: which place it was found in.
        notes: What the user should be told about this choice.
    """

    address: ProviderAddress
    version: str
    executable: Path
    package_directory: Path
    hashes: tuple[str, ...] = ()
    source: str
    notes: tuple[str, ...] = ()


class Place(msgspec.Struct, frozen=True):
    """A directory of packages; `own` is our cache, which vouches for its contents."""

    shown: str
    root: Path
    own: bool = False


class Candidate(msgspec.Struct, frozen=True):
    """A package that fits, and where it was seen."""

    place: Place
    package: LocalPackage


class LocalProviders:
    """
    The providers on this machine, as a project sees them.

    Everything is read anew for each instance, and by no other.
    """

    def __init__(
        self,
        project: Path,
        *,
        environ: Mapping[str, str] | None = None,
        config: CliConfig | None = None,
        lock: LockFile | None = None,
        store: PackageStore | None = None,
    ) -> None:
        self.config = read_cli_config(environ) if config is None else config
        self.store = PackageStore(environ=environ) if store is None else store
        self.target = current_platform()
        self.lock = read_locks(project) if lock is None else lock
        self._project = project
        self._environ = environ

    def find(self, address: ProviderAddress, constraint: Constraint = ANY) -> InstalledProvider:
        """
        The provider to use.

        A version that the lock file pins is the one to use, unless *constraint* names another
        exactly. Where a public registry's provider is not here, the other registry's one of
        the same name is taken, with a note.

        Raises:
            ProviderMissingError: It is not here; says where it was looked for.
            LockMismatchError: It is here, but not with a hash that the lock file pins.
        """
        found = self.find_or_none(address, constraint)
        if found is None and address.is_public:
            for host in PUBLIC_HOSTS:
                other = None if host == address.host else self.find_or_none(address.at(host), constraint)
                if other is not None:
                    note = f"{address} is not installed: {other.address} {other.version} is used instead"
                    return msgspec.structs.replace(other, notes=(*other.notes, note))
        if found is None:
            raise self._not_found(address, constraint)
        return found

    def find_or_none(
        self, address: ProviderAddress, constraint: Constraint = ANY
    ) -> InstalledProvider | None:
        """As `find`, for exactly this host, and with None for nothing."""
        directory = self.config.override(address)
        if directory is not None:
            return self._overridden(address, directory)
        entry = self.pinned(address, constraint)
        version = parse_provider_version(entry.version) if entry else None
        if entry is not None and version is not None and not constraint.allows(version):
            raise UserError(
                f"The lock file pins {address.shown} {entry.version}, which `{constraint.text}` excludes",
                hint="Run `stackwright package upgrade` to choose anew",
            )
        mismatches: list[str] = []
        for candidate in self.candidates(address, constraint):
            if version is not None and candidate.package.version != version:
                continue
            found = self._installed(address, candidate, entry, mismatches)
            if found is not None:
                return found
        if entry is not None:
            kept = self.store.pinned(address, entry.hashes)
            if kept is not None:
                return self._described(address, entry.version, kept, self.store.hashes(kept), "our cache")
            if mismatches:
                raise self._mismatch(address, entry, mismatches)
        return None

    def pinned(self, address: ProviderAddress, constraint: Constraint = ANY) -> LockedProvider | None:
        """The lock file's entry, unless *constraint* exactly names a version that it does not speak of."""
        entry = self.lock.provider(str(address))
        if entry is None:
            return None
        exact = constraint.exact
        if exact is not None and str(exact) != entry.version:
            return None
        return entry

    def candidates(self, address: ProviderAddress, constraint: Constraint = ANY) -> list[Candidate]:
        """Every package here that *constraint* allows, the newest first, of equals in the order of places."""
        found = [
            Candidate(place, package)
            for place in self.places(address)
            for package in packages_in(place.root, address, self.target)
            if constraint.allows(package.version)
        ]
        return sorted(found, key=lambda each: each.package.version, reverse=True)

    def places(self, address: ProviderAddress) -> Iterator[Place]:
        """Where *address* may lie, in order."""
        yield Place("our cache", self.store.layout, own=True)
        if self.config.plugin_cache is not None:
            yield Place(f"the plugin cache {self.config.plugin_cache}", self.config.plugin_cache)
        for method in self.config.methods_for(address, self._project, self._environ):
            if isinstance(method, FilesystemMirror):
                yield Place(f"the mirror {method.path}", method.path)

    def looked(self, address: ProviderAddress) -> Iterator[str]:
        """For people: each place, and what it has of *address*."""
        for place in self.places(address):
            flaw = None if place.own else _flaw(place.root)
            found = [
                f"{package.version}{self._flaw_of(package, address)}"
                for package in packages_in(place.root, address, self.target)
            ]
            here = f"only {', '.join(found)}" if found else "none"
            yield f"{place.shown}: {flaw or here}"

    def _flaw_of(self, package: LocalPackage, address: ProviderAddress) -> str:
        """Why *package* is of no use, in brackets; mostly nothing."""
        if package.packed:
            return ""
        if find_executable(package.path, address.type) is None:
            return f" (without a program `terraform-provider-{address.type}`)"
        try:
            remembered_package_hash(package.path, self._environ)
        except OSError as error:
            return f" (cannot be read: {error.strerror})"
        return ""

    def _installed(
        self,
        address: ProviderAddress,
        candidate: Candidate,
        entry: LockedProvider | None,
        mismatches: list[str],
    ) -> InstalledProvider | None:
        """What *candidate* offers, or None where it is damaged or not the pinned one."""
        package, version = candidate.package, str(candidate.package.version)
        pinned = entry.hashes if entry is not None else ()
        directory = package.path
        if package.packed:
            unpacked = self._unpack(address, package, pinned, mismatches)
            if unpacked is None:
                return None
            directory, hashes = unpacked
        elif candidate.place.own:
            directory, hashes = package.path.resolve(), self.store.hashes(package.path)
            if not hashes:
                return None
        else:
            try:
                hashes = (remembered_package_hash(directory, self._environ),)
            except OSError:
                return None  # `looked` tells why, if nobody else has it
        if not agrees(pinned, hashes):
            mismatches += [f"{each}  in {candidate.place.shown}" for each in hashes]
            return None
        return self._described(address, version, directory, hashes, candidate.place.shown)

    def _unpack(
        self, address: ProviderAddress, package: LocalPackage, pinned: tuple[str, ...], mismatches: list[str]
    ) -> tuple[Path, tuple[str, ...]] | None:
        """Take an archive of a mirror into our cache; one that `zh` hashes alone rule out stays packed."""
        version = str(package.version)
        try:
            found = archive_hash(package.path)
        except OSError as error:
            raise PackageStoreError(f"{package.path} cannot be read", detail=error.strerror) from error
        if pinned and all(each.startswith("zh:") for each in pinned) and found not in pinned:
            mismatches.append(f"{found}  {package.path}")
            return None
        with self.store.locked(address, version, self.target):
            try:
                stored = self.store.add(package.path, address, version, self.target)
            except ArchiveError as error:
                raise PackageStoreError(
                    f"{package.path} cannot be unpacked: {error.message}",
                    detail=error.detail,
                    hint="Put a whole archive in its place, or take it away",
                ) from error
        return stored.directory, stored.hashes

    def _described(
        self, address: ProviderAddress, version: str, directory: Path, hashes: tuple[str, ...], source: str
    ) -> InstalledProvider | None:
        executable = find_executable(directory, address.type)
        if executable is None:
            return None
        return InstalledProvider(
            address=address,
            version=version,
            executable=executable,
            package_directory=directory,
            hashes=hashes,
            source=source,
        )

    def _overridden(self, address: ProviderAddress, directory: Path) -> InstalledProvider:
        executable = find_executable(directory, address.type)
        if executable is None:
            raise ProviderNotFoundError(
                f"The provider {address.shown} is overridden by {directory}, which holds no such program",
                hint=f"Build `terraform-provider-{address.type}` there, or remove the entry of dev_overrides"
                f" from {self.config.path}",
            )
        return InstalledProvider(
            address=address,
            version=LOCAL_VERSION,
            executable=executable,
            package_directory=directory,
            source=f"the development override {directory}",
            notes=(
                (
                    f"The provider {address.shown} is overridden by {directory}, as {self.config.path} says:"
                    " neither version nor hashes are checked"
                ),
            ),
        )

    def _mismatch(
        self, address: ProviderAddress, entry: LockedProvider, found: list[str]
    ) -> LockMismatchError:
        terraform = self._project / TERRAFORM_LOCK_NAME
        if entry not in read_terraform_lock(terraform):
            lock, hint = self.lock.path, None
        else:
            lock = terraform
            hint = (
                "If it was written on another kind of machine only, `terraform providers lock"
                f" -platform={self.target}` adds what is missing; if not, find out who replaced the provider"
            )
        what = f"The provider {address.shown} {entry.version}"
        return LockMismatchError(what, lock, pinned=entry.hashes, found=found, hint=hint)

    def _not_found(self, address: ProviderAddress, constraint: Constraint) -> ProviderMissingError:
        entry = self.pinned(address, constraint)
        asked = constraint.text or (entry.version if entry else "")
        looked = [f"  {each}" for each in self.looked(address)]
        return ProviderMissingError(
            f"The Terraform provider {address.shown}{f' {asked}' if asked else ''} is not installed",
            detail="\n".join(["Looked in:", *looked]),
            hint=f"Run `stackwright install`, or `stackwright package add terraform-provider {address}`",
        )


def _flaw(root: Path) -> str | None:
    """Why there is nothing in a place of packages, if that is what it is."""
    try:
        next(root.iterdir(), None)
    except OSError as error:
        return "no such directory" if isinstance(error, FileNotFoundError) else str(error.strerror).lower()
    return None


def find_provider(
    address: ProviderAddress,
    constraint: Constraint = ANY,
    *,
    project: Path,
    environ: Mapping[str, str] | None = None,
    lock: LockFile | None = None,
) -> InstalledProvider:
    """The provider to use for *address* in the project in *project*; see `LocalProviders.find`."""
    return LocalProviders(project, environ=environ, lock=lock).find(address, constraint)


def provider_at(path: Path) -> InstalledProvider:
    """
    The provider at a path: the executable itself, called `terraform-provider-NAME`.

    Raises:
        ProviderNotFoundError: There is none, or its name says something else.
    """
    kind = path.name.removeprefix("terraform-provider-").split("_")[0].split(".")[0]
    if not path.name.startswith("terraform-provider-") or not kind:
        raise ProviderNotFoundError(
            f"{path} is not the program of a Terraform provider",
            hint="Such programs are called `terraform-provider-NAME`",
        )
    if not path.is_file():
        raise ProviderNotFoundError(
            f"There is no Terraform provider {path}", hint="Build it, or correct the path"
        )
    real = path.absolute()
    return InstalledProvider(
        address=ProviderAddress(LOCAL_HOST, "local", kind),
        version=LOCAL_VERSION,
        executable=real,
        package_directory=real.parent,
        source=str(real),
    )
