"""The record that each operation leaves behind (engine.md E112-E119, E182, E227-E230, E272)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.records import PROVIDER_REFERENCE, state, urn

from stackwright.engine._outcomes import Outcomes
from stackwright.engine._steps import Op
from stackwright.goals import CustomTimeouts, HookKind
from stackwright.providers import DiffChanges, DiffResult, ReadResult
from stackwright.state import ResourceState
from stackwright.values import DiffKind, PropertyDiff, Secret

BEFORE, NOW = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
OLD = state("a", inputs={"x": 1}, outputs={"y": 1}, created=BEFORE, modified=BEFORE)


def goal(**fields: Any) -> ResourceState:
    """A new record, as registrations make them: without id and outputs."""
    return state("a", **{"id": "", "inputs": {"x": 1}, "created": BEFORE, "modified": BEFORE, **fields})


class TestCreate:
    def test_it_gets_id_outputs_and_both_timestamps(self) -> None:
        """Created and modified are now, for components as well (E113)."""
        made = Outcomes.created(goal(), "i", {"y": 2}, now=NOW, refresh_before_update=True)

        assert (made.id, made.outputs, made.inputs) == ("i", {"y": 2}, {"x": 1})
        assert (made.created, made.modified, made.refresh_before_update) == (NOW, NOW, True)

    def test_a_partial_failure_is_recorded(self) -> None:
        """X18: with id, outputs and the reasons (E113)."""
        made = Outcomes.created(goal(), "i", {"y": 2}, now=NOW, init_errors=("not ready",))

        assert (made.id, made.init_errors) == ("i", ("not ready",))


class TestUpdate:
    def test_id_and_creation_stay(self) -> None:
        """X73: the id and `created` are the old record's, modified is now (E114)."""
        made = Outcomes.updated(OLD, goal(inputs={"x": 2}), {"y": 2}, now=NOW)

        assert (made.id, made.inputs, made.outputs) == (OLD.id, {"x": 2}, {"y": 2})
        assert (made.created, made.modified, made.init_errors) == (BEFORE, NOW, ())

    def test_components_are_not_modified(self) -> None:
        """Only custom resources have a modification time that moves (E114)."""
        old = state("p", custom=False, modified=BEFORE)

        assert Outcomes.updated(old, state("p", custom=False), {}, now=NOW).modified == BEFORE

    def test_a_partial_failure_keeps_the_old_inputs(self) -> None:
        """X19: old inputs, new outputs and the reasons, so that the next run compares again (E114)."""
        made = Outcomes.partially_updated(OLD, goal(inputs={"x": 2}), {"y": 2}, ("bad",), now=NOW)

        assert (made.inputs, made.outputs, made.init_errors) == ({"x": 1}, {"y": 2}, ("bad",))
        assert (made.id, made.created, made.modified) == (OLD.id, BEFORE, NOW)


class TestSame:
    def test_an_unchanged_resource_keeps_its_very_record(self) -> None:
        """X73, X74: nothing that is stored differs, so nothing is made anew (E272)."""
        assert Outcomes.same(OLD, goal()) is OLD

    def test_source_positions_are_no_difference(self) -> None:
        """They move with every edit of the program (E272)."""
        moved = goal(source_position="project:///main.py#7", stack_trace=("project:///main.py#7",))

        assert Outcomes.same(OLD, moved) is OLD

    def test_new_options_are_recorded_with_the_old_id_and_outputs(self) -> None:
        """What is checked now is what is saved; id and outputs are what they were (E112, X1)."""
        made = Outcomes.same(OLD, goal(protect=True, provider=PROVIDER_REFERENCE))

        assert (made.protect, made.provider) == (True, PROVIDER_REFERENCE)
        assert (made.id, made.outputs, made.created, made.modified) == (OLD.id, {"y": 1}, BEFORE, BEFORE)

    def test_an_input_that_becomes_secret_makes_its_output_secret(self) -> None:
        """Marking secrets applies to unchanged resources too (E182)."""
        old = msgspec.structs.replace(OLD, outputs={"x": 1})

        assert Outcomes.same(old, goal(inputs={"x": Secret(1)})).outputs == {"x": Secret(1)}


class TestRead:
    def test_it_takes_the_outputs_and_keeps_the_properties(self) -> None:
        """The id that was found replaces the one asked for; the properties stay the inputs (E117)."""
        made = Outcomes.read(
            state("a", id="asked", inputs={"x": 1}, external=True),
            ReadResult(id="found", outputs={"y": 2}, inputs={"x": 9}),
            old=None,
            now=NOW,
        )

        assert (made.id, made.inputs, made.outputs) == ("found", {"x": 1}, {"y": 2})

    def test_no_id_in_the_answer_keeps_the_one_asked_for(self) -> None:
        """An empty id says nothing (E117)."""
        made = Outcomes.read(state("a", id="asked"), ReadResult(id="", outputs={}), old=None, now=NOW)

        assert made.id == "asked"

    @pytest.mark.parametrize(("outputs", "modified"), [({"y": 1}, BEFORE), ({"y": 2}, NOW)])
    def test_it_counts_as_modified_only_if_something_differs(
        self, outputs: dict[str, Any], modified: str
    ) -> None:
        """X73: timestamps carry over (E117)."""
        made = Outcomes.read(goal(id="i"), ReadResult(id="i", outputs=outputs), old=OLD, now=NOW)

        assert (made.created, made.modified) == (BEFORE, modified)

    def test_what_is_secret_each_time_is_no_difference(self) -> None:
        """Outputs are marked before they are compared (E117, E182)."""
        old = msgspec.structs.replace(OLD, outputs={"y": Secret(1)})
        new = goal(id="i", additional_secret_outputs=("y",))

        assert Outcomes.read(new, ReadResult(id="i", outputs={"y": 1}), old=old, now=NOW).modified == BEFORE


class TestRefresh:
    def test_what_is_gone_is_none(self) -> None:
        """A blank id or no outputs means deleted (E118)."""
        assert Outcomes.refreshed(OLD, ReadResult(id="", outputs={}), now=NOW) is None
        assert Outcomes.refreshed(OLD, ReadResult(id="i", outputs=None), now=NOW) is None

    def test_no_drift_is_the_old_record(self) -> None:
        """Nothing differs, so nothing is recorded (E118, X73)."""
        found = ReadResult(id=OLD.id, outputs={"y": 1}, inputs={"x": 1})

        assert Outcomes.refreshed(OLD, found, now=NOW) is OLD

    def test_inputs_are_adopted_only_if_returned(self) -> None:
        """A provider that cannot tell inputs leaves them alone (E118)."""
        kept = Outcomes.refreshed(OLD, ReadResult(id=OLD.id, outputs={"y": 2}), now=NOW)
        taken = Outcomes.refreshed(OLD, ReadResult(id=OLD.id, outputs={"y": 1}, inputs={"x": 2}), now=NOW)

        assert kept is not None
        assert (kept.inputs, kept.outputs, kept.modified, kept.created) == ({"x": 1}, {"y": 2}, NOW, BEFORE)
        assert taken is not None
        assert taken.inputs == {"x": 2}

    def test_init_errors_are_renewed_or_cleared(self) -> None:
        """A clean read clears them (E118)."""
        sick = msgspec.structs.replace(OLD, init_errors=("bad",))
        found = ReadResult(id=OLD.id, outputs={"y": 1})

        healed = Outcomes.refreshed(sick, found, now=NOW)
        worse = Outcomes.refreshed(OLD, found, now=NOW, init_errors=("worse",))

        assert healed is not None
        assert healed.init_errors == ()
        assert worse is not None
        assert worse.init_errors == ("worse",)

    def test_what_was_secret_stays_secret(self) -> None:
        """A provider that answers plain values neither uncovers them nor makes a drift (E118, E182)."""
        old = state("a", inputs={"x": Secret(1)}, outputs={"x": Secret(1), "y": 2})
        same = ReadResult(id=old.id, outputs={"x": 1, "y": 2}, inputs={"x": 1})
        other = ReadResult(id=old.id, outputs={"x": 3, "y": 2}, inputs={"x": 3})

        assert Outcomes.refreshed(old, same, now=NOW) is old
        found = Outcomes.refreshed(old, other, now=NOW)
        assert found is not None
        assert (found.inputs, found.outputs) == ({"x": Secret(3)}, {"x": Secret(3), "y": 2})


class TestImport:
    def test_it_is_what_was_read(self) -> None:
        """Inputs and outputs as read, created and modified now, the import id kept (E227, E228, E230)."""
        made = Outcomes.imported(
            goal(import_id="i-1", inputs={"x": 5}),
            ReadResult(id="i-2", outputs={"y": 2}, inputs={"x": 1}),
            now=NOW,
        )

        assert (made.id, made.import_id, made.inputs, made.outputs) == ("i-2", "i-1", {"x": 1}, {"y": 2})
        assert (made.created, made.modified) == (NOW, NOW)

    def test_no_id_in_the_answer_means_the_one_asked_for(self) -> None:
        """ID = the returned id or the import id (E227)."""
        made = Outcomes.imported(goal(import_id="i-1"), ReadResult(id="", outputs={}, inputs={}), now=NOW)

        assert made.id == "i-1"

    def test_supplied_inputs_fill_gaps_and_mark_secrets(self) -> None:
        """Only what is missing or null is filled in; a supplied secret seals what was read (E227)."""
        made = Outcomes.imported(
            goal(import_id="i"),
            ReadResult(id="i", outputs={}, inputs={"a": 1, "b": None, "c": 2}),
            now=NOW,
            supplied={"a": 9, "b": 3, "c": Secret(9), "d": Secret(4)},
        )

        assert made.inputs == {"a": 1, "b": 3, "c": Secret(2), "d": Secret(4)}


class TestDrift:
    def test_the_way_back_is_turned_around(self) -> None:
        """The provider said how to get back; what happened is the opposite (E119)."""
        back = DiffResult(
            changes=DiffChanges.SOME,
            diffs=("x",),
            detailed={
                "x": PropertyDiff(DiffKind.ADD),
                "y": PropertyDiff(DiffKind.DELETE_REPLACE, input_diff=True),
                "z": PropertyDiff(DiffKind.UPDATE),
            },
        )

        op, diff = Outcomes.drift(back)

        assert op is Op.UPDATE
        assert diff.detailed == {
            "x": PropertyDiff(DiffKind.DELETE),
            "y": PropertyDiff(DiffKind.ADD_REPLACE, input_diff=True),
            "z": PropertyDiff(DiffKind.UPDATE),
        }

    def test_a_difference_that_means_nothing_is_same(self) -> None:
        """Drift that the provider does not mind is no change to show (E119)."""
        assert Outcomes.drift(DiffResult(changes=DiffChanges.NONE))[0] is Op.SAME


class TestSecrets:
    def test_named_outputs_become_secret(self) -> None:
        """Outputs that the program names are sealed, unknown names ignored (E182)."""
        made, warnings = Outcomes.mark_secrets(
            state("a", outputs={"s": 1, "t": 2}, additional_secret_outputs=("s", "none"))
        )

        assert made.outputs == {"s": Secret(1), "t": 2}
        assert warnings == ()

    def test_outputs_of_secret_inputs_become_secret(self) -> None:
        """X52: an output of the same name as a secret input (E182)."""
        marked, _ = Outcomes.mark_secrets(state("a", inputs={"x": Secret(1)}, outputs={"x": 1, "z": 1}))

        assert marked.outputs == {"x": Secret(1), "z": 1}

    def test_only_top_level_names_count(self) -> None:
        """A secret within an input says nothing about the output as a whole (E182)."""
        plain = state("a", inputs={"x": {"y": Secret(1)}}, outputs={"x": {"y": 1}})

        assert Outcomes.mark_secrets(plain)[0] is plain

    def test_the_id_cannot_be_secret(self) -> None:
        """That is a warning (E182)."""
        made, warnings = Outcomes.mark_secrets(state("a", additional_secret_outputs=("id",)))

        assert made.outputs == {}
        assert len(warnings) == 1

    def test_nothing_to_mark_makes_nothing_new(self) -> None:
        """The very record comes back."""
        plain = state("a", outputs={"x": Secret(1)}, additional_secret_outputs=("x",))

        assert Outcomes.mark_secrets(plain)[0] is plain


OTHER: dict[str, Any] = {
    "urn": urn("b"),
    "type": "pkg:index:Other",
    "custom": False,
    "id": "other",
    "inputs": {"x": 2},
    "outputs": {"y": 2},
    "parent": urn("p"),
    "provider": PROVIDER_REFERENCE,
    "dependencies": (urn("d"),),
    "property_dependencies": {"x": (urn("d"),)},
    "delete": True,
    "pending_replacement": True,
    "protect": True,
    "external": True,
    "taint": True,
    "init_errors": ("bad",),
    "additional_secret_outputs": ("s",),
    "custom_timeouts": CustomTimeouts(create=1),
    "import_id": "i",
    "retain_on_delete": True,
    "deleted_with": urn("d"),
    "replace_with": (urn("d"),),
    "created": NOW,
    "modified": NOW,
    "ignore_changes": ("x",),
    "hide_diffs": (("x", 0),),
    "replace_on_changes": ("x",),
    "replacement_trigger": 1,
    "refresh_before_update": True,
    "view_of": urn("v"),
    "hooks": {HookKind.AFTER_CREATE: ("h",)},
    "extension_ref": "e",
    "snippet_id": "s",
}
NOT_STORED: dict[str, Any] = {
    "source_position": "project:///main.py#1",
    "stack_trace": ("project:///main.py#1",),
    "aliases": (urn("z"),),
}


class TestMustWrite:
    def test_every_field_is_covered(self) -> None:
        """A field that is added to records has to be thought of here."""
        assert OTHER.keys() | NOT_STORED.keys() == set(ResourceState.__struct_fields__)

    @given(st.sets(st.sampled_from(sorted(OTHER | NOT_STORED))))
    @settings(max_examples=150)
    def test_it_is_whether_something_stored_differs(self, changed: set[str]) -> None:
        """Everything but source positions, stack traces and aliases has to be written (E272)."""
        every = OTHER | NOT_STORED
        new = msgspec.structs.replace(OLD, **{name: every[name] for name in changed})

        assert Outcomes.must_write(OLD, new) == bool(changed - NOT_STORED.keys())

    @given(st.sets(st.sampled_from(sorted(OTHER.keys() - {"outputs", "modified", "created", "id"}))))
    @settings(max_examples=80)
    def test_unchanged_records_are_kept_exactly_if_nothing_must_be_written(self, changed: set[str]) -> None:
        """`same` and `must_write` agree on what is a difference (E272)."""
        carried = {"init_errors", "refresh_before_update"}
        new = msgspec.structs.replace(OLD, **{name: OTHER[name] for name in changed - carried})

        made = Outcomes.same(OLD, new)

        assert (made is OLD) == (not Outcomes.must_write(OLD, made)) == (not changed - carried)

    def test_dependencies_are_sets(self) -> None:
        """Programs name them in any order, and more than once (E272)."""
        a, b = urn("a"), urn("b")
        old = state("c", dependencies=(a, b), property_dependencies={"x": (a, b)})
        new = state("c", dependencies=(b, a, b), property_dependencies={"x": (b, a)})

        assert not Outcomes.must_write(old, new)

    def test_the_order_of_replace_with_counts(self) -> None:
        """As listed (E272)."""
        a, b = urn("a"), urn("b")

        assert Outcomes.must_write(state("c", replace_with=(a, b)), state("c", replace_with=(b, a)))

    def test_values_are_compared_as_values(self) -> None:
        """A bool is no number, a secret no bare value; null and absent are one (E272)."""
        assert Outcomes.must_write(state("a", inputs={"x": 1}), state("a", inputs={"x": True}))
        assert Outcomes.must_write(state("a", inputs={"x": 1}), state("a", inputs={"x": Secret(1)}))
        assert not Outcomes.must_write(state("a", inputs={"x": 1, "y": None}), state("a", inputs={"x": 1.0}))
