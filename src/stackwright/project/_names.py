"""
Names of stacks and projects, and references to stacks (spec: state.md §6.5, §11.4).

A reference is written `stack`, `organization/stack` or `organization/project/stack`;
stores that belong to their users have one organisation, which is called just that.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import stackwright.environment as environment
from stackwright.project._problems import NameProblemError

MAX_NAME_LENGTH: Final = 100
MAX_DESCRIPTION_LENGTH: Final = 256
ORGANIZATION: Final = "organization"

_ALLOWED: Final = re.compile(r"[A-Za-z0-9_.-]+\Z")
_FOREIGN: Final = re.compile(r"[^A-Za-z0-9_.-]")


class StackReference(NamedTuple):
    """Which stack: its project and its name."""

    project: str
    name: str

    @property
    def qualified(self) -> str:
        """The full form, which selection files, locks and states use."""
        return f"{ORGANIZATION}/{self.project}/{self.name}"

    def shown(self, project: str | None, *, fully: bool = False) -> str:
        """How people of *project* write it: the bare name for their own stacks, unless *fully*."""
        return self.name if self.project == project and not fully else self.qualified


def check_stack_name(name: str) -> None:
    """
    Make sure that *name* can name a stack.

    Raises:
        NameProblemError: It cannot. Never raised while `…_DISABLE_VALIDATION` is set,
            except for the empty name.
    """
    _check("stack", name, strict=not environment.DISABLE_VALIDATION.value())


def check_project_name(name: str, *, new: bool = False) -> None:
    """
    Make sure that *name* can name a project; a *new* one may not take reserved names.

    Raises:
        NameProblemError: It cannot.
    """
    _check("project", name, strict=True)
    if new and (name in {"Pulumi", "Stackwright"} or name.startswith(("Pulumi.", "Stackwright."))):
        raise NameProblemError(
            f"The project name `{name}` is reserved: it would read as the name of a project file",
            hint="Choose another name",
        )


def check_description(text: str) -> None:
    """
    Raises:
        NameProblemError: *text* is too long for the description of a new project.
    """
    if len(text) > MAX_DESCRIPTION_LENGTH:
        raise NameProblemError(
            f"A project description has at most {MAX_DESCRIPTION_LENGTH} characters; this one has {len(text)}"
        )


def project_name_from(text: str) -> str:
    """A valid project name made of *text*, such as a directory's name (spec: cli.md §9.3)."""
    name = _FOREIGN.sub("-", text)[:MAX_NAME_LENGTH]
    return name if name.strip("-") else "project"


def parse_stack_reference(text: str, *, project: str | None) -> StackReference:
    """
    The stack that *text* means, seen from *project*.

    Raises:
        NameProblemError: A part is not a valid name, the organisation is not
            `organization`, or a short form is used where there is no project.
    """
    parts = text.split("/")
    if len(parts) > 3:
        raise NameProblemError(
            f"`{text}` is not a stack",
            hint="Stacks are written as `stack`, `organization/stack` or `organization/project/stack`",
        )
    if len(parts) > 1 and parts[0] != ORGANIZATION:
        raise NameProblemError(
            f"`{text}` names the organisation `{parts[0]}`; this store has no organisations",
            hint=f"Write `{ORGANIZATION}` in its place, or only the name of the stack",
        )
    name = parts[-1]
    check_stack_name(name)
    if len(parts) == 3:
        check_project_name(parts[1])
        return StackReference(parts[1], name)
    if project is None:
        raise NameProblemError(
            f"There is no Pulumi.yaml project file here, so `{name}` could be a stack of any project",
            hint=f"Change to the project's directory, or write `{ORGANIZATION}/PROJECT/{name}`",
        )
    return StackReference(project, name)


def _check(kind: str, name: str, *, strict: bool) -> None:
    if not name:
        raise NameProblemError(f"A {kind} name must not be empty")
    if not strict:
        return
    if len(name) > MAX_NAME_LENGTH:
        raise NameProblemError(
            f"A {kind} name has at most {MAX_NAME_LENGTH} characters; `{name[:20]}…` has {len(name)}"
        )
    if not _ALLOWED.match(name):
        foreign = _FOREIGN.search(name)
        position = foreign.start() + 1 if foreign else len(name)
        shown = repr(name[position - 1])
        raise NameProblemError(
            f"The {kind} name `{name}` holds {shown} as its character {position}",
            hint="Letters, digits, hyphens, underscores and periods are allowed",
        )
