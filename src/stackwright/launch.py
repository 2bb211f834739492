"""
Start a program in a process of its own, under an engine in another one (protocol.md §13.3, §13.4).

    python launch.py --monitor ADDRESS --engine ADDRESS --project P --stack S ... PROGRAM [ARGUMENT...]

This one file is all that an environment needs besides an SDK: it imports nothing of
Stackwright unless Stackwright is what the environment has. Otherwise the genuine
`pulumi` package runs the program. It takes the flags that language hosts pass, and the
addresses also from PULUMI_MONITOR, PULUMI_ENGINE, PULUMI_PROJECT and their kin;
`python -m stackwright.launch` starts a program under any engine that set those.

The configuration comes from PULUMI_CONFIG and PULUMI_CONFIG_SECRET_KEYS, or with
`--config-from-stdin` as one line of JSON on standard input. Whoever starts it that way
keeps the input open: when it is closed, nobody waits for this program any more, and it
is ended. Exit statuses: 0 success, 1 a failure that one sentence says, 32 a failure that
has been told with its traceback.
"""

from __future__ import annotations

# Started by its path, this file's folder would be the first place that modules are looked for in,
# and `stackwright/secrets` is not the library's `secrets`.
import sys

if __name__ == "__main__" and not __package__:
    del sys.path[0]

import argparse
import asyncio
import contextlib
import functools
import importlib
import importlib.util
import inspect
import json
import os
import runpy
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

FAILED = 1
TOLD = 32
INTERRUPTED = 130

_MOST_IN_ENVIRONMENT = 100_000
"""Bytes of configuration that still go into a variable; systems limit what a process may be started with."""


def main(arguments: list[str] | None = None) -> int:
    """Run the program that the arguments name; answers the exit status."""
    options = _options(sys.argv[1:] if arguments is None else arguments)
    config = _config(options)
    sys.breakpointhook = _explained_breakpoint
    if options.pwd:
        os.chdir(options.pwd)
    if options.attach_debugger:
        # By its path, since nothing else of Stackwright need be there.
        server = runpy.run_path(str(Path(__file__).with_name("debug_server.py")))
        server["wait_as_told"]("The program", options.engine, str(Path.cwd()))
    if importlib.util.find_spec("stackwright") is not None:
        from stackwright.errors import StackwrightError
        from stackwright.sdk import run_remotely

        run = functools.partial(
            run_remotely,
            options.program,
            options.args,
            monitor=options.monitor,
            engine=options.engine,
            project=options.project,
            stack=options.stack,
            organization=options.organization,
            root_directory=options.root_directory,
            dry_run=options.dry_run,
            parallel=options.parallel,
            config=config[0],
            secret_keys=config[1],
        )
        try:
            return run()
        except StackwrightError as error:
            sys.stderr.write(f"{error}\n")
            return FAILED
    try:
        importlib.import_module("pulumi")
    except ImportError as error:
        sys.stderr.write(
            f"The environment of this program has no SDK ({error}).\n"
            f"Its interpreter is {sys.executable}. Install the project's requirements there, "
            "for instance with `stackwright install`.\n"
        )
        return FAILED
    return _run(options, *config)


# What it was started with -------------------------------------------------------------------------


def _options(arguments: list[str]) -> argparse.Namespace:
    def setting(name: str, default: str = "") -> str:
        return os.environ.get(f"STACKWRIGHT_{name}") or os.environ.get(f"PULUMI_{name}") or default

    parser = argparse.ArgumentParser(prog="launch", description="Run a program under an engine.")
    parser.add_argument("--monitor", default=setting("MONITOR"))
    parser.add_argument("--engine", default=setting("ENGINE"))
    parser.add_argument("--project", default=setting("PROJECT"))
    parser.add_argument("--stack", default=setting("STACK"))
    parser.add_argument("--organization", default=setting("ORGANIZATION"))
    parser.add_argument("--root_directory", default=setting("ROOT_DIRECTORY"))
    parser.add_argument("--dry_run", default=setting("DRY_RUN", "false"), type=_is_yes)
    parser.add_argument("--parallel", default=int(setting("PARALLEL", "16")), type=int)
    parser.add_argument("--pwd", default="")
    parser.add_argument("--tracing", default="", help="taken and not used")
    parser.add_argument("--config-from-stdin", action="store_true")
    parser.add_argument("--attach-debugger", action="store_true")
    parser.add_argument("program")
    parser.add_argument("args", nargs=argparse.REMAINDER)
    return parser.parse_args(arguments)


def _is_yes(text: str) -> bool:
    return text.lower() in ("true", "1")


def _config(options: argparse.Namespace) -> tuple[dict[str, str], list[str]]:
    """The configuration, and which of its keys are secret; also left where programs look for it."""
    if not options.config_from_stdin:
        return (
            json.loads(os.environ.get("PULUMI_CONFIG") or "{}"),
            json.loads(os.environ.get("PULUMI_CONFIG_SECRET_KEYS") or "[]"),
        )
    told = json.loads(sys.stdin.buffer.readline() or b"{}")
    lifeline = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    thread = threading.Thread(target=_end_with_starter, args=(lifeline,), name="lifeline", daemon=True)
    thread.pydev_do_not_trace = True  # type: ignore[attr-defined] # it has to go on beside a debugger
    thread.start()
    config, keys = told.get("config", {}), told.get("secret_keys", [])
    for name, value in (("PULUMI_CONFIG", config), ("PULUMI_CONFIG_SECRET_KEYS", keys)):
        text = json.dumps(value)
        if len(text) < _MOST_IN_ENVIRONMENT:
            os.environ[name] = text
    return config, keys


def _end_with_starter(lifeline: int) -> None:
    """End this process when whoever started it is gone."""
    with contextlib.suppress(OSError):
        while os.read(lifeline, 1024):
            continue
    os._exit(INTERRUPTED)


def _explained_breakpoint(*arguments: Any, **options: Any) -> None:
    """Nobody is at this process's keyboard, so `breakpoint()` says what there is instead, and goes on."""
    del arguments, options
    caller = sys._getframe(1)  # noqa: SLF001 - where the program called it
    sys.stderr.write(
        f"breakpoint() at {caller.f_code.co_filename}:{caller.f_lineno} was passed over: this program runs "
        "in a process of its own. Run it inline to stop there (the runtime option `mode: inline`, with "
        "`stackwright` among the project's requirements), or attach a debugger (`--attach-debugger`).\n"
    )


# The genuine SDK ----------------------------------------------------------------------------------


def _run(options: argparse.Namespace, config: dict[str, str], secret_keys: list[str]) -> int:
    pulumi = importlib.import_module("pulumi")
    tell = pulumi.log.error
    runtime = importlib.import_module("pulumi.runtime")
    facts = {
        "project": options.project,
        "stack": options.stack,
        "parallel": options.parallel,
        "dry_run": options.dry_run,
        "organization": options.organization,
        "root_directory": options.root_directory,
    }
    addresses = {"monitor": options.monitor or None, "engine": options.engine or None}
    _configure({**facts, **addresses}, config, secret_keys)
    program = Path(options.program).absolute()
    sys.argv = [options.program, *options.args]
    if program.is_dir() and not (program / "__main__.py").is_file():
        tell(
            f"Could not find `__main__.py` in {program}. A Python program starts there: create it, "
            "or name another file with `main:` in the project file"
        )
        return TOLD
    place = str(Path(__file__).with_name("program_main.py"))
    told = {"facts": facts, "config": config, "secret_keys": secret_keys}
    main = runpy.run_path(place)["ProgramMain"](program, enter=__file__, deployment=told)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    executor = ThreadPoolExecutor(max_workers=4 * max(options.parallel, 1))
    loop.set_default_executor(executor)
    try:
        loop.run_until_complete(runtime.run_in_stack(main.run))
    except pulumi.RunError as error:
        tell(str(error))
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the program's own, whatever it is
        ours = (str(Path(pulumi.__file__ or "").parent), __file__, place)
        tell(f"Program failed with an unhandled exception:\n{_traceback(error, ours)}")
        return TOLD
    finally:
        executor.shutdown()
        loop.close()
    return 0


def enter(deployment: dict[str, Any]) -> None:
    """Make this process a worker of a program that this file runs: it knows what it may compute with."""
    _configure(deployment["facts"], deployment["config"], deployment["secret_keys"])


def _configure(facts: dict[str, Any], config: dict[str, str], secret_keys: list[str]) -> None:
    """Tell the SDK what is deployed, as far as the installed release wants to know."""
    runtime = importlib.import_module("pulumi.runtime")
    runtime.set_all_config(config, secret_keys)
    known = inspect.signature(runtime.Settings).parameters
    runtime.configure(runtime.Settings(**{name: value for name, value in facts.items() if name in known}))


def _traceback(error: BaseException, machinery: tuple[str, ...]) -> str:
    """The traceback of *error* from the program's own first line on."""
    places = (*machinery, "<frozen runpy>", "<frozen importlib", os.sep + "asyncio" + os.sep, "runpy.py")
    found = error.__traceback__
    while found is not None and any(place in found.tb_frame.f_code.co_filename for place in places):
        found = found.tb_next
    shown = found if found is not None else error.__traceback__
    return "".join(traceback.format_exception(type(error), error, shown)).rstrip()


if __name__ == "__main__":
    status = FAILED
    try:
        status = main()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    sys.exit(status)
