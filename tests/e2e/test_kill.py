"""A process killed at any instant loses nothing a provider had confirmed (design.md §3)."""

from __future__ import annotations

import json
import os
import random
import subprocess
import time
from pathlib import Path

import pytest
from support import goplugin
from support.commands import Room, kill_group
from support.ledger import Ledger

RESOURCES = 200
PROGRAM = f"""
import pulumi


class Record(pulumi.CustomResource):
    fingerprint: pulumi.Output[str]

    def __init__(self, name, props, opts=None):
        inputs = {{**props, "fingerprint": None, "revision": None}}
        super().__init__("ledger:index:Record", name, inputs, opts)


before = None
for i in range({RESOURCES}):
    needs = before.fingerprint if before is not None and i % 5 == 0 else "nothing"
    made = Record(f"r{{i}}", {{"value": str(i), "needs": needs}})
    before = before if i % 7 else made
"""


@pytest.fixture
def room(tmp_path: Path) -> Room:
    ledger = tmp_path / "ledger.jsonl"
    made = Room(tmp_path, PROGRAM, LEDGER_PATH=str(ledger), LEDGER_FSYNC="0")
    goplugin.plugins(tmp_path / "home" / "stackwright" / "plugins", names=["ledger"])
    return made


def settle(room: Room, seed: int) -> str:
    """Kill an update at a moment that *seed* decides, run it again, and compare the books."""
    chance = random.Random(seed)
    ledger = Ledger(Path(room.environment["LEDGER_PATH"]))
    stack = f"s{seed}"
    room.ok("stack", "init", stack)
    existing = set(ledger.objects())
    process = room.start("up", "--yes", "--skip-preview", "--stack", stack)
    goal = chance.randrange(RESOURCES)
    deadline = time.monotonic() + 60
    # By how far it has come rather than by a clock: any point of the update is as likely, on any machine.
    while process.poll() is None and time.monotonic() < deadline:
        if len(ledger.objects()) - len(existing) >= goal:
            break
        time.sleep(0.002)
    kill_group(process)
    confirmed = set(ledger.objects()) - existing
    after = room.ok("up", "--yes", "--skip-preview", "--stack", stack)
    document = json.loads(room.ok("stack", "export", "--stack", stack))
    recorded = {
        resource["id"]
        for resource in document["deployment"]["resources"]
        if resource["type"] == "ledger:index:Record"
    }
    alive = set(ledger.objects()) - existing
    assert recorded == alive, f"seed {seed}: state and ledger disagree: {sorted(recorded ^ alive)}"
    assert len(recorded) == RESOURCES, f"seed {seed}: {len(recorded)} resources"
    assert confirmed <= recorded, f"seed {seed}: forgotten: {sorted(confirmed - recorded)}"
    assert not document["deployment"].get("pending_operations")
    room.ok("destroy", "--yes", "--skip-preview", "--stack", stack)
    assert set(ledger.objects()) == existing
    return after


def plugins_alive(room: Room) -> list[str]:
    """The plugin processes of this room that are still there."""
    listing = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listing.splitlines() if str(room.home) in line and "pulumi-resource" in line]


@pytest.mark.real
@pytest.mark.timeout(300)
def test_ledger_and_state_agree_after_a_kill(room: Room) -> None:
    """Nothing confirmed is created twice or forgotten, wherever an update is cut."""
    for seed in range(4):
        settle(room, seed)


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_ledger_and_state_agree_after_fifty_kills(room: Room) -> None:
    """The same, fifty times."""
    for seed in range(100, 150):
        settle(room, seed)


@pytest.mark.real
@pytest.mark.timeout(300)
def test_what_was_in_flight_is_told_by_name(room: Room) -> None:
    """The next update says which operations it found open, and what became of each."""
    told = []
    for seed in range(200, 206):
        out = settle(room, seed)
        told += [line for line in out.splitlines() if "interrupted while creating" in line]

    # A kill may come between two operations; not six times in a row.
    assert told
    assert all("ledger:index:Record::r" in line for line in told)


@pytest.mark.real
def test_no_plugin_stays_behind(room: Room) -> None:
    """Only our own process is killed: its plugins notice, and end."""
    ledger = Ledger(Path(room.environment["LEDGER_PATH"]))
    room.ok("stack", "init", "dev")
    process = room.start("up", "--yes", "--skip-preview")
    while len(ledger.objects()) < 20:
        time.sleep(0.01)
    os.kill(process.pid, 9)
    process.wait(20)
    deadline = time.monotonic() + 20
    while plugins_alive(room) and time.monotonic() < deadline:
        time.sleep(0.1)

    assert plugins_alive(room) == []
    assert process.stdout is not None
    process.stdout.close()
