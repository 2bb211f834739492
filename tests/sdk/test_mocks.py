"""Unit tests of programs, with mocks in the place of providers (sdk.md §17)."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import logging
from collections.abc import Callable
from typing import Any

import pytest
from support.programs import Thing

import stackwright.sdk as pulumi
from stackwright.goals import RegisterRequest
from stackwright.monitor import Monitor
from stackwright.sdk import ComponentResource, Output, ResourceOptions
from stackwright.sdk.runtime import MockCallArgs, MockResourceArgs, Mocks, rpc, set_mocks
from stackwright.sdk.runtime import test as mocked_test
from stackwright.sdk.runtime.mocks import MockMonitor


class MyMocks(Mocks):
    """Echoes inputs; ids are made of names."""

    def __init__(self) -> None:
        self.asked: list[MockResourceArgs] = []
        self.transforms: list[Any] = []

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        self.asked.append(args)
        if args.name == "broken":
            raise ValueError("refused")
        return f"{args.name}_id", {**args.inputs, "extra": args.typ}

    def call(self, args: MockCallArgs) -> Any:
        if args.token == "t:m:fails":
            return {}, [("prop", "bad")]
        return {"token": args.token, **args.args}

    def register_transform(self, transform: Any) -> None:
        self.transforms.append(transform)


def with_mocks(test: Callable[[MyMocks], Any], **options: Any) -> None:
    """Install mocks and run *test*, in a context and a loop of their own, as a test runner would."""

    def run() -> None:
        mocks = MyMocks()
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            set_mocks(mocks, **options)
            mocked_test(test)(mocks)
        finally:
            asyncio.set_event_loop(None)
            loop.close()

    contextvars.Context().run(run)


class TestMocks:
    def test_a_resource_and_its_outputs(self) -> None:
        """`new_resource` gets type, name and inputs, and answers id and outputs (§17)."""
        seen: list[Any] = []

        def check(mocks: MyMocks) -> Output[Any]:
            thing = Thing("a", v="x", extra=None)
            return Output.all(thing.urn, thing.id, thing.v, thing.extra).apply(seen.append)

        with_mocks(check)
        assert seen == [
            [
                "urn:pulumi:stack::project::pulumi:pulumi:Stack$test:index:Thing::a",
                "a_id",
                "x",
                "test:index:Thing",
            ]
        ]

    def test_what_mocks_are_given(self) -> None:
        """Providers, import ids, secrets in their signed form; the stack never reaches them (§17)."""

        def check(mocks: MyMocks) -> None:
            provider = pulumi.ProviderResource("test", "p")
            Thing("a", ResourceOptions(provider=provider, import_="i"), s=Output.secret("x"), n=None)
            Thing("r", ResourceOptions(id="the-id"), v=1)

        mocks: list[MyMocks] = []
        with_mocks(lambda m: mocks.append(m) or check(m))
        p, a, r = sorted(mocks[0].asked, key=lambda args: "par".index(args.name))
        assert p.typ == "pulumi:providers:test"
        assert a.provider == "urn:pulumi:stack::project::pulumi:pulumi:Stack$pulumi:providers:test::p::p_id"
        assert (a.resource_id, a.custom) == ("i", True)
        signature = "4dabf18193072939515e22adb298388d"
        assert a.inputs == {"s": {signature: "1b47061264138c4ac30d75fd1eb44270", "value": "x"}}
        assert (r.resource_id, r.inputs) == ("the-id", {"v": 1})

    def test_a_secret_comes_back_as_one(self) -> None:
        """Echoed inputs keep their secretness."""

        async def check(_: MyMocks) -> None:
            thing = Thing("a", s=Output.secret("x"))
            assert await thing.s.is_secret()
            assert await thing.s.future() == "x"

        with_mocks(check)

    def test_answers_may_hold_outputs(self) -> None:
        """Anything that is an input."""

        class Answering(MyMocks):
            def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
                return "id", {"v": Output.secret({"k": Output.from_input(1)}), "a": pulumi.StringAsset("t")}

        async def check() -> None:
            set_mocks(Answering())
            thing = Thing("a", v=None, a=None)
            assert await thing.v.future() == {"k": 1}
            assert await thing.v.is_secret()
            asset = await thing.a.future()
            assert asset.text == "t"

        asyncio.run(check())

    def test_functions(self) -> None:
        """A dict, or a dict with failures (§17)."""

        def check(_: MyMocks) -> None:
            assert pulumi.runtime.invoke("t:m:f", {"a": 1}).value == {"token": "t:m:f", "a": 1}
            with pytest.raises(Exception, match=r"invoke of t:m:fails failed: bad \(prop\)"):
                pulumi.runtime.invoke("t:m:fails", {})

        with_mocks(check)

    def test_getting_by_urn(self) -> None:
        """What is registered can be referred to (§17)."""

        async def check(_: MyMocks) -> None:
            urn = await Thing("a", v="x").urn.future()
            assert await Thing("a", ResourceOptions(urn=urn), v=None).v.future() == "x"

        with_mocks(check)

    def test_previews(self) -> None:
        """What mocks leave out is unknown (§6.1)."""

        async def check(_: MyMocks) -> None:
            assert pulumi.runtime.is_dry_run()
            assert not await Thing("a", other=None).other.is_known()

        with_mocks(check, preview=True)

    def test_settings(self) -> None:
        """Project, stack and organization; `project`, `stack` by default (§17)."""
        with_mocks(lambda _: _assert_names("project", "stack", "organization"))
        with_mocks(lambda _: _assert_names("p", "s", "o"), project="p", stack="s", organization="o")

    def test_what_was_registered(self) -> None:
        """By URN, with id and state (edge 97)."""
        monitor = MockMonitor(MyMocks())

        def check(_: MyMocks) -> None:
            Thing("a", v=1)
            pulumi.runtime.register_resource_transform(transform)
            Thing("b", ResourceOptions(transforms=[transform]))

        def transform(_: Any) -> None:
            raise AssertionError("mocks record transforms and do not run them")

        with_mocks(check, monitor=monitor)
        registered = monitor.get_registered_resources()
        urn = "urn:pulumi:stack::project::pulumi:pulumi:Stack$test:index:Thing::a"
        assert registered[urn].id == "a_id"
        assert registered[urn].state["v"] == 1
        assert monitor.get_registered_transforms() == [transform]
        assert monitor.mocks.asked[-1].transforms == [transform]  # type: ignore[attr-defined]

    def test_component_outputs_reach_the_monitor(self) -> None:
        """Tests that want to see them override the method (edge 96)."""
        seen: list[Any] = []

        class Watching(MockMonitor):
            def register_outputs(self, urn: Any, outputs: Any) -> Any:
                seen.append((urn, outputs))
                return super().register_outputs(urn, outputs)

        def check(_: MyMocks) -> None:
            ComponentResource("t:m:C", "c").register_outputs({"a": Output.from_input(1)})

        with_mocks(check, monitor=Watching(MyMocks()))
        assert [outputs for _, outputs in seen] == [{}, {"a": 1}]  # the stack's own are first

    def test_messages(self, caplog: pytest.LogCaptureFixture) -> None:
        """Through the given logger (§17)."""
        logger = logging.getLogger("test of mocks")

        def check(_: MyMocks) -> None:
            pulumi.warn("careful")

        with_mocks(check, logger=logger)
        assert [(r.name, r.levelname, r.message) for r in caplog.records] == [
            ("test of mocks", "WARNING", "careful")
        ]

    def test_suites_empty_the_tables_of_packages(self) -> None:
        """They are the very ones in use (§7)."""

        class Anything(rpc.ResourceModule):
            def version(self) -> None:
                return None

            def construct(self, name: str, typ: str, urn: str) -> Any:
                return None

        rpc.register_resource_module("emptied", "index", Anything())
        assert rpc.get_resource_module("emptied", "index", "") is not None

        del rpc._RESOURCE_MODULES["emptied:index"]
        assert rpc.get_resource_module("emptied", "index", "") is None
        assert rpc._RESOURCE_PACKAGES is not rpc._RESOURCE_MODULES

    def test_what_was_registered_can_be_asked_for_again_and_again(self) -> None:
        """In the order of its first registration, and with what was said last."""
        monitor = MockMonitor(MyMocks())
        seen = []
        for name in ("one", "two", "one"):
            monitor.register(RegisterRequest(type="a:b:C", name=name, custom=True)).wait()
            seen.append([found.id for found in monitor.get_registered_resources().values()])

        assert seen == [["one_id"], ["one_id", "two_id"], ["one_id", "two_id"]]
        assert all(found.urn == urn for urn, found in monitor.resources.items())
        assert next(iter(monitor.resources.values())).state == {"extra": "a:b:C"}

    def test_garbage_is_looked_for_less_often_once_there_are_many_resources(self) -> None:
        """And as often as before when the mocks are gone."""
        before = gc.get_threshold()
        monitor = MockMonitor(MyMocks())

        for index in range(999):
            monitor.register(RegisterRequest(type="a:b:C", name=f"n{index}", custom=True)).wait()
        assert gc.get_threshold() == before
        monitor.register(RegisterRequest(type="a:b:C", name="last", custom=True)).wait()
        assert gc.get_threshold()[0] > before[0]

        del monitor
        gc.collect()
        assert gc.get_threshold() == before

    def test_it_is_a_monitor(self) -> None:
        """Next to the engine's."""
        assert isinstance(MockMonitor(MyMocks()), Monitor)


def _assert_names(project: str, stack: str, organization: str) -> None:
    assert (pulumi.get_project(), pulumi.get_stack()) == (project, stack)
    assert pulumi.get_organization() == organization


class TestTheTestDecorator:
    def test_failures_anywhere_are_the_tests(self) -> None:
        """In callbacks nobody looks at, in registrations, in the function (§17)."""

        def callback(_: MyMocks) -> None:
            Thing("a", v="x").v.apply(_fail)

        def registration(_: MyMocks) -> None:
            Thing("broken")

        async def function(_: MyMocks) -> None:
            raise AssertionError("in the function")

        with pytest.raises(AssertionError, match="in a callback"):
            with_mocks(callback)
        with pytest.raises(ValueError, match="refused"):
            with_mocks(registration)
        with pytest.raises(AssertionError, match="in the function"):
            with_mocks(function)

    def test_one_test_does_not_fail_the_next(self) -> None:
        """What went wrong before is forgotten (§17)."""

        def run() -> None:
            set_mocks(MyMocks())
            with pytest.raises(AssertionError):
                mocked_test(lambda: Output.from_input(1).apply(_fail))()
            mocked_test(lambda: None)()

        contextvars.Context().run(run)

    def test_resources_made_at_import(self) -> None:
        """Mocks are installed, the code under test imported, then each test runs on the loop (§17)."""

        def run() -> None:
            set_mocks(MyMocks())
            thing = Thing("a", v="x")
            seen: list[str] = []
            for _ in range(2):
                mocked_test(lambda: thing.v.apply(seen.append))()
            assert seen == ["x", "x"]

        contextvars.Context().run(run)

    def test_loops_of_their_own(self) -> None:
        """Async test runners use a new loop for each test; outputs follow the loop that runs."""

        def run() -> None:
            set_mocks(MyMocks())
            thing = Thing("a", v="x")
            for _ in range(2):
                assert asyncio.run(_value(thing.v.apply(lambda v: v + "y"))) == "xy"

        contextvars.Context().run(run)


async def _value(output: Output[Any]) -> Any:
    return await output.future()


def _fail(_: Any) -> None:
    raise AssertionError("in a callback")
