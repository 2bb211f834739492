"""Work that several wait for, each of whom may be cancelled without the others."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def shared(work: Coroutine[Any, Any, T]) -> asyncio.Future[T]:
    """
    Start *work*; to be waited for under `asyncio.shield`.

    When it fails and nobody waits any more, since all were told to stop, nobody is told.
    """
    task = asyncio.ensure_future(work)
    task.add_done_callback(_look_at)
    return task


def _look_at(task: asyncio.Future[Any]) -> None:
    if not task.cancelled():
        task.exception()
