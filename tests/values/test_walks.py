"""Questions about whole values, and changed copies (protocol.md §2.4, engine.md E76, E154)."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from support.value_strategies import plain_values, values

from stackwright.urn import Urn
from stackwright.values import (
    UNKNOWN,
    Archive,
    Asset,
    OutputValue,
    ResourceRef,
    Secret,
    Unknown,
    UnknownKind,
    Value,
    _walks,
    contains_assets,
    contains_outputs,
    contains_secrets,
    contains_unknowns,
    dependencies_in,
    map_leaves,
    reduce_outputs,
    reveal,
    seal,
    strip_secrets,
    upgrade_to_outputs,
    values_equal,
)

A, B = Urn("urn:pulumi:d::p::a:b:C::a"), Urn("urn:pulumi:d::p::a:b:C::b")
REF = ResourceRef(urn=A, id=UNKNOWN)

WRAPPINGS: list[Callable[[Value], Value]] = [
    lambda inner: inner,
    lambda inner: [1, inner],
    lambda inner: {"a": {"b": [inner, None]}},
    Secret,
    lambda inner: OutputValue(value=inner),
    lambda inner: {"a": Secret([OutputValue(value={"x": inner})])},
]


def tower(depth: int, top: Value) -> Value:
    """A value nested *depth* levels deep, all kinds of levels in turn."""
    value = top
    for level in range(depth):
        value = WRAPPINGS[1 + level % 4](value)
    return value


def note_kinds(value: Value) -> list[str]:
    seen: list[str] = []

    def note(part: Value) -> Value:
        seen.append(type(part).__name__)
        return part

    map_leaves(value, note)
    return seen


class TestQuestions:
    @pytest.mark.parametrize("wrap", WRAPPINGS)
    def test_found_at_any_depth(self, wrap: Callable[[Value], Value]) -> None:
        """Lists, maps, secrets and output values are looked into."""
        assert contains_unknowns(wrap(UNKNOWN))
        assert contains_unknowns(wrap(Unknown(UnknownKind.ARRAY)))
        assert contains_secrets(wrap(Secret(None)))
        assert contains_secrets(wrap(OutputValue(value=1, secret=True)))
        assert contains_outputs(wrap(OutputValue(value=1)))
        assert contains_assets(wrap(Asset(text="t")))
        assert contains_assets(wrap(Archive(assets={})))
        assert dependencies_in(wrap(OutputValue(value=1, dependencies=(A, B)))) == {A, B}

    @given(plain_values)
    def test_plain_data_has_none(self, value: Value) -> None:
        """Plain data holds nothing special."""
        assert not contains_unknowns(value)
        assert not contains_secrets(value)
        assert not contains_outputs(value)
        assert not contains_assets(value)
        assert dependencies_in(value) == set()

    def test_reference_is_known(self) -> None:
        """A reference is known even where the id of its resource is not (§2.5)."""
        assert not contains_unknowns({"ref": REF})

    def test_output_that_is_not_secret(self) -> None:
        """An output value is secret only if it says so (§2.4)."""
        assert not contains_secrets(OutputValue(value=1))


class TestMapping:
    @given(values)
    def test_nothing_changed_is_the_same_object(self, value: Value) -> None:
        """Where nothing changes, the very object comes back."""
        assert map_leaves(value, lambda part: part) is value
        assert _walks._mapped_deep(value, lambda part: part) is value

    @given(values)
    def test_deep_values_are_walked_alike(self, value: Value) -> None:
        """The walk for what lies deep gives what the walk by recursion gives, in the same order."""
        seen: list[list[Value]] = [[], []]

        def change(part: Value, log: list[Value]) -> Value:
            log.append(part)
            return part.value if type(part) is Secret else Secret(part) if type(part) is list else part

        for log, walk in zip(seen, (map_leaves, _walks._mapped_deep), strict=True):
            log.append(walk(value, lambda part, log=log: change(part, log)))

        assert repr(seen[0][-1]) == repr(seen[1][-1])
        if type(value) in (dict, list, Secret, OutputValue):
            assert [repr(part) for part in seen[0]] == [repr(part) for part in seen[1]]

    def test_children_come_first(self) -> None:
        """A container is seen after what it holds; plain leaves are not seen at all."""
        assert note_kinds({"a": [UNKNOWN, "text"], "b": Secret(1)}) == ["Unknown", "list", "Secret", "dict"]

    def test_change_is_not_applied_to_its_own_result(self) -> None:
        """What stands in a part's place is not walked again."""
        assert map_leaves([UNKNOWN], lambda part: Secret(UNKNOWN) if part is UNKNOWN else part) == [
            Secret(UNKNOWN)
        ]

    def test_original_is_untouched(self) -> None:
        """A copy is changed; what was given stays, and unchanged parts are shared."""
        kept = {"x": [1]}
        value = {"a": Secret(1), "b": kept}

        changed = strip_secrets(value)

        assert changed == {"a": 1, "b": {"x": [1]}}
        assert changed["b"] is kept
        assert value == {"a": Secret(1), "b": kept}

    @pytest.mark.parametrize("depth", [99, 100, 101, 20_000])
    def test_any_depth(self, depth: int) -> None:
        """Values from outside may be deeper than the interpreter's stack: nothing here minds."""
        deep = tower(depth, Secret("s"))
        assert sys.getrecursionlimit() < 20_000

        assert contains_secrets(deep)
        assert dependencies_in(deep) == set()
        bare = reveal(deep)
        assert not contains_secrets(bare)
        assert not contains_outputs(bare)
        assert not contains_outputs(reduce_outputs(deep))
        assert not contains_secrets(strip_secrets(deep))
        assert values_equal(deep, tower(depth, Secret("s")))
        assert not values_equal(deep, tower(depth, Secret("t")))


class TestStripping:
    @given(values)
    def test_no_secret_is_left(self, value: Value) -> None:
        """Nothing secret remains, and doing it again changes nothing."""
        bare = strip_secrets(value)

        assert not contains_secrets(bare)
        assert strip_secrets(bare) is bare
        assert dependencies_in(bare) == dependencies_in(value)

    @given(values)
    def test_reveal_leaves_no_wrapper(self, value: Value) -> None:
        """Neither secrets nor output values remain (E154)."""
        bare = reveal(value)

        assert not contains_secrets(bare)
        assert not contains_outputs(bare)
        assert reveal(bare) is bare

    @given(values)
    def test_sealing_then_revealing(self, value: Value) -> None:
        """Sealing changes nothing but secretness."""
        assert repr(reveal(seal(value))) == repr(reveal(value))


class TestReducing:
    @pytest.mark.parametrize(
        ("value", "reduced"),
        [
            (OutputValue(value=1), 1),
            (OutputValue(value=None), None),
            (OutputValue(value=1, secret=True), Secret(1)),
            (OutputValue(value=Secret(1), secret=True), Secret(1)),
            (OutputValue(value=OutputValue(value=1, secret=True), dependencies=(A,)), Secret(1)),
            ({"a": [OutputValue(value={"b": OutputValue(value=2)})]}, {"a": [{"b": 2}]}),
        ],
    )
    def test_known(self, value: Value, reduced: Value) -> None:
        """A known output value is its value, secret if it was; its dependencies go (E76)."""
        assert reduce_outputs(value) == reduced

    def test_unknown_comes_first(self) -> None:
        """An unknown is an unknown of its kind, secret or not (E76)."""
        unknown = Unknown(UnknownKind.NUMBER)

        assert reduce_outputs(OutputValue(secret=True, dependencies=(A,))) is UNKNOWN
        assert reduce_outputs([OutputValue(value=unknown)]) == [unknown]

    def test_secrets_and_unknowns_become_outputs(self) -> None:
        """Wherever they are, and one within the other is one (protocol.md §3.1)."""
        output = OutputValue(value="x", dependencies=(A,))
        number = Unknown(UnknownKind.NUMBER)
        value = {"a": [Secret("s"), UNKNOWN], "b": Secret(number), "c": Secret(output), "d": output, "e": 1}
        assert upgrade_to_outputs(value) == {
            "a": [OutputValue(value="s", secret=True), OutputValue()],
            "b": OutputValue(value=number, secret=True),
            "c": OutputValue(value="x", secret=True, dependencies=(A,)),
            "d": output,
            "e": 1,
        }

    @given(values)
    def test_no_output_is_left(self, value: Value) -> None:
        """No output value remains, and values without any come back as the same object."""
        reduced = reduce_outputs(value)

        assert not contains_outputs(reduced)
        assert (reduced is value) == (not contains_outputs(value))


class TestSealing:
    def test_plain(self) -> None:
        """A value becomes secret as a whole."""
        assert seal({"a": 1}) == Secret({"a": 1})
        assert seal(None) == Secret(None)

    def test_output(self) -> None:
        """An output value becomes a secret output value, and keeps its dependencies."""
        assert seal(OutputValue(value=1, dependencies=(A,))) == OutputValue(
            value=1, secret=True, dependencies=(A,)
        )

    @pytest.mark.parametrize("value", [Secret(1), UNKNOWN, OutputValue(value=1, secret=True)])
    def test_kept(self, value: Value) -> None:
        """What is secret already, or unknown, stays as it is."""
        assert seal(value) is value
