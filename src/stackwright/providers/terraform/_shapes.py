"""
Schemas with the program's names beside Terraform's: what conversions walk along.

A `Shape` is one level of an object, a `Field` one attribute or block of it. Where names
come from is decided elsewhere; whoever converts a value, a path or a difference finds
here all there is to know about a place, in both directions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from functools import cached_property
from typing import Protocol

import msgspec

from stackwright.providers.terraform._names import camel
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


class LevelNames(Protocol):
    """What the members of one level of an object are called."""

    def property_of(self, name: str) -> str | None:
        """What a program calls Terraform's *name*; None if it does not see it."""
        ...

    def below(self, name: str) -> LevelNames:
        """The names within the objects of *name*, whatever collections they are in."""
        ...


class Form(Enum):
    """What a value is to a program."""

    SCALAR = "scalar"
    DYNAMIC = "dynamic"
    OBJECT = "object"
    LIST = "list"
    SET = "set"
    MAP = "map"
    TUPLE = "tuple"

    @property
    def is_sequence(self) -> bool:
        return self in (Form.LIST, Form.SET)


class ValueShape(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """
    The shape of one value.

    `element` is that of what a collection holds, `members` are those of a tuple, `object`
    is the level of an object. A flattened sequence holds at most one element, which stands
    for it in programs.
    """

    form: Form
    type: Type
    element: ValueShape | None = None
    members: tuple[ValueShape, ...] = ()
    make_object: Callable[[], Shape] | None = None
    flattened: bool = False
    blocks: NestedBlock | None = None
    """The blocks that this is the collection of: their values may bring a type along."""

    @cached_property
    def object(self) -> Shape:
        """Worked out when it is first needed: few programs look into all of a large schema."""
        assert self.make_object is not None
        return self.make_object()

    @property
    def single(self) -> ValueShape:
        """What a flattened sequence is to a program."""
        assert self.element is not None
        return self.element


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One attribute or block; exactly one of `attribute` and `block` is there, except within object types."""

    name: str
    shown_as: str | None
    """None: programs do not see it."""
    value: ValueShape
    attribute: Attribute | None = None
    block: NestedBlock | None = None

    @property
    def sensitive(self) -> bool:
        return self.attribute is not None and (self.attribute.sensitive or self.attribute.write_only)

    @property
    def write_only(self) -> bool:
        return self.attribute is not None and self.attribute.write_only

    @property
    def computed_only(self) -> bool:
        return self.attribute is not None and self.attribute.computed_only

    @property
    def computed(self) -> bool:
        return self.attribute is not None and self.attribute.computed

    @property
    def required(self) -> bool:
        if self.block is not None:
            return self.block.min_items > 0
        return self.attribute is not None and self.attribute.required


class Shape(msgspec.Struct, frozen=True, dict=True):
    """One level of an object. `block` is there where the level is one of blocks."""

    fields: tuple[Field, ...]
    block: Block | None = None
    nested: NestedObject | None = None

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """By Terraform's names."""
        return {field.name: field for field in self.fields}

    @cached_property
    def by_property(self) -> Mapping[str, Field]:
        """By the program's names."""
        return {field.shown_as: field for field in self.fields if field.shown_as is not None}

    @cached_property
    def by_other_name(self) -> Mapping[str, Field]:
        """By Terraform's names, in its spelling and in the program's, where those by rule are others."""
        found: dict[str, Field] = {}
        for field in self.fields:
            if field.shown_as is not None:
                found.setdefault(field.name, field)
                found.setdefault(camel(field.name), field)
        return {name: field for name, field in found.items() if name not in self.by_property}


def block_shape(block: Block, names: LevelNames) -> Shape:
    """The shape of *block*, named by *names*."""
    fields = [_attribute_field(each, names) for each in block.attributes.values()]
    fields += [_block_field(name, each, names) for name, each in block.blocks.items()]
    return Shape(tuple(fields), block=block)


def type_shape(kind: Type, names: LevelNames) -> ValueShape:
    """The shape of values of *kind* outside of schemas: arguments and results of functions."""
    return _of_type(kind, names)


def _attribute_field(attribute: Attribute, names: LevelNames) -> Field:
    below = names.below(attribute.name)
    if attribute.nested is None:
        value = _of_type(attribute.type, below)
    else:
        value = _of_nested(attribute.nested, below)
    return Field(
        name=attribute.name,
        shown_as=names.property_of(attribute.name),
        value=value,
        attribute=attribute,
    )


def _block_field(name: str, nested: NestedBlock, names: LevelNames) -> Field:
    below = names.below(name)
    element = ValueShape(
        form=Form.OBJECT,
        type=nested.block.type,
        make_object=lambda: block_shape(nested.block, below),
    )
    sequence = nested.nesting in (Nesting.LIST, Nesting.SET)
    flattened = sequence and nested.max_items == 1
    value = _collected(element, nested.nesting, nested.type)
    if nested.nesting.repeats:
        value = msgspec.structs.replace(value, flattened=flattened, blocks=nested)
    return Field(name=name, shown_as=names.property_of(name), value=value, block=nested)


def _of_nested(nested: NestedObject, names: LevelNames) -> ValueShape:
    def make() -> Shape:
        fields = tuple(_attribute_field(each, names) for each in nested.attributes.values())
        return Shape(fields, nested=nested)

    element = ValueShape(form=Form.OBJECT, type=nested.element, make_object=make)
    return _collected(element, nested.nesting, nested.type)


def _collected(element: ValueShape, nesting: Nesting, kind: Type) -> ValueShape:
    match nesting:
        case Nesting.LIST:
            return ValueShape(form=Form.LIST, type=kind, element=element)
        case Nesting.SET:
            return ValueShape(form=Form.SET, type=kind, element=element)
        case Nesting.MAP:
            return ValueShape(form=Form.MAP, type=kind, element=element)
    return element


def _of_type(kind: Type, names: LevelNames) -> ValueShape:
    match kind:
        case Primitive():
            return ValueShape(form=Form.DYNAMIC if kind is DYNAMIC else Form.SCALAR, type=kind)
        case ListOf(inner):
            return ValueShape(form=Form.LIST, type=kind, element=_of_type(inner, names))
        case SetOf(inner):
            return ValueShape(form=Form.SET, type=kind, element=_of_type(inner, names))
        case MapOf(inner):
            return ValueShape(form=Form.MAP, type=kind, element=_of_type(inner, names))
        case TupleOf(kinds):
            members = tuple(_of_type(each, names) for each in kinds)
            return ValueShape(form=Form.TUPLE, type=kind, members=members)
        case ObjectOf():
            return ValueShape(form=Form.OBJECT, type=kind, make_object=lambda: _object_shape(kind, names))


def _object_shape(kind: ObjectOf, names: LevelNames) -> Shape:
    return Shape(
        tuple(
            Field(
                name=name,
                shown_as=names.property_of(name),
                value=_of_type(each, names.below(name)),
            )
            for name, each in kind.attributes.items()
        )
    )
