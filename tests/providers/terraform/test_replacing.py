"""Which replacements count (terraform.md §5.9), what is ignored (§5.7) and what is put right (§5.5.1)."""

from __future__ import annotations

from typing import Any

import pytest
from support.terraform_schemas import block, blocks, computed, free, nested, optional

from stackwright.providers.terraform import (
    STRING,
    UNKNOWN,
    AttributeName,
    ElementKey,
    ListOf,
    MapOf,
    Nesting,
    SetOf,
)
from stackwright.providers.terraform._ignored import with_all_ignored, with_ignored
from stackwright.providers.terraform._normalised import normalised, without_write_only, write_only_values
from stackwright.providers.terraform._replacing import surviving_replace_paths


def path(*steps: str | int) -> Any:
    """Names as they are; keys of maps begin with a colon."""
    return tuple(
        ElementKey(step)
        if isinstance(step, int)
        else ElementKey(step[1:])
        if step.startswith(":")
        else AttributeName(step)
        for step in steps
    )


_MADE = block(
    optional("a"),
    optional("wo", write_only=True),
    optional("m", type=MapOf(STRING)),
    optional("s", type=SetOf(STRING)),
    l=blocks(Nesting.LIST, optional("x")),
    bs=blocks(Nesting.SET, optional("x")),
)


def _value(**given: Any) -> dict[str, Any]:
    return {"a": None, "wo": None, "m": None, "s": None, "l": [], "bs": [], **given}


FILTERED = [
    ("changed", {"a": "1"}, {"a": "2"}, path("a"), [path("a")]),
    ("not changed", {"a": "1"}, {"a": "1"}, path("a"), []),
    ("unknown", {"a": "1"}, {"a": UNKNOWN}, path("a"), [path("a")]),
    ("deep", {"l": [{"x": "1"}]}, {"l": [{"x": "2"}]}, path("l", 0, "x"), [path("l", 0, "x")]),
    ("only before", {"l": [{"x": "1"}]}, {"l": []}, path("l", 0, "x"), [path("l", 0, "x")]),
    ("only after", {"l": []}, {"l": [{"x": "1"}]}, path("l", 0, "x"), [path("l", 0, "x")]),
    ("null on one side", {"l": []}, {"l": [{"x": None}]}, path("l", 0, "x"), []),
    ("key", {"m": {"k": "1"}}, {"m": {"k": "2"}}, path("m", ":k"), [path("m", ":k")]),
    ("set", {"s": ["1"]}, {"s": ["2"]}, path("s", ":what"), [path("s")]),
    ("set of blocks", {"bs": [{"x": "1"}]}, {"bs": [{"x": "2"}]}, path("bs", 7, "x"), [path("bs")]),
    ("same set", {"s": ["1", "2"]}, {"s": ["2", "1"]}, path("s"), []),
]


@pytest.mark.parametrize(("name", "prior", "planned", "given", "expected"), FILTERED)
def test_replace_paths(name: str, prior: Any, planned: Any, given: Any, expected: Any) -> None:
    found = surviving_replace_paths(_MADE, prior=_value(**prior), planned=_value(**planned), paths=[given])
    assert list(found.paths) == expected, name
    assert not found.problems


def test_nothing_replaces_what_is_not_there() -> None:
    """Plans to create list everything that could force a replacement."""
    found = surviving_replace_paths(_MADE, prior=None, planned=_value(a="1"), paths=[path("a"), path("id")])
    assert found.paths == ()


def test_write_only_values_always_count() -> None:
    found = surviving_replace_paths(_MADE, prior=_value(), planned=_value(), paths=[path("wo")])
    assert found.write_only
    assert found.paths == (path("wo"),)


def test_paths_to_nowhere_are_the_providers_fault() -> None:
    found = surviving_replace_paths(_MADE, prior=_value(), planned=_value(), paths=[path("nothing")])
    assert len(found.problems) == 1


IGNORED = [
    ("attribute", {"a": "1"}, {"a": "2"}, path("a"), {"a": "1"}),
    ("attribute that was null", {"a": None}, {"a": "2"}, path("a"), {"a": None}),
    ("index", {"l": [{"x": "1"}]}, {"l": [{"x": "2"}]}, path("l", 0, "x"), {"l": [{"x": "1"}]}),
    ("index that was not there", {"l": []}, {"l": [{"x": "2"}]}, path("l", 0, "x"), {"l": [{"x": "2"}]}),
    ("key", {"m": {"k": "1"}}, {"m": {"k": "2", "o": "3"}}, path("m", ":k"), {"m": {"k": "1", "o": "3"}}),
    ("key that was not there", {"m": {}}, {"m": {"k": "2", "o": "3"}}, path("m", ":k"), {"m": {"o": "3"}}),
    ("key that is gone", {"m": {"k": "1"}}, {"m": {"o": "3"}}, path("m", ":k"), {"m": {"k": "1", "o": "3"}}),
    ("key of a null map", {"m": {"o": "1"}}, {"m": None}, path("m", ":k"), {"m": None}),
    ("key into a null map", {"m": {"k": "1"}}, {"m": None}, path("m", ":k"), {"m": {"k": "1"}}),
    ("key of an unknown map", {"m": {"k": "1"}}, {"m": UNKNOWN}, path("m", ":k"), {"m": UNKNOWN}),
    ("set", {"s": ["1"]}, {"s": ["2"]}, path("s"), {"s": ["1"]}),
]


@pytest.mark.parametrize(("name", "prior", "config", "given", "expected"), IGNORED)
def test_ignored_changes(name: str, prior: Any, config: Any, given: Any, expected: Any) -> None:
    """§5.7 step 2."""
    assert with_ignored(_MADE, _value(**prior), _value(**config), [given]) == _value(**expected), name


def test_everything_ignored() -> None:
    """What there is, without what only the provider decides; write-only values come from the program."""
    made = block(
        optional("a"),
        free("f"),
        computed("c"),
        optional("wo", write_only=True),
        nested("n", Nesting.LIST, optional("o"), computed("c"), optional=True),
        b=blocks(Nesting.LIST, optional("o"), computed("c")),
    )
    prior = {
        "a": "1",
        "f": "2",
        "c": "3",
        "wo": None,
        "n": [{"o": "4", "c": "5"}],
        "b": [{"o": "6", "c": "7"}],
    }
    config = {"a": "9", "f": None, "c": None, "wo": "secret", "n": None, "b": []}
    assert with_all_ignored(made, prior, config) == {
        "a": "1",
        "f": "2",
        "c": None,
        "wo": "secret",
        "n": [{"o": "4", "c": None}],
        "b": [{"o": "6", "c": None}],
    }


_INNER = blocks(Nesting.LIST, optional("y"))
NORMALISED = [
    (Nesting.LIST, None, []),
    (Nesting.LIST, UNKNOWN, [{"x": UNKNOWN, "i": [{"y": UNKNOWN}]}]),
    (Nesting.LIST, [{"x": "1", "i": None}], [{"x": "1", "i": []}]),
    (Nesting.SET, None, []),
    (Nesting.SET, UNKNOWN, [{"x": UNKNOWN, "i": [{"y": UNKNOWN}]}]),
    (Nesting.SINGLE, None, None),
    (Nesting.SINGLE, UNKNOWN, {"x": UNKNOWN, "i": [{"y": UNKNOWN}]}),
    (Nesting.SINGLE, {"x": "1", "i": None}, {"x": "1", "i": []}),
    (Nesting.GROUP, None, {"x": None, "i": []}),
    (Nesting.MAP, None, None),
]


@pytest.mark.parametrize(("nesting", "value", "expected"), NORMALISED)
def test_normalised_blocks(nesting: Nesting, value: Any, expected: Any) -> None:
    """§5.5.1; attributes are left alone."""
    made = block(optional("a", type=ListOf(STRING)), b=blocks(nesting, optional("x"), i=_INNER))
    assert normalised(made, {"a": None, "b": value}) == {"a": None, "b": expected}


def test_write_only_values_are_found_and_cleared() -> None:
    """§5.23: at every depth."""
    made = block(
        optional("wo", write_only=True),
        nested("n", Nesting.MAP, optional("wo", write_only=True), optional("o"), optional=True),
        b=blocks(Nesting.LIST, optional("wo", write_only=True)),
    )
    value = {"wo": "1", "n": {"k": {"wo": "2", "o": "3"}}, "b": [{"wo": "4"}]}
    assert without_write_only(made, value) == {
        "wo": None,
        "n": {"k": {"wo": None, "o": "3"}},
        "b": [{"wo": None}],
    }
    assert write_only_values(made, value) == [".wo", ".n.k.wo", ".b[0].wo"]
