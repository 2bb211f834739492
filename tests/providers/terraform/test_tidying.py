"""Inputs as packages made by hand have them (terraform.md §8.3, §8.5)."""

from __future__ import annotations

import pytest
from support.terraform_schemas import block, blocks, optional

from stackwright.providers.terraform import BOOL, STRING, ListOf, Nesting
from stackwright.providers.terraform._convert import to_config
from stackwright.providers.terraform._mapping import Level, block_members
from stackwright.providers.terraform._shapes import block_shape
from stackwright.providers.terraform._tidying import tidied
from stackwright.values import UNKNOWN, PropertyMap, Secret

AND = blocks(Nesting.LIST, optional("on", type=BOOL))
BLOCK = block(
    optional("zone_ids", type=ListOf(STRING)),
    optional("name_prefix"),
    rule=blocks(
        Nesting.LIST,
        optional("id"),
        filter=blocks(
            Nesting.SET, optional("tag_name"), **{"and": blocks(Nesting.LIST, optional("on", type=BOOL))}
        ),
    ),
)
SHAPE = block_shape(BLOCK, Level(block_members(BLOCK)))


@pytest.mark.parametrize(
    ("given", "by_rule"),
    [
        ({"rule": {"filter": {"tagName": "a"}}}, {"rules": [{"filters": [{"tagName": "a"}]}]}),
        ({"rules": [{"filter": {"tag_name": "a"}}]}, {"rules": [{"filters": [{"tagName": "a"}]}]}),
        (
            {"rules": [{"filters": {"and_": {"on": True}}}]},
            {"rules": [{"filters": [{"ands": [{"on": True}]}]}]},
        ),
        ({"zoneIds": "one", "name_prefix": "n"}, {"zoneIds": ["one"], "namePrefix": "n"}),
        ({"rule": Secret({"id": "a"})}, {"rules": Secret([{"id": "a"}])}),
    ],
)
def test_other_forms(given: PropertyMap, by_rule: PropertyMap) -> None:
    """One value for a list, Terraform's names and Python's, at any depth."""
    made = tidied(SHAPE, given)

    assert made == by_rule
    assert not to_config(SHAPE, made).failures


@pytest.mark.parametrize(
    "given",
    [
        {"rules": [{"id": "a", "filters": [{"tagName": "b"}]}], "zoneIds": ["a"]},
        {"rules": UNKNOWN, "zoneIds": None},
        {"unheardOf": {"filter": 1}},
        {"rules": "nothing like it"},
        {"rule": {"id": "a"}, "rules": [{"id": "b"}]},
    ],
)
def test_what_is_by_rule_or_wrong_stays(given: PropertyMap) -> None:
    """Who reports what is wrong sees what the program said."""
    assert tidied(SHAPE, given) is given
