"""
Installing Terraform providers: choose, fetch, verify, unpack, pin (terraform.md §7).

What is here already is preferred, so that nothing is asked of the network without need.
Nothing is unpacked before its checksum, its signature and the lock file agree, and
nothing is ever executed here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
from semver import Version

from stackwright.packages._credentials import Credentials
from stackwright.packages._errors import FetchError, MissingError, PackageError, VerificationError
from stackwright.packages._progress import Progress, Silent
from stackwright.packages._registry import Mirror, Offer, Registry, RemoteArchive, Supplier, is_usable
from stackwright.packages._signatures import verify_signature
from stackwright.packages._web import Web
from stackwright.providers._lock_file import LockedProvider, LockFile, LockMismatchError, agrees
from stackwright.providers.terraform.installed import (
    ANY,
    OPENTOFU_HOST,
    PUBLIC_HOSTS,
    Constraint,
    Direct,
    InstalledProvider,
    LocalProviders,
    NetworkMirror,
    ProviderAddress,
    archive_hash,
    names_host,
    parse_address,
    parse_constraint,
    parse_provider_version,
)

_SUM: Final = re.compile(r"^([0-9A-Fa-f]{64})[ \t]+\*?(\S+)[ \t]*\r?$", re.MULTILINE)


class Installation(msgspec.Struct, frozen=True):
    """A provider that is ready, and what the lock file should say of it (None: nothing)."""

    provider: InstalledProvider
    entry: LockedProvider | None


class _Choice(msgspec.Struct, frozen=True):
    """A version on the network, and who has it."""

    version: Version
    supplier: Supplier
    protocols: tuple[str, ...]


class ProviderInstaller:
    """
    Installs for one project. Blocks; the lock file it is given is only read.

    Warnings, and what is done, are told to *progress*.
    """

    def __init__(
        self,
        project: Path,
        web: Web,
        *,
        lock: LockFile | None = None,
        progress: Progress | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._environ = os.environ if environ is None else environ
        self._local = LocalProviders(project, environ=environ, lock=lock)
        self._credentials = Credentials(self._local.config, self._environ)
        self._project = project
        self._web = web
        self._progress: Progress = progress or Silent()

    def resolve(self, text: str) -> ProviderAddress:
        """
        The whole address that *text* means.

        Where no host is named, it is the public registry whose provider is pinned, or is in reach
        without a registry, or is redirected by the CLI configuration; else OpenTofu's, which
        serves every tool.

        Raises:
            BadAddressError: It is no address.
        """
        address = parse_address(text)
        if names_host(text):
            return address
        known = [address.at(host) for host in PUBLIC_HOSTS]
        for each in known:
            if self._local.lock.provider(str(each)) or self._local.config.override(each):
                return each
        for each in known:
            if self._local.candidates(each) or self._is_mirrored(each):
                return each
        for each in known:
            if each.host in self._local.config.services:
                return each
        return address.at(OPENTOFU_HOST)

    def install(
        self, address: ProviderAddress, constraint: Constraint = ANY, *, upgrade: bool = False
    ) -> Installation:
        """
        Make the provider ready.

        *upgrade* looks for the newest version everywhere and pins that, whatever is pinned now.

        Raises:
            PackageError: Nobody has it, it cannot be fetched, or it is not what was promised.
            LockMismatchError: It is not what the lock file pins.
            UserError: The lock file's version is excluded by *constraint*.
        """
        if upgrade:
            return self._upgrade(address, constraint)
        try:
            found = self._local.find_or_none(address, constraint)
        except LockMismatchError:
            # What lies here is another one; the network may have the one that is pinned.
            found = self._fetched_as_pinned(address, constraint)
            if found is None:
                raise
        if found is None:
            found = self._fetch(address, constraint)
        return self._installation(found, constraint, self._local.pinned(address, constraint))

    def _upgrade(self, address: ProviderAddress, constraint: Constraint) -> Installation:
        # A lock that says nothing of the provider, so that what it pinned does not matter.
        self._local = LocalProviders(
            self._project,
            environ=self._environ,
            config=self._local.config,
            lock=self._local.lock.without_provider(str(address)),
            store=self._local.store,
        )
        here = self._local.find_or_none(address, constraint)
        if here is not None and not here.hashes:  # under development
            return Installation(here, None)
        choice = self._choose(address, constraint, tolerant=here is not None)
        newest = parse_provider_version(here.version) if here is not None else None
        if choice is not None and (newest is None or choice.version > newest):
            here = self._fetch_choice(address, choice, None)
        if here is None:
            raise self._nobody(address, constraint)
        return self._installation(here, constraint, None)

    def _installation(
        self, found: InstalledProvider, constraint: Constraint, entry: LockedProvider | None
    ) -> Installation:
        for note in found.notes:
            self._progress.note(note)
        if not found.hashes:  # an executable under development is never pinned
            return Installation(found, None)
        kept = entry if entry is not None and entry.version == found.version else None
        hashes = dict.fromkeys((*(kept.hashes if kept else ()), *found.hashes))
        return Installation(
            found,
            LockedProvider(
                address=str(found.address),
                version=found.version,
                constraints=constraint.text or (kept.constraints if kept else ""),
                hashes=tuple(hashes),
                schema=kept.schema if kept else "",
            ),
        )

    # The network ----------------------------------------------------------------------------------

    def _suppliers(self, address: ProviderAddress) -> list[Supplier]:
        config = self._local.config
        suppliers: list[Supplier] = []
        for method in config.methods_for(address, self._project, self._environ):
            if isinstance(method, NetworkMirror):
                suppliers.append(Mirror(self._web, method.url, self._credentials))
            elif isinstance(method, Direct):
                suppliers.append(Registry(self._web, address.host, config, self._credentials))
        return suppliers

    def _is_mirrored(self, address: ProviderAddress) -> bool:
        for supplier in self._suppliers(address):
            if isinstance(supplier, Mirror):
                try:
                    return bool(supplier.versions(address).versions)
                except MissingError:
                    continue
        return False

    def _fetched_as_pinned(
        self, address: ProviderAddress, constraint: Constraint
    ) -> InstalledProvider | None:
        return self._fetch(address, constraint) if self._suppliers(address) else None

    def _fetch(self, address: ProviderAddress, constraint: Constraint) -> InstalledProvider:
        entry = self._local.pinned(address, constraint)
        wanted = constraint
        if entry is not None:
            wanted = parse_constraint(f"= {entry.version}")
        choice = self._choose(address, wanted)
        if choice is None:
            raise self._nobody(address, wanted)
        return self._fetch_choice(address, choice, entry)

    def _choose(
        self, address: ProviderAddress, constraint: Constraint, *, tolerant: bool = False
    ) -> _Choice | None:
        """The newest usable version and the first supplier that has it; None where nobody has any."""
        choices: dict[Version, _Choice] = {}
        for supplier in self._suppliers(address):
            try:
                offer: Offer = supplier.versions(address)
            except MissingError:
                continue
            except FetchError as error:
                if not tolerant:
                    raise
                self._progress.note(f"{error.message}: only what is here is considered")
                continue
            for warning in offer.warnings:
                self._progress.note(f"{supplier.shown} says of {address.shown}: {warning}")
            for version, protocols in offer.versions.items():
                choices.setdefault(version, _Choice(version, supplier, protocols))
        allowed = sorted((each for each in choices if constraint.allows(each)), reverse=True)
        usable = next((choices[each] for each in allowed if is_usable(choices[each].protocols)), None)
        if usable is None and allowed:
            spoken = ", ".join(choices[allowed[0]].protocols)
            raise PackageError(
                f"{address.shown} {allowed[0]} speaks version {spoken} of the plugin protocol;"
                " versions 5 and 6 are supported",
                hint="Choose another version of the provider",
            )
        return usable

    def _fetch_choice(
        self, address: ProviderAddress, choice: _Choice, entry: LockedProvider | None
    ) -> InstalledProvider:
        version, target, store = str(choice.version), self._local.target, self._local.store
        with store.locked(address, version, target):
            # Another process may have been faster.
            found = self._stored(address, version, entry)
            if found is not None:
                return found
            remote = choice.supplier.archive(address, choice.version, target)
            what = f"{address.shown} {version}"
            sums = self._checked_sums(what, address, choice.supplier, remote)
            pinned = entry.hashes if entry is not None else ()
            said = f"Installing the Terraform provider {what} from {choice.supplier.shown}"
            self._progress.installing(what, said)
            path = self._web.download(
                remote.url, what=what, identity=f"{remote.shasum}{''.join(remote.hashes)}"
            )
            try:
                self._check_archive(what, path, remote, pinned)

                def check(hashes: Sequence[str]) -> None:
                    for promised in (remote.hashes, pinned):
                        if not agrees(promised, hashes):
                            lock = self._local.lock.path
                            raise LockMismatchError(what, lock, pinned=promised, found=hashes)

                stored = store.add(path, address, version, target, check=check)
            finally:
                self._web.discard(path)
            found = self._stored(address, version, entry)
        if found is None:
            raise PackageError(f"{what} was installed, but cannot be found", detail=str(stored.directory))
        return msgspec.structs.replace(found, hashes=(*found.hashes, *sums))

    def _stored(
        self, address: ProviderAddress, version: str, entry: LockedProvider | None
    ) -> InstalledProvider | None:
        lock = LockFile(path=self._local.lock.path, providers=(entry,) if entry is not None else ())
        alone = LocalProviders(
            self._project,
            environ=self._environ,
            config=msgspec.structs.replace(self._local.config, methods=(), overrides={}, plugin_cache=None),
            lock=lock,
            store=self._local.store,
        )
        try:
            return alone.find_or_none(address, parse_constraint(f"= {version}"))
        except LockMismatchError:
            return None

    # Verification ---------------------------------------------------------------------------------

    def _checked_sums(
        self, what: str, address: ProviderAddress, supplier: Supplier, remote: RemoteArchive
    ) -> tuple[str, ...]:
        """`zh` hashes of the version's archives for all platforms, whose list is signed (§7.4, 2 and 3)."""
        if not supplier.signs:
            return ()
        if not remote.keys:
            enforced = self._environ.get("OPENTOFU_ENFORCE_GPG_VALIDATION", "").lower() in ("true", "1")
            if address.host != OPENTOFU_HOST or enforced:
                raise VerificationError(
                    f"{supplier.shown} announces no key that signed {what}",
                    hint="The provider's publisher has to register a signing key there",
                )
            self._progress.note(f"{what} is not signed: {supplier.shown} knows no key of its publisher")
        if remote.sums is None or (remote.keys and remote.signature is None):
            raise VerificationError(f"{supplier.shown} gives no signed checksums for {what}")
        if remote.keys and remote.signature is not None:
            for warning in verify_signature(
                remote.sums, remote.signature, remote.keys, what=what, environ=self._environ
            ):
                self._progress.note(warning)
        listed = {name: sum_.lower() for sum_, name in _SUM.findall(remote.sums.decode("utf-8", "replace"))}
        if listed.get(remote.filename) != remote.shasum or not remote.shasum:
            raise VerificationError(
                f"The signed checksums of {what} do not list {remote.filename} as the registry describes it",
                detail=f"listed: {listed.get(remote.filename, 'nothing')}\nregistry: {remote.shasum}",
            )
        return tuple(f"zh:{sum_}" for name, sum_ in listed.items() if name.endswith(".zip"))

    @staticmethod
    def _check_archive(what: str, path: Path, remote: RemoteArchive, pinned: tuple[str, ...]) -> None:
        """§7.4, 1 and, as far as it can be told before unpacking, 4."""
        found = archive_hash(path)
        if remote.shasum and found != f"zh:{remote.shasum}":
            raise VerificationError(
                f"The archive of {what} has not the checksum that was promised",
                detail=f"promised: {remote.shasum}\nfound:    {found.removeprefix('zh:')}",
                hint="Try again; if it stays so, the server or the network tampers with it",
            )
        for hashes in (remote.hashes, pinned):
            if hashes and all(each.startswith("zh:") for each in hashes) and found not in hashes:
                raise VerificationError(
                    f"The archive of {what} has none of the hashes that are promised or pinned",
                    detail="\n".join([*(f"expected: {each}" for each in hashes), f"found:    {found}"]),
                )

    def _nobody(self, address: ProviderAddress, constraint: Constraint) -> PackageError:
        suppliers = self._suppliers(address)
        asked = f" that `{constraint.text}` allows" if constraint.text else ""
        config = self._local.config
        hint = f"Make sure that the address is right: it is read as {address}"
        if config.methods is not None and not any(each.signs for each in suppliers):
            hint += (
                f". {config.path} keeps registries from being asked: put the provider into one of these"
                " places, or let a `direct` block include it"
            )
        looked = [*self._local.looked(address), *(each.shown for each in suppliers)]
        return MissingError(
            f"Nobody has a version of the Terraform provider {address.shown}{asked}",
            detail="\n".join(["Looked in:", *(f"  {each}" for each in looked)]),
            hint=hint,
        )
