"""`about` and `version` (cli.md §8)."""

from __future__ import annotations

import platform
import sys
from typing import Any

import click

from stackwright._version import __version__
from stackwright.cli._app import Command, Group
from stackwright.cli._login import user_name
from stackwright.cli._session import Session
from stackwright.cli._tables import print_json, print_table
from stackwright.cli._version import version_line
from stackwright.environment import set_variables, settings
from stackwright.errors import StackwrightError


@click.command(cls=Command, name="version")
def version() -> None:
    """Print the version."""
    click.echo(version_line())


@click.group(cls=Group, name="about", invoke_without_command=True)
@click.option("-j", "--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("-s", "--stack", "stack_name", help="The stack to tell about.")
@click.option("-t", "--transitive", is_flag=True, help="Every package of the environment.")
@click.pass_context
def about(ctx: click.Context, as_json: bool, stack_name: str | None, transitive: bool) -> None:
    """Show what is installed here, the current project and its stack. Never asks for anything."""
    if ctx.invoked_subcommand is not None:
        return
    facts = _facts(Session.current(), stack_name, transitive=transitive)
    if as_json:
        print_json(facts)
        return
    _print(facts)


def _facts(session: Session, stack_name: str | None, *, transitive: bool) -> dict[str, Any]:
    errors: list[str] = []

    def attempt(read: Any) -> Any:
        try:
            return read()
        except StackwrightError as error:
            errors.append(str(error))
            return None

    return {
        "cliAbout": {"version": __version__, "python": platform.python_version()},
        "plugins": None,
        "host": {"os": sys.platform, "version": platform.release(), "arch": platform.machine()},
        "runtime": attempt(lambda: _runtime(session)),
        "dependencies": attempt(lambda: _dependencies(session, transitive=transitive)),
        "currentStack": attempt(lambda: _current(session, stack_name)),
        "backend": attempt(
            lambda: {
                "name": session.workspace.store.url,
                "url": session.workspace.backend_url,
                "user": user_name(),
                "organizations": [],
            }
        ),
        "errors": errors,
    }


def _runtime(session: Session) -> dict[str, Any] | None:
    from stackwright.project.python import find_environment

    project = session.workspace.project_or_none
    if project is None:
        return None
    found = find_environment(project)
    return {
        "language": "python",
        "executable": str(found.interpreter),
        "version": found.version(),
        "toolchain": found.toolchain.value,
    }


def _dependencies(session: Session, *, transitive: bool) -> list[dict[str, str]] | None:
    from stackwright.project.python import find_environment, installed_packages

    project = session.workspace.project_or_none
    if project is None:
        return None
    packages = installed_packages(find_environment(project), transitive=transitive)
    return [{"name": package.name, "version": package.version} for package in packages]


def _current(session: Session, stack_name: str | None) -> dict[str, Any] | None:
    if stack_name is None and session.workspace.selected is None:
        return None
    chosen = session.workspace.stack(stack_name)
    snapshot = chosen.store.snapshot(chosen.name)
    return {
        "name": chosen.reference.name,
        "fullyQualifiedName": str(chosen.name),
        "resources": [{"type": state.type, "urn": state.urn} for state in snapshot.resources],
        "pendingOps": [
            {"type": operation.kind.value, "urn": operation.resource.urn} for operation in snapshot.pending
        ],
    }


def _print(facts: dict[str, Any]) -> None:
    click.echo("CLI")
    click.echo(f"Version  {facts['cliAbout']['version']}")
    click.echo(f"Python   {facts['cliAbout']['python']}\n")
    click.echo("Host")
    for name, value in facts["host"].items():
        click.echo(f"{name.ljust(9)}{value}")
    runtime = facts["runtime"]
    if runtime:
        rest = " ".join(f"{key}='{value}'" for key, value in runtime.items() if key != "language")
        click.echo(f"\nThis project is written in python: {rest}")
    stack = facts["currentStack"]
    if stack:
        click.echo(f"\nCurrent Stack: {stack['fullyQualifiedName']}\n")
        if stack["resources"]:
            print_table(["TYPE", "URN"], [[item["type"], item["urn"]] for item in stack["resources"]])
        for item in stack["pendingOps"]:
            click.echo(f"pending: {item['type']} {item['urn']}")
    backend = facts["backend"]
    if backend:
        click.echo("\nBackend")
        for name in ("name", "url", "user"):
            click.echo(f"{name.capitalize().ljust(9)}{backend[name]}")
    if facts["dependencies"]:
        click.echo("\nDependencies:")
        print_table(["NAME", "VERSION"], [[item["name"], item["version"]] for item in facts["dependencies"]])
    for error in facts["errors"]:
        click.echo(f"warning: {error}", err=True)


@about.command("env")
def about_env() -> None:
    """List the settings that environment variables can hold, and which are set."""
    decided = {setting.name: name for setting, name in set_variables()}
    rows = []
    for setting in settings():
        source = decided.get(setting.name, "")
        value = ""
        if source:
            value = "[secret]" if setting.secret else str(setting.value())
        rows.append([setting.variables[0], setting.meaning, f"{source}={value}" if source else ""])
    print_table(["VARIABLE", "MEANING", "SET"], rows)
