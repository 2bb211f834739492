"""Servers of the protocol: on loopback, on a port of the system's choice, with a health service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, Final

from stackwright.environment import TRACEPARENT
from stackwright.wire._grpc import load_grpc
from stackwright.wire._services import CHANNEL_OPTIONS, SERVER_OPTIONS

if TYPE_CHECKING:
    import grpc.aio

    from stackwright.wire.stubs.grpc.health.v1 import health_pb2

LOOPBACK: Final = "127.0.0.1"


class LocalServer:
    """
    A running server. Its services are those that *register* added to it, and Health.

    It lives on the event loop that started it; `stop` ends it there.
    """

    def __init__(self, server: grpc.aio.Server, port: int) -> None:
        self._server = server
        self.address = f"{LOOPBACK}:{port}"

    @classmethod
    async def start(cls, *register: Callable[[grpc.aio.Server], None]) -> LocalServer:
        """
        Bind and start. Each of *register* adds services: `partial(add_XServicer_to_server, servicer)`.

        Raises:
            RuntimeError: The system gives no loopback port.
        """
        from stackwright.wire.stubs.grpc.health.v1 import health_pb2

        server = load_grpc().server(options=(*CHANNEL_OPTIONS, *SERVER_OPTIONS))
        for add in register:
            add(server)
        health_pb2.add_HealthServicer_to_server(_Health(), server)
        port = server.add_insecure_port(f"{LOOPBACK}:0")
        await server.start()
        return cls(server, port)

    async def stop(self, grace: float | None = None) -> None:
        """Take no more calls; end those under way after *grace* seconds (None: at once)."""
        await self._server.stop(grace)


class _Health:
    """Says of every service that it is serving: whoever can ask, is answered (protocol.md §1)."""

    async def Check(  # noqa: N802 - the protocol's name
        self, request: health_pb2.HealthCheckRequest, context: Any
    ) -> health_pb2.HealthCheckResponse:
        del request, context
        return _serving()

    async def Watch(  # noqa: N802 - the protocol's name
        self, request: health_pb2.HealthCheckRequest, context: Any
    ) -> AsyncIterator[health_pb2.HealthCheckResponse]:
        del request, context
        yield _serving()
        await asyncio.Event().wait()  # the answer never changes, so the stream only stays open


def _serving() -> health_pb2.HealthCheckResponse:
    from stackwright.wire.stubs.grpc.health.v1 import health_pb2

    return health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVING)


def open_channel(address: str) -> grpc.aio.Channel:
    """A channel to a server of the protocol at *address*, with the protocol's limits; connects lazily."""
    channel: grpc.aio.Channel = load_grpc().insecure_channel(
        address,
        # A channel is to one process on this machine: no proxy, and no sharing of connections with
        # another channel to a port that the system has given out again.
        options=(*CHANNEL_OPTIONS, ("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1)),
        interceptors=_interceptors(),
    )
    return channel


def _interceptors() -> list[Any]:
    """What calls are to pass through before they leave."""
    if not TRACEPARENT.is_set():
        return []
    from stackwright.wire._traced_calls import traced

    return traced()
