"""Values: unknowns, equality and the order of sets (terraform.md §3.2, §3.6)."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from stackwright.providers.terraform import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    UNKNOWN,
    DynamicValue,
    ListOf,
    MapOf,
    ObjectOf,
    Refinements,
    SetOf,
    TupleOf,
    Type,
    UnknownValue,
    canonical_set,
    contains_unknown,
    equal,
)

RULE = ObjectOf({"port": NUMBER, "cidrs": SetOf(STRING)})


class TestUnknowns:
    @pytest.mark.parametrize(
        ("value", "unknown"),
        [
            (None, False),
            ("x", False),
            (UNKNOWN, True),
            ([["a"], [UNKNOWN]], True),
            ({"a": {"b": UNKNOWN}}, True),
            (DynamicValue(ListOf(STRING), [UNKNOWN]), True),
            (DynamicValue(STRING, "x"), False),
        ],
    )
    def test_found_at_any_depth(self, value: Any, unknown: bool) -> None:
        assert contains_unknown(value) is unknown


class TestEquality:
    @pytest.mark.parametrize(
        ("left", "right", "kind"),
        [
            (None, None, STRING),
            (1, 1.0, NUMBER),
            ("e\u0301", "\u00e9", STRING),
            (Decimal("1.50"), 1.5, NUMBER),
            (2**70, Decimal(2**70), NUMBER),
            (["a", "b"], ["b", "a"], SetOf(STRING)),
            ([None, "a"], ["a", None], SetOf(STRING)),
            (
                [{"port": 1, "cidrs": ["x", "y"]}, {"port": 2, "cidrs": []}],
                [{"port": 2.0, "cidrs": []}, {"port": Decimal(1), "cidrs": ["y", "x"]}],
                SetOf(RULE),
            ),
            ({"a": ["x"]}, {"a": ["x"]}, MapOf(ListOf(STRING))),
            (["a", 1], ["a", 1.0], TupleOf((STRING, NUMBER))),
            (DynamicValue(SetOf(STRING), ["a", "b"]), DynamicValue(SetOf(STRING), ["b", "a"]), DYNAMIC),
            (UNKNOWN, UnknownValue(Refinements(nullable=False)), STRING),
            ({"port": 1}, {"port": 1, "cidrs": None}, RULE),
        ],
    )
    def test_same(self, left: Any, right: Any, kind: Type) -> None:
        assert equal(left, right, kind)
        assert equal(right, left, kind)

    @pytest.mark.parametrize(
        ("left", "right", "kind"),
        [
            (None, "", STRING),
            (None, [], SetOf(STRING)),
            (UNKNOWN, None, STRING),
            (UNKNOWN, "a", STRING),
            (0.1, Decimal("0.1"), NUMBER),
            (2**53, 2**53 + 1, NUMBER),
            (["a", "b"], ["b", "a"], ListOf(STRING)),
            (["a"], ["a", "a"], ListOf(STRING)),
            ({"a": "x"}, {"b": "x"}, MapOf(STRING)),
            ({"a": None}, {}, MapOf(STRING)),
            (DynamicValue(ListOf(STRING), []), DynamicValue(SetOf(STRING), []), DYNAMIC),
            ([{"port": 1, "cidrs": []}], [{"port": 1, "cidrs": None}], SetOf(RULE)),
        ],
    )
    def test_different(self, left: Any, right: Any, kind: Type) -> None:
        assert not equal(left, right, kind)
        assert not equal(right, left, kind)

    def test_long_numbers_in_sets_are_told_apart(self) -> None:
        kind = SetOf(ObjectOf({"n": NUMBER}))
        elements = [{"n": Decimal(f"1.{'0' * 20}{digit}")} for digit in range(9)]
        shuffled = random.Random(1).sample(elements, 9)

        assert equal(elements, shuffled, kind)
        assert canonical_set(shuffled, kind.element) == elements


class TestSetOrder:
    """The order is Terraform's own, so that states compare and repeat (§3.6)."""

    @pytest.mark.parametrize(
        ("elements", "kind", "ordered"),
        [
            (["b", "a", "B", "é", "a"], STRING, ["B", "a", "b", "é"]),
            ([10, 9.5, Decimal("9.25"), 10.0], NUMBER, [Decimal("9.25"), 9.5, 10]),
            ([True, False], BOOL, [False, True]),
            ([None, UNKNOWN, "z", None], STRING, ["z", UNKNOWN, None]),
            ([["b"], [], ["a", "b"], []], ListOf(STRING), [["a", "b"], ["b"], []]),
            ([{"k": "b"}, {"k": "a"}], MapOf(STRING), [{"k": "a"}, {"k": "b"}]),
        ],
    )
    def test_canonical(self, elements: list[Any], kind: Type, ordered: list[Any]) -> None:
        assert canonical_set(elements, kind) == ordered

    def test_unknown_elements_are_all_kept(self) -> None:
        """Two unknown elements are distinct."""
        assert canonical_set([UNKNOWN, UNKNOWN], STRING) == [UNKNOWN, UNKNOWN]
        kind = ObjectOf({"a": STRING})
        assert len(canonical_set([{"a": UNKNOWN}, {"a": UNKNOWN}, {"a": "x"}, {"a": "x"}], kind)) == 3

    def test_the_order_in_which_elements_came_never_shows(self) -> None:
        kind = ObjectOf({"tags": MapOf(STRING), "rules": SetOf(RULE), "any": DYNAMIC})
        elements = [
            {
                "tags": {"a": str(number % 3)},
                "rules": [{"port": number, "cidrs": ["x", "y"]}],
                "any": DynamicValue(STRING, str(number)),
            }
            for number in range(12)
        ]
        once = canonical_set(elements, kind)

        for seed in range(5):
            assert canonical_set(random.Random(seed).sample(elements, 12), kind) == once
