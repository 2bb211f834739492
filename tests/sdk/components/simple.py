"""Every simple type, plain and as input, required and optional."""

from typing import Any, Optional, TypedDict

import pulumi


class Args(TypedDict):
    plain_text: str
    """A text."""
    plain_int: int
    plain_float: float
    plain_bool: bool
    anything: Any
    text: pulumi.Input[str]
    """Another text."""
    number_input: pulumi.Input[int]
    maybe: Optional[pulumi.Input[float]]
    maybe_inside: pulumi.Input[Optional[bool]]
    or_none: str | None
    out: pulumi.Output[str]
    out_maybe: pulumi.Output[Optional[str]]
    _private: str


class Simple(pulumi.ComponentResource):
    """A component.

    With more to say.
    """

    some_text: pulumi.Output[str]
    """What comes out."""
    some_number: Optional[pulumi.Output[int]]
    plain_result: bool
    anything: pulumi.Output[Any]
    _hidden: pulumi.Output[str]

    def __init__(self, name: str, args: Args, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("components:index:Simple", name, {}, opts)


class Bare(pulumi.ComponentResource):
    def __init__(self, name: str, args: Args) -> None:
        super().__init__("components:index:Bare", name)


COMPONENTS = [Simple, Bare]
