"""
What is wrong with a file, where, and what to do: errors of this room.

    UserError
    ├── FileProblemsError        a file of the project cannot be used; all its problems at once
    │   ├── ProjectFileError     … the project file or one of its siblings
    │   └── StackFileError       … a stack's file
    ├── ProjectNotFoundError     no project file, here or above
    ├── UnknownRuntimeError      the project asks for a language that is not Python
    ├── ConfigError              a configuration key, path or value cannot be used
    │   └── ConfigValidationError    a stack's configuration is not what its project declares
    ├── WorkspaceError           selection or credentials files cannot be used
    ├── NameProblemError         a stack or project name is not allowed
    ├── PythonEnvironmentError   the project's interpreter or packages (see `python`)
    └── TemplateError            a template cannot be found or copied
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from stackwright.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Position(NamedTuple):
    """A place in a text; both count from one, columns in characters."""

    line: int
    column: int


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong with one file, in words, with the place where it was seen."""

    message: str
    position: Position | None = None
    hint: str | None = None


def shown_path(path: Path) -> str:
    """*path* as a person here would write it: relative when it lies below the working directory."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def located(path: Path, problem: Problem) -> str:
    """`FILE:LINE:COLUMN: what is wrong`, the form that editors and terminals recognise."""
    where = shown_path(path)
    if problem.position is not None:
        where = f"{where}:{problem.position.line}:{problem.position.column}"
    return f"{where}: {problem.message}"


class FileProblemsError(UserError):
    """
    A file cannot be used.

    Attributes:
        path: The file.
        problems: Everything that is wrong with it, in the order of the text.
    """

    code = "bad-file"

    def __init__(self, path: Path, problems: Iterable[Problem]) -> None:
        found = sorted(problems, key=lambda problem: problem.position or Position(0, 0))
        self.path = path
        self.problems: Sequence[Problem] = tuple(found)
        hints = list(dict.fromkeys(problem.hint for problem in found if problem.hint))
        if len(found) == 1:
            super().__init__(located(path, found[0]), hint=found[0].hint)
        else:
            super().__init__(
                f"{shown_path(path)} has {len(found)} problems",
                detail="\n".join(located(path, problem) for problem in found),
                hint="\n".join(hints) or None,
            )


class ProjectFileError(FileProblemsError):
    """The project file, or a manifest of its family, cannot be used."""

    code = "bad-project-file"


class StackFileError(FileProblemsError):
    """A stack's file cannot be used."""

    code = "bad-stack-file"


class ProjectNotFoundError(UserError):
    """There is no project file in a directory, nor in any above it."""

    code = "no-project"

    def __init__(self, start: Path) -> None:
        super().__init__(
            f"There is no Pulumi.yaml project file in {start}, nor in any directory above it",
            hint="Change to a project's directory, name it with --cwd, or create one with `stackwright new`",
        )


class UnknownRuntimeError(UserError):
    """A project is written for something that Stackwright does not run."""

    code = "unknown-runtime"


class ConfigError(UserError):
    """A configuration key, path or value cannot be used."""

    code = "bad-config"


class ConfigValidationError(ConfigError):
    """A stack's configuration is not what its project declares (spec: state.md §4)."""

    code = "config-mismatch"


class WorkspaceError(UserError):
    """A file with selections or credentials cannot be read or written."""

    code = "workspace"


class NameProblemError(UserError):
    """A name of a stack or a project is not allowed (spec: state.md §6.5)."""

    code = "bad-name"


class PythonEnvironmentError(UserError):
    """The interpreter or the packages a program needs cannot be found or installed."""

    code = "python-environment"


class TemplateError(UserError):
    """A template cannot be found, or cannot be copied to where the project should be."""

    code = "template"
