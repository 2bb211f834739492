"""
Write `src/pulumi-stubs`: what editors and type checkers take `import pulumi` for.

At run time that name means our SDK (`stackwright.sdk._import_aliases`), and these stubs say
the same to tools that only read: each module of `pulumi` has the names of ours. So no
genuine package has to be installed for checkers, and where one is, `pulumi.Output` and
`stackwright.Output` are one class to them as well.

`tests/sdk/test_pulumi_stubs.py` holds that what is written there is what this would write.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

SOURCE = Path(__file__).parents[1] / "src"
STUBS = SOURCE / "pulumi-stubs"

_PRIVATE: Final = ("_sync_await",)
"""Names that are not public, and that packages made by Pulumi's generator use."""


def stubs() -> dict[str, str]:
    """Every file below `pulumi-stubs`, with its text."""
    found = {"py.typed": "partial\n"}
    modules = sorted(_modules(SOURCE / "stackwright" / "sdk", ()))
    for module, is_package in modules:
        path = "/".join((*module, "__init__") if is_package else module)
        target = ".".join(("stackwright", "sdk", *module))
        below = [each[-1] for each, _ in modules if each and each[:-1] == module]
        found[f"{path}.pyi"] = _text(target, below)
    found["automation/__init__.pyi"] = _text("stackwright.automation", [])
    return dict(sorted(found.items()))


def _modules(folder: Path, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], bool]]:
    """The public modules at and below *folder*, and whether each is a package."""
    yield path, True
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("_") or entry.name in ("proto", "run"):
            continue
        if entry.suffix == ".py":
            yield (*path, entry.stem), False
        elif (entry / "__init__.py").is_file():
            yield from _modules(entry, (*path, entry.name))


def _text(target: str, below: list[str]) -> str:
    module = importlib.import_module(target)
    # A function may have the name of the module that it is from.
    parts = [name for name in below if inspect.ismodule(getattr(module, name, None))]
    lines = [f"from . import {name} as {name}" for name in parts]
    lines.append(f"from {target} import *")
    lines += [f"from {target} import {name} as {name}" for name in _PRIVATE if hasattr(module, name)]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write them; with `--check`, only say which differ, and fail if any does."""
    if "--check" in sys.argv[1:]:
        wanted = stubs()
        there = {path.relative_to(STUBS).as_posix() for path in STUBS.rglob("*") if path.is_file()}
        differ = [
            name
            for name in sorted(there | wanted.keys())
            if name not in there or (STUBS / name).read_text(encoding="utf-8") != wanted.get(name)
        ]
        sys.exit("\n".join(differ) or 0)
    for name, text in stubs().items():
        path = STUBS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
