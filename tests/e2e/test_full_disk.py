"""The disk under the state fills up in the middle of an update: told, nothing lost, and it goes on."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import goplugin
from support.commands import Room, names
from support.disks import small_disk
from support.ledger import Ledger

RESOURCES = 40
PROGRAM = f"""
import pulumi


class Record(pulumi.CustomResource):
    fingerprint: pulumi.Output[str]

    def __init__(self, name, needs):
        computed = {{"fingerprint": None, "revision": None}}
        inputs = {{"name": name, "value": "x" * 10_000, "needs": needs, **computed}}
        super().__init__("ledger:index:Record", name, inputs)


needs = "nothing"
for number in range({RESOURCES}):
    needs = Record(f"r{{number}}", needs).fingerprint
"""
NO_ROOM = ("There is no space left to write the state database", "Free some space and run the command again")


@pytest.fixture
def room(tmp_path: Path) -> Room:
    made = Room(tmp_path, PROGRAM, LEDGER_PATH=str(tmp_path / "ledger"))
    goplugin.plugins(made.home / "stackwright" / "plugins", names=["ledger"])
    return made


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of its own, with little room."""
    with small_disk(tmp_path / "small", "700k") as folder:
        yield folder


def goes_on(room: Room, said: str) -> None:
    """Everything confirmed is recorded, and with room again the update is finished without loss."""
    for words in NO_ROOM:
        assert words in said, said
    assert "Traceback" not in said
    ledger = Ledger(Path(room.environment["LEDGER_PATH"]))
    made = {each.name for each in ledger.objects().values()}
    recorded = set(names(room.resources()))
    assert 0 < len(made) < RESOURCES
    # The very last one may have been made when there was no room any more to say so.
    assert recorded <= made
    assert len(made - recorded) <= 1
    pending = room.export()["deployment"].get("pending_operations", [])
    assert {each["resource"]["urn"].rpartition("::")[2] for each in pending} >= made - recorded

    room.up()
    assert len(room.resources()) == RESOURCES
    assert {each.id for each in ledger.objects().values()} >= {each["id"] for each in room.resources()}
    assert not room.export()["deployment"].get("pending_operations")


@pytest.mark.real
def test_a_small_file_system(room: Room, small: Path) -> None:
    """A data folder on a disk that is full, and is then given more room."""
    room.environment["STACKWRIGHT_HOME"] = str(small)
    (small / "plugins").symlink_to(room.home / "stackwright" / "plugins")
    room.init()
    done = room.run("up", "--yes", "--skip-preview")
    assert done.status not in (0, 255), done.text
    subprocess.run(["mount", "-o", "remount,size=64m", str(small)], check=True)
    goes_on(room, done.text)
