"""
What a property may hold: its type, whether it must be there, and what a change of it means.

Plain descriptions without behaviour of any resource; `_resources` and `_functions`
derive checking, differences, previews and schemas from them. Values that can only
mean one thing of the declared type are taken as that (`"16"` for a whole number),
as the genuine bridged providers do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from stackwright.values import Archive, Asset, PropertyMap, Secret, Unknown, UnknownKind, Value
from stackwright.values import format_path as _format_path


class MismatchError(Exception):
    """A value is not of the declared type. `path` leads to it from the property inwards."""

    def __init__(self, reason: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path

    def within(self, element: str | int) -> MismatchError:
        """The same, seen from one level further out."""
        return MismatchError(self.reason, (element, *self.path))

    def full_path(self, name: str) -> str:
        """The path from the resource's properties."""
        return _format_path((name, *self.path))


@dataclass(frozen=True)
class ValueType:
    """
    A type of values: what it takes, and how schemas spell it.

    `exact` are the Python types that need no look; everything else goes through
    `convert`, which returns what the value means or raises `MismatchError`.
    """

    name: str
    exact: frozenset[type]
    convert: Callable[[Value], Value]
    spec: Mapping[str, Any]
    unknown: UnknownKind = UnknownKind.STRING

    def accept(self, value: Value) -> Value:
        """
        *value* as this type; the very same object where nothing had to change.

        Unknowns fit every type, and a secret fits if what it holds does.
        """
        kind = type(value)
        if kind in self.exact or kind is Unknown:
            return value
        if kind is Secret:
            inner = self.accept(value.value)
            return value if inner is value.value else Secret(inner)
        return self.convert(value)


_DESCRIBED: Final = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a map",
}


def _described(value: Value) -> str:
    """What *value* is, for an error: never the value itself, which may be private."""
    if value is None:
        return "null"
    names = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "a map",
    }
    return names.get(type(value), f"a {type(value).__name__.lower()}")


def _to_string(value: Value) -> str:
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is int:
        return str(value)
    if type(value) is float:
        return str(int(value)) if value.is_integer() else repr(value)
    raise MismatchError(f"a text is expected, not {_described(value)}")


_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,40}")


def parse_integer(text: str) -> int:
    """The whole number that *text* writes in decimal digits and nothing else, or `ValueError`."""
    if not _INTEGER.fullmatch(text):
        raise ValueError("not a whole number")
    return int(text)


def _to_integer(value: Value) -> int:
    if type(value) is float and value.is_integer():
        return int(value)
    if type(value) is str:
        try:
            return parse_integer(value)
        except ValueError:
            raise MismatchError("a whole number is expected, and this text is none") from None
    if type(value) is float:
        raise MismatchError("a whole number is expected, not a fraction")
    raise MismatchError(f"a whole number is expected, not {_described(value)}")


def _to_boolean(value: Value) -> bool:
    known = {"true": True, "false": False}
    if type(value) is str and value in known:
        return known[value]
    raise MismatchError(f"true or false is expected, not {_described(value)}")


def _refuse_archive(value: Value) -> Value:
    raise MismatchError(f"an archive is expected, not {_described(value)}")


STRING: Final = ValueType("string", frozenset({str}), _to_string, {"type": "string"})
INTEGER: Final = ValueType(
    "integer", frozenset({int}), _to_integer, {"type": "integer"}, unknown=UnknownKind.NUMBER
)
BOOLEAN: Final = ValueType(
    "boolean", frozenset({bool}), _to_boolean, {"type": "boolean"}, unknown=UnknownKind.BOOL
)
ARCHIVE: Final = ValueType(
    "archive",
    frozenset({Archive}),
    _refuse_archive,
    {"$ref": "pulumi.json#/Archive"},
    unknown=UnknownKind.ARCHIVE,
)
ANY: Final = ValueType("any", frozenset(), lambda value: value, {"$ref": "pulumi.json#/Any"})


def _to_file(value: Value) -> Value:
    if type(value) is Asset or type(value) is Archive:
        return value
    raise MismatchError(f"an asset is expected, not {_described(value)}")


ASSET: Final = ValueType(
    "asset", frozenset({Asset, Archive}), _to_file, {"$ref": "pulumi.json#/Asset"}, unknown=UnknownKind.ASSET
)


def list_of(item: ValueType) -> ValueType:
    """Lists whose every element is an *item*."""

    def convert(value: Value) -> Value:
        if not isinstance(value, list | tuple):
            raise MismatchError(f"a list is expected, not {_described(value)}")
        items: list[Value] = []
        for at, element in enumerate(value):
            try:
                items.append(item.accept(element))
            except MismatchError as mismatch:
                raise mismatch.within(at) from None
        same = type(value) is list and all(new is old for new, old in zip(items, value, strict=True))
        return value if same else items

    return ValueType(
        f"list of {item.name}",
        frozenset(),
        convert,
        {"type": "array", "items": item.spec},
        unknown=UnknownKind.ARRAY,
    )


def map_of(item: ValueType) -> ValueType:
    """Maps whose every value is an *item*; a key that holds null is as good as missing."""
    exact = item.exact

    def convert(value: Value) -> Value:
        if type(value) is not dict:
            raise MismatchError(f"a map is expected, not {_described(value)}")
        changed: PropertyMap | None = None
        for key, element in value.items():
            if type(element) in exact:
                continue
            if element is None:
                changed = dict(value) if changed is None else changed
                del changed[key]
                continue
            try:
                accepted = item.accept(element)
            except MismatchError as mismatch:
                raise mismatch.within(key) from None
            if accepted is not element:
                changed = dict(value) if changed is None else changed
                changed[key] = accepted
        return value if changed is None else changed

    return ValueType(
        f"map of {item.name}",
        frozenset(),
        convert,
        {"type": "object", "additionalProperties": item.spec},
        unknown=UnknownKind.OBJECT,
    )


@dataclass(frozen=True)
class Choice:
    """A named type with a fixed set of texts; `token` and `texts` (text → description) make its schema."""

    token: str
    about: str
    texts: Mapping[str, str]

    def as_type(self) -> ValueType:
        """The type of properties that hold one of the texts."""
        allowed = ", ".join(f"`{text}`" for text in self.texts)

        def convert(value: Value) -> Value:
            if type(value) is str and value in self.texts:
                return value
            raise MismatchError(f"one of {allowed} is expected")

        return ValueType(
            self.token, frozenset(), convert, {"type": "string", "$ref": f"#/types/{self.token}"}
        )


Replaces = bool | Callable[[Value, Value], bool]
"""Whether a change needs a new object; a function is asked with the bare old and new values."""


@dataclass(frozen=True, kw_only=True)
class Property:
    """One property of a resource or a function."""

    name: str
    type: ValueType
    about: str
    required: bool = False
    default: Value = None
    """What a missing input means; recorded in outputs, never added to inputs."""
    replaces: Replaces = False
    secret: bool = False
    at_least: int | None = None
    deprecated: str = ""
    replaces_in_sdk: bool = False
    """Generated SDKs ask for the replacement as well (packages.md §1.5, `replaceOnChanges`)."""
    optional_output: bool = False
    """For computed outputs: may be missing."""
    unknown: Unknown = field(init=False)
    """What stands for this property in a preview."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "unknown", Unknown(self.type.unknown))

    def accept(self, value: Value) -> Value:
        """*value* as this property holds it; raises `MismatchError`."""
        accepted = self.type.accept(value)
        if self.at_least is not None:
            bare = accepted.value if type(accepted) is Secret else accepted
            if type(bare) is not Unknown and bare < self.at_least:
                raise MismatchError(f"must be at least {self.at_least}")
        return accepted

    def change_replaces(self, old: Value, new: Value) -> bool:
        """Whether going from *old* to *new* (bare values) takes a new object."""
        return self.replaces if isinstance(self.replaces, bool) else self.replaces(old, new)
