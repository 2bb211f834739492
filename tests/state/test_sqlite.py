"""What is particular to the SQLite store: the file, its tables, and what writing costs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.stored import (
    CRYPTER,
    HOLDER,
    NAME,
    OTHER,
    change,
    key_of,
    names,
    opened,
    root,
    run,
    thing,
    urn,
    write,
)

from stackwright.errors import StateError
from stackwright.state import Change, Key, LeaseLostError, SqliteStore, UpdateRecord
from stackwright.state import _sqlite_lease as lease_module
from stackwright.state._errors import StoreCorruptError
from stackwright.state._sqlite_schema import (
    SCHEMA_VERSION,
    ForeignDatabaseError,
    NewerSchemaError,
    check,
    prepare,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "state.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(path, heartbeat=0)
    yield store
    store.close()


class TestFile:
    def test_it_is_private(self, store: SqliteStore, path: Path) -> None:
        """The file and its folder are made on first use, for their owner only."""
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700

    def test_its_url_opens_it(self, store: SqliteStore, path: Path) -> None:
        """A store's URL names its file."""
        assert store.url == f"sqlite://{path}"

    def test_a_clean_close_leaves_one_file(self, path: Path) -> None:
        """After closing, everything is in the file itself."""
        store = SqliteStore(path, heartbeat=0)
        write(store, thing("a"))
        store.close()

        assert [file.name for file in path.parent.iterdir()] == ["state.db"]

    def test_the_tables_can_be_asked(self, store: SqliteStore, path: Path) -> None:
        """Resources and what they refer to can be read with SQL."""
        write(store, root(), thing("a", parent=root().urn), thing("b", dependencies=(urn("a"),)))
        connection = sqlite3.connect(path)
        resources = connection.execute("SELECT urn, type, id FROM resources ORDER BY key").fetchall()
        edges = connection.execute("SELECT source, relation, target FROM edges ORDER BY source").fetchall()
        connection.close()

        assert resources[1] == (urn("a"), "pkg:index:Thing", "id-a")
        assert edges == [(urn("a"), "parent", root().urn), (urn("b"), "dependency", urn("a"))]

    def test_edges_follow_records(self, store: SqliteStore, path: Path) -> None:
        """Edges are those of the current records; the URN of a record that is gone goes with it."""
        write(store, thing("a"), thing("b", dependencies=(urn("a"), urn("x"))))
        key = key_of(store.snapshot(NAME), "b")
        change(store, Change(put=((key, thing("b", parent=urn("a"))),)))
        change(store, Change(remove=(key,)))
        connection = sqlite3.connect(path)
        edges = connection.execute("SELECT * FROM edge").fetchall()
        urns = {text for (text,) in connection.execute("SELECT urn FROM urn")}
        connection.close()

        assert edges == []
        assert urns >= {urn("a")}
        assert urn("b") not in urns

    def test_full_sync_is_a_choice(self, path: Path) -> None:
        """A store that waits for the disk at every commit does so in a thread, with the same results."""
        store = SqliteStore(path, heartbeat=0, full_sync=True)
        work = opened(store)

        async def main() -> None:
            for record in (thing("a"), thing("b")):
                for durable in work.put(record, thing(f"{record.id}-2")):
                    await durable
            work.put(thing("c"))
            await work.journal.flush()

        run(main)
        work.lease.release()
        assert store.url.endswith("?synchronous=full")
        assert names(store.snapshot(NAME)) == ["a", "id-a-2", "b", "id-b-2", "c"]
        store.close()


class TestCost:
    def entry_cost(self, store: SqliteStore) -> int:
        """How many instructions SQLite needs for one entry."""
        work = opened(store)
        ((_, appender),) = work.lease._journals  # type: ignore[attr-defined]
        steps = 0

        def step() -> int:
            nonlocal steps
            steps += 1
            return 0

        appender._connection.set_progress_handler(step, 1)

        async def main() -> None:
            await work.put(thing("one more"))[0]

        run(main)
        appender._connection.set_progress_handler(None, 1)
        work.lease.release()
        return steps

    def test_an_entry_costs_the_same_in_any_stack(self, store: SqliteStore) -> None:
        """No entry does work that grows with the stack."""
        small = self.entry_cost(store)
        write(store, *(thing(str(number), dependencies=(urn("0"),)) for number in range(3000)))

        assert self.entry_cost(store) == small

    def test_a_run_without_changes_writes_no_resource(self, store: SqliteStore, path: Path) -> None:
        """Of a run that changed nothing, only its history record is written."""
        write(store, root(), thing("a"))
        before = store.snapshot(NAME)
        work = opened(store)
        run(work.journal.flush)
        store.record_update(
            NAME, UpdateRecord(kind="update", start_time=1, end_time=2, result="succeeded"), lease=work.lease
        )
        work.lease.release()

        assert store.snapshot(NAME) == before  # the time in the manifest included

    def test_folding_is_bounded(self, store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
        """The journal is folded while it grows, so that no reader finds a long one."""
        monkeypatch.setattr(lease_module, "FOLD_ENTRIES", 10)
        work = opened(store)

        async def main() -> None:
            for number in range(25):
                await work.put(thing(str(number)))[0]

        run(main)
        (rows,) = store._connection.execute("SELECT count(*) FROM journal").fetchone()
        assert rows == 5
        assert len(store.snapshot(NAME).records) == 25

    def test_large_entries_are_folded_early(
        self, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The size of what gathers is bounded as well as its number."""
        monkeypatch.setattr(lease_module, "FOLD_BYTES", 1000)
        work = opened(store)

        async def main() -> None:
            await work.put(thing("a", inputs={"text": "x" * 2000}))[0]

        run(main)
        assert store._connection.execute("SELECT count(*) FROM journal").fetchone() == (0,)

    def test_several_rows_of_one_key_in_one_fold(self, store: SqliteStore) -> None:
        """A record that is put, removed and put again between two foldings is there once."""
        work = opened(store)

        async def main() -> None:
            key = work.journal.new_key()
            await work.journal.commit(Change(put=((key, thing("a")),)))
            await work.journal.commit(Change(remove=(key,)))
            await work.journal.commit(Change(put=((key, thing("b")),)))
            await work.journal.commit(Change(put=((key, thing("c")),)))

        run(main)
        assert names(store.snapshot(NAME)) == ["c"]
        assert store.stacks()[0].resource_count == 1


class TestSchema:
    def test_a_newer_file_is_refused(self, path: Path) -> None:
        """A file of a newer version is refused, and left as it is."""
        SqliteStore(path, heartbeat=0).close()
        connection = sqlite3.connect(path)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        connection.close()
        before = path.read_bytes()

        with pytest.raises(NewerSchemaError, match="newer version of Stackwright"):
            SqliteStore(path, heartbeat=0)
        assert path.read_bytes() == before

    def test_another_programs_database_is_refused(self, path: Path) -> None:
        """An SQLite file that is not ours is refused, and left as it is."""
        path.parent.mkdir()
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE theirs (x)")
        connection.close()

        with pytest.raises(ForeignDatabaseError, match="another program"):
            SqliteStore(path, heartbeat=0)
        connection = sqlite3.connect(path)
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]
        connection.close()

    def test_an_older_file_is_upgraded_after_a_backup(self, path: Path) -> None:
        """Each migration takes the file one version further; a copy of the old file lies beside it."""
        store = SqliteStore(path, heartbeat=0)
        write(store, thing("a"))
        store.close()
        connection = sqlite3.connect(path, isolation_level=None)
        steps = {
            version: lambda on, version=version: on.execute(f"CREATE TABLE added_{version} (x)")
            for version in range(SCHEMA_VERSION, SCHEMA_VERSION + 2)
        }
        prepare(connection, path, version=SCHEMA_VERSION + 2, migrations=steps)  # type: ignore[arg-type]
        added = connection.execute("SELECT count(*) FROM sqlite_master WHERE name LIKE 'added%'").fetchone()
        versions = [version for (version,) in connection.execute("SELECT version FROM schema_version")]
        connection.close()
        backup = SqliteStore(path.with_name(f"state.db.v{SCHEMA_VERSION}.bak"), heartbeat=0)

        assert added == (2,)
        assert versions == [SCHEMA_VERSION, SCHEMA_VERSION + 1, SCHEMA_VERSION + 2]
        assert names(backup.snapshot(NAME)) == ["a"]
        backup.close()

    def test_a_migration_that_fails_changes_nothing(self, path: Path) -> None:
        """An upgrade happens as a whole or not at all."""
        SqliteStore(path, heartbeat=0).close()
        connection = sqlite3.connect(path, isolation_level=None)

        def fail(on: sqlite3.Connection) -> None:
            on.execute("CREATE TABLE half (x)")
            raise RuntimeError("halfway")

        with pytest.raises(RuntimeError, match="halfway"):
            prepare(connection, path, version=SCHEMA_VERSION + 1, migrations={SCHEMA_VERSION: fail})
        found = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone()
        connection.close()

        assert found == (0,)
        SqliteStore(path, heartbeat=0).close()

    def test_a_file_that_cannot_be_upgraded(self, path: Path) -> None:
        """An older file that can only be read is refused."""
        SqliteStore(path, heartbeat=0).close()
        connection = sqlite3.connect(path)

        with pytest.raises(StateError, match="has to be upgraded"):
            check(connection, path, version=SCHEMA_VERSION + 1)
        connection.close()


class TestManyStacks:
    def test_stacks_do_not_mix(self, store: SqliteStore) -> None:
        """Records, keys and URNs of two stacks in one file are apart, while both are worked on."""
        first, second = opened(store), opened(store, OTHER)

        async def main() -> None:
            await first.put(thing("a"))[0]
            await second.put(thing("a", protect=True))[0]
            await second.journal.commit(Change(renames=((urn("a"), urn("b")),)))
            await first.journal.commit(Change(remove=(Key(5),)))

        run(main)
        assert store.snapshot(NAME).resources == [thing("a")]
        assert store.snapshot(OTHER).resources == [thing("a", protect=True)]

    def test_a_name_that_was_removed_starts_anew(self, store: SqliteStore) -> None:
        """A journal of a removed stack writes nothing into a new one of the same name."""
        work = opened(store)
        store.cancel(NAME)
        store.remove(NAME)
        store.create(NAME)
        store.acquire(NAME, HOLDER)

        async def main() -> None:
            with pytest.raises(LeaseLostError):
                await work.put(thing("a"))[0]

        run(main)
        assert store.snapshot(NAME, crypter=CRYPTER).resources == []

    def test_a_closed_store_still_gives_leases_back(self, path: Path) -> None:
        """Leases outlive the object they came from."""
        store = SqliteStore(path, heartbeat=0)
        work = opened(store)

        async def main() -> None:
            await work.put(thing("a"))[0]

        run(main)
        store.close()
        work.lease.release()
        again = SqliteStore(path, heartbeat=0)

        assert again.holder(NAME) is None
        assert names(again.snapshot(NAME)) == ["a"]
        again.close()


def test_corruption_is_a_state_error() -> None:
    """Whoever handles errors of state handles damaged files too."""
    assert issubclass(StoreCorruptError, StateError)
