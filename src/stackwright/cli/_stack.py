"""`stack` and its sub-commands (cli.md §5)."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from stackwright.automation import Stack, holder
from stackwright.cli._app import BailError, Group
from stackwright.cli._prompts import ConfirmationMissingError, ask, confirm_by_typing
from stackwright.cli._session import Session, one_name
from stackwright.cli._tables import ago, json_time, parse_time, print_json, print_table
from stackwright.environment import SKIP_CONFIRMATIONS
from stackwright.errors import UserError
from stackwright.project import check_stack_name, deselect_stack, stack_file_path, value_from_record
from stackwright.state import (
    Crypter,
    ResourceState,
    StackNotEmptyError,
    encode_deployment,
    prepare_import,
    read_deployment,
)
from stackwright.urn import is_root_stack, urn_name

_ALIASES = {
    "list": "ls",
    "new": "init",
    "create": "init",
    "setup": "init",
    "remove": "rm",
    "delete": "rm",
    "hist": "history",
}

stack_option = click.option("-s", "--stack", "stack_name", help="The stack, instead of the selected one.")


@click.group(cls=Group, name="stack", aliases=_ALIASES, invoke_without_command=True)
@stack_option
@click.option("-i", "--show-ids", is_flag=True, help="Show each resource's id.")
@click.option("-u", "--show-urns", is_flag=True, help="Show each resource's URN.")
@click.option("--show-secrets", is_flag=True, help="Show secret outputs.")
@click.option("--show-name", is_flag=True, help="Print the stack's name alone.")
@click.option("--output", type=click.Choice(["default", "json"]), default="default")
@click.pass_context
def stack(
    ctx: click.Context,
    stack_name: str | None,
    show_ids: bool,
    show_urns: bool,
    show_secrets: bool,
    show_name: bool,
    output: str,
) -> None:
    """Manage stacks and look at what they hold."""
    if ctx.invoked_subcommand is not None:
        ctx.meta["stack"] = stack_name
        return
    session = Session.current()
    chosen = session.stack(stack_name)
    if show_name:
        click.echo(session.shown(chosen.reference))
        return
    if output == "json":
        print_json(_stack_json(session, chosen, show_secrets=show_secrets))
        return
    for line in _stack_lines(session, chosen, ids=show_ids, urns=show_urns, show_secrets=show_secrets):
        click.echo(line)


def _named(own: str | None) -> str | None:
    """`--stack` of the sub-command, or that of the group in front of it."""
    context = click.get_current_context()
    return own or context.meta.get("stack")


def _records(chosen: Stack) -> list[ResourceState]:
    return chosen.store.snapshot(chosen.name).resources


def _stack_lines(
    session: Session, chosen: Stack, *, ids: bool, urns: bool, show_secrets: bool
) -> Iterator[str]:
    history = chosen.store.history(chosen.name, limit=1)
    yield f"Current stack is {session.shown(chosen.reference)}:"
    yield f"    Managed by {chosen.store.url}"
    if history:
        ended = datetime.fromtimestamp(history[0].end_time, UTC)
        yield f"    Last updated: {ago(ended)} ({ended.astimezone():%Y-%m-%d %H:%M:%S %z})"
    else:
        yield "    No updates yet; run `stackwright up`"
    owner = chosen.store.holder(chosen.name)
    if owner is not None:
        yield f"    In progress: {owner.operation} by {owner.user}@{owner.host}, since {owner.since}"
    records = _records(chosen)
    if not records:
        yield "    No resources currently in this stack"
    else:
        yield f"Current stack resources ({len(records)}):"
        yield from _tree(records, ids=ids, urns=urns)
        yield ""
        yield from _output_lines(_outputs(chosen, show_secrets=show_secrets))
    yield ""
    yield "Use `stackwright stack select` to change stack; `stackwright stack ls` lists known ones"


def _tree(records: list[ResourceState], *, ids: bool, urns: bool) -> Iterator[str]:
    known = {state.urn for state in records}
    root = next((state for state in records if is_root_stack(state.urn) and not state.parent), None)
    children: dict[str, list[ResourceState]] = {}
    for state in records:
        parent = state.parent if state.parent in known else None
        if parent is None and root is not None and state is not root:
            parent = root.urn
        children.setdefault(parent or "", []).append(state)
    rows: list[tuple[str, str, str, ResourceState]] = []

    def walk(state: ResourceState, own: str, below: str) -> None:
        rows.append((f"{own}{state.type}", urn_name(state.urn), below, state))
        kept = children.get(state.urn, [])
        for index, child in enumerate(kept):
            last = index == len(kept) - 1
            walk(child, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  "))

    for state in children.get("", []):
        walk(state, "", "")
    width = max(len(row[0]) for row in rows)
    yield f"    {'TYPE'.ljust(width)}  NAME"
    for head, name, below, state in rows:
        yield f"    {head.ljust(width)}  {name}"
        if urns:
            yield f"    {below}   URN: {state.urn}"
        if ids and state.id:
            yield f"    {below}   ID: {state.id}"


def _outputs(chosen: Stack, *, show_secrets: bool) -> dict[str, Any]:
    """The stack's outputs as JSON values; without *show_secrets* nothing is decrypted."""
    from stackwright.display import value_json

    crypter = chosen.crypter if show_secrets else None
    outputs = chosen.store.outputs(chosen.name, crypter=crypter)
    return {
        key: value_json(value, show_secrets=show_secrets, tagged=False)
        for key, value in sorted(outputs.items())
    }


def _output_lines(outputs: Mapping[str, Any]) -> Iterator[str]:
    if not outputs:
        yield "    No output values currently in this stack"
        return
    yield f"Current stack outputs ({len(outputs)}):"
    width = max(len("OUTPUT"), *(len(key) for key in outputs))
    yield f"    {'OUTPUT'.ljust(width)}  VALUE"
    for key, value in outputs.items():
        yield f"    {key.ljust(width)}  {_plain(value)}"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _stack_json(session: Session, chosen: Stack, *, show_secrets: bool) -> dict[str, Any]:
    name = chosen.name
    snapshot = chosen.store.snapshot(name)
    resources = []
    for state in snapshot.resources:
        entry = {"urn": state.urn, "type": state.type, "name": urn_name(state.urn)}
        if state.id:
            entry["id"] = state.id
        if state.parent:
            entry["parent"] = state.parent
        resources.append(entry)
    return {
        "organization": name.organization,
        "project": name.project,
        "stack": name.stack,
        "backend": chosen.store.url,
        "tags": chosen.store.tags(name),
        "manifest": {
            "time": snapshot.manifest.time,
            "pulumiVersion": snapshot.manifest.version,
            "plugins": list(snapshot.manifest.plugins),
        },
        "resources": resources,
        "outputs": _outputs(chosen, show_secrets=show_secrets),
    }


@stack.command("ls")
@click.option("-a", "--all", "everything", is_flag=True, help="Stacks of every project.")
@click.option("-p", "--project", help="Stacks of this project.")
@click.option("-o", "--organization", help="Stacks of this organisation.")
@click.option("-t", "--tag", help="Stacks with this tag: NAME or NAME=VALUE.")
@click.option("-j", "--json", "as_json", is_flag=True, help="Print JSON.")
def stack_ls(
    everything: bool, project: str | None, organization: str | None, tag: str | None, as_json: bool
) -> None:
    """List the stacks there are."""
    session = Session.current()
    here = session.workspace.project_or_none
    if not everything and project is None:
        if here is None:
            raise UserError(
                "could not detect current project: there is no project file here",
                hint="Use `--all` for the stacks of every project",
            )
        project = here.name
    store = session.workspace.store
    found = store.stacks(project=None if everything else project, organization=organization)
    if tag:
        key, separator, wanted = tag.partition("=")
        found = [
            item
            for item in found
            if key in store.tags(item.name) and (not separator or store.tags(item.name)[key] == wanted)
        ]
    selected = session.workspace.selected
    rows: list[tuple[Any, str, bool]] = []
    for item in found:
        shown = session.shown(session.workspace.reference(str(item.name)))
        current = (
            selected is not None
            and selected.name == item.name.stack
            and selected.project == item.name.project
        )
        rows.append((item, shown, current))
    if as_json:
        print_json([_summary_json(item, shown, current=current) for item, shown, current in rows])
        return
    print_table(
        ["NAME", "LAST UPDATE", "RESOURCE COUNT"],
        [
            [
                shown + ("*" if current else ""),
                "in progress"
                if item.update_in_progress
                else ago(parse_time(item.last_update))
                if item.last_update
                else "n/a",
                str(item.resource_count),
            ]
            for item, shown, current in rows
        ],
    )


def _summary_json(item: Any, shown: str, *, current: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": shown, "current": current}
    if item.last_update:
        entry["lastUpdate"] = json_time(parse_time(item.last_update).timestamp())
        entry["updateInProgress"] = item.update_in_progress
    entry["resourceCount"] = item.resource_count
    return entry


@stack.command("init")
@click.argument("name", required=False)
@stack_option
@click.option("--secrets-provider", default="", help="default, passphrase, or a key service's URL.")
@click.option("--copy-config-from", help="Take over the configuration of this stack.")
@click.option("--no-select", is_flag=True, help="Do not make it the selected stack.")
@click.option("-y", "--yes", is_flag=True, hidden=True)
def stack_init(
    name: str | None,
    stack_name: str | None,
    secrets_provider: str,
    copy_config_from: str | None,
    no_select: bool,
    yes: bool,
) -> None:
    """Make an empty stack, and select it."""
    session = Session.current()
    chosen = one_name(name, _named(stack_name))
    if not chosen:
        if not session.interactive or yes:
            raise UserError("missing stack name", hint="Name it: `stackwright stack init dev`")
        chosen = ask("stack name", default="dev", check=check_stack_name)
    source = session.stack(copy_config_from) if copy_config_from else None
    made = session.create(
        session.workspace.reference(chosen), secrets=secrets_provider or "default", select=not no_select
    )
    if source is not None and made.file is not None:
        config = source.config
        if config.has_secrets:
            config = config.recrypted(source.crypter, made.crypter)
        made.save(made.file.with_config(config))


@stack.command("select")
@click.argument("name", required=False)
@stack_option
@click.option("-c", "--create", is_flag=True, help="Make it if there is none of that name.")
@click.option("--secrets-provider", default="default", help="With --create.")
def stack_select(name: str | None, stack_name: str | None, create: bool, secrets_provider: str) -> None:
    """Choose the stack that commands work on."""
    session = Session.current()
    chosen = one_name(name, _named(stack_name))
    if not chosen and not session.interactive:
        error = UserError("no stack selected; specify a stack name with --stack")
        error.exit_code = 6  # type: ignore[misc]
        raise error
    if chosen and create and not session.workspace.stack(chosen).exists:
        session.create(session.workspace.reference(chosen), secrets=secrets_provider)
        return
    session.workspace.select(session.stack(chosen).reference)


@stack.command("unselect")
def stack_unselect() -> None:
    """Select no stack."""
    workspace = Session.current().workspace
    deselect_stack(workspace.project, workspace.backend_url)
    click.echo("Stack was unselected", err=True)


@stack.command("rm")
@click.argument("name", required=False)
@stack_option
@click.option("-f", "--force", is_flag=True, help="Even if it still has resources: they are forgotten.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--preserve-config", is_flag=True, help="Keep the stack file.")
@click.option("--remove-backups", is_flag=True, hidden=True)
def stack_rm(
    name: str | None,
    stack_name: str | None,
    force: bool,
    yes: bool,
    preserve_config: bool,
    remove_backups: bool,
) -> None:
    """Remove a stack with its history."""
    session = Session.current()
    chosen = session.stack(one_name(name, _named(stack_name)))
    shown = session.shown(chosen.reference)
    if not (yes or SKIP_CONFIRMATIONS.value()):
        if not session.interactive:
            raise ConfirmationMissingError("non-interactive mode requires --yes flag")
        confirm_by_typing(shown, f"This will permanently remove the '{shown}' stack!")
    file = chosen.file
    try:
        chosen.store.remove(chosen.name, force=force)
    except StackNotEmptyError as error:
        click.echo(
            f"error: '{shown}' still has resources; removal rejected.\n"
            "- Run `stackwright destroy` to delete them, then remove the stack\n"
            "- Run `stackwright stack rm --force` to forget them: they stay where they are, unmanaged\n"
            "- Run `stackwright stack export` first, to keep a copy of what is recorded",
            err=True,
        )
        raise BailError from error
    if file is not None and not preserve_config:
        file.path.unlink(missing_ok=True)
    if session.workspace.project_or_none is not None and session.workspace.selected == chosen.reference:
        deselect_stack(session.workspace.project, session.workspace.backend_url)
    click.echo(f"Stack '{shown}' has been removed!")


@stack.command("rename")
@click.argument("new_name")
@stack_option
def stack_rename(new_name: str, stack_name: str | None) -> None:
    """Give a stack another name; the URNs of its resources follow."""
    session = Session.current()
    workspace = session.workspace
    project = workspace.project
    old = session.stack(_named(stack_name))
    reference = workspace.reference(new_name)
    new = Stack(workspace, reference)
    old_file = old.file
    old.store.rename(old.name, new.name)
    if old_file is not None and old_file.path.exists() and reference.project == project.name:
        target = stack_file_path(project, reference.name)
        old_file.path.rename(target)
    workspace.select(reference)
    click.echo(f"Renamed {session.shown(old.reference)} to {session.shown(reference)}")


@stack.command("output")
@click.argument("name", required=False)
@stack_option
@click.option("-j", "--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--shell", is_flag=True, help="Print assignments for a shell.")
@click.option("--show-secrets", is_flag=True, help="Show secret values.")
def stack_output(
    name: str | None, stack_name: str | None, as_json: bool, shell: bool, show_secrets: bool
) -> None:
    """Show the stack's outputs, or the one called NAME."""
    if as_json and shell:
        raise UserError("only one of --json and --shell may be set")
    chosen = Session.current().stack(_named(stack_name))
    outputs = _outputs(chosen, show_secrets=show_secrets)
    if name is not None:
        if name not in outputs:
            raise UserError(
                f"current stack does not have output property '{name}'",
                hint=f"It has: {', '.join(outputs)}" if outputs else "It has none",
            )
        outputs = {name: outputs[name]}
    if shell:
        for key, value in outputs.items():
            click.echo(f"{key}={shlex.quote(_plain(value))}")
    elif name is not None:
        if as_json:
            print_json(outputs[name])
        else:
            click.echo(_plain(outputs[name]))
    elif as_json:
        print_json(outputs)
    else:
        for line in _output_lines(outputs):
            click.echo(line)


@stack.command("export")
@stack_option
@click.option("--file", "path", help="Write to this file instead of standard output.")
@click.option("--show-secrets", is_flag=True, help="Write secrets in plain text.")
@click.option("--version", "version", help="(needs a service that keeps old versions)")
def stack_export(stack_name: str | None, path: str | None, show_secrets: bool, version: str | None) -> None:
    """Print everything that is recorded of a stack, as JSON that other tools understand."""
    if version:
        raise UserError("Old versions of a stack's state are kept by no store of this release")
    chosen = Session.current().stack(_named(stack_name))
    crypter = chosen.crypter if show_secrets else None
    data = encode_deployment(chosen.store.snapshot(chosen.name, crypter=crypter), show_secrets=show_secrets)
    if path is None:
        click.echo(data, nl=False)
        return
    try:
        Path(path).write_bytes(data)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}") from error


@stack.command("import")
@stack_option
@click.option("--file", "path", help="Read this file instead of standard input.")
@click.option("-f", "--force", is_flag=True, help="Even if something looks wrong with it.")
def stack_import(stack_name: str | None, path: str | None, force: bool) -> None:
    """Put exported JSON in place of what is recorded of a stack."""
    chosen = Session.current().stack(_named(stack_name))
    try:
        data = sys.stdin.buffer.read() if path is None else Path(path).read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
    found = read_deployment(data, stack=chosen.reference.name, place=path or "standard input")
    reading = None
    if found.secrets_provider is not None and found.has_sealed_secrets:
        reading = chosen.secrets.crypter_of(found.secrets_provider)
    prepared = prepare_import(
        found.snapshot(crypter=reading),
        chosen.name,
        force=force,
        secrets_provider=chosen.secrets.provider,
    )
    lease = chosen.store.acquire(chosen.name, holder("import"))
    try:
        chosen.store.replace(chosen.name, prepared.snapshot, lease=lease, crypter=chosen.crypter)
    finally:
        lease.release()
    for warning in prepared.warnings:
        click.echo(f"warning: {warning}", err=True)
    click.echo("Import complete.")


@stack.command("history")
@stack_option
@click.option("--show-secrets", is_flag=True, help="Show secret configuration values.")
@click.option("--full-dates", is_flag=True, help="Show dates instead of how long ago.")
@click.option("--page-size", type=int, default=10, help="How many updates to show.")
@click.option("--page", type=int, default=1, help="Which of the pages to show.")
@click.option("-j", "--json", "as_json", is_flag=True, help="Print JSON.")
def stack_history(
    stack_name: str | None,
    show_secrets: bool,
    full_dates: bool,
    page_size: int,
    page: int,
    as_json: bool,
) -> None:
    """Show what was done to a stack, newest first."""
    if page < 1:
        raise UserError("--page counts from 1")
    chosen = Session.current().stack(_named(stack_name))
    records = chosen.store.history(
        chosen.name, limit=page_size or None, offset=(page - 1) * page_size if page_size else 0
    )
    if as_json:
        crypter = chosen.crypter if show_secrets else None
        print_json([_update_json(record, crypter) for record in records])
        return
    if not records:
        empty = "Stack has never been updated" if page == 1 else f"No stack updates found on page '{page}'"
        click.echo(empty)
    for record in records:
        ended = datetime.fromtimestamp(record.end_time, UTC)
        when = f"{ended.astimezone():%Y-%m-%d %H:%M:%S}" if full_dates else ago(ended)
        counts = [record.resource_changes.get(op, 0) for op in ("create", "delete", "update", "same")]
        click.echo(f"Version: {record.version}")
        click.echo(f"UpdateKind: {record.kind}")
        click.echo(f"Status: {record.result}")
        click.echo(f"Message: {record.message}")
        click.echo(
            f"+{counts[0]}-{counts[1]}~{counts[2]} {counts[3]} Updated {when} "
            f"took {record.end_time - record.start_time}s"
        )
        for key, value in sorted(record.environment.items()):
            click.echo(f"    {key}: {value}")
        click.echo("")


def _shown_config(form: Mapping[str, Any], crypter: Crypter | None) -> dict[str, Any]:
    """One recorded configuration value; of a secret one without *crypter* only that it is."""
    value = value_from_record(form)
    return {"secret": True} if value is None else value.json_form(crypter)


def _update_json(record: Any, crypter: Crypter | None) -> dict[str, Any]:
    config = {key: _shown_config(value, crypter) for key, value in record.config.items()}
    return {
        "version": record.version,
        "kind": record.kind,
        "startTime": json_time(record.start_time),
        "message": record.message,
        "environment": dict(record.environment),
        "config": config,
        "result": record.result,
        "endTime": json_time(record.end_time),
        "resourceChanges": dict(record.resource_changes),
    }


@stack.group("tag", cls=Group, aliases={"remove": "rm", "delete": "rm", "list": "ls"})
@stack_option
def stack_tag(stack_name: str | None) -> None:
    """Manage a stack's tags."""
    if stack_name:
        click.get_current_context().meta["stack"] = stack_name


@stack_tag.command("ls")
@stack_option
@click.option("-j", "--json", "as_json", is_flag=True, help="Print JSON.")
def tag_ls(stack_name: str | None, as_json: bool) -> None:
    """List the tags."""
    chosen = Session.current().stack(_named(stack_name))
    tags = chosen.store.tags(chosen.name)
    if as_json:
        print_json(tags)
    else:
        print_table(["NAME", "VALUE"], [[key, value] for key, value in sorted(tags.items())])


@stack_tag.command("get")
@click.argument("name")
@stack_option
def tag_get(name: str, stack_name: str | None) -> None:
    """Print one tag."""
    chosen = Session.current().stack(_named(stack_name))
    tags = chosen.store.tags(chosen.name)
    if name not in tags:
        raise UserError(f"stack tag '{name}' not found for stack '{chosen.reference.name}'")
    click.echo(tags[name])


@stack_tag.command("set")
@click.argument("name")
@click.argument("value")
@stack_option
def tag_set(name: str, value: str, stack_name: str | None) -> None:
    """Set a tag."""
    chosen = Session.current().stack(_named(stack_name))
    chosen.store.set_tags(chosen.name, {name: value})


@stack_tag.command("rm")
@click.argument("name")
@stack_option
def tag_rm(name: str, stack_name: str | None) -> None:
    """Remove a tag."""
    chosen = Session.current().stack(_named(stack_name))
    chosen.store.set_tags(chosen.name, {name: None})


@stack.command("change-secrets-provider")
@click.argument("provider")
@stack_option
def change_secrets_provider(provider: str, stack_name: str | None) -> None:
    """Encrypt a stack's secrets in another way: default, passphrase, or a key service's URL."""
    session = Session.current()
    chosen = session.stack(_named(stack_name))
    old_crypter = chosen.crypter
    click.echo("Migrating old configuration and state to new secrets provider")
    lease = chosen.store.acquire(chosen.name, holder("change-secrets-provider"))
    try:
        snapshot = chosen.store.snapshot(chosen.name, crypter=old_crypter)
        new = chosen.secrets.changed_to(provider)
        if chosen.file is not None:
            config = chosen.config.recrypted(old_crypter, new.crypter)
            file = new.changed_file or chosen.file
            chosen.save(file.with_config(config))
        changed = msgspec.structs.replace(snapshot, secrets_provider=new.provider)
        chosen.store.replace(chosen.name, changed, lease=lease, crypter=new.crypter)
    finally:
        lease.release()
