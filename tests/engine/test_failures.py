"""What goes wrong, and what is left behind (engine.md §11)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from support.deployments import Bench, Client, FakeJournal, ProgramError

from stackwright.diagnostics import Severity
from stackwright.engine import OperationResult, PendingFound, _deployment
from stackwright.errors import StateError
from stackwright.goals import (
    CheckFailure,
    HookArgs,
    HookKind,
    HookRegistration,
    RegisterRequest,
    Result,
    SourcePosition,
)
from stackwright.providers import (
    CheckResult,
    DiffChanges,
    DiffResult,
    InitFailedError,
    MissingConfigurationError,
    ProviderError,
    ResourceStatus,
)
from stackwright.state import OperationKind, PendingOperation, ResourceState
from stackwright.urn import Urn, urn_name
from stackwright.values import Secret


def failing(*names: str, **fields: Any):
    """A provider's method that fails for the resources of these names."""

    def hook(request: Any) -> None:
        if urn_name(request.urn) in names:
            raise ProviderError("it is broken", **fields)

    return hook


class TestPlaces:
    """What fails names the line that declares it, as records have it (protocol.md §10.12)."""

    HERE = SourcePosition("file:///app/__main__.py", 7)

    def places(self, program: Callable[[Client], object], bench: Bench) -> list[str]:
        bench.root_directory = "/app"
        run = bench.up(program)
        return [said.place for said in run.diagnostics if said.severity is Severity.ERROR and said.urn]

    def register(self, client: Client, name: str) -> None:
        request = RegisterRequest(type="test:index:Thing", name=name, custom=True, source=self.HERE)
        client.monitor.register(request).wait(20)

    def test_a_step(self) -> None:
        bench = Bench()

        def refuse(_: object) -> None:
            raise ProviderError("no")

        bench.provider.hooks["create"] = refuse
        assert self.places(lambda client: self.register(client, "a"), bench)[0] == "project:///__main__.py#7"

    def test_wrong_inputs(self) -> None:
        bench = Bench()
        bench.provider.hooks["check"] = lambda request: CheckResult(
            inputs=request.news, failures=(CheckFailure("size", "too much"),)
        )
        assert self.places(lambda client: self.register(client, "a"), bench)[0] == "project:///__main__.py#7"

    def test_a_second_one_of_the_name(self) -> None:
        def program(client: Client) -> None:
            self.register(client, "a")
            self.register(client, "a")

        assert self.places(program, Bench())[0] == "project:///__main__.py#7"


class TestInitErrors:
    def test_a_partial_create_is_recorded_and_repaired(self) -> None:
        """X18: recorded with its errors; the next run updates it, though nothing differs."""
        bench = Bench()

        def create(request: Any) -> None:
            raise InitFailedError(id="a-9", outputs={"out": "o"}, reasons=("not ready",))

        bench.provider.hooks["create"] = create
        first = bench.up(lambda client: client.resource("a", {"size": 1}))
        record = bench.record("a")
        second = bench.up(lambda client: client.resource("a", {"size": 1}))

        assert first.summary.result is OperationResult.FAILED
        assert "not ready" in first.errors[0]
        assert (record.id, record.init_errors) == ("a-9", ("not ready",))
        assert second.counts == {"update": 1}
        assert bench.record("a").init_errors == ()

    def test_a_partial_update_keeps_the_old_inputs(self) -> None:
        """X19: so that the next run compares with what was there before."""
        bench = Bench()
        bench.up(lambda client: client.resource("a", {"size": 1}))

        def update(request: Any) -> None:
            raise InitFailedError(id="a-1", outputs={"out": "half"}, reasons=("slow",))

        bench.provider.hooks["update"] = update
        bench.up(lambda client: client.resource("a", {"size": 2}))

        assert bench.record("a").inputs == {"size": 1}
        assert bench.record("a").outputs == {"out": "half"}
        assert bench.record("a").init_errors == ("slow",)

    def test_replace_on_changes_of_everything(self) -> None:
        """X21: key `#initerror`."""
        bench = Bench()

        def create(request: Any) -> None:
            raise InitFailedError(id="a-9", outputs={}, reasons=("not ready",))

        bench.provider.hooks["create"] = create
        bench.up(lambda client: client.resource("a"))
        del bench.provider.hooks["create"]
        run = bench.up(lambda client: client.resource("a", replace_on_changes=("*",)))

        assert run.step("a").keys == ("#initerror",)
        assert run.counts == {"replace": 1}

    def test_without_an_id_nobody_knows(self) -> None:
        """S5: nothing is recorded as made, but the open question is."""
        bench = Bench()

        def create(request: Any) -> None:
            raise InitFailedError(id="", outputs={}, reasons=("lost",))

        bench.provider.hooks["create"] = create
        bench.up(lambda client: client.resource("a"))

        assert bench.names == []
        assert [operation.kind for operation in bench.pending.values()] == [OperationKind.CREATING]


class TestFailedSteps:
    def test_the_first_failure_stops_what_follows(self) -> None:
        """E250: what runs is finished; nothing else starts, nothing is deleted."""
        bench = Bench()
        bench.up(lambda client: client.resource("old"))
        bench.provider.hooks["create"] = failing("a")

        def program(client: Client) -> None:
            client.resource("a")

        run = bench.up(program)

        assert run.summary.result is OperationResult.FAILED
        assert run.errors[0] == "it is broken"
        assert run.diagnostics[0].code == 2000
        assert run.failed_steps[0].status is ResourceStatus.OK
        assert bench.names == ["old"]

    def test_a_failure_in_a_preview(self) -> None:
        """E293: 2005, and no event of a failed step."""
        bench = Bench()
        bench.provider.hooks["preview_create"] = failing("a")
        run = bench.preview(lambda client: client.resource("a"))

        assert run.summary.result is OperationResult.FAILED
        assert run.diagnostics[0].code == 2005
        assert run.failed_steps == []

    def test_an_uncertain_create_stays_in_question(self) -> None:
        """S5, E258: the summary says that state may be wrong, and the operation stays pending."""
        bench = Bench()
        bench.provider.hooks["create"] = failing("a", status=ResourceStatus.UNKNOWN)
        run = bench.up(lambda client: client.resource("a"))

        assert run.summary.maybe_corrupt
        assert len(bench.pending) == 1

    def test_check_failures_are_all_told(self) -> None:
        """E145: 2003 for each property; nothing is done."""
        from stackwright.goals import CheckFailure
        from stackwright.providers import CheckResult

        bench = Bench()
        bench.provider.hooks["check"] = lambda request: CheckResult(
            inputs=request.news,
            failures=(CheckFailure("size", "too big"), CheckFailure("", "all wrong")),
        )
        run = bench.preview(lambda client: client.resource("a", {"size": 1}))

        assert [item.code for item in run.diagnostics if item.code] == [2003, 2002]
        assert "too big" in run.errors[0]

    def test_a_provider_that_cannot_be_configured(self) -> None:
        """protocol.md §6.4: the missing keys are named, with the command that sets them."""
        bench = Bench()

        def configure(request: Any) -> None:
            raise MissingConfigurationError("test", (("token", "the key to everything"),))

        bench.provider.hooks["configure"] = configure
        run = bench.up(lambda client: client.resource("a"))

        assert run.summary.result is OperationResult.FAILED
        assert "stackwright config set test:token" in "\n".join(run.errors)

    def test_a_bug_in_a_provider_is_no_hang(self) -> None:
        """Whatever a provider raises becomes the step's failure."""
        bench = Bench()
        bench.provider.hooks["create"] = lambda request: 1 / 0
        run = bench.up(lambda client: client.resource("a"))

        assert run.summary.result is OperationResult.FAILED
        assert "ZeroDivisionError" in run.errors[0]


class TestContinueOnError:
    def test_only_what_needs_the_failed_one_is_skipped(self) -> None:
        """X70, E240: A fails, B (on A) is skipped, D is done, unrelated deletes run."""
        bench = Bench()
        bench.up(lambda client: client.resource("gone"))
        bench.provider.hooks["create"] = failing("a")
        answers = {}

        def program(client: Client) -> None:
            a = client.resource("a")
            answers["a"] = a.result
            answers["b"] = client.resource("b", depends_on=(a.urn,)).result
            answers["d"] = client.resource("d").result

        run = bench.up(program, continue_on_error=True)

        assert answers == {"a": Result.FAIL, "b": Result.SKIP, "d": Result.SUCCESS}
        assert run.summary.result is OperationResult.FAILED
        assert bench.names == ["d"]

    def test_what_a_failed_one_needs_stays(self) -> None:
        """E241: deletes of what the failed steps depend on do not run."""
        bench = Bench()

        def old(client: Client) -> None:
            base = client.resource("base")
            client.resource("a", {"size": 1}, depends_on=(base.urn,))
            client.resource("free")

        bench.up(old)
        bench.provider.hooks["update"] = failing("a")
        bench.up(lambda client: client.resource("a", {"size": 2}), continue_on_error=True)

        assert bench.names == ["a", "base"]


class TestStopping:
    def test_a_graceful_cancel_finishes_what_runs(self) -> None:
        """E255: providers are told, what runs is recorded, nothing else starts."""
        bench = Bench()
        running = threading.Event()
        release = asyncio.Event()

        async def create(request: Any) -> None:
            running.set()
            await release.wait()

        async def cancel(_: Any) -> None:
            release.set()

        bench.provider.hooks["create"] = create
        bench.provider.hooks["cancel"] = cancel

        def program(client: Client) -> None:
            from stackwright.goals import RegisterRequest

            first = client.monitor.register(RegisterRequest(type="test:index:Thing", name="a", custom=True))
            running.wait(10)
            bench.deployment.cancel()
            first.wait(10)

        run = bench.up(program)

        assert run.summary.result is OperationResult.CANCELED
        assert bench.names == ["a"]
        assert bench.host.canceled == 1
        assert bench.pending == {}

    def test_terminating_leaves_the_journal_truthful(self) -> None:
        """E256: the operation that was under way stays pending."""
        bench = Bench()
        running = threading.Event()

        async def create(request: Any) -> None:
            running.set()
            await asyncio.sleep(60)

        bench.provider.hooks["create"] = create

        def program(client: Client) -> None:
            from stackwright.goals import RegisterRequest

            first = client.monitor.register(RegisterRequest(type="test:index:Thing", name="a", custom=True))
            running.wait(10)
            bench.deployment.terminate()
            first.wait(10)

        run = bench.up(program)

        assert run.summary.result is OperationResult.CANCELED
        assert bench.names == []
        assert [operation.kind for operation in bench.pending.values()] == [OperationKind.CREATING]

    def test_a_refresh_that_is_stopped_leaves_a_whole_state(self) -> None:
        """What is gone is dropped together with every reference to it, or not yet (E217, E274)."""
        bench = Bench()

        def program(client: Client) -> None:
            gone = client.resource("gone")
            client.resource("after", depends_on=(gone.urn,))

        bench.up(program)
        del bench.provider.objects["gone-1"]

        async def read(request: Any) -> None:
            if request.urn.endswith("::after"):
                bench.deployment.terminate()
                await asyncio.sleep(60)

        bench.provider.hooks["read"] = read
        assert bench.refresh().summary.result is OperationResult.CANCELED
        assert bench.names == ["after", "gone"]

        del bench.provider.hooks["read"]
        bench.refresh()
        assert bench.names == ["after"]
        assert bench.record("after").dependencies == ()


def pending(bench: Bench, kind: OperationKind, resource: ResourceState) -> None:
    bench.last_operation += 1
    number = bench.last_operation
    bench.pending[number] = PendingOperation(number=number, kind=kind, resource=resource)


class TestRecovery:
    def recorded(self) -> Bench:
        bench = Bench()
        bench.up(lambda client: client.resource("a", {"name": "phys", "size": 1}))
        return bench

    def outcome(self, run: Any) -> str:
        return next(event.outcome for event in run.events if isinstance(event, PendingFound))

    def test_references_to_what_is_gone_go_with_it(self) -> None:
        """An update was interrupted, and the object is gone: others depended on it (E274)."""
        bench = Bench()

        def program(client: Client) -> None:
            a = client.resource("a")
            client.resource("b", parent=client.component("group").urn, depends_on=(a.urn,))

        bench.up(program)
        pending(bench, OperationKind.UPDATING, bench.record("a"))
        del bench.provider.objects["a-1"]

        def failing_program(client: Client) -> None:
            raise ProgramError

        run = bench.up(failing_program)

        assert "does not exist any more" in self.outcome(run)
        assert bench.names == ["b", "group"]
        assert bench.record("b").dependencies == ()
        assert bench.pending == {}

    def unmade(self, bench: Bench, **inputs: Any) -> ResourceState:
        return ResourceState(
            urn=Urn("urn:pulumi:dev::proj::test:index:Thing::new"),
            type="test:index:Thing",
            custom=True,
            inputs=inputs,
            provider=bench.record("a").provider,
        )

    @pytest.mark.parametrize(
        ("answer", "adopted"),
        [
            (DiffResult(changes=DiffChanges.NONE), True),
            (DiffResult(changes=DiffChanges.SOME, diffs=("unasked",)), True),
            (DiffResult(changes=DiffChanges.SOME, diffs=("text",)), False),
            (DiffResult(changes=DiffChanges.SOME, diffs=("unasked",), replaces=("unasked",)), False),
            (DiffResult(changes=DiffChanges.SOME), False),
            (DiffResult(), False),
        ],
    )
    def test_whether_two_texts_say_the_same_its_provider_decides(
        self, answer: DiffResult, adopted: bool
    ) -> None:
        """design.md §3: a policy comes back in other words than it was given in."""
        bench = self.recorded()
        pending(bench, OperationKind.CREATING, self.unmade(bench, name="found", text="{ }"))
        bench.provider.objects["found"] = {"name": "found", "text": "{}"}
        bench.provider.hooks["diff"] = lambda request: answer if request.id == "found" else None
        run = bench.up(lambda client: client.resource("a", {"name": "phys", "size": 1}))

        assert ("adopted" in self.outcome(run)) is adopted

    def test_a_create_that_happened_is_adopted(self) -> None:
        """design.md §3: what was in flight is probed, and adopted with the evidence shown."""
        bench = self.recorded()
        pending(bench, OperationKind.CREATING, self.unmade(bench, name="found", size=3))
        bench.provider.objects["found"] = {"name": "found", "size": 3}

        def program(client: Client) -> None:
            client.resource("a", {"name": "phys", "size": 1})
            client.resource("new", {"name": "found", "size": 3})

        run = bench.up(program)

        assert run.counts == {"same": 2}
        assert "adopted" in self.outcome(run)
        assert bench.record("new").id == "found"
        assert bench.pending == {}
        assert bench.provider.names("create") == ["a"]

    def test_addresses_are_made_as_those_of_others_are(self) -> None:
        """A queue's id is a URL: how it ends in the name is seen at the queues that are recorded."""
        bench = self.recorded()
        (key,) = [key for key, state in bench.records.items() if state.id == "a-1"]
        bench.records[key] = msgspec.structs.replace(bench.records[key], id="http://queues/7/phys")
        pending(bench, OperationKind.CREATING, self.unmade(bench, name="two", size=3))
        bench.provider.objects["http://queues/7/two"] = {"name": "two", "size": 3}
        run = bench.up(lambda client: client.resource("new", {"name": "two", "size": 3}))

        assert "adopted" in self.outcome(run)
        assert bench.record("new").id == "http://queues/7/two"

    def test_what_another_resource_has_is_not_adopted(self) -> None:
        """However equal it is: it has its record."""
        bench = self.recorded()
        (key,) = [key for key, state in bench.records.items() if state.id == "a-1"]
        bench.records[key] = msgspec.structs.replace(bench.records[key], id="phys")
        bench.provider.objects["phys"] = {"name": "phys", "size": 1}
        pending(bench, OperationKind.CREATING, self.unmade(bench, name="phys", size=1))
        run = bench.up(lambda client: client.resource("a", {"name": "phys", "size": 1}))

        assert "created again" in self.outcome(run)
        assert bench.names == ["a"]

    def test_what_is_not_found_is_described(self) -> None:
        """By what a person can look for; nothing secret."""
        bench = self.recorded()
        lost = self.unmade(bench, size=3, group="g", name="found", key=Secret("hush"), more={"a": "b"})
        pending(bench, OperationKind.CREATING, lost)
        run = bench.up(lambda client: client.resource("a", {"name": "phys", "size": 1}))

        assert self.outcome(run).endswith(
            'look for a test:index:Thing with name = "found", size = 3, group = "g"'
        )

    def test_another_object_of_that_name_is_not_adopted(self) -> None:
        """Only what has the same inputs can be ours."""
        bench = self.recorded()
        pending(bench, OperationKind.CREATING, self.unmade(bench, name="found", size=3))
        bench.provider.objects["found"] = {"name": "found", "size": 99}
        run = bench.up(lambda client: client.resource("a", {"name": "phys", "size": 1}))

        assert "created again" in self.outcome(run)
        assert bench.names == ["a"]
        assert bench.pending == {}

    def test_an_adopted_one_that_nobody_wants_is_deleted(self) -> None:
        """It is a resource of the stack like any other."""
        bench = self.recorded()
        pending(bench, OperationKind.CREATING, self.unmade(bench, name="found", size=3))
        bench.provider.objects["found"] = {"name": "found", "size": 3}
        run = bench.up(lambda client: client.resource("a", {"name": "phys", "size": 1}))

        assert run.changes == [("delete", "new")]
        assert "found" not in bench.provider.objects

    def test_a_delete_that_happened(self) -> None:
        """What is gone is forgotten, and made anew if it is still wanted."""
        bench = self.recorded()
        pending(bench, OperationKind.DELETING, bench.record("a"))
        bench.provider.objects.clear()
        run = bench.up(lambda client: client.resource("a", {"name": "phys", "size": 1}))

        assert "does not exist any more" in self.outcome(run)
        assert run.counts == {"create": 1}

    def test_an_update_that_happened(self) -> None:
        """What is there is read again before it is compared."""
        bench = self.recorded()
        pending(bench, OperationKind.UPDATING, bench.record("a"))
        bench.provider.objects["a-1"] = {"name": "phys", "size": 2}
        run = bench.up(lambda client: client.resource("a", {"name": "phys", "size": 2}))

        assert run.counts == {"same": 1}
        assert bench.record("a").inputs == {"name": "phys", "size": 2}

    def test_previews_only_tell(self) -> None:
        """Nothing is settled by looking."""
        bench = self.recorded()
        pending(bench, OperationKind.DELETING, bench.record("a"))
        run = bench.preview(lambda client: client.resource("a", {"name": "phys", "size": 1}))

        assert "next update" in self.outcome(run)
        assert len(bench.pending) == 1

    def test_an_object_is_adopted_once(self) -> None:
        """Two creates of it were cut short, since the first could not be looked at in between."""
        bench = self.recorded()
        for _ in range(2):
            pending(bench, OperationKind.CREATING, self.unmade(bench, name="found", size=3))
        bench.provider.objects["found"] = {"name": "found", "size": 3}

        def program(client: Client) -> None:
            client.resource("a", {"name": "phys", "size": 1})
            client.resource("new", {"name": "found", "size": 3})

        run = bench.up(program)

        assert (run.errors, run.changes) == ([], [])
        assert [(state.id, state.delete) for state in bench.state if urn_name(state.urn) == "new"] == [
            ("found", False)
        ]

    def test_two_that_were_made_are_both_accounted_for(self) -> None:
        """The later one stays, the earlier one goes at the end, as after a replacement."""
        bench = self.recorded()
        for name in ("first", "second"):
            pending(bench, OperationKind.CREATING, self.unmade(bench, name=name))
            bench.provider.objects[name] = {"name": name}

        def program(client: Client) -> None:
            client.resource("a", {"name": "phys", "size": 1})
            client.resource("new", {"name": "second"})

        run = bench.up(program)

        assert (run.errors, run.changes) == ([], [("delete-replaced", "new")])
        assert bench.record("new").id == "second"
        assert "first" not in bench.provider.objects

    def test_what_is_gone_is_dropped_once(self) -> None:
        bench = self.recorded()
        for kind in (OperationKind.UPDATING, OperationKind.DELETING):
            pending(bench, kind, bench.record("a"))
        del bench.provider.objects["a-1"]

        assert bench.destroy().errors == []
        assert (bench.state, bench.pending) == ([], {})

    @pytest.mark.timeout(60)
    def test_a_provider_that_breaks_while_it_looks(self) -> None:
        """Whatever it raises, the operation stays open and the run goes on."""
        bench = self.recorded()
        pending(bench, OperationKind.UPDATING, bench.record("a"))

        def breaks(_: Any) -> None:
            raise RuntimeError("no such luck")

        bench.provider.hooks["read"] = breaks
        run = bench.up(lambda client: client.resource("a", {"name": "phys", "size": 1}))

        assert self.outcome(run) == "could not be looked at: RuntimeError: no such luck"
        assert (run.errors, len(bench.pending)) == ([], 1)

    @pytest.mark.timeout(60)
    def test_a_journal_that_cannot_be_written_ends_the_run(self) -> None:
        """What was found is not taken for known where it could not be recorded."""
        bench = self.recorded()
        pending(bench, OperationKind.UPDATING, bench.record("a"))
        journal = FakeJournal(bench)
        journal.fails_with = StateError("There is no space left")
        run = bench.up(lambda client: client.resource("a", {"name": "phys"}), journal=journal)

        assert run.errors == ["There is no space left", "update failed"]
        assert (len(bench.pending), run.steps) == (1, [])

    @pytest.mark.timeout(60)
    def test_a_mistake_in_what_a_run_does_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing hangs: the program is told that the deployment is over."""

        def breaks(*_: Any) -> None:
            raise RuntimeError("no such luck")

        bench = self.recorded()
        monkeypatch.setattr(_deployment.Recovery, "run", breaks)
        run = bench.up(lambda client: client.resource("a"))

        assert run.errors == ["RuntimeError: no such luck", "update failed"]

    def test_what_cannot_be_looked_at_stays_in_question(self) -> None:
        """A provider that fails settles nothing."""
        bench = self.recorded()
        pending(bench, OperationKind.DELETING, bench.record("a"))
        bench.provider.hooks["read"] = failing("a")
        run = bench.up(lambda client: client.resource("a", {"name": "phys", "size": 1}))

        assert "could not be looked at" in self.outcome(run)
        assert len(bench.pending) == 1


def hook(name: str, callback: Any, **flags: Any) -> HookRegistration:
    async def call(args: HookArgs) -> Any:
        return callback(args)

    return HookRegistration(name=name, callback=call, **flags)


class TestHooks:
    def run(self, bench: Bench, kind: HookKind, callback: Any, **flags: Any) -> Any:
        def program(client: Client) -> None:
            client.monitor.add_hook(hook("h", callback, **flags)).wait(10)
            client.resource("a", {"size": 2}, hooks={kind: ("h",)})

        return bench.up(program)

    def test_they_see_the_resource(self) -> None:
        """E103."""
        seen: list[HookArgs] = []
        bench = Bench()
        self.run(bench, HookKind.AFTER_CREATE, seen.append)

        assert seen[0].new_inputs == {"size": 2}
        assert seen[0].new_outputs == {"size": 2, "out": "a-out"}
        assert seen[0].id == "a-1"

    def test_a_failing_before_hook_prevents_it(self) -> None:
        """X69."""
        bench = Bench()
        run = self.run(bench, HookKind.BEFORE_CREATE, lambda args: 1 / 0)

        assert bench.names == []
        assert 'before hook "h" failed' in run.errors[0]

    def test_a_failing_after_hook_leaves_it(self) -> None:
        """X68: recorded, told, and the deployment fails."""
        bench = Bench()
        run = self.run(bench, HookKind.AFTER_CREATE, lambda args: 1 / 0)

        assert bench.names == ["a"]
        assert run.summary.result is OperationResult.FAILED

    def test_failures_may_be_ignored(self) -> None:
        """E104: then either is a warning."""
        bench = Bench()
        run = self.run(bench, HookKind.BEFORE_CREATE, lambda args: 1 / 0, ignore_errors=True)

        assert run.summary.result is OperationResult.SUCCEEDED
        assert bench.names == ["a"]

    def test_an_unknown_hook(self) -> None:
        """E101."""
        bench = Bench()
        run = bench.up(lambda client: client.resource("a", hooks={HookKind.BEFORE_CREATE: ("none",)}))

        assert "not registered" in run.errors[0]

    def test_previews_skip_them_unless_told(self) -> None:
        """E102."""
        calls: list[str] = []
        bench = Bench()

        def program(client: Client) -> None:
            client.monitor.add_hook(hook("no", lambda args: calls.append("no"))).wait(10)
            client.monitor.add_hook(hook("yes", lambda args: calls.append("yes"), on_dry_run=True)).wait(10)
            client.resource("a", hooks={HookKind.BEFORE_CREATE: ("no", "yes")})

        bench.preview(program)

        assert calls == ["yes"]

    def test_error_hooks_may_ask_for_another_try(self) -> None:
        """E106: with the failures so far, newest first."""
        bench = Bench()
        attempts = []
        seen: list[tuple[str, ...]] = []

        def create(request: Any) -> None:
            attempts.append(1)
            if len(attempts) < 3:
                raise ProviderError(f"failure {len(attempts)}")

        bench.provider.hooks["create"] = create

        def retry(args: HookArgs) -> bool:
            seen.append(args.errors)
            return True

        def program(client: Client) -> None:
            client.monitor.add_hook(hook("h", retry, is_error_hook=True)).wait(10)
            client.resource("a", hooks={HookKind.ON_ERROR: ("h",)})

        run = bench.up(program)

        assert run.summary.result is OperationResult.SUCCEEDED
        assert seen == [("failure 1",), ("failure 2", "failure 1")]

    def test_a_destroy_that_cannot_run_delete_hooks(self) -> None:
        """E107: is refused up front."""
        bench = Bench()
        self.run(bench, HookKind.BEFORE_DELETE, lambda args: None)
        run = bench.destroy()

        assert "--run-program" in run.errors[0]
        assert bench.names == ["a"]
