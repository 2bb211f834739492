"""`import --from terraform`: what another tool manages moves in (cli.md §4.8, terraform.md §11)."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
import msgspec

from stackwright.cli._app import BailError
from stackwright.cli._import_secrets import write_secrets
from stackwright.cli._operations import Flags, set_config
from stackwright.cli._prompts import ConfirmationMissingError, choose
from stackwright.cli._session import Session
from stackwright.errors import StackwrightError, UserError

if TYPE_CHECKING:
    from stackwright.automation import Stack
    from stackwright.diagnostics import Diagnostic
    from stackwright.goals import PackageRequest
    from stackwright.moving import Adoption, Program, ProviderUse, TerraformState, UsedPackage
    from stackwright.packages._ready import Ready
    from stackwright.packages._sources import TerraformSource
    from stackwright.project import Project
    from stackwright.providers.terraform import TerraformProvider
    from stackwright.state import Snapshot
    from stackwright.values import PropertyMap

_LOCK_NAME = ".terraform.lock.hcl"


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
    origin = place.resolve().name if place.is_dir() else path.name
    stack = session.stack(flags.stack_name, offers_creation=True)
    if flags.set_config:
        set_config(stack, flags)
    move = _Move(session, project, stack, _Source(path, state, origin), target, protect=protect)
    for line in move.summary():
        click.echo(line)
    if resources is not None:
        move.write_import_file(resources)
    if not move.adoption.fresh:
        click.echo("There is nothing to bring in.")
    if flags.preview_only and target is not None and move.adoption.current:
        click.echo(f"\n{move.program.source}", nl=False)
    if flags.preview_only or not move.adoption.fresh:
        return
    if not (flags.yes or flags.skip_preview) and not _approved(session):
        click.echo("confirmation declined, not proceeding with the import")
        raise BailError
    try:
        move.carry_out()
    except StackwrightError:
        left = _free_file()
        move.write_import_file(left)
        click.echo(f"What was to be imported is in {left}, for `stackwright import --file`.", err=True)
        raise
    for line in move.farewell():
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


class _Source(msgspec.Struct, frozen=True):
    """A state, where it was read, and what the program calls that."""

    path: Path
    state: TerraformState
    called: str


class _Move:
    """One state on its way into one stack: looked at first, then carried out."""

    def __init__(
        self,
        session: Session,
        project: Project,
        stack: Stack,
        source: _Source,
        target: Path | None,
        *,
        protect: bool,
    ) -> None:
        from stackwright.moving import package_request, provider_uses

        self._session = session
        self._project = project
        self._stack = stack
        self._target = target
        self._state = source.state
        self._origin = source.called
        self._uses = provider_uses(self._state)
        self._sources = self._provider_sources(source.path.parent)
        self._missing: dict[str, str] = {}
        self._ready = self._readied()
        self._uses = tuple(each for each in self._uses if each.address in self._ready)
        self._packages = self._used_packages()
        self._requests = {address: package_request(each.schema) for address, each in self._packages.items()}
        self._config = stack.effective_config(validate=False)
        self._configurations = self._provider_configurations()
        self._said: list[str] = []
        self.adoption = msgspec.structs.replace(self._adopted(), protect=protect)
        self.program = self._program()

    # Providers ------------------------------------------------------------------------------------

    def _provider_sources(self, directory: Path) -> dict[str, TerraformSource]:
        """The package of each provider: as the project has it, else as Terraform's lock file pins it."""
        from stackwright.packages._sources import TERRAFORM, TerraformSource, recorded_source
        from stackwright.providers.terraform.installed import (
            OPENTOFU_HOST,
            parse_address,
            read_terraform_lock,
        )

        pinned = {
            _whichever_registry(each.address): each.version
            for each in read_terraform_lock(directory / _LOCK_NAME)
        }
        recorded: dict[str, TerraformSource] = {}
        for name, spec in self._project.packages.items():
            source = recorded_source(name, spec, self._project.root)
            if spec.source == TERRAFORM and isinstance(source, TerraformSource) and source.address:
                recorded[_whichever_registry(str(parse_address(source.address)))] = source
        found: dict[str, TerraformSource] = {}
        for use in self._uses:
            known = _whichever_registry(use.address)
            # Who works with OpenTofu's registry may have the provider from Terraform's mirror.
            address = known if use.address.startswith(OPENTOFU_HOST) else use.address
            found[use.address] = recorded.get(known) or TerraformSource(
                address=address, constraint=pinned.get(known, "")
            )
        return found

    def _readied(self) -> dict[str, Ready]:
        """The packages that can be had. Why the others cannot is noted, unless there is nothing else."""
        from stackwright.cli._downloads import shown_downloads
        from stackwright.packages._errors import FetchError
        from stackwright.packages._ready import PackageReadier
        from stackwright.packages._web import Web

        ready: dict[str, Ready] = {}
        failed: FetchError | None = None
        with shown_downloads() as progress, Web(progress=progress) as web:
            readier = PackageReadier(self._project.root, web, progress=progress)
            for address, source in self._sources.items():
                try:
                    ready[address] = readier.ready(source)
                except FetchError as error:
                    self._missing[address] = f"its provider cannot be had: {error.message}"
                    failed = error
        if failed is not None and not ready:
            raise failed
        self._sources = {address: self._sources[address] for address in ready}
        names = [each.name for each in ready.values()]
        if len(set(names)) != len(names):
            raise UserError(
                f"two providers of the state make a package of the same name: {', '.join(sorted(names))}",
                hint="Add one by another name first: stackwright package add ADDRESS --provider-name NAME",
            )
        return ready

    def _used_packages(self) -> dict[str, UsedPackage]:
        from stackwright.moving import UsedPackage
        from stackwright.packages import read_schema
        from stackwright.packages.sdkgen._names import import_name

        found = {}
        for address, ready in self._ready.items():
            schema = read_schema(ready.schema)
            spec = self._project.packages.get(ready.name)
            module = spec.module if spec is not None else None
            usual = schema.python.package_name or import_name(schema.name, schema.document.namespace)
            found[address] = UsedPackage(schema, module or usual)
        return found

    def _provider_configurations(self) -> dict[ProviderUse, PropertyMap]:
        from stackwright.moving import default_settings, explicit_settings

        crypter = self._stack.crypter if self._config.has_secrets else None
        values = self._config.for_program(crypter)
        found: dict[ProviderUse, PropertyMap] = {}
        for use in self._uses:
            package = self._packages[use.address]
            found[use] = (
                explicit_settings(use, package, self._project.name, values.values)
                if use.configuration
                else default_settings(package.schema.name, values.values, values.secret_keys)
            )
        return found

    # Looking --------------------------------------------------------------------------------------

    def _snapshot(self) -> Snapshot:
        return self._stack.store.snapshot(self._stack.name, crypter=self._stack.crypter)

    def _adopted(self) -> Adoption:
        from stackwright.moving import Opener, adopt
        from stackwright.providers import DefaultProviderHost

        def log(diagnostic: Diagnostic) -> None:
            if diagnostic.message not in self._said:
                self._said.append(diagnostic.message)

        async def look() -> Adoption:
            lock = next((each.lock for each in reversed(self._ready.values())), None)
            host = DefaultProviderHost(directory=self._project.root, log=log, lock=lock)

            async def load(request: PackageRequest) -> TerraformProvider:
                return cast("TerraformProvider", await host.load(request, environment={}))

            try:
                return await adopt(
                    self._state,
                    Opener(load, self._requests, self._configurations),
                    stack=self._stack.reference.name,
                    project=self._stack.reference.project,
                    taken=[each.urn for each in self._snapshot().resources],
                    missing=self._missing,
                )
            finally:
                await host.close()

        return asyncio.run(look())

    def _program(self) -> Program:
        from stackwright.moving import write_program

        return write_program(self.adoption, self._state.outputs, self._packages, self._origin)

    def summary(self) -> Iterator[str]:
        """What would be brought in, what not and why, and what else there is to say."""
        adoption = self.adoption
        stack = self._session.shown(self._stack.reference)
        if adoption.fresh:
            yield f"Bringing {_counted(adoption.fresh)} into {stack}:"
        for each in adoption.fresh:
            mark = " (tainted: will be replaced)" if each.tainted else ""
            mark = " (left from a replacement: will be deleted)" if each.deposed else mark
            yield f"    {each.address}  ->  {each.type.rpartition(':')[2]} {each.name}{mark}"
        if adoption.fresh and adoption.skipped:
            yield ""
        if adoption.skipped:
            yield f"Not brought in ({len(adoption.skipped)}):"
            for skip in adoption.skipped:
                yield f"    {skip.address}: {_on_one_line(skip.reason)}"
        notes = [*adoption.notes, *self._notes()]
        if notes:
            yield ""
            yield from (f"note: {note}" for note in notes)

    def _notes(self) -> Iterator[str]:
        from stackwright.moving import provider_key

        if not self._state.has_private:
            yield (
                "`terraform show -json` leaves out private data, which timeouts and some providers need, and"
                " which configuration of its provider a resource has; the state file itself has them"
            )
        for use in self._uses:
            if use.configuration and not self._configurations[use]:
                yield (
                    f"{use} is configured by `{self._project.name}:{provider_key(use)}`, an object of the"
                    " provider's arguments, which is not set yet"
                )
        for each in self.adoption.current:
            if each.differs:
                yield f"{each.address}: a preview will show a change: {each.differs}"
            if each.ignored:
                yield (
                    f"{each.address}: its provider would change {', '.join(each.ignored)} whatever is said,"
                    " so the program ignores changes there; it says what Terraform recorded, which may be a"
                    " digest: give it the real value before the object is ever replaced"
                )
        yield from self._said

    def write_import_file(self, path: Path) -> None:
        """What there is of Terraform's, as `import --file` would read it."""
        from stackwright.moving import Entry, ImportFile

        entries = [
            Entry(type=each.type, name=each.variable, logical_name=each.name, id=each.id)
            for each in self.adoption.fresh
            if not each.deposed
        ]
        _write(path, ImportFile(resources=entries).text())

    # Doing ----------------------------------------------------------------------------------------

    def carry_out(self) -> None:
        """Add the packages, write program and configuration, and last of all record everything."""
        self._add_packages()
        if self._target is not None:
            write_secrets(self._stack, self.program.secrets)
            _write(self._target, self.program.source)
        self._record()

    def _add_packages(self) -> None:
        from stackwright.cli._downloads import shown_downloads
        from stackwright.packages._project_packages import ProjectPackages
        from stackwright.packages._web import Web
        from stackwright.project import load_project
        from stackwright.project.python import install_dependencies

        missing = [
            source
            for address, source in self._sources.items()
            if self._ready[address].name not in self._project.packages
        ]
        if not missing:
            return
        with shown_downloads() as progress, Web(progress=progress) as web:
            packages = ProjectPackages(self._project, web, progress=progress)
            for source in missing:
                packages.add(source)
        install_dependencies(load_project(self._project.path), output=lambda line: click.echo(line, err=True))

    def _record(self) -> None:
        from stackwright.automation import holder
        from stackwright.moving import Origin, with_moved
        from stackwright.state import prepare_import

        stack = self._stack
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        origin = Origin(
            stack=stack.reference.name,
            project=stack.reference.project,
            requests=self._requests,
            configurations=self._configurations,
            now=now,
        )
        lease = stack.store.acquire(stack.name, holder("import"))
        try:
            before = self._snapshot()
            taken = {each.urn for each in before.resources}
            came = [each.urn for each in self.adoption.fresh if each.urn in taken]
            if came:
                raise UserError(
                    f"{came[0]} came into the stack meanwhile",
                    hint="Run the import again: nothing was recorded",
                )
            merged = with_moved(before, self.adoption, self.program, origin)
            prepared = prepare_import(merged, stack.name, secrets_provider=stack.secrets.provider)
            ready = msgspec.structs.replace(prepared.snapshot, pending=before.pending)
            stack.store.replace(stack.name, ready, lease=lease, crypter=stack.crypter)
        finally:
            lease.release()

    def farewell(self) -> Iterator[str]:
        """What was done, and what comes next."""
        yield f"\nBrought in {_counted(self.adoption.fresh)}. Terraform's state is as it was."
        if self._target is not None:
            yield f"The program is in {self._target}."
        yield (
            "Run `stackwright preview` to see that nothing is to be changed; from then on, let Terraform"
            " leave them alone."
        )


def _whichever_registry(address: str) -> str:
    """A provider's address without its host, if that is a public one: those have the same providers."""
    from stackwright.providers.terraform.installed import PUBLIC_HOSTS

    host, _, rest = address.partition("/")
    return rest if host in PUBLIC_HOSTS else address


def _counted(resources: Sequence[object]) -> str:
    return f"{len(resources)} resource{'' if len(resources) == 1 else 's'}"


def _on_one_line(text: str) -> str:
    """What a provider says over several paragraphs, as an entry of a list."""
    return " ".join(text.split())


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
