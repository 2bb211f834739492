"""
Deployments in memory: a scripted provider, a journal that remembers, and programs as functions.

`Bench` keeps the state of one stack between runs. A program is a function of a `Client`,
whose methods block until the engine has answered, as a simple program would.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.engine import (
    AnalyzerHost,
    Deployment,
    Event,
    ImportGoal,
    Op,
    OperationType,
    Options,
    ResourceQuery,
    StepDone,
    StepFailed,
    StepStarted,
    Summary,
    Target,
)
from stackwright.goals import (
    CallResult,
    CheckFailure,
    ExistsRequest,
    InvokeRequest,
    InvokeResult,
    PackageRequest,
    Parameterization,
    ReadRequest,
    Registered,
    RegisterRequest,
    ResourceOptions,
)
from stackwright.monitor import Monitor, MonitorClosedError
from stackwright.providers import (
    CallRequest,
    CheckConfigRequest,
    CheckRequest,
    CheckResult,
    ConfigureRequest,
    ConstructRequest,
    ConstructResult,
    CreateRequest,
    CreateResult,
    DeleteRequest,
    DiffChanges,
    DiffConfigRequest,
    DiffRequest,
    DiffResult,
    ProviderInfo,
    ReadResult,
    UnimplementedError,
    UpdateRequest,
    UpdateResult,
)
from stackwright.providers import InvokeRequest as ProviderInvokeRequest
from stackwright.providers import ReadRequest as ProviderReadRequest
from stackwright.state import (
    Change,
    Key,
    OperationKind,
    PendingOperation,
    ResourceState,
    Snapshot,
    dependency_order,
)
from stackwright.urn import Urn, urn_name
from stackwright.values import UNKNOWN, DiffKind, PropertyDiff, values_equal

STACK_TYPE = "pulumi:pulumi:Stack"


class FakeJournal:
    """A journal over plain dictionaries; durable at the end of the event loop's turn."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.changes: list[Change] = []
        self.begun: list[tuple[OperationKind, Urn]] = []
        self.fails_with: Exception | None = None

    def new_key(self) -> Key:
        self.bench.last_key += 1
        return Key(self.bench.last_key)

    def begin(self, kind: OperationKind, resource: ResourceState) -> tuple[int, Awaitable[None]]:
        self.bench.last_operation += 1
        number = self.bench.last_operation
        self.begun.append((kind, resource.urn))
        self.bench.pending[number] = PendingOperation(number=number, kind=kind, resource=resource)
        return number, self._durable()

    def commit(self, change: Change) -> Awaitable[None]:
        self.changes.append(change)
        if self.fails_with is None:
            self.bench.apply(change)
        return self._durable()

    async def _durable(self) -> None:
        if self.fails_with is not None:
            raise self.fails_with
        await asyncio.sleep(0)

    async def flush(self) -> None:
        await asyncio.sleep(0)


class FakeProvider:
    """
    Objects in a dictionary, with a script for everything unusual.

    `hooks` maps a method's name to a function that may answer in its place (None: go on
    as usual) or raise. By default a changed input whose name starts with `fixed` replaces.
    """

    def __init__(self, package: str = "test") -> None:
        self.package = package
        self.objects: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, str]] = []
        self.hooks: dict[str, Callable[[Any], Any]] = {}
        self.made = 0
        self.delete_before_replace = False
        self.configured: list[ConfigureRequest] = []
        self.closed = 0

    def names(self, method: str) -> list[str]:
        """The names of the resources that *method* was called for, in order."""
        return [name for called, name in self.calls if called == method]

    async def _scripted(self, method: str, request: Any) -> Any:
        urn = getattr(request, "urn", "")
        self.calls.append((method, urn_name(urn) if urn else getattr(request, "token", "")))
        hook = self.hooks.get(method)
        if hook is None:
            return None
        answer = hook(request)
        return await answer if isinstance(answer, Awaitable) else answer

    async def info(self) -> ProviderInfo:
        return ProviderInfo(name=self.package)

    async def schema(self, *, package: str = "", version: str = "") -> bytes:
        return b"{}"

    async def parameterize(self, value: Parameterization) -> Parameterization:
        return value

    async def check_config(self, request: CheckConfigRequest) -> CheckResult:
        return await self._scripted("check_config", request) or CheckResult(inputs=request.news)

    async def diff_config(self, request: DiffConfigRequest) -> DiffResult:
        return await self._scripted("diff_config", request) or DiffResult()

    async def configure(self, request: ConfigureRequest) -> None:
        await self._scripted("configure", request)
        self.configured.append(request)

    async def check(self, request: CheckRequest) -> CheckResult:
        answer = await self._scripted("check", request)
        if answer is not None:
            return answer
        failures = (CheckFailure("bad", "it is bad"),) if "bad" in request.news else ()
        return CheckResult(inputs=request.news, failures=failures)

    async def diff(self, request: DiffRequest) -> DiffResult:
        answer = await self._scripted("diff", request)
        if answer is not None:
            return answer
        keys = sorted(
            key
            for key in request.old_inputs.keys() | request.news.keys()
            if not values_equal(request.old_inputs.get(key), request.news.get(key))
        )
        if not keys:
            return DiffResult(changes=DiffChanges.NONE)
        fixed = tuple(key for key in keys if key.startswith("fixed"))
        return DiffResult(
            changes=DiffChanges.SOME,
            diffs=tuple(keys),
            replaces=fixed,
            delete_before_replace=self.delete_before_replace,
            detailed={
                key: PropertyDiff(DiffKind.UPDATE_REPLACE if key in fixed else DiffKind.UPDATE, True)
                for key in keys
            },
        )

    async def create(self, request: CreateRequest) -> CreateResult:
        answer = await self._scripted("preview_create" if request.preview else "create", request)
        if answer is not None:
            return answer
        outputs = {**request.inputs, "out": UNKNOWN if request.preview else f"{urn_name(request.urn)}-out"}
        if request.preview:
            return CreateResult(id="", outputs=outputs)
        self.made += 1
        id_ = f"{urn_name(request.urn)}-{self.made}"
        self.objects[id_] = dict(request.inputs)
        return CreateResult(id=id_, outputs=outputs)

    async def read(self, request: ProviderReadRequest) -> ReadResult:
        answer = await self._scripted("read", request)
        if answer is not None:
            return answer
        found = self.objects.get(request.id)
        if found is None:
            return ReadResult(id="", outputs=None)
        return ReadResult(id=request.id, outputs={**request.outputs, **found}, inputs=dict(found))

    async def update(self, request: UpdateRequest) -> UpdateResult:
        answer = await self._scripted("preview_update" if request.preview else "update", request)
        if answer is not None:
            return answer
        if not request.preview:
            self.objects[request.id] = dict(request.news)
        return UpdateResult(outputs={**request.news, "out": request.old_outputs.get("out")})

    async def delete(self, request: DeleteRequest) -> None:
        await self._scripted("delete", request)
        self.objects.pop(request.id, None)

    async def invoke(self, request: ProviderInvokeRequest) -> InvokeResult:
        return await self._scripted("invoke", request) or InvokeResult(value={"args": request.args})

    async def construct(self, request: ConstructRequest) -> ConstructResult:
        raise UnimplementedError("no components")

    async def call(self, request: CallRequest) -> CallResult:
        return await self._scripted("call", request) or CallResult(value={"called": request.token})

    async def cancel(self) -> None:
        await self._scripted("cancel", None)

    async def close(self) -> None:
        self.closed += 1


class FakeHost:
    """Answers every package with one provider."""

    def __init__(self, providers: Mapping[str, FakeProvider]) -> None:
        self.providers = providers
        self.loaded: list[PackageRequest] = []
        self.canceled = 0

    async def load(self, request: PackageRequest, *, environment: Mapping[str, str]) -> FakeProvider:
        self.loaded.append(request)
        return self.providers[request.package]

    async def cancel(self) -> None:
        self.canceled += 1
        for provider in self.providers.values():
            await provider.cancel()

    async def close(self) -> None:
        """Fakes outlive the run, so that tests can look at them."""


class Client:
    """A program's side of a deployment; every method blocks until there is an answer."""

    patience = 20.0
    """Seconds that an answer may take."""

    def __init__(self, monitor: Monitor) -> None:
        self.monitor = monitor

    def register(
        self, type_: str, name: str, inputs: Mapping[str, Any] | None = None, *, parent: Urn | None = None,
        custom: bool = True, transforms: tuple[Any, ...] = (), package_ref: str = "", **options: Any,
    ) -> Registered:  # fmt: skip
        request = RegisterRequest(
            type=type_,
            name=name,
            custom=custom,
            parent=parent,
            inputs=dict(inputs or {}),
            options=ResourceOptions(**options),
            transforms=transforms,
            package_ref=package_ref,
        )
        return self.monitor.register(request).wait(self.patience)

    def resource(self, name: str, inputs: Mapping[str, Any] | None = None, **options: Any) -> Registered:
        """A custom resource of the test package."""
        return self.register("test:index:Thing", name, inputs, **options)

    def component(self, name: str, inputs: Mapping[str, Any] | None = None, **options: Any) -> Registered:
        """A local component."""
        return self.register("test:index:Group", name, inputs, custom=False, **options)

    def stack(self, outputs: Mapping[str, Any] | None = None) -> Registered:
        """The stack's own resource, with its outputs."""
        info = self.monitor.deployment()
        registered = self.register(STACK_TYPE, f"{info.project}-{info.stack}", custom=False)
        self.monitor.register_outputs(registered.urn, dict(outputs or {})).wait(self.patience)
        return registered

    def outputs(self, urn: Urn, outputs: Mapping[str, Any]) -> None:
        self.monitor.register_outputs(urn, dict(outputs)).wait(self.patience)

    def read(self, name: str, id_: str, **fields: Any) -> Registered:
        request = ReadRequest(type="test:index:Thing", name=name, id=id_, **fields)
        return self.monitor.read(request).wait(self.patience)

    def exists(self, id_: str, **fields: Any) -> bool | None:
        request = ExistsRequest(**{"type": "test:index:Thing", "id": id_, **fields})
        return self.monitor.exists(request).wait(self.patience)

    def invoke(self, token: str, args: Mapping[str, Any] | None = None, **fields: Any) -> InvokeResult:
        request = InvokeRequest(token=token, args=dict(args or {}), **fields)
        return self.monitor.invoke(request).wait(self.patience)


Program = Callable[[Client], object]


class Run(msgspec.Struct):
    """What one run did."""

    summary: Summary
    events: list[Event]
    journal: FakeJournal | None

    @property
    def steps(self) -> list[tuple[str, str]]:
        """Kind and name of every step begun that is not internal, in order."""
        return [
            (event.step.op.value, urn_name(event.step.urn))
            for event in self.events
            if isinstance(event, StepStarted) and not event.step.is_internal
        ]

    @property
    def changes(self) -> list[tuple[str, str]]:
        """Like `steps`, without what stays the same."""
        return [step for step in self.steps if step[0] != "same"]

    @property
    def counts(self) -> dict[str, int]:
        return {op.value: count for op, count in self.summary.changes.items() if count}

    @property
    def errors(self) -> list[str]:
        return [
            event.message
            for event in self.events
            if isinstance(event, Diagnostic) and event.severity is Severity.ERROR
        ]

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return [event for event in self.events if isinstance(event, Diagnostic)]

    @property
    def failed_steps(self) -> list[StepFailed]:
        return [event for event in self.events if isinstance(event, StepFailed)]

    def done(self, name: str) -> ResourceState:
        """The record of *name* as the last step left it."""
        for event in reversed(self.events):
            if isinstance(event, StepDone) and urn_name(event.step.urn) == name and event.new is not None:
                return event.new
        raise AssertionError(f"{name} was not done")

    def step(self, name: str, op: Op | None = None) -> Any:
        """The step begun for *name*."""
        for event in self.events:
            started = isinstance(event, StepStarted) and urn_name(event.step.urn) == name
            if started and op in (None, event.step.op):
                return event.step
        raise AssertionError(f"no step for {name}")


class Bench:
    """One stack in memory, kept between runs, with its providers."""

    patience = 30.0
    """Seconds that a run may take."""

    def __init__(self, *packages: str) -> None:
        self.providers = {name: FakeProvider(name) for name in packages or ("test",)}
        self.host = FakeHost(self.providers)
        self.records: dict[Key, ResourceState] = {}
        self.pending: dict[int, PendingOperation] = {}
        self.last_key = 0
        self.last_operation = 0
        self.config: dict[str, str] = {}
        self.secret_keys: frozenset[str] = frozenset()
        self.read_stack: Any = None
        self.root_directory = ""
        self.extensions: Mapping[str, Parameterization] = {}
        self.deployment: Any = None
        """The operation that runs, or ran last; its provider may stop it."""

    @property
    def provider(self) -> FakeProvider:
        return next(iter(self.providers.values()))

    def apply(self, change: Change) -> None:
        """What a store does with a change (see `stackwright.state.Change`)."""
        for old, new in change.renames:
            self.records = {key: _renamed(state, old, new) for key, state in self.records.items()}
        for key in change.remove:
            del self.records[key]
        for key, state in change.put:
            self.records[key] = state
        if change.operation is not None and not change.keep_pending:
            del self.pending[change.operation]
        for number in change.settle:
            self.pending.pop(number, None)
        if change.extensions is not None:
            self.extensions = change.extensions

    @property
    def state(self) -> list[ResourceState]:
        return list(self.records.values())

    @property
    def names(self) -> list[str]:
        """The names of what is recorded, providers and the stack left out."""
        return sorted(urn_name(state.urn) for state in self.state if not state.type.startswith("pulumi:"))

    def record(self, name: str, *, deleted: bool = False) -> ResourceState:
        for state in self.state:
            if urn_name(state.urn) == name and state.delete is deleted:
                return state
        raise AssertionError(f"{name} is not recorded")

    def run(
        self,
        program: Program | None = None,
        *,
        journal: FakeJournal | None = None,
        imports: Sequence[ImportGoal] = (),
        query: ResourceQuery | None = None,
        policies: AnalyzerHost | None = None,
        **options: Any,
    ) -> Run:
        """Run one operation, the program on this thread and the engine on another."""
        chosen = Options(**options)
        events: list[Event] = []
        target = Target(
            project="proj",
            stack="dev",
            config=self.config,
            config_secret_keys=self.secret_keys,
            read_stack=self.read_stack,
            root_directory=self.root_directory,
        )
        used = None if chosen.preview else journal or FakeJournal(self)
        ordered = in_dependency_order(self.records)
        ready = threading.Event()
        box: dict[str, Any] = {}
        self.deployment = None

        async def engine() -> Summary:
            snapshot = Snapshot(
                records=ordered, pending=tuple(self.pending.values()), extensions=self.extensions
            )
            deployment = Deployment(
                target,
                snapshot,
                host=self.host,
                journal=used,
                options=chosen,
                report=events.append,
                imports=imports,
                query=query,
                policies=policies,
            )
            self.deployment = deployment
            ready.set()
            return await asyncio.wait_for(deployment.run(), self.patience)

        def work() -> None:
            try:
                box["summary"] = asyncio.run(engine())
            except BaseException as error:
                box["error"] = error
                ready.set()

        thread = threading.Thread(target=work)
        thread.start()
        ready.wait()
        if self.deployment is not None and chosen.type is OperationType.UPDATE:
            try:
                if program is not None:
                    program(Client(self.deployment.monitor))
                self.deployment.monitor.finish().wait(self.patience)
            except MonitorClosedError:
                pass
            except ProgramError:
                with contextlib.suppress(RuntimeError):  # the engine has ended before its program
                    self.deployment.program_ended(failed=True)
        thread.join()
        if "error" in box:
            raise box["error"]
        return Run(box["summary"], events, used)

    def up(self, program: Program | None = None, **options: Any) -> Run:
        return self.run(program, **options)

    def preview(self, program: Program | None = None, **options: Any) -> Run:
        return self.run(program, preview=True, **options)

    def destroy(self, **options: Any) -> Run:
        return self.run(type=OperationType.DESTROY, **options)

    def refresh(self, **options: Any) -> Run:
        return self.run(type=OperationType.REFRESH, **options)

    def take_in(self, *imports: ImportGoal, **options: Any) -> Run:
        """An import by command."""
        return self.run(imports=imports, type=OperationType.IMPORT, **options)


class ProgramError(Exception):
    """Raised by test programs to fail."""


def in_dependency_order(records: Mapping[Key, ResourceState]) -> dict[Key, ResourceState]:
    """The records as a store hands them out: whatever they refer to comes before them."""
    pairs = list(records.items())
    return dict(pairs[at] for at in dependency_order(list(records.values())))


def _renamed(state: ResourceState, old: Urn, new: Urn) -> ResourceState:
    def swap(urn: Urn) -> Urn:
        return new if urn == old else urn

    provider = state.provider
    if provider.startswith(f"{old}::"):
        provider = f"{new}{provider[len(old) :]}"
    return msgspec.structs.replace(
        state,
        urn=swap(state.urn),
        parent=swap(state.parent) if state.parent else None,
        provider=provider,
        dependencies=tuple(swap(urn) for urn in state.dependencies),
        property_dependencies={
            name: tuple(swap(urn) for urn in urns) for name, urns in state.property_dependencies.items()
        },
        deleted_with=swap(state.deleted_with) if state.deleted_with else None,
        replace_with=tuple(swap(urn) for urn in state.replace_with),
    )


__all__ = ["Bench", "Client", "FakeJournal", "FakeProvider", "ProgramError", "Run"]
