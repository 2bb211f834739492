"""
The client's half of one HTTP/2 connection (RFC 9113), without a socket.

Bytes come in by `receive`, bytes to send are collected for `take_output`, and each
stream is told what concerns it as soon as its frames are complete, so that it does not
matter how the bytes were cut. Sending obeys the peer's windows, frame size and limit of
streams; what cannot go out yet waits here. What the headers and data mean is the
streams' business (`_call`).
"""

from __future__ import annotations

import struct
from collections import deque
from enum import IntEnum
from typing import Final

from stackwright.wire.rpc._hpack import NO_TABLE, Field, HeaderDecoder, HpackError

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

_DATA: Final = 0
_HEADERS: Final = 1
_PRIORITY: Final = 2
_RST_STREAM: Final = 3
_SETTINGS: Final = 4
_PUSH_PROMISE: Final = 5
_PING: Final = 6
_GOAWAY: Final = 7
_WINDOW_UPDATE: Final = 8
_CONTINUATION: Final = 9

_ACK: Final = 0x1
_END_STREAM: Final = 0x1
_END_HEADERS: Final = 0x4
_PADDED: Final = 0x8
_WITH_PRIORITY: Final = 0x20

_SET_ENABLE_PUSH: Final = 2
_SET_MAX_STREAMS: Final = 3
_SET_WINDOW: Final = 4
_SET_FRAME_SIZE: Final = 5

_FRAME: Final = struct.Struct(">IBI")  # length and type in one, flags, stream
_FRAME_SIZE: Final = _FRAME.size
_NUMBER: Final = struct.Struct(">I")
_SETTING: Final = struct.Struct(">HI")

_MAX_FRAME: Final = 16384
"""What we take in one frame: the default, which is also all that servers use."""
_MAX_BLOCK: Final = 1 << 20
"""What we take in one header block."""
_MAX_CONTINUATIONS: Final = 256
_MAX_REFUSALS: Final = 10
_DEBUG_SIZE: Final = 500
"""How much of what is said with a farewell is passed on."""
_DEFAULT_WINDOW: Final = 65535
_MOST: Final = 2**31 - 1
_STREAM_WINDOW: Final = 16 << 20
_CONNECTION_WINDOW: Final = 1 << 30
"""How much a peer may send unasked: answers may be large, and the way to it is short."""


class Http2Code(IntEnum):
    """Why a stream or a connection ends, in the protocol's words."""

    NO_ERROR = 0
    PROTOCOL_ERROR = 1
    INTERNAL_ERROR = 2
    FLOW_CONTROL_ERROR = 3
    SETTINGS_TIMEOUT = 4
    STREAM_CLOSED = 5
    FRAME_SIZE_ERROR = 6
    REFUSED_STREAM = 7
    CANCEL = 8
    COMPRESSION_ERROR = 9
    CONNECT_ERROR = 10
    ENHANCE_YOUR_CALM = 11
    INADEQUATE_SECURITY = 12
    HTTP_1_1_REQUIRED = 13


class ProtocolViolationError(Exception):
    """The peer broke the protocol: the connection is of no use any more."""

    def __init__(self, code: Http2Code, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Stream:
    """
    One request and its answer. Subclasses hear what the peer says.

    Attributes:
        id: Its number while it is open; nought before and after.
        window: How much we may send.
        unsent: What waits for that.
        is_half_closed: Whether we have said all.
        received: How much the peer has sent that `credit` did not give back.
        request: What it began with, until the peer says something to it.
        refusals: How often the peer would not have it.
    """

    __slots__ = ("id", "is_half_closed", "received", "refusals", "request", "unsent", "window")

    def __init__(self) -> None:
        self.id = 0
        self.window = 0
        self.unsent: memoryview | None = None
        self.is_half_closed = True
        self.received = 0
        self.request: tuple[bytes, bytes | None] | None = None
        self.refusals = 0

    def hear_headers(self, fields: tuple[Field, ...], *, last: bool) -> None:
        """The peer sent *fields*; *last* when nothing follows."""
        raise NotImplementedError

    def hear_data(self, buffer: bytes, start: int, end: int, *, last: bool) -> None:
        """The peer sent what is in *buffer* from *start* to *end*."""
        raise NotImplementedError

    def hear_reset(self, code: int) -> None:
        """The peer ended the stream; or we did, for what it did to the stream."""
        raise NotImplementedError

    def hear_refusal(self, reason: str) -> None:
        """The peer will not have taken any notice of the request."""
        raise NotImplementedError


class Http2Connection:
    """
    The state of one connection.

    Streams may `begin` at any time, also before the peer has said anything.
    """

    def __init__(self) -> None:
        self.is_ready = False
        """Whether the peer has introduced itself."""
        self.going_away: str | None = None
        """Why there can be no further streams, once it is so."""
        self._out: list[bytes] = [
            PREFACE,
            _frame(
                _SETTINGS,
                0,
                0,
                _SETTING.pack(_SET_ENABLE_PUSH, 0) + _SETTING.pack(_SET_WINDOW, _STREAM_WINDOW),
            ),
            _frame(_WINDOW_UPDATE, 0, 0, _NUMBER.pack(_CONNECTION_WINDOW - _DEFAULT_WINDOW)),
        ]
        self._rest = b""
        self._headers = HeaderDecoder(limit=_MAX_BLOCK)
        self._block: bytearray | None = None
        """The header block that is not complete yet, and whose it is."""
        self._block_stream = 0
        self._block_flags = 0
        self._continuations = 0
        self._streams: dict[int, Stream] = {}
        self._waiting: deque[tuple[Stream, bytes, bytes | None]] = deque()
        self._refused: list[tuple[Stream, bytes, bytes | None]] = []
        self._blocked: dict[int, Stream] = {}
        self._next = 1
        self._prefix = NO_TABLE
        self._window = _DEFAULT_WINDOW
        self._stream_window = _DEFAULT_WINDOW
        self._frame_size = 16384
        self._max_streams = _MOST
        self._room = _CONNECTION_WINDOW
        """What the peer may still send on the connection."""
        self._last_taken = _MOST

    @property
    def is_idle(self) -> bool:
        """Whether no stream is open or waits."""
        return not (self._streams or self._waiting or self._refused)

    @property
    def refusals(self) -> int:
        """How often the peer has refused the streams that wait for `open_refused`; nought if none does."""
        return max((stream.refusals for stream, _, _ in self._refused), default=0)

    def open_refused(self) -> None:
        """Open those streams again that the peer refused; until then, no other is."""
        self._waiting.extendleft(reversed(self._refused))
        self._refused.clear()
        self._open_waiting()

    @property
    def has_output(self) -> bool:
        return bool(self._out)

    def take_output(self) -> bytes:
        """What is to be sent now; it is forgotten here."""
        out = b"".join(self._out)
        self._out.clear()
        return out

    # What we say -----------------------------------------------------------------------------

    def begin(self, stream: Stream, block: bytes, data: bytes | None) -> None:
        """
        Send a request: its headers as they are encoded, and all of its data.

        Without *data* the request stays open, and nothing more is ever said in it.
        """
        if self.going_away is not None:
            stream.hear_refusal(self.going_away)
        elif self._waiting or self._refused or len(self._streams) >= self._max_streams:
            self._waiting.append((stream, block, data))
        else:
            self._open(stream, block, data)

    def cancel(self, stream: Stream, code: Http2Code = Http2Code.CANCEL) -> None:
        """Forget *stream*, which hears nothing more; one that never began never does."""
        if stream.id:
            self._reset(stream, code)
        else:
            self._waiting = deque(each for each in self._waiting if each[0] is not stream)
            self._refused = [each for each in self._refused if each[0] is not stream]

    def credit(self, stream: Stream) -> None:
        """What was sent on *stream* so far has been taken: the peer may go on."""
        if stream.id and stream.received > _STREAM_WINDOW // 2:
            self._out.append(_frame(_WINDOW_UPDATE, 0, stream.id, _NUMBER.pack(stream.received)))
            stream.received = 0

    def go_away(self, code: Http2Code, reason: str = "") -> None:
        """Say that this was all."""
        payload = _NUMBER.pack(0) + _NUMBER.pack(code) + reason.encode()[:_DEBUG_SIZE]
        self._out.append(_frame(_GOAWAY, 0, 0, payload))

    def lose(self, reason: str) -> None:
        """The connection is gone, and with it every stream."""
        self.going_away = reason
        self._blocked.clear()
        for stream in [*self._take_streams(0), *self._take_waiting()]:
            stream.hear_refusal(reason)

    def _open(self, stream: Stream, block: bytes, data: bytes | None) -> None:
        number = self._next
        self._next += 2
        if self._next > _MOST:
            self.going_away = "the connection has used up its numbers"
        stream.id = number
        stream.request = block, data
        if self._prefix:
            block = self._prefix + block
            self._prefix = b""
        self._streams[number] = stream
        stream.window = self._stream_window
        stream.is_half_closed = data is not None
        head = _FRAME.pack(len(block) << 8 | _HEADERS, _END_HEADERS, number)
        if data is None:
            self._out.append(head + block)
            return
        size = len(data)
        if size <= self._frame_size and size <= self._window and size <= self._stream_window:
            self._window -= size
            stream.window -= size
            self._out.append(head + block + _FRAME.pack(size << 8 | _DATA, _END_STREAM, number) + data)
            return
        self._out.append(head + block)
        stream.is_half_closed = False
        stream.unsent = memoryview(data)
        self._blocked[number] = stream
        self._send_blocked()

    def _send_blocked(self) -> None:
        """Send what the windows allow: a frame of each stream in turn, for they share the connection's."""
        while self._window > 0:
            able = [stream for stream in self._blocked.values() if stream.window > 0]
            if not able:
                return
            for stream in able:
                self._send_some(stream)

    def _send_some(self, stream: Stream) -> None:
        unsent = stream.unsent
        assert unsent is not None
        size = min(len(unsent), self._window, stream.window, self._frame_size)
        if size <= 0:
            return
        last = size == len(unsent)
        self._out.append(_FRAME.pack(size << 8 | _DATA, _END_STREAM if last else 0, stream.id))
        self._out.append(bytes(unsent[:size]))
        self._window -= size
        stream.window -= size
        if last:
            stream.unsent = None
            stream.is_half_closed = True
            del self._blocked[stream.id]
        else:
            stream.unsent = unsent[size:]

    def _open_waiting(self) -> None:
        while self._waiting and not self._refused and len(self._streams) < self._max_streams:
            stream, block, data = self._waiting.popleft()
            if self.going_away is None:
                self._open(stream, block, data)
            else:
                stream.hear_refusal(self.going_away)

    def _reset(self, stream: Stream, code: Http2Code) -> None:
        self._out.append(_frame(_RST_STREAM, 0, stream.id, _NUMBER.pack(code)))
        self._close(stream)

    def _close(self, stream: Stream) -> None:
        del self._streams[stream.id]
        self._blocked.pop(stream.id, None)
        stream.unsent = None
        stream.id = 0
        if self._waiting:
            self._open_waiting()

    def _end(self, stream: Stream) -> None:
        """The peer has said all on *stream*; what we have not said is not wanted any more."""
        if stream.is_half_closed:
            self._close(stream)
        else:
            self._reset(stream, Http2Code.CANCEL)

    def _take_streams(self, above: int) -> list[Stream]:
        taken = [stream for number, stream in self._streams.items() if number > above]
        for stream in taken:
            del self._streams[stream.id]
            self._blocked.pop(stream.id, None)
            stream.id = 0
        return taken

    def _take_waiting(self) -> list[Stream]:
        taken = [stream for stream, _, _ in (*self._refused, *self._waiting)]
        self._waiting.clear()
        self._refused.clear()
        return taken

    # What the peer says ----------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """
        Hear *data*, which may begin and end anywhere.

        Raises:
            ProtocolViolationError: It is not HTTP/2. Nothing may be received after that.
        """
        if self._rest:
            data = self._rest + data
        at, end = 0, len(data)
        while end - at >= _FRAME_SIZE:
            word, flags, number = _FRAME.unpack_from(data, at)
            number &= _MOST
            size = word >> 8
            if size > _MAX_FRAME:
                raise ProtocolViolationError(Http2Code.FRAME_SIZE_ERROR, self._too_large(data, size))
            start = at + _FRAME_SIZE
            at = start + size
            if at > end:
                at = start - _FRAME_SIZE
                break
            kind = word & 0xFF
            if self.is_ready and self._block is None:
                # The two kinds of frames that answers are made of, without detours.
                if kind == _DATA and not flags & _PADDED:
                    self._hear_data(data, start, at, size, flags, number)
                    continue
                if kind == _HEADERS and flags & ~_END_STREAM == _END_HEADERS:
                    self._hear_block(data[start:at], flags, number)
                    continue
            self._hear(kind, flags, number, data[start:at])
        self._rest = data[at:] if at < end else b""

    def _too_large(self, data: bytes, size: int) -> str:
        if self.is_ready:
            return f"a frame of {size:,} bytes, where {_MAX_FRAME:,} are allowed"
        return f"it does not speak HTTP/2: it began with {data[:_FRAME_SIZE]!r}"

    def _hear(self, kind: int, flags: int, number: int, payload: bytes) -> None:
        if not self.is_ready:
            if kind != _SETTINGS or flags & _ACK:
                raise _violation(f"its first frame is of kind {kind}, not its settings")
            self.is_ready = True
        if self._block is not None and (kind != _CONTINUATION or number != self._block_stream):
            raise _violation("another frame inside a header block")
        if kind == _DATA:
            unpadded = _without_padding(payload, flags)
            self._hear_data(unpadded, 0, len(unpadded), len(payload), flags, number)
        elif kind == _HEADERS:
            self._begin_block(payload, flags, number)
        elif kind == _CONTINUATION:
            self._go_on_with_block(payload, flags)
        elif kind == _SETTINGS:
            self._hear_settings(payload, flags, number)
        elif kind == _PING:
            _check_size(kind, payload, 8)
            _check_whole(kind, number)
            if not flags & _ACK:
                self._out.append(_frame(_PING, _ACK, 0, payload))
        elif kind == _WINDOW_UPDATE:
            self._hear_window(payload, number)
        elif kind == _RST_STREAM:
            self._hear_reset(payload, number)
        elif kind == _GOAWAY:
            self._hear_going_away(payload, number)
        elif kind == _PUSH_PROMISE:
            raise _violation("it pushes, though it was told not to")
        elif kind == _PRIORITY:
            _check_size(kind, payload, 5)
        # Other kinds are for those who know them.

    def _stream(self, kind: int, number: int) -> Stream | None:
        """The stream that a frame is for; None for one that is over."""
        stream = self._streams.get(number)
        if stream is None and (number % 2 == 0 or number >= self._next):
            raise _violation(f"a frame of kind {kind} on stream {number}, which was never opened")
        return stream

    def _hear_data(self, buffer: bytes, start: int, end: int, size: int, flags: int, number: int) -> None:
        self._room -= size
        if self._room < _CONNECTION_WINDOW // 2:
            if self._room < 0:
                raise ProtocolViolationError(
                    Http2Code.FLOW_CONTROL_ERROR, "it sent more than the connection allowed"
                )
            self._out.append(_frame(_WINDOW_UPDATE, 0, 0, _NUMBER.pack(_CONNECTION_WINDOW - self._room)))
            self._room = _CONNECTION_WINDOW
        stream = self._streams.get(number) or self._stream(_DATA, number)
        if stream is None:
            return
        stream.received += size
        if stream.received > _STREAM_WINDOW:
            self._fail(stream, Http2Code.FLOW_CONTROL_ERROR)
            return
        last = bool(flags & _END_STREAM)
        if last:
            self._end(stream)
        stream.hear_data(buffer, start, end, last=last)

    def _begin_block(self, payload: bytes, flags: int, number: int) -> None:
        payload = _without_padding(payload, flags)
        if flags & _WITH_PRIORITY:
            if len(payload) < 5:
                raise ProtocolViolationError(Http2Code.FRAME_SIZE_ERROR, "a header frame that is too short")
            payload = payload[5:]
        if flags & _END_HEADERS:
            self._hear_block(payload, flags, number)
        else:
            self._stream(_HEADERS, number)
            self._block, self._block_stream, self._block_flags = bytearray(payload), number, flags
            self._continuations = 0

    def _go_on_with_block(self, payload: bytes, flags: int) -> None:
        if self._block is None:
            raise _violation("the continuation of nothing")
        # An empty continuation counts as well: a block in which nothing comes must end, too.
        self._block += payload
        self._continuations += 1
        if len(self._block) > _MAX_BLOCK or self._continuations > _MAX_CONTINUATIONS:
            raise ProtocolViolationError(
                Http2Code.ENHANCE_YOUR_CALM, f"a header block of more than {_MAX_BLOCK:,} bytes"
            )
        if flags & _END_HEADERS:
            block, self._block = bytes(self._block), None
            self._hear_block(block, self._block_flags, self._block_stream)

    def _hear_block(self, block: bytes, flags: int, number: int) -> None:
        # Also that of a stream which is over has to be read, for the table's sake.
        try:
            fields = self._headers.decode(block)
        except HpackError as error:
            raise ProtocolViolationError(Http2Code.COMPRESSION_ERROR, str(error)) from None
        stream = self._streams.get(number) or self._stream(_HEADERS, number)
        if stream is None:
            return
        stream.request = None
        last = bool(flags & _END_STREAM)
        if last:
            self._end(stream)
        stream.hear_headers(fields, last=last)

    def _hear_settings(self, payload: bytes, flags: int, number: int) -> None:
        _check_whole(_SETTINGS, number)
        if flags & _ACK:
            _check_size(_SETTINGS, payload, 0)
            return
        if len(payload) % _SETTING.size:
            raise ProtocolViolationError(Http2Code.FRAME_SIZE_ERROR, "settings that are cut short")
        for name, value in _SETTING.iter_unpack(payload):
            if name == _SET_MAX_STREAMS:
                self._max_streams = value
            elif name == _SET_WINDOW:
                self._change_windows(value)
            elif name == _SET_FRAME_SIZE:
                if not _MAX_FRAME <= value < 1 << 24:
                    raise _violation(f"its settings allow frames of {value:,} bytes")
                self._frame_size = value
            elif name == _SET_ENABLE_PUSH and value:
                raise _violation("its settings say that we may push")
        self._out.append(_frame(_SETTINGS, _ACK, 0, b""))
        self._send_blocked()
        self._open_waiting()

    def _change_windows(self, size: int) -> None:
        difference = size - self._stream_window
        self._stream_window = size
        for stream in self._streams.values():
            stream.window += difference
        if max([size, *(stream.window for stream in self._streams.values())]) > _MOST:
            raise ProtocolViolationError(
                Http2Code.FLOW_CONTROL_ERROR, f"its settings make a window {size:,} bytes large"
            )

    def _hear_window(self, payload: bytes, number: int) -> None:
        _check_size(_WINDOW_UPDATE, payload, 4)
        more = _NUMBER.unpack(payload)[0] & _MOST
        if not number:
            if not more:
                raise _violation("it widens the connection's window by nothing")
            self._window += more
            if self._window > _MOST:
                raise ProtocolViolationError(
                    Http2Code.FLOW_CONTROL_ERROR, "the connection's window overflows"
                )
        else:
            stream = self._stream(_WINDOW_UPDATE, number)
            if stream is None:
                return
            stream.window += more
            if not more or stream.window > _MOST:
                self._fail(stream, Http2Code.FLOW_CONTROL_ERROR if more else Http2Code.PROTOCOL_ERROR)
                return
        if self._blocked:
            self._send_blocked()

    def _fail(self, stream: Stream, code: Http2Code) -> None:
        self._reset(stream, code)
        stream.hear_reset(code)

    def _hear_reset(self, payload: bytes, number: int) -> None:
        _check_size(_RST_STREAM, payload, 4)
        stream = self._stream(_RST_STREAM, number)
        if stream is None:
            return
        code = _NUMBER.unpack(payload)[0]
        request, stream.request = stream.request, None
        refused = code == Http2Code.REFUSED_STREAM and stream.refusals < _MAX_REFUSALS
        if refused and request is not None and self.going_away is None:
            # The peer promises that it did nothing. Some count a stream for a moment longer than we do.
            stream.refusals += 1
            self._refused.append((stream, *request))
            self._close(stream)
            return
        self._close(stream)
        stream.hear_reset(code)

    def _hear_going_away(self, payload: bytes, number: int) -> None:
        _check_whole(_GOAWAY, number)
        if len(payload) < 8:
            raise ProtocolViolationError(Http2Code.FRAME_SIZE_ERROR, "a farewell that is too short")
        last = _NUMBER.unpack_from(payload)[0] & _MOST
        if last > self._last_taken:
            raise _violation("it says farewell anew, and takes more than before")
        self._last_taken = last
        said = payload[8:][:_DEBUG_SIZE].decode("utf-8", "replace")
        code = code_name(_NUMBER.unpack_from(payload, 4)[0])
        self.going_away = f"the other side ends the connection ({code}{': ' if said else ''}{said})"
        for stream in [*self._take_streams(last), *self._take_waiting()]:
            stream.hear_refusal(self.going_away)


def code_name(code: int) -> str:
    """What *code* is called, also one that nobody knows."""
    try:
        return Http2Code(code).name
    except ValueError:
        return f"error {code}"


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return _FRAME.pack(len(payload) << 8 | kind, flags, stream) + payload


def _violation(reason: str) -> ProtocolViolationError:
    return ProtocolViolationError(Http2Code.PROTOCOL_ERROR, reason)


def _check_size(kind: int, payload: bytes, size: int) -> None:
    if len(payload) != size:
        raise ProtocolViolationError(
            Http2Code.FRAME_SIZE_ERROR, f"a frame of kind {kind} with {len(payload)} bytes, not {size}"
        )


def _check_whole(kind: int, number: int) -> None:
    if number:
        raise _violation(f"a frame of kind {kind}, which is for the whole connection, on stream {number}")


def _without_padding(payload: bytes, flags: int) -> bytes:
    if not flags & _PADDED:
        return payload
    if not payload or payload[0] >= len(payload):
        raise _violation("more padding than there is room for")
    return payload[1 : len(payload) - payload[0]]
