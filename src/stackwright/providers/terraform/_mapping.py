"""
The one table between a program's names and Terraform's (terraform.md §8.2, §8.3, §8.5, §8.7).

Names cannot be computed backwards, and take the siblings to compute forwards; so there is
one table per level of an object, made when somebody first asks for that level. The
generator of packages, conversions of values, paths and diffs all read this table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final

from stackwright.providers.terraform._names import (
    VERBS,
    camel,
    common_prefix,
    data_source_names,
    function_names,
    function_token,
    id_stand_in,
    plural,
    resource_names,
    resource_token,
    upper_camel,
    urn_stand_in,
    without_prefix,
)
from stackwright.providers.terraform._other_names import FileInput, OtherNames
from stackwright.providers.terraform._schema import Block, NestedObject, Nesting, ProviderSchema, Schema
from stackwright.providers.terraform._types import STRING, ListOf, MapOf, ObjectOf, SetOf, TupleOf, Type

RESULT: Final = "result"
"""The one property of what a provider's function answers."""

_ENGINE_KEYS: Final = frozenset({"version", "pluginDownloadURL"})
"""Inputs of a provider resource that mean something to the engine (§8.7)."""


class Level:
    """
    The names at one level of an object: Terraform's, and the program's.

    *given* holds names that are decided elsewhere; None hides a member from programs.
    """

    def __init__(self, members: Mapping[str, Member], given: Mapping[str, str | None] | None = None) -> None:
        self._members = members
        self._given = given or {}
        self._below: dict[str, Level] = {}

    @cached_property
    def properties(self) -> Mapping[str, str | None]:
        """The program's names by Terraform's, sorted; None for what programs do not see."""
        found: dict[str, str | None] = {}
        taken: set[str] = set()
        for name in sorted(self._members):
            shown = self._given[name] if name in self._given else self._usual(name)
            if shown in taken:
                shown = f"{shown}_{name}"
            if shown is not None:
                taken.add(shown)
            found[name] = shown
        return found

    @cached_property
    def attributes(self) -> Mapping[str, str]:
        """Terraform's names by the program's."""
        return {shown: name for name, shown in self.properties.items() if shown is not None}

    @cached_property
    def collisions(self) -> tuple[str, ...]:
        """Terraform's names whose usual spelling was taken by another one (§8.3)."""
        return tuple(
            name
            for name, shown in self.properties.items()
            if name not in self._given and shown != self._usual(name)
        )

    def property_of(self, name: str) -> str | None:
        """What a program calls Terraform's *name*; None if there is none, or programs do not see it."""
        return self.properties.get(name)

    def attribute_of(self, shown: str) -> str | None:
        """What Terraform calls the program's *shown*; None if there is no such property."""
        return self.attributes.get(shown)

    def flattened(self, name: str) -> bool:
        """Whether *name* is a collection of one block, which programs write without the collection (§8.5)."""
        member = self._members.get(name)
        return member is not None and member.flattened

    def below(self, name: str) -> Level:
        """The names within the objects of *name*, whatever collections they are in."""
        known = self._below.get(name)
        if known is None:
            member = self._members.get(name)
            known = self._below[name] = Level(member.inside() if member is not None else {})
        return known

    def _usual(self, name: str) -> str:
        if self._members[name].many:
            many = plural(name)
            if many == name or many not in self._members:
                return camel(many)
        return camel(name)


class Member:
    """One attribute or block, as far as names go: whether there are many, and what is inside."""

    __slots__ = ("_source", "flattened", "many")

    def __init__(self, source: Block | NestedObject | Type, *, many: bool, flattened: bool = False) -> None:
        self._source = source
        self.many = many
        self.flattened = flattened

    def inside(self) -> dict[str, Member]:
        """The members of the objects of this one."""
        match self._source:
            case Block():
                return block_members(self._source)
            case NestedObject():
                return _nested_members(self._source)
        return type_members(self._source)


def block_members(block: Block) -> dict[str, Member]:
    """What *block* consists of."""
    found = {name: _attribute_member(each.nested, each.type) for name, each in block.attributes.items()}
    for name, nested in block.blocks.items():
        sequence = nested.nesting in (Nesting.LIST, Nesting.SET)
        flattened = sequence and nested.max_items == 1
        found[name] = Member(nested.block, many=sequence and not flattened, flattened=flattened)
    return found


def type_members(kind: Type) -> dict[str, Member]:
    """What the objects within *kind* consist of."""
    found: dict[str, Member] = {}
    for each in _objects(kind):
        for name, inner in each.attributes.items():
            found.setdefault(name, _type_member(inner))
    return found


def _nested_members(nested: NestedObject) -> dict[str, Member]:
    return {name: _attribute_member(each.nested, each.type) for name, each in nested.attributes.items()}


def _attribute_member(nested: NestedObject | None, kind: Type) -> Member:
    if nested is None:
        return _type_member(kind)
    return Member(nested, many=nested.nesting in (Nesting.LIST, Nesting.SET))


def _type_member(kind: Type) -> Member:
    return Member(kind, many=isinstance(kind, ListOf | SetOf))


def _objects(kind: Type) -> Iterator[ObjectOf]:
    match kind:
        case ObjectOf():
            yield kind
        case ListOf(element) | SetOf(element) | MapOf(element):
            yield from _objects(element)
        case TupleOf(elements):
            for each in elements:
                yield from _objects(each)


class PackageMapping:
    """
    What the package called *package* calls everything that its provider offers.

    Sections are the fields of `ProviderSchema`. Names of whole sections are decided at
    once, since they have to be told apart; those within one thing when it is asked for.
    """

    def __init__(self, package: str, schema: ProviderSchema) -> None:
        self.package = package
        self.schema = schema
        self.prefix = common_prefix(schema.resources, package)
        self._levels: dict[tuple[str, str], Level] = {}

    @cached_property
    def resource_classes(self) -> Mapping[str, str]:
        """Classes by Terraform's types of resources."""
        return resource_names(self.schema.resources, self.prefix, self.package)

    @cached_property
    def data_source_functions(self) -> Mapping[str, str]:
        """Functions by Terraform's types of data sources."""
        return data_source_names(self.schema.data_sources, self.prefix)

    @cached_property
    def provider_functions(self) -> Mapping[str, str]:
        """Functions by the names of the provider's own functions."""
        return function_names(self.schema.functions)

    @cached_property
    def ephemeral_functions(self) -> Mapping[str, str]:
        """Functions by Terraform's types of ephemeral resources: `openSecret`."""
        return self._verbs("ephemeral_resources", self.schema.ephemeral_resources)

    @cached_property
    def list_functions(self) -> Mapping[str, str]:
        """Functions by Terraform's types of list resources: `listBucket`."""
        return self._verbs("list_resources", self.schema.list_resources)

    @cached_property
    def action_functions(self) -> Mapping[str, str]:
        """Functions by Terraform's types of actions: `runInvocation`."""
        return self._verbs("actions", self.schema.actions)

    def token(self, section: str, name: str) -> str:
        """The token of what Terraform calls *name* in *section*."""
        return self._tokens_by_name[section][name]

    def resource(self, token: str) -> str | None:
        return self._names_by_token["resources"].get(token)

    def data_source(self, token: str) -> str | None:
        return self._names_by_token["data_sources"].get(token)

    def function(self, token: str) -> str | None:
        return self._names_by_token["functions"].get(token)

    def ephemeral(self, token: str) -> str | None:
        return self._names_by_token["ephemeral_resources"].get(token)

    def listed(self, token: str) -> str | None:
        return self._names_by_token["list_resources"].get(token)

    def action(self, token: str) -> str | None:
        return self._names_by_token["actions"].get(token)

    def files(self, name: str) -> tuple[FileInput, ...]:
        """The files that the resource takes which Terraform calls *name*."""
        return OtherNames(self.prefix, self.package).files(without_prefix(name, self.prefix))

    def names(self, section: str, name: str) -> Level:
        """The names within *name* of *section*; *name* does not matter for `provider`."""
        known = self._levels.get((section, name))
        if known is None:
            known = self._levels[section, name] = self._level(section, name)
        return known

    def forget(self, section: str, name: str) -> None:
        """Let go of the names within *name*: for whoever goes through everything once."""
        self._levels.pop((section, name), None)

    def _level(self, section: str, name: str) -> Level:
        match section:
            case "provider":
                return self._provider_level()
            case "resources":
                return self._resource_level(name)
            case "functions":
                return self._function_level(name)
        schemas: Mapping[str, Schema] = getattr(self.schema, section)
        return Level(block_members(schemas[name].block), {"pulumi": "pulumiInfo"})

    def _resource_level(self, name: str) -> Level:
        block = self.schema.resources[name].block
        given = self._reserved()
        if "id" in block.attributes or "id" in block.blocks:
            given["id"] = self._id_property(name, block)
        return Level(block_members(block), given)

    def _id_property(self, name: str, block: Block) -> str | None:
        attribute = block.attributes.get("id")
        if attribute is not None and attribute.type is STRING and attribute.computed_only:
            return None
        siblings = {*block.attributes, *block.blocks}
        return id_stand_in(name, self.package, self.prefix, siblings)

    def _provider_level(self) -> Level:
        block = self.schema.provider.block
        members = block_members(block)
        given: dict[str, str | None] = self._reserved() | {
            "id": camel(f"{self.package}_id".replace("-", "_"))
        }
        for name in members:
            if camel(name) in _ENGINE_KEYS:
                given[name] = camel(f"{self.package}_{name}".replace("-", "_"))
        return Level(members, given)

    def _function_level(self, name: str) -> Level:
        function = self.schema.functions[name]
        parameters = [*function.parameters, *([function.variadic] if function.variadic else [])]
        members = {each.name: Member(each.type, many=False) for each in parameters}
        members.setdefault(RESULT, Member(function.result, many=False))
        return Level(members, {RESULT: RESULT})

    def _reserved(self) -> dict[str, str | None]:
        return {"urn": urn_stand_in(self.package), "pulumi": "pulumiInfo"}

    @cached_property
    def _tokens_by_name(self) -> Mapping[str, Mapping[str, str]]:
        return {
            "resources": {
                name: resource_token(self.package, shown) for name, shown in self.resource_classes.items()
            },
            "data_sources": self._function_tokens(self.data_source_functions),
            "functions": self._function_tokens(self.provider_functions),
            "ephemeral_resources": self._function_tokens(self.ephemeral_functions),
            "list_resources": self._function_tokens(self.list_functions),
            "actions": self._function_tokens(self.action_functions),
        }

    @cached_property
    def _names_by_token(self) -> Mapping[str, Mapping[str, str]]:
        return {
            section: {token: name for name, token in tokens.items()}
            for section, tokens in self._tokens_by_name.items()
        }

    def _function_tokens(self, names: Mapping[str, str]) -> Mapping[str, str]:
        return {name: function_token(self.package, shown) for name, shown in names.items()}

    def _verbs(self, section: str, names: Iterable[str]) -> Mapping[str, str]:
        return {
            name: VERBS[section] + upper_camel(without_prefix(name, self.prefix)) for name in sorted(names)
        }
