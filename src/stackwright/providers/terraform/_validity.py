"""
Is a plan one that Terraform would accept? (terraform.md §5.8)

A provider may decide what the configuration leaves to it, and nothing else. Whether the
problems found here are errors is the caller's decision: the old SDK breaks these rules all
the time (§6).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stackwright.providers.terraform._blocks import block_elements
from stackwright.providers.terraform._client import AttributePath
from stackwright.providers.terraform._problems import Problem, attribute, element, shown
from stackwright.providers.terraform._schema import Attribute, Block, NestedBlock, NestedObject, Nesting
from stackwright.providers.terraform._values import TfValue, UnknownValue, contains_unknown, equal


def plan_problems(block: Block, *, prior: TfValue, config: TfValue, planned: TfValue) -> list[Problem]:
    """Where *planned* is not what *config* and *prior* allow it to be."""
    return list(_block_problems(block, prior, config, planned, ()))


def _absence(config: TfValue, planned: TfValue, path: AttributePath) -> Problem | None:
    if planned is None and config is not None:
        return Problem(path, "planned for absence, but the configuration wants existence")
    if config is None and planned is not None:
        return Problem(path, "planned for existence, but the configuration wants absence")
    return None


def _part(whole: TfValue, key: str) -> TfValue:
    return whole.get(key) if isinstance(whole, dict) else None


def _item(whole: TfValue, at: int) -> TfValue:
    return whole[at] if isinstance(whole, list) and at < len(whole) else None


def _block_problems(
    block: Block, prior: TfValue, config: TfValue, planned: TfValue, path: AttributePath
) -> Iterator[Problem]:
    missing = _absence(config, planned, path)
    if missing is not None:
        yield missing
        return
    if planned is None:
        return
    if isinstance(planned, UnknownValue) or isinstance(config, UnknownValue):
        if not (isinstance(planned, UnknownValue) and isinstance(config, UnknownValue)):
            yield Problem(path, "planned as unknown, or for a configuration that is not known")
        return
    yield from _attributes_problems(block.attributes, prior, config, planned, path)
    for name, nested in block.blocks.items():
        yield from _nested_block_problems(
            nested, _part(prior, name), config.get(name), planned.get(name), attribute(path, name)
        )


def _attributes_problems(
    attributes: Mapping[str, Attribute],
    prior: TfValue,
    config: TfValue,
    planned: TfValue,
    path: AttributePath,
) -> Iterator[Problem]:
    for name, each in attributes.items():
        yield from _attribute_problems(
            each, _part(prior, name), config.get(name), planned.get(name), attribute(path, name)
        )


def _attribute_problems(
    each: Attribute, prior: TfValue, config: TfValue, planned: TfValue, path: AttributePath
) -> Iterator[Problem]:
    if equal(planned, config, each.type):
        return
    if each.computed_only or (each.computed and config is None):
        return
    if prior is not None and config is not None and _surely_equal(planned, prior, each):
        return  # the provider says that what is wanted is what there is
    if each.write_only and planned is None:
        return
    if config is None:
        what = "a sensitive value" if each.sensitive else shown(planned)
        yield Problem(path, f"planned {what} for an attribute that only the configuration sets")
    elif each.nested is not None:
        yield from _object_problems(each.nested, prior, config, planned, path)
    elif each.sensitive:
        yield Problem(path, "the planned value is neither the configured nor the prior one")
    else:
        before = "" if prior is None else f", nor prior {shown(prior)}"
        yield Problem(path, f"planned {shown(planned)} is not the configured {shown(config)}{before}")


def _surely_equal(planned: TfValue, prior: TfValue, each: Attribute) -> bool:
    return not contains_unknown(planned) and equal(planned, prior, each.type)


def _object_problems(
    nested: NestedObject, prior: TfValue, config: TfValue, planned: TfValue, path: AttributePath
) -> Iterator[Problem]:
    missing = _absence(config, planned, path)
    if missing is not None:
        yield missing
        return
    if isinstance(planned, UnknownValue):
        yield Problem(path, "planned as unknown, but the configuration says what it is")
        return
    if planned is None or isinstance(config, UnknownValue):
        if planned is not None:
            yield Problem(path, "planned for a configuration that is not known")
        return

    def below(before: TfValue, wanted: TfValue, found: TfValue, path: AttributePath) -> Iterator[Problem]:
        missing = _absence(wanted, found, path)
        if missing is not None:
            yield missing
        elif isinstance(wanted, dict) and isinstance(found, dict):
            yield from _attributes_problems(nested.attributes, before, wanted, found, path)
        elif isinstance(wanted, UnknownValue) != isinstance(found, UnknownValue):
            yield Problem(path, "an element must not be unknown as a whole unless it is configured so")

    match nested.nesting:
        case Nesting.SINGLE:
            yield from below(prior, config, planned, path)
        case Nesting.LIST:
            if len(planned) != len(config):
                yield _count(path, planned, config)
                return
            for at, (wanted, found) in enumerate(zip(config, planned, strict=True)):
                yield from below(_item(prior, at), wanted, found, element(path, at))
        case Nesting.MAP:
            yield from _key_problems(planned, config, path)
            for key in sorted(planned.keys() & config.keys()):
                yield from below(_part(prior, key), config[key], planned[key], element(path, key))
        case _:
            # Elements of a set cannot be told apart, so that only their number says something.
            if not contains_unknown(planned) and not contains_unknown(config) and len(planned) != len(config):
                yield _count(path, planned, config)


def _nested_block_problems(
    nested: NestedBlock, prior: TfValue, config: TfValue, planned: TfValue, path: AttributePath
) -> Iterator[Problem]:
    if equal(planned, config, nested.type):
        return
    if isinstance(config, UnknownValue):
        yield Problem(path, "planned for blocks that are not known yet")
        return
    if isinstance(planned, UnknownValue):
        yield Problem(path, "planned as unknown; only a configuration can make blocks unknown")
        return
    if not nested.nesting.repeats:
        yield from _block_problems(nested.block, prior, config, planned, path)
        return
    if planned is None:
        yield Problem(path, "blocks that are not there must be empty, not null")
        return
    before = block_elements(nested, prior)
    wanted: TfValue = block_elements(nested, config) or ({} if nested.nesting is Nesting.MAP else [])
    found = block_elements(nested, planned)
    match nested.nesting:
        case Nesting.LIST:
            if len(found) != len(wanted):
                yield _count(path, found, wanted)
                return
            for at, one in enumerate(found):
                where = element(path, at)
                if isinstance(one, UnknownValue):
                    yield Problem(where, "a block must not be unknown itself; its attributes may be")
                else:
                    yield from _block_problems(nested.block, _item(before, at), wanted[at], one, where)
        case Nesting.MAP:
            yield from _key_problems(found, wanted, path)
            for key in sorted(found.keys() & wanted.keys()):
                where = element(path, key)
                if isinstance(found[key], UnknownValue):
                    yield Problem(where, "a block must not be unknown itself; its attributes may be")
                else:
                    yield from _block_problems(
                        nested.block, _part(before, key), wanted[key], found[key], where
                    )
        case _:
            if any(isinstance(one, UnknownValue) for one in found):
                yield Problem(path, "a block must not be unknown itself; its attributes may be")


def _count(path: AttributePath, planned: TfValue, config: TfValue) -> Problem:
    return Problem(path, f"{len(planned)} are planned, but the configuration has {len(config)}")


def _key_problems(planned: TfValue, config: TfValue, path: AttributePath) -> Iterator[Problem]:
    for key in sorted(config.keys() - planned.keys()):
        yield Problem(element(path, key), "the plan does not have this key of the configuration")
    for key in sorted(planned.keys() - config.keys()):
        yield Problem(element(path, key), "the plan has a key that the configuration does not have")
