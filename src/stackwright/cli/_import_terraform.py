"""`import --from terraform`: what another tool manages moves in (cli.md §4.8, terraform.md §11)."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
import msgspec

from stackwright.cli._app import BailError
from stackwright.cli._import_providers import StateProviders, add_packages, state_providers
from stackwright.cli._import_secrets import write_secrets
from stackwright.cli._import_summary import counted, notes, summary
from stackwright.cli._operations import Flags, set_config
from stackwright.cli._prompts import ConfirmationMissingError, choose
from stackwright.cli._session import Session
from stackwright.errors import StackwrightError, UserError
from stackwright.moving import Adoption, Origin, Program

if TYPE_CHECKING:
    from stackwright.automation import Stack
    from stackwright.diagnostics import Diagnostic
    from stackwright.goals import PackageRequest
    from stackwright.moving import TerraformState
    from stackwright.project import Project
    from stackwright.providers.terraform import TerraformProvider
    from stackwright.state import Snapshot


class IncompleteImportError(UserError):
    """Some of what Terraform manages could not be brought in; all else is there."""

    code = "import-incomplete"


def import_terraform(
    session: Session,
    flags: Flags,
    place: Path,
    *,
    protect: bool,
    generate_code: bool,
    out: Path | None,
    force: bool,
    resources: Path | None,
) -> None:
    """
    Bring the resources of the Terraform state in *place* into a stack, and write a program for them.

    *resources* is where an import file of them is to be written besides.

    Raises:
        IncompleteImportError: In the end, after all that could be brought in was.
    """
    from stackwright.moving import find_state, read_state

    project = session.workspace.project
    target = _target(project, out) if generate_code else None
    if target is not None and target.exists() and not force and not flags.preview_only:
        raise UserError(
            f"{target} is there already",
            hint="Use --out to write another file, --force to overwrite it, or --generate-code=false",
        )
    # What cannot be read is said before anything is asked or made.
    path = find_state(place)
    state = read_state(_bytes_of(path), str(path))
    called = place.resolve().name if place.is_dir() else path.name
    stack = session.stack(flags.stack_name, offers_creation=True)
    if flags.set_config:
        set_config(stack, flags)
    move = _looked_at(project, stack, state, path.parent, called, protect=protect)
    for line in move.said(session.shown(stack.reference)):
        click.echo(line)
    if resources is not None:
        _write(resources, move.import_file())
    if flags.preview_only:
        if target is not None and move.adoption.current:
            click.echo(f"\n{move.program.source}", nl=False)
    elif move.has_news or (target is not None and move.adoption.current):
        _carry_out_if_approved(session, flags, project, stack, move, target)
    _refuse_to_hide(move.adoption)


def _refuse_to_hide(adoption: Adoption) -> None:
    """Scripts are to notice what was left out; what has no object of its own is no loss."""
    if adoption.lost:
        verb = "is" if len(adoption.lost) == 1 else "are"
        raise IncompleteImportError(
            f"{counted(adoption.lost)} of the state {verb} not brought in",
            hint="The reasons are above; once they are mended, the same import brings in the rest",
        )


def _carry_out_if_approved(
    session: Session, flags: Flags, project: Project, stack: Stack, move: _Move, target: Path | None
) -> None:
    if not (flags.yes or flags.skip_preview) and not _approved(session):
        click.echo("confirmation declined, not proceeding with the import")
        raise BailError
    try:
        _carry_out(project, stack, move, target)
    except StackwrightError:
        left = _free_file()
        _write(left, move.import_file())
        click.echo(f"What was to be imported is in {left}, for `stackwright import --file`.", err=True)
        raise
    for line in _farewell(move, target):
        click.echo(line)


def _target(project: Project, out: Path | None) -> Path:
    if out is not None:
        return out.absolute()
    program = project.program()
    entry = program.directory / program.entry_point
    return entry if entry.suffix == ".py" else entry / "__main__.py"


def _free_file() -> Path:
    """A new file in the working directory."""
    handle, name = tempfile.mkstemp(prefix="stackwright-import-", suffix=".json", dir=Path.cwd())
    os.close(handle)
    return Path(name)


def _approved(session: Session) -> bool:
    if not session.interactive:
        raise ConfirmationMissingError("--yes must be passed in non-interactive mode", exit_code=2)
    return choose("Do you want to bring this in?", ["yes", "no"], default="no") == "yes"


class _Move(msgspec.Struct, frozen=True, kw_only=True):
    """
    One state on its way into one stack, as far as looking at it tells.

    Attributes:
        before: What the stack had then.
        outputs: Those of the stack that change.
        notes: What else there is to say of it.
    """

    providers: StateProviders
    adoption: Adoption
    program: Program
    origin: Origin
    before: Snapshot
    outputs: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def has_news(self) -> bool:
        """Whether there is anything to record."""
        return bool(self.adoption.recorded or self.outputs)

    def said(self, stack: str) -> Iterator[str]:
        """All that a person is to know before it is carried out."""
        yield from summary(self.adoption, stack, self.outputs)
        if self.notes:
            yield ""
            yield from (f"note: {note}" for note in self.notes)
        if not self.has_news:
            yield "There is nothing to bring in."

    def import_file(self) -> str:
        """What is brought in, as `import --file` would read it."""
        from stackwright.moving import Entry, ImportFile

        entries = [
            Entry(type=each.type, name=each.variable, logical_name=each.name, id=each.id)
            for each in self.adoption.fresh
            if not each.deposed
        ]
        return ImportFile(resources=entries).text()


# Looking ------------------------------------------------------------------------------------------


def _looked_at(
    project: Project, stack: Stack, state: TerraformState, directory: Path, called: str, *, protect: bool
) -> _Move:
    """What there is to bring in of *state*, which was read in *directory* and is *called* so."""
    from stackwright.moving import changed_outputs, provider_uses, write_program

    providers = state_providers(project, stack, provider_uses(state), directory)
    before = _snapshot(stack)
    found, warnings = asyncio.run(_adopted(project, stack, state, providers, before))
    adoption = msgspec.structs.replace(found, protect=protect)
    program = write_program(adoption, state.outputs, providers.packages, called)
    origin = Origin(
        stack=stack.reference.name,
        project=stack.reference.project,
        requests=providers.requests,
        configurations=providers.configurations,
        now=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
    )
    said = notes(adoption, providers.configurations, project.name, has_private=state.has_private)
    return _Move(
        providers=providers,
        adoption=adoption,
        program=program,
        origin=origin,
        before=before,
        outputs=tuple(changed_outputs(before, program, origin)),
        notes=(*said, *warnings),
    )


async def _adopted(
    project: Project, stack: Stack, state: TerraformState, providers: StateProviders, before: Snapshot
) -> tuple[Adoption, list[str]]:
    """What providers make of *state*, and what they warn of meanwhile, each once."""
    from stackwright.moving import Opener, adopt
    from stackwright.providers import DefaultProviderHost

    warnings: dict[str, None] = {}

    def log(diagnostic: Diagnostic) -> None:
        warnings[diagnostic.message] = None

    lock = next((each.lock for each in reversed([*providers.ready.values()])), None)
    host = DefaultProviderHost(directory=project.root, log=log, lock=lock)

    async def load(request: PackageRequest) -> TerraformProvider:
        return cast("TerraformProvider", await host.load(request, environment={}))

    try:
        adoption = await adopt(
            state,
            Opener(load, providers.requests, providers.configurations),
            stack=stack.reference.name,
            project=stack.reference.project,
            held=before.resources,
            missing=providers.missing,
        )
    finally:
        await host.close()
    return adoption, list(warnings)


def _snapshot(stack: Stack) -> Snapshot:
    return stack.store.snapshot(stack.name, crypter=stack.crypter)


# Doing --------------------------------------------------------------------------------------------


def _carry_out(project: Project, stack: Stack, move: _Move, target: Path | None) -> None:
    """Add the packages, write program and configuration, and last of all record everything."""
    add_packages(project, move.providers)
    if target is not None:
        write_secrets(stack, move.program.secrets)
        _write(target, move.program.source)
    if move.has_news:
        _record(stack, move)


def _record(stack: Stack, move: _Move) -> None:
    from stackwright.automation import holder
    from stackwright.moving import with_moved
    from stackwright.state import prepare_import

    lease = stack.store.acquire(stack.name, holder("import"))
    try:
        before = _snapshot(stack)
        if before.resources != move.before.resources:
            raise UserError(
                f"the stack {stack.reference.name} has changed meanwhile",
                hint="Run the import again: nothing was recorded",
            )
        merged = with_moved(before, move.adoption, move.program, move.origin)
        prepared = prepare_import(merged, stack.name, secrets_provider=stack.secrets.provider)
        ready = msgspec.structs.replace(prepared.snapshot, pending=before.pending)
        stack.store.replace(stack.name, ready, lease=lease, crypter=stack.crypter)
    finally:
        lease.release()


def _farewell(move: _Move, target: Path | None) -> Iterator[str]:
    """What was done, and what comes next."""
    if move.has_news:
        yield f"\nBrought in {counted(move.adoption.recorded)}. Terraform's state is as it was."
    if target is not None:
        yield f"The program is in {target}."
    yield (
        "Run `stackwright preview` to see that nothing is to be changed; from then on, let Terraform"
        " leave them alone."
    )


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}") from error


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
