"""
Installing plugins into the plugin directory (protocol.md §7.3, §7.4).

An archive is verified before it is unpacked, and a directory of its own appears whole or
not at all. Processes that install the same plugin take turns. Nothing of a plugin is executed;
one that comes as source gets an environment with what it requires.
"""

from __future__ import annotations

import contextlib
import fcntl
import glob
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from semver import Version

from stackwright.environment import plugin_directories, unwritable_home, writing_home
from stackwright.errors import UserError
from stackwright.packages._errors import FetchError, MissingError, PackageError, VerificationError
from stackwright.packages._git import PIN
from stackwright.packages._plugin_sources import GitSource, PluginSource, plugin_platform, plugin_sources
from stackwright.packages._progress import Progress, Silent
from stackwright.packages._source_plugins import is_python_source, provide_environment_for
from stackwright.packages._web import Web
from stackwright.providers._lock_file import LockedPlugin, check_hashes, pins_for, with_pins
from stackwright.providers.plugin import (
    InstalledPlugin,
    LocatedPlugin,
    installed_plugins,
    is_repository,
    parse_version,
    plugin_name,
    source_environment,
)
from stackwright.providers.terraform.installed import archive_hash, package_hash
from stackwright.values import ArchiveError, ArchiveLimits, extract_archive

KINDS: Final = ("analyzer", "language", "resource", "converter", "tool")
_DESCRIPTIONS: Final = ("PulumiPlugin.yaml", "PulumiPlugin.yml", "PulumiPolicy.yaml")


class PluginRequest(msgspec.Struct, frozen=True, kw_only=True):
    """
    A plugin that is wanted.

    Attributes:
        version: Without `v`; empty for the newest.
        server: Where to download it from; empty for the usual places.
        checksums: SHA-256 in hexadecimal by `os-arch`; one under an empty key counts everywhere.
        pinned: Hashes of the lock file, as they stand there.
    """

    kind: str = "resource"
    name: str
    version: str = ""
    server: str = ""
    checksums: Mapping[str, str] = {}
    pinned: tuple[str, ...] = ()

    @property
    def checksum(self) -> str:
        """The one for this machine, or nothing."""
        return (self.checksums.get("-".join(plugin_platform())) or self.checksums.get("", "")).lower()

    @property
    def pins(self) -> tuple[str, ...]:
        """Those of the lock file's hashes that hold here."""
        return pins_for(self.pinned, "-".join(plugin_platform()))

    def pinned_with(self, found: Sequence[str]) -> tuple[str, ...]:
        """What the lock file should say once *found* are known; sources are the same everywhere."""
        if is_repository(self.server):
            return tuple(dict.fromkeys((*self.pinned, *found)))
        return with_pins(self.pinned, found, "-".join(plugin_platform()))


class PluginInstallation(msgspec.Struct, frozen=True):
    """A plugin that is installed; `fresh` says that it was not before."""

    plugin: InstalledPlugin
    entry: LockedPlugin
    fresh: bool


class PluginInstaller:
    """Installs into one plugin directory, by default ours. Blocks."""

    def __init__(
        self,
        web: Web,
        *,
        directory: Path | None = None,
        progress: Progress | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._environ = os.environ if environ is None else environ
        self._directory = directory or plugin_directories(self._environ)[0]
        self._progress: Progress = progress or Silent()
        self._web = web

    def install(
        self, request: PluginRequest, *, reinstall: bool = False, file: Path | None = None
    ) -> PluginInstallation:
        """
        Make a plugin ready: from *file* (an archive, a program, or a directory), or from its source.

        Raises:
            PackageError: It cannot be fetched, or is not what was promised.
            LockMismatchError: It is not what the lock file pins.
            ArchiveError: The archive is damaged, unsafe or too big.
        """
        if file is not None and not file.exists():
            raise UserError(f"There is no {file} to install the plugin {request.name} from")
        name = plugin_name(request.name, request.server)
        request = msgspec.structs.replace(request, name=name)
        check_plugin_name(request.kind, request.name)
        sources = plugin_sources(request.kind, request.name, request.server, environ=self._environ)
        version = request.version.removeprefix("v") or self._newest(request, sources)
        number = parse_version(version)
        if number is None:
            raise UserError(f"invalid plugin semver: `{version}` is not a semantic version")
        target = self._directory / f"{request.kind}-{request.name}-v{number}"
        with self._turn(target):
            here = None if reinstall else self._here(request, number)
            if here is not None:
                return PluginInstallation(here, self._entry(request, here, ()), fresh=False)
            hashes = self._place(request, str(number), sources, target, file)
        installed = InstalledPlugin(kind=request.kind, name=request.name, version=number, directory=target)
        return PluginInstallation(installed, self._entry(request, installed, hashes), fresh=True)

    def entry_of(self, request: PluginRequest, found: LocatedPlugin) -> LockedPlugin:
        """
        The lock file's entry for a plugin that a plugin directory has.

        Raises:
            LockMismatchError: It is not what is pinned.
        """
        directory = found.path if found.path.is_dir() else found.path.parent
        what = f"The {request.kind} plugin {request.name} {found.version}"
        check_hashes(what, None, pinned=_unpacked(request.pins), found=partial(_hashes_of, directory))
        return LockedPlugin(
            kind=request.kind,
            name=request.name,
            version=found.version,
            server=request.server,
            hashes=request.pinned_with([package_hash(directory)]),
        )

    def _newest(self, request: PluginRequest, sources: Sequence[PluginSource]) -> str:
        problems: list[FetchError] = []
        for source in sources:
            try:
                return source.newest(self._web)
            except FetchError as error:
                problems.append(error)
        raise _all_failed(f"The newest version of the plugin {request.name} is not known", problems)

    def _here(self, request: PluginRequest, version: Version) -> InstalledPlugin | None:
        """The plugin, if it is installed as it is wanted."""
        for plugin in installed_plugins(self._directory):
            if (plugin.kind, plugin.name, plugin.version) == (request.kind, request.name, version):
                what = f"The {request.kind} plugin {request.name} {version}"
                hashes = partial(_hashes_of, plugin.directory)
                check_hashes(what, None, pinned=_unpacked(request.pins), found=hashes)
                return plugin
        return None

    def _place(
        self,
        request: PluginRequest,
        version: str,
        sources: Sequence[PluginSource],
        target: Path,
        file: Path | None,
    ) -> tuple[str, ...]:
        """Put the plugin's files to *target*; answers what is known of their archive."""
        what = f"[{request.kind} plugin {request.name}-{version}]"
        unfinished = target.with_name(f"{target.name}.partial")
        fresh = target.with_name(f"{target.name}.tmp{os.getpid()}")
        _clear_leftovers(target)
        self._progress.installing(what, f"{what} installing")
        fetched: Path | None = None
        hashes: tuple[str, ...] = ()
        if file is None:
            fetched, hashes = self._fetch(request, version, sources, what)
        try:
            archive = fetched or file
            assert archive is not None
            if archive.is_file() and not hashes:
                hashes = self._checked(request, what, archive)
            unfinished.touch()
            _unpack(archive, fresh, request, may_be_program=file is not None)
            check_hashes(what, None, pinned=request.pins, found=lambda: [*hashes, *_hashes_of(fresh)])
            if is_python_source(fresh):
                environment = source_environment(target)
                provide_environment_for(fresh, environment, what=what, progress=self._progress)
            if target.exists():
                shutil.rmtree(target)
            fresh.rename(target)
            unfinished.unlink()
        except OSError as error:
            raise unwritable_home(PackageError, f"{what} cannot be written to {target}", error) from error
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
            if not target.exists():
                unfinished.unlink(missing_ok=True)
            if fetched is not None:
                self._web.discard(fetched)
        return hashes

    def _fetch(
        self,
        request: PluginRequest,
        version: str,
        sources: Sequence[PluginSource],
        what: str,
    ) -> tuple[Path, tuple[str, ...]]:
        """The archive, and what vouches for it beside its own sum."""
        problems: list[FetchError] = []
        for source in sources:
            try:
                if isinstance(source, GitSource):
                    path, commit = source.sources(self._web, version, request.pinned)
                    return path, (f"{PIN}{commit}",)
                archive = source.archive(self._web, version)
                path = self._web.download(
                    archive.url,
                    what=what,
                    identity=request.checksum,
                    token=archive.token,
                    headers=archive.headers,
                )
                return path, ()
            except FetchError as error:
                problems.append(error)
        raise _all_failed(f"{what} cannot be downloaded", problems)

    @staticmethod
    def _checked(request: PluginRequest, what: str, archive: Path) -> tuple[str, ...]:
        found = archive_hash(archive)
        if request.checksum and found != f"zh:{request.checksum}":
            raise VerificationError(
                f"The archive of {what} has not the checksum that it should have",
                detail=f"expected: {request.checksum}\nfound:    {found.removeprefix('zh:')}",
                hint="Try again; if it stays so, the server or the network tampers with it",
            )
        if not _unpacked(request.pins):
            check_hashes(what, None, pinned=request.pins, found=lambda: [found])
        return (found,)

    @staticmethod
    def _entry(request: PluginRequest, plugin: InstalledPlugin, hashes: tuple[str, ...]) -> LockedPlugin:
        return LockedPlugin(
            kind=request.kind,
            name=request.name,
            version=str(plugin.version),
            server=request.server,
            hashes=request.pinned_with([package_hash(plugin.directory), *hashes]),
        )

    @contextlib.contextmanager
    def _turn(self, target: Path) -> Iterator[None]:
        with writing_home(PackageError, f"{self._directory} cannot be written"):
            self._directory.mkdir(parents=True, exist_ok=True)
            handle = os.open(target.with_name(f"{target.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def check_plugin_name(kind: str, name: str) -> None:
    """
    Make sure that a plugin may be called so: names become paths.

    Raises:
        UserError: It may not.
    """
    if kind not in KINDS:
        raise UserError(f"unrecognized plugin kind: {kind}", hint=f"Kinds are {', '.join(KINDS)}")
    if not name or not all(mark.isalnum() or mark in "._-" for mark in name) or name[0] in "._-":
        raise UserError(f"`{name}` cannot be the name of a plugin")


def _clear_leftovers(target: Path) -> None:
    """Remove what others left who were killed; with the turn for *target*, nobody can be working on it."""
    for start in ("", "."):  # unpacking has a directory of its own beside the new one
        for leftover in target.parent.glob(f"{start}{glob.escape(target.name)}.tmp*"):
            shutil.rmtree(leftover, ignore_errors=True)


def _unpack(source: Path, target: Path, request: PluginRequest, *, may_be_program: bool) -> None:
    """
    The contents of an archive, a directory or a lone program in a fresh directory.

    A lone program is what the user says is one, never what a server gave.
    """
    program = f"pulumi-{request.kind}-{request.name}"
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    elif _is_archive(source):
        try:
            extract_archive(source, target, limits=ArchiveLimits.for_archive(source.stat().st_size))
        except ArchiveError as error:
            if isinstance(error.__cause__, OSError):
                raise error.__cause__ from error
            raise
    elif not may_be_program:
        raise FetchError(
            "What the server gave is not an archive",
            hint="Make sure that the address is right; a proxy or login page may have answered instead",
        )
    else:
        target.mkdir()
        shutil.copyfile(source, target / program)
    binary = next((each for each in (target / program, target / f"{program}.exe") if each.is_file()), None)
    if binary is not None:
        binary.chmod(binary.stat().st_mode | 0o111)
    elif not any((target / name).is_file() for name in _DESCRIPTIONS):
        raise MissingError(
            f"There is no plugin in it: neither a program `{program}` nor a PulumiPlugin.yaml",
            detail=str(source),
        )


def _hashes_of(directory: Path) -> list[str]:
    return [package_hash(directory)]


def _unpacked(hashes: Sequence[str]) -> tuple[str, ...]:
    """Those that can be told of unpacked files."""
    return tuple(each for each in hashes if each.startswith("h1:"))


def _is_archive(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(512)
    return start.startswith((b"\x1f\x8b", b"PK\x03\x04")) or start[257:262] == b"ustar"


def _all_failed(message: str, problems: list[FetchError]) -> FetchError:
    missing = bool(problems) and all(isinstance(each, MissingError) for each in problems)
    kind = MissingError if missing else FetchError
    hints = [each.hint for each in problems if each.hint]
    return kind(
        message,
        detail="\n".join(str(each.message) for each in problems) or None,
        hint=hints[-1] if hints else "Check the name and the version",
    )
