"""`plugin`: what is installed, installing, and removing (cli.md §12)."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stackwright.cli._app import BailError, Command, Group
from stackwright.cli._session import Session
from stackwright.cli._tables import ago, json_time, print_json, print_table
from stackwright.errors import UserError

if TYPE_CHECKING:
    from stackwright.diagnostics import Diagnostic
    from stackwright.packages._plugin_cache import CachedPlugin
    from stackwright.packages._plugin_installer import PluginRequest
    from stackwright.providers.plugin import LocatedPlugin

_BUNDLED = ("nodejs", "bun", "go", "python", "dotnet", "yaml", "java", "pcl")
_CHECKSUM = re.compile("[0-9a-fA-F]{64}")


@click.group(cls=Group, name="plugin", aliases={"list": "ls", "remove": "rm"})
def plugin() -> None:
    """Manage the plugins that providers come in."""


@plugin.command(cls=Command, name="ls")
@click.option("-p", "--project", is_flag=True, help="Only the plugins that the current project needs.")
@click.option("-j", "--json", "as_json", is_flag=True, help="Print JSON.")
def plugin_ls(project: bool, as_json: bool) -> None:
    """List the plugins that are installed."""
    from stackwright.packages._plugin_cache import cached_plugins

    found = cached_plugins()
    if project:
        from stackwright.packages._needed import needed_plugins

        needed = {(each.kind, each.name) for each in needed_plugins(Session.current().workspace.project)}
        found = [each for each in found if (each.plugin.kind, each.plugin.name) in needed]
    if as_json:
        print_json([_json(each) for each in found])
        return
    from datetime import UTC, datetime

    def when(moment: float | None, unknown: str) -> str:
        return ago(datetime.fromtimestamp(moment, UTC)) if moment is not None else unknown

    print_table(
        ["NAME", "KIND", "VERSION", "SIZE", "INSTALLED", "LAST USED"],
        [
            (
                each.plugin.name,
                each.plugin.kind,
                str(each.plugin.version),
                _size(each.size),
                when(each.installed, "n/a"),
                when(each.used, "never"),
            )
            for each in found
        ],
    )
    click.echo(f"\nTOTAL plugin cache size: {_size(sum(each.size for each in found))}")


@plugin.command(cls=Command, name="install")
@click.argument("kind", required=False)
@click.argument("name", required=False)
@click.argument("version", required=False)
@click.option("--server", default="", help="Where to download the plugin from.")
@click.option("--exact", is_flag=True, help="Accept no newer version that is installed already.")
@click.option("-f", "--file", "file", type=click.Path(path_type=Path), help="Install from a file or folder.")
@click.option("--reinstall", is_flag=True, help="Install it again.")
@click.option("--checksum", default="", help="SHA-256 that the archive must have.")
@click.option("--parallel", type=int, default=4, hidden=True)
def plugin_install(
    kind: str | None,
    name: str | None,
    version: str | None,
    server: str,
    exact: bool,
    file: Path | None,
    reinstall: bool,
    checksum: str,
    parallel: int,
) -> None:
    """
    Install a plugin, or all that the current project needs.

    Such as: stackwright plugin install resource random 4.16.0
    """
    from stackwright.cli._downloads import shown_downloads
    from stackwright.packages._plugin_installer import PluginInstaller, PluginRequest, check_plugin_name
    from stackwright.packages._web import Web

    if checksum and not _CHECKSUM.fullmatch(checksum):
        raise UserError(f"--checksum was not a valid hex string: {checksum}")
    if kind is None:
        if file is not None:
            raise UserError("--file (-f) is only valid if a specific package is being installed")
        from stackwright.packages._needed import needed_plugins

        requests = needed_plugins(Session.current().workspace.project)
    else:
        check_plugin_name(kind, name or "x")
        if not name:
            raise UserError("missing plugin name argument")
        if kind == "language" and name in _BUNDLED:
            raise UserError(
                f"the {name} {kind} plugin is bundled with Pulumi, and cannot be directly installed"
                " with this command; programs in Python need none here"
            )
        if file is not None and not version:
            raise UserError("missing plugin version argument, this is required if installing from a file")
        requests = [
            PluginRequest(
                kind=kind,
                name=name,
                version=_checked_version(version or ""),
                server=server,
                checksums={"": checksum} if checksum else {},
            )
        ]
    with shown_downloads() as progress, Web(progress=progress) as web:
        installer = PluginInstaller(web, progress=progress)
        for request in requests:
            if not (reinstall or exact or file) and _has_newer(request):
                continue
            installer.install(request, reinstall=reinstall, file=file)


@plugin.command(
    cls=Command,
    name="run",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option("--kind", default="tool", help="Kind of the plugin.")
@click.argument("name")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def plugin_run(kind: str, name: str, arguments: tuple[str, ...]) -> None:
    """
    Run a plugin by itself: NAME[@VERSION], or a path. It is installed first if it is missing.

    What comes after the name is for the plugin, and its exit status is the command's.
    """
    import asyncio

    from stackwright.providers.plugin import plugin_command, run_plugin

    located = _runnable(kind, name)
    for note in located.notes:
        click.echo(f"warning: {note}", err=True)
    words = arguments[1:] if arguments[:1] == ("--",) else arguments

    def log(diagnostic: Diagnostic) -> None:
        click.echo(diagnostic.message, err=True)

    command = [*plugin_command(located, os.environ), *words]
    status = asyncio.run(run_plugin(command, log=log))
    if status:
        raise BailError(status if status > 0 else 128 - status)


def _runnable(kind: str, name: str) -> LocatedPlugin:
    from stackwright.environment import DISABLE_AUTOMATIC_PLUGIN_ACQUISITION
    from stackwright.packages._plugin_installer import check_plugin_name
    from stackwright.providers import ProviderMissingError
    from stackwright.providers.plugin import LocatedPlugin, find_plugin

    path = Path(name).expanduser()
    if path.exists() or "/" in name:
        if not path.exists():
            raise UserError(f"There is no {name} to run")
        return LocatedPlugin(name=path.name, path=path.absolute(), origin=name)
    name, _, version = name.partition("@")
    check_plugin_name(kind, name)
    version = _checked_version(version).removeprefix("v")
    try:
        return find_plugin(name, version, kind=kind)
    except ProviderMissingError:
        if DISABLE_AUTOMATIC_PLUGIN_ACQUISITION.value():
            raise
    from stackwright.cli._downloads import shown_downloads
    from stackwright.packages._plugin_installer import PluginInstaller, PluginRequest
    from stackwright.packages._web import Web

    with shown_downloads() as progress, Web(progress=progress) as web:
        request = PluginRequest(kind=kind, name=name, version=version)
        installed = PluginInstaller(web, progress=progress).install(request).plugin
    return find_plugin(name, str(installed.version), kind=kind)


@plugin.command(cls=Command, name="rm")
@click.argument("kind", required=False)
@click.argument("name", required=False)
@click.argument("version", required=False)
@click.option("-a", "--all", "everything", is_flag=True, help="Remove all plugins.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def plugin_rm(kind: str | None, name: str | None, version: str | None, everything: bool, yes: bool) -> None:
    """Remove plugins; VERSION may be a range, such as '<4.0.0'."""
    from stackwright.packages._plugin_cache import cached_plugins, remove_plugin
    from stackwright.providers.plugin import version_satisfies

    if kind is None and not everything:
        raise UserError("please pass --all if you'd like to remove all plugins")
    chosen = [
        each.plugin
        for each in cached_plugins()
        if (kind is None or each.plugin.kind == kind)
        and (name is None or each.plugin.name == name)
        and (version is None or version_satisfies(str(each.plugin.version), version))
    ]
    if not chosen:
        click.echo("no plugins found to uninstall")
        return
    if not yes:
        click.echo(f"This will remove {len(chosen)} plugin{'' if len(chosen) == 1 else 's'} from the cache:")
        for each in chosen:
            click.echo(f"    {each.kind} {each.name}-{each.version}")
        if not Session.current().interactive:
            raise UserError("nobody can be asked here", hint="Pass --yes to remove them unasked")
        typed = click.prompt(
            "Please confirm that this is what you'd like to do by typing `yes`",
            default="",
            show_default=False,
        )
        if typed.strip() != "yes":
            click.echo("confirmation declined")
            raise BailError
    for each in chosen:
        remove_plugin(each)
        click.echo(f"removed: {each.kind} {each.name}-{each.version}")


def _has_newer(request: PluginRequest) -> bool:
    """Whether a version from the wanted one on is installed."""
    from stackwright.packages._plugin_cache import cached_plugins
    from stackwright.providers.plugin import parse_version

    wanted = parse_version(request.version)
    return wanted is not None and any(
        (each.plugin.kind, each.plugin.name) == (request.kind, request.name) and each.plugin.version >= wanted
        for each in cached_plugins()
    )


def _checked_version(version: str) -> str:
    from stackwright.providers.plugin import parse_version

    if version and parse_version(version) is None:
        raise UserError(f"invalid plugin semver: `{version}` is not a semantic version")
    return version


def _json(each: CachedPlugin) -> dict[str, object]:
    said: dict[str, object] = {
        "name": each.plugin.name,
        "kind": each.plugin.kind,
        "version": str(each.plugin.version),
        "size": each.size,
    }
    if each.installed is not None:
        said["installTime"] = json_time(each.installed)
    if each.used is not None:
        said["lastUsedTime"] = json_time(each.used)
    return said


def _size(count: int) -> str:
    number = float(count)
    for unit in ("B", "kB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"
