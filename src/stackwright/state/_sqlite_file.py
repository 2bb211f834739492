"""The database file: making it, opening it, connections to it, and transactions on them."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from stackwright.state._errors import CannotOpenStoreError, StoreReadOnlyError, translated
from stackwright.state._sqlite_schema import check, prepare

_PAGE_SIZE: Final = 4096
_CHECKPOINT_PAGES: Final = 4096
_CACHE_KIB: Final = 16 << 10


class DatabaseFile:
    """
    One SQLite file of ours.

    Raises:
        StateError: The file cannot be made or opened, is not ours, or is newer than we are.
    """

    def __init__(self, path: Path, *, full_sync: bool, busy_timeout: float) -> None:
        self.path = path
        self.full_sync = full_sync
        self._busy_timeout = busy_timeout
        self.read_only = self._make()

    def open(self) -> sqlite3.Connection:
        """A connection to the file, whose tables are made or brought up to date first."""
        connection = None
        try:
            connection = self._connect(choosing_log=True)
            if self.read_only:
                check(connection, self.path)
            else:
                prepare(connection, self.path)
        except sqlite3.Error as error:
            if connection is not None:
                connection.close()
            raise translated(error, self.path) from error
        except BaseException:
            if connection is not None:
                connection.close()
            raise
        return connection

    def connect(self) -> sqlite3.Connection:
        """Another connection to a file that was opened before. Raises `StateError`."""
        try:
            return self._connect()
        except sqlite3.Error as error:
            raise translated(error, self.path) from error

    @contextmanager
    def transaction(self, connection: sqlite3.Connection, begin: str) -> Iterator[sqlite3.Connection]:
        """A transaction that is committed at the end, or rolled back when anything is raised."""
        try:
            connection.execute(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise translated(error, self.path) from error

    def _make(self) -> bool:
        """Make the folder and the file, readable by their owner only; answers whether we may only read."""
        folder = self.path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self.path.is_dir():
                raise CannotOpenStoreError(self.path, "It is a folder")
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        except OSError as error:
            if not os.access(self.path, os.R_OK):
                raise CannotOpenStoreError(self.path, error.strerror or str(error)) from error
        writable = os.access(self.path, os.W_OK) and os.access(folder, os.W_OK)
        if not writable and self._has_log():
            # What is in the log belongs to the database; leaving it out would show an older state.
            raise StoreReadOnlyError(self.path, "and was not closed cleanly, so that it has to be recovered")
        return not writable

    def _has_log(self) -> bool:
        log = self.path.with_name(self.path.name + "-wal")
        try:
            return log.stat().st_size > 0
        except OSError:
            return False

    def _connect(self, *, choosing_log: bool = False) -> sqlite3.Connection:
        mode = "ro&immutable=1" if self.read_only else "rw"
        connection = sqlite3.connect(
            f"file:{quote(str(self.path))}?mode={mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=self._busy_timeout,
            cached_statements=128,
        )
        try:
            if not self.read_only:
                if choosing_log:
                    self._choose_log(connection)
                connection.execute(f"PRAGMA synchronous = {'FULL' if self.full_sync else 'NORMAL'}")
                connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _choose_log(self, connection: sqlite3.Connection) -> None:
        connection.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
        deadline = time.monotonic() + self._busy_timeout
        while True:
            try:
                # Not covered by the busy time-out where another process opens the same new file.
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return
