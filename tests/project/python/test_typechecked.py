"""Programs are checked before they run, by the genuine checker (cli.md §10.2, §10.4; protocol.md §13.3)."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from support.commands import Room

pytestmark = pytest.mark.timeout(120)

PROGRAM = """
    import stackwright as pulumi

    pulumi.export("size", len({}))
"""


@pytest.fixture
def room(tmp_path: Path) -> Room:
    if importlib.util.find_spec("mypy") is None:
        pytest.skip("mypy is not installed")
    room = Room(tmp_path, PROGRAM.format('"four"'))
    room.write("Pulumi.yaml", "name: typed\nruntime:\n  name: python\n  options:\n    typechecker: mypy\n")
    return room.init()


def test_mistakes_refuse_the_operation(room: Room) -> None:
    """Everything the checker says is shown, and nothing has run; what it accepts runs."""
    room.program(PROGRAM.format("4"))
    refused = room.run("up", "--yes", "--skip-preview")

    assert refused.status != 0
    assert "mypy does not accept the program" in refused.err
    assert '__main__.py:4: error: Argument 1 to "len" has incompatible type "int"' in refused.err
    assert "Found 1 error in 1 file" in refused.err
    assert room.export()["deployment"] is None

    room.program(PROGRAM.format('"four"'))
    room.up()
    assert room.outputs() == {"size": 4}


def test_unknown_checkers(room: Room) -> None:
    """The project file is wrong, at the line that is shown."""
    room.write("Pulumi.yaml", "name: typed\nruntime:\n  name: python\n  options:\n    typechecker: mypi\n")
    refused = room.run("preview")

    assert refused.status != 0
    assert "did you mean `mypy`?" in refused.err
