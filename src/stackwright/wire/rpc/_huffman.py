"""The Huffman code of header strings (RFC 7541, section 5.2 and appendix B)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

_LENGTHS: Final = (
    *(13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28),
    *(28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28),
    *(6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6),
    *(5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10),
    *(13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7),
    *(7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6),
    *(15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5),
    *(6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28),
    *(20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23),
    *(24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24),
    *(22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23),
    *(21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23),
    *(26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25),
    *(19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27),
    *(20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23),
    *(26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26),
    30,
)
"""How many bits each byte takes, and last the end of a string. The code is canonical: this is all of it."""

_END: Final = 256


class HuffmanError(ValueError):
    """A string that is not of the code."""


def huffman_decode(data: bytes) -> bytes:
    """
    The string that *data* stands for.

    Raises:
        HuffmanError: It holds the end's own code, or does not end in ones of less than a byte.
    """
    symbols = _symbols()
    found = bytearray()
    code = 1  # a leading one, so that the length is in the number
    for byte in data:
        for shift in range(7, -1, -1):
            code = code << 1 | (byte >> shift & 1)
            symbol = symbols.get(code)
            if symbol is not None:
                if symbol == _END:
                    raise HuffmanError("the end of a string inside of it")
                found.append(symbol)
                code = 1
    padding = code.bit_length() - 1
    if padding > 7 or code != (2 << padding) - 1:
        raise HuffmanError("padding that is none")
    return bytes(found)


@cache
def _symbols() -> Mapping[int, int]:
    """By each code, with a one before it: what it stands for."""
    return {1 << length | code: symbol for symbol, length, code in _codes()}


def _codes() -> Iterable[tuple[int, int, int]]:
    code = length = 0
    for symbol in sorted(range(len(_LENGTHS)), key=lambda symbol: (_LENGTHS[symbol], symbol)):
        code <<= _LENGTHS[symbol] - length
        length = _LENGTHS[symbol]
        yield symbol, length, code
        code += 1
