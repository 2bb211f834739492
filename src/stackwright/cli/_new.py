"""`new`: a project from a template, its first stack, its environment (cli.md §9)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import click

from stackwright.cli._app import Command
from stackwright.cli._prompts import ConfirmationMissingError, ask, choose
from stackwright.cli._session import Session
from stackwright.errors import UserError
from stackwright.project import (
    CreatedProject,
    Template,
    check_destination,
    check_project_name,
    check_stack_name,
    choose_config,
    choose_identity,
    coerced,
    create_project,
    encrypted_value,
    find_template,
    list_templates,
    parse_runtime_options,
    parse_stack_reference,
)


class TerminalPrompter:
    """Asks the person at the terminal (see `stackwright.project.Prompter`)."""

    def ask(
        self,
        label: str,
        *,
        default: str = "",
        secret: bool = False,
        check: Callable[[str], None] | None = None,
    ) -> str:
        return ask(label, default=default, secret=secret, check=check)


@click.command(cls=Command, name="new")
@click.argument("template", required=False)
@click.option("-n", "--name", help="The project's name.")
@click.option("-d", "--description", help="What the project is for.")
@click.option("-s", "--stack", "stack_name", help="The name of its first stack.")
@click.option("-c", "--config", "config", multiple=True, metavar="KEY=VALUE", help="Configuration to set.")
@click.option("--config-path", is_flag=True, help="Keys of --config are paths.")
@click.option("--dir", "directory", help="Make the project in this directory.")
@click.option("-f", "--force", is_flag=True, help="Even if there are files already.")
@click.option("-g", "--generate-only", is_flag=True, help="Only the files: no stack, no installation.")
@click.option("-o", "--offline", is_flag=True, help="Use no network (our templates need none).")
@click.option("-y", "--yes", is_flag=True, help="Take every default.")
@click.option("-l", "--list-templates", "lists", is_flag=True, help="List the templates, and do nothing.")
@click.option("--secrets-provider", default="default", help="How the first stack keeps secrets.")
@click.option("--runtime-options", default="", metavar="A=B,…", help="Options of the runtime.")
@click.option("--template-mode", "-t", is_flag=True, hidden=True)
def new(
    template: str | None,
    name: str | None,
    description: str | None,
    stack_name: str | None,
    config: tuple[str, ...],
    config_path: bool,
    directory: str | None,
    force: bool,
    generate_only: bool,
    offline: bool,
    yes: bool,
    lists: bool,
    secrets_provider: str,
    runtime_options: str,
    template_mode: bool,
) -> None:
    """
    Create a new project.

    TEMPLATE is one of ours (see --list-templates), or a directory with a project file.
    """
    if lists:
        _print_templates()
        return
    session = Session.current()
    if not session.interactive and not yes:
        raise ConfirmationMissingError("non-interactive mode requires --yes flag")
    asks = session.interactive and not yes
    name, stack_name = _names(name, stack_name)
    place = Path(directory) if directory else Path.cwd()
    check_destination(place, force=force)
    chosen = _template(template, asks=asks)
    if asks:
        click.echo("This command walks you through creating a new project.\n")
        click.echo("Enter a value, or leave blank to accept the (default), and press <ENTER>.")
        click.echo("Press ^C at any time to quit.\n")
    prompter = TerminalPrompter() if asks else None
    identity = choose_identity(place, template=chosen, name=name, description=description, prompter=prompter)
    created = create_project(
        chosen, place, identity, force=force, runtime_options=parse_runtime_options(runtime_options)
    )
    click.echo(f"Created project '{identity.name}'\n")
    os.chdir(place)
    if not generate_only:
        _first_stack(
            chosen,
            identity.name,
            stack_name,
            config,
            paths=config_path,
            secrets=secrets_provider,
            prompter=prompter,
        )
        _install(created)
    _farewell(created, directory, generate_only=generate_only)


def _names(name: str | None, stack_name: str | None) -> tuple[str | None, str | None]:
    """A stack given in full names the project, too; both have to agree."""
    if name is not None:
        check_project_name(name, new=True)
    if stack_name is None or "/" not in stack_name:
        return name, stack_name
    reference = parse_stack_reference(stack_name, project=name or "project")
    if stack_name.count("/") < 2:
        return name, reference.name
    if name is not None and name != reference.project:
        raise UserError(f"--name says `{name}`, --stack says `{reference.project}`: they have to agree")
    return reference.project, reference.name


def _print_templates() -> None:
    click.echo("Available Templates:")
    listings = list_templates()
    width = max((len(listing.name) for listing in listings), default=0)
    for listing in listings:
        text = listing.description if listing.problem is None else f"broken: {listing.problem}"
        click.echo(f"  {listing.name.ljust(width)}    {text}")


def _template(text: str | None, *, asks: bool) -> Template:
    if text is not None:
        return find_template(text)
    if not asks:
        raise UserError(
            "Which template?",
            hint="Name one: `stackwright new python`; see `stackwright new --list-templates`",
        )
    names = [listing.name for listing in list_templates() if listing.problem is None]
    return find_template(choose("Please choose a template:", names, default=names[0]))


def _first_stack(
    template: Template,
    project: str,
    stack_name: str | None,
    given: tuple[str, ...],
    *,
    paths: bool,
    secrets: str,
    prompter: TerminalPrompter | None,
) -> None:
    session = Session.current()
    if stack_name is None:
        stack_name = "dev"
        if prompter is not None:
            stack_name = prompter.ask("Stack name", default="dev", check=check_stack_name)
    stack = session.create(session.workspace.reference(stack_name), secrets=secrets)
    file = stack.file
    answers = choose_config(project, template, given, paths=paths, prompter=prompter)
    if not answers or file is None:
        return
    values = file.config
    for answer in answers:
        if answer.secret:
            values = values.with_value(
                answer.key, encrypted_value(answer.text, stack.crypter).tree, answer.path
            )
        else:
            leaf = coerced(answer.text, nested=True) if answer.path else answer.text
            values = values.with_value(answer.key, leaf, answer.path)
    stack.save((stack.file or file).with_config(values))
    click.echo("Saved config\n")


def _install(created: CreatedProject) -> None:
    from stackwright.project.python import install_dependencies

    if created.project.runtime is not None:
        install_dependencies(created.project, output=click.echo)


def _farewell(created: CreatedProject, directory: str | None, *, generate_only: bool) -> None:
    click.echo("\nYour new project is ready to go!\n")
    steps = [f"cd {directory}"] if directory else []
    if generate_only:
        steps += ["stackwright install", "stackwright stack init"]
    if not steps:
        click.echo("To perform an initial deployment, run `stackwright up`")
    else:
        click.echo("To perform an initial deployment, run the following commands:\n")
        for number, step in enumerate(steps, 1):
            click.echo(f"   {number}. {step}")
        click.echo("\nThen, run `stackwright up`")
    if created.quickstart:
        click.echo(f"\n{created.quickstart}")
