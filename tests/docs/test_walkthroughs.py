"""
The documents' commands do what the documents say.

In ```` ```console ```` blocks a line `$ command` is run, and what it prints has to be what
follows: `...` alone on a line stands for any lines, within a line for any text. A block with
`file=NAME` is written to that file first; a line `? N` right after a command is its exit status.
Blocks of one document run in order, in one empty folder, with a home of their own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
WALKTHROUGHS = [
    "getting-started.md",
    "concepts.md",
    "state-and-recovery.md",
    "moving-from-pulumi.md",
    "testing.md",
    "python-providers.md",
    "components.md",
]
_BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(block: str) -> Iterator[tuple[str, int, str]]:
    """Each command of a console block, with the status and the output that it should have."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, rest = part.partition("\n")
        status = 0
        if rest.startswith("? "):
            line, _, rest = rest.partition("\n")
            status = int(line[2:])
        yield command, status, rest


def matches(expected: str, printed: str) -> bool:
    pattern = ""
    for line in expected.splitlines():
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(re.escape(piece) for piece in line.rstrip().split("...")) + r"[ ]*\n"
    return re.fullmatch(pattern, printed) is not None


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", WALKTHROUGHS)
def test_a_walkthrough_is_true(name: str, tmp_path: Path) -> None:
    """Every command of the document runs, and prints what it says."""
    room = tmp_path / "room"
    room.mkdir()
    tools = tmp_path / "bin"
    tools.mkdir()
    shim = tools / "stackwright"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m stackwright "$@"\n')
    shim.chmod(0o755)
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "STACKWRIGHT_"))
    }
    environment |= {
        "PATH": f"{tools}:{environment['PATH']}",
        "HOME": str(tmp_path / "home"),
        "STACKWRIGHT_HOME": str(tmp_path / "home" / "stackwright"),
        "NO_COLOR": "1",
        "LC_ALL": "C",
    }
    ran = 0
    for language, file, body in _BLOCK.findall((DOCS / name).read_text(encoding="utf-8")):
        if file:
            (room / file).parent.mkdir(exist_ok=True)
            (room / file).write_text(body, encoding="utf-8")
        if language != "console":
            continue
        for command, status, expected in commands(body):
            done = subprocess.run(
                ["sh", "-c", command],
                cwd=room,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == status, f"$ {command}\n{done.stdout}"
            assert not expected or matches(expected, done.stdout), (
                f"$ {command}\nprinted:\n{done.stdout}\nbut the document says:\n{expected}"
            )
            ran += 1
    assert ran


def test_links_lead_somewhere() -> None:
    """Relative links in the README and the documents name files that exist."""
    root = DOCS.parent
    for document in [root / "README.md", root / "CONTRIBUTING.md", *DOCS.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"
