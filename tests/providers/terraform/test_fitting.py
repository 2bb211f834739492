"""The inputs with which a provider plans nothing for what exists (terraform.md §11)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest

from stackwright.providers import CheckRequest, CheckResult, DiffChanges, DiffRequest, DiffResult
from stackwright.providers.terraform._fitting import Adopted, fitted, ignorable
from stackwright.urn import Urn
from stackwright.values import DiffKind, PropertyDiff

URN = Urn("urn:pulumi:dev::proj::fake:index:Thing::thing")


class Planning:
    """A provider that plans to change the properties which *planned* says, unless they are ignored."""

    def __init__(self, planned: Callable[[Mapping[str, object]], tuple[str, ...]]) -> None:
        self.planned = planned

    async def check(self, request: CheckRequest) -> CheckResult:
        return CheckResult(inputs=request.news)

    async def diff(self, request: DiffRequest) -> DiffResult:
        paths = [path for path in self.planned(request.news) if path not in request.ignore_changes]
        if not paths:
            return DiffResult(changes=DiffChanges.NONE, detailed={})
        detailed = {path: PropertyDiff(DiffKind.UPDATE) for path in paths}
        return DiffResult(changes=DiffChanges.SOME, detailed=detailed)


def adopted(**inputs: object) -> Adopted:
    return Adopted(
        id="t",
        outputs={},
        inputs=dict(inputs),  # type: ignore[arg-type]
        all_inputs=dict(inputs),  # type: ignore[arg-type]
        can_be_left_out=frozenset({"digest"}),
        usually_unsaid=frozenset(),
    )


def test_what_only_upsets_its_provider_is_left_out() -> None:
    """Where saying more does not help, saying nothing may, beside a change that nothing helps."""
    it = adopted(name="n", digest="d", block={})
    provider = Planning(lambda said: ("block.x", "digest") if "digest" in said else ("block.x",))
    inputs, differs = asyncio.run(fitted(provider, "fake:index:Thing", URN, it, plans=True))

    assert inputs == {"name": "n", "block": {}}
    assert differs == "it would change block"
    assert asyncio.run(ignorable(provider, "fake:index:Thing", URN, it, inputs)) == ("block.x",)


@pytest.mark.parametrize("planned", [("__meta",), ("name", "tagsAll.owner")])
def test_what_nobody_said_is_not_ignored(planned: tuple[str, ...]) -> None:
    """Tags that a provider adds by itself are its configuration's, which is not the one of before."""
    provider = Planning(lambda said: planned)
    assert asyncio.run(ignorable(provider, "fake:index:Thing", URN, adopted(name="n"), {"name": "n"})) == ()
