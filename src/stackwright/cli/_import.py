"""`import`: taking what exists already into a stack (cli.md §4.8)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stackwright.cli._app import Command
from stackwright.cli._operations import Flags, options_of
from stackwright.cli._session import Session
from stackwright.engine import OperationType
from stackwright.errors import UserError

if TYPE_CHECKING:
    from stackwright.moving import ImportFile

_CONVERTERS = ("terraform",)


@click.command(cls=Command, name="import")
@click.argument("words", nargs=-1, metavar="[TYPE NAME ID]")
@options_of("import")
@click.option("--parent", metavar="NAME=URN", help="The resource's parent, and its name in the program.")
@click.option("--provider", metavar="NAME=URN", help="The provider to use, and its name in the program.")
@click.option("--properties", multiple=True, metavar="A,B", help="Record no other inputs than these.")
@click.option("-f", "--file", type=click.Path(path_type=Path), help="Import what this file lists.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write the code to this file.")
@click.option("--generate-code/--no-generate-code", default=True, help="Make code for the program.")
@click.option(
    "--protect/--no-protect",
    default=None,
    help="Protect what is imported from deletion; with --from only if it is said.",
)
@click.option("--from", "origin", metavar="TOOL", help="Import what another tool manages: terraform.")
@click.option(
    "--generate-resources",
    type=click.Path(path_type=Path),
    help="With --from: write an import file of what there is, too.",
)
@click.option("--force", is_flag=True, help="Overwrite the file, or the program, that is there.")
def import_(
    words: tuple[str, ...],
    parent: str | None,
    provider: str | None,
    properties: tuple[str, ...],
    file: Path | None,
    out: Path | None,
    generate_code: bool,
    protect: bool | None,
    origin: str | None,
    generate_resources: Path | None,
    force: bool,
    **given: Any,
) -> None:
    """
    Take resources that exist already into a stack, and make the code that declares them.

    \b
    stackwright import aws:s3/bucket:Bucket logs my-logs-bucket
    stackwright import --file resources.json --out imported.py
    stackwright import --from terraform ../infrastructure

    TYPE is a type of resources, NAME what the resource is to be called in the stack, ID what its
    provider knows it by. A file lists many. With --from, the argument is a directory with a
    `terraform.tfstate`, a state file, or what `terraform show -json` prints; without a program for
    it, the project gets one.

    Nothing is changed outside: resources are looked up and recorded, protected unless told otherwise.
    """
    flags = Flags.of(OperationType.IMPORT, given)
    if origin is not None:
        _refuse_with("--from", file=file, parent=parent, provider=provider, properties=properties)
        place = _place(origin, words)
        from stackwright.cli._import_terraform import import_terraform

        import_terraform(
            Session.current(config_file=flags.config_file),
            flags,
            place,
            protect=protect is True,
            generate_code=generate_code,
            out=out,
            force=force,
            resources=generate_resources,
        )
        return
    if generate_resources is not None:
        raise UserError("--generate-resources is for --from")
    from stackwright.cli._import_resources import import_resources
    from stackwright.moving import one_entry

    chosen = [name for each in properties for name in each.split(",") if name]
    where = "what is named"
    wanted: ImportFile
    if file is not None:
        _refuse_with("--file", words=words, parent=parent, provider=provider, properties=properties)
        wanted, where = _read(file), str(file)
    else:
        type_, name, id_ = _inline(words)
        wanted = one_entry(type_, name, id_, parent=parent, provider=provider, properties=chosen)
    session = Session.current(config_file=flags.config_file)
    import_resources(
        session,
        flags,
        wanted,
        where,
        protect=protect is not False,
        generate_code=generate_code,
        out=out,
        force=force,
    )


def _refuse_with(flag: str, **others: object) -> None:
    """*flag* says everything that the others would say."""
    given = [name for name, value in others.items() if value]
    if given:
        what = "TYPE, NAME and ID" if given[0] == "words" else f"--{given[0]}"
        raise UserError(f"{what} cannot be used together with {flag}")


def _inline(words: tuple[str, ...]) -> tuple[str, str, str]:
    if len(words) > 3:
        raise UserError("only expected at most three arguments")
    missing = ("missing type, name, and id", "missing name and id", "missing id", "")[len(words)]
    if missing:
        raise UserError(
            f"an inline resource must be specified if no converter or import file is used, {missing}",
            hint="Run 'stackwright import --help' for usage.",
        )
    type_, name, id_ = words
    return type_, name, id_


def _read(path: Path) -> ImportFile:
    from stackwright.moving import read_import_file

    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
    return read_import_file(data, str(path))


def _place(origin: str, words: tuple[str, ...]) -> Path:
    """Where the state is that another tool, *origin*, manages."""
    if origin not in _CONVERTERS:
        raise UserError(f"there is no converter '{origin}'", hint=f"There is: {', '.join(_CONVERTERS)}")
    if not words:
        raise UserError(
            "the state to import is missing: a directory, a state file, or `terraform show -json`"
        )
    if len(words) > 1:
        raise UserError(f"there is one state to import, not {len(words)}: {' '.join(words)}")
    return Path(words[0])
