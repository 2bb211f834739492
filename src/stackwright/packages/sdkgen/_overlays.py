"""
Files written by hand that belong into a generated package, in place of what its schema leaves out (§2).

They are read, never run: which names they give away is what `from file import *` would see.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from stackwright.errors import UserError
from stackwright.packages.sdkgen._names import KEYWORDS

_GENERATED: Final = frozenset(
    {"__init__.py", "__init__.pyi", "_utilities.py", "pulumi-plugin.json", "py.typed"}
)
_LEFT_OUT: Final = frozenset({"__pycache__"})


class OverlayError(UserError):
    """A file cannot be an overlay of a generated package."""

    code = "bad-overlay"


def read_overlays(directory: Path) -> dict[str, bytes]:
    """
    What lies below *directory*, by its path in the package.

    Raises:
        OverlayError: There is no such directory, or a file would take the place of the package's own.
    """
    if not directory.is_dir():
        raise OverlayError(f"There are no overlays at {directory}: it is no directory")
    found: dict[str, bytes] = {}
    for path in sorted(directory.rglob("*")):
        place = path.relative_to(directory)
        if not path.is_file() or _LEFT_OUT & set(place.parts):
            continue
        if place.name in _GENERATED:
            raise OverlayError(f"The overlay {place.as_posix()} would take the place of a generated file")
        found[place.as_posix()] = path.read_bytes()
    return found


def overlays_of(overlays: Mapping[str, bytes], folder: str) -> Iterator[tuple[str, list[str]]]:
    """
    The Python files in *folder*, a module's (empty: the root's), without their endings, and their names.

    Raises:
        OverlayError: One is no Python, or cannot be imported.
    """
    for place, data in overlays.items():
        where, _, file = place.rpartition("/")
        if where != folder or not file.endswith(".py"):
            continue
        name = file.removesuffix(".py")
        if not name.isidentifier() or name in KEYWORDS:
            raise OverlayError(f"The overlay {place} cannot be imported under that name")
        yield name, _public_names(place, data)


def _public_names(place: str, data: bytes) -> list[str]:
    try:
        tree = ast.parse(data, filename=place)
    except (SyntaxError, ValueError) as error:
        raise OverlayError(f"The overlay {place} is no Python", detail=str(error)) from None
    names: dict[str, None] = {}
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names[name] = None
            case ast.Assign(
                targets=[ast.Name(id="__all__")],
                value=ast.List(elts=listed) | ast.Tuple(elts=listed),
            ):
                return [str(each.value) for each in listed if isinstance(each, ast.Constant)]
            case ast.Assign(targets=targets):
                names |= {each.id: None for each in targets if isinstance(each, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                names[name] = None
    return [name for name in names if not name.startswith("_")]
