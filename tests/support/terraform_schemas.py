"""Short ways to write Terraform schemas."""

from __future__ import annotations

from typing import Any

from stackwright.providers.terraform import (
    STRING,
    Attribute,
    Block,
    NestedBlock,
    NestedObject,
    Nesting,
)


def required(name: str, **more: Any) -> Attribute:
    return Attribute(name=name, type=more.pop("type", STRING), required=True, **more)


def optional(name: str, **more: Any) -> Attribute:
    return Attribute(name=name, type=more.pop("type", STRING), optional=True, **more)


def computed(name: str, **more: Any) -> Attribute:
    return Attribute(name=name, type=more.pop("type", STRING), computed=True, **more)


def free(name: str, **more: Any) -> Attribute:
    return Attribute(name=name, type=more.pop("type", STRING), optional=True, computed=True, **more)


def block(*attributes: Attribute, **blocks: NestedBlock) -> Block:
    return Block(attributes={each.name: each for each in attributes}, blocks=blocks)


def nested(name: str, nesting: Nesting, *attributes: Attribute, **flags: bool) -> Attribute:
    inside = NestedObject(attributes={each.name: each for each in attributes}, nesting=nesting)
    return Attribute(name=name, nested=inside, **flags)  # type: ignore[arg-type]


def blocks(nesting: Nesting, *attributes: Attribute, **below: NestedBlock) -> NestedBlock:
    return NestedBlock(name="b", nesting=nesting, block=block(*attributes, **below))
