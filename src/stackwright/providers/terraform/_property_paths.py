"""
Places, in the program's terms and in Terraform's (terraform.md §8.6).

Flattened blocks have an index in Terraform and none in programs. Elements of sets have no
address in Terraform: a path that leads into one means the set.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stackwright.providers.terraform._blocks import block_elements
from stackwright.providers.terraform._client import AttributeName, AttributePath, ElementKey
from stackwright.providers.terraform._shapes import Form, Shape, ValueShape
from stackwright.providers.terraform._values import DynamicValue, TfValue
from stackwright.values import WILDCARD, PropertyPath


def property_path(shape: Shape, path: AttributePath) -> PropertyPath:
    """*path* as a program writes it, as far as it leads somewhere and a program sees it."""
    found: list[str | int] = []
    here: Shape | ValueShape = shape
    for step in path:
        if isinstance(here, ValueShape) and here.flattened:
            # Its index is the only one there is; some providers leave it out.
            here = here.single
            if isinstance(step, ElementKey):
                continue
        if isinstance(here, ValueShape) and here.form is Form.OBJECT:
            here = here.object
        if isinstance(here, Shape):
            name = step.name if isinstance(step, AttributeName) else str(step.key)
            field = here.by_name.get(name)
            if field is None or field.shown_as is None:
                break
            found.append(field.shown_as)
            here = field.value
        elif here.form is Form.DYNAMIC:
            found.append(step.name if isinstance(step, AttributeName) else step.key)
        elif here.form is Form.MAP and isinstance(step, ElementKey) and here.element is not None:
            found.append(str(step.key))
            here = here.element
        elif here.form is Form.LIST and isinstance(step, ElementKey) and here.element is not None:
            if not isinstance(step.key, int):
                break
            found.append(step.key)
            here = here.element
        elif here.form is Form.TUPLE and isinstance(step, ElementKey) and isinstance(step.key, int):
            if not 0 <= step.key < len(here.members):
                break
            found.append(f"t{step.key}")
            here = here.members[step.key]
        else:
            break
    return tuple(found)


def attribute_paths(shape: Shape, path: PropertyPath, values: Sequence[TfValue] = ()) -> list[AttributePath]:
    """
    *path*, written by a program, in Terraform's terms. Nowhere: no paths.

    A wildcard stands for every element that one of *values* has at its place.
    """
    return list(dict.fromkeys(_in_object(shape, path, list(values))))


def _in_object(shape: Shape, path: PropertyPath, values: list[TfValue]) -> Iterator[AttributePath]:
    if not path:
        yield ()
        return
    fields = (
        shape.by_property.values()
        if path[0] == WILDCARD
        else [field]
        if (field := shape.by_property.get(str(path[0]))) is not None
        # Terraform's own names are understood as well: people copy paths from its messages.
        else [field]
        if (field := shape.by_other_name.get(str(path[0]))) is not None
        else []
    )
    for field in fields:
        below = [value.get(field.name) for value in values if isinstance(value, dict)]
        for rest in _in_value(field.value, path[1:], below):
            yield (AttributeName(field.name), *rest)


def _in_value(shape: ValueShape, path: PropertyPath, values: list[TfValue]) -> Iterator[AttributePath]:
    if not path or shape.form is Form.SET:
        yield ()
        return
    if shape.blocks is not None:
        values = [block_elements(shape.blocks, value) for value in values]
    if shape.flattened:
        below = [value[0] for value in values if isinstance(value, list) and value]
        for rest in _in_value(shape.single, path, below):
            yield (ElementKey(0), *rest)
        return
    head, tail = path[0], path[1:]
    match shape.form:
        case Form.OBJECT:
            yield from _in_object(shape.object, path, values)
        case Form.MAP:
            inner = shape.element
            assert inner is not None
            known = [value for value in values if isinstance(value, dict)]
            keys = {key for value in known for key in value} if head == WILDCARD else {str(head)}
            for key in sorted(keys):
                below = [value[key] for value in known if key in value]
                for rest in _in_value(inner, tail, below):
                    yield (ElementKey(key), *rest)
        case Form.LIST:
            inner = shape.element
            assert inner is not None
            lists = [value for value in values if isinstance(value, list)]
            if head == WILDCARD:
                indexes: Sequence[int] = range(max((len(value) for value in lists), default=0))
            else:
                indexes = [head] if isinstance(head, int) else []
            for at in indexes:
                below = [value[at] for value in lists if at < len(value)]
                for rest in _in_value(inner, tail, below):
                    yield (ElementKey(at), *rest)
        case Form.TUPLE:
            for at, inner in enumerate(shape.members):
                if head in (WILDCARD, f"t{at}", at):
                    below = [value[at] for value in values if isinstance(value, list) and at < len(value)]
                    for rest in _in_value(inner, tail, below):
                        yield (ElementKey(at), *rest)
        case Form.DYNAMIC:
            yield from _in_dynamic(path, values)


def _in_dynamic(path: PropertyPath, values: list[TfValue]) -> Iterator[AttributePath]:
    """Within a dynamic value, keys and indexes are the user's own."""
    steps: list[AttributeName | ElementKey] = []
    for at, step in enumerate(path):
        if step == WILDCARD:
            break
        is_object = any(isinstance(value, DynamicValue) and isinstance(value.value, dict) for value in values)
        steps.append(AttributeName(step) if isinstance(step, str) and (at or is_object) else ElementKey(step))
    yield tuple(steps)
