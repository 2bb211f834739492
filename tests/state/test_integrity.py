"""Checking, mending and ordering snapshots (E274-E277; state.md §9)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stored import PROVIDER, PROVIDER_ID, ROOT, names, provider, root, thing, urn

from stackwright.state import (
    IntegrityError,
    Key,
    Manifest,
    OperationKind,
    PendingOperation,
    ResourceState,
    Snapshot,
    dependency_order,
    find_cycle,
    integrity_problems,
    repaired,
    require_integrity,
)
from stackwright.urn import Urn, child_urn

REFERENCE = f"{PROVIDER}::{PROVIDER_ID}"


def snapshot_of(*records: ResourceState, **fields: Any) -> Snapshot:
    """A snapshot of these records, in this order."""
    return Snapshot(records={Key(number): record for number, record in enumerate(records, 1)}, **fields)


def problems(*records: ResourceState, **fields: Any) -> list[str]:
    """What is wrong with a snapshot of these records, with URNs cut down to their names."""
    return [
        problem.text.replace("urn:pulumi:dev::shop::pkg:index:Thing::", "")
        for problem in integrity_problems(snapshot_of(*records, **fields))
    ]


class TestChecks:
    def test_a_whole_snapshot_has_no_problems(self) -> None:
        """What holds together passes, the old half of a replacement included."""
        snapshot = snapshot_of(
            root(),
            provider(),
            thing("a", parent=ROOT, provider=REFERENCE, delete=True),
            thing("a", parent=ROOT, provider=REFERENCE),
            thing(
                "b", dependencies=(urn("a"),), property_dependencies={"p": (urn("a"),)}, deleted_with=urn("a")
            ),
            manifest=Manifest(version="", magic=""),
        )

        require_integrity(snapshot)
        assert integrity_problems(snapshot) == []

    @pytest.mark.parametrize(
        ("record", "problem"),
        [
            (thing("a", parent=urn("x")), "child resource a refers to missing parent x"),
            (thing("a", dependencies=(urn("x"),)), "resource a refers to missing dependency x"),
            (
                thing("a", property_dependencies={"p": (urn("x"),), "q": (urn("x"),)}),
                "resource a refers to missing property dependency x",
            ),
            (
                thing("a", deleted_with=urn("x")),
                "resource a is specified as being deleted with x, which is missing",
            ),
            (
                thing("a", replace_with=(urn("x"),)),
                "resource a is specified as being replaced with x, which is missing",
            ),
            (thing("a", provider=REFERENCE), f"resource a refers to unknown provider {REFERENCE}"),
            (
                thing("a", provider="nonsense"),
                "failed to parse provider reference for resource a: `nonsense` is not a provider reference",
            ),
            (
                ResourceState(urn=urn("a"), type="t", custom=False, id="7"),
                "resource a has id `7` although it is a component",
            ),
            (ResourceState(urn=Urn("a"), type="t", custom=True), "resource a has no valid URN"),
            (ResourceState(urn=urn("a"), type="", custom=True), "resource a has no type"),
            (
                ResourceState(urn=urn("a"), type="pulumi:providers:pkg", custom=True, id="1"),
                "provider a is not referenceable: `a::1` is not a provider reference",
            ),
        ],
    )
    def test_one_problem(self, record: ResourceState, problem: str) -> None:
        """Each rule of E274 tells of what breaks it, once."""
        assert problems(record) == [problem]

    @pytest.mark.parametrize(
        ("fields", "problem"),
        [
            ({"parent": urn("z")}, "child resource a's parent z comes after it"),
            ({"dependencies": (urn("z"),)}, "resource a's dependency z comes after it"),
            (
                {"property_dependencies": {"p": (urn("z"),)}},
                "resource a's property dependency z comes after it",
            ),
            (
                {"deleted_with": urn("z")},
                "resource a is specified as being deleted with z, which comes after it",
            ),
            (
                {"replace_with": (urn("z"),)},
                "resource a is specified as being replaced with z, which comes after it",
            ),
        ],
    )
    def test_order(self, fields: dict[str, Any], problem: str) -> None:
        """A target that comes later is told as out of order rather than missing (E274.5)."""
        assert problems(thing("a", **fields), thing("z")) == [problem]

    def test_duplicates(self) -> None:
        """Of one URN at most one record is not marked for deletion (E274.6)."""
        assert problems(thing("a"), thing("a", delete=True), thing("a")) == [
            "duplicate resource a (not marked for deletion)"
        ]

    def test_a_provider_may_be_missing_while_a_replacement_waits(self) -> None:
        """A record whose replacement is under way may have lost its provider (E274.4)."""
        assert problems(thing("a", provider=REFERENCE, pending_replacement=True)) == []

    def test_snippets(self) -> None:
        """Snippets have an identity each (E274.7)."""
        found = problems(snippets=({"uuid": "1"}, {"uuid": "1"}, {"name": "n"}))

        assert found == ["duplicate snippet uuid 1", "snippet `n` has no uuid"]

    def test_the_manifest_is_proved(self) -> None:
        """A version without its magic is told (E274.1)."""
        assert problems(manifest=Manifest(version="v1", magic="")) == [
            "magic cookie mismatch: the manifest's does not belong to version `v1`"
        ]

    def test_all_are_told_together(self) -> None:
        """The error names the first problem and lists all; of very many the first ones."""
        with pytest.raises(IntegrityError, match=r"refusing to use it: resource .*::0 refers") as caught:
            require_integrity(snapshot_of(*(lonely(str(number)) for number in range(30))))
        assert len(caught.value.problems) == 30
        assert "… and 10 more" in str(caught.value)
        assert "state repair" in str(caught.value)


def lonely(name: str) -> ResourceState:
    """A resource whose dependency is missing."""
    return thing(name, dependencies=(urn("x"),))


class TestOrder:
    def test_old_halves_go_with_old_halves(self) -> None:
        """A record to be deleted means the deleted record of a URN, a living one the living one (E277)."""
        records = [
            thing("b", dependencies=(urn("a"),)),
            thing("b", dependencies=(urn("a"),), delete=True),
            thing("a", delete=True, id="old"),
            thing("a", id="new"),
        ]
        order = dependency_order(records)

        assert order == [3, 0, 2, 1]

    def test_what_need_not_move_stays(self) -> None:
        """Sorting is stable."""
        records = [thing(name) for name in "dacb"]

        assert dependency_order(records) == [0, 1, 2, 3]

    def test_circles_are_named(self) -> None:
        """A circle is told with its members in order; a self-reference is none."""
        circle = [thing(a, dependencies=(urn(b),)) for a, b in ("ab", "bc", "ca")]

        assert find_cycle(circle) == [urn("a"), urn("b"), urn("c")]
        assert find_cycle([thing("a", dependencies=(urn("a"),))]) == []

    def test_long_chains(self) -> None:
        """A chain of many thousands is no problem, in the worst order."""
        count = 20_000
        records = [thing(str(n), dependencies=(urn(str(n + 1)),)) for n in range(count)]

        assert dependency_order(records) == list(reversed(range(count)))


class TestRepair:
    def test_a_whole_snapshot_stays(self) -> None:
        """What holds together is not touched."""
        snapshot = snapshot_of(root(), thing("a", parent=ROOT), thing("b", dependencies=(urn("a"),)))

        assert repaired(snapshot) == (snapshot, [])

    def test_order_is_mended(self) -> None:
        """Records are put in order, with their keys."""
        mended, notes = repaired(snapshot_of(thing("b", dependencies=(urn("a"),)), thing("a")))

        assert list(mended.records) == [Key(2), Key(1)]
        assert notes == ["put the resources in dependency order"]

    def test_missing_targets_are_dropped(self) -> None:
        """References that lead nowhere go, each with a note (state.md §9.3)."""
        gone = (urn("x"),)
        mended, notes = repaired(
            snapshot_of(
                thing("y"),
                thing(
                    "a",
                    dependencies=(*gone, urn("y")),
                    property_dependencies={"p": gone, "q": (urn("y"),)},
                    deleted_with=urn("x"),
                    replace_with=gone,
                ),
            )
        )
        record = mended.resources[1]

        assert record == thing(
            "a", dependencies=(urn("y"),), property_dependencies={"p": (), "q": (urn("y"),)}
        )
        assert len(notes) == 4

    def test_orphans_move_to_the_top(self) -> None:
        """Without its parent a resource gets the URN of one at the top; descendants and references follow."""
        gone = urn("gone", "my:index:Part")
        child_name = child_urn("dev", "shop", gone, "my:index:Piece", "child")
        grandchild_name = child_urn("dev", "shop", child_name, "pkg:index:Thing", "leaf")
        child = ResourceState(urn=child_name, type="my:index:Piece", custom=False, parent=gone)
        leaf = thing("leaf", urn=grandchild_name, parent=child_name)
        other = thing("other", dependencies=(grandchild_name,))
        waiting = PendingOperation(
            number=1, kind=OperationKind.CREATING, resource=thing("w", parent=child_name)
        )
        mended, notes = repaired(snapshot_of(child, leaf, other, pending=(waiting,)))
        top, below, reader = mended.resources

        assert (top.urn, top.parent) == ("urn:pulumi:dev::shop::my:index:Piece::child", None)
        assert below.urn == "urn:pulumi:dev::shop::my:index:Piece$pkg:index:Thing::leaf"
        assert below.parent == top.urn
        assert reader.dependencies == (below.urn,)
        assert mended.pending[0].resource.parent == top.urn
        assert notes == [f"moved {child_name} to the top: its parent {gone} is missing"]
        assert integrity_problems(mended) == []

    def test_circles_are_opened(self) -> None:
        """Where records refer to each other in a circle, what cannot be put in order is dropped."""
        circle = snapshot_of(thing("a", dependencies=(urn("b"),)), thing("b", dependencies=(urn("a"),)))
        mended, notes = repaired(circle)

        assert integrity_problems(mended) == []
        assert any("removed the dependency" in note for note in notes)

    def test_a_missing_provider_cannot_be_mended(self) -> None:
        """Who manages a resource cannot be invented (state.md §9.3)."""
        mended, _ = repaired(snapshot_of(thing("a", provider=REFERENCE)))

        assert [problem.text for problem in integrity_problems(mended)] == [
            f"resource {urn('a')} refers to unknown provider {REFERENCE}"
        ]

    @given(st.data())
    @settings(max_examples=150)
    def test_whatever_was_broken_holds_together_afterwards(self, data: st.DataObject) -> None:
        """Any records without duplicates or providers can be mended, and mending twice changes nothing."""
        pool = "abcdef"
        chosen = data.draw(st.lists(st.sampled_from(pool), unique=True, min_size=1))
        targets = st.lists(st.sampled_from(pool), max_size=2, unique=True).map(
            lambda found: tuple(urn(name) for name in found)
        )
        records = [
            thing(
                name,
                parent=data.draw(st.sampled_from([None, *(urn(other) for other in pool)])),
                dependencies=data.draw(targets),
                property_dependencies={"p": data.draw(targets)},
                deleted_with=data.draw(st.sampled_from([None, *(urn(other) for other in pool)])),
                replace_with=data.draw(targets),
                delete=data.draw(st.booleans()),
            )
            for name in chosen
        ]
        mended, _ = repaired(snapshot_of(*records))
        again, notes = repaired(mended)

        assert integrity_problems(mended) == []
        assert sorted(names(mended)) == sorted(chosen)
        assert (again, notes) == (mended, [])
