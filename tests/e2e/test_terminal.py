"""A person at a terminal: a debugger in the middle of a live tree, a question, an interrupt."""

from __future__ import annotations

import sys
from pathlib import Path

import pexpect
import pytest
from support.commands import SECONDS, Room, names

DEBUGGED = """
import pulumi
import pulumi_random as random

first = random.RandomPet("first")
answer = 6 * 7
breakpoint()
second = random.RandomPet("second")
"""

PROVIDER = """
import stackwright


class Waited(stackwright.Provider[dict, dict]):
    async def create(self, inputs):
        answer = inputs["answer"]
        breakpoint()
        return str(answer), inputs


class Threaded(stackwright.Provider[dict, dict]):
    def create(self, inputs):
        answer = inputs["answer"]
        breakpoint()
        return str(answer), inputs

    def delete(self, id, old):
        if id == "44":
            answer = 45
            breakpoint()
        return None


stackwright.ProvidedResource(Waited, "waited", {"answer": 42})
stackwright.ProvidedResource(Threaded, "first", {"answer": 43})
stackwright.ProvidedResource(Threaded, "second", {"answer": 44})
"""


def terminal(room: Room, *arguments: str) -> pexpect.spawn[str]:
    """The command under a pseudo-terminal of its own."""
    quiet = {key: value for key, value in room.environment.items() if key not in ("CI", "GITHUB_ACTIONS")}
    return pexpect.spawn(
        sys.executable,
        ["-m", "stackwright", *arguments],
        cwd=str(room.project),
        env={**quiet, "TERM": "xterm-256color"},
        encoding="utf-8",
        timeout=SECONDS,
        dimensions=(24, 90),
    )


def test_a_breakpoint_in_the_program(tmp_path: Path) -> None:
    """The tree leaves the screen, the debugger has the terminal and the user's names; then it goes on."""
    room = Room(tmp_path, DEBUGGED).init()
    screen = terminal(room, "up", "--yes", "--skip-preview")
    screen.expect(r"\(Pdb\) ")
    screen.sendline("p answer")
    screen.expect("42")
    screen.expect(r"\(Pdb\) ")
    screen.sendline("continue")
    screen.expect("2 created|3 created")
    screen.expect(pexpect.EOF)
    screen.close()

    assert screen.exitstatus == 0
    assert names(room.resources()) == ["first", "second"]


def test_breakpoints_in_a_provider(tmp_path: Path) -> None:
    """In an `async` method, in two threads at once, where they take turns; and where no program runs."""
    room = Room(tmp_path, "import providers\n")
    room.write("providers.py", PROVIDER)
    room.init()
    screen = terminal(room, "up", "--yes", "--skip-preview")
    for answer in ("42", "43", "44"):
        screen.expect(r"\(Pdb\) ")
        screen.sendline("p answer, id(self) and 'seen'")
        screen.expect(r"\((\d+), 'seen'\)")
        assert screen.match is not None
        if answer == "42":
            seen = {screen.match[1]}
        else:
            seen.add(screen.match[1])
        screen.expect(r"\(Pdb\) ")
        screen.sendline("continue")
    screen.expect("3 created|4 created")
    screen.expect(pexpect.EOF)
    screen.close()
    assert screen.exitstatus == 0
    assert seen == {"42", "43", "44"}

    screen = terminal(room, "destroy", "--yes", "--skip-preview")
    screen.expect(r"\(Pdb\) ")
    screen.sendline("p answer")
    screen.expect("45")
    screen.sendline("continue")
    screen.expect("deleted")
    screen.expect(pexpect.EOF)
    screen.close()
    assert screen.exitstatus == 0


@pytest.mark.parametrize(("key", "status", "made"), [("y", 0, ["first"]), ("n", 1, [])])
def test_the_question_after_the_preview(tmp_path: Path, key: str, status: int, made: list[str]) -> None:
    """cli.md §4.4: nothing is done before somebody says yes."""
    room = Room(tmp_path, "import pulumi_random as random\nrandom.RandomPet('first')\n").init()
    screen = terminal(room, "up")
    screen.expect("Do you want to perform this update")
    screen.expect("details")
    screen.sendline({"y": "yes", "n": "no"}[key])
    screen.expect(pexpect.EOF)
    said = screen.before or ""
    screen.close()

    assert screen.exitstatus == status, said
    if not made:
        assert "confirmation declined, not proceeding with the update" in said
        assert not room.export()["deployment"]
    else:
        assert names(room.resources()) == made
