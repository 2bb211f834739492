"""Which version of the compatible engine Stackwright stands in for, and ranges of versions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from semver import Version

COMPATIBLE_VERSION: Final = "3.272.0"
"""The version of the public surface that `stackwright.sdk` follows (sdk.md)."""


def in_range(version: str, wanted: str) -> bool:
    """
    Whether *version* lies in *wanted*: comparisons (`>=3.1.0 <4.0.0`) joined by spaces, alternatives by `||`.

    Raises:
        ValueError: *wanted* is no range.
    """
    return any(_all(version, part) for part in wanted.split("||"))


def _all(version: str, wanted: str) -> bool:
    from semver import Version

    have = Version.parse(version)
    # `>= 1.2` is written as often as `>=1.2`.
    parts = re.sub(r"([<>=!^~]+)\s+", r"\1", wanted.replace(",", " ")).split()
    if not parts:
        raise ValueError("a range of versions must not be empty")
    return all(_one(have, part) for part in parts)


_COMPARISON: Final = re.compile(r"(>=|<=|!=|==|=|>|<|\^|~)?v?(\d.*)")


def _one(have: Version, part: str) -> bool:
    from semver import Version

    if part in ("*", "x", "X"):
        return True
    comparison = _COMPARISON.fullmatch(part)
    try:
        want = Version.parse(comparison[2] if comparison else "", optional_minor_and_patch=True)
    except ValueError:
        raise ValueError(f"`{part}` is not a comparison of versions, such as `>=3.1.0`") from None
    match comparison and comparison[1]:
        case ">=":
            return bool(have >= want)
        case ">":
            return bool(have > want)
        case "<=":
            return bool(have <= want)
        case "<":
            return bool(have < want)
        case "!=":
            return bool(have != want)
        case "^":
            return bool(want <= have < (want.bump_major() if want.major else want.bump_minor()))
        case "~":
            return bool(want <= have < want.bump_minor())
        case _:
            return bool(have == want)
