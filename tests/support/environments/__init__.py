"""Python environments made of files, and programs that only tell how they were called."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import ruamel.yaml  # noqa: F401 - loaded before a test changes where packages are found

from stackwright.project import Project, load_project


def write_tool(path: Path, *, status: int = 0, says: str = "", then: str = "") -> Path:
    """
    A program that appends its arguments, one call a line, to `<path>.calls`.

    It prints *says*, runs the shell commands *then* and ends with *status*.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    record = f'printf "%s\\n" "$*" >> {shlex.quote(str(path))}.calls'
    lines = ["#!/bin/sh", record, *([f"cat <<'END'\n{says}\nEND"] if says else []), then, f"exit {status}"]
    path.write_text("\n".join(line for line in lines if line) + "\n")
    path.chmod(0o755)
    return path


def calls_of(path: Path) -> list[str]:
    """The arguments of each call of a tool made by `write_tool`."""
    record = path.with_name(f"{path.name}.calls")
    return record.read_text().splitlines() if record.exists() else []


def write_environment(directory: Path, *, version: str = "3.11.7", **tool: Any) -> Path:
    """A virtual environment without any package, whose interpreter is a tool."""
    minor = ".".join(version.split(".")[:2])
    (directory / "lib" / f"python{minor}" / "site-packages").mkdir(parents=True)
    (directory / "pyvenv.cfg").write_text(
        f"home = /usr/bin\ninclude-system-site-packages = false\nversion = {version}\n"
    )
    write_tool(directory / "bin" / "python", **tool)
    return directory


def site_packages(directory: Path) -> Path:
    """Where the packages of an environment are."""
    return next(directory.glob("lib/python3.*/site-packages"))


def install(
    site: Path,
    name: str,
    version: str,
    *,
    package: str | None = None,
    plugin: dict[str, Any] | str | None = None,
    requires: tuple[str, ...] = (),
    origin: dict[str, Any] | None = None,
    files: dict[str, str] | None = None,
) -> Path:
    """Put a distribution into a directory of packages, as an installer leaves it; return its metadata."""
    metadata = site / f"{name.replace('-', '_')}-{version}.dist-info"
    metadata.mkdir(parents=True)
    lines = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {line}" for line in requires)]
    (metadata / "METADATA").write_text("\n".join(lines) + "\n\nIts description.\n")
    (metadata / "RECORD").write_text("")
    (metadata / "INSTALLER").write_text("test")
    (metadata / "WHEEL").write_text("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    if origin is not None:
        (metadata / "direct_url.json").write_text(json.dumps(origin))
    if package is not None:
        (site / package).mkdir(exist_ok=True)
        (site / package / "__init__.py").write_text("")
        for path, content in (files or {}).items():
            target = site / package / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)
        if plugin is not None:
            content = plugin if isinstance(plugin, str) else json.dumps(plugin)
            (site / package / "pulumi-plugin.json").write_text(content)
    return metadata


def write_project(directory: Path, options: str = "", *, requirements: str | None = None) -> Project:
    """A Python project with these runtime options, as YAML in braces."""
    directory.mkdir(parents=True, exist_ok=True)
    runtime = f"\n  name: python\n  options: {options}" if options else " python"
    (directory / "Pulumi.yaml").write_text(f"name: shop\nruntime:{runtime}\n")
    (directory / "__main__.py").write_text("")
    if requirements is not None:
        (directory / "requirements.txt").write_text(requirements)
    return load_project(directory / "Pulumi.yaml")


RUNNING = Path(sys.executable)
