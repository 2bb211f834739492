"""
What a provider says about itself (terraform.md §2.3, §4), the same for both protocols.

A `ProviderSchema` of a large provider holds thousands of resources of which a program
uses a few. Its mappings know all names at once and read a schema when it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import cached_property
from typing import Literal

import msgspec

from stackwright.providers.terraform._types import (
    DYNAMIC,
    ListOf,
    MapOf,
    ObjectOf,
    SetOf,
    TupleOf,
    Type,
    contains_dynamic,
)
from stackwright.providers.terraform._values import DynamicValue, TfValue


class Nesting(Enum):
    """How many there are of something nested, and how they are told apart; the numbers are the protocol's."""

    SINGLE = 1
    LIST = 2
    SET = 3
    MAP = 4
    GROUP = 5
    """One, which is there even if nobody wrote it. Blocks only."""

    @property
    def repeats(self) -> bool:
        """Whether the value is a collection."""
        return self in (Nesting.LIST, Nesting.SET, Nesting.MAP)


class Text(msgspec.Struct, frozen=True):
    """A description, and whether it is Markdown."""

    text: str = ""
    markdown: bool = False

    def __bool__(self) -> bool:
        return bool(self.text)


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """
    One attribute, with the flags of §4.3.

    `type` is always what values have. With `nested` it is derived from it, and the
    attributes in there carry flags and descriptions of their own (protocol 6).
    """

    name: str
    type: Type = DYNAMIC
    nested: NestedObject | None = None
    description: Text = Text()
    required: bool = False
    optional: bool = False
    computed: bool = False
    sensitive: bool = False
    write_only: bool = False
    deprecated: bool = False
    deprecation_message: str = ""

    def __post_init__(self) -> None:
        if self.nested is not None:
            msgspec.structs.force_setattr(self, "type", self.nested.type)

    @property
    def computed_only(self) -> bool:
        """Whether only the provider may set it."""
        return self.computed and not self.optional


class NestedObject(msgspec.Struct, frozen=True, dict=True):
    """The objects of a nested attribute. `nesting` is never `GROUP`."""

    attributes: Mapping[str, Attribute]
    nesting: Nesting

    @cached_property
    def type(self) -> Type:
        """What values of the attribute have; they stay lists and maps even with a dynamic type inside."""
        return _nested(self.element, self.nesting)

    @cached_property
    def element(self) -> ObjectOf:
        """The type of one object."""
        return ObjectOf({name: each.type for name, each in self.attributes.items()})


class Block(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Attributes and nested blocks; no name is both."""

    attributes: Mapping[str, Attribute] = {}
    blocks: Mapping[str, NestedBlock] = {}
    description: Text = Text()
    deprecated: bool = False
    deprecation_message: str = ""

    @cached_property
    def type(self) -> ObjectOf:
        """What `implied_type` answers."""
        types = {name: each.type for name, each in self.attributes.items()}
        types |= {name: each.type for name, each in self.blocks.items()}
        return ObjectOf(types)


class NestedBlock(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Blocks of one name within a block. `max_items` 0 sets no limit (§4.4)."""

    name: str
    nesting: Nesting
    block: Block
    min_items: int = 0
    max_items: int = 0

    @cached_property
    def type(self) -> Type:
        """
        What the value of all blocks of this name has.

        A list or map with a dynamic type inside is a tuple or an object whose type
        depends on the value (§4.1): the type is `DYNAMIC`, and the value a `DynamicValue`.
        """
        element = self.block.type
        if self.nesting in (Nesting.LIST, Nesting.MAP) and contains_dynamic(element):
            return DYNAMIC
        return _nested(element, self.nesting)


class Schema(msgspec.Struct, frozen=True):
    """A block that has a version of its own: a provider, a resource, a data source."""

    version: int
    block: Block

    @property
    def type(self) -> ObjectOf:
        """The type of a whole value: what every `DynamicValue` of it is encoded with."""
        return self.block.type


class IdentityAttribute(msgspec.Struct, frozen=True, kw_only=True):
    """A part of what tells one object of a resource type from all others (§5.16)."""

    name: str
    type: Type
    required_for_import: bool = False
    optional_for_import: bool = False
    description: str = ""


class IdentitySchema(msgspec.Struct, frozen=True, dict=True):
    """The identity of a resource type: flat, and versioned apart from the resource."""

    version: int
    attributes: Mapping[str, IdentityAttribute]

    @cached_property
    def type(self) -> ObjectOf:
        return ObjectOf({name: each.type for name, each in self.attributes.items()})


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """What a function takes at one place."""

    name: str
    type: Type
    allow_null: bool = False
    allow_unknown: bool = False
    description: Text = Text()


class Function(msgspec.Struct, frozen=True, kw_only=True):
    """A pure function of a provider (§5.19). `variadic` takes all arguments beyond `parameters`."""

    name: str
    parameters: tuple[Parameter, ...] = ()
    variadic: Parameter | None = None
    result: Type
    summary: str = ""
    description: Text = Text()
    deprecation_message: str = ""

    def parameter(self, index: int) -> Parameter | None:
        """What takes the argument at *index*, or None if there is no such place."""
        return self.parameters[index] if index < len(self.parameters) else self.variadic


class ServerCapabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider can do beyond the oldest release of its protocol."""

    plan_destroy: bool = False
    schema_optional: bool = False
    """Whether a process works without having been asked for its schema (§1.10)."""
    move_resource_state: bool = False
    generate_resource_config: bool = False


class ProviderSchema(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a provider offers, by Terraform's names."""

    provider: Schema
    provider_meta: Schema | None = None
    resources: Mapping[str, Schema] = {}
    data_sources: Mapping[str, Schema] = {}
    ephemeral_resources: Mapping[str, Schema] = {}
    list_resources: Mapping[str, Schema] = {}
    actions: Mapping[str, Schema] = {}
    functions: Mapping[str, Function] = {}
    identities: Mapping[str, IdentitySchema] = {}
    capabilities: ServerCapabilities = ServerCapabilities()
    protocol: Literal[5, 6] = 6


def implied_type(block: Block) -> ObjectOf:
    """The type of values of *block* (§4.1); worked out once."""
    return block.type


def empty_value(block: Block) -> dict[str, TfValue]:
    """
    What a configuration that says nothing is (§4.2).

    Attributes and single blocks are null, groups are there, collections of blocks are
    empty and never null.
    """
    value: dict[str, TfValue] = dict.fromkeys(block.attributes)
    for name, nested in block.blocks.items():
        match nested.nesting:
            case Nesting.SINGLE:
                value[name] = None
            case Nesting.GROUP:
                value[name] = empty_value(nested.block)
            case Nesting.MAP:
                value[name] = DynamicValue(ObjectOf({}), {}) if nested.type is DYNAMIC else {}
            case Nesting.LIST | Nesting.SET:
                value[name] = DynamicValue(TupleOf(()), []) if nested.type is DYNAMIC else []
    return value


def _nested(element: ObjectOf, nesting: Nesting) -> Type:
    match nesting:
        case Nesting.SINGLE | Nesting.GROUP:
            return element
        case Nesting.LIST:
            return ListOf(element)
        case Nesting.SET:
            return SetOf(element)
        case Nesting.MAP:
            return MapOf(element)
