"""What registering, reading and getting resources sends, and what comes back (sdk.md §3)."""

from __future__ import annotations

import asyncio
from enum import Enum
from typing import Any

import pytest
from support.monitors import FakeMonitor
from support.programs import Thing, look_at, outcome_of, run, run_ok

import stackwright.sdk as pulumi
from stackwright.goals import CustomTimeouts, InvokeRequest, ReadRequest, Registered, Result
from stackwright.sdk import (
    ComponentResource,
    CustomResource,
    Output,
    ProviderResource,
    Resource,
    ResourceOptions,
)
from stackwright.sdk.resource import DependencyProviderResource, DependencyResource
from stackwright.sdk.runtime.rpc import ERROR_ON_DEPENDENCY_CYCLES_VAR
from stackwright.urn import UNKNOWN_ID
from stackwright.values import UNKNOWN, OutputValue, ResourceRef, Secret


class Group(ComponentResource):
    """A local component."""

    def __init__(
        self, name: str, opts: ResourceOptions | None = None, remote: bool = False, **props: Any
    ) -> None:
        super().__init__("test:index:Group", name, props, opts, remote)


class TestConstructor:
    @pytest.mark.parametrize(
        ("args", "message"),
        [
            (("", "n"), "Missing resource type"),
            ((None, "n"), "Missing resource type"),
            ((3, "n"), "type to be a string"),
            (("t:m:R", ""), "Missing resource name"),
            (("t:m:R", 3), "name to be a string"),
            (("t:m:R", "n", 3), "properties to be a mapping"),
            (("t:m:R", "n", None, 3), "ResourceOptions"),
            (("t:m:R", "n", None, ResourceOptions(parent="x")), "parent"),  # type: ignore[arg-type]
        ],
    )
    def test_wrong_arguments_are_type_errors(self, args: tuple[Any, ...], message: str) -> None:
        """Which argument is missing or wrong is said (§3.2)."""
        with pytest.raises(TypeError, match=message):
            CustomResource(*args)

    def test_the_callers_options_are_not_changed(self) -> None:
        """They are copied (§3.2 step 7)."""

        def program() -> None:
            parent = Group("g", ResourceOptions(protect=True))
            opts = ResourceOptions(parent=parent)
            Thing("a", opts)
            assert opts.protect is None

        run_ok(program)

    def test_reading_a_component_is_refused(self) -> None:
        """`id` needs a custom resource (edge 69)."""
        with pytest.raises(Exception, match="custom resource"):
            Group("g", ResourceOptions(id="x"))

    def test_a_provider_takes_no_provider(self) -> None:
        """(§3.1)"""

        def program() -> None:
            with pytest.raises(TypeError, match="provider"):
                ProviderResource("p", "n", {}, ResourceOptions(provider=ProviderResource("p", "m")))

        run_ok(program)

    def test_members(self) -> None:
        """Type, name and the package of a provider can be read (§3.1)."""

        def program() -> None:
            thing = Thing("a")
            assert (thing.pulumi_resource_type, thing.pulumi_resource_name) == ("test:index:Thing", "a")
            provider = ProviderResource("aws", "p")
            assert (provider.package, provider.pulumi_resource_type) == ("aws", "pulumi:providers:aws")
            component = Group("g")
            assert component.__dict__["id"] is None
            for private in ("_childResources", "_providers", "_transformations", "_aliases"):
                assert not getattr(thing, private)

        run_ok(program)


class TestRequest:
    def test_resources_are_registered_in_the_order_of_the_program(self) -> None:
        """From within their constructors, when nothing has to be waited for."""

        def program() -> None:
            for name in "abc":
                Thing(name)
                assert monitor.names[-1] == name

        monitor = FakeMonitor()
        run_ok(program, monitor=monitor)

    def test_the_parent_is_the_stack_if_there_is_no_other(self) -> None:
        """(§3.4)"""

        def program() -> None:
            Thing("top")
            Thing("child", ResourceOptions(parent=Group("g")))

        monitor = run_ok(program).monitor
        assert monitor.resource("top").parent == monitor.stack_urn
        assert monitor.resource("child").parent == monitor.urn("g")
        assert monitor.urn("child").endswith("test:index:Group$test:index:Thing::child")

    def test_missing_inputs_are_left_out_at_the_top_only(self) -> None:
        """None at the top is no input; inside it is null (§5)."""
        monitor = run_ok(lambda: Thing("a", x=None, y={"z": None}, w=[None]) and None).monitor

        assert monitor.resource("a").inputs == {"y": {"z": None}, "w": [None]}

    def test_dependencies_are_per_property(self) -> None:
        """Each property lists its own; `dependencies` is the union plus `depends_on` (edge 50)."""

        def program() -> None:
            a, b, c = Thing("a", v=1), Thing("b", v=2), Thing("c")
            Thing("d", ResourceOptions(depends_on=c), x=a.v, y=[a.v, b.id], z="plain")

        monitor = run_ok(program).monitor
        options = monitor.resource("d").options
        a, b, c = (monitor.urn(name) for name in "abc")
        assert options.depends_on == (a, b, c)
        assert options.property_dependencies == {"x": (a,), "y": (a, b), "z": ()}

    def test_a_failed_resource_fails_what_needs_it(self) -> None:
        """Dependents are never registered; the failure is the program's (edge 71)."""

        def program() -> None:
            first = Thing("first")
            Thing("second", x=first.id)

        monitor = FakeMonitor()
        monitor.answers["first"] = lambda _: ValueError("refused")
        ran = run(program, monitor=monitor)
        assert ran.monitor.names == ["first"]
        assert "refused" in ran.error
        assert ran.result.error is not None
        assert ran.result.error.others == ()

    def test_a_failed_awaitable_input_fails_the_program(self) -> None:
        """Other resources are not waited for forever (edge 72)."""

        async def broken() -> str:
            raise LookupError("no such thing")

        def program() -> None:
            Thing("a", x=broken())
            Thing("b")

        ran = run(program)
        assert ran.monitor.names == ["b"]
        assert "LookupError: no such thing" in ran.error

    def test_an_input_of_a_strange_kind_is_named(self) -> None:
        """The message names the input, the resource and its type; the traceback the line (edges 34, 35)."""

        class MyClass:
            pass

        ran = run(lambda: Thing("bad", prop=MyClass()) and None)
        assert "unexpected input of type MyClass" in ran.error
        assert "`bad` of type test:index:Thing" in ran.error
        assert "prop" in ran.error
        assert 'Thing("bad", prop=MyClass())' in ran.error
        assert ran.result.exit_code == 32

    def test_options_are_sent(self) -> None:
        """(§3.4)"""

        def program() -> None:
            other = Thing("other")
            Thing(
                "a",
                ResourceOptions(
                    protect=False,
                    delete_before_replace=False,
                    ignore_changes=["x", "y[0].z"],
                    replace_on_changes=["x"],
                    additional_secret_outputs=["s"],
                    custom_timeouts=pulumi.CustomTimeouts(create="5m", update="1h30m", delete="1.5s"),
                    import_="the-id",
                    version="1.2.3",
                    plugin_download_url="https://example.com",
                    retain_on_delete=True,
                    deleted_with=other,
                    replace_with=[other],
                    replacement_trigger=Output.secret("now"),
                    hide_diffs=["h"],
                ),
            )

        monitor = run_ok(program).monitor
        sent = monitor.resource("a").options
        assert sent.protect is False
        assert sent.delete_before_replace is False
        assert sent.ignore_changes == ("x", "y[0].z")
        assert (sent.replace_on_changes, sent.additional_secret_outputs) == (("x",), ("s",))
        assert sent.custom_timeouts == CustomTimeouts(create=300, update=5400, delete=1.5)
        assert (sent.import_id, sent.version, sent.plugin_download_url) == (
            "the-id",
            "1.2.3",
            "https://example.com",
        )
        assert sent.retain_on_delete is True
        assert sent.deleted_with == monitor.urn("other")
        assert sent.replace_with == (monitor.urn("other"),)
        assert sent.replacement_trigger == Secret("now")
        assert sent.hide_diffs == ("h",)

    def test_an_option_the_engine_does_not_know_is_refused(self) -> None:
        """The feature is named (§3.4)."""

        def program() -> None:
            Thing("a", ResourceOptions(deleted_with=Thing("b")))

        ran = run(program, features=frozenset({"resourceReferences"}))
        assert "DeletedWith" in ran.error

    @pytest.mark.parametrize("text", ["5", "m", "5 minutes", "5x", ""])
    def test_a_bad_timeout_is_refused(self, text: str) -> None:
        """Before anything is sent (E75)."""
        from stackwright.durations import parse_duration

        with pytest.raises(ValueError, match="duration"):
            parse_duration(text)

    def test_the_line_of_the_program_is_sent(self) -> None:
        """Also when the constructor delegates, for components, and for reads (§3.4, edge 102)."""

        class Delegating(Thing):
            def __init__(self, name: str, opts: ResourceOptions | None = None) -> None:
                self._helper(name, opts)

            def _helper(self, name: str, opts: ResourceOptions | None) -> None:
                super().__init__(name, opts)

            @staticmethod
            def get(name: str, at: str) -> Delegating:
                return Delegating(name, ResourceOptions(id=at))

        class Parent(Group):
            def __init__(self, name: str) -> None:
                super().__init__(name)
                Delegating("child", ResourceOptions(parent=self))

        line = 0

        def program() -> None:
            nonlocal line
            line = _line_here()
            Delegating("a")
            Parent("p")
            Delegating.get("r", "id")

        monitor = run_ok(program).monitor
        a, p = monitor.resource("a"), monitor.resource("p")
        (read,) = [r for r in monitor.requests if isinstance(r, ReadRequest)]
        assert [r.source.line for r in (a, p, read) if r.source] == [line + 1, line + 2, line + 3]
        assert a.source is not None
        assert a.source.uri == __import__("pathlib").Path(__file__).as_uri()
        assert a.stack_trace[0] == a.source
        child = monitor.resource("child")
        assert child.source is not None
        assert child.source.line < line
        assert child.stack_trace[1].line == line + 2

    def test_so_are_those_of_a_long_program_without_a_loop(self) -> None:
        """Whose lines are looked up in another way: with statements over several lines, and a call below."""
        texts = [f'Thing("r{at}")' if at % 3 else f'Thing(\n    "r{at}"\n)' for at in range(400)]
        code = compile("\n".join(texts), "long.py", "exec")
        wanted = {}
        line = 1
        for at, text in enumerate(texts):
            wanted[f"r{at}"] = line
            line += text.count("\n") + 1

        ran = run_ok(lambda: exec(code, {"Thing": Thing, "__name__": "long"}))
        found = {r.name: r.source.line for r in ran.monitor.registrations if r.source}
        assert found == wanted


def _line_here() -> int:
    import sys

    return sys._getframe(1).f_lineno


class TestDependsOn:
    @pytest.mark.parametrize("wrong", ["x", ["x"], 3])
    def test_what_is_no_resource_is_refused_at_once(self, wrong: Any) -> None:
        """In the options' constructor (§3.5, edge 53)."""
        with pytest.raises(TypeError, match="depends_on"):
            ResourceOptions(depends_on=wrong)

    def test_what_turns_out_to_be_no_resource_is_refused_later(self) -> None:
        """(edge 53)"""
        ran = run(lambda: Thing("a", ResourceOptions(depends_on=Output.from_input("x"))) and None)  # type: ignore[arg-type]

        assert "depends_on" in ran.error
        assert ran.monitor.names == []

    def test_outputs_count_with_what_they_hold_and_depend_on(self) -> None:
        """None that arrives late is skipped (§3.5)."""

        def program() -> None:
            a, b = Thing("a", v=1), Thing("b")
            late: Any = a.v.apply(lambda _: [b, None])
            Thing("c", ResourceOptions(depends_on=late))

        monitor = run_ok(program).monitor
        assert monitor.resource("c").options.depends_on == (monitor.urn("a"), monitor.urn("b"))

    def test_a_local_component_stands_for_its_children(self) -> None:
        """Recursively; the component's own URN never appears (edge 51)."""

        def program() -> None:
            outer = Group("outer")
            inner = Group("inner", ResourceOptions(parent=outer))
            Thing("child", ResourceOptions(parent=outer))
            Thing("grandchild", ResourceOptions(parent=inner))
            Thing("x", ResourceOptions(depends_on=[outer]))

        monitor = run_ok(program).monitor
        assert set(monitor.resource("x").options.depends_on) == {
            monitor.urn("child"),
            monitor.urn("grandchild"),
        }

    def test_a_remote_component_stands_for_itself(self) -> None:
        """(edge 52)"""

        def program() -> None:
            remote = Group("remote", remote=True)
            Thing("x", v=remote)

        monitor = run_ok(program).monitor
        assert monitor.resource("x").options.depends_on == (monitor.urn("remote"),)

    def test_a_child_that_depends_on_its_component_is_an_error(self) -> None:
        """A cycle names type and name, and does not hang (edge 54)."""

        def program() -> None:
            group = Group("g")
            Thing("child", ResourceOptions(parent=group, depends_on=[group]))

        error = run(program).error
        assert "RuntimeError" in error
        assert "`child` of type test:index:Thing" in error

    def test_siblings_in_a_circle_are_an_error(self) -> None:
        """Found when nothing else is under way (edge 54)."""

        def program() -> None:
            output, resolve = pulumi.deferred_output()  # type: ignore[var-annotated]
            a = Thing("a", x=output)
            b = Thing("b", x=a.id)
            resolve(b.id)

        error = run(program).error
        assert "circle" in error or "never" in error

    def test_the_check_can_be_turned_off(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Then the edge is left out (§24)."""
        monkeypatch.setenv("PULUMI_ERROR_ON_DEPENDENCY_CYCLES", "false")

        def program() -> None:
            group = Group("g")
            Thing("child", ResourceOptions(parent=group, depends_on=[group]))

        assert run_ok(program).monitor.resource("child").options.depends_on == ()

    def test_turned_off_a_child_may_wait_for_its_parents_other_children(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Only what closes a circle is left out, and nobody waits for ever (§24)."""
        monkeypatch.setenv(ERROR_ON_DEPENDENCY_CYCLES_VAR, "false")

        def program() -> None:
            top = Group("top")
            Thing("first", ResourceOptions(parent=top))
            left = Group("left", ResourceOptions(parent=top, depends_on=[top]))
            Thing("in-left", ResourceOptions(parent=left))
            right = Group("right", ResourceOptions(parent=top, depends_on=[top]))
            Thing("in-right", ResourceOptions(parent=right))

        monitor = run_ok(program).monitor
        depends = {name: monitor.resource(name).options.depends_on for name in ("left", "right")}
        assert all(monitor.urn("first") in urns for urns in depends.values())
        assert monitor.urn("in-left") not in depends["left"]


class TestInheritance:
    def test_protect(self) -> None:
        """A child is protected with its parent unless it says otherwise (edge 55)."""

        def program() -> None:
            parent = Group("p", ResourceOptions(protect=True))
            Thing("a", ResourceOptions(parent=parent))
            Thing("b", ResourceOptions(parent=parent, protect=False))

        monitor = run_ok(program).monitor
        assert monitor.resource("a").options.protect is True
        assert monitor.resource("b").options.protect is False


class Other(CustomResource):
    """A resource of another package."""

    def __init__(self, name: str, opts: ResourceOptions | None = None) -> None:
        super().__init__("other:index:Other", name, {}, opts)


class TestProviders:
    def test_the_matching_provider_is_used(self) -> None:
        """`urn::id` of the provider is sent (§3.4)."""

        def program() -> None:
            provider = ProviderResource("test", "p")
            Thing("a", ResourceOptions(provider=provider))
            Other("b", ResourceOptions(provider=provider))

        monitor = run_ok(program).monitor
        assert monitor.resource("a").options.provider == f"{monitor.urn('p')}::p-id"
        assert monitor.resource("b").options.provider == ""

    def test_an_unknown_id_has_a_sign_of_its_own(self) -> None:
        """In previews, for resources and functions (edge 60)."""

        def program() -> None:
            provider = ProviderResource("test", "p")
            Thing("a", ResourceOptions(provider=provider))
            pulumi.runtime.invoke("test:index:f", {}, pulumi.InvokeOptions(provider=provider))

        monitor = run_ok(program, dry_run=True).monitor
        reference = f"{monitor.urn('p')}::{UNKNOWN_ID}"
        assert monitor.resource("a").options.provider == reference
        assert [r.provider for r in monitor.requests if isinstance(r, InvokeRequest)] == [reference]

    @pytest.mark.parametrize("as_list", [True, False])
    def test_children_get_providers_by_package(self, as_list: bool) -> None:
        """List and mapping are the same (edges 56, 58)."""

        def program() -> None:
            p: Any = ProviderResource("other", "p")
            group = Group("g", ResourceOptions(providers=[p] if as_list else {"other": p}))
            Other("o", ResourceOptions(parent=group))
            Thing("t", ResourceOptions(parent=group))

        monitor = run_ok(program).monitor
        reference = f"{monitor.urn('p')}::p-id"
        assert monitor.resource("o").options.provider == reference
        assert monitor.resource("t").options.provider == ""
        assert monitor.resource("g").options.providers == {"other": reference}

    def test_a_components_provider_is_inherited(self) -> None:
        """Through the map (edge 57)."""

        def program() -> None:
            group = Group("g", ResourceOptions(provider=ProviderResource("test", "p")))
            inner = Group("i", ResourceOptions(parent=group))
            Thing("t", ResourceOptions(parent=inner))

        monitor = run_ok(program).monitor
        assert monitor.resource("t").options.provider == f"{monitor.urn('p')}::p-id"
        assert monitor.resource("g").options.provider == ""

    def test_a_remote_component_with_a_foreign_provider(self) -> None:
        """`provider` stays empty, `providers` carries it (edge 59)."""

        def program() -> None:
            Group("g", ResourceOptions(provider=ProviderResource("other", "p")), remote=True)

        monitor = run_ok(program).monitor
        assert monitor.resource("g").options.provider == ""
        assert list(monitor.resource("g").options.providers) == ["other"]

    def test_a_lying_map_is_refused(self) -> None:
        """The action, the type and the package are named (§3.2 step 11)."""

        def program() -> None:
            p = ProviderResource("other", "p")
            with pytest.raises(ValueError, match=r"register.*test:index:Thing.*other"):
                Thing("a", ResourceOptions(providers={"test": p}))

        run_ok(program)

    def test_a_conflict_is_warned_about(self) -> None:
        """The map keeps its entry (§3.3)."""

        def program() -> None:
            p, q = ProviderResource("test", "p"), ProviderResource("test", "q")
            with pytest.warns(UserWarning, match="conflict"):
                group = Group("g", ResourceOptions(provider=p, providers=[q]))
            assert group.get_provider("test:index:Thing") is q

        run_ok(program)


class TestAnswers:
    def test_outputs_are_the_providers(self) -> None:
        """With the resource among what they depend on (§6.1)."""
        monitor = FakeMonitor()
        monitor.answers["a"] = lambda _: {"v": "changed"}
        seen = outcome_of(lambda: Thing("a", v="given").v, monitor=monitor)

        assert (seen.value, seen.known, seen.resources) == ("changed", True, {"a"})

    def test_an_input_the_provider_left_out_is_its_own_output(self) -> None:
        """In updates; in previews it is unknown (edge 47)."""
        monitor = FakeMonitor()
        monitor.answers["a"] = lambda _: {}
        assert outcome_of(lambda: Thing("a", v="given").v, monitor=monitor).value == "given"
        monitor = FakeMonitor(dry_run=True)
        monitor.answers["a"] = lambda _: {}
        assert not outcome_of(lambda: Thing("a", v="given").v, monitor=monitor).known

    def test_what_nobody_gave_is_none_or_unknown(self) -> None:
        """(§6.1)"""
        assert outcome_of(lambda: Thing("a", v=None).v).value is None
        assert not outcome_of(lambda: Thing("a", v=None).v, dry_run=True).known

    def test_id_and_urn(self) -> None:
        """The id is unknown in a preview, the URN is not (§3.6)."""
        assert outcome_of(lambda: Thing("a").id).value == "a-id"
        assert not outcome_of(lambda: Thing("a").id, dry_run=True).known
        assert outcome_of(lambda: Thing("a").urn, dry_run=True).value.endswith("::a")

    @pytest.mark.parametrize("dry_run", [True, False])
    def test_a_result_that_is_no_success_makes_everything_unknown(self, dry_run: bool) -> None:
        """Inputs are not used as outputs (§3.6)."""
        monitor = FakeMonitor(dry_run=dry_run)
        monitor.answers["a"] = lambda r: Registered(urn="urn:x", id="", result=Result.FAIL)
        seen = outcome_of(lambda: Thing("a", v="given").v, monitor=monitor)

        assert not seen.known

    def test_unknown_outside_of_previews(self) -> None:
        """The answer's `unknown` flag makes properties unknown that were neither answered nor sent (§3.6)."""
        monitor = FakeMonitor()
        monitor.answers["a"] = lambda r: Registered(urn="urn:x", id="", outputs={"w": 1}, unknown=True)

        async def program() -> None:
            thing = Thing("a", v="given", w=None, x=None)
            assert not await thing.x.is_known()
            assert await thing.v.future() == "given"
            assert await thing.w.future() == 1

        run_ok(program, monitor=monitor)

    def test_properties_never_declared_are_not_there(self) -> None:
        """Only keys of props become outputs (§6.1)."""
        monitor = FakeMonitor()
        monitor.answers["a"] = lambda _: {"extra": 1}

        def program() -> None:
            thing = Thing("a", v=1)
            with pytest.raises(AttributeError):
                thing.extra  # noqa: B018
            assert pulumi.get(thing, "extra") is None

        run_ok(program, monitor=monitor)

    def test_nothing_is_made_for_a_property_until_it_is_read(self) -> None:
        """Then the same output each time."""

        def program() -> None:
            thing = Thing("a", v=1, w=2)
            assert "v" not in vars(thing)
            assert thing.v is thing.v
            assert pulumi.get(thing, "v") is thing.v
            assert "w" not in vars(thing)

        run_ok(program)

    def test_outputs_can_be_read_before_and_after_the_answer(self) -> None:
        """Lazily made outputs are the same either way."""

        async def program() -> None:
            thing = Thing("a", v="x")
            early = thing.v
            await early.future()
            late = Thing("b", v="y")
            await late.urn.future()
            assert (await look_at(early)).value == "x"
            assert (await look_at(late.v)).value == "y"

        run_ok(program)


class TestReadAndGet:
    def test_read(self) -> None:
        """The request has id, type, name and state; the id output is the id (edge 70)."""
        seen = []

        async def program() -> None:
            seen.append(await look_at(Thing("a", ResourceOptions(id="the-id"), v="state").id))

        monitor = run_ok(program).monitor
        (request,) = [r for r in monitor.requests if isinstance(r, ReadRequest)]
        assert (request.type, request.name, request.id) == ("test:index:Thing", "a", "the-id")
        assert request.inputs == {"v": "state"}
        assert seen[0].value == "the-id"

    def test_reading_by_an_id_that_is_not_known(self) -> None:
        """The sign for unknown is sent; its resources are not recorded (§3.7)."""

        async def program() -> None:
            thing = Thing("a", ResourceOptions(id=Thing("b").id))
            assert not await thing.id.is_known()

        monitor = run_ok(program, dry_run=True).monitor
        (request,) = [r for r in monitor.requests if isinstance(r, ReadRequest)]
        assert (request.id, request.depends_on) == (UNKNOWN_ID, ())

    def test_get_by_urn(self) -> None:
        """Asks the deployment what it is (§3.6)."""
        seen = []

        async def program() -> None:
            made = Thing("a", v="x")
            urn = await made.urn.future()
            got = Thing("a", ResourceOptions(urn=urn), v=None)
            seen.extend([await look_at(got.v), await look_at(got.id), await look_at(got.urn)])
            assert seen[2].value == urn

        run_ok(program)
        assert [s.value for s in seen[:2]] == ["x", "a-id"]

    def test_getting_what_is_not_there(self) -> None:
        """(§3.6)"""
        ran = run(lambda: Thing("a", ResourceOptions(urn="urn:pulumi:s::p::t::n")) and None)

        assert "unknown resource" in ran.error


class TestReferences:
    def test_a_custom_resource_as_an_input(self) -> None:
        """Travels as a reference; in previews without an id (edge 36)."""

        def program() -> None:
            Thing("b", x=Thing("a"))

        monitor = run_ok(program).monitor
        assert monitor.resource("b").inputs == {"x": ResourceRef(urn=monitor.urn("a"), id="a-id")}
        monitor = run_ok(program, dry_run=True).monitor
        assert monitor.resource("b").inputs == {"x": ResourceRef(urn=monitor.urn("a"), id=UNKNOWN)}

    def test_a_component_as_an_input(self) -> None:
        """No id; the dependency is on its children only (edge 37)."""

        def program() -> None:
            group = Group("g")
            Thing("child", ResourceOptions(parent=group))
            Thing("b", x=group)

        monitor = run_ok(program).monitor
        assert monitor.resource("b").inputs == {"x": ResourceRef(urn=monitor.urn("g"))}
        assert monitor.resource("b").options.depends_on == (monitor.urn("child"),)

    def test_engines_without_references(self) -> None:
        """Get the id, or the URN (§5 rule 3)."""

        def program() -> None:
            Thing("b", x=Thing("a"), y=Group("g"))

        monitor = run_ok(program, features=frozenset()).monitor
        assert monitor.resource("b").inputs == {"x": "a-id", "y": monitor.urn("g")}

    def test_placeholders(self) -> None:
        """`DependencyResource` and `DependencyProviderResource` register nothing (§3.1)."""

        async def program() -> None:
            thing = DependencyResource("urn:pulumi:s::p::t:m:R::n")
            assert await thing.urn.future() == "urn:pulumi:s::p::t:m:R::n"
            provider = DependencyProviderResource("urn:pulumi:s::p::pulumi:providers:aws::n::an-id")
            assert provider.package == "aws"
            assert await provider.id.future() == "an-id"
            assert await provider.urn.future() == "urn:pulumi:s::p::pulumi:providers:aws::n"

        assert run_ok(program).monitor.names == []


class TestRemoteComponents:
    def test_inputs_keep_what_they_depend_on(self) -> None:
        """Output values are kept, references are no dependencies of their own (§3.4, §5)."""

        def program() -> None:
            a = Thing("a", v="x")
            Group("r", remote=True, plain="p", out=a.v, secret=Output.secret(a.v), ref=a)

        monitor = run_ok(program).monitor
        a = monitor.urn("a")
        request = monitor.resource("r")
        assert request.remote
        assert request.inputs == {
            "plain": "p",
            "out": OutputValue(value="x", dependencies=(a,)),
            "secret": OutputValue(value="x", secret=True, dependencies=(a,)),
            "ref": ResourceRef(urn=a, id="a-id"),
        }
        assert request.options.property_dependencies == {"plain": (), "out": (a,), "secret": (a,), "ref": ()}

    def test_outputs_depend_on_what_the_answer_says(self) -> None:
        """(§6.1)"""
        monitor = FakeMonitor()
        monitor.answers["r"] = lambda _: Registered(
            urn="urn:pulumi:s::p::t::r",
            outputs={"o": 1},
            dependencies={"o": ("urn:pulumi:s::p::t:m:X::dep",)},
        )

        async def program() -> None:
            resources = await Group("r", remote=True, o=None).o.resources()
            urns = {await r.urn.future() for r in resources}
            assert "urn:pulumi:s::p::t:m:X::dep" in urns

        run_ok(program, monitor=monitor)


class TestComponentOutputs:
    def test_a_dict_an_output_and_nothing(self) -> None:
        """(§3.8)"""

        def program() -> None:
            Group("a").register_outputs({"x": Thing("t", v=1).v, "none": None})
            Group("b").register_outputs(Output.from_input({"y": 2}))
            Group("c").register_outputs(None)

        monitor = run_ok(program).monitor
        outputs = {str(urn).rpartition("::")[2]: bag for urn, bag in monitor.outputs.items()}
        assert outputs["a"] == {"x": 1}
        assert outputs["b"] == {"y": 2}
        assert outputs["c"] == {}

    def test_a_property_named_id(self) -> None:
        """Is allowed on components (edge 101)."""

        def program() -> None:
            Group("g", id="mine")

        assert run_ok(program).monitor.resource("g").inputs == {"id": "mine"}


class TestOrder:
    def test_independent_ones_overtake_those_that_wait(self) -> None:
        """A resource that waits for an output does not hold up the next one."""

        def program() -> None:
            first = Thing("first")
            Thing("waits", x=first.id)
            Thing("next")

        assert run_ok(program).monitor.names == ["first", "next", "waits"]

    def test_many_resources_that_wait_keep_their_order(self) -> None:
        """They are looked at again in the order of the program."""

        def program() -> None:
            first = Thing("first")
            for n in range(50):
                Thing(f"t{n}", x=first.id)

        assert run_ok(program).monitor.names == ["first", *(f"t{n}" for n in range(50))]

    def test_a_long_chain(self) -> None:
        """Thousands of resources, each reading the one before, are no recursion."""

        def program() -> None:
            last: Any = Thing("t0", v="x")
            for n in range(1, 3000):
                last = Thing(f"t{n}", v=last.v)

        assert len(run_ok(program).monitor.names) == 3000


class TestEnums:
    def test_raw_values_are_sent(self) -> None:
        """Members of str, int and float enums (edge 42)."""

        class Size(str, Enum):  # noqa: UP042 # as generated code writes them
            BIG = "big"

        class Count(int, Enum):
            TWO = 2

        class Ratio(float, Enum):
            HALF = 0.5

        monitor = run_ok(lambda: Thing("a", s=Size.BIG, c=Count.TWO, r=Ratio.HALF) and None).monitor
        sent = monitor.resource("a").inputs
        assert sent == {"s": "big", "c": 2, "r": 0.5}
        assert [type(v) for v in sent.values()] == [str, int, float]


class TestAttributes:
    """Outputs take the places of attributes that the class has by their names (§3.6)."""

    def test_of_the_class(self) -> None:
        """Defaults and descriptions; what computes its value by itself stays."""

        class Described(CustomResource):
            size: Output[int] = pulumi.property("size")
            note: Output[str] | None = None

            def __init__(self, name: str) -> None:
                super().__init__("t:m:Described", name, {"size": 3, "note": "n", "double": 2})

            @property
            def double(self) -> str:
                return "computed"

        def make() -> Output[Any]:
            made = Described("a")
            assert made.double == "computed"
            assert made.note is not None
            return Output.all(made.size, made.note)

        assert outcome_of(make).value == [3, "n"]

    def test_of_the_object(self) -> None:
        """What was set before the base class was called, as in `self.size = size`."""

        class Early(CustomResource):
            def __init__(self, name: str, size: Any) -> None:
                self.size = size
                self.mine = "mine"
                super().__init__("t:m:Early", name, {"size": size})

        def make() -> Output[Any]:
            made = Early("a", 3)
            assert made.mine == "mine"
            assert isinstance(made.size, Output)
            return made.size

        assert outcome_of(make).value == 3


class TestTranslation:
    def test_names_are_translated_both_ways(self) -> None:
        """At the top and inside, where a class says how (edge 48)."""

        class Renaming(Thing):
            def translate_input_property(self, prop: str) -> str:
                return {"my_prop": "myProp", "in_side": "inSide"}.get(prop, prop)

            def translate_output_property(self, prop: str) -> str:
                return {"myProp": "my_prop", "inSide": "in_side"}.get(prop, prop)

        seen: list[Any] = []

        async def program() -> None:
            seen.append(await Renaming("a", my_prop={"in_side": 1}).my_prop.future())

        monitor = run_ok(program).monitor
        assert monitor.resource("a").inputs == {"myProp": {"inSide": 1}}
        assert seen == [{"in_side": 1}]

    def test_inside_of_arguments_that_say_nothing_of_their_entries(self) -> None:
        """A bare `dict` leaves its keys to the resource, those of `dict[str, str]` are data (§5.2)."""

        @pulumi.input_type
        class Args:
            bare: pulumi.Input[dict] = pulumi.property("bareOne")  # type: ignore[type-arg] # the case
            typed: pulumi.Input[dict[str, str]] = pulumi.property("typedOne")

        class Renaming(Thing):
            def translate_input_property(self, prop: str) -> str:
                return {"in_side": "inSide", "bareOne": "never"}.get(prop, prop)

        def program() -> None:
            inside = {"in_side": {"in_side": "x"}}
            Renaming("a", args=Args(bare=inside, typed={"in_side": "x"}))  # type: ignore[call-arg] # made

        assert run_ok(program).monitor.resource("a").inputs == {
            "args": {"bareOne": {"inSide": {"inSide": "x"}}, "typedOne": {"in_side": "x"}}
        }


class TestWithoutDeployment:
    def test_resources_get_an_address_and_unknown_outputs(self) -> None:
        """Outside of any program (§9.7)."""
        from stackwright.sdk import _session

        async def check() -> None:
            _session.enter(_session.Session())
            thing = Thing("a", v=1)
            assert await thing.urn.future() == "urn:pulumi:stack::project::test:index:Thing::a"
            assert not await thing.v.is_known()
            with pytest.raises(Exception, match="no program"):
                pulumi.runtime.invoke("a:b:c", {})

        asyncio.run(check())


def test_every_resource_knows_its_kind() -> None:
    """`Resource` is the base of all (§3.1)."""
    assert issubclass(Thing, Resource)
