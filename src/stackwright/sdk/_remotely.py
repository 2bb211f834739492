"""
A program of ours under an engine in another process (protocol.md §13.4, sdk.md §9.8).

What a launcher calls once it knows the addresses: connects, runs, tells the engine how the
program ended, and answers the exit status. gRPC is loaded here and nowhere else in the SDK.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.goals import DeploymentInfo
from stackwright.monitor import Monitor
from stackwright.sdk._program import Outcome, ProgramResult, run_program

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

    info = DeploymentInfo(
        project=project,
        stack=stack,
        organization=organization or "organization",
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
