"""
Folding: journal entries become rows of the tables of current records.

Runs inside a transaction of the caller's, so that readers see a batch of entries
either in the journal or in the tables, never in both and never in neither.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

import msgspec

from stackwright.state._entries import BeginEntry, ChangeEntry, decode_batch
from stackwright.state._go_json import encode
from stackwright.state._manifest import fresh_manifest
from stackwright.state._record_json import references_of
from stackwright.state._renaming import with_renamed_references


def fold(connection: sqlite3.Connection, stack: int) -> None:
    """
    Apply the journal of *stack* to its tables and empty it. Does nothing where it is empty.

    Raises:
        DamagedRecordError: An entry cannot be read; nothing was changed.
        sqlite3.Error: From the database; the caller rolls back.
    """
    batches = connection.execute(
        "SELECT id, entries FROM journal WHERE stack = ? ORDER BY id", (stack,)
    ).fetchall()
    if not batches:
        return
    folding = _Folding(connection, stack)
    for _, body in batches:
        for entry in decode_batch(body):
            if isinstance(entry, BeginEntry):
                folding.begin(entry)
            else:
                folding.change(entry)
    folding.finish()
    connection.execute("DELETE FROM journal WHERE stack = ?", (stack,))


class _Folding:
    """The net effect of a run of entries, gathered so that each row is written once."""

    def __init__(self, connection: sqlite3.Connection, stack: int) -> None:
        self._connection = connection
        self._stack = stack
        self._records: dict[int, bytes | None] = {}
        self._pending: dict[int, tuple[str, int, bytes] | None] = {}
        self._highest_key = 0
        self._highest_number = 0
        self._extensions: str | None = None

    def begin(self, entry: BeginEntry) -> None:
        self._pending[entry.number] = (entry.kind, 0, bytes(entry.record))
        self._highest_number = max(self._highest_number, entry.number)

    def change(self, entry: ChangeEntry) -> None:
        for old, new in entry.renames:
            self._rename(old, new)
        for key in entry.remove:
            self._records[key] = None
        for key, body in entry.put:
            self._records[key] = bytes(body)
            self._highest_key = max(self._highest_key, key)
        if entry.operation is not None:
            if entry.keep_pending:
                self._doubt(entry.operation)
            else:
                self._pending[entry.operation] = None
        for number in entry.settle:
            self._pending[number] = None
        if entry.extensions is not None:
            self._extensions = bytes(entry.extensions).decode()

    def finish(self) -> None:
        self._write()
        self._connection.execute(
            "UPDATE stack SET next_key = max(next_key, ?), next_number = max(next_number, ?),"
            " extensions = coalesce(?, extensions), manifest = ?, metadata = '{}' WHERE id = ?",
            (
                self._highest_key + 1,
                self._highest_number + 1,
                self._extensions,
                encode(fresh_manifest()).decode(),
                self._stack,
            ),
        )

    def _doubt(self, number: int) -> None:
        gathered = self._pending.get(number)
        if gathered is not None:
            kind, _, body = gathered
            self._pending[number] = (kind, 1, body)
        else:
            self._connection.execute(
                "UPDATE pending SET uncertain = 1 WHERE stack = ? AND number = ?", (self._stack, number)
            )

    def _rename(self, old: str, new: str) -> None:
        # Rare, and cheap by the index over edges once the rows are there.
        self._write()
        connection, stack = self._connection, self._stack
        rows = connection.execute(
            "SELECT resource.key, resource.record FROM urn"
            " JOIN edge ON edge.target = urn.id"
            " JOIN resource ON resource.stack = edge.stack AND resource.key = edge.key"
            " WHERE urn.stack = ? AND urn.urn = ?",
            (stack, old),
        ).fetchall()
        insert_records(
            connection, stack, [(key, with_renamed_references(body, old, new)) for key, body in rows]
        )
        waiting = connection.execute(
            "SELECT number, record FROM pending WHERE stack = ?", (stack,)
        ).fetchall()
        connection.executemany(
            "UPDATE pending SET record = ? WHERE stack = ? AND number = ?",
            [
                (with_renamed_references(body, old, new), stack, number)
                for number, body in waiting
                if old.encode() in body
            ],
        )

    def _write(self) -> None:
        connection, stack = self._connection, self._stack
        removed = [key for key, body in self._records.items() if body is None]
        if removed:
            _remove_records(connection, stack, removed)
        insert_records(
            connection, stack, [(key, body) for key, body in self._records.items() if body is not None]
        )
        self._records.clear()
        connection.executemany(
            "DELETE FROM pending WHERE stack = ? AND number = ?",
            [(stack, number) for number, row in self._pending.items() if row is None],
        )
        connection.executemany(
            "INSERT OR REPLACE INTO pending (stack, number, kind, uncertain, record) VALUES (?, ?, ?, ?, ?)",
            [(stack, number, *row) for number, row in self._pending.items() if row is not None],
        )
        self._pending.clear()


def insert_records(connection: sqlite3.Connection, stack: int, records: Sequence[tuple[int, bytes]]) -> None:
    """
    Put records into the tables, with their edges; one whose key exists replaces the row of that key.

    Raises:
        DamagedRecordError: A record is not a resource object.
        sqlite3.Error: From the database.
    """
    if not records:
        return
    known = _existing(connection, stack, [key for key, _ in records])
    if known:
        connection.executemany(
            "DELETE FROM edge WHERE stack = ? AND key = ?", [(stack, key) for key in known]
        )
    references = [references_of(body) for _, body in records]
    edges = [reference.edges() for reference in references]
    ids = _urn_ids(
        connection, stack, {urn for found in edges for urn in found} | {found.urn for found in references}
    )
    fresh = []
    for (key, body), reference in zip(records, references, strict=True):
        if key in known:
            connection.execute(
                "UPDATE resource SET urn = ?, record = ? WHERE stack = ? AND key = ?",
                (ids[reference.urn], body, stack, key),
            )
        else:
            fresh.append((stack, key, ids[reference.urn], body))
    connection.executemany("INSERT INTO resource (stack, key, urn, record) VALUES (?, ?, ?, ?)", fresh)
    connection.executemany(
        "INSERT INTO edge (stack, key, target, relation) VALUES (?, ?, ?, ?)",
        [
            (stack, key, ids[urn], relation)
            for (key, _), found in zip(records, edges, strict=True)
            for urn, relation in found.items()
        ],
    )
    _forget_unused_urns(connection, set(known.values()))


def _remove_records(connection: sqlite3.Connection, stack: int, keys: Sequence[int]) -> None:
    known = _existing(connection, stack, keys)
    connection.executemany("DELETE FROM resource WHERE stack = ? AND key = ?", [(stack, key) for key in keys])
    _forget_unused_urns(connection, set(known.values()))


def _existing(connection: sqlite3.Connection, stack: int, keys: Iterable[int]) -> dict[int, int]:
    """Of *keys*, those that have a row, with the id of its URN."""
    return dict(
        connection.execute(
            "SELECT key, urn FROM resource WHERE stack = ? AND key IN (SELECT value FROM json_each(?))",
            (stack, msgspec.json.encode(list(keys)).decode()),
        ).fetchall()
    )


def _urn_ids(connection: sqlite3.Connection, stack: int, urns: set[str]) -> dict[str, int]:
    names = msgspec.json.encode(list(urns)).decode()
    select = "SELECT urn, id FROM urn WHERE stack = ? AND urn IN (SELECT value FROM json_each(?))"
    ids: dict[str, int] = dict(connection.execute(select, (stack, names)).fetchall())
    missing = [urn for urn in urns if urn not in ids]
    if missing:
        connection.executemany(
            "INSERT INTO urn (stack, urn) VALUES (?, ?)", [(stack, urn) for urn in missing]
        )
        names = msgspec.json.encode(missing).decode()
        ids.update(connection.execute(select, (stack, names)).fetchall())
    return ids


def _forget_unused_urns(connection: sqlite3.Connection, candidates: set[int]) -> None:
    connection.executemany(
        "DELETE FROM urn WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM resource WHERE urn = ?1)"
        " AND NOT EXISTS (SELECT 1 FROM edge WHERE target = ?1)",
        [(candidate,) for candidate in candidates],
    )
