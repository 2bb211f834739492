"""
Making a generated SDK part of a project's environment (packages.md §5.2, cli.md §11).

    pip      a line with the relative path in requirements.txt, in place of an older one, or of
             one that asks an index for a package of that name: both cannot be installed
    uv       `uv add --no-sync`
    poetry   `poetry add --lock`, whose absolute path gives way to a relative one

Installing it is left to `project.python`, as for any other requirement.
"""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

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
            tool = find_tool(toolchain)
            if toolchain is Toolchain.POETRY:
                _link_with_poetry(tool, base, sdk)
            else:
                _link_with_uv(tool, base, sdk)
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
            # poetry takes it out of the environment only while it forgets it.
            flags = _flags(base) if toolchain is Toolchain.UV else []
            _run([find_tool(toolchain), "remove", *flags, distribution], base)
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


def _link_with_uv(tool: str, base: Path, sdk: Path) -> None:
    # uv writes the path as it is given, and what is recorded is to hold on every machine.
    command = [tool, "add", *_flags(base), "--no-workspace", f"./{sdk.relative_to(base).as_posix()}"]
    try:
        _run(command, base)
    except PackageError as error:
        if "--no-workspace" not in (error.detail or ""):
            raise
        # An older uv, to which the SDK is a member of the project's workspace or nothing.
        _run([each for each in command if each != "--no-workspace"], base)


def _link_with_poetry(tool: str, base: Path, sdk: Path) -> None:
    pyproject, relative = base / "pyproject.toml", sdk.relative_to(base).as_posix()
    if not names_path(pyproject.read_text("utf-8"), relative):
        _run([tool, "add", "--lock", str(sdk)], base)
        text = pyproject.read_text("utf-8")
        changed = with_relative_path(text, sdk.as_uri(), relative)
        if changed == text:
            return
        write_file(pyproject, changed)
    _run([tool, "lock"], base)


def names_path(text: str, path: str) -> bool:
    """Whether *text*, a pyproject.toml, has poetry take something from the relative *path*."""
    listed = _table(text, "tool", "poetry", "dependencies").values()
    return any(isinstance(each, dict) and each.get("path") == path for each in listed)


def with_relative_path(text: str, url: str, path: str) -> str:
    """
    *text*, a pyproject.toml, with the relative *path* in place of the absolute *url*.

    In `project.dependencies` poetry writes paths that are right on this machine alone. Answers
    *text* as it is where there is no such requirement, or no way to say it otherwise.
    """
    found = re.search(rf"""(["'])([A-Za-z0-9._-]+) @ {re.escape(url)}\1""", text)
    if found is None:
        return text
    entry = f"{found[2]} = {{ path = {json.dumps(path)} }}\n"
    named = f"{text[: found.start()]}{found[1]}{found[2]}{found[1]}{text[found.end() :]}"
    head = re.search(r"^\[tool\.poetry\.dependencies\][^\n]*\n", named, re.MULTILINE)
    if head is not None:
        changed = named[: head.end()] + entry + named[head.end() :]
    else:
        changed = f"{named.rstrip()}\n\n[tool.poetry.dependencies]\n{entry}"
    return changed if names_path(changed, path) else text


def _table(text: str, *names: str) -> dict[str, Any]:
    try:
        found: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _flags(base: Path) -> list[str]:
    """What keeps uv from filling the environment, which comes later, and helps it to find us."""
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
