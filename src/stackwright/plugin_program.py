"""
Start a provider that comes as source, with the SDK that its environment has (protocol.md §13.6).

    python plugin_program.py [--attach-debugger] DIRECTORY [ARGUMENT...]
    python plugin_program.py [--attach-debugger] -m DIRECTORY PACKAGE [ARGUMENT...]

This one file is all that a plugin's environment needs besides an SDK. Where it has
Stackwright, that is what `import pulumi` means to the provider; otherwise the provider is
run just as another engine's language host runs it.
"""

from __future__ import annotations

# Started by its path, this file's folder would be the first place that modules are looked for in.
import sys

if not __package__:
    del sys.path[0]

import importlib.util
import os
import runpy


def main(arguments: list[str] | None = None) -> None:
    """Become the provider: of a directory with a `__main__.py`, or of a package that lies in one."""
    words = sys.argv[1:] if arguments is None else arguments
    debugged = words[0] == "--attach-debugger"
    if debugged:
        words = words[1:]
    package = words[0] == "-m"
    if debugged:
        _wait_for_debugger(words[1 if package else 0], engine=words[-1])
    if importlib.util.find_spec("stackwright") is not None:
        import stackwright.as_pulumi  # noqa: F401 - for its effect
    elif not debugged:  # a debugger has attached to this very process
        command = ["-m", "pulumi.run.plugin", *words[2:]] if package else words
        os.execv(sys.executable, [sys.executable, *command])  # noqa: S606 - it is what was asked for
    if package:
        sys.argv = ["plugin", *words[2:]]
        # Whoever has not installed the package finds it where it lies, in either of the usual layouts.
        sys.path += [words[1], os.path.join(words[1], "src")]  # noqa: PTH118 - before anything is loaded
        runpy.run_module("pulumi.run.plugin", run_name="__main__", alter_sys=True)
    else:
        sys.argv = words
        runpy.run_path(words[0], run_name="__main__")


def _wait_for_debugger(directory: str, *, engine: str) -> None:
    server = runpy.run_path(os.path.join(os.path.dirname(__file__), "debug_server.py"))  # noqa: PTH118, PTH120
    name = os.path.basename(directory)  # noqa: PTH119 - before anything is loaded
    try:
        server["wait_as_told"](f"The plugin {name}", engine, directory)
    except ModuleNotFoundError as error:
        raise SystemExit(
            f"The plugin {name} waits for a debugger by means of {error.name}, which its environment "
            f"does not have. Install it with `{sys.executable} -m pip install debugpy`"
        ) from None


if __name__ == "__main__":
    main()
