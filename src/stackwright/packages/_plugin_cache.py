"""What the plugin directory holds, and taking something out of it (protocol.md §7.3, cli.md §12)."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec

from stackwright.environment import plugin_directories
from stackwright.packages._errors import PackageError
from stackwright.providers.plugin import InstalledPlugin, installed_plugins, source_environment


class CachedPlugin(msgspec.Struct, frozen=True, kw_only=True):
    """An installed plugin, with what `plugin ls` tells of it; times are seconds, None for unknown."""

    plugin: InstalledPlugin
    size: int
    installed: float | None = None
    used: float | None = None


def cached_plugins(environ: Mapping[str, str] | None = None) -> list[CachedPlugin]:
    """The plugins that were installed here, by name and then the newest version first."""
    found = [_described(plugin) for plugin in installed_plugins(plugin_directories(environ)[0])]
    found.sort(key=lambda each: each.plugin.version, reverse=True)
    return sorted(found, key=lambda each: (each.plugin.name, each.plugin.kind))


def remove_plugin(plugin: InstalledPlugin) -> None:
    """
    Take a plugin out, with the files beside it.

    Raises:
        PackageError: It cannot be removed.
    """
    # First out of sight as a whole: a half-removed plugin must not be found.
    away = plugin.directory.with_name(f"{plugin.directory.name}.tmp{os.getpid()}")
    try:
        plugin.directory.rename(away)
        shutil.rmtree(away)
        shutil.rmtree(source_environment(plugin.directory), ignore_errors=True)
        for end in ("lock", "partial", "lastused"):
            plugin.directory.with_name(f"{plugin.directory.name}.{end}").unlink(missing_ok=True)
    except OSError as error:
        raise PackageError(f"{plugin.directory} cannot be removed", detail=error.strerror) from error


def _described(plugin: InstalledPlugin) -> CachedPlugin:
    return CachedPlugin(
        plugin=plugin,
        size=sum(path.stat().st_size for path in plugin.directory.rglob("*") if path.is_file()),
        installed=_moment(plugin.directory),
        used=_moment(plugin.directory.with_name(f"{plugin.directory.name}.lastused")),
    )


def _moment(path: Path) -> float | None:
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return None
