"""
Values as JSON, and back (terraform.md §3.5): what states are stored as and upgraded from.

Numbers keep all their digits, attributes and keys are sorted and sets are in canonical
order, so that equal values give equal bytes.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any, Final

import msgspec

from stackwright.providers.terraform._mismatch import ValueMismatchError, kind_of
from stackwright.providers.terraform._numbers import digits, parse_number
from stackwright.providers.terraform._types import (
    BOOL,
    DYNAMIC,
    NUMBER,
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
from stackwright.providers.terraform._values import DynamicValue, TfValue, UnknownValue, canonical_set

_INT64: Final = range(-(2**63), 2**63)


def encode_json(value: TfValue, kind: Type) -> bytes:
    """
    *value* of type *kind*, wholly known.

    Raises:
        ValueMismatchError: It is not of that type, unknown somewhere, or infinite.
    """
    try:
        return msgspec.json.encode(_plain(value, kind))
    except UnicodeEncodeError as error:
        raise ValueMismatchError("a string holds half of a character pair, which JSON cannot say") from error
    except RecursionError as error:
        raise ValueMismatchError("the value is nested too deeply") from error


def decode_json(data: bytes, kind: Type) -> TfValue:
    """
    The value of type *kind* that *data* says. Attributes that are missing are null.

    Raises:
        ValueMismatchError: It says none; an attribute that the type does not have is an error too.
    """
    try:
        return _value(_reader.decode(data), kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueMismatchError(f"it is no JSON: {error}") from error
    except RecursionError as error:
        raise ValueMismatchError("the value is nested too deeply") from error


def strip_json(data: bytes, kind: Type) -> bytes:
    """
    *data* without the object keys that *kind* does not have, at any depth (§5.4).

    All else stays as it is, to the last digit, even where it is not of the type.

    Raises:
        ValueMismatchError: It is no JSON.
    """
    try:
        return msgspec.json.encode(_stripped(_verbatim.decode(data), kind))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueMismatchError(f"it is no JSON: {error}") from error
    except RecursionError as error:
        raise ValueMismatchError("the value is nested too deeply") from error


def _plain(value: TfValue, kind: Type) -> Any:
    if value is None:
        return None
    if isinstance(value, UnknownValue):
        raise ValueMismatchError("it is not known yet, which JSON cannot say")
    match kind:
        case Primitive():
            return _plain_primitive(value, kind)
        case ListOf(element):
            return [_below(_plain, i, each, element) for i, each in enumerate(_list(value))]
        case SetOf(element):
            ordered = canonical_set(_list(value), element)
            return [_below(_plain, i, each, element) for i, each in enumerate(ordered)]
        case MapOf(element):
            known = _dict(value)
            return {key: _below(_plain, key, known[key], element) for key in sorted(known)}
        case TupleOf(elements):
            return [
                _below(_plain, i, each, kind)
                for i, (each, kind) in enumerate(zip(_list(value, len(elements)), elements, strict=True))
            ]
        case ObjectOf(attributes):
            _no_surplus(_dict(value), attributes)
            return {name: _below(_plain, name, value.get(name), each) for name, each in attributes.items()}


def _plain_primitive(value: Any, kind: Primitive) -> Any:
    if kind is DYNAMIC:
        if not isinstance(value, DynamicValue):
            raise ValueMismatchError(
                f"a value with a type of its own is needed, and this is {kind_of(value)}"
            )
        return {"value": _plain(value.value, value.type), "type": msgspec.Raw(type_json(value.type))}
    if kind is NUMBER:
        return _plain_number(value)
    if isinstance(value, str if kind is STRING else bool):
        return value
    raise ValueMismatchError(f"a {kind.name} is needed, and this is {kind_of(value)}")


def _plain_number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise ValueMismatchError(f"a number is needed, and this is {kind_of(value)}")
    if type(value) is int and value in _INT64:
        return value
    if not math.isfinite(value):
        raise ValueMismatchError("it is infinite, which JSON cannot say")
    return msgspec.Raw(digits(value).encode())


def _value(data: Any, kind: Type) -> TfValue:
    if data is None:
        return None
    match kind:
        case Primitive():
            return _primitive(data, kind)
        case ListOf(element):
            return [_below(_value, i, each, element) for i, each in enumerate(_list(data))]
        case SetOf(element):
            found = [_below(_value, i, each, element) for i, each in enumerate(_list(data))]
            return canonical_set(found, element)
        case MapOf(element):
            return {key: _below(_value, key, each, element) for key, each in _dict(data).items()}
        case TupleOf(elements):
            return [
                _below(_value, i, each, kind)
                for i, (each, kind) in enumerate(zip(_list(data, len(elements)), elements, strict=True))
            ]
        case ObjectOf(attributes):
            _no_surplus(_dict(data), attributes)
            return {name: _below(_value, name, data.get(name), each) for name, each in attributes.items()}


def _primitive(data: Any, kind: Primitive) -> TfValue:
    """A primitive; Terraform also takes one that is written as another."""
    if kind is DYNAMIC:
        return _dynamic(data)
    if kind is STRING:
        if isinstance(data, str):
            return data
        if isinstance(data, bool):
            return "true" if data else "false"
        if isinstance(data, int):
            return str(data)
        if isinstance(data, _Written):
            return digits(parse_number(data.text))
    if kind is NUMBER and not isinstance(data, bool):
        if isinstance(data, int):
            return data
        if isinstance(data, (_Written, str)):
            return parse_number(data if isinstance(data, str) else data.text)
    if kind is BOOL and (isinstance(data, bool) or data in ("true", "false")):
        return data is True or data == "true"
    raise ValueMismatchError(f"a {kind.name} is needed, and this is {kind_of(data)}")


def _dynamic(data: Any) -> TfValue:
    match data:
        case {"type": written, "value": inner}:
            try:
                kind = parse_type(msgspec.json.encode(written))
            except MalformedTypeError as error:
                raise ValueMismatchError(error.message) from error
            value = _value(inner, kind)
            return value if kind is DYNAMIC else DynamicValue(kind, value)
    raise ValueMismatchError("an object of `type` and `value` is needed")


def _stripped(data: Any, kind: Type) -> Any:
    match kind, data:
        case ((ListOf(element) | SetOf(element)), list()):
            return [_stripped(each, element) for each in data]
        case MapOf(element), dict():
            return {key: _stripped(each, element) for key, each in data.items()}
        case TupleOf(elements), list() if len(data) == len(elements):
            return [_stripped(each, kind) for each, kind in zip(data, elements, strict=True)]
        case ObjectOf(attributes), dict():
            return {key: _stripped(each, attributes[key]) for key, each in data.items() if key in attributes}
    return data


def _below(convert: Any, part: str | int, value: Any, kind: Type) -> Any:
    try:
        return convert(value, kind)
    except ValueMismatchError as error:
        raise error.below(part) from None


def _list(value: Any, length: int | None = None) -> list[Any]:
    if not isinstance(value, list):
        raise ValueMismatchError(f"a list is needed, and this is {kind_of(value)}")
    if length is not None and len(value) != length:
        raise ValueMismatchError(f"a list of {length} elements is needed")
    return value


def _dict(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueMismatchError(f"an object is needed, and this is {kind_of(value)}")
    return value


def _no_surplus(value: dict[str, Any], attributes: Any) -> None:
    if not value.keys() <= attributes.keys():
        raise ValueMismatchError("there is no such attribute", (min(value.keys() - attributes.keys()),))


class _Written:
    """A number with a fraction or an exponent, as it was written."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


_reader: Final = msgspec.json.Decoder(float_hook=_Written)
_verbatim: Final = msgspec.json.Decoder(float_hook=lambda text: msgspec.Raw(text.encode()))
