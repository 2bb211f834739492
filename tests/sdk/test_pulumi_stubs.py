"""What editors and type checkers take `import pulumi` for: our SDK, under that name."""

from __future__ import annotations

import importlib.util
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
    path = ROOT / "tools" / "generate_pulumi_stubs.py"
    spec = importlib.util.spec_from_file_location("generate_pulumi_stubs", path)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    there = {path for path in tool.STUBS.rglob("*") if path.is_file()}

    assert {path.relative_to(tool.STUBS).as_posix(): path.read_text() for path in there} == tool.stubs()


@pytest.mark.parametrize("told", [lines_told_by_mypy, lines_told_by_pyright])
def test_it_is_one_class(told: Callable[..., dict[int, str]], tmp_path: Path) -> None:
    """A program may say `pulumi` here and `stackwright` there; what is not there is told."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)

    assert sorted(told(program)) == [12, 13]
