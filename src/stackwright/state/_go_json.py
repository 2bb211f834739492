"""
JSON as the compatible tool writes it (state.md §8.1): numbers, key order, escapes.

Only what bytes look like is decided here. What values mean is `_property_json`'s matter.
"""

from __future__ import annotations

import math
import struct
from decimal import Decimal
from typing import Any, Final

import msgspec

from stackwright.errors import StateError

_PLAIN: Final = msgspec.json.Encoder()
_SORTED: Final = msgspec.json.Encoder(order="deterministic")

LARGEST_EXACT: Final = 2**53
"""Up to here a double holds every whole number."""

_LARGEST_PLAIN: Final = 10**21  # from here on numbers are written with an exponent
_SMALLEST_PLAIN: Final = 1e-6


UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises for anything that is not JSON, or not of the form."""


class TooDeepError(StateError):
    """A value has more levels than can be stored."""

    code = "state-too-deep"

    def __init__(self) -> None:
        super().__init__(
            "A value is nested too deeply to be recorded",
            hint="Flatten it, or store it as a JSON text",
        )


def go_number(number: float) -> int | msgspec.Raw:
    """
    A finite float as the token that Go writes for it.

    Whole numbers have no fraction, and very large and very small ones an exponent
    of at least two digits.
    """
    if number.is_integer() and abs(number) <= LARGEST_EXACT:
        return int(number) if number or math.copysign(1, number) > 0 else msgspec.Raw(b"-0")
    if _SMALLEST_PLAIN <= abs(number) < _LARGEST_PLAIN:
        # The shortest digits that mean this float, and zeros where Python would write an exponent.
        text = format(Decimal(repr(number)), "f")
        return msgspec.Raw(text.removesuffix(".0").encode())
    mantissa, _, exponent = repr(number).partition("e")
    return msgspec.Raw(f"{mantissa}e{int(exponent):+03d}".encode())


def float_bits(number: float) -> str:
    """The 16 hexadecimal digits of a double (how NaN and the infinities are stored, §8.2)."""
    return struct.pack(">d", number).hex()


def float_of_bits(digits: str) -> float:
    """The double that `float_bits` wrote. Raises ValueError for anything but 16 hexadecimal digits."""
    raw = bytes.fromhex(digits)
    if len(raw) != 8 or len(digits) != 16:
        raise ValueError("not 16 hexadecimal digits")
    (number,) = struct.unpack(">d", raw)
    return float(number)


def encode(tree: Any) -> bytes:
    """
    *tree* as compact JSON, maps in the order they have.

    Text that is not valid Unicode (a lone surrogate) cannot be JSON: each such
    character becomes U+FFFD, as the compatible tool has it.
    """
    return _encoded(_PLAIN, tree)


def encode_sorted(tree: Any) -> bytes:
    """*tree* as compact JSON with the keys of maps in bytewise order, and line separators escaped."""
    return _escape_separators(_encoded(_SORTED, tree))


def encode_secret_text(tree: Any) -> str:
    """*tree* as the JSON text that is encrypted for a secret: sorted, HTML characters escaped."""
    data = encode_sorted(tree)
    for character, escape in ((b"<", rb"\u003c"), (b">", rb"\u003e"), (b"&", rb"\u0026")):
        if character in data:
            data = data.replace(character, escape)
    return data.decode()


def indented(compact: bytes) -> bytes:
    """The same JSON over several lines, four spaces a level, and a final newline."""
    return msgspec.json.format(compact, indent=4) + b"\n"


def _encoded(encoder: msgspec.json.Encoder, tree: Any) -> bytes:
    try:
        return encoder.encode(tree)
    except UnicodeEncodeError:
        return encoder.encode(valid_unicode(tree))
    except RecursionError:
        raise TooDeepError from None


def _escape_separators(data: bytes) -> bytes:
    if b"\xe2\x80" in data:
        data = data.replace(b"\xe2\x80\xa8", rb"\u2028").replace(b"\xe2\x80\xa9", rb"\u2029")
    return data


def valid_unicode(tree: Any) -> Any:
    """*tree* with U+FFFD in place of every lone surrogate in its texts."""
    if isinstance(tree, str):
        return "".join("�" if "\ud800" <= character <= "\udfff" else character for character in tree)
    if isinstance(tree, dict):
        return {valid_unicode(key): valid_unicode(item) for key, item in tree.items()}
    if isinstance(tree, list | tuple):
        return [valid_unicode(item) for item in tree]
    if isinstance(tree, msgspec.Struct):
        fields = {name: valid_unicode(getattr(tree, name)) for name in tree.__struct_fields__}
        return msgspec.structs.replace(tree, **fields)
    return tree
