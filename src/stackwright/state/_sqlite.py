"""
The SQLite store: one file, no server (design: state).

How a stack is written: an engine's journal appends one row per turn of its event
loop to the table `journal`, and nothing else; that is what makes an operation durable.
These rows are *folded* into the tables of current records (`_sqlite_fold`) many at a
time, while the journal grows and when it ends. Whoever reads a stack folds first, so
rows left behind by a process that was killed are never missed.

Durability: the write-ahead log with `synchronous=NORMAL` survives the death of any
process at any instant. After a power cut the last commits may be missing, though the
file stays intact; `?synchronous=full` in the store's URL makes every commit wait for
the disk.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import msgspec

from stackwright.environment import DISABLE_SECRET_CACHE
from stackwright.errors import InternalError, StateError
from stackwright.secrets import Crypter, SecretsProvider
from stackwright.state._entries import decode_extensions, encode_extensions
from stackwright.state._errors import (
    CannotOpenStoreError,
    StoreBusyError,
    StoreFullError,
    StoreReadOnlyError,
    translated,
)
from stackwright.state._go_json import UNREADABLE, encode
from stackwright.state._loading import load_outputs, load_snapshot
from stackwright.state._process import ProcessIdentity, is_gone, is_known_alive, this_process
from stackwright.state._property_json import PropertyWriter, SecretTexts
from stackwright.state._record_json import DamagedRecordError, encode_record
from stackwright.state._renaming import renamed_record
from stackwright.state._snapshot import Manifest, Snapshot
from stackwright.state._sqlite_fold import clear_records, fold, id_range, put_records
from stackwright.state._sqlite_schema import check, prepare
from stackwright.state._store import (
    Holder,
    Journal,
    Lease,
    LeaseHeldError,
    LeaseLostError,
    StackExistsError,
    StackName,
    StackNotEmptyError,
    StackNotFoundError,
    StackSummary,
    UpdateRecord,
)
from stackwright.urn import ROOT_STACK_TYPE

if TYPE_CHECKING:
    from stackwright.state._turns import TurnJournal

FOLD_ENTRIES: Final = 1024
"""How many journal entries gather before they are folded: large enough to share pages, small
enough that the event loop stands still for some ten milliseconds only."""
FOLD_BYTES: Final = 8 << 20

_PAGE_SIZE: Final = 4096
_CHECKPOINT_PAGES: Final = 4096
_HEARTBEAT: Final = 5.0
_LEASE_TIMEOUT: Final = 60.0
_BUSY_TIMEOUT: Final = 15.0

_encode_history: Final = msgspec.json.Encoder().encode
_decode_history: Final = msgspec.json.Decoder(UpdateRecord).decode
_decode_holder: Final = msgspec.json.Decoder(Holder).decode


class _LeaseRow(msgspec.Struct, frozen=True):
    token: int
    holder: Holder
    owner: ProcessIdentity
    heartbeat: float


class SqliteStore:
    """
    A `Store` in one SQLite file.

    Args:
        path: The file; made, with its folder, when it is not there.
        full_sync: Wait for the disk at every commit (see the module's docstring).
        process: Who takes leases; the running process unless a test says otherwise.
        clock: Unix seconds, for heartbeats.
        heartbeat: Seconds between two signs of life of a lease; 0 gives none.
        lease_timeout: Seconds of silence after which an owner that cannot be looked at
            (another machine, another container) counts as dead.

    Raises:
        StateError: The file cannot be opened, is not ours, or is newer than we are.
    """

    def __init__(
        self,
        path: Path,
        *,
        full_sync: bool = False,
        process: ProcessIdentity | None = None,
        clock: Callable[[], float] = time.time,
        heartbeat: float = _HEARTBEAT,
        lease_timeout: float = _LEASE_TIMEOUT,
        busy_timeout: float = _BUSY_TIMEOUT,
    ) -> None:
        self._path = path
        self._full_sync = full_sync
        self._process = process or this_process()
        self._clock = clock
        self._heartbeat = heartbeat
        self._lease_timeout = lease_timeout
        self._busy_timeout = busy_timeout
        self._lock = threading.RLock()
        self._appenders: list[_Appender] = []
        self._reuse = not DISABLE_SECRET_CACHE.value()
        self._secrets: dict[StackName, SecretTexts] = {}
        self._leases: set[SqliteLease] = set()
        self._closed = False
        self._read_only = False
        self._connection = self._open()

    @property
    def url(self) -> str:
        """See `Store.url`."""
        return f"sqlite://{quote(str(self._path))}" + ("?synchronous=full" if self._full_sync else "")

    @property
    def path(self) -> Path:
        """The database file."""
        return self._path

    # Connections --------------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        self._read_only = self._prepare_file()
        connection = None
        try:
            connection = self._connect(settle=True)
            if self._read_only:
                check(connection, self._path)
            else:
                prepare(connection, self._path)
        except sqlite3.Error as error:
            if connection is not None:
                connection.close()
            raise translated(error, self._path) from error
        except BaseException:
            if connection is not None:
                connection.close()
            raise
        return connection

    def _prepare_file(self) -> bool:
        """Make the folder and the file, readable by their owner only; answers whether we may only read."""
        folder = self._path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self._path.is_dir():
                raise CannotOpenStoreError(self._path, "It is a folder")
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            os.close(descriptor)
        except OSError as error:
            if not os.access(self._path, os.R_OK):
                raise CannotOpenStoreError(self._path, error.strerror or str(error)) from error
        writable = os.access(self._path, os.W_OK) and os.access(folder, os.W_OK)
        if not writable and self._has_log():
            # What is in the log belongs to the database; leaving it out would show an older state.
            raise StoreReadOnlyError(self._path, "and was not closed cleanly, so that it has to be recovered")
        return not writable

    def _has_log(self) -> bool:
        log = self._path.with_name(self._path.name + "-wal")
        try:
            return log.stat().st_size > 0
        except OSError:
            return False

    def _connect(self, *, settle: bool = False) -> sqlite3.Connection:
        uri = f"file:{quote(str(self._path))}?mode=" + ("ro&immutable=1" if self._read_only else "rw")
        connection = sqlite3.connect(
            uri,
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=self._busy_timeout,
            cached_statements=128,
        )
        try:
            if not self._read_only:
                if settle:
                    self._choose_log(connection)
                connection.execute(f"PRAGMA synchronous = {'FULL' if self._full_sync else 'NORMAL'}")
                connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA cache_size = -16384")
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

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._transaction(self._own(), "BEGIN") as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        if self._read_only:
            raise StoreReadOnlyError(self._path)
        with self._lock, self._transaction(self._own(), "BEGIN IMMEDIATE") as connection:
            yield connection

    def _own(self) -> sqlite3.Connection:
        if self._closed:
            raise InternalError("This store was closed")
        return self._connection

    @contextmanager
    def _transaction(self, connection: sqlite3.Connection, begin: str) -> Iterator[sqlite3.Connection]:
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
            raise translated(error, self._path) from error

    def close(self) -> None:
        """See `Store.close`."""
        with self._lock:
            if not self._closed:
                self._closed = True
                for appender in self._appenders:
                    appender.close()
                self._connection.close()

    # Stacks -------------------------------------------------------------------------------------

    def stacks(self, *, project: str | None = None, organization: str | None = None) -> list[StackSummary]:
        """See `Store.stacks`."""
        with self._reading() as connection:
            unfolded = [
                stack for (stack,) in connection.execute("SELECT DISTINCT stack FROM journal").fetchall()
            ]
        for stack in unfolded:
            # A journal that cannot be read is told to whoever works with its stack; a list needs it least.
            with suppress(DamagedRecordError), self._writing() as connection:
                fold(connection, stack)
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT id, organization, project, name,"
                " resources,"
                " (SELECT max(ended) FROM history WHERE history.stack = stack.id)"
                " FROM stack WHERE (?1 IS NULL OR project = ?1) AND (?2 IS NULL OR organization = ?2)"
                " ORDER BY organization, project, name",
                (project, organization),
            ).fetchall()
            return [
                StackSummary(
                    name=StackName(row[1], row[2], row[3]),
                    resource_count=row[4],
                    last_update=None if row[5] is None else _rfc3339(row[5]),
                    update_in_progress=self._living_lease(connection, row[0]) is not None,
                )
                for row in rows
            ]

    def create(
        self,
        name: StackName,
        *,
        secrets_provider: SecretsProvider | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """See `Store.create`."""
        with self._writing() as connection:
            if _find(connection, name) is not None:
                raise StackExistsError(name)
            cursor = connection.execute(
                "INSERT INTO stack (organization, project, name, secrets_provider) VALUES (?, ?, ?, ?)",
                (name.organization, name.project, name.stack, _json_text(secrets_provider)),
            )
            stack = cursor.lastrowid
            connection.executemany(
                "INSERT INTO tag VALUES (?, ?, ?)",
                [(stack, key, value) for key, value in (tags or {}).items()],
            )

    def exists(self, name: StackName) -> bool:
        """See `Store.exists`."""
        with self._reading() as connection:
            return _find(connection, name) is not None

    def remove(self, name: StackName, *, force: bool = False) -> None:
        """See `Store.remove`."""
        with self._writing() as connection:
            stack = _require(connection, name)
            self._refuse_if_held(connection, name, stack)
            fold(connection, stack)
            count = _count_besides_root(connection, stack)
            if count and not force:
                raise StackNotEmptyError(name, count)
            clear_records(connection, stack)
            connection.execute("DELETE FROM stack WHERE id = ?", (stack,))
        self._secrets.pop(name, None)

    def rename(self, old: StackName, new: StackName) -> None:
        """See `Store.rename`."""
        with self._writing() as connection:
            stack = _require(connection, old)
            if _find(connection, new) is not None:
                raise StackExistsError(new)
            self._refuse_if_held(connection, old, stack)
            fold(connection, stack)
            records = _rows(connection, stack)
            pending = connection.execute(
                "SELECT number, record FROM pending WHERE stack = ?", (stack,)
            ).fetchall()
            clear_records(connection, stack)
            put_records(connection, stack, [(key, renamed_record(body, old, new)) for key, body in records])
            connection.executemany(
                "UPDATE pending SET record = ? WHERE stack = ? AND number = ?",
                [(renamed_record(body, old, new), stack, number) for number, body in pending],
            )
            connection.execute(
                "UPDATE stack SET organization = ?, project = ?, name = ? WHERE id = ?",
                (new.organization, new.project, new.stack, stack),
            )
        secrets = self._secrets.pop(old, None)
        if secrets is not None:
            self._secrets[new] = secrets

    # State --------------------------------------------------------------------------------------

    def snapshot(self, name: StackName, *, crypter: Crypter | None = None) -> Snapshot:
        """See `Store.snapshot`."""
        with self._folded(name) as (connection, stack):
            provider, manifest, metadata, snippets, extensions = connection.execute(
                "SELECT secrets_provider, manifest, metadata, snippets, extensions FROM stack WHERE id = ?",
                (stack,),
            ).fetchone()
            rows = _rows(connection, stack)
            operations = connection.execute(
                "SELECT number, kind, uncertain, record FROM pending WHERE stack = ? ORDER BY number",
                (stack,),
            ).fetchall()
        return load_snapshot(
            rows,
            operations,
            self._texts(name, crypter),
            manifest=_decode_member(manifest, Manifest, "manifest"),
            secrets_provider=_provider(provider),
            metadata=_decode_member(metadata, dict[str, Any], "metadata"),
            snippets=tuple(_decode_member(snippets, list[dict[str, Any]], "snippets")),
            extensions=decode_extensions(extensions),
        )

    def outputs(self, name: StackName, *, crypter: Crypter | None = None) -> Mapping[str, Any]:
        """See `Store.outputs`."""
        prefix = f"urn:pulumi:{name.stack}::{name.project}::{ROOT_STACK_TYPE}::"
        with self._folded(name) as (connection, stack):
            rows = connection.execute(
                "SELECT record FROM resource JOIN urn ON urn.id = resource.urn"
                " WHERE urn.stack = ? AND urn.urn >= ? AND urn.urn < ? ORDER BY resource.id DESC",
                (stack, prefix, prefix[:-1] + ";"),
            ).fetchall()
        return load_outputs((body for (body,) in rows), self._texts(name, crypter))

    def replace(
        self, name: StackName, snapshot: Snapshot, *, lease: Lease, crypter: Crypter | None = None
    ) -> None:
        """See `Store.replace`."""
        writer = PropertyWriter(self._texts(name, crypter))
        bodies = [encode_record(record, writer) for record in snapshot.records.values()]
        pending = [
            (
                operation.number,
                operation.kind.value,
                int(operation.uncertain),
                encode_record(operation.resource, writer),
            )
            for operation in snapshot.pending
        ]
        with self._writing() as connection:
            stack = _require(connection, name)
            _check_fence(connection, name, stack, lease.token)
            fold(connection, stack)
            (first,) = connection.execute("SELECT next_key FROM stack WHERE id = ?", (stack,)).fetchone()
            clear_records(connection, stack)
            connection.execute("DELETE FROM pending WHERE stack = ?", (stack,))
            put_records(connection, stack, list(enumerate(bodies, first)))
            connection.executemany(
                "INSERT INTO pending (stack, number, kind, uncertain, record) VALUES (?, ?, ?, ?, ?)",
                [(stack, *row) for row in pending],
            )
            connection.execute(
                "UPDATE stack SET next_key = ?, next_number = max(next_number, ?), secrets_provider = ?,"
                " manifest = ?, metadata = ?, snippets = ?, extensions = ? WHERE id = ?",
                (
                    first + len(bodies),
                    max((number + 1 for number, *_ in pending), default=1),
                    _json_text(snapshot.secrets_provider),
                    _json_text(snapshot.manifest),
                    _json_text(snapshot.metadata),
                    _json_text(snapshot.snippets),
                    encode_extensions(snapshot.extensions).decode(),
                    stack,
                ),
            )

    def secrets_provider(self, name: StackName) -> SecretsProvider | None:
        """See `Store.secrets_provider`."""
        with self._reading() as connection:
            stack = _require(connection, name)
            (text,) = connection.execute(
                "SELECT secrets_provider FROM stack WHERE id = ?", (stack,)
            ).fetchone()
        return _provider(text)

    @contextmanager
    def _folded(self, name: StackName) -> Iterator[tuple[sqlite3.Connection, int]]:
        """A read of one stack that sees every entry of its journal."""
        with self._lock:
            with self._reading() as connection:
                stack = _require(connection, name)
                found = connection.execute(
                    "SELECT 1 FROM journal WHERE stack = ? LIMIT 1", (stack,)
                ).fetchone()
            if found is not None:
                with self._writing() as connection:
                    fold(connection, stack)
                    yield connection, stack
                return
            with self._reading() as connection:
                yield connection, _require(connection, name)

    def _texts(self, name: StackName, crypter: Crypter | None) -> SecretTexts | None:
        if crypter is None:
            return None
        with self._lock:
            known = self._secrets.get(name)
            if known is None or known.crypter is not crypter:
                known = self._secrets[name] = SecretTexts(crypter, reuse=self._reuse)
            return known

    # Leases -------------------------------------------------------------------------------------

    def acquire(self, name: StackName, holder: Holder) -> Lease:
        """See `Store.acquire`."""
        owner = self._process
        with self._writing() as connection:
            stack = _require(connection, name)
            self._refuse_if_held(connection, name, stack)
            (last,) = connection.execute("SELECT last_token FROM stack WHERE id = ?", (stack,)).fetchone()
            token = last + 1
            connection.execute("UPDATE stack SET last_token = ? WHERE id = ?", (token, stack))
            connection.execute(
                "INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    stack,
                    token,
                    _json_text(holder),
                    owner.machine,
                    owner.pid,
                    owner.started,
                    self._clock(),
                ),
            )
            fold(connection, stack)  # what a predecessor left behind
        lease = SqliteLease(self, name, stack, token, heartbeat=self._heartbeat)
        self._leases.add(lease)
        return lease

    def holder(self, name: StackName) -> Holder | None:
        """See `Store.holder`."""
        with self._reading() as connection:
            row = self._living_lease(connection, _require(connection, name))
        return None if row is None else row.holder

    def cancel(self, name: StackName) -> None:
        """See `Store.cancel`."""
        with self._writing() as connection:
            connection.execute("DELETE FROM lease WHERE stack = ?", (_require(connection, name),))

    def _living_lease(self, connection: sqlite3.Connection, stack: int) -> _LeaseRow | None:
        """The stack's lease, unless its owner is dead."""
        found = connection.execute(
            "SELECT token, holder, machine, pid, started, heartbeat FROM lease WHERE stack = ?", (stack,)
        ).fetchone()
        if found is None:
            return None
        token, holder, machine, pid, started, heartbeat = found
        owner = ProcessIdentity(machine=machine, pid=pid, started=started)
        if is_gone(owner):
            return None
        if not is_known_alive(owner) and heartbeat < self._clock() - self._lease_timeout:
            return None
        return _LeaseRow(token, _decode_holder(holder), owner, heartbeat)

    def _refuse_if_held(self, connection: sqlite3.Connection, name: StackName, stack: int) -> None:
        row = self._living_lease(connection, stack)
        if row is not None:
            raise LeaseHeldError(name, row.holder)

    # Operations ---------------------------------------------------------------------------------

    def journal(self, name: StackName, lease: Lease, *, crypter: Crypter) -> Journal:
        """See `Store.journal`."""
        from stackwright.state._turns import TurnJournal

        if not isinstance(lease, SqliteLease) or lease.name != name:
            raise InternalError("A journal was opened with a lease of another stack or store")
        with self._writing() as connection:
            _check_fence(connection, name, lease.stack, lease.token)
            fold(connection, lease.stack)
            next_key, next_number = connection.execute(
                "SELECT next_key, next_number FROM stack WHERE id = ?", (lease.stack,)
            ).fetchone()
        appender = _Appender(self.connect(), name, lease, self._path)
        journal = TurnJournal(
            appender.write,
            writer=PropertyWriter(self._texts(name, crypter)),
            next_key=next_key,
            next_number=next_number,
            threaded=self._full_sync,
        )
        lease.add_journal(journal, appender)
        self._appenders.append(appender)
        return journal

    def record_update(self, name: StackName, record: UpdateRecord, *, lease: Lease) -> int:
        """See `Store.record_update`."""
        with self._writing() as connection:
            stack = _require(connection, name)
            _check_fence(connection, name, stack, lease.token)
            (version,) = connection.execute("SELECT next_update FROM stack WHERE id = ?", (stack,)).fetchone()
            stored = msgspec.structs.replace(record, version=version)
            connection.execute(
                "INSERT INTO history VALUES (?, ?, ?, ?)",
                (stack, version, record.end_time, _encode_history(stored).decode()),
            )
            connection.execute("UPDATE stack SET next_update = ? WHERE id = ?", (version + 1, stack))
        return int(version)

    def history(self, name: StackName, *, limit: int | None = None, offset: int = 0) -> list[UpdateRecord]:
        """See `Store.history`."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT version, record FROM history WHERE stack = ? ORDER BY version DESC LIMIT ? OFFSET ?",
                (_require(connection, name), -1 if limit is None else limit, offset),
            ).fetchall()
        records = []
        for version, text in rows:
            try:
                records.append(_decode_history(text))
            except UNREADABLE as error:
                raise DamagedRecordError(f"update {version} in the history", str(error)) from None
        return records

    def tags(self, name: StackName) -> dict[str, str]:
        """See `Store.tags`."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT name, value FROM tag WHERE stack = ? ORDER BY name", (_require(connection, name),)
            )
            return dict(rows.fetchall())

    def set_tags(self, name: StackName, tags: Mapping[str, str | None]) -> None:
        """See `Store.set_tags`."""
        with self._writing() as connection:
            stack = _require(connection, name)
            for tag, value in tags.items():
                if value is None:
                    connection.execute("DELETE FROM tag WHERE stack = ? AND name = ?", (stack, tag))
                else:
                    connection.execute("INSERT OR REPLACE INTO tag VALUES (?, ?, ?)", (stack, tag, value))

    # For leases ---------------------------------------------------------------------------------

    def beat(self, connection: sqlite3.Connection, stack: int, token: int) -> bool:
        """Renew a lease's sign of life; whether the lease is still there."""
        cursor = connection.execute(
            "UPDATE lease SET heartbeat = ? WHERE stack = ? AND token = ?", (self._clock(), stack, token)
        )
        return cursor.rowcount == 1

    def end_lease(self, lease: SqliteLease) -> None:
        """Fold what is left of the journal and delete the lease, if the stack still is its own."""
        stack, token = lease.stack, lease.token
        with self._lock:
            self._leases.discard(lease)
            if lease.lost:
                return
            # The store itself may be closed already: leases outlive it.
            connection = self.connect() if self._closed else self._connection
            try:
                with self._transaction(connection, "BEGIN IMMEDIATE"):
                    held = connection.execute(
                        "SELECT 1 FROM lease WHERE stack = ? AND token = ?", (stack, token)
                    ).fetchone()
                    if held is not None:
                        fold(connection, stack)
                        connection.execute("DELETE FROM lease WHERE stack = ?", (stack,))
            finally:
                if self._closed:
                    connection.close()

    def connect(self) -> sqlite3.Connection:
        """A connection of one's own, for the heartbeat's thread. Raises `StateError`."""
        try:
            return self._connect()
        except sqlite3.Error as error:
            raise translated(error, self._path) from error


class SqliteLease:
    """A `Lease` on a stack of an `SqliteStore`; a daemon thread keeps it alive."""

    def __init__(
        self, store: SqliteStore, name: StackName, stack: int, token: int, *, heartbeat: float
    ) -> None:
        self.name = name
        self.stack = stack
        self._store = store
        self._token = token
        self._lost = False
        self._released = threading.Event()
        self._journals: list[tuple[TurnJournal, _Appender]] = []
        if heartbeat:
            threading.Thread(
                target=self._keep_alive, args=(heartbeat,), name="stackwright-lease", daemon=True
            ).start()

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

    def add_journal(self, journal: TurnJournal, appender: _Appender) -> None:
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
        self._store.end_lease(self)

    def close_journals(self, reason: str) -> None:
        """Take no more entries."""
        journals, self._journals = self._journals, []
        for journal, appender in journals:
            journal.close(InternalError(reason))
            appender.close()

    def _keep_alive(self, interval: float) -> None:
        connection = None
        try:
            while not self._released.wait(interval):
                try:
                    connection = connection or self._store.connect()
                    if not self._store.beat(connection, self.stack, self._token):
                        self._lost = not self._released.is_set()
                        return
                except (sqlite3.Error, StateError):
                    # A busy or full disk: the next beat comes before the time-out, and writes are fenced.
                    continue
        finally:
            if connection is not None:
                connection.close()


class _Appender:
    """Appends batches to the journal table, on a connection of its own, and folds them now and then."""

    def __init__(
        self, connection: sqlite3.Connection, name: StackName, lease: SqliteLease, path: Path
    ) -> None:
        self._connection = connection
        self._name = name
        self._lease = lease
        self._path = path
        self._entries = 0
        self._bytes = 0

    def write(self, entries: Sequence[bytes]) -> None:
        """Make *entries* durable together. Raises `LeaseLostError`, or `StateError`."""
        batch = b"[%b]" % b",".join(entries)
        lease = self._lease
        try:
            # One statement is one transaction; the token is checked by the very statement that writes.
            written = self._connection.execute(
                "INSERT INTO journal (stack, entries) SELECT ?1, ?2"
                " WHERE EXISTS (SELECT 1 FROM lease WHERE stack = ?1 AND token = ?3)",
                (lease.stack, batch, lease.token),
            ).rowcount
        except sqlite3.Error as error:
            raise translated(error, self._path) from error
        if not written:
            lease.note_loss()
            raise LeaseLostError(self._name, self._successor())
        self._entries += len(entries)
        self._bytes += len(batch)
        if self._entries >= FOLD_ENTRIES or self._bytes >= FOLD_BYTES:
            self._fold()

    def _fold(self) -> None:
        connection = self._connection
        self._entries = self._bytes = 0
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                fold(connection, self._lease.stack)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            failure = translated(error, self._path)
            # The entries are durable, and whoever opens the store next folds them. A full disk will
            # make itself known at the next entry.
            if not isinstance(failure, StoreBusyError | StoreFullError):
                raise failure from error

    def _successor(self) -> Holder | None:
        row = self._connection.execute(
            "SELECT holder FROM lease WHERE stack = ?", (self._lease.stack,)
        ).fetchone()
        return None if row is None else _decode_holder(row[0])

    def close(self) -> None:
        self._connection.close()


def _find(connection: sqlite3.Connection, name: StackName) -> int | None:
    row = connection.execute(
        "SELECT id FROM stack WHERE organization = ? AND project = ? AND name = ?",
        (name.organization, name.project, name.stack),
    ).fetchone()
    return None if row is None else int(row[0])


def _require(connection: sqlite3.Connection, name: StackName) -> int:
    stack = _find(connection, name)
    if stack is None:
        raise StackNotFoundError(name)
    return stack


def _rows(connection: sqlite3.Connection, stack: int) -> list[tuple[int, bytes]]:
    return connection.execute(
        "SELECT key, record FROM resource WHERE id >= ? AND id < ? ORDER BY id", id_range(stack)
    ).fetchall()


def _check_fence(connection: sqlite3.Connection, name: StackName, stack: int, token: int) -> None:
    row = connection.execute("SELECT token, holder FROM lease WHERE stack = ?", (stack,)).fetchone()
    if row is None or row[0] != token:
        raise LeaseLostError(name, None if row is None else _decode_holder(row[1]))


def _count_besides_root(connection: sqlite3.Connection, stack: int) -> int:
    (count,) = connection.execute(
        "SELECT resources - (SELECT count(*) FROM resource JOIN urn ON urn.id = resource.urn"
        " WHERE urn.stack = ?1 AND urn.urn LIKE 'urn:pulumi:%::%::' || ?2 || '::%') FROM stack WHERE id = ?1",
        (stack, ROOT_STACK_TYPE),
    ).fetchone()
    return int(count)


def _json_text(value: Any) -> str | None:
    return None if value is None else encode(value).decode()


def _decode_member(text: str, kind: Any, member: str) -> Any:
    try:
        return msgspec.json.decode(text, type=kind)
    except UNREADABLE as error:
        raise DamagedRecordError(f"the stack's {member}", str(error)) from None


def _provider(text: str | None) -> SecretsProvider | None:
    if text is None:
        return None
    provider: SecretsProvider = _decode_member(text, SecretsProvider, "secrets provider")
    return provider


def _rfc3339(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
