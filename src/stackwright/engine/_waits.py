"""
Waiting for policy packs, which may take their time and may never answer.

Decides when the user hears of a wait, when a pack is given up, and that a stopped
deployment waits no longer: policies change nothing, so none has to be heard to its end.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Coroutine, Iterator
from typing import Any, Final, TypeVar

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.engine._events import Reporter, ignore
from stackwright.engine.apply import DeploymentStoppedError
from stackwright.environment import POLICY_TIMEOUT
from stackwright.errors import StackwrightError
from stackwright.urn import Urn

T = TypeVar("T")

FIRST_NOTICE: Final[float] = 10
"""Seconds until a wait is told of; then it is told of whenever it has become twice as long."""


class PolicySilentError(StackwrightError):
    """A policy pack did not answer in time."""

    code = "policy-silent"

    def __init__(self, pack: str, doing: str, limit: float) -> None:
        super().__init__(
            f"the policy pack `{pack}` did not {doing} within {limit:g} s",
            detail="A policy waits for something, or never ends",
            hint="STACKWRIGHT_POLICY_TIMEOUT sets how many seconds a pack has for an answer (0: any number)",
        )


class Waits:
    """
    Everything that one operation waits for from its packs. Used on one event loop.

    A pack that keeps many waiting is told of once: under the resource that waits longest.
    """

    def __init__(self, report: Reporter = ignore) -> None:
        self._report = report
        self._limit: float = max(POLICY_TIMEOUT.value(), 0) or math.inf
        self._waiting: dict[str, dict[asyncio.Future[Any], None]] = {}
        self._stopping: asyncio.Future[None] | None = None

    def stop(self) -> None:
        """Nothing is waited for any more, now or later. Idempotent."""
        if not self._stopped.done():
            self._stopped.set_result(None)

    @property
    def _stopped(self) -> asyncio.Future[None]:
        if self._stopping is None:
            self._stopping = asyncio.get_running_loop().create_future()
        return self._stopping

    async def unless_stopped(self, work: Coroutine[Any, Any, T]) -> T:
        """
        What *work* gives, which has waits of its own.

        Raises:
            DeploymentStoppedError: `stop` came first; *work* is cancelled and over.
        """
        task = asyncio.ensure_future(work)
        try:
            await self._ended(task, None)
            return task.result()
        finally:
            await _canceled(task)

    async def answer(
        self,
        pack: str,
        doing: str,
        work: Coroutine[Any, Any, T],
        urn: Urn | None = None,
        *,
        limited: bool = True,
    ) -> T:
        """
        What *work* gets from *pack*; *doing* says in words what the pack is to do, *urn* for which resource.

        Work that is not *limited* ends by itself.

        Raises:
            PolicySilentError: It did not within the limit that the user has set.
            DeploymentStoppedError: `stop` came first.
        """
        limit = self._limit if limited else math.inf
        task = asyncio.ensure_future(work)
        waiting = self._waiting.setdefault(pack, {})
        waiting[task] = None
        try:
            for seconds, elapsed in _pauses(limit):
                if await self._ended(task, seconds):
                    return task.result()
                if next(iter(waiting)) is task and elapsed < limit:
                    more = f", and {len(waiting) - 1} more answers" if len(waiting) > 1 else ""
                    end = f"; it is given up after {limit:g} s" if limit < math.inf else ""
                    self._tell(f"`{pack}` to {doing}{more}: {elapsed:g} s so far{end}", urn)
            raise PolicySilentError(pack, doing, limit)
        finally:
            del waiting[task]
            await _canceled(task)

    async def _ended(self, task: asyncio.Future[Any], seconds: float | None) -> bool:
        """Whether *task* was over within so many seconds."""
        await asyncio.wait({task, self._stopped}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if self._stopped.done() and not task.done():
            raise DeploymentStoppedError
        return task.done()

    def _tell(self, what: str, urn: Urn | None) -> None:
        text = f"Waiting for the policy pack {what}"
        self._report(Diagnostic(severity=Severity.INFO, message=text, urn=urn))


def _pauses(limit: float) -> Iterator[tuple[float, float]]:
    """How long to wait until something is to be said, and for how long it will have been then."""
    elapsed, until = 0.0, min(FIRST_NOTICE, limit)
    while elapsed < limit:
        yield until - elapsed, until
        elapsed, until = until, min(2 * until, limit)


async def _canceled(task: asyncio.Future[Any]) -> None:
    """See to it that *task* is over: what it holds is given up before anything else goes on."""
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
