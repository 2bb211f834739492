"""What commands tell of a stack that was really updated (cli.md §5.2, §5.10, §6)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support.commands import Room

MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    room = Room(tmp_path_factory.mktemp("updated"), "import pulumi\npulumi.export('answer', 42)\n").init()
    room.ok("config", "set", "colour", "red")
    room.ok("config", "set", "hidden", "hush", "--secret")
    room.up("-m", "the first")
    return room


def test_the_list_says_when(room: Room) -> None:
    """cli.md §5.2, §1.8"""
    (only,) = json.loads(room.ok("stack", "ls", "--json"))
    assert re.fullmatch(MOMENT, only.pop("lastUpdate"))
    assert only == {"name": "dev", "current": True, "updateInProgress": False, "resourceCount": 1}
    assert re.search(r"^dev\*  (now|\d+ seconds? ago) +1$", room.ok("stack", "ls"), re.MULTILINE)


def test_history(room: Room) -> None:
    """cli.md §5.10"""
    (update,) = json.loads(room.ok("stack", "history", "--json"))
    assert (update["version"], update["kind"], update["result"]) == (1, "update", "succeeded")
    assert update["message"] == "the first"
    assert update["resourceChanges"] == {"create": 1}
    assert update["config"]["shop:colour"] == {"value": "red", "secret": False}
    assert update["config"]["shop:hidden"] == {"secret": True}
    assert re.fullmatch(MOMENT, update["startTime"])
    assert re.fullmatch(MOMENT, update["endTime"])
    rows = room.ok("stack", "history").splitlines()
    assert rows[:4] == ["Version: 1", "UpdateKind: update", "Status: succeeded", "Message: the first"]
    assert re.fullmatch(r"\+1-0~0 0 Updated .+ took \d+s", rows[4])
    assert rows[-1] == ""


def test_configuration_comes_back_from_the_last_update(room: Room) -> None:
    """cli.md §6"""
    room.ok("config", "set", "colour", "blue")
    said = room.ok("config", "refresh")
    kept = room.project / "Pulumi.dev.yaml.bak"
    assert said == (
        f"backed up existing configuration file to {kept}\nrefreshed configuration for stack 'dev'\n"
    )
    assert "blue" in kept.read_text(encoding="utf-8")
    assert room.ok("config", "get", "colour") == "red\n"
    assert room.ok("config", "get", "hidden") == "hush\n"
    room.ok("config", "set", "colour", "blue")
    assert room.ok("config", "refresh", "--force") == ""
    assert room.ok("config", "get", "colour") == "red\n"
    (room.project / "Pulumi.dev.yaml").unlink()
    room.ok("config", "refresh", "--force")
    assert room.ok("config", "get", "colour") == "red\n"
    assert room.ok("config", "get", "hidden") == "hush\n"
    (update, *_) = json.loads(room.ok("stack", "history", "--json", "--show-secrets"))
    assert update["config"]["shop:hidden"] == {"value": "hush", "secret": True}
    Path(kept).unlink()
