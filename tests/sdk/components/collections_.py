"""Lists and maps of everything, in every spelling."""

import typing
from collections import OrderedDict, defaultdict
from collections.abc import Mapping, MutableSequence, Sequence
from typing import Any, Dict, List, Optional, TypedDict

import pulumi


class Element(TypedDict):
    """An element."""

    name: str
    values: pulumi.Input[list[pulumi.Input[str]]]


class Args:
    names: list[str]
    """Plain names."""
    inputs: pulumi.Input[list[str]]
    inner_inputs: list[pulumi.Input[str]]
    both: pulumi.Input[List[pulumi.Input[int]]]
    maybe: Optional[Sequence[Optional[str]]]
    mutable: MutableSequence[float]
    old: typing.Sequence[bool]
    nested: list[list[dict[str, int]]]
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]]
    plain_tags: Dict[str, str]
    ordered: OrderedDict[str, int]
    defaulted: defaultdict[str, int]
    elements: list[Element]
    element_map: Optional[dict[str, Element]]
    anything: list[Any]


class Collections(pulumi.ComponentResource):
    names: pulumi.Output[list[str]]
    elements: pulumi.Output[Sequence[Element]]
    by_name: pulumi.Output[dict[str, Element]]

    def __init__(self, name: str, args: Args, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("components:index:Collections", name, {}, opts)


COMPONENTS = [Collections]
