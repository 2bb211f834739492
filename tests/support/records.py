"""Small builders for records, goals and bases: what a test does not name does not matter to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from stackwright.engine._steps import Record
from stackwright.engine.plan import Base
from stackwright.goals import RegisterRequest, ResourceOptions
from stackwright.state import Key, ResourceState
from stackwright.urn import Urn, child_urn, provider_type

STACK, PROJECT = "dev", "shop"
TYPE = "pkg:index:Thing"
COMPONENT = "shop:index:Part"
PROVIDER_ID = "5f0c3a52-5f3c-4b6c-8e0f-4c2b6f7d9a10"


def urn(name: str, *, type_: str = TYPE, parent: Urn | None = None) -> Urn:
    """The URN of a resource of the test's stack."""
    return child_urn(STACK, PROJECT, parent, type_, name)


PROVIDER = urn("default", type_=provider_type("pkg"))
PROVIDER_REFERENCE = f"{PROVIDER}::{PROVIDER_ID}"


def state(name: str, **fields: Any) -> ResourceState:
    """A custom resource as recorded after a create; `custom=False` makes a component."""
    custom = fields.setdefault("custom", True)
    type_ = fields.setdefault("type", TYPE if custom else COMPONENT)
    fields.setdefault("urn", urn(name, type_=type_, parent=fields.get("parent")))
    if custom:
        fields.setdefault("id", f"id-{name}")
    return ResourceState(**fields)


def provider(package: str = "pkg", name: str = "default", **fields: Any) -> ResourceState:
    """A provider resource as recorded."""
    return state(name, type=provider_type(package), id=fields.pop("id", PROVIDER_ID), **fields)


def base(states: Iterable[ResourceState]) -> Base:
    """A base of these records, in this order, under the keys 1, 2, …"""
    return Base({Key(number): each for number, each in enumerate(states, 1)})


def record(of: Base, name: str) -> Record:
    """The living record whose name is *name*."""
    return next(
        each for each in of.records() if each.state.urn.endswith(f"::{name}") and not each.state.delete
    )


def goal(name: str, *, type_: str | None = None, custom: bool = True, **fields: Any) -> RegisterRequest:
    """A registration; every field that a registration does not have itself becomes one of its options."""
    own = {key: fields.pop(key) for key in ("inputs", "parent", "remote", "source") if key in fields}
    return RegisterRequest(
        type=type_ or (TYPE if custom else COMPONENT),
        name=name,
        custom=custom,
        options=ResourceOptions(**fields),
        **own,
    )


def names(urns: Iterable[Urn | ResourceState | Record]) -> list[str]:
    """The names of URNs, states or records, in their order."""
    found = []
    for each in urns:
        text = (
            each.state.urn
            if isinstance(each, Record)
            else each.urn
            if isinstance(each, ResourceState)
            else each
        )
        found.append(text.split("::", 3)[3])
    return found
