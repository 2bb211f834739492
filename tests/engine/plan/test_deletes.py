"""What goes at the end of a run, and in which order (engine.md E168-E171)."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support.records import PROVIDER_REFERENCE, base, names, provider, record, state, urn

from stackwright.engine._steps import Op
from stackwright.engine.plan import Base, Deletes, plan_deletes
from stackwright.state import Key, ResourceState
from stackwright.urn import Urn


def ops(deletes: Deletes) -> dict[str, Op]:
    return {step.urn.split("::", 3)[3]: step.op for step in deletes.steps}


def waits(old: Base, deletes: Deletes) -> dict[str, set[str]]:
    """For each record, by name, what has to be deleted before it."""

    def name(key: Key) -> str:
        found = old.get(key)
        assert found is not None
        return names([found])[0]

    return {name(key): {name(other) for other in others} for key, others in deletes.waits.items()}


def kinds(*states: ResourceState, operated: set[Urn] | None = None, **options: Any) -> dict[str, Op]:
    return ops(plan_deletes(base(states), operated or set(), **options))


class TestWhatGoes:
    def test_what_was_not_asked_for_is_deleted(self) -> None:
        """Records that no step has dealt with go (E169)."""
        assert kinds(state("a"), state("b"), operated={urn("a")}) == {"b": Op.DELETE}

    def test_what_waited_to_be_deleted_is(self) -> None:
        """X42: every record flagged `delete` gets a step, even if its URN lives on (E169)."""
        old = base([state("a", id="1", delete=True), state("a", id="2", delete=True), state("a", id="3")])

        deletes = plan_deletes(old, {urn("a")})

        assert [(step.op, step.old.state.id) for step in deletes.steps if step.old] == [
            (Op.DELETE_REPLACED, "1"),
            (Op.DELETE_REPLACED, "2"),
        ]

    def test_the_old_half_of_a_replacement_goes(self) -> None:
        """A record whose successor was made in this run is deleted as replaced (E162, E169)."""
        old = base([state("a")])

        (step,) = plan_deletes(old, {urn("a")}, flagged={record(old, "a").key}).steps

        assert step.op is Op.DELETE_REPLACED
        assert step.old is not None
        assert step.old.state.delete

    def test_external_records_are_discarded(self) -> None:
        """X26, X27: what was only read is forgotten, not deleted."""
        assert kinds(state("a", external=True), state("b", external=True, delete=True)) == {
            "a": Op.DISCARD,
            "b": Op.DISCARD_REPLACED,
        }

    def test_a_record_left_by_an_interrupted_replacement_is_removed(self) -> None:
        """X41: the object is gone already (E169)."""
        assert kinds(state("a", pending_replacement=True)) == {"a": Op.REMOVE_PENDING_REPLACE}

    def test_what_a_cascade_deleted_and_nobody_registered_is_removed(self) -> None:
        """X38: only the record is left (E166, E169)."""
        old = base([state("a"), state("b", delete=True)])
        doomed = {each.key for each in old.records()}

        assert ops(plan_deletes(old, set(), doomed=doomed)) == {"a": Op.REMOVE_PENDING_REPLACE}

    def test_what_a_cascade_deleted_and_was_made_again_is_nobodys_business(self) -> None:
        """The create took the old record's place (E148)."""
        old = base([state("a")])

        assert ops(plan_deletes(old, {urn("a")}, doomed={record(old, "a").key})) == {}

    def test_views_follow_their_owner(self) -> None:
        """A view goes with its owner, without a provider's call, and never alone (E123, E126)."""
        owner, kept = state("owner"), state("kept")
        views = [
            state(f"view-{at}", type="pkg:index:View", custom=False, parent=each.urn, view_of=each.urn)
            for at, each in enumerate((owner, kept))
        ]

        deletes = plan_deletes(base([owner, kept, *views]), {kept.urn})

        assert [(step.op, step.urn) for step in deletes.steps] == [
            (Op.DELETE, owner.urn),
            (Op.REMOVE_PENDING_REPLACE, views[0].urn),
        ]
        assert deletes.waits == {Key(1): {Key(3)}}

    def test_what_a_failure_needs_stays(self) -> None:
        """X70: records that something that failed depends on are not deleted (E241)."""
        old = base([state("a"), state("b", dependencies=(urn("a"),)), state("c")])

        needed = old.needed_by([record(old, "b").state])

        assert ops(plan_deletes(old, {urn("b")}, needed=needed)) == {"c": Op.DELETE}


class TestOrder:
    def test_dependents_go_first(self) -> None:
        """Every kind of edge, the parent and the provider make something wait (E171)."""
        part = state("part", custom=False)
        old = base(
            [
                provider(),
                part,
                state("a", provider=PROVIDER_REFERENCE),
                state("b", dependencies=(urn("a"),)),
                state("c", deleted_with=urn("a")),
                state("d", replace_with=(urn("b"),)),
                state("e", parent=part.urn, property_dependencies={"x": (urn("d"),)}),
            ]
        )

        assert waits(old, plan_deletes(old, set())) == {
            "default": {"a"},
            "part": {"e"},
            "a": {"b", "c"},
            "b": {"d"},
            "d": {"e"},
        }

    def test_only_what_goes_is_waited_for(self) -> None:
        """Records that stay hold nothing up (E171)."""
        old = base([state("a"), state("b", dependencies=(urn("a"),))])

        assert plan_deletes(old, {urn("b")}).waits == {}

    def test_depending_on_a_component_is_depending_on_what_it_is_made_of(self) -> None:
        """All that is below a component outlives what depends on it (E21, E22)."""
        part = state("part", custom=False)
        inner = state("inner", type="shop:index:Inner", custom=False, parent=part.urn)
        leaf = state("leaf", parent=inner.urn)
        user = state("user", dependencies=(part.urn,))
        late = state("late", parent=part.urn)
        old = base([part, inner, leaf, user, late])

        found = waits(old, plan_deletes(old, set()))

        assert found["leaf"] == {"user"}
        assert found["inner"] == {"user", "leaf"}
        assert "late" not in found

    def test_that_holds_for_components_that_stay(self) -> None:
        """The component stays, a part of it goes, and so does what depended on it (E21)."""
        part = state("part", custom=False)
        inner = state("inner", type="shop:index:Inner", custom=False, parent=part.urn)
        leaf = state("leaf", parent=inner.urn)
        old = base([part, inner, leaf, state("user", dependencies=(part.urn,))])

        assert waits(old, plan_deletes(old, {part.urn, inner.urn})) == {"leaf": {"user"}}

    def test_siblings_do_not_wait_for_each_other(self) -> None:
        """Being a component's child is no dependency on its other children (E21)."""
        part = state("part", custom=False)
        old = base([part, state("a", parent=part.urn), state("b", parent=part.urn)])

        assert waits(old, plan_deletes(old, set())) == {"part": {"a", "b"}}

    def test_old_halves_go_dependents_first_too(self) -> None:
        """X43, X49: old B, then old A, each as replaced (E171)."""
        old = base([state("a"), state("b", dependencies=(urn("a"),))])

        deletes = plan_deletes(old, {urn("a"), urn("b")}, flagged={Key(1), Key(2)})

        assert waits(old, deletes) == {"a": {"b"}}

    @given(
        st.lists(
            st.tuples(st.lists(st.integers(0, 14), max_size=3), st.integers(0, 14), st.booleans()),
            max_size=15,
        ),
        st.sets(st.integers(0, 14)),
    )
    @settings(max_examples=100)
    def test_no_dependency_goes_before_its_dependents(
        self, shape: list[tuple[list[int], int, bool]], kept: set[int]
    ) -> None:
        """Whatever the graph, it can be worked off, and dependents always come first (E171)."""
        urns: list[Urn] = []
        states = []
        for at, (named, parent, custom) in enumerate(shape):
            above = urns[parent] if parent < at else None
            depends = tuple(urns[to] for to in named if to < at)
            each = state(str(at), custom=custom, parent=above, dependencies=depends)
            urns.append(each.urn)
            states.append(each)
        old = base(states)

        deletes = plan_deletes(old, {urns[at] for at in kept if at < len(urns)})

        gone: list[Urn] = []
        remaining = {step.old.key: step for step in deletes.steps if step.old}
        while remaining:
            ready = [key for key in remaining if not (deletes.waits.get(key, frozenset()) & remaining.keys())]
            assert ready, "a cycle"
            gone += [remaining.pop(key).urn for key in ready]
        going = set(gone)
        for each in states:
            for needed in set(each.edges()) & going:
                if each.urn in going:
                    assert gone.index(each.urn) < gone.index(needed)


def test_large_stacks_take_time_in_proportion() -> None:
    """Ten thousand records on one provider are planned at once, not pair by pair (S2)."""
    old = base(
        [provider(), *(state(str(at), provider=PROVIDER_REFERENCE) for at in range(10_000))],
    )

    deletes = plan_deletes(old, set())

    assert len(deletes.steps) == 10_001
    assert [len(keys) for keys in deletes.waits.values()] == [10_000]
