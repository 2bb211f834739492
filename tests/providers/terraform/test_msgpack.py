"""MessagePack (terraform.md §3.3, §3.4): golden bytes, round trips, and what is refused."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
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
    Refinements,
    SetOf,
    TupleOf,
    Type,
    UnknownValue,
    ValueMismatchError,
    decode_msgpack,
    encode_msgpack,
    equal,
)

PERSON = ObjectOf({"name": STRING, "age": NUMBER})
BIG = 12345678901234567890123456789012345678901234567890

GOLDEN: list[tuple[Any, Type, str]] = [
    (None, STRING, "c0"),
    (None, PERSON, "c0"),
    (None, DYNAMIC, "c0"),
    ("", STRING, "a0"),
    ("é", STRING, "a2c3a9"),
    ("e\u0301", STRING, "a2c3a9"),
    (True, BOOL, "c3"),
    (False, BOOL, "c2"),
    (0, NUMBER, "00"),
    (-1, NUMBER, "ff"),
    (300, NUMBER, "cd012c"),
    (2**63 - 1, NUMBER, "cf7fffffffffffffff"),
    (-(2**63), NUMBER, "d38000000000000000"),
    (2**63, NUMBER, "b3" + b"9223372036854775808".hex()),
    (80.0, NUMBER, "50"),
    (Decimal("80.0"), NUMBER, "50"),
    (1.5, NUMBER, "cb3ff8000000000000"),
    (Decimal("1.50"), NUMBER, "cb3ff8000000000000"),
    (Decimal("0.1"), NUMBER, "a3" + b"0.1".hex()),
    (Decimal("1E-7"), NUMBER, "a9" + b"0.0000001".hex()),
    (Decimal("1E+20"), NUMBER, "b5" + b"100000000000000000000".hex()),
    (1e20, NUMBER, "b5" + b"100000000000000000000".hex()),
    (math.inf, NUMBER, "cb7ff0000000000000"),
    (-math.inf, NUMBER, "cbfff0000000000000"),
    ([], ListOf(STRING), "90"),
    (["b", None, "a"], ListOf(STRING), "93a162c0a161"),
    (["b", "a", "b"], SetOf(STRING), "92a161a162"),
    ({"b": 1, "a": None}, MapOf(NUMBER), "82a161c0a16201"),
    ({"name": "x"}, PERSON, "82a3616765c0a46e616d65a178"),
    (["a", 1], TupleOf((STRING, NUMBER)), "92a16101"),
    (UNKNOWN, STRING, "d40000"),
    (UNKNOWN, DYNAMIC, "d40000"),
    (UnknownValue(Refinements(nullable=False)), STRING, "d40000"),
    ([UNKNOWN], ListOf(PERSON), "91d40000"),
    (DynamicValue(STRING, "x"), DYNAMIC, "92c408" + b'"string"'.hex() + "a178"),
    (DynamicValue(TupleOf((BOOL,)), [True]), DYNAMIC, "92c412" + b'["tuple",["bool"]]'.hex() + "91c3"),
]


class TestGolden:
    @pytest.mark.parametrize(("value", "kind", "written"), GOLDEN)
    def test_bytes(self, value: Any, kind: Type, written: str) -> None:
        """§3.3."""
        assert encode_msgpack(value, kind).hex() == written

    @pytest.mark.parametrize(("value", "kind", "written"), GOLDEN)
    def test_and_back(self, value: Any, kind: Type, written: str) -> None:
        assert equal(decode_msgpack(bytes.fromhex(written), kind), value, kind) or kind == SetOf(STRING)


class TestRoundTrip:
    @settings(max_examples=60)
    @given(typed_values())
    def test_a_value_of_any_type_comes_back(self, typed: tuple[Type, Any]) -> None:
        kind, value = typed
        written = encode_msgpack(value, kind)

        again = decode_msgpack(written, kind)
        assert equal(again, value, kind)
        assert encode_msgpack(again, kind) == written

    @settings(max_examples=60)
    @given(typed_values(), st.binary(min_size=1, max_size=8), st.integers(0, 40))
    def test_damaged_bytes_never_break_the_reader(
        self, typed: tuple[Type, Any], damage: bytes, at: int
    ) -> None:
        """Whatever a provider sends is a value of the type or a `ValueMismatchError`."""
        kind, value = typed
        written = encode_msgpack(value, kind)
        try:
            found = decode_msgpack(written[:at] + damage + written[at + len(damage) :], kind)
        except ValueMismatchError:
            return
        encode_msgpack(found, kind)

    @pytest.mark.parametrize("number", [BIG, -BIG, Decimal(f"0.{BIG}"), Decimal(f"{BIG}.{BIG}"), 2**53 + 1])
    def test_numbers_keep_every_digit(self, number: int | Decimal) -> None:
        """§10 no. 24."""
        again = decode_msgpack(encode_msgpack(number, NUMBER), NUMBER)

        assert again == number
        assert not isinstance(again, float)


class TestLiberalReading:
    """Providers send what they like; §3.3."""

    @pytest.mark.parametrize(
        ("written", "kind", "value"),
        [
            ("c403616263", STRING, "abc"),  # bin
            ("c402ff00", STRING, "\ufffd\0"),
            ("ca3fc00000", NUMBER, 1.5),  # float32
            ("d00f", NUMBER, 15),  # wider than needed
            ("a3312e35", NUMBER, Decimal("1.5")),
            ("a3316533", NUMBER, Decimal(1000)),
            ("a3303037", NUMBER, 7),
            ("c40131", NUMBER, 1),
            ("c70005", STRING, UNKNOWN),  # any extension
            ("d4 63 00", BOOL, UNKNOWN),
            ("81a46e616d65a178", PERSON, {"name": "x", "age": None}),
            ("81c4046e616d65a178", PERSON, {"name": "x", "age": None}),
            ("92a8" + b'"string"'.hex() + "a178", DYNAMIC, DynamicValue(STRING, "x")),
            ("92c409" + b'"dynamic"'.hex() + "c0", DYNAMIC, None),
            ("93a162a161a162", SetOf(STRING), ["a", "b"]),
            ("", PERSON, None),
        ],
    )
    def test_reads(self, written: str, kind: Type, value: Any) -> None:
        found = decode_msgpack(bytes.fromhex(written), kind)

        assert found == value
        assert type(found) is type(value)

    @settings(max_examples=60)
    @given(typed_values())
    def test_one_string_that_is_no_text_spoils_nothing(self, typed: tuple[Type, Any]) -> None:
        """As Terraform has it: U+FFFD for what is none, and all around it as it was."""
        kind, value = typed
        written = b"\x92" + encode_msgpack(value, kind) + b"\xa4a\xb5\xc3b"

        found, text = decode_msgpack(written, TupleOf((kind, STRING)))
        assert text == "a\ufffd\ufffdb"
        assert equal(found, value, kind)

    @pytest.mark.parametrize("length", [1, 40, 300, 70_000])
    def test_whatever_its_length(self, length: int) -> None:
        packed = msgspec.msgpack.encode("x" * length).replace(b"x", b"\xb5")

        assert decode_msgpack(packed, STRING) == "\ufffd" * length

    def test_refinements_are_kept_where_they_can_be_read(self) -> None:
        """§3.4."""
        said = {1: False, 2: "ami-", 3: [1, True], 4: ["2.5", False], 5: 1, 6: 4, 99: "?"}
        packed = msgspec.msgpack.encode(msgspec.msgpack.Ext(12, msgspec.msgpack.encode(said)))

        assert decode_msgpack(packed, STRING) == UnknownValue(
            Refinements(False, "ami-", (1, True), (Decimal("2.5"), False), 1, 4)
        )

    @pytest.mark.parametrize("said", [{}, {99: 1}, {1: "x", 2: 3, 3: [], 5: "1"}])
    def test_refinements_that_say_nothing_leave_a_plain_unknown(self, said: dict[int, Any]) -> None:
        packed = msgspec.msgpack.encode(msgspec.msgpack.Ext(12, msgspec.msgpack.encode(said)))

        assert decode_msgpack(packed, STRING) == UNKNOWN

    def test_refinements_without_end_are_an_error(self) -> None:
        packed = msgspec.msgpack.encode(msgspec.msgpack.Ext(12, msgspec.msgpack.encode({2: "x" * 2000})))

        with pytest.raises(ValueMismatchError, match="1024 bytes"):
            decode_msgpack(packed, STRING)


class TestRefused:
    @pytest.mark.parametrize(
        ("value", "kind", "message"),
        [
            (1, STRING, "a string is needed, and this is a number"),
            ("secret", NUMBER, "a number is needed, and this is a string"),
            (True, NUMBER, "a number is needed, and this is a bool"),
            (1, BOOL, "a bool is needed"),
            (math.nan, NUMBER, "NaN"),
            (Decimal("NaN"), NUMBER, "NaN"),
            (Decimal("1E+999999"), NUMBER, "too long"),
            ("x", ListOf(STRING), "a list is needed"),
            ({"a": "x"}, SetOf(STRING), "a set is needed"),
            (["x"], PERSON, "an object is needed"),
            ([], MapOf(STRING), "a map is needed"),
            ("x", DYNAMIC, "a value with its type is needed"),
            (["x"], TupleOf((STRING, STRING)), "a list of 2 elements"),
            ("\ud800", STRING, "half of a character pair"),
            ({"surplus": 1}, PERSON, "`surplus`: there is no such attribute"),
            ([{"name": "x"}, {"name": 1}], ListOf(PERSON), "`[1].name`: a string is needed"),
            ({"a": {"b": [[True]]}}, MapOf(ObjectOf({"b": ListOf(ListOf(NUMBER))})), "`a.b[0][0]`: a number"),
            ([None, True], TupleOf((STRING, NUMBER)), "`[1]`: a number"),
            (DynamicValue(ListOf(STRING), [1]), DYNAMIC, "`[0]`: a string"),
        ],
    )
    def test_writing_says_what_and_where(self, value: Any, kind: Type, message: str) -> None:
        with pytest.raises(ValueMismatchError) as caught:
            encode_msgpack(value, kind)

        assert message in str(caught.value)
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize(
        ("written", "kind", "message"),
        [
            ("c1", STRING, "no MessagePack"),
            ("a1", STRING, "no MessagePack"),
            ("a17800", STRING, "no MessagePack"),
            ("01", STRING, "a string is needed"),
            ("a0", NUMBER, "says none"),
            ("a3696e66", NUMBER, "says none"),
            ("a3315f30", NUMBER, "says none"),
            ("c3", NUMBER, "a number is needed"),
            ("a9316539393939393939", NUMBER, "too long"),
            ("00", BOOL, "a bool is needed"),
            ("a178", ListOf(STRING), "a list is needed"),
            ("91a178", TupleOf((STRING, STRING)), "2 elements"),
            ("81a178c0", PERSON, "`x`: there is no such attribute"),
            ("9181a46e616d6501", ListOf(PERSON), "`[0].name`: a string"),
            ("81a16101", MapOf(STRING), "`a`: a string"),
            ("8101a178", MapOf(STRING), "a string is needed"),
            ("91c0", DYNAMIC, "a pair"),
            ("92a178c0", DYNAMIC, "cannot be read"),
            ("91" * 100_000 + "c0", ListOf(STRING), "too deeply"),
        ],
    )
    def test_reading_says_what_and_where(self, written: str, kind: Type, message: str) -> None:
        with pytest.raises(ValueMismatchError) as caught:
            decode_msgpack(bytes.fromhex(written), kind)

        assert message in str(caught.value)
