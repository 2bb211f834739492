"""
Ranges of versions, as `requiredPulumiVersion` has them.

Comparators `<`, `<=`, `>`, `>=`, `=`, `==`, `!` and `!=`, or a bare version for an exact
match; a space between them means "and", `||` means "or"; `x` in place of a number
stands for any (spec: state.md §1.3).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import semver

if TYPE_CHECKING:
    from collections.abc import Callable

_COMPARATOR: Final = re.compile(r"(?P<op><=|>=|<|>|==|=|!=|!)?\s*(?P<version>[^\s<>=!|]+)\s*")
_WILDCARD: Final = re.compile(
    r"(?P<major>[0-9]+)(?:\.(?P<minor>[0-9]+|[xX*]))?(?:\.(?P<patch>[0-9]+|[xX*]))?\Z"
)


class VersionRange:
    """A set of versions."""

    __slots__ = ("_alternatives", "text")

    def __init__(self, text: str) -> None:
        """
        Raises:
            ValueError: *text* is no range; the message completes "is not …".
        """
        self.text = text
        self._alternatives = [_conjunction(part) for part in text.split("||")]

    def __contains__(self, version: str) -> bool:
        """Whether *version*, a semantic version, lies in the range."""
        candidate = semver.Version.parse(version.removeprefix("v"))
        return any(all(test(candidate) for test in tests) for tests in self._alternatives)


def _conjunction(text: str) -> list[Callable[[semver.Version], bool]]:
    text = text.strip()
    tests: list[Callable[[semver.Version], bool]] = []
    at = 0
    while at < len(text):
        match = _COMPARATOR.match(text, at)
        if match is None:
            raise ValueError("a range of versions")
        tests.append(_test(match["op"] or "=", match["version"]))
        at = match.end()
    if not tests:
        raise ValueError("a range of versions")
    return tests


def _test(operator: str, text: str) -> Callable[[semver.Version], bool]:
    low, high = _bounds(text)
    match operator:
        case "<":
            return lambda version: version < low
        case "<=":
            return (lambda version: version <= low) if high is None else (lambda version: version < high)
        case ">":
            return (lambda version: version > low) if high is None else (lambda version: version >= high)
        case ">=":
            return lambda version: version >= low
        case "=" | "==":
            return lambda version: _within(version, low, high)
        case _:
            return lambda version: not _within(version, low, high)


def _within(version: semver.Version, low: semver.Version, high: semver.Version | None) -> bool:
    return version == low if high is None else low <= version < high


def _bounds(text: str) -> tuple[semver.Version, semver.Version | None]:
    """The version that *text* is, or the first it covers and the first it no longer does."""
    try:
        return semver.Version.parse(text.removeprefix("v")), None
    except ValueError:
        match = _WILDCARD.match(text)
    if match is None:
        raise ValueError("a range of versions")
    major = int(match["major"])
    if match["minor"] is None or not match["minor"].isdigit():
        return semver.Version(major), semver.Version(major + 1)
    minor = int(match["minor"])
    return semver.Version(major, minor), semver.Version(major, minor + 1)
