"""
A plugin's process, of whichever family, from its first line to its end.

A plugin must never outlive this process, however this process ends. So the shell
that starts it first forks a watcher into the plugin's process group and then
becomes the plugin. Watcher and plugin share standard input, a pipe whose other
end only this process holds: when it closes, the watcher interrupts the group and,
if that is not enough, kills it. There is no moment in which the plugin runs
unwatched, nothing depends on a particular system or thread, and the plugin is
still our own child, with its exit status for us to see.

Facts: protocol.md §7.5, §7.8; terraform.md §1.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Thread
from typing import Final, Self

from stackwright.errors import StackwrightError

_SHELL: Final = "/bin/sh"
_WATCHED: Final = """
tries=$1
shift
exec 3<&0
(
  trap '' INT TERM HUP
  exec </dev/null >/dev/null 2>&1
  read -r _ <&3
  kill -INT 0
  while [ "$tries" -gt 0 ] && kill -0 "$$"; do sleep 0.1; tries=$((tries - 1)); done
  kill -KILL 0
) &
exec 3<&-
exec "$@"
"""

_FIRST_LINE_LIMIT: Final = 64 * 1024
_TAIL_LINES: Final = 40
_LINE_LIMIT: Final = 4096
_CHUNK: Final = 64 * 1024


class PluginStartError(StackwrightError):
    """
    A plugin did not come up. `said` is what it printed, for the one who reports it.
    """

    code = "plugin-start"

    def __init__(self, message: str, *, said: str = "", hint: str | None = None) -> None:
        super().__init__(message, detail=said or None, hint=hint)
        self.said = said


class WatchedProcess:
    """
    A running plugin. Made by `start`, ended by `stop`; both on one event loop.

    Everything it prints after its first line goes to *on_line* (the stream's name and
    the line) and, the last of it, into `tail`. Standard error is read on a thread of its
    own, since a plugin that logs much must not have to wait for an event loop that is
    busy; *on_line* is called on the loop all the same, unless *on_thread* says otherwise.
    """

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        program: str,
        stderr: int,
        on_line: Callable[[str, str], None],
        *,
        on_thread: bool,
    ) -> None:
        loop = asyncio.get_running_loop()
        self._process = process
        self.program = program
        self._on_line = on_line
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._first_line: asyncio.Future[str | None] = loop.create_future()
        stderr_read: asyncio.Future[None] = loop.create_future()
        self._readers = [asyncio.ensure_future(self._read_stdout()), stderr_read]
        reading = (stderr, loop, stderr_read, on_thread)
        Thread(target=self._read_stderr, args=reading, name=f"stderr {process.pid}", daemon=True).start()
        self._ended = asyncio.ensure_future(self._wait())
        self._group_gone = False

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        *,
        cwd: Path,
        environ: Mapping[str, str],
        on_line: Callable[[str, str], None],
        orphan_grace: float = 5,
        on_thread: bool = False,
    ) -> Self:
        """
        Start *command* in a session of its own.

        *orphan_grace* is how many seconds the watcher leaves it between interrupt and kill.

        Raises:
            PluginStartError: The system does not run it.
        """
        stderr, writing_end = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                _SHELL,
                "-c",
                _WATCHED,
                _SHELL,
                str(round(orphan_grace * 10)),
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=writing_end,
                cwd=cwd,
                env=dict(environ),
                start_new_session=True,
            )
        except BaseException as error:
            os.close(stderr)
            if isinstance(error, OSError):
                raise PluginStartError(f"The plugin {command[0]} cannot be started: {error}") from error
            raise
        finally:
            os.close(writing_end)
        return cls(process, command[0], stderr, on_line, on_thread=on_thread)

    @property
    def pid(self) -> int:
        """The process id, which is also that of its group."""
        return self._process.pid

    @property
    def exit_status(self) -> int | None:
        """None while it runs; negative for the number of the signal that ended it."""
        return self._process.returncode

    @property
    def tail(self) -> str:
        """What it printed last."""
        return "\n".join(self._tail)

    def describe_end(self) -> str:
        """How it ended, as the end of a sentence about it."""
        status = self._process.returncode
        if status is None:
            return "is still running"
        if status < 0:
            with contextlib.suppress(ValueError):
                return f"was ended by {signal.Signals(-status).name}"
            return f"was ended by signal {-status}"
        return f"ended with exit status {status}"

    async def wait(self, *, within: float | None = None) -> bool:
        """Wait until it has ended and all it printed has been read; False if *within* s passed first."""
        done, _ = await asyncio.wait([self._ended], timeout=within)
        return bool(done)

    async def first_line(self, awaited: str, *, within: float, hint: str) -> str:
        """
        The first line it prints; *awaited* says in words what that is to tell.

        Raises:
            PluginStartError: It said nothing in time, or ended; then *hint* says what to do.
        """
        await asyncio.wait([self._first_line], timeout=within)
        if not self._first_line.done():
            raise PluginStartError(
                f"The plugin {self.program} did not say within {within:g} s {awaited}", said=self.tail
            )
        line = self._first_line.result()
        if line is None:
            await self.wait(within=5)
            raise PluginStartError(
                f"The plugin {self.program} {self.describe_end()} before it said {awaited}",
                said=self.tail,
                hint=hint,
            )
        return line

    async def stop(self, grace: float) -> None:
        """
        Interrupt the whole group, give it *grace* seconds, then kill what is left, and reap it.

        Idempotent. Returns when the process is gone and both pipes are read to their end.
        """
        if self.exit_status is None:
            self._signal(signal.SIGINT)
            await self.wait(within=grace)
        # The watcher, and whatever the plugin started and left behind, are still in the group.
        self._kill_group()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._ended

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _kill_group(self) -> None:
        if not self._group_gone:
            self._group_gone = True
            self._signal(signal.SIGKILL)

    async def _wait(self) -> None:
        await self._process.wait()
        # A grandchild may hold the pipes; the plugin is gone, so its group goes too.
        self._kill_group()
        await asyncio.wait(self._readers)

    async def _read_stdout(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        head = b""
        while b"\n" not in head and len(head) < _FIRST_LINE_LIMIT:
            chunk = await stream.read(_CHUNK)
            if not chunk:
                break
            head += chunk
        line, newline, rest = head.partition(b"\n")
        if newline or len(head) >= _FIRST_LINE_LIMIT:
            self._settle_first_line(line.decode("utf-8", "replace"))
        else:
            if head:
                self._line("stdout", head)
            self._settle_first_line(None)
        await self._lines("stdout", stream, rest)

    def _settle_first_line(self, line: str | None) -> None:
        if not self._first_line.done():
            self._first_line.set_result(line)

    async def _lines(self, name: str, stream: asyncio.StreamReader, pending: bytes) -> None:
        while True:
            lines, pending = _split(pending)
            for line in lines:
                self._line(name, line)
            chunk = await stream.read(_CHUNK)
            if not chunk:
                break
            pending += chunk
        if pending:
            self._line(name, pending)

    def _read_stderr(
        self, stderr: int, loop: asyncio.AbstractEventLoop, read: asyncio.Future[None], on_thread: bool
    ) -> None:
        """On a thread: hand on every line until the last writer is gone."""

        def hand_on(lines: list[bytes]) -> None:
            for line in lines:
                self._line("stderr", line)

        def say(lines: list[bytes]) -> None:
            if on_thread:
                hand_on(lines)
            elif lines:
                loop.call_soon_threadsafe(hand_on, lines)

        pending = b""
        with (
            open(stderr, "rb", buffering=0) as stream,
            contextlib.suppress(RuntimeError),  # the loop was closed: nobody waits any more
        ):
            while chunk := stream.read(_CHUNK):
                lines, pending = _split(pending + chunk)
                say(lines)
            say([pending] if pending else [])
            loop.call_soon_threadsafe(_settle, read)

    def _line(self, name: str, data: bytes) -> None:
        text = data[:_LINE_LIMIT].decode("utf-8", "replace").rstrip("\r")
        self._tail.append(text)
        self._on_line(name, text)


def _split(pending: bytes) -> tuple[list[bytes], bytes]:
    """All whole lines, and what is too long to be one; and what is left over."""
    *lines, pending = pending.split(b"\n")
    if len(pending) > _LINE_LIMIT:
        return [*lines, pending], b""
    return lines, pending


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
