"""
Which stack of a project is selected (spec: state.md §6.3).

The choice is kept per project file and per store, in a file of our own home that
has the compatible tool's name and format. `…_STACK` in the environment wins.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import stackwright.environment as environment
from stackwright.project._names import StackReference, parse_stack_reference
from stackwright.project._private_file import locked, read_private, write_private

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from stackwright.project._project_file import Project


def selection_path(project: Project, environ: Mapping[str, str] | None = None) -> Path:
    """The file with the selections of *project*."""
    digest = hashlib.sha1(str(project.path).encode(), usedforsecurity=False).hexdigest()
    name = project.name.replace("/", "_")
    return environment.home(environ) / "workspaces" / f"{name}-{digest}-workspace.json"


def selected_stack(
    project: Project, backend_url: str, environ: Mapping[str, str] | None = None
) -> StackReference | None:
    """
    The stack that commands work on when none is named, or None.

    Whether it exists is not looked at.

    Raises:
        WorkspaceError: The file is damaged or cannot be read.
        NameProblemError: What is selected is not the name of a stack.
    """
    chosen = environment.STACK.value(environ)
    if not chosen:
        stored = read_private(selection_path(project, environ))
        stacks = stored.get("stacks")
        chosen = (stacks.get(backend_url) if isinstance(stacks, dict) else None) or stored.get("stack")
    if not isinstance(chosen, str) or not chosen:
        return None
    return parse_stack_reference(chosen, project=project.name)


def select_stack(
    project: Project, backend_url: str, stack: StackReference, environ: Mapping[str, str] | None = None
) -> None:
    """
    Make *stack* the selected one.

    Raises:
        WorkspaceError: The file is damaged or cannot be written.
    """

    def change(stored: dict[str, Any], stacks: dict[str, Any]) -> None:
        stacks[backend_url] = stack.qualified

    _change(project, environ, change)


def deselect_stack(project: Project, backend_url: str, environ: Mapping[str, str] | None = None) -> None:
    """
    Select none; the file goes when nothing is left in it.

    Raises:
        WorkspaceError: The file is damaged or cannot be written.
    """

    def change(stored: dict[str, Any], stacks: dict[str, Any]) -> None:
        stacks.pop(backend_url, None)
        stored.pop("stack", None)

    _change(project, environ, change)


def _change(project: Project, environ: Mapping[str, str] | None, change: Any) -> None:
    path = selection_path(project, environ)
    with locked(path):
        stored = read_private(path)
        stacks = stored.get("stacks")
        stacks = dict(stacks) if isinstance(stacks, dict) else {}
        change(stored, stacks)
        stored["stacks"] = stacks
        write_private(path, {key: value for key, value in stored.items() if value})
