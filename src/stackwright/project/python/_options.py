"""
How a project wants Python: `runtime.options` of its project file (spec: cli.md §10.2).

    virtualenv    a path, seen from the project file: the environment that pip fills
    toolchain     pip, uv or poetry; when it is not given, the nearest lock file decides
    typechecker   mypy or pyright, run before the program
    mode          inline (in this process, the default) or remote (a process of its own); ours
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from stackwright.project._config_value import tree_text
from stackwright.project._problems import Problem, ProjectFileError
from stackwright.project._suggestions import closest

if TYPE_CHECKING:
    from stackwright.project._project_file import Project


class Toolchain(Enum):
    """What creates and fills the environment of a project."""

    PIP = "pip"
    UV = "uv"
    POETRY = "poetry"

    @property
    def owns_its_environment(self) -> bool:
        """Whether the tool itself decides where the environment is."""
        return self is not Toolchain.PIP


class Typechecker(Enum):
    """What looks at a program before it runs."""

    MYPY = "mypy"
    PYRIGHT = "pyright"


class RunMode(Enum):
    """Where a program runs."""

    INLINE = "inline"
    REMOTE = "remote"


class PythonOptions(msgspec.Struct, frozen=True, kw_only=True):
    """
    The options of a project, understood.

    Attributes:
        toolchain: The tool in use, named by the project or found by its lock file.
        virtualenv: The directory of the environment, absolute, or None.
        mode: Where the project wants its program to run, or None for no wish.
    """

    toolchain: Toolchain
    virtualenv: Path | None = None
    typechecker: Typechecker | None = None
    mode: RunMode | None = None


def python_options(project: Project) -> PythonOptions:
    """
    The Python options of *project*.

    Raises:
        UnknownRuntimeError: The project is not written in Python.
        ProjectFileError: An option has a value that is not known.
    """
    options = project.python_runtime().options
    problems: list[Problem] = []
    toolchain = _choice(project, options, "toolchain", Toolchain, problems)
    typechecker = _choice(project, options, "typechecker", Typechecker, problems)
    mode = _choice(project, options, "mode", RunMode, problems)
    virtualenv = _text(project, options, "virtualenv", problems)
    if problems:
        raise ProjectFileError(project.path, problems)
    return PythonOptions(
        toolchain=toolchain or detected_toolchain(project.root),
        virtualenv=project.root / virtualenv if virtualenv else None,
        typechecker=typechecker,
        mode=mode,
    )


def runtime_variables(project: Project) -> dict[str, str]:
    """
    The runtime's options for resource plugins, such as `PULUMI_RUNTIME_VIRTUALENV` (spec: state.md §14).

    Dynamic providers find their interpreter by them.
    """
    options = project.runtime.options if project.runtime is not None else {}
    return {
        f"PULUMI_RUNTIME_{name.upper()}": tree_text(value)
        for name, value in options.items()
        if not isinstance(value, dict | list)
    }


def detected_toolchain(root: Path) -> Toolchain:
    """The tool whose lock file is nearest to *root*, here or above; pip where there is none."""
    for directory in (root, *root.parents):
        if (directory / "uv.lock").is_file():
            return Toolchain.UV
        if (directory / "poetry.lock").is_file():
            return Toolchain.POETRY
    return Toolchain.PIP


_Choice = TypeVar("_Choice", bound=Enum)


def _choice(
    project: Project, options: dict[str, Any], name: str, choices: type[_Choice], problems: list[Problem]
) -> _Choice | None:
    text = _text(project, options, name, problems)
    if text is None:
        return None
    known = [choice.value for choice in choices]
    if text in known:
        return choices(text)
    near = closest(text, known)
    problems.append(
        Problem(
            f"the {name} `{text}` is not known" + (f"; did you mean `{near}`?" if near else ""),
            project.document.position(("runtime", "options", name)),
            f"The {name} can be {' or '.join(known)}",
        )
    )
    return None


def _text(project: Project, options: dict[str, Any], name: str, problems: list[Problem]) -> str | None:
    value = options.get(name)
    if value is None or isinstance(value, str):
        return value or None
    problems.append(
        Problem(f"the option `{name}` must be text", project.document.position(("runtime", "options", name)))
    )
    return None
