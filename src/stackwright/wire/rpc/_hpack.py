"""
Header blocks (RFC 7541): all of it for reading, and of writing what needs no table.

What is written never refers to an earlier block, so that a block can be made once and
be sent many times; the first block of a connection has to say so (`NO_TABLE`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from stackwright.wire.rpc._huffman import HuffmanError, huffman_decode

Field = tuple[bytes, bytes]

NO_TABLE: Final = b"\x20"
"""Begins the first block that is sent: the writer's table has, and keeps, the size nought."""

_TABLE_SIZE: Final = 4096
"""What both sides begin with; we never announce another size."""
_ENTRY_OVERHEAD: Final = 32

_STATIC: Final[tuple[Field, ...]] = (
    (b":authority", b""),
    (b":method", b"GET"),
    (b":method", b"POST"),
    (b":path", b"/"),
    (b":path", b"/index.html"),
    (b":scheme", b"http"),
    (b":scheme", b"https"),
    (b":status", b"200"),
    (b":status", b"204"),
    (b":status", b"206"),
    (b":status", b"304"),
    (b":status", b"400"),
    (b":status", b"404"),
    (b":status", b"500"),
    (b"accept-charset", b""),
    (b"accept-encoding", b"gzip, deflate"),
    (b"accept-language", b""),
    (b"accept-ranges", b""),
    (b"accept", b""),
    (b"access-control-allow-origin", b""),
    (b"age", b""),
    (b"allow", b""),
    (b"authorization", b""),
    (b"cache-control", b""),
    (b"content-disposition", b""),
    (b"content-encoding", b""),
    (b"content-language", b""),
    (b"content-length", b""),
    (b"content-location", b""),
    (b"content-range", b""),
    (b"content-type", b""),
    (b"cookie", b""),
    (b"date", b""),
    (b"etag", b""),
    (b"expect", b""),
    (b"expires", b""),
    (b"from", b""),
    (b"host", b""),
    (b"if-match", b""),
    (b"if-modified-since", b""),
    (b"if-none-match", b""),
    (b"if-range", b""),
    (b"if-unmodified-since", b""),
    (b"last-modified", b""),
    (b"link", b""),
    (b"location", b""),
    (b"max-forwards", b""),
    (b"proxy-authenticate", b""),
    (b"proxy-authorization", b""),
    (b"range", b""),
    (b"referer", b""),
    (b"refresh", b""),
    (b"retry-after", b""),
    (b"server", b""),
    (b"set-cookie", b""),
    (b"strict-transport-security", b""),
    (b"transfer-encoding", b""),
    (b"user-agent", b""),
    (b"vary", b""),
    (b"via", b""),
    (b"www-authenticate", b""),
)
_INDEX: Final = {field: at for at, field in reversed(list(enumerate(_STATIC, start=1)))}
_NAMES: Final = {name: at for at, (name, _) in reversed(list(enumerate(_STATIC, start=1)))}


class HpackError(ValueError):
    """A header block that is none: nothing after it on the connection can be understood."""


class HeaderDecoder:
    """
    Reads the blocks of one connection, in their order.

    A block that leaves the table as it was means the same until the next one that
    changes it, so such blocks are remembered: most answers of a server are alike.
    """

    def __init__(self, *, limit: int = 1 << 20) -> None:
        """*limit* is how large one block may be when it is read, by the RFC's way of counting."""
        self._limit = limit
        self._table: deque[Field] = deque()
        self._size = 0
        self._capacity = _TABLE_SIZE
        self._known: dict[bytes, tuple[Field, ...]] = {}

    def decode(self, block: bytes) -> tuple[Field, ...]:
        """
        The fields of *block*.

        Raises:
            HpackError: It is malformed, or too large.
        """
        known = self._known.get(block)
        if known is not None:
            return known
        try:
            return self._decode(block)
        except (IndexError, HuffmanError) as error:
            raise HpackError(f"a header block cannot be read: {error}") from None

    def _decode(self, block: bytes) -> tuple[Field, ...]:
        fields: list[Field] = []
        at = size = 0
        changed = False
        while at < len(block):
            first = block[at]
            if first & 0x80:
                index, at = _integer(block, at, 7)
                field = self._field(index)
            elif first & 0xE0 == 0x20:
                if fields:
                    raise HpackError("a header block changes the table's size after its beginning")
                capacity, at = _integer(block, at, 5)
                if capacity > _TABLE_SIZE:
                    raise HpackError(f"a header block makes the table {capacity} bytes large")
                self._capacity = capacity
                self._evict(0)
                changed = True
                continue
            else:
                remembered = bool(first & 0x40)
                index, at = _integer(block, at, 6 if remembered else 4)
                if index:
                    name = self._field(index)[0]
                else:
                    name, at = _string(block, at)
                value, at = _string(block, at)
                field = (name, value)
                if remembered:
                    self._remember(field)
                    changed = True
            size += len(field[0]) + len(field[1]) + _ENTRY_OVERHEAD
            if size > self._limit:
                raise HpackError(f"a header block is larger than {self._limit:,} bytes")
            fields.append(field)
        found = tuple(fields)
        if changed:
            self._known.clear()
        elif len(self._known) < 64 and len(block) < 64:
            self._known[block] = found
        return found

    def _field(self, index: int) -> Field:
        if not index:
            raise HpackError("a header block refers to the entry nought")
        if index <= len(_STATIC):
            return _STATIC[index - 1]
        return self._table[index - len(_STATIC) - 1]

    def _remember(self, field: Field) -> None:
        size = len(field[0]) + len(field[1]) + _ENTRY_OVERHEAD
        self._evict(size)
        if size <= self._capacity:
            self._table.appendleft(field)
            self._size += size

    def _evict(self, needed: int) -> None:
        while self._table and self._size + needed > self._capacity:
            name, value = self._table.pop()
            self._size -= len(name) + len(value) + _ENTRY_OVERHEAD


def encode_fields(fields: Iterable[Field]) -> bytes:
    """A block of *fields* that neither needs nor changes a table."""
    block = bytearray()
    for name, value in fields:
        index = _INDEX.get((name, value))
        if index is not None:
            block += _encoded_integer(index, 7, 0x80)
            continue
        known = _NAMES.get(name, 0)
        block += _encoded_integer(known, 4, 0)
        for text in (value,) if known else (name, value):
            block += _encoded_integer(len(text), 7, 0) + text
    return bytes(block)


def _integer(block: bytes, at: int, bits: int) -> tuple[int, int]:
    """A number that begins in the last *bits* of a byte, and where it ends (section 5.1)."""
    most = (1 << bits) - 1
    value = block[at] & most
    at += 1
    if value < most:
        return value, at
    for shift in range(0, 28, 7):
        byte = block[at]
        at += 1
        value += (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise HpackError("a header block holds a number that is too large")


def _encoded_integer(value: int, bits: int, first: int) -> bytes:
    most = (1 << bits) - 1
    if value < most:
        return bytes([first | value])
    value -= most
    found = bytearray([first | most])
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _string(block: bytes, at: int) -> tuple[bytes, int]:
    packed = block[at] & 0x80
    length, at = _integer(block, at, 7)
    end = at + length
    if end > len(block):
        raise HpackError("a header block ends inside a string")
    text = block[at:end]
    return (huffman_decode(text) if packed else text), end
