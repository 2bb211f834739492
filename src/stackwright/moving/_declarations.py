"""
Resources as a person would declare them: constructors, typed arguments, secrets out of sight.

How one declaration reads is decided here, for everything that is brought in, whether from
another tool's state or by command. Which resources there are, what they refer to and in
which order they stand is decided by who writes a program. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

import msgspec

from stackwright.moving._expressions import Call, Expression, Listed, Mapped, call, said, text, written
from stackwright.moving._names import variable_name
from stackwright.packages._schema import PackageSchema, PropertySpec, TypeSpec, token_of
from stackwright.packages.sdkgen._layout import Layout, Places
from stackwright.packages.sdkgen._names import class_name, parameter_name, py_name
from stackwright.packages.sdkgen._text import quoted
from stackwright.values import Archive, Asset, PropertyMap, PropertyPath, Secret, Value, reveal

_READERS: Final[Mapping[type, str]] = {bool: "_bool", int: "_int", float: "_float", str: ""}


class UsedPackage(msgspec.Struct, frozen=True, dict=True):
    """A package that the program uses: its schema, and what its SDK is imported as."""

    schema: PackageSchema
    module: str

    @property
    def short(self) -> str:
        return self.module.removeprefix("pulumi_")

    @property
    def statement(self) -> str:
        return (
            f"import {self.module} as {self.short}" if self.short != self.module else f"import {self.module}"
        )

    @cached_property
    def layout(self) -> Layout:
        """Where nested types are; of a large package that takes seconds, and many resources need none."""
        return Layout(self.schema, self.module)

    @cached_property
    def _places(self) -> Places:
        return Places(self.schema)

    def qualified(self, token: str, name: str) -> str:
        """*name* as the program writes it, if it belongs to *token*."""
        module = self._places.module_of(token)
        return f"{self.short}.{module}.{name}" if module else f"{self.short}.{name}"


class Secrets:
    """
    The secrets of a program, which it reads from its configuration.

    *known* is what the configuration has already: a key is used again for the same text only.
    """

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        self._known = known or {}
        self.values: dict[str, Any] = {}

    def read(self, value: Value, words: str) -> Expression:
        """How the program reads *value*, whose key is made of *words*."""
        wanted = camel(variable_name(words))
        text_ = configured_text(value)
        names = (
            f"{wanted}{number or ''}" for number in (0, *range(2, len(self._known) + len(self.values) + 3))
        )
        key = next(
            each for each in names if each not in self.values and self._known.get(each, text_) == text_
        )
        self.values[key] = value
        reader = _READERS.get(type(value), "_object")
        return f"config.require_secret{reader}({quoted(key)})"


def configured_text(value: Value) -> str:
    """*value* as configuration has it: texts as they are, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, default=_number)


def _number(value: object) -> object:
    """An exact number as JSON has it; what is no value of JSON at all becomes a text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


class Arguments:
    """
    The arguments of one resource as expressions.

    *variable* is what the program calls it; *references* are expressions that stand for
    values, by where those are.
    """

    def __init__(
        self,
        package: UsedPackage,
        variable: str,
        secrets: Secrets,
        references: Mapping[PropertyPath, Expression] | None = None,
    ) -> None:
        self._package = package
        self._variable = variable
        self._secrets = secrets
        self._references = references or {}

    def declared(
        self,
        type_: str,
        name: str,
        inputs: PropertyMap,
        specs: Mapping[str, PropertySpec],
        options: Sequence[tuple[str, Expression]],
    ) -> str:
        """The statement that declares a resource of *type_*; *specs* are the inputs that it has."""
        named = [
            (parameter_name(key), self.of(inputs[key], spec, (key,)))
            for key, spec in specs.items()
            if key in inputs
        ]
        made = self._package.qualified(type_, class_name(type_))
        return statement(self._variable, made, [quoted(name)], named, options)

    def of(self, value: Value, spec: TypeSpec, path: PropertyPath) -> Expression:
        reference = self._references.get(path)
        if reference is not None:
            return reference
        if isinstance(value, Secret):
            inner = value.value
            if isinstance(inner, dict | list) and self._references_below(path):
                return self.of(inner, spec, path)
            words = "_".join([self._variable, *(py_name(str(step)) for step in path)])
            return self._secrets.read(reveal(inner), words)
        if isinstance(value, list):
            items = spec.items or TypeSpec()
            return Listed(tuple(self.of(each, items, (*path, at)) for at, each in enumerate(value)))
        if isinstance(value, dict):
            return self._object(value, spec, path)
        if isinstance(value, str):
            return text(value, self._references_below(path))
        return literal(value)

    def _object(self, value: Mapping[str, Value], spec: TypeSpec, path: PropertyPath) -> Expression:
        token = self._object_type(value, spec)
        if token is None:
            inner = spec.additional_properties or TypeSpec()
            # Providers hand maps over in any order; the program is to be the same each time.
            return Mapped(tuple((key, self.of(value[key], inner, (*path, key))) for key in sorted(value)))
        layout = self._package.layout
        properties: Mapping[str, PropertySpec] = self._package.schema.types[token].properties
        chosen = token if self._has_class(token) else layout.canonical(token)
        return Call(
            self._package.qualified(chosen, layout.args_class(chosen)),
            tuple(
                (py_name(name), self.of(value[name], each, (*path, name)))
                for name, each in properties.items()
                if name in value
            ),
        )

    def _object_type(self, value: Mapping[str, Value], spec: TypeSpec) -> str | None:
        """The object type of this package that *value* is of; None for maps, and for anything foreign."""
        types = self._package.schema.types
        if not spec.one_of:
            token = token_of(spec.ref, "types") if spec.ref else None
            return token if token is not None and token in types else None
        found = [each for each in (self._object_type(value, member) for member in spec.one_of) if each]
        if spec.discriminator is not None:
            said = reveal(value.get(spec.discriminator.property_name))
            ref = spec.discriminator.mapping.get(str(said))
            token = token_of(ref, "types") if ref else None
            if token is not None and token in types:
                return token
        return next((each for each in found if value.keys() <= types[each].properties.keys()), None)

    def _has_class(self, token: str) -> bool:
        """Whether the SDK has a class of the type's own, and not just one that stands for it."""
        layout = self._package.layout
        module = layout.modules[layout.module_of(token)]
        return token in module.inputs or any(token == alias for alias, _ in module.aliases)

    def _references_below(self, path: PropertyPath) -> dict[PropertyPath, Expression]:
        """The references within what is at *path*, by where they are in it."""
        depth = len(path)
        return {
            each[depth:]: expression
            for each, expression in self._references.items()
            if len(each) > depth and each[:depth] == path
        }


def statement(
    variable: str,
    function: str,
    positional: Sequence[Expression],
    named: Sequence[tuple[str, Expression]],
    options: Sequence[tuple[str, Expression]],
) -> str:
    """`variable = function(...)`, with resource options if there are any."""
    arguments = list(named)
    if options:
        arguments.append(("opts", call("pulumi.ResourceOptions", named=options)))
    head = f"{variable} = "
    return head + written(call(function, *positional, named=arguments), before=len(head))


def literal(value: Value) -> Expression:
    """A value that holds no other."""
    match value:
        case str():
            return text(value)
        case Decimal():
            return repr(_number(value))
        case Asset():
            return _asset(value)
        case Archive():
            return _archive(value)
    return repr(value)


def _asset(value: Asset) -> Expression:
    if value.path:
        return call("pulumi.FileAsset", quoted(value.path))
    if value.uri:
        return call("pulumi.RemoteAsset", quoted(value.uri))
    return call("pulumi.StringAsset", said(value.text or ""))


def _archive(value: Archive) -> Expression:
    if value.path:
        return call("pulumi.FileArchive", quoted(value.path))
    if value.uri:
        return call("pulumi.RemoteArchive", quoted(value.uri))
    members = tuple((name, literal(each)) for name, each in (value.assets or {}).items())
    return call("pulumi.AssetArchive", Mapped(members))


def imports(body: Sequence[str], packages: Iterable[UsedPackage], *, uses_config: bool) -> list[str]:
    """The lines that a program of *body* begins with."""
    lines = ["import json", ""] if any("json.dumps(" in each for each in body) else []
    lines += ["import pulumi", *sorted({each.statement for each in packages})]
    if uses_config:
        lines += ["", "config = pulumi.Config()"]
    return lines


def camel(name: str) -> str:
    """A name of Python as configuration keys are written."""
    first, *others = [part for part in name.split("_") if part]
    return first + "".join(part.capitalize() for part in others)
