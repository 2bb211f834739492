"""The real command line with programs in processes of their own."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support import genuine
from support.commands import Room

PROGRAM = """
import pulumi, sys
print("printed", file=sys.stdout)
print("complained", file=sys.stderr)
file, hidden = pulumi.FileAsset("data.txt"), pulumi.Output.secret("s3")
stash = pulumi.Stash("kept", input={"file": file, "hidden": hidden})
pulumi.export("input", pulumi.Config().require("value"))
pulumi.export("hidden", stash.input.apply(lambda value: value["hidden"]))
"""


def room_of(tmp_path: Path, options: str, program: str = PROGRAM) -> Room:
    room = Room(tmp_path)
    room.write("Pulumi.yaml", f"name: shop\nmain: app\nruntime: {{name: python, options: {options}}}\n")
    room.write("app/__main__.py", program)
    room.write("app/data.txt", "relative to the program")
    room.init()
    room.ok("config", "set", "value", "v")
    return room


@pytest.mark.parametrize("way", ["inline", "ours", pytest.param("genuine", marks=pytest.mark.real)])
def test_a_program_is_deployed(way: str, tmp_path: Path) -> None:
    """Lines, configuration, secrets, files relative to where the program runs (protocol.md §13.3)."""
    options = {"inline": "{mode: inline}", "ours": f"{{mode: remote, virtualenv: {sys.prefix}}}"}.get(way)
    room = room_of(tmp_path, options or f"{{virtualenv: {genuine.interpreter().parent.parent}}}")
    screen = room.up()
    assert "printed" in screen
    assert way == "inline" or "complained" in screen
    assert "s3" not in screen
    resources = room.export()["deployment"]["resources"]
    (kept,) = [found for found in resources if found["type"] == "pulumi:index:Stash"]
    assert kept["inputs"]["input"]["file"]["path"] == "data.txt"
    assert kept["inputs"]["input"]["file"]["hash"]
    room.up("--expect-no-changes")


def test_a_program_that_fails_fails_the_command(tmp_path: Path) -> None:
    room = room_of(tmp_path, f"{{mode: remote, virtualenv: {sys.prefix}}}", "1 / 0\n")
    done = room.run("up", "--yes")
    assert done.status != 0
    assert "Program failed with an unhandled exception:" in done.text
    assert "ZeroDivisionError" in done.text
    assert "app/__main__.py" in done.text


def test_ctrl_c_ends_the_command_and_its_program(tmp_path: Path) -> None:
    """The program is interrupted, and nothing of it is left."""
    program = """
        import os, time
        print("pid", os.getpid(), flush=True)
        open("started", "w").write(str(os.getpid()))
        os.kill(os.getppid(), 2)
        time.sleep(600)
    """
    import textwrap

    room = room_of(tmp_path, f"{{mode: remote, virtualenv: {sys.prefix}}}", textwrap.dedent(program))
    done = room.run("up", "--yes", "--skip-preview")
    assert done.status not in (0, -signal.SIGINT)
    number = (room.project / "app" / "started").read_text()
    gone = subprocess.run(["kill", "-0", number], capture_output=True, check=False)
    assert gone.returncode != 0
