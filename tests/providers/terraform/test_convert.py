"""Properties and Terraform's values, paths and differences (terraform.md §8.3-8.11)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from support.terraform_schemas import block, blocks, computed, free, nested, optional, required

from stackwright.providers.terraform import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    UNKNOWN,
    AttributeName,
    Block,
    DynamicValue,
    ElementKey,
    ListOf,
    MapOf,
    NestedBlock,
    Nesting,
    ObjectOf,
    ProviderSchema,
    Schema,
    SetOf,
    TupleOf,
    empty_value,
)
from stackwright.providers.terraform._convert import to_config, to_properties
from stackwright.providers.terraform._detailed_diff import detailed_diff
from stackwright.providers.terraform._mapping import PackageMapping
from stackwright.providers.terraform._property_paths import attribute_paths, property_path
from stackwright.providers.terraform._reading_back import imported_inputs, refreshed_inputs
from stackwright.providers.terraform._said import mask_of
from stackwright.providers.terraform._sensitive import sealed_inputs, write_only_properties
from stackwright.providers.terraform._shapes import Shape, block_shape
from stackwright.values import (
    UNKNOWN as UNKNOWN_PROPERTY,
)
from stackwright.values import (
    Asset,
    ResourceRef,
    Secret,
    parse_path,
)


def flat(*attributes: Any, nesting: Nesting = Nesting.LIST, **below: NestedBlock) -> NestedBlock:
    """Blocks of which there is one at most."""
    made = blocks(nesting, *attributes, **below)
    return NestedBlock(name="b", nesting=nesting, block=made.block, max_items=1)


MADE = block(
    computed("id"),
    required("the_name"),
    optional("size", type=NUMBER),
    optional("on", type=BOOL),
    optional("zone", type=ListOf(STRING)),
    optional("label", type=SetOf(STRING)),
    optional("tags", type=MapOf(STRING)),
    optional("pair", type=ObjectOf({"left_side": STRING, "right": NUMBER})),
    optional("both", type=TupleOf((STRING, NUMBER))),
    optional("anything", type=DYNAMIC),
    optional("pass_word", sensitive=True),
    optional("wo", write_only=True),
    free("region"),
    computed("made_at"),
    nested("part", Nesting.LIST, required("the_key"), computed("hash"), optional=True),
    disk=flat(required("the_kind"), optional("secret", sensitive=True), inner=flat(optional("x"))),
    rule=blocks(Nesting.SET, required("port", type=NUMBER), computed("rule_id"), optional("note")),
    step=blocks(Nesting.LIST, required("name")),
    single=blocks(Nesting.SINGLE, optional("x")),
    group=blocks(Nesting.GROUP, optional("x")),
)
EMPTY = empty_value(MADE)


def shape_of(made: Block) -> Shape:
    schema = ProviderSchema(provider=Schema(0, Block()), resources={"fake_thing": Schema(0, made)})
    return block_shape(made, PackageMapping("fake", schema).names("resources", "fake_thing"))


SHAPE = shape_of(MADE)


def config(**given: Any) -> dict[str, Any]:
    return {**EMPTY, "the_name": "n", **given}


TO_TERRAFORM: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"size": "12"}, {"size": 12}),
    ({"size": 1.0}, {"size": 1}),
    ({"size": ""}, {"size": None}),
    ({"size": "1.50"}, {"size": Decimal("1.50")}),
    ({"theName": True}, {"the_name": "true"}),
    ({"theName": 1.5}, {"the_name": "1.5"}),
    ({"on": "true"}, {"on": True}),
    ({"theName": UNKNOWN_PROPERTY}, {"the_name": UNKNOWN}),
    ({"theName": Secret("s")}, {"the_name": "s"}),
    ({"theName": ResourceRef(urn="u", id="i")}, {"the_name": "i"}),  # type: ignore[arg-type]
    ({"theName": Asset(text="t")}, {"the_name": "t"}),
    ({"zones": ["b", UNKNOWN_PROPERTY]}, {"zone": ["b", UNKNOWN]}),
    ({"zones": UNKNOWN_PROPERTY}, {"zone": UNKNOWN}),
    ({"labels": ["b", "a", "b"]}, {"label": ["a", "b"]}),
    ({"tags": {"some_key": None}}, {"tags": {"some_key": None}}),
    ({"pair": {"leftSide": "l"}}, {"pair": {"left_side": "l", "right": None}}),
    ({"both": {"t0": "a", "t1": 2}}, {"both": ["a", 2]}),
    ({"anything": ["a", "b"]}, {"anything": DynamicValue(ListOf(STRING), ["a", "b"])}),
    ({"anything": ["a", 1]}, {"anything": DynamicValue(TupleOf((STRING, NUMBER)), ["a", 1])}),
    (
        {"anything": {"some_key": True}},
        {"anything": DynamicValue(ObjectOf({"some_key": BOOL}), {"some_key": True})},
    ),
    ({"parts": [{"theKey": "k"}]}, {"part": [{"the_key": "k", "hash": None}]}),
    (
        {"disk": {"theKind": "k", "inner": {"x": "y"}}},
        {"disk": [{"the_kind": "k", "secret": None, "inner": [{"x": "y"}]}]},
    ),
    ({"disk": UNKNOWN_PROPERTY}, {"disk": UNKNOWN}),  # it may turn out to be none
    (
        {"rules": [{"port": 2}, {"port": 1}]},
        {"rule": [{"port": 1, "rule_id": None, "note": None}, {"port": 2, "rule_id": None, "note": None}]},
    ),
    ({"single": {}}, {"single": {"x": None}}),
    ({"group": {"x": "y"}}, {"group": {"x": "y"}}),
]


@pytest.mark.parametrize(("properties", "expected"), TO_TERRAFORM)
def test_to_terraform(properties: dict[str, Any], expected: dict[str, Any]) -> None:
    """§8.8, §8.5, §4.2: absent things are null, empty or there, as their schema says."""
    converted = to_config(SHAPE, {"theName": "n", **properties})
    assert converted.failures == ()
    assert converted.config == config(**expected)


FAILURES = [
    ({"madeAt": "x"}, "madeAt", "decided by the provider"),
    ({"size": "much"}, "size", "a number"),
    ({"on": []}, "on", "true or false"),
    ({"zones": "a"}, "zones", "a list"),
    ({"tags": [1]}, "tags", "a map"),
    ({"the_name": "x"}, "the_name", "`theName` is what Terraform calls"),
    ({"theNam": "x"}, "theNam", "did you mean `theName`"),
    ({"rules": [{"port": "x"}]}, "rules", "(at `rules[0].port`)"),
    ({"disk": {"theKind": "k", "inner": {"y": 1}}}, "disk", "(at `disk.inner.y`)"),
    ({"theName": Asset(path="p")}, "theName", "not an asset"),
]


@pytest.mark.parametrize(("properties", "place", "reason"), FAILURES)
def test_what_does_not_fit(properties: dict[str, Any], place: str, reason: str) -> None:
    """§8.8: at the property, with what may have been meant."""
    (failure,) = to_config(SHAPE, {"theName": "n", **properties}).failures
    assert failure.property == place
    assert reason in failure.reason


def test_numbers_of_blocks() -> None:
    """§4.4."""
    some = NestedBlock(name="b", nesting=Nesting.LIST, block=block(optional("x")), min_items=2, max_items=3)
    shape = shape_of(block(b=some))
    assert [each.reason for each in to_config(shape, {}).failures] == ["At least 2 of this is needed"]
    assert to_config(shape, {"bs": [{}]}).failures
    assert not to_config(shape, {"bs": [{}, {}]}).failures
    assert to_config(shape, {"bs": [{}] * 4}).failures


def test_configuration_of_providers_in_json() -> None:
    """§8.15."""
    properties = {
        "theName": "n",
        "size": "3",
        "zones": '["a"]',
        "disk": '{"theKind": "k"}',
        "rules": '[{"port": 1}]',
    }
    converted = to_config(SHAPE, properties, texts_are_json=True)
    assert converted.failures == ()
    assert converted.config["zone"] == ["a"]
    assert converted.config["disk"][0]["the_kind"] == "k"
    assert converted.config["rule"][0]["port"] == 1
    assert to_config(SHAPE, {"theName": "n", "zones": "["}, texts_are_json=True).failures


FROM_TERRAFORM: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"id": "i"}, {}),
    ({"size": Decimal("2.0")}, {"size": 2}),
    ({"size": Decimal("2.5")}, {"size": 2.5}),
    ({"zone": []}, {"zones": []}),
    ({"tags": {"a": "b"}}, {"tags": {"a": "b"}}),
    ({"pass_word": "p"}, {"passWord": Secret("p")}),
    ({"region": UNKNOWN}, {"region": UNKNOWN_PROPERTY}),
    ({"both": ["a", 1]}, {"both": {"t0": "a", "t1": 1}}),
    ({"anything": DynamicValue(TupleOf((STRING, NUMBER)), ["a", 1])}, {"anything": ["a", 1]}),
    (
        {"disk": [{"the_kind": "k", "secret": "s", "inner": []}]},
        {"disk": {"theKind": "k", "secret": Secret("s")}},
    ),
    ({"part": [{"the_key": "k", "hash": None}]}, {"parts": [{"theKey": "k"}]}),
]


@pytest.mark.parametrize(("value", "expected"), FROM_TERRAFORM)
def test_from_terraform(value: dict[str, Any], expected: dict[str, Any]) -> None:
    """§8.8: nulls are left out, empty collections are not, what is sensitive is secret."""
    always = {"theName": "n", "rules": [], "steps": [], "group": {}}
    assert to_properties(SHAPE, config(**value)) == {**always, **expected}


def test_secrets_stay_where_they_were() -> None:
    """§8.14: at every place that was secret in the inputs; in sets nobody can tell which."""
    inputs = {
        "theName": Secret("n"),
        "tags": {"a": Secret("b"), "c": "d"},
        "disk": {"theKind": Secret("k")},
        "steps": [{"name": Secret("x")}, {"name": "y"}],
        "rules": [{"port": 1, "note": Secret("n")}],
    }
    value = to_config(SHAPE, inputs).config
    found = to_properties(SHAPE, value, inputs)
    assert found["theName"] == Secret("n")
    assert found["tags"] == {"a": Secret("b"), "c": "d"}
    assert found["disk"]["theKind"] == Secret("k")
    assert found["steps"] == [{"name": Secret("x")}, {"name": "y"}]
    assert isinstance(found["rules"], Secret)


def steps(text: str) -> Any:
    """`a[0].b` as a path of Terraform."""
    return tuple(
        ElementKey(step) if isinstance(step, int) else AttributeName(step) for step in parse_path(text)
    )


PATHS = [
    ("the_name", "theName"),
    ("zone[1]", "zones[1]"),
    ("disk[0].the_kind", "disk.theKind"),
    ("disk[0].inner[0].x", "disk.inner.x"),
    ("step[2].name", "steps[2].name"),
    ("pair.left_side", "pair.leftSide"),
    ("both[1]", "both.t1"),
]


@pytest.mark.parametrize(("theirs", "ours"), PATHS)
def test_paths_both_ways(theirs: str, ours: str) -> None:
    """§8.6."""
    assert property_path(SHAPE, steps(theirs)) == parse_path(ours)
    assert attribute_paths(SHAPE, parse_path(ours)) == [steps(theirs)]


def test_paths_end_where_nothing_is() -> None:
    assert property_path(SHAPE, steps("rule[7].port")) == ("rules",)
    assert property_path(SHAPE, steps("disk.the_kind")) == ("disk", "theKind")
    assert property_path(SHAPE, steps("nowhere[0]")) == ()
    assert attribute_paths(SHAPE, ("nowhere",)) == []
    assert attribute_paths(SHAPE, ("rules", 0, "port")) == [steps("rule")]
    tags = (AttributeName("tags"), ElementKey("some key"))
    assert property_path(SHAPE, tags) == ("tags", "some key")
    assert attribute_paths(SHAPE, ("tags", "some key")) == [tags]


def test_wildcards_stand_for_what_there_is() -> None:
    values = [config(step=[{"name": "a"}], tags={"k": "v"}), config(step=[{"name": "a"}, {"name": "b"}])]
    assert attribute_paths(SHAPE, parse_path("steps[*].name"), values) == [
        steps("step[0].name"),
        steps("step[1].name"),
    ]
    assert attribute_paths(SHAPE, parse_path("tags[*]"), values) == [(AttributeName("tags"), ElementKey("k"))]


def differences(before: dict[str, Any], after: dict[str, Any], inputs: Any = None, **more: Any) -> Any:
    found = detailed_diff(SHAPE, prior=config(**before), planned=config(**after), inputs=inputs or {}, **more)
    return {path: entry.kind.value for path, entry in found.items()}


def rule(port: int, rule_id: Any = None) -> dict[str, Any]:
    return {"port": port, "rule_id": rule_id, "note": None}


def disk(kind: str) -> dict[str, Any]:
    return {"the_kind": kind, "secret": None, "inner": []}


DIFFERENCES: list[tuple[str, dict[str, Any], dict[str, Any], Any, dict[str, str]]] = [
    ("nothing", {}, {}, None, {}),
    ("added", {}, {"size": 1}, None, {"size": "add"}),
    ("removed", {"size": 1}, {}, None, {"size": "delete"}),
    ("changed", {"size": 1}, {"size": 2}, None, {"size": "update"}),
    ("not known", {"region": "a"}, {"region": UNKNOWN}, None, {"region": "update"}),
    ("not known and new", {}, {"region": UNKNOWN}, None, {"region": "add"}),
    ("within a flattened block", {"disk": [disk("a")]}, {"disk": [disk("b")]}, None,
     {"disk.theKind": "update"}),
    ("a flattened block", {"disk": [disk("a")]}, {}, None, {"disk": "delete"}),
    ("a list that grows", {"zone": ["a", "c"]}, {"zone": ["a", "b", "c"]}, None, {"zones[1]": "add"}),
    ("a list loses its head", {"zone": ["a", "b", "c"]}, {"zone": ["b", "c"]}, None, {"zones[0]": "delete"}),
    ("an element changes", {"zone": ["a", "b"]}, {"zone": ["a", "x"]}, None, {"zones[1]": "update"}),
    ("blocks by position", {"step": [{"name": "a"}]}, {"step": [{"name": "b"}, {"name": "c"}]}, None,
     {"steps[0].name": "update", "steps[1]": "add"}),
    ("a map", {"tags": {"a": "1", "b": "2"}}, {"tags": {"a": "9", "c": "3"}}, None,
     {"tags.a": "update", "tags.b": "delete", "tags.c": "add"}),
    ("a set of scalars in the program's order", {"label": ["a"]}, {"label": ["a", "b"]},
     {"labels": ["b", "a"]}, {"labels[0]": "add"}),
    ("a set of blocks", {"rule": [rule(1, "x")]}, {"rule": [rule(1, "x"), rule(2, UNKNOWN)]},
     {"rules": [{"port": 1}, {"port": 2}]}, {"rules[1]": "add"}),
    ("an element of a set changes", {"rule": [rule(1, "x")]}, {"rule": [rule(2, UNKNOWN)]},
     {"rules": [{"port": 2}]}, {"rules[0].port": "update", "rules[0].ruleId": "update"}),
    ("a set that nobody wrote", {"rule": [rule(1, "x")]}, {"rule": [rule(2, "y")]}, {}, {"rules": "update"}),
    ("another type", {"anything": DynamicValue(STRING, "1")}, {"anything": DynamicValue(NUMBER, 1)}, None,
     {"anything": "update"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "before", "after", "inputs", "expected"), DIFFERENCES)
def test_differences(name: str, before: Any, after: Any, inputs: Any, expected: dict[str, str]) -> None:
    """§8.11 step 1."""
    assert differences(before, after, inputs) == expected, name


class TestReplacements:
    """§8.11 step 2."""

    def test_entries_at_below_and_above_are_marked(self) -> None:
        found = differences(
            {"disk": [disk("a")], "size": 1},
            {"disk": [disk("b")], "size": 2},
            replace_paths=[steps("disk[0].the_kind")],
            replaces=True,
        )
        assert found == {"disk.theKind": "update-replace", "size": "update"}
        forced = [steps("disk[0].the_kind")]
        removed = differences({"disk": [disk("a")]}, {}, replace_paths=forced, replaces=True)
        assert removed == {"disk": "delete-replace"}

    def test_one_that_nothing_shows(self) -> None:
        found = differences({}, {}, replace_paths=[steps("wo")], replaces=True)
        assert found == {"__meta": "update-replace"}

    def test_none_where_the_plan_says_none(self) -> None:
        found = differences({"size": 1}, {"size": 2}, replace_paths=[steps("size")], replaces=False)
        assert found == {"size": "update"}


class TestReadingBack:
    """§8.10: Read."""

    def test_inputs_keep_their_extent(self) -> None:
        inputs = {
            "theName": "n",
            "tags": {"a": "b"},
            "disk": {"theKind": "k"},
            "steps": [{"name": "x"}, {"name": "y"}],
            "rules": [{"port": 2}, {"port": 1}],
            "wo": Secret("w"),
            "size": 4,
        }
        value = config(
            the_name="m",
            region="here",
            tags={"a": "c", "z": "y"},
            disk=[{"the_kind": "l", "secret": "s", "inner": []}],
            step=[{"name": "z"}],
            rule=[rule(1, "i"), rule(3, "j")],
        )
        assert refreshed_inputs(SHAPE, inputs, to_properties(SHAPE, value)) == {
            "theName": "m",
            "tags": {"a": "c", "z": "y"},
            "disk": {"theKind": "l"},
            "steps": [{"name": "z"}],
            "rules": [{"port": 1}, {"port": 3}],
            "wo": Secret("w"),
        }

    def test_secrets_stay_secret(self) -> None:
        inputs = {"theName": Secret("n"), "tags": {"a": Secret("b")}}
        found = refreshed_inputs(SHAPE, inputs, to_properties(SHAPE, config(the_name="m", tags={"a": "c"})))
        assert found == {"theName": Secret("m"), "tags": {"a": Secret("c")}}

    def test_a_default_that_changed_is_none_any_more(self) -> None:
        inputs = {"theName": "n", "__defaults": ["theName"]}
        same = refreshed_inputs(SHAPE, inputs, to_properties(SHAPE, config(the_name="n")))
        other = refreshed_inputs(SHAPE, inputs, to_properties(SHAPE, config(the_name="m")))
        assert (same["__defaults"], other["__defaults"]) == (["theName"], [])

    def test_imports_say_what_can_be_said(self) -> None:
        value = config(
            id="i",
            size=0,
            on=False,
            region="here",
            made_at="now",
            tags={},
            pass_word="p",
            rule=[rule(1, "i")],
            disk=[{"the_kind": "", "secret": None, "inner": []}],
        )
        assert imported_inputs(SHAPE, to_properties(SHAPE, value)) == {
            "theName": "n",
            "region": "here",
            "passWord": Secret("p"),
            "rules": [{"port": 1}],
            "disk": {"theKind": ""},
        }


def test_sensitive_inputs_are_sealed() -> None:
    """§8.14."""
    inputs = {"theName": "n", "passWord": "p", "disk": {"theKind": "k", "secret": "s"}}
    assert sealed_inputs(SHAPE, inputs) == {
        "theName": "n",
        "passWord": Secret("p"),
        "disk": {"theKind": "k", "secret": Secret("s")},
    }
    plain = {"theName": "n"}
    assert sealed_inputs(SHAPE, plain) is plain


def test_write_only_places_are_named() -> None:
    """§5.23."""
    assert write_only_properties(SHAPE, {"theName": "n", "wo": Secret("w")}) == (("wo",),)


def test_masks_hide_secrets_in_any_text() -> None:
    """§8.14."""
    mask = mask_of(SHAPE, {"theName": Secret("hush"), "passWord": "quiet", "disk": {"secret": "silence"}})
    assert mask("hush! quiet, silence") == "[secret]! [secret], [secret]"
