"""
The number sequence that a seed stands for.

Seeded resources promise the same result for the same seed, whichever program made
them; the genuine provider draws from the first generator of Go's standard library,
so its sequence is part of the contract. It is an additive lagged Fibonacci generator
over 64 bits:

    x[n] = x[n - 607] + x[n - 273]        (mod 2**64)

A seed fills 607 words from a multiplicative congruential generator, and each is
mixed with the word that the generator itself gives after 7.8e12 steps from seed 1.
Go carries those words as a table. We compute them: the recurrence is linear, so
advancing it by N steps is raising the polynomial `t` to the N-th power modulo
`t**607 - t**334 - 1`. Polynomials are packed into one big integer each, whose
multiplication is fast.

A seeded draw touches a handful of words, so words are made when they are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

_LENGTH: Final = 607
_TAP: Final = 273
_FEED: Final = _LENGTH - _TAP
_MODULUS: Final = 2**31 - 1
_MULTIPLIER: Final = 48271
_SEED_FOR_ZERO: Final = 89482311
_DISCARDED: Final = 20
_STEPS_OF_THE_TABLE: Final = 7_800_000_000_000

_WORD: Final = 2**64 - 1
_INT63: Final = 2**63 - 1
_INT31: Final = 2**31 - 1

# A product of two polynomials has coefficients below 607 * 2**128.
_SLOT: Final = 144
_SLOT_BYTES: Final = _SLOT // 8


def _pack(coefficients: Sequence[int]) -> int:
    return int.from_bytes(b"".join(c.to_bytes(_SLOT_BYTES, "little") for c in coefficients), "little")


def _unpack(packed: int, count: int) -> list[int]:
    data = packed.to_bytes(count * _SLOT_BYTES, "little")
    return [int.from_bytes(data[at : at + 8], "little") for at in range(0, count * _SLOT_BYTES, _SLOT_BYTES)]


def _reduced(coefficients: list[int]) -> list[int]:
    """The same polynomial with degree below 607, by `t**607 = t**334 + 1`."""
    for degree in range(len(coefficients) - 1, _LENGTH - 1, -1):
        factor = coefficients[degree]
        coefficients[degree - _LENGTH] = (coefficients[degree - _LENGTH] + factor) & _WORD
        coefficients[degree - _TAP] = (coefficients[degree - _TAP] + factor) & _WORD
    return coefficients[:_LENGTH]


def _power_of_t(exponent: int) -> list[int]:
    """The coefficients of `t**exponent`, reduced."""
    power = [1] + [0] * (_LENGTH - 1)
    for bit in f"{exponent:b}":
        packed = _pack(power)
        square = _unpack(packed * packed, 2 * _LENGTH - 1)
        power = _reduced([0, *square] if bit == "1" else square)
    return power


def _multipliers(count: int) -> list[int]:
    """The congruential generator's multiplier to the powers 1 … *count*."""
    powers, power = [], 1
    for _ in range(count):
        power = power * _MULTIPLIER % _MODULUS
        powers.append(power)
    return powers


@cache
def _powers() -> list[int]:
    return _multipliers(_DISCARDED + 3 * _LENGTH)


def _filling(seed: int, position: int, high: int, middle: int) -> int:
    """The word that *seed* puts at *position*: three draws, shifted by *high*, *middle* and 0 bits."""
    powers, at = _powers(), _DISCARDED + 3 * position
    first, second, third = (seed * power % _MODULUS for power in powers[at : at + 3])
    return first << high ^ second << middle ^ third


@cache
def _table() -> list[int]:
    """
    The state of the generator after 7.8e12 steps from seed 1.

    The first words of the sequence lie in the state backwards, beginning at the feed.
    """
    history = [_filling(1, (_FEED + 606 - age) % _LENGTH, 20, 10) for age in range(_LENGTH)]
    for _ in range(_LENGTH - 1):
        history.append((history[-_LENGTH] + history[-_TAP]) & _WORD)
    power = _power_of_t(_STEPS_OF_THE_TABLE)
    # Every word wanted is a sum of products of *power* with a window of the history;
    # one multiplication by the reversed polynomial gives all of them.
    products = _unpack(_pack(history) * _pack(power[::-1]), 3 * _LENGTH - 2)
    latest = products[_LENGTH - 1 : 2 * _LENGTH - 1]
    table = [0] * _LENGTH
    for age, word in enumerate(latest):
        step = _STEPS_OF_THE_TABLE - 606 + age
        table[(_FEED - step) % _LENGTH] = word
    return table


class GoSequence:
    """The pseudo-random sequence of one seed; any integer is a seed, and only its 64-bit value counts."""

    def __init__(self, seed: int) -> None:
        seed &= _WORD
        signed = seed - 2**64 if seed > _INT63 else seed
        # Go's remainder has the sign of the dividend; adding the modulus to a negative one gives Python's.
        self._seed = signed % _MODULUS or _SEED_FOR_ZERO
        self._words: list[int | None] = [None] * _LENGTH
        self._tap = 0
        self._feed = _FEED

    def _word(self, position: int) -> int:
        word = self._words[position]
        if word is None:
            word = self._words[position] = _filling(self._seed, position, 40, 20) ^ _table()[position]
        return word

    def _uint64(self) -> int:
        self._tap = (self._tap - 1) % _LENGTH
        self._feed = (self._feed - 1) % _LENGTH
        word = (self._word(self._feed) + self._word(self._tap)) & _WORD
        self._words[self._feed] = word
        return word

    def _bits(self, count: int) -> int:
        return (self._uint64() & _INT63) >> (63 - count)

    def below(self, limit: int) -> int:
        """The next number of `range(limit)`; *limit* is 1 … 2**63 - 1."""
        count = 31 if limit <= _INT31 else 63
        number = self._bits(count)
        if limit & (limit - 1) == 0:
            return number & (limit - 1)
        # Numbers of the last, incomplete run of *limit* would make small results likelier.
        fair = 2**count - 2**count % limit
        while number >= fair:
            number = self._bits(count)
        return number % limit

    def permutation(self, count: int) -> list[int]:
        """The numbers of `range(count)` in the next random order."""
        order: list[int] = []
        for number in range(count):
            at = self.below(number + 1)
            order.append(number)
            order[number], order[at] = order[at], number
        return order


# Strings as seeds --------------------------------------------------------------------------------

_CRC_POLYNOMIAL: Final = 0xD800000000000000
"""CRC-64 of ISO 3309, bits reversed."""


@cache
def _crc_table() -> list[int]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (_CRC_POLYNOMIAL if crc & 1 else 0)
        table.append(crc)
    return table


def crc64(data: bytes) -> int:
    """The ISO checksum of *data*."""
    table, crc = _crc_table(), _WORD
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ _WORD


def sequence_of(seed: str) -> GoSequence:
    """The sequence that the genuine provider draws from for a non-empty seed string."""
    return GoSequence(crc64(seed.encode()))
