"""
SDKs that programs import from the project's `sdks` folder, without their being installed.

An environment that is the project's own gets them installed. Where a project has none, the
interpreter belongs to somebody else (the system, other projects, the tool that runs the
command), and what is generated for this project must not replace what lies there.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stackwright.project.python._environment import find_environment, home_of
from stackwright.project.python._options import python_options

if TYPE_CHECKING:
    from stackwright.project._project_file import Project

SDKS: Final = "sdks"


def has_own_environment(project: Project) -> bool:
    """
    Whether the packages of the environment are the project's alone.

    They are where the project file or its tool says so, and where the environment lies within
    the project.

    Raises:
        PythonEnvironmentError, ProjectFileError: As for `find_environment`.
    """
    options = python_options(project)
    if options.virtualenv is not None or options.toolchain.owns_its_environment:
        return True
    directory = home_of(find_environment(project, options).interpreter)
    return directory is not None and _real(directory).is_relative_to(_real(project.root))


def local_sdks(project: Project) -> tuple[Path, ...]:
    """What programs of *project* find packages in before all that is installed; mostly nothing."""
    try:
        with os.scandir(project.root / SDKS) as entries:
            found = sorted(Path(each.path) for each in entries if _is_sdk(Path(each.path)))
    except OSError:
        return ()
    return tuple(found) if found and not has_own_environment(project) else ()


def missing_sdks(project: Project) -> tuple[str, ...]:
    """The recorded packages whose SDK is not in the project's folder `sdks`, as in a fresh clone."""
    try:
        here = [each.name for each in (project.root / SDKS).iterdir()]
    except OSError:
        here = []

    def is_here(name: str) -> bool:
        # A namespace may stand before the name.
        return any(f"-{each}".endswith(f"-{name}") for each in here)

    return tuple(name for name in project.packages if not is_here(name))


def package_path(project: Project) -> tuple[Path, ...]:
    """
    Every directory that programs of *project* find packages in, the first ones first.

    Raises:
        PythonEnvironmentError: There is no usable environment.
        ProjectFileError: An option of the runtime is not known.
    """
    return (*local_sdks(project), *find_environment(project).search_path())


def _is_sdk(directory: Path) -> bool:
    return (directory / "pyproject.toml").is_file() or (directory / "setup.py").is_file()


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
