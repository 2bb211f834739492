"""Colours, or none (cli.md §14.2)."""

from __future__ import annotations

from enum import Enum


class Style(Enum):
    """What a text means; the values are ANSI parameters of 256-colour terminals."""

    CREATE = "38;5;2"
    UPDATE = "38;5;3"
    DELETE = "38;5;1"
    REPLACE = "38;5;13"
    CREATE_REPLACEMENT = "38;5;10"
    DELETE_REPLACED = "38;5;9"
    READ = "38;5;14"
    HEADING = "38;5;13;1"
    ERROR = "38;5;1;1"
    WARNING = "38;5;3;1"
    INFO = "38;5;5"
    DIM = "2"
    BOLD = "1"
    NONE = ""


class Paint:
    """Puts colour on texts, or leaves them as they are where colour is off."""

    def __init__(self, *, colour: bool) -> None:
        self.colour = colour

    def __call__(self, text: str, style: Style) -> str:
        if not self.colour or not style.value or not text:
            return text
        return f"\x1b[{style.value}m{text}\x1b[0m"
