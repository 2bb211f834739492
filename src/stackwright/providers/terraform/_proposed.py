"""
The proposed new state: what a plan starts from (terraform.md §5.6).

Merges what there is (*prior*) with what is wanted (*config*): the configuration wins
wherever it says something, and what only the provider can say is carried over. Pure.
A prior that is unknown as a whole makes unknown whatever would be carried over, which
is how a data source that cannot be read yet is foreseen (§5.17).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from stackwright.providers.terraform._blocks import block_elements, block_value
from stackwright.providers.terraform._schema import (
    Attribute,
    Block,
    NestedBlock,
    NestedObject,
    Nesting,
    empty_value,
)
from stackwright.providers.terraform._types import Type
from stackwright.providers.terraform._values import UNKNOWN, TfValue, UnknownValue, canonical_set, equal

_Merge: TypeAlias = Callable[[TfValue, TfValue], TfValue]
_CameFrom: TypeAlias = Callable[[TfValue, TfValue], bool]


def proposed_new(block: Block, prior: TfValue, config: TfValue) -> TfValue:
    """What *config* makes of *prior*, before the provider has its say."""
    if prior is None:
        if config is None:
            return None
        prior = empty_value(block)
    if config is None or isinstance(config, UnknownValue):
        return prior
    merged = _attributes(block.attributes, prior, config)
    for name, nested in block.blocks.items():
        merged[name] = _block(nested, _carried(prior, name), config.get(name))
    return merged


def foreseen(block: Block, config: TfValue) -> TfValue:
    """What *config* will be once it is read: everything that the provider decides is unknown (§5.17)."""
    return proposed_new(block, UNKNOWN, config)


def _carried(prior: TfValue, name: str) -> TfValue:
    if prior is None or isinstance(prior, UnknownValue):
        return prior
    return prior.get(name)


def _attributes(
    attributes: Mapping[str, Attribute], prior: TfValue, config: Mapping[str, TfValue]
) -> dict[str, TfValue]:
    return {
        name: _attribute(attribute, _carried(prior, name), config.get(name))
        for name, attribute in attributes.items()
    }


def _attribute(attribute: Attribute, prior: TfValue, config: TfValue) -> TfValue:
    if attribute.computed and config is None:
        was_configured = (
            attribute.optional and attribute.nested is not None and _has_configured(attribute.nested, prior)
        )
        return None if was_configured else prior
    if attribute.nested is not None:
        return _nested(attribute.nested, prior, config)
    return config


def _has_configured(nested: NestedObject, value: TfValue) -> bool:
    """Whether anything in *value* can only have come from a configuration, since removed."""
    match nested.nesting:
        case Nesting.SINGLE:
            objects = [value]
        case Nesting.MAP:
            objects = list(value.values()) if isinstance(value, dict) else []
        case _:
            objects = value if isinstance(value, list) else []
    return any(
        each.get(name) is not None
        and (
            not attribute.computed
            or (attribute.nested is not None and _has_configured(attribute.nested, each[name]))
        )
        for each in objects
        if isinstance(each, dict)
        for name, attribute in nested.attributes.items()
    )


def _nested(nested: NestedObject, prior: TfValue, config: TfValue) -> TfValue:
    if config is None or isinstance(config, UnknownValue):
        return config

    def merge(before: TfValue, wanted: TfValue) -> TfValue:
        if wanted is None or isinstance(wanted, UnknownValue):
            return wanted
        return _attributes(nested.attributes, before, wanted)

    def came_from(before: TfValue, wanted: TfValue) -> bool:
        return _could_come_from(nested.attributes, {}, nested.element, before, wanted)

    match nested.nesting:
        case Nesting.LIST:
            return _list(prior, config, merge)
        case Nesting.MAP:
            return _map(prior, config, merge)
        case Nesting.SET:
            return canonical_set(_set(prior, config, merge, came_from), nested.element)
    return merge(prior, config)


def _block(nested: NestedBlock, prior: TfValue, config: TfValue) -> TfValue:
    if isinstance(config, UnknownValue):
        return config
    block = nested.block

    def merge(before: TfValue, wanted: TfValue) -> TfValue:
        return proposed_new(block, before, wanted)

    def came_from(before: TfValue, wanted: TfValue) -> bool:
        return _could_come_from(block.attributes, block.blocks, block.type, before, wanted)

    if nested.nesting is Nesting.SINGLE:
        return None if config is None else merge(prior, config)
    if nested.nesting is Nesting.GROUP:
        return merge(prior, config)
    before, wanted = block_elements(nested, prior), block_elements(nested, config)
    if not wanted or isinstance(wanted, UnknownValue):
        return config
    match nested.nesting:
        case Nesting.LIST:
            return block_value(nested, _list(before, wanted, merge))
        case Nesting.MAP:
            return block_value(nested, _map(before, wanted, merge))
        case _:
            return block_value(nested, _set(before, wanted, merge, came_from))


def _list(prior: TfValue, config: list[TfValue], merge: _Merge) -> list[TfValue]:
    if isinstance(prior, UnknownValue):
        return [merge(prior, each) for each in config]
    known = len(prior or ())
    return [merge(prior[at], each) if at < known else each for at, each in enumerate(config)]


def _map(prior: TfValue, config: Mapping[str, TfValue], merge: _Merge) -> dict[str, TfValue]:
    if isinstance(prior, UnknownValue):
        return {key: merge(prior, each) for key, each in config.items()}
    known = prior or {}
    return {key: merge(known[key], each) if key in known else each for key, each in config.items()}


def _set(prior: TfValue, config: list[TfValue], merge: _Merge, came_from: _CameFrom) -> list[TfValue]:
    """Each wanted element takes over from the first one that it may have been before."""
    if isinstance(prior, UnknownValue):
        return [merge(prior, each) for each in config]
    left = list(prior or ())
    merged: list[TfValue] = []
    for wanted in config:
        at = next((i for i, before in enumerate(left) if came_from(before, wanted)), None)
        merged.append(merge(None if at is None else left.pop(at), wanted))
    return merged


def could_come_from(block: Block, prior: TfValue, config: TfValue) -> bool:
    """
    Whether the block *prior* may be what a provider made of the block *config*.

    They may differ only in attributes that the provider decides and the configuration
    leaves out. Sets inside have to be equal: nothing tells which element became which.
    """
    return _could_come_from(block.attributes, block.blocks, block.type, prior, config)


def object_could_come_from(nested: NestedObject, prior: TfValue, config: TfValue) -> bool:
    """`could_come_from` for the objects of a nested attribute."""
    return _could_come_from(nested.attributes, {}, nested.element, prior, config)


def _could_come_from(
    attributes: Mapping[str, Attribute],
    blocks: Mapping[str, NestedBlock],
    kind: Type,
    prior: TfValue,
    config: TfValue,
) -> bool:
    if equal(prior, config, kind) or not isinstance(prior, dict):
        return True
    if config is None:
        return False
    for name, attribute in attributes.items():
        before, wanted = prior.get(name), _carried(config, name)
        if equal(before, wanted, attribute.type):
            continue
        if attribute.nested is not None:
            if not _nested_came_from(attribute.nested, before, wanted):
                return False
        elif not attribute.computed or wanted is not None:
            return False
    return all(
        _block_came_from(nested, prior.get(name), _carried(config, name)) for name, nested in blocks.items()
    )


def _nested_came_from(nested: NestedObject, prior: TfValue, config: TfValue) -> bool:
    def below(before: TfValue, wanted: TfValue) -> bool:
        return _could_come_from(nested.attributes, {}, nested.element, before, wanted)

    return _parts_came_from(nested.nesting, prior, config, below)


def _block_came_from(nested: NestedBlock, prior: TfValue, config: TfValue) -> bool:
    if equal(prior, config, nested.type):
        return True
    below = _block_below(nested.block)
    return _parts_came_from(
        nested.nesting, block_elements(nested, prior), block_elements(nested, config), below
    )


def _block_below(block: Block) -> _CameFrom:
    return lambda before, wanted: could_come_from(block, before, wanted)


def _parts_came_from(nesting: Nesting, prior: TfValue, config: TfValue, below: _CameFrom) -> bool:
    """The same of two values that are not equal, part by part."""
    if nesting is Nesting.SET:
        return False
    if prior is None or isinstance(prior, UnknownValue):
        return True
    if isinstance(config, UnknownValue):
        parts = prior.values() if nesting is Nesting.MAP else prior if nesting is Nesting.LIST else [prior]
        return all(below(each, config) for each in parts)
    if config is None:
        # Nothing is there to differ from what an empty collection holds.
        return nesting.repeats and not prior
    match nesting:
        case Nesting.LIST:
            return len(prior) <= len(config) and all(map(below, prior, config))
        case Nesting.MAP:
            return all(key in config and below(each, config[key]) for key, each in prior.items())
    return below(prior, config)
