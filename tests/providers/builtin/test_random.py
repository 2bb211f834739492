"""
The embedded package `random`.

Behaviours are those of the genuine provider as its SDK documents them and as
Terraform's `random` 3.9 shows them; the last class asks the latter itself.
"""

from __future__ import annotations

import base64
import string
import time
import uuid
from typing import Any

import bcrypt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.embedded import Driver, Made

from stackwright.providers import DiffChanges, ProviderError
from stackwright.values import UNKNOWN, DiffKind, Secret, Unknown, UnknownKind, reveal

SPECIAL = "!@#$%&*()-_=+[]{}<>:?"


def random(kind: str) -> Driver:
    return Driver(f"random:index/random{kind}:Random{kind}")


NOTHING_BUT_KEEPERS = [("Uuid", {}), ("Uuid4", {}), ("Uuid7", {})]
MINIMAL: list[tuple[str, dict[str, Any]]] = [
    ("Bytes", {"length": 8}),
    ("Id", {"byteLength": 8}),
    ("Integer", {"min": 1, "max": 9}),
    ("Password", {"length": 8}),
    ("Pet", {}),
    ("Shuffle", {"inputs": ["a", "b", "c"]}),
    ("String", {"length": 8}),
    *NOTHING_BUT_KEEPERS,
]
every_kind = pytest.mark.parametrize(("kind", "inputs"), MINIMAL, ids=[kind for kind, _ in MINIMAL])


def replaced(made: Made, **news: Any) -> tuple[str, ...]:
    """The properties whose change takes a new object."""
    return made.diff(**news).replaces


class TestEveryResource:
    @every_kind
    def test_checking_twice_changes_nothing(self, kind: str, inputs: dict[str, Any]) -> None:
        """Checking what check answered gives the same again, and adds no defaults (Provider.check)."""
        checked = random(kind).checked(**inputs)
        assert checked == inputs
        assert random(kind).checked(**checked) == checked

    @every_kind
    def test_unchanged_inputs_are_no_difference(self, kind: str, inputs: dict[str, Any]) -> None:
        """An object compared with the inputs it was made from needs nothing (E153)."""
        made = random(kind).create(**inputs)
        assert made.diff(**inputs).changes is DiffChanges.NONE

    @every_kind
    def test_keepers_replace(self, kind: str, inputs: dict[str, Any]) -> None:
        """A changed, new or missing keeper takes a new object, and the path names it."""
        made = random(kind).create(**inputs, keepers={"image": "a"})
        diff = made.diff(**inputs, keepers={"image": "b", "more": "c"})
        assert diff.replaces == ("keepers",)
        assert diff.detailed is not None
        assert {path: entry.kind for path, entry in diff.detailed.items()} == {
            "keepers.image": DiffKind.UPDATE_REPLACE,
            "keepers.more": DiffKind.ADD_REPLACE,
        }
        assert replaced(made, **inputs) == ("keepers",)

    @every_kind
    def test_unknown_keepers_replace(self, kind: str, inputs: dict[str, Any]) -> None:
        """A keeper that a preview cannot know counts as changed: an unknown equals nothing."""
        made = random(kind).create(**inputs, keepers={"image": "a"})
        assert replaced(made, **inputs, keepers={"image": UNKNOWN}) == ("keepers",)

    @every_kind
    def test_previews_tell_inputs_and_leave_results_unknown(self, kind: str, inputs: dict[str, Any]) -> None:
        """A previewed object has no id, and nothing is drawn."""
        previewed = random(kind).preview(**inputs)
        made = random(kind).create(**inputs)
        assert previewed.id == ""
        assert previewed.outputs.keys() == made.outputs.keys()
        for name, value in previewed.outputs.items():
            drawn = name in {"result", "results", "hex", "dec", "b64Std", "b64Url", "base64", "bcryptHash"}
            assert isinstance(reveal(value), Unknown) == drawn

    @every_kind
    def test_reading_gives_the_record(self, kind: str, inputs: dict[str, Any]) -> None:
        """What was drawn exists nowhere else, so reading answers with what is recorded."""
        made = random(kind).create(**inputs)
        read = made.read()
        assert (read.id, read.outputs, read.inputs) == (made.id, made.outputs, made.inputs)

    @every_kind
    def test_deleting_is_nothing(self, kind: str, inputs: dict[str, Any]) -> None:
        """There is nothing to remove, however often."""
        made = random(kind).create(**inputs)
        made.delete()
        made.delete()

    @every_kind
    def test_an_unknown_property_is_refused(self, kind: str, inputs: dict[str, Any]) -> None:
        """A mistyped name comes with the one that was probably meant."""
        (failure,) = random(kind).failures(**inputs, keeper={"a": "b"})
        assert failure.property == "keeper"
        assert "did you mean `keepers`" in failure.reason

    @every_kind
    def test_notes_of_bridged_providers_are_no_inputs(self, kind: str, inputs: dict[str, Any]) -> None:
        """States of the genuine plugin carry `__defaults` among the inputs; they are left alone."""
        assert random(kind).checked(**inputs, __defaults=[]) == inputs

    def test_keepers_may_be_scalars(self) -> None:
        """Numbers and booleans are kept as the text they stand for, nulls are left out."""
        checked = random("Uuid").checked(keepers={"a": 1, "b": True, "c": None, "d": 1.5, "e": 2.0})
        assert checked == {"keepers": {"a": "1", "b": "true", "d": "1.5", "e": "2"}}

    def test_no_keepers_and_empty_keepers_are_the_same_object(self) -> None:
        """An empty map in place of nothing is a change, but takes no new object."""
        made = random("Uuid").create()
        diff = made.diff(keepers={})
        assert (diff.changes, diff.replaces) == (DiffChanges.SOME, ())
        assert made.update(keepers={}).outputs == {"keepers": {}, "result": made.id}

    def test_secret_keepers_stay_secret(self) -> None:
        """A secret given in comes back as one."""
        made = random("Uuid").create(keepers={"a": Secret("b")})
        assert made["keepers"] == {"a": Secret("b")}

    def test_secretness_alone_is_no_difference(self) -> None:
        """The same value, now secret, needs no new object (E154)."""
        made = random("Uuid").create(keepers={"a": "b"})
        assert made.diff(keepers={"a": Secret("b")}).changes is DiffChanges.NONE

    def test_ignored_changes_are_ignored(self) -> None:
        """Paths in ignoreChanges hide what lies below them, and nothing else (E173)."""
        made = random("Integer").create(min=1, max=9, keepers={"a": "b"})
        news = {"min": 1, "max": 8, "keepers": {"a": "c"}}
        assert made.diff(("keepers",), **news).replaces == ("max",)
        assert made.diff(("keepers.a", "max"), **news).changes is DiffChanges.NONE

    def test_records_of_the_genuine_plugin_are_taken_as_they_are(self) -> None:
        """A state written by the bridged provider, with its notes, is unchanged here."""
        driver = random("Password")
        outputs = {
            "__meta": '{"schema_version":"3"}',
            "bcryptHash": Secret("$2a$10$x"),
            "length": 16,
            "lower": True,
            "minLower": 0,
            "minNumeric": 0,
            "minSpecial": 0,
            "minUpper": 0,
            "number": True,
            "numeric": True,
            "overrideSpecial": "_%@",
            "result": Secret("0123456789abcdef"),
            "special": True,
            "upper": True,
        }
        made = Made(driver, {"__defaults": [], "length": 16, "overrideSpecial": "_%@"}, "none", outputs)
        assert made.diff(length=16, overrideSpecial="_%@").changes is DiffChanges.NONE
        assert replaced(made, length=17, overrideSpecial="_%@") == ("length",)


class TestIntegers:
    @given(st.integers(-(2**63), 2**63 - 1), st.integers(0, 2**62))
    @settings(max_examples=50, deadline=None)
    def test_results_lie_between_the_limits(self, low: int, span: int) -> None:
        """Both limits are included, and the id is the result in digits."""
        high = min(low + span, 2**63 - 1)
        made = random("Integer").create(min=low, max=high)
        assert low <= made["result"] <= high
        assert made.id == str(made["result"])

    def test_everything_can_come_out(self) -> None:
        """Every number of the range is drawn sooner or later."""
        driver = random("Integer")
        assert {driver.create(min=-1, max=2)["result"] for _ in range(300)} == {-1, 0, 1, 2}

    def test_limits_in_the_wrong_order(self) -> None:
        """The smallest may not be larger than the largest; all parts must be known to tell."""
        (failure,) = random("Integer").failures(min=2, max=1)
        assert failure.property == "min"
        assert random("Integer").failures(min=UNKNOWN, max=1) == ()
        assert len(random("Integer").failures(min=Secret(2), max=1)) == 1

    def test_numbers_beyond_64_bits(self) -> None:
        """The genuine provider counts with 64 bits; what it cannot hold is refused."""
        assert random("Integer").failures(min=0, max=2**63) != ()
        assert random("Integer").failures(min=-(2**62), max=2**62) != ()

    def test_numbers_as_texts(self) -> None:
        """Configuration gives texts; one that is a number is taken as the number, no other is."""
        assert random("Integer").checked(min="1", max=9.0) == {"min": 1, "max": 9}
        for wrong in ("one", "1_0", " 1", 1.5, True, [], {}):
            (failure,) = random("Integer").failures(min=wrong, max=99)
            assert failure.property == "min"
            assert "whole number" in failure.reason

    def test_missing_limits_are_all_reported(self) -> None:
        """Everything wrong is said at once."""
        assert {failure.property for failure in random("Integer").failures()} == {"min", "max"}

    @pytest.mark.parametrize("name", ["min", "max", "seed"])
    def test_every_input_replaces(self, name: str) -> None:
        """No input of a drawn number can change without drawing again."""
        made = random("Integer").create(min=1, max=9, seed="a")
        assert replaced(made, **{"min": 1, "max": 9, "seed": "a", name: 5}) == (name,)

    def test_import(self) -> None:
        """`result,min,max` and optionally the seed; the inputs found lead to no difference."""
        driver = random("Integer")
        read = driver.adopt("7,1,9,a,b")
        assert (read.id, read.outputs) == ("7", {"result": 7, "min": 1, "max": 9, "seed": "a,b"})
        assert read.inputs == {"min": 1, "max": 9, "seed": "a,b"}
        assert Made(driver, {}, "7", {"result": 7, "min": 1, "max": 9}).diff(min=1, max=9).replaces == ()
        for wrong in ("7", "7,1", "a,1,9", ""):
            with pytest.raises(ProviderError, match="cannot be imported"):
                driver.adopt(wrong)


class TestIds:
    def test_notations_agree(self) -> None:
        """All notations are of one number; the id is the URL-safe one without the prefix."""
        made = random("Id").create(byteLength=5, prefix="web-")
        number = base64.urlsafe_b64decode(made.id + "===")
        assert len(number) == 5
        assert made["hex"] == f"web-{number.hex()}"
        assert made["dec"] == f"web-{int.from_bytes(number, 'big')}"
        assert made["b64Std"] == "web-" + base64.b64encode(number).decode()
        assert made["b64Url"] == f"web-{made.id}"

    def test_a_secret_prefix_makes_the_notations_secret(self) -> None:
        """The prefix shows up in every notation, but not in the id."""
        made = random("Id").create(byteLength=2, prefix=Secret("hush"))
        for name in ("hex", "dec", "b64Std", "b64Url", "prefix"):
            assert isinstance(made[name], Secret)
        assert "hush" not in made.id

    def test_limits_and_replacement(self) -> None:
        """At least one byte; both inputs replace."""
        (failure,) = random("Id").failures(byteLength=0)
        assert failure.property == "byteLength"
        made = random("Id").create(byteLength=2)
        assert replaced(made, byteLength=3, prefix="a") == ("byteLength", "prefix")

    def test_the_pythonic_name_is_understood_as_a_mistake(self) -> None:
        """`byte_length` is not a property, but it is clear what was meant."""
        reasons = [failure.reason for failure in random("Id").failures(byte_length=4)]
        assert any("did you mean `byteLength`" in reason for reason in reasons)

    @given(st.binary(min_size=1, max_size=20), st.sampled_from(["", "p", "a,b"]))
    @settings(max_examples=30, deadline=None)
    def test_import(self, number: bytes, prefix: str) -> None:
        """The number in URL base64 without padding, after a prefix and a comma if there is one."""
        text = base64.urlsafe_b64encode(number).decode().rstrip("=")
        read = random("Id").adopt(f"{prefix},{text}" if prefix else text)
        assert read.outputs is not None
        assert (read.id, read.outputs["hex"]) == (text, prefix + number.hex())
        assert read.outputs["byteLength"] == len(number)
        assert (read.inputs or {}).get("prefix", "") == prefix

    @pytest.mark.parametrize("wrong", ["p-9=", "p+9/", "a b"])
    def test_wrong_import_ids(self, wrong: str) -> None:
        """Padding and the standard alphabet are refused, with the right form."""
        with pytest.raises(ProviderError, match="PREFIX,NUMBER"):
            random("Id").adopt(wrong)


class TestBytes:
    def test_both_notations_are_secret_and_agree(self) -> None:
        """Base64 and hexadecimal digits of the same bytes, as secrets; the id gives nothing away."""
        made = random("Bytes").create(length=16)
        text, digits = made["base64"], made["hex"]
        assert isinstance(text, Secret)
        assert isinstance(digits, Secret)
        assert base64.b64decode(text.value).hex() == digits.value
        assert len(digits.value) == 32
        assert made.id == "none"

    def test_import(self) -> None:
        """The bytes in base64."""
        read = random("Bytes").adopt("AAEC/w==")
        assert read.outputs == {"base64": Secret("AAEC/w=="), "hex": Secret("000102ff"), "length": 4}
        assert read.inputs == {"length": 4}
        with pytest.raises(ProviderError, match="base64"):
            random("Bytes").adopt("no")

    def test_limits(self) -> None:
        """At least one byte."""
        assert random("Bytes").failures(length=0) != ()


text_options = st.fixed_dictionaries(
    {},
    optional={
        "upper": st.booleans(),
        "lower": st.booleans(),
        "numeric": st.booleans(),
        "special": st.just(True),
        "minUpper": st.integers(0, 3),
        "minLower": st.integers(0, 3),
        "minNumeric": st.integers(0, 3),
        "minSpecial": st.integers(0, 3),
        "overrideSpecial": st.text(st.sampled_from("_~€°é"), max_size=4),
    },
)


class TestTexts:
    @given(text_options, st.integers(12, 40))
    @settings(max_examples=100, deadline=None)
    def test_composition(self, options: dict[str, Any], length: int) -> None:
        """As long as asked, at least as many of each kind as asked, nothing from kinds that are off."""
        text = random("String").create(length=length, **options)["result"]
        special = options.get("overrideSpecial") or SPECIAL
        assert len(text) == length
        for name, letters in (
            ("Upper", string.ascii_uppercase),
            ("Lower", string.ascii_lowercase),
            ("Numeric", string.digits),
            ("Special", special),
        ):
            count = sum(letter in letters for letter in text)
            least = options.get(f"min{name}", 0)
            assert count >= least
            if options.get(name.lower()) is False:
                assert count == least
        assert set(text) <= set(string.ascii_letters + string.digits + special)

    def test_defaults_are_outputs(self) -> None:
        """All kinds are on, nothing is asked for at least; the id is the text."""
        made = random("String").create(length=5)
        assert made.outputs == {
            "length": 5,
            "lower": True,
            "minLower": 0,
            "minNumeric": 0,
            "minSpecial": 0,
            "minUpper": 0,
            "number": True,
            "numeric": True,
            "result": made.id,
            "special": True,
            "upper": True,
        }

    def test_a_password_is_a_secret_with_a_hash(self) -> None:
        """The result and its bcrypt hash are secret, and the id says nothing."""
        made = random("Password").create(length=20)
        assert made.id == "none"
        assert bcrypt.checkpw(made["result"].value.encode(), made["bcryptHash"].value.encode())
        assert made["bcryptHash"].value.startswith("$2a$10$")

    def test_the_hash_is_of_the_first_72_bytes(self) -> None:
        """Longer passwords are hashed as far as bcrypt goes."""
        made = random("Password").create(length=80, special=False)
        assert bcrypt.checkpw(made["result"].value.encode()[:72], made["bcryptHash"].value.encode())

    @pytest.mark.parametrize("kind", ["String", "Password"])
    def test_number_and_numeric_are_one_thing(self, kind: str) -> None:
        """Either name speaks for both, and both may be given if they agree."""
        made = random(kind).create(length=4, number=False)
        assert (made["number"], made["numeric"]) == (False, False)
        assert made.diff(length=4, numeric=False).changes is DiffChanges.NONE
        assert replaced(made, length=4) == ("number", "numeric")
        assert random(kind).failures(length=4, number=True, numeric=True) == ()
        (failure,) = random(kind).failures(length=4, number=True, numeric=False)
        assert failure.property == "number"

    def test_limits(self) -> None:
        """Length covers what is asked for at least; something must be left to draw from."""
        texts = random("String")
        assert {failure.property for failure in texts.failures(length=0)} == {"length"}
        assert {failure.property for failure in texts.failures(length=3, minUpper=2, minLower=2)} == {
            "length"
        }
        assert texts.failures(length=UNKNOWN, minUpper=2) == ()
        assert {failure.property for failure in texts.failures(length=3, minUpper=-1)} == {"minUpper"}
        off = {"upper": False, "lower": False, "special": False}
        assert {failure.property for failure in texts.failures(length=3, numeric=False, **off)} == {"numeric"}
        assert texts.failures(length=3, **off) == ()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("length", 9),
            ("lower", False),
            ("minLower", 1),
            ("minNumeric", 1),
            ("minSpecial", 1),
            ("minUpper", 1),
            ("overrideSpecial", "_"),
            ("special", False),
            ("upper", False),
        ],
    )
    def test_every_input_replaces(self, name: str, value: Any) -> None:
        """A text is drawn anew whatever changes."""
        made = random("String").create(length=8)
        assert replaced(made, **{"length": 8, name: value}) == (name,)

    def test_taking_an_empty_override_away_replaces_nothing(self) -> None:
        """An empty override and none mean the same."""
        made = random("String").create(length=8, overrideSpecial="")
        assert replaced(made, length=8) == ()
        assert replaced(made, length=8, overrideSpecial="_") == ("overrideSpecial",)

    def test_spelled_out_defaults_are_no_difference(self) -> None:
        """Writing down what is the default anyway changes nothing."""
        made = random("String").create(length=8)
        assert made.diff(length=8, special=True, minUpper=0, numeric=True).changes is DiffChanges.NONE

    def test_import_is_by_the_text_itself(self) -> None:
        """A text or password in use elsewhere comes under management as it is."""
        read = random("String").adopt("s3cret")
        assert read.outputs is not None
        assert (read.id, read.outputs["result"], read.inputs) == ("s3cret", "s3cret", {"length": 6})
        read = random("Password").adopt("s3cret")
        assert read.outputs is not None
        assert (read.id, read.outputs["result"], read.inputs) == ("none", Secret("s3cret"), {"length": 6})
        assert bcrypt.checkpw(b"s3cret", read.outputs["bcryptHash"].value.encode())


class TestPets:
    @pytest.mark.parametrize("length", [1, 2, 3, 5])
    def test_words(self, length: int) -> None:
        """As many lower-case words as asked, two by default, with the separator between them."""
        assert len(random("Pet").create().id.split("-")) == 2
        words = random("Pet").create(length=length, separator=".").id.split(".")
        assert len(words) == length
        assert all(word.islower() and word.isascii() for word in words)

    def test_prefix(self) -> None:
        """A prefix is a word of its own, as it is."""
        made = random("Pet").create(prefix="Web")
        assert made.id.startswith("Web-")
        assert made.outputs == {"length": 2, "prefix": "Web", "separator": "-"}
        assert replaced(made, prefix="Api", separator="_", length=3) == ("length", "prefix", "separator")

    def test_no_import(self) -> None:
        """A name says not how it was made."""
        with pytest.raises(ProviderError, match="cannot be imported"):
            random("Pet").adopt("calm-otter")


class TestShuffles:
    @given(
        st.lists(st.text(max_size=3), max_size=6), st.none() | st.integers(0, 15), st.sampled_from(["", "s"])
    )
    @settings(max_examples=60, deadline=None)
    def test_results(self, texts: list[str], count: int | None, seed: str) -> None:
        """As many as asked; every full round holds each text once."""
        arguments: dict[str, Any] = {"inputs": texts, "seed": seed}
        if count is not None:
            arguments["resultCount"] = count
        made = random("Shuffle").create(**arguments)
        results = made["results"]
        assert made.id == "-"
        assert len(results) == (0 if not texts else len(texts) if count is None else count)
        for start in range(0, len(results) - len(texts) + 1, len(texts) or 1):
            assert sorted(results[start : start + len(texts)]) == sorted(texts)

    def test_secret_texts_stay_secret(self) -> None:
        """The results show the inputs, so they are as secret as those."""
        assert isinstance(random("Shuffle").create(inputs=["a", Secret("b")])["results"], Secret)

    def test_every_input_replaces(self) -> None:
        """A list is shuffled anew whatever changes; the path says where."""
        made = random("Shuffle").create(inputs=["a", "b"])
        diff = made.diff(inputs=["a", "c"], resultCount=1, seed="s")
        assert diff.replaces == ("inputs", "resultCount", "seed")
        assert diff.detailed is not None
        assert diff.detailed["inputs[1]"].kind is DiffKind.UPDATE_REPLACE

    def test_wrong_elements_are_named(self) -> None:
        """A failure's path leads to the element."""
        (failure,) = random("Shuffle").failures(inputs=["a", ["b"]])
        assert failure.property == "inputs[1]"

    def test_unknown_results_are_lists(self) -> None:
        """A preview knows what kind of thing will come."""
        assert random("Shuffle").preview(inputs=["a"]).outputs["results"] == Unknown(UnknownKind.ARRAY)


class TestUuids:
    @pytest.mark.parametrize(("kind", "version"), [("Uuid", 4), ("Uuid4", 4), ("Uuid7", 7)])
    def test_versions(self, kind: str, version: int) -> None:
        """A UUID of the right version and variant; id and result are the same."""
        made = random(kind).create()
        parsed = uuid.UUID(made["result"])
        assert (parsed.version, parsed.variant) == (version, uuid.RFC_4122)
        assert str(parsed) == made.id == made["result"]

    def test_version_7_begins_with_the_time(self) -> None:
        """The first 48 bits are the milliseconds of now (RFC 9562 §5.7)."""
        before = time.time_ns() // 1_000_000
        number = uuid.UUID(random("Uuid7").create().id).int >> 80
        assert before <= number <= time.time_ns() // 1_000_000

    def test_import(self) -> None:
        """Any notation of a UUID, kept in the usual one."""
        text = "0f8fad5b-d9cb-469f-a165-70867728950e"
        read = random("Uuid").adopt(text.upper())
        assert (read.id, read.outputs, read.inputs) == (text, {"result": text}, {})
        with pytest.raises(ProviderError, match="not a UUID"):
            random("Uuid").adopt("nonsense")


class TestSeeds:
    """Values drawn by the genuine provider, so that states and programs move without surprises."""

    def test_integer(self) -> None:
        """A seeded number is the genuine provider's."""
        assert random("Integer").create(min=1, max=1_000_000, seed="abc")["result"] == 199445

    def test_shuffle(self) -> None:
        """A seeded order is the genuine provider's, over several rounds."""
        made = random("Shuffle").create(inputs=list("abcde"), seed="abc", resultCount=12)
        assert made["results"] == list("cedbacedabdb")

    def test_an_empty_seed_is_none(self) -> None:
        """Without a seed every draw is its own."""
        drawn = {random("Integer").create(min=0, max=2**62, seed="")["result"] for _ in range(3)}
        assert len(drawn) == 3
