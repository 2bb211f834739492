"""What can go wrong on the border between our values and bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from stackwright.errors import StackwrightError
from stackwright.values import format_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    PathPart = str | int


class WireError(StackwrightError):
    """
    A property cannot cross the wire.

    Attributes:
        reason: Why, without the path and without the value.
        path: Where, from the bag down.
    """

    code: ClassVar[str] = "wire"
    _sentence: ClassVar[str] = "Property `{path}` cannot cross the wire: {reason}"

    def __init__(self, reason: str, path: Sequence[PathPart] = (), *, hint: str | None = None) -> None:
        self.reason = reason
        self.path = tuple(path)
        shown = format_path(self.path) or "."
        super().__init__(self._sentence.format(path=shown, reason=reason), hint=hint)

    def below(self, part: PathPart) -> WireError:
        """The same error seen from one level further out: *part* leads to where it happened."""
        return type(self)(self.reason, (part, *self.path), hint=self.hint)


class EncodeError(WireError):
    """A value cannot be sent: its receiver could not take it, or nothing on the wire stands for it."""

    code = "wire-encode"
    _sentence = "Property `{path}` cannot be sent: {reason}"


class DecodeError(WireError):
    """A message holds something that is not a value: the sender broke the protocol."""

    code = "wire-decode"
    _sentence = "Property `{path}` was received malformed: {reason}"
