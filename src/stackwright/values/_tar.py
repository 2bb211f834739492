"""
The tar format, as far as archives need it: headers to write byte for byte, members to read.

Writing follows protocol.md §4.6 to the byte, because hashes depend on it. Reading
takes what tar programs in use write (ustar, PAX, GNU long names) and treats the
stream as hostile: one pass forward, each step of bounded cost, no recursion, and
nothing is believed before its checksum is right. The standard library's reader is
made to be lenient, and stands in for neither.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

BLOCK: Final = 512
END: Final = bytes(2 * BLOCK)
"""What ends a tar stream of ours; nothing is padded to a bigger record (§4.6)."""

_MAX_OCTAL_SIZE: Final = 8 * 1024**3
_MAX_EXTENSION: Final = 64 * 1024
"""Of a PAX header or long name; paths end at 4096 bytes, and the rest is of no use here."""
_MAX_EXTENSIONS: Final = 8
"""Extended headers before one member; programs write one to three."""
_MAX_TRAILER: Final = 16 * 1024**2
"""What may follow the end; programs fill up to a record, 10 KiB by default."""


# Writing ----------------------------------------------------------------------------------------


def clean_name(name: str) -> str:
    """A slash-separated name without `.`, `..` after a name, empty parts, or a slash at its end."""
    cleaned = posixpath.normpath(name) if name else "."
    return "/" + cleaned.lstrip("/") if cleaned.startswith("/") else cleaned


def join_names(*names: str) -> str:
    """The names joined by slashes and cleaned; empty ones do not count."""
    return clean_name("/".join(name for name in names if name))


def tar_header(name: str, size: int) -> bytes:
    """
    The header or headers of one regular member (§4.6).

    *name* is text as the file system gave it (bytes that are not UTF-8 as escapes).
    It holds no NUL, which the caller has made sure of.
    """
    raw = name.encode("utf-8", "surrogateescape")
    fits = len(raw) <= 100
    split = None if fits else _split_name(raw)
    if raw.isascii() and size < _MAX_OCTAL_SIZE and (fits or split):
        prefix, rest = split or (b"", raw)
        return _header(rest, size, prefix=prefix, kind=b"5" if raw.endswith(b"/") else b"0")

    records: list[tuple[bytes, bytes]] = []
    if not raw.isascii() or not fits:
        records.append((b"path", raw))
    if size >= _MAX_OCTAL_SIZE:
        records.append((b"size", b"%d" % size))
    body = b"".join(_pax_record(key, value) for key, value in records)
    directory, _, base = name.rpartition("/")
    directory = directory or ("/" if name.startswith("/") else "")
    label = _ascii(join_names(directory, "PaxHeaders.0", base))[:100].rstrip(b"/")
    shown = _ascii(name)
    kind = b"5" if raw.endswith(b"/") else b"0"
    main = _header(_truncated(shown), size if size < _MAX_OCTAL_SIZE else 0, kind=kind)
    return _header(label, len(body), kind=b"x", mode=0, devices=False) + body + padding(len(body)) + main


def padding(size: int) -> bytes:
    """The zero bytes that fill the last block after *size* bytes of data."""
    return bytes(-size % BLOCK)


def _header(
    name: bytes, size: int, *, prefix: bytes = b"", kind: bytes, mode: int = 0o600, devices: bool = True
) -> bytes:
    device = b"0000000\0" if devices else bytes(8)
    fields = (
        name.ljust(100, b"\0"),
        b"%07o\0" % mode,
        b"0000000\0",  # uid
        b"0000000\0",  # gid
        b"%011o\0" % size,
        b"00000000000\0",  # mtime
        b"        ",  # where the checksum goes, counted as spaces
        kind,
        bytes(100),  # linkname
        b"ustar\x0000",
        bytes(64),  # uname, gname
        device,
        device,
        prefix.ljust(155, b"\0"),
        bytes(12),
    )
    block = b"".join(fields)
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def _split_name(raw: bytes) -> tuple[bytes, bytes] | None:
    """A long name as prefix and rest, if there is a slash at which both fit."""
    if not raw.isascii():
        return None
    reach = 156 if len(raw) > 156 else len(raw) - raw.endswith(b"/")
    at = raw.rfind(b"/", 0, reach)
    rest = len(raw) - at - 1
    if at <= 0 or at > 155 or not 0 < rest <= 100:
        return None
    return raw[:at], raw[at + 1 :]


def _pax_record(key: bytes, value: bytes) -> bytes:
    body = b" " + key + b"=" + value + b"\n"
    length = len(body)
    while len(body) + len(b"%d" % length) != length:
        length = len(body) + len(b"%d" % length)
    return b"%d" % length + body


def _ascii(name: str) -> bytes:
    return name.encode("ascii", "ignore")


def _truncated(name: bytes) -> bytes:
    """
    The name cut to its field; slashes where it was cut become one NUL.

    Some readers take a name that ends in a slash for a directory.
    """
    if len(name) <= 100 or name[99:100] != b"/":
        return name[:100]
    cut = len(name[:100].rstrip(b"/"))
    return name[:cut] + b"\0" + name[cut + 1 : 100]


# Reading ----------------------------------------------------------------------------------------


class TarFormatError(Exception):
    """The stream is not a tar stream, or is damaged, or uses what is not supported; the text says which."""


class TarEntry(NamedTuple):
    """One member as its header describes it, before anybody decided whether to believe it."""

    name: str
    kind: str
    """`file`, `directory`, `symlink`, `hardlink`, or a word for what is none of these."""
    size: int
    mode: int
    target: str


_KINDS: Final = {
    b"0": "file",
    b"\0": "file",
    b"7": "file",
    b"1": "hardlink",
    b"2": "symlink",
    b"3": "device",
    b"4": "device",
    b"5": "directory",
    b"6": "pipe",
    b"S": "sparse file",
}


class TarReader:
    """
    The members of a tar stream, in order; after each, its data may be read.

    Data that was not read is skipped. The stream needs only `read`.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._left = 0
        self._padding = 0

    def read(self, size: int = -1) -> bytes:
        """
        Up to *size* bytes of the present member's data, empty at its end.

        Raises:
            TarFormatError: The stream ends before the data does.
        """
        wanted = self._left if size < 0 else min(size, self._left)
        if not wanted:
            return b""
        data = self._stream.read(wanted)
        if not data:
            raise TarFormatError("it ends in the middle of a member")
        self._left -= len(data)
        return data

    def __iter__(self) -> Iterator[TarEntry]:
        """
        The members; directories, links and others have no data.

        Raises:
            TarFormatError: See there.
        """
        extended: dict[str, str] = {}
        extensions = 0
        while (block := self._next_block()) is not None:
            kind = block[156:157]
            size = _number(block[124:136])
            if kind in b"xLKg":
                extensions += 1
                if extensions > _MAX_EXTENSIONS:
                    raise TarFormatError("a member has too many extended headers")
                body = self._extension(size)
                if kind == b"x":
                    extended.update(_pax_fields(body))
                elif kind != b"g":
                    extended["path" if kind == b"L" else "linkpath"] = _text(body.partition(b"\0")[0])
                continue
            entry = _entry(block, kind, size, extended)
            extended, extensions = {}, 0
            self._left = entry.size if entry.kind == "file" else 0
            self._padding = -self._left % BLOCK
            yield entry

    def drain(self) -> None:
        """Read on to the end, so that a compressed stream's own checksum is compared."""
        seen = 0
        while data := self._stream.read(64 * 1024):
            seen += len(data)
            if seen > _MAX_TRAILER:
                raise TarFormatError("too much follows after its end")

    def _next_block(self) -> bytes | None:
        """The next header, or None after the last; skips what is left of the member before."""
        while self.read(64 * 1024):
            pass
        self._exactly(self._padding)
        self._padding = 0
        block = self._stream.read(BLOCK)
        while 0 < len(block) < BLOCK and (more := self._stream.read(BLOCK - len(block))):
            block += more
        if not block or block == bytes(BLOCK):
            return None
        if len(block) < BLOCK:
            raise TarFormatError("it ends in the middle of a header")
        if not _is_intact(block):
            raise TarFormatError("a header's checksum is wrong")
        return block

    def _extension(self, size: int) -> bytes:
        if size > _MAX_EXTENSION:
            raise TarFormatError(f"an extended header of {size} bytes is too long")
        return self._exactly(size + -size % BLOCK)[:size]

    def _exactly(self, size: int) -> bytes:
        parts = []
        while size:
            data = self._stream.read(size)
            if not data:
                raise TarFormatError("it ends too early")
            parts.append(data)
            size -= len(data)
        return b"".join(parts)


def looks_like_tar(start: bytes) -> bool:
    """Whether a file that begins so is a tar: by its first header's checksum, or by a block of zeros."""
    try:
        return start == bytes(BLOCK) or (len(start) == BLOCK and _is_intact(start))
    except TarFormatError:
        return False


def _is_intact(block: bytes) -> bool:
    """Whether the checksum of a header is right; programs of old summed signed bytes."""
    blanked = block[:148] + b"        " + block[156:]
    stored = _number(block[148:156])
    return stored == sum(blanked) or stored == sum(byte - 256 if byte > 127 else byte for byte in blanked)


def _entry(block: bytes, kind: bytes, size: int, extended: dict[str, str]) -> TarEntry:
    if any(key.startswith("GNU.sparse.") for key in extended):
        kind = b"S"
    name = extended.get("path")
    if name is None:
        name = _text(_field(block, 0, 100))
        prefix = _text(_field(block, 345, 155))
        # GNU's own format keeps times where ustar has the prefix.
        if prefix and block[257:263] == b"ustar\0":
            name = f"{prefix}/{name}"
    if "size" in extended:
        digits = extended["size"]
        if not digits.isascii() or not digits.isdecimal() or len(digits) > 18:
            raise TarFormatError("a size is not a number")
        size = int(digits)
    word = _KINDS.get(kind, f"member of type {kind!r}")
    if word == "file" and name.endswith("/"):
        word = "directory"  # how tars before ustar said so
    target = extended.get("linkpath", _text(_field(block, 157, 100)))
    return TarEntry(name, word, size, _number(block[100:108]) & 0o7777, target)


def _field(block: bytes, start: int, length: int) -> bytes:
    return block[start : start + length].partition(b"\0")[0]


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _number(field: bytes) -> int:
    """A number in octal digits, or in GNU's base 256 where the first bit says so."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0")
    if not digits:
        return 0
    if digits.strip(b"01234567"):
        raise TarFormatError("a header holds something that is not a number")
    return int(digits, 8)


def _pax_fields(body: bytes) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(body) and body[position]:
        space = body.find(b" ", position, position + 8)
        digits = body[position:space] if space > 0 else b""
        if not digits.isdigit():
            raise TarFormatError("an extended header is damaged")
        end = position + int(digits)
        key, equals, value = body[space + 1 : end].partition(b"=")
        if end > len(body) or end <= space + 1 or not equals or not value.endswith(b"\n"):
            raise TarFormatError("an extended header is damaged")
        yield _text(key), _text(value[:-1])
        position = end
