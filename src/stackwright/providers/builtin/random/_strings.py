"""Random texts out of kinds of characters, with a least number of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from secrets import SystemRandom
from typing import Any, Final

UPPER: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LOWER: Final = "abcdefghijklmnopqrstuvwxyz"
NUMERIC: Final = "0123456789"
SPECIAL: Final = "!@#$%&*()-_=+[]{}<>:?"

_random: Final = SystemRandom()


def random_text(options: Mapping[str, Any]) -> str:
    """
    A text of `length` characters, as the complete inputs of RandomString say.

    A least number of a kind is honoured even where the kind is switched off, and the
    rest is drawn from all kinds that are on. Drawn by the operating system's generator.
    """
    special = options.get("overrideSpecial") or SPECIAL
    kinds = (
        (UPPER, options["upper"], options["minUpper"]),
        (LOWER, options["lower"], options["minLower"]),
        (NUMERIC, options["numeric"], options["minNumeric"]),
        (special, options["special"], options["minSpecial"]),
    )
    drawn = [letter for letters, _, least in kinds for letter in _random.choices(letters, k=least)]
    everything = "".join(letters for letters, allowed, _ in kinds if allowed)
    rest = options["length"] - len(drawn)
    if rest:
        drawn += _random.choices(everything, k=rest)
    _random.shuffle(drawn)
    return "".join(drawn)
