"""The output goes away or cannot be written: the update still ends, recorded and unlocked."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.commands import SECONDS, Room, names

MANY = """
import pulumi_random as random

for index in range(20):
    random.RandomInteger(f"n{index}", min=1, max=9)
"""


def up(room: Room, *arguments: str, stdout: int) -> tuple[int, str]:
    done = subprocess.run(
        room.command("up", "--yes", "--skip-preview", *arguments),
        cwd=room.project,
        env=room.environment,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("form", ["plain", "--json", "--diff"])
def test_nobody_reads_any_more(tmp_path: Path, form: str) -> None:
    """As in `up | head -1`: what has begun is carried to its end."""
    room = Room(tmp_path, MANY).init()
    with subprocess.Popen(["head", "-1"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as reader:
        assert reader.stdin is not None
        status, said = up(room, *([] if form == "plain" else [form]), stdout=reader.stdin.fileno())

    assert status == 1
    assert said == ""
    assert len(names(room.resources())) == 20


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("form", ["plain", "--json"])
def test_the_output_is_on_a_full_disk(tmp_path: Path, form: str) -> None:
    room = Room(tmp_path, MANY).init()
    with Path("/dev/full").open("wb") as full:
        status, said = up(room, *([] if form == "plain" else [form]), stdout=full.fileno())

    assert status == 1
    assert "No space left on device" in said
    assert "Traceback" not in said
    if form == "--json":  # plain output begins before anything is done, so that nothing is
        assert len(names(room.resources())) == 20


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_the_event_log_is_on_a_full_disk(tmp_path: Path) -> None:
    room = Room(tmp_path, MANY, PULUMI_DEBUG_COMMANDS="true").init()
    done = room.run("up", "--yes", "--skip-preview", "--event-log", "/dev/full")

    assert done.status == 1
    assert "No space left on device" in done.err
    assert "Traceback" not in done.err
    assert len(names(room.resources())) == 20


@pytest.mark.parametrize("closed", ["1", "1 2", "0 1 2"])
def test_streams_that_are_closed(tmp_path: Path, closed: str) -> None:
    """As in `up >&-`: the number of a closed stream goes to no other file, and the run to its end."""
    room = Room(tmp_path, MANY).init()
    closing = " ".join(f"{number}>&-" for number in closed.split())
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {closing}', "sh", *room.command("up", "--yes", "--skip-preview")],
        cwd=room.project,
        env=room.environment,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert len(names(room.resources())) == 20


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_version_that_nobody_can_read(tmp_path: Path) -> None:
    room = Room(tmp_path)
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            room.command("version"),
            env=room.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    assert done.returncode == 1
    assert done.stderr.startswith("error: the output, or a file, cannot be written")
