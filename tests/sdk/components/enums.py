"""Enums of every kind of value."""

from enum import Enum, IntEnum
from typing import Optional, TypedDict

import pulumi


class Color(Enum):
    """A colour."""

    RED = "red"
    """Like blood."""
    GREEN = "green"
    LIME = "green"  # noqa: PIE796 # another name for it


class Level(IntEnum):
    LOW = 1
    HIGH = 2
    """Very."""


class Ratio(float, Enum):
    HALF = 0.5


class Flag(Enum):
    ON = True
    OFF = False


class Args(TypedDict):
    color: pulumi.Input[Color]
    """Which colour."""
    plain_color: Color
    level: Optional[Level]
    ratio: Ratio
    flags: list[Flag]
    by_name: pulumi.Input[dict[str, Color]]


class Enums(pulumi.ComponentResource):
    color: pulumi.Output[Color]
    level: Optional[pulumi.Output[Level]]

    def __init__(self, name: str, args: Args, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        super().__init__("components:index:Enums", name, {}, opts)


COMPONENTS = [Enums]
