"""
Between a program's properties and Terraform's values (terraform.md §8.5, §8.8).

To Terraform the *schema* is walked, so that what a program leaves out comes out null or
empty as it should; from Terraform nulls are left out. Names, flattened blocks and secrets
are the only differences; no defaults are made here. Pure.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from stackwright.goals import CheckFailure
from stackwright.providers.terraform._blocks import block_elements, block_value
from stackwright.providers.terraform._mismatch import ValueMismatchError
from stackwright.providers.terraform._numbers import digits, parse_number, written_number
from stackwright.providers.terraform._schema import Nesting, empty_value
from stackwright.providers.terraform._shapes import Field, Form, Shape, ValueShape
from stackwright.providers.terraform._types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListOf,
    ObjectOf,
    TupleOf,
    Type,
)
from stackwright.providers.terraform._values import (
    UNKNOWN,
    DynamicValue,
    TfValue,
    UnknownValue,
    canonical_set,
)
from stackwright.values import (
    UNKNOWN as UNKNOWN_PROPERTY,
)
from stackwright.values import (
    Archive,
    Asset,
    OutputValue,
    PropertyMap,
    PropertyPath,
    ResourceRef,
    Secret,
    Unknown,
    Value,
    contains_secrets,
    format_path,
)

_RESERVED: Final = "__"
"""What the names of keys begin with that are no properties: ours, the bridge's, the engine's."""


class Converted(msgspec.Struct, frozen=True):
    """A configuration, and what is wrong with the properties that it was made of."""

    config: dict[str, TfValue]
    failures: tuple[CheckFailure, ...]


def to_config(shape: Shape, properties: PropertyMap, *, texts_are_json: bool = False) -> Converted:
    """
    The configuration that *properties* are.

    *texts_are_json*: nested values may come as JSON texts, as configuration of a provider
    does (§8.15). What cannot be converted is null, and a failure.
    """
    writer = _Writer(texts_are_json=texts_are_json)
    config = writer.object(shape, properties, (), wants_configuration=True)
    return Converted(config, tuple(writer.failures))


def to_value(shape: ValueShape, value: Value) -> TfValue:
    """
    One argument of a function, or one element of a collection.

    Raises:
        ValueMismatchError: It is not of that type.
    """
    writer = _Writer(texts_are_json=False)
    made = writer.value(shape, value, ())
    if writer.failures:
        failure = writer.failures[0]
        raise ValueMismatchError(failure.reason)
    return made


def state_value(shape: Shape, properties: PropertyMap) -> dict[str, TfValue]:
    """A state made of recorded outputs, as well as can be: for state that somebody else wrote (§9)."""
    writer = _Writer(texts_are_json=False)
    return writer.object(shape, properties, (), wants_configuration=False)


class _Writer:
    """Converts to Terraform, and collects what is wrong on the way."""

    def __init__(self, *, texts_are_json: bool) -> None:
        self.failures: list[CheckFailure] = []
        self._texts_are_json = texts_are_json

    def fail(self, path: PropertyPath, reason: str) -> None:
        where = format_path(path[1:])
        at = f" (at `{format_path(path)}`)" if where else ""
        self.failures.append(CheckFailure(str(path[0]) if path else "", f"{reason}{at}"))

    def object(
        self, shape: Shape, properties: Mapping[str, Value], path: PropertyPath, *, wants_configuration: bool
    ) -> dict[str, TfValue]:
        made: dict[str, TfValue] = {}
        known = shape.by_property
        for key in properties:
            if key not in known and not key.startswith(_RESERVED) and wants_configuration:
                self._unknown_property(shape, key, path)
        for field in shape.fields:
            value = properties.get(field.shown_as) if field.shown_as is not None else None
            where = (*path, field.shown_as or field.name)
            value = _bare(value)
            if value is None:
                made[field.name] = _unset(field)
                continue
            if wants_configuration and field.computed_only:
                self.fail(where, "This is decided by the provider, and cannot be set")
                made[field.name] = None
                continue
            made[field.name] = self.value(field.value, value, where, wants_configuration=wants_configuration)
            if field.block is not None and wants_configuration:
                self._count(field, made[field.name], where)
        if wants_configuration:
            for field in shape.fields:
                if field.block is not None and field.required and _is_empty(made[field.name]):
                    self.fail(
                        (*path, field.shown_as or field.name),
                        f"At least {field.block.min_items} of this is needed",
                    )
        return made

    def _unknown_property(self, shape: Shape, key: str, path: PropertyPath) -> None:
        names = [name for name in shape.by_property if not shape.by_property[name].computed_only]
        terraform = shape.by_name.get(key)
        if terraform is not None and terraform.shown_as is not None:
            hint = f"; `{terraform.shown_as}` is what Terraform calls `{key}`"
        else:
            close = difflib.get_close_matches(key, names, 1)
            hint = f"; did you mean `{close[0]}`?" if close else ""
        self.fail((*path, key), f"There is no property `{key}`{hint}")

    def _count(self, field: Field, value: TfValue, path: PropertyPath) -> None:
        nested = field.block
        elements = block_elements(nested, value) if nested is not None else None
        if nested is None or not isinstance(elements, list):
            return
        if nested.max_items and len(elements) > nested.max_items:
            self.fail(path, f"There may be {nested.max_items} of this at most, not {len(elements)}")
        if 0 < len(elements) < nested.min_items and not any(
            isinstance(each, UnknownValue) for each in elements
        ):
            self.fail(path, f"At least {nested.min_items} of this are needed, not {len(elements)}")

    # Values -------------------------------------------------------------------------------------

    def value(
        self, shape: ValueShape, value: Value, path: PropertyPath, *, wants_configuration: bool = True
    ) -> TfValue:
        value = _bare(value)
        if value is None:
            return None
        if isinstance(value, Unknown):
            return UNKNOWN
        if self._texts_are_json and isinstance(value, str) and shape.form not in (Form.SCALAR, Form.DYNAMIC):
            try:
                value = msgspec.json.decode(value)
            except msgspec.DecodeError:
                self.fail(path, "This is to be a JSON text, and cannot be read as one")
                return None
        match shape.form:
            case Form.SCALAR:
                return self._scalar(shape.type, value, path)
            case Form.DYNAMIC:
                return self._dynamic(value, path)
            case Form.OBJECT:
                if not isinstance(value, dict):
                    return self._mismatch(path, "an object", value)
                return self.object(shape.object, value, path, wants_configuration=wants_configuration)
            case Form.LIST | Form.SET:
                return self._sequence(shape, value, path, wants_configuration=wants_configuration)
            case Form.MAP:
                return self._map(shape, value, path, wants_configuration=wants_configuration)
            case Form.TUPLE:
                return self._tuple(shape, value, path)

    def _sequence(
        self, shape: ValueShape, value: Value, path: PropertyPath, *, wants_configuration: bool
    ) -> TfValue:
        inner = shape.element
        assert inner is not None
        if shape.flattened and not isinstance(value, list):
            elements = [self.value(inner, value, path, wants_configuration=wants_configuration)]
        elif isinstance(value, list):
            elements = [
                self.value(inner, each, (*path, at), wants_configuration=wants_configuration)
                for at, each in enumerate(value)
            ]
        elif self._texts_are_json and shape.blocks is not None and isinstance(value, dict):
            elements = [self.value(inner, value, path, wants_configuration=wants_configuration)]
        else:
            return self._mismatch(path, "a list", value)
        if shape.blocks is not None:
            return block_value(shape.blocks, elements)
        return canonical_set(elements, inner.type) if shape.form is Form.SET else elements

    def _map(
        self, shape: ValueShape, value: Value, path: PropertyPath, *, wants_configuration: bool
    ) -> TfValue:
        inner = shape.element
        assert inner is not None
        if not isinstance(value, dict):
            return self._mismatch(path, "a map", value)
        made = {
            key: self.value(inner, each, (*path, key), wants_configuration=wants_configuration)
            for key, each in value.items()
            if key != "__defaults"
        }
        return block_value(shape.blocks, made) if shape.blocks is not None else made

    def _tuple(self, shape: ValueShape, value: Value, path: PropertyPath) -> TfValue:
        """Programs see a tuple as an object of `t0`, `t1`, ...; a list does as well."""
        members = shape.members
        if isinstance(value, dict):
            items = [value.get(f"t{at}") for at in range(len(members))]
        elif isinstance(value, list) and len(value) == len(members):
            items = value
        else:
            return self._mismatch(path, f"a tuple of {len(members)} values", value)
        return [
            self.value(inner, each, (*path, f"t{at}"))
            for at, (inner, each) in enumerate(zip(members, items, strict=True))
        ]

    def _scalar(self, kind: Type, value: Value, path: PropertyPath) -> TfValue:
        if isinstance(value, ResourceRef):
            if isinstance(value.id, Unknown):
                return UNKNOWN
            value = value.id
        if isinstance(value, Asset) and kind is STRING and value.text is not None and not value.path:
            value = value.text
        if isinstance(value, Asset | Archive):
            self.fail(path, "A text is needed, not an asset; read the file in the program")
            return None
        if kind is STRING:
            return self._string(value, path)
        if kind is NUMBER:
            return self._number(value, path)
        return self._bool(value, path)

    def _string(self, value: Value, path: PropertyPath) -> TfValue:
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float | Decimal):
            return digits(value)
        return self._mismatch(path, "a string", value)

    def _number(self, value: Value, path: PropertyPath) -> TfValue:
        if isinstance(value, str):
            if not value:
                return None
            try:
                return parse_number(value.strip())
            except ValueMismatchError:
                return self._mismatch(path, "a number", value)
        if isinstance(value, float):
            return written_number(value)
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return value
        return self._mismatch(path, "a number", value)

    def _bool(self, value: Value, path: PropertyPath) -> TfValue:
        if isinstance(value, bool):
            return value
        if value in ("true", "false", "1", "0"):
            return value in ("true", "1")
        return self._mismatch(path, "true or false", value)

    def _dynamic(self, value: Value, path: PropertyPath) -> TfValue:
        kind, made = self._typed(value, path)
        return made if kind is DYNAMIC else DynamicValue(kind, made)

    def _typed(self, value: Value, path: PropertyPath) -> tuple[Type, TfValue]:
        """A value without a schema, and the type it has."""
        value = _bare(value)
        if value is None:
            return DYNAMIC, None
        if isinstance(value, Unknown):
            return DYNAMIC, UNKNOWN
        if isinstance(value, bool):
            return BOOL, value
        if isinstance(value, int | float | Decimal):
            return NUMBER, self._number(value, path)
        if isinstance(value, list):
            parts = [self._typed(each, (*path, at)) for at, each in enumerate(value)]
            kinds = [kind for kind, _ in parts]
            made = [each for _, each in parts]
            if kinds and DYNAMIC not in kinds and all(kind == kinds[0] for kind in kinds):
                return ListOf(kinds[0]), made
            return TupleOf(tuple(kinds)), made
        if isinstance(value, dict):
            members = {key: self._typed(each, (*path, key)) for key, each in value.items()}
            kind = ObjectOf({key: each for key, (each, _) in members.items()})
            return kind, {key: each for key, (_, each) in members.items()}
        return STRING, self._scalar(STRING, value, path)

    def _mismatch(self, path: PropertyPath, wanted: str, value: Value) -> None:
        self.fail(path, f"This is to be {wanted}, not {_described(value)}")


def _described(value: Value) -> str:
    match value:
        case bool():
            return "true or false"
        case str():
            return "a text"
        case int() | float() | Decimal():
            return "a number"
        case list():
            return "a list"
        case dict():
            return "an object"
        case Asset() | Archive():
            return "an asset or archive"
    return f"a {type(value).__name__}"


def _bare(value: Value) -> Value:
    while isinstance(value, Secret | OutputValue):
        value = value.value
    return value


def _unset(field: Field) -> TfValue:
    """What stands for something that a program does not mention (§4.2)."""
    nested = field.block
    if nested is None or nested.nesting is Nesting.SINGLE:
        return None
    if nested.nesting is Nesting.GROUP:
        return empty_value(nested.block)
    return block_value(nested, {} if nested.nesting is Nesting.MAP else [])


def _is_empty(value: TfValue) -> bool:
    if isinstance(value, DynamicValue):
        value = value.value
    return value is None or (isinstance(value, list | dict) and not value)


# From Terraform ---------------------------------------------------------------------------------


def to_properties(shape: Shape, value: Mapping[str, TfValue], secrets: Value = None) -> PropertyMap:
    """
    What a program sees of an object (§8.8).

    *secrets* are properties of which the same places are secret: the inputs. What the schema
    calls sensitive is secret anyway.
    """
    known = _bare(secrets)
    made: PropertyMap = {}
    for field in shape.fields:
        if field.shown_as is None:
            continue
        item = value.get(field.name)
        if item is None:
            continue
        before = known.get(field.shown_as) if isinstance(known, dict) else None
        found = from_value(field.value, item, before)
        if found is None:
            continue
        made[field.shown_as] = _sealed(found, field.sensitive or isinstance(secrets, Secret))
    return made


def from_value(shape: ValueShape, value: TfValue, secrets: Value = None) -> Value:
    """What a program sees of one value; None for nothing."""
    made = _from_value(shape, value, _bare(secrets))
    return _sealed(made, isinstance(secrets, Secret))


def _sealed(value: Value, secret: bool) -> Value:
    return (
        Secret(value) if secret and not isinstance(value, Secret | Unknown) and value is not None else value
    )


def _from_value(shape: ValueShape, value: TfValue, known: Value) -> Value:
    if value is None:
        return None
    if isinstance(value, UnknownValue):
        return UNKNOWN_PROPERTY
    if shape.blocks is not None:
        value = block_elements(shape.blocks, value)
    match shape.form:
        case Form.SCALAR:
            return _scalar_property(value)
        case Form.DYNAMIC:
            return _from_dynamic(value)
        case Form.OBJECT:
            return to_properties(shape.object, value, known)
        case Form.LIST | Form.SET:
            return _from_sequence(shape, value, known)
        case Form.MAP:
            assert shape.element is not None
            before = known if isinstance(known, dict) else {}
            return {key: from_value(shape.element, each, before.get(key)) for key, each in value.items()}
        case Form.TUPLE:
            before = known if isinstance(known, dict) else {}
            items = {
                f"t{at}": from_value(inner, each, before.get(f"t{at}"))
                for at, (inner, each) in enumerate(zip(shape.members, value, strict=True))
            }
            return {key: each for key, each in items.items() if each is not None}


def _from_sequence(shape: ValueShape, value: list[TfValue], known: Value) -> Value:
    inner = shape.element
    assert inner is not None
    if shape.flattened:
        if len(value) > 1:
            raise ValueMismatchError("one element at most is expected here")
        return from_value(inner, value[0], known) if value else None
    before = known if isinstance(known, list) else []
    if shape.form is Form.LIST and len(before) == len(value):
        return [from_value(inner, each, was) for each, was in zip(value, before, strict=True)]
    # Nobody can say which element is which: then all of them are secret.
    return _sealed([from_value(inner, each) for each in value], contains_secrets(before))


def _scalar_property(value: TfValue) -> Value:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _from_dynamic(value: Any) -> Value:
    if isinstance(value, DynamicValue):
        return _plain(value.value)
    return _plain(value)


def _plain(value: TfValue) -> Value:
    if isinstance(value, DynamicValue):
        return _plain(value.value)
    if isinstance(value, UnknownValue):
        return UNKNOWN_PROPERTY
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return _scalar_property(value)
