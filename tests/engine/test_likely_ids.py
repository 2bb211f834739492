"""Ids that an object may have whose create was cut short."""

from __future__ import annotations

from typing import Any

import pytest

from stackwright.engine._likely_ids import description, likely_ids
from stackwright.state import ResourceState
from stackwright.urn import Urn


def state(id_: str = "", **inputs: Any) -> ResourceState:
    name = str(len(inputs))
    urn = Urn(f"urn:pulumi:dev::proj::test:index:Thing::{name}{id_}")
    return ResourceState(urn=urn, type="test:index:Thing", custom=True, id=id_, inputs=inputs)


@pytest.mark.parametrize(
    ("recorded", "wanted", "expected"),
    [
        ([], {"name": "two"}, ["two"]),
        ([], {"clusterName": "c", "bucket": "b", "name": "n", "size": 1}, ["n", "b", "c"]),
        ([], {"cidr": "10.0.0.0/8"}, []),
        ([state("/q/one", name="one")], {"name": "two"}, ["/q/two", "two"]),
        ([state("r:one", role="r", name="one")], {"role": "s", "name": "t"}, ["s:t", "t"]),
        ([state("one|x|a", table="one", key="x")], {"table": "two", "key": "y"}, ["two|y|a"]),
        ([state("vpc-12", cidr="10.0.0.0/8")], {"cidr": "11.0.0.0/8"}, []),
        ([state("one-1", name="one")], {"name": "two"}, ["two-1", "two"]),
        ([state("onetwo", name="one")], {"name": "two"}, ["two"]),
        ([state("two", name="two")], {"name": "two"}, []),
        ([state("one", name="one")], {"title": "two"}, []),
        ([state("b/b", bucket="b", key="b")], {"bucket": "c", "key": "d"}, ["c/d", "d/c", "c"]),
    ],
)
def test_likely_ids(recorded: list[ResourceState], wanted: dict[str, Any], expected: list[str]) -> None:
    found = [each.id for each in likely_ids(state(**wanted), recorded)]
    if wanted.get("key") == "d":  # equal texts could be either
        assert found[0] in expected
    else:
        assert found == expected


def test_the_old_half_of_a_replacement_takes_no_id() -> None:
    """It was deleted, so its successor may be called the same."""
    old = ResourceState(
        urn=Urn("urn:pulumi:dev::proj::test:index:Thing::a"),
        type="test:index:Thing",
        custom=True,
        id="one",
        inputs={"name": "one"},
        pending_replacement=True,
    )
    assert [each.id for each in likely_ids(state(name="one"), [old])] == ["one"]


def test_long_texts_are_cut() -> None:
    assert description(state(policy="x" * 99)) == f'a test:index:Thing with policy = "{"x" * 56}...'
    assert description(state(rules=[1])) == "a test:index:Thing"
