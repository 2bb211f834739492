"""`install`: fill the program's environment (cli.md §10.1)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from stackwright.cli._app import Command
from stackwright.cli._session import Session
from stackwright.errors import UserError

if TYPE_CHECKING:
    from stackwright.project import Project


@click.command(cls=Command, name="install")
@click.option("--no-plugins", is_flag=True, help="Do not look for provider plugins.")
@click.option("--no-dependencies", is_flag=True, help="Do not install Python packages.")
@click.option("--reinstall", is_flag=True, help="Install what is there already, too.")
@click.option("--parallel", type=int, default=4, hidden=True)
@click.option("--use-language-version-tools", is_flag=True, help="Provide the interpreter with pyenv.")
def install(
    no_plugins: bool,
    no_dependencies: bool,
    reinstall: bool,
    parallel: int,
    use_language_version_tools: bool,
) -> None:
    """Make the project's virtual environment if there is none, and install what it asks for."""
    from stackwright.cli._package import restore_packages
    from stackwright.project.python import install_dependencies

    pack = _policy_pack()
    if pack is not None:
        install_dependencies(pack, output=click.echo, use_language_version_tools=use_language_version_tools)
        return
    plugin = _plugin_folder()
    if plugin is not None:
        _install_for_plugin(plugin)
        return
    project = Session.current().workspace.project
    for added in restore_packages(project, reinstall=reinstall):
        click.echo(f"Generated the SDK of {added.name} {added.version}", err=True)
    if not no_dependencies:
        install_dependencies(
            project, output=click.echo, use_language_version_tools=use_language_version_tools
        )
    if not no_plugins:
        _install_plugins(project, reinstall=reinstall)


def _policy_pack() -> Project | None:
    """The policy pack here, if it is nearer than any project (cli.md §10.1)."""
    from stackwright.project import find_policy_file, load_policy_pack

    pack = find_policy_file(Path.cwd())
    return load_policy_pack(pack).project if pack is not None and _is_nearest(pack) else None


def _plugin_folder() -> Path | None:
    """The folder of the plugin here that comes as source, if that is nearer than any project."""
    from stackwright.project import find_plugin_file

    plugin = find_plugin_file(Path.cwd())
    return plugin.parent if plugin is not None and _is_nearest(plugin) else None


def _is_nearest(manifest: Path) -> bool:
    from stackwright.project import ProjectNotFoundError, find_project_file

    try:
        project = find_project_file(Path.cwd())
    except ProjectNotFoundError:
        return True
    return manifest.parent.is_relative_to(project.parent)


def _install_for_plugin(folder: Path) -> None:
    from stackwright.cli._downloads import shown_downloads
    from stackwright.packages._source_plugins import is_python_source, provide_beside

    if not is_python_source(folder):
        raise UserError(
            f"The plugin in {folder} is not written in Python",
            hint="Install what it requires with the tools of its own language",
        )
    with shown_downloads() as progress:
        made = provide_beside(folder, progress=progress)
    click.echo(f"The plugin in {folder} {'has what it requires' if made else 'requires nothing more'}")


def _install_plugins(project: Project, *, reinstall: bool) -> None:
    from stackwright.cli._downloads import shown_downloads
    from stackwright.packages._needed import install_needed
    from stackwright.packages._web import Web

    with shown_downloads() as progress, Web(progress=progress) as web:
        install_needed(project, web, progress=progress, reinstall=reinstall)
