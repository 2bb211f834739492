"""
The deployments that a provider works for, each reached once.

A provider answers many requests of one deployment, and some of several. What it asks for
on their behalf goes to the monitor that each request names. A connection stays until the
provider ends: hooks that a component has declared are called long after it was made.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from stackwright.goals import DeploymentInfo

if TYPE_CHECKING:
    from stackwright.wire import RemoteMonitor


class Deployments:
    """Monitors by what requests say of them; used on the server's event loop alone."""

    def __init__(self) -> None:
        self._reached: dict[tuple[Any, ...], asyncio.Future[RemoteMonitor]] = {}

    async def monitor(self, request: Any, engine_address: str) -> RemoteMonitor | None:
        """
        The monitor of a Construct or Call; None if it names none.

        Raises:
            MonitorUnreachableError: Nobody answers at its address.
        """
        if not request.monitorEndpoint:
            return None
        # Systems give ports out again, so the address alone does not say whose it is.
        key = (
            request.monitorEndpoint,
            engine_address,
            request.organization,
            request.project,
            request.stack,
            request.dryRun,
        )
        reached = self._reached.get(key)
        if reached is None:
            reached = self._reached[key] = asyncio.ensure_future(self._reach(request, engine_address))
        try:
            return await asyncio.shield(reached)
        except Exception:
            self._reached.pop(key, None)
            raise

    @staticmethod
    async def _reach(request: Any, engine_address: str) -> RemoteMonitor:
        from stackwright.wire import RemoteMonitor

        info = DeploymentInfo(
            project=request.project,
            stack=request.stack,
            organization=request.organization or "organization",
            config=dict(request.config),
            config_secret_keys=frozenset(request.configSecretKeys),
            dry_run=request.dryRun,
            parallel=request.parallel or 1,
        )
        remote = RemoteMonitor(request.monitorEndpoint, info=info, engine=engine_address)
        return await asyncio.to_thread(remote.open)

    async def close(self) -> None:
        """End all connections."""
        for reached in self._reached.values():
            if reached.done() and not reached.cancelled() and reached.exception() is None:
                await asyncio.to_thread(reached.result().close)
        self._reached.clear()
