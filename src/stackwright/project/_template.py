"""
Templates: directories that new projects are copied from (spec: cli.md §9.4).

A template is a directory with a project file. Ours are part of the package; a
directory named on the command line, or one in the directory that
`…_TEMPLATE_PATH` names, works the same way. Templates from the network are
refused with a way around.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

import stackwright.environment as environment
from stackwright.project._problems import FileProblemsError, TemplateError
from stackwright.project._project_file import PROJECT_NAMES, Project, find_file, load_project
from stackwright.project._suggestions import closest, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_OURS: Final = Path(__file__).parent / "templates"
_REMOTE: Final = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://|git@|[\w.-]+\.(?:com|org|io|dev)/)|.*\.zip\Z", re.IGNORECASE
)


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A directory to copy new projects from, and its project file."""

    name: str
    directory: Path
    project: Project

    @property
    def description(self) -> str:
        """What the template is good for, in a line."""
        block = self.project.template
        return (block.description if block else None) or self.project.description or ""

    @property
    def is_important(self) -> bool:
        """Whether the template is listed before others."""
        return self.project.template is not None and self.project.template.important


class TemplateListing(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list of templates; *problem* says why a template cannot be used."""

    name: str
    description: str = ""
    is_important: bool = False
    problem: str | None = None


def list_templates(environ: Mapping[str, str] | None = None) -> list[TemplateListing]:
    """The templates that have a name here: important ones first, then by name; broken ones last."""
    listings: list[TemplateListing] = []
    for name, directory in _named(environ):
        try:
            template = read_template(directory, name=name)
        except (FileProblemsError, TemplateError) as problem:
            listings.append(TemplateListing(name=name, problem=problem.message))
            continue
        listings.append(
            TemplateListing(name=name, description=template.description, is_important=template.is_important)
        )
    return sorted(
        listings, key=lambda listing: (listing.problem is not None, not listing.is_important, listing.name)
    )


def find_template(text: str, environ: Mapping[str, str] | None = None) -> Template:
    """
    The template that *text* means: a directory, or a name.

    Raises:
        TemplateError: There is none, or it would come from the network.
        ProjectFileError: Its project file cannot be used.
    """
    if _REMOTE.match(text):
        raise TemplateError(
            f"The template `{text}` would have to be downloaded, which is not possible",
            hint="Clone or unpack it yourself, and name its directory",
        )
    local = Path(text).expanduser()
    if text and local.is_dir() and _manifest(local) is not None:
        return read_template(local)
    named = dict(_named(environ))
    if text in named:
        return read_template(named[text], name=text)
    if local.is_dir() and ("/" in text or text.startswith(".")):
        raise TemplateError(
            f"The directory {text} is no template: it has no project file",
            hint="A template is a directory with a Pulumi.yaml",
        )
    near = closest(text, named, within=3)
    raise TemplateError(
        f"There is no template `{text}`" + (f"; did you mean `{near}`?" if near else ""),
        hint=f"Templates are {listed(sorted(named))}, and any directory with a Pulumi.yaml",
    )


def read_template(directory: Path, *, name: str | None = None) -> Template:
    """
    The template in *directory*.

    Raises:
        TemplateError: The directory has no project file.
        ProjectFileError: The project file cannot be used.
    """
    manifest = _manifest(directory)
    if manifest is None:
        raise TemplateError(f"The directory {directory} is no template: it has no project file")
    directory = directory.absolute()
    return Template(name=name or directory.name, directory=directory, project=load_project(manifest))


def _manifest(directory: Path) -> Path | None:
    found = find_file(directory, PROJECT_NAMES)
    return found if found is not None and found.parent == directory.absolute() else None


def _named(environ: Mapping[str, str] | None) -> Iterator[tuple[str, Path]]:
    chosen = environment.TEMPLATE_PATH.value(environ)
    # A directory of templates that somebody names takes the place of ours.
    directory = _OURS if chosen is None else chosen
    if not directory.is_dir():
        raise TemplateError(
            f"The directory of templates {directory} does not exist",
            hint=f"It is named by {environment.TEMPLATE_PATH.source(environ)}; change or unset it",
        )
    for entry in sorted(directory.iterdir()):
        if entry.is_dir() and not entry.name.startswith(".") and _manifest(entry) is not None:
            yield entry.name, entry
