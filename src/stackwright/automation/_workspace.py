"""A project with its store: where stacks are found, made, configured and worked on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from stackwright.automation._secrets import PassphraseSource, StackSecrets
from stackwright.debugging import NOT_DEBUGGED, DebugTargets
from stackwright.errors import UserError
from stackwright.project import (
    ORGANIZATION,
    Config,
    Project,
    ProjectNotFoundError,
    StackFile,
    StackReference,
    check_required_version,
    current_backend,
    effective_config,
    find_project,
    load_stack_file,
    parse_stack_reference,
    recorded_form,
    save_stack_file,
    select_stack,
    selected_stack,
)
from stackwright.state import Crypter, StackName, Store, open_store
from stackwright.values import reveal

if TYPE_CHECKING:
    from stackwright.automation._operation import Program
    from stackwright.diagnostics import Diagnostic
    from stackwright.engine import (
        AnalyzerHost,
        ImportGoal,
        Options,
        Reporter,
        ResourceQuery,
        StackOutputs,
        Summary,
        Target,
    )
    from stackwright.goals import PackageRequest
    from stackwright.providers import ProviderHost
    from stackwright.providers._lock_file import LockFile


class NoStackSelectedError(UserError):
    """A command needs a stack, and none was named or selected."""

    code = "no-stack-selected"

    def __init__(self) -> None:
        super().__init__(
            "no stack selected; please use `stackwright stack select` or `stackwright stack init` "
            "to choose one"
        )


class Workspace:
    """
    The project around a directory, if there is one, and the store it keeps its stacks in.

    Files are read when they are first needed, once.
    """

    def __init__(self, directory: Path | None = None, *, config_file: Path | None = None) -> None:
        self._directory = directory
        self._config_file = config_file

    @cached_property
    def project(self) -> Project:
        """The project. Raises `ProjectNotFoundError`, `ProjectFileError`."""
        return find_project(self._directory)

    @property
    def project_or_none(self) -> Project | None:
        """The project, or None where there is no project file. A broken one is still an error."""
        try:
            return self.project
        except ProjectNotFoundError:
            return None

    @cached_property
    def backend_url(self) -> str:
        """Where state is kept, by the order of precedence of the settings (state.md §6.4)."""
        return current_backend(self.project_or_none).url

    @cached_property
    def store(self) -> Store:
        """The store. Raises where it cannot be opened, or is of a kind that is not served yet."""
        return open_store(self.backend_url)

    def close(self) -> None:
        """Close the store, if it was opened. Idempotent; nothing is to be asked of it afterwards."""
        if "store" in vars(self):
            self.store.close()

    def reference(self, text: str) -> StackReference:
        """The stack that *text* means from here."""
        project = self.project_or_none
        return parse_stack_reference(text, project=project.name if project is not None else None)

    @property
    def selected(self) -> StackReference | None:
        """The stack that commands work on when none is named."""
        project = self.project_or_none
        return None if project is None else selected_stack(project, self.backend_url)

    def select(self, reference: StackReference) -> None:
        """Make a stack the selected one."""
        select_stack(self.project, self.backend_url, reference)

    def stack(self, name: str | None = None) -> Stack:
        """
        The stack called *name*, or the selected one.

        Raises `NoStackSelectedError`; `StackNotFoundError` comes from the store, when it is used.
        """
        reference = self.reference(name) if name else self.selected
        if reference is None:
            raise NoStackSelectedError
        return Stack(self, reference)

    def create(
        self,
        reference: StackReference,
        *,
        secrets: str = "default",
        passphrase: PassphraseSource | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> Stack:
        """
        Make a stack; its secrets manager is chosen now, and what it needs is written to the stack file.

        Raises `StackExistsError`, and what setting up the manager raises.
        """
        stack = Stack(self, reference, passphrase=passphrase)
        provider = stack.secrets.initialise(secrets)
        self.store.create(stack.name, secrets_provider=provider, tags=tags)
        stack.save_secrets_settings()
        return stack

    def load_stack_file(self, reference: StackReference) -> StackFile:
        return load_stack_file(self.project, reference.name, config_file=self._config_file)


class Stack:
    """One stack of a workspace, whether or not it exists yet."""

    def __init__(
        self,
        workspace: Workspace,
        reference: StackReference,
        *,
        passphrase: PassphraseSource | None = None,
    ) -> None:
        self.workspace = workspace
        self.reference = reference
        self._passphrase = passphrase

    @property
    def name(self) -> StackName:
        """Its name in the store."""
        return StackName(ORGANIZATION, self.reference.project, self.reference.name)

    @property
    def store(self) -> Store:
        return self.workspace.store

    @property
    def exists(self) -> bool:
        return self.store.exists(self.name)

    @cached_property
    def file(self) -> StackFile | None:
        """The stack file; None where there is no project, or another one."""
        project = self.workspace.project_or_none
        if project is None or project.name != self.reference.project:
            return None
        return self.workspace.load_stack_file(self.reference)

    def save(self, file: StackFile) -> None:
        """Write the stack file."""
        self.__dict__["file"] = save_stack_file(file)

    @cached_property
    def secrets(self) -> StackSecrets:
        """How this stack's secrets are kept."""
        return StackSecrets(self.name, self.store, self.file, passphrase=self._passphrase)

    def save_secrets_settings(self) -> None:
        """Write what the secrets manager needs into the stack file, if that is where it belongs."""
        changed = self.secrets.changed_file
        if changed is not None:
            self.save(changed)

    @property
    def crypter(self) -> Crypter:
        """
        What encrypts and decrypts this stack's secrets; may ask for a passphrase, once.

        Raises `DecryptionError` and its kin.
        """
        crypter = self.secrets.crypter
        self.save_secrets_settings()
        return crypter

    @property
    def config(self) -> Config:
        """The values set in the stack file."""
        return self.file.config if self.file is not None else Config()

    def effective_config(self, *, validate: bool = True) -> Config:
        """The values that programs get: the stack's, completed by the project's (state.md §4)."""
        if self.file is None:
            return Config()
        crypter = self.crypter if self.file.config.has_secrets else None
        return effective_config(
            self.workspace.project, self.reference.name, self.file, crypter=crypter, validate=validate
        )

    def target(self, config: Config) -> Target:
        """This stack as the engine sees it."""
        from stackwright.engine import Target

        values = config.for_program(self.crypter if config.has_secrets else None)
        project = self.workspace.project_or_none
        return Target(
            project=self.reference.project,
            stack=self.reference.name,
            organization=ORGANIZATION,
            config=values.values,
            config_secret_keys=frozenset(values.secret_keys),
            root_directory=str(project.root) if project is not None else "",
            program_directory=str(_program_directory(project)) if project is not None else "",
            read_stack=self._read_stack,
        )

    async def _read_stack(self, name: str) -> StackOutputs:
        """Another stack of the same store, for stack references (E209)."""
        from stackwright.engine import StackOutputs

        other = Stack(self.workspace, self.workspace.reference(name), passphrase=self._passphrase)
        snapshot = other.store.snapshot(other.name, crypter=other.crypter)
        outputs: Mapping[str, Any] = {}
        resources: dict[str, Any] = {}
        for state in snapshot.resources:
            if state.type == "pulumi:pulumi:Stack" and not state.delete:
                outputs = state.outputs
            resources[state.urn] = {"type": state.type, "outputs": reveal(state.outputs)}
        return StackOutputs(outputs=outputs, resources=resources)

    def run(
        self,
        options: Options,
        *,
        report: Reporter,
        program: Program | None = None,
        imports: Sequence[ImportGoal] = (),
        query: ResourceQuery | None = None,
        policies: AnalyzerHost | None = None,
        message: str = "",
        validate_config: bool = True,
        check_integrity: bool = True,
        environment_record: Mapping[str, str] | None = None,
        trust_pickles: bool = False,
        debugged: DebugTargets = NOT_DEBUGGED,
    ) -> Summary:
        """
        Carry out one operation; see `run_operation`.

        The stack must exist. *trust_pickles* loads dynamic providers from the state whoever wrote
        them; *debugged* plugins wait for a debugger. A project's `options.refresh: always` counts.
        A *report* that raises hears nothing more, and its exception comes out of here when the
        operation is over.
        """
        from stackwright.automation._operation import OperationRequest, run_operation
        from stackwright.engine import Listeners

        project = self.workspace.project_or_none
        if project is not None and project.required_version is not None:
            from stackwright.wire import COMPATIBLE_VERSION  # few projects ask for one

            check_required_version(project, COMPATIBLE_VERSION)
        config = self.effective_config(validate=validate_config)
        if project is not None and project.always_refresh and not options.refresh:
            options = msgspec.structs.replace(options, refresh=True)
        target = self.target(config)
        listeners = Listeners([report])
        summary = run_operation(
            OperationRequest(
                store=self.store,
                name=self.name,
                target=target,
                crypter=self.crypter,
                host=lambda: self._host(target, listeners, trust_pickles=trust_pickles, debugged=debugged),
                options=options,
                program=program,
                imports=imports,
                query=query,
                policies=policies,
                report=listeners,
                message=message,
                check_integrity=check_integrity,
                environment=environment_record or {},
                config={str(key): recorded_form(value) for key, value in self.config.ordered()},
            )
        )
        listeners.complain()
        return summary

    def package_schemas(self, packages: Mapping[str, PackageRequest]) -> dict[str, bytes]:
        """
        The schemas of *packages*, by the same names, from the providers that this stack would use.

        A provider that has none to tell is left out.

        Raises:
            ProviderError: One cannot be found or does not come up.
        """
        import asyncio

        from stackwright.providers import UnimplementedError

        target = self.target(self.effective_config(validate=False))

        async def ask() -> dict[str, bytes]:
            host = self._host(target, lambda event: None)
            found: dict[str, bytes] = {}
            try:
                for name, package in packages.items():
                    provider = await host.load(package, environment={})
                    is_other = package.parameterization is not None
                    try:
                        found[name] = await provider.schema(package=package.package if is_other else "")
                    except UnimplementedError:
                        continue
            finally:
                await host.close()
            return found

        return asyncio.run(ask())

    def _host(
        self,
        target: Target,
        report: Reporter,
        *,
        trust_pickles: bool = False,
        debugged: DebugTargets = NOT_DEBUGGED,
    ) -> ProviderHost:
        from stackwright.automation._acquisition import Acquisition
        from stackwright.automation._program import dynamic_host
        from stackwright.providers._host import DefaultProviderHost

        project = self.workspace.project_or_none
        directory = Path.cwd()
        plugins: tuple[Any, ...] = ()
        if project is not None:
            directory = _program_directory(project)
            plugins = _project_plugins(project)
        runtime = project.runtime if project is not None else None

        def log(diagnostic: Diagnostic) -> None:
            report(diagnostic)

        lock = _lock(project) if project is not None else None
        return DefaultProviderHost(
            directory=directory,
            log=log,
            project=target.project,
            runtime_options=runtime.options if runtime is not None else {},
            config=target.config,
            plugins=plugins,
            crypter=self.crypter,
            trust_pickles=trust_pickles,
            debugged=debugged,
            dynamic_host=lambda: None if project is None else dynamic_host(project),
            lock=lock,
            acquirer=Acquisition(directory, report, project=project, lock=lock),
        )


def _lock(project: Project) -> LockFile | None:
    """What the project pins; None where it has no lock file, so that nothing is loaded for it."""
    if not any((project.root / name).is_file() for name in ("stackwright.lock", ".terraform.lock.hcl")):
        return None
    from stackwright.providers.terraform.installed import read_locks

    return read_locks(project.root)


def _program_directory(project: Project) -> Path:
    return project.program().directory if project.runtime is not None else project.root


def _project_plugins(project: Project) -> tuple[Any, ...]:
    """The plugins that the project file points at (protocol.md §7.2)."""
    if not project.plugins and not any(package.is_path for package in project.packages.values()):
        return ()
    from stackwright.providers.plugin import ProjectPlugin

    found = [
        ProjectPlugin(name=item.name, path=project.root / item.path, version=item.version or "")
        for item in project.plugins
        if item.kind == "resource"
    ]
    from stackwright.packages._sources import PluginSource, recorded_source

    for name, package in project.packages.items():
        source = recorded_source(name, package, project.root) if package.is_path else None
        if isinstance(source, PluginSource):
            path = (project.root / source.path).resolve()
            # A package is called what the project calls it; its directory may have another name.
            found.extend(ProjectPlugin(name=each, path=path) for each in {name: None, source.name: None})
    return tuple(found)
