"""The proposed new state, cell by cell (terraform.md §5.6), and what holds for all of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
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
    Nesting,
    ObjectOf,
    TupleOf,
    empty_value,
    equal,
)
from stackwright.providers.terraform._proposed import could_come_from, foreseen, proposed_new

ATTRIBUTES = [
    # computed and unset: what there is
    (computed("a"), "old", None, "old"),
    (free("a"), "old", None, "old"),
    (free("a"), None, None, None),
    # anything else: what is configured, even if that is nothing
    (optional("a"), "old", None, None),
    (optional("a"), "old", "new", "new"),
    (optional("a"), None, "new", "new"),
    (free("a"), "old", "new", "new"),
    (free("a"), "old", UNKNOWN, UNKNOWN),
    (required("a"), "old", "old", "old"),
    (free("a", type=DYNAMIC), DynamicValue(STRING, "x"), None, DynamicValue(STRING, "x")),
]


@pytest.mark.parametrize(("attribute", "prior", "config", "expected"), ATTRIBUTES)
def test_attributes(attribute: Attribute, prior: Any, config: Any, expected: Any) -> None:
    assert proposed_new(block(attribute), {"a": prior}, {"a": config}) == {"a": expected}


class TestWhole:
    def test_nothing_of_nothing(self) -> None:
        assert proposed_new(block(optional("a")), None, None) is None

    def test_without_a_prior_what_is_configured(self) -> None:
        made = block(optional("a"), computed("c"), b=blocks(Nesting.LIST, optional("x")))
        config = {"a": "1", "c": None, "b": [{"x": "y"}]}
        assert proposed_new(made, None, config) == config

    @pytest.mark.parametrize("config", [None, UNKNOWN])
    def test_without_a_configuration_what_there_is(self, config: Any) -> None:
        prior = {"a": "1"}
        assert proposed_new(block(optional("a")), prior, config) == prior


_MEMBER = (optional("o"), computed("c"))
NESTED = [
    (Nesting.SINGLE, {"o": "1", "c": "k"}, {"o": "2", "c": None}, {"o": "2", "c": "k"}),
    (Nesting.SINGLE, None, {"o": "2", "c": None}, {"o": "2", "c": None}),
    (Nesting.SINGLE, {"o": "1", "c": "k"}, None, None),
    (Nesting.SINGLE, {"o": "1", "c": "k"}, UNKNOWN, UNKNOWN),
    (Nesting.LIST, [{"o": "1", "c": "k"}], [], []),
    (Nesting.LIST, [{"o": "1", "c": "k"}], None, None),
    (Nesting.LIST, [{"o": "1", "c": "k"}], UNKNOWN, UNKNOWN),
    (
        Nesting.LIST,
        [{"o": "1", "c": "k"}],
        [{"o": "2", "c": None}, {"o": "3", "c": None}],
        [{"o": "2", "c": "k"}, {"o": "3", "c": None}],
    ),
    (
        Nesting.LIST,
        [{"o": "1", "c": "k"}, {"o": "2", "c": "l"}],
        [{"o": "1", "c": None}],
        [{"o": "1", "c": "k"}],
    ),
    (Nesting.LIST, None, [{"o": "2", "c": None}], [{"o": "2", "c": None}]),
    (Nesting.MAP, {"k": {"o": "1", "c": "k"}}, {}, {}),
    (
        Nesting.MAP,
        {"k": {"o": "1", "c": "k"}, "gone": {"o": "1", "c": "g"}},
        {"k": {"o": "2", "c": None}, "n": {"o": "3", "c": None}},
        {"k": {"o": "2", "c": "k"}, "n": {"o": "3", "c": None}},
    ),
    (
        Nesting.SET,
        [{"o": "1", "c": "k"}, {"o": "2", "c": "l"}],
        [{"o": "2", "c": None}, {"o": "3", "c": None}],
        [{"o": "2", "c": "l"}, {"o": "3", "c": None}],
    ),
    (Nesting.SET, None, [{"o": "2", "c": None}], [{"o": "2", "c": None}]),
    (Nesting.SET, [{"o": "1", "c": "k"}], [], []),
]


@pytest.mark.parametrize(("nesting", "prior", "config", "expected"), NESTED)
def test_nested_attributes(nesting: Nesting, prior: Any, config: Any, expected: Any) -> None:
    made = block(nested("n", nesting, *_MEMBER, optional=True))
    assert proposed_new(made, {"n": prior}, {"n": config}) == {"n": expected}


BLOCKS = [
    (Nesting.SINGLE, {"o": "1", "c": "k"}, None, None),
    (Nesting.SINGLE, {"o": "1", "c": "k"}, {"o": "2", "c": None}, {"o": "2", "c": "k"}),
    (Nesting.SINGLE, {"o": "1", "c": "k"}, UNKNOWN, UNKNOWN),
    (Nesting.GROUP, {"o": "1", "c": "k"}, {"o": None, "c": None}, {"o": None, "c": "k"}),
    (Nesting.GROUP, None, {"o": "2", "c": None}, {"o": "2", "c": None}),
    (Nesting.LIST, [{"o": "1", "c": "k"}], [], []),
    (Nesting.LIST, [{"o": "1", "c": "k"}], UNKNOWN, UNKNOWN),
    (
        Nesting.LIST,
        [{"o": "1", "c": "k"}],
        [{"o": "2", "c": None}, {"o": "3", "c": None}],
        [{"o": "2", "c": "k"}, {"o": "3", "c": None}],
    ),
    (Nesting.MAP, {"k": {"o": "1", "c": "k"}}, {"k": {"o": "2", "c": None}}, {"k": {"o": "2", "c": "k"}}),
    (
        Nesting.SET,
        [{"o": "1", "c": "k"}, {"o": "2", "c": "l"}],
        [{"o": "1", "c": None}, {"o": "2", "c": "mine"}],
        [{"o": "1", "c": "k"}, {"o": "2", "c": "mine"}],
    ),
    # Two that could come from the same: each takes one.
    (
        Nesting.SET,
        [{"o": "1", "c": "k"}, {"o": "1", "c": "l"}],
        [{"o": "1", "c": None}],
        [{"o": "1", "c": "k"}],
    ),
]


@pytest.mark.parametrize(("nesting", "prior", "config", "expected"), BLOCKS)
def test_blocks(nesting: Nesting, prior: Any, config: Any, expected: Any) -> None:
    made = block(b=blocks(nesting, *_MEMBER))
    assert proposed_new(made, {"b": prior}, {"b": config}) == {"b": expected}


class TestOptionalComputedObjects:
    """§5.6, attribute rule 1: what was configured and is no longer does not live on."""

    def made(self, *attributes: Attribute) -> Block:
        return block(nested("n", Nesting.LIST, *attributes, optional=True, computed=True))

    def test_removed_from_the_configuration(self) -> None:
        made = self.made(optional("o"), computed("c"))
        assert proposed_new(made, {"n": [{"o": "1", "c": "k"}]}, {"n": None}) == {"n": None}

    def test_made_by_the_provider(self) -> None:
        made = self.made(optional("o"), computed("c"))
        prior = {"n": [{"o": None, "c": "k"}]}
        assert proposed_new(made, prior, {"n": None}) == prior

    def test_configured_deep_inside(self) -> None:
        inner = nested("i", Nesting.MAP, optional("o"), optional=True, computed=True)
        made = self.made(inner)
        assert proposed_new(made, {"n": [{"i": {"k": {"o": "1"}}}]}, {"n": None}) == {"n": None}
        kept = {"n": [{"i": {"k": {"o": None}}}]}
        assert proposed_new(made, kept, {"n": None}) == kept


class TestSetsOfNestedAttributes:
    def test_computed_within_a_set(self) -> None:
        """An element is known again by what was configured of it."""
        made = block(
            nested(
                "s", Nesting.SET, required("port", type=NUMBER), free("proto"), computed("id"), optional=True
            )
        )
        prior = {"s": [{"port": 1, "proto": "tcp", "id": "a"}, {"port": 2, "proto": "udp", "id": "b"}]}
        config = {"s": [{"port": 2, "proto": None, "id": None}, {"port": 3, "proto": None, "id": None}]}
        assert proposed_new(made, prior, config) == {
            "s": [{"port": 2, "proto": "udp", "id": "b"}, {"port": 3, "proto": None, "id": None}]
        }

    def test_sets_within_have_to_be_equal(self) -> None:
        member = block(required("a"), b=blocks(Nesting.SET, required("x"), computed("id")))
        was = {"a": "1", "b": [{"x": "y", "id": "k"}]}
        assert not could_come_from(member, was, {"a": "1", "b": [{"x": "y", "id": None}]})
        assert could_come_from(member, was, was)

    def test_lists_within_are_looked_into(self) -> None:
        member = block(required("a"), b=blocks(Nesting.LIST, required("x"), computed("id")))
        was = {"a": "1", "b": [{"x": "y", "id": "k"}]}
        assert could_come_from(member, was, {"a": "1", "b": [{"x": "y", "id": None}]})
        assert not could_come_from(member, was, {"a": "1", "b": []})
        assert not could_come_from(member, was, {"a": "2", "b": [{"x": "y", "id": None}]})

    def test_an_unknown_is_no_match(self) -> None:
        assert not could_come_from(block(required("a")), {"a": "1"}, {"a": UNKNOWN})
        assert not could_come_from(block(free("a")), {"a": "1"}, {"a": UNKNOWN})


class TestForeseen:
    def test_what_a_data_source_will_say(self) -> None:
        """§5.17: the configuration, with everything else unknown, at every depth."""
        made = block(
            required("a"),
            optional("o"),
            free("f"),
            computed("c"),
            nested("n", Nesting.LIST, required("x"), computed("y"), optional=True),
            b=blocks(Nesting.SET, required("x"), computed("y")),
        )
        config = {
            "a": "1",
            "o": None,
            "f": None,
            "c": None,
            "n": [{"x": "1", "y": None}],
            "b": [{"x": "1", "y": None}],
        }
        assert foreseen(made, config) == {
            "a": "1",
            "o": None,
            "f": UNKNOWN,
            "c": UNKNOWN,
            "n": [{"x": "1", "y": UNKNOWN}],
            "b": [{"x": "1", "y": UNKNOWN}],
        }


class TestTuplesOfBlocks:
    def test_blocks_that_bring_their_types_along(self) -> None:
        """§4.1: a list of blocks with a dynamic type inside stays a tuple."""
        made = block(b=blocks(Nesting.LIST, optional("any", type=DYNAMIC), computed("c")))

        def one(any_type: Any, value: Any, c: Any) -> tuple[Any, Any]:
            return ObjectOf({"any": any_type, "c": STRING}), {"any": value, "c": c}

        def several(*members: tuple[Any, Any]) -> DynamicValue:
            return DynamicValue(TupleOf(tuple(kind for kind, _ in members)), [value for _, value in members])

        prior = several(one(STRING, "x", "k"))
        config = several(one(ListOf(NUMBER), [1], None), one(STRING, "y", None))
        assert proposed_new(made, {"b": prior}, {"b": config}) == {
            "b": several(one(ListOf(NUMBER), [1], "k"), one(STRING, "y", None))
        }


# What holds for every value ---------------------------------------------------------------------

_LEVEL = block(
    required("r"),
    optional("o"),
    free("f"),
    computed("c"),
    nested("n", Nesting.LIST, optional("o"), computed("c"), optional=True),
    s=blocks(Nesting.SET, optional("o"), computed("c")),
    l=blocks(Nesting.LIST, optional("o"), free("f")),
    g=blocks(Nesting.GROUP, optional("o"), computed("c")),
)
_texts = st.sampled_from(["x", "y", "z"])
_maybe = st.none() | _texts


def _objects(**members: Any) -> Any:
    return st.fixed_dictionaries(members)


_configs = _objects(
    r=_texts,
    o=_maybe,
    f=_maybe,
    c=st.none(),
    n=st.none() | st.lists(_objects(o=_maybe, c=st.none()), max_size=3),
    s=st.lists(_objects(o=_maybe, c=st.none()), max_size=3, unique_by=lambda each: str(each["o"])),
    l=st.lists(_objects(o=_maybe, f=_maybe), max_size=3),
    g=_objects(o=_maybe, c=st.none()),
)


@given(_configs)
def test_creating_proposes_the_configuration(config: Any) -> None:
    assert equal(proposed_new(_LEVEL, None, config), config, _LEVEL.type)


@given(_configs, _configs)
def test_proposing_again_changes_nothing(before: Any, config: Any) -> None:
    """What was proposed is a fixed point: the same configuration leads to it again."""
    once = proposed_new(_LEVEL, before, config)
    assert equal(proposed_new(_LEVEL, once, config), once, _LEVEL.type)


@given(_configs)
def test_an_empty_value_is_no_prior(config: Any) -> None:
    assert equal(proposed_new(_LEVEL, empty_value(_LEVEL), config), config, _LEVEL.type)
