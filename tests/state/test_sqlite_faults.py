"""Files that are damaged, locked, full or forbidden: a clear error each, and nothing lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.stored import CRYPTER, HOLDER, NAME, change, names, opened, run, thing, urn, write

from stackwright.state import Change, SqliteStore
from stackwright.state._errors import (
    CannotOpenStoreError,
    StoreBusyError,
    StoreCorruptError,
    StoreFullError,
    StoreReadOnlyError,
)
from stackwright.state._record_json import DamagedRecordError
from stackwright.values import Secret


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with a few hundred records, closed."""
    path = tmp_path / "state.db"
    store = SqliteStore(path, heartbeat=0)
    write(store, *(thing(str(number), inputs={"text": "x" * 100}) for number in range(300)))
    store.close()
    return path


def sql(path: Path, statement: str, *parameters: object) -> None:
    """Change the database behind the store's back."""
    connection = sqlite3.connect(path)
    connection.execute(statement, parameters)
    connection.commit()
    connection.close()


class TestDamage:
    def test_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        """A file of something else is refused by name, and left as it is."""
        path = tmp_path / "state.db"
        path.write_text("this is not a database, however long one looks at it\n" * 20)
        before = path.read_bytes()

        with pytest.raises(StoreCorruptError, match=str(path)) as caught:
            SqliteStore(path, heartbeat=0)
        assert "backup" in str(caught.value)
        assert path.read_bytes() == before

    def test_pages_of_rubbish(self, path: Path) -> None:
        """A database with overwritten pages is told as damaged when it is read."""
        data = bytearray(path.read_bytes())
        for start in range(4096 * 2, len(data), 4096):
            data[start : start + 4096] = b"\xa5" * 4096
        path.write_bytes(data)

        with pytest.raises(StoreCorruptError, match="damaged"):
            read_all(path)

    def test_a_file_cut_in_half(self, path: Path) -> None:
        """A truncated database is told as damaged."""
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2])

        with pytest.raises(StoreCorruptError, match="damaged"):
            read_all(path)

    def test_a_broken_record_is_named(self, path: Path) -> None:
        """A record whose JSON is broken is told by its URN, and where in it the trouble is."""
        sql(path, "UPDATE resource SET record = substr(record, 1, 120) WHERE key = 7")

        with pytest.raises(DamagedRecordError, match=f"`{urn('6')}` is damaged"):
            read_all(path)

    def test_a_record_with_a_wrong_member_is_named(self, path: Path) -> None:
        """A record that is JSON but no resource object is told by its URN and member."""
        body = b'{"urn":"%b","custom":true,"type":"t","outputs":[1]}' % urn("x").encode()
        sql(path, "UPDATE resource SET record = ? WHERE key = 7", body)

        with pytest.raises(DamagedRecordError, match=rf"`{urn('x')}` is damaged\n.*outputs"):
            read_all(path)

    def test_a_record_with_a_wrong_value_is_named(self, path: Path) -> None:
        """A value that does not follow the format is told by the path to it."""
        value = b'{"4dabf18193072939515e22adb298388d":"?"}'
        body = b'{"urn":"%b","custom":true,"type":"t","outputs":{"a":[%b]}}' % (urn("x").encode(), value)
        sql(path, "UPDATE resource SET record = ? WHERE key = 7", body)

        with pytest.raises(DamagedRecordError, match=r"outputs\.a\[0\]: unrecognized signature"):
            read_all(path)

    def test_bytes_that_are_no_text(self, path: Path) -> None:
        """A record that is not even UTF-8 is told as damaged."""
        sql(path, "UPDATE resource SET record = ? WHERE key = 7", b'{"urn":"\xff\xfe"}')

        with pytest.raises(DamagedRecordError):
            read_all(path)

    def test_a_broken_journal(self, path: Path) -> None:
        """A journal that cannot be read stops whoever would build on it, and stays for inspection."""
        sql(path, "INSERT INTO journal (stack, entries) SELECT id, '[[\"begin\",1' FROM stack")
        store = SqliteStore(path, heartbeat=0)

        for ask in (
            lambda: store.snapshot(NAME),
            lambda: store.outputs(NAME),
            lambda: store.acquire(NAME, HOLDER),
        ):
            with pytest.raises(DamagedRecordError, match="an operation that was under way"):
                ask()
        assert store._connection.execute("SELECT count(*) FROM journal").fetchone() == (1,)
        assert len(store.stacks()) == 1
        store.close()

    def test_a_secret_that_decrypts_to_rubbish(self, tmp_path: Path) -> None:
        """A ciphertext that decrypts to something other than a value is told by its resource."""
        store = SqliteStore(tmp_path / "other.db", heartbeat=0)
        write(store, thing("a", inputs={"p": Secret("x")}))
        body = store._connection.execute("SELECT record FROM resource").fetchone()[0]
        text = store.snapshot(NAME).resources[0].inputs["p"].value.ciphertext
        sql(
            store.path,
            "UPDATE resource SET record = ?",
            body.replace(text.encode(), CRYPTER.encrypt("{").encode()),
        )

        with pytest.raises(DamagedRecordError, match=f"`{urn('a')}`"):
            store.snapshot(NAME, crypter=CRYPTER)
        store.close()

    def test_other_stacks_of_the_file_still_work(self, path: Path) -> None:
        """A broken record concerns its own stack only, and its other records can still be listed."""
        from support.stored import OTHER

        sql(path, "UPDATE resource SET record = 'x' WHERE key = 7")
        store = SqliteStore(path, heartbeat=0)
        write(store, thing("fine"), name=OTHER)

        assert names(store.snapshot(OTHER)) == ["fine"]
        assert [item.resource_count for item in store.stacks()] == [300, 1]
        store.close()


def read_all(path: Path) -> None:
    """Open a store and read its stack."""
    store = SqliteStore(path, heartbeat=0)
    try:
        store.snapshot(NAME)
    finally:
        store.close()


class TestLocked:
    @pytest.fixture
    def locked(self, path: Path) -> Iterator[sqlite3.Connection]:
        """Another program's open transaction on the file."""
        other = sqlite3.connect(path, isolation_level=None)
        yield other
        other.close()

    def test_a_writer_is_told_who_may_hold_it(self, path: Path, locked: sqlite3.Connection) -> None:
        """Where another program holds the file for long, commands say so; reading goes on."""
        store = SqliteStore(path, heartbeat=0, busy_timeout=0.01)
        locked.execute("BEGIN IMMEDIATE")

        with pytest.raises(StoreBusyError, match="locked by another process"):
            store.set_tags(NAME, {"a": "1"})
        assert len(store.snapshot(NAME).records) == 300
        store.close()

    def test_a_journal_says_so_and_loses_nothing(self, path: Path, locked: sqlite3.Connection) -> None:
        """An entry that cannot be written for a lock fails; what was durable is there afterwards."""
        store = SqliteStore(path, heartbeat=0, busy_timeout=0.01)
        work = opened(store)

        async def main() -> None:
            await work.put(thing("before"))[0]
            locked.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreBusyError):
                await work.put(thing("during"))[0]
            locked.execute("ROLLBACK")
            with pytest.raises(StoreBusyError):
                await work.put(thing("after"))[0]

        run(main)
        work.lease.release()
        assert names(store.snapshot(NAME))[300:] == ["before"]
        store.close()


# Runs with a limit on the size of files, prints each name once it is durable, and how it ended.
FILL = """
import resource, sys
from pathlib import Path
from support.stored import NAME, opened, run, thing
from stackwright.state import SqliteStore
store = SqliteStore(Path(sys.argv[1]), heartbeat=0)
work = opened(store)
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
async def main():
    for number in range(10000):
        await work.put(thing(f"new-{number}", inputs={"text": "y" * 500}))[0]
        print(f"new-{number}", flush=True)
try:
    run(main)
except Exception as error:
    print(type(error).__name__, error.message.split(str(store.path))[0])
try:
    work.lease.release()
except Exception as error:
    print("release:", type(error).__name__)
"""


class TestFull:
    @pytest.mark.parametrize("limit", [250_000, 400_000])
    def test_what_was_durable_survives_a_full_disk(self, path: Path, limit: int) -> None:
        """When no more can be written the error says so; everything confirmed before is there."""
        done = python(FILL, str(path), str(limit))
        lines = done.stdout.splitlines()
        confirmed = [line for line in lines if line.startswith("new-")]
        store = SqliteStore(path, heartbeat=0)

        assert "StoreFullError There is no space left to write the state database " in lines
        found = names(store.snapshot(NAME))
        assert found[:300] == [str(number) for number in range(300)]
        assert found[300 : 300 + len(confirmed)] == confirmed
        assert len(found) - 300 - len(confirmed) in {0, 1}
        change(store, Change())
        store.close()

    def test_a_database_with_a_limit(self, path: Path) -> None:
        """A full database is told like a full disk."""
        store = SqliteStore(path, heartbeat=0)
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages}")

        with pytest.raises(StoreFullError, match="no space left"):
            store.create(NAME.__class__("organization", "x" * 100_000, "dev"))
        store.close()


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run *code* in a process of its own, with the tests' helpers at hand."""
    tests = str(Path(__file__).parents[1])
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([tests, os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user of the machine can reach."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755)
    shutil.rmtree(folder)


def unprivileged(action: Callable[[], object]) -> str:
    """
    What *action* says, or the error it raises, for a user to whom permissions apply.

    The superuser may read and write everything, so that the action runs in a child
    that has become somebody else.
    """
    if os.getuid() != 0:
        return described(action)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        os.write(writing, described(action).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return text


def described(action: Callable[[], object]) -> str:
    try:
        return str(action())
    except Exception as error:
        return f"{type(error).__name__}: {error}"


class TestForbidden:
    @pytest.fixture
    def shared(self, open_folder: Path, path: Path) -> Path:
        """A store that its owner lets others read, and not write."""
        target = open_folder / "data" / "state.db"
        target.parent.mkdir()
        shutil.copy(path, target)
        target.chmod(0o444)
        target.parent.chmod(0o555)
        return target

    def test_a_read_only_store_can_be_read(self, shared: Path) -> None:
        """State in a read-only folder can be shown."""

        def action() -> object:
            store = SqliteStore(shared, heartbeat=0)
            return len(store.snapshot(NAME).records), len(store.stacks()), store.holder(NAME)

        assert unprivileged(action) == "(300, 1, None)"

    @pytest.mark.parametrize(
        "ask",
        [
            lambda store: store.acquire(NAME, HOLDER),
            lambda store: store.set_tags(NAME, {"a": "1"}),
            lambda store: store.remove(NAME, force=True),
        ],
    )
    def test_writing_to_it_is_refused(self, shared: Path, ask: Callable[[SqliteStore], object]) -> None:
        """Every change of a read-only store is refused with what has to be made writable."""
        before = shared.read_bytes()
        answer = unprivileged(lambda: ask(SqliteStore(shared, heartbeat=0)))

        assert answer.startswith(
            f"{StoreReadOnlyError.__name__}: The state database {shared} cannot be written"
        )
        assert shared.read_bytes() == before

    def test_a_read_only_store_that_was_cut_short(self, shared: Path) -> None:
        """A store that has to be recovered is not read without: it would show an older state."""
        log = shared.with_name("state.db-wal")
        shared.parent.chmod(0o755)
        log.write_bytes(b"x" * 100)
        log.chmod(0o444)
        shared.parent.chmod(0o555)

        assert "was not closed cleanly" in unprivileged(lambda: SqliteStore(shared, heartbeat=0))

    def test_a_folder_that_cannot_be_entered(self, open_folder: Path) -> None:
        """A folder without permission is told as such."""
        secret = open_folder / "secret"
        secret.mkdir(mode=0o700)
        answer = unprivileged(lambda: SqliteStore(secret / "state.db", heartbeat=0))

        if os.getuid() == 0:
            assert answer.startswith(CannotOpenStoreError.__name__)
            assert "Permission denied" in answer

    def test_a_folder_that_cannot_be_made(self, open_folder: Path) -> None:
        """Where the data folder is missing and cannot be made, the path is named."""
        closed = open_folder / "closed"
        closed.mkdir(mode=0o555)
        answer = unprivileged(lambda: SqliteStore(closed / "data" / "state.db", heartbeat=0))

        assert answer.startswith(CannotOpenStoreError.__name__)
        assert "closed/data/state.db cannot be opened" in answer

    def test_a_folder_in_the_place_of_the_file(self, tmp_path: Path) -> None:
        """A folder where the file should be is told as such."""
        with pytest.raises(CannotOpenStoreError, match="It is a folder"):
            SqliteStore(tmp_path, heartbeat=0)

    def test_a_file_in_the_place_of_the_folder(self, tmp_path: Path) -> None:
        """A file where the folder should be is told as such."""
        (tmp_path / "file").write_text("")
        with pytest.raises(CannotOpenStoreError, match="cannot be opened"):
            SqliteStore(tmp_path / "file" / "state.db", heartbeat=0)
