"""
Programs, options, faults and interruptions that nobody thought of, against what must always hold.

One story is a few operations on one stack. Each runs an invented program under invented options; its
provider may fail in any way that `Provider` allows, and the operation may be cancelled, stopped or killed at
any call. After each operation what is recorded has to be a whole snapshot that tells the truth about the
cloud (the objects of the fake provider), and at the end everything has to come right by itself: an update
without faults makes what the program says, a second one changes nothing, a preview never does, a destroy
leaves nothing. (engine.md §10.1, §11, §15; design.md §3.)
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from support.deployments import (
    Bench,
    Client,
    FakeJournal,
    FakeProvider,
    ProgramError,
    Run,
    in_dependency_order,
)

from stackwright.engine import OperationResult
from stackwright.errors import StackwrightError, StateError
from stackwright.goals import (
    AliasSpec,
    HookArgs,
    HookKind,
    HookRegistration,
    Registered,
    ResourceTransform,
    TransformArgs,
    TransformResult,
)
from stackwright.monitor import MonitorClosedError
from stackwright.providers import (
    DiffChanges,
    DiffConfigRequest,
    DiffResult,
    InitFailedError,
    ProviderError,
    ReadResult,
    ResourceStatus,
)
from stackwright.state import (
    Change,
    OperationKind,
    ResourceState,
    Snapshot,
    integrity_problems,
)
from stackwright.urn import urn_name
from stackwright.values import OutputValue, Secret, reveal

NAMES = tuple("abcdef")


class Declared(msgspec.Struct, frozen=True):
    """One resource of an invented program."""

    name: str
    kind: str
    """`thing`, `group` (a component), `provider`, or `look` (a read of what is made elsewhere)."""
    size: int
    fixed: int
    """An input that replaces when it changes."""
    secret: bool
    uses: tuple[str, ...]
    """Names that an input comes from, where they are declared before."""
    parent: str
    provider: str
    delete_before_replace: bool | None
    retain: bool
    protect: bool
    deleted_with: str
    replace_with: str
    other_name: bool
    """Called by its other name; each names the other as an alias."""
    imported: bool
    """An object that somebody else has made is to become this one."""
    hook: str
    """Whether its hook fails (`before` or `after` it is made), or asks for another attempt (`retry`)."""
    transformed: bool
    """Its size is the work of a transform."""


class Fault(msgspec.Struct, frozen=True):
    """What goes wrong when *method* is called for *name*."""

    method: str
    name: str
    kind: str
    """
    `refused`, `uncertain` (nobody says whether *effect* is there), `half` (made, but not healthy).
    A read that is uncertain tells no inputs; one that is half finds an object that is not healthy.
    """
    effect: bool


class Trouble(msgspec.Struct, frozen=True):
    """An interruption: at which of the provider's calls or the journal's entries, and of which kind."""

    kind: str
    """
    `cancel`, `stop`, `kill`, `program` (which fails), `full` (one entry cannot be written), or
    `lost` (nothing can be written any more, as when another update has taken over).
    """
    at: int


class Operation(msgspec.Struct, frozen=True):
    """One operation of a story."""

    kind: str
    program: tuple[Declared, ...]
    faults: tuple[Fault, ...]
    trouble: Trouble | None
    lost: tuple[str, ...]
    """Names whose objects are deleted behind our back before it."""
    options: dict[str, Any]


def _subset(names: tuple[str, ...], most: int) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(names), max_size=most, unique=True).map(tuple)


_rarely = st.sampled_from((False,) * 6 + (True,))
_mostly = st.sampled_from((True,) * 6 + (False,))
_declared = st.builds(
    Declared,
    name=st.just(""),
    kind=st.sampled_from(("thing",) * 10 + ("group", "provider") * 2 + ("look",)),
    size=st.integers(0, 2),
    fixed=st.integers(0, 1),
    secret=_rarely,
    uses=_subset(NAMES, 2),
    parent=st.sampled_from(("",) * 3 + NAMES),
    provider=st.sampled_from(("",) * 6 + NAMES),
    delete_before_replace=st.sampled_from((None, None, True, False)),
    retain=_rarely,
    protect=_rarely,
    deleted_with=st.sampled_from(("",) * 12 + NAMES),
    replace_with=st.sampled_from(("",) * 12 + NAMES),
    other_name=_rarely,
    imported=_rarely,
    hook=st.sampled_from(("",) * 12 + ("before", "after", "retry")),
    transformed=_rarely,
)


@st.composite
def _program(draw: st.DrawFn) -> tuple[Declared, ...]:
    """A few of the names, each once, in any order."""
    names = draw(st.permutations(NAMES))[: draw(st.sampled_from((6, 5, 4, 3, 2, 1, 0)))]
    return tuple(msgspec.structs.replace(draw(_declared), name=name) for name in names)


_fault = st.builds(
    Fault,
    method=st.sampled_from(("create", "update", "delete", "read", "diff", "check")),
    name=st.sampled_from(NAMES),
    kind=st.sampled_from(("refused", "uncertain", "half")),
    effect=st.booleans(),
)
_trouble = st.builds(
    Trouble,
    kind=st.sampled_from(("cancel", "stop", "kill", "kill", "program", "full", "full", "lost")),
    at=st.integers(1, 12),
)
_options = st.fixed_dictionaries(
    {
        "parallel": st.sampled_from((1, 2, 16)),
        "continue_on_error": st.booleans(),
        "refresh": _rarely,
    }
)


@st.composite
def _story(draw: st.DrawFn) -> list[Operation]:
    """Operations whose programs are much like the ones before them, as people's are."""
    story: list[Operation] = []
    program = draw(_program())
    for _ in range(draw(st.integers(1, 6))):
        change = draw(st.sampled_from(("none", "some", "some", "all")))
        if change == "all":
            program = draw(_program())
        elif change == "some":
            program = tuple(draw(_changed(each)) for each in program if draw(_mostly))
        story.append(
            Operation(
                kind=draw(st.sampled_from(("up",) * 6 + ("refresh", "destroy", "preview"))),
                program=program,
                faults=draw(st.one_of(st.just(()), st.lists(_fault, max_size=3).map(tuple))),
                trouble=draw(st.one_of(st.none(), _trouble)),
                lost=draw(st.one_of(st.just(()), _subset(NAMES, 1))),
                options=draw(_options),
            )
        )
    return story


def _changed(each: Declared) -> st.SearchStrategy[Declared]:
    """The same resource, or the same but for one of its inputs or options."""
    fields = st.sampled_from(
        (
            *("size", "fixed", "uses", "parent", "provider", "retain", "delete_before_replace", "protect"),
            *("secret", "kind", "deleted_with", "replace_with", "other_name", "imported", "hook"),
        )
    )
    return st.one_of(
        st.just(each),
        st.tuples(_declared, fields).map(
            lambda drawn: msgspec.structs.replace(each, **{drawn[1]: getattr(drawn[0], drawn[1])})
        ),
    )


def run_program(client: Client, program: tuple[Declared, ...], fails_after: int | None = None) -> None:
    """Ask for everything that *program* declares, in its order."""
    client.stack()
    _add_hooks(client)
    sizes = {each.name: each.size for each in program if each.transformed}
    if sizes:
        client.monitor.add_stack_transform(_sizing(sizes)).wait(client.patience)
    made: dict[str, Registered] = {}
    kinds: dict[str, str] = {}
    for count, each in enumerate(program):
        if count == fails_after:
            raise ProgramError
        try:
            made[each.name] = _register(client, each, made, kinds)
        except MonitorClosedError:
            raise
        except StackwrightError as error:
            raise ProgramError from error
        kinds[each.name] = each.kind
    if fails_after is not None:
        raise ProgramError


def _add_hooks(client: Client) -> None:
    async def fails(_: HookArgs) -> None:
        raise ValueError("the hook fails")

    async def tries_again(arguments: HookArgs) -> bool:
        return len(arguments.errors) < 3

    for name, callback in (("before", fails), ("after", fails), ("retry", tries_again)):
        hook = HookRegistration(name=name, callback=callback, is_error_hook=name == "retry")
        client.monitor.add_hook(hook).wait(client.patience)


HOOKED = {
    "before": (HookKind.BEFORE_CREATE, HookKind.BEFORE_UPDATE),
    "after": (HookKind.AFTER_CREATE, HookKind.AFTER_UPDATE),
    "retry": (HookKind.ON_ERROR,),
}


def _sizing(sizes: dict[str, int]) -> ResourceTransform:
    """A transform that gives what is named in *sizes* its size."""

    async def transform(arguments: TransformArgs) -> TransformResult:
        size = sizes.get(arguments.name.lower())
        if size is None or "fixed" not in arguments.properties:
            return TransformResult()
        before = arguments.properties["size"]
        secret = isinstance(before, OutputValue) and before.secret
        return TransformResult(properties={**arguments.properties, "size": Secret(size) if secret else size})

    return transform


def _register(
    client: Client, each: Declared, made: dict[str, Registered], kinds: dict[str, str]
) -> Registered:
    options: dict[str, Any] = {"protect": each.protect}
    name, other = (each.name, each.name.upper())[:: -1 if each.other_name else 1]
    options["aliases"] = (AliasSpec(name=other),)
    inputs: dict[str, Any] = {}
    parent = made[each.parent].urn if kinds.get(each.parent) == "group" else None
    used = [one for one in each.uses if one in made]
    depends_on = tuple(made[one].urn for one in used)
    if each.kind == "look":
        return client.read(name, f"seen-{each.name}", parent=parent, depends_on=depends_on)
    options["depends_on"] = depends_on
    if each.kind == "group":
        return client.component(name, parent=parent, **options)
    size = 99 if each.transformed else each.size
    inputs["size"] = Secret(size) if each.secret else size
    for one in used:
        if kinds[one] == "thing":
            inputs[f"from_{one}"] = made[one].outputs.get("out") or "unknown"
    options["property_dependencies"] = {
        key: tuple(made[one].urn for one in used if key == f"from_{one}") for key in inputs
    }
    options["retain_on_delete"] = each.retain
    if each.kind == "provider":
        options.pop("retain_on_delete")
        plain = {"size": str(each.size), "fixed": str(each.fixed)}
        options["property_dependencies"] = {}
        return client.register("pulumi:providers:test", name, plain, parent=parent, **options)
    inputs["fixed"] = each.fixed
    options["hooks"] = dict.fromkeys(HOOKED.get(each.hook, ()), (each.hook,))
    if each.imported:
        options["import_id"] = f"given-{each.name}"
    options["delete_before_replace"] = each.delete_before_replace
    if kinds.get(each.provider) == "provider":
        found = made[each.provider]
        options["provider"] = f"{found.urn}::{found.id}"
    if kinds.get(each.deleted_with) == "thing":
        options["deleted_with"] = made[each.deleted_with].urn
    if kinds.get(each.replace_with) == "thing":
        options["replace_with"] = (made[each.replace_with].urn,)
    return client.resource(name, inputs, parent=parent, **options)


class Killed(FakeJournal):
    """A journal of a process that is dead from one of its entries on: nothing after it is written."""

    def __init__(self, bench: Bench, at: int) -> None:
        super().__init__(bench)
        self._left = at

    def _dies(self) -> bool:
        self._left -= 1
        if self._left == 0:
            self.bench.deployment.terminate()
        return self._left <= 0

    def begin(self, kind: OperationKind, resource: ResourceState) -> tuple[int, Awaitable[None]]:
        if self._dies():
            return -1, self._never()
        return super().begin(kind, resource)

    def commit(self, change: Change) -> Awaitable[None]:
        return self._never() if self._dies() else super().commit(change)

    async def _never(self) -> None:
        await asyncio.Event().wait()

    async def flush(self) -> None:
        """There is nobody left to wait."""


class Unwritable(FakeJournal):
    """A journal whose entry number *at* cannot be written, or none from there on."""

    def __init__(self, bench: Bench, at: int, error: StackwrightError, *, for_good: bool) -> None:
        super().__init__(bench)
        self._left = at
        self._error = error
        self._for_good = for_good

    def _breaks(self) -> bool:
        self._left -= 1
        return self._left == 0 or (self._left < 0 and self._for_good)

    def begin(self, kind: OperationKind, resource: ResourceState) -> tuple[int, Awaitable[None]]:
        return (-1, self._broken()) if self._breaks() else super().begin(kind, resource)

    def commit(self, change: Change) -> Awaitable[None]:
        return self._broken() if self._breaks() else super().commit(change)

    async def _broken(self) -> None:
        await asyncio.sleep(0)
        raise self._error


class World:
    """One stack, its cloud, and what of the cloud nothing has to account for any more."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.provider: FakeProvider = self.bench.provider
        self.left: set[str] = set()
        """Objects that nothing records: left on purpose, or by a create that was interrupted and says so."""
        self.gone: set[str] = set()
        """Recorded objects that are gone without our doing, or of whose end nobody was told."""
        self.calls = 0

    # One operation ------------------------------------------------------------------------------

    def carry_out(self, operation: Operation) -> Run:
        """Do it, with all that goes wrong in it, and look at what is left."""
        self._provide(operation.program)
        before = list(self.bench.state)
        for name in operation.lost:
            self._lose([each for each in self.provider.objects if _name(each) == name])
        self.calls = 0
        self.provider.hooks = self._hooks(operation)
        try:
            run = self._run(operation)
        finally:
            self.provider.hooks = {}
        self.check(before)
        return run

    def _provide(self, program: tuple[Declared, ...]) -> None:
        """See that there is what the program will look at, or take over: made elsewhere."""
        for each in program:
            for id_, wanted in (
                (f"seen-{each.name}", each.kind == "look"),
                (f"given-{each.name}", each.imported),
            ):
                if wanted and id_ not in self.provider.objects:
                    self.provider.objects[id_] = {"size": each.size, "fixed": each.fixed}
                    self.left.add(id_)

    def _lose(self, ids: list[str]) -> None:
        for id_ in ids:
            del self.provider.objects[id_]
            self.gone.add(id_)

    def _run(self, operation: Operation) -> Run:
        bench, trouble, options = self.bench, operation.trouble, dict(operation.options)
        fails_after = trouble.at % 7 if trouble is not None and trouble.kind == "program" else None

        def program(client: Client) -> None:
            run_program(client, operation.program, fails_after)

        if operation.kind == "preview":
            seen = dict(self.provider.objects), dict(bench.records), dict(bench.pending)
            run = bench.preview(program, **options)
            assert (self.provider.objects, bench.records, bench.pending) == seen
            return run
        if trouble is not None and trouble.kind == "kill":
            options["journal"] = Killed(bench, trouble.at)
        if trouble is not None and trouble.kind in ("full", "lost"):
            error = StateError(f"the journal is {trouble.kind}")
            options["journal"] = Unwritable(bench, trouble.at, error, for_good=trouble.kind == "lost")
        if operation.kind == "up":
            return bench.up(program, **options)
        options.pop("refresh")
        return bench.refresh(**options) if operation.kind == "refresh" else bench.destroy(**options)

    def _hooks(self, operation: Operation) -> dict[str, Callable[[Any], Any]]:
        faults = {(each.method, each.name): each for each in operation.faults}
        trouble = operation.trouble
        retrying = {each.name for each in operation.program if each.hook == "retry"}

        def hook(method: str) -> Callable[[Any], Any]:
            def called(request: Any) -> Any:
                self.calls += 1
                if trouble is not None and self.calls == trouble.at:
                    if trouble.kind == "cancel":
                        self.bench.deployment.cancel()
                    elif trouble.kind == "stop":
                        self.bench.deployment.terminate()
                fault = faults.get((method, urn_name(request.urn).lower()))
                return self._fail(fault, request, retrying) if fault is not None else None

            return called

        hooks = {method: hook(method) for method in ("create", "update", "delete", "read", "diff", "check")}
        return {**hooks, "diff_config": _provider_diff}

    def _fail(self, fault: Fault, request: Any, retrying: set[str]) -> Any:
        if fault.method == "read" and fault.kind != "refused":
            return self._read_partly(request, healthy=fault.kind == "uncertain")
        if fault.method in ("read", "diff", "check") or fault.kind == "refused":
            raise ProviderError("refused")
        if fault.method == "delete":
            if fault.effect and self.provider.objects.pop(request.id, None) is not None:
                self.gone.add(request.id)
        elif fault.effect or fault.kind == "half":
            made = fault.method == "create"
            self.provider.made += made
            id_ = f"{urn_name(request.urn)}-{self.provider.made}" if made else request.id
            wanted = request.inputs if made else request.news
            self.provider.objects[id_] = dict(wanted)
            if made and fault.name in retrying:  # a program that tries again has been told
                self.left.add(id_)
            if fault.kind == "half":
                outputs = {**wanted, "out": f"{urn_name(request.urn)}-out"}
                raise InitFailedError(id=id_, outputs=outputs, inputs=wanted, reasons=("not healthy",))
        raise ProviderError("who knows", status=ResourceStatus.UNKNOWN)

    def _read_partly(self, request: Any, *, healthy: bool) -> ReadResult | None:
        found = self.provider.objects.get(request.id)
        if found is None:
            return None
        outputs = {**request.outputs, **found}
        if healthy:
            return ReadResult(id=request.id, outputs=outputs)
        raise InitFailedError(id=request.id, outputs=outputs, inputs=dict(found), reasons=("not healthy",))

    # What must hold -----------------------------------------------------------------------------

    def check(self, before: list[ResourceState]) -> None:
        """What is recorded is a whole snapshot, and accounts for every object of the cloud."""
        bench = self.bench
        snapshot = Snapshot(records=in_dependency_order(bench.records), pending=tuple(bench.pending.values()))
        assert [problem.text for problem in integrity_problems(snapshot)] == []
        recorded = {state.id for state in self._things()}
        under_way = {(each.kind, each.resource.urn) for each in bench.pending.values()}
        on_purpose = {state.id for state in before if state.retain_on_delete or state.deleted_with}
        for id_ in self.provider.objects.keys() - recorded - self.left:
            making = {urn_name(urn).lower() for kind, urn in under_way if kind is OperationKind.CREATING}
            assert id_ in on_purpose or _name(id_) in making, f"{id_} is forgotten"
            self.left.add(id_)
        for state in self._things():
            unsure = (OperationKind.DELETING, state.urn) in under_way
            there = state.id in self.provider.objects
            forgiven = unsure or state.pending_replacement or state.id in self.gone
            assert there or forgiven, f"{state.id} is recorded, and not there"
            if unsure and not there:
                self.gone.add(state.id)

    def _things(self) -> list[ResourceState]:
        return [state for state in self.bench.state if state.custom and state.type == "test:index:Thing"]

    def settle(self, program: tuple[Declared, ...]) -> None:
        """Without faults everything comes right: what *program* says is made, and then stays."""
        bench = self.bench
        bench.records = {
            key: msgspec.structs.replace(state, protect=False) for key, state in bench.records.items()
        }
        program = tuple(
            msgspec.structs.replace(each, protect=False, imported=False, hook="") for each in program
        )
        self._provide(program)
        self.provider.hooks = {"diff_config": _provider_diff}

        def declared(client: Client) -> None:
            run_program(client, program)

        before = list(bench.state)
        promised = _changes(bench.preview(declared, refresh=True))
        run = bench.up(declared, refresh=True)
        assert run.summary.result is OperationResult.SUCCEEDED, run.errors
        self.check(before)
        assert bench.pending == {}
        assert bench.names == sorted(_called(each) for each in program if each.kind != "provider")
        for state in self._things():
            assert not state.delete
            each = next(each for each in program if _called(each) == urn_name(state.urn))
            if each.kind == "look":
                assert state.external
                continue
            assert (reveal(state.inputs)["size"], state.inputs["fixed"]) == (each.size, each.fixed)
            assert self.provider.objects[state.id].keys() == state.inputs.keys()
        assert self.provider.objects.keys() <= {state.id for state in self._things()} | self.left

        done = _changes(run)
        assert done <= promised
        # What a preview cannot know may turn out to be as it was.
        assert {op for op, _ in promised - done} <= {"update"}

        again = bench.up(declared)
        assert (again.summary.result, _changes(again)) == (OperationResult.SUCCEEDED, set())

    def end(self) -> None:
        """A destroy leaves nothing but what was left on purpose."""
        before = list(self.bench.state)
        run = self.bench.destroy()
        assert run.summary.result is OperationResult.SUCCEEDED, run.errors
        self.check(before)
        assert self.bench.state == []
        assert self.provider.objects.keys() <= self.left


def _name(id_: str) -> str:
    """Of what the object *id_* was made, whichever name it had."""
    return id_.rpartition("-")[0].lower()


def _called(each: Declared) -> str:
    return each.name.upper() if each.other_name else each.name


def _provider_diff(request: DiffConfigRequest) -> DiffResult:
    """Providers are replaced with their `fixed`, as other resources are."""
    if request.old_inputs.get("fixed") != request.news.get("fixed"):
        return DiffResult(changes=DiffChanges.SOME, replaces=("fixed",))
    return DiffResult()


def _changes(run: Run) -> set[tuple[str, str]]:
    """What was done to what; looking is no change."""
    return {change for change in run.changes if change[0] not in ("refresh", "read")}


def tell(story: list[Operation]) -> None:
    """Carry out a story, and see that it ends well."""
    world = World()
    for operation in story:
        note(f"{operation}")
        world.carry_out(operation)
    programs = [operation.program for operation in story if operation.kind == "up"]
    world.settle(programs[-1] if programs else ())
    world.end()


@given(_story())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_story_ends_well(story: list[Operation]) -> None:
    """Whatever was asked for, and whatever went wrong meanwhile."""
    tell(story)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@given(_story())
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
def test_many_stories_end_well(story: list[Operation]) -> None:
    """The same, for longer."""
    tell(story)
