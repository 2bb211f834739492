"""`gen-completion`: shell completion scripts."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from stackwright.cli._app import PROGRAM, Command, root
from stackwright.errors import UserError


@click.command(cls=Command, name="gen-completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def gen_completion(shell: str) -> None:
    """
    Print a completion script for SHELL: bash, zsh or fish.

    For bash: eval "$(stackwright gen-completion bash)"
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise UserError(f"completion for {shell} is not supported")
    click.echo(kind(root, {}, PROGRAM, "_STACKWRIGHT_COMPLETE").source())
