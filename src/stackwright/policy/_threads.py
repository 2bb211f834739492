"""
Threads for policies of this process, which nobody has to wait for.

A policy that never ends keeps its thread for good. The operation that gave it up ends all
the same, and so does the process: neither could with the threads of `asyncio.to_thread`.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any, Final, TypeVar

T = TypeVar("T")

_MOST: Final = 32
"""More policies at once than these help nobody: they are Python code in one process."""


class Threads:
    """Runs functions in threads of their own. Used on one event loop at a time."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(_MOST)

    async def run(self, work: Callable[..., T], *arguments: Any) -> T:
        """What *work* answers, or raises; a cancelled call leaves it to itself."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def settle(result: T | None, error: BaseException | None) -> None:
            if done.done():
                return
            if error is not None:
                done.set_exception(error)
            else:
                done.set_result(result)  # type: ignore[arg-type]  # None only with an error

        def body() -> None:
            result, error = None, None
            try:
                result = work(*arguments)
            except BaseException as problem:  # noqa: BLE001 - it is raised where the answer is awaited
                error = problem
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody asks any more
                loop.call_soon_threadsafe(settle, result, error)

        async with self._free:
            threading.Thread(target=body, name="policy", daemon=True).start()
            return await done
