"""
Programs, with what they leave behind and what is shown meanwhile.

Each folder of `cases` holds the program of each step (`1.py`, `2.py`, ...), the expected
state after it (`1.json`) and the expected screen (`1.txt`). After the last step a further
run changes nothing, and a destroy leaves nothing. `STACKWRIGHT_REGENERATE=1` writes the
expectations anew: read the diff.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from support import goplugin
from support.commands import Room

CASES = Path(__file__).parent / "cases"
REGENERATE = os.environ.get("STACKWRIGHT_REGENERATE") == "1"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_ID = re.compile(r"(?<=.)-?[0-9a-f]{8,10}$")  # the random part of an identifier
_TIMES = re.compile(r" \((\d+\.)?\d+s\)|(?<=Duration: )\w+")
_VOLATILE = ("created", "modified", "sourcePosition", "stackTrace", "__meta")


def test_there_are_enough() -> None:
    """At least thirty, so that a lost folder is noticed."""
    assert len(list(CASES.iterdir())) >= 30


def plain(value: Any) -> Any:
    """A state without what differs from run to run."""
    if isinstance(value, dict):
        kept = {key: plain(item) for key, item in value.items() if key not in _VOLATILE}
        if isinstance(kept.get("id"), str):
            kept["id"] = _ID.sub("-ID", kept["id"])
        return kept
    if isinstance(value, list):
        return [plain(item) for item in value]
    return _UUID.sub("UUID", value) if isinstance(value, str) else value


def compare(path: Path, found: str) -> None:
    """What was found is what is expected; lines of things that go on at the same time come in any order."""
    if REGENERATE:
        path.write_text(found, encoding="utf-8")
    assert sorted(found.splitlines()) == sorted(path.read_text(encoding="utf-8").splitlines()), path.name


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", sorted(folder.name for folder in CASES.iterdir()))
def test_program(name: str, tmp_path: Path) -> None:
    """State and screen after each step are the expected ones."""
    case = CASES / name
    room = Room(tmp_path, LEDGER_PATH=str(tmp_path / "ledger.jsonl"), LEDGER_FSYNC="0")
    if name.startswith("ledger"):
        goplugin.plugins(room.home / "stackwright" / "plugins", names=["ledger"])
    room.init()
    if (case / "config.yaml").exists():
        room.write("Pulumi.dev.yaml", (case / "config.yaml").read_text(encoding="utf-8"))
    for step in sorted(case.glob("*.py")):
        room.program(step.read_text(encoding="utf-8"))
        screen = room.up("--parallel", "1", "--show-reads")
        compare(step.with_suffix(".txt"), _TIMES.sub("", screen).replace(str(tmp_path), "ROOM"))
        state = plain(room.export()["deployment"].get("resources", []))
        text = json.dumps(state, indent=1, ensure_ascii=False).replace(str(tmp_path), "ROOM")
        compare(step.with_suffix(".json"), text + "\n")
    room.up("--expect-no-changes")
    room.ok("destroy", "--yes", "--skip-preview", "--ignore-protect")
    assert room.resources() == []
