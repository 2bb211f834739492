"""
The command line: arguments in, words out.

Decides names, flags, prompts and exit codes. A command parses, calls one operation of
the rooms below, prints, and returns a status; it decides nothing about stacks. May import
every other room. What a command needs is imported when it runs: `version` loads no engine.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from stackwright.cli._streams import open_missing_streams


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that *arguments* (by default the process's own) ask for, and exit with its status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    open_missing_streams()
    try:
        if given in (["version"], ["--version"]) and _say_version():
            sys.exit(0)
        from stackwright.cli._app import flushed, run

        sys.exit(flushed(run(given)))
    except KeyboardInterrupt:  # while it was loading
        sys.exit(8)


def _say_version() -> bool:
    """The most frequent question of scripts, answered without loading anything; false: nobody hears it."""
    from stackwright.cli._version import version_line

    try:
        sys.stdout.write(version_line() + "\n")
        sys.stdout.flush()
    except OSError:
        return False
    return True


__all__ = ["main"]
