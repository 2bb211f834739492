"""`exec`: run Python, or a tool, with `import pulumi` meaning Stackwright."""

from __future__ import annotations

import os
import runpy
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, TracebackType

import click

from stackwright import program_main
from stackwright.cli._app import Command
from stackwright.errors import UserError
from stackwright.program_main import ProgramMain


@click.command(
    cls=Command,
    name="exec",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def exec_(command: tuple[str, ...]) -> None:
    """
    Run COMMAND with `import pulumi` and `import khulnasoft` meaning Stackwright.

    The same holds in the Pythons of this environment that COMMAND starts.

    COMMAND is `python ...`, a script, `-m MODULE`, or a Python tool of this environment
    such as `pytest`. Put `--` in front of it: stackwright exec -- pytest
    """
    from stackwright.sdk._children import children_reached
    from stackwright.sdk._import_aliases import install

    words = list(command[1:]) if command[0] == "--" else list(command)
    if words and Path(words[0]).name.startswith("python"):
        words = words[1:]
        options = _interpreter_options(words)
        if options:
            again = [
                sys.executable,
                *options,
                "-m",
                "stackwright",
                "exec",
                "--",
                "python",
                *words[len(options) :],
            ]
            os.execv(sys.executable, again)  # noqa: S606 - options are for an interpreter that starts
    if not words:
        raise UserError("exec needs something to run")
    install()
    sdks = _sdks()
    sys.path[:0] = [os.getcwd(), *sdks]  # noqa: PTH109 - as `python -m` does
    with children_reached(*sdks):
        _run(words)


def _run(words: list[str]) -> None:
    """Run a module, the text of a program, a script or a tool."""
    if words[0] == "-m":
        if len(words) < 2:
            raise UserError("exec: -m needs the name of a module")
        sys.argv = words[1:]
        _as_python_does(lambda: runpy.run_module(words[1], run_name="__main__", alter_sys=True))
    elif words[0] == "-c":
        if len(words) < 2:
            raise UserError("exec: -c needs a program")
        sys.argv = ["-c", *words[2:]]
        code = compile(words[1], "<string>", "exec")
        main = sys.modules["__main__"] = ModuleType("__main__")
        _as_python_does(lambda: exec(code, vars(main)))  # noqa: S102 - it is what was asked for
    else:
        _run_file(words)


def _interpreter_options(words: list[str]) -> list[str]:
    """What stands before the script, `-m` or `-c`, as in `python -u -W error script.py`."""
    taken = 0
    while taken < len(words) and words[taken].startswith("-") and words[taken] not in ("-m", "-c", "-"):
        taken += 2 if words[taken] in ("-W", "-X", "--check-hash-based-pycs") else 1
    return words[:taken]


def _as_python_does(run: Callable[[], object]) -> None:
    """Run what was asked for; what it raises is its own failure, and told as by Python itself."""
    try:
        run()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 # whatever it is, it is the program's
        frames = _below_us(error.__traceback__)
        sys.excepthook(type(error), error.with_traceback(frames), frames)
        sys.exit(130 if isinstance(error, KeyboardInterrupt) else 1)


def _below_us(frames: TracebackType | None) -> TracebackType | None:
    """*frames* without those that lead to the program."""
    ours = (__file__, program_main.__file__, runpy.__file__, "<frozen runpy>")
    while frames is not None and frames.tb_frame.f_code.co_filename in ours:
        frames = frames.tb_next
    return frames


def _sdks() -> list[str]:
    """What programs of the project here, if there is one, import without its being installed."""
    from stackwright.project import find_project
    from stackwright.project.python import local_sdks

    try:
        return [str(each) for each in local_sdks(find_project())]
    except UserError:
        return []


def _run_file(words: list[str]) -> None:
    """A script by its path, or a tool of this environment by its name."""
    from stackwright.sdk import _workers

    path = Path(words[0])
    if not path.exists():
        beside = Path(sys.executable).parent / words[0]
        found = str(beside) if beside.exists() else shutil.which(words[0])
        if found is None:
            raise UserError(f"exec: there is no {words[0]} here, and no such tool in this environment")
        path = Path(found)
    sys.argv = [str(path), *words[1:]]
    if path.is_file() and not path.suffix and not path.read_bytes().startswith(b"#!"):
        raise UserError(f"exec: {path} is no Python program")
    _as_python_does(ProgramMain(path, enter=_workers.__name__).run)
