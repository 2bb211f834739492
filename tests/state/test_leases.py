"""Leases of the SQLite store: who is dead, who is alive, and who is only silent."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from support.stored import HOLDER, NAME, names, opened, run, thing

from stackwright.state import LeaseHeldError, LeaseLostError, SqliteStore
from stackwright.state import _process as process_module
from stackwright.state._process import ProcessIdentity, is_gone, is_known_alive, this_process

ELSEWHERE = ProcessIdentity(machine="another boot", pid=1, started="1")


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_as(tmp_path: Path, clock: Clock) -> Iterator[Callable[[ProcessIdentity], SqliteStore]]:
    """Opens the same file as another process would."""
    stores = []

    def open_again(process: ProcessIdentity) -> SqliteStore:
        store = SqliteStore(
            tmp_path / "state.db", process=process, clock=clock, heartbeat=0, lease_timeout=60
        )
        stores.append(store)
        return store

    yield open_again
    for store in stores:
        store.close()


Open = Callable[[ProcessIdentity], SqliteStore]


class TestProcesses:
    def test_this_one_is_alive(self) -> None:
        """A running process is known to be, and not taken for gone."""
        assert is_known_alive(this_process())
        assert not is_gone(this_process())

    def test_one_that_ended_is_gone(self) -> None:
        """A process that ended is provably gone, even before its parent has noticed."""
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        me = this_process()
        identity = msgspec.structs.replace(me, pid=child.pid, started=started(child.pid))
        assert is_known_alive(identity)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # a zombie now

        assert is_gone(identity)
        child.communicate()
        assert is_gone(identity)

    def test_a_pid_that_was_given_again(self) -> None:
        """A pid that now belongs to another process proves that the former one is gone."""
        assert is_gone(msgspec.structs.replace(this_process(), started="1"))

    def test_another_machine_proves_nothing(self) -> None:
        """Of a process of another machine, boot or container neither is known."""
        for identity in (ELSEWHERE, ProcessIdentity(machine="", pid=os.getpid(), started="")):
            assert not is_gone(identity)
            assert not is_known_alive(identity)


def started(pid: int) -> str:
    """When a process began, in the system's own unit."""
    return process_module._start_of(pid) or ""


class TestTakeover:
    def test_a_dead_owner_is_no_obstacle(self, open_as: Open) -> None:
        """Where the owner is provably gone the next one takes over at once, and finds its work."""
        dead = open_as(msgspec.structs.replace(this_process(), started="1"))
        work = opened(dead)

        async def main() -> None:
            await work.put(thing("a"))[0]

        run(main)
        mine = open_as(this_process())

        assert mine.holder(NAME) is None
        assert not mine.stacks()[0].update_in_progress
        assert mine.acquire(NAME, HOLDER).token > work.lease.token
        assert names(mine.snapshot(NAME)) == ["a"]

    def test_a_silent_owner_elsewhere_is_waited_for(self, open_as: Open, clock: Clock) -> None:
        """An owner on another machine counts as alive until it has been silent for the time-out."""
        work = opened(open_as(ELSEWHERE))
        mine = open_as(this_process())
        clock.now += 60
        with pytest.raises(LeaseHeldError, match="ada@here"):
            mine.acquire(NAME, HOLDER)
        clock.now += 1

        assert mine.acquire(NAME, HOLDER).token > work.lease.token

    def test_a_sign_of_life_counts(self, open_as: Open, clock: Clock) -> None:
        """A heartbeat renews the lease."""
        theirs = open_as(ELSEWHERE)
        work = opened(theirs)
        clock.now += 50
        assert work.lease.beat(theirs._connection)  # type: ignore[attr-defined]
        clock.now += 50

        with pytest.raises(LeaseHeldError):
            open_as(this_process()).acquire(NAME, HOLDER)

    def test_a_living_owner_may_be_silent(self, open_as: Open, clock: Clock) -> None:
        """A process of this machine that sits in a debugger keeps its lease however long."""
        opened(open_as(this_process()))
        clock.now += 100_000

        with pytest.raises(LeaseHeldError):
            open_as(this_process()).acquire(NAME, HOLDER)

    def test_whoever_wakes_up_too_late_cannot_write(self, open_as: Open, clock: Clock) -> None:
        """A sleeper whose lease was taken over is refused, and told by whom."""
        sleeper = opened(open_as(ELSEWHERE))
        clock.now += 61
        successor = open_as(this_process())
        lease = successor.acquire(NAME, msgspec.structs.replace(HOLDER, user="grace"))

        async def main() -> None:
            with pytest.raises(LeaseLostError, match="taken over by grace@here"):
                await sleeper.put(thing("late"))[0]

        run(main)
        assert sleeper.lease.lost
        sleeper.lease.release()
        assert successor.holder(NAME) is not None
        assert names(successor.snapshot(NAME)) == []
        lease.release()


class TestHeartbeat:
    def test_it_beats_until_the_lease_is_given_back(self, tmp_path: Path) -> None:
        """While a lease is held a thread renews it; afterwards the thread is gone."""
        beaten = threading.Event()
        calls = []

        def clock() -> float:
            calls.append(1)
            if len(calls) > 3:
                beaten.set()
            return 1000.0

        store = SqliteStore(tmp_path / "state.db", clock=clock, heartbeat=0.001)
        store.create(NAME)
        lease = store.acquire(NAME, HOLDER)
        assert beaten.wait(10)
        lease.release()
        for thread in beating():
            thread.join(10)

        assert not beating()
        assert not lease.lost
        store.close()

    def test_it_notices_a_takeover(self, tmp_path: Path) -> None:
        """A lease that was taken knows it without writing anything."""
        store = SqliteStore(tmp_path / "state.db", heartbeat=0.001)
        store.create(NAME)
        lease = store.acquire(NAME, HOLDER)
        (thread,) = beating()
        store.cancel(NAME)
        thread.join(10)

        assert lease.lost
        store.close()


def beating() -> list[threading.Thread]:
    """The threads that keep leases alive."""
    return [thread for thread in threading.enumerate() if thread.name == "stackwright-lease"]
