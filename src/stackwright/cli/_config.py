"""`config` and its sub-commands (cli.md §6)."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from stackwright.automation import Stack
from stackwright.cli._app import Group
from stackwright.cli._prompts import ask
from stackwright.cli._session import Session
from stackwright.cli._tables import print_json, print_table
from stackwright.errors import UserError
from stackwright.project import (
    Config,
    ConfigKey,
    ConfigPath,
    StackFile,
    coerced,
    encrypted_value,
    looks_secret,
    parse_config_key,
    parse_config_path,
    set_stack_file_aside,
    value_from_json,
    value_from_record,
)


@click.group(
    cls=Group,
    name="config",
    aliases={"remove": "rm", "delete": "rm", "remove-all": "rm-all", "delete-all": "rm-all", "copy": "cp"},
    invoke_without_command=True,
)
@click.option("-s", "--stack", "stack_name", help="The stack, instead of the selected one.")
@click.option("--config-file", help="Use this file instead of the stack's own.")
@click.option("--show-secrets", is_flag=True, help="Show secret values.")
@click.option("--open/--no-open", "open_", default=None, hidden=True)
@click.option("-j", "--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def config(
    ctx: click.Context,
    stack_name: str | None,
    config_file: str | None,
    show_secrets: bool,
    open_: bool | None,
    as_json: bool,
) -> None:
    """Manage a stack's configuration."""
    ctx.meta["stack"] = stack_name
    ctx.meta["config_file"] = config_file
    if ctx.invoked_subcommand is not None:
        return
    chosen = _stack(None, None)
    values = chosen.effective_config(validate=False)
    crypter = chosen.crypter if show_secrets and values.has_secrets else None
    if as_json:
        print_json(values.json_form(crypter))
        return
    project = chosen.reference.project
    rows = [[key.shown(project), value.text(crypter)] for key, value in values.ordered()]
    print_table(["KEY", "VALUE"], rows)


_stack_option = click.option("-s", "--stack", "stack_name", help="The stack, instead of the selected one.")
_file_option = click.option("--config-file", help="Use this file instead of the stack's own.")
_path_option = click.option("--path", is_flag=True, help="KEY is a path into a structured value.")


def _stack(stack_name: str | None, config_file: str | None) -> Stack:
    meta = click.get_current_context().meta
    session = Session.current(config_file=config_file or meta.get("config_file"))
    return session.stack(stack_name or meta.get("stack"), offers_creation=True)


def _file(chosen: Stack) -> StackFile:
    if chosen.file is None:
        raise UserError("Configuration belongs to a project: change to the project's directory")
    return chosen.file


def _key(chosen: Stack, text: str, *, path: bool) -> tuple[ConfigKey, ConfigPath]:
    project = chosen.reference.project
    return parse_config_path(text, project=project) if path else (parse_config_key(text, project=project), ())


@config.command("get")
@click.argument("key")
@_stack_option
@_file_option
@_path_option
@click.option("-j", "--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--open/--no-open", "open_", default=True, hidden=True)
def config_get(
    key: str, stack_name: str | None, config_file: str | None, path: bool, as_json: bool, open_: bool
) -> None:
    """Print one value, decrypted."""
    chosen = _stack(stack_name, config_file)
    name, rest = _key(chosen, key, path=path)
    value = chosen.effective_config(validate=False).find(name, rest)
    if value is None:
        raise UserError(
            f"configuration key '{name.shown(chosen.reference.project)}' not found for stack "
            f"'{chosen.reference.name}'"
        )
    crypter = chosen.crypter if value.is_secret else None
    if as_json:
        print_json(value.json_form(crypter))
    else:
        click.echo(value.text(crypter))


@config.command("set")
@click.argument("key")
@click.argument("value", required=False)
@_stack_option
@_file_option
@_path_option
@click.option("--secret", is_flag=True, help="Encrypt it.")
@click.option("--plaintext", is_flag=True, help="Keep it readable, though it looks like a secret.")
@click.option("--type", "type_", type=click.Choice(["string", "bool", "int", "float"]), help="Its type.")
@click.option("--raw", is_flag=True, help="Keep the newline at the end of standard input.")
def config_set(
    key: str,
    value: str | None,
    stack_name: str | None,
    config_file: str | None,
    path: bool,
    secret: bool,
    plaintext: bool,
    type_: str | None,
    raw: bool,
) -> None:
    """Set a value; from standard input if it is not given."""
    if sum((secret, plaintext, type_ is not None)) > 1:
        raise UserError("--secret, --plaintext and --type exclude each other")
    chosen = _stack(stack_name, config_file)
    name, rest = _key(chosen, key, path=path)
    if value is None:
        value = _value_from_outside(secret=secret, raw=raw)
    if not secret and not plaintext and looks_secret(name.name, value):
        raise UserError(
            f"config value for '{name.shown(chosen.reference.project)}' looks like a secret; "
            "rerun with --secret to encrypt it, or --plaintext if you meant to store in plaintext"
        )
    leaf: Any = value
    if secret:
        leaf = encrypted_value(value, chosen.crypter).tree
    elif rest or type_ is not None:
        leaf = coerced(value, type_=type_, nested=bool(rest))  # type: ignore[arg-type]
    file = _file(chosen)
    chosen.save(file.with_config(file.config.with_value(name, leaf, rest)))


def _value_from_outside(*, secret: bool, raw: bool) -> str:
    session = Session.current()
    if not sys.stdin.isatty():
        text = sys.stdin.read()
        return text if raw else text.removesuffix("\n").removesuffix("\r")
    if not session.interactive:
        raise UserError("config value must be specified in non-interactive mode")
    return ask("value", secret=secret)


@config.command("set-all")
@_stack_option
@_file_option
@_path_option
@click.option("--plaintext", multiple=True, metavar="KEY=VALUE", help="A readable value.")
@click.option("--secret", multiple=True, metavar="KEY=VALUE", help="A value to encrypt.")
@click.option("--json", "document", help="All values as JSON, in the form that `config --json` prints.")
def config_set_all(
    stack_name: str | None,
    config_file: str | None,
    path: bool,
    plaintext: tuple[str, ...],
    secret: tuple[str, ...],
    document: str | None,
) -> None:
    """Set many values at once: all of them, or none."""
    chosen = _stack(stack_name, config_file)
    file = _file(chosen)
    values = file.config
    if document is not None:
        if plaintext or secret or path:
            raise UserError("--json excludes --plaintext, --secret and --path")
        values = _from_json(chosen, values, document)
    for entries, encrypts in ((plaintext, False), (secret, True)):
        for entry in entries:
            text, separator, value = entry.partition("=")
            if not separator:
                raise UserError("config value must be in the form [key]=[value]")
            key, rest = _key(chosen, text, path=path)
            leaf: Any = value
            if encrypts:
                leaf = encrypted_value(value, chosen.crypter).tree
            elif rest:
                leaf = coerced(value, nested=True)
            values = values.with_value(key, leaf, rest)
    chosen.save(file.with_config(values))


def _from_json(chosen: Stack, values: Config, document: str) -> Config:
    try:
        entries = json.loads(document)
    except ValueError as error:
        raise UserError(f"--json: it is not JSON: {error}") from error
    if not isinstance(entries, dict):
        raise UserError("--json takes an object of keys")
    found = {}
    for text, form in entries.items():
        key = parse_config_key(text, project=chosen.reference.project)
        needs = isinstance(form, dict) and form.get("secret")
        found[key] = value_from_json(form, chosen.crypter if needs else None)
    return values.merged(found)


@config.command("rm")
@click.argument("key")
@_stack_option
@_file_option
@_path_option
def config_rm(key: str, stack_name: str | None, config_file: str | None, path: bool) -> None:
    """Remove a value."""
    _remove((key,), stack_name, config_file, path=path)


@config.command("rm-all")
@click.argument("keys", nargs=-1, required=True)
@_stack_option
@_file_option
@_path_option
def config_rm_all(keys: tuple[str, ...], stack_name: str | None, config_file: str | None, path: bool) -> None:
    """Remove many values."""
    _remove(keys, stack_name, config_file, path=path)


def _remove(keys: tuple[str, ...], stack_name: str | None, config_file: str | None, *, path: bool) -> None:
    chosen = _stack(stack_name, config_file)
    file = _file(chosen)
    values = file.config
    for text in keys:
        key, rest = _key(chosen, text, path=path)
        values = values.without(key, rest)
    chosen.save(file.with_config(values))


@config.command("cp")
@click.argument("key", required=False)
@click.option("-d", "--dest", required=True, help="The stack to copy to.")
@_stack_option
@_path_option
def config_cp(key: str | None, dest: str, stack_name: str | None, path: bool) -> None:
    """Copy one value, or all, to another stack; secrets are encrypted anew."""
    source = _stack(stack_name, None)
    target = Session.current().stack(dest)
    if source.reference == target.reference:
        raise UserError("current stack and destination stack are the same")
    values = source.config
    if values.has_secrets:
        values = values.recrypted(source.crypter, target.crypter)
    file = _file(target)
    if key is None:
        target.save(file.with_config(file.config.merged(values)))
        return
    name, rest = _key(source, key, path=path)
    value = values.find(name, rest)
    if value is None:
        raise UserError(f"configuration key '{key}' not found for stack '{source.reference.name}'")
    target.save(file.with_config(file.config.with_value(name, value.tree, rest)))


@config.command("refresh")
@_stack_option
@click.option("-f", "--force", is_flag=True, help="Overwrite the stack file without keeping a copy.")
def config_refresh(stack_name: str | None, force: bool) -> None:
    """Write the configuration of the last deployment into the stack file."""
    chosen = _stack(stack_name, None)
    file = _file(chosen)
    history = chosen.store.history(chosen.name, limit=1)
    if not history:
        raise UserError("getting latest configuration: no previous deployment")
    values = {}
    for text, form in history[0].config.items():
        key = parse_config_key(text, project=chosen.reference.project)
        value = value_from_record(form) or file.config.get(key)
        if value is not None:
            values[key] = value
    aside = set_stack_file_aside(file.path) if file.path.exists() and not force else None
    # What the secrets need to be read comes back from the state, where the file has lost it.
    file = chosen.secrets.changed_file or file
    chosen.save(file.with_config(Config(values)))
    if aside is not None:
        click.echo(f"backed up existing configuration file to {aside}")
        click.echo(f"refreshed configuration for stack '{chosen.reference.name}'")
