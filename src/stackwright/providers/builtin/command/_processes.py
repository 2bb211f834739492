"""
Running one command of the user's: its output line by line, its end, and its being ended.

A command gets a process group of its own, so that ending it ends everything it began,
and an interrupt at the terminal reaches us alone.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from stackwright.providers._interface import ProviderError, ResourceStatus
from stackwright.providers.builtin._session import Session

DEFAULT_INTERPRETER: Final = ("/bin/sh", "-c")

_GRACE: Final = 5.0
"""Seconds between the request to end and the kill."""
_SHOWN_LINES: Final = 20
_MASK: Final = "[secret]"


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is to be run.

    `hidden` are texts that must not be seen in logs and errors; `heard` gets each line of
    the streams that are logged, with the stream's name. `timeout` is in seconds, 0 for none.
    """

    command: str
    interpreter: Sequence[str] = DEFAULT_INTERPRETER
    directory: Path
    environment: Mapping[str, str] = {}
    stdin: str = ""
    hidden: tuple[str, ...] = ()
    heard: Callable[[str, str], None]
    timeout: float = 0
    grace: float = _GRACE


class Finished(msgspec.Struct, frozen=True):
    """What a command printed, each without the newline at its end."""

    stdout: str
    stderr: str


def mask(text: str, hidden: Sequence[str]) -> str:
    """*text* with everything *hidden* in it covered."""
    for each in hidden:
        text = text.replace(each, _MASK)
    return text


def masked_texts(secrets: Sequence[str]) -> tuple[str, ...]:
    """What to hide so that none of *secrets* can be read off single lines: the longest first."""
    lines = {line for secret in secrets for line in secret.splitlines() if len(line.strip()) > 2}
    return tuple(sorted(lines, key=len, reverse=True))


class _Stream:
    """One of a command's outputs: collected, and cut into lines."""

    def __init__(self, line: Callable[[str], None]) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._line = line
        self._pieces: list[str] = []
        self._begun: list[str] = []

    async def drain(self, source: asyncio.StreamReader) -> None:
        while data := await source.read(65536):
            self._take(self._decoder.decode(data))
        self._take(self._decoder.decode(b"", final=True))
        if rest := "".join(self._begun):
            self._line(rest)

    def _take(self, text: str) -> None:
        self._pieces.append(text)
        *ends, rest = text.split("\n")
        for end in ends:
            self._line(("".join(self._begun) + end).removesuffix("\r"))
            self._begun.clear()
        self._begun.append(rest)

    @property
    def text(self) -> str:
        return "".join(self._pieces).removesuffix("\n")


async def run_command(run: Run, session: Session) -> Finished:
    """
    Run to the end; what it began has ended too, or let go of its outputs.

    Cancelling the call or the session ends the whole process group.

    Raises:
        ProviderError: It could not start, ended with a status other than 0, took too
            long, or was cancelled.
    """
    if session.cancelled:
        raise ProviderError("The command was not started, because the operation is being cancelled")
    process = await _started(run)
    last: list[str] = []

    def line(stream: str, text: str) -> None:
        shown = mask(text, run.hidden)
        last.append(shown)
        del last[:-_SHOWN_LINES]
        run.heard(stream, shown)

    stdout, stderr = _Stream(lambda text: line("stdout", text)), _Stream(lambda text: line("stderr", text))
    stopping = _Stopping(process, run.grace)
    try:
        with session.calling_on_cancel(stopping.begin):
            async with asyncio.timeout(run.timeout or None):
                await _communicate(process, run.stdin, stdout, stderr)
    except TimeoutError:
        await stopping.finish()
        raise _ended_early(run, f"took longer than {run.timeout:g} s and was ended", last) from None
    except BaseException:
        await stopping.finish()
        raise
    finally:
        stopping.forget()
    if process.returncode:
        if session.cancelled:
            raise _ended_early(run, "was ended, because the operation is being cancelled", last)
        raise _failed(run, process.returncode, last)
    return Finished(stdout.text, stderr.text)


class _Stopping:
    """
    Ending a process group: asked first, killed after some seconds.

    The group is signalled even when its first process is gone, since what that began
    may be alive and hold the outputs open.
    """

    def __init__(self, process: asyncio.subprocess.Process, grace: float) -> None:
        self._process = process
        self._grace = grace
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Ask the group to end; returns at once."""
        if self._timer is None:
            self._signal(signal.SIGTERM)
            self._timer = asyncio.get_running_loop().call_later(self._grace, self._signal, signal.SIGKILL)

    async def finish(self) -> None:
        """End the group, and return when its first process is gone; impatience shortens the grace."""
        self.begin()
        try:
            await self._gone()
        finally:
            self._signal(signal.SIGKILL)
            self.forget()
            await self._gone()

    async def _gone(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2 * self._grace):
                # `wait` may return only when outputs are closed, and nobody reads them any more.
                while self._process.returncode is None:  # noqa: ASYNC110 - no event for the end alone
                    await asyncio.sleep(0.005)

    def forget(self) -> None:
        """Kill nobody from now on: the group's number may belong to others soon."""
        if self._timer is not None:
            self._timer.cancel()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


async def _started(run: Run) -> asyncio.subprocess.Process:
    """
    The process, once it runs.

    A call that is cancelled meanwhile must not lose it: asyncio would end the process
    alone, and leave what it began.
    """
    starting = asyncio.ensure_future(_spawned(run))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        with contextlib.suppress(ProviderError):
            await _Stopping(await starting, run.grace).finish()
        raise


async def _spawned(run: Run) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            *run.interpreter,
            run.command,
            stdin=asyncio.subprocess.PIPE if run.stdin else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=run.directory,
            env=dict(run.environment),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        if not run.directory.is_dir():
            raise ProviderError(
                f"The command cannot run in {run.directory}, which is not a directory",
                hint="Correct `dir`, or create the directory first",
            ) from None
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ProviderError(
            f"The interpreter `{run.interpreter[0]}` cannot be started: {reason}",
            hint="`interpreter` is a program and its arguments, such as /bin/sh and -c",
        ) from None


async def _communicate(
    process: asyncio.subprocess.Process, stdin: str, stdout: _Stream, stderr: _Stream
) -> None:
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(stdout.drain(process.stdout))
        tasks.create_task(stderr.drain(process.stderr))
        if stdin:
            tasks.create_task(_feed(process, stdin))
    await process.wait()


async def _feed(process: asyncio.subprocess.Process, text: str) -> None:
    assert process.stdin is not None
    # A command may end without reading what it was given.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(text.encode())
        await process.stdin.drain()
        process.stdin.close()
        await process.stdin.wait_closed()


def _shown(run: Run) -> str:
    return mask(run.command, run.hidden)


def _evidence(last: Sequence[str]) -> str:
    return "It printed last:\n" + "\n".join(last) if last else "It printed nothing"


def _failed(run: Run, status: int, last: Sequence[str]) -> ProviderError:
    end = f"ended with exit status {status}" if status > 0 else f"was ended by {_signal_name(-status)}"
    return ProviderError(f"The command {end}: {_shown(run)}", detail=_evidence(last))


def _ended_early(run: Run, how: str, last: Sequence[str]) -> ProviderError:
    return ProviderError(
        f"The command {how}: {_shown(run)}", status=ResourceStatus.UNKNOWN, detail=_evidence(last)
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
