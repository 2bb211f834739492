"""Transforms and hooks: the deployment asks, the program answers on its own thread (sdk.md §12.2, §13)."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from support.monitors import ALL_FEATURES, FakeMonitor
from support.programs import Thing, run, run_ok

import stackwright.sdk as pulumi
from stackwright.goals import AliasSpec, CustomTimeouts, HookKind
from stackwright.sdk import (
    ComponentResource,
    InvokeOptions,
    Output,
    ResourceHook,
    ResourceHookBinding,
    ResourceHookOptions,
    ResourceOptions,
    ResourceTransformArgs,
    ResourceTransformResult,
    _session,
)
from stackwright.sdk.runtime import call, invoke, register_invoke_transform, register_resource_transform
from stackwright.values import UNKNOWN, OutputValue, Secret


def transformed(monitor: FakeMonitor) -> Any:
    """The last registration as transforms left it."""
    return [r[1] for r in monitor.requests if isinstance(r, tuple) and r[0] == "transformed"][-1]


class TestTransforms:
    def test_they_run_on_the_programs_thread(self) -> None:
        """Sync and async ones (§12.2)."""
        threads: list[str] = []

        def one(args: ResourceTransformArgs) -> None:
            threads.append(threading.current_thread().name)

        async def other(args: ResourceTransformArgs) -> ResourceTransformResult:
            await asyncio.sleep(0)
            threads.append(threading.current_thread().name)
            return ResourceTransformResult({**args.props, "added": 1}, args.opts)

        monitor = run_ok(lambda: Thing("a", ResourceOptions(transforms=[one, other]), v="x") and None).monitor
        assert threads == [threading.current_thread().name] * 2
        assert transformed(monitor).inputs == {"v": "x", "added": 1}

    def test_they_know_their_program(self) -> None:
        """Names, configuration and resources are the program's, in sync and async ones (§12.2)."""
        seen: list[Any] = []

        def one(args: ResourceTransformArgs) -> None:
            seen.append((pulumi.get_stack(), pulumi.Config().get("key")))
            if args.name == "a":
                Thing("made")

        async def other(args: ResourceTransformArgs) -> None:
            await asyncio.sleep(0)
            seen.append((pulumi.get_stack(), pulumi.Config().get("key")))

        def program() -> None:
            register_resource_transform(one)
            register_resource_transform(other)
            Thing("a", v=Thing("first").id)

        monitor = run_ok(program, config={"proj:key": "value"}).monitor
        assert set(seen) == {("dev", "value")}
        assert len(seen) == 6
        assert monitor.resource("made")

    def test_none_changes_nothing(self) -> None:
        """Options stay as they were, whatever they are (edge 81)."""
        opts = ResourceOptions(protect=True, ignore_changes=["a"], transforms=[lambda _: None])
        monitor = run_ok(lambda: Thing("a", opts, v="x") and None).monitor

        assert transformed(monitor).options == monitor.resource("a").options

    def test_what_a_transform_sees(self) -> None:
        """Names on the wire; secrets and unknowns as outputs or as they are (§12.2)."""
        seen: list[ResourceTransformArgs] = []
        found: dict[str, Any] = {}

        async def look(args: ResourceTransformArgs) -> None:
            seen.append(args)
            found["secret"] = await args.props["s"].is_secret()  # type: ignore[union-attr]

        def program() -> None:
            parent = pulumi.ComponentResource("t:m:C", "parent")
            Thing(
                "a",
                ResourceOptions(parent=parent, transforms=[look], protect=False, version="1.0.0"),
                s=Output.secret("x"),
                u=UNKNOWN,
            )

        run_ok(program)
        (args,) = seen
        assert (args.custom, args.type_, args.name) == (True, "test:index:Thing", "a")
        assert args.props["u"] == UNKNOWN
        assert found == {"secret": True}
        assert vars(args.opts).keys() == {"parent", "protect", "version"}

    def test_options_come_back_as_they_went(self) -> None:
        """An answer with the same options loses none of them (§12.2)."""

        def same(args: ResourceTransformArgs) -> ResourceTransformResult:
            return ResourceTransformResult(args.props, args.opts)

        def hook(_: Any) -> None: ...

        def program() -> None:
            provider = pulumi.ProviderResource("test", "p")
            other = Thing("other", v=1)
            Thing(
                "a",
                ResourceOptions(
                    transforms=[same],
                    depends_on=[other],
                    protect=True,
                    delete_before_replace=False,
                    retain_on_delete=True,
                    ignore_changes=["i"],
                    replace_on_changes=["r"],
                    additional_secret_outputs=["s"],
                    hide_diffs=["h"],
                    version="1.0.0",
                    plugin_download_url="https://x",
                    import_="the-id",
                    aliases=[pulumi.Alias(name="old", parent=None), "urn:pulumi:s::p::t::n"],
                    provider=provider,
                    custom_timeouts=pulumi.CustomTimeouts(create="1h30m", delete="1.5s"),
                    deleted_with=other,
                    replace_with=[other],
                    replacement_trigger=Output.secret([1]),
                    hooks=ResourceHookBinding(before_create=[ResourceHook("named", hook), hook]),
                ),
                v=other.id,
            )

        monitor = run_ok(program).monitor
        before, after = monitor.resource("a").options, transformed(monitor).options
        assert after == before
        assert before.custom_timeouts == CustomTimeouts(create=5400, delete=1.5)
        assert before.aliases == (AliasSpec(name="old", no_parent=True), "urn:pulumi:s::p::t::n")
        assert before.hooks == {HookKind.BEFORE_CREATE: ("named", "test:index:Thing_a_before_create_1")}

    def test_inputs_of_an_answer_keep_their_outputs(self) -> None:
        """With what they depend on (§12.2)."""

        def depend(args: ResourceTransformArgs) -> ResourceTransformResult:
            other = Thing("made-by-transform", v="y")
            return ResourceTransformResult({"v": Output.secret(other.v)}, args.opts)

        monitor = FakeMonitor(threaded=True)

        async def program() -> None:
            other = Thing("other", v="y")
            await other.urn.future()

            def use(args: ResourceTransformArgs) -> ResourceTransformResult:
                return ResourceTransformResult({"v": Output.secret(other.v)}, args.opts)

            Thing("a", ResourceOptions(transforms=[use]), v="x")

        run_ok(program, monitor=monitor)
        assert transformed(monitor).inputs == {
            "v": OutputValue(value="y", secret=True, dependencies=(monitor.urn("other"),))
        }
        assert depend

    def test_failures_fail_the_registration(self) -> None:
        """The exception is the reason (E68)."""

        def refuse(_: Any) -> None:
            raise LookupError("not here")

        assert "not here" in run(lambda: Thing("a", ResourceOptions(transforms=[refuse])) and None).error

    def test_the_parent_cannot_be_changed(self) -> None:
        """It stays, as with the genuine SDK, and that is said (§12.2)."""

        async def move(args: ResourceTransformArgs) -> ResourceTransformResult:
            from stackwright.sdk.resource import DependencyResource

            return ResourceTransformResult(
                args.props, ResourceOptions(parent=DependencyResource("urn:pulumi:s::p::t::other"))
            )

        monitor = run_ok(lambda: Thing("a", ResourceOptions(transforms=[move])) and None).monitor
        (warning,) = monitor.warnings()
        assert "named another parent" in warning
        assert transformed(monitor).parent == monitor.stack_urn

    def test_options_may_be_left_out(self) -> None:
        """None for them leaves them as they are (§12.2)."""

        def change(args: ResourceTransformArgs) -> ResourceTransformResult:
            return ResourceTransformResult({"v": "y"}, None)  # type: ignore[arg-type]

        opts = ResourceOptions(transforms=[change], protect=True)
        monitor = run_ok(lambda: Thing("a", opts, v="x") and None).monitor
        assert transformed(monitor).inputs == {"v": "y"}
        assert transformed(monitor).options == monitor.resource("a").options

    def test_the_same_function_is_one_callback(self) -> None:
        """On whichever resource it is used (edge 80)."""

        def transform(_: Any) -> None: ...

        def program() -> None:
            for name in "ab":
                Thing(name, ResourceOptions(transforms=[transform]))

        monitor = run_ok(program).monitor
        assert monitor.resource("a").transforms == monitor.resource("b").transforms
        assert len(monitor.resource("a").transforms) == 1

    def test_stack_transforms_apply_from_then_on(self) -> None:
        """(§12.2)"""
        seen: list[str] = []

        def program() -> None:
            Thing("before")
            register_resource_transform(lambda args: seen.append(args.name))
            Thing("after")

        run_ok(program)
        assert seen == ["after"]

    def test_parts_that_another_process_makes_came_before(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Remote components and methods are done before the next transform is there (§12.2)."""
        unanswered: list[list[Any]] = []
        monitor = FakeMonitor()
        add = monitor.add_stack_transform

        def added(transform: Any) -> Any:
            unanswered.append(list(_session.current().under_way))
            return add(transform)

        monkeypatch.setattr(monitor, "add_stack_transform", added)

        def program() -> None:
            group = ComponentResource("t:m:Group", "group", remote=True)
            call("t:m:Group/do", {}, group)
            register_resource_transform(lambda _: None)

        run_ok(program, monitor=monitor)
        assert unanswered == [[]]

    def test_invoke_transforms_run_while_the_program_blocks(self) -> None:
        """A plain call waits for an answer that waits for the program (§12.2)."""

        def program() -> None:
            def plain(args: pulumi.InvokeTransformArgs) -> pulumi.InvokeTransformResult:
                return pulumi.InvokeTransformResult({**args.args, "plain": True}, args.opts)

            async def later(args: pulumi.InvokeTransformArgs) -> pulumi.InvokeTransformResult:
                await asyncio.sleep(0)
                return pulumi.InvokeTransformResult({**args.args, "later": True}, InvokeOptions())

            register_invoke_transform(plain)
            assert invoke("a:b:c", {"x": 1}).value == {"x": 1, "plain": True}
            register_invoke_transform(later)
            assert invoke("a:b:c", {}).value == {"plain": True, "later": True}
            register_invoke_transform(lambda _: None)
            register_invoke_transform(lambda args: pulumi.InvokeTransformResult(args.args, None))  # type: ignore[arg-type]
            assert invoke("a:b:c", {}).value == {"plain": True, "later": True}

        run_ok(program)

    def test_engines_without_them(self) -> None:
        """An exception that says so; outside of programs as well (§12.2)."""

        def program() -> None:
            with pytest.raises(Exception, match="transforms"):
                register_resource_transform(lambda _: None)
            Thing("a", ResourceOptions(transforms=[lambda _: None]))

        assert "transforms" in run(program, features=frozenset()).error
        with pytest.raises(Exception, match="no program is running"):
            register_invoke_transform(lambda _: None)


class TestHooks:
    def test_a_named_hook(self) -> None:
        """Made known at once, with its flags; calling it calls the function (§13)."""
        calls: list[Any] = []

        def program() -> None:
            hook = ResourceHook(
                "mine", calls.append, ResourceHookOptions(on_dry_run=True, ignore_errors=True)
            )
            hook("x")  # type: ignore[arg-type]
            assert hook.name == "mine"

            @pulumi.resource_hook("decorated")
            def decorated(_: Any) -> None: ...

            @pulumi.error_hook("failing")
            def failing(_: Any) -> bool:
                return True

            Thing(
                "a",
                ResourceOptions(
                    hooks=ResourceHookBinding(
                        before_create=[hook], before_delete=[decorated], on_error=[failing]
                    )
                ),
            )

        monitor = run_ok(program).monitor
        assert calls == ["x"]
        assert monitor.hooks["mine"].on_dry_run
        assert monitor.hooks["mine"].ignore_errors
        assert monitor.hooks["failing"].is_error_hook
        assert monitor.resource("a").options.hooks == {
            HookKind.BEFORE_CREATE: ("mine",),
            HookKind.BEFORE_DELETE: ("decorated",),
            HookKind.ON_ERROR: ("failing",),
        }

    def test_what_a_hook_is_given(self) -> None:
        """Bags by wire names, secrets as outputs, missing ones None (§13)."""
        found: dict[str, Any] = {}
        monitor = FakeMonitor()

        async def hook(args: pulumi.ResourceHookArgs) -> None:
            assert args.new_inputs is not None
            found["inputs"] = args.new_inputs["plain"]
            found["secret"] = await args.new_inputs["hidden"].is_secret()
            found["old"] = args.old_outputs
            found["thread"] = threading.current_thread()

        async def program() -> None:
            ResourceHook("h", hook)
            Thing("a")
            await asyncio.get_running_loop().run_in_executor(
                None,
                lambda: monitor.run_hook(
                    "h", HookKind.BEFORE_CREATE, new_inputs={"plain": 1, "hidden": Secret("s")}
                ),
            )

        run_ok(program, monitor=monitor)
        assert found == {"inputs": 1, "secret": True, "old": None, "thread": threading.current_thread()}

    def test_error_hooks_answer_whether_to_try_again(self) -> None:
        """Sync and async (§13)."""
        monitor = FakeMonitor()
        answers: list[Any] = []

        async def program() -> None:
            async def later(args: pulumi.ErrorHookArgs) -> bool:
                return args.failed_operation == "create"

            pulumi.ErrorHook("now", lambda args: args.errors == ["boom"])
            pulumi.ErrorHook("later", later)
            loop = asyncio.get_running_loop()

            def ask(name: str) -> Any:
                return monitor.run_hook(name, HookKind.ON_ERROR, operation="create", errors=("boom",))

            answers.append(await loop.run_in_executor(None, ask, "now"))
            answers.append(await loop.run_in_executor(None, ask, "later"))

        run_ok(program, monitor=monitor)
        assert answers == [True, True]

    def test_functions_get_names(self) -> None:
        """TYPE_NAME_KIND_INDEX; not for delete and error hooks (§13)."""

        def hook(_: Any) -> None: ...

        monitor = run_ok(
            lambda: Thing("a", ResourceOptions(hooks=ResourceHookBinding(after_update=[hook, hook]))) and None
        ).monitor
        assert monitor.resource("a").options.hooks == {
            HookKind.AFTER_UPDATE: ("test:index:Thing_a_after_update_0", "test:index:Thing_a_after_update_1")
        }
        for kind in ("before_delete", "after_delete", "on_error"):
            binding = ResourceHookBinding(**{kind: [hook]})  # type: ignore[arg-type]
            assert "ValueError" in run(lambda b=binding: Thing("a", ResourceOptions(hooks=b)) and None).error  # type: ignore[misc]
        binding = ResourceHookBinding(before_create=["x"])  # type: ignore[list-item]
        assert "ValueError" in run(lambda: Thing("a", ResourceOptions(hooks=binding)) and None).error

    def test_a_name_twice_ends_the_program(self) -> None:
        """The deployment refuses it (E100)."""

        def program() -> None:
            ResourceHook("same", lambda _: None)
            ResourceHook("same", lambda _: None)

        assert "same" in run(program).error

    def test_engines_without_them(self) -> None:
        """(§3.4)"""

        def program() -> None:
            ResourceHook("h", lambda _: None)

        assert "hooks" in run(program, features=ALL_FEATURES - {"resourceHooks"}).error


class TestStateMigrations:
    def test_engines_without_them(self) -> None:
        """Are refused before anything is sent (E61, §13)."""
        opts = ResourceOptions(state_migrations=[lambda _: None])

        assert "state migrations" in run(lambda: Thing("a", opts) and None).error

    def test_nothing_of_the_runtime_works_inside(self) -> None:
        """The operation and the URN are named (§13)."""
        from stackwright.sdk import _session

        def program() -> None:
            token = _session.migrating.set("urn:being:migrated")
            try:
                for operation in (
                    lambda: Thing("a"),
                    lambda: pulumi.export("a", 1),
                    lambda: invoke("a:b:c", {}),
                    lambda: pulumi.runtime.call("a:b:c", {}),
                    lambda: register_resource_transform(lambda _: None),
                ):
                    with pytest.raises(RuntimeError, match="urn:being:migrated"):
                        operation()
            finally:
                _session.migrating.reset(token)

        run_ok(program)
