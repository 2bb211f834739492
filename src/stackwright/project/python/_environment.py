"""
The Python environment of a project: which interpreter, and what is installed for it.

Finding out must be quick, since every operation starts with it: environments
other than our own are read from their files, and an interpreter is only started
where its files do not tell (spec: cli.md §10.3).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

import stackwright.environment as environment
from stackwright.project._problems import PythonEnvironmentError, shown_path
from stackwright.project.python._distributions import find_distribution
from stackwright.project.python._options import PythonOptions, RunMode, Toolchain, python_options
from stackwright.project.python._shims import behind_shim

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stackwright.project._project_file import Project

_BINARIES: Final = "Scripts" if os.name == "nt" else "bin"
_ASK_SECONDS: Final = 60

REEXECUTED: Final = "STACKWRIGHT_REEXECUTED"
"""Set for the command that was started again in the project's environment, so that it never is twice."""


class PythonEnvironment(msgspec.Struct, frozen=True, kw_only=True):
    """
    An interpreter and its packages.

    Attributes:
        interpreter: The program to start.
        directory: The virtual environment, or None for an interpreter without one.
        toolchain: What fills the environment.
    """

    interpreter: Path
    directory: Path | None
    toolchain: Toolchain

    @property
    def is_running(self) -> bool:
        """Whether this very process runs in the environment."""
        if self.directory is not None:
            return os.path.realpath(self.directory) == os.path.realpath(sys.prefix)
        if sys.prefix != sys.base_prefix:
            return _same_interpreter(self.interpreter, Path(sys.executable))
        return os.path.realpath(self.interpreter) == os.path.realpath(sys.executable)

    def activated(self, environ: Mapping[str, str] | None = None) -> dict[str, str]:
        """The variables for processes that shall run in the environment (spec: cli.md §10.3)."""
        variables = dict(os.environ if environ is None else environ)
        if self.directory is not None:
            variables["VIRTUAL_ENV"] = str(self.directory)
            variables.pop("PYTHONHOME", None)
            binaries = str(self.directory / _BINARIES)
            variables["PATH"] = os.pathsep.join(filter(None, (binaries, variables.get("PATH"))))
        return variables

    def search_path(self) -> tuple[Path, ...]:
        """
        The directories whose packages a program can import.

        Raises:
            PythonEnvironmentError: The interpreter had to be asked and cannot be started.
        """
        if self.is_running:
            return tuple(Path(entry) for entry in sys.path if entry)
        if self.directory is not None and not _has_system_packages(self.directory):
            return tuple(_site_packages(self.directory))
        answer = self._ask("import json, sys; print(json.dumps([entry for entry in sys.path if entry]))")
        return tuple(Path(entry) for entry in json.loads(answer))

    def version(self) -> str:
        """
        The version of the interpreter, such as `3.11.7`.

        Raises:
            PythonEnvironmentError: The interpreter had to be asked and cannot be started.
        """
        if self.is_running:
            return ".".join(str(part) for part in sys.version_info[:3])
        if self.directory is not None:
            settings = _settings(self.directory)
            known = settings.get("version") or settings.get("version_info", "")
            if known.count(".") >= 2:
                return ".".join(known.split(".")[:3])
        return self._ask("import platform; print(platform.python_version())")

    def installed_version(self, distribution: str) -> str | None:
        """The installed version of *distribution*, or None."""
        found = find_distribution(distribution, self.search_path())
        return None if found is None else found.version

    def _ask(self, program: str) -> str:
        try:
            changed = self.interpreter.stat().st_mtime_ns
            variables = _lasting(self.activated())
            interpreter = behind_shim(self.interpreter, variables, Path.cwd())
            return _answer(interpreter, changed, program, tuple(sorted(variables.items())))
        except (OSError, subprocess.SubprocessError) as problem:
            output = getattr(problem, "stderr", None) or str(problem)
            raise PythonEnvironmentError(
                f"The interpreter {self.interpreter} does not work",
                detail=str(output).strip(),
                hint="Create the environment anew: remove its directory and run `stackwright install`",
            ) from None


def _lasting(variables: Mapping[str, str]) -> dict[str, str]:
    """
    *variables* as they were before a debugger or a program left its marks in them.

    Under a debugger, a Python that is started waits for it: what was asked before is not to be asked
    again because of these.
    """
    marks = ("PYDEVD_", "DEBUGPY_", "STACKWRIGHT_ALIAS_IN", "STACKWRIGHT_OUTER_PYTHONPATH")
    found = {name: value for name, value in variables.items() if not name.startswith(marks)}
    outer = variables.get("STACKWRIGHT_OUTER_PYTHONPATH")
    if outer is not None:
        found.pop("PYTHONPATH", None)
        if outer:
            found["PYTHONPATH"] = outer
    return found


@lru_cache(maxsize=16)
def _answer(interpreter: Path, changed: int, program: str, variables: tuple[tuple[str, str], ...]) -> str:
    """
    What *interpreter* prints for *program*; each is asked once, for starting it is slow.

    *changed* tells an interpreter from another that has taken its place.
    """
    answer = subprocess.run(
        [str(interpreter), "-c", program],
        capture_output=True,
        text=True,
        timeout=_ASK_SECONDS,
        env=dict(variables),
        check=True,
    )
    return answer.stdout.strip()


class RunPlan(msgspec.Struct, frozen=True, kw_only=True):
    """
    How a program is to be run.

    Attributes:
        mode: In this process (`inline`), or in one of its own (`remote`).
        environment: Where the program's packages are.
        again: The command that must take over, in the project's environment, before
            an inline run can start; empty when this process is the right one.
    """

    mode: RunMode
    environment: PythonEnvironment
    again: tuple[str, ...] = ()


def run_plan(project: Project, arguments: tuple[str, ...] = ()) -> RunPlan:
    """
    How to run the program of *project*; *arguments* are those of this command.

    Inline where the project's environment has Stackwright; if that is not the
    environment of this process, the command has to start again there. Remote
    where it has none, or where the project asks for it.

    Raises:
        PythonEnvironmentError: There is no usable environment.
        ProjectFileError: An option of the runtime is not known.
        UnknownRuntimeError: The project is not written in Python.
    """
    options = python_options(project)
    found = find_environment(project, options)
    if options.mode is RunMode.REMOTE:
        return RunPlan(mode=RunMode.REMOTE, environment=found)
    if found.is_running or os.environ.get(REEXECUTED):
        return RunPlan(mode=RunMode.INLINE, environment=found)
    if found.installed_version("stackwright") is not None:
        command = (str(found.interpreter), "-m", "stackwright", *arguments)
        return RunPlan(mode=RunMode.INLINE, environment=found, again=command)
    if options.mode is RunMode.INLINE:
        raise PythonEnvironmentError(
            "The project asks to run inline, but its environment has no Stackwright",
            detail=f"The environment is {found.directory or found.interpreter}",
            hint="Add `stackwright` to its requirements and run `stackwright install`",
        )
    return RunPlan(mode=RunMode.REMOTE, environment=found)


def require_debugger(found: PythonEnvironment) -> None:
    """
    Make sure that programs in *found* can be debugged.

    Raises:
        PythonEnvironmentError: There is no debugpy; says how to install it.
    """
    if found.installed_version("debugpy") is None:
        command = {
            Toolchain.PIP: f"{found.interpreter} -m pip install debugpy",
            Toolchain.UV: "uv add --dev debugpy",
            Toolchain.POETRY: "poetry add --group dev debugpy",
        }[found.toolchain]
        raise PythonEnvironmentError(
            "A program waits for a debugger by means of debugpy, which its environment does not have",
            detail=f"The environment is {found.directory or found.interpreter}",
            hint=f"Install it with `{command}`",
        )


def find_environment(project: Project, options: PythonOptions | None = None) -> PythonEnvironment:
    """
    The environment that *project* uses.

    Raises:
        PythonEnvironmentError: It does not exist or is damaged, or its tool is missing;
            the message says how to make it.
        ProjectFileError: An option of the runtime is not known.
        UnknownRuntimeError: The project is not written in Python.
    """
    options = options or python_options(project)
    directory = environment_directory(project, options)
    if directory is None:
        return PythonEnvironment(
            interpreter=_loose_interpreter(), directory=None, toolchain=options.toolchain
        )
    interpreter = interpreter_in(directory)
    if not (directory / "pyvenv.cfg").is_file() or not interpreter.exists():
        raise _missing(project, options, directory)
    return PythonEnvironment(interpreter=interpreter, directory=directory, toolchain=options.toolchain)


def environment_directory(project: Project, options: PythonOptions) -> Path | None:
    """
    Where the project's virtual environment is, or would be; None for a bare interpreter.

    Raises:
        PythonEnvironmentError: poetry has to be asked and is missing, or knows none.
    """
    if options.virtualenv is not None:
        return options.virtualenv
    if options.toolchain is Toolchain.UV:
        base = tool_root(project.root, "uv.lock")
        return base / os.environ.get("UV_PROJECT_ENVIRONMENT", ".venv")
    if options.toolchain is Toolchain.POETRY:
        base = tool_root(project.root, "poetry.lock")
        local = base / ".venv"
        return local if (local / "pyvenv.cfg").is_file() else _poetry_environment(base)
    return None


def tool_root(root: Path, lock: str) -> Path:
    """The directory that a tool takes for its project: of the nearest *lock* file, else of pyproject.toml."""
    directories = (root, *root.parents)
    for name in (lock, "pyproject.toml"):
        for directory in directories:
            if (directory / name).is_file():
                return directory
    return root


def interpreter_in(directory: Path) -> Path:
    """The interpreter of the virtual environment *directory*."""
    return directory / _BINARIES / ("python.exe" if os.name == "nt" else "python")


def find_tool(toolchain: Toolchain) -> str:
    """
    The program of a toolchain other than pip.

    Raises:
        PythonEnvironmentError: It is not installed.
    """
    # A tool that was installed beside us works even while our environment is not activated.
    own = shutil.which(toolchain.value, path=str(Path(sys.executable).parent))
    found = shutil.which(toolchain.value) or own
    if found is None:
        raise PythonEnvironmentError(
            f"The project uses {toolchain.value}, which is not installed",
            hint=f"Install it (`pip install {toolchain.value}`), or set the runtime option `toolchain: pip`",
        )
    return found


def available_toolchains() -> dict[Toolchain, bool]:
    """Every toolchain, and whether it is installed here; pip comes with each environment."""
    return {toolchain: toolchain is Toolchain.PIP or _has_tool(toolchain) for toolchain in Toolchain}


def _has_tool(toolchain: Toolchain) -> bool:
    try:
        find_tool(toolchain)
    except PythonEnvironmentError:
        return False
    return True


def _poetry_environment(base: Path) -> Path | None:
    tool = find_tool(Toolchain.POETRY)
    answer = subprocess.run(
        [tool, "env", "info", "--path", "--no-ansi"], cwd=base, capture_output=True, text=True, check=False
    )
    path = answer.stdout.strip()
    return Path(path) if answer.returncode == 0 and path else base / ".venv"


def _loose_interpreter() -> Path:
    """
    The interpreter for a project without a virtual environment.

    The setting, else `python3` or `python` on PATH. A command that was started from an
    environment that is not activated runs the program in that same environment,
    unless the interpreter on PATH has an SDK of its own.

    Raises:
        PythonEnvironmentError: The setting names a program that does not exist.
    """
    named = environment.PYTHON_CMD.value()
    if named is not None:
        found = shutil.which(named)
        if found is None:
            raise PythonEnvironmentError(
                f"The interpreter `{named}` cannot be found",
                hint=f"It is named by {environment.PYTHON_CMD.source()}; change or unset it",
            )
        return Path(found)
    running = Path(sys.executable)
    names = ("python", "python3") if os.name == "nt" else ("python3", "python")
    ambient = next((Path(found) for name in names if (found := shutil.which(name))), None)
    if ambient is None or _same_interpreter(ambient, running):
        return running
    candidate = PythonEnvironment(interpreter=ambient, directory=home_of(ambient), toolchain=Toolchain.PIP)
    try:
        has_sdk = any(candidate.installed_version(name) for name in ("stackwright", "pulumi"))
    except PythonEnvironmentError:
        return running
    return ambient if has_sdk else running


def home_of(interpreter: Path) -> Path | None:
    """The virtual environment that *interpreter* belongs to, or None."""
    directory = interpreter.parent.parent
    return directory if (directory / "pyvenv.cfg").is_file() else None


def _same_interpreter(left: Path, right: Path) -> bool:
    """Whether the two are one program in one place, as `python` and `python3` of an environment are."""
    # The links of a folder alone count: the interpreters of all environments may be links to one file.
    if os.path.normpath(left.parent) != os.path.normpath(right.parent):
        return False
    return left.name == right.name or os.path.realpath(left) == os.path.realpath(right)


def _missing(project: Project, options: PythonOptions, directory: Path) -> PythonEnvironmentError:
    shown = shown_path(directory)
    what = "is not a virtual environment" if directory.exists() else "does not exist"
    if options.toolchain is Toolchain.PIP:
        python = interpreter_in(directory)
        by_hand = [
            f"python3 -m venv {directory}",
            f"{python} -m pip install --upgrade pip",
            f"{python} -m pip install -r {project.root / 'requirements.txt'}",
        ]
    else:
        by_hand = ["uv sync" if options.toolchain is Toolchain.UV else "poetry install"]
    return PythonEnvironmentError(
        f"The Python environment {shown} of the project {what}",
        detail=f"The project file {shown_path(project.path)} asks for it",
        hint="\n".join(
            ["Create it with `stackwright install`, or by hand:", *(f"  {line}" for line in by_hand)]
        ),
    )


def _site_packages(directory: Path) -> Iterator[Path]:
    if os.name == "nt":
        yield directory / "Lib" / "site-packages"
        return
    seen: set[str] = set()
    for library in ("lib", "lib64"):
        for found in sorted((directory / library).glob("python3.*/site-packages")):
            real = os.path.realpath(found)
            if real not in seen:
                seen.add(real)
                yield found


def _settings(directory: Path) -> dict[str, str]:
    try:
        lines = (directory / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _has_system_packages(directory: Path) -> bool:
    return _settings(directory).get("include-system-site-packages", "").lower() == "true"
