"""
Group commit: the part of a journal that every store shares.

Entries handed over in one turn of the event loop are written together when the
turn is over. Chained operations pay one write each, independent ones share it,
and nobody waits for a timer.

Writing happens on the event loop itself as long as the storage is fast: handing
it to a thread and back costs more than a local commit. Where a write turns out
to be slow (an fsync per commit, a network file system), it moves to a thread,
and entries gather behind the one in flight.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from stackwright.errors import StackwrightError, StateError
from stackwright.state._entries import encode_begin, encode_change
from stackwright.state._property_json import PropertyWriter
from stackwright.state._resource import ResourceState
from stackwright.state._snapshot import Key, OperationKind
from stackwright.state._store import Change

_SLOW: Final = 0.004
"""Seconds. An event loop that stands still this long per commit is better off with a thread."""


class TurnJournal:
    """
    A `Journal` over a function that makes a batch of entries durable.

    *write* takes the encoded entries of one turn and returns when they are durable,
    all of them or none. It is never called twice at a time.
    """

    def __init__(
        self,
        write: Callable[[Sequence[bytes]], None],
        *,
        writer: PropertyWriter,
        next_key: int,
        next_number: int,
        threaded: bool = False,
    ) -> None:
        self._write = write
        self._writer = writer
        self._next_key = next_key
        self._next_number = next_number
        self._entries: list[bytes] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._in_flight: list[asyncio.Future[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = ThreadPoolExecutor(1, "stackwright-journal") if threaded else None
        self._slowness = 0.0
        self._failure: StackwrightError | None = None  # why no more entries are taken
        self._write_failed = False

    def new_key(self) -> Key:
        """See `Journal.new_key`."""
        key = self._next_key
        self._next_key += 1
        return Key(key)

    def begin(self, kind: OperationKind, resource: ResourceState) -> tuple[int, Awaitable[None]]:
        """See `Journal.begin`."""
        number = self._next_number
        self._next_number += 1
        return number, self._add(lambda: encode_begin(number, kind, resource, self._writer))

    def commit(self, change: Change) -> Awaitable[None]:
        """See `Journal.commit`."""
        return self._add(lambda: encode_change(change, self._writer))

    async def flush(self) -> None:
        """See `Journal.flush`."""
        if self._waiting:
            await asyncio.shield(self._waiting[-1])
        elif self._in_flight:
            await asyncio.shield(self._in_flight[-1])
        if self._failure is not None:
            raise self._failure

    def close(self, reason: StackwrightError) -> None:
        """Take no more entries: later ones, and those not yet durable, fail with *reason*."""
        if self._failure is None:
            self._failure = reason
        waiting, self._waiting, self._entries = self._waiting, [], []
        loop = self._loop
        if waiting and loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(_settle, waiting, self._failure)
        if self._thread is not None:
            self._thread.shutdown(wait=True)

    # A turn -------------------------------------------------------------------------------------

    def _add(self, encoded: Callable[[], bytes]) -> asyncio.Future[None]:
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        if self._failure is None:
            try:
                # Encoded now: what becomes durable is what the caller meant at this moment.
                self._entries.append(encoded())
            except StackwrightError as error:
                # An entry that cannot be written leaves a hole; whatever follows might build on it.
                self._failure = error
        if self._failure is not None:
            _settle([done], self._failure)
            return done
        self._waiting.append(done)
        if len(self._waiting) == 1 and not self._in_flight:
            loop.call_soon(self._end_turn)
        return done

    def _end_turn(self) -> None:
        if not self._waiting:
            return
        entries, self._entries = self._entries, []
        waiting, self._waiting = self._waiting, []
        if self._write_failed:
            _settle(waiting, self._failure)
        elif self._thread is None:
            started = time.perf_counter()
            self._finish(waiting, self._try(entries))
            self._slowness += (time.perf_counter() - started - self._slowness) / 8
            if self._slowness > _SLOW:
                self._thread = ThreadPoolExecutor(1, "stackwright-journal")
        else:
            self._in_flight = waiting
            loop = asyncio.get_running_loop()
            outcome = loop.run_in_executor(self._thread, self._try, entries)
            outcome.add_done_callback(lambda task: self._landed(waiting, task.result()))

    def _try(self, entries: Sequence[bytes]) -> StackwrightError | None:
        try:
            self._write(entries)
        except StackwrightError as error:
            return error
        except Exception as error:  # noqa: BLE001 - whoever awaits these entries has to learn of it
            unexpected = StateError(f"The journal cannot be written: {error}")
            unexpected.__cause__ = error
            return unexpected
        return None

    def _landed(self, waiting: list[asyncio.Future[None]], error: StackwrightError | None) -> None:
        self._in_flight = []
        self._finish(waiting, error)
        self._end_turn()

    def _finish(self, waiting: list[asyncio.Future[None]], error: StackwrightError | None) -> None:
        if error is not None:
            self._write_failed = True
            self._failure = self._failure or error
        _settle(waiting, error)


def _settle(waiting: list[asyncio.Future[None]], error: StackwrightError | None) -> None:
    for future in waiting:
        if future.done():  # its waiter was cancelled; the entry is recorded all the same
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
            future.exception()  # not everybody waits for every entry
