"""Questions to the person at the terminal (cli.md §1.6)."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence

import click

from stackwright.cli._app import BailError
from stackwright.errors import UserError

_KEY = re.compile(r"\x1b\[[A-Z]|.", re.DOTALL)


class ConfirmationMissingError(UserError):
    """Nobody can be asked, and no flag says yes (cli.md §1.6, §1.7)."""

    code = "confirmation-missing"

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]


def ask(
    label: str,
    *,
    default: str = "",
    secret: bool = False,
    check: Callable[[str], None] | None = None,
) -> str:
    """A text; Enter takes the default. *check* raises `UserError` for what is not accepted."""
    shown = "[secret]" if secret and default else default
    while True:
        prompt = f"{label} ({shown})" if shown else label
        value = str(
            click.prompt(prompt, default="", show_default=False, hide_input=secret, prompt_suffix=": ")
        ).strip()
        value = value or default
        try:
            if check is not None:
                check(value)
        except UserError as error:
            click.echo(f"Sorry, '{value}' is not a valid {label}: {error.message}")
            continue
        return value


def choose(question: str, options: Sequence[str], *, default: str) -> str:
    """One of *options*: by arrow keys in a terminal, by typing its name elsewhere."""
    if not sys.stdin.isatty():
        raise ConfirmationMissingError(f"{question} (nobody can be asked here)")
    position = list(options).index(default)
    click.echo(f"{question}  [Use arrows to move, enter to select]")
    while True:
        for index, option in enumerate(options):
            marker = "> " if index == position else "  "
            click.echo(f"{marker}{option}")
        # Who types fast, or pastes, has several keys read at once.
        for key in _KEY.findall(click.getchar()):
            if key in "\r\n":
                _erase(len(options) + 1)
                click.echo(f"{question}  {options[position]}")
                return options[position]
            position = _moved(position, key, options)
        _erase(len(options))


def _moved(position: int, key: str, options: Sequence[str]) -> int:
    """Where *key* leads: one up, one down, or to the option that begins with it."""
    if key in ("\x1b[A", "k"):
        return (position - 1) % len(options)
    if key in ("\x1b[B", "j"):
        return (position + 1) % len(options)
    return next((index for index, option in enumerate(options) if option.startswith(key.lower())), position)


def _erase(lines: int) -> None:
    sys.stdout.write(f"\x1b[{lines}A\x1b[J")
    sys.stdout.flush()


def confirm_by_typing(name: str, attention: str) -> None:
    """Make sure that something irreversible is meant: the name has to be typed."""
    click.echo(attention)
    typed = click.prompt(
        f"Please confirm that this is what you'd like to do by typing `{name}`",
        default="",
        show_default=False,
    )
    if typed.strip() != name:
        click.echo("confirmation declined")
        raise BailError
