"""
Terraform's types (terraform.md §3.1): what a schema says a value is.

Types are frozen, hashable and compared by structure, so that codecs can be compiled
once per type and found again. The order of an object's attributes has no meaning;
they are kept sorted, which is the order they have on the wire.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import msgspec

from stackwright.errors import StackwrightError


class MalformedTypeError(StackwrightError):
    """A provider describes a type in a way that is none (terraform.md §3.1)."""

    code = "terraform-type"


class _Attributes(dict[str, "Type"]):
    """The attributes of an object type: sorted, never changed, hashable."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(self.items()))


class Primitive(msgspec.Struct, frozen=True, cache_hash=True):
    """A string, a number, a bool; or `dynamic`, where every value brings its own type along."""

    name: str

    def __repr__(self) -> str:
        return self.name.upper()


class ListOf(msgspec.Struct, frozen=True, cache_hash=True):
    """A sequence of elements of one type."""

    element: Type


class SetOf(msgspec.Struct, frozen=True, cache_hash=True):
    """Elements of one type without order and without duplicates (§3.6)."""

    element: Type


class MapOf(msgspec.Struct, frozen=True, cache_hash=True):
    """Elements of one type by string keys."""

    element: Type


class TupleOf(msgspec.Struct, frozen=True, cache_hash=True):
    """A sequence of a fixed length; every place has a type of its own."""

    elements: tuple[Type, ...]


class ObjectOf(msgspec.Struct, frozen=True, cache_hash=True):
    """
    Attributes with a type each. Every value has all of them; what is not set is null.

    `optional` names those that may be left out where a person writes the value.
    """

    attributes: Mapping[str, Type]
    optional: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if type(self.attributes) is not _Attributes:
            msgspec.structs.force_setattr(self, "attributes", _Attributes(sorted(self.attributes.items())))


Type: TypeAlias = Primitive | ListOf | SetOf | MapOf | TupleOf | ObjectOf

STRING: Final = Primitive("string")
NUMBER: Final = Primitive("number")
BOOL: Final = Primitive("bool")
DYNAMIC: Final = Primitive("dynamic")

_PRIMITIVES: Final[Mapping[str, Primitive]] = {kind.name: kind for kind in (STRING, NUMBER, BOOL, DYNAMIC)}
_COLLECTIONS: Final[Mapping[str, type[ListOf] | type[SetOf] | type[MapOf]]] = {
    "list": ListOf,
    "set": SetOf,
    "map": MapOf,
}
_parsed: Final[dict[bytes, Type]] = {}
_PARSED_LIMIT: Final = 20_000


def parse_type(data: bytes) -> Type:
    """
    Read a type in its JSON notation. Equal notations give the same object.

    Raises:
        MalformedTypeError: It is no type.
    """
    known = _parsed.get(data)
    if known is not None:
        return known
    try:
        parsed = _from_json(msgspec.json.decode(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _malformed(data, str(error)) from error
    if len(_parsed) < _PARSED_LIMIT:
        _parsed[data] = parsed
    return parsed


def type_json(kind: Type) -> bytes:
    """The JSON notation of *kind*, without spaces and with sorted keys."""
    return msgspec.json.encode(_to_json(kind))


def contains_dynamic(kind: Type) -> bool:
    """Whether a value of *kind* brings a part of its type along."""
    match kind:
        case Primitive():
            return kind is DYNAMIC
        case ListOf(element) | SetOf(element) | MapOf(element):
            return contains_dynamic(element)
        case TupleOf(elements):
            return any(contains_dynamic(element) for element in elements)
        case ObjectOf(attributes):
            return any(contains_dynamic(element) for element in attributes.values())


def _from_json(data: Any) -> Type:
    match data:
        case str() if data in _PRIMITIVES:
            return _PRIMITIVES[data]
        case [str(word), element] if word in _COLLECTIONS:
            return _COLLECTIONS[word](_from_json(element))
        case ["tuple", [*elements]]:
            return TupleOf(tuple(_from_json(element) for element in elements))
        case ["object", {**attributes}]:
            return ObjectOf(_attributes(attributes))
        case ["object", {**attributes}, [*optional]] if all(name in attributes for name in optional):
            return ObjectOf(_attributes(attributes), frozenset(map(str, optional)))
    raise _malformed(msgspec.json.encode(data), "nothing like it is known")


def _attributes(written: Mapping[Any, Any]) -> dict[str, Type]:
    return {str(name): _from_json(each) for name, each in written.items()}


def _to_json(kind: Type) -> Any:
    match kind:
        case Primitive(name):
            return name
        case ListOf(element):
            return ["list", _to_json(element)]
        case SetOf(element):
            return ["set", _to_json(element)]
        case MapOf(element):
            return ["map", _to_json(element)]
        case TupleOf(elements):
            return ["tuple", [_to_json(element) for element in elements]]
        case ObjectOf(attributes, optional):
            written = {name: _to_json(element) for name, element in attributes.items()}
            return ["object", written, sorted(optional)] if optional else ["object", written]


def _malformed(data: bytes, why: str) -> MalformedTypeError:
    shown = data[:200].decode("utf-8", "replace")
    return MalformedTypeError(f"A provider describes a type as {shown}, which cannot be read: {why}")
