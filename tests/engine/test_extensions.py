"""Packages that extend others: what providers learn, when, and what is recorded (engine.md E77, E244)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pytest
from support.deployments import Bench, Client, FakeHost, FakeProvider, Run

from stackwright.engine import ImportGoal, OperationResult
from stackwright.goals import (
    InvokeRequest,
    PackageRequest,
    Parameterization,
    ReadRequest,
    RegisterRequest,
    ResourceOptions,
)
from stackwright.providers import ProviderError, UnimplementedError

BASE = PackageRequest(name="test", version="1.0.0")
GATEWAY = Parameterization(name="gateway", version="2.0.0", value=b"crd")
NEWER = Parameterization(name="gateway", version="2.1.0", value=b"crd")
REFERENCE = hashlib.sha256(b"gateway\x002.0.0\x00crd").hexdigest()
TYPE = "gateway:index:Route"


def announce(client: Client, value: Parameterization = GATEWAY) -> str:
    extension = PackageRequest(name=BASE.name, version=BASE.version, parameterization=value)
    return client.monitor.register_package(BASE, extension=extension).wait(10)


def route(client: Client, name: str = "r", *, value: Parameterization = GATEWAY, **fields: Any) -> Any:
    request = RegisterRequest(
        type=TYPE,
        name=name,
        custom=True,
        inputs=fields.pop("inputs", {"size": 1}),
        package_ref=announce(client, value),
        **fields,
    )
    return client.monitor.register(request).wait(10)


def mine(client: Client) -> str:
    """The reference of an explicit provider."""
    made = client.register("pulumi:providers:test", "mine", version="1.0.0")
    return f"{made.urn}::{made.id}"


def one(client: Client) -> None:
    client.stack()
    route(client)


def test_the_base_is_not_its_extension() -> None:
    """Equal announcements share a reference; a base that is announced as well has one of its own (E96)."""
    seen: list[str] = []

    def program(client: Client) -> None:
        client.stack()
        seen.extend((announce(client), client.monitor.register_package(BASE).wait(10)))
        seen.extend((announce(client), client.monitor.register_package(BASE).wait(10)))

    Bench().up(program)
    extension, base = seen[:2]
    assert (extension, seen[2:]) == (REFERENCE, [REFERENCE, base])
    assert base != REFERENCE


class Learning(FakeProvider):
    """Writes down what it learns, in the order of all that it is asked."""

    async def parameterize(self, value: Parameterization) -> Parameterization:
        await self._scripted("parameterize", value)
        self.calls[-1] = ("parameterize", f"{value.name}@{value.version}")
        return value


class Processes(FakeHost):
    """Every provider is an instance of its own; they share their objects and what they write down."""

    async def load(self, request: PackageRequest, *, environment: Mapping[str, str]) -> FakeProvider:
        first, loaded = self.providers["test"], Learning("test")
        loaded.objects, loaded.calls, loaded.hooks = first.objects, first.calls, first.hooks
        return loaded


@pytest.fixture
def bench() -> Bench:
    found = Bench("test")
    found.host = Processes(found.providers)
    return found


def learnt(run_of: Bench) -> list[str]:
    return run_of.provider.names("parameterize")


def forget(bench: Bench) -> None:
    """As another process would begin."""
    bench.provider.calls.clear()


class TestLearning:
    def test_the_base_provider_learns_before_it_is_asked(self, bench: Bench) -> None:
        """E137. The reference is the same in every run (E96), and recorded with the resource."""
        run = bench.up(one)
        assert run.summary.result is OperationResult.SUCCEEDED
        calls = [what for what, _ in bench.provider.calls]
        assert calls.index("configure") < calls.index("parameterize") < calls.index("check")
        record = bench.record("r")
        assert record.extension_ref == REFERENCE
        assert record.provider.startswith("urn:pulumi:dev::proj::pulumi:providers:test::default_1_0_0::")
        assert bench.extensions == {REFERENCE: GATEWAY}

    def test_once_for_many_resources(self, bench: Bench) -> None:
        """E244: once for each provider and extension, also where many ask at the same time."""

        def many(client: Client) -> None:
            client.stack()
            reference = announce(client)
            asked = [
                client.monitor.register(
                    RegisterRequest(type=TYPE, name=name, custom=True, package_ref=reference)
                )
                for name in "abcd"
            ]
            for each in asked:
                each.wait(10)

        bench.up(many)
        assert learnt(bench) == ["gateway@2.0.0"]
        assert bench.names == ["a", "b", "c", "d"]

    def test_each_extension_by_itself(self, bench: Bench) -> None:
        other = Parameterization(name="mesh", version="1.0.0", value=b"x")

        def both(client: Client) -> None:
            client.stack()
            route(client, "a")
            route(client, "b", value=other)

        bench.up(both)
        assert sorted(learnt(bench)) == ["gateway@2.0.0", "mesh@1.0.0"]
        assert len(bench.extensions) == 2

    def test_each_provider_by_itself(self, bench: Bench) -> None:
        def two(client: Client) -> None:
            client.stack()
            explicit = mine(client)
            route(client, "a")
            route(client, "b", options=ResourceOptions(provider=explicit))

        run = bench.up(two)
        assert run.summary.result is OperationResult.SUCCEEDED
        assert learnt(bench) == ["gateway@2.0.0"] * 2
        assert "::mine::" in bench.record("b").provider

    def test_a_components_provider_of_the_base_package_serves_it(self, bench: Bench) -> None:
        """E40: what is below inherits by the base package's name; the extension has no provider."""

        def nested(client: Client) -> None:
            client.stack()
            explicit = mine(client)
            component = client.monitor.register(
                RegisterRequest(
                    type="my:index:Group",
                    name="group",
                    custom=False,
                    options=ResourceOptions(providers={"test": explicit}),
                )
            ).wait(10)
            route(client, parent=component.urn)

        bench.up(nested)
        assert "::mine::" in bench.record("r").provider

    def test_a_preview_learns_too_and_records_nothing(self, bench: Bench) -> None:
        run = bench.preview(one)
        assert run.summary.result is OperationResult.SUCCEEDED
        assert learnt(bench) == ["gateway@2.0.0"]
        assert bench.extensions == {}

    def test_functions_and_reads(self, bench: Bench) -> None:
        def asks(client: Client) -> None:
            client.stack()
            reference = announce(client)
            client.monitor.invoke(
                InvokeRequest(token="gateway:index:get", args={}, package_ref=reference)
            ).wait(10)
            bench.provider.objects["known"] = {}
            client.monitor.read(
                ReadRequest(type=TYPE, name="r", id="known", inputs={}, package_ref=reference)
            ).wait(10)

        run = bench.up(asks)
        assert run.summary.result is OperationResult.SUCCEEDED
        assert learnt(bench) == ["gateway@2.0.0"]
        assert bench.record("r").extension_ref == REFERENCE


class TestLater:
    """E244: what is recorded is learnt again when no program says it."""

    @pytest.mark.parametrize("operation", ["destroy", "refresh", "gone", "up --refresh"])
    def test_without_the_program(self, bench: Bench, operation: str) -> None:
        bench.up(one)
        forget(bench)
        done: Run
        match operation:
            case "destroy":
                done = bench.destroy()
            case "refresh":
                done = bench.refresh()
            case "gone":
                done = bench.up(lambda client: client.stack())
            case _:
                done = bench.up(one, refresh=True)
        assert done.summary.result is OperationResult.SUCCEEDED
        assert learnt(bench) == ["gateway@2.0.0"]
        calls = [what for what, _ in bench.provider.calls]
        asked = "delete" if operation in ("destroy", "gone") else "read"
        assert calls.index("parameterize") < calls.index(asked)

    def test_nothing_is_written_where_nothing_changes(self, bench: Bench) -> None:
        bench.up(one)
        run = bench.up(one)
        assert run.changes == []
        assert run.journal is not None
        assert run.journal.changes == []

    def test_a_newer_extension_is_recorded_though_the_resource_stays(self, bench: Bench) -> None:
        bench.up(one)

        def newer(client: Client) -> None:
            client.stack()
            route(client, value=NEWER)

        run = bench.up(newer)
        assert run.changes == []
        assert bench.extensions[bench.record("r").extension_ref] == NEWER

    def test_a_replaced_half_is_deleted_with_what_it_was_made_with(self, bench: Bench) -> None:
        bench.up(one)

        def replaced(client: Client) -> None:
            client.stack()
            route(client, value=NEWER, inputs={"size": 1, "fixed": "y"})

        forget(bench)
        run = bench.up(replaced)
        assert run.summary.result is OperationResult.SUCCEEDED
        assert sorted(learnt(bench)) == ["gateway@2.0.0", "gateway@2.1.0"]

    def test_a_resource_that_leaves_its_extension_forgets_it(self, bench: Bench) -> None:
        """S15 loses it by accident; here the record says what the program says."""

        def extended(client: Client) -> None:
            client.stack()
            route(client, options=ResourceOptions(provider=mine(client)))

        def plain(client: Client) -> None:
            client.stack()
            client.register(TYPE, "r", {"size": 1}, provider=mine(client))

        bench.up(extended)
        assert bench.record("r").extension_ref == REFERENCE
        bench.up(plain)
        assert bench.record("r").extension_ref == ""

    def test_an_import_by_command(self, bench: Bench) -> None:
        """E223 (d)."""
        bench.provider.objects["x"] = {"size": 3}
        run = bench.take_in(ImportGoal(type=TYPE, name="r", id="x", package=BASE, extension=GATEWAY))
        assert run.summary.result is OperationResult.SUCCEEDED
        assert learnt(bench) == ["gateway@2.0.0"]
        assert bench.record("r").extension_ref == REFERENCE
        assert bench.extensions == {REFERENCE: GATEWAY}


class TestFaults:
    @pytest.mark.parametrize(
        ("fault", "said"),
        [
            (UnimplementedError("no Parameterize"), "cannot be extended with `gateway` 2.0.0"),
            (ProviderError("such a crd is unknown"), "such a crd is unknown"),
        ],
    )
    def test_a_provider_that_does_not_take_it(self, bench: Bench, fault: ProviderError, said: str) -> None:
        def refuse(_: Any) -> None:
            raise fault

        bench.provider.hooks["parameterize"] = refuse
        run = bench.up(one)
        assert run.summary.result is OperationResult.FAILED
        assert any(said in each for each in run.errors)
        assert bench.names == []

    def test_a_record_whose_extension_is_lost(self, bench: Bench) -> None:
        bench.up(one)
        bench.extensions = {}
        run = bench.destroy()
        assert run.summary.result is OperationResult.FAILED
        assert any(f"unknown extension '{REFERENCE}'" in each for each in run.errors)
        assert bench.names == ["r"]
