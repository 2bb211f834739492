"""
Hashes of packages, as Terraform's lock files write them (terraform.md §7.6).

    zh:   SHA-256 of the archive, in hexadecimal
    h1:   SHA-256 over the sums and names of the unpacked files, in base64

Hashing the biggest provider takes half a second, so what was computed once is
remembered in our home, for as long as no file of the package changes in size, time or
place.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from stackwright.environment import home

_CHUNK: Final = 1024 * 1024


def archive_hash(path: Path) -> str:
    """`zh:` and the sum of an archive."""
    return f"zh:{file_sum(path)}"


def file_sum(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def package_hash(directory: Path) -> str:
    """
    `h1:` and the sum of an unpacked package.

    Raises:
        OSError: A file cannot be read.
    """
    whole = hashlib.sha256()
    for name, path in sorted(_files(directory)):
        whole.update(f"{file_sum(path)}  {name}\n".encode())
    return f"h1:{base64.b64encode(whole.digest()).decode()}"


def remembered_package_hash(directory: Path, environ: Mapping[str, str] | None = None) -> str:
    """
    As `package_hash`, computed anew only if a file has changed since the last time.

    Raises:
        OSError: A file cannot be read.
    """
    real = directory.resolve()
    traits = [[name, *_traits(path)] for name, path in sorted(_files(real))]
    memory = home(environ) / "terraform" / "hashes" / f"{hashlib.sha256(str(real).encode()).hexdigest()}.json"
    try:
        kept = json.loads(memory.read_bytes())
        if kept["traits"] == traits:
            return str(kept["hash"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # nothing is remembered, or what is cannot be used
    found = package_hash(real)
    with contextlib.suppress(OSError):  # a home that cannot be written costs time, not correctness
        memory.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=memory.parent, delete=False) as file:
            json.dump({"directory": str(real), "traits": traits, "hash": found}, file)
        Path(file.name).replace(memory)
    return found


def _files(directory: Path) -> Iterator[tuple[str, Path]]:
    for path in directory.rglob("*"):
        if path.is_file():
            yield path.relative_to(directory).as_posix(), path


def _traits(path: Path) -> tuple[int, int, int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino
