"""Creating, keeping, changing and deleting (engine.md §4, §5)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.deployments import Bench, Client, ProgramError

from stackwright.display import event_json
from stackwright.engine import DeletesPlanned, OperationResult, StepDone, StepStarted
from stackwright.state import OperationKind
from stackwright.urn import urn_name
from stackwright.values import UNKNOWN, Archive, Asset, AssetError, Secret


def chain(*names: str, **inputs: object):
    """A program of resources, each using the output of the one before."""

    def program(client: Client) -> None:
        root = client.stack()
        before: dict[str, object] = {}
        urns: tuple[str, ...] = ()
        for name in names:
            made = client.resource(
                name,
                {**inputs, **before},
                parent=root.urn,
                depends_on=urns,
                property_dependencies=dict.fromkeys(before, urns),
            )
            before = {"from": made.outputs["out"]}
            urns = (made.urn,)

    return program


class TestCreate:
    def test_creates_in_the_order_of_the_program(self) -> None:
        """What is new is created, and recorded with id and outputs (E113)."""
        bench = Bench()
        run = bench.up(chain("a", "b"))

        assert run.summary.result is OperationResult.SUCCEEDED
        assert run.changes == [("create", "proj-dev"), ("create", "a"), ("create", "b")]
        record = bench.record("b")
        assert record.id == "b-2"
        assert record.inputs == {"from": "a-out"}
        assert record.dependencies == (bench.record("a").urn,)
        assert record.property_dependencies == {"from": (bench.record("a").urn,)}
        assert record.created == record.modified != ""

    def test_a_preview_changes_nothing(self) -> None:
        """Previews ask the provider for a preview, record nothing, and know no ids (E215, E265)."""
        bench = Bench()
        answers = []

        def program(client: Client) -> None:
            root = client.stack()
            answers.append(client.resource("a", {"size": 1}, parent=root.urn))

        run = bench.preview(program)

        assert run.counts == {"create": 2}
        assert bench.state == []
        assert bench.provider.names("preview_create") == ["a"]
        assert bench.provider.names("create") == []
        assert answers[0].id == ""
        assert answers[0].outputs == {"size": 1, "out": UNKNOWN}

    def test_an_empty_id_is_an_error(self) -> None:
        """X22: success without an id fails the step, and leaves nothing but the open question."""
        bench = Bench()
        from stackwright.providers import CreateResult

        bench.provider.hooks["create"] = lambda request: CreateResult(id="", outputs={})
        run = bench.up(chain("a"))

        assert run.summary.result is OperationResult.FAILED
        assert "empty id" in run.errors[0]
        assert "a" not in bench.names

    def test_components_answer_no_outputs(self) -> None:
        """E82: a local component's outputs are what it registers later."""
        bench = Bench()
        answers = []

        def program(client: Client) -> None:
            made = client.component("c", {"x": 1})
            answers.append(made)
            client.outputs(made.urn, {"y": 2})

        bench.up(program)

        assert answers[0].id is None
        assert answers[0].outputs == {}
        assert bench.record("c").outputs == {"y": 2}

    def test_every_property_depends_on_everything_unless_said_otherwise(self) -> None:
        """E65."""
        bench = Bench()

        def program(client: Client) -> None:
            a = client.resource("a")
            client.resource("b", {"x": 1, "y": 2}, depends_on=(a.urn,))

        bench.up(program)

        a = bench.record("a").urn
        assert bench.record("b").property_dependencies == {"x": (a,), "y": (a,)}


class TestSame:
    def test_nothing_changes_nothing_is_written(self) -> None:
        """E272, design.md §3: unchanged resources cause no write at all."""
        bench = Bench()
        bench.up(chain("a", "b"))
        run = bench.up(chain("a", "b"))

        assert run.counts == {"same": 3}
        assert run.journal is not None
        assert run.journal.changes == []
        assert run.journal.begun == []
        assert not run.summary.has_changes

    def test_a_changed_option_is_written(self) -> None:
        """E112: the goal's options are what is saved, though nothing is done to the object."""
        bench = Bench()
        bench.up(lambda client: client.resource("a"))
        run = bench.up(lambda client: client.resource("a", protect=True))

        assert run.counts == {"same": 1}
        assert bench.record("a").protect
        assert bench.provider.names("update") == []

    def test_timestamps_stay(self) -> None:
        """X73: created never changes, modified only when something does."""
        bench = Bench()
        bench.up(chain("a"))
        before = bench.record("a")
        bench.up(chain("a"))
        bench.up(lambda client: client.resource("a", {"size": 2}, parent=client.stack().urn))

        assert bench.record("a").created == before.created
        assert bench.record("a").modified > before.modified


class TestUpdate:
    def test_changes_in_place(self) -> None:
        """E114: the id stays, inputs and outputs are the new ones."""
        bench = Bench()
        bench.up(chain("a", size=1))
        run = bench.up(chain("a", size=2))

        assert run.changes == [("update", "a")]
        assert run.step("a").diffs == ("size",)
        assert bench.record("a").id == "a-1"
        assert bench.record("a").inputs == {"size": 2}

    def test_a_preview_of_an_update_has_no_effect(self) -> None:
        """E215."""
        bench = Bench()
        bench.up(chain("a", size=1))
        run = bench.preview(chain("a", size=2))

        assert run.counts == {"same": 1, "update": 1}
        assert bench.record("a").inputs == {"size": 1}
        assert bench.provider.names("update") == []

    def test_unknown_inputs_pass_through_previews(self) -> None:
        """E263: unknowns reach check, diff and update in previews only."""
        bench = Bench()
        bench.up(chain("a", "b", size=1))

        def program(client: Client) -> None:
            root = client.stack()
            a = client.resource("new", parent=root.urn)
            client.resource("b", {"from": a.outputs["out"]}, parent=root.urn)

        run = bench.preview(program)

        assert ("update", "b") in run.changes
        assert run.step("b").new.inputs == {"from": UNKNOWN}


class TestDelete:
    def test_what_is_not_asked_for_any_more_goes_dependents_first(self) -> None:
        """E168, E171."""
        bench = Bench()
        bench.up(chain("a", "b", "c"))
        run = bench.up(lambda client: client.stack())

        assert run.changes == [("delete", "c"), ("delete", "b"), ("delete", "a")]
        assert bench.names == []
        assert bench.provider.objects == {}

    def test_says_beforehand_what_goes_and_what_waits(self) -> None:
        """E171; for displays alone: event logs know no such event (E287)."""
        bench = Bench()
        bench.up(chain("a", "b"))
        events = bench.destroy().events

        (planned,) = [event for event in events if isinstance(event, DeletesPlanned)]
        begun = next(event for event in events if isinstance(event, StepStarted))
        assert events.index(planned) < events.index(begun)
        key = {urn_name(step.urn): step.old.key for step in planned.steps if step.old is not None}
        assert planned.waits[key["a"]] == {key["b"]}
        assert event_json(planned) == {}

    def test_destroy_takes_everything(self) -> None:
        """E221: providers too, last."""
        bench = Bench()
        bench.up(chain("a", "b"))
        run = bench.destroy()

        assert run.counts == {"delete": 3}
        assert bench.state == []

    def test_a_failed_program_deletes_nothing(self) -> None:
        """E99, X66: what was made stays, nothing is deleted."""
        bench = Bench()
        bench.up(chain("a", "b"))

        def program(client: Client) -> None:
            client.resource("c", parent=client.stack().urn)
            raise ProgramError

        run = bench.up(program)

        assert run.summary.result is OperationResult.FAILED
        assert bench.names == ["a", "b", "c"]

    def test_old_stack_outputs_survive_a_failure(self) -> None:
        """E87, X65: after a failure the new outputs are laid over the old ones."""
        bench = Bench()
        bench.up(lambda client: client.stack({"kept": 1, "changed": 1}))

        def program(client: Client) -> None:
            client.stack({"changed": 2})
            raise ProgramError

        bench.up(program)

        assert bench.record("proj-dev").outputs == {"kept": 1, "changed": 2}

    def test_stack_outputs_are_exactly_the_new_ones(self) -> None:
        """E87: after success."""
        bench = Bench()
        bench.up(lambda client: client.stack({"gone": 1}))
        bench.up(lambda client: client.stack({"here": 2}))

        assert bench.record("proj-dev").outputs == {"here": 2}

    def test_an_asset_that_is_shown_need_not_be_there_any_more(self, tmp_path: Path) -> None:
        """State has its hash and no contents (state.md §4.3); only who needs its bytes opens it."""
        bench = Bench()
        page, folder = tmp_path / "page", tmp_path / "folder"
        folder.mkdir()
        for each in (page, folder / "file"):
            each.write_text("hello")
        given = {"page": Asset(path=str(page)), "all": Archive(assets={"folder": Archive(path=str(folder))})}

        def showing(**inputs: object) -> Callable[[Client], None]:
            def program(client: Client) -> None:
                client.resource("a", inputs, parent=client.stack(given).urn)

            return program

        bench.up(showing(**given))
        before = bench.record("proj-dev").outputs
        page.unlink()
        shutil.rmtree(folder)

        assert bench.up(showing(same=1)).summary.result is OperationResult.SUCCEEDED
        assert bench.record("proj-dev").outputs == before

    def test_an_asset_that_nobody_has_recorded_has_to_be_there(self, tmp_path: Path) -> None:
        bench = Bench()
        with pytest.raises(AssetError, match="page"):
            bench.up(lambda client: client.stack({"page": Asset(path=str(tmp_path / "page"))}))


class TestJournal:
    def test_begins_before_the_provider_is_asked(self) -> None:
        """E270, design.md §3: an operation starts only after its begin entry is durable."""
        bench = Bench()
        seen = []

        def create(request: object) -> None:
            seen.append([operation.kind for operation in bench.pending.values()])

        bench.provider.hooks["create"] = create
        bench.up(chain("a"))

        assert seen == [[OperationKind.CREATING]]
        assert bench.pending == {}

    def test_components_and_providers_need_no_begin(self) -> None:
        """Nothing outside can be lost half-way, so nothing is noted."""
        bench = Bench()
        run = bench.up(lambda client: client.component("c"))

        assert run.journal is not None
        assert run.journal.begun == []

    def test_a_write_error_fails_the_step(self) -> None:
        """E298: a state that cannot be written ends the operation, and says so."""
        from support.deployments import FakeJournal

        from stackwright.errors import StateError

        bench = Bench()
        journal = FakeJournal(bench)
        journal.fails_with = StateError("the disk is full")
        run = bench.run(chain("a"), journal=journal)

        assert run.summary.result is OperationResult.FAILED
        assert any("the disk is full" in error for error in run.errors)


class TestEvents:
    def test_components_show_their_outputs_when_they_register_them(self) -> None:
        """E294."""
        bench = Bench()

        def program(client: Client) -> None:
            made = client.component("c")
            client.resource("a", parent=made.urn)
            client.outputs(made.urn, {"y": 1})

        run = bench.up(program)
        order = [
            (type(event).__name__, event.step.urn.split("::")[3])
            for event in run.events
            if isinstance(event, StepStarted | StepDone) and not event.step.is_internal
        ]

        assert order == [
            ("StepStarted", "c"),
            ("StepStarted", "a"),
            ("StepDone", "a"),
            ("StepDone", "c"),
        ]

    def test_default_providers_are_not_counted(self) -> None:
        """E295: they are internal."""
        bench = Bench()
        run = bench.up(lambda client: client.resource("a"))

        assert run.counts == {"create": 1}
        assert any(state.type == "pulumi:providers:test" for state in bench.state)

    def test_masked_configuration_comes_first(self) -> None:
        """E287: secret configuration is masked in the prelude."""
        bench = Bench()
        bench.config = {"proj:open": "1", "proj:hidden": "2"}
        bench.secret_keys = frozenset({"proj:hidden"})
        run = bench.up(lambda client: client.stack())

        assert run.events[0].config == {"proj:open": "1", "proj:hidden": "[secret]"}


class TestSecrets:
    def test_the_output_of_a_secret_input_is_secret(self) -> None:
        """E182, X52."""
        from stackwright.providers import CreateResult

        bench = Bench()
        bench.provider.hooks["create"] = lambda request: CreateResult(
            id="1", outputs={"password": "s3cret", "open": 1}
        )
        bench.up(lambda client: client.resource("a", {"password": Secret("s3cret")}))

        assert bench.record("a").outputs == {"password": Secret("s3cret"), "open": 1}

    def test_additional_secret_outputs(self) -> None:
        """E182: outputs that the program names are secret; the id cannot be, and says so."""
        bench = Bench()
        run = bench.up(lambda client: client.resource("a", additional_secret_outputs=("out", "id", "none")))

        assert bench.record("a").outputs["out"] == Secret("a-out")
        assert any("id" in item.message and item.severity.value == "warning" for item in run.diagnostics)

    def test_errors_do_not_show_secrets(self) -> None:
        """design.md §8: masked in diagnostics and events."""
        bench = Bench()
        run = bench.up(lambda client: client.resource("a", {"bad": Secret("hunter2")}))

        assert run.summary.result is OperationResult.FAILED
        assert "hunter2" not in repr(run.events)
