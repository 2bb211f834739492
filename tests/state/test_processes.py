"""Several processes on one file: kill -9 at any moment, and races for a stack."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.stored import HOLDER, NAME, Opened, names, opened, run, thing

from stackwright.state import LeaseHeldError, SqliteStore

# Writes records one after the other, and says what is durable. `sync` in another thread of work: one
# operation is begun, said, ended and said again; some are left open on purpose.
WRITER = """
import asyncio, sys
from pathlib import Path
from support.stored import NAME, opened, run, thing
from stackwright.state import Change, OperationKind, SqliteStore
from stackwright.state import _sqlite_lease
_sqlite_lease.FOLD_ENTRIES = int(sys.argv[2])
work = opened(SqliteStore(Path(sys.argv[1])))
async def one(name):
    number, durable = work.journal.begin(OperationKind.CREATING, thing(name))
    await durable
    print("begun", name, flush=True)
    await work.journal.commit(Change(operation=number, put=((work.journal.new_key(), thing(name)),)))
    print("done", name, flush=True)
async def main():
    for number in range(100000):
        await asyncio.gather(one(f"{number}-a"), one(f"{number}-b"))
run(main)
"""

# Waits at the gate, asks for the stack, says whether it got it, and keeps it until told to end.
RACER = """
import sys
from pathlib import Path
from support.stored import HOLDER, NAME
from stackwright.state import LeaseHeldError, SqliteStore, StackExistsError
print("ready", flush=True)
sys.stdin.readline()
store = SqliteStore(Path(sys.argv[1]))
try:
    store.create(NAME)
except StackExistsError:
    pass
try:
    lease = store.acquire(NAME, HOLDER)
    print("won", flush=True)
except LeaseHeldError:
    print("held", flush=True)
sys.stdin.readline()
"""


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Run *code* in a process of its own, with the tests' helpers at hand."""
    tests = str(Path(__file__).parents[1])
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([tests, os.environ.get("PYTHONPATH", "")])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


class TestKill:
    @pytest.mark.parametrize(("lines", "fold_at"), [(1, 1000), (40, 7), (333, 50), (1500, 64)])
    def test_nothing_confirmed_is_lost(self, tmp_path: Path, lines: int, fold_at: int) -> None:
        """
        After kill -9 everything that was confirmed is there, and what was in flight is known.

        The next process takes the stack without any waiting or unlocking.
        """
        path = tmp_path / "state.db"
        with start(WRITER, str(path), str(fold_at)) as process:
            assert process.stdout is not None
            said = [process.stdout.readline().split() for _ in range(lines)]
            process.kill()
            said += [line.split() for line in process.stdout]
        done = [line[1] for line in said if line[0] == "done" and len(line) == 2]
        begun = {line[1] for line in said if line[0] == "begun" and len(line) == 2}
        store = SqliteStore(path)
        lease = store.acquire(NAME, HOLDER)
        found = store.snapshot(NAME)
        recorded, pending = names(found), {operation.resource.urn for operation in found.pending}

        assert recorded[: len(done)] == done
        assert len(recorded) == len(set(recorded))
        assert len(recorded) - len(done) <= 2
        for name in begun - set(recorded):
            assert thing(name).urn in pending
        assert len(pending) <= 2
        assert store.stacks()[0].resource_count == len(recorded)
        work = Opened(store, NAME, lease, store.journal(NAME, lease, crypter=None))  # type: ignore[arg-type]

        async def main() -> None:
            await work.put(thing("next"))[0]

        run(main)
        assert names(store.snapshot(NAME)) == [*recorded, "next"]
        lease.release()
        store.close()


class TestRace:
    def test_exactly_one_gets_the_stack(self, tmp_path: Path) -> None:
        """Of processes that ask for one stack of one new file at the same moment exactly one gets it."""
        path = tmp_path / "state.db"
        racers = [start(RACER, str(path)) for _ in range(3)]
        try:
            for racer in racers:
                assert racer.stdout is not None
                assert racer.stdout.readline() == "ready\n"
            for racer in racers:
                assert racer.stdin is not None
                racer.stdin.write("go\n")
                racer.stdin.flush()
            answers = [racer.stdout.readline().strip() for racer in racers if racer.stdout is not None]
            store = SqliteStore(path)
            assert sorted(answers) == ["held", "held", "won"]
            with pytest.raises(LeaseHeldError):
                store.acquire(NAME, HOLDER)
        finally:
            for racer in racers:
                racer.kill()
                racer.communicate()

        store.acquire(NAME, HOLDER).release()
        store.close()

    def test_readers_do_not_disturb_a_writer(self, tmp_path: Path) -> None:
        """While one process writes others read whole states, each at least as new as the last."""
        path = tmp_path / "state.db"
        work = opened(SqliteStore(path))
        reader = SqliteStore(path)

        async def main() -> None:
            for number in range(50):
                for durable in work.put(thing(f"{number}-a"), thing(f"{number}-b")):
                    await durable
                assert len(reader.snapshot(NAME).records) == 2 * number + 2

        run(main)
        work.lease.release()
        reader.close()
        work.store.close()
