"""Which version of the compatible engine Stackwright stands in for, and ranges of versions."""

from __future__ import annotations

from typing import Final

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
    parts = wanted.replace(",", " ").split()
    if not parts:
        raise ValueError(f"`{wanted}` is not a range of versions")
    return all(_one(have, part) for part in parts)


def _one(have: object, part: str) -> bool:
    from semver import Version

    assert isinstance(have, Version)
    if part == "*":
        return True
    operator = part.rstrip("0123456789.+-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    number = part[len(operator) :].lstrip("v")
    want = Version.parse(number, optional_minor_and_patch=True)
    match operator:
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
        case "" | "=" | "==":
            return bool(have == want)
        case "^":
            return bool(want <= have < (want.bump_major() if want.major else want.bump_minor()))
        case "~":
            return bool(want <= have < want.bump_minor())
        case _:
            raise ValueError(f"`{part}` is not a comparison of versions")
