"""The client with a genuine server of grpcio at the other end of a socket, and with none at all."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from stackwright.wire import CHANNEL_OPTIONS
from stackwright.wire._services import SERVER_OPTIONS
from stackwright.wire.rpc import RpcClient, RpcError, RpcStatus

ECHO, FAIL, COUNT, HANG, LISTEN = (
    f"/test.Service/{name}" for name in ("Echo", "Fail", "Count", "Hang", "Listen")
)

OPTIONS = (*CHANNEL_OPTIONS, *SERVER_OPTIONS)


class Service(grpc.GenericRpcHandler):
    """Messages are bytes, and mean what each method says."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()
        self.over = asyncio.Event()
        self.running = self.most = 0

    def service(self, details: grpc.HandlerCallDetails) -> Any:
        unary, stream = grpc.unary_unary_rpc_method_handler, grpc.unary_stream_rpc_method_handler
        return {
            ECHO: unary(self.echo),
            FAIL: unary(self.fail),
            HANG: unary(self.hang),
            COUNT: stream(self.count),
            LISTEN: grpc.stream_stream_rpc_method_handler(self.listen),
        }.get(details.method)

    async def echo(self, request: bytes, context: Any) -> bytes:
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0)
        self.running -= 1
        return request

    async def fail(self, request: bytes, context: Any) -> bytes:
        code, _, text = request.decode().partition(" ")
        context.set_trailing_metadata([("why-bin", b"\0because")])
        await context.abort(next(each for each in grpc.StatusCode if each.name == code), text)
        return b""

    async def hang(self, request: bytes, context: Any) -> bytes:
        self.arrived.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.over.set()
        return b""

    async def count(self, request: bytes, context: Any) -> AsyncIterator[bytes]:
        number, size = (int(text) for text in request.split())
        try:
            for at in range(number):
                yield str(at).encode().rjust(size, b".")
            if not number:
                await context.abort(grpc.StatusCode.OUT_OF_RANGE, "nothing to count")
        finally:
            self.over.set()

    async def listen(self, requests: Any, context: Any) -> AsyncIterator[bytes]:
        yield b"hello"
        await asyncio.Event().wait()


@asynccontextmanager
async def serving(
    address: str, service: Service | None = None, options: Any = OPTIONS
) -> AsyncIterator[grpc.aio.Server]:
    server = grpc.aio.server(options=options)
    server.add_generic_rpc_handlers((service or Service(),))
    assert server.add_insecure_port(address)
    await server.start()
    try:
        yield server
    finally:
        await server.stop(0)


def run(
    tmp_path: Path,
    scenario: Callable[[RpcClient, Service], Coroutine[Any, Any, Any]],
    options: Any = OPTIONS,
) -> Any:
    """Play *scenario* with a client of a genuine server."""

    async def play() -> Any:
        service = Service()
        path = str(tmp_path / "socket")
        async with serving(f"unix:{path}", service, options):
            client = RpcClient("unix", path)
            try:
                return await scenario(client, service)
            finally:
                await client.close()

    return asyncio.run(play())


class TestOneAnswer:
    def test_one_call(self, tmp_path: Path) -> None:
        async def scenario(client: RpcClient, service: Service) -> None:
            assert not client.is_connected
            assert await client.unary(ECHO, b"hello") == b"hello"
            assert await client.unary(ECHO, b"") == b""
            assert client.is_connected

        run(tmp_path, scenario)

    @pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
    def test_over_tcp(self, host: str) -> None:
        async def play() -> None:
            server = grpc.aio.server()
            server.add_generic_rpc_handlers((Service(),))
            try:
                port = server.add_insecure_port(f"{host}:0")
            except RuntimeError:
                pytest.skip(f"nothing can listen on {host} here")
            await server.start()
            client = RpcClient("tcp", f"{host}:{port}")
            try:
                assert await client.unary(ECHO, b"hello") == b"hello"
            finally:
                await client.close()
                await server.stop(0)

        asyncio.run(play())

    @pytest.mark.parametrize("text", ["", "no", "so was 100% nötig\n\t☃"])
    def test_each_status(self, text: str, tmp_path: Path) -> None:
        async def scenario(client: RpcClient, service: Service) -> None:
            for code in [each for each in grpc.StatusCode if each is not grpc.StatusCode.OK]:
                with pytest.raises(RpcError) as failure:
                    await client.unary(FAIL, f"{code.name} {text}".encode())
                assert (failure.value.status.name, failure.value.details) == (code.name, text)
                assert failure.value.status == code.value[0]
                assert b"why-bin" in failure.value.trailers

        run(tmp_path, scenario)

    def test_a_method_that_there_is_not(self, tmp_path: Path) -> None:
        async def scenario(client: RpcClient, service: Service) -> None:
            with pytest.raises(RpcError) as failure:
                await client.unary("/test.Service/Missing", b"")
            assert failure.value.status is RpcStatus.UNIMPLEMENTED

        run(tmp_path, scenario)

    @pytest.mark.parametrize("size", [16_379, 16_380, 65_530, 65_531, 40_000_000])
    def test_large_messages_both_ways(self, size: int, tmp_path: Path) -> None:
        async def scenario(client: RpcClient, service: Service) -> None:
            message = bytes(range(256)) * (size // 256) + bytes(size % 256)
            assert await client.unary(ECHO, message) == message

        run(tmp_path, scenario)

    def test_messages_of_all_sizes_at_once(self, tmp_path: Path) -> None:
        async def scenario(client: RpcClient, service: Service) -> None:
            sizes = [*range(0, 300_000, 7_001), *range(20)] * 3
            found = await asyncio.gather(*(client.unary(ECHO, bytes(size)) for size in sizes))
            assert [len(each) for each in found] == sizes

        run(tmp_path, scenario)

    def test_thousands_at_once(self, tmp_path: Path) -> None:
        async def scenario(client: RpcClient, service: Service) -> None:
            sent = [str(at).encode() for at in range(3000)]
            assert await asyncio.gather(*(client.unary(ECHO, each) for each in sent)) == sent

        run(tmp_path, scenario)

    def test_a_server_that_takes_one_at_a_time(self, tmp_path: Path) -> None:
        async def scenario(client: RpcClient, service: Service) -> None:
            await client.connect()
            sent = [str(at).encode() for at in range(50)]
            assert await asyncio.gather(*(client.unary(ECHO, each) for each in sent)) == sent
            assert service.most == 1

        run(tmp_path, scenario, (*OPTIONS, ("grpc.max_concurrent_streams", 1)))

    def test_too_large_a_message_is_not_sent(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("stackwright.wire.rpc._client.MAX_MESSAGE_BYTES", 10)

        async def scenario(client: RpcClient, service: Service) -> None:
            with pytest.raises(RpcError) as failure:
                await client.unary(ECHO, bytes(11))
            assert failure.value.status is RpcStatus.RESOURCE_EXHAUSTED

        run(tmp_path, scenario)

    @pytest.mark.parametrize("way", ["caller", "deadline", "call"])
    def test_cancelling_tells_the_server(self, way: str, tmp_path: Path) -> None:
        async def scenario(client: RpcClient, service: Service) -> None:
            if way == "call":
                call = client.start(HANG, b"")
                await service.arrived.wait()
                call.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await call.answer
            elif way == "deadline":
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(client.unary(HANG, b""), 0.2)
            else:
                waiting = asyncio.ensure_future(client.unary(HANG, b""))
                await service.arrived.wait()
                waiting.cancel()
                await asyncio.wait([waiting])
                assert waiting.cancelled()
            await service.over.wait()
            assert await client.unary(ECHO, b"x") == b"x"

        run(tmp_path, scenario)


class TestManyAnswers:
    def test_all_of_them(self, tmp_path: Path) -> None:
        async def scenario(client: RpcClient, service: Service) -> None:
            call = client.stream(COUNT, b"5 1")
            found = [await call.read() for _ in range(7)]
            assert found == [b"0", b"1", b"2", b"3", b"4", None, None]

        run(tmp_path, scenario)

    def test_a_failure(self, tmp_path: Path) -> None:
        async def scenario(client: RpcClient, service: Service) -> None:
            with pytest.raises(RpcError) as failure:
                await client.stream(COUNT, b"0 1").read()
            assert failure.value.details == "nothing to count"

        run(tmp_path, scenario)

    def test_many_of_many_bytes(self, tmp_path: Path) -> None:
        async def scenario(client: RpcClient, service: Service) -> None:
            call = client.stream(COUNT, b"60 1000000")
            for at in range(60):
                message = await call.read()
                assert message is not None
                assert int(message.lstrip(b".")) == at
            assert await call.read() is None

        run(tmp_path, scenario)

    def test_a_server_waits_for_one_who_reads_slowly(self, tmp_path: Path) -> None:
        async def scenario(client: RpcClient, service: Service) -> None:
            call = client.stream(COUNT, b"100 1000000")
            assert await call.read()
            for _ in range(50):
                await client.unary(ECHO, bytes(100_000))
            assert not service.over.is_set()
            assert len(call._messages) < 40
            call.cancel()
            await service.over.wait()

        run(tmp_path, scenario)

    def test_leaving_early(self, tmp_path: Path) -> None:
        async def scenario(client: RpcClient, service: Service) -> None:
            call = client.stream(COUNT, b"1000000 1")
            assert await call.read() == b"0"
            call.cancel()
            await service.over.wait()

        run(tmp_path, scenario)

    def test_cancelling_while_somebody_reads(self, tmp_path: Path) -> None:
        async def scenario(client: RpcClient, service: Service) -> None:
            call = client.stream(LISTEN, None)
            assert await call.read() == b"hello"
            reading = asyncio.ensure_future(call.read())
            await asyncio.sleep(0)
            call.cancel()
            await asyncio.wait([reading])
            assert reading.cancelled()
            with pytest.raises(RpcError) as failure:
                await call.read()
            assert failure.value.status is RpcStatus.CANCELLED

        run(tmp_path, scenario)


class TestTheConnection:
    def test_nobody_there(self, tmp_path: Path) -> None:
        async def scenario() -> None:
            for client in (
                RpcClient("unix", str(tmp_path / "nothing")),
                RpcClient("tcp", "127.0.0.1:1"),
                RpcClient("tcp", "127.0.0.1:x"),
            ):
                with pytest.raises(RpcError) as failure:
                    await client.unary(ECHO, b"")
                assert failure.value.status is RpcStatus.UNAVAILABLE
                assert "there is no connection to" in failure.value.details
                await client.close()

        asyncio.run(scenario())

    def test_waiting_for_a_server_that_is_coming_up(self, tmp_path: Path) -> None:
        async def scenario() -> None:
            path = str(tmp_path / "socket")
            client = RpcClient("unix", path)
            waiting = asyncio.ensure_future(client.connect())
            with pytest.raises(RpcError):
                await client.unary(ECHO, b"")
            async with serving(f"unix:{path}"):
                await waiting
                assert client.is_connected
                await client.close()

        asyncio.run(scenario())

    def test_a_server_that_ends_says_so_to_those_who_wait(self, tmp_path: Path) -> None:
        async def scenario() -> None:
            path = str(tmp_path / "socket")
            service = Service()
            client = RpcClient("unix", path)
            async with serving(f"unix:{path}", service) as server:
                hanging = asyncio.ensure_future(client.unary(HANG, b""))
                await service.arrived.wait()
                await server.stop(0)
            with pytest.raises(RpcError) as failure:
                await hanging
            assert failure.value.status in (RpcStatus.UNAVAILABLE, RpcStatus.CANCELLED)
            async with serving(f"unix:{path}"):
                await client.connect()
                assert await client.unary(ECHO, b"again") == b"again"
            await client.close()

        asyncio.run(scenario())

    def test_a_server_that_goes_away_in_peace_finishes_what_it_has(self, tmp_path: Path) -> None:
        async def scenario() -> None:
            path = str(tmp_path / "socket")
            client = RpcClient("unix", path)
            async with serving(f"unix:{path}") as server:
                call = client.stream(COUNT, b"100 100000")
                assert await call.read()
                stopping = asyncio.ensure_future(server.stop(10))
                for _ in range(99):
                    assert await call.read()
                assert await call.read() is None
                await stopping
            assert not client.is_connected
            await client.close()

        asyncio.run(scenario())

    def test_a_server_that_limits_the_age_of_connections(self, tmp_path: Path) -> None:
        """What is asked after a farewell goes over a connection of its own."""

        async def scenario(client: RpcClient, service: Service) -> None:
            hanging = asyncio.ensure_future(client.unary(HANG, b""))
            await service.arrived.wait()
            while client.is_connected:
                await asyncio.sleep(0.02)
            assert await client.unary(ECHO, b"x") == b"x"
            assert not hanging.done()
            await client.close()
            await asyncio.wait([hanging])
            assert isinstance(hanging.exception(), RpcError)

        run(tmp_path, scenario, (*OPTIONS, ("grpc.max_connection_age_ms", 200)))

    def test_closing_ends_what_is_under_way(self, tmp_path: Path) -> None:
        async def scenario(client: RpcClient, service: Service) -> None:
            waiting = asyncio.ensure_future(client.unary(HANG, b""))
            await service.arrived.wait()
            await client.close()
            await client.close()
            for late in (waiting, client.unary(ECHO, b"")):
                with pytest.raises(RpcError) as failure:
                    await late
                assert failure.value.status is RpcStatus.UNAVAILABLE
                assert failure.value.details == "the connection was closed"

        run(tmp_path, scenario)

    @pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"\0\0\0\7\0\0\0\0\0"])
    def test_something_else_at_the_other_end(self, said: bytes, tmp_path: Path) -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(10_000)
            writer.write(said)
            writer.close()

        async def scenario() -> None:
            server = await asyncio.start_unix_server(answer, tmp_path / "socket")
            client = RpcClient("unix", str(tmp_path / "socket"))
            with pytest.raises(RpcError) as failure:
                await client.unary(ECHO, b"")
            assert failure.value.status is RpcStatus.UNAVAILABLE
            assert ("broke the protocol" if said else "was lost") in failure.value.details
            await client.close()
            server.close()

        asyncio.run(scenario())

    @pytest.mark.parametrize("turns", [0, 3])
    def test_a_peer_that_says_nothing_does_not_keep_us(self, turns: int, tmp_path: Path) -> None:
        async def scenario() -> None:
            with socket.socket(socket.AF_UNIX) as silent:
                silent.bind(str(tmp_path / "socket"))
                silent.listen()
                client = RpcClient("unix", str(tmp_path / "socket"))
                calls = [asyncio.ensure_future(client.unary(ECHO, b"")) for _ in range(20_000)]
                for _ in range(turns):  # before, or after the connection is there
                    await asyncio.sleep(0)
                await client.close()
                await asyncio.wait(calls)
                assert all(isinstance(call.exception(), RpcError) for call in calls)

        asyncio.run(scenario())
