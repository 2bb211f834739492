"""
The deployment's address, for providers that build components or carry out methods (protocol.md §8.14, §8.15).

Their processes register resources with this deployment while it waits for them. The
server is started when the first of them needs it, and shared by all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from stackwright.monitor import Monitor
from stackwright.urn import Urn

if TYPE_CHECKING:
    from stackwright.wire import MonitorServer


class Guests:
    """Serves one deployment's monitor to other processes. Used on the engine's loop only."""

    def __init__(self, monitor: Callable[[], Monitor], root: Callable[[], Urn | None]) -> None:
        self._monitor = monitor
        self._root = root
        self._starting = asyncio.Lock()
        self._server: MonitorServer | None = None

    async def address(self) -> str:
        """
        Where the deployment can be reached.

        Raises:
            RuntimeError: The system gives no loopback port.
        """
        async with self._starting:
            if self._server is None:
                from stackwright.wire import MonitorServer

                self._server = await MonitorServer.start(self._monitor(), guest=True, root=self._root)
            return self._server.address

    async def close(self) -> None:
        """Be reachable no longer."""
        if self._server is not None:
            await self._server.stop()
