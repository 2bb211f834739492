"""
The folders that files for a provider are made in, and what becomes of those that were left.

Whoever has such a folder holds a lock on it, which ends with the process, however that
ends. So a folder that can be locked is one that a killed process has left.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_PREFIX: Final = "stackwright-files-"


@contextmanager
def folder_for_files() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    folder, lock = _made()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def clear_left_folders() -> None:
    """Remove the folders of this user that killed processes have left; once in a process. Blocks."""
    _clear(tempfile.gettempdir())


def _made() -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        # Before it is locked, somebody else may have taken it for one that was left.
        with contextlib.suppress(FileNotFoundError):
            lock = _opened(folder)
            # Where folders cannot be locked, nobody removes what others left.
            with contextlib.suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder, lock
            os.close(lock)


@functools.cache
def _clear(parent: str) -> None:
    for folder in Path(parent).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            lock = _opened(folder)
            try:
                if os.fstat(lock).st_uid == os.getuid():
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def _opened(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
