"""
A program of ours under an engine in another process (protocol.md §13.4, sdk.md §9.8).

What a launcher calls once it knows the addresses: connects, runs, tells the engine how the
program ended, and answers the exit status. gRPC is loaded here and nowhere else in the SDK.
"""

from __future__ import annotations

import atexit
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.goals import DeploymentInfo
from stackwright.monitor import Monitor
from stackwright.sdk._program import Outcome, ProgramResult, run_program
from stackwright.sdk._session import DEFAULT_ORGANIZATION

if TYPE_CHECKING:
    from stackwright.wire import RemoteMonitor

_TOLD: Final = 32
"""The exit status of a program whose failure has been told (protocol.md §13.2)."""


def run_remotely(
    program: str,
    args: Sequence[str] = (),
    *,
    monitor: str,
    engine: str = "",
    project: str = "",
    stack: str = "",
    organization: str = "",
    root_directory: str = "",
    dry_run: bool = False,
    parallel: int = 16,
    config: Mapping[str, str] | None = None,
    secret_keys: Sequence[str] = (),
) -> int:
    """
    Run *program* (a directory or a file) against the engine at the address *monitor*.

    *engine* is the address for messages. Engines that tell themselves what is deployed are
    believed before the other arguments. Answers the exit status: 0, 1, 32, or the program's own.

    Raises:
        MonitorUnreachableError: Nobody answers at the address.
    """
    from stackwright.wire import RemoteMonitor

    info = _info(
        project=project,
        stack=stack,
        organization=organization,
        config=dict(config or {}),
        config_secret_keys=frozenset(secret_keys),
        dry_run=dry_run,
        parallel=parallel,
        root_directory=root_directory,
    )
    with RemoteMonitor(monitor, info=info, engine=engine) as remote:
        result = run_program(remote, Path(program), args=args)
        report_end(remote, result)
        remote.flush()
    # Whoever closed the deployment has told the user why; an exit status that adds to it would be noise.
    return _TOLD if result.outcome is Outcome.CLOSED else result.exit_code


def _info(*, organization: str, **known: Any) -> DeploymentInfo:
    return DeploymentInfo(organization=organization or DEFAULT_ORGANIZATION, **known)


class AddressedMonitor:
    """
    The monitor at an address, reached when it is first asked for something.

    For programs that a language host of another tool starts: it configures the SDK with
    addresses, and drives the event loop itself. The connection ends with the process, after
    everything that was said has been heard.
    """

    def __init__(self, address: str, *, engine: str, **known: Any) -> None:
        self._address = address
        self._engine = engine
        self._info = _info(**known)
        self._remote: RemoteMonitor | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._open(), name)

    def _open(self) -> RemoteMonitor:
        if self._remote is None:
            from stackwright.wire import RemoteMonitor

            self._remote = RemoteMonitor(self._address, info=self._info, engine=self._engine).open()
            atexit.register(self.close)
        return self._remote

    def close(self) -> None:
        """End the connection, if there is one. Idempotent."""
        remote, self._remote = self._remote, None
        if remote is not None:
            atexit.unregister(self.close)
            remote.flush()
            remote.close()


def report_end(monitor: Monitor, result: ProgramResult) -> None:
    """Tell the user how a program ended, through the deployment's own diagnostics."""
    error = result.error
    if error is None:
        return
    text = error.message
    if not error.expected and error.traceback:
        text = f"Program failed with an unhandled exception:\n{error.traceback.rstrip()}"
    for message in (text, *error.others):
        monitor.log(Diagnostic(severity=Severity.ERROR, message=message))
