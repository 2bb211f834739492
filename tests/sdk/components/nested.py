"""Classes in classes, inherited ones, ones that refer to themselves."""

from dataclasses import dataclass
from typing import List, NotRequired, Optional, Required, TypedDict

import pulumi


class Base(TypedDict, total=False):
    from_base: str
    """Said in the base."""
    must_be: Required[pulumi.Input[str]]


class Derived(Base):
    own: NotRequired[pulumi.Input[int]]
    """Said here."""
    needed: bool


class Tree(TypedDict):
    """A tree."""

    value: pulumi.Input[str]
    left: Optional["Tree"]
    right: Optional["Tree"]
    children: List["Tree"]


@dataclass
class Data:
    """Data."""

    some_field: str
    """A field."""
    deep: Derived
    optional_deep: Optional[pulumi.Input[Derived]] = None


class OnlyForward(TypedDict):
    some_value: pulumi.Input[str]


class Args(TypedDict, total=False):
    tree: pulumi.Input[Tree]
    """The tree."""
    data: Required[Data]
    forward: "OnlyForward"
    forwards: List["OnlyForward"]


class Parent(pulumi.ComponentResource):
    inherited_output: pulumi.Output[str]
    """From the parent."""


class Nested(Parent):
    """Nested."""

    tree: pulumi.Output[Tree]
    data: pulumi.Output[Data]

    def __init__(self, name: str, args: Args, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("components:index:Nested", name, {}, opts)


COMPONENTS = [Nested]
