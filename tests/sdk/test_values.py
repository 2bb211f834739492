"""From what a program gives to what a deployment takes, and back (sdk.md §5, §6)."""

from __future__ import annotations

import asyncio
import datetime
import decimal
from collections import OrderedDict, UserDict
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.monitors import FakeMonitor
from support.programs import Thing, outcome_of, run, run_ok

import stackwright.sdk as pulumi
from stackwright.sdk import Output
from stackwright.sdk._deserialize import to_program
from stackwright.sdk._serialize import Serializer
from stackwright.sdk._session import Session
from stackwright.sdk.runtime import known_types, rpc
from stackwright.values import (
    UNKNOWN,
    Archive,
    Asset,
    OutputValue,
    ResourceRef,
    Secret,
    Unknown,
)


def sent(value: Any, **options: Any) -> Any:
    """What one input becomes."""
    return run_ok(lambda: Thing("a", v=value) and None, **options).monitor.resource("a").inputs.get("v")


class TestInputs:
    @pytest.mark.parametrize("value", [True, 0, 1.5, "", "x", [], {}, [[]], {"a": {"b": [None]}}])
    def test_plain_data_is_sent_as_it_is(self, value: Any) -> None:
        """(§5 rule 10)"""
        assert sent(value) == value

    def test_sequences_and_mappings_of_all_kinds(self) -> None:
        """Tuples are lists; any mapping is one (§5 rules 1, 8)."""
        assert sent(((1,), [2])) == [[1], [2]]
        assert sent(OrderedDict(a=1)) == {"a": 1}
        assert sent(MappingProxyType({"a": (1,)})) == {"a": [1]}
        assert sent(UserDict({"a": 1})) == {"a": 1}

    def test_awaitables(self) -> None:
        """Coroutines, futures and tasks, anywhere (edge 33)."""

        async def later(value: Any) -> Any:
            await asyncio.sleep(0)
            return value

        def program() -> None:
            future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
            future.set_result(2)
            task = asyncio.ensure_future(later([later(3)]))
            Thing("a", v=[later(1), future, {"k": task}], same=[future, future])

        inputs = run_ok(program).monitor.resource("a").inputs
        assert inputs == {"v": [1, 2, {"k": [3]}], "same": [2, 2]}

    @pytest.mark.parametrize(
        "value",
        [
            b"x",
            bytearray(b"x"),
            memoryview(b"x"),
            range(3),
            {1, 2},
            frozenset(),
            object(),
            datetime.datetime(2020, 1, 1),  # noqa: DTZ001
            decimal.Decimal(1),
            Path(),
            lambda: 1,
        ],
    )
    def test_everything_else_is_an_error(self, value: Any) -> None:
        """At any depth (§5 rule 11, edge 34)."""
        for nested in (value, [value], {"k": (value,)}):
            error = run(lambda v=nested: Thing("a", v=v) and None).error  # type: ignore[misc]
            assert f"unexpected input of type {type(value).__name__}" in error

    def test_keys_have_to_be_strings(self) -> None:
        """(§5)"""
        assert "keys are strings" in run(lambda: Thing("a", v={1: 2}) and None).error

    def test_a_message_never_shows_what_an_output_holds(self) -> None:
        """It may be a secret (edge 15)."""
        hidden = {1, 2}
        error = run(lambda: Thing("a", v=Output.secret(hidden)) and None).error

        assert "Output[T]" in error
        assert "{1, 2}" not in error

    def test_outputs(self) -> None:
        """Known, secret, unknown, both; nested ones (§5.1)."""
        o = Output.from_input
        assert sent(o("x")) == "x"
        assert sent(Output.secret({"a": o(1)})) == Secret({"a": 1})
        assert sent(o(UNKNOWN)) == UNKNOWN
        assert sent([{"k": Output.secret("s")}]) == [{"k": Secret("s")}]

    def test_an_unknown_secret_stays_a_secret(self) -> None:
        """Else its value would leak once it is known (§5.1)."""
        assert sent(Output.secret(UNKNOWN)) == Secret(UNKNOWN)

    def test_a_partly_unknown_output(self) -> None:
        """Is unknown as a whole, but for what it depends on (§5.1)."""

        def program() -> None:
            other = Thing("other")
            Thing("a", v=Output.from_input({"x": 1, "y": other.id}))

        monitor = run_ok(program, dry_run=True).monitor
        assert monitor.resource("a").inputs == {"v": UNKNOWN}
        assert monitor.resource("a").options.depends_on == (monitor.urn("other"),)

    def test_secrets_of_none(self) -> None:
        """Are legal (protocol.md §2.2)."""
        assert sent(Output.secret(None)) == Secret(None)

    def test_clashing_names(self) -> None:
        """A class with properties called `values` and `items`, in an output (edge 32)."""

        @pulumi.output_type
        class Clash(dict):  # type: ignore[type-arg]
            def __init__(self, values: Any, items: Any) -> None:
                pulumi.set(self, "values", values)
                pulumi.set(self, "items", items)

            @property
            @pulumi.getter
            def values(self) -> Any: ...  # type: ignore[override]

            @property
            @pulumi.getter
            def items(self) -> Any: ...  # type: ignore[override]

        def program() -> None:
            Thing("a", v=Output.from_input(1).apply(lambda _: Clash(["v"], {"i": 1})))

        inputs = run_ok(program).monitor.resource("a").inputs
        assert inputs == {"v": {"values": ["v"], "items": {"i": 1}}}

    def test_resources_met_inside_outputs_are_dependencies(self) -> None:
        """As well as the output's own (§5.1)."""

        def program() -> None:
            a, b = Thing("a", v=1), Thing("b")
            Thing("c", v=a.v.apply(lambda _: [b]))

        monitor = run_ok(program).monitor
        assert monitor.resource("c").options.depends_on == (monitor.urn("a"), monitor.urn("b"))
        assert monitor.resource("c").inputs == {"v": [ResourceRef(urn=monitor.urn("b"), id="b-id")]}


class TestAssets:
    def test_they_are_sent_without_hashes(self) -> None:
        """Paths, texts, URIs, and archives of all of them (§5 rule 4)."""
        archive = pulumi.AssetArchive(
            {
                "file": pulumi.FileAsset(Path("some") / "file"),
                "text": pulumi.StringAsset("t"),
                "remote": pulumi.RemoteAsset("https://x/y"),
                "folder": pulumi.FileArchive("folder"),
                "packed": pulumi.RemoteArchive("https://x/y.zip"),
            }
        )
        assert sent(archive) == Archive(
            assets={
                "file": Asset(path="some/file"),
                "text": Asset(text="t"),
                "remote": Asset(uri="https://x/y"),
                "folder": Archive(path="folder"),
                "packed": Archive(uri="https://x/y.zip"),
            }
        )
        assert sent(pulumi.StringAsset("")) == Asset(text="")

    @pytest.mark.parametrize(
        "make",
        [
            lambda: pulumi.FileAsset(3),  # type: ignore[arg-type]
            lambda: pulumi.StringAsset(3),  # type: ignore[arg-type]
            lambda: pulumi.RemoteAsset(3),  # type: ignore[arg-type]
            lambda: pulumi.FileArchive(3),  # type: ignore[arg-type]
            lambda: pulumi.RemoteArchive(3),  # type: ignore[arg-type]
            lambda: pulumi.AssetArchive(3),  # type: ignore[arg-type]
            lambda: pulumi.AssetArchive({"x": "y"}),  # type: ignore[dict-item]
            lambda: pulumi.AssetArchive({1: pulumi.StringAsset("")}),  # type: ignore[dict-item]
        ],
    )
    def test_wrong_arguments(self, make: Any) -> None:
        """Are type errors."""
        with pytest.raises(TypeError):
            make()

    def test_they_come_back_as_objects(self) -> None:
        """Path before text before URI; assets before path before URI (§6)."""

        def back(value: Any) -> Any:
            monitor = FakeMonitor()
            monitor.answers["a"] = lambda _: {"v": value}
            return outcome_of(lambda: Thing("a", v=None).v, monitor=monitor).value

        assert back(Asset(path="p", uri="u", hash="h")).path == "p"
        assert back(Asset(text="")).text == ""
        assert back(Asset(uri="u")).uri == "u"
        archive = back(Archive(assets={"x": Asset(text="t"), "y": Archive(path="p")}, path="q"))
        assert archive.assets["x"].text == "t"
        assert archive.assets["y"].path == "p"
        assert back(Archive(uri="u")).uri == "u"

    def test_one_without_its_contents_is_an_error(self) -> None:
        """Only the hash arrived (§6)."""
        for value in (Asset(hash="h"), Archive(hash="h")):
            monitor = FakeMonitor()
            monitor.answers["a"] = lambda _, v=value: {"v": v}
            assert "AssertionError" in run(lambda: Thing("a", v=None).v and None, monitor=monitor).error


class TestAnswers:
    def back(self, value: Any, **options: Any) -> Any:
        """What a program sees of one output."""
        monitor = FakeMonitor(**options)
        monitor.answers["a"] = lambda _: {"v": value}
        return outcome_of(lambda: Thing("a", v=None).v, monitor=monitor)

    def test_nulls(self) -> None:
        """Dropped from maps at every level, kept in lists (§6)."""
        assert self.back({"a": None, "b": [None, {"c": None}]}).value == {"b": [None, {}]}

    def test_secrets_bubble_up(self) -> None:
        """One inside makes the whole output secret, and is plain in it (edge 39)."""
        seen = self.back([{"a": Secret({"b": Secret("s")})}])

        assert (seen.value, seen.secret) == ([{"a": {"b": "s"}}], True)

    def test_secrets_are_per_property(self) -> None:
        """(§6)"""
        monitor = FakeMonitor()
        monitor.answers["a"] = lambda _: {"v": Secret("s"), "w": "plain"}
        flags: list[bool] = []

        async def program() -> None:
            thing = Thing("a", v=None, w=None)
            flags.extend([await thing.v.is_secret(), await thing.w.is_secret()])

        run_ok(program, monitor=monitor)
        assert flags == [True, False]

    @pytest.mark.parametrize("dry_run", [True, False])
    def test_unknowns_are_kept(self, dry_run: bool) -> None:
        """Of successful registrations, outside of previews too (§6)."""
        seen = self.back({"a": UNKNOWN, "b": 1}, dry_run=dry_run)

        assert not seen.known
        assert type(seen.raw["a"]) is Unknown
        assert seen.raw["b"] == 1

    def test_internal_keys(self) -> None:
        """Are kept (edge 38)."""
        assert self.back({"__internal": 1}).value == {"__internal": 1}

    def test_output_values(self) -> None:
        """Become outputs with what they depend on (§6)."""
        value = OutputValue(value="x", secret=True, dependencies=("urn:pulumi:s::p::t:m:R::n",))  # type: ignore[arg-type]
        monitor = FakeMonitor()
        monitor.answers["a"] = lambda _: {"v": [value]}
        found: list[Any] = []

        async def program() -> None:
            (inner,) = await Thing("a", v=None).v.future()
            found.extend([await inner.future(), await inner.is_secret()])
            (resource,) = await inner.resources()
            found.append(await resource.urn.future())

        run_ok(program, monitor=monitor)
        assert found == ["x", True, "urn:pulumi:s::p::t:m:R::n"]

    def test_a_large_resource(self) -> None:
        """More than four megabytes, both ways (edge 98)."""
        text = "x" * (5 * 1024 * 1024)

        assert outcome_of(lambda: Thing("a", v=text).v).value == text


PLAIN = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


class TestRoundTrips:
    @settings(max_examples=80, deadline=None)
    @given(PLAIN)
    def test_plain_data(self, value: Any) -> None:
        """What is sent and comes back is what it was."""
        session = Session()
        look = Serializer(session)
        bag, depends = look.bag({"v": value}, None)
        back, secret = to_program(session, bag)

        assert back == {"v": value}
        assert (depends, secret, bool(look.waits)) == ({}, False, False)

    @settings(max_examples=60, deadline=None)
    @given(PLAIN, st.booleans())
    def test_wrapped_data(self, value: Any, secret: bool) -> None:
        """An output of it is the same, secret if it was."""
        session = Session()
        make = Output.secret if secret else Output.from_input
        bag, _ = Serializer(session).bag({"v": make(value)}, None)
        back, hidden = to_program(session, bag)

        assert back.get("v") == value
        assert hidden == secret


class TestNames:
    def test_runtime_rpc(self) -> None:
        """What others take from there (§1)."""
        assert rpc.UNKNOWN == "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
        assert rpc.isLegalProtobufValue({"a": 1})
        assert not rpc.isLegalProtobufValue({1, 2})
        assert rpc.get_resource_package("nothing", "") is None
        assert rpc.get_resource_module("nothing", "at-all", "") is None

    @pytest.mark.parametrize(
        ("want", "have", "fits"),
        [
            ("1.2.3", "1.2.3", True),
            ("1.2.3", "1.3.3", True),
            ("1.2.3", "1.3.2", False),
            ("1.2.3", "1.1.9", False),
            ("1.2.3", "2.2.3", False),
            (None, "1.0.0", True),
            ("1.0.0", None, True),
        ],
    )
    def test_versions_of_packages(self, want: str | None, have: str | None, fits: bool) -> None:
        """Same major, minor at least, patch at least, each by itself (§7)."""
        from semver import Version

        assert rpc.check_version(want and Version.parse(want), have and Version.parse(have)) is fits  # type: ignore[arg-type]

    def test_known_types(self) -> None:
        """By class, not by looking for attributes (§2.8)."""

        def program() -> None:
            thing = Thing("a")
            assert known_types.is_resource(thing)
            assert known_types.is_custom_resource(thing)
            assert known_types.is_output(thing.urn)
            assert known_types.is_unknown(Unknown())
            assert known_types.is_asset(pulumi.StringAsset(""))
            assert known_types.is_archive(pulumi.FileArchive(""))
            assert known_types.is_stack(pulumi.runtime.get_root_resource())
            assert known_types.is_custom_timeouts(pulumi.CustomTimeouts())
            assert not known_types.is_asset(pulumi.FileArchive(""))

        run_ok(program)


class TestStackReference:
    def reference(self, **outputs: Any) -> FakeMonitor:
        """A deployment that knows another stack."""
        monitor = FakeMonitor()
        monitor.answers["other"] = lambda _: outputs
        return monitor

    def test_outputs(self) -> None:
        """Read by name; missing ones are None or an error (§14)."""
        monitor = self.reference(outputs={"a": 1}, secretOutputNames=[])
        found: list[Any] = []

        async def program() -> None:
            other = pulumi.StackReference("other")
            found.append(await other.get_output("a").future())
            found.append(await other.get_output("b").future())
            with pytest.raises(KeyError):
                await other.require_output("b").future()

        run_ok(program, monitor=monitor)
        assert found == [1, None]

    def test_only_secret_ones_are_secret(self) -> None:
        """Though all of them arrive in one secret bag (edge 95)."""
        monitor = self.reference(outputs=Secret({"plain": "p", "pw": "s"}), secretOutputNames=["pw"])
        found: dict[str, Any] = {}

        async def program() -> None:
            other = pulumi.StackReference("other")
            for name in ("plain", "pw"):
                found[name] = await other.get_output(name).is_secret()
                details = await other.get_output_details(name)
                found[f"{name} details"] = (details.value, details.secret_value)
            missing = await other.get_output_details("missing")
            found["missing"] = (missing.value, missing.secret_value)

        run_ok(program, monitor=monitor)
        assert found == {
            "plain": False,
            "pw": True,
            "plain details": ("p", None),
            "pw details": (None, "s"),
            "missing": (None, None),
        }

    def test_names_not_known(self) -> None:
        """Then all are as secret as the bag (§14)."""
        monitor = self.reference(outputs=Secret({"a": 1}))

        assert outcome_of(lambda: pulumi.StackReference("other").get_output("a"), monitor=monitor).secret

    def test_the_request(self) -> None:
        """Reads the stack by its name (§14)."""
        monitor = run_ok(lambda: pulumi.StackReference("ref", "org/proj/dev") and None).monitor
        request = monitor.requests[1]
        assert (request.type, request.name, request.id) == (
            "pulumi:pulumi:StackReference",
            "ref",
            "org/proj/dev",
        )
        assert request.inputs == {"name": "org/proj/dev"}


class TestStash:
    def test_both_ways_of_calling(self) -> None:
        """(§14)"""
        from stackwright.sdk.stash import Stash, StashArgs

        monitor = FakeMonitor()
        monitor.answers["a"] = lambda _: {"input": 2, "output": 1}
        seen = outcome_of(lambda: Stash("a", input=2).output, monitor=monitor)
        assert seen.value == 1
        assert monitor.resource("a").type == "pulumi:index:Stash"
        assert monitor.resource("a").inputs == {"input": 2}
        monitor = run_ok(lambda: Stash("a", StashArgs(input=[1])) and None).monitor
        assert monitor.resource("a").inputs == {"input": [1]}
        with pytest.raises(TypeError, match="input"):
            Stash("a")
