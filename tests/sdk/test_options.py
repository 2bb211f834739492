"""Options of resources: merging, aliases, transformations (sdk.md §4, §12.1)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from support.programs import Thing, outcome_of, run, run_ok

import stackwright.sdk as pulumi
from stackwright.goals import AliasSpec
from stackwright.sdk import (
    Alias,
    ComponentResource,
    Output,
    ProviderResource,
    ResourceOptions,
    ResourceTransformationArgs,
    ResourceTransformationResult,
    create_urn,
)
from stackwright.sdk.runtime.stack import register_stack_transformation

merge = ResourceOptions.merge


class Group(ComponentResource):
    """A local component."""

    def __init__(self, name: str, opts: ResourceOptions | None = None) -> None:
        super().__init__("test:index:Group", name, {}, opts)


class TestOptions:
    def test_all_default_to_none_and_can_be_assigned(self) -> None:
        """(§4.1)"""
        opts = ResourceOptions()
        for name in ResourceOptions.__annotations__:
            assert getattr(opts, name) is None
        opts.protect = True
        assert opts.protect
        assert ResourceOptions().protect is None

    def test_copying(self) -> None:
        """Provider packages call `copy.copy` on options (§22)."""
        opts = ResourceOptions(version="1", ignore_changes=["a"])
        copied = copy.copy(opts)
        copied.version = "2"
        assert (opts.version, copied.ignore_changes) == ("1", ["a"])


class TestMerge:
    def test_it_is_called_both_ways(self) -> None:
        """On the class with two arguments, on an object with one (§4.2)."""
        a, b = ResourceOptions(version="1"), ResourceOptions(version="2")
        assert merge(a, b).version == a.merge(b).version == "2"
        assert merge(a, None).version == merge(None, a).version == "1"
        assert merge(None, None).version is None
        assert merge(None, None).depends_on == merge(a, b).depends_on == []

    @pytest.mark.parametrize("args", [(1, None), (None, "x")])
    def test_other_types_are_refused(self, args: Any) -> None:
        """The argument is named (§4.2)."""
        with pytest.raises(TypeError, match="opts1" if args[0] else "opts2"):
            merge(*args)

    def test_lists_are_joined_other_values_replaced(self) -> None:
        """None on one side changes nothing (§4.2)."""
        a = ResourceOptions(ignore_changes=["a"], aliases=["x"], protect=True, id="1", hide_diffs=["h"])
        b = ResourceOptions(ignore_changes=["b"], protect=False, replace_on_changes=["r"])
        merged = merge(a, b)
        assert merged.ignore_changes == ["a", "b"]
        assert merged.aliases == ["x"]
        assert merged.protect is False
        assert merged.id == "1"
        assert (merged.hide_diffs, merged.replace_on_changes) == (["h"], ["r"])
        assert a.ignore_changes == ["a"]

    def test_depends_on_becomes_a_list(self) -> None:
        """Lifted over outputs (§4.2)."""

        def program() -> None:
            a, b = Thing("a"), Thing("b")
            assert merge(ResourceOptions(depends_on=a), None).depends_on == [a]
            assert merge(ResourceOptions(depends_on=a), ResourceOptions(depends_on=[b])).depends_on == [a, b]
            late = merge(ResourceOptions(depends_on=Output.from_input([a])), ResourceOptions(depends_on=b))
            Thing("c", late)

        monitor = run_ok(program).monitor
        assert monitor.resource("c").options.depends_on == (monitor.urn("a"), monitor.urn("b"))

    def test_providers_are_collapsed_by_package(self) -> None:
        """Later ones win; lists, tuples and mappings; a key that lies is warned about (§4.2)."""

        def program() -> None:
            a, b = ProviderResource("x", "a"), ProviderResource("x", "b")
            assert merge(ResourceOptions(providers=[a]), ResourceOptions(providers=(b,))).providers == {
                "x": b
            }
            assert merge(ResourceOptions(providers=(a,)), None).providers == {"x": a}
            assert merge(ResourceOptions(providers=[]), None).providers is None
            with pytest.warns(UserWarning, match="key"):
                assert merge(ResourceOptions(providers={"y": a}), None).providers == {"x": a}

        run_ok(program)

    def test_hooks_are_joined_by_kind(self) -> None:
        """(§4.2)"""

        def one(_: Any) -> None: ...

        def two(_: Any) -> None: ...

        a = ResourceOptions(hooks=pulumi.ResourceHookBinding(before_create=[one]))
        b = ResourceOptions(hooks=pulumi.ResourceHookBinding(before_create=[two], after_create=[two]))
        merged = merge(a, b).hooks
        assert merged is not None
        assert (merged.before_create, merged.after_create) == ([one, two], [two])

    def test_environment_mappings_are_replaced_whole(self) -> None:
        """No key-wise merge (§4.2)."""
        a = ResourceOptions(env_var_mappings={"A": "1"})
        b = ResourceOptions(env_var_mappings={"B": "2"})
        assert merge(a, b).env_var_mappings == {"B": "2"}


class TestAliases:
    def sent(self, *aliases: Any, **options: Any) -> tuple[Any, ...]:
        def program() -> None:
            parent = Group("parent")
            Thing("a", ResourceOptions(parent=parent, aliases=list(aliases)))

        return run_ok(program, **options).monitor.resource("a").options.aliases

    def test_specs(self) -> None:
        """Left out: empty; None: no parent; outputs and strings are resolved (§4.3, edge 78)."""
        assert self.sent(Alias(name="old")) == (AliasSpec(name="old"),)
        assert self.sent(Alias(type_="t:m:Old", parent=None)) == (AliasSpec(type="t:m:Old", no_parent=True),)
        urn = "urn:pulumi:s::p::t:m:Old::n"
        assert self.sent(Alias(parent=urn)) == (AliasSpec(parent=urn),)
        assert self.sent(Alias(stack=Output.from_input("prod"), project="p")) == (
            AliasSpec(stack="prod", project="p"),
        )
        assert self.sent(urn, Output.from_input(urn)) == (urn, urn)
        assert self.sent(Output.from_input(None)) == ()

    def test_urns_for_engines_without_specs(self) -> None:
        """The cross product of own aliases and the parent's, without repetitions (edge 79)."""

        def program() -> None:
            parent = Group("parent", ResourceOptions(aliases=[Alias(name="older")]))
            Thing("parent-a", ResourceOptions(parent=parent, aliases=[Alias(name="b"), Alias(name="b")]))

        monitor = run_ok(program, features=frozenset()).monitor
        prefix = "urn:pulumi:dev::proj::test:index:Group"
        assert monitor.resource("parent").options.aliases == (f"{prefix}::older",)
        assert monitor.resource("parent-a").options.aliases == (
            f"{prefix}$test:index:Thing::b",
            f"{prefix}$test:index:Thing::older-a",
        )

    def test_collapsed_aliases_of_a_resource(self) -> None:
        """`_aliases` are URN outputs (§3.2 step 8)."""

        def make() -> Output[Any]:
            return Output.all(*Thing("a", ResourceOptions(aliases=[Alias(name="old"), "urn:x"]))._aliases)

        assert outcome_of(make).value == ["urn:pulumi:dev::proj::test:index:Thing::old", "urn:x"]

    def test_an_explicit_none_has_no_urn(self) -> None:
        """The missing part is named (§4.3)."""
        ran = run(lambda: Thing("a", ResourceOptions(aliases=[Alias(name=None)]))._aliases and None)
        assert "'name'" in ran.error


class TestCreateUrn:
    def test_at_the_top_and_below(self) -> None:
        """(§4.4)"""
        assert outcome_of(lambda: create_urn("n", "t:m:R")).value == "urn:pulumi:dev::proj::t:m:R::n"
        assert (
            outcome_of(lambda: create_urn("n", "t", project="p", stack="s")).value == "urn:pulumi:s::p::t::n"
        )
        assert (
            outcome_of(lambda: create_urn("n", "t:m:R", Group("g"))).value
            == "urn:pulumi:dev::proj::test:index:Group$t:m:R::n"
        )
        assert outcome_of(lambda: create_urn("n", "t", Output.from_input("urn:a::b::c::d"))).value == (
            "urn:a::b::c$t::n"
        )


class TestTransformations:
    def test_own_ones_come_before_the_parents(self) -> None:
        """Each sees what the one before answered; children inherit the list (§3.2 step 6)."""
        seen: list[tuple[str, Any]] = []

        def named(label: str) -> Any:
            def transform(args: ResourceTransformationArgs) -> ResourceTransformationResult | None:
                seen.append((label, dict(args.props)))
                if args.type_ != "test:index:Thing":
                    return None
                return ResourceTransformationResult({**args.props, label: True}, args.opts)

            return transform

        def program() -> None:
            register_stack_transformation(named("stack"))
            group = Group("g", ResourceOptions(transformations=[named("group")]))
            Thing("a", ResourceOptions(parent=group, transformations=[named("own")]), x=1)

        monitor = run_ok(program).monitor
        assert monitor.resource("a").inputs == {"x": 1, "own": True, "group": True, "stack": True}
        assert [label for label, _ in seen] == ["group", "stack", "own", "group", "stack"]

    def test_changing_the_parent_is_refused(self) -> None:
        """(§3.2 step 6)"""

        def move(args: ResourceTransformationArgs) -> ResourceTransformationResult:
            return ResourceTransformationResult(args.props, ResourceOptions(parent=Group("other")))

        ran = run(lambda: Thing("a", ResourceOptions(transformations=[move])) and None)
        assert "parent" in ran.error

    def test_options_can_be_changed(self) -> None:
        """(§12.1)"""

        def protect(args: ResourceTransformationArgs) -> ResourceTransformationResult:
            return ResourceTransformationResult(args.props, merge(args.opts, ResourceOptions(protect=True)))

        monitor = run_ok(lambda: Thing("a", ResourceOptions(transformations=[protect])) and None).monitor
        assert monitor.resource("a").options.protect is True
