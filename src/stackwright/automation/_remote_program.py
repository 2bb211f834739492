"""
A program in a process of its own, speaking gRPC to the engine (design.md §2, protocol.md §13).

Decides how the process is started, what becomes of what it prints, and how it is ended: by
itself, by Ctrl-C, or because its deployment is over. The program is run by `launch.py` with
the SDK that its environment has.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

import msgspec

from stackwright.automation._engine_thread import EngineThread
from stackwright.automation._operation import ProgramEnd
from stackwright.automation._program_output import ProgramOutput
from stackwright.diagnostics import Diagnostic, Severity
from stackwright.monitor import Monitor
from stackwright.reply import Reply
from stackwright.urn import Urn, is_root_stack
from stackwright.values import PropertyMap

_TOLD: Final = 32
"""The exit status of a program that has told the user itself what happened (protocol.md §13.2)."""

_THROTTLE: Final = 1 << 20
"""Characters of output after which the program waits until the engine has taken them."""


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long, in seconds, a program is waited for."""

    interrupt: float = 5
    """From the interrupt to the kill."""
    after: float = 30
    """From the end of the deployment to the interrupt."""


class RemoteProgram:
    """
    Runs a program with the interpreter of its own environment.

    *entry* is `.` for a directory with a `__main__.py`, else a file in *directory*. A *debugged*
    one waits for a debugger first. Calling it serves the monitor from a loop of its own; an
    operation offers the engine's, through `run`.
    """

    def __init__(
        self,
        *,
        interpreter: Path,
        variables: Mapping[str, str],
        directory: Path,
        entry: str = ".",
        arguments: Sequence[str] = (),
        debugged: bool = False,
        patience: Patience = Patience(),  # noqa: B008 - frozen
    ) -> None:
        self._debugged = debugged
        self._interpreter = interpreter
        self._variables = variables
        self._directory = directory
        self._entry = entry
        self._arguments = tuple(arguments)
        self._patience = patience

    def __call__(self, monitor: Monitor) -> ProgramEnd:
        with EngineThread() as serving:
            return self.run(monitor, serving, Future())

    def run(self, monitor: Monitor, engine: EngineThread, over: Future[Any]) -> ProgramEnd:
        """Run it to its end on this thread; see `ServedProgram`."""
        from stackwright.wire import MonitorServer

        listening = _ListeningMonitor(monitor)
        server = engine.run(MonitorServer.start(listening))
        try:
            return self._run(listening, engine, over, server.address)
        finally:
            engine.run(server.stop())
            listening.print_late()

    def _run(
        self, monitor: _ListeningMonitor, engine: EngineThread, over: Future[Any], address: str
    ) -> ProgramEnd:
        try:
            process = self._start(monitor, address)
        except OSError as error:
            monitor.log(_error(f"The interpreter {self._interpreter} could not be started: {error.strerror}"))
            return ProgramEnd.FAILED
        streams = {"stdout": process.stdout, "stderr": process.stderr}
        output = ProgramOutput(
            {key: stream for key, stream in streams.items() if stream is not None},
            _Forwarder(monitor, engine),
        )
        monitor.output = output
        guard = _Guard(process, self._patience, monitor)
        over.add_done_callback(lambda _: guard.deployment_is_over())
        try:
            status = process.wait()
        except KeyboardInterrupt:
            self._end(process)
            return ProgramEnd.INTERRUPTED
        finally:
            guard.release()
            output.close()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    stream.close()
        return self._ending(monitor, status)

    def _start(self, monitor: Monitor, address: str) -> subprocess.Popen[bytes]:
        """
        Start it, with the configuration on its standard input: there it is neither limited in
        size nor to be seen by others. The input stays open for as long as we live.

        It leads a process group of its own, so that Ctrl-C reaches us alone and we decide.
        """
        info = monitor.deployment()
        flags = {
            "monitor": address,
            "engine": address,
            "project": info.project,
            "root_directory": info.root_directory,
            "stack": info.stack,
            "organization": info.organization,
            "pwd": str(self._directory),
            "dry_run": "true" if info.dry_run else "false",
            "parallel": str(info.parallel),
        }
        command = [str(self._interpreter), str(_launcher()), "--config-from-stdin"]
        if self._debugged:
            command.append("--attach-debugger")
        for name, value in flags.items():
            if value:
                command += [f"--{name}", value]
        # Lines are to arrive when they are printed, not when a buffer is full.
        variables = {"PYTHONUNBUFFERED": "1", **self._variables}
        process = subprocess.Popen(
            [*command, self._entry, *self._arguments],
            cwd=self._directory,
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        told = {"config": dict(info.config), "secret_keys": sorted(info.config_secret_keys)}
        stdin = process.stdin
        if stdin is not None:
            try:
                stdin.write(json.dumps(told).encode() + b"\n")
                stdin.flush()
            except BrokenPipeError:
                pass  # it has ended already, and its exit status says why
        return process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """Interrupt the program, and kill it if it does not heed that, or on the next Ctrl-C."""
        try:
            _signal(process, signal.SIGINT)
            process.wait(self._patience.interrupt)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            _signal(process, signal.SIGKILL)
            process.wait()

    def _ending(self, monitor: _ListeningMonitor, status: int) -> ProgramEnd:
        if status == 0 and (monitor.was_through or monitor.is_over):
            return ProgramEnd.WELL
        if status == 0:
            # To believe it would mean to delete whatever it has not come to.
            monitor.log(_error("The program ended in the middle, although with exit code 0"))
            return ProgramEnd.FAILED
        # Whoever closed the deployment has told why, and so has a program that says it has.
        if status != _TOLD and not monitor.has_failed and not monitor.is_over:
            monitor.log(exited_with(status))
        return ProgramEnd.FAILED


def exited_with(status: int) -> Diagnostic:
    """What the user is told of a program that ended badly and said nothing."""
    if status >= 0:
        return _error(f"Program exited with non-zero exit code: {status}")
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    hint = " (the system may have run out of memory)" if name == "SIGKILL" else ""
    return _error(f"The program was killed by {name}{hint}")


def _error(message: str) -> Diagnostic:
    return Diagnostic(severity=Severity.ERROR, message=message)


def _launcher() -> Path:
    import stackwright

    return Path(stackwright.__file__).with_name("launch.py")


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    """Signal the program and what it has started."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return  # it has just ended


class _ListeningMonitor:
    """A monitor that knows what its program has said, and lets it finish only when all was heard."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self.output: ProgramOutput | None = None
        self.has_failed = False
        """The program has told the user of an error."""
        self.is_over = False
        """Nothing that is said from now on would be heard."""
        self.was_through = False
        """The program has given the stack its outputs, which every SDK does at the end of a program."""
        self._late: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._monitor, name)

    def log(self, diagnostic: Diagnostic) -> None:
        if diagnostic.severity is Severity.ERROR:
            self.has_failed = True
        self._monitor.log(diagnostic)

    def register_outputs(self, urn: Urn, outputs: PropertyMap) -> Reply[None]:
        self.was_through = self.was_through or is_root_stack(urn)
        return self._monitor.register_outputs(urn, outputs)

    def finish(self) -> Reply[None]:
        """What was printed before the end is shown before it, too."""
        reply: Reply[None] = Reply()

        def over(finished: Reply[None]) -> None:
            self.is_over = True
            if finished.error is not None:
                reply.fail(finished.error)
            else:
                reply.answer(None)

        def heard(_: Reply[None]) -> None:
            self._monitor.finish().then(over)

        heard_all = self.output.drained() if self.output is not None else Reply.of(None)
        heard_all.then(heard)
        return reply

    def printed(self, text: str, severity: Severity) -> None:
        """Show what the program has printed."""
        if self.is_over:
            self._late.append(text)
        else:
            self._monitor.log(Diagnostic(severity=severity, message=text))

    def say_late(self, text: str) -> None:
        """Show *text* when the operation is over."""
        self._late.append(text)

    def print_late(self) -> None:
        """What came too late for the display goes where nothing is parsed."""
        for text in self._late:
            sys.stderr.write(f"{text}\n")
        self._late.clear()


class _Forwarder:
    """Hands on what is printed, no faster than the engine takes it."""

    def __init__(self, monitor: _ListeningMonitor, engine: EngineThread) -> None:
        self._monitor = monitor
        self._engine = engine
        self._ahead = 0

    def __call__(self, stream: str, text: str) -> None:
        self._monitor.printed(text, Severity.INFO if stream == "stdout" else Severity.INFO_STDERR)
        self._ahead += len(text)
        if self._ahead > _THROTTLE:
            self._ahead = 0
            self._engine.run(_nothing())


async def _nothing() -> None:
    return


class _Guard:
    """Ends a program that goes on although its deployment is over."""

    def __init__(
        self, process: subprocess.Popen[bytes], patience: Patience, monitor: _ListeningMonitor
    ) -> None:
        self._process = process
        self._patience = patience
        self._monitor = monitor
        self._timer: threading.Timer | None = None
        self._released = False
        self._lock = threading.Lock()

    def deployment_is_over(self) -> None:
        self._monitor.is_over = True
        self._after(self._patience.after, signal.SIGINT)

    def _after(self, seconds: float, number: int) -> None:
        with self._lock:
            if self._released:
                return
            self._timer = threading.Timer(seconds, self._stop, (number,))
            self._timer.daemon = True
            self._timer.start()

    def _stop(self, number: int) -> None:
        if number == signal.SIGINT:
            self._monitor.say_late(
                f"The program still ran {self._patience.after:g} s after the end of its deployment, "
                "and was stopped"
            )
            self._after(self._patience.interrupt, signal.SIGKILL)
        _signal(self._process, number)

    def release(self) -> None:
        """The program has ended."""
        with self._lock:
            self._released = True
            if self._timer is not None:
                self._timer.cancel()
