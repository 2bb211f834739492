"""The state of a connection and of calls on it, without a socket: peers good, odd and hostile."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackwright.wire import MAX_MESSAGE_BYTES
from stackwright.wire.rpc import RpcError, RpcStatus
from stackwright.wire.rpc._call import Call, framed, request_block
from stackwright.wire.rpc._hpack import encode_fields
from stackwright.wire.rpc._http2 import PREFACE, Http2Code, Http2Connection, ProtocolViolationError

DATA, HEADERS, PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
END, ACK, END_HEADERS, PADDED, WITH_PRIORITY = 1, 1, 4, 8, 0x20
BLOCK = request_block("/test.Service/Method")
HELLO = encode_fields([(b":status", b"200"), (b"content-type", b"application/grpc")])
DONE = encode_fields([(b"grpc-status", b"0")])


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    return struct.pack(">IBI", len(payload) << 8 | kind, flags, stream) + payload


def settings_of(**values: int) -> bytes:
    names = {"table": 1, "push": 2, "streams": 3, "window": 4, "size": 5}
    return frame(
        SETTINGS, 0, 0, b"".join(struct.pack(">HI", names[key], each) for key, each in values.items())
    )


def window(more: int, stream: int = 0) -> bytes:
    return frame(WINDOW, 0, stream, struct.pack(">I", more))


def reset(stream: int, code: int) -> bytes:
    return frame(RST, 0, stream, struct.pack(">I", code))


def farewell(last: int, code: int = 0, said: bytes = b"") -> bytes:
    return frame(GOAWAY, 0, 0, struct.pack(">II", last, code) + said)


def trailers(**fields: str) -> bytes:
    return encode_fields(
        [(name.replace("_", "-").encode(), value.encode()) for name, value in fields.items()]
    )


def answer(stream: int, *messages: bytes, end: bytes = DONE) -> bytes:
    data = b"".join(frame(DATA, 0, stream, framed(message)) for message in messages)
    return frame(HEADERS, END_HEADERS, stream, HELLO) + data + frame(HEADERS, END_HEADERS | END, stream, end)


class Heard(Call):
    """A call that remembers."""

    def __init__(self, connection: Http2Connection) -> None:
        super().__init__(connection, lambda: None)
        self.messages: list[bytes] = []
        self.end: tuple[RpcStatus, str] | None = None

    def hear_message(self, message: bytes) -> None:
        self.messages.append(message)

    def hear_end(self, error: RpcError | None) -> None:
        assert self.end is None
        self.end = (error.status, error.details) if error else (RpcStatus.OK, "")


class Client:
    """A connection, the calls on it and what it sent."""

    def __init__(self, hello: bytes = settings_of()) -> None:
        self.connection = Http2Connection()
        self.greeting = self.connection.take_output()
        self.calls: list[Heard] = []
        if hello:
            self.connection.receive(hello)
            self.connection.take_output()

    def begin(self, request: bytes | None = b"", count: int = 1) -> Heard:
        for _ in range(count):
            call = Heard(self.connection)
            self.calls.append(call)
            self.connection.begin(call, BLOCK, None if request is None else framed(request))
        return self.calls[-1]

    def sent(self) -> list[tuple[int, int, int, bytes]]:
        return list(frames(self.connection.take_output()))

    def hears(self, *said: bytes) -> None:
        for each in said:
            self.connection.receive(each)


def frames(data: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    while data:
        word, flags, stream = struct.unpack_from(">IBI", data)
        end = 9 + (word >> 8)
        yield word & 0xFF, flags, stream, data[9:end]
        data = data[end:]


class TestTheBeginning:
    def test_the_client_introduces_itself_at_once(self) -> None:
        greeting = Client(b"").greeting

        assert greeting.startswith(PREFACE)
        assert [kind for kind, *_ in frames(greeting[len(PREFACE) :])] == [SETTINGS, WINDOW]

    def test_settings_are_acknowledged(self) -> None:
        client = Client(b"")
        client.hears(settings_of(streams=10))

        assert client.connection.is_ready
        assert client.sent() == [(SETTINGS, ACK, 0, b"")]

    @pytest.mark.parametrize(
        ("said", "reason"),
        [
            (b"HTTP/1.1 400 Bad Request\r\n", "does not speak HTTP/2"),
            (frame(PING, 0, 0, bytes(8)), "not its settings"),
            (frame(SETTINGS, ACK), "not its settings"),
        ],
    )
    def test_another_beginning(self, said: bytes, reason: str) -> None:
        with pytest.raises(ProtocolViolationError, match=reason):
            Client(b"").hears(said)

    def test_a_request_may_go_out_before_the_peer_has_said_anything(self) -> None:
        client = Client(b"")
        call = client.begin(b"abc")

        (headers, data) = client.sent()
        assert headers == (HEADERS, END_HEADERS, 1, b"\x20" + BLOCK)
        assert data == (DATA, END, 1, framed(b"abc"))
        client.hears(settings_of(), answer(1, b"x"))
        assert (call.messages, call.end) == ([b"x"], (RpcStatus.OK, ""))


class TestSending:
    def test_only_as_much_as_the_windows_allow(self) -> None:
        client = Client(settings_of(window=10_000))
        call = client.begin(bytes(30_000))

        def sent() -> list[int]:
            return [len(payload) for kind, _, _, payload in client.sent() if kind == DATA]

        assert sent() == [10_000]
        client.hears(window(15_000, 1))
        assert sent() == [15_000]
        client.hears(window(65_000, 1), window(1_000_000))
        assert sent() == [5_005]
        client.hears(answer(1, b""))
        assert call.end == (RpcStatus.OK, "")

    def test_the_connections_window_is_shared(self) -> None:
        client = Client(settings_of(window=1 << 20))
        client.begin(bytes(60_000), count=2)

        def sent() -> dict[int, int]:
            found: dict[int, int] = {}
            for kind, _, stream, payload in client.sent():
                if kind == DATA:
                    found[stream] = found.get(stream, 0) + len(payload)
            return found

        assert sent() == {1: 60_005, 3: 5_530}
        client.hears(window(100_000))
        assert sent() == {3: 54_475}

    def test_those_that_wait_for_the_window_take_turns(self) -> None:
        client = Client(settings_of(window=1 << 20))
        client.begin(bytes(65_530))
        client.begin(bytes(50_000), count=2)
        client.sent()
        client.hears(window(65_536))

        assert [stream for kind, _, stream, _ in client.sent() if kind == DATA] == [3, 5, 3, 5]

    def test_a_window_that_shrinks_below_nothing(self) -> None:
        client = Client(settings_of(window=20_000))
        client.begin(bytes(30_000))
        client.sent()
        client.hears(settings_of(window=0), window(15_000, 1))
        assert [kind for kind, *_ in client.sent()] == [SETTINGS]

        client.hears(window(10_000, 1))
        assert [len(payload) for _, _, _, payload in client.sent()] == [5_000]

    def test_what_was_sent_may_be_given_back(self) -> None:
        """A window that is as large as can be is so again, and not larger."""
        client = Client(settings_of(window=2**31 - 1))
        call = client.begin(bytes(95))
        client.hears(window(100, 1), answer(1, b"x"))

        assert call.end == (RpcStatus.OK, "")

    def test_larger_frames_where_they_are_allowed(self) -> None:
        client = Client(settings_of(size=60_000))
        client.begin(bytes(50_000))

        assert [len(payload) for kind, _, _, payload in client.sent() if kind == DATA] == [50_005]

    def test_more_streams_than_the_peer_takes_wait(self) -> None:
        client = Client(settings_of(streams=2))
        client.begin(count=4)
        assert {stream for _, _, stream, _ in client.sent()} == {1, 3}

        client.hears(answer(3, b""))
        assert {stream for _, _, stream, _ in client.sent()} == {5}
        client.hears(settings_of(streams=9))
        assert {stream for kind, _, stream, _ in client.sent() if kind == HEADERS} == {7}

    def test_one_that_waits_can_be_cancelled(self) -> None:
        client = Client(settings_of(streams=1))
        client.begin(count=3)
        client.calls[1].abandon()
        client.sent()
        client.hears(answer(1, b""), answer(3, b"x"))

        assert [call.messages for call in client.calls] == [[b""], [], [b"x"]]

    def test_cancelling_tells_the_peer_and_what_still_comes_is_nobodys(self) -> None:
        client = Client()
        call = client.begin()
        client.sent()
        call.abandon()

        assert client.sent() == [(RST, 0, 1, struct.pack(">I", Http2Code.CANCEL))]
        client.hears(answer(1, b"late"), reset(1, 8), window(5, 1))
        assert (call.messages, call.end) == ([], None)
        assert client.connection.is_idle

    def test_an_answer_before_the_whole_question_ends_it(self) -> None:
        client = Client()
        call = client.begin(bytes(100_000))
        client.sent()
        client.hears(answer(1, b"enough"))

        assert call.end == (RpcStatus.OK, "")
        assert client.sent() == [(RST, 0, 1, struct.pack(">I", Http2Code.CANCEL))]

    def test_a_stream_without_a_request_stays_open(self) -> None:
        client = Client()
        call = client.begin(None)

        assert [(kind, flags) for kind, flags, _, _ in client.sent()] == [(HEADERS, END_HEADERS)]
        client.hears(answer(1, b"a", b"b"))
        assert call.messages == [b"a", b"b"]

    def test_numbers_that_are_used_up(self) -> None:
        client = Client(settings_of(streams=1))
        client.connection._next = 2**31 - 1
        client.begin(count=3)
        client.hears(answer(2**31 - 1, b""))

        ends = [call.end for call in client.calls]
        assert ends[0] == (RpcStatus.OK, "")
        assert [end[0] for end in ends[1:] if end] == [RpcStatus.UNAVAILABLE] * 2


class TestTheConnection:
    def test_pings_are_answered(self) -> None:
        client = Client()
        client.hears(frame(PING, 0, 0, b"12345678"), frame(PING, ACK, 0, b"12345678"))

        assert client.sent() == [(PING, ACK, 0, b"12345678")]

    def test_the_window_is_opened_again(self) -> None:
        client = Client()
        client.begin(None, count=40)
        client.sent()
        for call in client.calls:
            client.hears(frame(HEADERS, END_HEADERS, call.id, HELLO))
            client.hears(frame(DATA, 0, call.id, struct.pack(">BI", 0, 15 << 20)))
            for _ in range(15 << 6):
                client.connection.receive(frame(DATA, 0, call.id, bytes(1 << 14)))
        grants = [(stream, payload) for kind, _, stream, payload in client.sent() if kind == WINDOW]

        assert {stream for stream, _ in grants} == {0, *(call.id for call in client.calls)}
        assert all(len(call.messages[0]) == 15 << 20 for call in client.calls)

    def test_more_than_a_stream_allows(self) -> None:
        class Slow(Heard):
            def accept_more(self) -> None: ...

        client = Client()
        call = Slow(client.connection)
        client.connection.begin(call, BLOCK, framed(b""))
        client.hears(frame(HEADERS, END_HEADERS, 1, HELLO))
        for _ in range((16 << 20) // 16_000 + 1):
            client.hears(frame(DATA, 0, 1, framed(bytes(15_995))))

        assert call.end == (RpcStatus.INTERNAL, "the stream was reset (FLOW_CONTROL_ERROR)")

    def test_going_away(self) -> None:
        client = Client()
        client.begin(count=3)
        client.hears(farewell(1, Http2Code.ENHANCE_YOUR_CALM, b"too_many_pings"))
        reason = "the other side ends the connection (ENHANCE_YOUR_CALM: too_many_pings)"

        assert [call.end for call in client.calls] == [None, *[(RpcStatus.UNAVAILABLE, reason)] * 2]
        assert client.begin().end == (RpcStatus.UNAVAILABLE, reason)
        client.hears(answer(1, b"last"))
        assert client.calls[0].messages == [b"last"]
        assert client.connection.is_idle

    def test_going_away_in_two_steps(self) -> None:
        client = Client()
        client.begin(count=2)
        client.hears(farewell(2**31 - 1))
        assert [call.end for call in client.calls] == [None, None]

        client.hears(farewell(1))
        assert [call.end is None for call in client.calls] == [True, False]

    def test_losing_it(self) -> None:
        client = Client(settings_of(streams=1))
        client.begin(count=2)
        client.connection.lose("gone")

        assert [call.end for call in client.calls] == [(RpcStatus.UNAVAILABLE, "gone")] * 2

    def test_what_nobody_knows_is_passed_over(self) -> None:
        client = Client()
        call = client.begin()
        unknown = (
            frame(0x77, 0xFF, 1, b"?"),
            frame(PRIORITY, 0, 1, bytes(5)),
            frame(SETTINGS, 0, 0, b"\0\x99\0\0\0\1"),
        )
        client.hears(*unknown, answer(1, b"x"))

        assert call.messages == [b"x"]

    @pytest.mark.parametrize(
        ("said", "reason"),
        [
            (frame(DATA, 0, 3, b"x"), "never opened"),
            (frame(HEADERS, END_HEADERS, 2, HELLO), "never opened"),
            (frame(DATA, 0, 0, b"x"), "never opened"),
            (reset(9, 1), "never opened"),
            (window(1, 9), "never opened"),
            (frame(HEADERS, 0, 9, HELLO), "never opened"),
            (frame(DATA, 0, 1, bytes(16_385)), "16,385 bytes"),
            (frame(DATA, PADDED, 1, b"\5abc"), "padding"),
            (frame(DATA, PADDED, 1, b""), "padding"),
            (frame(HEADERS, END_HEADERS | WITH_PRIORITY, 1, b"abc"), "too short"),
            (frame(HEADERS, END_HEADERS, 1, b"\xff\xff"), "cannot be read"),
            (frame(HEADERS, 0, 1, HELLO) + frame(DATA, 0, 1), "inside a header block"),
            (frame(HEADERS, 0, 1, HELLO) + frame(CONTINUATION, END_HEADERS, 3), "inside a header block"),
            (frame(CONTINUATION, END_HEADERS, 1), "continuation of nothing"),
            (frame(HEADERS, 0, 1) + frame(CONTINUATION, 0, 1) * 300, "header block of more"),
            (frame(HEADERS, 0, 1) + frame(CONTINUATION, 0, 1, bytes(16_000)) * 70, "header block of more"),
            (frame(PUSH, END_HEADERS, 1, bytes(4)), "pushes"),
            (frame(PING, 0, 0, bytes(7)), "7 bytes"),
            (frame(PING, 0, 1, bytes(8)), "whole connection"),
            (frame(SETTINGS, 0, 1), "whole connection"),
            (frame(SETTINGS, 0, 0, bytes(5)), "cut short"),
            (frame(SETTINGS, ACK, 0, bytes(6)), "6 bytes"),
            (settings_of(size=100), "frames of 100"),
            (settings_of(push=1), "push"),
            (settings_of(window=2**31), "window"),
            (window(2**31 - 1), "overflows"),
            (window(0), "nothing"),
            (frame(WINDOW, 0, 0, bytes(3)), "3 bytes"),
            (frame(RST, 0, 1, bytes(5)), "5 bytes"),
            (frame(PRIORITY, 0, 1, bytes(4)), "4 bytes"),
            (frame(GOAWAY, 0, 0, bytes(7)), "too short"),
            (frame(GOAWAY, 0, 1, bytes(8)), "whole connection"),
            (farewell(1) + farewell(3), "anew"),
        ],
    )
    def test_a_peer_that_breaks_the_protocol(self, said: bytes, reason: str) -> None:
        client = Client()
        client.begin(None)

        with pytest.raises(ProtocolViolationError, match=reason):
            client.hears(said)

    @pytest.mark.parametrize(("more", "code"), [(0, "PROTOCOL_ERROR"), (2**31 - 1, "FLOW_CONTROL_ERROR")])
    def test_a_window_of_a_stream_that_is_wrong_ends_that_stream(self, more: int, code: str) -> None:
        client = Client()
        call = client.begin()
        client.hears(window(more, 1))

        assert call.end == (RpcStatus.INTERNAL, f"the stream was reset ({code})")


class TestAnswers:
    def end(self, *said: bytes) -> tuple[list[bytes], RpcStatus, str]:
        client = Client()
        call = client.begin()
        client.hears(*said)
        assert call.end is not None
        return call.messages, *call.end

    @pytest.mark.parametrize("status", RpcStatus)
    def test_each_status(self, status: RpcStatus) -> None:
        said = answer(1, end=trailers(grpc_status=str(status.value), grpc_message="50%25 of %C3%A4%20%zz"))
        details = "50% of ä %zz" if status else ""

        assert self.end(said) == ([], status, details)

    @pytest.mark.parametrize("text", ["17", "-1", "x", "", "00"])
    def test_a_status_that_there_is_not(self, text: str) -> None:
        assert self.end(answer(1, end=trailers(grpc_status=text)))[1] is RpcStatus.UNKNOWN

    def test_trailers_only(self) -> None:
        fields = [(b":status", b"200"), (b"grpc-status", b"12"), (b"grpc-message", b"no")]
        said = frame(HEADERS, END_HEADERS | END, 1, encode_fields(fields))

        assert self.end(said) == ([], RpcStatus.UNIMPLEMENTED, "no")

    @pytest.mark.parametrize(
        ("http", "status"),
        [
            ("400", RpcStatus.INTERNAL),
            ("401", RpcStatus.UNAUTHENTICATED),
            ("403", RpcStatus.PERMISSION_DENIED),
            ("404", RpcStatus.UNIMPLEMENTED),
            ("429", RpcStatus.UNAVAILABLE),
            ("500", RpcStatus.UNKNOWN),
            ("502", RpcStatus.UNAVAILABLE),
            ("503", RpcStatus.UNAVAILABLE),
            ("504", RpcStatus.UNAVAILABLE),
            ("302", RpcStatus.UNKNOWN),
        ],
    )
    @pytest.mark.parametrize("last", [END, 0])
    def test_another_status_of_http(self, http: str, status: RpcStatus, last: int) -> None:
        block = encode_fields([(b":status", http.encode()), (b"content-type", b"text/html")])

        assert self.end(frame(HEADERS, END_HEADERS | last, 1, block)) == (
            [],
            status,
            f"the server answered HTTP {http}",
        )

    @pytest.mark.parametrize(
        ("code", "status"),
        [
            (0, RpcStatus.INTERNAL),
            (1, RpcStatus.INTERNAL),
            (2, RpcStatus.INTERNAL),
            (3, RpcStatus.INTERNAL),
            (4, RpcStatus.INTERNAL),
            (5, RpcStatus.UNKNOWN),
            (6, RpcStatus.INTERNAL),
            (8, RpcStatus.CANCELLED),
            (9, RpcStatus.INTERNAL),
            (10, RpcStatus.INTERNAL),
            (11, RpcStatus.RESOURCE_EXHAUSTED),
            (12, RpcStatus.PERMISSION_DENIED),
            (99, RpcStatus.UNKNOWN),
        ],
    )
    def test_each_way_to_reset_a_stream(self, code: int, status: RpcStatus) -> None:
        assert self.end(reset(1, code))[1] is status

    def test_a_stream_that_is_refused_is_opened_again(self) -> None:
        """The peer promises to have done nothing; it may count streams otherwise than we do."""
        client = Client(settings_of(streams=1))
        client.begin(b"a")
        client.begin(b"b")
        client.sent()
        client.hears(reset(1, Http2Code.REFUSED_STREAM))
        assert (client.sent(), client.connection.refusals) == ([], 1)
        client.connection.open_refused()
        assert [(stream, payload) for kind, _, stream, payload in client.sent() if kind == DATA] == [
            (3, framed(b"a"))
        ]

        client.hears(answer(3, b"x"), answer(5, b"y"))
        assert [call.messages for call in client.calls] == [[b"x"], [b"y"]]

    def test_a_large_request_that_is_refused_is_sent_again_in_whole(self) -> None:
        client = Client(settings_of(window=1 << 20))
        call = client.begin(bytes(60_000))
        client.hears(reset(1, Http2Code.REFUSED_STREAM), window(1 << 20))
        client.sent()
        client.connection.open_refused()
        assert sum(len(payload) for kind, _, _, payload in client.sent() if kind == DATA) == 60_005

        client.hears(answer(3, b"x"))
        assert (call.end, client.sent()) == ((RpcStatus.OK, ""), [])

    def test_a_stream_that_is_always_refused(self) -> None:
        client = Client()
        call = client.begin()
        for stream in range(1, 23, 2):
            assert call.end is None
            client.hears(reset(stream, Http2Code.REFUSED_STREAM))
            client.connection.open_refused()

        assert call.end == (RpcStatus.UNAVAILABLE, "the stream was reset (REFUSED_STREAM)")

    def test_one_that_was_refused_can_be_cancelled_and_lost(self) -> None:
        client = Client()
        client.begin(count=2)
        client.hears(reset(1, Http2Code.REFUSED_STREAM), reset(3, Http2Code.REFUSED_STREAM))
        client.calls[0].abandon()
        client.connection.lose("gone")

        assert [call.end for call in client.calls] == [None, (RpcStatus.UNAVAILABLE, "gone")]
        assert client.connection.is_idle

    def test_a_stream_that_is_refused_after_it_was_answered(self) -> None:
        said = frame(HEADERS, END_HEADERS, 1, HELLO), reset(1, Http2Code.REFUSED_STREAM)

        assert self.end(*said)[1] is RpcStatus.UNAVAILABLE

    def test_early_headers_are_passed_over(self) -> None:
        early = frame(HEADERS, END_HEADERS, 1, encode_fields([(b":status", b"103")]))

        assert self.end(early, answer(1, b"x")) == ([b"x"], RpcStatus.OK, "")

    def test_padding_priorities_and_continuations(self) -> None:
        block = HELLO
        headers = frame(HEADERS, PADDED | WITH_PRIORITY, 1, b"\3" + bytes(5) + block[:1] + b"pad")
        rest = frame(CONTINUATION, 0, 1, block[1:4]) + frame(CONTINUATION, END_HEADERS, 1, block[4:])
        data = frame(DATA, PADDED, 1, b"\2" + framed(b"x") + b"..")
        end = frame(HEADERS, END_HEADERS | END | PADDED, 1, b"\0" + DONE)

        assert self.end(headers, rest, data, end) == ([b"x"], RpcStatus.OK, "")

    @pytest.mark.parametrize(
        ("said", "status", "reason"),
        [
            (frame(DATA, 0, 1, framed(b"x")), RpcStatus.INTERNAL, "before the headers"),
            (frame(HEADERS, END_HEADERS, 1, HELLO) * 2, RpcStatus.INTERNAL, "in the middle"),
            (answer(1, end=encode_fields([(b"a", b"b")])), RpcStatus.UNKNOWN, "without a status"),
            (
                frame(HEADERS, END_HEADERS, 1, HELLO) + frame(DATA, END, 1, framed(b"x")),
                RpcStatus.UNKNOWN,
                "without a status",
            ),
            (
                frame(HEADERS, END_HEADERS, 1, HELLO) + frame(DATA, 0, 1, b"\1\0\0\0\1x"),
                RpcStatus.INTERNAL,
                "compressed",
            ),
            (
                frame(HEADERS, END_HEADERS, 1, HELLO)
                + frame(DATA, 0, 1, struct.pack(">BI", 0, MAX_MESSAGE_BYTES + 1)),
                RpcStatus.RESOURCE_EXHAUSTED,
                "are allowed",
            ),
            (
                frame(HEADERS, END_HEADERS, 1, HELLO)
                + frame(DATA, 0, 1, framed(b"abc")[:-1])
                + frame(HEADERS, END_HEADERS | END, 1, DONE),
                RpcStatus.INTERNAL,
                "cut short",
            ),
            (
                frame(
                    HEADERS,
                    END_HEADERS,
                    1,
                    encode_fields([(b":status", b"200"), (b"content-type", b"text/html")]),
                ),
                RpcStatus.UNKNOWN,
                "'text/html'",
            ),
        ],
    )
    def test_what_is_no_answer(self, said: bytes, status: RpcStatus, reason: str) -> None:
        _, found, details = self.end(said)

        assert found is status
        assert reason in details


SCRIPT = st.lists(
    st.one_of(
        st.builds(
            lambda stream, messages: answer(stream, *messages),
            st.sampled_from([1, 3, 5, 7]),
            st.lists(st.binary(max_size=40), max_size=4),
        ),
        st.builds(
            lambda stream, data: frame(DATA, 0, stream, data),
            st.sampled_from([1, 3, 5]),
            st.binary(max_size=30),
        ),
        st.builds(
            lambda stream, cut: (
                frame(HEADERS, 0, stream, HELLO[:cut]) + frame(CONTINUATION, END_HEADERS, stream, HELLO[cut:])
            ),
            st.sampled_from([1, 3, 5]),
            st.integers(0, len(HELLO)),
        ),
        st.builds(reset, st.sampled_from([1, 3, 5, 7]), st.integers(0, 20)),
        st.builds(farewell, st.integers(0, 9), st.integers(0, 20), st.binary(max_size=10)),
        st.builds(window, st.integers(0, 2**31 - 1), st.sampled_from([0, 1, 3])),
        st.builds(
            lambda streams, size: settings_of(streams=streams, window=size),
            st.integers(0, 5),
            st.integers(0, 2**31),
        ),
        st.builds(frame, st.integers(0, 12), st.integers(0, 255), st.integers(0, 9), st.binary(max_size=20)),
        st.binary(max_size=20),
    ),
    max_size=8,
)


def told(pieces: list[bytes]) -> Any:
    """All that comes of hearing *pieces*, in whatever order it concerns."""
    client = Client(b"")
    client.begin(bytes(100), count=3)
    client.begin(bytes(100_000))
    violation = None
    sent = b""
    try:
        for each in pieces:
            client.connection.receive(each)
            sent += client.connection.take_output()
    except ProtocolViolationError as error:
        violation = (error.code, error.reason)
    sent += client.connection.take_output()
    return [(call.messages, call.end) for call in client.calls], violation, sent


class TestWhateverComes:
    @given(SCRIPT, st.lists(st.integers(0, 2000), max_size=12), st.booleans())
    @settings(deadline=None)
    def test_it_does_not_matter_how_the_bytes_are_cut(
        self, script: list[bytes], cuts: list[int], polite: bool
    ) -> None:
        data = (settings_of() if polite else b"") + b"".join(script)
        at = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
        whole = told([data])

        assert told([data[start:end] for start, end in itertools.pairwise(at)]) == whole
        assert told([data[start : start + 1] for start in range(len(data))]) == whole

    @given(st.binary(max_size=400))
    def test_any_bytes_are_heard_or_refused(self, data: bytes) -> None:
        told([data])
        told([settings_of(), data])

    @given(st.data())
    @settings(deadline=None)
    def test_answers_with_a_byte_changed(self, data: st.DataObject) -> None:
        said = bytearray(settings_of() + answer(1, b"abc", b"d") + answer(3, b"efg") + answer(5, bytes(300)))
        for _ in range(data.draw(st.integers(1, 3))):
            said[data.draw(st.integers(0, len(said) - 1))] = data.draw(st.integers(0, 255))

        told([bytes(said)])
