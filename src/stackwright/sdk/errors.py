"""Exceptions that programs raise to speak to the person who runs them (sdk.md §11)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict


class RunError(Exception):
    """An expected failure: only its text is shown, without a traceback."""


class InputPropertyErrorDetails(TypedDict):
    """Which input is wrong, and why."""

    property_path: str
    reason: str


class InputPropertyError(Exception):
    """One input of a component is wrong."""

    def __init__(self, property_path: str, reason: str) -> None:
        super().__init__(reason)
        self.property_path = property_path
        self.reason = reason


class InputPropertiesError(Exception):
    """Several inputs of a component are wrong, or the inputs as a whole."""

    def __init__(self, message: str, errors: Sequence[InputPropertyErrorDetails] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.errors = errors
