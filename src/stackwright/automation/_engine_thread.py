"""The engine's own thread, with an event loop of its own (design.md §2)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from stackwright.debugging import untraced

T = TypeVar("T")


class EngineThread:
    """
    An event loop on a thread beside the program's. Use as a context manager.

    Leaving cancels what still runs there and waits for the thread to end.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = untraced(threading.Thread(target=self._run, name="stackwright-engine", daemon=True))

    def __enter__(self) -> EngineThread:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def start(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Run *work* on the engine's loop; the future is for the calling thread to wait on."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run *work* on the engine's loop and wait for it."""
        return self.start(work).result()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            left = asyncio.all_tasks(self._loop)
            for task in left:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
