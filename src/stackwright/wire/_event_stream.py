"""Engine events to somebody who listens at an address (protocol.md §14.5)."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Final

from stackwright.wire._grpc import load_grpc
from stackwright.wire._services import CHANNEL_OPTIONS

_END: Final = None
_FAREWELL_SECONDS: Final = 10
"""How long the listener may take to acknowledge what it was sent, once there is no more."""


class EventStream:
    """
    Something to write lines of JSON to, each of which becomes one message of a stream.

    Writing never waits: a thread of its own sends. Use as a context manager; leaving sends the
    rest and waits, for a while, until the listener has taken it. A listener that went away
    does no harm: events are for others, and the operation matters more.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._send, name="stackwright-events", daemon=True)

    def __enter__(self) -> EventStream:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.put(_END)
        self._thread.join(_FAREWELL_SECONDS)

    def write(self, text: str) -> int:
        """Send *text*, one event, without the end of its line."""
        self._lines.put(text.rstrip("\n"))
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def _send(self) -> None:
        load_grpc()
        import grpc

        from stackwright.wire.stubs.google.protobuf import empty_pb2
        from stackwright.wire.stubs.pulumi import events_pb2

        def messages() -> Iterator[events_pb2.EventRequest]:
            while (line := self._lines.get()) is not _END:
                yield events_pb2.EventRequest(event=line)

        with grpc.insecure_channel(
            self._address, options=(*CHANNEL_OPTIONS, ("grpc.enable_http_proxy", 0))
        ) as channel:
            stream = channel.stream_unary(
                "/pulumirpc.Events/StreamEvents",
                request_serializer=events_pb2.EventRequest.SerializeToString,
                response_deserializer=empty_pb2.Empty.FromString,
            )
            try:
                stream(messages(), wait_for_ready=False)
            except grpc.RpcError:
                return  # see the class: nobody listens any more
