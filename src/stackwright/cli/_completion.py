"""`gen-completion`: shell completion scripts."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from stackwright.cli._app import PROGRAM, Command, root
from stackwright.errors import UserError


@click.command(cls=Command, name="gen-completion")
@click.argument("shell")
def gen_completion(shell: str) -> None:
    """
    Print a completion script for SHELL: bash, zsh or fish.

    For bash: eval "$(stackwright gen-completion bash)"
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise UserError(f'"{shell}" is not a supported shell', hint="Supported are bash, zsh and fish")
    click.echo(kind(root, {}, PROGRAM, "_STACKWRIGHT_COMPLETE").source())
