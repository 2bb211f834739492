"""
The documents' commands do what the documents say.

In ```` ```console ```` blocks a line `$ command` is run, and what it prints has to be what
follows: `...` alone on a line stands for any lines, within a line for any text. A block with
`file=NAME` is written to that file first; a line `? N` right after a command is its exit status.
Blocks of one document run in order, in one empty folder, with a home of their own.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import moto, tfproviders

DOCS = Path(__file__).parents[2] / "docs"
WALKTHROUGHS = [
    "getting-started.md",
    "concepts.md",
    "state-and-recovery.md",
    "importing.md",
    "moving-from-pulumi.md",
    "testing.md",
    "python-providers.md",
    "components.md",
    "packages.md",
    "policies.md",
    "checking-and-debugging.md",
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


class Walk:
    """An empty folder, and a home, for the commands of one document."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.room = folder / "room"
        self.room.mkdir()
        tools = folder / "bin"
        tools.mkdir()
        shim = tools / "stackwright"
        shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m stackwright "$@"\n')
        shim.chmod(0o755)
        inherited = {
            key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "STACKWRIGHT_"))
        }
        self.environment = {
            **inherited,
            "PATH": f"{tools}:{inherited['PATH']}",
            "HOME": str(folder / "home"),
            "STACKWRIGHT_HOME": str(folder / "home" / "stackwright"),
            "NO_COLOR": "1",
            "LC_ALL": "C",
            **environment,
        }

    def take(self, text: str, *, seconds: float = 60) -> int:
        """Write the files and run the commands of a document; answers how many commands."""
        ran = 0
        for language, file, body in _BLOCK.findall(text):
            if file:
                (self.room / file).parent.mkdir(parents=True, exist_ok=True)
                (self.room / file).write_text(body, encoding="utf-8")
            if language == "console":
                for command, status, expected in commands(body):
                    self._run(command, status, expected, seconds)
                    ran += 1
        return ran

    def _run(self, command: str, status: int, expected: str, seconds: float) -> None:
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=self.room,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == status, f"$ {command}\n{done.stdout}"
        assert not expected or matches(expected, done.stdout), (
            f"$ {command}\nprinted:\n{done.stdout}\nbut the document says:\n{expected}"
        )


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", WALKTHROUGHS)
def test_a_walkthrough_is_true(name: str, tmp_path: Path) -> None:
    """Every command of the document runs, and prints what it says."""
    assert Walk(tmp_path).take((DOCS / name).read_text(encoding="utf-8"))


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_terraform_provider_from_beginning_to_end(tmp_path: Path) -> None:
    """The same for the document on Terraform providers, with the genuine AWS provider and moto."""
    root = json.dumps(str(tfproviders.aws().parents[5]))
    settings = tmp_path / "terraform.rc"
    settings.write_text(f"provider_installation {{\n filesystem_mirror {{\n path = {root}\n }}\n}}\n")
    # The environment of the tests is to stay as it is.
    prefix = str(tmp_path / "site")
    site = sysconfig.get_path("purelib", vars={"base": prefix, "platbase": prefix})
    own = {"PIP_PREFIX": prefix, "PIP_NO_DEPS": "1", "PYTHONPATH": site}
    text = (DOCS / "terraform-providers.md").read_text(encoding="utf-8")
    with moto.serving() as aws:
        walk = Walk(tmp_path, TF_CLI_CONFIG_FILE=str(settings), **own)
        assert walk.take(text.replace("http://127.0.0.1:5055", aws.endpoint), seconds=300)


def test_links_lead_somewhere() -> None:
    """Relative links in the README and the documents name files that exist."""
    root = DOCS.parent
    for document in [root / "README.md", root / "CONTRIBUTING.md", *DOCS.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"
