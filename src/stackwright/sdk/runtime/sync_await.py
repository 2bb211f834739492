"""Blocking on something awaitable, for generated code that has to answer at once (sdk.md §9.5)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar, cast

from stackwright.sdk._turns import current_loop, sync_await

T = TypeVar("T")


def _sync_await(awaitable: Awaitable[T]) -> T:
    """The result of *awaitable*; other callbacks of the program may run meanwhile."""
    return cast("T", sync_await(awaitable))


def _ensure_event_loop() -> asyncio.AbstractEventLoop:
    """The thread's event loop, made if there is none."""
    return current_loop()
