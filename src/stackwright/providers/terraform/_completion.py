"""
Is what came of a plan what was planned? (terraform.md §5.12)

Whatever a plan left unknown may turn out as anything; the rest has to stay as it was
said to be. Whether problems are errors is the caller's decision (§6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from stackwright.providers.terraform._blocks import block_elements
from stackwright.providers.terraform._client import AttributePath
from stackwright.providers.terraform._problems import Problem, attribute, element, shown
from stackwright.providers.terraform._schema import Attribute, Block, NestedBlock, NestedObject, Nesting
from stackwright.providers.terraform._types import (
    DYNAMIC,
    ListOf,
    MapOf,
    ObjectOf,
    Primitive,
    SetOf,
    TupleOf,
    Type,
)
from stackwright.providers.terraform._values import DynamicValue, TfValue, UnknownValue, contains_unknown


def completion_problems(block: Block, *, planned: TfValue, actual: TfValue) -> list[Problem]:
    """Where *actual* is no completion of *planned*."""
    return list(_block_problems(block, planned, actual, ()))


def _presence(planned: TfValue, actual: TfValue, path: AttributePath) -> Problem | None:
    if planned is None and actual is not None:
        return Problem(path, "was absent, but is now present")
    if planned is not None and actual is None:
        return Problem(path, "was present, but is now absent")
    return None


def _block_problems(
    block: Block, planned: TfValue, actual: TfValue, path: AttributePath
) -> Iterator[Problem]:
    changed = _presence(planned, actual, path)
    if changed is not None:
        yield changed
        return
    if planned is None or isinstance(planned, UnknownValue):
        return
    if isinstance(actual, UnknownValue):
        yield Problem(path, "was known, but is now unknown")
        return
    for name, each in block.attributes.items():
        yield from _attribute_problems(each, planned.get(name), actual.get(name), attribute(path, name))
    for name, nested in block.blocks.items():
        yield from _nested_block_problems(nested, planned.get(name), actual.get(name), attribute(path, name))


def _attribute_problems(
    each: Attribute, planned: TfValue, actual: TfValue, path: AttributePath
) -> Iterator[Problem]:
    found = _value_problems(each.type, planned, actual, path, _sensitive_below(each.nested))
    if each.sensitive and next(found, None) is not None:
        yield Problem(path, "has another value than planned; it is sensitive, so neither is shown")
    elif not each.sensitive:
        yield from found


def _sensitive_below(nested: NestedObject | None) -> Mapping[str, Attribute]:
    return nested.attributes if nested is not None else {}


def _nested_block_problems(
    nested: NestedBlock, planned: TfValue, actual: TfValue, path: AttributePath
) -> Iterator[Problem]:
    if not nested.nesting.repeats:
        # What stood for blocks nobody knew may have become none.
        if not (isinstance(planned, UnknownValue) and actual is None):
            yield from _block_problems(nested.block, planned, actual, path)
        return
    before, after = block_elements(nested, planned), block_elements(nested, actual)
    if before is None or after is None or isinstance(before, UnknownValue):
        return
    if isinstance(after, UnknownValue):
        yield Problem(path, "was known, but is now unknown")
        return
    match nested.nesting:
        case Nesting.LIST:
            if len(before) != len(after):
                yield Problem(path, f"the number of blocks changed from {len(before)} to {len(after)}")
                return
            for at, (one, other) in enumerate(zip(before, after, strict=True)):
                yield from _block_problems(nested.block, one, other, element(path, at))
        case Nesting.MAP:
            yield from _key_problems(before, after, path)
            for key in sorted(before.keys() & after.keys()):
                yield from _block_problems(nested.block, before[key], after[key], element(path, key))
        case _:

            def fits(one: TfValue, other: TfValue) -> bool:
                return next(_block_problems(nested.block, one, other, path), None) is None

            yield from _set_problems(before, after, path, fits)


def _value_problems(
    kind: Type,
    planned: TfValue,
    actual: TfValue,
    path: AttributePath,
    attributes: Mapping[str, Attribute] = {},
) -> Iterator[Problem]:
    """*attributes* are those of the objects at this place, where they have flags of their own."""
    if isinstance(planned, UnknownValue):
        if contains_unknown(actual):
            yield Problem(path, "is still unknown")
        return
    if isinstance(actual, UnknownValue):
        yield Problem(path, "was known, but is now unknown")
        return
    if planned is None or actual is None:
        if planned is not actual:
            yield Problem(path, f"was {shown(planned)}, but is now {shown(actual)}")
        return
    match kind:
        case Primitive():
            if kind is DYNAMIC:
                yield from _dynamic_problems(planned, actual, path)
            elif planned != actual:
                yield Problem(path, f"was {shown(planned)}, but is now {shown(actual)}")
        case ListOf(inner):
            for at in range(min(len(planned), len(actual))):
                yield from _value_problems(inner, planned[at], actual[at], element(path, at), attributes)
            yield from _length_problems(planned, actual, path)
        case TupleOf(kinds):
            for at, (inner, one, other) in enumerate(zip(kinds, planned, actual, strict=False)):
                yield from _value_problems(inner, one, other, element(path, at))
            yield from _length_problems(planned, actual, path)
        case MapOf(inner):
            yield from _key_problems(planned, actual, path)
            for key in sorted(planned.keys() & actual.keys()):
                yield from _value_problems(inner, planned[key], actual[key], element(path, key), attributes)
        case ObjectOf(kinds):
            for name, inner in kinds.items():
                one, other, where = planned.get(name), actual.get(name), attribute(path, name)
                if name in attributes:
                    yield from _attribute_problems(attributes[name], one, other, where)
                else:
                    yield from _value_problems(inner, one, other, where)
        case SetOf(inner):

            def fits(one: TfValue, other: TfValue) -> bool:
                return next(_value_problems(inner, one, other, path), None) is None

            yield from _set_problems(planned, actual, path, fits)


def _dynamic_problems(planned: TfValue, actual: TfValue, path: AttributePath) -> Iterator[Problem]:
    if not isinstance(planned, DynamicValue) or not isinstance(actual, DynamicValue):
        yield Problem(path, "is of no type")
    elif planned.type != actual.type and not contains_unknown(planned.value):
        yield Problem(path, "is of another type than planned")
    else:
        yield from _value_problems(actual.type, planned.value, actual.value, path)


def _length_problems(planned: TfValue, actual: TfValue, path: AttributePath) -> Iterator[Problem]:
    for at in range(len(actual), len(planned)):
        yield Problem(element(path, at), "was planned, but is not there")
    for at in range(len(planned), len(actual)):
        yield Problem(element(path, at), "is there, but was not planned")


def _key_problems(planned: TfValue, actual: TfValue, path: AttributePath) -> Iterator[Problem]:
    for key in sorted(planned.keys() - actual.keys()):
        yield Problem(element(path, key), "was planned, but is not there")
    for key in sorted(actual.keys() - planned.keys()):
        yield Problem(element(path, key), "is there, but was not planned")


def _set_problems(
    planned: TfValue, actual: TfValue, path: AttributePath, fits: Callable[[TfValue, TfValue], bool]
) -> Iterator[Problem]:
    """Every element of each side belongs to one of the other; elements may have merged, never split."""
    if any(not any(fits(one, other) for other in actual) for one in planned):
        yield Problem(path, "an element that was planned is not there")
    if any(not any(fits(one, other) for one in planned) for other in actual):
        yield Problem(path, "an element is there that was not planned")
    if len(actual) > len(planned):
        yield Problem(path, f"the number of elements grew from {len(planned)} to {len(actual)}")
