"""What to run for a plugin: its program, or an interpreter when it comes as source (protocol.md §7.6)."""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from stackwright.environment import PYTHON_CMD, home
from stackwright.providers._interface import ProviderNotFoundError
from stackwright.providers.plugin._discovery import LocatedPlugin
from stackwright.wire._engine_service import COMPATIBLE_VERSION
from stackwright.wire._version_ranges import version_satisfies

DESCRIPTOR: Final = "PulumiPlugin.yaml"
_STARTER: Final = str(Path(__file__).parents[2] / "plugin_program.py")
"""Finds out which SDK the plugin's environment has; by its path, since that need not be ours."""


def plugin_command(
    plugin: LocatedPlugin, variables: Mapping[str, str], *, debugged: bool = False
) -> tuple[str, ...]:
    """
    The command that starts *plugin*, without its arguments; *debugged*: one that comes as source
    waits for a debugger first.

    Raises:
        ProviderNotFoundError: It cannot be run; says what is missing.
    """
    if plugin.path.is_dir():
        return _from_source(plugin, variables, (_STARTER, "--attach-debugger") if debugged else (_STARTER,))
    if not os.access(plugin.path, os.X_OK):
        raise ProviderNotFoundError(
            f"The provider plugin `{plugin.name}` may not be executed: {plugin.path}",
            hint=f"chmod +x {plugin.path}",
        )
    return (str(plugin.path),)


def _from_source(
    plugin: LocatedPlugin, variables: Mapping[str, str], starter: tuple[str, ...]
) -> tuple[str, ...]:
    descriptor = plugin.path / DESCRIPTOR
    if not descriptor.is_file():
        raise ProviderNotFoundError(
            f"The directory of the provider plugin `{plugin.name}` holds no program: {plugin.path}",
            detail=f"Neither `pulumi-resource-{plugin.name}` nor {DESCRIPTOR} is in it",
            hint="Remove the directory and install the plugin again",
        )
    runtime, options, required = read_descriptor(descriptor)
    if required and not version_satisfies(COMPATIBLE_VERSION, required):
        raise ProviderNotFoundError(
            f"The provider plugin `{plugin.name}` is for releases {required!r}, "
            f"which {COMPATIBLE_VERSION} does not satisfy",
            detail=f"Plugin: {descriptor}",
        )
    if runtime != "python":
        raise ProviderNotFoundError(
            f"The provider plugin `{plugin.name}` is source code for the runtime `{runtime}`, "
            "which Stackwright does not run",
            detail=f"Plugin: {descriptor}",
            hint="Use a release of the plugin that comes as a program",
        )
    python = _interpreter(plugin.path, options, variables)
    if (plugin.path / "__main__.py").is_file():
        return (python, *starter, str(plugin.path))
    return (python, *starter, "-m", str(plugin.path), _project_name(plugin))


def read_descriptor(descriptor: Path) -> tuple[str, dict[str, Any], str]:
    """
    The runtime that a PulumiPlugin.yaml names, its options, and which releases it is for.

    Raises:
        ProviderNotFoundError: It cannot be read.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        content = YAML(typ="safe", pure=True).load(descriptor)
    except YAMLError as error:
        raise ProviderNotFoundError(f"{descriptor} cannot be read: {error}") from error
    runtime = content.get("runtime") if isinstance(content, dict) else None
    options: Any = {}
    if isinstance(runtime, dict):
        options = runtime.get("options") or {}
        runtime = runtime.get("name")
    if not isinstance(runtime, str) or not isinstance(options, dict):
        raise ProviderNotFoundError(f"{descriptor} does not name a runtime")
    return runtime, options, str(content.get("requiredPulumiVersion") or "")


def source_environment(directory: Path) -> Path:
    """
    The virtual environment of a plugin that was installed as source.

    It lies beside the plugin, whose own files stay what the lock file pins.
    """
    return directory.with_name(f"{directory.name}.venv")


def source_variables(plugin: LocatedPlugin, variables: Mapping[str, str]) -> dict[str, str]:
    """What keeps an installed plugin that comes as source from writing among its own files."""
    if not plugin.path.is_dir() or plugin.origin != str(plugin.path):
        return {}
    return {"PYTHONPYCACHEPREFIX": str(home(variables) / "pycache")}


def _interpreter(directory: Path, options: Mapping[str, Any], variables: Mapping[str, str]) -> str:
    """The plugin's own virtual environment if it has one, else the one set, else ours (§13.3)."""
    named = options.get("virtualenv")
    inside = [directory / name for name in ([str(named)] if named else ["venv", ".venv"])]
    for environment in (*inside, source_environment(directory)):
        candidate = environment / "bin" / "python"
        if candidate.is_file():
            return str(candidate)
    if named:
        raise ProviderNotFoundError(
            f"The virtual environment `{named}` of the provider plugin in {directory} does not exist",
            hint=f"Create it there and install the plugin's requirements: python -m venv {named}",
        )
    return PYTHON_CMD.value(variables) or sys.executable


def _project_name(plugin: LocatedPlugin) -> str:
    try:
        content = tomllib.loads((plugin.path / "pyproject.toml").read_text("utf-8"))
        name = content["project"]["name"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ProviderNotFoundError(
            f"The provider plugin `{plugin.name}` cannot be run: {plugin.path} has neither a `__main__.py` "
            "nor a `pyproject.toml` that names a project",
        ) from error
    return str(name)
