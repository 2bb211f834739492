"""Running a program: its body, its end, its outputs, its failures (sdk.md §9, protocol.md §13.4)."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import os
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.monitors import FakeMonitor
from support.programs import Thing, run, run_ok

import stackwright.sdk as pulumi
from stackwright.diagnostics import Severity
from stackwright.goals import RegisterRequest
from stackwright.sdk import (
    Outcome,
    Output,
    ResourceOptions,
    RunError,
    _patience,
    deferred_output,
    run_program,
)
from stackwright.urn import ROOT_STACK_TYPE
from stackwright.values import ResourceRef, Secret


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write the files of a program into a folder."""

    def files(**texts: str) -> Path:
        for name, text in texts.items():
            (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
        return tmp_path

    return files


@pytest.fixture
def monitor() -> Iterator[FakeMonitor]:
    monitor = FakeMonitor()
    yield monitor
    monitor.stop()


class TestStack:
    def test_the_root_resource(self) -> None:
        """Type `pulumi:pulumi:Stack`, name PROJECT-STACK, no parent; said to the deployment (§9.1)."""
        monitor = run_ok(lambda: None).monitor
        first = monitor.requests[0]
        assert isinstance(first, RegisterRequest)
        assert (first.type, first.name, first.parent, first.custom) == (
            ROOT_STACK_TYPE,
            "proj-dev",
            None,
            False,
        )
        assert monitor.root == monitor.stack_urn

    def test_a_second_one_is_refused(self) -> None:
        """(§9.1)"""
        from stackwright.sdk.runtime.stack import Stack

        assert "Only one root" in run(lambda: Stack() and None).error

    def test_outputs_are_registered_once_even_after_a_failure(self) -> None:
        """(§9.1, edge 75)"""

        def program() -> None:
            pulumi.export("a", 1)
            raise LookupError("later")

        ran = run(program)
        assert ran.monitor.exports == {"a": 1}
        assert len([r for r in ran.monitor.requests if isinstance(r, tuple)]) == 1
        assert not ran.monitor.finished

    def test_exports_of_callbacks_count(self) -> None:
        """The outputs are registered when all callbacks have run."""

        def program() -> None:
            Thing("t", v="x").v.apply(lambda v: pulumi.export("late", v))

        assert run_ok(program).monitor.exports == {"late": "x"}

    def test_a_later_export_replaces_an_earlier_one(self) -> None:
        """(§3.8)"""

        def program() -> None:
            pulumi.export("a", 1)
            pulumi.export("a", 2)

        assert run_ok(program).monitor.exports == {"a": 2}

    def test_exporting_outside_of_a_program(self) -> None:
        """An exception that says so (§3.8)."""
        with pytest.raises(Exception, match="Failed to export"):
            pulumi.export("a", 1)


class TestExports:
    def test_values(self) -> None:
        """Plain ones, outputs, awaitables, secrets, containers of them (§9.4, edge 74)."""

        async def later() -> dict[str, Any]:
            return {"x": Output.from_input(1)}

        class Plain:
            def __init__(self) -> None:
                self.shown = Output.secret("s")
                self._hidden = 1

        def program() -> None:
            pulumi.export("none", None)
            pulumi.export("later", later())
            pulumi.export("set", {1})
            pulumi.export("tuple", (1, Output.from_input(2)))
            pulumi.export("generator", (n for n in range(2)))
            pulumi.export("object", Plain())
            pulumi.export("asset", pulumi.StringAsset("t"))
            pulumi.export("unknown", Output.from_input(pulumi.UNKNOWN))

        exports = run_ok(program).monitor.exports
        assert exports["later"] == {"x": 1}
        assert (exports["set"], exports["tuple"], exports["generator"]) == ([1], [1, 2], [0, 1])
        assert exports["object"] == {"shown": Secret("s")}
        assert "none" not in exports

    def test_a_resource(self) -> None:
        """Its public attributes, with id and URN, whether or not they were read (edge 73)."""

        class Mine(Thing):
            def __init__(self, name: str) -> None:
                super().__init__(name, None, v="x", w=None)
                self.extra = [1]
                self._private = 2

        monitor = run_ok(lambda: pulumi.export("r", Mine("m"))).monitor
        assert monitor.exports["r"] == {
            "urn": monitor.urn("m"),
            "id": "m-id",
            "v": "x",
            "w": None,
            "extra": [1],
        }
        assert run_ok(lambda: pulumi.export("r", Mine("m")), dry_run=True).monitor.exports["r"][
            "@isPulumiResource"
        ]

    def test_cycles_are_cut(self) -> None:
        """A resource on its own path becomes its URN, anything else None (edge 73)."""

        class Node(Thing):
            def __init__(self, name: str) -> None:
                super().__init__(name)
                self.me = self
                self.ring: list[Any] = []
                self.ring.append(self.ring)

        monitor = run_ok(lambda: pulumi.export("n", Node("n"))).monitor
        assert monitor.exports["n"]["me"] == monitor.urn("n")
        assert monitor.exports["n"]["ring"] == [None]

    def test_an_output_type(self) -> None:
        """By wire names (§9.4)."""

        @pulumi.output_type
        class Out:
            full_name: str = pulumi.property("fullName")

        exports = run_ok(lambda: pulumi.export("o", Out(full_name="x"))).monitor.exports  # type: ignore[call-arg]
        assert exports == {"o": {"fullName": "x"}}


class TestBody:
    def test_async_bodies(self) -> None:
        """Are awaited (§9.1)."""

        async def program() -> None:
            thing = Thing("a", v="x")
            Thing("b", v=await thing.v.future())

        assert run_ok(program).monitor.resource("b").inputs == {"v": "x"}

    def test_pulumi_run(self) -> None:
        """The mapping that the program returns is exported (edge 77)."""

        async def main() -> dict[str, Any]:
            return {"a": Thing("t", v=1).v}

        assert run_ok(lambda: pulumi.run(main)).monitor.exports == {"a": 1}

        async def nothing() -> None: ...

        assert run_ok(lambda: pulumi.run(nothing)).monitor.exports == {}

    def test_pulumi_run_used_wrongly(self) -> None:
        """Twice, after the body, with nothing to call, with nothing to await, outside (edge 76)."""

        async def main() -> None: ...

        def twice() -> None:
            pulumi.run(main)
            pulumi.run(main)

        def late() -> None:
            Thing("t", v=1).v.apply(lambda _: pulumi.run(main))

        assert run(twice).result.error is not None
        assert "only be called once" in run(twice).error
        assert "before the program's body has ended" in run(late).error
        assert "TypeError" in run(lambda: pulumi.run(3)).error  # type: ignore[arg-type]
        assert "TypeError" in run(lambda: pulumi.run(dict)).error  # type: ignore[arg-type,return-value]
        with pytest.raises(RunError):
            pulumi.run(main)

    def test_the_program_ends_when_everything_has(self) -> None:
        """Requests, callbacks, what they lead to; then the deployment is told (§9.3)."""

        def program() -> None:
            Thing("a", v=1).v.apply(lambda v: Thing("b", v=v).v.apply(lambda w: Thing("c", v=w)))

        monitor = run_ok(program).monitor
        assert monitor.names == ["a", "b", "c"]
        assert monitor.finished

    def test_answers_held_back_are_waited_for(self, monitor: FakeMonitor) -> None:
        """However long they take."""
        release = monitor.hold("a")

        def program() -> None:
            Thing("a", v=1)
            asyncio.get_running_loop().call_soon(release)

        run_ok(program, monitor=monitor)
        assert monitor.names == ["a"]


class TestFiles:
    def test_a_project_directory(self, write: Callable[..., Path], monitor: FakeMonitor) -> None:
        """Its `__main__.py` runs as `__main__`, its modules can be imported (protocol.md §13.4)."""
        place = write(
            __main__="""
                import sys
                import pulumi
                from my_helper import name

                assert __name__ == "__main__"
                pulumi.export("args", sys.argv[1:])
                pulumi.export("name", name)
            """,
            my_helper='name = "from the helper"',
        )
        result = run_program(monitor, place, args=["x", "y"], directory=place)

        assert result.ok, result.error
        assert monitor.exports == {"args": ["x", "y"], "name": "from the helper"}

    def test_the_process_is_left_as_it_was(self, write: Callable[..., Path]) -> None:
        """Arguments, path, folder and the program's modules; the next run reads the files anew."""
        place = write(__main__="import my_other_helper", my_other_helper="x = 1")
        before = (sys.argv, list(sys.path), Path.cwd(), sys.modules["__main__"])
        for _ in range(2):
            monitor = FakeMonitor(threaded=False)
            assert run_program(monitor, place, directory=place).ok
            assert (sys.argv, list(sys.path), Path.cwd(), sys.modules["__main__"]) == before
            assert "my_other_helper" not in sys.modules

    def test_what_is_written_twice_in_a_second_is_run_as_it_is(
        self, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """To Python, bytecode of a file with the same size and the same second is good enough."""
        monkeypatch.setattr(sys, "dont_write_bytecode", False)
        second = float(int(time.time()))
        for value in ("1", "2"):
            place = write(
                __main__=f"""
                    import pulumi, beside, inner.part
                    pulumi.export("x", [{value}, beside.x, inner.part.x])
                """,
                beside=f"x = {value}",
            )
            (place / "inner").mkdir(exist_ok=True)
            (place / "inner" / "part.py").write_text(f"x = {value}")
            for file in place.rglob("*.py"):
                os.utime(file, (second, second))
            monitor = FakeMonitor(threaded=False)
            assert run_program(monitor, place, directory=place).ok
            assert monitor.exports == {"x": [int(value)] * 3}
        assert not list(place.rglob("*.pyc"))

        for file in place.rglob("*.py"):
            os.utime(file, (second - 60, second - 60))
        hooks = list(sys.path_hooks)
        assert run_program(FakeMonitor(threaded=False), place, directory=place).ok
        assert sorted(file.name.partition(".")[0] for file in place.rglob("*.pyc")) == [
            "__main__",
            "beside",
            "part",
        ]
        assert sys.path_hooks == hooks
        assert not [each for each in sys.path_importer_cache if each.startswith(str(place))]

    def test_a_file(self, write: Callable[..., Path], monitor: FakeMonitor) -> None:
        """Modules beside it can be imported (protocol.md §13.4)."""
        place = write(main="import pulumi, beside\npulumi.export('b', beside.b)", beside="b = 2")

        assert run_program(monitor, place / "main.py").ok
        assert monitor.exports == {"b": 2}

    def test_no_main(self, tmp_path: Path, monitor: FakeMonitor) -> None:
        """The expected file and the folder are named (protocol.md §13.4)."""
        error = run_program(monitor, tmp_path).error

        assert error is not None
        assert "__main__.py" in str(error)
        assert str(tmp_path) in str(error)

    def test_the_traceback_has_the_users_lines_only(
        self, write: Callable[..., Path], monitor: FakeMonitor
    ) -> None:
        """Nothing of the machinery around and below."""
        place = write(
            __main__="""
                import pulumi

                def declare():
                    pulumi.CustomResource("", "name")

                declare()
            """
        )
        error = run_program(monitor, place).error
        assert error is not None
        assert error.traceback is not None
        lines = [line.strip() for line in error.traceback.splitlines() if line.strip().startswith("File")]
        assert [line.rpartition(" in ")[2] for line in lines] == ["<module>", "declare"]
        assert all(str(place) in line for line in lines)
        assert "TypeError: Missing resource type" in error.message

    def test_only_the_programs_own_lines_are_shown(
        self, write: Callable[..., Path], monitor: FakeMonitor
    ) -> None:
        """Also where the failure was found later than the line that led to it (§11)."""
        place = write(
            __main__="""
            import pulumi

            def refuse(args):
                raise LookupError("refused")

            opts = pulumi.ResourceOptions(transforms=[refuse])
            pulumi.CustomResource("t:i:Thing", "a", {}, opts)
            """
        )
        error = run_program(monitor, place).error

        assert error is not None
        assert f'File "{place}/__main__.py", line 8' in str(error)
        assert str(Path(pulumi.__file__).parents[1]) not in str(error)

    def test_a_syntax_error(self, write: Callable[..., Path], monitor: FakeMonitor) -> None:
        """Shows the line."""
        error = run_program(monitor, write(__main__="x = = 1")).error

        assert error is not None
        assert "SyntaxError" in error.message
        assert "x = = 1" in str(error.traceback)


class TestFailures:
    def test_an_expected_error_is_its_text(self) -> None:
        """No traceback, exit code 1 (§11)."""

        def program() -> None:
            raise RunError("set the region first")

        result = run(program).result
        assert result.error is not None
        assert (result.outcome, result.exit_code) == (Outcome.FAILED, 1)
        assert (result.error.message, result.error.traceback) == ("set the region first", None)
        assert result.error.expected

    def test_any_other_error(self) -> None:
        """Exit code 32 and the traceback, causes included (§11)."""

        def program() -> None:
            try:
                {}["x"]
            except KeyError as error:
                raise ValueError("wrong") from error

        result = run(program).result
        assert result.exit_code == 32
        assert result.error is not None
        text = str(result.error.traceback)
        assert "KeyError: 'x'" in text
        assert "direct cause" in text
        assert text.rstrip().endswith("ValueError: wrong")
        assert "stackwright/sdk" not in text

    def test_a_failure_in_a_callback_ends_in_the_callback(self) -> None:
        """The traceback is the user's function."""

        def broken(_: Any) -> None:
            raise ValueError("in here")

        text = str(run(lambda: Output.from_input(1).apply(broken) and None).result.error)
        assert "in broken" in text
        assert "stackwright/sdk" not in text

    def test_a_refused_registration_shows_where_it_was_asked_for(self, monitor: FakeMonitor) -> None:
        """The error came from elsewhere; the line is the program's."""
        monitor.answers["t"] = lambda _: ValueError("no such type")

        def program() -> None:
            Thing("t", v=1)

        text = str(run(program, monitor=monitor).result.error)
        assert 'Thing("t", v=1)' in text
        assert "ValueError: no such type" in text

    def test_several_failures_are_all_told(self) -> None:
        """The program's own comes first."""

        def broken(_: Any) -> None:
            raise ValueError("callback")

        def program() -> None:
            Output.from_input(1).apply(broken)
            raise LookupError("body")

        error = run(program).result.error
        assert error is not None
        assert "LookupError: body" in error.message
        assert error.others == ("ValueError: callback",)

    def test_what_was_asked_for_before_a_failure_is_answered(self) -> None:
        """Outstanding requests are drained first (§9.1)."""

        def program() -> None:
            first = Thing("first", v=1)
            Thing("second", v=first.v)
            raise LookupError("body")

        assert run(program).monitor.names == ["first", "second"]

    @pytest.mark.parametrize("how", ["the body", "a request"])
    def test_what_never_comes_does_not_keep_it_from_being_told(
        self, how: str, monitor: FakeMonitor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Transforms and callbacks that wait are given up after a while; what was asked for stays (§9.3)."""
        monkeypatch.setattr(_patience, "SECONDS", 0.01)
        monitor.answers["refused"] = lambda _: ValueError("no such thing")

        async def for_ever(_: Any) -> Any:
            await asyncio.Event().wait()

        def program() -> None:
            Thing("kept", v="x")
            if how == "a request":
                Thing("refused")
            Thing("transformed", ResourceOptions(transforms=[for_ever]))
            Output.from_input(1).apply(for_ever)
            if how == "the body":
                raise ValueError("no such thing")

        ran = run(program, monitor=monitor)
        assert "no such thing" in ran.error
        assert monitor.resource("kept").inputs == {"v": "x"}
        (told,) = [each for each in monitor.said if "is given up" in each.message]
        assert told.severity is Severity.WARNING

    def test_what_comes_in_time_is_waited_for(self) -> None:
        """A failure does not take away what is under way."""
        done = []

        async def soon(_: Any) -> None:
            await asyncio.sleep(0.01)
            done.append(True)

        def program() -> None:
            Output.from_input(1).apply(soon)
            raise ValueError("no such thing")

        assert "no such thing" in run(program).error
        assert done == [True]


class TestExits:
    @pytest.mark.parametrize("code", [0, None])
    def test_success(self, code: Any) -> None:
        """Like the end of the program: all that was asked for counts (§9.8)."""

        def program() -> None:
            pulumi.export("id", Thing("a").id)
            sys.exit(code)

        ran = run(program)
        assert (ran.result.outcome, ran.result.exit_code) == (Outcome.OK, 0)
        assert ran.monitor.exports == {"id": "a-id"}
        assert ran.monitor.finished

    def test_a_code(self) -> None:
        """Is the program's exit code (§9.8)."""
        result = run(lambda: sys.exit(5)).result

        assert (result.outcome, result.exit_code, result.error) == (Outcome.EXITED, 5, None)

    def test_a_text(self) -> None:
        """Is a message, as Python has it."""
        result = run(lambda: sys.exit("bad input")).result

        assert (result.outcome, result.exit_code) == (Outcome.EXITED, 1)
        assert str(result.error) == "bad input"

    def test_in_a_callback(self) -> None:
        """Ends the program as well."""
        result = run(lambda: Output.from_input(1).apply(lambda _: sys.exit(7)) and None).result

        assert (result.outcome, result.exit_code) == (Outcome.EXITED, 7)
        ran = run_ok(lambda: Output.from_input(1).apply(lambda _: sys.exit(0)) and Thing("after") and None)
        assert ran.monitor.names == ["after"]
        assert ran.monitor.finished

    def test_ctrl_c(self) -> None:
        """Does not escape; the caller is told."""

        def program() -> None:
            raise KeyboardInterrupt

        assert run(program).result.outcome is Outcome.INTERRUPTED

    def test_ctrl_c_in_a_callback(self) -> None:
        """Likewise."""

        def interrupt(_: Any) -> None:
            raise KeyboardInterrupt

        result = run(lambda: Output.from_input(1).apply(interrupt) and None).result
        assert result.outcome is Outcome.INTERRUPTED


class TestClosed:
    def test_a_deployment_that_ends_first(self, monitor: FakeMonitor) -> None:
        """A quiet end: whoever ended it has said why (E79, edge 83)."""

        def program() -> None:
            monitor.close()
            thing = Thing("a", v=1)
            Thing("b", v=thing.v)
            pulumi.export("v", thing.v)

        result = run(program, monitor=monitor).result
        assert (result.outcome, result.error) == (Outcome.CLOSED, None)

    def test_while_a_call_blocks(self, monitor: FakeMonitor) -> None:
        """The call raises, and the program ends as quietly."""

        def program() -> None:
            monitor.close()
            pulumi.runtime.invoke("a:b:c", {})

        result = run(program, monitor=monitor).result
        assert (result.outcome, result.error) == (Outcome.CLOSED, None)

    def test_a_failure_of_the_programs_own_is_still_told(self, monitor: FakeMonitor) -> None:
        """It may be why the deployment ended."""

        def program() -> None:
            monitor.close()
            Thing("a")
            raise LookupError("mine")

        assert "LookupError: mine" in run(program, monitor=monitor).error


class TestStuck:
    def test_a_deferred_output_nobody_resolves(self) -> None:
        """Whoever waits is named; no hang."""

        def program() -> None:
            Thing("waiting", v=deferred_output()[0])

        error = run(program).error
        assert "Registering the resource `waiting`" in error
        assert "never resolved" in error

    def test_a_callback_on_it(self) -> None:
        """Likewise."""

        def program() -> None:
            deferred_output()[0].apply(lambda v: v)

        assert "never gets its value" in run(program).error

    def test_an_unused_one_is_harmless(self) -> None:
        """Nothing waits for it."""
        run_ok(lambda: deferred_output() and None)

    def test_a_task_that_waits_for_it(self) -> None:
        """Async code that awaits what never comes is stuck as well."""

        async def program() -> None:
            output = deferred_output()[0]
            Thing("a", v=asyncio.ensure_future(output.future()))

        assert not run(program).result.ok

    def test_a_circle_of_resources_is_told_with_its_members(self) -> None:
        """(edge 54)"""

        def program() -> None:
            output, resolve = deferred_output()  # type: ignore[var-annotated]
            first = Thing("first", ResourceOptions(depends_on=output.apply(lambda r: r)))
            second = Thing("second", ResourceOptions(depends_on=[first]))
            resolve(Output.from_input(second))

        error = run(program).error
        assert "RuntimeError" in error
        assert "`first` (test:index:Thing)" in error
        assert "`second` (test:index:Thing)" in error

    def test_background_work_may_still_bring_it(self) -> None:
        """A task of the program that sleeps is waited for."""

        async def program() -> None:
            output, resolve = deferred_output()  # type: ignore[var-annotated]

            async def later() -> None:
                for _ in range(5):
                    await asyncio.sleep(0)
                resolve(Output.from_input("x"))

            Thing("a", v=output)
            program.task = asyncio.create_task(later())  # type: ignore[attr-defined]

        assert run_ok(program).monitor.resource("a").inputs == {"v": "x"}


class TestThreads:
    def test_other_threads_know_the_deployment(self) -> None:
        """Names, whether it is a preview, and configuration, in a thread without the program's context."""
        seen: list[Any] = []

        def look() -> None:
            names = (pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization())
            seen.append((names, pulumi.runtime.is_dry_run(), pulumi.Config().get("key")))

        def program() -> None:
            look()
            stray = threading.Thread(target=look)
            stray.start()
            stray.join()

        run_ok(program, dry_run=True, config={"proj:key": "value"})
        assert seen == [(("proj", "dev", "organization"), True, "value")] * 2

    def test_resources_of_other_threads_are_refused(self) -> None:
        """Nothing is lost silently; slow work itself may run there."""
        refused: list[str] = []

        def slow(make: bool) -> str:
            if make:
                try:
                    Thing("in-a-thread")
                except RuntimeError as error:
                    refused.append(str(error))
            return "result"

        async def program() -> None:
            await asyncio.to_thread(slow, True)
            stray = threading.Thread(target=slow, args=(True,))
            stray.start()
            stray.join()
            Thing("a", v=asyncio.to_thread(slow, False))

        monitor = run_ok(program).monitor
        assert monitor.names == ["a"]
        assert monitor.resource("a").inputs == {"v": "result"}
        assert len(refused) == 2
        assert all("asyncio.to_thread" in text for text in refused)


class TestLeftovers:
    @pytest.mark.filterwarnings("default:.*was never awaited:RuntimeWarning")
    def test_a_coroutine_nobody_awaits_is_warned_about(self) -> None:
        """What it was to do has not happened."""

        async def forgotten() -> None: ...

        def program() -> None:
            forgotten()

        (warning,) = run_ok(program).monitor.warnings()
        assert "forgotten" in warning
        assert "never awaited" in warning

    def test_a_task_that_still_runs_is_cancelled_and_warned_about(self) -> None:
        """It is not waited for unless something needs it."""

        async def program() -> None:
            program.task = asyncio.create_task(asyncio.sleep(1000), name="background")  # type: ignore[attr-defined]

        (warning,) = run_ok(program).monitor.warnings()
        assert "`background`" in warning


class TestLog:
    def test_messages_reach_the_deployment(self) -> None:
        """With the resource's URN, once it is known (§11)."""

        def program() -> None:
            thing = Thing("a")
            pulumi.info("about", thing, stream_id=3, ephemeral=True)
            pulumi.warn("general")
            pulumi.log.error("wrong")
            pulumi.debug("detail")

        monitor = run_ok(program).monitor
        said = {d.message: d for d in monitor.said}
        assert said["about"].urn == monitor.urn("a")
        assert (said["about"].stream, said["about"].ephemeral) == (3, True)
        assert [said[m].severity.value for m in ("about", "general", "wrong", "detail")] == [
            "info",
            "warning",
            "error",
            "debug",
        ]

    def test_without_a_deployment(self, capsys: pytest.CaptureFixture[str]) -> None:
        """On standard error, debugging silent (§11)."""

        def check() -> None:
            pulumi.info("a")
            pulumi.warn("b")
            pulumi.error("c")
            pulumi.debug("d")

        contextvars.Context().run(check)
        assert capsys.readouterr().err == "info: a\nwarning: b\nerror: c\n"


def test_resources_and_functions_without_a_deployment() -> None:
    """URNs are computed, everything else is unknown, and functions cannot be called (§9.7)."""

    def check() -> None:
        thing: Any = Thing("a", v=1)
        wait = pulumi.runtime.sync_await._sync_await
        assert wait(thing.urn.future()) == "urn:pulumi:stack::project::test:index:Thing::a"
        assert not wait(thing.v.is_known())
        assert not wait(thing.id.is_known())
        with pytest.raises(Exception, match="no program is running"):
            pulumi.runtime.invoke("t:m:f", {})

    contextvars.Context().run(check)


def test_references_can_be_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then resources arrive as their ids, or URNs (§24)."""
    monkeypatch.setenv("PULUMI_DISABLE_RESOURCE_REFERENCES", "true")
    urn = "urn:pulumi:dev::proj::test:index:Thing::n"
    monitor = FakeMonitor()
    monitor.answers["a"] = lambda _: {
        "custom": ResourceRef(urn=urn, id="its-id"),  # type: ignore[arg-type]
        "component": ResourceRef(urn=urn),  # type: ignore[arg-type]
    }

    async def program() -> None:
        thing = Thing("a", custom=None, component=None)
        assert await thing.custom.future() == "its-id"
        assert await thing.component.future() == urn

    run_ok(program, monitor=monitor)


def test_garbage_is_looked_for_less_often_while_a_program_runs() -> None:
    """And as often as before when it has ended."""
    before = gc.get_threshold()
    seen: list[tuple[int, int, int]] = []

    run_ok(lambda: seen.append(gc.get_threshold()))

    assert seen[0][0] > before[0]
    assert gc.get_threshold() == before


def test_a_program_does_not_leak_into_its_caller() -> None:
    """Settings, root and loop are the program's own."""
    run_ok(lambda: None)

    assert pulumi.runtime.get_root_resource() is None
    assert os.getcwd()  # noqa: PTH109


def test_references_to_resources_in_outputs_become_resources() -> None:
    """A registered module makes the object, at the highest version that satisfies (sdk.md §7)."""
    from semver import Version

    from stackwright.sdk.runtime import ResourceModule, register_resource_module

    made: list[tuple[str, str]] = []

    class Module(ResourceModule):
        def __init__(self, version: str) -> None:
            self._version = Version.parse(version)

        def version(self) -> Version:
            return self._version

        def construct(self, name: str, typ: str, urn: str) -> Any:
            made.append((str(self._version), name))
            return Thing(name, ResourceOptions(urn=urn), v=None)

    for version in ("1.0.0", "1.2.0", "2.0.0"):
        register_resource_module("test", "index", Module(version))
    with pytest.raises(ValueError, match=r"test:index@1\.2\.0"):
        register_resource_module("test", "index", Module("1.2.0"))

    monitor = FakeMonitor()
    urn = "urn:pulumi:dev::proj::test:index:Thing::first"
    monitor.answers["second"] = lambda _: {
        "typed": ResourceRef(urn=urn, id="x", package_version="1.1.0"),  # type: ignore[arg-type]
        "foreign": ResourceRef(urn="urn:pulumi:dev::proj::no:index:X::n", id="its-id"),  # type: ignore[arg-type]
        "component": ResourceRef(urn="urn:pulumi:dev::proj::no:index:X::n"),  # type: ignore[arg-type]
        "new": ResourceRef(urn="urn:pulumi:dev::proj::no:index:X::n", id=""),  # type: ignore[arg-type]
    }
    found: dict[str, Any] = {}

    async def program() -> None:
        Thing("first", v="x")
        second = Thing("second", typed=None, foreign=None, component=None, new=None)
        await second.urn.future()
        found["v"] = await second.typed.apply(lambda t: t.v).future()
        for name in ("foreign", "component", "new"):
            found[name] = await getattr(second, name).future()

    run_ok(program, monitor=monitor)
    assert made == [("1.2.0", "first")]
    assert found == {
        "v": "x",
        "foreign": "its-id",
        "component": "urn:pulumi:dev::proj::no:index:X::n",
        "new": None,
    }


def test_a_package_beside_the_program_registers_again(tmp_path: Path) -> None:
    """Preview and update are two runs in one process: a package in the project is imported in both (§7)."""
    package = tmp_path / "pulumi_beside.py"
    package.write_text(
        "import pulumi\n"
        "class Package(pulumi.runtime.ResourcePackage):\n"
        "    def version(self): return None\n"
        "    def construct_provider(self, name, typ, urn): return None\n"
        "pulumi.runtime.register_resource_package('beside', Package())\n"
    )
    (tmp_path / "__main__.py").write_text("import pulumi_beside\n")
    for _ in range(2):
        monitor = FakeMonitor()
        result = run_program(monitor, tmp_path)
        monitor.stop()
        assert result.ok, result.error
