"""`install`: fill the program's environment (cli.md §10.1)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from stackwright.cli._app import Command
from stackwright.cli._session import Session

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
    from stackwright.project import (
        ProjectNotFoundError,
        find_policy_file,
        find_project_file,
        load_policy_pack,
    )

    here = Path.cwd()
    pack = find_policy_file(here)
    if pack is None:
        return None
    try:
        project = find_project_file(here)
    except ProjectNotFoundError:
        return load_policy_pack(pack).project
    return load_policy_pack(pack).project if pack.parent.is_relative_to(project.parent) else None


def _install_plugins(project: Project, *, reinstall: bool) -> None:
    from stackwright.cli._downloads import shown_downloads
    from stackwright.packages._needed import install_needed
    from stackwright.packages._web import Web

    with shown_downloads() as progress, Web(progress=progress) as web:
        install_needed(project, web, progress=progress, reinstall=reinstall)
