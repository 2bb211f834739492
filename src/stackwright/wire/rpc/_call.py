"""
One call, as gRPC lays it over a stream of HTTP/2: headers and data in, messages and a status out.

What is no answer by gRPC's rules is turned into the status that its documents name for
it. Messages that are compressed are refused, since nobody was told that they may be.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import ClassVar, Final
from urllib.parse import unquote_to_bytes

from stackwright.errors import StackwrightError
from stackwright.wire._services import MAX_MESSAGE_BYTES
from stackwright.wire.rpc._hpack import Field, encode_fields
from stackwright.wire.rpc._http2 import Http2Code, Http2Connection, Stream, code_name

_PREFIX: Final = struct.Struct(">BI")
_PREFIX_SIZE: Final = _PREFIX.size


class RpcStatus(IntEnum):
    """How a call ended."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


_BY_TEXT: Final = {str(status.value).encode(): status for status in RpcStatus}
_BY_HTTP: Final[Mapping[bytes, RpcStatus]] = {
    b"400": RpcStatus.INTERNAL,
    b"401": RpcStatus.UNAUTHENTICATED,
    b"403": RpcStatus.PERMISSION_DENIED,
    b"404": RpcStatus.UNIMPLEMENTED,
    b"429": RpcStatus.UNAVAILABLE,
    b"502": RpcStatus.UNAVAILABLE,
    b"503": RpcStatus.UNAVAILABLE,
    b"504": RpcStatus.UNAVAILABLE,
}
_BY_RESET: Final[Mapping[int, RpcStatus]] = {
    Http2Code.NO_ERROR: RpcStatus.INTERNAL,
    Http2Code.PROTOCOL_ERROR: RpcStatus.INTERNAL,
    Http2Code.INTERNAL_ERROR: RpcStatus.INTERNAL,
    Http2Code.FLOW_CONTROL_ERROR: RpcStatus.INTERNAL,
    Http2Code.SETTINGS_TIMEOUT: RpcStatus.INTERNAL,
    Http2Code.FRAME_SIZE_ERROR: RpcStatus.INTERNAL,
    Http2Code.REFUSED_STREAM: RpcStatus.UNAVAILABLE,
    Http2Code.CANCEL: RpcStatus.CANCELLED,
    Http2Code.COMPRESSION_ERROR: RpcStatus.INTERNAL,
    Http2Code.CONNECT_ERROR: RpcStatus.INTERNAL,
    Http2Code.ENHANCE_YOUR_CALM: RpcStatus.RESOURCE_EXHAUSTED,
    Http2Code.INADEQUATE_SECURITY: RpcStatus.PERMISSION_DENIED,
}
"""From the document "gRPC over HTTP2"; what is not in it is unknown."""


class RpcError(StackwrightError):
    """
    A call ended with another status than OK.

    Attributes:
        status: Which one.
        details: What the server, or the connection, said to it.
        trailers: All that the server sent with it.
    """

    code: ClassVar[str] = "rpc"

    def __init__(
        self, status: RpcStatus, details: str = "", trailers: Mapping[bytes, bytes] | None = None
    ) -> None:
        super().__init__(f"{status.name}: {details}" if details else status.name)
        self.status = status
        self.details = details
        self.trailers = trailers or {}


def request_block(path: str, *, tls: bool = False) -> bytes:
    """The headers of a call of the method at *path*: the same each time."""
    return encode_fields(
        [
            (b":method", b"POST"),
            (b":scheme", b"https" if tls else b"http"),
            (b":path", path.encode()),
            (b":authority", b"localhost"),
            (b"te", b"trailers"),
            (b"content-type", b"application/grpc"),
            (b"user-agent", b"grpc-stackwright"),
        ]
    )


def framed(message: bytes) -> bytes:
    """*message* as it is sent."""
    return _PREFIX.pack(0, len(message)) + message


class Call(Stream):
    """What is common to all calls; subclasses hear messages, and the end once."""

    __slots__ = ("_connection", "_flush", "_has_begun", "_is_over", "_needed", "_partial")

    def __init__(self, connection: Http2Connection, flush: Callable[[], None]) -> None:
        """*flush* is called when there is something to send that nobody else knows of."""
        super().__init__()
        self._connection = connection
        self._flush = flush
        self._partial: bytearray | None = None
        self._needed = 0
        self._has_begun = False
        self._is_over = False

    def hear_message(self, message: bytes) -> None:
        raise NotImplementedError

    def hear_end(self, error: RpcError | None) -> None:
        raise NotImplementedError

    def abandon(self) -> None:
        """Nobody wants the answer any more."""
        self._is_over = True
        self._connection.cancel(self)
        self._flush()

    def hear_headers(self, fields: tuple[Field, ...], *, last: bool) -> None:
        known = dict(fields)
        if not self._has_begun:
            if not last:
                self._begin(known)
                return
        elif not last:
            self._refuse("headers in the middle of an answer")
            return
        self._finish(known)

    def _begin(self, fields: Mapping[bytes, bytes]) -> None:
        status = fields.get(b":status", b"")
        if len(status) == 3 and status.startswith(b"1"):
            return  # the answer's own headers are still to come
        content = fields.get(b"content-type", b"")
        if status != b"200":
            self._fail(_BY_HTTP.get(status, RpcStatus.UNKNOWN), f"the server answered HTTP {_shown(status)}")
        elif not content.startswith(b"application/grpc"):
            self._fail(RpcStatus.UNKNOWN, f"the server's answer is of the type {_shown(content)!r}")
        else:
            self._has_begun = True

    def _finish(self, fields: Mapping[bytes, bytes]) -> None:
        text = fields.get(b"grpc-status")
        if text == b"0":
            if self._partial is not None:
                self._end(RpcError(RpcStatus.INTERNAL, "the server's last message is cut short"))
            else:
                self._end(None)
            return
        if text is None:
            http = fields.get(b":status", b"200")
            if http == b"200":
                self._end(RpcError(RpcStatus.UNKNOWN, "the server ended the call without a status", fields))
            else:
                status = _BY_HTTP.get(http, RpcStatus.UNKNOWN)
                self._end(RpcError(status, f"the server answered HTTP {_shown(http)}", fields))
            return
        details = unquote_to_bytes(fields.get(b"grpc-message", b"")).decode("utf-8", "replace")
        self._end(RpcError(_BY_TEXT.get(text, RpcStatus.UNKNOWN), details, fields))

    def hear_data(self, buffer: bytes, start: int, end: int, *, last: bool) -> None:
        if not self._has_begun:
            self._refuse("data before the headers of an answer")
            return
        partial = self._partial
        if partial is not None:
            partial += buffer[start:end]
            if len(partial) >= self._needed:
                self._partial = None
                whole = bytes(partial)
                self._take_messages(whole, 0, len(whole))
        elif start < end:
            self._take_messages(buffer, start, end)
        if not last:
            self.accept_more()
        elif not self._is_over:
            self._end(RpcError(RpcStatus.UNKNOWN, "the server ended the call without a status"))

    def accept_more(self) -> None:
        """Let the server go on sending, if whoever listens keeps up."""
        self._connection.credit(self)

    def _take_messages(self, buffer: bytes, start: int, end: int) -> None:
        while end - start >= _PREFIX_SIZE:
            compressed, size = _PREFIX.unpack_from(buffer, start)
            if compressed:
                self._fail(RpcStatus.INTERNAL, "the server's message is compressed, which nobody asked for")
                return
            if size > MAX_MESSAGE_BYTES:
                self._fail(
                    RpcStatus.RESOURCE_EXHAUSTED,
                    f"the server's message takes {size:,} bytes, and {MAX_MESSAGE_BYTES:,} are allowed",
                )
                return
            after = start + _PREFIX_SIZE + size
            if after > end:
                self._needed = after - start
                break
            self.hear_message(buffer[start + _PREFIX_SIZE : after])
            if self._is_over:
                return
            start = after
        else:
            self._needed = _PREFIX_SIZE
        if start < end:
            self._partial = bytearray(buffer[start:end])

    def hear_reset(self, code: int) -> None:
        status = _BY_RESET.get(code, RpcStatus.UNKNOWN)
        self._end(RpcError(status, f"the stream was reset ({code_name(code)})"))

    def hear_refusal(self, reason: str) -> None:
        self._end(RpcError(RpcStatus.UNAVAILABLE, reason))

    def _refuse(self, what: str) -> None:
        self._fail(RpcStatus.INTERNAL, f"the server broke the protocol: {what}")

    def _fail(self, status: RpcStatus, details: str) -> None:
        self._connection.cancel(self, Http2Code.CANCEL)
        self._end(RpcError(status, details))

    def _end(self, error: RpcError | None) -> None:
        if not self._is_over:
            self._is_over = True
            self.hear_end(error)


def _shown(text: bytes) -> str:
    return text[:100].decode("ascii", "replace") or "nothing"
