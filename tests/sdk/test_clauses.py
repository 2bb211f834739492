"""Clause by clause beside the genuine package: sdk.md §1-§18, §24 (scenarios: `support/clauses`)."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.beside import both

SCENARIOS = Path(__file__).parent.parent / "support" / "clauses"

DIFFERENCES = {
    "3.2 a_parent_that_is_no_resource": "the genuine one fails on an attribute before it looks at the type",
    "3.4 names_of_hidden_diffs": "the genuine one sends Python names, which hide nothing",
    "9.1 failures_of_the_body_and_of_what_it_began": "ours tells all, and the body's own first",
    "9.1 exports_of_callbacks": "the genuine one forgets what is exported when the body has ended",
    "3.4 timeouts_in_minutes": "ours are sent in seconds: what they mean is checked here, not by the engine",
}


@pytest.mark.real
def test_every_clause() -> None:
    """Values, states, requests and classes of failures of every scenario are the genuine package's."""
    ours, genuine = both(SCENARIOS)

    assert ours.keys() == genuine.keys()
    different = {name: (genuine[name], ours[name]) for name in genuine if ours[name] != genuine[name]}
    unexpected = {name: pair for name, pair in different.items() if name not in DIFFERENCES}
    assert not unexpected, unexpected
    assert different.keys() == DIFFERENCES.keys()
