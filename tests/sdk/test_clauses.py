"""Clause by clause beside the genuine package: sdk.md §1-§18, §24 (scenarios: `support/clauses`)."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCENARIOS = Path(__file__).parent.parent / "support" / "clauses"

DIFFERENCES = {
    "3.2 a_parent_that_is_no_resource": "the genuine one fails on an attribute before it looks at the type",
    "3.4 names_of_hidden_diffs": "the genuine one sends Python names, which hide nothing",
    "9.1 failures_of_the_body_and_of_what_it_began": "ours tells all, and the body's own first",
    "9.1 exports_of_callbacks": "the genuine one forgets what is exported when the body has ended",
    "3.4 timeouts_in_minutes": "ours are sent in seconds: what they mean is checked here, not by the engine",
}


def outcomes(who: str) -> dict[str, Any]:
    """What came of every scenario, by section and name."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", SCENARIOS, who], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.real
def test_every_clause() -> None:
    """Values, states, requests and classes of failures of every scenario are the genuine package's."""
    if not list(importlib.metadata.Distribution.discover(name="pulumi")):
        pytest.skip("the genuine pulumi package is not installed")
    ours, genuine = outcomes("ours"), outcomes("genuine")

    assert ours.keys() == genuine.keys()
    different = {name: (genuine[name], ours[name]) for name in genuine if ours[name] != genuine[name]}
    unexpected = {name: pair for name, pair in different.items() if name not in DIFFERENCES}
    assert not unexpected, unexpected
    assert different.keys() == DIFFERENCES.keys()
