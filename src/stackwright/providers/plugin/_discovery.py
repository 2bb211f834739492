"""
Where a plugin is on this machine (protocol.md §7.1-7.3).

Looks, in this order, at the project's own plugins, at PATH, and at the plugin
directories. Pure questions to the file system: nothing is started or written.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
from semver import Version

from stackwright.environment import ENABLE_LEGACY_PLUGIN_SEARCH, IGNORE_AMBIENT_PLUGINS, plugin_directories
from stackwright.errors import UserError
from stackwright.providers._interface import ProviderMissingError, ProviderNotFoundError

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LEFTOVER: Final = re.compile(r"\.tmp[0-9]+$")
_REPOSITORY: Final = re.compile(r"git(?:\+[a-z]+)?://")
_LONGEST: Final = 120
_VERSION_MARK: Final = re.compile(r"(?<=.)-v(?=[0-9])")


class ProjectPlugin(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin that the project file points at; `path` is absolute. An empty version fits every request."""

    name: str
    path: Path
    version: str = ""


class LocatedPlugin(msgspec.Struct, frozen=True, kw_only=True):
    """
    A plugin on this machine.

    `path` is its program, or the directory of one that has none (§7.6). `version`
    is what the place says, empty where only the plugin itself knows.
    """

    name: str
    path: Path
    origin: str
    """For people: `the project file`, `PATH`, or the directory."""
    version: str = ""
    notes: tuple[str, ...] = ()
    """What the user should be told about this choice."""


class InstalledPlugin(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a plugin directory."""

    kind: str
    name: str
    version: Version
    directory: Path


def parse_version(text: str) -> Version | None:
    """
    Read *text* as people and plugins write versions, or None for no version at all.

    Tolerant: a leading `v` and missing minor and patch parts are fine (§8.4).
    """
    cleaned = text.strip().removeprefix("v")
    if not cleaned:
        return None
    try:
        return Version.parse(cleaned, optional_minor_and_patch=True)
    except ValueError:
        return None


def program_name(kind: str, name: str) -> str:
    """The file name of a plugin's program (§7.1)."""
    return f"pulumi-{kind}-{name}"


def is_repository(download_url: str) -> bool:
    """Whether a download address is one of a repository (§7.3)."""
    return _REPOSITORY.match(download_url) is not None


def plugin_name(name: str, download_url: str = "") -> str:
    """
    What a plugin is called on this machine: *name*, or where its repository is (§7.3).

    Two repositories may have a plugin of one name each.
    """
    match = _REPOSITORY.match(download_url)
    if match is None:
        return name
    place = re.sub(r"^[^/@]*@", "", download_url[match.end() :])
    local = re.sub(r"[^A-Za-z0-9._-]+", "_", place).strip("._-")
    if len(local) > _LONGEST:
        local = f"{local[:_LONGEST]}_{hashlib.sha256(place.encode()).hexdigest()[:16]}"
    return local


def installed_plugins(directory: Path) -> Iterator[InstalledPlugin]:
    """
    What is installed in the plugin directory *directory*, in no particular order (§7.3).

    An installation that was not finished does not count, nor does a directory that
    is missing or may not be read.
    """
    try:
        entries = list(os.scandir(directory))
    except OSError:
        return
    names = {entry.name for entry in entries}
    for entry in entries:
        unfinished = f"{entry.name}.partial" in names or _LEFTOVER.search(entry.name)
        parts = None if unfinished else _entry_parts(entry.name)
        if parts is not None and entry.is_dir():
            kind, name, version = parts
            yield InstalledPlugin(kind=kind, name=name, version=version, directory=Path(entry.path))


def _entry_parts(text: str) -> tuple[str, str, Version] | None:
    """`<kind>-<name>-v<version>` taken apart; name and version may hold dashes and even `-v` themselves."""
    kind, _, rest = text.partition("-")
    for match in _VERSION_MARK.finditer(rest):
        try:
            return kind, rest[: match.start()], Version.parse(rest[match.end() :])
        except ValueError:
            continue
    return None


def choose_version(
    candidates: Sequence[InstalledPlugin], wanted: Version | None, *, at_least: bool = False
) -> InstalledPlugin | None:
    """
    The entry to use (§7.3): *wanted* exactly, or the newest, stable ones first.

    Of equals the first stands. *at_least* takes any version from *wanted* on.
    """
    if wanted is not None:
        if not at_least:
            return next((entry for entry in candidates if _same(entry.version, wanted)), None)
        candidates = [entry for entry in candidates if entry.version >= wanted]
    best: InstalledPlugin | None = None
    for entry in candidates:
        if best is None or _rank(entry) > _rank(best):
            best = entry
    return best


def _rank(entry: InstalledPlugin) -> tuple[bool, Version]:
    return entry.version.prerelease is None, entry.version


def _same(left: Version, right: Version) -> bool:
    return left.replace(build=None) == right.replace(build=None)


def find_plugin(
    name: str,
    version: str = "",
    *,
    project_plugins: Sequence[ProjectPlugin] = (),
    environ: Mapping[str, str] | None = None,
    kind: str = "resource",
) -> LocatedPlugin:
    """
    The plugin to use for *name* in *version* (empty: any).

    Raises:
        ProviderNotFoundError: There is none; the error says where it was looked for and
            how to get it.
        UserError: The project file names a plugin twice, or one that is not there.
    """
    variables = os.environ if environ is None else environ
    if not _NAME.fullmatch(name):  # names come from programs and from state: they never become paths
        raise ProviderNotFoundError(f"`{name}` cannot be the name of a plugin")
    wanted = parse_version(version)
    looked: list[str] = []
    notes: list[str] = []
    found = (
        _in_project(name, wanted, project_plugins, kind, looked, notes)
        or _on_path(name, variables, kind, looked)
        or _in_directories(name, wanted, variables, kind, looked)
    )
    if found is None:
        raise _not_found(name, version, kind, looked, variables)
    return msgspec.structs.replace(found, notes=(*notes, *found.notes))


def mark_used(plugin: LocatedPlugin, environ: Mapping[str, str] | None = None) -> None:
    """Note that *plugin* is used now (§7.3), where it lies in our own plugin directory."""
    directory = Path(plugin.origin)
    if directory.parent == plugin_directories(environ)[0]:
        with contextlib.suppress(OSError):  # a directory that cannot be written is no reason to stop
            directory.with_name(f"{directory.name}.lastused").touch()


def _in_project(
    name: str,
    wanted: Version | None,
    plugins: Sequence[ProjectPlugin],
    kind: str,
    looked: list[str],
    notes: list[str],
) -> LocatedPlugin | None:
    entries = [plugin for plugin in plugins if plugin.name == name]
    if len(entries) > 1:
        raise UserError(
            f"The project file names the {kind} plugin `{name}` {len(entries)} times",
            detail="\n".join(str(entry.path) for entry in entries),
            hint="Keep one of these entries of its `plugins` section",
        )
    if not entries:
        looked.append("the project file: it names no such plugin")
        return None
    entry = entries[0]
    declared = parse_version(entry.version)
    if wanted is not None and declared is not None and not _same(declared, wanted):
        text = f"the project file's {kind} plugin `{name}` is version {declared}, not {wanted}"
        looked.append(text)
        notes.append(f"{text[0].upper()}{text[1:]}: it is not used for this request")
        return None
    if not entry.path.exists():
        raise UserError(
            f"The project file's {kind} plugin `{name}` is not there: {entry.path}",
            hint="Correct its path in the `plugins` section of the project file",
        )
    path = entry.path
    if path.is_dir() and (path / program_name(kind, name)).is_file():
        path /= program_name(kind, name)
    return LocatedPlugin(name=name, path=path, origin="the project file", version=entry.version)


def _on_path(name: str, variables: Mapping[str, str], kind: str, looked: list[str]) -> LocatedPlugin | None:
    program = program_name(kind, name)
    if IGNORE_AMBIENT_PLUGINS.value(variables):
        looked.append(f"PATH: not searched, because {IGNORE_AMBIENT_PLUGINS.source(variables)} is set")
        return None
    hit = shutil.which(program, path=variables.get("PATH", os.defpath))
    if hit is None:
        looked.append(f"PATH: no program `{program}`")
        return None
    note = f"Using the {kind} plugin `{name}` from PATH, whatever version was asked for: {hit}"
    return LocatedPlugin(name=name, path=Path(hit), origin="PATH", notes=(note,))


def _in_directories(
    name: str, wanted: Version | None, variables: Mapping[str, str], kind: str, looked: list[str]
) -> LocatedPlugin | None:
    candidates: list[InstalledPlugin] = []
    for directory in plugin_directories(variables):
        here = [entry for entry in installed_plugins(directory) if entry.kind == kind and entry.name == name]
        candidates += here
        versions = ", ".join(str(entry.version) for entry in sorted(here, key=lambda entry: entry.version))
        looked.append(f"{directory}: {f'only {versions}' if here else 'none'}")
    at_least = ENABLE_LEGACY_PLUGIN_SEARCH.value(variables)
    chosen = choose_version(candidates, wanted, at_least=at_least)
    if chosen is None:
        return None
    program = chosen.directory / program_name(kind, name)
    return LocatedPlugin(
        name=name,
        path=program if program.is_file() else chosen.directory,
        origin=str(chosen.directory),
        version=str(chosen.version),
    )


def _not_found(
    name: str, version: str, kind: str, looked: Sequence[str], variables: Mapping[str, str]
) -> ProviderMissingError:
    shown = version.removeprefix("v") if version else ""
    directory = plugin_directories(variables)[0] / f"{kind}-{name}-v{shown or 'VERSION'}"
    system, machine = platform_tag()
    archive = f"{program_name(kind, name)}-v{shown or 'VERSION'}-{system}-{machine}.tar.gz"
    return ProviderMissingError(
        f"No {kind} plugin `{name}`{f' of version {shown}' if shown else ''} is installed",
        detail="Looked in:\n" + "\n".join(f"  {place}" for place in looked),
        hint=(
            f"Run `stackwright plugin install {kind} {name}{f' {shown}' if shown else ''}`, put its program "
            f"{program_name(kind, name)} on PATH, or unpack its archive {archive} into {directory}. "
            "Plugins that the `pulumi` command installed are found as well"
        ),
    )


def platform_tag() -> tuple[str, str]:
    """This machine as the names of plugin archives spell it (§7.4)."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return sys.platform, machine
