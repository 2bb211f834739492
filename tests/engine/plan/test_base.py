"""The old state, indexed (engine.md E18-E21, E217)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.records import COMPONENT, PROVIDER, PROVIDER_REFERENCE, base, names, provider, record, state, urn

from stackwright.engine.plan import Base, DuplicateResourceError, rebuilt
from stackwright.state import Key, ResourceState


class TestLookingUp:
    def test_the_living_record_is_the_one_not_flagged(self) -> None:
        """Of several records with one URN, the one that does not wait to be deleted is live (E19)."""
        old = base([state("a", id="1", delete=True), state("a", id="2"), state("a", id="3", delete=True)])

        live = old.live(urn("a"))

        assert live is not None
        assert live.state.id == "2"
        assert [each.state.id for each in old.all(urn("a"))] == ["2", "1", "3"]

    def test_two_living_records_with_one_urn_are_refused(self) -> None:
        """A state that cannot be indexed is an error that says which resource it is (E19)."""
        with pytest.raises(DuplicateResourceError, match="::a"):
            base([state("a"), state("a")])

    def test_what_is_not_recorded_is_none(self) -> None:
        """An unknown URN or key has no record."""
        old = base([])

        assert old.live(urn("a")) is None
        assert old.get(Key(9)) is None
        assert old.all(urn("a")) == []


class TestDependingOn:
    def test_every_kind_of_edge_counts(self) -> None:
        """Dependencies of all kinds, deletedWith, replaceWith and the provider are edges (E18, E21)."""
        a = urn("a")
        old = base(
            [
                provider(),
                state("a", provider=PROVIDER_REFERENCE),
                state("by-dependency", dependencies=(a,)),
                state("by-property", property_dependencies={"x": (a,)}),
                state("by-deleted-with", deleted_with=a),
                state("by-replace-with", replace_with=(a,)),
                state("not"),
            ]
        )

        found = old.depending_on(record(old, "a"))

        assert names(found) == ["by-dependency", "by-property", "by-deleted-with", "by-replace-with"]
        assert names(old.depending_on(record(old, "default")))[0] == "a"

    def test_dependents_of_dependents_count_in_order(self) -> None:
        """The answer is transitive, in the order of the records (E21)."""
        old = base(
            [
                state("a"),
                state("b", dependencies=(urn("a"),)),
                state("c"),
                state("d", dependencies=(urn("b"),)),
                state("e", dependencies=(urn("c"), urn("a"))),
            ]
        )

        assert names(old.depending_on(record(old, "a"))) == ["b", "d", "e"]

    def test_children_count_only_when_asked_for(self) -> None:
        """Being somebody's child is a dependency only where children are asked for (E21)."""
        parent = state("part", custom=False)
        child = state("child", parent=parent.urn)
        leaf = state("leaf", dependencies=(child.urn,))
        old = base([parent, child, leaf])

        assert names(old.depending_on(record(old, "part"))) == []
        assert names(old.depending_on(record(old, "part"), children=True)) == ["child", "leaf"]

    def test_only_later_records_depend(self) -> None:
        """A record can only depend on what was recorded before it (E21)."""
        old = base([state("a", dependencies=(urn("b"),)), state("b")])

        assert names(old.depending_on(record(old, "b"))) == []

    @given(
        st.lists(st.lists(st.integers(0, 11), max_size=3), max_size=12),
        st.integers(0, 11),
    )
    @settings(max_examples=60)
    def test_it_is_the_closure_of_the_forward_scan(self, edges: list[list[int]], start: int) -> None:
        """The index answers what one scan through all records would (E21)."""
        states = [
            state(str(at), dependencies=tuple(urn(str(to)) for to in named)) for at, named in enumerate(edges)
        ]
        if start >= len(states):
            return
        reached = {urn(str(start))}
        expected = []
        for each in states[start + 1 :]:
            if reached.intersection(each.dependencies):
                reached.add(each.urn)
                expected.append(each.urn)
        old = base(states)

        assert [each.state.urn for each in old.depending_on(record(old, str(start)))] == expected


class TestNeededBy:
    def test_it_is_everything_referred_to(self) -> None:
        """What failed needs all that it refers to, providers and parents included (E241, E254)."""
        part = state("part", custom=False)
        old = base(
            [
                provider(),
                part,
                state("a", provider=PROVIDER_REFERENCE, parent=part.urn),
                state("b"),
                state("c", dependencies=(urn("a", parent=part.urn),)),
            ]
        )

        needed = old.needed_by([record(old, "c").state])

        kept = [each for each in old.records() if each.key in needed]
        assert names(kept) == ["default", "part", "a"]


class TestRebuilt:
    def _after(self, states: list[ResourceState], *gone: str) -> tuple[Base, list[ResourceState]]:
        old = base(states)
        new, changed = rebuilt(old, {record(old, name).key: None for name in gone})
        return new, [each for _, each in changed]

    def test_what_is_gone_is_dropped_with_every_reference_to_it(self) -> None:
        """Dependencies of every kind on what a refresh found gone are dropped (E217, X59)."""
        a, b = urn("a"), urn("b")
        new, changed = self._after(
            [
                state("a"),
                state("b"),
                state(
                    "c",
                    dependencies=(a, b),
                    property_dependencies={"x": (a,), "y": (a, b)},
                    deleted_with=a,
                    replace_with=(a, b),
                ),
                state("d", dependencies=(b,)),
            ],
            "a",
        )

        assert names(new.records()) == ["b", "c", "d"]
        (c,) = changed
        assert (c.dependencies, dict(c.property_dependencies)) == ((b,), {"y": (b,)})
        assert (c.deleted_with, c.replace_with) == (None, (b,))

    def test_an_orphan_keeps_its_urn(self) -> None:
        """A child whose parent is gone has no parent any more, and the URN it had (E217, S11)."""
        parent = state("parent")
        child = state("child", parent=parent.urn)

        new, (orphan,) = self._after([parent, child], "parent")

        assert orphan.parent is None
        assert orphan.urn == child.urn
        assert new.live(child.urn) is not None

    def test_a_reference_may_be_kept_up_by_another_record_of_that_urn(self) -> None:
        """The URN is what has to precede, whichever of its records does (E217)."""
        old = base(
            [state("a", id="1", delete=True), state("a", id="2"), state("b", dependencies=(urn("a"),))]
        )

        new, changed = rebuilt(old, {Key(2): None})

        assert changed == []
        assert names(new.records()) == ["a", "b"]

    def test_found_records_keep_their_place(self) -> None:
        """A refreshed record stands where the old one stood (E217)."""
        old = base([state("a"), state("b")])
        fresh = state("a", outputs={"x": 1})

        new, changed = rebuilt(old, {Key(1): fresh})

        assert next(new.records()).state is fresh
        assert changed == []


def test_providers_are_found_by_the_urn_in_the_reference() -> None:
    """The provider edge is the reference without its id (E18, E23)."""
    old = base([provider(), state("a", provider=PROVIDER_REFERENCE)])

    assert names(old.referring_to(PROVIDER)) == ["a"]


def test_below_is_all_generations() -> None:
    """Children of children are below, custom resources' children too."""
    top = state("top", custom=False)
    mid = state("mid", parent=top.urn)
    low = state("low", type=COMPONENT, custom=False, parent=mid.urn)
    old = base([top, mid, low])

    assert names(old.below(top.urn)) == ["mid", "low"]
