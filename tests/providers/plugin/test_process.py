"""A plugin's process: how it starts, what it says, and that it always ends."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from support.fake_plugins import run, script_plugin

from stackwright.providers._watched import PluginStartError
from stackwright.providers.plugin._process import PluginProcess


def started(program: Path, *args: str, on_line: Callable[[str, str], None] | None = None) -> Any:
    return PluginProcess.start(
        (str(program), *args),
        cwd=program.parent,
        environ=os.environ,
        on_line=on_line or (lambda stream, line: None),
    )


def port_of(program: Path, *, within: float = 20) -> int:
    async def scenario() -> int:
        process = await started(program)
        try:
            return await process.port(within=within)
        finally:
            await process.stop(5)

    return run(scenario())


def group_of(pid: int) -> list[int]:
    """Every living process in the group of *pid*."""
    members = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == pid and process.status() != psutil.STATUS_ZOMBIE:
                members.append(process.pid)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return members


def gone(pids: list[int], within: float = 20) -> bool:
    """Wait until none of *pids* lives any more; what is dead and not yet buried counts as gone."""
    deadline = time.monotonic() + within
    alive = pids
    while alive and time.monotonic() < deadline:
        living = [psutil.Process(pid) for pid in alive if psutil.pid_exists(pid)]
        _, left = psutil.wait_procs(living, timeout=0.02)
        alive = [process.pid for process in left if not _is_dead(process)]
    return not alive


def _is_dead(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


class TestPortLine:
    def test_the_first_line_is_the_port(self, tmp_path: Path) -> None:
        """protocol.md §7.5: white space around it does not matter."""
        program = script_plugin(tmp_path, "p", "print('  4711 \\r'); input()")

        assert port_of(program) == 4711

    def test_progress_marks_are_removed(self, tmp_path: Path) -> None:
        """protocol.md §7.5: the two .NET progress sequences."""
        program = script_plugin(tmp_path, "p", r"print('\x1b]9;4;3;\x1b\\\x1b]9;4;0;\x1b\\4711'); input()")

        assert port_of(program) == 4711

    @pytest.mark.parametrize("text", ["hello", "0", "65536", "-1", "4711 4712", "", "٤٧"])
    def test_anything_else_is_an_error_that_shows_it(self, tmp_path: Path, text: str) -> None:
        """protocol.md §7.5: «wrote an invalid port to stdout»."""
        program = script_plugin(tmp_path, "p", f"print({text!r}); input()")

        with pytest.raises(PluginStartError, match="invalid port to stdout") as failure:
            port_of(program)

        assert ascii(text).strip("'") in ascii(failure.value.message)

    def test_a_flood_without_a_line_is_an_error(self, tmp_path: Path) -> None:
        """A program that is no plugin may print for ever."""
        program = script_plugin(tmp_path, "p", "while True: print('x' * 4096, end='')")

        with pytest.raises(PluginStartError, match="invalid port"):
            port_of(program)

    def test_an_end_before_the_line_reports_status_and_output(self, tmp_path: Path) -> None:
        """protocol.md §7.5: EOF before a newline reports the exit status."""
        program = script_plugin(
            tmp_path, "p", "import sys; print('no config', file=sys.stderr); print('47', end=''); sys.exit(7)"
        )

        with pytest.raises(PluginStartError, match="ended with exit status 7 before it said") as failure:
            port_of(program)

        assert "no config" in failure.value.said

    def test_silence_has_an_end(self, tmp_path: Path) -> None:
        """A plugin that hangs at start is given up, with what it printed on stderr."""
        program = script_plugin(tmp_path, "p", "input()")

        with pytest.raises(PluginStartError, match=r"did not say within 0\.05 s"):
            port_of(program, within=0.05)

    def test_a_program_that_cannot_run_is_reported(self, tmp_path: Path) -> None:
        """The reason of the system comes with the error."""
        with pytest.raises(PluginStartError, match=r"exit status 12[67]") as failure:
            port_of(tmp_path / "pulumi-resource-none")

        assert "pulumi-resource-none" in failure.value.said


class TestOutput:
    def test_lines_after_the_port_are_heard(self, tmp_path: Path) -> None:
        """protocol.md §7.5: both streams, line by line, an unfinished last line too."""
        heard: list[tuple[str, str]] = []
        program = script_plugin(
            tmp_path,
            "p",
            "import sys; print('1\\nout'); print('err\\r', file=sys.stderr); print('end', end='')",
        )

        async def scenario() -> str:
            process = await started(program, on_line=lambda stream, line: heard.append((stream, line)))
            assert await process.wait(within=20)
            assert await process.port(within=1) == 1
            await process.stop(0)
            return process.tail

        tail = run(scenario())

        assert sorted(heard) == [("stderr", "err"), ("stdout", "end"), ("stdout", "out")]
        assert set(tail.splitlines()) == {"out", "err", "end"}

    def test_the_tail_is_bounded(self, tmp_path: Path) -> None:
        """A chatty plugin costs no memory."""
        program = script_plugin(tmp_path, "p", "print(1)\nfor n in range(500): print(n, 'x' * 9999)")

        async def scenario() -> str:
            process = await started(program)
            assert await process.wait(within=20)
            await process.stop(0)
            return process.tail

        tail = run(scenario())

        assert len(tail) < 200_000
        assert "499 x" in tail

    def test_the_command_line_and_directory_are_as_given(self, tmp_path: Path) -> None:
        """protocol.md §7.5: the engine's address is the argument; standard input stays open."""
        program = script_plugin(
            tmp_path, "p", "import os, sys; print(1); print(sys.argv[1:], os.getcwd(), flush=True); input()"
        )
        heard: list[str] = []

        async def scenario() -> None:
            arrived = asyncio.Event()

            def line(stream: str, text: str) -> None:
                heard.append(text)
                arrived.set()

            process = await started(program, "127.0.0.1:5 $x", on_line=line)
            await asyncio.wait_for(arrived.wait(), 20)
            assert process.exit_status is None
            await process.stop(5)

        run(scenario())

        assert heard[0] == f"['127.0.0.1:5 $x'] {tmp_path.resolve()}"


SPAWNING = """
import signal, subprocess, sys
stubborn = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); input()"
child = subprocess.Popen([sys.executable, "-c", stubborn], stdin=subprocess.PIPE)
print(child.pid, flush=True)
"""


class TestTheEnd:
    def test_an_interrupt_is_enough_for_most(self, tmp_path: Path) -> None:
        """protocol.md §7.8: the whole group is gone, watcher included."""
        program = script_plugin(tmp_path, "p", "print(1); input()")

        async def scenario() -> tuple[int, str]:
            process = await started(program)
            await process.port(within=20)
            assert len(group_of(process.pid)) == 2  # the plugin and its watcher
            await process.stop(20)
            await process.stop(20)
            return process.pid, process.describe_end()

        pid, end = run(scenario())

        assert gone(group_of(pid))
        assert end == "was ended by SIGINT"

    def test_what_ignores_the_interrupt_is_killed(self, tmp_path: Path) -> None:
        """protocol.md §7.8: after the grace."""
        program = script_plugin(
            tmp_path, "p", "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); print(1); input()"
        )

        async def scenario() -> tuple[int, str]:
            process = await started(program)
            await process.port(within=20)
            await process.stop(0.05)
            return process.pid, process.describe_end()

        pid, end = run(scenario())

        assert end == "was ended by SIGKILL"
        assert gone(group_of(pid))

    def test_its_children_end_with_it(self, tmp_path: Path) -> None:
        """protocol.md §7.8: a child that ignores interrupts and holds the pipes does not stay behind."""
        program = script_plugin(tmp_path, "p", f"{SPAWNING}\nsys.exit(0)")

        async def scenario() -> int:
            process = await started(program)
            child = await process.port(within=20)
            assert await process.wait(within=20)
            await process.stop(5)
            return child

        assert gone([run(scenario())])

    @pytest.mark.parametrize("stubborn", [False, True])
    def test_nothing_stays_behind_when_we_are_killed(self, tmp_path: Path, stubborn: bool) -> None:
        """However this process ends, its plugins and their children end too."""
        ignore = "signal.signal(signal.SIGINT, signal.SIG_IGN)" if stubborn else ""
        program = script_plugin(tmp_path, "p", f"{SPAWNING}\n{ignore}\nsignal.pause()")
        script = f"""
import asyncio, os
from pathlib import Path
from stackwright.providers.plugin._process import PluginProcess

async def main():
    process = await PluginProcess.start(
        ({str(program)!r},), cwd=Path({str(tmp_path)!r}), environ=os.environ, on_line=lambda *_: None,
        orphan_grace=0.2)
    print(process.pid, await process.port(within=30), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
        with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as ours:
            assert ours.stdout is not None
            pid, child = map(int, ours.stdout.readline().split())
            members = group_of(pid)
            assert {pid, child} <= set(members)
            ours.send_signal(signal.SIGKILL)

        assert gone(members)
