"""
What can go wrong with a database file, in words (and nowhere else).

    StateError
    ├── CannotOpenStoreError    no permission, no such folder, a folder in its place
    ├── StoreReadOnlyError      it can be read, not written
    ├── StoreFullError          no space left, or a limit on the size of files
    ├── StoreBusyError          another process holds it for too long
    └── StoreCorruptError       it is no database, or a damaged one
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from stackwright.errors import StateError


class CannotOpenStoreError(StateError):
    """The state database cannot be opened at all."""

    code = "cannot-open-state"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"The state database {path} cannot be opened",
            detail=reason,
            hint="Check the path and its permissions, or choose another place with `stackwright login`",
        )


class StoreReadOnlyError(StateError):
    """The state database cannot be written."""

    code = "read-only-state"

    def __init__(self, path: Path, more: str = "") -> None:
        super().__init__(
            f"The state database {path} cannot be written{' ' + more if more else ''}",
            detail="The file or its folder is read-only for this user. Nothing was changed",
            hint="Make both writable, or choose another place with `stackwright login`",
        )


class StoreFullError(StateError):
    """There is no room to write."""

    code = "disk-full"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"There is no space left to write the state database {path}",
            detail=f"{reason}. What was recorded before is intact",
            hint="Free some space and run the command again; operations that were cut short are "
            "reported and resolved then",
        )


class StoreBusyError(StateError):
    """Another process holds the database."""

    code = "state-busy"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The state database {path} is locked by another process",
            hint="Wait for it to finish. Besides Stackwright this may be a database browser with an "
            "open transaction, or a backup program",
        )


class StoreCorruptError(StateError):
    """The file is no database, or a damaged one."""

    code = "corrupt-state"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"The state database {path} is damaged",
            detail=f"{reason}. Nothing was changed",
            hint="Put a backup of the file in its place, or move it away and bring each stack back "
            "with `stackwright stack import` from an export",
        )


class StoreFailedError(StateError):
    """Reading or writing failed for a reason that has no kind of its own."""

    code = "state-io"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"The state database {path} cannot be read or written",
            detail=reason,
            hint="Check the disk. What was recorded before is intact",
        )


def translated(error: sqlite3.Error, path: Path) -> StateError:
    """The error that a person can act upon, for one that SQLite raised."""
    extended = getattr(error, "sqlite_errorcode", None)
    code = extended & 0xFF if isinstance(extended, int) else None
    reason = str(error)
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}:
        return StoreCorruptError(path, reason)
    if code == sqlite3.SQLITE_FULL or extended in {
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_TRUNCATE,
        sqlite3.SQLITE_IOERR_SHMSIZE,
    }:
        return StoreFullError(path, reason)
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return StoreBusyError(path)
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}:
        return StoreReadOnlyError(path)
    if code == sqlite3.SQLITE_CANTOPEN:
        return CannotOpenStoreError(path, reason)
    return StoreFailedError(path, reason)
