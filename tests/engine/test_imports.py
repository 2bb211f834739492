"""Imports by command (engine.md §10.5)."""

from __future__ import annotations

from typing import Any

import pytest
from support.deployments import Bench, Client, FakeJournal

from stackwright.diagnostics import Severity
from stackwright.engine import ImportGoal, StepDone
from stackwright.goals import CheckFailure, PackageRequest
from stackwright.providers import CheckResult, InitFailedError, ReadResult
from stackwright.state import OperationKind
from stackwright.urn import Urn
from stackwright.values import Secret

ROOT = Urn("urn:pulumi:dev::proj::pulumi:pulumi:Stack::proj-dev")
GROUP = Urn("urn:pulumi:dev::proj::test:index:Group::group")
EXPLICIT = Urn("urn:pulumi:dev::proj::pulumi:providers:test::mine")


def goal(name: str, **fields: Any) -> ImportGoal:
    return ImportGoal(**{"type": "test:index:Thing", "name": name, "id": f"{name}-id", **fields})


def component(name: str, **fields: Any) -> ImportGoal:
    return ImportGoal(**{"type": "test:index:Group", "name": name, "component": True, **fields})


@pytest.fixture
def bench() -> Bench:
    """A stack that is empty, and a cloud that has things in it."""
    made = Bench()
    for name in ("a", "b", "c"):
        made.provider.objects[f"{name}-id"] = {"size": name}
    return made


def warnings(run: Any) -> list[str]:
    return [each.message for each in run.diagnostics if each.severity is Severity.WARNING]


class TestTakingIn:
    def test_an_empty_stack(self, bench: Bench) -> None:
        """The stack, the default provider and the resource, in this order (E223-E225)."""
        run = bench.take_in(goal("a", protect=True))

        assert not run.errors
        assert run.steps == [("create", "proj-dev"), ("import", "a")]
        assert run.counts == {"create": 1, "import": 1}
        record = bench.record("a")
        assert (record.id, record.import_id, record.protect) == ("a-id", "", True)
        assert record.inputs == record.outputs == {"size": "a"}
        assert record.parent == ROOT
        assert record.created
        assert record.created == record.modified
        assert record.dependencies == ()
        assert record.provider.startswith("urn:pulumi:dev::proj::pulumi:providers:test::default::")

    def test_what_is_there_stays(self, bench: Bench) -> None:
        """Base records are same steps, providers included; nothing of them is written (E223)."""

        def program(client: Client) -> None:
            client.stack({"answer": 42})
            client.resource("old", {"size": 1})

        bench.up(program)
        before = {record.urn: record for record in bench.state}
        journal = FakeJournal(bench)

        run = bench.take_in(goal("a"), journal=journal)

        assert not run.errors
        assert run.steps == [("same", "proj-dev"), ("same", "old"), ("import", "a")]
        assert run.counts == {"same": 2, "import": 1}
        assert {record.urn: record for record in bench.state if record.urn in before} == before
        assert len(journal.changes) == 1

    def test_reading_gets_the_id_alone(self, bench: Bench) -> None:
        """No inputs and no state go along (E227)."""
        asked: list[Any] = []
        bench.provider.hooks["read"] = asked.append

        bench.take_in(goal("a", inputs={"size": "mine"}))

        assert [(each.id, each.inputs, each.outputs) for each in asked] == [("a-id", None, {})]

    def test_the_provider_may_know_it_by_another_id(self, bench: Bench) -> None:
        """E227: the id that was read is the one that is recorded."""
        bench.provider.hooks["read"] = lambda _: ReadResult(id="arn:a", outputs={}, inputs={})

        bench.take_in(goal("a"))

        assert bench.record("a").id == "arn:a"

    def test_supplied_inputs_fill_in(self, bench: Bench) -> None:
        """E227: missing and null keys are filled in, and secrets are sealed."""
        bench.provider.objects["a-id"] = {"size": "a", "none": None, "token": "t"}

        bench.take_in(goal("a", inputs={"size": "z", "none": 1, "more": 2, "token": Secret("other")}))

        assert bench.record("a").inputs == {"size": "a", "none": 1, "more": 2, "token": Secret("t")}

    def test_supplied_outputs_stand(self, bench: Bench) -> None:
        """E227: with outputs nothing is read."""
        bench.take_in(goal("a", inputs={"size": 1}, outputs={"size": 1, "out": 2}))

        assert bench.provider.names("read") == []
        record = bench.record("a")
        assert (record.id, record.inputs, record.outputs) == ("a-id", {"size": 1}, {"size": 1, "out": 2})

    def test_only_some_properties(self, bench: Bench) -> None:
        """`properties` keeps the inputs that it names (S31)."""
        bench.provider.objects["a-id"] = {"size": "a", "colour": "red"}

        run = bench.take_in(goal("a", properties=("size", "shape")))

        assert bench.record("a").inputs == {"size": "a"}
        assert bench.record("a").outputs == {"size": "a", "colour": "red"}
        assert "shape" in warnings(run)[0]

    def test_parents_come_first(self, bench: Bench) -> None:
        """Batches follow the parents, whatever the order of the list (E223)."""
        run = bench.take_in(goal("a", parent=GROUP), component("group"), goal("b"))

        assert not run.errors
        assert [name for op, name in run.steps if op == "import"] == ["group", "b", "a"]
        assert bench.record("a").parent == GROUP
        assert bench.record("a").urn.endswith("test:index:Group$test:index:Thing::a")
        assert (bench.record("group").custom, bench.record("group").provider) == (False, "")

    def test_components_have_what_was_supplied(self, bench: Bench) -> None:
        """Nobody is asked about a component; one of a provider is recorded with it."""
        bench.take_in(component("group", inputs={"a": 1}, outputs={"b": 2}, remote=True))

        record = bench.record("group")
        assert (record.inputs, record.outputs, record.id) == ({"a": 1}, {"b": 2}, "")
        assert bench.provider.names("read") == []

    def test_every_component_is_shown_as_done(self, bench: Bench) -> None:
        """Displays hear the end of each, the stack's own included (E294)."""
        run = bench.take_in(component("group"))

        done = [event.step.urn for event in run.events if isinstance(event, StepDone)]
        assert {ROOT, GROUP} <= set(done)

    def test_a_preview_reads_and_records_nothing(self, bench: Bench) -> None:
        """The same steps, no record, nonexistence told."""
        run = bench.take_in(goal("a"), preview=True)

        assert run.steps == [("create", "proj-dev"), ("import", "a")]
        assert bench.state == []
        assert bench.provider.names("read") == ["a"]
        assert bench.take_in(goal("x"), preview=True).errors

    def test_again_nothing_happens(self, bench: Bench) -> None:
        """Managed already under this id: not a word (E226, X35)."""
        bench.take_in(goal("a"))

        run = bench.take_in(goal("a"))

        assert not run.diagnostics
        assert run.changes == []
        assert bench.provider.names("read") == ["a"]

    def test_again_by_another_word_for_it(self, bench: Bench) -> None:
        """An id that is read as the recorded object means that one: an import can be repeated."""
        bench.provider.hooks["read"] = lambda request: (
            ReadResult(id="4", outputs={"x": 1}, inputs={}) if request.id == "4,1,6" else None
        )
        bench.take_in(goal("a", id="4,1,6"))

        again, other = bench.take_in(goal("a", id="4,1,6")), bench.take_in(goal("a", id="b-id"))

        assert bench.record("a").id == "4"
        assert (again.errors, again.changes) == ([], [])
        assert "already exists" in other.errors[0]

    def test_the_journal_knows_what_is_under_way(self, bench: Bench) -> None:
        """A killed import left an open operation that changed nothing outside."""
        journal = FakeJournal(bench)

        bench.take_in(goal("a"), journal=journal)

        assert journal.begun[-1][0] is OperationKind.IMPORTING
        assert bench.pending == {}

    def test_an_update_afterwards_has_nothing_to_do(self, bench: Bench) -> None:
        """Programs that say what was read change nothing."""
        bench.take_in(goal("a"))

        def program(client: Client) -> None:
            client.stack()
            client.resource("a", {"size": "a"})

        assert bench.up(program).changes == []


class TestProviders:
    def test_the_default_one_is_configured_by_the_stack(self, bench: Bench) -> None:
        """E225: named by its version, with the stack's configuration."""
        bench.config = {"test:region": "north"}

        bench.take_in(goal("a", package=PackageRequest(name="test", version="1.2.3")))

        assert bench.record("default_1_2_3").inputs["region"] == "north"

    def test_one_that_exists_is_used_as_it_is(self, bench: Bench) -> None:
        """E225: changed configuration does not touch it."""
        bench.config = {"test:region": "north"}
        bench.take_in(goal("a"))
        bench.config = {"test:region": "south"}

        run = bench.take_in(goal("b"))

        assert run.changes == [("import", "b")]
        assert bench.record("default").inputs["region"] == "north"

    def test_an_explicit_one(self, bench: Bench) -> None:
        """Named by its URN; one in the list is made first (E225)."""
        mine = ImportGoal(type="pulumi:providers:test", name="mine", inputs={"region": "east"})

        run = bench.take_in(goal("a", provider=EXPLICIT), mine)

        assert not run.errors
        assert run.changes == [("create", "proj-dev"), ("create", "mine"), ("import", "a")]
        made = bench.record("mine")
        assert made.inputs["region"] == "east"
        assert made.parent == ROOT
        assert bench.record("a").provider == f"{EXPLICIT}::{made.id}"
        assert bench.take_in(goal("b", provider=EXPLICIT)).changes == [("import", "b")]

    def test_one_made_of_the_inputs_that_came_with_it(self, bench: Bench) -> None:
        """E225: the deprecated `providerInputs`."""
        run = bench.take_in(goal("a", provider=EXPLICIT, provider_inputs={"region": "west"}))

        assert not run.errors
        assert bench.record("mine").inputs["region"] == "west"

    def test_an_unknown_one(self, bench: Bench) -> None:
        """It is neither in the stack nor made."""
        run = bench.take_in(goal("a", provider=EXPLICIT))

        assert f"{EXPLICIT} is not in the stack" in run.errors[0]
        assert bench.names == []

    def test_one_that_refuses_its_configuration(self, bench: Bench) -> None:
        """E225: that is an error."""
        bench.provider.hooks["check_config"] = lambda request: CheckResult(
            inputs=request.news, failures=(CheckFailure("region", "there is none"),)
        )

        run = bench.take_in(goal("a"))

        assert "there is none" in run.errors[0]
        assert bench.names == []

    def test_a_disabled_default(self, bench: Bench) -> None:
        """The stack's configuration may forbid it (2015)."""
        bench.config = {"pulumi:disable-default-providers": '["test"]'}

        assert "must use an explicit provider" in bench.take_in(goal("a")).errors[0]


class TestWhatGoesWrong:
    def test_twice_the_same(self, bench: Bench) -> None:
        """E226, X35."""
        run = bench.take_in(goal("a"), goal("a"))

        assert "is to be imported twice" in run.errors[0]
        assert bench.state == []

    def test_taken(self, bench: Bench) -> None:
        """E226: another object has this name."""
        bench.take_in(goal("a"))

        run = bench.take_in(goal("a", id="b-id"))

        assert "already exists in the stack with another id, `a-id`" in run.errors[0]
        assert bench.record("a").id == "a-id"

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            (goal("a", parent=GROUP), "neither in the stack nor imported"),
            (goal("a", id=""), "without an id"),
            (goal("a", type="test"), "has no type of resources"),
            (component("a", id="x"), "components have no id"),
            (component("a", type="group", remote=True), "three parts"),
        ],
    )
    def test_wrong_in_itself(self, bench: Bench, wrong: ImportGoal, message: str) -> None:
        """E226; nothing is asked and nothing recorded."""
        run = bench.take_in(goal("b"), wrong)

        assert message in run.errors[0]
        assert bench.state == []
        assert bench.provider.calls == []

    def test_all_mistakes_at_once(self, bench: Bench) -> None:
        """Who mends one hears of the others too."""
        run = bench.take_in(goal("a", id=""), goal("b", parent=GROUP))

        assert len(run.errors) == 3  # and that the import failed

    def test_nothing_there(self, bench: Bench) -> None:
        """E227; what was imported beside it stays."""
        run = bench.take_in(goal("a"), goal("x"), goal("b"))

        assert any("'x-id' does not exist" in each for each in run.errors)
        assert bench.names == ["a", "b"]

    def test_a_provider_that_cannot_import(self, bench: Bench) -> None:
        """E227: it reads, but tells no inputs."""
        bench.provider.hooks["read"] = lambda _: ReadResult(id="a-id", outputs={"x": 1}, inputs=None)

        assert "does not support importing" in bench.take_in(goal("a")).errors[0]

    def test_a_failing_batch_is_the_last(self, bench: Bench) -> None:
        """E223."""
        bench.take_in(component("group"), goal("x"), goal("a", parent=GROUP))

        assert bench.names == ["group"]

    def test_an_unhealthy_object(self, bench: Bench) -> None:
        """An init error is recorded, and the import goes on (E227)."""

        def read(_: Any) -> ReadResult:
            raise InitFailedError(id="a-id", outputs={"size": "a"}, inputs={"size": "a"}, reasons=("is ill",))

        bench.provider.hooks["read"] = read

        run = bench.take_in(goal("a"))

        assert not run.errors
        assert bench.record("a").init_errors == ("is ill",)

    def test_inputs_that_would_be_refused(self, bench: Bench) -> None:
        """E228: check failures are warnings."""
        bench.provider.objects["a-id"] = {"bad": 1}

        run = bench.take_in(goal("a"))

        assert not run.errors
        assert "it is bad" in warnings(run)[0]
        assert bench.record("a").inputs == {"bad": 1}
