"""What editors and type checkers take `import pulumi` for: our SDK, under that name."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.checkers import lines_told_by_mypy, lines_told_by_pyright

ROOT = Path(__file__).parents[2]

PROGRAM = """
import pulumi
import pulumi.runtime
import stackwright
from pulumi import Config, dynamic
from pulumi.runtime import mocks

name: stackwright.Output[str] = pulumi.Output.from_input("a")
options: pulumi.ResourceOptions = stackwright.ResourceOptions(protect=True)
setting: str = Config("x").require("y")
pulumi.log.info(setting)
pulumi.runtime.set_mocks(mocks.MockResourceArgs("t", "n", {}))
print(dynamic.ResourceProvider, pulumi.nothing)
"""


def test_every_module_has_one() -> None:
    """They are what `tools/generate_pulumi_stubs.py` writes for the SDK as it is."""
    # In a process of its own: which modules are attributes of others depends on what was imported.
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "generate_pulumi_stubs.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"these are not as the SDK is: {done.stderr}"


@pytest.mark.parametrize("told", [lines_told_by_mypy, lines_told_by_pyright])
def test_it_is_one_class(told: Callable[..., dict[int, str]], tmp_path: Path) -> None:
    """A program may say `pulumi` here and `stackwright` there; what is not there is told."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)

    assert sorted(told(program)) == [12, 13]
