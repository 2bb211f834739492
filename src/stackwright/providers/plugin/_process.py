"""
The process of a plugin, from its first line to its end (protocol.md §7.5, §7.8).

A plugin must never outlive this process, however this process ends. So the shell
that starts it first forks a watcher into the plugin's process group and then
becomes the plugin. Watcher and plugin share standard input, a pipe whose other
end only this process holds: when it closes, the watcher interrupts the group and,
if that is not enough, kills it. There is no moment in which the plugin runs
unwatched, nothing depends on a particular system or thread, and the plugin is
still our own child, with its exit status for us to see.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

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

# What .NET prints around its progress before the port line (§7.5).
_PROGRESS: Final = re.compile(r"\x1b\]9;4;[30];\x1b\\")
_PORT_LINE_LIMIT: Final = 64 * 1024
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


class PluginProcess:
    """
    A running plugin. Made by `start`, ended by `stop`; both on one event loop.

    Everything it prints after its port line goes to *on_line* (the stream's name and
    the line) and, the last of it, into `tail`.
    """

    def __init__(
        self, process: asyncio.subprocess.Process, program: str, on_line: Callable[[str, str], None]
    ) -> None:
        self._process = process
        self._program = program
        self._on_line = on_line
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._port: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._readers = [
            asyncio.ensure_future(self._read_stdout()),
            asyncio.ensure_future(self._read_stderr()),
        ]
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
    ) -> PluginProcess:
        """
        Start *command* in a session of its own.

        *orphan_grace* is how many seconds the watcher leaves it between interrupt and kill.

        Raises:
            PluginStartError: The system does not run it.
        """
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
                stderr=asyncio.subprocess.PIPE,
                cwd=cwd,
                env=dict(environ),
                start_new_session=True,
            )
        except OSError as error:
            raise PluginStartError(f"The plugin {command[0]} cannot be started: {error}") from error
        return cls(process, command[0], on_line)

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

    async def port(self, *, within: float) -> int:
        """
        The port it serves on, from the first line it prints.

        Raises:
            PluginStartError: It printed something else, nothing in time, or ended.
        """
        await asyncio.wait([self._port], timeout=within)
        if not self._port.done():
            raise PluginStartError(
                f"The plugin {self._program} did not say within {within:g} s on which port it serves",
                said=self.tail,
            )
        line = self._port.result()
        if line is None:
            await self.wait(within=5)
            raise PluginStartError(
                f"The plugin {self._program} {self.describe_end()} before it said on which port it serves",
                said=self.tail,
                hint="Run it by hand to see what is missing: a plugin prints a port number and waits",
            )
        text = _PROGRESS.sub("", line).strip()
        if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 65535):
            raise PluginStartError(
                f"The plugin {self._program} wrote an invalid port to stdout: {text[:200]!r}",
                said=self.tail,
                hint="The first line that a plugin prints is the number of its port and nothing else",
            )
        return int(text)

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
        while b"\n" not in head and len(head) < _PORT_LINE_LIMIT:
            chunk = await stream.read(_CHUNK)
            if not chunk:
                break
            head += chunk
        line, newline, rest = head.partition(b"\n")
        if newline or len(head) >= _PORT_LINE_LIMIT:
            self._settle_port(line.decode("utf-8", "replace"))
        else:
            if head:
                self._line("stdout", head)
            self._settle_port(None)
        await self._lines("stdout", stream, rest)

    def _settle_port(self, line: str | None) -> None:
        if not self._port.done():
            self._port.set_result(line)

    async def _read_stderr(self) -> None:
        stream = self._process.stderr
        assert stream is not None
        await self._lines("stderr", stream, b"")

    async def _lines(self, name: str, stream: asyncio.StreamReader, pending: bytes) -> None:
        while True:
            *lines, pending = pending.split(b"\n")
            for line in lines:
                self._line(name, line)
            if len(pending) > _LINE_LIMIT:
                self._line(name, pending)
                pending = b""
            chunk = await stream.read(_CHUNK)
            if not chunk:
                break
            pending += chunk
        if pending:
            self._line(name, pending)

    def _line(self, name: str, data: bytes) -> None:
        text = data[:_LINE_LIMIT].decode("utf-8", "replace").rstrip("\r")
        self._tail.append(text)
        self._on_line(name, text)
