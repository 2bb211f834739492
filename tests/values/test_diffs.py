"""Sameness and differences (protocol.md §4.1, engine.md E153, E154)."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
from hypothesis import given
from support.value_strategies import known_values, plain_values, property_maps, values

from stackwright.urn import Urn
from stackwright.values import (
    EMPTY_TEXT_HASH,
    UNKNOWN,
    Archive,
    Asset,
    DiffKind,
    OutputValue,
    PropertyDiff,
    PropertyMap,
    ResourceRef,
    Secret,
    Unknown,
    UnknownKind,
    Value,
    contains_unknowns,
    diff_properties,
    get_path,
    parse_path,
    reveal,
    values_equal,
)

A, B = Urn("urn:pulumi:d::p::a:b:C::a"), Urn("urn:pulumi:d::p::a:b:C::b")


def kinds(old: PropertyMap, new: PropertyMap) -> dict[str, str]:
    return {path: diff.kind.value for path, diff in diff_properties(old, new).items()}


class TestKinds:
    def test_names(self) -> None:
        """The six kinds, by the names that previews show (E153)."""
        assert [kind.value for kind in DiffKind] == [
            "add",
            "add-replace",
            "delete",
            "delete-replace",
            "update",
            "update-replace",
        ]

    @pytest.mark.parametrize("kind", list(DiffKind))
    def test_questions(self, kind: DiffKind) -> None:
        """Each kind has a replacing form of itself, and a way back."""
        assert kind.replaces == kind.value.endswith("-replace")
        assert kind.as_replace.replaces
        assert kind.as_replace.value.removesuffix("-replace") == kind.value.removesuffix("-replace")
        assert kind.inverted.inverted is kind
        assert kind.inverted.replaces == kind.replaces

    def test_inverted(self) -> None:
        """The way back from an addition is a deletion; an update stays one."""
        assert DiffKind.ADD.inverted is DiffKind.DELETE
        assert DiffKind.DELETE_REPLACE.inverted is DiffKind.ADD_REPLACE
        assert DiffKind.UPDATE.inverted is DiffKind.UPDATE


SAME: list[tuple[Any, Any]] = [
    (1, 1.0),
    (2**60, 2**60),
    (math.nan, float("nan")),
    (0.0, -0.0),
    ([], []),
    ((1, 2), [1, 2]),
    ({"a": 1, "b": [2]}, {"b": [2.0], "a": 1}),
    ({"a": None}, {}),
    ({"a": None, "b": 1}, {"b": 1, "c": None}),
    ({"x": {"a": None}}, {"x": {}}),
    (Secret({"a": 1}), Secret({"a": 1.0})),
    (Secret(Secret(1)), Secret(Secret(1))),
    (b"ab", b"ab"),
    (Asset(text="a", hash="h"), Asset(path="p", hash="h")),
    (Asset(text="a"), Asset(text="a")),
    (Asset(), Asset(hash=EMPTY_TEXT_HASH)),
    (Archive(assets={}, hash="h"), Archive(path="p", hash="h")),
    (ResourceRef(urn=A, id="1", package_version="1"), ResourceRef(urn=A, id="1", package_version="2")),
    (ResourceRef(urn=A, id=UNKNOWN), ResourceRef(urn=A, id=UNKNOWN)),
    (OutputValue(value=1, dependencies=(A, B)), OutputValue(value=1.0, dependencies=(B, A))),
]

DIFFERENT: list[tuple[Any, Any]] = [
    (True, 1),
    (False, 0),
    (True, 1.0),
    (0, None),
    (None, ""),
    ("1", 1),
    ("a", b"a"),
    ([], {}),
    ([1, 2], [2, 1]),
    ([1], [1, None]),
    ([None], [0]),
    ([True], [1]),
    ({"a": True}, {"a": 1}),
    ({"a": 0}, {}),
    ({"a": 0}, {"b": 0}),
    ({"a": None}, {"a": False}),
    ({"a": None, "b": 1}, {"c": 1}),
    ({"a": Secret(None)}, {}),
    (Secret(1), 1),
    (Secret(1), Secret(2)),
    (Secret(1), OutputValue(value=1, secret=True)),
    (Asset(text="a", hash="h"), Archive(assets={}, hash="h")),
    (Asset(path="p"), Asset(path="p")),
    (Archive(path="p"), Archive(path="p")),
    (Archive(path="p", hash="h"), Archive(path="p")),
    (Asset(text="a", hash="h"), "a"),
    (ResourceRef(urn=A, id="1"), ResourceRef(urn=B, id="1")),
    (ResourceRef(urn=A, id="1"), ResourceRef(urn=A, id="2")),
    (ResourceRef(urn=A, id="1"), ResourceRef(urn=A, id=UNKNOWN)),
    (ResourceRef(urn=A), ResourceRef(urn=A, id="")),
    (OutputValue(value=1), OutputValue(value=1, secret=True)),
    (OutputValue(value=1), OutputValue(value=1, dependencies=(A,))),
    (OutputValue(value=1), 1),
    (UNKNOWN, UNKNOWN),
    (UNKNOWN, UNKNOWN.kind.value),
    (UNKNOWN, None),
    ({"a": UNKNOWN}, {"a": UNKNOWN}),
    (OutputValue(), OutputValue()),
]


class TestSameness:
    @pytest.mark.parametrize(("left", "right"), SAME)
    def test_same(self, left: Value, right: Value) -> None:
        """These are the same, from both sides and at any depth."""
        for wrapped in (lambda x: x, lambda x: {"k": [x]}, Secret):
            assert values_equal(wrapped(left), wrapped(right))
            assert values_equal(wrapped(right), wrapped(left))

    @pytest.mark.parametrize(("left", "right"), DIFFERENT)
    def test_different(self, left: Value, right: Value) -> None:
        """These are not, from both sides and at any depth."""
        for wrapped in (lambda x: x, lambda x: {"k": [x]}, lambda x: {"k": x, "l": 1}, Secret):
            if type(left) is Secret and wrapped(1) == {"k": 1, "l": 1} and right == {}:
                continue
            assert not values_equal(wrapped(left), wrapped(right))
            assert not values_equal(wrapped(right), wrapped(left))

    def test_identical_unknown_is_not_the_same(self) -> None:
        """Even one and the same container is not known to be equal if something in it is unknown."""
        value = {"a": [UNKNOWN], "b": "text"}

        assert not values_equal(value, value)

    def test_unknowns_may_match(self) -> None:
        """On request an unknown is the same as any of its kind."""
        other = Unknown(UnknownKind.BOOL)

        assert values_equal([UNKNOWN], [Unknown()], unknowns_match=True)
        assert not values_equal([UNKNOWN], [other], unknowns_match=True)
        assert not values_equal([UNKNOWN], ["x"], unknowns_match=True)

    @given(known_values)
    def test_every_known_value_equals_its_copy(self, value: Value) -> None:
        """A value without unknowns is the same as itself and as a deep copy."""
        assert values_equal(value, value)
        assert values_equal(value, copy.deepcopy(value))

    @given(values)
    def test_unknowns_equal_nothing(self, value: Value) -> None:
        """A value with an unknown anywhere is the same as nothing, not even as itself."""
        assert values_equal(value, value) is not contains_unknowns(value)
        assert values_equal(value, copy.deepcopy(value), unknowns_match=True)

    @given(values, values)
    def test_symmetric(self, left: Value, right: Value) -> None:
        """It does not matter which comes first."""
        assert values_equal(left, right) == values_equal(right, left)

    @given(plain_values, plain_values)
    def test_plain_data_without_nulls_agrees_with_python(self, left: Value, right: Value) -> None:
        """Values that are the same are equal to Python too, nulls in maps aside."""
        if values_equal(left, right) and "None" not in repr((left, right)):
            assert left == right


class TestDifferences:
    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ({}, {}, {}),
            ({"a": 1}, {"a": 1.0}, {}),
            ({"a": 1}, {"a": True}, {"a": "update"}),
            ({}, {"a": {"b": 1}}, {"a": "add"}),
            ({"a": {"b": 1}}, {}, {"a": "delete"}),
            (
                {"a": {"b": 1, "c": 2}},
                {"a": {"b": 3, "d": 4}},
                {"a.b": "update", "a.c": "delete", "a.d": "add"},
            ),
            ({"a": [1, 2, 3]}, {"a": [1, 9]}, {"a[1]": "update", "a[2]": "delete"}),
            ({"a": [1]}, {"a": [1, {"b": 1}, None]}, {"a[1]": "add", "a[2]": "add"}),
            ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, {"a[0].b": "update"}),
            ({"a": [1]}, {"a": {"0": 1}}, {"a": "update"}),
            ({"a": "x"}, {"a": ["x"]}, {"a": "update"}),
            ({"a.b": 1}, {"a.b": 2}, {'["a.b"]': "update"}),
            ({"a": {"*": 1}}, {"a": {}}, {"a[*]": "delete"}),
            ({"a": None}, {}, {}),
            ({"a": None}, {"a": 1}, {"a": "add"}),
            ({"a": 1}, {"a": None}, {"a": "delete"}),
            ({"a": [None]}, {"a": [1]}, {"a[0]": "update"}),
            ({"a": UNKNOWN}, {"a": UNKNOWN}, {"a": "update"}),
            ({}, {"a": UNKNOWN}, {"a": "add"}),
            ({"a": Asset(text="x")}, {"a": Asset(text="y")}, {"a": "update"}),
            ({"a": Asset(text="x", hash="h")}, {"a": Asset(path="x", hash="h")}, {}),
            ({"a": Secret(1)}, {"a": 1}, {}),
            ({"a": Secret({"b": 1})}, {"a": {"b": OutputValue(value=2, secret=True)}}, {"a.b": "update"}),
            ({"a": Secret(None)}, {}, {}),
        ],
    )
    def test_cases(self, old: PropertyMap, new: PropertyMap, expected: dict[str, str]) -> None:
        """Maps by key, lists by index, wrappers looked through, None as good as missing (E154)."""
        assert kinds(old, new) == expected
        inverted = {path: DiffKind(kind).inverted.value for path, kind in expected.items()}
        assert kinds(new, old) == inverted

    def test_marked_as_input_diffs(self) -> None:
        """Inputs were compared with inputs, and the entries say so (E154)."""
        assert diff_properties({}, {"a": 1}) == {"a": PropertyDiff(DiffKind.ADD, input_diff=True)}

    def test_order(self) -> None:
        """Entries come in the order of the keys, however the maps were built."""
        old = {"b": 1, "a": {"z": 1, "y": [1, 2]}}
        new = {"c": 1, "a": {"y": [], "x": 1}}

        assert list(diff_properties(old, new)) == ["a.x", "a.y[0]", "a.y[1]", "a.z", "b", "c"]

    @given(property_maps, property_maps)
    def test_empty_iff_equal(self, old: PropertyMap, new: PropertyMap) -> None:
        """There are no differences exactly if the bare values are the same."""
        assert (not diff_properties(old, new)) == values_equal(reveal(old), reveal(new))
        assert not diff_properties(old, old)

    @given(property_maps, property_maps)
    def test_every_path_leads_to_the_difference(self, old: PropertyMap, new: PropertyMap) -> None:
        """Each path can be parsed, and what stands there differs in the way the entry says."""
        for text, diff in diff_properties(old, new).items():
            path = parse_path(text)
            before, after = (reveal(get_path(side, path)) for side in (old, new))
            if diff.kind is DiffKind.UPDATE:
                assert not values_equal(before, after)
            elif type(path[-1]) is str:
                assert (before is None) == (diff.kind is DiffKind.ADD)
                assert (after is None) == (diff.kind is DiffKind.DELETE)

    def test_depth(self) -> None:
        """Differences are found below any number of levels."""
        old: Value = "old"
        new: Value = "new"
        for _ in range(20_000):
            old, new = {"a": [old]}, {"a": [new]}

        (path,) = diff_properties(old, new)

        assert path == "a[0]." * 19_999 + "a[0]"
