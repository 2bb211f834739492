"""
Exact numbers (terraform.md §3.3).

A number is an int, a float or a Decimal; which of them never matters, only what it
counts. Terraform counts with 512 bits; nothing is rounded here.
"""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias

from stackwright.providers.terraform._mismatch import ValueMismatchError, kind_of

Number: TypeAlias = int | float | Decimal

_INT64_MIN: Final = -(2**63)
_INT64_MAX: Final = 2**63 - 1
_DIGITS_LIMIT: Final = 4096
"""More than anybody counts with, and few enough that no exponent can fill the memory."""


def written_number(value: float) -> Number:
    """
    The number that a program means by *value*: 0.1 and not the double next to it.

    Configurations of Terraform's are read so, and providers compare with what they recorded.
    """
    if value.is_integer():
        return int(value)
    return Decimal(repr(value)) if math.isfinite(value) else value


def packed_number(value: object) -> int | float | str:
    """What stands for *value* in MessagePack: an int64, a float that says it exactly, or digits."""
    if type(value) is int:
        return value if _INT64_MIN <= value <= _INT64_MAX else str(value)
    if isinstance(value, float):
        if not value.is_integer():
            if math.isnan(value):
                raise ValueMismatchError("it is not a number (NaN)")
            return float(value)  # infinities too
        return packed_number(int(value))
    if isinstance(value, Decimal):
        return _packed_decimal(value)
    raise ValueMismatchError(f"a number is needed, and this is {kind_of(value)}")


def _packed_decimal(value: Decimal) -> int | float | str:
    if not value.is_finite():
        if value.is_nan():
            raise ValueMismatchError("it is not a number (NaN)")
        return float(value)
    _check_size(value)
    if value == value.to_integral_value():
        return packed_number(int(value))
    nearest = float(value)
    return nearest if Decimal(nearest) == value else digits(value)


def digits(value: Number) -> str:
    """*value*, which is finite, in plain digits: no exponent, no surplus zeros."""
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        _check_size(value)
        text = format(value, "f")
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        return "0" if text == "-0" else text
    return str(value)


def parse_number(text: str) -> Number:
    """
    The number that *text* says: an int if it is whole and written so, else a Decimal.

    Raises:
        ValueMismatchError: It says none.
    """
    try:
        value = Decimal(text) if text.isascii() and "_" not in text else None
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite():
        raise ValueMismatchError("a number is needed, and this is a string that says none")
    _check_size(value)
    if "." not in text and "e" not in text and "E" not in text:
        return int(value)
    return value


def _check_size(value: Decimal) -> None:
    _, figures, exponent = value.as_tuple()
    assert isinstance(exponent, int)  # finite
    if max(len(figures) + exponent, len(figures), -exponent) > _DIGITS_LIMIT:
        raise ValueMismatchError(f"a number of more than {_DIGITS_LIMIT} digits is too long")
