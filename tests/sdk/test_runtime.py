"""Functions of `runtime` that suites and tools call, beside the genuine ones (sdk.md §5-§7, §9.6, §17)."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.beside import both

SCENARIOS = Path(__file__).parent.parent / "support" / "runtime_alike.py"


@pytest.mark.real
def test_they_answer_what_the_genuine_ones_answer() -> None:
    """Structs both ways, resolvers, aliases, managed requests, monitors with the protocol's methods."""
    ours, genuine = both(SCENARIOS)

    for group, found in genuine.items():
        assert ours[group] == found, group
