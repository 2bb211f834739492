"""Which known word a mistyped one was probably meant to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def edit_distance(left: str, right: str) -> int:
    """How many letters must be inserted, removed or changed to turn one word into the other."""
    previous = list(range(len(right) + 1))
    for row, letter in enumerate(left, start=1):
        current = [row]
        for column, other in enumerate(right, start=1):
            changed = previous[column - 1] + (letter != other)
            current.append(min(changed, previous[column] + 1, current[-1] + 1))
        previous = current
    return previous[-1]


def closest(word: str, known: Iterable[str], *, within: int = 2) -> str | None:
    """The known word nearest to *word*, ignoring case, or None when all are further than *within*."""
    best: str | None = None
    best_distance = within + 1
    for candidate in known:
        if abs(len(candidate) - len(word)) >= best_distance:
            continue
        distance = edit_distance(word.lower(), candidate.lower())
        # A short word is "near" to any other; require that something of it is left.
        if distance < best_distance and distance < max(len(word), len(candidate)):
            best, best_distance = candidate, distance
    return best


def listed(words: Iterable[str]) -> str:
    """The words quoted, as in: `a`, `b` and `c`."""
    quoted = [f"`{word}`" for word in words]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"
