"""The program of a project, as an operation runs it: inline, on the calling thread (design.md §2)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from stackwright.automation._operation import Program, ProgramEnd
from stackwright.diagnostics import Diagnostic, Severity
from stackwright.errors import UserError
from stackwright.monitor import Monitor
from stackwright.project import Project


class RemoteProgramError(UserError):
    """The program's environment has no Stackwright, so that it cannot run in this process."""

    code = "remote-program"


def command_in_environment(project: Project, arguments: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """
    The command that has to take over, in the project's own environment, with its variables.

    Empty where this process is the right one already.

    Raises:
        PythonEnvironmentError: The project names an environment that is not there.
        RemoteProgramError: Its environment has no Stackwright.
    """
    from stackwright.project.python import REEXECUTED, RunMode, run_plan

    plan = run_plan(project, tuple(arguments))
    if plan.mode is RunMode.REMOTE:
        raise RemoteProgramError(
            f"The project's environment ({plan.environment.directory or plan.environment.interpreter}) "
            "has no Stackwright, and programs in a process of their own come with a later release",
            hint="Add `stackwright` to the project's requirements and run `stackwright install`",
        )
    if not plan.again:
        return [], {}
    return list(plan.again), {**plan.environment.activated(), REEXECUTED: "1"}


def python_program(project: Project, *, pause: Callable[[], None] | None = None) -> Program:
    """
    The project's program. *pause* takes a live display off the screen, for `breakpoint()`.

    Raises:
        UnknownRuntimeError: It is not written in Python.
        ProjectFileError: `main` names something that does not exist.
    """
    project.python_runtime()
    place = project.program()
    entry = place.directory if place.entry_point == "." else place.directory / place.entry_point

    def run(monitor: Monitor) -> ProgramEnd:
        from stackwright.sdk import run_program

        former = sys.breakpointhook

        def stop_here(*arguments: Any, **options: Any) -> Any:
            if pause is not None:
                pause()
            return former(*arguments, **options)

        sys.breakpointhook = stop_here
        try:
            return _reported(monitor, run_program(monitor, entry, directory=place.directory))
        finally:
            sys.breakpointhook = former

    return run


def _reported(monitor: Monitor, result: Any) -> ProgramEnd:
    """Tell the user how a program ended, through the deployment's own diagnostics."""
    from stackwright.sdk import Outcome

    error = result.error
    if error is not None:
        monitor.log(Diagnostic(severity=Severity.ERROR, message=_words(error)))
        for other in error.others:
            monitor.log(Diagnostic(severity=Severity.ERROR, message=other))
    if result.outcome is Outcome.OK:
        return ProgramEnd.WELL
    if result.outcome is Outcome.INTERRUPTED:
        return ProgramEnd.INTERRUPTED
    if result.outcome is Outcome.EXITED and error is None:
        text = f"Program exited with non-zero exit code: {result.exit_code}"
        monitor.log(Diagnostic(severity=Severity.ERROR, message=text))
    # Whoever closed the deployment has told why; the program's own end adds nothing.
    return ProgramEnd.FAILED


def _words(error: Any) -> str:
    if error.expected or not error.traceback:
        return str(error.message)
    return f"Program failed with an unhandled exception:\n{error.traceback.rstrip()}"
