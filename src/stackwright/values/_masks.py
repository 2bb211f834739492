"""Texts without the secrets that stand in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Final

from stackwright.values._kinds import PropertyMap, Secret, Value
from stackwright.values._walks import map_leaves

_MASK: Final = "[secret]"
_SHORTEST: Final = 3
"""Shorter texts are in everything: masking them would hide what is wrong and no secret."""


class Mask:
    """
    Hides the texts of secrets wherever they show up.

    *collect* finds the texts; it is called when there is first something to hide them in.
    """

    def __init__(self, collect: Callable[[], Iterable[str]] = tuple) -> None:
        self._collect = collect

    @classmethod
    def of(cls, *bags: PropertyMap) -> Mask:
        """Hides what is secret in *bags*."""
        return cls(lambda: secret_texts(*bags))

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """What is hidden: longest first, so that no part of a longer one stays."""
        found = {text for text in self._collect() if len(text) >= _SHORTEST}
        return tuple(sorted(found, key=len, reverse=True))

    def __call__(self, text: str) -> str:
        for secret in self.texts:
            if secret in text:
                text = text.replace(secret, _MASK)
        return text

    def joined(self, other: Mask) -> Mask:
        """Hides what either of both does."""
        return Mask(lambda: (*self.texts, *other.texts))


def secret_texts(*bags: PropertyMap) -> set[str]:
    """All texts that stand in secrets of *bags*."""
    found: set[str] = set()

    def look(part: Value) -> Value:
        if isinstance(part, Secret):
            found.update(texts_in(part))
        return part

    for bag in bags:
        map_leaves(bag, look)
    return found


def texts_in(value: Value) -> set[str]:
    """Whatever *value* would be recognised by in a text: words, lines and numbers, at any depth."""
    found: set[str] = set()
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, Secret):
            pending.append(part.value)
        elif isinstance(part, str):
            found.add(part)
            found.update(line.strip() for line in part.splitlines())
        elif isinstance(part, int | float) and not isinstance(part, bool):
            found.add(str(part))
        elif isinstance(part, list):
            pending.extend(part)
        elif isinstance(part, dict):
            pending.extend(part.values())
    return found
