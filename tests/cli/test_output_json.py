"""`--output json`: a line for each phase, and nothing else on standard output (cli.md §16)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support.commands import Done, Room

PROGRAM = """
import pulumi

class Random(pulumi.CustomResource):
    def __init__(self, name, opts=None, **props):
        super().__init__("random:index/randomInteger:RandomInteger", name, props, opts)

print("a word of the program's own")
Random("dice", min=1, max={sides})
"""
STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"
DICE = "urn:pulumi:dev::shop::random:index/randomInteger:RandomInteger::dice"


def phases(done: Done) -> list[dict[str, Any]]:
    assert done.status == 0, done.text
    found = [json.loads(line) for line in done.out.splitlines()]
    for phase in found:
        assert type(phase.pop("duration")) is int
    return found


def resource(op: str) -> dict[str, str]:
    return {
        "urn": DICE,
        "type": "random:index/randomInteger:RandomInteger",
        "name": "dice",
        "op": op,
        "parent": STACK,
    }


def stack(op: str) -> dict[str, str]:
    return {"urn": STACK, "type": "pulumi:pulumi:Stack", "name": "shop-dev", "op": op}


def test_each_operation(tmp_path: Path) -> None:
    room = Room(tmp_path, PROGRAM.replace("{sides}", "6")).init()
    created = {
        "result": "succeeded",
        "summary": {"create": 2},
        "resources": [stack("create"), resource("create")],
    }
    assert phases(room.run("preview", "--output", "json")) == [created]
    assert phases(room.run("up", "--yes", "--output", "json")) == [created, created]

    same = {"result": "succeeded", "summary": {"same": 2}}
    assert phases(room.run("up", "--skip-preview", "--output", "json")) == [same]
    sames = phases(room.run("preview", "--output", "json", "--show-sames"))
    assert sames == [{**same, "resources": [stack("same"), resource("same")]}]

    refreshed = phases(room.run("refresh", "--skip-preview", "--output", "json"))
    assert [(phase["result"], phase.get("resources")) for phase in refreshed] == [("succeeded", None)]

    room.program(PROGRAM.replace("{sides}", "20"))
    replaced = phases(room.run("up", "--skip-preview", "--output", "json"))
    assert replaced == [
        {"result": "succeeded", "summary": {"same": 1, "replace": 1}, "resources": [resource("replace")]}
    ]

    gone = phases(room.run("destroy", "--skip-preview", "--remove", "--output", "json"))
    assert gone == [
        {
            "result": "succeeded",
            "summary": {"delete": 2},
            "resources": [resource("delete"), stack("delete")],
        }
    ]
    assert "dev" not in room.ok("stack", "ls")


def test_what_the_program_prints_is_kept_apart(tmp_path: Path) -> None:
    """In every machine-readable form."""
    room = Room(tmp_path, PROGRAM.replace("{sides}", "6")).init()
    preview = room.run("preview", "--json")
    assert json.loads(preview.out)["changeSummary"] == {"create": 2}
    up = room.run("up", "--yes", "--json")
    assert all("sequence" in json.loads(line) for line in up.out.splitlines())
    assert "a word of the program's own" in preview.err
    assert "a word of the program's own" in up.err


def test_errors_stay_on_standard_error(tmp_path: Path) -> None:
    room = Room(tmp_path, "raise ValueError('no such dice')").init()
    done = room.run("up", "--skip-preview", "--output", "json")
    assert done.status == 1
    (line,) = done.out.splitlines()
    assert json.loads(line)["result"] == "failed"
    assert "no such dice" in done.err


def test_json_says_no_yes(tmp_path: Path) -> None:
    room = Room(tmp_path, "").init()
    done = room.run("up", "--output", "json")
    assert (done.status, done.out) == (2, "")
    assert "--yes" in done.err


def test_two_forms_at_once_are_refused(tmp_path: Path) -> None:
    done = Room(tmp_path, "").init().run("preview", "--json", "--output", "json")
    assert done.status != 0
    assert "--json and --output cannot be used together" in done.err
