"""
Side channels of a plugin (terraform.md §1.5): sockets it opens for us beside its own.

A plugin announces each by a number that some answer of it mentions. Terraform's
protocols mention none; the service is there all the same, and this is its other end.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from stackwright.providers._interface import ProviderGoneError
from stackwright.wire.rpc import Network, RpcClient, RpcError


class PluginBroker:
    """Knows what a plugin announced. The stream to it begins with the first `dial`; ended by `close`."""

    def __init__(self, client: RpcClient) -> None:
        self._client = client
        self._announced: dict[int, asyncio.Future[tuple[Network, str]]] = {}
        self._listening: asyncio.Task[None] | None = None

    async def dial(self, service: int, *, within: float = 5) -> RpcClient:
        """
        A client of the socket announced under *service*; the caller closes it.

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
        return RpcClient(*announced.result())

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])

    async def _listen(self) -> None:
        from google.protobuf.message import DecodeError

        from stackwright.wire.stubs.terraform import plugin_pb2

        announcing = self._client.stream("/plugin.GRPCBroker/StartStream", None)
        try:
            with contextlib.suppress(RpcError, DecodeError):
                while (message := await announcing.read()) is not None:
                    said = plugin_pb2.ConnInfo.FromString(message)
                    future = self._future(said.service_id)
                    if not future.done():
                        future.set_result(("unix" if said.network == "unix" else "tcp", said.address))
        finally:
            announcing.cancel()

    def _future(self, service: int) -> asyncio.Future[tuple[Network, str]]:
        if service not in self._announced:
            self._announced[service] = asyncio.get_running_loop().create_future()
        return self._announced[service]
