"""
The tables of the SQLite store, how a file becomes one, and how an older one is upgraded.

A file carries an application id (so that no other database is taken for ours) and the
version of its tables. A change of the tables is a migration: one function that takes
a file from one version to the next, added to `MIGRATIONS`; it runs in a transaction,
after a copy of the file was put beside it. A file of a newer version is refused.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from stackwright.errors import StateError

APPLICATION_ID: Final = 0x53574854
SCHEMA_VERSION: Final = 1

TABLES: Final = """
CREATE TABLE schema_version (
    version INTEGER PRIMARY KEY,
    applied TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
);

CREATE TABLE stack (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    organization     TEXT NOT NULL,
    project          TEXT NOT NULL,
    name             TEXT NOT NULL,
    created          TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    resources        INTEGER NOT NULL DEFAULT 0,  -- how many there are
    next_key         INTEGER NOT NULL DEFAULT 1,  -- no record ever had this key or a larger one
    next_number      INTEGER NOT NULL DEFAULT 1,  -- the same for operations
    next_update      INTEGER NOT NULL DEFAULT 1,
    last_token       INTEGER NOT NULL DEFAULT 0,  -- the fencing token of the latest lease
    secrets_provider TEXT,                        -- JSON, as are the columns below
    manifest         TEXT NOT NULL DEFAULT '{}',
    metadata         TEXT NOT NULL DEFAULT '{}',
    snippets         TEXT NOT NULL DEFAULT '[]',
    extensions       TEXT NOT NULL DEFAULT '{}',
    UNIQUE (organization, project, name)
);

-- Whoever is working on a stack. A writer must hold the row whose token it was given.
CREATE TABLE lease (
    stack     INTEGER PRIMARY KEY REFERENCES stack ON DELETE CASCADE,
    token     INTEGER NOT NULL,
    holder    TEXT NOT NULL,
    machine   TEXT NOT NULL,
    pid       INTEGER NOT NULL,
    started   TEXT NOT NULL,
    heartbeat REAL NOT NULL
);

-- What was made durable, in order, and is not yet in the tables below. One row per turn of an
-- engine's event loop. Whoever reads a stack first folds these rows into the tables.
CREATE TABLE journal (
    id      INTEGER PRIMARY KEY,
    stack   INTEGER NOT NULL REFERENCES stack ON DELETE CASCADE,
    entries BLOB NOT NULL
);

CREATE TABLE urn (
    id    INTEGER PRIMARY KEY,
    stack INTEGER NOT NULL REFERENCES stack ON DELETE CASCADE,
    urn   TEXT NOT NULL,
    UNIQUE (stack, urn)
);

-- The current records. `record` is the resource object of deployment JSON, secrets encrypted.
-- An id is the stack's id and the record's key in one number, so that the records of a stack
-- lie together in the order of their keys without an index for that.
CREATE TABLE resource (
    id     INTEGER PRIMARY KEY,
    urn    INTEGER NOT NULL REFERENCES urn,
    record BLOB NOT NULL,
    stack  INTEGER GENERATED ALWAYS AS (id >> 32) VIRTUAL,
    key    INTEGER GENERATED ALWAYS AS (id & 0xFFFFFFFF) VIRTUAL
);
CREATE INDEX resource_by_urn ON resource (urn);

-- Which record refers to which URN: parent, dependency, property, provider, deletedWith, …
-- Kept by target, for the question who refers to it; what a record refers to stands in the record.
CREATE TABLE edge (
    target   INTEGER NOT NULL REFERENCES urn,
    source   INTEGER NOT NULL,  -- the id of a resource
    relation TEXT NOT NULL,
    PRIMARY KEY (target, source)
) WITHOUT ROWID;

-- Operations that began and did not end (as far as the journal has been folded).
CREATE TABLE pending (
    stack     INTEGER NOT NULL REFERENCES stack ON DELETE CASCADE,
    number    INTEGER NOT NULL,
    kind      TEXT NOT NULL,
    uncertain INTEGER NOT NULL DEFAULT 0,
    record    BLOB NOT NULL,
    PRIMARY KEY (stack, number)
);

CREATE TABLE history (
    stack   INTEGER NOT NULL REFERENCES stack ON DELETE CASCADE,
    version INTEGER NOT NULL,
    ended   INTEGER NOT NULL,  -- Unix seconds
    record  TEXT NOT NULL,     -- the history record as JSON
    PRIMARY KEY (stack, version)
);

-- The events of an update, for whoever wants to look at it later.
CREATE TABLE event (
    stack    INTEGER NOT NULL REFERENCES stack ON DELETE CASCADE,
    version  INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    event    TEXT NOT NULL,
    PRIMARY KEY (stack, version, sequence)
);

CREATE TABLE tag (
    stack INTEGER NOT NULL REFERENCES stack ON DELETE CASCADE,
    name  TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (stack, name)
) WITHOUT ROWID;

-- For people with a SQL prompt.
CREATE VIEW resources AS
    SELECT stack.organization, stack.project, stack.name AS stack, urn.urn, resource.key,
           json_extract(CAST(resource.record AS TEXT), '$.type') AS type,
           json_extract(CAST(resource.record AS TEXT), '$.id') AS id,
           CAST(resource.record AS TEXT) AS record
    FROM resource JOIN stack ON stack.id = resource.stack JOIN urn ON urn.id = resource.urn;

CREATE VIEW edges AS
    SELECT resource.stack, source.urn AS source, edge.relation, target.urn AS target
    FROM edge
    JOIN resource ON resource.id = edge.source
    JOIN urn AS source ON source.id = resource.urn
    JOIN urn AS target ON target.id = edge.target;
"""

Migration = Callable[[sqlite3.Connection], None]

MIGRATIONS: Final[Mapping[int, Migration]] = {}
"""What takes a file from the version that is the key to the next one."""


class NewerSchemaError(StateError):
    """The file was written by a newer Stackwright."""

    code = "newer-state"

    def __init__(self, path: Path, found: int, known: int) -> None:
        super().__init__(
            f"The state database {path} was written by a newer version of Stackwright",
            detail=f"Its tables have version {found}; this Stackwright knows versions up to {known}",
            hint="Update Stackwright. Nothing was changed",
        )


class ForeignDatabaseError(StateError):
    """The file is an SQLite database, but not one of ours."""

    code = "foreign-database"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is an SQLite database of another program, not a Stackwright state database",
            hint="Name another file. Nothing was changed",
        )


def prepare(
    connection: sqlite3.Connection,
    path: Path,
    *,
    version: int = SCHEMA_VERSION,
    migrations: Mapping[int, Migration] = MIGRATIONS,
) -> None:
    """
    Make the tables of an empty file, or bring those of an older version up to date.

    Several processes may do so at once: one of them does it, the others see it done.

    Raises:
        NewerSchemaError: A newer Stackwright wrote the file.
        ForeignDatabaseError: Some other program did.
        sqlite3.Error: The file cannot be read or written, or is no database.
    """
    found = _version(connection, path)
    if found == version:
        return
    if found > version:
        raise NewerSchemaError(path, found, version)
    if found:
        back_up(connection, path, found)
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = _version(connection, path)  # another process may have been first
        if found == 0:
            _create(connection, version)
        else:
            for step in range(found, version):
                migrations[step](connection)
                _stamp(connection, step + 1)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def check(connection: sqlite3.Connection, path: Path, *, version: int = SCHEMA_VERSION) -> None:
    """
    Like `prepare`, for a file that can only be read.

    Raises:
        StateError: It would have to be changed first.
    """
    found = _version(connection, path)
    if found > version:
        raise NewerSchemaError(path, found, version)
    if found < version:
        raise StateError(
            f"The state database {path} has to be upgraded, but cannot be written",
            hint="Make the file and its folder writable",
        )


def back_up(connection: sqlite3.Connection, path: Path, version: int) -> Path:
    """Copy the database to a file beside it, and answer its path. An earlier copy is kept."""
    target = path.with_name(f"{path.name}.v{version}.bak")
    if target.exists():
        return target
    partial = target.with_name(target.name + ".part")
    partial.unlink(missing_ok=True)
    copy = sqlite3.connect(partial)
    try:
        connection.backup(copy)
    finally:
        copy.close()
    partial.chmod(0o600)
    partial.replace(target)
    return target


def _version(connection: sqlite3.Connection, path: Path) -> int:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application == APPLICATION_ID:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        return int(version)
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application or tables:
        raise ForeignDatabaseError(path)
    return 0


def _create(connection: sqlite3.Connection, version: int) -> None:
    for statement in _statements(TABLES):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    _stamp(connection, version)


def _stamp(connection: sqlite3.Connection, version: int) -> None:
    connection.execute("INSERT INTO schema_version (version) VALUES (?)", (version,))
    connection.execute(f"PRAGMA user_version = {int(version)}")


def _statements(script: str) -> list[str]:
    # `executescript` would commit the transaction that all of this belongs to.
    statements, current = [], ""
    for line in script.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            statements.append(current)
            current = ""
    return statements
