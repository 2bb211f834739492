"""
What an unquoted scalar of a YAML file means.

Both readers of this package (`_document`, `_plain_yaml`) and the writer decide
with these rules, so that they never disagree. They are those of the compatible
tool's reader: YAML 1.2 words, with 1.1's leading-zero octal numbers. Dates stay
text (spec: state.md §3.3).
"""

from __future__ import annotations

import re
from typing import Final

Scalar = str | int | float | bool | None

_WORDS: Final[dict[str, Scalar]] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
    ".inf": float("inf"),
    ".Inf": float("inf"),
    ".INF": float("inf"),
    "+.inf": float("inf"),
    "+.Inf": float("inf"),
    "+.INF": float("inf"),
    "-.inf": float("-inf"),
    "-.Inf": float("-inf"),
    "-.INF": float("-inf"),
    ".nan": float("nan"),
    ".NaN": float("nan"),
    ".NAN": float("nan"),
}

_INTEGER: Final = re.compile(
    r"[-+]?(?:(?P<bin>0[bB][01]+)|(?P<hex>0[xX][0-9a-fA-F]+)|(?P<oct>0[oO]?[0-7]+)|(?P<dec>0|[1-9][0-9]*))\Z"
)
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_SIGNED_64_MIN: Final = -(2**63)
_UNSIGNED_64_MAX: Final = 2**64 - 1

# Words that readers of YAML 1.1 take for yes and no: quoted when written, so that no reader errs.
AMBIGUOUS_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off"})


def plain_scalar(text: str) -> Scalar:
    """The value of the unquoted scalar *text*."""
    if text in _WORDS:
        return _WORDS[text]
    first = text[0]
    if not (first.isdigit() or first in "+-."):
        return text
    digits = text.replace("_", "") if first != "_" else text
    if match := _INTEGER.match(digits):
        number = _integer(digits, match)
        return number if _SIGNED_64_MIN <= number <= _UNSIGNED_64_MAX else float(number)
    if _FLOAT.match(digits):
        return float(digits)
    return text


def _integer(digits: str, match: re.Match[str]) -> int:
    sign = -1 if digits.startswith("-") else 1
    if prefixed := match["bin"] or match["hex"]:
        return sign * int(prefixed, 0)
    if octal := match["oct"]:
        return sign * int(octal.lstrip("0").lstrip("oO") or "0", 8)
    return sign * int(match["dec"])
