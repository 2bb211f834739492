"""Programs as type checkers see them: what they accept and infer with the genuine package, and with ours."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from support import checkers, provider_packages

PROGRAMS = Path(__file__).parent / "typing"

Place = tuple[str, int]


class Checked(NamedTuple):
    """What a checker said of the programs: types that were revealed, and errors, by file and line."""

    types: dict[Place, str]
    errors: dict[Place, str]


_SAID = re.compile(r"(?:.*[\\/])?(\w+\.py):(\d+)(?::\d+)?:? (?:- )?(note|error|information): (.*)")
_TYPE = re.compile(r'(?:Revealed type is|Type of .* is) "(.*)"')
_MODULES = re.compile(
    r"\b(?:stackwright\.sdk|stackwright|pulumi|typing|builtins|collections\.abc)\.(?:[a-z_]+\.)*"
)


def read(text: str) -> Checked:
    """A checker's words, without the modules that classes are from."""
    found = Checked({}, {})
    for line in text.splitlines():
        said = _SAID.match(line)
        if said is None:
            continue
        place = (said[1], int(said[2]))
        revealed = _TYPE.search(said[4])
        if revealed:
            found.types[place] = _MODULES.sub("", revealed[1]).replace(" ", "")
        elif said[3] == "error":
            found.errors.setdefault(place, said[4])
    return found


def programs(folder: Path, *, ours: bool) -> Path:
    """The programs as they are, or with our package imported under the other's name."""
    folder.mkdir()
    for program in PROGRAMS.glob("*.py"):
        text = program.read_text()
        if ours:
            text = re.sub(r"(?m)^import pulumi$", "import stackwright as pulumi", text)
            text = re.sub(r"(?m)^from pulumi import", "from stackwright import", text)
        (folder / program.name).write_text(text)
    return folder


def mypy(folder: Path, *places: Path) -> Checked:
    """What mypy says in its strict mode; modules in *places* come before all others."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-error-summary"]
    done = subprocess.run(
        [*command, f"--cache-dir={folder / 'cache'}", *sorted(p.name for p in folder.glob("*.py"))],
        cwd=folder,
        env={**os.environ, "MYPYPATH": os.pathsep.join(str(place) for place in places)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return read(done.stdout)


def pyright(folder: Path, *places: Path) -> Checked:
    """What pyright says in its strict mode; modules in *places* come before all others."""
    settings = {"typeCheckingMode": "strict", "extraPaths": [str(place) for place in places]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    done = subprocess.run(
        [*checkers.pyright(), "--pythonpath", sys.executable, "."],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return read(done.stdout)


@pytest.mark.parametrize("checker", [mypy, pyright])
@pytest.mark.slow
@pytest.mark.real
def test_types_are_at_least_as_precise(checker: object, tmp_path: Path) -> None:
    """All that is accepted with the genuine package, and the same types; where it has none, ours may."""
    assert callable(checker)
    place = provider_packages.fetched("pulumi", "3.272.0")
    genuine: Checked = checker(programs(tmp_path / "genuine", ours=False), place)
    ours: Checked = checker(programs(tmp_path / "ours", ours=True))

    assert len(genuine.types) > 75
    assert ours.errors == {}
    assert {place: ours.types.get(place) for place in genuine.types if place not in genuine.errors} == {
        place: type_ for place, type_ in genuine.types.items() if place not in genuine.errors
    }


def test_programs_are_accepted(tmp_path: Path) -> None:
    """In mypy's strict mode; what is inferred where the genuine package's own types give up."""
    found = mypy(programs(tmp_path / "ours", ours=True))

    assert found.errors == {}
    lines = (PROGRAMS / "outputs.py").read_text().splitlines()
    inferred = {
        lines[line - 1].strip(): type_ for (file, line), type_ in found.types.items() if file == "outputs.py"
    }
    assert inferred["reveal_type(name.apply(lambda n: Output.from_input(n)))"] == "Output[str]"
    assert (
        inferred["reveal_type(name.apply(lambda n: count.apply(lambda c: (n, c))))"]
        == "Output[tuple[str,int]]"
    )
    assert inferred["reveal_type(name.apply(later))"] == "Output[int]"
    assert inferred["reveal_type(Output.from_input(awaitable))"] == "Output[int]"
