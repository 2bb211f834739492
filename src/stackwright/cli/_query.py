"""`query`: what exists of a type, whoever made it (terraform.md §5.20, protocol.md §8.17)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stackwright.cli._app import BailError, Command
from stackwright.cli._session import Session
from stackwright.cli._tables import print_json, print_table
from stackwright.diagnostics import Diagnostic, Severity
from stackwright.engine import Event, OperationResult, OperationType, Options, ResourceFound, ResourceQuery
from stackwright.errors import UserError

if TYPE_CHECKING:
    from stackwright.urn import Urn
    from stackwright.values import PropertyMap

_NO_NAME = re.compile(r"[^A-Za-z0-9_.-]+")


@click.command(cls=Command, name="query")
@click.argument("type_", metavar="TYPE")
@click.argument("entries", metavar="[KEY=VALUE]...", nargs=-1)
@click.option("-s", "--stack", "stack_name", help="The stack whose configuration counts.")
@click.option("--limit", type=click.IntRange(min=1), help="So many are enough.")
@click.option("--provider", metavar="URN", help="Ask this explicit provider of the stack.")
@click.option(
    "--import-file",
    type=click.Path(path_type=Path),
    help="Write a file of all that was found, for `import --file`.",
)
@click.option("-j", "--json", "as_json", is_flag=True, help="Print JSON.")
def query(
    type_: str,
    entries: tuple[str, ...],
    stack_name: str | None,
    limit: int | None,
    provider: str | None,
    import_file: Path | None,
    as_json: bool,
) -> None:
    """
    List what exists of a type, whoever made it.

    \b
    stackwright query aws:index/instance:Instance
    stackwright query aws:index/instance:Instance region=eu-west-1 --limit 50 --import-file found.json
    stackwright import --file found.json --out imported.py

    What can be asked for by KEY=VALUE is the provider's to say; a value may be JSON. Not every
    provider lists, and few list everything. Nothing is changed, outside or in the stack.
    """
    from stackwright.cli._import_packages import Packages, check_types
    from stackwright.moving import Entry

    session = Session.current()
    stack = session.stack(stack_name)
    entry = Entry(type=type_, name="query")
    packages = Packages(session.workspace.project, stack, {entry.package})
    package = entry.package_request(packages.requests[entry.package])
    if package is not None:
        check_types([entry], packages.used({entry.package: package}))
    wanted = ResourceQuery(
        type=type_,
        query=_query(entries),
        limit=limit or 0,
        provider=_urn(provider),
        package=package,
        extension=packages.extensions.get(entry.package),
    )
    found: list[ResourceFound] = []

    def hear(event: Event) -> None:
        if isinstance(event, ResourceFound):
            found.append(event)
        elif isinstance(event, Diagnostic) and event.severity in (Severity.ERROR, Severity.WARNING):
            click.echo(f"{event.severity.value}: {event.message}", err=True)

    summary = stack.run(
        Options(type=OperationType.IMPORT, preview=True), report=hear, query=wanted, validate_config=False
    )
    if summary.result is not OperationResult.SUCCEEDED:
        raise BailError
    if import_file is not None:
        _write(import_file, found, wanted.provider)
    if as_json:
        print_json([{"type": each.type, "id": each.id, "name": each.name} for each in found])
    elif found:
        print_table(["NAME", "ID"], [(each.name, each.id) for each in found])
    else:
        click.echo(f"There is nothing of {type_} that its provider could find.")


def _query(entries: Iterable[str]) -> PropertyMap:
    found: dict[str, Any] = {}
    for entry in entries:
        key, separator, text = entry.partition("=")
        if not separator or not key:
            raise UserError(f"what is asked for is said as KEY=VALUE, not `{entry}`")
        try:
            found[key] = json.loads(text)
        except ValueError:
            found[key] = text
    return found


def _urn(text: str | None) -> Urn | None:
    from stackwright.urn import Urn, is_urn

    if text is None:
        return None
    if not is_urn(text):
        raise UserError(
            f"--provider takes a URN, not `{text}`", hint="`stackwright stack --show-urns` lists them"
        )
    return Urn(text)


def _write(path: Path, found: Iterable[ResourceFound], provider: Urn | None) -> None:
    """An import file; every resource gets a name of its own, made of what its provider calls it."""
    from stackwright.moving import Entry, ImportFile

    entries: list[Entry] = []
    names: set[str] = set()
    for each in found:
        plain = _NO_NAME.sub("-", each.name or each.id).strip("-") or "resource"
        name, number = plain, 1
        while name in names:
            number += 1
            name = f"{plain}-{number}"
        names.add(name)
        entries.append(Entry(type=each.type, name=name, id=each.id, provider="provider" if provider else ""))
    table = {"provider": str(provider)} if provider else {}
    try:
        path.write_text(ImportFile(name_table=table, resources=entries).text(), encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}") from error
