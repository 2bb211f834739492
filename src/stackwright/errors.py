"""
The base of every error Stackwright raises on purpose.

    StackwrightError
    ├── UserError         the program, a file, a flag or a setting is wrong
    ├── StateError        what is recorded cannot be read, or cannot be written
    ├── ProviderError     a provider refused, failed or went away (see `stackwright.providers`)
    └── InternalError     a promise inside Stackwright was broken: our bug

Rooms add subclasses beside the code that raises them. An error is data for a
reader: a stable code, what happened, details (evidence), and what to do next.
How it looks on a screen is decided by the display.
"""

from __future__ import annotations

from typing import ClassVar


class StackwrightError(Exception):
    """
    Something went wrong that a person can act upon.

    Attributes:
        code: A stable, greppable name of the kind of error, such as `lease-held`.
        message: One sentence: what happened and where. Never holds a secret.
        detail: Evidence, possibly of several lines, or None.
        hint: What to do next, or None.
        exit_code: What a command ends with when this error ends it (spec: cli.md §1.7).
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, detail: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.hint = hint

    def __str__(self) -> str:
        parts = [self.message]
        if self.detail:
            parts.append(self.detail)
        if self.hint:
            parts.append(self.hint)
        return "\n".join(parts)


class UserError(StackwrightError):
    """The program, a file, a flag or a setting asks for something that cannot be done."""

    code = "user"


class StateError(StackwrightError):
    """Recorded state cannot be read or written; what was recorded before is untouched."""

    code = "state"


class InternalError(StackwrightError):
    """A promise inside Stackwright was broken. This is a bug of ours, never of the program."""

    code = "internal"
    exit_code = 255

    def __init__(self, message: str, *, detail: str | None = None, hint: str | None = None) -> None:
        super().__init__(
            message,
            detail=detail,
            hint=hint or "This is a bug in Stackwright. Please report it with the lines above.",
        )
