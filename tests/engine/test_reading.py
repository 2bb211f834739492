"""Reading, importing, refreshing, invoking (engine.md §3.4, §3.5, §10)."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from support.deployments import Bench, Client

from stackwright.engine import OperationResult
from stackwright.errors import StackwrightError
from stackwright.goals import (
    InvokeRequest,
    InvokeTransformArgs,
    RegisterRequest,
    Result,
    TransformArgs,
    TransformResult,
)
from stackwright.providers import ProviderError, ReadResult
from stackwright.urn import UNKNOWN_ID, urn_name
from stackwright.values import UNKNOWN, Secret


def refused(_: Any) -> None:
    raise ProviderError("no")


class TestReads:
    def test_reads_and_records_as_external(self) -> None:
        """E117, E136."""
        bench = Bench()
        bench.provider.objects["there"] = {"size": 4}
        answers = []
        run = bench.up(lambda client: answers.append(client.read("a", "there")))

        assert answers[0].outputs == {"size": 4}
        assert bench.record("a").external
        assert run.changes == [("read", "a")]

    def test_what_does_not_exist(self) -> None:
        """X23."""
        bench = Bench()
        run = bench.up(lambda client: client.read("a", "nowhere"))

        assert "'nowhere' does not exist" in run.errors[0]
        assert bench.names == []

    def test_a_managed_one_is_let_go(self) -> None:
        """X24: the same id: it becomes external, nothing is deleted."""
        bench = Bench()
        bench.up(lambda client: client.resource("a", {"size": 1}))
        bench.up(lambda client: client.read("a", "a-1"))

        assert bench.record("a").external
        assert bench.provider.names("delete") == []

    def test_a_managed_one_with_another_id_is_replaced(self) -> None:
        """X25: and stays recorded, flagged, until it has been deleted (S6)."""
        bench = Bench()
        bench.up(lambda client: client.resource("a", {"size": 1}))
        bench.provider.objects["other"] = {"size": 2}
        run = bench.up(lambda client: client.read("a", "other"))

        assert run.changes == [("read-replacement", "a"), ("replace", "a"), ("delete-replaced", "a")]
        assert bench.record("a").id == "other"
        assert bench.provider.objects == {"other": {"size": 2}}

    def test_a_read_one_that_is_now_managed(self) -> None:
        """X26: created anew; what was read is only forgotten."""
        bench = Bench()
        bench.provider.objects["there"] = {"size": 4}
        bench.up(lambda client: client.read("a", "there"))
        run = bench.up(lambda client: client.resource("a", {"size": 4}))

        assert run.changes == [
            ("create-replacement", "a"),
            ("replace", "a"),
            ("discard-replaced", "a"),
        ]
        assert bench.provider.names("delete") == []
        assert "there" in bench.provider.objects

    def test_one_that_is_not_read_any_more(self) -> None:
        """X27: discarded without a call."""
        bench = Bench()
        bench.provider.objects["there"] = {"size": 4}
        bench.up(lambda client: client.read("a", "there"))
        run = bench.up(lambda client: client.stack())

        assert ("discard", "a") in run.changes
        assert bench.provider.names("delete") == []

    @pytest.mark.parametrize("goes_on", [True, False])
    def test_what_a_failed_read_kept_from_being_said_stays(self, goes_on: bool) -> None:
        """Whether the program goes on (E240) or not: nothing that it names later is deleted."""
        bench = Bench()
        bench.provider.objects["there"] = {}

        def program(client: Client) -> None:
            client.stack()
            client.read("seen", "there")
            client.resource("later")

        bench.up(program)
        bench.provider.hooks["read"] = refused
        run = bench.up(program, continue_on_error=goes_on)

        assert run.summary.result is OperationResult.FAILED
        assert run.errors == ["no", "update failed"]
        assert bench.names == ["later", "seen"]
        assert (("same", "later") in run.steps) is goes_on

    def test_what_needs_a_failed_one_is_skipped(self) -> None:
        """E240, whichever of them is read."""
        bench = Bench()
        answers = []

        def program(client: Client) -> None:
            client.stack()
            failed = client.read("failed", "nowhere")
            needs = (failed.urn,)
            answers.append(failed.result)
            answers.append(client.resource("made", depends_on=needs).result)
            answers.append(client.read("seen", "there", depends_on=needs).result)
            client.resource("other")

        run = bench.up(program, continue_on_error=True)

        assert answers == [Result.FAIL, Result.SKIP, Result.SKIP]
        assert bench.names == ["other"]
        assert run.changes == [("create", "proj-dev"), ("read", "failed"), ("create", "other")]

    def test_what_a_failed_provider_would_have_made_is_skipped(self) -> None:
        """E240: a provider is needed as any other resource is."""
        bench = Bench()
        bench.provider.hooks["configure"] = refused

        def program(client: Client) -> None:
            client.stack()
            mine = client.register("pulumi:providers:test", "mine")
            answer = client.resource("made", provider=f"{mine.urn}::{mine.id or UNKNOWN_ID}")
            assert answer.result is Result.SKIP

        run = bench.up(program, continue_on_error=True)

        assert bench.names == []
        assert len(run.errors) == 2


class TestExistence:
    """protocol.md §10.6: asked at the provider, nothing recorded."""

    def test_there_or_not(self) -> None:
        bench = Bench()
        bench.provider.objects["there"] = {"size": 4}
        answers: list[Any] = []
        run = bench.up(lambda client: answers.extend(client.exists(id_) for id_ in ("there", "nowhere")))

        assert answers == [True, False]
        assert run.changes == []
        assert bench.names == []
        assert bench.provider.names("read") == ["there", "nowhere"]

    def test_what_a_preview_cannot_know(self) -> None:
        """An id that is not known yet, inputs that are not, and a provider that has no configuration yet."""
        bench = Bench()
        bench.provider.objects["there"] = {}
        answers: list[Any] = []

        def program(client: Client) -> None:
            provider = client.register("pulumi:providers:test", "p", {"region": UNKNOWN})
            reference = f"{provider.urn}::{provider.id}"
            answers.append(client.exists("there"))
            answers.append(client.exists(UNKNOWN_ID))
            answers.append(client.exists("there", inputs={"size": UNKNOWN}))
            answers.append(client.exists("there", provider=reference))

        bench.preview(program)

        assert answers == [True, None, None, None]
        assert bench.provider.names("read") == ["there"]

    def test_the_provider_of_a_component_is_asked(self) -> None:
        """protocol.md §10.2: by the package of the type, where the request names none itself."""
        bench = Bench()

        def program(client: Client) -> None:
            provider = client.register("pulumi:providers:test", "p", {"region": "eu"})
            group = client.component("g", providers={"test": f"{provider.urn}::{provider.id}"})
            client.exists("there", parent=group.urn)

        bench.up(program)

        assert [name for name in bench.names if name.startswith("default")] == []

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"id_": ""}, "without an id"),
            ({"id_": "a", "type": "pulumi:providers:test"}, "cannot be read"),
            ({"id_": "a", "type": "nothing"}, "cannot be read"),
            ({"id_": "a", "package_ref": "nothing"}, "unknown provider package 'nothing'"),
        ],
    )
    def test_a_wrong_question_is_the_programs_to_handle(self, fields: dict[str, Any], words: str) -> None:
        bench = Bench()

        def program(client: Client) -> None:
            with pytest.raises(StackwrightError, match=words):
                client.exists(**fields)

        assert bench.up(program).summary.result is OperationResult.SUCCEEDED

    def test_a_provider_that_cannot_answer(self) -> None:
        """The program hears of it and may go on, as after a function that fails (E91)."""
        bench = Bench()

        def refuse(_: object) -> None:
            raise ProviderError("no permission")

        bench.provider.hooks["read"] = refuse

        def program(client: Client) -> None:
            with pytest.raises(ProviderError, match="no permission"):
                client.exists("there")

        assert bench.up(program).summary.result is OperationResult.SUCCEEDED


class TestImports:
    def test_what_is_equal_is_only_imported(self) -> None:
        """X30."""
        bench = Bench()
        bench.provider.objects["there"] = {"size": 4}
        run = bench.up(lambda client: client.resource("a", {"size": 4}, import_id="there"))

        assert run.counts == {"import": 1}
        assert run.changes == [("import", "a")]
        assert bench.record("a").id == "there"
        assert bench.provider.names("create") == []

    def test_what_differs_is_imported_and_updated(self) -> None:
        """X31."""
        bench = Bench()
        bench.provider.objects["there"] = {"size": 4}
        run = bench.up(lambda client: client.resource("a", {"size": 5}, import_id="there"))

        assert run.counts == {"import": 1, "update": 1}
        assert bench.provider.objects["there"] == {"size": 5}
        assert bench.record("a").inputs == {"size": 5}
        assert len(bench.names) == 1

    def test_what_would_be_replaced_is_refused(self) -> None:
        """X32: a preview warns and goes on; an update fails before anything is replaced."""
        bench = Bench()
        bench.provider.objects["there"] = {"fixed": 4}
        program = lambda client: client.resource("a", {"fixed": 5}, import_id="there")  # noqa: E731
        preview = bench.preview(program)
        run = bench.up(program)

        assert preview.summary.result is OperationResult.SUCCEEDED
        assert any("may not be replaced" in item.message for item in preview.diagnostics)
        assert run.summary.result is OperationResult.FAILED
        assert bench.provider.objects == {"there": {"fixed": 4}}

    def test_the_id_that_is_managed_already(self) -> None:
        """X29: an ordinary resource; nothing is read."""
        bench = Bench()
        bench.up(lambda client: client.resource("a", {"size": 1}))
        run = bench.up(lambda client: client.resource("a", {"size": 1}, import_id="a-1"))

        assert run.counts == {"same": 1}
        assert bench.provider.names("read") == []

    def test_another_object_takes_the_place(self) -> None:
        """X33: the old one is deleted at the end."""
        bench = Bench()
        bench.up(lambda client: client.resource("a", {"size": 1}))
        bench.provider.objects["there"] = {"size": 1}
        run = bench.up(lambda client: client.resource("a", {"size": 1}, import_id="there"))

        assert run.changes == [
            ("import-replacement", "a"),
            ("replace", "a"),
            ("delete-replaced", "a"),
        ]
        assert bench.provider.objects == {"there": {"size": 1}}
        assert [state.id for state in bench.state if urn_name(state.urn) == "a"] == ["there"]

    def test_what_does_not_exist(self) -> None:
        """E227; previews read as well, and say so (E232)."""
        bench = Bench()
        run = bench.preview(lambda client: client.resource("a", import_id="nowhere"))

        assert "'nowhere' does not exist" in run.errors[0]

    def test_a_provider_that_cannot_import(self) -> None:
        """E227: it answers no inputs."""
        bench = Bench()
        bench.provider.hooks["read"] = lambda request: ReadResult(id="x", outputs={"a": 1}, inputs=None)
        run = bench.up(lambda client: client.resource("a", import_id="x"))

        assert "does not support importing" in run.errors[0]


class TestRefresh:
    def two(self) -> Bench:
        bench = Bench()

        def program(client: Client) -> None:
            a = client.resource("a", {"size": 1})
            client.resource("b", {"size": 1}, depends_on=(a.urn,))

        bench.up(program)
        return bench

    def test_takes_in_what_changed_outside(self) -> None:
        """E118: inputs, outputs and the time of the change."""
        bench = self.two()
        before = bench.record("a")
        bench.provider.objects["a-1"] = {"size": 7}
        run = bench.refresh()

        assert run.counts == {"update": 1, "same": 1}
        assert bench.record("a").inputs == {"size": 7}
        assert bench.record("a").outputs["size"] == 7
        assert bench.record("a").created == before.created
        assert bench.record("a").modified > before.modified

    def test_without_changes_nothing_is_written(self) -> None:
        """E272."""
        bench = self.two()
        run = bench.refresh()

        assert run.journal is not None
        assert run.journal.changes == []

    def test_what_is_gone_is_forgotten_with_every_reference(self) -> None:
        """X59."""
        bench = self.two()
        del bench.provider.objects["a-1"]
        run = bench.refresh()

        assert run.summary.result is OperationResult.SUCCEEDED
        assert run.counts == {"delete": 1, "same": 1}
        assert bench.names == ["b"]
        assert bench.record("b").dependencies == ()
        assert bench.record("b").property_dependencies == {}

    def test_one_failure_does_not_stop_the_others(self) -> None:
        """X61, E216."""
        bench = self.two()
        bench.provider.objects["b-2"] = {"size": 8}

        def read(request: Any) -> None:
            if urn_name(request.urn) == "a":
                raise ProviderError("no access")

        bench.provider.hooks["read"] = read
        run = bench.refresh()

        assert run.summary.result is OperationResult.FAILED
        assert bench.record("b").inputs == {"size": 8}

    def test_an_update_may_begin_with_it(self) -> None:
        """E218: drift is repaired in one run."""
        bench = Bench()
        program = lambda client: client.resource("a", {"size": 1})  # noqa: E731
        bench.up(program)
        bench.provider.objects["a-1"] = {"size": 7}
        run = bench.up(program, refresh=True)

        assert ("update", "a") in run.changes
        assert bench.provider.objects["a-1"] == {"size": 1}

    def test_a_preview_of_it_writes_nothing(self) -> None:
        """E215: reads are real, state is not touched."""
        bench = self.two()
        bench.provider.objects["a-1"] = {"size": 7}
        run = bench.refresh(preview=True)

        assert run.counts == {"update": 1, "same": 1}
        assert bench.record("a").inputs == {"size": 1}

    def test_secrets_stay_secret(self) -> None:
        """Whatever the provider answers."""
        bench = Bench()
        bench.up(lambda client: client.resource("a", {"key": Secret("k")}))
        bench.provider.objects["a-1"] = {"key": "changed"}
        bench.refresh()

        assert bench.record("a").inputs == {"key": Secret("changed")}

    def test_flagged_records_are_refreshed_before_an_update(self) -> None:
        """E219."""
        from stackwright.providers import CreateResult

        bench = Bench()
        bench.provider.hooks["create"] = lambda request: CreateResult(
            id="a-1", outputs={}, refresh_before_update=True
        )
        bench.provider.objects["a-1"] = {"size": 1}
        bench.up(lambda client: client.resource("a", {"size": 1}))
        bench.provider.objects["a-1"] = {"size": 9}
        run = bench.up(lambda client: client.resource("a", {"size": 1}))

        assert ("refresh", "a") in run.changes
        assert ("update", "a") in run.changes


class TestInvokes:
    def test_waits_for_what_is_on_its_way_beneath_a_component(self) -> None:
        """E93: the child has no address yet, since its provider is still being looked at."""
        bench = Bench()
        asked = threading.Event()
        answers = []

        async def when_asked(_: Any) -> None:
            await asyncio.to_thread(asked.wait, 10)

        def program(client: Client) -> None:
            group = client.component("group")
            child = RegisterRequest(type="test:index:Thing", name="child", custom=True, parent=group.urn)
            registered = client.monitor.register(child)
            invoked = client.monitor.invoke(InvokeRequest(token="test:index:get", depends_on=(group.urn,)))
            asked.set()
            answers.extend((registered.wait(10).id, invoked.wait(10).unknown))

        bench.provider.hooks["check_config"] = when_asked
        bench.up(program)

        assert answers == ["child-1", False]

    def test_answers_the_provider(self) -> None:
        """E91: with unknown arguments left out (protocol.md §8.16)."""
        bench = Bench()
        answers = []

        def program(client: Client) -> None:
            answers.append(client.invoke("test:index:get", {"x": 1, "y": UNKNOWN}))

        bench.up(program)

        assert answers[0].value == {"args": {"x": 1}}

    def test_a_failure_is_the_callers_alone(self) -> None:
        """E91: the deployment goes on."""
        bench = Bench()

        def fail(request: Any) -> None:
            raise ProviderError("no such thing")

        bench.provider.hooks["invoke"] = fail

        def program(client: Client) -> None:
            with pytest.raises(Exception, match="invocation of test:index:get returned an error"):
                client.invoke("test:index:get")
            client.resource("a")

        assert bench.up(program).summary.result is OperationResult.SUCCEEDED

    def test_it_waits_for_what_does_not_exist_yet(self) -> None:
        """X64: in a preview the answer is unknown, and the provider is not asked."""
        bench = Bench()
        answers = []

        def program(client: Client) -> None:
            a = client.resource("a")
            answers.append(client.invoke("test:index:get", depends_on=(a.urn,)))

        bench.preview(program)
        bench.up(program)

        assert [answer.unknown for answer in answers] == [True, False]

    def test_getting_a_resource_of_this_run(self) -> None:
        """E213."""
        bench = Bench()
        answers = []

        def program(client: Client) -> None:
            a = client.resource("a", {"size": 1})
            answers.append(client.invoke("pulumi:pulumi:getResource", {"urn": a.urn}))

        bench.up(program)

        assert answers[0].value["id"] == "a-1"
        assert answers[0].value["state"]["size"] == 1

    def test_many_at_once(self) -> None:
        """Invokes do not wait for each other."""
        bench = Bench()

        def program(client: Client) -> None:
            replies = [
                client.monitor.invoke(InvokeRequest(token="test:index:get", args={"n": index}))
                for index in range(50)
            ]
            assert [reply.wait(10).value["args"]["n"] for reply in replies] == list(range(50))

        bench.up(program)


class TestBuiltins:
    def test_stack_references(self) -> None:
        """E209, E210: outputs of another stack, secret ones named."""
        from stackwright.engine import StackOutputs

        bench = Bench()

        async def read_stack(name: str) -> StackOutputs:
            return StackOutputs(outputs={"name": name, "key": Secret("k")})

        bench.read_stack = read_stack
        answers = []

        def program(client: Client) -> None:
            from stackwright.goals import ReadRequest

            request = ReadRequest(
                type="pulumi:pulumi:StackReference",
                name="other",
                id="org/proj/other",
                inputs={"name": "org/proj/other"},
            )
            answers.append(client.monitor.read(request).wait(10))

        bench.up(program)

        assert answers[0].outputs["outputs"] == {"name": "org/proj/other", "key": Secret("k")}
        assert answers[0].outputs["secretOutputNames"] == ["key"]

    def test_a_stash_keeps_its_first_value(self) -> None:
        """E211."""
        bench = Bench()
        for value in (1, 2):
            bench.up(lambda client, value=value: client.register("pulumi:index:Stash", "s", {"input": value}))

        assert bench.record("s").outputs == {"input": 2, "output": 1}


class TestTransforms:
    def test_own_then_parents_then_the_stacks(self) -> None:
        """E68: each sees what the one before made of it."""
        bench = Bench()
        order: list[str] = []

        def named(label: str):
            async def transform(args: TransformArgs) -> TransformResult:
                order.append(f"{label}:{args.name}")
                return TransformResult(properties={**args.properties, label: len(order)})

            return transform

        def program(client: Client) -> None:
            client.monitor.add_stack_transform(named("stack")).wait(10)
            parent = client.component("c", transforms=(named("parent"),))
            client.resource("a", {"size": 1}, parent=parent.urn, transforms=(named("own"),))

        bench.up(program)

        assert order == ["parent:c", "stack:c", "own:a", "parent:a", "stack:a"]
        assert bench.record("a").inputs == {"size": 1, "own": 3, "parent": 4, "stack": 5}

    def test_what_was_asked_for_before_is_left_alone(self) -> None:
        """E68, E91: whether or not its turn has come when the stack gets another transform."""
        bench = Bench()
        heard: list[str] = []

        async def transform(args: TransformArgs) -> TransformResult:
            heard.append(args.name)
            return TransformResult()

        async def invoke_transform(args: InvokeTransformArgs) -> None:
            heard.append(args.token)

        def program(client: Client) -> None:
            monitor = client.monitor
            replies: list[Any] = []
            for name in ("early", "late"):
                request = RegisterRequest(type="test:index:Thing", name=name, custom=True)
                replies.append(monitor.register(request))
                replies.append(monitor.invoke(InvokeRequest(token=f"test:index:{name}")))
                if name == "early":
                    monitor.add_stack_transform(transform)
                    monitor.add_invoke_transform(invoke_transform)
            for reply in replies:
                reply.wait(10)

        assert bench.up(program).summary.result is OperationResult.SUCCEEDED
        assert sorted(heard) == ["late", "test:index:late"]

    def test_a_failing_transform_fails_the_registration(self) -> None:
        """E68."""
        bench = Bench()
        errors = []

        async def transform(args: TransformArgs) -> TransformResult:
            raise ValueError("nonsense")

        def program(client: Client) -> None:
            try:
                client.resource("a", transforms=(transform,))
            except Exception as error:
                errors.append(str(error))

        bench.up(program)

        assert "nonsense" in errors[0]
