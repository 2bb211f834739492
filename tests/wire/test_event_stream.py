"""Events to a listener at an address (protocol.md §14.5, cli.md §17.6)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from stackwright.wire import EventStream, LocalServer
from stackwright.wire.stubs.google.protobuf import empty_pb2
from stackwright.wire.stubs.pulumi import events_pb2


class Listener:
    """What a client of the automation interface serves."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.ended = False

    async def StreamEvents(self, requests: AsyncIterator[Any], context: Any) -> empty_pb2.Empty:
        async for request in requests:
            self.heard.append(request.event)
        self.ended = True
        return empty_pb2.Empty()


def write(address: str, *lines: str) -> None:
    with EventStream(address) as stream:
        for line in lines:
            stream.write(line + "\n")
            stream.flush()


def test_each_line_is_a_message() -> None:
    """All that was written has arrived, in order, and the stream has ended, when the block is left."""
    listener = Listener()

    async def scenario() -> None:
        server = await LocalServer.start(partial(events_pb2.add_EventsServicer_to_server, listener))
        await asyncio.to_thread(write, server.address, '{"sequence":0}', '{"sequence":1}')
        await server.stop()

    asyncio.run(scenario())
    assert listener.heard == ['{"sequence":0}', '{"sequence":1}']
    assert listener.ended


def test_nobody_listens() -> None:
    """An address where nobody is makes no operation fail, or wait."""

    async def scenario() -> str:
        server = await LocalServer.start()
        await server.stop()
        return server.address

    write(asyncio.run(scenario()), "{}")
