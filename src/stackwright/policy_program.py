"""
Start a policy pack with the SDK that its environment has (protocol.md §13.6).

    python policy_program.py ENGINE-ADDRESS PROGRAM

This one file is all that a pack's environment needs besides an SDK. Where it has Stackwright,
that is what `import pulumi` means to the pack; otherwise the pack is run just as another
engine's language host runs it.
"""

from __future__ import annotations

# Started by its path, this file's folder would be the first place that modules are looked for in.
import sys

if not __package__:
    del sys.path[0]

import importlib.util
import os
import runpy


def main() -> None:
    """Become the pack that the arguments name."""
    words = sys.argv[1:]
    if importlib.util.find_spec("stackwright") is None:
        command = [sys.executable, "-u", "-m", "pulumi.policy", *words]
        os.execv(sys.executable, command)  # noqa: S606 - it is what was asked for
    import stackwright.as_pulumi  # noqa: F401 - for its effect

    sys.argv = ["policy", *words]
    runpy.run_module("pulumi.policy", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
