"""
What a durable operation costs in a store: one `begin` and one `commit` per resource.

    python bench/state_journal.py [resources]

Prints, for chained and for independent operations, the CPU and the wall time per
resource, what the event loop alone takes of it, the bytes written, and the time it
takes to load the stack again.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

from stackwright.secrets import manager_of
from stackwright.state import (
    Change,
    Holder,
    Key,
    MemoryStore,
    OperationKind,
    ResourceState,
    SecretsProvider,
    SqliteStore,
    StackName,
    Store,
)
from stackwright.urn import Urn

NAME = StackName("organization", "shop", "dev")
TYPE = "random:index/randomInteger:RandomInteger"
STACK = Urn("urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev")
PROVIDER = "urn:pulumi:dev::shop::pulumi:providers:random::default::5f0c3a52-5f3c-4b6c-8e0f-4c2b6f7d9a10"
TIME = "2026-01-02T03:04:05.000000000Z"


def record(number: int, *, chained: bool) -> ResourceState:
    """A small resource; a chained one depends on the one before it."""
    before = (Urn(f"urn:pulumi:dev::shop::{TYPE}::r-{number - 1}"),) if chained and number else ()
    return ResourceState(
        urn=Urn(f"urn:pulumi:dev::shop::{TYPE}::r-{number}"),
        type=TYPE,
        custom=True,
        id=str(number),
        inputs={"min": 1, "max": 9, "keepers": {"a": "b"}},
        outputs={"id": str(number), "min": 1, "max": 9, "keepers": {"a": "b"}, "result": 7},
        parent=STACK,
        provider=PROVIDER,
        dependencies=before,
        property_dependencies={"min": before} if before else {},
        created=TIME,
        modified=TIME,
    )


class Nothing:
    """A journal that keeps nothing: what the event loop takes by itself."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    def new_key(self) -> Key:
        return Key(1)

    def begin(self, kind: OperationKind, resource: ResourceState) -> tuple[int, Awaitable[None]]:
        return 1, self._add()

    def commit(self, change: Change) -> Awaitable[None]:
        return self._add()

    def _add(self) -> Awaitable[None]:
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self._waiting.append(done)
        if len(self._waiting) == 1:
            loop.call_soon(self._end_turn)
        return done

    def _end_turn(self) -> None:
        waiting, self._waiting = self._waiting, []
        for done in waiting:
            done.set_result(None)


async def one(journal: Any, resource: ResourceState) -> None:
    number, durable = journal.begin(OperationKind.CREATING, resource)
    await durable
    await journal.commit(Change(operation=number, put=((journal.new_key(), resource),)))


async def chained(journal: Any, count: int) -> None:
    for number in range(count):
        await one(journal, record(number, chained=True))


async def independent(journal: Any, count: int) -> None:
    slots = asyncio.Semaphore(200)

    async def bounded(number: int) -> None:
        async with slots:
            await one(journal, record(number, chained=False))

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(bounded(number))


Work = Callable[[Any, int], Coroutine[Any, Any, None]]


def timed(work: Work, journal: Any, count: int) -> tuple[float, float]:
    """CPU and wall microseconds per resource."""
    wall, cpu = time.perf_counter(), time.process_time()
    asyncio.run(work(journal, count))
    return (time.process_time() - cpu) / count * 1e6, (time.perf_counter() - wall) / count * 1e6


def written() -> int:
    """Bytes this process has caused to be written, where the system tells."""
    try:
        lines = Path("/proc/self/io").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith("write_bytes"))


def measure(label: str, work: Work, store: Store, count: int) -> None:
    crypter = manager_of(SecretsProvider(type="b64")).crypter
    store.create(NAME)
    lease = store.acquire(NAME, Holder(user="u", host="h", pid=1, operation="bench", since=TIME))
    journal = store.journal(NAME, lease, crypter=crypter)
    before = written()
    cpu, wall = timed(work, journal, count)
    lease.release()
    bytes_each = (written() - before) / count
    start = time.perf_counter()
    loaded = len(store.snapshot(NAME, crypter=crypter).records)
    seconds = time.perf_counter() - start
    store.close()
    print(
        f"{label:22} {cpu:6.1f} µs CPU  {wall:6.1f} µs wall  {bytes_each:8,.0f} bytes  "
        f"load of {loaded:,}: {seconds:.2f} s"
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    for work in (chained, independent):
        cpu, wall = timed(work, Nothing(), count)
        print(f"{work.__name__ + ', no store':22} {cpu:6.1f} µs CPU  {wall:6.1f} µs wall")
        measure(f"{work.__name__}, memory", work, MemoryStore(), count)
        with tempfile.TemporaryDirectory() as folder:
            measure(f"{work.__name__}, SQLite", work, SqliteStore(Path(folder) / "state.db"), count)


if __name__ == "__main__":
    main()
