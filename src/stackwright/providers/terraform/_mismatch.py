"""When a value is not of its type: the one error of all codecs, which says where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from stackwright.errors import StackwrightError


class ValueMismatchError(StackwrightError):
    """
    A value is not what its type says, or cannot be written at all.

    Never holds the value itself, which may be secret.

    Attributes:
        reason: What is wrong, without the place.
        path: Names, keys and indices that lead there.
    """

    code: ClassVar[str] = "terraform-value"

    def __init__(self, reason: str, path: Sequence[str | int] = ()) -> None:
        self.reason = reason
        self.path = tuple(path)
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        super().__init__(f"`{where.lstrip('.')}`: {reason}" if where else reason)

    def below(self, part: str | int) -> ValueMismatchError:
        """The same error seen from one level further out: *part* leads to where it happened."""
        return ValueMismatchError(self.reason, (part, *self.path))


def kind_of(value: object) -> str:
    """What *value* is, for people."""
    return _NAMES.get(type(value), type(value).__name__)


_NAMES = {type(None): "null", str: "a string", bool: "a bool", int: "a number", float: "a number"}
_NAMES |= {list: "a list", dict: "an object", bytes: "bytes"}
