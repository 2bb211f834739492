"""
The resource types of the package `random`.

Facts observed on the genuine provider (Terraform's `random` 3.9 behind the package
`random` 4.21): names, defaults, limits, what replaces, ids, and forms of import ids.
Everything replaces; only the exceptions of `keepers` and `overrideSpecial` do not.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
import time
import uuid
from collections.abc import Iterable
from typing import Final

from stackwright.goals import CheckFailure
from stackwright.providers._interface import ProviderError
from stackwright.providers.builtin._properties import (
    BOOLEAN,
    INTEGER,
    STRING,
    Property,
    list_of,
    map_of,
    parse_integer,
)
from stackwright.providers.builtin._resources import StoredResource
from stackwright.values import PropertyMap, Unknown, Value, contains_secrets, reveal

_URL_BASE64: Final = re.compile(r"[A-Za-z0-9_-]+")
_random: Final = secrets.SystemRandom()


def _keepers_replace(old: Value, new: Value) -> bool:
    """No keepers and an empty map of keepers mean the same."""
    return bool(old) or bool(new)


KEEPERS: Final = Property(
    name="keepers",
    type=map_of(STRING),
    about="Any values; when one of them changes, a new object with a new result is made.",
    replaces=_keepers_replace,
)


def _refused(what: str, text: str, *, hint: str) -> ProviderError:
    return ProviderError(f"{text}, so {what} cannot be imported", hint=hint)


def _encoded(data: bytes) -> tuple[str, str, str]:
    """Standard base64, URL base64 without padding, and hexadecimal digits."""
    return (
        base64.b64encode(data).decode(),
        base64.urlsafe_b64encode(data).decode().rstrip("="),
        data.hex(),
    )


def _decoded_url(text: str) -> bytes:
    """What unpadded URL-safe base64 stands for, or `ValueError`."""
    if not _URL_BASE64.fullmatch(text):
        raise ValueError("not URL-safe base64")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class RandomId(StoredResource):
    """
    A random number to tell things apart by, in several notations.

    Drawn from a cryptographic generator. Sixteen bytes are as unlikely to meet again
    as a random UUID. For values that must stay secret use `RandomBytes`.
    """

    token = "random:index/randomId:RandomId"
    inputs = (
        Property(
            name="byteLength",
            type=INTEGER,
            about="How many random bytes are drawn; at least 1.",
            required=True,
            replaces=True,
            at_least=1,
        ),
        KEEPERS,
        Property(
            name="prefix",
            type=STRING,
            about="Text put in front of every notation, as it is.",
            replaces=True,
        ),
    )
    outputs = (
        Property(name="b64Std", type=STRING, about="The number in standard base64."),
        Property(name="b64Url", type=STRING, about="The number in base64 that is safe in URLs, unpadded."),
        Property(name="dec", type=STRING, about="The number in decimal digits, unpadded."),
        Property(name="hex", type=STRING, about="The number in hexadecimal digits, two for each byte."),
    )

    async def make(self, inputs: PropertyMap) -> tuple[str, PropertyMap]:
        return self._notations(secrets.token_bytes(inputs["byteLength"]), inputs.get("prefix") or "")

    async def adopt(self, id: str) -> tuple[str, PropertyMap]:  # noqa: A002 - the protocol's word
        """`NUMBER` in URL base64, or `PREFIX,NUMBER`."""
        prefix, _, number = id.rpartition(",")
        try:
            data = _decoded_url(number)
        except ValueError:
            raise _refused(
                "a RandomId",
                f"`{number}` is not URL-safe base64 without padding",
                hint="Import it as NUMBER or PREFIX,NUMBER, the number in the notation of `b64Url`",
            ) from None
        id_, outputs = self._notations(data, prefix)
        outputs["byteLength"] = len(data)
        if prefix:
            outputs["prefix"] = prefix
        return id_, outputs

    def secret_outputs(self, inputs: PropertyMap) -> frozenset[str]:
        names = ("b64Std", "b64Url", "dec", "hex")
        return frozenset(names) if contains_secrets(inputs.get("prefix")) else frozenset()

    @staticmethod
    def _notations(data: bytes, prefix: str) -> tuple[str, PropertyMap]:
        standard, url, digits = _encoded(data)
        number = str(int.from_bytes(data, "big"))
        return url, {
            "b64Std": prefix + standard,
            "b64Url": prefix + url,
            "dec": prefix + number,
            "hex": prefix + digits,
        }


class RandomBytes(StoredResource):
    """
    Random bytes to use as a secret or a key, from a cryptographic generator.

    The id says nothing about them, other than the genuine plugin's, which is the secret itself.
    """

    token = "random:index/randomBytes:RandomBytes"
    inputs = (
        Property(name="keepers", type=KEEPERS.type, about=KEEPERS.about, replaces=True),
        Property(
            name="length",
            type=INTEGER,
            about="How many bytes are drawn; at least 1.",
            required=True,
            replaces=True,
            at_least=1,
        ),
    )
    outputs = (
        Property(name="base64", type=STRING, about="The bytes in base64.", secret=True),
        Property(name="hex", type=STRING, about="The bytes in lower-case hexadecimal digits.", secret=True),
    )

    async def make(self, inputs: PropertyMap) -> tuple[str, PropertyMap]:
        data = secrets.token_bytes(inputs["length"])
        return "none", {"base64": base64.b64encode(data).decode(), "hex": data.hex()}

    async def adopt(self, id: str) -> tuple[str, PropertyMap]:  # noqa: A002 - the protocol's word
        """The bytes in standard base64."""
        try:
            data = base64.b64decode(id, validate=True)
        except (binascii.Error, ValueError):
            raise _refused(
                "RandomBytes", "The id is not standard base64", hint="Import them as their base64 text"
            ) from None
        return "none", {"base64": id, "hex": data.hex(), "length": len(data)}


class RandomInteger(StoredResource):
    """A random whole number between `min` and `max`, both included."""

    token = "random:index/randomInteger:RandomInteger"
    inputs = (
        KEEPERS,
        Property(
            name="max", type=INTEGER, about="The largest number there can be.", required=True, replaces=True
        ),
        Property(
            name="min", type=INTEGER, about="The smallest number there can be.", required=True, replaces=True
        ),
        Property(
            name="seed", type=STRING, about="With the same text the same number comes out.", replaces=True
        ),
    )
    outputs = (Property(name="result", type=INTEGER, about="The number."),)

    def validate(self, inputs: PropertyMap) -> Iterable[CheckFailure]:
        low, high = inputs["min"], inputs["max"]
        if type(low) is not int or type(high) is not int:
            low, high = reveal(low), reveal(high)
            if type(low) is Unknown or type(high) is Unknown:
                return
        if low > high:
            yield CheckFailure("min", "`min` must not be larger than `max`")
        elif not -(2**63) <= low <= high < 2**63 or high - low >= 2**63 - 1:
            yield CheckFailure("max", "`min` and `max` must be 64-bit numbers less than 2**63 - 1 apart")

    async def make(self, inputs: PropertyMap) -> tuple[str, PropertyMap]:
        low, count = inputs["min"], inputs["max"] - inputs["min"] + 1
        seed = inputs.get("seed")
        if seed:
            from stackwright.providers.builtin.random._go_sequence import sequence_of

            number = low + sequence_of(seed).below(count)
        else:
            number = low + secrets.randbelow(count)
        return str(number), {"result": number}

    async def adopt(self, id: str) -> tuple[str, PropertyMap]:  # noqa: A002 - the protocol's word
        """`RESULT,MIN,MAX` or `RESULT,MIN,MAX,SEED`."""
        parts = id.split(",", 3)
        try:
            result, low, high = (parse_integer(part) for part in parts[:3])
        except ValueError:
            raise _refused(
                "a RandomInteger",
                f"`{id}` is not three whole numbers and possibly a seed",
                hint="Import it as RESULT,MIN,MAX or RESULT,MIN,MAX,SEED",
            ) from None
        outputs: PropertyMap = {"result": result, "min": low, "max": high}
        if len(parts) == 4:
            outputs["seed"] = parts[3]
        return parts[0], outputs


def _override_replaces(old: Value, new: Value) -> bool:
    """Taking an empty override away changes nothing; what is unknown is judged when it is known."""
    return type(new) is not Unknown and not (old == "" and new is None)


class _Composed(StoredResource):
    """What RandomString and RandomPassword have in common."""

    inputs = (
        KEEPERS,
        Property(
            name="length",
            type=INTEGER,
            about="How many characters; at least 1 and the sum of `minUpper`, `minLower`, `minNumeric` and "
            "`minSpecial`.",
            required=True,
            replaces=True,
            at_least=1,
        ),
        Property(
            name="lower",
            type=BOOLEAN,
            about="Take lower-case letters. The default.",
            default=True,
            replaces=True,
        ),
        *(
            Property(
                name=name,
                type=INTEGER,
                about=f"The least number of {what}. 0 by default.",
                default=0,
                replaces=True,
                at_least=0,
            )
            for name, what in (
                ("minLower", "lower-case letters"),
                ("minNumeric", "digits"),
                ("minSpecial", "special characters"),
                ("minUpper", "upper-case letters"),
            )
        ),
        Property(
            name="number",
            type=BOOLEAN,
            about="The former name of `numeric`.",
            default=True,
            replaces=True,
            deprecated="Use `numeric` instead.",
        ),
        Property(
            name="numeric", type=BOOLEAN, about="Take digits. The default.", default=True, replaces=True
        ),
        Property(
            name="overrideSpecial",
            type=STRING,
            about="The special characters to take in place of the usual ones. `special` must be on for them.",
            replaces=_override_replaces,
        ),
        Property(
            name="special",
            type=BOOLEAN,
            about="Take special characters: `!@#$%&*()-_=+[]{}<>:?`. The default.",
            default=True,
            replaces=True,
        ),
        Property(
            name="upper",
            type=BOOLEAN,
            about="Take upper-case letters. The default.",
            default=True,
            replaces=True,
        ),
    )

    def complete(self, inputs: PropertyMap) -> PropertyMap:
        """`number` and `numeric` are two names of one thing: either speaks for both."""
        completed = super().complete(inputs)
        if "number" in inputs and "numeric" not in inputs:
            completed["numeric"] = inputs["number"]
        elif "numeric" in inputs and "number" not in inputs:
            completed["number"] = inputs["numeric"]
        return completed

    def validate(self, inputs: PropertyMap) -> Iterable[CheckFailure]:
        bare = reveal(inputs)
        number, numeric = bare.get("number"), bare.get("numeric")
        if type(number) is bool and type(numeric) is bool and number != numeric:
            yield CheckFailure("number", "`number` and `numeric` mean the same, but have different values")
        given = {**bare, "numeric": number if numeric is None else numeric}
        if all(given.get(name) is False for name in ("upper", "lower", "numeric", "special")):
            yield CheckFailure(
                "numeric",
                "one of `upper`, `lower`, `numeric` and `special` must be true",
            )
        least = [bare.get(name, 0) for name in ("minUpper", "minLower", "minNumeric", "minSpecial")]
        if all(type(each) is int for each in (*least, bare["length"])) and bare["length"] < sum(least):
            yield CheckFailure(
                "length",
                f"`length` is {bare['length']}, but `minUpper`, `minLower`, `minNumeric` and `minSpecial` "
                f"add up to {sum(least)}",
            )

    def _adopted(self, text: str) -> PropertyMap:
        # The genuine provider counts bytes here; characters are what `length` means.
        return {**self._defaults, "length": len(text), "result": text}


class RandomString(_Composed):
    """
    A random text of chosen kinds of characters, from a cryptographic generator.

    It is shown in the open; for what must stay secret use `RandomPassword`.
    """

    token = "random:index/randomString:RandomString"
    outputs = (Property(name="result", type=STRING, about="The text."),)

    async def make(self, inputs: PropertyMap) -> tuple[str, PropertyMap]:
        from stackwright.providers.builtin.random._strings import random_text

        text = random_text(inputs)
        return text, {"result": text}

    async def adopt(self, id: str) -> tuple[str, PropertyMap]:  # noqa: A002 - the protocol's word
        """The text itself."""
        return id, self._adopted(id)


_BCRYPT_LIMIT: Final = 72
_BCRYPT_ROUNDS: Final = 10


async def _bcrypt_hash(text: str) -> str:
    """A bcrypt hash of the first 72 bytes of *text*; deliberately slow, so it is made on a thread."""
    import asyncio

    import bcrypt

    def compute() -> str:
        salt = bcrypt.gensalt(_BCRYPT_ROUNDS, prefix=b"2a")
        return bcrypt.hashpw(text.encode()[:_BCRYPT_LIMIT], salt).decode()

    return await asyncio.to_thread(compute)


class RandomPassword(_Composed):
    """A random text of chosen kinds of characters, kept secret; from a cryptographic generator."""

    token = "random:index/randomPassword:RandomPassword"
    outputs = (
        Property(
            name="bcryptHash",
            type=STRING,
            about="A bcrypt hash of the password's first 72 bytes.",
            secret=True,
        ),
        Property(name="result", type=STRING, about="The password.", secret=True),
    )

    async def make(self, inputs: PropertyMap) -> tuple[str, PropertyMap]:
        from stackwright.providers.builtin.random._strings import random_text

        text = random_text(inputs)
        return "none", {"bcryptHash": await _bcrypt_hash(text), "result": text}

    async def adopt(self, id: str) -> tuple[str, PropertyMap]:  # noqa: A002 - the protocol's word
        """The password itself."""
        return "none", {**self._adopted(id), "bcryptHash": await _bcrypt_hash(id)}


class RandomPet(StoredResource):
    """A name of a few words, the last of them an animal, such as `wildly-brave-otter`."""

    token = "random:index/randomPet:RandomPet"
    inputs = (
        KEEPERS,
        Property(
            name="length",
            type=INTEGER,
            about="How many words. 2 by default.",
            default=2,
            replaces=True,
            at_least=1,
        ),
        Property(name="prefix", type=STRING, about="Text put in front, as a word of its own.", replaces=True),
        Property(
            name="separator",
            type=STRING,
            about="What stands between words. `-` by default.",
            default="-",
            replaces=True,
        ),
    )

    async def make(self, inputs: PropertyMap) -> tuple[str, PropertyMap]:
        from stackwright.providers.builtin.random._words import ADJECTIVES, ADVERBS, ANIMALS

        length = inputs["length"]
        words = [_random.choice(ADVERBS) for _ in range(length - 2)]
        if length > 1:
            words.append(_random.choice(ADJECTIVES))
        words.append(_random.choice(ANIMALS))
        if inputs.get("prefix"):
            words.insert(0, inputs["prefix"])
        return inputs["separator"].join(words), {}


class RandomShuffle(StoredResource):
    """A list of texts in random order, all of them or the first few."""

    token = "random:index/randomShuffle:RandomShuffle"
    inputs = (
        Property(
            name="inputs", type=list_of(STRING), about="The texts to shuffle.", required=True, replaces=True
        ),
        KEEPERS,
        Property(
            name="resultCount",
            type=INTEGER,
            about="How many to return; all by default. More than there are: another order of all follows.",
            replaces=True,
            at_least=0,
        ),
        Property(
            name="seed", type=STRING, about="With the same text the same order comes out.", replaces=True
        ),
    )
    outputs = (Property(name="results", type=list_of(STRING), about="The texts in their new order."),)

    async def make(self, inputs: PropertyMap) -> tuple[str, PropertyMap]:
        texts = inputs["inputs"]
        count = len(texts) if inputs.get("resultCount") is None else inputs["resultCount"]
        results: list[str] = []
        seed = inputs.get("seed")
        if seed:
            from stackwright.providers.builtin.random._go_sequence import sequence_of

            sequence = sequence_of(seed)
            while texts and len(results) < count:
                results += [texts[at] for at in sequence.permutation(len(texts))]
        else:
            while texts and len(results) < count:
                results += _random.sample(texts, len(texts))
        return "-", {"results": results[:count]}

    def secret_outputs(self, inputs: PropertyMap) -> frozenset[str]:
        return frozenset({"results"}) if contains_secrets(inputs["inputs"]) else frozenset()


class _Uuid(StoredResource):
    """What the three kinds of UUIDs have in common."""

    inputs = (KEEPERS,)
    outputs = (Property(name="result", type=STRING, about="The UUID in lower-case digits with dashes."),)

    async def adopt(self, id: str) -> tuple[str, PropertyMap]:  # noqa: A002 - the protocol's word
        """A UUID in any usual notation."""
        try:
            text = str(uuid.UUID(id))
        except ValueError:
            raise _refused(
                "it",
                f"`{id}` is not a UUID",
                hint="A UUID looks like 00000000-0000-0000-0000-000000000000",
            ) from None
        return text, {"result": text}


class RandomUuid(_Uuid):
    """A random UUID in the usual notation, to tell things apart by."""

    token = "random:index/randomUuid:RandomUuid"

    async def make(self, inputs: PropertyMap) -> tuple[str, PropertyMap]:
        text = str(uuid.uuid4())
        return text, {"result": text}


class RandomUuid4(_Uuid):
    """A UUID of version 4, which is random throughout."""

    token = "random:index/randomUuid4:RandomUuid4"

    async def make(self, inputs: PropertyMap) -> tuple[str, PropertyMap]:
        text = str(uuid.uuid4())
        return text, {"result": text}


class RandomUuid7(_Uuid):
    """A UUID of version 7, which begins with the time, so that later ones sort behind earlier ones."""

    token = "random:index/randomUuid7:RandomUuid7"

    async def make(self, inputs: PropertyMap) -> tuple[str, PropertyMap]:
        # RFC 9562 §5.7: 48 bits of milliseconds, the version, 12 bits below the millisecond, the variant.
        moment = time.time_ns()
        milliseconds, below = divmod(moment, 1_000_000)
        number = (
            milliseconds << 80
            | 0x7 << 76
            | (below * 4096 // 1_000_000) << 64
            | 0b10 << 62
            | secrets.randbits(62)
        )
        text = str(uuid.UUID(int=number))
        return text, {"result": text}
