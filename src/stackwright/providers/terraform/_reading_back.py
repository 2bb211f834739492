"""
Inputs made of what there is (terraform.md §8.10): after a refresh, and for an import.

After a refresh the program's inputs keep their extent: only what was given is looked up
again. For an import nothing was given, so that everything that can be said is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stackwright.providers.terraform._shapes import Field, Form, Shape, ValueShape
from stackwright.values import PropertyMap, Secret, Value, reveal, seal, values_equal

DEFAULTS_KEY: Final = "__defaults"
"""The input that lists which inputs nobody gave."""


def refreshed_inputs(shape: Shape, inputs: PropertyMap, outputs: PropertyMap) -> PropertyMap:
    """*inputs* with what *outputs* say today; what is gone there is gone."""
    made = _object(shape, inputs, outputs)
    defaulted = inputs.get(DEFAULTS_KEY)
    if isinstance(defaulted, list):
        made[DEFAULTS_KEY] = [
            name for name in defaulted if values_equal(reveal(inputs.get(name)), reveal(made.get(name)))
        ]
    return made


def _object(shape: Shape, inputs: Mapping[str, Value], outputs: Mapping[str, Value]) -> PropertyMap:
    made: PropertyMap = {}
    for name, value in inputs.items():
        field = shape.by_property.get(name)
        if field is None:
            continue
        if field.write_only or value is None:
            made[name] = value  # nobody can look it up, or nothing was given
        elif outputs.get(name) is not None:
            made[name] = _value(field.value, value, outputs[name])
    return made


def _value(shape: ValueShape, before: Value, now: Value) -> Value:
    if isinstance(before, Secret):
        return seal(_value(shape, before.value, now.value if isinstance(now, Secret) else now))
    if isinstance(now, Secret):
        return seal(_value(shape, before, now.value))
    if shape.flattened:
        return _value(shape.single, before, now)
    match shape.form:
        case Form.OBJECT if isinstance(before, dict) and isinstance(now, dict):
            return _object(shape.object, before, now)
        case Form.LIST if isinstance(before, list) and isinstance(now, list):
            return _list(shape, before, now)
        case Form.SET if isinstance(before, list) and isinstance(now, list):
            return _set(shape, before, now)
        case Form.MAP if isinstance(before, dict) and isinstance(now, dict) and shape.element is not None:
            inner = shape.element
            return {
                key: _value(inner, before[key], each) if key in before else _new(inner, each)
                for key, each in now.items()
            }
    return now


def _list(shape: ValueShape, before: list[Value], now: list[Value]) -> list[Value]:
    inner = shape.element
    assert inner is not None
    return [
        _value(inner, before[at], each) if at < len(before) else _new(inner, each)
        for at, each in enumerate(now)
    ]


def _set(shape: ValueShape, before: list[Value], now: list[Value]) -> list[Value]:
    """In the program's order, as far as elements are still there."""
    inner = shape.element
    assert inner is not None
    left = list(now)
    made: list[Value] = []
    for element in before:
        at = next((i for i, each in enumerate(left) if _within(inner, element, each)), None)
        if at is not None:
            made.append(_value(inner, element, left.pop(at)))
    return made + [_new(inner, each) for each in left]


def _within(shape: ValueShape, given: Value, found: Value) -> bool:
    """Whether *found* has all that was given."""
    given, found = reveal(given), reveal(found)
    if isinstance(given, dict) and isinstance(found, dict):
        return all(
            value is None or (key in found and _within(shape, value, found[key]))
            for key, value in given.items()
            if not key.startswith("__")
        )
    if isinstance(given, list) and isinstance(found, list):
        return len(given) == len(found) and all(
            any(_within(shape, one, other) for other in found) for one in given
        )
    if isinstance(given, dict | list) or isinstance(found, dict | list):
        return False
    return bool(given == found) or str(given) == str(found)


def imported_inputs(
    shape: Shape, outputs: PropertyMap, *, is_resource: bool = True, says_all: bool = False
) -> PropertyMap:
    """
    The inputs that would have made *outputs*.

    What only the provider decides is left out, and so is what says nothing, unless *says_all*.
    The id that the old SDK adds to every resource is never an input.
    """
    made: PropertyMap = {}
    for field in shape.fields:
        name = field.shown_as
        if name is None or name not in outputs or not _can_be_given(field):
            continue
        if is_resource and field.name == "id" and field.computed:
            continue
        value = _new(field.value, outputs[name], says_all=says_all)
        if not says_all and not field.required and _says_nothing(value):
            continue
        made[name] = value
    return made


def _can_be_given(field: Field) -> bool:
    if field.block is not None:
        return True
    return field.attribute is None or not (field.attribute.computed_only or field.attribute.write_only)


def _new(shape: ValueShape, value: Value, *, says_all: bool = False) -> Value:
    """An output as an input."""
    if isinstance(value, Secret):
        return seal(_new(shape, value.value, says_all=says_all))
    if shape.flattened:
        return _new(shape.single, value, says_all=says_all)
    inner = shape.element
    match shape.form:
        case Form.OBJECT if isinstance(value, dict):
            return imported_inputs(shape.object, value, is_resource=False, says_all=says_all)
        case Form.LIST | Form.SET if isinstance(value, list) and inner is not None:
            return [_new(inner, each, says_all=says_all) for each in value]
        case Form.MAP if isinstance(value, dict) and inner is not None:
            return {key: _new(inner, each, says_all=says_all) for key, each in value.items()}
    return value


def _says_nothing(value: Value) -> bool:
    bare = reveal(value)
    return bare is None or bare is False or bare in ("", 0) or bare == [] or bare == {}
