"""`login`, `logout` and `whoami` (cli.md §8)."""

from __future__ import annotations

import getpass
import os

import click

from stackwright.cli._app import Command
from stackwright.cli._session import Session
from stackwright.cli._tables import print_json
from stackwright.errors import UserError
from stackwright.project import DEFAULT_BACKEND_URL, log_in, log_out, log_out_everywhere
from stackwright.state import open_store


def user_name() -> str:
    """Who is working here."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


@click.command(cls=Command, name="login")
@click.argument("url", required=False)
@click.option("-c", "--cloud-url", help="The same as the argument.")
@click.option("-l", "--local", is_flag=True, help="Keep state in this user's data directory (the default).")
def login(url: str | None, cloud_url: str | None, local: bool) -> None:
    """Choose where state is kept. Without a URL: on this machine, in a database of this user."""
    if url and cloud_url:
        raise UserError("only one of --cloud-url or argument URL may be specified, not both")
    if local and (url or cloud_url):
        raise UserError("a URL may not be specified when --local mode is enabled")
    wanted = url or cloud_url or DEFAULT_BACKEND_URL
    store = open_store(wanted)
    store.close()
    log_in(wanted)
    click.echo(f"Logged in to {store.url} as {user_name()} ({wanted})")


@click.command(cls=Command, name="logout")
@click.argument("url", required=False)
@click.option("-c", "--cloud-url", help="The same as the argument.")
@click.option("-l", "--local", is_flag=True, help="Forget the local store.")
@click.option("--all", "everywhere", is_flag=True, help="Forget every store.")
def logout(url: str | None, cloud_url: str | None, local: bool, everywhere: bool) -> None:
    """Forget the chosen store; what is kept there stays."""
    if everywhere:
        log_out_everywhere()
        click.echo("Logged out of everything")
        return
    wanted = url or cloud_url or (DEFAULT_BACKEND_URL if local else None)
    current = wanted or Session.current().workspace.backend_url
    log_out(wanted)
    click.echo(f"Logged out of {current}")


@click.command(cls=Command, name="whoami")
@click.option("-v", "--verbose", is_flag=True, help="Say where state is kept, too.")
@click.option("-j", "--json", "as_json", is_flag=True, help="Print JSON.")
def whoami(verbose: bool, as_json: bool) -> None:
    """Show who is working, and where state is kept."""
    workspace = Session.current().workspace
    if as_json:
        print_json({"user": user_name(), "organizations": [], "url": workspace.backend_url})
    elif verbose:
        click.echo(f"User: {user_name()}")
        click.echo("Organizations: ")
        click.echo(f"Backend URL: {workspace.store.url}")
        click.echo("Token type: personal")
    else:
        click.echo(user_name())
