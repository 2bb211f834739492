"""`install`: fill the program's environment (cli.md §10.1)."""

from __future__ import annotations

import click

from stackwright.cli._app import Command
from stackwright.cli._session import Session
from stackwright.errors import UserError


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
    from stackwright.project.python import install_dependencies

    project = Session.current().workspace.project
    if not no_dependencies:
        install_dependencies(
            project, output=click.echo, use_language_version_tools=use_language_version_tools
        )
    if not no_plugins:
        for line in missing_plugins(Session.current()):
            click.echo(line, err=True)


def missing_plugins(session: Session) -> list[str]:
    """A line for each provider that the program's packages ask for and that is not here."""
    from stackwright.project.python import find_environment, required_plugins
    from stackwright.providers.builtin import is_embedded
    from stackwright.providers.plugin import find_plugin

    lines = []
    try:
        wanted = required_plugins(find_environment(session.workspace.project).search_path())
    except UserError:
        return []
    for plugin in wanted:
        if is_embedded(plugin.name) or find_plugin(plugin.name, plugin.version or "") is not None:
            continue
        version = f" {plugin.version}" if plugin.version else ""
        lines.append(
            f"warning: the provider plugin {plugin.name}{version} is not installed: put "
            f"pulumi-resource-{plugin.name} on PATH, or into the plugin folder"
        )
    return lines
