"""What is to happen to a resource: the first rule that applies (engine.md E148-E157, E181)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.records import base, record, state, urn

from stackwright.engine._steps import Op, Record, Step
from stackwright.engine.plan import (
    Decision,
    DecisionKind,
    Facts,
    UnknownTriggerError,
    decide_early,
    decide_from_diff,
    unavailable_decision,
)
from stackwright.providers import DiffChanges, DiffResult
from stackwright.state import Key, ResourceState
from stackwright.values import UNKNOWN, DiffKind, InvalidPathError, PropertyDiff, Secret

CREATE, SAME, UPDATE, REPLACE = (
    DecisionKind.CREATE,
    DecisionKind.SAME,
    DecisionKind.UPDATE,
    DecisionKind.REPLACE,
)
NONE, SOME, UNKNOWN_ANSWER = DiffChanges.NONE, DiffChanges.SOME, DiffChanges.UNKNOWN


def early(
    new: ResourceState,
    old: ResourceState | None,
    facts: Facts | None = None,
    *,
    provider_changed: bool = False,
    preview: bool = False,
    delete_before_replace: bool | None = None,
) -> Decision | None:
    return decide_early(
        new,
        Record(Key(1), old) if old is not None else None,
        facts or Facts(),
        provider_changed=provider_changed,
        preview=preview,
        delete_before_replace=delete_before_replace,
    )


def replaced(*names: str) -> Facts:
    facts = Facts()
    facts.note([Step(op=Op.REPLACE, urn=urn(name)) for name in names])
    return facts


class TestBeforeAnyDiff:
    def test_what_is_not_recorded_is_created(self) -> None:
        """Without an old record: create (E151)."""
        assert early(state("a"), None) == Decision(kind=CREATE)

    def test_an_ordinary_resource_is_for_its_provider_to_judge(self) -> None:
        """No rule applies: ask for a diff (E152 row 8)."""
        assert early(state("a"), state("a")) is None

    def test_what_a_cascade_deleted_is_made_again(self) -> None:
        """Its keys are the cascade's, and nothing is left to be deleted (E148, E166)."""
        old = base([state("a")])
        facts = Facts()
        facts.doom(record(old, "a"), ("x",))

        decision = early(state("a"), state("a"), facts, provider_changed=True)

        assert decision == Decision(kind=REPLACE, keys=("x",), deleted=True)

    def test_a_cascade_that_took_an_old_half_leaves_the_living_one(self) -> None:
        """Deleting a record that waited for it says nothing about its successor (E163)."""
        facts = Facts()
        facts.doom(Record(Key(7), state("a", delete=True)), ())

        assert not facts.is_doomed(urn("a"))
        assert Key(7) in facts.doomed_keys

    def test_what_was_only_read_is_replaced(self) -> None:
        """X26: an external record has no object of ours; inputs were checked afresh already (E149)."""
        decision = early(state("a", taint=True), state("a", external=True), delete_before_replace=True)

        assert decision is not None
        assert (decision.kind, decision.keys, decision.check_again) == (REPLACE, (), False)

    def test_a_tainted_resource_is_replaced(self) -> None:
        """Taint replaces with key `id`, without a second check (E152 row 2, E185, E233)."""
        decision = early(state("a"), state("a", taint=True))

        assert decision is not None
        assert (decision.kind, decision.keys, decision.check_again) == (REPLACE, ("id",), False)

    def test_what_the_user_wants_replaced_is(self) -> None:
        """`--replace` replaces with key `id` (E152 row 2, E196)."""
        decision = early(state("a"), state("a"), Facts(to_replace={urn("a")}))

        assert decision is not None
        assert (decision.kind, decision.keys, decision.check_again) == (REPLACE, ("id",), False)

    @pytest.mark.parametrize(
        ("option", "key"),
        [({"replace_with": (urn("x"),)}, "replaceWith"), ({"deleted_with": urn("x")}, "deletedWith")],
    )
    def test_resources_are_replaced_together(self, option: dict[str, Any], key: str) -> None:
        """X49: replaced because another was in this run (E152 rows 3 and 4)."""
        new = state("a", **option)

        decision = early(new, state("a"), replaced("x"))

        assert decision is not None
        assert (decision.kind, decision.keys) == (REPLACE, (key,))
        assert early(new, state("a"), replaced("y")) is None

    def test_another_provider_replaces(self) -> None:
        """X3, X16: a changed provider replaces without asking it (E57, E152 row 5)."""
        decision = early(state("a"), state("a"), provider_changed=True)

        assert decision is not None
        assert (decision.kind, decision.keys, decision.check_again) == (REPLACE, ("provider",), True)

    def test_the_first_rule_wins(self) -> None:
        """The table is read from the top (E152)."""
        new = state("a", replacement_trigger=2, replace_with=(urn("x"),), deleted_with=urn("x"))
        old = state("a", replacement_trigger=1, taint=True)
        facts = replaced("x")

        def keys(old: ResourceState, new: ResourceState) -> tuple[str, ...] | None:
            decision = early(new, old, facts, provider_changed=True)
            return decision.keys if decision else None

        assert keys(old, new) == ()
        assert keys(state("a", taint=True), new) == ("id",)
        assert keys(state("a"), new) == ("replaceWith",)
        assert keys(state("a"), state("a", deleted_with=urn("x"))) == ("deletedWith",)
        assert keys(state("a"), state("a")) == ("provider",)

    def test_the_goal_says_what_goes_first(self) -> None:
        """Without a provider's answer, delete-before-replace is the goal's (E161)."""
        for wanted in (True, False, None):
            decision = early(state("a"), state("a", taint=True), delete_before_replace=wanted)

            assert decision is not None
            assert decision.delete_before_replace is bool(wanted)


class TestTrigger:
    @pytest.mark.parametrize(
        ("old", "new", "fires"),
        [
            (None, 1, False),
            (1, 2, True),
            (1, None, False),
            (Secret(1), 1, False),
            ({"a": [Secret(1)]}, {"a": [1]}, False),
            (1, 1, False),
            (Secret(None), 1, False),
            (UNKNOWN, 1, True),
        ],
    )
    def test_it_fires_when_the_bare_value_changes(self, old: Any, new: Any, fires: bool) -> None:
        """X50: null on either side is no trigger, secretness does not matter (E181)."""
        decision = early(state("a", replacement_trigger=new), state("a", replacement_trigger=old))

        assert (decision is not None) == fires
        assert decision is None or decision.keys == ()

    def test_an_unknown_trigger_counts_as_changed_in_a_preview(self) -> None:
        """What is not known may have changed (E181)."""
        decision = early(
            state("a", replacement_trigger=[UNKNOWN]), state("a", replacement_trigger=[1]), preview=True
        )

        assert decision is not None
        assert decision.kind is REPLACE

    def test_an_unknown_trigger_is_an_error_in_an_update(self) -> None:
        """In a real run nobody can tell (E181)."""
        with pytest.raises(UnknownTriggerError, match="::a"):
            early(state("a", replacement_trigger=UNKNOWN), state("a", replacement_trigger=1))


class TestComponents:
    def component(self, **fields: Any) -> ResourceState:
        return state("a", custom=False, **fields)

    def test_equal_inputs_are_the_same(self) -> None:
        """Components are compared by their inputs (E152 row 7)."""
        decision = early(self.component(inputs={"x": [1]}), self.component(inputs={"x": [1]}))

        assert decision == Decision(kind=SAME)

    def test_other_inputs_are_an_update(self) -> None:
        """Differences name the inputs (E152 row 7)."""
        decision = early(self.component(inputs={"x": [1]}), self.component(inputs={"x": [2]}))

        assert decision is not None
        assert (decision.kind, decision.diffs) == (UPDATE, ("x",))

    def test_ignored_inputs_do_not_count(self) -> None:
        """The comparison is with what is left after ignoreChanges (E146)."""
        new = self.component(inputs={"x": 2, "y": 1}, ignore_changes=("x",))

        assert early(new, self.component(inputs={"x": 1, "y": 1})) == Decision(kind=SAME)

    def test_secretness_counts(self) -> None:
        """An input that becomes secret has to be recorded as one (E146)."""
        decision = early(self.component(inputs={"x": Secret(1)}), self.component(inputs={"x": 1}))

        assert decision is not None
        assert decision.kind is UPDATE

    def test_an_interrupted_replacement_is_taken_up(self) -> None:
        """A component that was deleted to be replaced is made again (E157)."""
        decision = early(self.component(), self.component(pending_replacement=True))

        assert decision is not None
        assert decision.kind is REPLACE


def from_diff(
    diff: DiffResult, *, old: dict[str, Any] | None = None, new: dict[str, Any] | None = None, **options: Any
) -> Decision:
    return decide_from_diff(state("a", **(new or {})), state("a", **(old or {})), diff, **options)


def details(**kinds: DiffKind) -> dict[str, PropertyDiff]:
    return {path: PropertyDiff(kind) for path, kind in kinds.items()}


class TestFromDiff:
    def test_none_is_same(self) -> None:
        """No differences: nothing to do (E157)."""
        assert from_diff(DiffResult(changes=NONE)) == Decision(kind=SAME)

    def test_none_with_replace_keys_is_same(self) -> None:
        """Replace keys without differences are not acted on (E154)."""
        assert from_diff(DiffResult(changes=NONE, replaces=("x",))) == Decision(kind=SAME)

    def test_some_is_an_update(self) -> None:
        """Differences that need no replacement: update, with what differs (E157)."""
        diff = DiffResult(changes=SOME, diffs=("x",), detailed=details(x=DiffKind.UPDATE))

        assert from_diff(diff) == Decision(kind=UPDATE, diffs=("x",), detailed=diff.detailed)

    def test_replace_keys_replace(self) -> None:
        """A diff requires replacement if there are replace keys (E153)."""
        decision = from_diff(DiffResult(changes=SOME, replaces=("x",), diffs=("x", "y")))

        assert (decision.kind, decision.keys, decision.diffs) == (REPLACE, ("x",), ("x", "y"))
        assert decision.check_again

    def test_replacing_details_replace(self) -> None:
        """A diff requires replacement if any detail does; the keys are theirs (E153)."""
        diff = DiffResult(changes=SOME, detailed={"x.y[0]": PropertyDiff(DiffKind.ADD_REPLACE)})

        decision = from_diff(diff)

        assert (decision.kind, decision.keys) == (REPLACE, ("x",))

    @pytest.mark.parametrize(
        ("goal", "provider", "expected"),
        [(None, True, True), (None, False, False), (False, True, False), (True, False, True)],
    )
    def test_the_goals_say_on_order_beats_the_providers(
        self, goal: bool | None, provider: bool, expected: bool
    ) -> None:
        """Delete before replace: the goal's value if set, else the provider's (E161)."""
        diff = DiffResult(changes=SOME, replaces=("x",), delete_before_replace=provider)

        assert from_diff(diff, delete_before_replace=goal).delete_before_replace is expected

    def test_an_interrupted_replacement_is_taken_up(self) -> None:
        """X41: a record with pendingReplacement is replaced, even without differences (E157)."""
        old = {"pending_replacement": True}

        assert from_diff(DiffResult(changes=NONE), old=old).kind is REPLACE
        assert from_diff(DiffResult(changes=SOME), old=old).kind is REPLACE

    def test_init_errors_make_an_update(self) -> None:
        """X18, X20: what did not become healthy is updated, without differences (E157)."""
        decision = from_diff(DiffResult(changes=NONE), old={"init_errors": ("bad",)})

        assert decision == Decision(kind=UPDATE)

    def test_an_unavailable_diff_is_some(self) -> None:
        """X6: a preview that cannot ask assumes an update without details (E155)."""
        assert unavailable_decision(state("a"), state("a")).kind is UPDATE
        assert unavailable_decision(state("a"), state("a", pending_replacement=True)).kind is REPLACE


class TestUnknownAnswer:
    def test_inputs_are_compared_instead(self) -> None:
        """A provider that cannot tell: differences by structure, marked as input diffs (E154)."""
        decision = from_diff(
            DiffResult(), old={"inputs": {"x": {"y": 1}, "z": 1}}, new={"inputs": {"x": {"y": 2}, "z": 1}}
        )

        assert (decision.kind, decision.diffs) == (UPDATE, ("x",))
        assert decision.detailed == {"x.y": PropertyDiff(DiffKind.UPDATE, input_diff=True)}

    def test_wrappers_do_not_count(self) -> None:
        """Secrets are looked through at every level (E154)."""
        decision = from_diff(
            DiffResult(), old={"inputs": {"x": [Secret(1)]}}, new={"inputs": {"x": Secret([1])}}
        )

        assert decision.kind is SAME

    def test_without_differences_replace_keys_are_not_acted_on(self) -> None:
        """Structure says none, so nothing is replaced (E154)."""
        assert from_diff(DiffResult(replaces=("x",))).kind is SAME

    def test_with_differences_they_are(self) -> None:
        """The provider's replace keys stand when something differs (E154)."""
        decision = from_diff(DiffResult(replaces=("x",)), new={"inputs": {"x": 1}})

        assert (decision.kind, decision.keys) == (REPLACE, ("x",))

    @given(
        st.dictionaries(st.sampled_from("abc"), st.integers(0, 2) | st.none()),
        st.dictionaries(st.sampled_from("abc"), st.integers(0, 2) | st.none()),
    )
    @settings(max_examples=60)
    def test_it_is_same_exactly_if_the_inputs_are(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        """Nothing but the inputs decides; null and absent are one (E154)."""
        kind = from_diff(DiffResult(), old={"inputs": old}, new={"inputs": new}).kind

        equal = {key for key, value in old.items() if value is not None} == {
            key for key, value in new.items() if value is not None
        } and all(new.get(key) == value for key, value in old.items())
        assert (kind is SAME) == equal


class TestReplaceOnChanges:
    @pytest.mark.parametrize(
        ("pattern", "path", "replaces"),
        [
            ("x", "x", True),
            ("x", "x.y[0]", True),
            ("x.y", "x", False),
            ("x[*].z", "x[3].z", True),
            ("*", "x", True),
            ("y", "x", False),
        ],
    )
    def test_details_within_a_pattern_become_replacements(
        self, pattern: str, path: str, replaces: bool
    ) -> None:
        """A detail is turned into its replace kind iff a pattern contains its path (E156, E173)."""
        diff = DiffResult(changes=SOME, detailed={path: PropertyDiff(DiffKind.UPDATE)})

        decision = from_diff(diff, new={"replace_on_changes": (pattern,)})

        assert (decision.kind is REPLACE) == replaces
        assert decision.detailed is not None
        assert decision.detailed[path].kind is (DiffKind.UPDATE_REPLACE if replaces else DiffKind.UPDATE)

    def test_changed_keys_within_a_pattern_become_replace_keys(self) -> None:
        """Providers without details: the changed keys are looked at (E156)."""
        diff = DiffResult(changes=SOME, diffs=("x", "y"))

        decision = from_diff(diff, new={"replace_on_changes": ("y",)})

        assert (decision.kind, decision.keys) == (REPLACE, ("y",))

    def test_without_changes_it_has_no_effect(self) -> None:
        """It applies to differences only (E156)."""
        assert from_diff(DiffResult(changes=NONE), new={"replace_on_changes": ("*",)}).kind is SAME

    def test_everything_includes_init_errors(self) -> None:
        """X21: `*` contains `#initerror`, so what is unhealthy is replaced (E156)."""
        new, old = {"replace_on_changes": ("*",)}, {"init_errors": ("bad",)}

        decision = from_diff(DiffResult(changes=NONE), old=old, new=new)

        assert (decision.kind, decision.keys) == (REPLACE, ("#initerror",))
        assert from_diff(DiffResult(changes=NONE), old=old, new={"replace_on_changes": ("x",)}).kind is UPDATE

    def test_it_applies_to_the_structural_comparison_too(self) -> None:
        """What the engine found differing may force a replacement as well (E154, E156)."""
        decision = from_diff(DiffResult(), new={"inputs": {"x": 1}, "replace_on_changes": ("x",)})

        assert (decision.kind, decision.keys) == (REPLACE, ("x",))

    @pytest.mark.parametrize(
        ("pattern", "path"), [("x[", "x"), ("x", "x[")], ids=["the program's", "the provider's"]
    )
    def test_a_malformed_path_is_an_error(self, pattern: str, path: str) -> None:
        """Neither the program's nor the provider's malformed paths are guessed at (E156)."""
        diff = DiffResult(changes=SOME, detailed={path: PropertyDiff(DiffKind.UPDATE)})

        with pytest.raises(InvalidPathError):
            from_diff(diff, new={"replace_on_changes": (pattern,)})


def test_recreating_means_that_old_inputs_do_not_count() -> None:
    """External, tainted, doomed and to-be-replaced resources are checked without olds (E145)."""
    facts = Facts(to_replace={urn("c")})
    facts.doom(Record(Key(1), state("b")), ())

    recreated = [
        facts.recreates(each)
        for each in (
            state("a"),
            state("a", external=True),
            state("a", taint=True),
            state("b"),
            state("c"),
        )
    ]

    assert recreated == [False, True, True, True, True]
