"""
The packages of a project: added, made again from what is recorded, upgraded, taken out again.

An SDK lies in `sdks/NAME` of the project, is linked into its environment, and can be made
again from the project file and the lock file alone; it need not be committed. The project
file is written when everything else has succeeded.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from stackwright._version import __version__
from stackwright.packages._linking import has_sdk, link_sdk, unlink_sdk
from stackwright.packages._listed import locked_entry, understood
from stackwright.packages._progress import Progress, Silent
from stackwright.packages._ready import PackageReadier, Ready
from stackwright.packages._schema import read_schema
from stackwright.packages._sources import (
    BadSourceError,
    GitSource,
    PluginSource,
    Source,
    recorded_source,
)
from stackwright.packages._web import Web
from stackwright.packages.sdkgen import generate
from stackwright.project import PackageSpec, Project, save_project
from stackwright.project._project_file import package_entry
from stackwright.providers._lock_file import LockedPlugin, LockedProvider, LockFile, write_lock_file

if TYPE_CHECKING:
    from stackwright.project._document import Tree

FOLDER: Final = "sdks"
_NOTE: Final = ".made-from"


class AddedPackage(msgspec.Struct, frozen=True, kw_only=True):
    """A package that the project has now."""

    name: str
    version: str
    module: str
    directory: Path


class RemovedPackage(msgspec.Struct, frozen=True, kw_only=True):
    """A package that the project had, and the Python distributions of its SDK."""

    name: str
    distributions: tuple[str, ...]


class ProjectPackages:
    """Works on one project; what it records is in the project file and the lock file at once."""

    def __init__(
        self,
        project: Project,
        web: Web,
        *,
        progress: Progress | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._project = project
        self._readier = PackageReadier(project.root, web, progress=progress, environ=environ)
        self._progress: Progress = progress or Silent()

    @property
    def project(self) -> Project:
        """The project as its file is now."""
        return self._project

    def add(self, source: Source, *, module: str | None = None) -> AddedPackage:
        """
        Make a package ready, generate and link its SDK, and record it.

        Raises:
            StackwrightError: Any of that failed; the project file is as it was.
        """
        ready = self._readier.ready(source)
        added = self._make(ready, module)
        self._write_lock(ready.lock)
        if ready.spec is not None:
            self._record({ready.name: _with_module(ready.spec, module)})
        return added

    def restore(self, *, reinstall: bool = False) -> list[AddedPackage]:
        """
        Make the SDKs of all recorded packages again, at the versions that are pinned.

        Raises:
            StackwrightError: As in `add`.
        """
        done = []
        for name, spec in self._project.packages.items():
            source = recorded_source(name, spec, self._project.root)
            ready = self._readier.ready(source, recorded=True)
            done.append(self._make(ready, spec.module, again=reinstall))
        self._write_lock(self._readier.lock)
        return done

    def upgrade(self, names: Sequence[str] = ()) -> list[tuple[str, AddedPackage]]:
        """
        Choose anew, within what was asked for when a package was added; answers the old versions too.

        Raises:
            BadSourceError: A name is none of the project's packages.
            StackwrightError: As in `add`.
        """
        self._check_known(names)
        done = []
        changed: dict[str, PackageSpec] = {}
        for name, spec in self._project.packages.items():
            if names and name not in names:
                continue
            source = self._anew(recorded_source(name, spec, self._project.root))
            ready = self._readier.ready(source, recorded=True, upgrade=True)
            done.append((_recorded_version(spec), self._make(ready, spec.module)))
            if ready.spec is not None:
                changed[name] = _with_module(ready.spec, spec.module)
        self._write_lock(self._readier.lock)
        self._record(changed)
        return done

    def remove(self, names: Sequence[str]) -> list[RemovedPackage]:
        """
        Take packages out of the project: SDK, link, records. What is installed on this machine stays.

        Raises:
            BadSourceError: A name is none of the project's packages.
            StackwrightError: A record cannot be written.
        """
        self._check_known(names)
        removed = []
        lock = self._readier.lock
        kept = {name: spec for name, spec in self._project.packages.items() if name not in names}
        still = [self._entry(name, spec, lock) for name, spec in kept.items()]
        for name in dict.fromkeys(names):
            entry = self._entry(name, self._project.packages[name], lock)
            if entry is not None and entry not in still:
                lock = lock.without(entry)
            distributions = []
            for directory in self._directories(name):
                distributions.append(unlink_sdk(self._project, directory))
                shutil.rmtree(directory)
            removed.append(RemovedPackage(name=name, distributions=tuple(filter(None, distributions))))
        recorded = self._project.document.value.get("packages") or {}
        entries = {name: entry for name, entry in recorded.items() if name in kept}
        self._project = save_project(self._project, {"packages": entries or None})
        self._write_lock(lock)
        return removed

    def _entry(self, name: str, spec: PackageSpec, lock: LockFile) -> LockedProvider | LockedPlugin | None:
        return locked_entry(understood(name, spec, self._project.root), spec, lock)

    def _directories(self, name: str) -> list[Path]:
        """Where a package's SDK lies: a namespace may stand before its name."""
        folders = (self._project.root / FOLDER).glob(f"*{name}")
        return [each for each in folders if (_Note.of(each).package or each.name) == name]

    def _check_known(self, names: Sequence[str]) -> None:
        unknown = [name for name in names if name not in self._project.packages]
        if unknown:
            raise BadSourceError(
                f"The project has no package {', '.join(unknown)}",
                hint=f"It has {', '.join(self._project.packages) or 'none'}",
            )

    @staticmethod
    def _anew(source: Source) -> Source:
        """*source* without the version that was chosen for it."""
        if isinstance(source, PluginSource) and not source.path:
            return msgspec.structs.replace(source, version="")
        if isinstance(source, GitSource):
            return msgspec.structs.replace(source, ref="")
        return source

    def _make(self, ready: Ready, module: str | None, *, again: bool = True) -> AddedPackage:
        """The SDK of *ready* in `sdks`, generated only if it is not there in this form already."""
        schema = read_schema(ready.schema)
        namespace = schema.document.namespace
        folder = f"{namespace}-{ready.name}" if namespace else ready.name
        directory = self._project.root / FOLDER / folder
        with_ours = has_sdk(self._project)
        made_from = _digest(ready.identity, module or "", __version__, str(with_ours))
        note = _Note.of(directory)
        if again or note.made_from != made_from:
            made = generate(schema, directory, module=module, has_sdk=with_ours)
            note = _Note(made_from, made.module, ready.name)
            note.write(directory)
        name = note.module
        for line in link_sdk(self._project, directory, name):
            self._progress.note(
                f"requirements.txt: `{line}` gave way to ./{FOLDER}/{folder}, a package of the same name"
            )
        return AddedPackage(name=ready.name, version=ready.version, module=name, directory=directory)

    def _record(self, specs: Mapping[str, PackageSpec]) -> None:
        if not specs:
            return
        recorded = self._project.document.value.get("packages") or {}
        entries: dict[str, Tree] = {
            **recorded,
            **{name: package_entry(spec) for name, spec in specs.items()},
        }
        self._project = save_project(self._project, {"packages": entries})

    def _write_lock(self, lock: LockFile) -> None:
        if lock.providers or lock.plugins or (lock.path is not None and lock.path.exists()):
            write_lock_file(lock)


def _recorded_version(spec: PackageSpec) -> str:
    if spec.version:
        return spec.version.removeprefix("v")
    return next((each for each in spec.parameters[1:] if not each.startswith("--")), "")


def _with_module(spec: PackageSpec, module: str | None) -> PackageSpec:
    return msgspec.structs.replace(spec, module=module)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class _Note(msgspec.Struct, frozen=True):
    """What an SDK in `sdks` was made from, what programs import it as, and the package it is of."""

    made_from: str = ""
    module: str = ""
    package: str = ""

    @classmethod
    def of(cls, directory: Path) -> _Note:
        try:
            words = (directory / _NOTE).read_text(encoding="utf-8").split()
        except (OSError, UnicodeDecodeError):
            return cls()
        # Notes had no third word once.
        return cls(*[*words, directory.name][:3]) if len(words) > 1 else cls()

    def write(self, directory: Path) -> None:
        text = f"{self.made_from} {self.module} {self.package}\n"
        (directory / _NOTE).write_text(text, encoding="utf-8")
