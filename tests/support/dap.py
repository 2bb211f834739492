"""A debugger as editors have it, as far as tests need: a client of the Debug Adapter Protocol."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SECONDS = 60


class Debugger:
    """Attached to one process. Every method waits for the answer."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._stream = connection.makefile("rb")
        self._numbers = itertools.count(1)
        self._events: list[dict[str, Any]] = []

    def _send(self, command: str, arguments: dict[str, Any]) -> int:
        number = next(self._numbers)
        message = {"seq": number, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(message).encode()
        self._connection.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        return number

    def _receive(self) -> dict[str, Any]:
        length = 0
        while line := self._stream.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            raise EOFError("the process has closed the connection")
        found: dict[str, Any] = json.loads(self._stream.read(length))
        return found

    def _answer(self, number: int) -> dict[str, Any]:
        while True:
            message = self._receive()
            if message["type"] == "response" and message["request_seq"] == number:
                assert message["success"], message
                return dict(message.get("body") or {})
            if message["type"] == "event":
                self._events.append(message)

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """The answer to a request."""
        return self._answer(self._send(command, arguments))

    def event(self, name: str) -> dict[str, Any]:
        """The next event of that name, which may have come already."""
        for index, message in enumerate(self._events):
            if message["event"] == name:
                return dict(self._events.pop(index).get("body") or {})
        while True:
            message = self._receive()
            if message["type"] == "event" and message["event"] == name:
                return dict(message.get("body") or {})
            if message["type"] == "event":
                self._events.append(message)

    def begin(self, file: Path, *lines: int) -> None:
        """Have it stop at *lines* of *file*, and go."""
        self.ask("initialize", adapterID="tests", pathFormat="path")
        attaching = self._send("attach", {"justMyCode": False})
        self.event("initialized")
        points = [{"line": line} for line in lines]
        placed = self.ask("setBreakpoints", source={"path": str(file)}, breakpoints=points)
        assert all(point["verified"] for point in placed["breakpoints"])
        self.ask("configurationDone")
        self._answer(attaching)

    def stopped_at(self) -> tuple[str, int, int]:
        """Wait until it stops: the file's name, the line and the frame."""
        thread = self.event("stopped")["threadId"]
        frame = self.ask("stackTrace", threadId=thread)["stackFrames"][0]
        self._thread = thread
        return Path(frame["source"]["path"]).name, frame["line"], frame["id"]

    def evaluate(self, expression: str, frame: int) -> str:
        """What *expression* comes to there."""
        return str(self.ask("evaluate", expression=expression, frameId=frame)["result"])

    def until_the_end(self) -> None:
        """Wait until the process has ended."""
        self.event("terminated")

    def close(self) -> None:
        self._stream.close()

    def go_on(self) -> None:
        self.ask("continue", threadId=self._thread)


@contextlib.contextmanager
def attached(port: int) -> Iterator[Debugger]:
    """A debugger at a port of this machine."""
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
        debugger = Debugger(connection)
        try:
            yield debugger
        finally:
            debugger.close()
