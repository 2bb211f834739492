"""Deletes that fail half-way: what is left is recorded (terraform.md §5.11)."""

from __future__ import annotations

from typing import Any

import pytest
from support.deployments import Bench

from stackwright.providers import InitFailedError


@pytest.mark.parametrize("destroys", [True, False], ids=["destroy", "no longer wanted"])
def test_what_is_left_is_recorded(destroys: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The step fails, the record stays with what the provider says, and the next run goes on from there."""
    bench = Bench()
    bench.up(lambda client: client.resource("a", {"size": 1}))
    seen: list[Any] = []
    delete = bench.provider.delete

    async def half(request: Any) -> None:
        seen.append(request.outputs)
        if len(seen) == 1:
            raise InitFailedError(id=request.id, outputs={"size": 1, "left": "half"}, reasons=("stuck",))
        await delete(request)

    monkeypatch.setattr(bench.provider, "delete", half)

    def go() -> Any:
        return bench.destroy() if destroys else bench.up(lambda client: None)

    failed = go()
    assert any("stuck" in line for line in failed.errors)
    assert failed.counts.get("delete", 0) == 0
    assert bench.record("a").outputs == {"size": 1, "left": "half"}
    assert bench.pending == {}
    assert not go().errors
    assert seen[1] == {"size": 1, "left": "half"}
    assert bench.names == []
