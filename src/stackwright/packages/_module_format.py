"""
The expression that says which part of a token is its module (packages.md §1.2).

It comes with a schema, from a stranger, and Python's matching takes time without end for some
expressions. So only those are taken whose matching is bounded: few places at which it can go on
in more than one way, none of them around others, and short texts to match. Schemas say
`(.*)(?:/[^/]*)` and the like, which is far within.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from stackwright.packages._errors import PackageSchemaError

_WHERE: Final = "#/meta/moduleFormat"
_EVERYTHING: Final = "(.*)"
_TO_THE_LAST_SLASH: Final = "(.*)(?:/[^/]*)"
"""What nearly every schema says: understood without matching, so that tokens may be of any length."""

_LONGEST: Final = 200
"""Characters of an expression."""

_LONGEST_MODULE: Final = 100
"""Characters of what it is matched with: the time grows with the fourth power of them at worst."""

_CHOICES: Final = 3

_PIECE: Final = re.compile(
    r"""
    \\.                                        # an escape, whatever it means
    | \[\^?\]?(?:\\.|[^\]\\])*\]               # a set of characters
    | (?P<special>\(\?(?!:|P<))                # looking around, flags, conditions: of other dialects
    | \(\?(?::|P<\w*>)                         # a group of which no more is asked
    | (?P<around>\)(?:[*+]|\{[0-9]))           # a group again and again
    | (?P<choice>(?:[*+?]|\{[0-9,]+\})\??|\|)  # more than one way to go on
    | .
    """,
    re.VERBOSE | re.DOTALL,
)


class ModuleFormat:
    """
    Tells the module of tokens' middle parts.

    Raises:
        PackageSchemaError: *expression* is none, or one whose matching could take without end.
    """

    def __init__(self, expression: str) -> None:
        self._pattern: re.Pattern[str] | None = None
        self._to_the_last_slash = expression == _TO_THE_LAST_SLASH
        if expression not in (_EVERYTHING, _TO_THE_LAST_SLASH):
            _check(expression)
            try:
                self._pattern = re.compile(expression)
            except (re.error, OverflowError, RecursionError) as error:
                raise PackageSchemaError(f"{_WHERE}: no regular expression: {error}") from error
        self.module_in = cache(self._module_in)

    def _module_in(self, middle: str) -> str:
        if self._to_the_last_slash and "/" in middle:
            return middle.rpartition("/")[0]
        if self._pattern is None:
            return middle
        if len(middle) > _LONGEST_MODULE:
            raise PackageSchemaError(
                f"{_WHERE}: `{middle[:40]}…` in a token is too long to be matched with an expression",
                hint=f"With a `moduleFormat`, modules have {_LONGEST_MODULE} characters at most",
            )
        found = self._pattern.search(middle)
        return (found.group(1) or "") if found is not None and self._pattern.groups else middle


def _check(expression: str) -> None:
    choices = 0
    reason = f"is longer than {_LONGEST} characters" if len(expression) > _LONGEST else ""
    for piece in () if reason else _PIECE.finditer(expression):
        choices += piece.lastgroup == "choice"
        if piece.lastgroup == "special":
            reason = "has a group that only some dialects know"
        elif piece.lastgroup == "around":
            reason = "repeats a group"
        elif piece[0][:1] == "\\" and piece[0][1:].isdigit() and piece[0] != "\\0":
            reason = "refers to one of its own groups"
    if not reason and choices > _CHOICES:
        reason = f"has more than {_CHOICES} repetitions and alternatives"
    if reason:
        raise PackageSchemaError(
            f"{_WHERE}: the expression {reason}, so matching it could take without end",
            hint="Say it more simply, such as `(.*)(?:/[^/]*)`",
        )
