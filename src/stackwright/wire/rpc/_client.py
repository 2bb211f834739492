"""
A gRPC client on asyncio, for servers on this machine.

It exists because there are thousands of short calls to plugins in a run, and grpcio for
asyncio takes several times as long for each as everything else that we do for it; and
because Python's TLS takes the certificates that plugins make for themselves, where
grpcio's does not. One connection carries all calls of a client; what is said in one turn
of the loop goes out together.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from typing import Final, Literal

from stackwright.wire._services import MAX_MESSAGE_BYTES
from stackwright.wire.rpc._call import Call, RpcError, RpcStatus, framed, request_block
from stackwright.wire.rpc._http2 import Http2Code, Http2Connection, ProtocolViolationError

_FIRST_PAUSE: Final = 0.02
_LAST_PAUSE: Final = 1.0
"""Between attempts to reach a server that is still coming up."""
_REFUSED_PAUSE: Final = 0.005
"""After a refusal; twice as much after each further one."""
_AT_ONCE: Final = 16
"""How many calls are sent together, at most."""
_FAREWELL: Final = 1.0
"""How long the last bytes may take."""
_CLOSED: Final = "the connection was closed"

Network = Literal["unix", "tcp"]


class UnaryCall(Call):
    """A call with one answer, which is in `answer` some day."""

    __slots__ = ("_message", "answer")

    def __init__(self, transport: _Transport) -> None:
        super().__init__(transport.state, transport.flush_soon)
        self.answer: asyncio.Future[bytes] = transport.loop.create_future()
        self._message: bytes | None = None

    def cancel(self) -> None:
        """Whoever waits hears that it is cancelled, and the server that nobody does."""
        if not self._is_over:
            self.abandon()
        self.answer.cancel()

    def hear_message(self, message: bytes) -> None:
        if self._message is not None:
            self._refuse("a second answer to one question")
        else:
            self._message = message

    def hear_end(self, error: RpcError | None) -> None:
        if self.answer.done():
            return
        if error is not None:
            self.answer.set_exception(error)
        elif self._message is None:
            self.answer.set_exception(RpcError(RpcStatus.INTERNAL, "the server answered nothing"))
        else:
            self.answer.set_result(self._message)


class StreamCall(Call):
    """A call with many answers; they are waited for one after the other."""

    __slots__ = ("_error", "_messages", "_waiter")

    def __init__(self, transport: _Transport) -> None:
        super().__init__(transport.state, transport.flush_soon)
        self._messages: deque[bytes] = deque()
        self._error: RpcError | None = None
        self._waiter: asyncio.Future[None] | None = None

    async def read(self) -> bytes | None:
        """
        The next answer, or None after the last.

        Raises:
            RpcError: There is none, and not because it was the last.
        """
        while not self._messages:
            if self._is_over:
                if self._error is not None:
                    raise self._error
                return None
            self.accept_more()
            self._flush()
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._messages.popleft()

    def cancel(self) -> None:
        """No more answers are wanted; whoever waits for one hears that it is cancelled."""
        if not self._is_over:
            self._error = RpcError(RpcStatus.CANCELLED, "the call was cancelled")
            self.abandon()
        if self._waiter is not None:
            self._waiter.cancel()

    def accept_more(self) -> None:
        if not self._messages:
            super().accept_more()

    def hear_message(self, message: bytes) -> None:
        self._messages.append(message)
        self._wake()

    def hear_end(self, error: RpcError | None) -> None:
        self._error = error
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class _Transport(asyncio.Protocol):
    """One connection: between the socket and the state."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.state = Http2Connection()
        self.ready: asyncio.Future[None] = loop.create_future()
        """Done when the server has introduced itself, or the connection has failed."""
        self.closed: asyncio.Future[None] = loop.create_future()
        self.loop = loop
        self._socket: asyncio.Transport | None = None
        self._trying_again: asyncio.TimerHandle | None = None
        self._unsent = 0
        """For how much a flush is due; none is when this is nought."""

    @property
    def is_usable(self) -> bool:
        return self.state.going_away is None

    def flush_soon(self) -> None:
        """
        Send what there is when this turn of the loop is over.

        In a long turn that asks much, earlier: the server can begin while we prepare the rest.
        """
        self._unsent += 1
        if self._unsent == 1:
            self.loop.call_soon(self._flush_last)
        elif self._unsent % _AT_ONCE == 0:
            self._flush()

    def _flush_last(self) -> None:
        self._unsent = 0
        self._flush()

    def _flush(self) -> None:
        if self._socket is not None:
            out = self.state.take_output()
            if out:
                self._socket.write(out)
            if self.state.going_away is not None and self.state.is_idle:
                self._socket.close()

    def fail(self, reason: str) -> None:
        """Tell everybody that the connection cannot be used."""
        self.state.lose(reason)
        if self._trying_again is not None:
            self._trying_again.cancel()
        for future in (self.ready, self.closed):
            if not future.done():
                future.set_result(None)

    async def close(self) -> None:
        """Say goodbye and end every call."""
        self.state.lose(_CLOSED)
        self.state.go_away(Http2Code.NO_ERROR)
        self._flush()
        if self._socket is not None:
            await asyncio.wait([self.closed], timeout=_FAREWELL)
        if self._socket is not None:
            self._socket.abort()  # the other side takes nothing any more
        self.fail(_CLOSED)

    # What asyncio calls ----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._socket = transport
        self._flush()

    def data_received(self, data: bytes) -> None:
        try:
            self.state.receive(data)
        except ProtocolViolationError as error:
            self.state.lose(f"the server broke the protocol: {error.reason}")
            self.state.go_away(error.code, error.reason)
            self._flush()
            return
        if self.state.is_ready and not self.ready.done():
            self.ready.set_result(None)
        if self.state.has_output or not self.is_usable:
            self.flush_soon()
        if self._trying_again is None and (refusals := self.state.refusals):
            pause = _REFUSED_PAUSE * 2 ** (refusals - 1)
            self._trying_again = self.loop.call_later(pause, self._try_again)

    def _try_again(self) -> None:
        self._trying_again = None
        self.state.open_refused()
        self.flush_soon()

    def connection_lost(self, exc: Exception | None) -> None:
        self._socket = None
        self.fail(f"the connection was lost{f': {exc}' if exc else ''}")


class RpcClient:
    """
    Calls to one server. On one event loop; connects with the first call, ended by `close`.

    A connection that was lost, or that the server wants to end, is replaced by the next call.
    """

    def __init__(self, network: Network, address: str, *, tls: ssl.SSLContext | None = None) -> None:
        """*address* is a path, or a host and a port; a certificate has to be one for `localhost`."""
        self.address = address
        self._network = network
        self._tls = tls
        self._blocks: dict[str, bytes] = {}
        self._transport: _Transport | None = None
        self._others: set[_Transport] = set()
        """Connections that take no further calls, and have not ended."""
        self._connecting: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection on which calls have a prospect."""
        return self._transport is not None and self._transport.is_usable and self._transport.state.is_ready

    @property
    def trouble(self) -> str | None:
        """Why the connection cannot be used, if that is known."""
        return self._transport.state.going_away if self._transport is not None else None

    async def connect(self) -> None:
        """
        Return when the server can be called; tries again and again until then.

        Raises:
            RpcError: The client was closed.
        """
        pause = _FIRST_PAUSE
        while not self.is_connected:
            await asyncio.shield(self._usable().ready)
            if self._closed:
                raise RpcError(RpcStatus.UNAVAILABLE, _CLOSED)
            if not self.is_connected:
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LAST_PAUSE)

    def start(self, method: str, request: bytes) -> UnaryCall:
        """Begin a call of *method*, a path, that has one answer."""
        transport = self._usable()
        call = UnaryCall(transport)
        self._begin(transport, call, method, request)
        return call

    async def unary(self, method: str, request: bytes) -> bytes:
        """
        The answer of *method*.

        Raises:
            RpcError: It was another status than OK.
        """
        call = self.start(method, request)
        try:
            return await call.answer
        except asyncio.CancelledError:
            call.cancel()
            raise

    def stream(self, method: str, request: bytes | None) -> StreamCall:
        """Begin a call of *method* that has many answers; without a *request* it never says anything."""
        transport = self._usable()
        call = StreamCall(transport)
        self._begin(transport, call, method, request)
        return call

    async def close(self) -> None:
        """End all calls and the connection. Idempotent."""
        self._closed = True
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        transports = [*self._others, *([self._transport] if self._transport else [])]
        await asyncio.gather(*(each.close() for each in transports))

    def _begin(self, transport: _Transport, call: Call, method: str, request: bytes | None) -> None:
        block = self._blocks.get(method)
        if block is None:
            block = self._blocks[method] = request_block(method, tls=self._tls is not None)
        if request is not None and len(request) > MAX_MESSAGE_BYTES:
            details = f"the message takes {len(request):,} bytes, and {MAX_MESSAGE_BYTES:,} are allowed"
            call.hear_end(RpcError(RpcStatus.RESOURCE_EXHAUSTED, details))
            return
        transport.state.begin(call, block, None if request is None else framed(request))
        transport.flush_soon()

    def _usable(self) -> _Transport:
        """A connection that takes calls, which may not be there yet."""
        transport = self._transport
        if transport is not None:
            if transport.is_usable or self._closed:
                return transport
            if not transport.closed.done():
                self._others.add(transport)
                transport.closed.add_done_callback(lambda _: self._others.discard(transport))
        loop = asyncio.get_running_loop()
        transport = self._transport = _Transport(loop)
        if self._closed:
            transport.fail(_CLOSED)
        else:
            self._connecting = loop.create_task(self._open(transport))
        return transport

    async def _open(self, transport: _Transport) -> None:
        loop = asyncio.get_running_loop()
        name = "localhost" if self._tls else None
        try:
            if self._network == "unix":
                await loop.create_unix_connection(
                    lambda: transport, self.address, ssl=self._tls, server_hostname=name
                )
            else:
                host, _, port = self.address.rpartition(":")
                await loop.create_connection(
                    lambda: transport, host.strip("[]"), int(port), ssl=self._tls, server_hostname=name
                )
        except (OSError, ValueError) as error:
            transport.fail(f"there is no connection to {self.address}: {error}")
        except asyncio.CancelledError:
            transport.fail(_CLOSED)
            raise
