"""`MemoryStack`: a program deployed on the real engine, to a stack in memory."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from stackwright.automation import OperationRequest, ProgramEnd, run_operation
from stackwright.diagnostics import Diagnostic, Severity
from stackwright.engine import (
    AnalyzerHost,
    Event,
    OperationResult,
    OperationType,
    Options,
    PolicyRemediated,
    PolicyViolated,
    StackOutputs,
    StepDone,
    StepStarted,
    Summary,
    Target,
)
from stackwright.errors import StackwrightError
from stackwright.monitor import Monitor
from stackwright.project import Project, effective_config, find_project, load_stack_file
from stackwright.sdk import Outcome, run_program
from stackwright.secrets import Base64Manager
from stackwright.state import MemoryStore, ResourceState, StackName
from stackwright.testing._fakes import Fakes
from stackwright.urn import ROOT_STACK_TYPE, is_default_provider, urn_name
from stackwright.values import PropertyDiff, PropertyMap, reveal

_ORGANIZATION = "organization"

Entry = Callable[[], Any] | str | os.PathLike[str]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What an operation did to one resource, or would do."""

    op: str
    """`create`, `update`, `replace`, `delete`, `same`, …, as they are shown to users."""
    name: str
    type: str
    urn: str
    old: ResourceState | None = None
    new: ResourceState | None = None
    detailed: Mapping[str, PropertyDiff] = {}


class DeploymentFailedError(StackwrightError):
    """An operation of a test did not succeed; `result` is what came of it."""

    code = "deployment-failed"

    def __init__(self, result: Result) -> None:
        super().__init__(
            f"The {result.operation} failed: {result.errors[0] if result.errors else 'see the result'}",
            detail="\n\n".join(result.errors[1:]) or None,
            hint="Pass `check=False` to look at a result that failed",
        )
        self.result = result


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an operation."""

    operation: str
    """`preview`, `update`, `refresh` or `destroy`."""
    summary: Summary
    events: list[Event]
    outputs: Mapping[str, Any] = {}
    """The stack's outputs, secrets bare; in a preview as far as they are known."""

    @property
    def ok(self) -> bool:
        return self.summary.result is OperationResult.SUCCEEDED

    @property
    def changes(self) -> dict[str, int]:
        """How many steps of each kind were done; what stays the same is left out."""
        return {op.value: count for op, count in self.summary.changes.items() if count and op.changes}

    @property
    def steps(self) -> list[Step]:
        """Every step that changes something, by URN."""
        found = [
            _step(event)
            for event in self.events
            if isinstance(event, StepStarted)
            and not event.step.is_internal
            and event.step.op.changes
            and not is_default_provider(event.step.urn)
        ]
        return sorted(found, key=lambda step: (step.urn, step.op))

    def step(self, name: str) -> Step:
        """The step of the resource *name*. Raises LookupError if nothing happens to it."""
        for step in self.steps:
            if step.name == name:
                return step
        raise LookupError(f"nothing happens to {name!r}; there are steps for {self.names}")

    @property
    def names(self) -> list[str]:
        """The names of what changes."""
        return sorted({step.name for step in self.steps})

    @property
    def violations(self) -> list[PolicyViolated]:
        """What policies have against what the program wants: `policy`, `level`, `message`, `urn`."""
        return [event for event in self.events if isinstance(event, PolicyViolated)]

    @property
    def remediations(self) -> list[PolicyRemediated]:
        """What policies have changed: `policy`, `urn`, and the inputs `before` and `after`."""
        return [event for event in self.events if isinstance(event, PolicyRemediated)]

    def messages(self, severity: Severity) -> list[str]:
        """What was said to the user at *severity*."""
        return [e.message for e in self.events if isinstance(e, Diagnostic) and e.severity is severity]

    @property
    def errors(self) -> list[str]:
        return self.messages(Severity.ERROR)

    @property
    def warnings(self) -> list[str]:
        return self.messages(Severity.WARNING)

    def render(self) -> str:
        """The changes as text, the same each time: for golden files."""
        from stackwright.testing._render import rendered

        return rendered(self)


def _step(event: StepStarted) -> Step:
    step = event.step
    return Step(
        op=step.op.value,
        name=urn_name(step.urn),
        type=step.type,
        urn=step.urn,
        old=step.old.state if step.old is not None else None,
        new=step.new,
        detailed=step.detailed or {},
    )


class MemoryStack:
    """
    One stack in memory, with the program that belongs to it.

    *program* is a function (it may be async), a file, or the directory of a project. *config*
    and *secrets* are configuration by key; a key without a namespace is the project's. A
    project's own name, and the plain values of its stack file and its defaults, are used.
    Operations raise `DeploymentFailedError` unless told `check=False`.
    """

    def __init__(
        self,
        program: Entry,
        *,
        project: str = "",
        stack: str = "test",
        config: Mapping[str, Any] | None = None,
        secrets: Mapping[str, Any] | None = None,
        fakes: Fakes | None = None,
        others: Mapping[str, Mapping[str, Any]] | None = None,
        policies: Sequence[Any] = (),
        policy_settings: Mapping[str, Any] | None = None,
    ) -> None:
        found = _project_at(program)
        self.program = program
        self.name = StackName(_ORGANIZATION, project or (found.name if found else "project"), stack)
        self.fakes = Fakes() if fakes is None else fakes
        self.others = dict(others or {})
        """Outputs of other stacks, by name, for stack references."""
        self._policies = _policy_packs(policies, policy_settings or {})
        self.config: dict[str, str] = {} if found is None else _plain_config(found, stack)
        self.secret_keys: set[str] = set()
        for key, value in (config or {}).items():
            self.set_config(key, value)
        for key, value in (secrets or {}).items():
            self.set_config(key, value, secret=True)
        self._project = found
        self._store = MemoryStore()
        self._store.create(self.name, secrets_provider=Base64Manager().provider)

    def set_config(self, key: str, value: Any, *, secret: bool = False) -> None:
        """Set configuration; what is not a text is written as JSON."""
        full = key if ":" in key else f"{self.name.project}:{key}"
        self.config[full] = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        if secret:
            self.secret_keys.add(full)

    # Operations -----------------------------------------------------------------------------------

    def preview(self, *, check: bool = True, **options: Any) -> Result:
        """What `up` would do."""
        return self._run("preview", Options(preview=True, **options), check)

    def up(self, *, check: bool = True, **options: Any) -> Result:
        """Run the program, and make it so."""
        return self._run("update", Options(**options), check)

    def refresh(self, *, check: bool = True, **options: Any) -> Result:
        """Look at every object, and record what has become of it."""
        return self._run("refresh", Options(type=OperationType.REFRESH, **options), check)

    def destroy(self, *, check: bool = True, **options: Any) -> Result:
        """Delete everything."""
        return self._run("destroy", Options(type=OperationType.DESTROY, **options), check)

    # State ----------------------------------------------------------------------------------------

    @property
    def resources(self) -> list[ResourceState]:
        """What is recorded, in dependency order; without the stack and default providers."""
        return [
            state
            for state in self._store.snapshot(self.name, crypter=Base64Manager().crypter).resources
            if state.type != ROOT_STACK_TYPE and not is_default_provider(state.urn)
        ]

    def resource(self, name: str, type: str = "") -> ResourceState:  # noqa: A002 # the field's word
        """The record of one resource. Raises LookupError where there is none, or more than one."""
        found = [s for s in self.resources if urn_name(s.urn) == name and type in ("", s.type)]
        if len(found) != 1:
            known = ", ".join(f"{s.type} {urn_name(s.urn)}" for s in self.resources)
            raise LookupError(f"{len(found)} resources are called {name!r}; recorded: {known or 'none'}")
        return found[0]

    @property
    def outputs(self) -> dict[str, Any]:
        """The stack's outputs after the last operation, secrets bare."""
        recorded = self._store.outputs(self.name, crypter=Base64Manager().crypter)
        return {key: reveal(value) for key, value in recorded.items()}

    # How it runs ----------------------------------------------------------------------------------

    def _run(self, operation: str, options: Options, check: bool) -> Result:
        events: list[Event] = []

        def hear(diagnostic: Diagnostic) -> None:
            events.append(diagnostic)

        target = Target(
            project=self.name.project,
            stack=self.name.stack,
            organization=self.name.organization,
            config=self.config,
            config_secret_keys=frozenset(self.secret_keys),
            root_directory=str(self._project.root) if self._project is not None else "",
            read_stack=self._read_stack,
        )
        crypter = Base64Manager().crypter
        summary = _beside_a_loop(
            OperationRequest(
                store=self._store,
                name=self.name,
                target=target,
                crypter=crypter,
                host=lambda: self.fakes.host(
                    directory=self._directory,
                    log=hear,
                    project=self.name.project,
                    config=self.config,
                    crypter=crypter,
                ),
                options=options,
                program=self._program,
                policies=self._policies,
                report=events.append,
            )
        )
        outputs = {key: reveal(value) for key, value in stack_outputs(events).items()}
        result = Result(operation=operation, summary=summary, events=events, outputs=outputs)
        if check and not result.ok:
            raise DeploymentFailedError(result)
        return result

    @property
    def _directory(self) -> Path:
        if callable(self.program):
            return Path.cwd()
        path = Path(self.program).absolute()
        return path if path.is_dir() else path.parent

    def _program(self, monitor: Monitor) -> ProgramEnd:
        entry: Any = self.program
        directory: Path | None = None
        if self._project is not None:
            place = self._project.program()
            directory = place.directory
            entry = directory if place.entry_point == "." else directory / place.entry_point
        elif not callable(entry):
            directory = self._directory
        result = run_program(monitor, entry, directory=directory)
        if result.error is not None:
            text = result.error.message
            if result.error.traceback:
                text += f"\n{result.error.traceback}"
            monitor.log(Diagnostic(severity=Severity.ERROR, message=text))
        if result.outcome is Outcome.OK:
            return ProgramEnd.WELL
        return ProgramEnd.INTERRUPTED if result.outcome is Outcome.INTERRUPTED else ProgramEnd.FAILED

    async def _read_stack(self, name: str) -> StackOutputs:
        for known, outputs in self.others.items():
            if name == known or name.rpartition("/")[2] == known:
                return StackOutputs(outputs=outputs)
        raise LookupError(
            f"The test knows no other stack {name!r}: name its outputs, MemoryStack(…, others={{…}})"
        )


def _beside_a_loop(request: OperationRequest) -> Summary:
    """Run the operation here, or on a thread of its own where a test's event loop is running."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        with ThreadPoolExecutor(1, thread_name_prefix="stackwright-test") as pool:
            return pool.submit(run_operation, request).result()
    return run_operation(request)  # out here, so that no error of the program has that one as its context


def _policy_packs(policies: Sequence[Any], settings: Mapping[str, Any]) -> AnalyzerHost | None:
    """Directories are packs of their own; all objects together are one, which *settings* are for."""
    if not policies:
        return None
    from stackwright.policy import LocalPack, PackDirectory, PolicyPacks

    directories = [each for each in policies if isinstance(each, str | os.PathLike)]
    objects = [each for each in policies if not isinstance(each, str | os.PathLike)]
    packs: list[PackDirectory | LocalPack] = [PackDirectory(path=Path(each)) for each in directories]
    if objects:
        packs.append(LocalPack(policies=objects, settings=settings))
    return PolicyPacks(packs)


def _project_at(program: Entry) -> Project | None:
    """The project of a directory that is deployed; files and functions have none."""
    if callable(program) or not Path(program).is_dir():
        return None
    return find_project(Path(program))


def _plain_config(project: Project, stack: str) -> dict[str, str]:
    """What the stack runs with, the project's defaults included, without secrets: a test has no key."""
    config = effective_config(project, stack, load_stack_file(project, stack), validate=False)
    return {str(key): value.text() for key, value in config.ordered() if not value.is_secret}


def stack_outputs(events: list[Event]) -> PropertyMap:
    """The stack's outputs as *events* tell them."""
    for event in reversed(events):
        if isinstance(event, StepDone) and event.step.type == ROOT_STACK_TYPE and event.new is not None:
            return event.new.outputs
    return {}


__all__ = ["DeploymentFailedError", "MemoryStack", "Result", "Step"]
