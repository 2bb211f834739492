"""Durations as options write them: `90s`, `5m`, `1h30m`, `1.5h` (engine.md E75)."""

from __future__ import annotations

import re
from typing import Final

_UNITS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART: Final = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")


def parse_duration(text: str) -> float:
    """
    Seconds that *text* means.

    Raises:
        ValueError: It is no duration.
    """
    sign, rest = (-1.0, text[1:]) if text.startswith("-") else (1.0, text.removeprefix("+"))
    if rest == "0":
        return 0.0
    total, end = 0.0, 0
    for part in _PART.finditer(rest):
        if part.start() != end:
            break
        total += float(part[1]) * _UNITS[part[2]]
        end = part.end()
    if not rest or end != len(rest):
        raise ValueError(f"`{text}` is not a duration: write it like `90s`, `5m` or `1h30m`")
    return sign * total


def duration_text(seconds: float) -> str:
    """*seconds* as such a text, exact to the nanosecond."""
    return f"{seconds:.9f}".rstrip("0").rstrip(".") + "s"
