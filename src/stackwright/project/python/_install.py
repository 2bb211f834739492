"""
Make and fill the environment of a project (spec: cli.md §10.5).

What the tools print is passed on line by line as it comes. A tool that is
missing or fails is an error that says which command it was and what it said last.

    pip      create the virtual environment if need be, install requirements.txt
    uv       `uv sync`; a requirements.txt without pyproject.toml becomes one
    poetry   `poetry install`; likewise

Where `stackwright` is among the requirements and no index has it, because ours
came from elsewhere, the environment gets the Stackwright that is running. SDKs that a
project without an environment of its own uses where they lie are left out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from stackwright import environment as settings
from stackwright.project._editing import write_file
from stackwright.project._problems import PythonEnvironmentError, shown_path
from stackwright.project.python._environment import (
    PythonEnvironment,
    environment_directory,
    find_environment,
    find_tool,
    interpreter_in,
    tool_root,
)
from stackwright.project.python._local_sdks import SDKS, has_own_environment, local_sdks
from stackwright.project.python._options import PythonOptions, Toolchain, Typechecker, python_options
from stackwright.project.python._own_wheel import NAME, comes_from_index, pack_running
from stackwright.project.python._requirements import (
    has_options,
    has_requirement,
    is_path_requirement,
    pyproject_from_requirements,
    required_lines,
    requirement_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from stackwright.project._project_file import Project

_KEPT_LINES: Final = 30
_COMPLAINT: Final = re.compile(r"\s*(?:error\b|fatal:|×|╰─▶)", re.IGNORECASE)
"""What the first line begins with that pip, uv or poetry print about a failure."""
_ATTEMPTS: Final = 3
_SDK: Final = frozenset({"pulumi", "khulnasoft", "codeinfra", NAME})
"""Distributions that whoever runs a program serves."""
_NOT_ON_INDEX: Final = re.compile(rf"No matching distribution found for {NAME}\b|\b{NAME} was not found")
_TRANSIENT: Final = re.compile(
    r"Temporary failure in name resolution|Connection (?:reset|aborted|broken)|ConnectionResetError"
    r"|Read timed out|IncompleteRead|RemoteDisconnected|50[234] Server Error|operation timed out",
    re.IGNORECASE,
)


class Output(Protocol):
    """What hears the progress of an installation."""

    def __call__(self, line: str, /) -> None:
        """One line of a tool, or of ours, without line end."""
        ...


class InstallError(PythonEnvironmentError):
    """
    A tool could not do its work; its detail is what nobody has heard yet.

    Attributes:
        output: What the tool said last, heard or not.
    """

    code = "install-failed"

    def __init__(
        self,
        what: str,
        command: Sequence[str],
        status: int,
        output: str,
        *,
        unheard: str,
        hint: str | None = None,
    ) -> None:
        super().__init__(
            f"{what} failed: `{' '.join(command)}` ended with status {status}",
            detail=unheard or None,
            hint=hint or (None if unheard else "What it said is above"),
        )
        self.output = output


class TypesDoNotFitError(PythonEnvironmentError):
    """The project's type checker does not accept its program."""

    code = "types-do-not-fit"

    def __init__(self, checker: Typechecker, output: str) -> None:
        hint = "Correct the program, or take `typechecker` out of the runtime options to run it as it is"
        if _NO_SDK.search(output):
            hint = (
                "Checkers look for packages on the disk: add `pulumi` to the requirements, "
                "or write `import stackwright as pulumi`"
            )
        super().__init__(f"{checker.value} does not accept the program", detail=output or None, hint=hint)


_NO_SDK: Final = re.compile(r"""(?:module named|[Ii]mport) ["'](?:pulumi|khulnasoft|codeinfra)["']""")


def install_dependencies(
    project: Project, *, output: Output, use_language_version_tools: bool = False
) -> PythonEnvironment:
    """
    Make the environment of *project* if there is none, and install what it asks for.

    Raises:
        PythonEnvironmentError: A tool is missing, or failed (`InstallError`).
        ProjectFileError: An option of the runtime is not known.
        UnknownRuntimeError: The project is not written in Python.
    """
    options = python_options(project)
    if use_language_version_tools:
        _provide_interpreter(project.root, output)
    output("Installing dependencies...")
    match options.toolchain:
        case Toolchain.PIP:
            _install_with_pip(project, options, output)
        case Toolchain.UV:
            _install_with_uv(project.root, output)
        case Toolchain.POETRY:
            _install_with_poetry(project.root, output)
    output("Finished installing dependencies")
    return find_environment(project, options)


def remove_distributions(project: Project, names: Sequence[str], *, output: Output) -> None:
    """
    Take what is no longer asked for out of the environment of *project*, if it is the project's own.

    Raises:
        PythonEnvironmentError: A tool is missing, or failed (`InstallError`).
    """
    options = python_options(project)
    if options.toolchain is not Toolchain.PIP:
        install_dependencies(project, output=output)
        return
    found = find_environment(project, options)
    names = [each for each in names if found.installed_version(each) is not None]
    if names and has_own_environment(project):
        command = [str(found.interpreter), "-m", "pip", "uninstall", "--yes", *names]
        _run("Removing packages", command, project.root, output, environ=found.activated())


def check_types(project: Project, found: PythonEnvironment) -> None:
    """
    Run the project's type checker over its program, if it names one (spec: cli.md §10.4).

    Raises:
        PythonEnvironmentError: The checker is not installed, or it found mistakes;
            the detail holds everything it said.
    """
    checker = python_options(project).typechecker
    if checker is None:
        return
    if found.installed_version(checker.value) is None:
        raise PythonEnvironmentError(
            f"The project's type checker {checker.value} is not installed in its environment",
            hint=f"Add `{checker.value}` to the project's requirements and run `stackwright install`",
        )
    directory = project.program().directory
    command = [str(found.interpreter), "-m", checker.value]
    if (
        checker is Typechecker.MYPY
        and found.directory is not None
        and found.directory.is_relative_to(directory)
    ):
        command += ["--exclude", f"^{re.escape(found.directory.relative_to(directory).as_posix())}/"]
    said: list[str] = []
    try:
        words = [*command, str(directory)]
        _run("Type checking", words, directory, said.append, environ=found.activated(), holds=False)
    except InstallError as error:
        raise TypesDoNotFitError(checker, "\n".join(said)) from error


def create_environment(
    directory: Path, *, output: Output, interpreter: Path | None = None
) -> PythonEnvironment:
    """
    Make a virtual environment in *directory*, which must be missing or empty.

    Raises:
        PythonEnvironmentError: There is something else, or the environment cannot be made.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise PythonEnvironmentError(
            f"{shown_path(directory)} is not a virtual environment, and not empty either",
            hint="Move it away, or name another directory as `virtualenv` in the runtime options",
        )
    output("Creating virtual environment...")
    python = str(interpreter or _base_interpreter())
    _run(
        "Creating the virtual environment",
        [python, "-m", "venv", str(directory)],
        directory.parent,
        output,
        hint="On Debian and Ubuntu, the package python3-venv may be missing",
    )
    output("Finished creating virtual environment")
    return PythonEnvironment(
        interpreter=interpreter_in(directory), directory=directory, toolchain=Toolchain.PIP
    )


def provide_environment(source: Path, directory: Path, *, began: Callable[[], None]) -> bool:
    """
    Make a virtual environment in *directory* with what the Python code in *source* requires.

    Where that is nothing but an SDK, which whoever runs it has, none is made. *began* is
    called when there is something to do.

    Raises:
        PythonEnvironmentError: It cannot be made or filled (`InstallError`).
    """
    requirements = source / "requirements.txt"
    listed = requirements if requirements.is_file() else source / "pyproject.toml"
    lines = required_lines(listed)
    editable = listed == requirements and has_options(listed)
    if not editable and all((name := requirement_name(line)) is not None and name in _SDK for line in lines):
        return False
    began()
    found = create_environment(directory, output=_unheard)
    wanted = ["-r", str(requirements)] if listed == requirements else lines
    command = [*_pip_install(found), *wanted]
    _with_own_wheel(
        wanted=has_requirement(listed, NAME),
        attempt=lambda wheel: _run_patiently(
            "Installing the requirements",
            command if wheel is None else [*command, str(wheel)],
            source,
            _unheard,
            environ=found.activated(),
        ),
    )
    return True


def _unheard(line: str, /) -> None:
    """For tools of whose words only those matter that are in an error."""


def _pip_install(found: PythonEnvironment) -> list[str]:
    options = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    return [str(found.interpreter), "-m", "pip", "install", *options]


def _install_with_pip(project: Project, options: PythonOptions, output: Output) -> None:
    directory = environment_directory(project, options)
    if directory is not None and not (directory / "pyvenv.cfg").is_file():
        create_environment(directory, output=output)
    found = find_environment(project, options)
    requirements = project.root / "requirements.txt"
    if not requirements.is_file():
        output("There is no requirements.txt, so nothing else is installed")
        return
    with _installable(project, requirements) as listed:
        if listed is not None:
            _install_listed(project, found, listed, output)


def _install_listed(project: Project, found: PythonEnvironment, listed: Path, output: Output) -> None:
    if found.installed_version("pip") is None:
        _run("Installing pip", [str(found.interpreter), "-m", "ensurepip"], project.root, output)
    output("Installing dependencies in virtual environment...")
    command = [*_pip_install(found), "-r", str(listed)]
    _with_own_wheel(
        wanted=has_requirement(listed, NAME) and found.installed_version(NAME) is None,
        attempt=lambda wheel: _run_patiently(
            "Installing the requirements",
            command if wheel is None else [*command, str(wheel)],
            project.root,
            output,
            environ=found.activated(),
        ),
    )


@contextmanager
def _installable(project: Project, requirements: Path) -> Iterator[Path | None]:
    """*requirements* without the SDKs that are used where they lie; None where nothing is left."""
    sdks = {f"{SDKS}/{each.name}" for each in local_sdks(project)}
    if not sdks:
        yield requirements
        return
    lines = requirements.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not is_path_requirement(line, sdks)]
    if not any(line.strip() and not line.lstrip().startswith("#") for line in kept):
        yield None
        return
    # Beside the other, so that what it names by path is found.
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=requirements.parent, prefix=".requirements-", suffix=".txt"
    ) as file:
        file.write("\n".join(kept) + "\n")
        file.flush()
        yield Path(file.name)


def _install_with_uv(root: Path, output: Output) -> None:
    tool = find_tool(Toolchain.UV)
    base = _with_pyproject(root, "uv.lock", output)
    # The environment that is active is not the project's; uv would only warn about it.
    environ = {name: text for name, text in _inherited().items() if name != "VIRTUAL_ENV"}
    _with_own_wheel(
        wanted=has_requirement(base / "pyproject.toml", NAME),
        attempt=lambda wheel: _run_patiently(
            "Installing the requirements",
            [tool, "sync", *([] if wheel is None else ["--find-links", str(wheel.parent)])],
            base,
            output,
            environ=environ,
        ),
    )


def _install_with_poetry(root: Path, output: Output) -> None:
    tool = find_tool(Toolchain.POETRY)
    # poetry knows no directory of wheels to look into: a wheel of ours must be named.
    own = "" if comes_from_index() else _own_wheel().as_uri()
    base = _with_pyproject(root, "poetry.lock", output, origins={NAME: own} if own else {})
    _run_patiently(
        "Installing the requirements",
        [tool, "install", "--no-ansi", "--no-interaction"],
        base,
        output,
        environ=_inherited(),
    )


def _with_pyproject(
    root: Path, lock: str, output: Output, *, origins: Mapping[str, str] | None = None
) -> Path:
    """The directory with pyproject.toml, made of requirements.txt where there is only that."""
    base = tool_root(root, lock)
    pyproject, requirements = base / "pyproject.toml", root / "requirements.txt"
    if pyproject.is_file():
        return base
    text = requirements.read_text(encoding="utf-8") if requirements.is_file() else ""
    for_poetry = lock == "poetry.lock"
    made = pyproject_from_requirements(root, text, origins or {}, for_poetry=for_poetry)
    write_file(root / "pyproject.toml", made)
    if requirements.is_file():
        requirements.unlink()
        output("Moved requirements.txt into a new pyproject.toml")
    return root


def _with_own_wheel(*, wanted: bool, attempt: _Attempt) -> None:
    """
    Make *attempt*, giving it a wheel of ourselves where the requirement could not be met otherwise.

    An installation of ours without a known origin may come from an index or from
    a directory of wheels; then the index is asked first.
    """
    if wanted and not comes_from_index():
        attempt(_own_wheel())
        return
    try:
        attempt(None)
    except InstallError as failure:
        if not wanted or not _NOT_ON_INDEX.search(failure.output):
            raise
        attempt(_own_wheel())


def own_wheel_places(pyproject: Path) -> list[Path]:
    """Folders that uv has to look into for what *pyproject* requires: ours, where no index has us."""
    if not has_requirement(pyproject, NAME) or comes_from_index():
        return []
    return [_own_wheel().parent]


class _Attempt(Protocol):
    def __call__(self, wheel: Path | None, /) -> None: ...


def _own_wheel() -> Path:
    # Kept in our home: lock files may record where the wheel was.
    return pack_running(settings.home() / "wheels")


def _run_patiently(
    what: str, command: Sequence[str], directory: Path, output: Output, *, environ: Mapping[str, str]
) -> None:
    """Run a command that uses the network, again where it failed as networks do."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            _run(what, command, directory, output, environ=environ)
        except InstallError as failure:
            if attempt == _ATTEMPTS or not _TRANSIENT.search(failure.output):
                raise
            output(f"The network failed; trying again ({attempt} of {_ATTEMPTS - 1})")
        else:
            return


def _run(
    what: str,
    command: Sequence[str],
    directory: Path,
    output: Output,
    *,
    environ: Mapping[str, str] | None = None,
    hint: str | None = None,
    holds: bool = True,
) -> None:
    """
    Run a tool, whose lines go to *output* as they come.

    If it *holds* them, they are kept back from the first complaint on: if the tool fails they
    are the error's detail, so that what matters is said once.
    """
    last: deque[str] = deque(maxlen=_KEPT_LINES)
    held: list[str] = []
    try:
        process = subprocess.Popen(
            list(command),
            cwd=directory,
            env=None if environ is None else dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as problem:
        raise PythonEnvironmentError(
            f"{what} failed: `{command[0]}` cannot be started",
            detail=problem.strerror or str(problem),
            hint=hint,
        ) from None
    with process:
        try:
            for line in process.stdout or ():
                line = line.rstrip("\r\n")
                last.append(line)
                if holds and (held or _COMPLAINT.match(line)):
                    held.append(line)
                else:
                    output(line)
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        unheard = list(last) if output is _unheard else held[-_KEPT_LINES:]
        raise InstallError(
            what, command, process.returncode, "\n".join(last), unheard="\n".join(unheard), hint=hint
        )
    for line in held:
        output(line)


def _base_interpreter() -> Path:
    named = settings.PYTHON_CMD.value()
    return Path(named) if named else Path(sys.executable)


def _inherited() -> dict[str, str]:
    return dict(os.environ)


def _provide_interpreter(root: Path, output: Output) -> None:
    """Let pyenv install the interpreter that `.python-version` names, where both are there."""
    pyenv = shutil.which("pyenv")
    if pyenv is not None and any(
        (directory / ".python-version").is_file() for directory in (root, *root.parents)
    ):
        _run("Installing the interpreter", [pyenv, "install", "--skip-existing"], root, output)
