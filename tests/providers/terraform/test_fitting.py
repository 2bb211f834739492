"""The inputs with which a provider plans nothing for what exists (terraform.md §11)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import pytest

from stackwright.goals import CheckFailure
from stackwright.providers import (
    CheckRequest,
    CheckResult,
    CreateRequest,
    CreateResult,
    DiffChanges,
    DiffRequest,
    DiffResult,
    ProviderError,
)
from stackwright.providers.terraform._fitting import Adopted, fitted, ignorable, terse
from stackwright.urn import Urn
from stackwright.values import DiffKind, PropertyDiff, PropertyMap, Unknown

URN = Urn("urn:pulumi:dev::proj::fake:index:Thing::thing")


class Planning:
    """
    A provider that plans to change the properties which *planned* says, unless they are ignored.

    A new object has *defaults*, and one of the properties in *wants* has to be said of it.
    """

    def __init__(
        self,
        planned: Callable[[Mapping[str, object]], tuple[str, ...]] = lambda said: (),
        defaults: PropertyMap | None = None,
        wants: Sequence[str] = (),
    ) -> None:
        self.planned = planned
        self.defaults = defaults or {}
        self.wants = wants
        self.fails = False

    async def create(self, request: CreateRequest) -> CreateResult:
        assert request.preview
        assert not self._lacks(request.inputs), "a provider may crash of what it has refused"
        if self.fails:
            raise ProviderError("no plan can be made")
        return CreateResult(id="", outputs={**self.defaults, **request.inputs})

    async def check(self, request: CheckRequest) -> CheckResult:
        failures = (CheckFailure(property="", reason="one is wanted"),) if self._lacks(request.news) else ()
        return CheckResult(inputs=request.news, failures=failures)

    def _lacks(self, said: Mapping[str, object]) -> bool:
        return bool(self.wants) and not any(name in said for name in self.wants)

    async def diff(self, request: DiffRequest) -> DiffResult:
        paths = [path for path in self.planned(request.news) if path not in request.ignore_changes]
        if not paths:
            return DiffResult(changes=DiffChanges.NONE, detailed={})
        detailed = {path: PropertyDiff(DiffKind.UPDATE) for path in paths}
        return DiffResult(changes=DiffChanges.SOME, detailed=detailed)


def adopted(**inputs: object) -> Adopted:
    return Adopted(
        id="t",
        outputs=dict(inputs),  # type: ignore[arg-type]
        optional=frozenset(inputs) - {"name"},
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


class TestDefaults:
    """What a new object would have anyway is not said."""

    def left(self, provider: Planning, **inputs: object) -> set[str]:
        it = adopted(**inputs)
        return set(asyncio.run(terse(provider, "fake:index:Thing", URN, it, it.inputs)))

    def test_defaults_go_and_all_else_stays(self) -> None:
        """What is required stays, and what is another value than the default, or is not known before."""
        defaults: PropertyMap = {"size": 3, "kind": "small", "zone": Unknown(), "name": "n"}
        inputs = {"name": "n", "size": 3, "kind": "large", "zone": "here", "tags": {}}
        assert self.left(Planning(defaults=defaults), **inputs) == {"name", "kind", "zone", "tags"}

    def test_one_of_several_has_to_be_there(self) -> None:
        """Then only numbers, and yes and no, are tried."""
        provider = Planning(defaults={"size": 3, "on": True, "kind": "small"}, wants=("file", "image"))
        inputs = {"name": "n", "size": 3, "on": True, "kind": "small", "file": "f"}
        assert self.left(provider, **inputs) == {"name", "kind", "file"}

    def test_a_provider_that_cannot_plan(self) -> None:
        provider = Planning(defaults={"size": 3})
        provider.fails = True
        assert self.left(provider, name="n", size=3) == {"name", "size"}

    @pytest.mark.parametrize("missed", ["size", "kind"])
    def test_where_leaving_out_would_change_something_all_stays(self, missed: str) -> None:
        """A provider may plan nothing for a new object, and yet mind."""
        provider = Planning(lambda said: () if missed in said else ("size",), {"size": 3, "kind": "small"})
        inputs = {"name": "n", "size": 3, "kind": "small"}
        assert missed in self.left(provider, **inputs)
