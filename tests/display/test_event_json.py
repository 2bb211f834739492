"""The event stream is read by the compatible tool's own client classes (cli.md §16, §17.6)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.commands import Done, Room

FIRST = """
import pulumi
import pulumi_random as random

kept = random.RandomPet("kept", length=2)
grown = random.RandomPet("grown", keepers={"age": "1"})
gone = random.RandomInteger("gone", min=1, max=2)
hidden = random.RandomPassword("hidden", length=12)
pulumi.log.warn("mind the gap", kept)
pulumi.export("hidden", hidden.result)
"""
SECOND = """
import pulumi
import pulumi_random as random

kept = random.RandomPet("kept", length=2)
grown = random.RandomPet("grown", keepers={"age": "2"})
hidden = random.RandomPassword("hidden", length=12)
pulumi.export("hidden", hidden.result)
"""
FAILING = "raise ValueError('no luck')\n"

# In a process of its own: here, `pulumi` may already mean Stackwright.
GENUINE = """
import json, sys
from pulumi.automation.events import EngineEvent

for line in sys.stdin:
    event = EngineEvent.from_json(json.loads(line))
    kinds = [name for name, value in vars(event).items() if name.endswith("_event") and value is not None]
    metadata = getattr(event.res_outputs_event or event.resource_pre_event, "metadata", None)
    changes = event.summary_event.resource_changes if event.summary_event else None
    print(json.dumps({
        "sequence": event.sequence,
        "timestamp": event.timestamp,
        "kinds": kinds,
        "op": metadata.op.value if metadata else None,
        "urn": metadata.urn if metadata else None,
        "changes": {getattr(op, "value", op): count for op, count in changes.items()} if changes else None,
    }))
"""


def genuinely(lines: str) -> list[dict[str, Any]]:
    """What the genuine classes make of *lines*."""
    read = subprocess.run(
        [sys.executable, "-c", GENUINE], input=lines, capture_output=True, text=True, check=False
    )
    assert read.returncode == 0, read.stderr
    return [json.loads(line) for line in read.stdout.splitlines()]


def stream(done: Done) -> list[dict[str, Any]]:
    """The events of a command, in order and complete."""
    events = genuinely(done.out)
    assert [event["sequence"] for event in events] == list(range(len(events)))
    assert all(len(event["kinds"]) == 1 and event["timestamp"] > 0 for event in events)
    kinds = [event["kinds"][0] for event in events]
    assert kinds[0] == "prelude_event"
    assert kinds[-2:] == ["summary_event", "cancel_event"]
    return events


def ops(events: list[dict[str, Any]], name: str) -> list[str]:
    return [
        event["op"]
        for event in events
        if event["kinds"] == ["res_outputs_event"] and event["urn"].endswith(f"::{name}")
    ]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path, FIRST).init()


def test_a_stack_through_its_life(room: Room) -> None:
    created = room.run("up", "--yes", "--skip-preview", "--json")
    events = stream(created)
    assert ops(events, "kept") == ["create"]
    assert events[-2]["changes"] == {"create": 5}  # the stack counts
    assert any(event["kinds"] == ["diagnostic_event"] for event in events)

    room.program(SECOND)
    changed = room.run("up", "--yes", "--skip-preview", "--json")
    events = stream(changed)
    assert ops(events, "kept") == ["same"]
    assert ops(events, "gone") == ["delete"]
    assert ops(events, "grown") == ["create-replacement", "replace", "delete-replaced"]
    assert events[-2]["changes"] == {"same": 3, "delete": 1, "replace": 1}

    stream(room.run("refresh", "--yes", "--skip-preview", "--json"))

    room.program(FAILING)
    failed = room.run("up", "--yes", "--skip-preview", "--json")
    assert failed.status == 1
    assert "no luck" in failed.out
    stream(failed)

    destroyed = stream(room.run("destroy", "--yes", "--skip-preview", "--json"))
    assert ops(destroyed, "hidden") == ["delete"]


def test_no_secret_is_in_a_stream(room: Room) -> None:
    done = room.run("up", "--yes", "--skip-preview", "--json")
    password = room.outputs()["hidden"]
    assert len(password) == 12
    assert password not in done.out


def test_the_event_log_is_the_same_stream(room: Room, tmp_path: Path) -> None:
    """§17.6: complete lines, the cancel event last; the screen shows as ever."""
    log = tmp_path / "events.jsonl"
    debugging = {"PULUMI_DEBUG_COMMANDS": "true"}
    said = room.ok("up", "--yes", "--skip-preview", "--event-log", str(log), environment=debugging)
    events = genuinely(log.read_text())

    assert "5 created" in said
    assert events[-1]["kinds"] == ["cancel_event"]
    assert ops(events, "kept") == ["create"]


def test_a_preview_answers_with_one_digest(room: Room) -> None:
    """§16: an object, indented by four, at the end; no other word on the output."""
    text = room.ok("preview", "--json")
    digest = json.loads(text)
    assert text.startswith('{\n    "')
    assert digest["changeSummary"]["create"] >= 4
    assert {step["op"] for step in digest["steps"]} == {"create"}
