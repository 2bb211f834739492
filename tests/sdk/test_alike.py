"""The same scenarios under the genuine package and under ours give the same outputs (sdk.md §2-§8)."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SUPPORT = Path(__file__).parent.parent / "support"
SCENARIOS = SUPPORT / "alike.py"

DIFFERENCES = {
    # Of the genuine package under mocks:
    "call_": "its mock monitor cannot call methods",
    # Of ours:
    "empty_id": "an id that is not known has no value, not an empty one",
}


def outcomes(who: str, mode: str) -> dict[str, Any]:
    """What every scenario's output turned out to be."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", SCENARIOS, who, mode], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.real
@pytest.mark.parametrize("mode", ["preview", "update"])
def test_scenarios(mode: str) -> None:
    """Value, knownness, secretness and resources of some eighty outputs."""
    if not list(importlib.metadata.Distribution.discover(name="pulumi")):
        pytest.skip("the genuine pulumi package is not installed")
    ours, genuine = outcomes("ours", mode), outcomes("genuine", mode)

    assert ours.keys() == genuine.keys()
    different = {name for name in genuine if ours[name] != genuine[name]}
    assert different == DIFFERENCES.keys(), {
        name: (genuine[name], ours[name]) for name in different - DIFFERENCES.keys()
    }


@pytest.mark.real
def test_configuration_options_exports_and_mistakes() -> None:
    """Answers, and classes of exceptions (sdk.md §3.2, §4.2, §8.1, §9.4, §10, §14)."""
    if not list(importlib.metadata.Distribution.discover(name="pulumi")):
        pytest.skip("the genuine pulumi package is not installed")
    found = {}
    for who in ("ours", "genuine"):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", SUPPORT / "faces_alike.py", who],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found[who] = json.loads(done.stdout.splitlines()[-1])

    for group, genuine in found["genuine"].items():
        assert found["ours"][group] == genuine, group
    assert sum(len(group) for group in found["genuine"].values()) > 250
