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
from stackwright.errors import StackwrightError
from stackwright.goals import Registered
from stackwright.monitor import MonitorClosedError
from stackwright.providers import InitFailedError, ProviderError, ResourceStatus
from stackwright.state import Change, OperationKind, ResourceState, Snapshot, integrity_problems
from stackwright.urn import urn_name
from stackwright.values import Secret, reveal

NAMES = tuple("abcdef")


class Declared(msgspec.Struct, frozen=True):
    """One resource of an invented program."""

    name: str
    kind: str
    """`thing`, `group` (a component) or `provider`."""
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


class Fault(msgspec.Struct, frozen=True):
    """What goes wrong when *method* is called for *name*."""

    method: str
    name: str
    kind: str
    """`refused`, `uncertain` (nobody says whether *effect* is there), `half` (made, but not healthy)."""
    effect: bool


class Trouble(msgspec.Struct, frozen=True):
    """An interruption: at which of the provider's calls or the journal's entries, and of which kind."""

    kind: str
    """`cancel`, `stop`, `kill`, or `program` (which fails)."""
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
    kind=st.sampled_from(("thing",) * 5 + ("group", "provider")),
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
    Trouble, kind=st.sampled_from(("cancel", "stop", "kill", "kill", "program")), at=st.integers(1, 12)
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
        ("size", "fixed", "uses", "parent", "provider", "retain", "delete_before_replace")
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


def _register(
    client: Client, each: Declared, made: dict[str, Registered], kinds: dict[str, str]
) -> Registered:
    options: dict[str, Any] = {"protect": each.protect}
    inputs: dict[str, Any] = {}
    parent = made[each.parent].urn if kinds.get(each.parent) == "group" else None
    used = [name for name in each.uses if name in made]
    options["depends_on"] = tuple(made[name].urn for name in used)
    if each.kind == "group":
        return client.component(each.name, parent=parent, **options)
    inputs["size"] = Secret(each.size) if each.secret else each.size
    for name in used:
        if kinds[name] == "thing":
            inputs[f"from_{name}"] = made[name].outputs.get("out", "unknown")
    options["property_dependencies"] = {
        key: tuple(made[name].urn for name in used if key == f"from_{name}") for key in inputs
    }
    options["retain_on_delete"] = each.retain
    if each.kind == "provider":
        options.pop("retain_on_delete")
        plain = {"size": str(each.size)}
        options["property_dependencies"] = {}
        return client.register("pulumi:providers:test", each.name, plain, parent=parent, **options)
    inputs["fixed"] = each.fixed
    options["delete_before_replace"] = each.delete_before_replace
    if kinds.get(each.provider) == "provider":
        found = made[each.provider]
        options["provider"] = f"{found.urn}::{found.id}"
    if kinds.get(each.deleted_with) == "thing":
        options["deleted_with"] = made[each.deleted_with].urn
    if kinds.get(each.replace_with) == "thing":
        options["replace_with"] = (made[each.replace_with].urn,)
    return client.resource(each.name, inputs, parent=parent, **options)


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
        before = list(self.bench.state)
        for name in operation.lost:
            self._lose([each for each in self.provider.objects if each.startswith(f"{name}-")])
        self.calls = 0
        self.provider.hooks = self._hooks(operation)
        try:
            run = self._run(operation)
        finally:
            self.provider.hooks = {}
        self.check(before)
        return run

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
        if operation.kind == "up":
            return bench.up(program, **options)
        options.pop("refresh")
        return bench.refresh(**options) if operation.kind == "refresh" else bench.destroy(**options)

    def _hooks(self, operation: Operation) -> dict[str, Callable[[Any], Any]]:
        faults = {(each.method, each.name): each for each in operation.faults}
        trouble = operation.trouble

        def hook(method: str) -> Callable[[Any], Any]:
            def called(request: Any) -> None:
                self.calls += 1
                if trouble is not None and self.calls == trouble.at:
                    if trouble.kind == "cancel":
                        self.bench.deployment.cancel()
                    elif trouble.kind == "stop":
                        self.bench.deployment.terminate()
                fault = faults.get((method, urn_name(request.urn)))
                if fault is not None:
                    self._fail(fault, request)

            return called

        return {method: hook(method) for method in ("create", "update", "delete", "read", "diff", "check")}

    def _fail(self, fault: Fault, request: Any) -> None:
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
            if fault.kind == "half":
                outputs = {**wanted, "out": f"{urn_name(request.urn)}-out"}
                raise InitFailedError(id=id_, outputs=outputs, inputs=wanted, reasons=("not healthy",))
        raise ProviderError("who knows", status=ResourceStatus.UNKNOWN)

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
            making = {urn_name(urn) for kind, urn in under_way if kind is OperationKind.CREATING}
            assert id_ in on_purpose or id_.rpartition("-")[0] in making, f"{id_} is forgotten"
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
        program = tuple(msgspec.structs.replace(each, protect=False) for each in program)

        def declared(client: Client) -> None:
            run_program(client, program)

        before = list(bench.state)
        promised = _changes(bench.preview(declared, refresh=True))
        run = bench.up(declared, refresh=True)
        assert run.summary.result is OperationResult.SUCCEEDED, run.errors
        self.check(before)
        assert bench.pending == {}
        assert bench.names == sorted(each.name for each in program if each.kind != "provider")
        for state in self._things():
            assert not state.delete
            each = next(each for each in program if each.name == urn_name(state.urn))
            assert (reveal(state.inputs)["size"], state.inputs["fixed"]) == (each.size, each.fixed)
            assert self.provider.objects[state.id].keys() == state.inputs.keys()
        assert self.provider.objects.keys() <= {state.id for state in self._things()} | self.left

        done = _changes(run)
        assert done <= promised
        # What a preview cannot know may turn out to be as it was.
        assert {op for op, _ in promised - done} <= {"update"}

        again = bench.up(declared)
        assert (again.summary.result, again.changes) == (OperationResult.SUCCEEDED, [])

    def end(self) -> None:
        """A destroy leaves nothing but what was left on purpose."""
        before = list(self.bench.state)
        run = self.bench.destroy()
        assert run.summary.result is OperationResult.SUCCEEDED, run.errors
        self.check(before)
        assert self.bench.state == []
        assert self.provider.objects.keys() <= self.left


def _changes(run: Run) -> set[tuple[str, str]]:
    """What was done to what; looking is no change."""
    return {change for change in run.changes if change[0] != "refresh"}


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
