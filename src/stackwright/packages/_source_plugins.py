"""
Plugins that come as Python code: giving them an environment with what they require (protocol.md §7.6).

One that needs nothing but an SDK gets none: whoever runs it has one.
"""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

from stackwright.packages._progress import Progress
from stackwright.providers.plugin import DESCRIPTOR, read_descriptor

OWN_ENVIRONMENT = "venv"
"""The folder of a plugin's environment in the plugin's own folder, where that is the user's."""


def is_python_source(directory: Path) -> bool:
    """
    Whether *directory* holds a plugin as Python code.

    Raises:
        ProviderNotFoundError: Its description cannot be read.
    """
    descriptor = directory / DESCRIPTOR
    return descriptor.is_file() and read_descriptor(descriptor)[0] == "python"


def provide_environment_for(source: Path, environment: Path, *, what: str, progress: Progress) -> bool:
    """
    Fill *environment*, made anew, with what the Python code in *source* requires, if that is anything.

    Raises:
        PythonEnvironmentError: It cannot be made or filled; nothing of it is left.
    """
    from stackwright.project.python import provide_environment

    shutil.rmtree(environment, ignore_errors=True)
    said = partial(progress.installing, f"{what} requirements", f"{what} installing its requirements")
    try:
        return provide_environment(source, environment, began=said)
    except BaseException:
        shutil.rmtree(environment, ignore_errors=True)
        raise


def provide_beside(source: Path, *, progress: Progress) -> bool:
    """
    The same for a plugin in a folder of the user's, unless it has an environment already.

    Raises:
        ProviderNotFoundError: Its description cannot be read.
        PythonEnvironmentError: The environment cannot be made or filled.
    """
    if not is_python_source(source):
        return False
    named = read_descriptor(source / DESCRIPTOR)[1].get("virtualenv")
    names = [str(named)] if named else [OWN_ENVIRONMENT, ".venv"]
    if any((source / name / "pyvenv.cfg").is_file() for name in names):
        return False
    what = f"[plugin {source.name}]"
    return provide_environment_for(source, source / names[0], what=what, progress=progress)
