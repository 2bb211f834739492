"""What exists of a type, asked of its provider (protocol.md §8.17)."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from support.deployments import Bench, Client, FakeProvider, Run

from stackwright.engine import OperationResult, OperationType, ResourceFound, ResourceQuery
from stackwright.goals import PackageRequest, Parameterization
from stackwright.providers import Listed, ListRequest, ProviderError
from stackwright.urn import Urn

THING = "test:index:Thing"
MINE = Urn("urn:pulumi:dev::proj::pulumi:providers:test::mine")


class Listing(FakeProvider):
    """Lists all its objects, and remembers what it was asked."""

    def __init__(self, package: str = "test") -> None:
        super().__init__(package)
        self.asked: list[ListRequest] = []
        self.told = 0

    async def list_resources(self, request: ListRequest) -> AsyncGenerator[Listed, None]:
        self.asked.append(request)
        if request.query.get("fails"):
            raise ProviderError("it cannot")
        for id_ in sorted(self.objects):
            self.told += 1
            yield Listed(id=id_, name=id_.upper())


@pytest.fixture
def provider() -> Listing:
    found = Listing()
    for id_ in ("a", "b", "c"):
        found.objects[id_] = {}
    return found


def ask(bench: Bench, query: ResourceQuery) -> Run:
    return bench.run(query=query, type=OperationType.IMPORT, preview=True)


def found(run: Run) -> list[tuple[str, str]]:
    return [(event.id, event.name) for event in run.events if isinstance(event, ResourceFound)]


def bench_of(provider: Any) -> Bench:
    bench = Bench()
    bench.providers["test"] = provider
    return bench


def test_all_that_there_is(provider: Listing) -> None:
    """The default provider is asked, with the stack's configuration; nothing is recorded."""
    bench = bench_of(provider)
    bench.config = {"test:region": "here"}
    run = ask(bench, ResourceQuery(type=THING, query={"q": 1}))
    assert found(run) == [("a", "A"), ("b", "B"), ("c", "C")]
    assert provider.asked == [ListRequest(type=THING, query={"q": 1})]
    assert run.summary.result is OperationResult.SUCCEEDED
    assert bench.records == {}


def test_no_more_is_asked_for_than_is_enough(provider: Listing) -> None:
    run = ask(bench_of(provider), ResourceQuery(type=THING, limit=2))
    assert found(run) == [("a", "A"), ("b", "B")]
    assert provider.told == 2


def test_an_explicit_provider(provider: Listing) -> None:
    bench = bench_of(provider)

    def program(client: Client) -> None:
        client.register("pulumi:providers:test", "mine", {"region": "there"})

    bench.up(program)
    assert len(found(ask(bench, ResourceQuery(type=THING, provider=MINE)))) == 3
    unknown = ask(bench_of(provider), ResourceQuery(type=THING, provider=MINE))
    assert "is not in the stack" in unknown.errors[0]


def test_a_provider_that_does_not_list() -> None:
    run = ask(Bench(), ResourceQuery(type=THING))
    assert run.summary.result is OperationResult.FAILED
    assert f"does not list what there is of {THING}" in run.errors[0]


def test_a_provider_that_fails(provider: Listing) -> None:
    run = ask(bench_of(provider), ResourceQuery(type=THING, query={"fails": True}))
    assert "it cannot" in run.errors[0]


def test_of_a_package_that_extends_another(provider: Listing) -> None:
    """Its provider is the other's, and learns it first (engine.md E244)."""
    learnt: list[Parameterization] = []

    async def parameterize(value: Parameterization) -> Parameterization:
        assert provider.asked == []
        learnt.append(value)
        return value

    provider.parameterize = parameterize  # type: ignore[method-assign]
    value = Parameterization(name="gateway", version="1.0.0", value=b"x")
    query = ResourceQuery(type="gateway:index:Route", package=PackageRequest(name="test"), extension=value)
    assert len(found(ask(bench_of(provider), query))) == 3
    assert learnt == [value]
