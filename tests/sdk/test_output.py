"""Outputs: what is known, secret and depended upon when values are combined (sdk.md §2)."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.programs import Thing, look_at, outcome_of, run, run_ok

import stackwright.sdk as pulumi
from stackwright.sdk import UNKNOWN, Output, contains_unknowns, deferred_output, input_type
from stackwright.sdk.output import Unknown, safe_str


def unknown(secret: bool = False) -> Output[Any]:
    """An output whose value is not known."""
    output: Output[Any] = Output.from_input(UNKNOWN)
    return Output.secret(output) if secret else output


def failing(error: Exception) -> Callable[[Any], Any]:
    """A callback that raises."""

    def raises(_: Any) -> Any:
        raise error

    return raises


class TestApply:
    def test_a_known_value_reaches_the_callback(self) -> None:
        """`apply` derives an output from a known value (§2.3)."""
        seen = outcome_of(lambda: Output.from_input(2).apply(lambda n: n * 3))

        assert (seen.value, seen.known, seen.secret) == (6, True, False)

    def test_callbacks_run_later_and_in_order(self) -> None:
        """No callback runs before the call that gave it returned; order is that of the calls (§2.3)."""
        order: list[str] = []

        def program() -> None:
            source = Output.from_input(1)
            source.apply(lambda _: order.append("first"))
            source.apply(lambda _: order.append("second"))
            order.append("body")

        run_ok(program)
        assert order == ["body", "first", "second"]

    def test_a_callback_runs_exactly_once(self) -> None:
        """However many outputs are derived from the result (§2.3)."""
        calls: list[int] = []

        def program() -> None:
            derived = Output.from_input(1).apply(calls.append)
            for _ in range(3):
                derived.apply(lambda _: None)

        run_ok(program)
        assert calls == [1]

    def test_an_unknown_value_is_not_given_to_the_callback(self) -> None:
        """In a preview the result is unknown, as secret as its source (§2.3, edge 29)."""
        calls: list[Any] = []
        seen = outcome_of(lambda: unknown(secret=True).apply(calls.append))

        assert (seen.value, seen.known, seen.secret, calls) == (None, False, True, [])

    def test_run_with_unknowns_shows_them_where_they_are(self) -> None:
        """The value comes with the unknown objects inside (§2.3)."""
        calls: list[Any] = []
        outcome_of(lambda: Output.from_input({"a": 1, "b": unknown()}).apply(calls.append, True))

        assert calls[0]["a"] == 1
        assert isinstance(calls[0]["b"], Unknown)

    def test_run_with_unknowns_shows_a_whole_unknown_as_one(self) -> None:
        """A value that is unknown altogether arrives as UNKNOWN (§2.3)."""
        calls: list[Any] = []
        outcome_of(lambda: unknown().apply(lambda _: 1).apply(calls.append, True))

        assert calls == [UNKNOWN]

    def test_a_returned_output_is_followed(self) -> None:
        """Value and knownness are the inner one's, secret if either is, resources of both (§2.3)."""

        def make() -> Output[Any]:
            one, other = Thing("one", v="a"), Thing("other", v="b")
            return one.v.apply(lambda v: Output.secret(other.v).apply(lambda w: v + w))

        seen = outcome_of(make)
        assert (seen.value, seen.secret, seen.resources) == ("ab", True, {"one", "other"})

    def test_a_known_source_with_an_unknown_secret_inside_is_both(self) -> None:
        """What the callback returns decides (edge 31)."""
        seen = outcome_of(lambda: Output.from_input(1).apply(lambda _: unknown(secret=True)))

        assert (seen.known, seen.secret) == (False, True)

    def test_an_unknown_source_never_sees_the_inner_secret(self) -> None:
        """The callback never ran (edge 30)."""
        seen = outcome_of(lambda: unknown().apply(lambda _: Output.secret(1)))

        assert (seen.known, seen.secret) == (False, False)

    def test_an_awaitable_is_awaited(self) -> None:
        """Async callbacks work (§2.3)."""

        async def later(n: int) -> int:
            await asyncio.sleep(0)
            return n + 1

        assert outcome_of(lambda: Output.from_input(1).apply(later)).value == 2

    def test_resources_may_be_made_inside(self) -> None:
        """What a callback registers is waited for (§2.3)."""
        ran = run_ok(lambda: Output.from_input("x").apply(lambda v: Thing("inner", v=v)))

        assert ran.monitor.resource("inner").inputs == {"v": "x"}

    def test_nested_callbacks_that_register_are_drained(self) -> None:
        """Outputs of outputs of resources made in callbacks are followed to their end (§9.3)."""

        def program() -> None:
            def deeper(v: str) -> Any:
                return Thing(f"t{len(v)}", v=v + "x").v.apply(deeper) if len(v) < 5 else v

            pulumi.export("end", Output.from_input("").apply(deeper))

        ran = run_ok(program)
        assert ran.monitor.names == ["t0", "t1", "t2", "t3", "t4"]
        assert ran.monitor.exports == {"end": "xxxxx"}

    def test_knownness_and_secretness_are_booleans(self) -> None:
        """Never None (edge 19)."""
        seen = outcome_of(lambda: Output.from_input(1).apply(lambda n: n))

        assert (type(seen.known), type(seen.secret)) == (bool, bool)

    def test_thousands_of_links_do_not_overflow_the_stack(self) -> None:
        """A chain of derived outputs is walked, not recursed into."""

        def make() -> Output[int]:
            output: Output[int] = Output.from_input(0)
            for _ in range(20_000):
                output = output.apply(lambda n: n + 1)
            return output

        assert outcome_of(make).value == 20_000


class TestFailures:
    def test_a_failure_nobody_looks_at_fails_the_program(self) -> None:
        """An exception in an unused `apply` ends the program with it (§2.1, edge 16)."""
        ran = run(lambda: Output.from_input(1).apply(failing(KeyError("boom"))) and None)

        assert not ran.result.ok
        assert "KeyError: 'boom'" in ran.error

    def test_what_is_derived_fails_likewise(self) -> None:
        """The callback is not called; the failure is reported once (§2.3)."""
        calls: list[Any] = []

        def program() -> None:
            failed = Output.from_input(1).apply(failing(ValueError("once")))
            failed.apply(calls.append)
            Output.all(failed, failed).apply(calls.append)

        ran = run(program)
        assert calls == []
        assert ran.result.error is not None
        assert ran.result.error.others == ()
        assert "ValueError: once" in ran.error

    def test_recover_supplies_another_value(self) -> None:
        """`recover` sees the exception; the program goes on (edge 17)."""
        caught: list[Exception] = []

        def make() -> Output[Any]:
            def instead(error: Exception) -> Output[int]:
                caught.append(error)
                return Output.from_input(7)

            return Output.from_input(1).apply(failing(ValueError("x"))).recover(instead)

        assert outcome_of(make).value == 7
        assert [str(e) for e in caught] == ["x"]

    def test_recover_lets_success_pass(self) -> None:
        """The function is not called (edge 18)."""
        calls: list[Any] = []
        seen = outcome_of(lambda: Output.secret(1).recover(lambda e: calls.append(e) or 0))

        assert (seen.value, seen.secret, calls) == (1, True, [])

    def test_recover_of_a_combination(self) -> None:
        """A failure inside `Output.all` can be recovered from as well."""
        seen = outcome_of(
            lambda: Output.all(1, Output.from_input(1).apply(failing(ValueError()))).recover(lambda _: [])
        )

        assert seen.value == []

    def test_awaiting_raises_it(self) -> None:
        """Async code sees the failure as an exception, and may handle it."""
        caught: list[BaseException] = []

        async def program() -> None:
            failed = Output.from_input(1).apply(failing(ValueError("x")))
            try:
                await failed.future()
            except ValueError as error:
                caught.append(error)

        run_ok(program)
        assert len(caught) == 1

    def test_the_rest_of_the_program_goes_on(self) -> None:
        """A failed callback does not stop what is asked for elsewhere (§9.3)."""

        def program() -> None:
            Output.from_input(1).apply(failing(ValueError("x")))
            Thing("after")

        ran = run(program)
        assert ran.monitor.names == ["after"]
        assert not ran.result.ok


class TestLifting:
    def test_attributes_and_items(self) -> None:
        """`o.attr` and `o[key]` are derived outputs (§2.4, edge 10)."""

        class Point:
            x = 3

        assert outcome_of(lambda: Output.from_input(Point()).x).value == 3
        assert outcome_of(lambda: Output.from_input({"k": [1, 2]})["k"][1]).value == 2

    @pytest.mark.parametrize("dry_run", [True, False])
    def test_an_unknown_stays_unknown(self, dry_run: bool) -> None:
        """In previews and in updates (edge 10)."""
        assert not outcome_of(lambda: unknown()["k"].attr, dry_run=dry_run).known

    def test_what_is_known_of_a_partly_unknown_value_is_known(self) -> None:
        """Items are looked up in what is there."""
        seen = outcome_of(lambda: Output.from_input({"a": 1, "b": unknown()})["a"])

        assert (seen.value, seen.known) == (1, True)

    def test_dunder_names_are_not_lifted(self) -> None:
        """So that probing by copy, pickle and the like fails (edge 11)."""
        with pytest.raises(AttributeError):
            Output.from_input(1).__foo__  # noqa: B018

    def test_a_missing_attribute_fails_the_program(self) -> None:
        """Lifting what the value lacks fails the derived output (§2.4)."""
        ran = run(lambda: Output.from_input({"key": 1}).key and None)

        assert "AttributeError" in ran.error

    def test_it_is_not_iterable(self) -> None:
        """The message says to iterate inside `apply` (edge 12)."""
        output = Output.from_input([1, 2])
        with pytest.raises(TypeError, match="apply"):
            list(output)
        with pytest.raises(TypeError, match="apply"):
            _a, _b = output

    def test_comparing_hashing_and_truth_are_of_the_object(self) -> None:
        """Identity, always true, no length, no arithmetic (§2.4)."""
        one, other = Output.from_input(1), Output.from_input(1)

        assert one != other
        assert one == one
        assert bool(Output.from_input(False))
        assert len({one, other, one}) == 2
        with pytest.raises(TypeError):
            len(one)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            one + 1  # type: ignore[operator]


class TestFromInput:
    @pytest.mark.parametrize("empty", [{}, [], ()])
    def test_empty_containers_keep_their_kind(self, empty: Any) -> None:
        """The same empty container comes back (edge 3)."""
        seen = outcome_of(lambda: Output.from_input(empty))

        assert seen.value == empty
        assert type(seen.value) is type(empty)

    def test_everything_nested_is_resolved(self) -> None:
        """Dicts in lists in dicts, keys too; tuples stay tuples (edges 4, 6, 7)."""

        async def later() -> str:
            return "later"

        def make() -> Output[Any]:
            o = Output.from_input
            return o({o("key"): [{"a": (o(1), (o(2),))}, later()]})  # type: ignore[dict-item]

        assert outcome_of(make).value == {"key": [{"a": (1, (2,))}, "later"]}

    def test_one_secret_makes_it_secret(self) -> None:
        """The whole output is (edge 5)."""
        seen = outcome_of(lambda: Output.from_input({"a": 1, "b": Output.secret(2)}))

        assert (seen.value, seen.secret) == ({"a": 1, "b": 2}, True)

    def test_objects_and_sets_are_taken_as_they_are(self) -> None:
        """Nothing is looked into beyond containers (§2.5)."""
        thing = {1, 2}
        assert outcome_of(lambda: Output.from_input(thing)).value is thing

    def test_arguments_classes_are_rebuilt(self) -> None:
        """Fields are resolved, nested ones and lists of them too (edges 8, 9)."""

        @input_type
        class Args:
            a: pulumi.Input[Any] = None
            b: pulumi.Input[Any] = None

        o = Output.from_input
        seen = outcome_of(lambda: o(Args(a=o(1), b=[Args(a=o(2)), Args()])))
        assert isinstance(seen.value, Args)
        assert seen.value == Args(a=1, b=[Args(a=2), Args()])

    def test_a_dict_class_with_clashing_names_becomes_a_plain_dict(self) -> None:
        """Generated classes have properties called `items` and `values` (edge 32, §2.5)."""

        class Clash(dict[str, Any]):
            @property
            def items(self) -> Any:  # type: ignore[override]
                return "mine"

            @property
            def values(self) -> Any:  # type: ignore[override]
                return "mine"

        seen = outcome_of(lambda: Output.from_input(Clash(items=1, values=Output.from_input(2))))
        assert seen.value == {"items": 1, "values": 2}
        assert type(seen.value) is dict

    def test_keys_that_are_no_strings_fail(self) -> None:
        """At resolution (§2.5)."""
        assert "TypeError" in run(lambda: Output.from_input({1: Output.from_input(2)}) and None).error

    @settings(max_examples=60, deadline=None)
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
            ),
            max_leaves=10,
        ),
        st.randoms(use_true_random=False),
    )
    def test_wrapping_parts_changes_nothing(self, value: Any, random: Any) -> None:
        """A value with any of its parts wrapped resolves to itself, secret if one of them was (§2.5)."""
        secrets = []

        def wrapped(part: Any) -> Any:
            if isinstance(part, list):
                part = [wrapped(item) for item in part]
            elif isinstance(part, dict):
                part = {key: wrapped(item) for key, item in part.items()}
            match random.randrange(4):
                case 0:
                    return Output.from_input(part)
                case 1:
                    secrets.append(part)
                    return Output.secret(part)
                case _:
                    return part

        async def check() -> None:
            seen = await look_at(Output.from_input(wrapped(value)))
            assert seen.value == value
            assert seen.secret == bool(secrets)

        asyncio.run(check())


class TestSecrets:
    def test_secret_is_deep(self) -> None:
        """The value is resolved all the way (edge 1)."""
        seen = outcome_of(lambda: Output.secret({"a": Output.from_input(1)}))

        assert (seen.value, seen.secret) == ({"a": 1}, True)

    def test_unsecret_changes_nothing_else(self) -> None:
        """Still unknown, the same resources (edge 2)."""

        def make() -> Output[Any]:
            return Output.unsecret(Output.secret(Thing("t", v="x").v))

        seen = outcome_of(make, dry_run=True)
        assert (seen.secret, seen.resources) == (False, {"t"})


class TestCombining:
    def test_all_by_position_by_name_none_and_mixed(self) -> None:
        """A list, a dict, an empty list, an error (edge 20)."""
        o = Output.from_input
        assert outcome_of(lambda: Output.all(o(1), 2)).value == [1, 2]
        assert outcome_of(lambda: Output.all(a=o(1), b=2)).value == {"a": 1, "b": 2}
        assert outcome_of(Output.all).value == []
        with pytest.raises(ValueError, match="mix"):
            Output.all(1, a=2)  # type: ignore[call-overload]

    def test_all_unites_resources_and_is_known_only_if_all_are(self) -> None:
        """(edge 21)"""

        def make() -> Output[Any]:
            return Output.all(Thing("one", v="a").v, Thing("two", v="b").id)

        seen = outcome_of(make, dry_run=True)
        assert (seen.known, seen.resources) == (False, {"one", "two"})

    def test_concat_and_format(self) -> None:
        """Strings are put together when all of them are known (§2.5)."""
        o = Output.from_input
        assert outcome_of(lambda: Output.concat("a", o("b"), "c")).value == "abc"
        assert outcome_of(lambda: Output.format("{0}-{n}", o("x"), n=o(3))).value == "x-3"
        assert not outcome_of(lambda: Output.format("{0}", unknown())).known

    def test_concat_of_something_else_fails(self) -> None:
        """A resolved element that is no string is a TypeError (§2.5)."""
        assert "TypeError" in run(lambda: Output.concat("a", 1) and None).error  # type: ignore[arg-type]

    def test_a_deferred_output_takes_over_another(self) -> None:
        """Secretness flows; a second resolution raises (edge 28)."""

        def make() -> Output[Any]:
            output, resolve = deferred_output()  # type: ignore[var-annotated]
            resolve(Output.secret("x"))
            with pytest.raises(Exception, match="resolved already"):
                resolve(Output.from_input("y"))
            return output

        seen = outcome_of(make)
        assert (seen.value, seen.secret) == ("x", True)


class TestJson:
    def test_nested_outputs_are_resolved(self) -> None:
        """Values and keys (edge 24)."""
        o = Output.from_input
        seen = outcome_of(lambda: Output.json_dumps({o("k"): [o(1), {"x": o("y")}]}, sort_keys=True))

        assert json.loads(seen.value) == {"k": [1, {"x": "y"}]}

    def test_an_unknown_makes_it_unknown(self) -> None:
        """Not an error (edge 22)."""
        assert not outcome_of(lambda: Output.json_dumps({"a": unknown()})).known

    def test_secrets_and_resources_flow(self) -> None:
        """(edge 23)"""
        seen = outcome_of(lambda: Output.json_dumps([Output.secret(Thing("t", v="x").v)]))

        assert (seen.value, seen.secret, seen.resources) == ('["x"]', True, {"t"})

    def test_outputs_behind_default(self) -> None:
        """The caller's `default` may answer with outputs, pending ones too (§2.5)."""

        class Money:
            def __init__(self, amount: Any) -> None:
                self.amount = amount

        seen = outcome_of(
            lambda: Output.json_dumps({"m": Money(Thing("t", v=5).v)}, default=lambda o: {"amount": o.amount})
        )
        assert (seen.value, seen.resources) == ('{"m": {"amount": 5.0}}', {"t"})

    def test_what_cannot_be_encoded_fails(self) -> None:
        """As with `json.dumps`."""
        assert "not JSON serializable" in run(lambda: Output.json_dumps({"a": object()}) and None).error

    def test_loads(self) -> None:
        """`json_loads` waits for the text (§2.5)."""
        assert outcome_of(lambda: Output.json_loads(Output.from_input('{"a": 1.5}'))["a"]).value == 1.5


class TestStrings:
    def test_a_formatted_output_says_what_to_write(self) -> None:
        """No exception; a warning in the log (edge 13)."""
        texts: list[str] = []

        ran = run_ok(lambda: texts.append(f"bucket-{Output.from_input('x')}"))

        assert "apply" in texts[0]
        assert "Output.concat" in texts[0]
        assert any("Calling __str__ on an Output" in said for said in ran.monitor.warnings())

    @pytest.mark.parametrize("value", ["1", "true", "TRUE"])
    def test_it_raises_where_that_is_asked_for(self, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """(edge 14)"""
        monkeypatch.setenv("PULUMI_ERROR_OUTPUT_STRING", value)
        with pytest.raises(TypeError, match="apply"):
            str(Output.from_input(1))

    def test_messages_show_it_without_warning(self) -> None:
        """An output in a message is `Output[T]`; an error of a user's own `__str__` passes (edge 15)."""

        class Rude:
            def __str__(self) -> str:
                raise LookupError("rude")

        assert safe_str(Output.from_input(1)) == "Output[T]"
        with pytest.raises(LookupError):
            safe_str(Rude())


class TestNotForPrograms:
    def test_get(self) -> None:
        """`get` says to use `apply` (edge 25)."""
        with pytest.raises(Exception, match="apply"):
            Output.from_input(1).get()

    @pytest.mark.parametrize("deed", [pickle.dumps, copy.copy, copy.deepcopy])
    def test_copying_and_pickling(self, deed: Callable[[Any], Any]) -> None:
        """Refused outside of a serialization context (edge 26, §2.7)."""
        with pytest.raises(Exception, match="cannot be copied or pickled"):
            deed(Output.from_input(1))

    def test_awaiting_it(self) -> None:
        """An output itself is not awaitable (§2.2)."""

        async def program() -> None:
            with pytest.raises(TypeError):
                await Output.from_input(1)  # type: ignore[misc]

        run_ok(program)


class TestAccessors:
    def test_the_legacy_names_are_awaitable(self) -> None:
        """Generated code awaits `_future`, `_is_known`, `_is_secret` and `_resources` (§2.2, §22)."""
        found: list[Any] = []

        async def program() -> None:
            o = Output.secret("x")
            found.extend([await o._future, await o._is_known, await o._is_secret, await o._resources])

        run_ok(program)
        assert found == ["x", True, True, set()]

    def test_the_public_constructor(self) -> None:
        """Takes awaitables and a set, positionally (§2.1)."""

        async def given(value: Any) -> Any:
            return value

        seen = outcome_of(lambda: Output(set(), given("v"), given(True), given(True)))
        assert (seen.value, seen.secret) == ("v", True)
        assert not outcome_of(lambda: Output(set(), given("v"), given(True))).secret

    def test_it_is_generic(self) -> None:
        """`Output[str]` subscripts, and its origin is `Output` (§2.1)."""
        import typing

        assert typing.get_origin(Output[str]) is Output


class TestUnknowns:
    def test_found_in_dicts_and_lists_only(self) -> None:
        """Not in tuples, sets or objects; cycles end (§2.8)."""
        cycle: list[Any] = []
        cycle.append(cycle)
        assert contains_unknowns({"a": [1, {"b": Unknown()}]})
        assert not contains_unknowns((Unknown(),))
        assert not contains_unknowns(cycle)

    def test_a_value_with_an_unknown_in_it_is_not_known(self) -> None:
        """(§2)"""
        assert not outcome_of(lambda: Output.from_input(1).apply(lambda _: {"a": [UNKNOWN]})).known
