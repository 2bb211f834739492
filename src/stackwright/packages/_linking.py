"""
Making a generated SDK part of a project's environment (packages.md §5.2, cli.md §11).

    pip      a line with the relative path in requirements.txt, in place of an older one, or of
             one that asks an index for a package of that name: both cannot be installed
    uv       `uv add --no-sync`
    poetry   `poetry add --lock`

Installing it is left to `project.python`, as for any other requirement.
"""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from stackwright.packages._errors import PackageError
from stackwright.project import Project
from stackwright.project._editing import write_file
from stackwright.project._problems import PythonEnvironmentError
from stackwright.project.python import Toolchain, python_options
from stackwright.project.python._distributions import normalized
from stackwright.project.python._environment import find_environment, find_tool, tool_root
from stackwright.project.python._install import own_wheel_places
from stackwright.project.python._own_wheel import NAME as OWN_NAME
from stackwright.project.python._requirements import (
    has_requirement,
    is_path_requirement,
    requirement_name,
)

_LOCKS: Final = {Toolchain.UV: "uv.lock", Toolchain.POETRY: "poetry.lock"}


def link_sdk(project: Project, sdk: Path, distribution: str) -> tuple[str, ...]:
    """
    Name *sdk*, which lies below the project and is called *distribution*, among what the project needs.

    Answers the requirements that it takes the place of.

    Raises:
        PackageError: The tool that keeps the list failed.
        PythonEnvironmentError: The tool is missing.
        OSError: The list cannot be written.
    """
    toolchain = python_options(project).toolchain
    relative = f"./{sdk.relative_to(project.root).as_posix()}"
    if toolchain is not Toolchain.PIP:
        base = tool_root(project.root, _LOCKS[toolchain])
        if (base / "pyproject.toml").is_file():
            _run([find_tool(toolchain), "add", *_flags(toolchain, base), str(sdk)], base)
            return ()
    path = project.root / "requirements.txt"
    text = path.read_bytes().decode("utf-8") if path.is_file() else ""
    changed, replaced = with_requirement(text, relative, distribution)
    if changed != text:
        write_file(path, changed)
    return replaced


def has_sdk(project: Project) -> bool:
    """Whether the environment of *project* has our SDK, or will have it once it is filled."""
    files = (project.root / name for name in ("requirements.txt", "pyproject.toml"))
    if any(has_requirement(path, OWN_NAME) for path in files):
        return True
    try:
        return find_environment(project).installed_version(OWN_NAME) is not None
    except PythonEnvironmentError:
        return False


def unlink_sdk(project: Project, sdk: Path) -> str:
    """
    Take *sdk* from among what the project needs; answers the name of its distribution.

    Raises:
        PackageError: The tool that keeps the list failed.
        PythonEnvironmentError: The tool is missing.
        OSError: The list cannot be written.
    """
    distribution = _distribution(sdk)
    toolchain = python_options(project).toolchain
    if toolchain is not Toolchain.PIP and distribution:
        base = tool_root(project.root, _LOCKS[toolchain])
        if has_requirement(base / "pyproject.toml", distribution):
            _run([find_tool(toolchain), "remove", *_flags(toolchain, base), distribution], base)
            return distribution
    path = project.root / "requirements.txt"
    if path.is_file():
        text = path.read_bytes().decode("utf-8")
        changed = without_requirement(text, sdk.relative_to(project.root).as_posix())
        if changed != text:
            write_file(path, changed)
    return distribution


def without_requirement(text: str, path: str) -> str:
    """*text*, a requirements.txt, without lines that name the relative *path*."""
    lines = text.splitlines(keepends=True)
    return "".join(each for each in lines if not is_path_requirement(each, {path}))


def _distribution(sdk: Path) -> str:
    try:
        return str(tomllib.loads((sdk / "pyproject.toml").read_text("utf-8"))["project"]["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def with_requirement(text: str, line: str, distribution: str) -> tuple[str, tuple[str, ...]]:
    """*text*, a requirements.txt, with *line* in it once, its line ends kept; and what had to go for it."""
    end = "\r\n" if "\r\n" in text else "\n"
    wanted = {line.removeprefix("./").rstrip("/")}
    name = normalized(distribution)
    lines = text.splitlines()
    named = [index for index, each in enumerate(lines) if requirement_name(each) == name]
    places = sorted(
        {*named, *(index for index, each in enumerate(lines) if is_path_requirement(each, wanted))}
    )
    replaced = tuple(lines[index].strip() for index in named)
    if places:
        kept = [each for index, each in enumerate(lines) if index not in places[1:]]
        kept[places[0]] = line
        return (text if lines == kept else end.join(kept) + end), replaced
    return "".join([text, end if text and not text.endswith("\n") else "", line, end]), ()


def _flags(toolchain: Toolchain, base: Path) -> list[str]:
    """What keeps a tool from filling the environment, which comes later, and helps it to find us."""
    if toolchain is not Toolchain.UV:
        return ["--lock"]
    places = own_wheel_places(base / "pyproject.toml")
    return ["--no-sync", *(word for each in places for word in ("--find-links", str(each)))]


def _run(command: Sequence[str], directory: Path) -> None:
    done = subprocess.run(
        command, cwd=directory, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise PackageError(
            f"`{' '.join(command)}` ended with status {done.returncode}",
            detail=(done.stderr or done.stdout).strip() or None,
        )
