"""
Leases on stacks of the SQLite store, and what may be written under one.

A lease is a row that names its owner and carries a fencing token. A daemon thread
renews it over a connection of its own. Every write checks, in the same transaction,
that the row is still there with this token: whoever was taken over, however late it
wakes up, cannot write.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from stackwright.debugging import untraced
from stackwright.errors import InternalError, StateError
from stackwright.state._errors import StoreBusyError, StoreFullError, translated
from stackwright.state._process import ProcessIdentity, is_gone, is_known_alive
from stackwright.state._sqlite_file import DatabaseFile
from stackwright.state._sqlite_fold import fold
from stackwright.state._store import Holder, LeaseLostError, StackName

if TYPE_CHECKING:
    from stackwright.state._turns import TurnJournal

FOLD_ENTRIES: Final = 1024
"""How many journal entries gather before they are folded: large enough to share pages, small
enough that the event loop stands still for some ten milliseconds only."""
FOLD_BYTES: Final = 8 << 20

_decode_holder: Final = msgspec.json.Decoder(Holder).decode


def living_holder(connection: sqlite3.Connection, stack: int, *, now: float, timeout: float) -> Holder | None:
    """Who has the lease of *stack*, unless nobody has, or its owner is dead."""
    found = connection.execute(
        "SELECT holder, machine, pid, started, heartbeat FROM lease WHERE stack = ?", (stack,)
    ).fetchone()
    if found is None:
        return None
    holder, machine, pid, started, heartbeat = found
    owner = ProcessIdentity(machine=machine, pid=pid, started=started)
    if is_gone(owner) or (not is_known_alive(owner) and heartbeat < now - timeout):
        return None
    return _decode_holder(holder)


def check_fence(connection: sqlite3.Connection, name: StackName, stack: int, token: int) -> None:
    """Raise `LeaseLostError` unless the lease with this token is still there."""
    row = connection.execute("SELECT token, holder FROM lease WHERE stack = ?", (stack,)).fetchone()
    if row is None or row[0] != token:
        raise LeaseLostError(name, None if row is None else _decode_holder(row[1]))


class SqliteLease:
    """
    A `Lease` on a stack of an `SqliteStore`.

    *end* folds what is left and takes the row away; *clock* gives the time of heartbeats,
    *heartbeat* the seconds between two of them (0: none).
    """

    def __init__(
        self,
        file: DatabaseFile,
        name: StackName,
        stack: int,
        token: int,
        *,
        end: Callable[[SqliteLease], None],
        clock: Callable[[], float],
        heartbeat: float,
    ) -> None:
        self.name = name
        self.stack = stack
        self._file = file
        self._token = token
        self._end = end
        self._clock = clock
        self._lost = False
        self._released = threading.Event()
        self._journals: list[tuple[TurnJournal, Appender]] = []
        if heartbeat:
            beating = threading.Thread(
                target=self._keep_alive, args=(heartbeat,), name="stackwright-lease", daemon=True
            )
            untraced(beating).start()

    @property
    def token(self) -> int:
        """See `Lease.token`."""
        return self._token

    @property
    def lost(self) -> bool:
        """See `Lease.lost`."""
        return self._lost

    def note_loss(self) -> None:
        """The store said that the lease is somebody else's now."""
        self._lost = True

    def add_journal(self, journal: TurnJournal, appender: Appender) -> None:
        """Close *journal* when the lease ends."""
        self._journals.append((journal, appender))

    def release(self) -> None:
        """
        See `Lease.release`.

        Raises:
            StateError: The store cannot be written, so that the lease stays until this
                process ends. What was recorded is safe.
        """
        if self._released.is_set():
            return
        self._released.set()
        self.close_journals("An entry was made in a journal whose lease was given back")
        self._end(self)

    def close_journals(self, reason: str) -> None:
        """Take no more entries."""
        journals, self._journals = self._journals, []
        for journal, appender in journals:
            journal.close(InternalError(reason))
            appender.close()

    def beat(self, connection: sqlite3.Connection) -> bool:
        """Give a sign of life; whether the lease is still there."""
        cursor = connection.execute(
            "UPDATE lease SET heartbeat = ? WHERE stack = ? AND token = ?",
            (self._clock(), self.stack, self._token),
        )
        return cursor.rowcount == 1

    def _keep_alive(self, interval: float) -> None:
        connection = None
        try:
            while not self._released.wait(interval):
                try:
                    connection = connection or self._file.connect()
                    if not self.beat(connection):
                        self._lost = not self._released.is_set()
                        return
                except (sqlite3.Error, StateError):
                    # A busy or full disk: the next beat comes before the time-out, and writes are fenced.
                    continue
        finally:
            if connection is not None:
                connection.close()


class Appender:
    """Appends batches to the journal table, on a connection of its own, and folds them now and then."""

    def __init__(self, file: DatabaseFile, lease: SqliteLease) -> None:
        self._connection = file.connect()
        self._file = file
        self._lease = lease
        self._entries = 0
        self._bytes = 0

    def write(self, entries: Sequence[bytes]) -> None:
        """Make *entries* durable together. Raises `LeaseLostError`, or `StateError`."""
        batch = b"[%b]" % b",".join(entries)
        lease = self._lease
        try:
            # One statement is one transaction; the token is checked by the very statement that writes.
            written = self._connection.execute(
                "INSERT INTO journal (stack, entries) SELECT :stack, :entries"
                " WHERE EXISTS (SELECT 1 FROM lease WHERE stack = :stack AND token = :token)",
                {"stack": lease.stack, "entries": batch, "token": lease.token},
            ).rowcount
            if not written:
                lease.note_loss()
                check_fence(self._connection, lease.name, lease.stack, lease.token)
        except sqlite3.Error as error:
            raise translated(error, self._file.path) from error
        self._entries += len(entries)
        self._bytes += len(batch)
        if self._entries >= FOLD_ENTRIES or self._bytes >= FOLD_BYTES:
            self._fold()

    def _fold(self) -> None:
        self._entries = self._bytes = 0
        try:
            with self._file.transaction(self._connection, "BEGIN IMMEDIATE"):
                fold(self._connection, self._lease.stack)
        except (StoreBusyError, StoreFullError):
            # The entries are durable, and whoever opens the store next folds them. A full disk
            # will make itself known at the next entry.
            return

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
