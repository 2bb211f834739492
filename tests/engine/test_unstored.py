"""Inputs that no record may hold (terraform.md §5.23)."""

from __future__ import annotations

from typing import Any

import pytest
from support.deployments import Bench, Client

from stackwright.engine._unstored import without_unstored
from stackwright.providers import CheckRequest, CheckResult
from stackwright.state import ResourceState
from stackwright.urn import make_urn
from stackwright.values import Secret


def state(inputs: Any) -> ResourceState:
    urn = make_urn("dev", "proj", "", "test:index:Thing", "a")
    return ResourceState(urn=urn, type="test:index:Thing", custom=True, inputs=inputs)


CASES = [
    ({"a": 1, "b": 2}, ("a",), {"b": 2}),
    ({"a": {"b": 1, "c": 2}}, ("a", "b"), {"a": {"c": 2}}),
    ({"a": [{"b": 1}, {"b": 2, "c": 3}]}, ("a", 1, "b"), {"a": [{"b": 1}, {"c": 3}]}),
    ({"a": Secret({"b": 1, "c": 2})}, ("a", "b"), {"a": Secret({"c": 2})}),
    ({"a": 1}, ("b",), {"a": 1}),
    ({"a": 1}, ("a", "b"), {"a": 1}),
]


@pytest.mark.parametrize(("inputs", "path", "expected"), CASES)
def test_places_go(inputs: Any, path: Any, expected: Any) -> None:
    before = state(inputs)
    after = without_unstored(before, [path])
    assert after.inputs == expected
    assert (after is before) is (inputs == expected)


def test_the_provider_gets_them_and_no_record_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Create, no change, update: what is recorded never holds them, and nothing is written for them."""
    bench = Bench()
    provider = bench.provider
    created: list[Any] = []
    check, create = provider.check, provider.create

    async def checking(request: CheckRequest) -> CheckResult:
        result = await check(request)
        return CheckResult(inputs=result.inputs, failures=result.failures, write_only=(("hush",),))

    async def creating(request: Any) -> Any:
        created.append(request.inputs)
        return await create(request)

    async def equal_without(request: Any) -> Any:
        from stackwright.providers import DiffChanges, DiffResult

        def visible(inputs: Any) -> Any:
            return {key: value for key, value in inputs.items() if key != "hush"}

        same = visible(request.old_inputs) == visible(request.news)
        return DiffResult(changes=DiffChanges.NONE if same else DiffChanges.SOME)

    monkeypatch.setattr(provider, "check", checking)
    monkeypatch.setattr(provider, "create", creating)
    monkeypatch.setattr(provider, "diff", equal_without)

    def program(size: int) -> Any:
        return lambda client: _one(client, size)

    first = bench.up(program(1))
    assert created[0]["hush"] == "hush"
    assert bench.record("a").inputs == {"size": 1}
    assert first.journal is not None
    assert all("hush" not in record.inputs for change in first.journal.changes for _, record in change.put)
    again = bench.up(program(1))
    assert again.journal is not None
    assert again.journal.changes == []
    bench.up(program(2))
    assert bench.record("a").inputs == {"size": 2}


def _one(client: Client, size: int) -> None:
    client.resource("a", {"size": size, "hush": "hush"})
