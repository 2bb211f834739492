"""A plugin that does not answer: the user is told, can end it, and nothing is left behind (design.md §8)."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support import goplugin
from support.commands import Room, kill_group, names
from support.ledger import Ledger, Script

PROGRAM = """
import pulumi


class Record(pulumi.CustomResource):
    fingerprint: pulumi.Output[str]

    def __init__(self, name, value):
        inputs = {"name": name, "value": value, "fingerprint": None, "revision": None}
        super().__init__("ledger:index:Record", name, inputs)


first = Record("first", "1")
stuck = Record("stuck", first.fingerprint)
Record("after", stuck.fingerprint)
"""
WAITED_FOR = "is being canceled and waits for this to end"


class Hanging:
    """An update whose second create hangs, from when it does."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.script = Script(folder / "script.json")
        self.script.say({"on": "create", "name": "stuck", "kind": kind})
        self.ledger = Ledger(folder / "ledger")
        environment = self.ledger.environment() | self.script.environment()
        self.room = Room(folder, PROGRAM, **environment)
        goplugin.plugins(self.room.home / "stackwright" / "plugins", names=["ledger"])
        self.room.init()
        self.process = self.room.start("up", "--yes", "--skip-preview")
        self.until(lambda: any(each.name == "stuck" for each in self.ledger.unfinished()))

    def until(self, true: Callable[[], bool], seconds: float = 40) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert self.process.poll() is None, self.process.communicate()[0]
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def interrupt(self) -> None:
        os.kill(self.process.pid, signal.SIGINT)

    def was_asked_to_cancel(self) -> bool:
        return bool(self.ledger.marks("cancel"))

    def end(self) -> str:
        try:
            return self.process.communicate(timeout=40)[0]
        finally:
            kill_group(self.process)

    def plugins(self) -> list[str]:
        listing = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
        return [line for line in listing.splitlines() if str(self.room.home) in line]

    def pending(self) -> list[tuple[str, str]]:
        operations = self.room.export()["deployment"].get("pending_operations", [])
        return [(each["type"], each["resource"]["urn"].rpartition("::")[2]) for each in operations]


@pytest.mark.real
def test_one_that_can_be_asked_to_stop(tmp_path: Path) -> None:
    """Ctrl-C once: the plugin is asked to cancel, and its failure ends the update."""
    hanging = Hanging(tmp_path, "hang")
    hanging.interrupt()
    said = hanging.end()

    assert hanging.process.returncode == 8, said
    assert hanging.was_asked_to_cancel()
    assert WAITED_FOR in said
    assert "cancelled while hanging" in said
    assert (hanging.plugins(), hanging.pending()) == ([], [])
    assert names(hanging.room.resources()) == ["first"]


@pytest.mark.real
def test_one_that_is_deaf_is_ended_by_the_second(tmp_path: Path) -> None:
    """Once waits and says for what; twice ends it, and the next update says what became of it."""
    hanging = Hanging(tmp_path, "stuck")
    hanging.interrupt()
    hanging.until(hanging.was_asked_to_cancel)
    hanging.interrupt()
    said = hanging.end()

    assert hanging.process.returncode == 8, said
    assert any("stuck" in line and WAITED_FOR in line for line in said.splitlines()), said
    assert hanging.plugins() == []
    assert hanging.pending() == [("creating", "stuck")]
    assert names(hanging.room.resources()) == ["first"]

    hanging.script.say()
    again = hanging.room.up()
    assert "ledger:index:Record::stuck, interrupted while creating" in again
    assert names(hanging.room.resources()) == ["after", "first", "stuck"]
    assert hanging.pending() == []
    assert hanging.ledger.duplicates() == {}
