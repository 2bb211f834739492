"""
Secrets among a program's inputs (terraform.md §8.14, §5.23).

What a schema calls sensitive is secret from the moment it is checked, so that it is
never shown or stored in the clear, whether or not the program made it a secret.
"""

from __future__ import annotations

from stackwright.providers.terraform._shapes import Form, Shape, ValueShape
from stackwright.values import PropertyMap, Secret, Unknown, Value, seal


def sealed_inputs(shape: Shape, inputs: PropertyMap) -> PropertyMap:
    """*inputs* with what is sensitive in them secret; the same object where nothing is."""
    changed: PropertyMap = {}
    for name, value in inputs.items():
        field = shape.by_property.get(name)
        if field is None or value is None:
            continue
        made = seal(value) if field.sensitive else _sealed(field.value, value)
        if made is not value:
            changed[name] = made
    return {**inputs, **changed} if changed else inputs


def _sealed(shape: ValueShape, value: Value) -> Value:
    if isinstance(value, Secret | Unknown) or value is None or shape.form in (Form.SCALAR, Form.DYNAMIC):
        return value
    if shape.flattened and not isinstance(value, list):
        return _sealed(shape.single, value)
    inner = shape.element
    if shape.form is Form.OBJECT and isinstance(value, dict):
        return sealed_inputs(shape.object, value)
    if isinstance(value, list) and inner is not None:
        made = [_sealed(inner, each) for each in value]
        return made if any(new is not old for new, old in zip(made, value, strict=True)) else value
    if shape.form is Form.MAP and isinstance(value, dict) and inner is not None:
        kept = {key: _sealed(inner, each) for key, each in value.items()}
        return kept if any(kept[key] is not value[key] for key in value) else value
    return value


def write_only_properties(shape: Shape, inputs: PropertyMap) -> tuple[tuple[str | int, ...], ...]:
    """The places in *inputs* whose values are never stored."""
    return tuple(_write_only_in(shape, inputs, ()))


def _write_only_in(shape: Shape, inputs: Value, path: tuple[str | int, ...]) -> list[tuple[str | int, ...]]:
    if isinstance(inputs, Secret):
        inputs = inputs.value
    if not isinstance(inputs, dict):
        return []
    found: list[tuple[str | int, ...]] = []
    for name, value in inputs.items():
        field = shape.by_property.get(name)
        if field is None or value is None:
            continue
        if field.write_only:
            found.append((*path, name))
        else:
            found += _write_only_below(field.value, value, (*path, name))
    return found


def _write_only_below(
    shape: ValueShape, value: Value, path: tuple[str | int, ...]
) -> list[tuple[str | int, ...]]:
    if isinstance(value, Secret):
        value = value.value
    if shape.flattened and not isinstance(value, list):
        return _write_only_below(shape.single, value, path)
    if shape.form is Form.OBJECT:
        return _write_only_in(shape.object, value, path)
    inner = shape.element
    if inner is None or not isinstance(value, list | dict):
        return []
    parts = enumerate(value) if isinstance(value, list) else value.items()
    return [place for key, each in parts for place in _write_only_below(inner, each, (*path, key))]
