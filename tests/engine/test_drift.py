"""What refreshes find, and how it is told (engine.md E118, E119)."""

from __future__ import annotations

from typing import Any

from support.deployments import Bench

from stackwright.engine import StepDone
from stackwright.providers import DiffChanges, DiffRequest, DiffResult, ProviderError
from stackwright.values import DiffKind, PropertyDiff


def drifted() -> Bench:
    bench = Bench()
    bench.up(lambda client: client.resource("a", {"size": 1}))
    bench.provider.objects["a-1"] = {"size": 7}
    return bench


def found(events: list[Any]) -> StepDone:
    return next(each for each in events if isinstance(each, StepDone) and each.step.urn.endswith("::a"))


def test_the_provider_is_asked_for_the_way_back() -> None:
    """New inputs and outputs are the old side, recorded inputs the new one; the answer is inverted (E119)."""
    bench = drifted()
    asked: list[DiffRequest] = []

    def diff(request: DiffRequest) -> DiffResult:
        asked.append(request)
        detailed = {"size": PropertyDiff(DiffKind.ADD)}
        return DiffResult(changes=DiffChanges.SOME, diffs=("size",), detailed=detailed)

    bench.provider.hooks["diff"] = diff
    done = found(bench.refresh().events)

    (request,) = asked
    assert (request.old_inputs, request.news) == ({"size": 7}, {"size": 1})
    assert done.step.diffs == ("size",)
    assert done.step.detailed == {"size": PropertyDiff(DiffKind.DELETE)}


def test_drift_that_means_nothing_is_recorded_but_not_counted() -> None:
    """If the provider sees no difference, the result is `same`; the state tells the truth anyway (E119)."""
    bench = drifted()
    bench.provider.hooks["diff"] = lambda request: DiffResult(changes=DiffChanges.NONE)
    run = bench.refresh()

    assert run.counts == {"same": 1}
    assert bench.record("a").inputs == {"size": 7}


def test_only_a_refresh_counts_what_it_has_looked_at() -> None:
    """An update that looks first counts what it does, and nothing twice (E296)."""
    bench = drifted()

    assert bench.preview(lambda client: client.resource("a", {"size": 1}), refresh=True).counts == {
        "update": 1
    }
    assert bench.up(lambda client: client.resource("a", {"size": 7}), refresh=True).counts == {"same": 1}
    assert bench.refresh().counts == {"same": 1}


def test_a_provider_that_cannot_compare_does_not_fail_the_refresh() -> None:
    """The comparison is for display only (E119)."""
    bench = drifted()

    def diff(request: DiffRequest) -> DiffResult:
        raise ProviderError("cannot")

    bench.provider.hooks["diff"] = diff
    run = bench.refresh()

    assert run.counts == {"update": 1}
    assert bench.record("a").inputs == {"size": 7}
