"""The program of a project, as an operation runs it: inline, or in a process of its own (design.md §2)."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from stackwright import debug_server
from stackwright.automation._operation import Program, ProgramEnd
from stackwright.automation._remote_program import RemoteProgram, exited_with
from stackwright.diagnostics import DebuggerAwaited, Diagnostic, Severity
from stackwright.monitor import Monitor
from stackwright.project import Project

_NO_MODULE: Final = re.compile(r"^(?:ModuleNotFoundError|ImportError|AttributeError: module)\b", re.MULTILINE)
"""What a program fails with where an SDK is missing, or another package of its name is there."""


def command_in_environment(project: Project, arguments: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """
    The command that has to take over, in the project's own environment, with its variables.

    Empty where this process is the right one already.

    Raises:
        PythonEnvironmentError: The project names an environment that is not there.
    """
    from stackwright.project.python import REEXECUTED, run_plan

    plan = run_plan(project, tuple(arguments))
    if not plan.again:
        return [], {}
    return list(plan.again), {**plan.environment.activated(), REEXECUTED: "1"}


def dynamic_host(project: Project) -> tuple[tuple[str, ...], dict[str, str]] | None:
    """
    The command that serves dynamic providers in the environment of the project's program, and its variables.

    None where the program runs in this process, and its providers do, too.
    """
    from stackwright.project import PythonEnvironmentError
    from stackwright.project.python import RunMode, run_plan

    if project.runtime is None or project.runtime.name != "python":
        return None
    try:
        plan = run_plan(project)
    except PythonEnvironmentError:
        return None  # nothing of the program can run: what is in the state is loaded here
    if plan.mode is not RunMode.REMOTE:
        return None
    environment = plan.environment
    is_ours = environment.installed_version("stackwright") is not None
    module = "stackwright.sdk.dynamic" if is_ours else "pulumi.dynamic"
    return (str(environment.interpreter), "-u", "-m", module), environment.activated()


def python_program(project: Project, *, debugged: bool = False) -> Program:
    """
    The project's program, run inline where its environment has Stackwright and in a process of its
    own otherwise. A *debugged* program waits for a debugger before it begins.

    Raises:
        PythonEnvironmentError: The project names an environment that is not there, or one without
            what debugging needs; or its type checker does not accept the program.
        UnknownRuntimeError: It is not written in Python.
        ProjectFileError: `main` names something that does not exist.
    """
    from stackwright.project.python import (
        RunMode,
        local_sdks,
        python_options,
        require_debugger,
        run_plan,
    )

    project.python_runtime()
    place = project.program()
    plan = run_plan(project)
    if python_options(project).typechecker is not None:
        from stackwright.project.python import check_types

        check_types(project, plan.environment)
    if debugged:
        require_debugger(plan.environment)
    sdks = [str(each) for each in local_sdks(project)]
    if plan.mode is RunMode.REMOTE:
        variables = plan.environment.activated()
        if sdks:
            paths = (*sdks, variables.get("PYTHONPATH"))
            variables["PYTHONPATH"] = os.pathsep.join(each for each in paths if each)
        return RemoteProgram(
            interpreter=plan.environment.interpreter,
            variables=variables,
            directory=place.directory,
            entry=place.entry_point,
            debugged=debugged,
        )
    entry = place.directory if place.entry_point == "." else place.directory / place.entry_point

    def run(monitor: Monitor) -> ProgramEnd:
        from stackwright.sdk import run_program

        if debugged:
            _wait_for_debugger(monitor, place.directory)
        before = list(sys.path)
        sys.path[:0] = sdks
        try:
            result = run_program(monitor, entry, directory=place.directory)
            end = _reported(monitor, result)
            if result.error is not None and _NO_MODULE.search(result.error.traceback or ""):
                _hint_at_missing_sdks(monitor, project)
            return end
        finally:
            sys.path[:] = before

    return run


def _wait_for_debugger(monitor: Monitor, directory: Path) -> None:
    """Let a debugger attach to this process; the one that has attached in the preview will do."""
    name = "The program"
    port = debug_server.listen()
    if not debug_server.is_attached():
        config = debug_server.configuration(name, port, str(directory))
        monitor.log(DebuggerAwaited(message=debug_server.message(name, port), config=config))
        debug_server.wait()


def _hint_at_missing_sdks(monitor: Monitor, project: Project) -> None:
    from stackwright.project.python import missing_sdks

    missing = missing_sdks(project)
    if missing:
        text = f"The SDKs of these packages are not here yet: {', '.join(missing)}. Run `stackwright install`"
        monitor.log(Diagnostic(severity=Severity.WARNING, message=text))


def _reported(monitor: Monitor, result: Any) -> ProgramEnd:
    """Tell the user how a program ended, through the deployment's own diagnostics."""
    from stackwright.sdk import Outcome, report_end

    report_end(monitor, result)
    if result.outcome is Outcome.OK:
        return ProgramEnd.WELL
    if result.outcome is Outcome.INTERRUPTED:
        return ProgramEnd.INTERRUPTED
    if result.outcome is Outcome.EXITED and result.error is None:
        monitor.log(exited_with(result.exit_code))
    # Whoever closed the deployment has told why; the program's own end adds nothing.
    return ProgramEnd.FAILED
