"""JSON of states (terraform.md §3.5)."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from support.terraform_values import typed_values

from stackwright.providers.terraform import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    UNKNOWN,
    DynamicValue,
    ListOf,
    MapOf,
    ObjectOf,
    SetOf,
    TupleOf,
    Type,
    ValueMismatchError,
    decode_json,
    encode_json,
    equal,
    strip_json,
)

PERSON = ObjectOf({"name": STRING, "age": NUMBER})

GOLDEN: list[tuple[Any, Type, bytes]] = [
    (None, PERSON, b"null"),
    ("é\n", STRING, '"é\\n"'.encode()),
    (True, BOOL, b"true"),
    (12, NUMBER, b"12"),
    (12.0, NUMBER, b"12"),
    (0.1, NUMBER, b"0.1"),
    (-0.0, NUMBER, b"0"),
    (1e21, NUMBER, b"1000000000000000000000"),
    (Decimal("1.2300"), NUMBER, b"1.23"),
    (Decimal("1E-10"), NUMBER, b"0.0000000001"),
    (2**80, NUMBER, b"1208925819614629174706176"),
    (["b", "a"], ListOf(STRING), b'["b","a"]'),
    (["b", "a"], SetOf(STRING), b'["a","b"]'),
    (["b", 1], TupleOf((STRING, NUMBER)), b'["b",1]'),
    ({"b": None, "a": "x"}, MapOf(STRING), b'{"a":"x","b":null}'),
    ({"name": "x"}, PERSON, b'{"age":null,"name":"x"}'),
    (DynamicValue(ListOf(NUMBER), [1]), DYNAMIC, b'{"value":[1],"type":["list","number"]}'),
    (None, DYNAMIC, b"null"),
]


class TestGolden:
    @pytest.mark.parametrize(("value", "kind", "written"), GOLDEN)
    def test_bytes_and_back(self, value: Any, kind: Type, written: bytes) -> None:
        assert encode_json(value, kind) == written
        assert equal(decode_json(written, kind), value, kind) or isinstance(value, float)

    @settings(max_examples=60)
    @given(typed_values(unknown=False))
    def test_a_known_value_of_any_type_comes_back(self, typed: tuple[Type, Any]) -> None:
        kind, value = typed
        written = encode_json(value, kind)

        json.loads(written)
        again = decode_json(written, kind)
        assert encode_json(again, kind) == written


class TestReading:
    def test_missing_attributes_are_null(self) -> None:
        assert decode_json(b"{}", PERSON) == {"age": None, "name": None}

    def test_primitives_written_as_others_are_taken(self) -> None:
        assert decode_json(b'{"name": 1.50, "age": "30"}', PERSON) == {"name": "1.5", "age": 30}
        assert decode_json(b"true", STRING) == "true"
        assert decode_json(b'"true"', BOOL) is True

    def test_every_digit_is_kept(self) -> None:
        digits = b"0.1234567890123456789012345678901234567890"
        assert decode_json(digits, NUMBER) == Decimal(digits.decode())

    @pytest.mark.parametrize(
        ("written", "kind", "message"),
        [
            (b"{", PERSON, "no JSON"),
            (b'"\xff"', STRING, "no JSON"),
            (b'{"x": 1}', PERSON, "`x`: there is no such attribute"),
            (b'[{"age": []}]', ListOf(PERSON), "`[0].age`: a number"),
            (b'{"a": 1}', DYNAMIC, "`type` and `value`"),
            (b'{"type": "x", "value": 1}', DYNAMIC, "cannot be read"),
            (b"1e999999", NUMBER, "too long"),
            (b"[1]", TupleOf(()), "0 elements"),
            (b"[" * 100_000, ListOf(STRING), "deeply"),
        ],
    )
    def test_what_is_wrong_is_said_with_its_place(self, written: bytes, kind: Type, message: str) -> None:
        with pytest.raises(ValueMismatchError) as caught:
            decode_json(written, kind)

        assert message in str(caught.value)


class TestWriting:
    @pytest.mark.parametrize(
        ("value", "kind", "message"),
        [
            ({"name": UNKNOWN}, PERSON, "`name`: it is not known yet"),
            (math.inf, NUMBER, "infinite"),
            (Decimal("-Infinity"), NUMBER, "infinite"),
            ("x", NUMBER, "a number is needed"),
            ({"x": 1}, PERSON, "`x`: there is no such attribute"),
            ("\ud800", STRING, "half of a character pair"),
        ],
    )
    def test_what_json_cannot_say_is_an_error(self, value: Any, kind: Type, message: str) -> None:
        with pytest.raises(ValueMismatchError) as caught:
            encode_json(value, kind)

        assert message in str(caught.value)


class TestStripping:
    def test_keys_that_the_type_lacks_go_at_every_depth(self) -> None:
        """§5.4; numbers and what is not of the type stay as they were written."""
        kind = ObjectOf(
            {"list": ListOf(PERSON), "map": MapOf(PERSON), "any": DYNAMIC, "pair": TupleOf((PERSON, STRING))}
        )
        written = (
            b'{"list":[{"name":"x","old":1},"odd"],"map":{"k":{"age":1.50,"old":1}},"gone":{},'
            b'"any":{"value":{"old":1},"type":"dynamic"},"pair":[{"old":1},7]}'
        )

        assert strip_json(written, kind) == (
            b'{"list":[{"name":"x"},"odd"],"map":{"k":{"age":1.50}},'
            b'"any":{"value":{"old":1},"type":"dynamic"},"pair":[{},7]}'
        )
