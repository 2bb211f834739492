"""Classes that no schema can be made of, each alone."""

import typing
from typing import Optional, TypedDict, Union

import pulumi


def component(args: type) -> type[pulumi.ComponentResource]:
    class Component(pulumi.ComponentResource):
        def __init__(self, name: str, args: args) -> None:  # type: ignore[valid-type]
            super().__init__("components:index:Component", name)

    return Component


class UnionArgs(TypedDict):
    value: Union[str, int]


class KeyArgs(TypedDict):
    value: dict[int, str]


class MapArgs(TypedDict):
    value: dict


class OldMapArgs(TypedDict):
    value: typing.Dict


class ListArgs(TypedDict):
    value: pulumi.Input[list]


class TupleArgs(TypedDict):
    value: tuple


class MissingArgs(TypedDict):
    value: "Optional[Nowhere]"  # noqa: F821


class NoArgs(pulumi.ComponentResource):
    def __init__(self, name: str, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("components:index:NoArgs", name, {}, opts)


class UntypedArgs(pulumi.ComponentResource):
    def __init__(self, name, args) -> None:
        super().__init__("components:index:UntypedArgs", name)


ALONE = {
    "union": [component(UnionArgs)],
    "key": [component(KeyArgs)],
    "map": [component(MapArgs)],
    "old map": [component(OldMapArgs)],
    "list": [component(ListArgs)],
    "tuple": [component(TupleArgs)],
    "missing": [component(MissingArgs)],
    "no args": [NoArgs],
    "untyped": [UntypedArgs],
    "twice": [component(ListArgs), component(ListArgs)],
    "none": [],
}
