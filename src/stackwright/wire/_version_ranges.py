"""Version ranges as plugins and projects write them: `>=3.5.0 !3.7.7 || >3.8.0` (protocol.md §7.6)."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Final

from semver import Version

from stackwright.errors import UserError

_TERM: Final = re.compile(r"(>=|<=|>|<|==|=|!=|!|)\s*v?([0-9][0-9A-Za-z.+-]*)")
_TESTS: Final[dict[str, Callable[[Version, Version], bool]]] = {
    "": operator.eq,
    "=": operator.eq,
    "==": operator.eq,
    "!": operator.ne,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class UnreadableRangeError(UserError):
    """A text that should be a version range is not one."""

    code = "version-range"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"`{text}` is not a version range", hint="A version range looks like >=3.5.0 <4.0.0 || 3.4.1"
        )


def version_satisfies(version: str, wanted: str) -> bool:
    """
    Whether *version* lies in the range *wanted*: alternatives between `||`, each a list of conditions.

    Raises:
        UnreadableRangeError: *wanted* is not a range.
    """
    actual = Version.parse(version)
    alternatives = [_holds(actual, alternative, wanted) for alternative in wanted.split("||")]
    return any(alternatives)


def _holds(actual: Version, conditions: str, wanted: str) -> bool:
    rest = conditions.strip()
    if not rest:
        raise UnreadableRangeError(wanted)
    holds = True
    while rest:
        term = _TERM.match(rest)
        if term is None:
            raise UnreadableRangeError(wanted)
        try:
            limit = Version.parse(term[2], optional_minor_and_patch=True)
        except ValueError:
            raise UnreadableRangeError(wanted) from None
        holds = holds and _TESTS[term[1]](actual, limit)
        rest = rest[term.end() :].lstrip(" ,")
    return holds
