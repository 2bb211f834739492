"""`ignore_changes` puts parts of the new inputs back (engine.md E174)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackwright.engine.plan import apply_ignore_changes
from stackwright.values import Secret, contains_secrets, values_equal

FAILS = object()
"""The path is reported, and the program's value stays."""

S = Secret

LAST = {
    "a key of old is put back": ("a", {"a": 1}, {"a": 2}, {"a": 1}),
    "a key that new lacks is put back": ("a", {"a": 1}, {}, {"a": 1}),
    "a key that old lacks is removed": ("a", {}, {"a": 2}, {}),
    "a key of neither is nothing": ("a", {"b": 1}, {"b": 1}, {"b": 1}),
    "a nested key": ("a.b", {"a": {"b": 1}}, {"a": {"b": 2, "c": 3}}, {"a": {"b": 1, "c": 3}}),
    "a nested key old lacks": ("a.b", {"a": {}}, {"a": {"b": 2}}, {"a": {}}),
    "a key where old is no object": ("a.b", {"a": 1}, {"a": {"b": 2}}, {"a": {}}),
    "a key where new is no object": ("a.b", {"a": {"b": 1}}, {"a": 2}, FAILS),
    "an index of both": ("a[0]", {"a": [1]}, {"a": [2, 3]}, {"a": [1, 3]}),
    "an index only new has (X51)": ("a[0]", {"a": []}, {"a": [2]}, FAILS),
    "an index only old has": ("a[1]", {"a": [1, 2]}, {"a": [3]}, FAILS),
    "an index of neither": ("a[5]", {"a": [1]}, {"a": [2]}, {"a": [2]}),
    "an index of no array": ("a[0]", {"a": 1}, {"a": 2}, {"a": 2}),
    "a negative index never resolves": ("a[-1]", {"a": [1]}, {"a": [2]}, {"a": [2]}),
    "all keys": ("a[*]", {"a": {"x": 1, "y": 2}}, {"a": {"x": 9, "z": 3}}, {"a": {"x": 1, "y": 2}}),
    "all keys, old no object": ("a.*", {"a": 1}, {"a": {"x": 9}}, {"a": {"x": 9}}),
    "all elements": ("a[*]", {"a": [1, 2]}, {"a": [3, 4]}, {"a": [1, 2]}),
    "all elements, other length": ("a[*]", {"a": [1]}, {"a": [3, 4]}, FAILS),
    "all elements, old no array": ("a[*]", {"a": 1}, {"a": [3, 4]}, {"a": [3, 4]}),
    "all of a scalar": ("a[*]", {"a": [1]}, {"a": 3}, FAILS),
    "everything": ("*", {"a": 1, "b": 2}, {"c": 3}, {"a": 1, "b": 2}),
}
ABOVE = {
    "below a key of neither": ("a.b", {}, {}, {}),
    "below a key only old has": ("a.b", {"a": {"b": 1}}, {}, FAILS),
    "below a key only new has": ("a.b", {}, {"a": {"b": 2}}, {"a": {}}),
    "below an index": ("a[0].b", {"a": [{"b": 1}]}, {"a": [{"b": 2}]}, {"a": [{"b": 1}]}),
    "below an index one lacks": ("a[0].b", {"a": []}, {"a": [{"b": 2}]}, FAILS),
    "below an index of no array": ("a[0].b", {"a": 1}, {"a": 2}, {"a": 2}),
    "below an index, one no array": ("a[0].b", {"a": 1}, {"a": [{"b": 2}]}, FAILS),
    "below all elements": (
        "a[*].b",
        {"a": [{"b": 1}, {"b": 2}]},
        {"a": [{"b": 3}, {"b": 4, "c": 5}]},
        {"a": [{"b": 1}, {"b": 2, "c": 5}]},
    ),
    "below all elements, other length": ("a[*].b", {"a": [{"b": 1}]}, {"a": [{"b": 3}, {"b": 4}]}, FAILS),
    "below all keys": (
        "a.*.b",
        {"a": {"x": {"b": 1}}},
        {"a": {"x": {"b": 2}, "y": {"b": 3}}},
        {"a": {"x": {"b": 1}, "y": {"b": 3}}},
    ),
    "below all keys, one gone": ("a.*.b", {"a": {"x": {"b": 1}}}, {"a": {}}, FAILS),
    "below all of a scalar": ("a.*.b", {"a": 1}, {"a": 1}, FAILS),
}
SECRETS = {
    "through a secret of both": ("a.b", {"a": S({"b": 1})}, {"a": S({"b": 2})}, {"a": S({"b": 1})}),
    "out of a secret": ("a.b", {"a": S({"b": 1})}, {"a": {"b": 2}}, {"a": {"b": S(1)}}),
    "into a secret": ("a.b", {"a": {"b": 1}}, {"a": S({"b": 2})}, {"a": S({"b": 1})}),
    "partly secret, out of a secret": (
        "a.b",
        {"a": S({"b": {"x": S(1), "y": 2}})},
        {"a": {"b": 0}},
        {"a": {"b": S({"x": S(1), "y": 2})}},
    ),
    "a secret itself": ("a", {"a": S(1)}, {"a": 2}, {"a": S(1)}),
}
CASES = LAST | ABOVE | SECRETS


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_each_case_of_the_table(case: tuple[str, Any, Any, Any]) -> None:
    """Every position and combination of kinds that E174 lists."""
    path, old, new, expected = case
    before = copy.deepcopy((old, new))

    ignored = apply_ignore_changes(old, new, [path])

    if expected is FAILS:
        assert (ignored.inputs, ignored.failed) == (new, (path,))
    else:
        assert (ignored.inputs, ignored.failed) == (expected, ())
    assert (old, new) == before  # S18: neither bag is changed


def test_paths_are_applied_one_after_the_other() -> None:
    """Each path works on what the ones before it made; failing ones are all listed (E174)."""
    ignored = apply_ignore_changes(
        {"a": 1, "l": [1]}, {"a": 2, "b": 3, "l": []}, ["a", "l[0]", "b", "l[0].x", "a["]
    )

    assert ignored.inputs == {"a": 1, "l": []}
    assert ignored.failed == ("l[0]", "l[0].x")


def test_a_path_that_cannot_be_read_is_skipped() -> None:
    """Unparsable and empty paths do nothing and are not reported (E174)."""
    new = {"a": 1}

    ignored = apply_ignore_changes({"a": 2}, new, ["a[", ".a", ""])

    assert ignored.inputs is new
    assert ignored.failed == ()


leaves = st.integers(0, 2) | st.none()
bags = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
        | st.builds(Secret, inner)
    ),
    max_leaves=8,
)
maps = st.dictionaries(st.sampled_from("abc"), bags, max_size=3)
paths = st.lists(st.sampled_from(["a", "b", "c", "[0]", "[1]", "[*]"]).map(str), min_size=1, max_size=3).map(
    lambda parts: "".join(part if part.startswith("[") else f".{part}" for part in parts).lstrip(".")
)


@given(maps, maps, st.lists(paths, max_size=1))
@settings(max_examples=150)
def test_ignoring_again_changes_nothing(old: Any, new: Any, ignore: list[str]) -> None:
    """What was put back is put back to the same (E174)."""
    once = apply_ignore_changes(old, new, ignore)

    again = apply_ignore_changes(old, once.inputs, ignore)

    assert values_equal(again.inputs, once.inputs)
    assert again.failed == once.failed


@given(maps, st.lists(paths, max_size=3))
@settings(max_examples=80)
def test_equal_inputs_stay_equal(bag: Any, ignore: list[str]) -> None:
    """Where nothing changed, nothing is put back (E174)."""
    assert values_equal(apply_ignore_changes(bag, copy.deepcopy(bag), ignore).inputs, bag)


@given(maps, maps, paths)
@settings(max_examples=80)
def test_no_secret_is_uncovered(old: Any, new: Any, path: str) -> None:
    """A value out of a secret is secret where it goes (E174)."""
    marked = {"a": Secret({"a": "hidden", "b": ["hidden"]}), "b": Secret(["hidden"])}
    result = apply_ignore_changes({**old, **marked}, new, [path]).inputs

    def uncovered(value: Any) -> bool:
        if isinstance(value, dict):
            return any(uncovered(each) for each in value.values())
        if isinstance(value, list):
            return any(uncovered(each) for each in value)
        return bool(value == "hidden")

    assert not uncovered(result)
    assert contains_secrets({**old, **marked})
