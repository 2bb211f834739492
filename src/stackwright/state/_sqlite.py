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

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import msgspec

from stackwright.environment import DISABLE_SECRET_CACHE
from stackwright.errors import InternalError
from stackwright.secrets import Crypter, SecretsProvider
from stackwright.state._entries import decode_extensions, encode_extensions
from stackwright.state._errors import StoreReadOnlyError
from stackwright.state._go_json import UNREADABLE, encode
from stackwright.state._loading import load_outputs, load_snapshot
from stackwright.state._process import ProcessIdentity, this_process
from stackwright.state._property_json import PropertyWriter, SecretTexts
from stackwright.state._record_json import DamagedRecordError, encode_record
from stackwright.state._renaming import renamed_record
from stackwright.state._snapshot import Manifest, Snapshot
from stackwright.state._sqlite_file import DatabaseFile
from stackwright.state._sqlite_fold import clear_records, fold, id_range, put_records
from stackwright.state._sqlite_lease import Appender, SqliteLease, check_fence, living_holder
from stackwright.state._store import (
    Holder,
    Journal,
    Lease,
    LeaseHeldError,
    StackExistsError,
    StackName,
    StackNotEmptyError,
    StackNotFoundError,
    StackSummary,
    UpdateRecord,
)
from stackwright.urn import ROOT_STACK_TYPE

_HEARTBEAT: Final = 5.0
_LEASE_TIMEOUT: Final = 60.0
_BUSY_TIMEOUT: Final = 15.0

_encode_history: Final = msgspec.json.Encoder().encode
_decode_history: Final = msgspec.json.Decoder(UpdateRecord).decode


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
        self._file = DatabaseFile(path, full_sync=full_sync, busy_timeout=busy_timeout)
        self._process = process or this_process()
        self._clock = clock
        self._heartbeat = heartbeat
        self._lease_timeout = lease_timeout
        self._lock = threading.RLock()
        self._reuse = not DISABLE_SECRET_CACHE.value()
        self._secrets: dict[StackName, SecretTexts] = {}
        self._leases: set[SqliteLease] = set()
        self._closed = False
        self._connection = self._file.open()

    @property
    def url(self) -> str:
        """See `Store.url`."""
        options = "?synchronous=full" if self._file.full_sync else ""
        return f"sqlite://{quote(str(self.path))}{options}"

    @property
    def path(self) -> Path:
        """The database file."""
        return self._file.path

    # Connections --------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._file.transaction(self._own(), "BEGIN") as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        if self._file.read_only:
            raise StoreReadOnlyError(self.path)
        with self._lock, self._file.transaction(self._own(), "BEGIN IMMEDIATE") as connection:
            yield connection

    def _own(self) -> sqlite3.Connection:
        if self._closed:
            raise InternalError("This store was closed")
        return self._connection

    def close(self) -> None:
        """See `Store.close`."""
        with self._lock:
            if not self._closed:
                self._closed = True
                for lease in self._leases:
                    lease.close_journals("An entry was made in a journal whose store was closed")
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
                " FROM stack WHERE (:project IS NULL OR project = :project)"
                " AND (:organization IS NULL OR organization = :organization)"
                " ORDER BY organization, project, name",
                {"project": project, "organization": organization},
            ).fetchall()
            return [
                StackSummary(
                    name=StackName(row[1], row[2], row[3]),
                    resource_count=row[4],
                    last_update=None if row[5] is None else _rfc3339(row[5]),
                    update_in_progress=self._living_holder(connection, row[0]) is not None,
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
            check_fence(connection, name, stack, lease.token)
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
        lease = SqliteLease(
            self._file,
            name,
            stack,
            token,
            end=self._end_lease,
            clock=self._clock,
            heartbeat=self._heartbeat,
        )
        self._leases.add(lease)
        return lease

    def holder(self, name: StackName) -> Holder | None:
        """See `Store.holder`."""
        with self._reading() as connection:
            return self._living_holder(connection, _require(connection, name))

    def cancel(self, name: StackName) -> None:
        """See `Store.cancel`."""
        with self._writing() as connection:
            connection.execute("DELETE FROM lease WHERE stack = ?", (_require(connection, name),))

    def _living_holder(self, connection: sqlite3.Connection, stack: int) -> Holder | None:
        return living_holder(connection, stack, now=self._clock(), timeout=self._lease_timeout)

    def _refuse_if_held(self, connection: sqlite3.Connection, name: StackName, stack: int) -> None:
        holder = self._living_holder(connection, stack)
        if holder is not None:
            raise LeaseHeldError(name, holder)

    def _end_lease(self, lease: SqliteLease) -> None:
        with self._lock:
            self._leases.discard(lease)
            if lease.lost:
                return
            # The store itself may be closed already: leases outlive it.
            connection = self._file.connect() if self._closed else self._connection
            try:
                with self._file.transaction(connection, "BEGIN IMMEDIATE"):
                    held = connection.execute(
                        "SELECT 1 FROM lease WHERE stack = ? AND token = ?", (lease.stack, lease.token)
                    ).fetchone()
                    if held is not None:
                        fold(connection, lease.stack)
                        connection.execute("DELETE FROM lease WHERE stack = ?", (lease.stack,))
            finally:
                if self._closed:
                    connection.close()

    # Operations ---------------------------------------------------------------------------------

    def journal(self, name: StackName, lease: Lease, *, crypter: Crypter) -> Journal:
        """See `Store.journal`."""
        from stackwright.state._turns import TurnJournal

        if not isinstance(lease, SqliteLease) or lease.name != name:
            raise InternalError("A journal was opened with a lease of another stack or store")
        with self._writing() as connection:
            check_fence(connection, name, lease.stack, lease.token)
            fold(connection, lease.stack)
            next_key, next_number = connection.execute(
                "SELECT next_key, next_number FROM stack WHERE id = ?", (lease.stack,)
            ).fetchone()
        appender = Appender(self._file, lease)
        journal = TurnJournal(
            appender.write,
            writer=PropertyWriter(self._texts(name, crypter)),
            next_key=next_key,
            next_number=next_number,
            threaded=self._file.full_sync,
        )
        lease.add_journal(journal, appender)
        return journal

    def record_update(self, name: StackName, record: UpdateRecord, *, lease: Lease) -> int:
        """See `Store.record_update`."""
        with self._writing() as connection:
            stack = _require(connection, name)
            check_fence(connection, name, stack, lease.token)
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


def _count_besides_root(connection: sqlite3.Connection, stack: int) -> int:
    (count,) = connection.execute(
        "SELECT resources - (SELECT count(*) FROM resource JOIN urn ON urn.id = resource.urn"
        " WHERE urn.stack = :stack AND urn.urn LIKE 'urn:pulumi:%::%::' || :root || '::%')"
        " FROM stack WHERE id = :stack",
        {"stack": stack, "root": ROOT_STACK_TYPE},
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
