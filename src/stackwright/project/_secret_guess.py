"""
Does a value look like a secret that somebody is about to store in plain text?

Asked when neither `--secret` nor `--plaintext` was given (spec: cli.md §6): the key
must sound like a secret and the value's beginning look random. Randomness is
estimated, not measured: letters in a row count as a word, which is easy to
guess, everything else as drawn from its kind of characters.
"""

from __future__ import annotations

import math
import re
from typing import Final

_TELLING: Final = re.compile(r"passwd|pass|password|pwd|secret|token", re.IGNORECASE)
_PIECES: Final = re.compile(r"(?P<word>[A-Z]?[a-z]{3,}|[A-Z]{4,})|(?P<other>.)", re.DOTALL)
_LOOKED_AT: Final = 16
_SURE_BITS: Final = 80.0
_LIKELY_BITS: Final = 40.0
_LIKELY_BITS_PER_LETTER: Final = 3.0
_WORD_BITS_PER_LETTER: Final = 1.5


def looks_secret(key: str, text: str) -> bool:
    """Whether *text* should not be stored under *key* without being asked about."""
    if not _TELLING.search(key):
        return False
    beginning = text[:_LOOKED_AT]
    bits = _bits(beginning)
    return bits >= _SURE_BITS or (bits >= _LIKELY_BITS and bits / len(beginning) >= _LIKELY_BITS_PER_LETTER)


def _bits(text: str) -> float:
    pool = math.log2(_pool(text)) if text else 0.0
    seen: set[str] = set()
    bits = 0.0
    for piece in _PIECES.finditer(text):
        if word := piece["word"]:
            bits += 0.0 if word.lower() in seen else len(word) * _WORD_BITS_PER_LETTER
            seen.add(word.lower())
        else:
            # A character that was there before, as in `aaaa`, adds little.
            bits += 1.0 if piece["other"] in seen else pool
            seen.add(piece["other"])
    return bits


def _pool(text: str) -> int:
    kinds = (
        (str.islower, 26),
        (str.isupper, 26),
        (str.isdigit, 10),
        (lambda letter: not letter.isalnum(), 33),
    )
    return sum(size for is_kind, size in kinds if any(is_kind(letter) for letter in text)) or 1
