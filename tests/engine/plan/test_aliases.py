"""Aliases: under which old names a resource may be recorded (engine.md §5.2)."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from support.records import COMPONENT, PROJECT, STACK, TYPE, base, goal, state, urn

from stackwright.engine.plan import AliasTable, Match
from stackwright.goals import AliasSpec, ReadRequest, RegisterRequest
from stackwright.state import ResourceState
from stackwright.urn import ROOT_STACK_TYPE, Urn, make_urn

ROOT = urn(f"{PROJECT}-{STACK}", type_=ROOT_STACK_TYPE)


class Program:
    """Registers one goal after the other against a recorded state."""

    def __init__(self, *states: ResourceState) -> None:
        self.table = AliasTable(STACK, PROJECT)
        self.base = base(states)

    def register(self, request: RegisterRequest) -> Match:
        name = urn(request.name, type_=request.type, parent=request.parent)
        return self.table.claim(name, self.table.candidates(name, request), self.base)


def candidates(request: RegisterRequest) -> list[Urn]:
    name = urn(request.name, type_=request.type, parent=request.parent)
    return AliasTable(STACK, PROJECT).candidates(name, request)


class TestResolving:
    def test_a_urn_is_taken_verbatim(self) -> None:
        """A URN as alias is that URN (E131)."""
        assert candidates(goal("new", aliases=(urn("old"),))) == [urn("old")]

    def test_missing_parts_are_the_resources_own(self) -> None:
        """Name, type, project and stack default to the resource's own (E131)."""
        part = urn("part", type_=COMPONENT)
        request = goal(
            "new",
            parent=part,
            aliases=(
                AliasSpec(name="old"),
                AliasSpec(type="pkg:index:Old"),
                AliasSpec(project="other"),
                AliasSpec(stack="prod"),
            ),
        )

        assert candidates(request) == [
            urn("old", parent=part),
            urn("new", type_="pkg:index:Old", parent=part),
            make_urn(STACK, "other", COMPONENT, TYPE, "new"),
            make_urn("prod", PROJECT, COMPONENT, TYPE, "new"),
        ]

    def test_another_parent_or_none(self) -> None:
        """The old parent's chain of types is the prefix; the root stack and no parent have none (E131)."""
        part, other = urn("part", type_=COMPONENT), urn("other", type_="shop:index:Other")
        request = goal(
            "x",
            parent=part,
            aliases=(AliasSpec(no_parent=True), AliasSpec(parent=other), AliasSpec(parent=ROOT)),
        )

        assert candidates(request) == [urn("x"), urn("x", parent=other)]

    def test_a_parent_that_was_renamed_is_meant_by_its_old_name(self) -> None:
        """A given parent that matched through an alias stands for what it was recorded as (E131)."""
        old_parent = urn("p", type_="shop:index:Old")
        program = Program(state("p", type="shop:index:Old", custom=False))
        new_parent = goal("p", custom=False, aliases=(AliasSpec(type="shop:index:Old"),))
        program.register(new_parent)
        child = goal("x", aliases=(AliasSpec(parent=urn("p", type_=COMPONENT)),))

        assert program.table.candidates(urn("x"), child) == [urn("x", parent=old_parent)]

    def test_repetitions_and_the_own_urn_are_left_out(self) -> None:
        """Each candidate is looked up once, in the order given (E133)."""
        request = goal("x", aliases=(urn("b"), urn("a"), urn("b"), urn("x")))

        assert candidates(request) == [urn("b"), urn("a")]


class TestInheriting:
    def test_children_of_a_renamed_component_are_found(self) -> None:
        """X12: the children of a component that was renamed declare nothing and are found (E132)."""
        old_part = state("part", type="shop:index:Old", custom=False)
        program = Program(old_part, state("x", parent=old_part.urn))
        part = goal("part", custom=False, aliases=(AliasSpec(type="shop:index:Old"),))

        assert program.register(part).alias == old_part.urn
        match = program.register(goal("x", parent=urn("part", type_=COMPONENT)))
        assert match.alias == urn("x", parent=old_part.urn)

    def test_names_that_begin_with_the_parents_are_renamed_too(self) -> None:
        """X13: `new-bucket` below `new` is found as `old-bucket` below `old` (E132)."""
        old = state("old", custom=False)
        program = Program(old, state("old-bucket", parent=old.urn))
        program.register(goal("new", custom=False, aliases=(AliasSpec(name="old"),)))

        match = program.register(goal("new-bucket", parent=urn("new", type_=COMPONENT)))

        assert match.alias == urn("old-bucket", parent=old.urn)

    def test_own_aliases_are_also_tried_below_the_parents_alias(self) -> None:
        """Each own alias is re-based under the parent's old URN (E132)."""
        old = state("old", type="shop:index:Old", custom=False)
        program = Program(old)
        program.register(goal("new", custom=False, aliases=(old.urn,)))
        parent = urn("new", type_=COMPONENT)
        child = goal("x", parent=parent, aliases=(AliasSpec(name="y"),))

        assert program.table.candidates(urn("x", parent=parent), child) == [
            urn("y", parent=parent),
            urn("x", parent=old.urn),
            urn("y", parent=old.urn),
        ]

    def test_only_the_alias_that_matched_is_inherited(self) -> None:
        """X14: a parent with many aliases hands on one, so chains stay linear (E132)."""
        program = Program(state("p", type="shop:index:Old3", custom=False))
        old_types = tuple(AliasSpec(type=f"shop:index:Old{i}") for i in range(9))
        program.register(goal("p", custom=False, aliases=old_types))
        parent = urn("p", type_=COMPONENT)

        assert len(program.table.candidates(urn("x", parent=parent), goal("x", parent=parent))) == 1

    def test_reads_inherit_too(self) -> None:
        """What is read below a renamed component is found as well (E136)."""
        old_part = state("part", type="shop:index:Old", custom=False)
        program = Program(old_part, state("x", parent=old_part.urn, external=True))
        program.register(goal("part", custom=False, aliases=(old_part.urn,)))
        parent = urn("part", type_=COMPONENT)
        request = ReadRequest(type=TYPE, name="x", id="i", parent=parent)
        name = urn("x", parent=parent)

        match = program.table.claim(name, program.table.candidates(name, request), program.base)

        assert match.alias == urn("x", parent=old_part.urn)


class TestClaiming:
    def test_the_own_urn_comes_first(self) -> None:
        """A record under the own URN wins over every alias (E133)."""
        match = Program(state("a"), state("b")).register(goal("b", aliases=(urn("a"),)))

        assert match.record is not None
        assert match.record.state.urn == urn("b")
        assert match.alias is None

    def test_the_first_alias_that_is_recorded_wins(self) -> None:
        """Aliases without a living record are passed over (E133)."""
        program = Program(state("dead", delete=True), state("first"), state("second"))

        match = program.register(goal("x", aliases=(urn("none"), urn("dead"), urn("first"), urn("second"))))

        assert match.alias == urn("first")
        assert program.table.new_name(urn("first")) == urn("x")
        assert program.table.old_name(urn("x")) == urn("first")

    def test_names_that_swap_stay_where_they_are(self) -> None:
        """X11: A aliases B and B aliases A, so both are found under their own names (E133)."""
        program = Program(state("a"), state("b"))

        assert program.register(goal("a", aliases=(urn("b"),))).alias is None
        assert program.register(goal("b", aliases=(urn("a"),))).alias is None

    def test_a_registered_resource_cannot_be_claimed(self) -> None:
        """X10: claiming what was registered under its own name is 2008 (E134)."""
        program = Program(state("a"))
        program.register(goal("a"))

        match = program.register(goal("b", aliases=(urn("a"),)))

        assert match.conflict is not None
        assert match.conflict[0] == 2008

    def test_a_claimed_resource_cannot_be_registered(self) -> None:
        """X10, the other order: registering what was claimed as an alias is 2016 (E134)."""
        program = Program(state("a"))
        program.register(goal("b", aliases=(urn("a"),)))

        match = program.register(goal("a"))

        assert match.conflict is not None
        assert match.conflict[0] == 2016

    def test_two_cannot_claim_one_record(self) -> None:
        """The second that aliases one old resource is refused with 2008 (E134)."""
        program = Program(state("a"))
        program.register(goal("b", aliases=(urn("a"),)))

        match = program.register(goal("c", aliases=(urn("a"),)))

        assert match.conflict is not None
        assert match.conflict[0] == 2008

    @given(
        st.sets(st.sampled_from("abcdef")),
        st.lists(
            st.tuples(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=3)),
            unique_by=lambda each: each[0],
        ),
    )
    @settings(max_examples=80)
    def test_no_record_is_claimed_twice(
        self, recorded: set[str], program: list[tuple[str, list[str]]]
    ) -> None:
        """However aliases cross, every record goes to one resource at most (E134)."""
        run = Program(*(state(name) for name in sorted(recorded)))
        claimed = []
        for name, aliases in program:
            match = run.register(goal(name, aliases=tuple(urn(alias) for alias in aliases)))
            if match.record is not None:
                assert match.conflict is None
                claimed.append(match.record.key)

        assert len(claimed) == len(set(claimed))
