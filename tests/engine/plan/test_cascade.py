"""What goes together with a resource that is deleted before it is replaced (engine.md E163-E167)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support.records import base, names, provider, record, state, urn

from stackwright.engine._steps import Op
from stackwright.engine.plan import Ask, Base, Doomed, cascade, cascade_steps
from stackwright.providers import DiffChanges, DiffResult
from stackwright.state import Key, ResourceState
from stackwright.urn import Urn, provider_type
from stackwright.values import UNKNOWN, DiffKind, PropertyDiff, contains_unknowns

REPLACE = DiffResult(changes=DiffChanges.SOME, replaces=("x",))
UPDATE = DiffResult(changes=DiffChanges.SOME, diffs=("x",))


class Asked:
    """Answers every question the same way, and remembers what was asked."""

    def __init__(self, answer: DiffResult | Callable[[Ask], DiffResult] = REPLACE) -> None:
        self._answer = answer
        self.questions: list[Ask] = []

    def __call__(self, ask: Ask) -> DiffResult:
        self.questions.append(ask)
        return self._answer if isinstance(self._answer, DiffResult) else self._answer(ask)


def run(
    old: Base,
    root: str,
    *settled: Collection[Urn],
    gone: Collection[Key] = (),
    answer: Callable[[Ask], DiffResult] | None = None,
) -> list[Doomed]:
    answering = answer or Asked()
    questions = cascade(old, record(old, root), *settled, gone=gone)
    try:
        ask = next(questions)
        while True:
            ask = questions.send(answering(ask))
    except StopIteration as end:
        doomed: list[Doomed] = end.value
        return doomed


def uses(name: str, *others: str, **fields: Any) -> ResourceState:
    """A resource with an input `x` that comes from others."""
    urns = tuple(urn(other) for other in others)
    fields.setdefault("inputs", {"x": "1", "y": "2"})
    return state(name, dependencies=urns, property_dependencies={"x": urns}, **fields)


def going(doomed: list[Doomed]) -> list[str]:
    return names(each.record for each in doomed)


class TestWhoGoes:
    def test_a_property_that_would_replace_the_dependent(self) -> None:
        """X36: B uses A in a property, and its provider says that changing it replaces B (E164)."""
        asked = Asked()

        doomed = run(base([state("a"), uses("b", "a")]), "a", answer=asked)

        assert going(doomed) == ["b"]
        assert doomed[0].keys == ("x",)
        (question,) = asked.questions
        assert question.news == {"x": UNKNOWN, "y": "2"}

    def test_a_dependency_without_a_property_does_not(self) -> None:
        """X36: C only waits for A; nothing of it changes, so nobody is asked (E164)."""
        asked = Asked()
        waits = state("c", inputs={"x": 1}, dependencies=(urn("a"),))

        assert run(base([state("a"), waits]), "a", answer=asked) == []
        assert asked.questions == []

    def test_a_property_that_can_be_updated_does_not(self) -> None:
        """The provider says that an update is enough (E164)."""
        assert run(base([state("a"), uses("b", "a")]), "a", answer=Asked(UPDATE)) == []

    def test_what_goes_takes_its_own_dependents_with_it(self) -> None:
        """Each one that goes joins the set; deleting runs backwards (E163, E164)."""
        old = base([state("a"), uses("b", "a"), uses("c", "b"), uses("d", "c", "a")])

        assert going(run(old, "a")) == ["d", "c", "b"]

    def test_dependents_of_what_stays_are_not_asked(self) -> None:
        """The walk ends where a record stays (E164)."""
        asked = Asked(UPDATE)

        run(base([state("a"), uses("b", "a"), uses("c", "b")]), "a", answer=asked)

        assert names(each.record for each in asked.questions) == ["b"]

    def test_resources_of_a_provider_that_goes(self) -> None:
        """A resource goes with its provider, without keys and without a question (E164)."""
        asked = Asked()
        old = base([provider(), state("a", provider=f"{urn('default', type_=provider_type('pkg'))}::1")])

        doomed = run(old, "default", answer=asked)

        assert [(each.keys, each.record.state.urn) for each in doomed] == [((), urn("a"))]
        assert asked.questions == []

    def test_deleted_with_and_replace_with_are_followed_all_the_way(self) -> None:
        """S13: what is tied to something that goes, goes too, and so on, in order (E165)."""
        old = base(
            [
                state("a"),
                state("b", deleted_with=urn("a")),
                state("c", replace_with=(urn("b"),)),
                uses("d", "c"),
            ]
        )

        doomed = run(old, "a")

        assert going(doomed) == ["d", "c", "b"]
        assert [each.keys for each in doomed] == [("x",), ("replaceWith",), ("deletedWith",)]

    def test_components_and_external_records_stay(self) -> None:
        """They have no object of ours to delete (E164)."""
        old = base([state("a"), uses("b", "a", custom=False), uses("c", "a", external=True)])

        assert run(old, "a") == []

    def test_what_this_run_has_dealt_with_stays(self) -> None:
        """X37: B is registered already, without A (E164)."""
        old = base([state("a"), uses("b", "a"), uses("c", "b")])

        assert run(old, "a", {urn("x")}, {urn("b")}) == []

    def test_nothing_is_taken_twice(self) -> None:
        """A record that another cascade deletes is left to it (E163)."""
        old = base([state("a"), uses("b", "a")])

        assert run(old, "a", gone={record(old, "b").key}) == []

    def test_what_an_interrupted_run_deleted_is_not_deleted_again(self) -> None:
        """S7: a dependent with pendingReplacement has no object any more."""
        assert run(base([state("a"), uses("b", "a", pending_replacement=True)]), "a") == []

    def test_old_halves_go_before_what_they_depend_on(self) -> None:
        """A record that only waits to be deleted goes unasked, whoever lives under its URN (E163)."""
        asked = Asked(UPDATE)
        old = base([state("a"), uses("b", "a", id="old", delete=True), uses("b", "a")])

        doomed = run(old, "a", {urn("b")}, answer=asked)

        assert [each.record.state.id for each in doomed] == ["old"]
        assert asked.questions == []

    def test_a_provider_that_cannot_tell(self) -> None:
        """Structure says that `x` differs; only replaceOnChanges makes that a replacement (E154, E164)."""
        plain = base([state("a"), uses("b", "a")])
        forced = base([state("a"), uses("b", "a", replace_on_changes=("x",))])
        cannot_tell = DiffResult()

        assert run(plain, "a", answer=Asked(cannot_tell)) == []
        assert [each.keys for each in run(forced, "a", answer=Asked(cannot_tell))] == [("x",)]

    def test_details_may_say_it(self) -> None:
        """A replacing detail is as good as a replace key (E153)."""
        diff = DiffResult(changes=DiffChanges.SOME, detailed={"x": PropertyDiff(DiffKind.UPDATE_REPLACE)})

        assert going(run(base([state("a"), uses("b", "a")]), "a", answer=Asked(diff))) == ["b"]


class TestSteps:
    def test_the_record_stays_until_its_successor_is_there(self) -> None:
        """Deletes in order, each setting pendingReplacement (E163)."""
        doomed = run(base([state("a"), uses("b", "a"), uses("c", "b")]), "a")

        steps = cascade_steps(doomed)

        assert [(step.op, step.sets_pending_replacement) for step in steps] == [
            (Op.DELETE_REPLACED, True)
        ] * 2
        assert [step.old for step in steps] == [each.record for each in doomed]

    def test_an_old_half_goes_for_good(self) -> None:
        """A record flagged `delete` is deleted, not flagged again (E111, E163)."""
        (step,) = cascade_steps(run(base([state("a"), uses("b", "a", delete=True)]), "a"))

        assert not step.sets_pending_replacement


shapes = st.lists(
    st.tuples(
        st.lists(st.integers(0, 9), max_size=2),
        st.sampled_from(["property", "dependency", "deleted-with", "replace-with"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=10,
)


@given(shapes, st.sets(st.integers(0, 9), max_size=3))
@settings(max_examples=120)
def test_the_cascade_is_closed_and_ordered(
    shape: list[tuple[list[int], str, bool]], settled: set[int]
) -> None:
    """Whatever would be replaced goes; dependents come first; what is settled stays (E164, S13)."""
    states = []
    for at, (named, kind, _) in enumerate(shape):
        earlier = tuple(str(to) for to in named if to < at)
        urns = tuple(urn(each) for each in earlier)
        if kind == "property":
            states.append(uses(str(at), *earlier))
        elif kind == "dependency":
            states.append(state(str(at), dependencies=urns))
        elif kind == "deleted-with":
            states.append(state(str(at), deleted_with=urns[0] if urns else None))
        else:
            states.append(state(str(at), replace_with=urns))
    old = base(states)
    replaces = {urn(str(at)) for at, (_, _, answer) in enumerate(shape) if answer}
    left_alone = {urn(str(at)) for at in settled}

    def answer(ask: Ask) -> DiffResult:
        assert contains_unknowns(ask.news)
        return REPLACE if ask.record.state.urn in replaces else UPDATE

    doomed = [each.record.state.urn for each in run(old, "0", left_alone, answer=answer)]
    gone = {urn("0"), *doomed}

    assert len(doomed) == len(set(doomed))
    assert not left_alone.intersection(doomed)
    assert [each.urn for each in states if each.urn in set(doomed)] == doomed[::-1]
    for each in states[1:]:
        tied = each.deleted_with in gone or gone.intersection(each.replace_with)
        touched = any(gone.intersection(urns) for urns in each.property_dependencies.values())
        must_go = each.urn not in left_alone and bool(tied or (touched and each.urn in replaces))
        assert (each.urn in gone) == must_go
