"""
What a provider offers, by the tokens that programs use.

Joins the provider's schema with the package's names; shapes are worked out when a program
first uses something, since a large provider has a thousand things of which it uses few.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

import msgspec

from stackwright.providers._interface import UnimplementedError
from stackwright.providers.terraform._lifecycle import ResourceType
from stackwright.providers.terraform._other_names import FileInput
from stackwright.providers.terraform._schema import Function, ProviderSchema, Schema
from stackwright.providers.terraform._shapes import LevelNames, Shape, ValueShape, block_shape, type_shape

T = TypeVar("T")


class PackageNames(Protocol):
    """
    What a package calls what its provider offers.

    Answers for tokens are Terraform's names, or None where there is no such thing.
    """

    def resource(self, token: str) -> str | None: ...

    def data_source(self, token: str) -> str | None: ...

    def function(self, token: str) -> str | None: ...

    def ephemeral(self, token: str) -> str | None: ...

    def listed(self, token: str) -> str | None: ...

    def action(self, token: str) -> str | None: ...

    def token(self, section: str, name: str) -> str:
        """The token of what Terraform calls *name* in *section*."""
        ...

    def files(self, name: str) -> tuple[FileInput, ...]:
        """The files that the resource takes which Terraform calls *name*."""
        ...

    def names(self, section: str, name: str) -> LevelNames:
        """The names within *name*; *section* is the field of `ProviderSchema` that it is in."""
        ...


class KnownResource(msgspec.Struct, frozen=True):
    """A resource type, in Terraform's terms and in the program's."""

    kind: ResourceType
    shape: Shape
    files: tuple[FileInput, ...] = ()

    @property
    def name(self) -> str:
        return self.kind.name


class KnownSchema(msgspec.Struct, frozen=True):
    """Anything else that is configured: a data source, an ephemeral resource, a query, an action."""

    name: str
    schema: Schema
    shape: Shape


class KnownFunction(msgspec.Struct, frozen=True):
    """A function, with a property for each argument; the variadic ones are one list."""

    function: Function
    arguments: tuple[tuple[str, ValueShape], ...]
    variadic: tuple[str, ValueShape] | None
    result: ValueShape


class Catalogue:
    """Finds things by token. *package* is its name, for errors."""

    def __init__(self, package: str, schema: ProviderSchema, names: PackageNames) -> None:
        self.package = package
        self.schema = schema
        self._names = names
        self._known: dict[tuple[str, str], object] = {}

    def provider(self) -> Shape:
        """The shape of the provider's configuration."""
        names = self._names.names("provider", "")
        return self._once("provider", "", lambda: block_shape(self.schema.provider.block, names))

    def resource(self, token: str) -> KnownResource:
        """
        The resource type of *token*.

        Raises:
            UnimplementedError: There is none.
        """
        name = self._found("resource type", token, self._names.resource(token))
        return self._once("resources", name, lambda: self._make_resource(name))

    def token(self, name: str) -> str | None:
        """The token of the resource type that Terraform calls *name*, or None if there is none."""
        return self._names.token("resources", name) if name in self.schema.resources else None

    def resource_named(self, name: str) -> KnownResource | None:
        """The resource type that Terraform calls *name*, if it is in the package."""
        if name not in self.schema.resources:
            return None
        return self._once("resources", name, lambda: self._make_resource(name))

    def _make_resource(self, name: str) -> KnownResource:
        schema = self.schema.resources[name]
        kind = ResourceType(name=name, schema=schema, identity=self.schema.identities.get(name))
        shape = block_shape(schema.block, self._names.names("resources", name))
        return KnownResource(kind, shape, self._names.files(name))

    def data_source(self, token: str) -> KnownSchema | None:
        return self._schema("data_sources", self._names.data_source(token))

    def ephemeral(self, token: str) -> KnownSchema | None:
        return self._schema("ephemeral_resources", self._names.ephemeral(token))

    def listed(self, token: str) -> KnownSchema | None:
        return self._schema("list_resources", self._names.listed(token))

    def listed_named(self, name: str) -> KnownSchema | None:
        """The list resource for what Terraform calls *name*, if there is one."""
        return self._schema("list_resources", name if name in self.schema.list_resources else None)

    def action(self, token: str) -> KnownSchema | None:
        return self._schema("actions", self._names.action(token))

    def function(self, token: str) -> KnownFunction | None:
        name = self._names.function(token)
        if name is None:
            return None
        return self._once("functions", name, lambda: self._make_function(name))

    def _make_function(self, name: str) -> KnownFunction:
        function = self.schema.functions[name]
        names = self._names.names("functions", name)

        def argument(terraform: str, kind: ValueShape) -> tuple[str, ValueShape]:
            return names.property_of(terraform) or terraform, kind

        variadic = function.variadic
        return KnownFunction(
            function,
            tuple(
                argument(each.name, type_shape(each.type, names.below(each.name)))
                for each in function.parameters
            ),
            None
            if variadic is None
            else argument(variadic.name, type_shape(variadic.type, names.below(variadic.name))),
            type_shape(function.result, names.below("result")),
        )

    def _schema(self, section: str, name: str | None) -> KnownSchema | None:
        if name is None:
            return None
        schemas: Mapping[str, Schema] = getattr(self.schema, section)

        def make() -> KnownSchema:
            schema = schemas[name]
            return KnownSchema(name, schema, block_shape(schema.block, self._names.names(section, name)))

        return self._once(section, name, make)

    def missing(self, what: str, token: str) -> UnimplementedError:
        """There is no such thing."""
        return UnimplementedError(f"The package `{self.package}` has no {what} `{token}`")

    def _found(self, what: str, token: str, name: str | None) -> str:
        if name is None:
            raise self.missing(what, token)
        return name

    def _once(self, section: str, name: str, make: Callable[[], T]) -> T:
        known = self._known.get((section, name))
        if known is None:
            known = self._known[section, name] = make()
        return known  # type: ignore[return-value]
