"""
From what a deployment answers to what a program sees (sdk.md §6).

Two steps: `to_program` turns kinds of values into objects of the SDK (secrets bubble
up, references become resources), `translate` gives them their names and types.
`ResourceReader` does both for one property of one resource at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final

import msgspec

from stackwright.goals import Registered, Result
from stackwright.sdk import _references, _types
from stackwright.sdk import asset as _assets
from stackwright.sdk import output as _output
from stackwright.sdk._session import Session
from stackwright.sdk._standing import Part, ResourceBase, Standing
from stackwright.sdk._types import class_names, is_output_type, is_union
from stackwright.sdk.output import contains_unknowns
from stackwright.values import (
    UNKNOWN,
    Archive,
    Asset,
    OutputValue,
    PropertyMap,
    ResourceRef,
    Secret,
    Unknown,
    Value,
    reduce_outputs,
)

_PLAIN: Final = frozenset({str, int, float, bool, type(None)})
_SAME: Final = frozenset({str, float, bool, type(None)})
"""The kinds that are the same without metadata: all plain ones but whole numbers."""
_LARGEST: Final = 2**53


def to_program(session: Session, value: Value, *, keep_unknowns: bool = True) -> tuple[Any, bool]:
    """
    *value* as the program sees it, and whether anything in it was secret.

    Null entries of maps are dropped, those of lists stay. Unknowns that are not to be
    kept become None.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value, False
    if kind is dict:
        secret = False
        entries: dict[str, Any] = {}
        for key, item in value.items():
            if type(item) in _PLAIN:
                inner = item
            else:
                inner, hidden = to_program(session, item, keep_unknowns=keep_unknowns)
                secret = secret or hidden
            if inner is not None:
                entries[key] = inner
        return entries, secret
    if kind is list or kind is tuple:
        secret = False
        elements: list[Any] = []
        for item in value:
            inner, hidden = to_program(session, item, keep_unknowns=keep_unknowns)
            secret = secret or hidden
            elements.append(inner)
        return elements, secret
    if kind is Unknown:
        return (UNKNOWN if keep_unknowns else None), False
    if kind is Secret:
        return to_program(session, value.value, keep_unknowns=keep_unknowns)[0], True
    if kind is ResourceRef:
        return _references.resource_of(session, value), False
    if kind is Asset or kind is Archive:
        return to_asset(value), False
    if kind is OutputValue:
        return _output_of(session, value), False
    return value, False  # byte strings, which have no other form


def to_asset(value: Asset | Archive) -> _assets.Asset | _assets.Archive:
    """The object that stands for *value* in a program; an `AssertionError` if its contents are missing."""
    if isinstance(value, Asset):
        if value.path:
            return _assets.FileAsset(value.path)
        if value.text is not None:
            return _assets.StringAsset(value.text)
        if value.uri:
            return _assets.RemoteAsset(value.uri)
        raise AssertionError("An asset arrived without its contents: neither path, text nor URI")
    if value.assets is not None:
        return _assets.AssetArchive({name: to_asset(member) for name, member in value.assets.items()})
    if value.path:
        return _assets.FileArchive(value.path)
    if value.uri:
        return _assets.RemoteArchive(value.uri)
    raise AssertionError("An archive arrived without its contents: neither assets, path nor URI")


def _output_of(session: Session, value: OutputValue) -> _output.Output[Any]:
    inner, hidden = to_program(session, value.value)
    return _output.settled(
        session,
        translate(inner, None),
        type(value.value) is not Unknown,
        value.secret or hidden,
        frozenset(_references.dependency(session, urn) for urn in value.dependencies),
    )


# Names and types ----------------------------------------------------------------------------------

KeyTranslator = Callable[[str], str]


class WherePath:
    """The way to a value inside a resource's outputs, for messages: made only when there is one."""

    __slots__ = ("names", "resource")

    def __init__(self, resource: str, names: tuple[str, ...]) -> None:
        self.resource = resource
        self.names = names

    def below(self, name: str) -> WherePath:
        return WherePath(self.resource, (*self.names, name))

    def __str__(self) -> str:
        return f"resource `{self.resource}`, property `{'.'.join(self.names)}`"


def translate(
    value: Any,
    typ: Any,
    *,
    keys: KeyTranslator | None = None,
    where: WherePath | None = None,
    none_on_mismatch: bool = False,
    keep_numbers: bool = False,
) -> Any:
    """
    Give *value* the names and the type that its metadata promises (§6.1).

        value     metadata            becomes
        dict      output type         an object of that class, missing properties None
        dict      union of classes    the member that fits
        dict      Dict[str, T]        a dict of T, keys as they are
        dict      anything else       AssertionError (None with *none_on_mismatch*)
        list      list[T]             element by element; AssertionError for anything else
        scalar    an enum             its member
        float     int                 int
        int       int                 as it is
        int       anything else       float, as numbers travel; beyond 2**53 as it is

    *keys* translates the keys of mappings that have no metadata. With *keep_numbers*, and in
    output types whose class says so, numbers are what arrived wherever they are.
    """
    if type(value) is Unknown or value is None:
        return value
    if typ is Any:
        typ = None
    if isinstance(value, dict):
        return _mapping(value, typ, keys, where, none_on_mismatch, keep_numbers)
    if isinstance(value, list):
        element = None
        if typ is not None:
            element = _types.list_element_type(typ)
            if element is None and not is_union(typ):
                raise AssertionError(_mismatch(typ, value, where))
        return [
            translate(
                item,
                element,
                keys=keys,
                where=where,
                none_on_mismatch=none_on_mismatch,
                keep_numbers=keep_numbers,
            )
            for item in value
        ]
    if isinstance(typ, type):
        if issubclass(typ, Enum) and isinstance(value, (str, int, float)):
            return typ(value)
        if typ is int and isinstance(value, float):
            return int(value)
    if type(value) is int and typ is not int and not keep_numbers and -_LARGEST <= value <= _LARGEST:
        return float(value)
    return value


def _mapping(
    value: dict[Any, Any],
    typ: Any,
    keys: KeyTranslator | None,
    where: WherePath | None,
    none_on_mismatch: bool,
    keep_numbers: bool,
) -> Any:
    if is_union(typ):
        typ = _types.matching_member(typ, value, python_names=False)
    if is_output_type(typ):
        names = class_names(typ)
        keep_numbers = keep_numbers or getattr(typ, "_keeps_numbers", False)
        given = {
            python: translate(
                value.get(wire),
                names.type_of(wire),
                keys=keys,
                where=where.below(wire) if where is not None else None,
                none_on_mismatch=none_on_mismatch,
                keep_numbers=keep_numbers,
            )
            for python, wire in names.to_wire.items()
        }
        return typ(**given)
    entry = None
    if typ is not None:
        entry = _types.mapping_value_type(typ)
        if entry is None:
            if none_on_mismatch:
                return None
            raise AssertionError(_mismatch(typ, value, where))
    return {
        (keys(key) if keys is not None and typ is None else key): item
        if type(item) in _SAME and entry is None
        else translate(
            item,
            entry,
            keys=keys,
            where=where.below(str(key)) if where is not None else None,
            none_on_mismatch=none_on_mismatch,
            keep_numbers=keep_numbers,
        )
        for key, item in value.items()
    }


def _mismatch(typ: Any, value: Any, where: WherePath | None) -> str:
    place = f" ({where})" if where is not None else ""
    return (
        f"Unexpected type: a value of type {typ!r} is expected, but one of type {type(value)!r} "
        f"arrived{place}: {value!r}"
    )


class ResourceReader(msgspec.Struct, gc=False):
    """
    Reads properties of one resource from the deployment's answer, one at a time (§6.1).

    Keeps the answer and, outside of previews, the inputs that were sent: an input that the
    provider did not answer with is its own output. Values have no cycles, and nothing else is
    kept: so the garbage collector, which would look at one for each resource, has no part in it.

    Attributes:
        answer: What the deployment answered.
        inputs: What was sent, or None if that says nothing about outputs.
        typed: Whether the resource was given typed arguments, whose class knows the wire names.
    """

    answer: Registered
    inputs: PropertyMap | None
    typed: bool
    _translated: dict[str, str] | None = None

    def __call__(self, standing: Standing, name: str) -> Part:
        """The parts of the output of the property that the program calls *name*."""
        answer = self.answer
        session, resource = standing.session, standing.resource
        wire = self._wire_name(resource, name)
        deps = standing.deps
        if answer.dependencies and (more := answer.dependencies.get(wire)):
            deps = deps | {_references.dependency(session, urn) for urn in more}
        if answer.result is not Result.SUCCESS:
            return None, False, False, deps
        value = answer.outputs.get(wire)
        copied = False
        if value is None:
            if self.inputs is not None:
                value = reduce_outputs(self.inputs.get(wire))
                copied = True
            if value is None and (session.dry_run or (answer.unknown and resource._custom)):
                return None, False, False, deps
        inner, secret = to_program(session, value)
        typ = class_names(type(resource)).type_of(wire)
        seen = translate(
            inner,
            typ,
            keys=None if self.typed else _keys(resource),
            where=WherePath(resource._name, (name,)),
            none_on_mismatch=copied,
            keep_numbers=resource._keeps_numbers,
        )
        return seen, not contains_unknowns(seen), secret, deps

    def _wire_name(self, resource: ResourceBase, name: str) -> str:
        if self.typed:
            return class_names(type(resource)).to_wire.get(name, name)
        keys = _keys(resource)
        if keys is None:
            return name
        # The translation goes the other way only, so all names that may be meant are tried.
        if self._translated is None:
            sent: Mapping[str, Any] = self.inputs or {}
            self._translated = {keys(wire): wire for wire in (*sent, *self.answer.outputs)}
        return self._translated.get(name, name)


def _keys(resource: ResourceBase) -> KeyTranslator | None:
    translator: Any = resource.translate_output_property  # type: ignore[attr-defined]
    return None if getattr(translator, "_is_identity", False) else translator


def plain_bag(session: Session, bag: Mapping[str, Value]) -> tuple[dict[str, Any], bool]:
    """A whole answer of a function: its plain values, and whether anything in it was secret (§8)."""
    values, secret = to_program(session, dict(bag))
    return values, secret
