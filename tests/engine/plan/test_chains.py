"""From a decision to steps, and what may not be replaced (engine.md E109-E111, E148-E163)."""

from __future__ import annotations

from typing import Any

from support.records import state, urn

from stackwright.engine._steps import Op, Record, Step
from stackwright.engine.plan import Decision, DecisionKind, replacement_refused, steps_for
from stackwright.state import Key, ResourceState
from stackwright.values import DiffKind, PropertyDiff, Secret

NEW = state("a", id="")


def chain(decision: Decision, **old: Any) -> list[Step]:
    return steps_for(decision, urn("a"), Record(Key(1), state("a", **old)), NEW)


def ops(steps: list[Step]) -> list[Op]:
    return [step.op for step in steps]


class TestSteps:
    def test_create(self) -> None:
        """A resource that is not recorded has one step without an old record (E109)."""
        assert steps_for(Decision(kind=DecisionKind.CREATE), urn("a"), None, NEW) == [
            Step(op=Op.CREATE, urn=urn("a"), new=NEW)
        ]

    def test_same(self) -> None:
        """Nothing to do: one step with both records (E109)."""
        (step,) = chain(Decision(kind=DecisionKind.SAME))

        assert (step.op, step.new) == (Op.SAME, NEW)
        assert step.old is not None

    def test_update(self) -> None:
        """An update carries what differs (E109, E289)."""
        detailed = {"x": PropertyDiff(DiffKind.UPDATE)}
        (step,) = chain(Decision(kind=DecisionKind.UPDATE, diffs=("x",), detailed=detailed))

        assert (step.op, step.diffs, step.detailed) == (Op.UPDATE, ("x",), detailed)

    def test_a_replacement_creates_first(self) -> None:
        """The new half is made, the old one waits to be deleted at the end (E162)."""
        steps = chain(Decision(kind=DecisionKind.REPLACE, keys=("x",), diffs=("x", "y")))

        assert ops(steps) == [Op.CREATE_REPLACEMENT, Op.REPLACE]
        assert [step.pending_delete for step in steps] == [True, False]
        assert all((step.keys, step.diffs) == (("x",), ("x", "y")) for step in steps)

    def test_a_replacement_that_deletes_first(self) -> None:
        """The old half goes first; its record stays, flagged, until the new one is there (E163)."""
        steps = chain(Decision(kind=DecisionKind.REPLACE, delete_before_replace=True))

        assert ops(steps) == [Op.DELETE_REPLACED, Op.REPLACE, Op.CREATE_REPLACEMENT]
        assert steps[0].sets_pending_replacement
        assert steps[0].new is None
        assert not steps[2].pending_delete

    def test_what_a_cascade_deleted_is_only_created(self) -> None:
        """The old half is gone: replace, then create (E148)."""
        steps = chain(Decision(kind=DecisionKind.REPLACE, deleted=True, delete_before_replace=True))

        assert ops(steps) == [Op.REPLACE, Op.CREATE_REPLACEMENT]
        assert not steps[1].pending_delete

    def test_an_interrupted_replacement_deletes_nothing_twice(self) -> None:
        """X41, S7: with pendingReplacement the object was deleted already, whatever order is wanted now."""
        for first in (True, False):
            decision = Decision(kind=DecisionKind.REPLACE, delete_before_replace=first)

            steps = chain(decision, pending_replacement=True)

            assert ops(steps) == [Op.REPLACE, Op.CREATE_REPLACEMENT]
            assert not steps[1].pending_delete

    def test_an_external_record_is_discarded_at_the_end(self) -> None:
        """X26: create beside it, whatever order is wanted (E149)."""
        steps = chain(Decision(kind=DecisionKind.REPLACE, delete_before_replace=True), external=True)

        assert ops(steps) == [Op.CREATE_REPLACEMENT, Op.REPLACE]
        assert steps[0].pending_delete


def refused(
    decision: Decision | None = None,
    *,
    new: ResourceState | None = None,
    old: ResourceState | None = None,
    import_id: str = "",
    preview: bool = False,
    ignore_protect: bool = False,
) -> Any:
    return replacement_refused(
        new or NEW,
        old or state("a"),
        decision or Decision(kind=DecisionKind.REPLACE, keys=("x",)),
        import_id=import_id,
        preview=preview,
        ignore_protect=ignore_protect,
    )


class TestProtect:
    PROTECTED = state("a", protect=True)

    def test_a_protected_resource_is_not_replaced(self) -> None:
        """Old and new protected: an error that stops an update (E158)."""
        refusal = refused(new=self.PROTECTED, old=self.PROTECTED)

        assert not refusal.is_warning
        assert refusal.stops
        assert urn("a") in refusal.message

    def test_a_preview_goes_on(self) -> None:
        """So that what would replace it is visible (E158)."""
        refusal = refused(new=self.PROTECTED, old=self.PROTECTED, preview=True)

        assert not refusal.is_warning
        assert not refusal.stops

    def test_unprotecting_and_replacing_in_one_run_is_allowed(self) -> None:
        """X46: both have to be protected (E158, E177)."""
        assert refused(old=self.PROTECTED) is None
        assert refused(new=self.PROTECTED) is None

    def test_it_can_be_ignored(self) -> None:
        """The option lifts it (E177)."""
        assert refused(new=self.PROTECTED, old=self.PROTECTED, ignore_protect=True) is None

    def test_what_is_not_ours_yet_is_not_protected(self) -> None:
        """Taking over an external record destroys nothing (E149 comes before E158)."""
        assert refused(new=self.PROTECTED, old=state("a", protect=True, external=True)) is None


class TestImported:
    def test_an_update_refuses_and_lists_what_differs(self) -> None:
        """X32: a plain error with old and new values of each key (E159)."""
        refusal = refused(new=state("a", inputs={"x": 2}), old=state("a", inputs={"x": 1}), import_id="i")

        assert not refusal.is_warning
        assert refusal.stops
        assert "x: 1 => 2" in refusal.message

    def test_a_preview_warns(self) -> None:
        """X32: previews show the replacement, with a warning (E159)."""
        assert refused(import_id="i", preview=True).is_warning

    def test_secrets_are_not_shown(self) -> None:
        """Values are redacted where either side is secret (E159)."""
        refusal = refused(
            new=state("a", inputs={"x": "open"}), old=state("a", inputs={"x": Secret("hush")}), import_id="i"
        )

        assert "hush" not in refusal.message
        assert "open" not in refusal.message

    def test_what_is_made_again_after_a_cascade_is_fine(self) -> None:
        """The record with that id is gone already (E148 comes before E159)."""
        assert refused(Decision(kind=DecisionKind.REPLACE, deleted=True), import_id="i") is None
