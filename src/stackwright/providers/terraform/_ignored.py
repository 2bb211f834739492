"""
`ignore_changes` in Terraform's terms (terraform.md §5.7 steps 2 and 7).

A value at an ignored place is put back to what it was. A path that ends in the key of a
map touches that key only: it goes where it was not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from stackwright.providers.terraform._attribute_paths import MISSING, resolve
from stackwright.providers.terraform._client import AttributeName, AttributePath, ElementKey
from stackwright.providers.terraform._schema import Attribute, Block, NestedBlock, Nesting
from stackwright.providers.terraform._types import ListOf, MapOf, ObjectOf, TupleOf, Type
from stackwright.providers.terraform._values import DynamicValue, TfValue, UnknownValue


def with_ignored(block: Block, prior: TfValue, value: TfValue, paths: Sequence[AttributePath]) -> TfValue:
    """*value*, a configuration or a plan, with what *prior* has at *paths*."""
    if prior is None or value is None:
        return value
    kind = block.type
    for path in paths:
        key = path[-1].key if path and isinstance(path[-1], ElementKey) else None
        if isinstance(key, str):
            value = _put_back_key(kind, prior, value, path[:-1], key)
            continue
        before, _ = resolve(prior, kind, path)
        now, _ = resolve(value, kind, path)
        if before is not MISSING and now is not MISSING:
            value = _changed(value, kind, path, _always(before))
    return value


def _always(before: TfValue) -> Callable[[TfValue], TfValue]:
    return lambda _: before


def with_all_ignored(block: Block, prior: TfValue, config: TfValue) -> TfValue:
    """
    *config* if every change is to be ignored: what there is, without what only the provider decides.

    Values that are never kept cannot be put back, so they come from *config*.
    """
    if prior is None or config is None:
        return config
    return _configurable(block, prior, config)


def _configurable(block: Block, prior: TfValue, config: TfValue) -> TfValue:
    if not isinstance(prior, dict):
        return prior
    kept = _configurable_attributes(block.attributes, prior, config)
    for name, nested in block.blocks.items():
        kept[name] = _configurable_blocks(nested, prior.get(name))
    return kept


def _configurable_blocks(nested: NestedBlock, value: TfValue) -> TfValue:
    if isinstance(value, list):
        return [_configurable(nested.block, each, None) for each in value]
    if nested.nesting is Nesting.MAP and isinstance(value, dict):
        return {key: _configurable(nested.block, each, None) for key, each in value.items()}
    return _configurable(nested.block, value, None)


def _configurable_attributes(
    attributes: Mapping[str, Attribute], prior: Mapping[str, TfValue], config: TfValue
) -> dict[str, TfValue]:
    return {
        name: _configurable_attribute(
            each, prior.get(name), config.get(name) if isinstance(config, dict) else None
        )
        for name, each in attributes.items()
    }


def _configurable_attribute(each: Attribute, value: TfValue, config: TfValue) -> TfValue:
    if each.computed_only:
        return None
    if each.write_only:
        return config
    if each.nested is None:
        return value
    attributes = each.nested.attributes

    def below(one: TfValue) -> TfValue:
        return _configurable_attributes(attributes, one, None) if isinstance(one, dict) else one

    if isinstance(value, list):
        return [below(one) for one in value]
    if each.nested.nesting is Nesting.MAP and isinstance(value, dict):
        return {key: below(one) for key, one in value.items()}
    return below(value)


def _put_back_key(kind: Type, prior: TfValue, value: TfValue, path: AttributePath, key: str) -> TfValue:
    before, _ = resolve(prior, kind, path)
    now, now_kind = resolve(value, kind, path)
    if before is MISSING or now is MISSING or isinstance(now, UnknownValue):
        return value
    if not isinstance(now_kind, MapOf):
        return value
    known: Mapping[str, TfValue] = before if isinstance(before, dict) else {}

    def put_back(wanted: TfValue) -> TfValue:
        rest = {name: each for name, each in (wanted or {}).items() if name != key}
        if key in known:
            rest[key] = known[key]
        return None if wanted is None and not rest else rest

    return _changed(value, kind, path, put_back)


def _changed(
    value: TfValue, kind: Type, path: AttributePath, change: Callable[[TfValue], TfValue]
) -> TfValue:
    """*value* with what is at *path*, which exists, changed."""
    if not path:
        return change(value)
    if isinstance(value, DynamicValue):
        return DynamicValue(value.type, _changed(value.value, value.type, path, change))
    if value is None or isinstance(value, UnknownValue):
        return value
    step, rest = path[0], path[1:]
    match kind, step:
        case ObjectOf(attributes), (AttributeName(key) | ElementKey(str(key))):
            return {**value, key: _changed(value[key], attributes[key], rest, change)}
        case MapOf(inner), ElementKey(str(key)):
            return {**value, key: _changed(value[key], inner, rest, change)}
        case ListOf(inner), ElementKey(int(index)):
            return [*value[:index], _changed(value[index], inner, rest, change), *value[index + 1 :]]
        case TupleOf(kinds), ElementKey(int(index)):
            return [*value[:index], _changed(value[index], kinds[index], rest, change), *value[index + 1 :]]
    return value
