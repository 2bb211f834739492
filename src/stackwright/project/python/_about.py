"""What `about` tells of an environment (spec: cli.md §10.7)."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import msgspec

from stackwright.project._problems import PythonEnvironmentError
from stackwright.project.python._distributions import distributions
from stackwright.project.python._environment import PythonEnvironment, find_tool
from stackwright.project.python._options import Toolchain, Typechecker

if TYPE_CHECKING:
    from pathlib import Path


class EnvironmentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An environment in words: interpreter, version, tool and the tool's version, type checker."""

    executable: Path
    version: str
    toolchain: Toolchain
    toolchain_version: str | None
    typechecker: Typechecker | None


class InstalledPackage(msgspec.Struct, frozen=True):
    """A package and its version."""

    name: str
    version: str


def environment_facts(found: PythonEnvironment, typechecker: Typechecker | None = None) -> EnvironmentFacts:
    """
    Look into *found*; the version of a tool that cannot say it is None.

    Raises:
        PythonEnvironmentError: The interpreter does not work.
    """
    return EnvironmentFacts(
        executable=found.interpreter,
        version=found.version(),
        toolchain=found.toolchain,
        toolchain_version=_tool_version(found),
        typechecker=typechecker,
    )


def installed_packages(found: PythonEnvironment, *, transitive: bool = False) -> list[InstalledPackage]:
    """
    The packages of an environment, sorted by name; without *transitive* only those no other one needs.

    Raises:
        PythonEnvironmentError: The interpreter had to be asked and does not work.
    """
    installed = list(distributions(found.search_path()))
    needed: set[str] = set()
    if not transitive:
        needed.update(*(distribution.requires() for distribution in installed))
    return sorted(
        (
            InstalledPackage(distribution.name, distribution.version)
            for distribution in installed
            if distribution.name not in needed
        ),
        key=lambda package: package.name,
    )


def _tool_version(found: PythonEnvironment) -> str | None:
    if found.toolchain is Toolchain.PIP:
        return found.installed_version("pip")
    try:
        tool = find_tool(found.toolchain)
        answer = subprocess.run([tool, "--version"], capture_output=True, text=True, timeout=30, check=True)
    except (PythonEnvironmentError, OSError, subprocess.SubprocessError):
        return None
    return next((word for word in answer.stdout.strip(" )\n").split() if word[:1].isdigit()), None)
