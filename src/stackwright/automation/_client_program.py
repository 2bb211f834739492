"""
A program that the caller of the command runs itself, and serves as a `LanguageRuntime` (cli.md §17.7).

That is how automation clients run a function of theirs as a program: they give the
command their address, and are called back with the address of the deployment.
"""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

from stackwright.automation._engine_thread import EngineThread
from stackwright.automation._operation import ProgramEnd
from stackwright.diagnostics import Diagnostic, Severity
from stackwright.monitor import Monitor

_PATIENCE_SECONDS: Final = 30
"""How long the client may take to end its program once the deployment is over."""

_FAREWELL_SECONDS: Final = 2
"""How long calls of the client may take to end once its program has."""


class ClientProgram:
    """
    Has the client at *address* run its program, against the deployment it is told of.

    *root* is the directory of the project file. A *debugged* program is asked to wait for a debugger.
    """

    def __init__(self, address: str, *, root: Path, debugged: bool = False) -> None:
        self._address = address
        self._debugged = debugged
        self._root = root

    def __call__(self, monitor: Monitor) -> ProgramEnd:
        with EngineThread() as serving:
            return self.run(monitor, serving, Future())

    def run(self, monitor: Monitor, engine: EngineThread, over: Future[Any]) -> ProgramEnd:
        """Run it to its end while this thread waits; see `ServedProgram`."""
        running = engine.start(self._run(monitor))

        def give_up_later(_: Future[Any]) -> None:
            engine.start(_cancel_after(running, _PATIENCE_SECONDS))

        over.add_done_callback(give_up_later)
        try:
            return running.result()
        except KeyboardInterrupt:
            running.cancel()
            return ProgramEnd.INTERRUPTED

    async def _run(self, monitor: Monitor) -> ProgramEnd:
        import grpc.aio

        from stackwright.wire import MonitorServer, open_channel
        from stackwright.wire.stubs.pulumi import language_pb2

        hearing = _HearingMonitor(monitor)
        server = await MonitorServer.start(hearing)
        channel = open_channel(self._address)
        try:
            answer = await language_pb2.LanguageRuntimeStub(channel).Run(
                self._request(monitor, server.address)
            )
        except grpc.aio.AioRpcError as error:
            gone = error.code() is grpc.StatusCode.UNAVAILABLE
            reason = "nobody answers there" if gone else error.details() or error.code().name
            text = f"The program at {self._address} could not be run: {reason}"
            monitor.log(Diagnostic(severity=Severity.ERROR, message=text))
            return ProgramEnd.FAILED
        finally:
            await channel.close(None)
            await server.stop(_FAREWELL_SECONDS)
        if answer.error and not answer.bail and answer.error.strip() not in hearing.errors:
            monitor.log(Diagnostic(severity=Severity.ERROR, message=answer.error))
        return ProgramEnd.FAILED if answer.error or answer.bail else ProgramEnd.WELL

    def _request(self, monitor: Monitor, address: str) -> Any:
        """What the client is told of the deployment (protocol.md §13.2)."""
        from stackwright.wire.stubs.pulumi import language_pb2

        info = monitor.deployment()
        root = str(self._root)
        return language_pb2.RunRequest(
            project=info.project,
            stack=info.stack,
            organization=info.organization,
            pwd=root,
            program=root,
            config=info.config,
            configSecretKeys=sorted(info.config_secret_keys),
            dryRun=info.dry_run,
            parallel=info.parallel,
            monitor_address=address,
            # Where a client says what it logs: its first argument, in place of a flag.
            args=[address],
            attach_debugger=self._debugged,
            info=language_pb2.ProgramInfo(root_directory=root, program_directory=root, entry_point="."),
        )


class _HearingMonitor:
    """A monitor that knows which errors were told: clients log what their program's end says once more."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self.errors: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._monitor, name)

    def log(self, diagnostic: Diagnostic) -> None:
        if diagnostic.severity is Severity.ERROR:
            self.errors.add(diagnostic.message.strip())
        self._monitor.log(diagnostic)


async def _cancel_after(running: Future[Any], seconds: float) -> None:
    import asyncio

    await asyncio.sleep(seconds)
    running.cancel()
