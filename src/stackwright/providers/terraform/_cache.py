"""
Schemas on disk (terraform.md §7.8): a provider is asked once in its life on a machine.

A schema is kept under the hash of the executable it came from, so that nothing needs to
be told when a provider is replaced, and two ways to the same file share one schema. What
is damaged or of another format counts as not there. Processes may share the folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import zlib
from pathlib import Path
from typing import Final, Literal

import msgspec

FORMAT: Final = 1
"""Raised whenever what is kept means something else; older files are then not looked at."""


class KeptSchema(msgspec.Struct, frozen=True, array_like=True):
    """The answers of a provider to the two questions about itself, as they came."""

    protocol: Literal[5, 6]
    schema: bytes
    identities: bytes


class _Sum(msgspec.Struct, frozen=True):
    """The hash of a file, and what the file looked like when it was taken."""

    look: tuple[int, int, int, int]
    sha256: str


class SchemaCache:
    """The folder. Nothing in here raises: without a cache all is as before, only slower."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, program: Path) -> KeptSchema | None:
        """The schema of *program*, if it was ever kept."""
        with contextlib.suppress(OSError, zlib.error, msgspec.DecodeError, UnicodeDecodeError):
            data = zlib.decompress(self._file(program).read_bytes())
            return msgspec.msgpack.decode(data, type=KeptSchema)
        return None

    def keep(self, program: Path, schema: KeptSchema) -> None:
        """Keep the schema of *program*."""
        with contextlib.suppress(OSError):
            _replace(self._file(program), zlib.compress(msgspec.msgpack.encode(schema), 6))

    def has_note(self, program: Path, note: str) -> bool:
        """Whether `keep_note` was ever called with the same two."""
        with contextlib.suppress(OSError):
            return self._note(program, note).exists()
        return False

    def keep_note(self, program: Path, note: str) -> None:
        """Remember that *note*, a name that is good for a file, was true of *program*."""
        with contextlib.suppress(OSError):
            _replace(self._note(program, note), b"")

    def validated(self, program: Path) -> bytes:
        """Everything that `keep_validated` was given about *program*."""
        with contextlib.suppress(OSError):
            return self._validated(program).read_bytes()
        return b""

    def keep_validated(self, program: Path, data: bytes, *, anew: bool = False) -> None:
        """Keep *data* behind, or in place of, what is kept already."""
        with contextlib.suppress(OSError):
            path = self._validated(program)
            if anew:
                _replace(path, data)
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            # One write at the end of a file is whole, whoever else writes there.
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, data)
            finally:
                os.close(descriptor)

    def _validated(self, program: Path) -> Path:
        return self._folder / "validated" / self._hash(program)[:32]

    def _note(self, program: Path, note: str) -> Path:
        return self._folder / "notes" / f"{self._hash(program)[:32]}.{note}"

    def _file(self, program: Path) -> Path:
        return self._folder / f"{self._hash(program)}.{FORMAT}.schema.z"

    def _hash(self, program: Path) -> str:
        """
        The SHA-256 of *program*; a large one takes half a second, so it is remembered.

        It is taken anew when size, time, or place of the file have changed.
        """
        real = program.resolve()
        said = real.stat()
        look = (said.st_size, said.st_mtime_ns, said.st_ino, said.st_dev)
        note = self._folder / "sums" / hashlib.sha256(os.fsencode(real)).hexdigest()[:32]
        with contextlib.suppress(OSError, msgspec.DecodeError, UnicodeDecodeError):
            known = msgspec.json.decode(note.read_bytes(), type=_Sum)
            if known.look == look:
                return known.sha256
        with real.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        with contextlib.suppress(OSError):
            _replace(note, msgspec.json.encode(_Sum(look, found)))
        return found


def _replace(path: Path, data: bytes) -> None:
    """Write *path* so that a reader sees all of the old or all of the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - it is open already
            file.write(data)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
