"""The same scenarios under the genuine package and under ours give the same outputs (sdk.md §2-§8)."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.beside import both

SUPPORT = Path(__file__).parent.parent / "support"
SCENARIOS = SUPPORT / "alike.py"

DIFFERENCES = {
    # Of the genuine package under mocks:
    "call_": "its mock monitor cannot call methods",
    # Of ours:
    "empty_id": "an id that is not known has no value, not an empty one",
}


@pytest.mark.real
@pytest.mark.parametrize("mode", ["preview", "update"])
def test_scenarios(mode: str) -> None:
    """Value, knownness, secretness and resources of some eighty outputs."""
    ours, genuine = both(SCENARIOS, mode)

    assert ours.keys() == genuine.keys()
    different = {name for name in genuine if ours[name] != genuine[name]}
    assert different == DIFFERENCES.keys(), {
        name: (genuine[name], ours[name]) for name in different - DIFFERENCES.keys()
    }


@pytest.mark.real
def test_configuration_options_exports_and_mistakes() -> None:
    """Answers, and classes of exceptions (sdk.md §3.2, §4.2, §8.1, §9.4, §10, §14)."""
    ours, genuine = both(SUPPORT / "faces_alike.py")

    for group, found in genuine.items():
        assert ours[group] == found, group
    assert sum(len(group) for group in genuine.values()) > 250
