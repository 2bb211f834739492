"""Servers, clients and the health service."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import grpc
import pytest

from stackwright.wire import LocalServer, open_channel
from stackwright.wire.stubs.google.protobuf.empty_pb2 import Empty
from stackwright.wire.stubs.grpc.health.v1 import health_pb2
from stackwright.wire.stubs.pulumi import engine_pb2, events_pb2, language_pb2


class Engine:
    def __init__(self) -> None:
        self.said: list[str] = []

    async def Log(self, request: engine_pb2.LogRequest, context: Any) -> Empty:
        self.said.append(request.message)
        return Empty()


class Host:
    async def InstallDependencies(self, request: Any, context: Any) -> Any:
        for text in (b"a", b"b"):
            yield language_pb2.InstallDependenciesResponse(stdout=text)


class Events:
    def __init__(self) -> None:
        self.seen: list[str] = []

    async def StreamEvents(self, requests: Any, context: Any) -> Empty:
        async for request in requests:
            self.seen.append(request.event)
        return Empty()


def test_methods_of_every_shape_are_served_and_called() -> None:
    """protocol.md §1: unary, server-streaming and client-streaming calls over loopback."""

    async def scenario() -> None:
        engine, events = Engine(), Events()
        server = await LocalServer.start(
            partial(engine_pb2.add_EngineServicer_to_server, engine),
            partial(events_pb2.add_EventsServicer_to_server, events),
            partial(language_pb2.add_LanguageRuntimeServicer_to_server, Host()),
        )
        channel = open_channel(server.address)
        try:
            assert server.address.startswith("127.0.0.1:")
            big = "x" * (5 * 1024 * 1024)
            await engine_pb2.EngineStub(channel).Log(engine_pb2.LogRequest(message=big))
            assert engine.said == [big]
            stream = language_pb2.LanguageRuntimeStub(channel).InstallDependencies(
                language_pb2.InstallDependenciesRequest()
            )
            assert [part.stdout async for part in stream] == [b"a", b"b"]
            requests = [events_pb2.EventRequest(event=text) for text in "xyz"]
            await events_pb2.EventsStub(channel).StreamEvents(iter(requests))
            assert events.seen == ["x", "y", "z"]
        finally:
            await channel.close()
            await server.stop()

    asyncio.run(scenario())


def test_a_method_that_nobody_wrote_is_unimplemented() -> None:
    """protocol.md §1: others probe for methods and expect that code."""

    async def scenario() -> None:
        server = await LocalServer.start(partial(engine_pb2.add_EngineServicer_to_server, Engine()))
        channel = open_channel(server.address)
        try:
            with pytest.raises(grpc.aio.AioRpcError) as failure:
                await engine_pb2.EngineStub(channel).GetRootResource(engine_pb2.GetRootResourceRequest())
            assert failure.value.code() is grpc.StatusCode.UNIMPLEMENTED
        finally:
            await channel.close()
            await server.stop()

    asyncio.run(scenario())


def test_health_is_served_beside_every_service() -> None:
    """protocol.md §1: `grpc.health.v1.Health` reports SERVING."""

    async def scenario() -> None:
        server = await LocalServer.start()
        channel = open_channel(server.address)
        try:
            stub = health_pb2.HealthStub(channel)
            request = health_pb2.HealthCheckRequest(service="pulumirpc.Engine")
            assert (await stub.Check(request)).status == health_pb2.HealthCheckResponse.SERVING
            watch = stub.Watch(request)
            assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
            watch.cancel()
        finally:
            await channel.close()
            await server.stop()

    asyncio.run(scenario())
