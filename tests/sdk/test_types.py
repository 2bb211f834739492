# ruff: noqa: UP006, UP007, UP045
"""Classes of inputs and outputs, and what they say about names and types (sdk.md §15, §5.2, §6.1)."""

from __future__ import annotations

import collections.abc
import enum
import typing
from collections.abc import Mapping, Sequence
from typing import Any, Dict, List, Literal, Optional, TypedDict, Union  # noqa: UP035 # generated code uses these

import pytest
from support.monitors import FakeMonitor
from support.programs import Thing, outcome_of, run, run_ok

import stackwright.sdk as pulumi
from stackwright.sdk import _types, deprecated
from stackwright.sdk._deserialize import translate
from stackwright.sdk._utils import is_empty_function
from stackwright.sdk.runtime import to_json


@pulumi.input_type
class RuleArgs:
    """Written as generated code is."""

    def __init__(
        self,
        *,
        port_number: pulumi.Input[int],
        note: pulumi.Input[str] | None = None,
    ) -> None:
        pulumi.set(self, "port_number", port_number)
        if note is not None:
            pulumi.set(self, "note", note)

    @property
    @pulumi.getter(name="portNumber")
    def port_number(self) -> pulumi.Input[int]:
        return pulumi.get(self, "port_number")

    @port_number.setter
    def port_number(self, value: pulumi.Input[int]) -> None:
        pulumi.set(self, "port_number", value)

    @property
    @pulumi.getter
    def note(self) -> pulumi.Input[str] | None: ...

    @note.setter
    def note(self, value: pulumi.Input[str] | None) -> None: ...


class RuleArgsDict(TypedDict):
    port_number: int


@pulumi.output_type
class Rule(dict):
    """Written as generated code is."""

    def __init__(self, *, port_number: int, note: str | None = None) -> None:
        pulumi.set(self, "port_number", port_number)
        if note is not None:
            pulumi.set(self, "note", note)

    @property
    @pulumi.getter(name="portNumber")
    def port_number(self) -> int:
        return pulumi.get(self, "port_number")

    @property
    @pulumi.getter
    def note(self) -> str | None:
        return pulumi.get(self, "note")

    def get(self, key: str, default: Any = None) -> Any:
        raise AssertionError("generated classes override `get` to warn")


class Colour(str, enum.Enum):  # noqa: UP042 # as generated
    RED = "red"


@pulumi.input_type
class WallArgs:
    def __init__(self, **given: Any) -> None:
        for name, value in given.items():
            pulumi.set(self, name, value)

    @property
    @pulumi.getter(name="allRules")
    def all_rules(self) -> pulumi.Input[Sequence[pulumi.Input[RuleArgs | RuleArgsDict]]]: ...

    @property
    @pulumi.getter(name="firstRule")
    def first_rule(self) -> pulumi.Input[RuleArgs]: ...

    @property
    @pulumi.getter(name="ruleMap")
    def rule_map(self) -> pulumi.Input[Mapping[str, pulumi.Input[RuleArgs]]]: ...

    @property
    @pulumi.getter(name="someTags")
    def some_tags(self) -> pulumi.Input[Mapping[str, pulumi.Input[str]]]: ...


class Wall(pulumi.CustomResource):
    """A resource written as generated code is."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **inputs: Any) -> None:
        props = WallArgs.__new__(WallArgs)
        for key in ("all_rules", "first_rule", "rule_map", "some_tags"):
            props.__dict__[key] = inputs.get(key)
        props.__dict__["colour"] = None
        props.__dict__["rule_count"] = None
        super().__init__("test:index:Wall", name, props, opts)  # type: ignore[arg-type]

    @property
    @pulumi.getter(name="allRules")
    def all_rules(self) -> pulumi.Output[Sequence[Rule]]:
        return pulumi.get(self, "all_rules")

    @property
    @pulumi.getter(name="ruleMap")
    def rule_map(self) -> pulumi.Output[Mapping[str, Rule] | None]:
        return pulumi.get(self, "rule_map")

    @property
    @pulumi.getter(name="someTags")
    def some_tags(self) -> pulumi.Output[Mapping[str, str] | None]:
        return pulumi.get(self, "some_tags")

    @property
    @pulumi.getter
    def colour(self) -> pulumi.Output[Colour | None]:
        return pulumi.get(self, "colour")

    @property
    @pulumi.getter(name="ruleCount")
    def rule_count(self) -> pulumi.Output[int]:
        return pulumi.get(self, "rule_count")


class TestDecorators:
    @pytest.mark.parametrize("first", [pulumi.input_type, pulumi.output_type])
    @pytest.mark.parametrize("second", [pulumi.input_type, pulumi.output_type])
    def test_twice_is_an_error(self, first: Any, second: Any) -> None:
        """(§15.1, edge 86)"""

        class Some:
            a: str

        with pytest.raises(AssertionError):
            second(first(Some))

    def test_setters_go_by_the_names_of_their_properties(self) -> None:
        """Tools that look at the classes see what was written (§15.1)."""
        getter, setter = RuleArgs.note.fget, RuleArgs.note.fset  # type: ignore[attr-defined] # a property

        assert (getter.__name__, setter.__name__) == ("note", "note")
        assert "value" in setter.__annotations__

    def test_annotations_become_properties_and_a_constructor(self) -> None:
        """Keyword-only, required without a default; None defaults are not stored (§15.1, edge 88)."""

        @pulumi.input_type
        class Args:
            a: pulumi.Input[str]
            b: pulumi.Input[int] | None = pulumi.property("bB", default=None)
            c: str = "x"

        args = Args(a="1")  # type: ignore[call-arg]
        assert vars(args) == {"a": "1", "c": "x"}
        assert (args.a, args.b, args.c) == ("1", None, "x")
        args.b = 2
        assert vars(args)["b"] == 2
        assert args == Args(a="1", b=2)  # type: ignore[call-arg]
        assert args != Args(a="1")  # type: ignore[call-arg]
        with pytest.raises(TypeError, match="'a'"):
            Args()
        with pytest.raises(TypeError, match="'zz'"):
            Args(a="1", zz=1)  # type: ignore[call-arg]
        with pytest.raises(TypeError):
            Args("1")  # type: ignore[call-arg]

    def test_required_after_optional_is_an_error(self) -> None:
        """When the class is made (§15.1)."""
        with pytest.raises(TypeError, match="`b`"):

            @pulumi.input_type
            class Bad:
                a: str | None = None
                b: str

    def test_properties_need_a_name(self) -> None:
        """(§15.1)"""
        for name in ("", None, 3):
            with pytest.raises(TypeError):
                pulumi.property(name)  # type: ignore[arg-type]

    def test_empty_setters_are_replaced(self) -> None:
        """And empty getters (§15.1)."""
        args = RuleArgs(port_number=1)
        args.note = "new"
        assert (args.note, vars(args)["note"]) == ("new", "new")

    def test_output_types_have_no_setters(self) -> None:
        """(§15.1)"""

        @pulumi.output_type
        class Out:
            a: str

        with pytest.raises(AttributeError):
            Out(a="x").a = "y"  # type: ignore[call-arg,misc]

    def test_generated_dict_classes_are_read_past_their_own_names(self) -> None:
        """`get` of the class warns; getters do not call it (§15.1)."""
        rule = Rule(port_number=80)
        assert (rule.port_number, rule.note, dict(rule)) == (80, None, {"port_number": 80})

    def test_translated_storage(self) -> None:
        """With `_translate_property`, keys are translated and properties still read (edge 89)."""

        @pulumi.output_type
        class Out(dict):
            some_name: str = pulumi.property("someName")

            def _translate_property(self, prop: str) -> str:
                return {"someName": "some_name_stored"}.get(prop, prop)

        out = Out(some_name="x")
        assert dict(out) == {"some_name_stored": "x"}
        assert out.some_name == "x"
        assert Out._pulumi_python_to_pulumi_table == {"some_name": "someName"}

    def test_get_and_set_elsewhere_are_errors(self) -> None:
        """(§15.1)"""
        with pytest.raises(AssertionError):
            pulumi.get(object(), "x")
        with pytest.raises(AssertionError):
            pulumi.set(object(), "x", 1)

    def test_type_tokens(self) -> None:
        """(§15.1)"""

        @pulumi.type_token("pkg:mod:Name")
        class Tokened: ...

        assert pulumi.get_type_token(Tokened) == "pkg:mod:Name"
        assert pulumi.get_type_token(int) is None


class TestEmptyFunctions:
    def test_which_are_empty(self) -> None:
        """`...`, `pass`, a docstring, `return None`; anything else is a body (edge 87)."""

        def dots(self: Any) -> Any: ...

        def passes(self: Any) -> Any:
            pass

        def said(self: Any) -> Any:
            """Said."""

        def said_and_dots(self: Any) -> Any:
            """Said."""

        def returns_none(self: Any) -> Any:
            return None

        def returns(self: Any) -> Any:
            return 1

        def said_and_returns(self: Any) -> Any:
            """Said."""
            return "x"

        def reads(self: Any) -> Any:
            return self.x

        empty = [dots, passes, said, said_and_dots, returns_none, lambda: None]
        assert all(is_empty_function(f) for f in empty)
        assert not any(is_empty_function(f) for f in (returns, said_and_returns, reads, lambda: 1, len))


class TestMetadata:
    @pytest.mark.parametrize(
        ("hint", "expected"),
        [
            (pulumi.Output[Optional[str]], str),
            (Optional[pulumi.Output[int]], int),
            (pulumi.Input[str], str),
            (Optional[pulumi.Input[str]], str),
            (pulumi.Input[Optional[str]], str),
            (pulumi.Input[pulumi.InputType[RuleArgs]], RuleArgs),
            (Optional[pulumi.Input[pulumi.InputType[RuleArgs]]], RuleArgs),
            (pulumi.InputType[RuleArgs], RuleArgs),
            (pulumi.InputType[str], str),
            (Optional[pulumi.Input[pulumi.InputType[str]]], str),
            (pulumi.Input[Union[RuleArgs, RuleArgsDict]], RuleArgs),
            (Optional[Dict[str, str]], Dict[str, str]),
            (str, str),
            (Any, Any),
        ],
    )
    def test_unwrapping(self, hint: Any, expected: Any) -> None:
        """What is left without the wrappings (§15.2)."""
        assert _types.unwrap_type(hint) == expected

    def test_elements(self) -> None:
        """Of lists and maps, unwrapped as well (§15.2)."""
        assert _types.list_element_type(Sequence[pulumi.Input[RuleArgs]]) is RuleArgs
        assert _types.list_element_type(List[str]) is str
        assert _types.mapping_value_type(Mapping[str, pulumi.Input[int]]) is int
        assert _types.mapping_value_type(str) is None

    def test_tables(self) -> None:
        """By wire name and by Python name (§15.2)."""
        assert _types.resource_py_to_pulumi_names(Wall)["all_rules"] == "allRules"
        assert _types.resource_pulumi_to_py_names(Wall)["allRules"] == "all_rules"
        assert _types.resource_types(Wall)["ruleCount"] is int
        assert _types.resource_types(Wall)["allRules"] == Sequence[Rule]

    def test_annotations_only(self) -> None:
        """A class without getters: the wire name is the annotation's or the property's (edge 90)."""

        class Plain(pulumi.CustomResource):
            foo: pulumi.Output[str | None]
            bar: pulumi.Output[int] = pulumi.property("bAr")

        assert _types.resource_types(Plain) == {"foo": str, "bAr": int}

    def test_inheritance(self) -> None:
        """Base properties first, a subclass overrides by name (§15.1, edge 49)."""

        @pulumi.input_type
        class Base:
            a: str = pulumi.property("aA")
            b: str = pulumi.property("bB")

        @pulumi.input_type
        class Derived(Base):
            b: int = pulumi.property("bBB")
            c: str = pulumi.property("cC")

        assert _types.input_type_py_to_pulumi_names(Derived) == {"a": "aA", "b": "bBB", "c": "cC"}
        assert vars(Derived(a="1", b=2, c="3")) == {"a": "1", "b": 2, "c": "3"}  # type: ignore[call-arg]

    def test_names_for_checkers_only_say_nothing(self) -> None:
        """An annotation that cannot be resolved at run time leaves the property untyped."""

        class Unresolvable(pulumi.CustomResource):
            foo: pulumi.Output[NotThere]  # type: ignore[name-defined] # noqa: F821

        assert _types.resource_types(Unresolvable) == {}


class TestInputs:
    def test_none_inside_of_a_property(self) -> None:
        """Arguments that were not given are left out; what a dict or an output says is none is null (§5)."""
        nothing: pulumi.Output[Any] = pulumi.Output.from_input(None)
        rules = [
            RuleArgs(port_number=1, note=None),
            RuleArgs(port_number=2, note=nothing),
            {"port_number": 3, "note": None},
            pulumi.Output.from_input(RuleArgs(port_number=4, note=None)),
        ]
        monitor = run_ok(lambda: Wall("w", all_rules=rules, some_tags=nothing) and None).monitor

        assert monitor.resource("w").inputs == {
            "allRules": [
                {"portNumber": 1},
                {"portNumber": 2, "note": None},
                {"portNumber": 3, "note": None},
                {"portNumber": 4},
            ]
        }

    def test_arguments_go_by_wire_names(self) -> None:
        """Nested ones, lists, maps, and plain dicts that the types describe (§5.2)."""
        monitor = run_ok(
            lambda: (
                Wall(
                    "w",
                    all_rules=[RuleArgs(port_number=1), {"port_number": 2, "note": None}],
                    first_rule={"port_number": 3},
                    rule_map={"a_b": RuleArgs(port_number=4, note="n")},
                    some_tags={"a_b": "kept"},
                )
                and None
            )
        ).monitor

        assert monitor.resource("w").inputs == {
            "allRules": [{"portNumber": 1}, {"portNumber": 2, "note": None}],
            "firstRule": {"portNumber": 3},
            "ruleMap": {"a_b": {"portNumber": 4, "note": "n"}},
            "someTags": {"a_b": "kept"},
        }

    def test_outputs_inside_are_described_too(self) -> None:
        """A dict that arrives through an output is typed like one that is there (§5.2)."""
        monitor = run_ok(
            lambda: Wall("w", all_rules=pulumi.Output.from_input([{"port_number": 2}])) and None
        ).monitor

        assert monitor.resource("w").inputs == {"allRules": [{"portNumber": 2}]}

    def test_a_dict_where_a_text_is_expected_is_sent_untouched(self) -> None:
        """Its own echo resolves to None on the mismatch (edge 44)."""

        @pulumi.input_type
        class Args:
            name: pulumi.Input[str]

        class Named(pulumi.CustomResource):
            name: pulumi.Output[str]

            def __init__(self, resource: str, value: Any) -> None:
                super().__init__("t:m:N", resource, Args(name=value))  # type: ignore[call-arg,arg-type]

        monitor = FakeMonitor()
        monitor.answers["n"] = lambda _: {}
        seen = outcome_of(lambda: Named("n", {"x_y": 1}).name, monitor=monitor)
        assert monitor.resource("n").inputs == {"name": {"x_y": 1}}
        assert seen.value is None

    def test_a_list_where_none_is_expected_is_an_error(self) -> None:
        """(§5 rule 1)"""
        ran = run(lambda: Wall("w", first_rule=[1]) and None)

        assert "AssertionError" in ran.error

    def test_deprecated_inputs_say_nothing_when_they_are_read(self) -> None:
        """Serialization looks at the storage (edge 92)."""

        @pulumi.input_type
        class Args:
            def __init__(self) -> None:
                pulumi.set(self, "old", "x")

            @property
            @pulumi.getter
            @deprecated("do not use")
            def old(self) -> str:
                raise AssertionError("read")

        ran = run_ok(lambda: pulumi.CustomResource("t:m:R", "a", Args()) and None)  # type: ignore[arg-type]
        assert ran.monitor.resource("a").inputs == {"old": "x"}
        assert ran.monitor.warnings() == []

    def test_unions_of_classes_take_the_one_that_fits(self) -> None:
        """Structurally; none or several leave keys untouched (§5.2)."""

        @pulumi.input_type
        class Cat:
            kind: Literal["cat"]
            nine_lives: bool = pulumi.property("nineLives")

        @pulumi.input_type
        class Dog:
            kind: Literal["dog"]
            nine_lives: bool = pulumi.property("NINE")

        union = Union[Cat, Dog]
        match = _types.matching_member
        assert match(union, {"kind": "dog", "nine_lives": True}, python_names=True) is Dog
        assert match(union, {"kind": "cow", "nine_lives": True}, python_names=True) is None
        assert match(union, {"kind": "cat", "nine_lives": 1}, python_names=True) is None
        assert match(union, {"kind": "cat"}, python_names=True) is None
        assert match(union, {"kind": "cat", "nine_lives": True, "x": 1}, python_names=True) is None


class TestOutputs:
    def answered(self, read: str, **outputs: Any) -> Any:
        monitor = FakeMonitor()
        monitor.answers["w"] = lambda _: outputs
        return outcome_of(lambda: getattr(Wall("w"), read), monitor=monitor).value

    def test_classes_lists_maps_and_enums(self) -> None:
        """Objects of the declared classes, everything declared in them (§6.1, edges 42, 45)."""
        rules = self.answered("all_rules", allRules=[{"portNumber": 80.0}])
        assert isinstance(rules[0], Rule)
        assert (rules[0].port_number, rules[0].note) == (80, None)
        assert isinstance(rules[0].port_number, int)
        mapped = self.answered("rule_map", ruleMap={"a_b": {"portNumber": 1.0, "note": "n"}})
        assert {key: dict(rule) for key, rule in mapped.items()} == {"a_b": {"port_number": 1, "note": "n"}}
        assert self.answered("some_tags", someTags={"aB": "x"}) == {"aB": "x"}
        assert self.answered("colour", colour="red") is Colour.RED
        assert self.answered("rule_count", ruleCount=3.0) == 3

    def test_a_dict_for_a_text_is_an_error(self) -> None:
        """Naming the resource and the property's path (edge 43)."""
        monitor = FakeMonitor()
        monitor.answers["w"] = lambda _: {"allRules": [{"portNumber": 1.0, "note": {"x": 1}}]}
        ran = run(lambda: Wall("w").all_rules and None, monitor=monitor)

        assert "AssertionError" in ran.error
        assert "resource `w`, property `all_rules.note`" in ran.error

    def test_an_unknown_enum_value_is_an_error(self) -> None:
        """(§6.1)"""
        with pytest.raises(ValueError, match="blue"):
            translate("blue", Colour)

    def test_untyped_values_are_untouched(self) -> None:
        """Nested keys too (edge 46)."""
        assert translate({"camelCase": {"inNer": 1.0}}, Any) == {"camelCase": {"inNer": 1.0}}

    @pytest.mark.parametrize(
        ("value", "typ", "expected"),
        [
            ([1.0, 2.0], Sequence[int], [1, 2]),
            ({"a": 1.0}, Dict[str, int], {"a": 1}),
            (1.5, float, 1.5),
            (True, int, True),
            ("x", int, "x"),
            (None, int, None),
            (1.0, Union[int, str], 1.0),
        ],
    )
    def test_scalars(self, value: Any, typ: Any, expected: Any) -> None:
        """(§6.1, edge 45)"""
        assert translate(value, typ) == expected

    def test_keys_without_metadata_go_through_the_translator(self) -> None:
        """And only those (§6.1)."""
        assert translate({"k": {"j": 1}}, None, keys=str.upper) == {"K": {"J": 1}}
        assert translate({"k": 1}, Dict[str, int], keys=str.upper) == {"k": 1}


class TestToJson:
    def test_wire_names(self) -> None:
        """(edge 91)"""
        assert to_json([RuleArgs(port_number=1), {"a_b": None}]) == '[{"portNumber": 1}, {"a_b": null}]'
        assert to_json((1, 2)) == "[1, 2]"


class TestDeprecated:
    def test_each_call_warns_and_logs(self) -> None:
        """The original is kept beside (§11)."""

        def old() -> int:
            return 1

        warned = deprecated("use new")(old)
        assert warned.__dict__["_pulumi_deprecated_callable"] is old

        def program() -> None:
            with pytest.warns(UserWarning, match="use new"):
                assert warned() == 1

        assert run_ok(program).monitor.warnings() == ["old is deprecated: use new"]


def test_the_shape_of_input_is_what_metadata_expects() -> None:
    """The last member is a forward reference with this very text (§1.2)."""
    members = typing.get_args(pulumi.Input[str])
    assert members[0] is str
    assert typing.get_origin(members[1]) is collections.abc.Awaitable
    assert members[2] == typing.ForwardRef("Output[T]")


def test_things_have_outputs_of_their_own() -> None:
    """Resources without metadata get plain values."""
    assert outcome_of(lambda: Thing("a", v={"aB": 1}).v).value == {"aB": 1}
