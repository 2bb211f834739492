"""Functions of `runtime` that suites and tools call, beside the genuine ones (sdk.md §5-§7, §9.6, §17)."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCENARIOS = Path(__file__).parent.parent / "support" / "runtime_alike.py"


def answers(who: str) -> dict[str, Any]:
    """What every function answered, by group."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", SCENARIOS, who], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.real
def test_they_answer_what_the_genuine_ones_answer() -> None:
    """Structs both ways, resolvers, aliases, managed requests, monitors with the protocol's methods."""
    if not list(importlib.metadata.Distribution.discover(name="pulumi")):
        pytest.skip("the genuine pulumi package is not installed")
    ours, genuine = answers("ours"), answers("genuine")

    for group, found in genuine.items():
        assert ours[group] == found, group
