"""
The deployment's address, for providers that build components or carry out methods (protocol.md §8.14, §8.15).

Their processes register resources with this deployment while it waits for them. The
server is started when the first of them needs it, and shared by all. Each construction and
call has a handle, by which what they register can be traced to the line of the program
that asked for it (§10.12).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote, urlsplit

import msgspec

from stackwright.goals import PlacedRequest, SourcePosition
from stackwright.monitor import Monitor
from stackwright.urn import Urn

if TYPE_CHECKING:
    from stackwright.wire import MonitorServer

Placed = TypeVar("Placed", bound=PlacedRequest)


class Guests:
    """Serves one deployment's monitor to other processes. Used on the engine's loop only."""

    def __init__(self, monitor: Callable[[], Monitor], root: Callable[[], Urn | None]) -> None:
        self._monitor = monitor
        self._root = root
        self._starting = asyncio.Lock()
        self._server: MonitorServer | None = None
        self._traces: dict[str, tuple[SourcePosition, ...]] = {}

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

    def trace_handle(self, request: PlacedRequest) -> str:
        """A handle for the place that *request* comes from; empty if that is not known."""
        frames = request.stack_trace or ((request.source,) if request.source is not None else ())
        if not frames:
            return ""
        handle = f"trace-{len(self._traces) + 1}"
        self._traces[handle] = frames
        return handle

    def placed(self, request: Placed) -> Placed:
        """*request*, after the frames that its handle stands for; an unknown handle stands for none."""
        frames = self._traces.get(request.trace_handle)
        if frames is None:
            return request
        return msgspec.structs.replace(request, stack_trace=frames + request.stack_trace)

    async def close(self) -> None:
        """Be reachable no longer."""
        if self._server is not None:
            await self._server.stop()


def place_in_words(request: PlacedRequest) -> str:
    """The line of the program that asked, as tracebacks show it: the end of a message, or empty."""
    place = request.source or next(iter(request.stack_trace), None)
    if place is None:
        return ""
    return f'\n  File "{unquote(urlsplit(place.uri).path)}", line {place.line}'
