"""What a program in another process prints: forwarded as it comes, in whole lines."""

from __future__ import annotations

import os
import selectors
import threading
from collections.abc import Callable, Mapping
from typing import IO, Final

from stackwright.reply import Reply

_CHUNK: Final = 1 << 16
_LAST_WORDS: Final = 2.0
"""Seconds that output is read for after the program's end, if its children keep the streams open."""


class ProgramOutput:
    """
    Reads *streams* on a thread of its own and hands text, by the stream's key, to *tell*.

    A text is one or more whole lines without the last line's end; a line that is longer
    than a chunk comes in pieces. *tell* may block: the program is then held up, which is
    what bounds the memory that a flood takes.
    """

    def __init__(self, streams: Mapping[str, IO[bytes]], tell: Callable[[str, str], None]) -> None:
        self._tell = tell
        self._open = {stream.fileno(): key for key, stream in streams.items()}
        self._rest: dict[int, bytes] = dict.fromkeys(self._open, b"")
        self._selector = selectors.DefaultSelector()
        for number in self._open:
            os.set_blocking(number, False)
            self._selector.register(number, selectors.EVENT_READ)
        self._bell, self._ringer = os.pipe()
        self._selector.register(self._bell, selectors.EVENT_READ)
        self._questions: list[Reply[None]] = []
        self._lock = threading.Lock()
        self._over = False
        self._thread = threading.Thread(target=self._read, name="program output", daemon=True)
        self._thread.start()

    def drained(self) -> Reply[None]:
        """Answered when everything that was written before this call has been told, unended lines too."""
        reply: Reply[None] = Reply()
        with self._lock:
            if self._over:
                return Reply.of(None)
            self._questions.append(reply)
            os.write(self._ringer, b"?")
        return reply

    def close(self) -> None:
        """Tell what is left, once the program has ended."""
        self._thread.join(_LAST_WORDS)
        if self._thread.is_alive():  # somebody else holds the streams: take what is there
            with self._lock:
                os.write(self._ringer, b".")
            self._thread.join()
        self._selector.close()
        os.close(self._bell)
        os.close(self._ringer)

    def _read(self) -> None:
        ended = False
        while self._open and not ended:
            for key, _ in self._selector.select():
                if key.fd == self._bell:
                    ended = b"." in os.read(self._bell, _CHUNK)
            self._take_all()
            self._answer()
        for number in list(self._open):
            self._end(number)
        with self._lock:
            self._over = True
        self._answer()

    def _answer(self) -> None:
        with self._lock:
            questions, self._questions = self._questions, []
        if questions:
            for number in self._open:
                self._say_rest(number)
        for question in questions:
            question.answer(None)

    def _take_all(self) -> None:
        """Everything that is in the pipes at this moment."""
        busy = list(self._open)
        while busy:
            busy = [number for number in busy if self._take(number)]

    def _take(self, number: int) -> bool:
        try:
            data = os.read(number, _CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self._end(number)
            return False
        lines, end, rest = (self._rest[number] + data).rpartition(b"\n")
        if not end and len(rest) >= _CHUNK:
            lines, rest, end = rest, b"", b"\n"
        self._rest[number] = rest
        if end:
            self._say(number, lines)
        return True

    def _end(self, number: int) -> None:
        self._selector.unregister(number)
        self._say_rest(number)
        del self._open[number]

    def _say_rest(self, number: int) -> None:
        rest, self._rest[number] = self._rest[number], b""
        if rest:
            self._say(number, rest)

    def _say(self, number: int, data: bytes) -> None:
        self._tell(self._open[number], data.decode("utf-8", "replace").replace("\r\n", "\n"))
