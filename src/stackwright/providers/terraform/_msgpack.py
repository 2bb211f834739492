"""
Values as MessagePack, and back (terraform.md §3.3, §3.4): what requests and answers carry.

A type is compiled once into a function that makes of a value the plain data that
msgspec writes in one go, and into one that does the reverse. Encoding is strict, since
providers are; decoding takes everything that providers were seen to send.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, TypeAlias
from unicodedata import normalize

import msgspec

from stackwright.providers.terraform._mismatch import ValueMismatchError, kind_of
from stackwright.providers.terraform._numbers import Number, packed_number, parse_number
from stackwright.providers.terraform._types import (
    BOOL,
    DYNAMIC,
    STRING,
    ListOf,
    MalformedTypeError,
    MapOf,
    ObjectOf,
    Primitive,
    SetOf,
    TupleOf,
    Type,
    parse_type,
    type_json,
)
from stackwright.providers.terraform._valid_text import with_valid_text
from stackwright.providers.terraform._values import (
    UNKNOWN,
    DynamicValue,
    Refinements,
    TfValue,
    UnknownValue,
    canonical_set,
)

_Convert: TypeAlias = Callable[[Any], Any]

_TYPES_LIMIT: Final = 8192
"""How many compiled types are kept: more than a large provider's resources in use have."""
_REFINED: Final = 12
_REFINEMENTS_LIMIT: Final = 1024
_PACKED_UNKNOWN: Final = msgspec.msgpack.Ext(0, b"\0")
_writer: Final = msgspec.msgpack.Encoder()


def encode_msgpack(value: TfValue, kind: Type) -> bytes:
    """
    *value* of type *kind*. Refinements of unknowns are not sent (§3.4).

    Raises:
        ValueMismatchError: It is not of that type.
    """
    try:
        return _writer.encode(_compiled(_PACKING, kind)(value))
    except UnicodeEncodeError as error:
        raise ValueMismatchError("a string holds half of a character pair, which cannot be sent") from error
    except RecursionError as error:
        raise ValueMismatchError("the value is nested too deeply") from error


def _plain(data: bytes) -> Any:
    try:
        return _reader.decode(data)
    except UnicodeDecodeError:  # which Terraform lets pass
        return _reader.decode(with_valid_text(data))


def decode_msgpack(data: bytes, kind: Type) -> TfValue:
    """
    The value of type *kind* that *data* holds; no data at all is null (§2.7).

    Raises:
        ValueMismatchError: It is none.
    """
    if not data:
        return None
    try:
        plain = _plain(data)
    except (msgspec.DecodeError, UnicodeDecodeError, TypeError) as error:  # the last: a list as a key
        raise ValueMismatchError(f"it is no MessagePack: {error}") from error
    except RecursionError as error:
        raise ValueMismatchError("the value is nested too deeply") from error
    try:
        return _compiled(_UNPACKING, kind)(plain)
    except RecursionError as error:
        raise ValueMismatchError("the value is nested too deeply") from error


class _Direction(msgspec.Struct, frozen=True, eq=False):
    """What makes converters: for simple kinds one, for others from those of what is inside."""

    string: _Convert
    bool: _Convert
    number: _Convert
    dynamic: _Convert
    sequence: Callable[[_Convert, Type | None], _Convert]
    """With the type of the elements if it is a set."""
    map: Callable[[_Convert], _Convert]
    tuple: Callable[[tuple[_Convert, ...]], _Convert]
    object: Callable[[dict[str, _Convert]], _Convert]


@lru_cache(2 * _TYPES_LIMIT)
def _compiled(direction: _Direction, kind: Type) -> _Convert:
    """A function that converts values of *kind*."""
    match kind:
        case Primitive():
            if kind is STRING:
                return direction.string
            if kind is BOOL:
                return direction.bool
            return direction.dynamic if kind is DYNAMIC else direction.number
        case ListOf(element):
            return direction.sequence(_compiled(direction, element), None)
        case SetOf(element):
            return direction.sequence(_compiled(direction, element), element)
        case MapOf(element):
            return direction.map(_compiled(direction, element))
        case TupleOf(elements):
            return direction.tuple(tuple(_compiled(direction, element) for element in elements))
        case ObjectOf(attributes):
            return direction.object({name: _compiled(direction, each) for name, each in attributes.items()})


# Encoding ---------------------------------------------------------------------------------------


def _pack_string(value: Any) -> Any:
    if value is None:
        return value
    if type(value) is str:
        # What the other side would make of it anyway (§3.3), and then compare with ours.
        return value if value.isascii() else normalize("NFC", value)
    if isinstance(value, UnknownValue):
        return _PACKED_UNKNOWN
    if isinstance(value, str):
        return _pack_string(str(value))
    raise ValueMismatchError(f"a string is needed, and this is {kind_of(value)}")


def _pack_bool(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, UnknownValue):
        return _PACKED_UNKNOWN
    raise ValueMismatchError(f"a bool is needed, and this is {kind_of(value)}")


def _pack_number(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, UnknownValue):
        return _PACKED_UNKNOWN
    return packed_number(value)


def _pack_dynamic(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, UnknownValue):
        return _PACKED_UNKNOWN
    if not isinstance(value, DynamicValue):
        raise ValueMismatchError(f"a value with its type is needed, and this is {kind_of(value)}")
    return [type_json(value.type), _compiled(_PACKING, value.type)(value.value)]


def _sequence_packer(pack: _Convert, set_of: Type | None) -> _Convert:
    name = "a list" if set_of is None else "a set"

    def convert(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, list):
            if isinstance(value, UnknownValue):
                return _PACKED_UNKNOWN
            raise ValueMismatchError(f"{name} is needed, and this is {kind_of(value)}")
        if set_of is not None:
            value = canonical_set(value, set_of)
        packed: list[Any] = []
        try:
            for element in value:
                packed.append(pack(element))  # noqa: PERF401 - how far it came is needed below
        except ValueMismatchError as error:
            raise error.below(len(packed)) from None
        return packed

    return convert


def _map_packer(pack: _Convert) -> _Convert:
    def convert(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, dict):
            if isinstance(value, UnknownValue):
                return _PACKED_UNKNOWN
            raise ValueMismatchError(f"a map is needed, and this is {kind_of(value)}")
        try:
            return {key: pack(value[key]) for key in sorted(value)}
        except ValueMismatchError:
            raise _where(value, dict.fromkeys(value, pack)) from None

    return convert


def _tuple_packer(packs: tuple[_Convert, ...]) -> _Convert:
    def convert(value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, UnknownValue):
            return _PACKED_UNKNOWN
        if not isinstance(value, list) or len(value) != len(packs):
            raise ValueMismatchError(f"a list of {len(packs)} elements is needed")
        packed: list[Any] = []
        try:
            for element, pack in zip(value, packs, strict=True):
                packed.append(pack(element))
        except ValueMismatchError as error:
            raise error.below(len(packed)) from None
        return packed

    return convert


def _object_packer(packs: dict[str, _Convert]) -> _Convert:
    fields = tuple(packs.items())

    def convert(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, dict):
            if isinstance(value, UnknownValue):
                return _PACKED_UNKNOWN
            raise ValueMismatchError(f"an object is needed, and this is {kind_of(value)}")
        get = value.get
        try:
            packed = {name: None if (each := get(name)) is None else pack(each) for name, pack in fields}
        except ValueMismatchError:
            raise _where(value, packs) from None
        if not value.keys() <= packs.keys():
            surplus = min(value.keys() - packs.keys())
            raise ValueMismatchError("there is no such attribute", (surplus,))
        return packed

    return convert


def _where(value: dict[str, Any], converters: dict[str, _Convert]) -> ValueMismatchError:
    """The error that converting the members of *value* meets first, with its place."""
    for name, convert in converters.items():
        try:
            convert(value.get(name))
        except ValueMismatchError as error:
            return error.below(name)
    raise AssertionError("a conversion failed once and not again")


_PACKING: Final = _Direction(
    _pack_string,
    _pack_bool,
    _pack_number,
    _pack_dynamic,
    _sequence_packer,
    _map_packer,
    _tuple_packer,
    _object_packer,
)


# Decoding ---------------------------------------------------------------------------------------


def _unpack_string(value: Any) -> Any:
    if value is None or isinstance(value, (str, UnknownValue)):
        return value
    if isinstance(value, bytes):
        return _text(value)
    raise ValueMismatchError(f"a string is needed, and this is {kind_of(value)}")


def _unpack_bool(value: Any) -> Any:
    if value is None or isinstance(value, (bool, UnknownValue)):
        return value
    raise ValueMismatchError(f"a bool is needed, and this is {kind_of(value)}")


def _unpack_number(value: Any) -> Any:
    if value is None or isinstance(value, UnknownValue):
        return value
    if isinstance(value, (str, bytes)):
        return parse_number(_text(value))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueMismatchError(f"a number is needed, and this is {kind_of(value)}")
    return value


def _unpack_dynamic(value: Any) -> Any:
    if value is None or isinstance(value, UnknownValue):
        return value
    if not isinstance(value, list) or len(value) != 2 or not isinstance(value[0], (str, bytes)):
        raise ValueMismatchError("a pair of type and value is needed")
    written = value[0]
    try:
        kind = parse_type(written.encode() if isinstance(written, str) else written)
    except MalformedTypeError as error:
        raise ValueMismatchError(error.message) from error
    inner = _compiled(_UNPACKING, kind)(value[1])
    return inner if kind is DYNAMIC else DynamicValue(kind, inner)


def _sequence_unpacker(unpack: _Convert, set_of: Type | None) -> _Convert:
    name = "a list" if set_of is None else "a set"

    def convert(value: Any) -> Any:
        if not isinstance(value, list):
            if value is None or isinstance(value, UnknownValue):
                return value
            raise ValueMismatchError(f"{name} is needed, and this is {kind_of(value)}")
        unpacked: list[Any] = []
        try:
            for element in value:
                unpacked.append(unpack(element))  # noqa: PERF401 - how far it came is needed below
        except ValueMismatchError as error:
            raise error.below(len(unpacked)) from None
        return unpacked if set_of is None else canonical_set(unpacked, set_of)

    return convert


def _map_unpacker(unpack: _Convert) -> _Convert:
    def convert(value: Any) -> Any:
        if not isinstance(value, dict):
            if value is None or isinstance(value, UnknownValue):
                return value
            raise ValueMismatchError(f"a map is needed, and this is {kind_of(value)}")
        try:
            return {key if type(key) is str else _text(key): unpack(each) for key, each in value.items()}
        except ValueMismatchError:
            named = _with_text_keys(value)
            raise _where(named, dict.fromkeys(named, unpack)) from None

    return convert


def _tuple_unpacker(unpacks: tuple[_Convert, ...]) -> _Convert:
    def convert(value: Any) -> Any:
        if value is None or isinstance(value, UnknownValue):
            return value
        if not isinstance(value, list) or len(value) != len(unpacks):
            raise ValueMismatchError(f"a list of {len(unpacks)} elements is needed")
        unpacked: list[Any] = []
        try:
            for element, unpack in zip(value, unpacks, strict=True):
                unpacked.append(unpack(element))
        except ValueMismatchError as error:
            raise error.below(len(unpacked)) from None
        return unpacked

    return convert


def _object_unpacker(unpacks: dict[str, _Convert]) -> _Convert:
    fields = tuple(unpacks.items())
    names = unpacks.keys()

    def convert(value: Any) -> Any:
        if not isinstance(value, dict):
            if value is None or isinstance(value, UnknownValue):
                return value
            raise ValueMismatchError(f"an object is needed, and this is {kind_of(value)}")
        if value.keys() != names:
            value = _with_text_keys(value)
            if not value.keys() <= names:
                raise ValueMismatchError("there is no such attribute", (min(value.keys() - names),))
        get = value.get
        try:
            return {name: None if (each := get(name)) is None else unpack(each) for name, unpack in fields}
        except ValueMismatchError:
            raise _where(value, unpacks) from None

    return convert


def _with_text_keys(value: dict[Any, Any]) -> dict[str, Any]:
    return {_text(key): each for key, each in value.items()}


def _text(data: Any) -> str:
    if isinstance(data, str):
        return data
    if isinstance(data, bytes):
        return data.decode("utf-8", "replace")
    raise ValueMismatchError(f"a string is needed, and this is {kind_of(data)}")


_UNPACKING: Final = _Direction(
    _unpack_string,
    _unpack_bool,
    _unpack_number,
    _unpack_dynamic,
    _sequence_unpacker,
    _map_unpacker,
    _tuple_unpacker,
    _object_unpacker,
)


# Unknowns ---------------------------------------------------------------------------------------


def _unknown(code: int, data: memoryview) -> UnknownValue:
    """Every extension is an unknown; those of one code say more about it (§3.4)."""
    if code != _REFINED:
        return UNKNOWN
    if len(data) > _REFINEMENTS_LIMIT:
        raise ValueMismatchError(f"refinements of an unknown take more than {_REFINEMENTS_LIMIT} bytes")
    try:
        said = msgspec.msgpack.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, TypeError, RecursionError) as error:
        raise ValueMismatchError(f"refinements of an unknown are malformed: {error}") from error
    if not isinstance(said, dict):
        raise ValueMismatchError("refinements of an unknown are malformed")
    found = Refinements(
        nullable=_if(bool, said.get(1)),
        prefix=_if(str, said.get(2)),
        lower=_bound(said.get(3)),
        upper=_bound(said.get(4)),
        min_length=_if(int, said.get(5)),
        max_length=_if(int, said.get(6)),
    )
    return UNKNOWN if found == Refinements() else UnknownValue(found)


def _if(kind: type, value: Any) -> Any:
    return value if type(value) is kind else None


def _bound(value: Any) -> tuple[int | float | Decimal, bool] | None:
    match value:
        case [number, bool(inclusive)]:
            found: Number = _unpack_number(number)
            return found, inclusive
    return None


_reader: Final = msgspec.msgpack.Decoder(ext_hook=_unknown)
