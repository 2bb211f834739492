"""`import TYPE NAME ID` and `import --file`: looking resources up, recording them, and their code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stackwright.cli._import_packages import Packages, check_types
from stackwright.cli._import_secrets import secret_texts, write_secrets
from stackwright.cli._operations import Flags, Work, carried_out, refuse_to_wait_for_nobody, set_config
from stackwright.cli._session import Session
from stackwright.engine import Event, StepDone
from stackwright.errors import StackwrightError, UserError
from stackwright.moving import Goal, Imported, ImportedProgram, ImportFile, UsedPackage, import_goals
from stackwright.state import ResourceState
from stackwright.urn import Urn

if TYPE_CHECKING:
    from stackwright.automation import Stack
    from stackwright.goals import PackageRequest

_REQUEST = (
    "Put this code into your program. What the stack has and the program does not, the next update deletes."
)
_PROTECTED = "Imported as protected: it is neither deleted nor replaced until `protect=True` is taken out."


def import_resources(
    session: Session,
    flags: Flags,
    file: ImportFile,
    where: str,
    *,
    protect: bool,
    generate_code: bool,
    out: Path | None,
    force: bool,
) -> None:
    """Import what *file*, read from *where*, lists."""
    if not file.resources:
        raise UserError(f"there is nothing to import in {where}")
    if out is not None and generate_code and not force:
        _refuse_to_overwrite(out)
    refuse_to_wait_for_nobody(session, flags)
    project = session.workspace.project
    stack = session.stack(flags.stack_name, offers_creation=True)
    if flags.set_config:
        set_config(stack, flags)
    packages = Packages(project, stack, {each.package for each in file.resources if each.package})
    reference = stack.reference
    goals = import_goals(
        file,
        where,
        stack=reference.name,
        project=reference.project,
        protect=protect,
        packages=packages.requests,
        extensions=packages.extensions,
        crypter=stack.crypter,
    )
    # Where nobody would see it, code is not worth a look at schemas, nor its secrets in the configuration.
    generate_code = generate_code and (out is not None or not flags.machine_readable)
    used: dict[str, UsedPackage] = {}
    if generate_code:
        used = packages.used(_requests(file, packages))
        check_types(file.resources, used)
    found = _Found(goals)
    work = Work(session, flags, stack, None, imports=[each.goal for each in goals], also=found)
    done = carried_out(flags, work)
    if generate_code:
        names = {Urn(urn): name for name, urn in file.name_table.items()}
        _Code(stack, found, used, names, out).hand_over(done=done)


def _refuse_to_overwrite(out: Path) -> None:
    """What somebody wrote is not lost for code that can be made again; what is empty is nothing."""
    if out.is_file() and out.stat().st_size:
        raise UserError(
            f"{out} is there already; nothing was imported",
            hint="Use --out to write another file, --force to overwrite it, or --generate-code=false",
        )


def _requests(file: ImportFile, packages: Packages) -> dict[str, PackageRequest]:
    found: dict[str, PackageRequest] = {}
    for each in file.resources:
        if not each.package or each.package == "pulumi":  # the engine's own, which has no schema
            continue
        usual, extends = packages.requests.get(each.package), each.package in packages.extensions
        request = each.package_request(usual, extends=extends)
        if request is not None:
            found.setdefault(each.package, request)
    return found


class _Found:
    """What the engine says of the resources that are to be imported; a reporter."""

    def __init__(self, goals: list[Goal]) -> None:
        self._names = {each.urn: each.name for each in goals}
        self._records: dict[Urn, ResourceState] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, StepDone) and event.new is not None and event.new.urn in self._names:
            self._records[event.new.urn] = event.new

    def resources(self) -> list[Imported]:
        """In the order in which they were named."""
        return [
            Imported(self._records[urn], name) for urn, name in self._names.items() if urn in self._records
        ]


class _Code:
    """The code for what was imported, on its way to a person or into a file."""

    def __init__(
        self,
        stack: Stack,
        found: _Found,
        packages: Mapping[str, UsedPackage],
        names: Mapping[Urn, str],
        out: Path | None,
    ) -> None:
        self._stack = stack
        self._found = found
        self._packages = packages
        self._names = names
        self._out = out

    def hand_over(self, *, done: bool) -> None:
        """Print or write it; secrets that it reads are put into the configuration once it is *done*."""
        from stackwright.moving import write_imported

        resources = self._found.resources()
        try:
            made = write_imported(
                resources, self._packages, self._names, configured=secret_texts(self._stack)
            )
        except StackwrightError as error:
            click.echo(f"warning: no code could be made of what was imported: {error}", err=True)
            return
        if done:
            write_secrets(self._stack, made.secrets)
        if self._out is not None:
            self._write(made)
        else:
            protected = any(each.record.protect for each in resources)
            click.echo("\n".join(["", _REQUEST, *([_PROTECTED] if protected else []), ""]))
            click.echo(made.source, nl=False)
        for note in self._notes(made, done=done):
            click.echo(f"note: {note}", err=True)

    def _write(self, made: ImportedProgram) -> None:
        assert self._out is not None
        try:
            self._out.write_text(made.source, encoding="utf-8")
        except OSError as error:
            raise UserError(
                f"{self._out} cannot be written: {error.strerror}",
                hint="What was imported is recorded: the same command makes its code again",
            ) from error

    def _notes(self, made: ImportedProgram, *, done: bool) -> list[str]:
        notes = list(made.notes)
        if made.expects:
            notes.append(f"the program has to have {', '.join(made.expects)} already")
        if made.secrets:
            verb = "are" if done else "will be"
            notes.append(
                f"secret values {verb} in the stack's configuration: {', '.join(sorted(made.secrets))}"
            )
        return notes
