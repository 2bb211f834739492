"""Calling functions and methods (sdk.md §8)."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from support.monitors import ALL_FEATURES, FakeMonitor
from support.programs import Seen, Thing, look_at, outcome_of, run, run_ok

import stackwright.sdk as pulumi
from stackwright.goals import CallRequest, CallResult, CheckFailure, InvokeRequest, InvokeResult
from stackwright.sdk import ComponentResource, InvokeOptions, InvokeOutputOptions, Output, ResourceOptions
from stackwright.sdk.resource import DependencyResource
from stackwright.sdk.runtime import (
    call,
    call_single,
    invoke,
    invoke_async,
    invoke_output,
    invoke_output_single,
    invoke_single,
)
from stackwright.values import OutputValue, ResourceRef, Secret

TOKEN = "test:index:getThing"


@pulumi.output_type
class GetThingResult:
    name: str
    full_name: str = pulumi.property("fullName")


def sent(monitor: FakeMonitor) -> list[InvokeRequest]:
    """The function calls, in order."""
    return [r for r in monitor.requests if isinstance(r, InvokeRequest)]


def answering(answer: Any, **options: Any) -> FakeMonitor:
    """A deployment whose function answers so."""
    monitor = FakeMonitor(**options)
    monitor.answers[TOKEN] = lambda _: answer
    return monitor


class TestPlainForm:
    def test_the_answer_is_there_at_once(self) -> None:
        """In the middle of the program (§8)."""
        found: list[Any] = []

        def program() -> None:
            result = invoke(TOKEN, {"a": 1})
            found.append((result.value, result.is_known, result.is_secret))

        run_ok(program, monitor=answering({"b": 2}))
        assert found == [({"b": 2}, True, False)]

    def test_the_result_is_typed(self) -> None:
        """(§8 step 10)"""

        def program() -> None:
            value = invoke(TOKEN, {}, typ=GetThingResult).value
            assert isinstance(value, GetThingResult)
            assert (value.name, value.full_name) == ("n", "f")
            with pytest.raises(TypeError, match="output_type"):
                invoke(TOKEN, {}, typ=int)

        run_ok(program, monitor=answering({"name": "n", "fullName": "f"}))

    def test_it_is_awaitable_too(self) -> None:
        """For older programs (edge 63)."""
        found: list[Any] = []

        async def program() -> None:
            found.append(await invoke(TOKEN, {"a": 1}))
            found.append(await invoke_async(TOKEN, {"a": 2}))

        run_ok(program)
        assert found == [{"a": 1}, {"a": 2}]

    def test_awaitables_and_outputs_among_the_arguments(self) -> None:
        """Resolved before the call, even those of resources that are not there yet (edge 63)."""

        async def later() -> str:
            return "l"

        def program() -> None:
            assert invoke(TOKEN, {"a": later(), "b": Thing("t").id}).value == {"a": "l", "b": "t-id"}

        run_ok(program)

    def test_an_unknown_argument(self) -> None:
        """The function is not called; the value is None, and not known (§8 step 5)."""

        def program() -> None:
            for args in ({"a": Thing("t").id}, {"a": [{"b": [pulumi.UNKNOWN]}]}):
                result = invoke(TOKEN, args)
                assert (result.value, result.is_known) == (None, False)

        assert sent(run_ok(program, dry_run=True).monitor) == []

    def test_a_secret_argument(self) -> None:
        """Plain when it is sent, the result is secret (edge 68)."""

        def program() -> None:
            result = invoke(TOKEN, {"a": Output.secret("s")})
            assert (result.value, result.is_secret) == ({"a": "s"}, True)

        assert sent(run_ok(program).monitor)[0].args == {"a": "s"}

    def test_secrets_in_the_answer(self) -> None:
        """Unwrapped, and the result is secret (§8 step 10)."""

        def program() -> None:
            result = invoke(TOKEN, {})
            assert (result.value, result.is_secret) == ({"p": "s"}, True)

        run_ok(program, monitor=answering({"p": Secret("s")}))

    @pytest.mark.parametrize("answer", [None, InvokeResult()])
    def test_nothing(self, answer: Any) -> None:
        """An empty dict (edge 65)."""

        def program() -> None:
            assert invoke(TOKEN, {}).value == {}

        run_ok(program, monitor=answering(InvokeResult() if answer is None else answer))

    @pytest.mark.parametrize(
        ("version", "expected"), [("", None), ("4.5.4", None), ("garbage", None), ("4.5.5", {})]
    )
    def test_nothing_from_old_kubernetes_packages(self, version: str, expected: Any) -> None:
        """None for three tokens (edge 65, §8 step 9)."""
        token = "kubernetes:yaml:decode"
        monitor = FakeMonitor()
        monitor.answers[token] = lambda _: InvokeResult()

        def program() -> None:
            assert invoke(token, {}, InvokeOptions(version=version)).value == expected

        run_ok(program, monitor=monitor)

    @pytest.mark.parametrize("form", [invoke, invoke_output])
    def test_failures(self, form: Any) -> None:
        """The first reason with its property (edge 64)."""
        failures = (CheckFailure("prop", "too small"), CheckFailure("q", "other"))
        ran = run(lambda: form(TOKEN, {}) and None, monitor=answering(InvokeResult(failures=failures)))

        assert f"invoke of {TOKEN} failed: too small (prop)" in ran.error

    @pytest.mark.parametrize("form", [invoke, invoke_output])
    def test_errors(self, form: Any) -> None:
        """With the details (§8 step 8)."""
        ran = run(lambda: form(TOKEN, {}) and None, monitor=answering(ValueError("broken")))

        assert f"invoke of {TOKEN} failed: broken" in ran.error

    def test_a_failure_can_be_handled(self) -> None:
        """It fails the call alone, not the program (E91)."""

        def program() -> None:
            with pytest.raises(Exception, match="broken"):
                invoke(TOKEN, {})
            invoke_output(TOKEN, {}).recover(lambda _: None)
            Thing("after")

        assert run_ok(program, monitor=answering(ValueError("broken"))).monitor.names == ["after"]

    def test_single_values(self) -> None:
        """The one value of the result (edge 67)."""

        def program() -> None:
            assert invoke_single(TOKEN, {}).value == 5

        run_ok(program, monitor=answering({"only": 5}))
        assert outcome_of(lambda: invoke_output_single(TOKEN, {}), monitor=answering({"o": 6})).value == 6

    def test_inside_a_callback(self) -> None:
        """A blocking call from within `apply` works, and one inside that as well."""

        def make() -> Output[Any]:
            def outer(v: str) -> Any:
                inner = Thing("inner", v=v).v
                return invoke(TOKEN, {"v": inner, "w": invoke(TOKEN, {"x": 1}).value["x"]}).value

            return Thing("t", v="x").v.apply(outer)

        assert outcome_of(make).value == {"v": "x", "w": 1}

    def test_hundreds_of_callbacks_that_block(self) -> None:
        """They do not pile up on the stack: nothing else of the program runs while one waits."""
        done: list[int] = []

        def program() -> None:
            for n in range(600):
                Output.from_input(n).apply(lambda n: done.append(invoke(TOKEN, {"n": n}).value["n"]))

        run_ok(program)
        assert done == list(range(600))

    def test_the_loop_is_not_entered_again(self) -> None:
        """While a call waits, no task of the program runs."""
        import asyncio

        order: list[str] = []

        async def program() -> None:
            async def other() -> None:
                order.append("other")

            task = asyncio.create_task(other())
            invoke(TOKEN, {})
            order.append("invoked")
            await task

        run_ok(program)
        assert order == ["invoked", "other"]

    def test_an_argument_that_never_comes(self) -> None:
        """Said at once instead of waiting forever."""

        def program() -> None:
            invoke(TOKEN, {"a": pulumi.deferred_output()[0]})

        assert "waits for an argument" in run(program).error


class TestOptions:
    def test_provider_of_the_parent(self) -> None:
        """For the token's package (edge 61)."""

        class Group(pulumi.ComponentResource): ...

        def program() -> None:
            provider = pulumi.ProviderResource("test", "p")
            group = Group("t:m:G", "g", {}, ResourceOptions(providers=[provider]))
            invoke(TOKEN, {}, InvokeOptions(parent=group))
            invoke("other:index:f", {}, InvokeOptions(parent=group))

        monitor = run_ok(program).monitor
        assert [r.provider for r in sent(monitor)] == [f"{monitor.urn('p')}::p-id", ""]
        assert sent(monitor)[0].parent == monitor.urn("g")

    def test_version_and_url(self) -> None:
        """Passed on; absent is empty (edge 62)."""

        def program() -> None:
            invoke(TOKEN, {}, InvokeOptions(version="1.2.3", plugin_download_url="https://x"))
            invoke(TOKEN, {})

        assert [(r.version, r.plugin_download_url) for r in sent(run_ok(program).monitor)] == [
            ("1.2.3", "https://x"),
            ("", ""),
        ]

    def test_merging(self) -> None:
        """The second one's values win; either class on both sides (§8.1)."""
        merge = InvokeOptions.merge
        assert merge(InvokeOptions(version="1"), InvokeOptions(version="2")).version == "2"
        assert merge(InvokeOptions(version="1"), InvokeOutputOptions()).version == ""  # not None, so it wins
        assert type(merge(InvokeOutputOptions(), None)) is InvokeOutputOptions
        assert InvokeOptions(version="1").merge(None).version == "1"
        assert merge(None, None).version is None
        out = InvokeOutputOptions.merge(InvokeOptions(version="1"), InvokeOutputOptions())
        assert isinstance(out, InvokeOutputOptions)
        assert (out.version, out.depends_on) == ("1", None)
        with pytest.raises(TypeError, match="opts1"):
            merge(3, None)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="opts2"):
            InvokeOutputOptions.merge(None, "x")  # type: ignore[arg-type]

    def test_merging_dependencies(self) -> None:
        """Concatenated (§8.1)."""

        def program() -> None:
            a, b = Thing("a"), Thing("b")
            one, other = InvokeOutputOptions(depends_on=a), InvokeOutputOptions(depends_on=[b])
            assert InvokeOutputOptions.merge(one, other).depends_on == [a, b]
            assert one.depends_on is a

        run_ok(program)

    def test_from_resource_options(self) -> None:
        """(§8.1)"""
        opts = ResourceOptions(version="1", plugin_download_url="u", depends_on=[])
        assert InvokeOptions.from_resource_options(opts).version == "1"
        out = InvokeOutputOptions.from_resource_options(opts)
        assert (out.plugin_download_url, out.depends_on) == ("u", [])

    def test_wrong_dependencies_are_refused(self) -> None:
        """As for resources (§3.5)."""
        with pytest.raises(TypeError, match="depends_on"):
            InvokeOutputOptions(depends_on="x")  # type: ignore[arg-type]


class TestOutputForm:
    def test_it_depends_on_what_its_arguments_do(self) -> None:
        """And on `depends_on` (§8 step 7, 11)."""

        def make() -> Output[Any]:
            other = Thing("other")
            return invoke_output(TOKEN, {"a": Thing("t", v="x").v}, InvokeOutputOptions(depends_on=other))

        monitor = FakeMonitor()
        seen = outcome_of(make, monitor=monitor)
        assert (seen.value, seen.known, seen.resources) == ({"a": "x"}, True, {"t", "other"})
        assert sent(monitor)[0].depends_on == tuple(sorted((monitor.urn("t"), monitor.urn("other"))))

    def test_engines_without_dependencies_of_calls(self) -> None:
        """A resource whose id is not known makes the result unknown, without a call (edge 66)."""

        def make() -> Output[Any]:
            return invoke_output(TOKEN, {}, InvokeOutputOptions(depends_on=Thing("t")))

        monitor = FakeMonitor(dry_run=True, features=ALL_FEATURES - {"invokeDependsOn"})
        seen = outcome_of(make, monitor=monitor)
        assert (seen.known, sent(monitor)) == (False, [])

    def test_resources_that_are_known_by_their_urn_alone(self) -> None:
        """There is no id to wait for; a component that is waited for stays one (edge 66)."""

        def make() -> Output[Any]:
            group = ComponentResource("test:index:Group", "group")
            Thing("inside", ResourceOptions(parent=group))
            other = DependencyResource("urn:pulumi:s::p::t:m:R::known")
            return invoke_output(TOKEN, {"a": 1}, InvokeOutputOptions(depends_on=[group, other]))

        monitor = FakeMonitor(features=ALL_FEATURES - {"invokeDependsOn"})
        seen = outcome_of(make, monitor=monitor)
        assert (seen.value, seen.known) == ({"a": 1}, True)
        assert seen.resources == {"group", ""}

    def test_the_engine_may_answer_that_it_is_not_known(self) -> None:
        """(§8 step 8)"""
        seen = outcome_of(lambda: invoke_output(TOKEN, {}), monitor=answering(InvokeResult(unknown=True)))

        assert (seen.value, seen.known) == (None, False)

    def test_secret_only_if_known(self) -> None:
        """(§8 step 11)"""

        def make() -> Output[Any]:
            return invoke_output(TOKEN, {"a": Output.secret(Thing("t").id)})

        assert not outcome_of(make, dry_run=True).secret
        assert outcome_of(make).secret

    def test_unused_failures_fail_the_program(self) -> None:
        """Like those of any output."""
        ran = run(lambda: invoke_output(TOKEN, {}) and None, monitor=answering(ValueError("x")))

        assert not ran.result.ok


class TestCall:
    def test_the_receiver_and_its_provider(self) -> None:
        """Arguments keep their outputs; version and URL are the resource's (§8)."""
        seen: list[Seen] = []

        async def program() -> None:
            provider = pulumi.ProviderResource("test", "p")
            thing = Thing("t", ResourceOptions(provider=provider, version="1.0.0"), v="x")
            other = Thing("o", v="y")
            output = call("test:index:Thing/method", {"__self__": thing, "a": Output.secret(other.v)}, thing)
            seen.append(await look_at(output["a"]))

        monitor = run_ok(program).monitor
        (request,) = [r for r in monitor.requests if isinstance(r, CallRequest)]
        t, o = monitor.urn("t"), monitor.urn("o")
        assert request.args == {
            "__self__": ResourceRef(urn=t, id="t-id"),
            "a": OutputValue(value="y", secret=True, dependencies=(o,)),
        }
        assert request.arg_dependencies == {"a": (o,)}
        assert request.provider == f"{monitor.urn('p')}::p-id"
        assert request.version == "1.0.0"

    def test_the_answer(self) -> None:
        """Secret if any value is; depends on what the answer says; single values (§8)."""
        monitor = FakeMonitor()
        monitor.answers["t:m:R/f"] = lambda _: CallResult(
            value={"a": Secret("x")}, dependencies={"a": ("urn:pulumi:s::p::t:m:R::n",)}
        )
        urns: list[str] = []

        async def program() -> None:
            output = call("t:m:R/f", {})
            assert await output.is_secret()
            assert await output.future() == {"a": "x"}
            urns.extend([str(await r.urn.future()) for r in await output.resources()])
            assert await call_single("t:m:R/f", {}).future() == "x"

        run_ok(program, monitor=monitor)
        assert urns == ["urn:pulumi:s::p::t:m:R::n"]

    def test_failures(self) -> None:
        """(§8)"""
        monitor = FakeMonitor()
        monitor.answers["t:m:R/f"] = lambda _: CallResult(failures=(CheckFailure("p", "bad"),))
        ran = run(lambda: call("t:m:R/f", {}) and None, monitor=monitor)

        assert "call of t:m:R/f failed: bad (p)" in ran.error


class TestGeneratedCode:
    def test_call_plain(self) -> None:
        """Generated packages block on the four parts of an output with `_sync_await` (§22)."""
        import asyncio

        from stackwright.sdk.runtime.sync_await import _sync_await

        async def await_output(o: Output[Any]) -> Any:
            return (await o._future, await o._is_known, await o._is_secret, await o._resources)

        found: list[Any] = []

        def program() -> None:
            thing = Thing("t", v="x")
            found.append(
                _sync_await(asyncio.create_task(await_output(call("t:m:R/f", {"a": thing.v}, thing))))
            )

        run_ok(program)
        value, known, secret, resources = found[0]
        assert (value["a"].__class__, known, secret, resources) == (Output, True, False, set())

    def test_nested_waits(self) -> None:
        """A wait inside a callback inside a wait comes back (§9.5)."""
        from stackwright.sdk.runtime.sync_await import _sync_await

        found: list[Any] = []

        def program() -> None:
            async def outer() -> Any:
                return (
                    await Thing("a", v=1)
                    .v.apply(lambda v: _sync_await(Thing("b", v=v).v.apply(lambda w: w + 1)._future))
                    .future()
                )

            found.append(_sync_await(outer()))

        run_ok(program)
        assert found == [2]


def test_blocking_does_not_need_the_answering_thread() -> None:
    """The engine's thread is not the program's."""
    threads: list[str] = []
    monitor = FakeMonitor()
    monitor.answers[TOKEN] = lambda r: threads.append(threading.current_thread().name) or dict(r.args)
    run_ok(lambda: invoke(TOKEN, {}) and None, monitor=monitor)

    assert threads == ["fake engine"]
