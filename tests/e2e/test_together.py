"""Two updates of one stack, and Ctrl-C in the middle of one."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from support.commands import Room, kill_group, names

SLOW = """
import pulumi

class Command(pulumi.CustomResource):
    stdout: pulumi.Output[str]
    def __init__(self, name, create, opts=None):
        super().__init__("command:local:Command", name, {"create": create, "stdout": None}, opts)

first = Command("first", "touch started; sleep 1.5; echo one")
second = Command("second", first.stdout.apply(lambda text: f"echo {text} two"))
"""

HELD = SLOW.replace("sleep 1.5", "for i in $(seq 1200); do [ -e go ] && break; sleep 0.05; done")
"""The same, where the first command waits until a file says go, however slow the machine is."""


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.01)


class TestTwoAtOnce:
    def test_the_second_is_refused(self, tmp_path: Path) -> None:
        """With who, where and since when; the first is not disturbed."""
        room = Room(tmp_path, HELD).init()
        first = room.start("up", "--yes", "--skip-preview")
        wait_for(room.project / "started")
        second = room.run("up", "--yes", "--skip-preview")
        room.write("go", "")
        said, _ = first.communicate(timeout=60)

        assert second.status == 1
        assert "is being worked on" in second.err
        assert f"(pid {first.pid})" in second.err
        assert "since 20" in second.err
        assert first.returncode == 0, said
        assert names(room.resources()) == ["first", "second"]

    def test_a_preview_needs_no_lease(self, tmp_path: Path) -> None:
        """state.md §10.4: previews take no lock."""
        room = Room(tmp_path, HELD).init()
        first = room.start("up", "--yes", "--skip-preview")
        wait_for(room.project / "started")
        preview = room.run("preview")
        room.write("go", "")
        first.communicate(timeout=60)

        assert preview.status == 0

    def test_a_killed_owner_needs_no_unlocking(self, tmp_path: Path) -> None:
        """After kill -9 the next update simply goes ahead."""
        room = Room(tmp_path, HELD).init()
        first = room.start("up", "--yes", "--skip-preview")
        wait_for(room.project / "started")
        kill_group(first)
        room.write("go", "")
        out = room.up()

        assert "first, interrupted while creating" in out
        assert names(room.resources()) == ["first", "second"]

    def test_cancel_takes_the_stack_away(self, tmp_path: Path) -> None:
        """The canceled update cannot write any more, and says that it was taken over."""
        room = Room(tmp_path, HELD).init()
        first = room.start("up", "--yes", "--skip-preview")
        wait_for(room.project / "started")
        canceled = room.ok("cancel", "--yes")
        room.write("go", "")
        said, _ = first.communicate(timeout=60)

        assert "has been canceled" in canceled
        assert first.returncode != 0
        assert "taken over" in said
        assert names(room.resources()) == []


class TestInterrupts:
    def test_once_finishes_what_runs(self, tmp_path: Path) -> None:
        """design.md §8: what is in flight is finished and saved; nothing else starts; exit status 8."""
        room = Room(tmp_path, SLOW).init()
        process = room.start("up", "--yes", "--skip-preview")
        wait_for(room.project / "started")
        os.kill(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=60)

        assert process.returncode == 8, said
        assert "update cancel" in said
        assert "second" not in names(room.resources())
        # The command was asked to stop: whether it had done its work the next run finds out.
        room.up()
        assert names(room.resources()) == ["first", "second"]

    def test_twice_stops_now(self, tmp_path: Path) -> None:
        """The journal still tells the truth: the operation is pending, and the next update settles it."""
        room = Room(tmp_path, SLOW.replace("sleep 1.5", "trap '' TERM INT; sleep 20")).init()
        process = room.start("up", "--yes", "--skip-preview")
        wait_for(room.project / "started")
        os.kill(process.pid, signal.SIGINT)
        time.sleep(0.3)
        os.kill(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=30)

        assert process.returncode != 0
        pending = room.export()["deployment"].get("pending_operations", [])
        assert [operation["type"] for operation in pending] in (["creating"], []), said
