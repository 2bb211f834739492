"""
Objects of the old SDK, as their schema says that they should look (terraform.md §5.5.1).

Only blocks are put right; attributes stay what the provider says. What is shown and
turned into properties is normalised, what goes back to the provider is not.
"""

from __future__ import annotations

from collections.abc import Mapping

from stackwright.providers.terraform._schema import Attribute, Block, NestedBlock, Nesting, empty_value
from stackwright.providers.terraform._types import contains_dynamic
from stackwright.providers.terraform._values import UNKNOWN, TfValue, UnknownValue, canonical_set


def normalised(block: Block, value: TfValue) -> TfValue:
    """*value* with null and unknown blocks as empty ones and blocks of unknowns."""
    if value is None or isinstance(value, UnknownValue) or not block.blocks:
        return value
    changed = {
        name: _nested(nested, value.get(name))
        for name, nested in block.blocks.items()
        if not contains_dynamic(nested.block.type)
    }
    return {**value, **changed}


def _nested(nested: NestedBlock, value: TfValue) -> TfValue:
    block = nested.block
    match nested.nesting:
        case Nesting.LIST | Nesting.SET:
            if isinstance(value, UnknownValue):
                return [unknown_block(block)]
            found = [normalised(block, each) for each in value or ()]
            return canonical_set(found, block.type) if nested.nesting is Nesting.SET else found
        case Nesting.SINGLE | Nesting.GROUP:
            if isinstance(value, UnknownValue):
                return unknown_block(block)
            if value is None:
                return empty_value(block) if nested.nesting is Nesting.GROUP else None
            return normalised(block, value)
    return value


def unknown_block(block: Block) -> dict[str, TfValue]:
    """A block of which nothing is known but that it is there."""
    value: dict[str, TfValue] = dict.fromkeys(block.attributes, UNKNOWN)
    for name, nested in block.blocks.items():
        value[name] = _nested(nested, UNKNOWN)
    return value


def without_write_only(block: Block, value: TfValue) -> TfValue:
    """*value* with null for whatever must never be kept (§5.23)."""
    if not isinstance(value, dict):
        return value
    cleared = _clear_attributes(block.attributes, value)
    for name, nested in block.blocks.items():
        cleared[name] = _each(value.get(name), nested.nesting, nested.block)
    return cleared


def _each(value: TfValue, nesting: Nesting, block: Block) -> TfValue:
    if isinstance(value, list):
        return [without_write_only(block, each) for each in value]
    if nesting is Nesting.MAP and isinstance(value, dict):
        return {key: without_write_only(block, each) for key, each in value.items()}
    return without_write_only(block, value)


def _clear_attributes(
    attributes: Mapping[str, Attribute], value: Mapping[str, TfValue]
) -> dict[str, TfValue]:
    return {name: _clear_attribute(each, value.get(name)) for name, each in attributes.items()}


def _clear_attribute(each: Attribute, value: TfValue) -> TfValue:
    if each.write_only:
        return None
    if each.nested is None or value is None or isinstance(value, UnknownValue):
        return value
    attributes = each.nested.attributes
    if isinstance(value, list):
        return [_clear_attributes(attributes, one) if isinstance(one, dict) else one for one in value]
    if each.nested.nesting is Nesting.MAP:
        return {
            key: _clear_attributes(attributes, one) if isinstance(one, dict) else one
            for key, one in value.items()
        }
    return _clear_attributes(attributes, value)


def write_only_values(block: Block, value: TfValue) -> list[str]:
    """The places in *value* where something is that must not be."""
    return _differences(value, without_write_only(block, value), "")


def _differences(value: TfValue, cleared: TfValue, path: str) -> list[str]:
    if value is cleared or value == cleared:
        return []
    if isinstance(value, dict) and isinstance(cleared, dict):
        return [
            place for key in value for place in _differences(value[key], cleared.get(key), f"{path}.{key}")
        ]
    if isinstance(value, list) and isinstance(cleared, list):
        return [
            place
            for at, (one, other) in enumerate(zip(value, cleared, strict=False))
            for place in _differences(one, other, f"{path}[{at}]")
        ]
    return [path]
