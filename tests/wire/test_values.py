"""The codec between property values and `google.protobuf.Struct`."""

from __future__ import annotations

import subprocess
import sys
from enum import Enum, IntEnum
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackwright.urn import Urn, make_urn
from stackwright.values import (
    EMPTY_ARCHIVE_HASH,
    EMPTY_TEXT_HASH,
    UNKNOWN,
    Archive,
    Asset,
    OutputValue,
    ResourceRef,
    Secret,
    Unknown,
    UnknownKind,
)
from stackwright.wire import (
    EVERYTHING,
    SIGNATURE,
    CodecOptions,
    DecodeError,
    EncodeError,
    decode_properties,
    decode_value,
    encode_properties,
    encode_value,
)
from stackwright.wire.stubs.google.protobuf.struct_pb2 import Struct, Value

PLAIN = CodecOptions()
URN = make_urn("dev", "shop", "", "aws:s3/bucket:Bucket", "site")
OTHER = make_urn("dev", "shop", "", "aws:s3/bucket:Bucket", "logs")

SECRET = "1b47061264138c4ac30d75fd1eb44270"
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
BYTES = "803fd3297a5875dc03ca845dda5d2a98"
STRING_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def options(**flags: bool) -> CodecOptions:
    return CodecOptions(**flags)


def sent(properties: dict[str, Any], how: CodecOptions = EVERYTHING) -> dict[str, Any]:
    """What stands on the wire for *properties*, as plain Python."""
    message = Struct()
    encode_properties(properties, message, how)
    return raw(message)


def raw(message: Struct) -> dict[str, Any]:
    def plain(value: Value) -> Any:
        match value.WhichOneof("kind"):
            case "struct_value":
                return raw(value.struct_value)
            case "list_value":
                return [plain(item) for item in value.list_value.values]
            case "null_value":
                return None
            case str(kind):
                return getattr(value, kind)
            case None:
                raise AssertionError("a value without a kind is on the wire")

    return {key: plain(message.fields[key]) for key in message.fields}


def wire(content: dict[str, Any]) -> Struct:
    """A message that says *content* literally."""
    message = Struct()
    message.update(content)
    return message


def received(content: dict[str, Any], how: CodecOptions = EVERYTHING) -> dict[str, Any]:
    return decode_properties(wire(content), how)


class TestPlainData:
    def test_every_plain_kind_has_its_member(self) -> None:
        """protocol.md §2.1: null, boolean, number, string, list and map."""
        bag = {"n": None, "b": True, "i": 3, "f": 2.5, "s": "é", "l": [1, None, "x"], "m": {"k": {}}, "e": []}

        assert sent(bag) == bag
        assert received(bag) == bag

    def test_whole_numbers_come_back_as_integers(self) -> None:
        """protocol.md §2.1: the wire has doubles only; whole and exact ones are integers to us."""
        (got,) = received({"l": [443.0, 0.5, float(2**53 - 1), float(2**53)]}).values()

        assert got == [443, 0.5, 2**53 - 1, float(2**53)]
        assert [type(number) for number in got] == [int, float, int, float]

    def test_keys_are_sorted(self) -> None:
        """protocol.md §1: the order of a map on the wire means nothing, so ours is the same every time."""
        keys = [f"{prefix}{number}" for number in range(20) for prefix in "zab"]

        assert list(received(dict.fromkeys(keys, True))) == sorted(keys)

    def test_numbers_beyond_the_doubles_are_refused(self) -> None:
        """protocol.md §2.1: large integers lose precision; one that no double comes near is an error."""
        assert sent({"n": 2**53 + 1}) == {"n": float(2**53)}
        with pytest.raises(EncodeError, match="too large"):
            sent({"n": 10**400})

    def test_not_a_number_and_infinity_pass(self) -> None:
        """protocol.md §2.1: a number is any IEEE double."""
        got = decode_properties(_encoded({"inf": float("inf"), "nan": float("nan")}), EVERYTHING)

        assert got["inf"] == float("inf")
        assert got["nan"] != got["nan"]

    def test_an_empty_bag_is_a_present_message(self) -> None:
        """protocol.md §3.3: an empty map and a missing map are two things."""
        holder = Value()
        encode_properties({}, holder.struct_value, PLAIN)

        assert holder.WhichOneof("kind") == "struct_value"

    def test_enums_and_tuples_travel_as_what_they_extend(self) -> None:
        """A program's subclasses of plain kinds are plain data on the wire."""

        class Size(IntEnum):
            LARGE = 3

        class Tier(str, Enum):  # noqa: UP042 - whose str() differs from its text
            HOT = "hot"

        assert sent({"size": Size.LARGE, "tier": Tier.HOT, "pair": (1, 2)}) == {
            "size": 3.0,
            "tier": "hot",
            "pair": [1.0, 2.0],
        }

    def test_what_no_protocol_has_is_refused_by_its_path(self) -> None:
        """A value of a foreign type is reported where it stands, without being shown."""
        with pytest.raises(
            EncodeError, match=r"`rules\[1\]\.when` cannot be sent.*nothing.*stands for a set"
        ):
            sent({"rules": [{}, {"when": {1, 2}}]})

    @pytest.mark.parametrize(
        "bag", [{"a": {"b": "\ud800"}}, {"a": {"b": ["\ud800"]}}, {"a": {"\ud800": "x"}}]
    )
    def test_text_that_is_not_unicode_is_refused(self, bag: dict[str, Any]) -> None:
        """protocol.md §2.7: a string is valid UTF-8."""
        with pytest.raises(EncodeError, match=r"`a[.\[].*surrogate"):
            sent(bag)

    def test_keys_are_strings(self) -> None:
        """protocol.md §2.1: maps have string keys."""
        with pytest.raises(EncodeError, match="key must be a string, not int"):
            sent({"a": {1: "x"}})

    def test_a_value_that_contains_itself_is_an_error(self) -> None:
        """A cycle is reported rather than running until memory ends."""
        loop: list[Any] = []
        loop.append(loop)

        with pytest.raises(EncodeError, match="contains itself"):
            sent({"loop": loop})

    def test_paths_in_errors_quote_unusual_names(self) -> None:
        """protocol.md §5.3: names with dots or brackets are written as quoted keys."""
        with pytest.raises(EncodeError, match=r'`tags\["a\.b"\]\[0\]`'):
            sent({"tags": {"a.b": [object()]}})


class TestOptionsOnPlainData:
    def test_skip_nulls_drops_map_entries_at_every_level_and_keeps_list_elements(self) -> None:
        """protocol.md §3.1 SkipNulls."""
        bag = {"a": None, "m": {"x": None, "y": 1}, "l": [None]}
        expected = {"m": {"y": 1}, "l": [None]}

        assert sent(bag, options(skip_nulls=True)) == expected
        assert received(bag, options(skip_nulls=True)) == expected

    def test_nulls_are_preserved_otherwise(self) -> None:
        """protocol.md §2.6."""
        assert sent({"a": None}, PLAIN) == {"a": None}
        assert received({"a": None}, PLAIN) == {"a": None}

    def test_internal_keys_go_at_the_top_only(self) -> None:
        """protocol.md §3.1 SkipInternalKeys."""
        bag = {"__defaults": [], "m": {"__defaults": ["x"]}}
        expected = {"m": {"__defaults": ["x"]}}

        assert sent(bag, options(skip_internal_keys=True)) == expected
        assert received(bag, options(skip_internal_keys=True)) == expected


class TestUnknowns:
    @pytest.mark.parametrize("kind", UnknownKind)
    def test_each_kind_has_a_string_of_its_own(self, kind: UnknownKind) -> None:
        """protocol.md §2.3: all seven are recognised and sent."""
        assert sent({"v": Unknown(kind)}) == {"v": kind.value}
        assert received({"v": kind.value, "l": [kind.value]}) == {"v": Unknown(kind), "l": [Unknown(kind)]}

    def test_the_generic_unknown_is_the_string_one(self) -> None:
        """protocol.md §2.3."""
        assert sent({"v": UNKNOWN}) == {"v": STRING_UNKNOWN}

    def test_comparison_is_exact(self) -> None:
        """protocol.md §2.3: a text that merely contains the string is a text."""
        text = f"{STRING_UNKNOWN} "

        assert received({"v": text, "w": STRING_UNKNOWN.upper()}) == {"v": text, "w": STRING_UNKNOWN.upper()}

    def test_dropped_unknowns_shrink_lists_when_sent_and_leave_none_when_received(self) -> None:
        """protocol.md §3.1 KeepUnknowns; §15.14."""
        assert sent({"a": UNKNOWN, "b": 1, "l": [1, UNKNOWN, 2]}, PLAIN) == {"b": 1, "l": [1, 2]}
        assert received({"a": STRING_UNKNOWN, "b": 1, "l": [1, STRING_UNKNOWN, 2]}, PLAIN) == {
            "b": 1,
            "l": [1, None, 2],
        }

    def test_rejection_wins_over_keeping(self) -> None:
        """protocol.md §3.1 RejectUnknowns."""
        strict = options(keep_unknowns=True, reject_unknowns=True)

        with pytest.raises(EncodeError, match=r"`l\[0\]\.x`.*not known yet"):
            sent({"l": [{"x": UNKNOWN}]}, strict)
        with pytest.raises(DecodeError, match=r"`l\[0\]\.x`.*unknown"):
            received({"l": [{"x": STRING_UNKNOWN}]}, strict)

    def test_a_secret_unknown_goes_as_a_whole(self) -> None:
        """protocol.md §3.1: a secret without its value never reaches the wire."""
        keep = options(keep_secrets=True)

        assert sent({"a": Secret(UNKNOWN), "l": [Secret(Secret(UNKNOWN))]}, keep) == {"l": []}
        assert received({"a": {SIGNATURE: SECRET, "value": STRING_UNKNOWN}}, keep) == {}


class TestSecrets:
    def test_a_secret_is_a_signed_struct(self) -> None:
        """protocol.md §2.2."""
        on_wire = {"p": {SIGNATURE: SECRET, "value": {"a": [1.0]}}}

        assert sent({"p": Secret({"a": [1]})}) == on_wire
        assert received(on_wire) == {"p": Secret({"a": [1]})}

    def test_a_secret_null_is_legal(self) -> None:
        """protocol.md §2.2."""
        on_wire = {"p": {SIGNATURE: SECRET, "value": None}}

        assert sent({"p": Secret(None)}) == on_wire
        assert received(on_wire) == {"p": Secret(None)}

    def test_without_keep_secrets_the_plain_value_remains(self) -> None:
        """protocol.md §3.1 KeepSecrets."""
        assert sent({"p": Secret("x"), "l": [Secret(1)]}, PLAIN) == {"p": "x", "l": [1]}
        assert received({"p": {SIGNATURE: SECRET, "value": "x"}}, PLAIN) == {"p": "x"}

    def test_a_secret_without_value_is_malformed(self) -> None:
        """protocol.md §2.2."""
        with pytest.raises(DecodeError, match=r"`a\.p`.*lacks its `value`"):
            received({"a": {"p": {SIGNATURE: SECRET}}})

    def test_children_may_be_special_too(self) -> None:
        """protocol.md §2.2: a secret may contain an asset, an output value a secret."""
        bag = {
            "s": Secret([Asset(text="t"), Secret(1)]),
            "o": OutputValue(value=Secret(OutputValue()), dependencies=(URN,)),
        }

        assert decode_properties(_encoded(bag), EVERYTHING) == bag


class TestSignatures:
    def test_an_unrecognised_signature_is_an_error(self) -> None:
        """protocol.md §2.2."""
        with pytest.raises(DecodeError, match=r"`x`.*signature `abc`"):
            received({"x": {SIGNATURE: "abc"}})

    def test_a_signature_is_a_string(self) -> None:
        """protocol.md §2.2."""
        with pytest.raises(DecodeError, match=r"must be text"):
            received({"x": {SIGNATURE: 1}})


class TestOutputValues:
    def test_only_what_is_said_is_written(self) -> None:
        """protocol.md §2.4."""
        assert sent(
            {
                "unknown": OutputValue(),
                "null": OutputValue(value=None),
                "full": OutputValue(value="v", secret=True, dependencies=(URN, OTHER)),
            }
        ) == {
            "unknown": {SIGNATURE: OUTPUT},
            "null": {SIGNATURE: OUTPUT, "value": None},
            "full": {SIGNATURE: OUTPUT, "value": "v", "secret": True, "dependencies": [URN, OTHER]},
        }

    def test_absent_parts_have_defaults(self) -> None:
        """protocol.md §2.4."""
        assert received(
            {
                "u": {SIGNATURE: OUTPUT, "secret": True},
                "k": {SIGNATURE: OUTPUT, "value": 1.0, "dependencies": [URN]},
            }
        ) == {"u": OutputValue(secret=True), "k": OutputValue(value=1, dependencies=(URN,))}

    def test_a_receiver_that_keeps_none_gets_plain_kinds(self) -> None:
        """protocol.md §2.4: known → value, unknown → unknown, secret → secret, dependencies dropped."""
        keep = options(keep_unknowns=True, keep_secrets=True)
        bag = {
            "k": OutputValue(value=1, dependencies=(URN,)),
            "u": OutputValue(dependencies=(URN,)),
            "s": OutputValue(value="x", secret=True),
            "su": OutputValue(secret=True),
        }
        expected = {"k": 1, "u": UNKNOWN, "s": Secret("x"), "su": Secret(UNKNOWN)}

        assert sent(bag, keep) == sent(expected, keep)
        assert decode_properties(_encoded(bag), keep) == expected

    def test_secretness_and_unknowns_follow_their_own_options(self) -> None:
        """protocol.md §2.4: subject to the keep-secrets and keep-unknowns options."""
        bag = {"u": OutputValue(), "su": OutputValue(secret=True), "s": OutputValue(value="x", secret=True)}

        assert sent(bag, PLAIN) == {"s": "x"}
        assert decode_properties(_encoded(bag), PLAIN) == {"s": "x"}

    def test_upgrade_turns_secrets_and_unknowns_into_outputs(self) -> None:
        """protocol.md §3.1 UpgradeToOutputValues."""
        upgrade = options(keep_outputs=True, upgrade_to_outputs=True, keep_unknowns=True, keep_secrets=True)
        bag = {"s": Secret("x"), "u": UNKNOWN, "su": Secret(UNKNOWN), "so": Secret(OutputValue(value=1))}
        expected = {
            "s": OutputValue(value="x", secret=True),
            "u": OutputValue(),
            "su": OutputValue(secret=True),
            "so": OutputValue(value=1, secret=True),
        }

        assert decode_properties(_encoded(bag, upgrade), EVERYTHING) == expected
        assert decode_properties(_encoded(bag), upgrade) == expected

    @pytest.mark.parametrize(
        "parts",
        [{"secret": "yes"}, {"dependencies": "urn"}, {"dependencies": [1.0]}, {"dependencies": [None]}],
    )
    def test_wrong_types_are_errors(self, parts: dict[str, Any]) -> None:
        """protocol.md §2.2."""
        with pytest.raises(DecodeError, match=r"`o\."):
            received({"o": {SIGNATURE: OUTPUT, "value": 1.0, **parts}})

    def test_rejection_reaches_unknown_outputs(self) -> None:
        """protocol.md §3.1 RejectUnknowns."""
        with pytest.raises(EncodeError):
            sent({"o": OutputValue()}, options(keep_outputs=True, reject_unknowns=True))
        with pytest.raises(DecodeError):
            received({"o": {SIGNATURE: OUTPUT}}, options(keep_outputs=True, reject_unknowns=True))


class TestResourceReferences:
    def test_the_id_says_what_kind_of_resource_it_is(self) -> None:
        """protocol.md §2.5: absent for a component, empty when unknown."""
        bag = {
            "component": ResourceRef(urn=URN),
            "unknown": ResourceRef(urn=URN, id=UNKNOWN),
            "custom": ResourceRef(urn=URN, id="i-1", package_version="1.2.3"),
        }
        on_wire = {
            "component": {SIGNATURE: RESOURCE, "urn": URN},
            "unknown": {SIGNATURE: RESOURCE, "urn": URN, "id": ""},
            "custom": {SIGNATURE: RESOURCE, "urn": URN, "id": "i-1", "packageVersion": "1.2.3"},
        }

        assert sent(bag) == on_wire
        assert received(on_wire) == bag

    @pytest.mark.parametrize(
        ("id_", "expected"),
        [
            (STRING_UNKNOWN, UNKNOWN),
            ({SIGNATURE: OUTPUT}, UNKNOWN),
            ({SIGNATURE: OUTPUT, "value": "i-1"}, "i-1"),
            (None, None),
        ],
    )
    def test_the_id_arrives_in_several_forms(self, id_: Any, expected: Any) -> None:
        """protocol.md §2.5: as a string, an unknown, or an output value, whatever the options keep."""
        on_wire = {"r": {SIGNATURE: RESOURCE, "urn": URN, "id": id_, "name": "site", "type": "t"}}

        assert received(on_wire, options(keep_resources=True)) == {"r": ResourceRef(urn=URN, id=expected)}

    def test_a_receiver_that_keeps_none_gets_the_id_or_the_urn(self) -> None:
        """protocol.md §2.5."""
        bag = {
            "c": ResourceRef(urn=URN),
            "r": ResourceRef(urn=URN, id="i-1"),
            "u": ResourceRef(urn=URN, id=UNKNOWN),
        }
        keep = options(keep_unknowns=True)

        assert sent(bag, keep) == {"c": URN, "r": "i-1", "u": STRING_UNKNOWN}
        assert sent(bag, PLAIN) == {"c": URN, "r": "i-1"}
        assert decode_properties(_encoded(bag), keep) == {"c": URN, "r": "i-1", "u": UNKNOWN}
        assert decode_properties(_encoded(bag), PLAIN) == {"c": URN, "r": "i-1", "u": ""}

    @pytest.mark.parametrize(
        "parts",
        [{}, {"urn": 1.0}, {"urn": URN, "name": 1.0}, {"urn": URN, "type": 1.0}, {"urn": URN, "id": 1.0}],
    )
    def test_missing_and_mistyped_parts_are_errors(self, parts: dict[str, Any]) -> None:
        """protocol.md §2.2."""
        with pytest.raises(DecodeError):
            received({"r": {SIGNATURE: RESOURCE, **parts}})


class TestByteStrings:
    def test_bytes_are_standard_base64(self) -> None:
        """protocol.md §2.2."""
        on_wire = {"b": {SIGNATURE: BYTES, "value": "//79"}}

        assert sent({"b": b"\xff\xfe\xfd"}) == on_wire
        assert received(on_wire) == {"b": b"\xff\xfe\xfd"}

    def test_a_receiver_without_support_gets_text_or_an_error(self) -> None:
        """protocol.md §2.7: what is UTF-8 is a string; the error names the property."""
        assert sent({"b": b"abc"}, PLAIN) == {"b": "abc"}
        with pytest.raises(EncodeError, match=r"`x\[0\]`.*byte string"):
            sent({"x": [b"\xff"]}, PLAIN)

    @pytest.mark.parametrize("parts", [{}, {"value": 1.0}, {"value": "a"}, {"value": "a-_="}])
    def test_bad_base64_is_an_error(self, parts: dict[str, Any]) -> None:
        """protocol.md §2.2."""
        with pytest.raises(DecodeError):
            received({"b": {SIGNATURE: BYTES, **parts}})


class TestAssets:
    def test_only_fields_that_are_not_empty_are_written(self) -> None:
        """protocol.md §4.1."""
        bag = {
            "text": Asset(text="t", hash="h"),
            "empty": Asset(text=""),
            "path": Asset(path="./a"),
            "uri": Asset(uri="https://x.test/a"),
        }

        assert sent(bag) == {
            "text": {SIGNATURE: ASSET, "hash": "h", "text": "t"},
            "empty": {SIGNATURE: ASSET},
            "path": {SIGNATURE: ASSET, "path": "./a"},
            "uri": {SIGNATURE: ASSET, "uri": "https://x.test/a"},
        }
        assert decode_properties(_encoded(bag), EVERYTHING) == bag

    @pytest.mark.parametrize(
        ("parts", "expected"),
        [
            ({"path": "p", "uri": "u", "text": "t"}, Asset(path="p")),
            ({"uri": "u", "text": "t"}, Asset(uri="u")),
            ({"text": "t", "path": ""}, Asset(text="t")),
            ({"hash": EMPTY_TEXT_HASH}, Asset(text="", hash=EMPTY_TEXT_HASH)),
            ({}, Asset(text="")),
            ({"hash": "abc"}, Asset(hash="abc")),
        ],
    )
    def test_interpretation(self, parts: dict[str, str], expected: Asset) -> None:
        """protocol.md §4.1: precedence of the sources, the empty text, and placeholders."""
        assert received({"a": {SIGNATURE: ASSET, **parts}}) == {"a": expected}

    @pytest.mark.parametrize(
        ("parts", "expected"),
        [
            ({"path": "p", "uri": "u"}, Archive(path="p")),
            ({"uri": "u", "assets": {}}, Archive(uri="u")),
            ({"assets": {}}, Archive(assets={})),
            ({"assets": {"f": {SIGNATURE: ASSET, "text": "t"}}}, Archive(assets={"f": Asset(text="t")})),
            ({}, Archive(assets={})),
            ({"hash": EMPTY_ARCHIVE_HASH}, Archive(assets={}, hash=EMPTY_ARCHIVE_HASH)),
            ({"hash": "abc"}, Archive(hash="abc")),
            ({"hash": "abc", "assets": {}}, Archive(hash="abc")),
        ],
    )
    def test_interpretation_of_archives(self, parts: dict[str, Any], expected: Archive) -> None:
        """protocol.md §4.1."""
        assert received({"a": {SIGNATURE: ARCHIVE, **parts}}) == {"a": expected}

    def test_members_are_written_even_if_there_are_none(self) -> None:
        """protocol.md §4.1."""
        nested = Archive(assets={"d": Archive(path="x.zip"), "f": Asset(text="t")})

        assert sent({"a": Archive(assets={})}) == {"a": {SIGNATURE: ARCHIVE, "assets": {}}}
        assert decode_properties(_encoded({"a": nested}), EVERYTHING) == {"a": nested}

    def test_other_members_are_errors(self) -> None:
        """protocol.md §4.1."""
        with pytest.raises(DecodeError, match=r"`a\.assets\.f`"):
            received({"a": {SIGNATURE: ARCHIVE, "assets": {"f": "text"}}})

    def test_elided_contents_leave_signature_and_hash(self) -> None:
        """protocol.md §3.1 ElideAssetContents; §4.7."""
        elide = options(elide_assets=True)
        bag = {"a": Asset(path="p", hash="h"), "r": Archive(assets={"f": Asset(text="t")}, hash="g")}

        assert sent(bag, elide) == {
            "a": {SIGNATURE: ASSET, "hash": "h"},
            "r": {SIGNATURE: ARCHIVE, "hash": "g"},
        }
        assert decode_properties(_encoded(bag, elide), PLAIN)["a"].is_placeholder

    def test_assets_can_be_rejected(self) -> None:
        """protocol.md §3.1 RejectAssets."""
        reject = options(reject_assets=True)
        for bag in ({"a": Asset(text="t")}, {"a": Archive(assets={})}):
            with pytest.raises(EncodeError):
                sent(bag, reject)
            with pytest.raises(DecodeError):
                decode_properties(_encoded(bag), reject)


class TestSingleValues:
    def test_a_value_outside_a_bag(self) -> None:
        """`replacement_trigger` and its like are one `google.protobuf.Value`."""
        message = Value()
        encode_value(Secret(1), message, EVERYTHING)

        assert decode_value(message, EVERYTHING) == Secret(1)

    def test_a_dropped_unknown_is_nothing(self) -> None:
        """protocol.md §3.1 KeepUnknowns, where there is no map to drop it from."""
        message = Value()
        encode_value(UNKNOWN, message, PLAIN)

        assert message.WhichOneof("kind") is None
        assert decode_value(Value(string_value=STRING_UNKNOWN), PLAIN) is None


class TestGoldenBytes:
    """The serialized form is a contract with other processes: it may not change by accident."""

    @pytest.mark.parametrize(
        ("bag", "expected"),
        [
            ({"a": "b"}, "0a08 0a0161 1203 1a0162"),
            ({"n": 1}, "0a0e 0a016e 1209 11000000000000f03f"),
            ({"t": True, "z": None}, "0a07 0a0174 1202 2001  0a07 0a017a 1202 0800"),
            ({"l": [1.5, []]}, "0a16 0a016c 1211 320f 0a09 11000000000000f83f 0a02 3200"),
            ({"m": {"k": {}}}, "0a10 0a016d 120b 2a09 0a07 0a016b 1202 2a00"),
        ],
        ids=["string", "number", "boolean and null", "lists", "maps"],
    )
    def test_plain_data(self, bag: dict[str, Any], expected: str) -> None:
        """protocol.md §2.1, field by field."""
        assert _golden(bag) == expected.replace(" ", "")

    def test_special_kinds(self) -> None:
        """protocol.md §2.2-2.5: signatures, keys and their order when written deterministically."""
        key = f"0a20{SIGNATURE.encode().hex()}"

        def signed(signature: str, *entries: str) -> str:
            first = _framed("0a", f"{key}{_framed('12', _framed('1a', signature.encode().hex()))}")
            return _framed("2a", first + "".join(_framed("0a", entry) for entry in entries))

        def entry(name: str, value: str) -> str:
            return _framed("0a", name.encode().hex()) + _framed("12", value)

        assert _golden({"s": Secret(True)}) == _framed(
            "0a", entry("s", signed(SECRET, entry("value", "2001")))
        )
        assert _golden({"o": OutputValue()}) == _framed("0a", entry("o", signed(OUTPUT)))
        assert _golden({"b": b"\xff"}) == _framed(
            "0a", entry("b", signed(BYTES, entry("value", _framed("1a", b"/w==".hex()))))
        )
        assert _golden({"a": Asset(path="p")}) == _framed(
            "0a", entry("a", signed(ASSET, entry("path", _framed("1a", b"p".hex()))))
        )


def _golden(bag: dict[str, Any]) -> str:
    return _encoded(bag).SerializeToString(deterministic=True).hex()


def _framed(tag: str, body: str) -> str:
    """*body* behind its tag and its length, all in hexadecimal digits."""
    length = len(body) // 2
    low, high = length & 127, length >> 7
    return f"{tag}{low | 128:02x}{high:02x}{body}" if high else f"{tag}{low:02x}{body}"


def _encoded(bag: dict[str, Any], how: CodecOptions = EVERYTHING) -> Struct:
    message = Struct()
    encode_properties(bag, message, how)
    return Struct.FromString(message.SerializeToString())


@pytest.mark.real
def test_the_genuine_sdk_reads_what_we_write() -> None:
    """protocol.md §2: the same bytes mean the same values to the genuine package."""
    pytest.importorskip("pulumi", reason="the genuine SDK is not installed")
    program = """
import sys
from google.protobuf.struct_pb2 import Struct
from pulumi import FileAsset, StringAsset
from pulumi.runtime import rpc
read = rpc.deserialize_properties(Struct.FromString(bytes.fromhex(sys.argv[1])), keep_unknowns=True)
assert rpc.is_rpc_secret(read["secret"]) and rpc.unwrap_rpc_secret(read["secret"]) == ["x"]
assert type(read["unknown"]).__name__ == "Unknown", read
assert isinstance(read["file"], FileAsset) and read["file"].path == "./a"
assert isinstance(read["text"], StringAsset) and read["text"].text == "t"
assert read["plain"] == {"a": [1, 2.5, True]}
"""
    bag = {
        "secret": Secret(["x"]),
        "unknown": UNKNOWN,
        "file": Asset(path="./a"),
        "text": Asset(text="t"),
        "plain": {"a": [1, 2.5, True]},
    }
    done = subprocess.run([sys.executable, "-c", program, _golden(bag)], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).filter(lambda text: text != SIGNATURE)
urns = st.builds(lambda name: Urn(f"urn:pulumi:s::p::t::{name}"), texts)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False).filter(lambda number: not number.is_integer() or abs(number) >= 2**53)
    | texts
    | st.binary(max_size=8)
    | st.sampled_from([Unknown(kind) for kind in UnknownKind])
)
sources = st.sampled_from(["./path", "dir/x.zip"])
digests = st.sampled_from(["", "e" * 64])
leaf_assets = (
    st.builds(Asset, text=texts, hash=st.just(""))
    | st.builds(Asset, path=sources, hash=digests)
    | st.builds(Asset, uri=sources, hash=digests)
)
archives = st.recursive(
    st.builds(Archive, path=sources, hash=digests) | st.just(Archive(assets={})),
    lambda inner: st.builds(
        Archive, assets=st.dictionaries(texts, inner | leaf_assets, min_size=1, max_size=2), hash=digests
    ),
    max_leaves=3,
)
references = st.builds(
    ResourceRef, urn=urns, id=st.none() | st.just(UNKNOWN) | texts.filter(bool), package_version=texts
)
values = st.recursive(
    scalars | leaf_assets | archives | references,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(texts, inner, max_size=3)
        | st.builds(Secret, inner)
        | st.builds(
            OutputValue,
            value=inner.map(lambda value: UNKNOWN if type(value) is Unknown else value),
            secret=st.booleans(),
            dependencies=st.lists(urns, max_size=2).map(tuple),
        )
    ),
    max_leaves=12,
)


class TestRoundTrips:
    @settings(max_examples=80)
    @given(bag=st.dictionaries(texts, values, max_size=4))
    def test_nothing_is_lost_when_everything_is_kept(self, bag: dict[str, Any]) -> None:
        """protocol.md §2: every value comes back equal."""
        assert decode_properties(_encoded(bag), EVERYTHING) == bag

    @settings(max_examples=40)
    @given(
        bag=st.dictionaries(texts, values, max_size=4),
        flags=st.tuples(*[st.booleans()] * 4),
    )
    def test_decoding_what_was_reduced_reduces_nothing_more(
        self, bag: dict[str, Any], flags: tuple[bool, bool, bool, bool]
    ) -> None:
        """protocol.md §3.1: an option that is off leaves no trace of its kind on the wire."""
        unknowns, secrets, resources, outputs = flags
        how = CodecOptions(
            keep_unknowns=unknowns,
            keep_secrets=secrets,
            keep_resources=resources,
            keep_outputs=outputs,
            keep_bytes=True,
        )
        message = _encoded(bag, how)

        assert decode_properties(message, how) == decode_properties(message, EVERYTHING)
