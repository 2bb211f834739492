"""Type checkers, as commands; tests are skipped where one is missing."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"


def pyright() -> list[str]:
    """The command that starts pyright; it is written for Node, which it fetches where it finds none."""
    if importlib.util.find_spec("pyright") is not None and shutil.which("node") is not None:
        return [sys.executable, "-m", "pyright"]
    found = shutil.which("pyright")
    if found is None:
        pytest.skip("pyright is not installed, or has no Node to run on")
    return [found]


def lines_told_by_pyright(
    program: Path, places: Sequence[Path] = (), others: Sequence[Path] = ()
) -> dict[int, str]:
    """What pyright says about *program* in its strict mode, by line; packages are found in all places."""
    settings = {
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
        "extraPaths": [str(place) for place in (*places, *others)],
    }
    folder = program.parent
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [*pyright(), "--pythonpath", sys.executable, "--outputjson", program.name]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    told: dict[int, str] = {}
    for each in json.loads(done.stdout)["generalDiagnostics"]:
        told.setdefault(each["range"]["start"]["line"] + 1, each["message"])
    return told


def lines_told_by_mypy(
    program: Path, places: Sequence[Path] = (), others: Sequence[Path] = ()
) -> dict[int, str]:
    """
    What mypy says in its strict mode, by line of *program*. It finds packages in all of the places.

    What it says about packages in *places* is at line 0; what it says about *others* is left out.
    """
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary"]
    done = subprocess.run(
        [*command, f"--cache-dir={program.parent / 'cache'}", program.name],
        cwd=program.parent,
        env={**os.environ, "MYPYPATH": os.pathsep.join(str(place) for place in (*places, *others))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    told: dict[int, str] = {}
    for line in done.stdout.splitlines():
        file, _, rest = line.partition(":")
        number, _, message = rest.partition(":")
        if " error: " in f" {message}" and not file.startswith(tuple(str(place) for place in others)):
            told.setdefault(int(number) if file == program.name else 0, message)
    return told
