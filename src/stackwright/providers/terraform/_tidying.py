"""
Inputs as packages made by hand have them, made into those by rule (terraform.md §8.3, §8.5).

Such packages often have one value where Terraform has a list of at most one, under the
name that Terraform gives it, at any depth. Both are understood, and what is recorded is
the form by rule, so that nobody else has to know of the other one.
"""

from __future__ import annotations

from stackwright.providers.terraform._names import camel
from stackwright.providers.terraform._shapes import Field, Form, Shape, ValueShape
from stackwright.values import PropertyMap, Secret, Unknown, Value


def tidied(shape: Shape, properties: PropertyMap) -> PropertyMap:
    """
    *properties* with names and collections by rule; the same object where they are.

    Terraform's own names are understood, in its spelling and in the program's, and names
    by rule in Python's, unless something else is called so or is given as well. What
    nobody knows stays.
    """
    made: PropertyMap = {}
    changed = False
    for key, value in properties.items():
        field = shape.by_property.get(key)
        if field is None:
            field = _otherwise(shape, key)
            if field is not None and field.shown_as in properties:
                field = None
        name = key if field is None or field.shown_as is None else field.shown_as
        made[name] = value if field is None else _value(field.value, value)
        changed |= name != key or made[name] is not value
    return made if changed else properties


def _otherwise(shape: Shape, key: str) -> Field | None:
    """What another name than the one by rule stands for; `and_` is how Python spells `and`."""
    plain = key.removesuffix("_")
    return shape.by_other_name.get(plain) or shape.by_property.get(plain) or shape.by_property.get(camel(key))


def _value(shape: ValueShape, value: Value) -> Value:
    if isinstance(value, Secret):
        inside = _value(shape, value.value)
        return value if inside is value.value else Secret(inside)
    if value is None or isinstance(value, Unknown):
        return value
    inner = shape.element
    if shape.flattened:
        return _value(shape.single, value[0] if isinstance(value, list) and len(value) == 1 else value)
    match shape.form:
        case Form.OBJECT if isinstance(value, dict):
            return tidied(shape.object, value)
        case Form.LIST | Form.SET if inner is not None:
            if isinstance(value, list):
                return _elements(inner, value)
            return [_value(inner, value)] if _is_one(inner, value) else value
        case Form.MAP if isinstance(value, dict) and inner is not None:
            kept = {key: _value(inner, each) for key, each in value.items()}
            return kept if any(kept[key] is not value[key] for key in value) else value
    return value


def _elements(inner: ValueShape, values: list[Value]) -> list[Value]:
    made = [_value(inner, each) for each in values]
    return made if any(new is not old for new, old in zip(made, values, strict=True)) else values


def _is_one(inner: ValueShape, value: Value) -> bool:
    """Whether *value* is fit to be the only element of a list."""
    if inner.form in (Form.OBJECT, Form.MAP):
        return isinstance(value, dict)
    return inner.form is Form.SCALAR and not isinstance(value, dict | list)
