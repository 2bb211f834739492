"""What plans may say (terraform.md §5.8), and what may come of them (§5.12)."""

from __future__ import annotations

from typing import Any

import pytest
from support.terraform_schemas import block, blocks, computed, free, nested, optional, required

from stackwright.providers.terraform import (
    DYNAMIC,
    NUMBER,
    STRING,
    UNKNOWN,
    Attribute,
    Block,
    DynamicValue,
    ListOf,
    MapOf,
    Nesting,
    ObjectOf,
    SetOf,
    TupleOf,
)
from stackwright.providers.terraform._completion import completion_problems
from stackwright.providers.terraform._validity import plan_problems

VALID = True
INVALID = False

PLANS: list[tuple[str, Attribute, Any, Any, Any, bool]] = [
    ("as configured", optional("a"), None, "new", "new", VALID),
    ("unknown as configured", optional("a"), None, UNKNOWN, UNKNOWN, VALID),
    ("what there is, as equivalent", optional("a"), '{"a": 1}', '{"a":1}', '{"a": 1}', VALID),
    ("computed only", computed("a"), "old", None, "new", VALID),
    ("computed and unset", free("a"), "old", None, UNKNOWN, VALID),
    ("computed, but configured", free("a"), "old", "mine", "other", INVALID),
    ("neither configured nor computed", optional("a"), None, None, "made up", INVALID),
    ("prior where nothing is configured", optional("a"), "old", None, "old", INVALID),
    ("another than configured", required("a"), None, "mine", "other", INVALID),
    ("unknown instead of configured", required("a"), None, "mine", UNKNOWN, INVALID),
    ("write-only is null", optional("a", write_only=True), None, "secret", None, VALID),
    ("null instead of configured", optional("a"), None, "mine", None, INVALID),
    ("the same set in another order", optional("a", type=SetOf(STRING)), None, ["b", "a"], ["a", "b"], VALID),
    ("numbers that count the same", optional("a", type=NUMBER), None, 1, 1.0, VALID),
]


@pytest.mark.parametrize(("name", "attribute", "prior", "config", "planned", "valid"), PLANS)
def test_plans_of_attributes(
    name: str, attribute: Attribute, prior: Any, config: Any, planned: Any, valid: bool
) -> None:
    found = plan_problems(block(attribute), prior={"a": prior}, config={"a": config}, planned={"a": planned})
    assert (not found) is valid, (name, [str(each) for each in found])


_MEMBER = (optional("o"), computed("c"))
NESTED_PLANS: list[tuple[str, Nesting, Any, Any, bool]] = [
    ("single", Nesting.SINGLE, {"o": "1", "c": None}, {"o": "1", "c": "k"}, VALID),
    ("single changed", Nesting.SINGLE, {"o": "1", "c": None}, {"o": "2", "c": "k"}, INVALID),
    ("single gone", Nesting.SINGLE, {"o": "1", "c": None}, None, INVALID),
    ("single unknown", Nesting.SINGLE, {"o": "1", "c": None}, UNKNOWN, INVALID),
    ("list", Nesting.LIST, [{"o": "1", "c": None}], [{"o": "1", "c": UNKNOWN}], VALID),
    ("list longer", Nesting.LIST, [{"o": "1", "c": None}], [{"o": "1", "c": "k"}] * 2, INVALID),
    ("map", Nesting.MAP, {"k": {"o": "1", "c": None}}, {"k": {"o": "1", "c": "x"}}, VALID),
    ("map other key", Nesting.MAP, {"k": {"o": "1", "c": None}}, {"l": {"o": "1", "c": "x"}}, INVALID),
    ("set trusted", Nesting.SET, [{"o": "1", "c": None}], [{"o": "9", "c": "x"}], VALID),
    (
        "set larger",
        Nesting.SET,
        [{"o": "1", "c": None}],
        [{"o": "1", "c": "x"}, {"o": "2", "c": "x"}],
        INVALID,
    ),
]


@pytest.mark.parametrize(("name", "nesting", "config", "planned", "valid"), NESTED_PLANS)
def test_plans_of_nested_attributes(
    name: str, nesting: Nesting, config: Any, planned: Any, valid: bool
) -> None:
    made = block(nested("n", nesting, *_MEMBER, optional=True))
    found = plan_problems(made, prior=None, config={"n": config}, planned={"n": planned})
    assert (not found) is valid, (name, [str(each) for each in found])


BLOCK_PLANS: list[tuple[str, Nesting, Any, Any, bool]] = [
    ("single", Nesting.SINGLE, {"o": "1", "c": None}, {"o": "1", "c": "k"}, VALID),
    ("single made up", Nesting.SINGLE, None, {"o": None, "c": "k"}, INVALID),
    ("group", Nesting.GROUP, {"o": None, "c": None}, {"o": None, "c": "k"}, VALID),
    ("group gone", Nesting.GROUP, {"o": None, "c": None}, None, INVALID),
    ("list", Nesting.LIST, [{"o": "1", "c": None}], [{"o": "1", "c": UNKNOWN}], VALID),
    ("list null", Nesting.LIST, [{"o": "1", "c": None}], None, INVALID),
    ("list unknown", Nesting.LIST, [{"o": "1", "c": None}], UNKNOWN, INVALID),
    ("list element unknown", Nesting.LIST, [{"o": "1", "c": None}], [UNKNOWN], INVALID),
    ("list shorter", Nesting.LIST, [{"o": "1", "c": None}], [], INVALID),
    ("unknown as configured", Nesting.LIST, UNKNOWN, UNKNOWN, VALID),
    ("known for unknown", Nesting.LIST, UNKNOWN, [], INVALID),
    ("map", Nesting.MAP, {"k": {"o": "1", "c": None}}, {"k": {"o": "1", "c": "x"}}, VALID),
    ("map without a key", Nesting.MAP, {"k": {"o": "1", "c": None}}, {}, INVALID),
    ("set trusted", Nesting.SET, [{"o": "1", "c": None}], [{"o": "2", "c": "x"}], VALID),
    ("set element unknown", Nesting.SET, [{"o": "1", "c": None}], [UNKNOWN], INVALID),
    ("set null", Nesting.SET, [{"o": "1", "c": None}], None, INVALID),
]


@pytest.mark.parametrize(("name", "nesting", "config", "planned", "valid"), BLOCK_PLANS)
def test_plans_of_blocks(name: str, nesting: Nesting, config: Any, planned: Any, valid: bool) -> None:
    made = block(b=blocks(nesting, *_MEMBER))
    found = plan_problems(made, prior=None, config={"b": config}, planned={"b": planned})
    assert (not found) is valid, (name, [str(each) for each in found])


@pytest.mark.parametrize(("config", "planned"), [({"a": "1"}, None), (None, {"a": "1"})])
def test_plans_of_absence(config: Any, planned: Any) -> None:
    assert plan_problems(block(optional("a")), prior=None, config=config, planned=planned)


def test_problems_say_where_and_hide_what_is_sensitive() -> None:
    made = block(optional("secret", sensitive=True), b=blocks(Nesting.LIST, required("port", type=NUMBER)))
    found = plan_problems(
        made,
        prior=None,
        config={"secret": "hunter2", "b": [{"port": 1}]},
        planned={"secret": "hunter3", "b": [{"port": 2}]},
    )
    said = [str(each) for each in found]
    assert any(line.startswith(".b[0].port: planned 2") for line in said)
    assert not any("hunter" in line for line in said)


# Completion -------------------------------------------------------------------------------------

COMPLETIONS: list[tuple[str, Any, Any, Any, bool]] = [
    ("unknown turns out", STRING, UNKNOWN, "x", VALID),
    ("unknown turns out null", STRING, UNKNOWN, None, VALID),
    ("unknown stays", STRING, UNKNOWN, UNKNOWN, INVALID),
    ("the same", STRING, "x", "x", VALID),
    ("another", STRING, "x", "y", INVALID),
    ("known is forgotten", STRING, "x", UNKNOWN, INVALID),
    ("gone", STRING, "x", None, INVALID),
    ("made up", STRING, None, "x", INVALID),
    ("numbers", NUMBER, 1, 1.0, VALID),
    ("list", ListOf(STRING), ["a", UNKNOWN], ["a", "b"], VALID),
    ("list shorter", ListOf(STRING), ["a", UNKNOWN], ["a"], INVALID),
    ("list longer", ListOf(STRING), ["a"], ["a", "b"], INVALID),
    ("map", MapOf(STRING), {"a": UNKNOWN}, {"a": "b"}, VALID),
    ("map key gone", MapOf(STRING), {"a": UNKNOWN}, {}, INVALID),
    ("map key added", MapOf(STRING), {}, {"a": "b"}, INVALID),
    ("tuple", TupleOf((STRING, NUMBER)), ["a", UNKNOWN], ["a", 1], VALID),
    ("object", ObjectOf({"a": STRING, "b": STRING}), {"a": "x", "b": UNKNOWN}, {"a": "x", "b": "y"}, VALID),
    ("object changed", ObjectOf({"a": STRING}), {"a": "x"}, {"a": "y"}, INVALID),
    ("set in another order", SetOf(STRING), ["a", "b"], ["b", "a"], VALID),
    ("unknown elements merge", SetOf(STRING), ["a", UNKNOWN], ["a"], VALID),
    ("an element is lost", SetOf(STRING), ["a", "b"], ["a"], INVALID),
    ("an element is new", SetOf(STRING), ["a"], ["b"], INVALID),
    ("a set grows", SetOf(STRING), ["a", UNKNOWN], ["a", "b", "c"], INVALID),
    ("dynamic", DYNAMIC, DynamicValue(STRING, "a"), DynamicValue(STRING, "a"), VALID),
    ("dynamic of another type", DYNAMIC, DynamicValue(STRING, "1"), DynamicValue(NUMBER, 1), INVALID),
]


@pytest.mark.parametrize(("name", "kind", "planned", "actual", "valid"), COMPLETIONS)
def test_completions_of_attributes(name: str, kind: Any, planned: Any, actual: Any, valid: bool) -> None:
    made = block(free("a", type=kind))
    found = completion_problems(made, planned={"a": planned}, actual={"a": actual})
    assert (not found) is valid, (name, [str(each) for each in found])


BLOCK_COMPLETIONS: list[tuple[str, Nesting, Any, Any, bool]] = [
    ("single", Nesting.SINGLE, {"o": UNKNOWN}, {"o": "1"}, VALID),
    ("single unknown is none", Nesting.SINGLE, UNKNOWN, None, VALID),
    ("single gone", Nesting.SINGLE, {"o": "1"}, None, INVALID),
    ("list", Nesting.LIST, [{"o": UNKNOWN}], [{"o": "1"}], VALID),
    ("list shorter", Nesting.LIST, [{"o": UNKNOWN}], [], INVALID),
    ("list unknown", Nesting.LIST, UNKNOWN, [{"o": "1"}], VALID),
    ("list null", Nesting.LIST, [{"o": "1"}], None, VALID),
    ("map", Nesting.MAP, {"k": {"o": UNKNOWN}}, {"k": {"o": "1"}}, VALID),
    ("map key gone", Nesting.MAP, {"k": {"o": UNKNOWN}}, {}, INVALID),
    ("set", Nesting.SET, [{"o": UNKNOWN}, {"o": "1"}], [{"o": "1"}, {"o": "2"}], VALID),
    ("set grows", Nesting.SET, [{"o": UNKNOWN}], [{"o": "1"}, {"o": "2"}], INVALID),
]


@pytest.mark.parametrize(("name", "nesting", "planned", "actual", "valid"), BLOCK_COMPLETIONS)
def test_completions_of_blocks(name: str, nesting: Nesting, planned: Any, actual: Any, valid: bool) -> None:
    made = block(b=blocks(nesting, optional("o")))
    found = completion_problems(made, planned={"b": planned}, actual={"b": actual})
    assert (not found) is valid, (name, [str(each) for each in found])


def test_presence_has_to_agree() -> None:
    made: Block = block(optional("a"))
    assert completion_problems(made, planned=None, actual={"a": "1"})
    assert completion_problems(made, planned={"a": "1"}, actual=None)
    assert not completion_problems(made, planned=None, actual=None)


def test_completions_hide_what_is_sensitive() -> None:
    """§5.12: also within nested attributes."""
    made = block(
        free("a", sensitive=True),
        nested("n", Nesting.LIST, free("key", sensitive=True), optional=True),
    )
    found = completion_problems(
        made,
        planned={"a": "hunter2", "n": [{"key": "hunter3"}]},
        actual={"a": "hunter4", "n": [{"key": "hunter5"}]},
    )
    assert [str(each) for each in found if "hunter" in str(each)] == []
    assert len(found) == 2
