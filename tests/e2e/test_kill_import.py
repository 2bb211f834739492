"""An import that is killed loses nothing that it had recorded (engine.md §10.5, E269)."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest
from support import goplugin
from support.commands import Room, kill_group
from support.ledger import Ledger, Script

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

RESOURCES = 60


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A cloud with things in it."""
    made = Ledger(tmp_path / "ledger.jsonl")
    for number in range(RESOURCES):
        made.plant(f"thing-{number}", value=str(number))
    return made


@pytest.fixture
def room(tmp_path: Path, ledger: Ledger) -> Room:
    made = Room(tmp_path, LEDGER_PATH=str(ledger.path), LEDGER_FSYNC="0")
    goplugin.plugins(tmp_path / "home" / "stackwright" / "plugins", names=["ledger"])
    resources = [
        {"type": "ledger:index:Record", "name": f"r{number}", "id": f"thing-{number}"}
        for number in range(RESOURCES)
    ]
    made.write("resources.json", json.dumps({"resources": resources}))
    return made


@pytest.mark.parametrize("goal", [1, 20, 45])
def test_the_next_import_has_the_rest(room: Room, ledger: Ledger, goal: int) -> None:
    """Killed after so many were looked up: the same command again brings the stack to its end."""
    room.init()
    command = ("import", "-f", "resources.json", "--yes", "--skip-preview", "--generate-code=false")
    process = room.start(*command, "--parallel", "1")
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if len(ledger.operations("read")) >= goal:
            break
        time.sleep(0.002)
    kill_group(process)
    before = {each["urn"]: each for each in room.export()["deployment"].get("resources", [])}

    out = room.ok(*command)

    document = room.export()["deployment"]
    after = {each["urn"]: each for each in document["resources"]}
    assert sorted(each["id"] for each in room.resources()) == sorted(ledger.objects())
    assert before.items() <= after.items()
    assert not document.get("pending_operations")
    assert (
        f"= {RESOURCES - len([each for each in before.values() if each.get('id', '').startswith('thing')])}"
        in out
    )
    assert not ledger.operations("create")
    assert not ledger.operations("update")


def test_a_cancelled_one(room: Room, ledger: Ledger, tmp_path: Path) -> None:
    """Ctrl-C ends what is looked up, keeps what was recorded, and the exit status is 8 (cli.md §4.5)."""
    script = Script(tmp_path / "faults.json")
    script.say({"on": "read", "name": "r5", "kind": "hang"})
    room.environment.update(script.environment())
    room.init()
    command = ("import", "-f", "resources.json", "--yes", "--skip-preview", "--generate-code=false")
    process = room.start(*command, "--parallel", "1")
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if len(ledger.operations("read")) >= 6:
            break
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 8, out
    assert "import cancelled" in out
    assert len(room.resources()) == 5
    assert not room.export()["deployment"].get("pending_operations")
    script.say()
    room.ok(*command)
    assert len(room.resources()) == RESOURCES
