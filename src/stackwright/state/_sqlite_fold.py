"""
Folding: journal entries become rows of the tables of current records.

Runs inside a transaction of the caller's, so that readers see a batch of entries
either in the journal or in the tables, never in both and never in neither.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from stackwright.state._entries import BeginEntry, ChangeEntry, decode_batch
from stackwright.state._go_json import encode
from stackwright.state._manifest import fresh_manifest
from stackwright.state._record_json import references_of
from stackwright.state._renaming import with_renamed_references

KEY_BITS: Final = 32
"""How much of a resource's id is its key; the rest is its stack."""


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
        self._pending: dict[int, tuple[str, int, bytes]] = {}
        self._ended: list[int] = []
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
                self._end(entry.operation)
        for number in entry.settle:
            self._end(number)
        if entry.extensions is not None:
            self._extensions = encode(entry.extensions).decode()

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

    def _end(self, number: int) -> None:
        # Most operations begin and end between two foldings, and never become a row.
        if self._pending.pop(number, None) is None:
            self._ended.append(number)

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
            " JOIN edge ON edge.target = urn.id JOIN resource ON resource.id = edge.source"
            " WHERE urn.stack = ? AND urn.urn = ?",
            (stack, old),
        ).fetchall()
        put_records(connection, stack, [(key, with_renamed_references(body, old, new)) for key, body in rows])
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
        remove_records(connection, stack, [key for key, body in self._records.items() if body is None])
        put_records(
            connection, stack, [(key, body) for key, body in self._records.items() if body is not None]
        )
        self._records.clear()
        connection.executemany(
            "DELETE FROM pending WHERE stack = ? AND number = ?",
            [(stack, number) for number in self._ended],
        )
        self._ended.clear()
        connection.executemany(
            "INSERT OR REPLACE INTO pending (stack, number, kind, uncertain, record) VALUES (?, ?, ?, ?, ?)",
            [(stack, number, *row) for number, row in self._pending.items()],
        )
        self._pending.clear()


def put_records(connection: sqlite3.Connection, stack: int, records: Sequence[tuple[int, bytes]]) -> None:
    """
    Put records into the tables, with their edges; one whose key exists replaces the row of that key.

    Raises:
        DamagedRecordError: A record is not a resource object.
        sqlite3.Error: From the database.
    """
    if not records:
        return
    base = stack << KEY_BITS
    replaced = _without_edges(connection, stack, [key for key, _ in records])
    references = [references_of(body) for _, body in records]
    edges = [reference.edges() for reference in references]
    names = {reference.urn for reference in references}
    names.update(*edges)
    ids = _urn_ids(connection, stack, names)
    connection.executemany(
        "INSERT OR REPLACE INTO resource (id, urn, record) VALUES (?, ?, ?)",
        [
            (base + key, ids[reference.urn], body)
            for (key, body), reference in zip(records, references, strict=True)
        ],
    )
    connection.executemany(
        "INSERT INTO edge (target, source, relation) VALUES (?, ?, ?)",
        [
            (ids[urn], base + key, relation)
            for (key, _), found in zip(records, edges, strict=True)
            for urn, relation in found.items()
        ],
    )
    _forget_unused_urns(connection, set(replaced.values()))
    _count(connection, stack, len(records) - len(replaced))


def remove_records(connection: sqlite3.Connection, stack: int, keys: Sequence[int]) -> None:
    """Take records out of the tables, with their edges; a key that has no record is no error."""
    if not keys:
        return
    base = stack << KEY_BITS
    removed = _without_edges(connection, stack, keys)
    connection.executemany("DELETE FROM resource WHERE id = ?", [(base + key,) for key in removed])
    _forget_unused_urns(connection, set(removed.values()))
    _count(connection, stack, -len(removed))


def clear_records(connection: sqlite3.Connection, stack: int) -> None:
    """Take all records of a stack out of the tables."""
    connection.execute("DELETE FROM edge WHERE target IN (SELECT id FROM urn WHERE stack = ?)", (stack,))
    connection.execute("DELETE FROM resource WHERE id >= ? AND id < ?", id_range(stack))
    connection.execute("DELETE FROM urn WHERE stack = ?", (stack,))
    connection.execute("UPDATE stack SET resources = 0 WHERE id = ?", (stack,))


def id_range(stack: int) -> tuple[int, int]:
    """Between which ids the records of a stack lie; the second is not one of them."""
    return stack << KEY_BITS, (stack + 1) << KEY_BITS


def _count(connection: sqlite3.Connection, stack: int, more: int) -> None:
    connection.execute("UPDATE stack SET resources = resources + ? WHERE id = ?", (more, stack))


def _without_edges(connection: sqlite3.Connection, stack: int, keys: Iterable[int]) -> dict[int, int]:
    """Delete the edges of those of *keys* that have a record; answers these, with the ids of their URNs."""
    base = stack << KEY_BITS
    rows = connection.execute(
        "SELECT id, urn, record FROM resource WHERE id IN (SELECT value FROM json_each(?))",
        (msgspec.json.encode([base + key for key in keys]).decode(),),
    ).fetchall()
    if not rows:
        return {}
    edges = [(id_, urn) for id_, _, body in rows for urn in references_of(body).edges()]
    ids = _known_urn_ids(connection, stack, {urn for _, urn in edges})
    connection.executemany(
        "DELETE FROM edge WHERE target = ? AND source = ?",
        [(ids[urn], id_) for id_, urn in edges if urn in ids],
    )
    return {id_ - base: urn for id_, urn, _ in rows}


def _urn_ids(connection: sqlite3.Connection, stack: int, urns: set[str]) -> dict[str, int]:
    ids = _known_urn_ids(connection, stack, urns)
    missing = [urn for urn in urns if urn not in ids]
    if missing:
        (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM urn").fetchone()
        fresh = dict(zip(missing, range(last + 1, last + 1 + len(missing)), strict=True))
        connection.executemany(
            "INSERT INTO urn (id, stack, urn) VALUES (?, ?, ?)", [(fresh[urn], stack, urn) for urn in missing]
        )
        ids.update(fresh)
    return ids


def _known_urn_ids(connection: sqlite3.Connection, stack: int, urns: Iterable[str]) -> dict[str, int]:
    return dict(
        connection.execute(
            "SELECT urn, id FROM urn WHERE stack = ? AND urn IN (SELECT value FROM json_each(?))",
            (stack, msgspec.json.encode(list(urns)).decode()),
        ).fetchall()
    )


def _forget_unused_urns(connection: sqlite3.Connection, candidates: set[int]) -> None:
    connection.executemany(
        "DELETE FROM urn WHERE id = :urn AND NOT EXISTS (SELECT 1 FROM resource WHERE urn = :urn)"
        " AND NOT EXISTS (SELECT 1 FROM edge WHERE target = :urn)",
        [{"urn": candidate} for candidate in candidates],
    )
