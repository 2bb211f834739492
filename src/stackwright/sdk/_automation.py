"""
`pulumi.automation`: the interface of the genuine package, on this SDK and this command line.

Scripts and suites that drive stacks through it keep working where the genuine package is
installed (provider packages bring it along): its modules below `pulumi.automation` are
loaded from there, what they import from `pulumi` is ours, and the executable that they
look for is `stackwright`. Nothing is copied or patched.
"""

from __future__ import annotations

import atexit
import importlib.machinery
import os
import shlex
import shutil
import sys
import tempfile
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Final

BRAND: Final = "pulumi"
"""The package that brings the interface along."""


def find(rest: str) -> ModuleSpec | None:
    """
    The spec of `pulumi.<rest>` in the genuine package.

    Raises:
        ModuleNotFoundError: It is the interface itself, and there is no genuine package.
    """
    name = f"{BRAND}.{rest}"
    if "." in rest:
        above = sys.modules[name.rpartition(".")[0]]
        return importlib.machinery.PathFinder.find_spec(name, above.__path__)
    for place in sys.path:
        # The finder of the folder itself: the package around it is not to be imported.
        found = importlib.machinery.PathFinder.find_spec(name, [str(Path(place or os.curdir) / BRAND)])
        if found is not None:
            _provide_the_command()
            return found
    raise ModuleNotFoundError(
        "`pulumi.automation` is part of the genuine package: install `pulumi` beside Stackwright, "
        "and its scripts drive Stackwright",
        name=name,
    )


_provided = False


def _provide_the_command() -> None:
    """Have the name of the executable that the interface starts mean Stackwright, in this process."""
    global _provided  # noqa: PLW0603 # one for each process
    if _provided:
        return
    _provided = True
    folder = Path(tempfile.mkdtemp(prefix="stackwright-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    command = [sys.executable, "-P", "-m", "stackwright"]
    if os.name == "nt":
        script = folder / f"{BRAND}.cmd"
        script.write_text(f'@"{command[0]}" {" ".join(command[1:])} %*\n', encoding="utf-8")
    else:
        script = folder / BRAND
        script.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    os.environ["PATH"] = os.pathsep.join([str(folder), os.environ.get("PATH", os.defpath)])
