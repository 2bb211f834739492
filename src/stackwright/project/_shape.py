"""
Take a document apart field by field, collecting everything that is wrong with it.

A `Shape` is asked for the fields that a format has; each answer is of the right
type or a problem was noted. At the end `finish` raises all problems at once, so
that a person mends a file in one go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stackwright.project._problems import Problem
from stackwright.project._suggestions import closest, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from stackwright.project._document import Document, Steps
    from stackwright.project._problems import FileProblemsError, Position


class Shape:
    """The fields of one document, and what is wrong with them."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._found: list[tuple[Steps, bool, str, str | None]] = []
        self._warned: list[tuple[Steps, bool, str, str | None]] = []

    def problem(self, steps: Steps, message: str, *, hint: str | None = None, key: bool = False) -> None:
        """Note that something is wrong at *steps*, or with the *key* there."""
        self._found.append((steps, key, message, hint))

    def warning(self, steps: Steps, message: str, *, hint: str | None = None, key: bool = False) -> None:
        """Note something that is allowed, but probably not meant."""
        self._warned.append((steps, key, message, hint))

    @property
    def is_sound(self) -> bool:
        """Whether no problem was noted so far."""
        return not self._found

    def finish(self, error: Callable[..., FileProblemsError]) -> None:
        """
        Raises:
            FileProblemsError: Of the class *error*, if any problem was noted.
        """
        if self._found:
            raise error(self._document.path, [self._made(*noted) for noted in self._found])

    def warnings(self) -> tuple[Problem, ...]:
        """What was noted as a warning."""
        return tuple(self._made(*noted) for noted in self._warned)

    def text(self, mapping: dict[str, Any], field: str, at: Steps) -> str | None:
        """The text under *field*, None where there is none."""
        value = mapping.get(field)
        if value is None or isinstance(value, str):
            return value
        self.problem((*at, field), f"`{_path(at, field)}` must be text", hint=_quote_hint(value))
        return None

    def flag(self, mapping: dict[str, Any], field: str, at: Steps) -> bool:
        """The yes or no under *field*; no where there is none."""
        value = mapping.get(field)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.problem((*at, field), f"`{_path(at, field)}` must be `true` or `false`")
        return False

    def mapping(self, mapping: dict[str, Any], field: str, at: Steps) -> dict[str, Any]:
        """The map under *field*, empty where there is none."""
        value = mapping.get(field)
        if value is None or isinstance(value, dict):
            return value or {}
        self.problem((*at, field), f"`{_path(at, field)}` must be a map of `key: value` lines")
        return {}

    def entries(self, mapping: dict[str, Any], field: str, at: Steps) -> list[Any]:
        """The list under *field*, empty where there is none."""
        value = mapping.get(field)
        if value is None or isinstance(value, list):
            return value or []
        self.problem((*at, field), f"`{_path(at, field)}` must be a list")
        return []

    def texts(self, mapping: dict[str, Any], field: str, at: Steps) -> tuple[str, ...]:
        """The list of texts under *field*."""
        texts: list[str] = []
        for index, entry in enumerate(self.entries(mapping, field, at)):
            if isinstance(entry, str):
                texts.append(entry)
            else:
                self.problem(
                    (*at, field, index),
                    f"`{_path(at, field)}[{index}]` must be text",
                    hint=_quote_hint(entry),
                )
        return tuple(texts)

    def text_map(self, mapping: dict[str, Any], field: str, at: Steps) -> dict[str, str]:
        """The map of texts under *field*."""
        inner = self.mapping(mapping, field, at)
        return {key: text for key in inner if (text := self.text(inner, key, (*at, field))) is not None}

    def only(self, mapping: dict[str, Any], allowed: Collection[str], at: Steps) -> None:
        """Note every key of *mapping* that is not *allowed*, with the word that was probably meant."""
        for key in mapping:
            if key in allowed:
                continue
            near = closest(key, allowed)
            self.problem(
                (*at, key),
                f"`{_path(at, key)}` is not known here" + (f"; did you mean `{near}`?" if near else ""),
                hint=None if near else f"What may stand here: {listed(allowed)}",
                key=True,
            )

    def _made(self, steps: Steps, key: bool, message: str, hint: str | None) -> Problem:
        position: Position | None = self._document.position(steps, key=key)
        return Problem(message, position, hint)


def _path(at: Steps, field: str) -> str:
    return ".".join(str(step) for step in (*at, field))


def _quote_hint(value: Any) -> str | None:
    if isinstance(value, bool | int | float):
        return "Put quotes around it to make it text"
    return None
