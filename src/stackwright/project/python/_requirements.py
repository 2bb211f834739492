"""What a project's requirement files name, and how one becomes the other."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any, Final

from stackwright.project._problems import PythonEnvironmentError
from stackwright.project.python._distributions import normalized

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

_EDITABLE: Final = re.compile(r"^(?:-e|--editable)[\s=]+")
_NAME: Final = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[|[<>=!~;@,\s#]|$)")


def requirement_lines(text: str) -> list[str]:
    """The requirements of a requirements.txt, without comments and options; continued lines are joined."""
    return [line for line in _lines(text) if not line.startswith("-")]


def _lines(text: str) -> list[str]:
    joined = re.sub(r"\\\r?\n\s*", " ", text)
    lines = (re.sub(r"(?:^|\s)#.*", "", line).strip() for line in joined.splitlines())
    return [line for line in lines if line]


def has_requirement(path: Path, name: str) -> bool:
    """Whether the requirements.txt or pyproject.toml *path* asks for the distribution *name* directly."""
    return any(requirement_name(line) == normalized(name) for line in required_lines(path))


def has_options(path: Path) -> bool:
    """Whether the requirements.txt *path* takes requirements from elsewhere: other files, folders."""
    text = path.read_text(encoding="utf-8", errors="replace")
    return any(line.lstrip().startswith(("-e", "-r", "--e", "--r")) for line in text.splitlines())


def required_lines(path: Path) -> list[str]:
    """The requirements that the requirements.txt or pyproject.toml *path* names; none where it is missing."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    return _pyproject_dependencies(text) if path.suffix == ".toml" else requirement_lines(text)


def requirement_name(line: str) -> str | None:
    """The normalised name of the distribution that a requirement names, or None for a path or URL alone."""
    match = _NAME.match(line)
    return normalized(match[1]) if match else None


def is_path_requirement(line: str, paths: Collection[str]) -> bool:
    """Whether a line of a requirements.txt names one of these relative *paths*, editable or not."""
    text = re.sub(r"(?:^|\s)#.*", "", line).strip()
    text = _EDITABLE.sub("", text)
    return text.removeprefix("./").rstrip("/") in paths


def pyproject_from_requirements(
    root: Path, text: str, origins: Mapping[str, str], *, for_poetry: bool = False
) -> str:
    """
    A pyproject.toml for the program in *root*, that needs what its requirements.txt, *text*, names.

    *origins* gives URLs to take distributions from instead of an index. What lies at a path
    is named, and uv, or poetry, is told where.

    Raises:
        PythonEnvironmentError: A line means something that no pyproject.toml says.
    """
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", root.name).strip("._-") or "program"
    dependencies = sources = ""
    word = "develop" if for_poetry else "editable"
    for line in _lines(text):
        place = _EDITABLE.sub("", line)
        name = requirement_name(line)
        if name is None:
            name, editable = _name_at(root, place, line), place != line
            more = f", {word} = true" if editable else ""
            sources += f"{name} = {{ path = {json.dumps(place)}{more} }}\n"
            line = name
        dependencies += f"    {json.dumps(_with_origin(line, origins))},\n"
    return (
        f'[project]\nname = "{safe}"\nversion = "0.1.0"\nrequires-python = ">=3.11"\n'
        f"dependencies = [\n{dependencies}]\n\n"
        "[tool.uv]\npackage = false\n\n[tool.poetry]\npackage-mode = false\n"
        + (f"\n[{'tool.poetry.dependencies' if for_poetry else 'tool.uv.sources'}]\n" if sources else "")
        + sources
    )


def _name_at(root: Path, place: str, line: str) -> str:
    """The name of the distribution whose source lies at *place*."""
    try:
        content = tomllib.loads((root / place / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        content = {}
    tools = content.get("tool", {}).get("poetry", {})
    name = content.get("project", {}).get("name") or tools.get("name")
    if not isinstance(name, str):
        raise PythonEnvironmentError(
            f"The line `{line}` of requirements.txt cannot be put into a pyproject.toml",
            detail="There, a requirement has a name; and options of pip have no place in it",
            hint="Write a pyproject.toml by hand, or use `toolchain: pip`",
        )
    return normalized(name)


def _with_origin(line: str, origins: Mapping[str, str]) -> str:
    match = _NAME.match(line)
    url = origins.get(normalized(match[1])) if match else None
    return f"{match[1]} @ {url}" if match and url else line


def _pyproject_dependencies(text: str) -> list[str]:
    try:
        content: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return []
    listed = content.get("project", {}).get("dependencies", [])
    poetry = content.get("tool", {}).get("poetry", {}).get("dependencies", {})
    return [*(str(line) for line in listed), *poetry]
