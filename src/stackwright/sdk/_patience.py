"""
How long a program that has failed waits for what its own code still awaits (sdk.md §9.3).

What was asked for is carried out and recorded in any case. But a transform that sleeps, or a callback
that awaits what never comes, must not keep a failure from being told: it is given up after a while.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from stackwright.diagnostics import Severity
from stackwright.lazy import LazyModule
from stackwright.sdk._session import Session

if TYPE_CHECKING:
    import asyncio
else:
    asyncio = LazyModule("asyncio")

SECONDS: Final = 10.0


@contextmanager
def patience(session: Session, *, failed: bool) -> Iterator[None]:
    """
    While the block lasts, and once the program has *failed*, give up what it awaits for long.

    A program whose failures are all handled in time is none that has failed.
    """
    due: asyncio.TimerHandle | None = None
    told = False

    def look() -> None:
        nonlocal due, told
        due = None
        waiting = list(session.turns.awaiting)
        if not (failed or session.failures):
            return
        if waiting and not told:
            told = True
            session.log(
                Severity.WARNING,
                f"The program has failed. What its transforms and callbacks still await after {SECONDS:g} s "
                "is given up",
            )
        for future in waiting:
            future.cancel()
        expect()

    def expect() -> None:
        nonlocal due
        if due is None:
            due = asyncio.get_running_loop().call_later(SECONDS, look)

    session.on_failure = expect
    if failed or session.failures:
        expect()
    try:
        yield
    finally:
        session.on_failure = None
        if due is not None:
            due.cancel()
