"""Completion, really loaded in the shells that are here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import Room

BASH = """
source "$1"
complete -p stackwright >/dev/null || exit 1
COMP_WORDS=(stackwright stack se); COMP_CWORD=2
_stackwright_completion stackwright se stack
echo "${COMPREPLY[@]}"
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_commands(tmp_path: Path) -> None:
    room = Room(tmp_path)
    script = room.write("completion.bash", room.ok("gen-completion", "bash"))
    here = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "-c", BASH, "bash", str(script)],
        env={**room.environment, "PATH": f"{here}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "select\n", done.stderr


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_accept_their_script(tmp_path: Path, shell: str) -> None:
    room = Room(tmp_path)
    script = room.write("completion", room.ok("gen-completion", shell))
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed: only that a script is printed was seen")
    subprocess.run([shell, "-n", str(script)], check=True)


def test_another_shell_is_refused(tmp_path: Path) -> None:
    assert Room(tmp_path).run("gen-completion", "tcsh").status == 1
