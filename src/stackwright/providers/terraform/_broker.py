"""
Side channels of a plugin (terraform.md §1.5): sockets it opens for us beside its own.

A plugin announces each by a number that some answer of it mentions. Terraform's
protocols mention none; the service is there all the same, and this is its other end.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from stackwright.providers._interface import ProviderGoneError
from stackwright.wire import load_grpc, open_channel

if TYPE_CHECKING:
    import grpc.aio


class PluginBroker:
    """Knows what a plugin announced. The stream to it begins with the first `dial`; ended by `close`."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel
        self._announced: dict[int, asyncio.Future[str]] = {}
        self._listening: asyncio.Task[None] | None = None

    async def dial(self, service: int, *, within: float = 5) -> grpc.aio.Channel:
        """
        A channel to the socket announced under *service*; the caller closes it.

        Raises:
            ProviderGoneError: Nothing was announced under that number in time.
        """
        if self._listening is None:
            self._listening = asyncio.ensure_future(self._listen())
        announced = self._future(service)
        first: list[asyncio.Future[Any]] = [announced, self._listening]
        await asyncio.wait(first, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        if not announced.done():
            raise ProviderGoneError(f"The plugin announced no side channel {service}")
        return open_channel(announced.result())

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])

    async def _listen(self) -> None:
        from stackwright.wire.stubs.terraform import plugin_pb2

        aio: Any = load_grpc()
        stub: Any = plugin_pb2.GRPCBrokerStub(self._channel)
        stream = stub.StartStream()
        with contextlib.suppress(aio.AioRpcError):
            while (said := await stream.read()) is not aio.EOF:
                future = self._future(said.service_id)
                if not future.done():
                    prefix = "unix:" if said.network == "unix" else ""
                    future.set_result(f"{prefix}{said.address}")

    def _future(self, service: int) -> asyncio.Future[str]:
        if service not in self._announced:
            self._announced[service] = asyncio.get_running_loop().create_future()
        return self._announced[service]
