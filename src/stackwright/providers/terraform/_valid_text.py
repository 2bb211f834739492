"""
MessagePack whose strings are not all UTF-8, as some providers send it, made readable.

Go lets any bytes be a string, and Terraform takes them so: what it then writes into its
state has U+FFFD where there was no text, and that is what such a string is made here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

# What follows the first byte, by that byte: bytes that have a fixed number, and the widths of a length.
_FIXED: Final = {0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}
_FIXED_EXTENSIONS: Final = {0xD4: 2, 0xD5: 3, 0xD6: 5, 0xD7: 9, 0xD8: 17}
_HEADS: Final = {0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4}  # of collections, whose parts follow as if alone
_BYTES: Final = {0xC4: 1, 0xC5: 2, 0xC6: 4}
_EXTENSIONS: Final = {0xC7: 1, 0xC8: 2, 0xC9: 4}
_STRINGS: Final = {0xD9: 1, 0xDA: 2, 0xDB: 4}


def with_valid_text(data: bytes) -> bytes:
    """*data* with U+FFFD for what in a string is not UTF-8, and otherwise as it was, even if cut off."""
    return b"".join(_parts(data))


def _parts(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        head, text = _extent(data, at)
        end = at + head + text
        if text and (data[at] & 0xE0 == 0xA0 or data[at] in _STRINGS):
            yield msgspec.msgpack.encode(data[at + head : end].decode("utf-8", "replace"))
        else:
            yield data[at:end]
        at = end


def _extent(data: bytes, at: int) -> tuple[int, int]:
    """How many bytes of the item at *at* come before its content, and how many are that."""
    first = data[at]
    if first & 0xE0 == 0xA0:
        return 1, first & 0x1F
    for widths, extra in ((_STRINGS, 0), (_BYTES, 0), (_EXTENSIONS, 1)):
        if first in widths:
            width = widths[first]
            return 1 + width + extra, int.from_bytes(data[at + 1 : at + 1 + width], "big")
    return 1 + (_FIXED.get(first) or _FIXED_EXTENSIONS.get(first) or _HEADS.get(first) or 0), 0
