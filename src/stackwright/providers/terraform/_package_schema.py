"""
A Terraform provider as a package schema document (packages.md §1, terraform.md §8.2–§8.7).

Decides what a program sees of a provider: which properties go in and come out, which are
needed, what their types are called. Names come from `_mapping`. The document is written
part by part, so that only one resource of a large provider is in memory as objects.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec

from stackwright.providers.terraform._mapping import RESULT, Level, PackageMapping
from stackwright.providers.terraform._names import raise_first, singular, type_token, without_prefix
from stackwright.providers.terraform._other_names import OtherNames
from stackwright.providers.terraform._schema import (
    Attribute,
    Block,
    Function,
    NestedBlock,
    NestedObject,
    Nesting,
    ProviderSchema,
    Schema,
)
from stackwright.providers.terraform._types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListOf,
    MapOf,
    ObjectOf,
    SetOf,
    TupleOf,
    Type,
)

BASE_PROVIDER: Final = "terraform-provider"
"""The plugin that every package made of a Terraform provider is a view of."""

Json: TypeAlias = dict[str, Any]

_PRIMITIVES: Final = {STRING: "string", NUMBER: "number", BOOL: "boolean"}
_WRITE_ONLY: Final = "**Note:** this value is sent to the provider and never stored."
_DEPRECATED: Final = "Deprecated"
_QUERY_ARGUMENTS: Final[Json] = {
    "limit": {"type": "integer", "description": "How many to find at most; all by default."},
    "includeResource": {
        "type": "boolean",
        "description": "Whether to answer all that is known of each, not only its identity.",
    },
}
"""What every query takes besides the provider's own arguments."""


class PackageInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What the document says about the package as a whole."""

    name: str
    version: str
    publisher: str = ""
    repository: str = ""
    description: str = ""
    base_version: str = "1.0.0"
    parameter: bytes = b""
    """What makes the base provider this package (terraform.md §8.1)."""
    includes: frozenset[str] = frozenset()
    """Terraform's names of the only things wanted; empty for all."""
    excludes: frozenset[str] = frozenset()


def package_schema(schema: ProviderSchema, info: PackageInfo) -> bytes:
    """The document, as JSON with sorted keys of tokens. Equal arguments give equal bytes."""
    writer = _Writer(PackageMapping(info.name, schema), info)
    resources = dict(writer.resources())
    functions = dict(writer.functions())
    other_tokens = writer.other_tokens()
    enums = writer.enums(other_tokens)
    document: dict[str, Any] = _header(info, other_tokens, list(enums))
    document["config"] = writer.config()
    document["provider"] = writer.provider()
    document["resources"] = resources
    document["functions"] = functions
    document["types"] = dict(sorted((writer.types | enums).items()))
    return msgspec.json.encode(document)


def _header(info: PackageInfo, other_tokens: Mapping[str, Sequence[str]], other_types: Sequence[str]) -> Json:
    python: Json = {
        "compatibility": "tfbridge20",
        "keepsNumbers": True,
        "pyproject": {"enabled": True},
        "respectSchemaVersion": True,
    }
    if other_tokens:
        python["otherTokens"] = other_tokens
    if other_types:
        python["otherTypes"] = other_types
    header: Json = {
        "name": info.name,
        "version": info.version,
        "meta": {"moduleFormat": "(.*)(?:/[^/]*)"},
        "language": {"python": python},
    }
    for key, value in (
        ("publisher", info.publisher),
        ("repository", info.repository),
        ("description", info.description),
    ):
        if value:
            header[key] = value
    if info.parameter:
        header["parameterization"] = {
            "baseProvider": {"name": BASE_PROVIDER, "version": info.base_version},
            "parameter": base64.b64encode(info.parameter).decode("ascii"),
        }
    return header


class _Field(msgspec.Struct, frozen=True):
    """One attribute or block of an object, as a program has it."""

    shown: str
    spec: Json
    source: Attribute | NestedBlock

    @property
    def goes_in(self) -> bool:
        """Whether programs may set it; blocks know no computed flag."""
        return not isinstance(self.source, Attribute) or not self.source.computed_only

    @property
    def needed(self) -> bool:
        if isinstance(self.source, Attribute):
            return self.source.required
        return self.source.min_items > 0

    @property
    def always_there(self) -> bool:
        """Whether every result has it (terraform.md §8.4)."""
        if isinstance(self.source, Attribute):
            return not self.source.optional or self.source.computed
        return self.needed


class _Writer:
    """Makes the parts of one document. Types are kept encoded: there may be fifty thousand."""

    def __init__(self, mapping: PackageMapping, info: PackageInfo) -> None:
        self.types: dict[str, msgspec.Raw] = {}
        self._mapping = mapping
        self._schema = mapping.schema
        self._info = info
        self._package = info.name
        self._others = OtherNames(mapping.prefix, info.name)

    def resources(self) -> Iterator[tuple[str, msgspec.Raw]]:
        for name in self._wanted(self._mapping.resource_classes):
            schema = self._schema.resources[name]
            spec = self._resource(
                schema.block,
                self._mapping.names("resources", name),
                self._mapping.resource_classes[name],
            )
            self._file_inputs(spec, name)
            self._other_inputs(spec, name)
            yield self._mapping.token("resources", name), _encoded(spec)
            self._mapping.forget("resources", name)

    def functions(self) -> Iterator[tuple[str, msgspec.Raw]]:
        made: list[tuple[str, msgspec.Raw]] = []
        for section, names, make in (
            ("data_sources", self._mapping.data_source_functions, self._data_source),
            ("ephemeral_resources", self._mapping.ephemeral_functions, self._ephemeral),
            ("list_resources", self._mapping.list_functions, self._list_resource),
            ("actions", self._mapping.action_functions, self._action),
        ):
            for name in self._wanted(names):
                spec = make(name, names[name])
                made.append((self._mapping.token(section, name), _encoded(spec)))
                self._mapping.forget(section, name)
        for name in self._wanted(self._mapping.provider_functions):
            spec = self._function(
                self._schema.functions[name],
                self._mapping.names("functions", name),
                self._mapping.provider_functions[name],
            )
            made.append((self._mapping.token("functions", name), _encoded(spec)))
        yield from sorted(made)

    def other_tokens(self) -> dict[str, Sequence[str]]:
        """What a hand-made package calls things, by their tokens; nothing if there is none."""
        mapping, others = self._mapping, self._others
        if not others:
            return {}
        found: dict[str, Sequence[str]] = {}
        for section, names in (
            ("resources", mapping.resource_classes),
            ("data_sources", mapping.data_source_functions),
            ("ephemeral_resources", mapping.ephemeral_functions),
            ("list_resources", mapping.list_functions),
            ("actions", mapping.action_functions),
        ):
            for name in self._wanted(names):
                known = others.tokens(section, without_prefix(name, mapping.prefix))
                if known:
                    found[mapping.token(section, name)] = known
        for name in self._wanted(mapping.provider_functions):
            token = mapping.token("functions", name)
            found[token] = (token,)
        return found

    def enums(self, other_tokens: Mapping[str, Sequence[str]]) -> dict[str, msgspec.Raw]:
        """Enums that a hand-made package has beside these things, by their tokens."""
        modules = {each.split(":")[1].partition("/")[0] for known in other_tokens.values() for each in known}
        return {
            token: _encoded(
                {"type": "string", "enum": [{"name": name, "value": value} for name, value in each.members]}
            )
            for token, each in self._others.enums(modules | {"index"}).items()
        }

    def provider(self) -> Json:
        names = self._mapping.names("provider", "")
        return self._resource(self._schema.provider.block, names, "Provider", is_provider=True)

    def config(self) -> Json:
        block = self._schema.provider.block
        names = self._mapping.names("provider", "")

        def token(path: str) -> str:
            return f"{self._package}:config/{path}:{path}"

        fields = list(self._fields(block, names, "", token, only_results=False, start=lambda name: name))
        config: Json = {"variables": {each.shown: each.spec for each in fields}}
        needed = [each.shown for each in fields if each.needed]
        if needed:
            config["defaults"] = needed
        return config

    def _wanted(self, names: Iterable[str]) -> Iterator[str]:
        for name in sorted(names):
            if name not in self._info.excludes and (not self._info.includes or name in self._info.includes):
                yield name

    def _file_inputs(self, spec: Json, name: str) -> None:
        """Let *spec* take assets where Terraform takes paths."""
        names = self._mapping.names("resources", name)
        for each in self._mapping.files(name):
            shown = names.property_of(each.attribute)
            for part in ("properties", "inputProperties"):
                if shown in spec[part]:
                    taken = {key: value for key, value in spec[part][shown].items() if key != "type"}
                    reference = "pulumi.json#/Archive" if each.kind == "archive" else "pulumi.json#/Asset"
                    spec[part][shown] = taken | {"oneOf": [{"type": "string"}, {"$ref": reference}]}

    def _other_inputs(self, spec: Json, name: str) -> None:
        """Say in *spec*, that of the resource *name*, what a hand-made package calls its properties."""
        names = self._mapping.names("resources", name)
        found: Json = {}
        for each in self._others.inputs(without_prefix(name, self._mapping.prefix)):
            shown = names.property_of(each.attribute)
            if shown is not None and shown in spec["properties"] and each.name not in names.attributes:
                found[shown] = {"name": each.name, "amount": each.amount}
        if found:
            spec["language"] = {"python": {"otherInputs": found}}

    # Things with tokens -----------------------------------------------------------------------

    def _resource(self, block: Block, names: Level, owner: str, *, is_provider: bool = False) -> Json:
        fields = list(self._fields(block, names, owner, self._token, only_results=False))
        properties = {each.shown: each.spec for each in fields}
        inputs = [each for each in fields if each.goes_in]
        spec: Json = {
            "properties": properties,
            "inputProperties": {each.shown: each.spec for each in inputs},
        }
        _describe(spec, block)
        _list(spec, "required", (each.shown for each in fields if each.always_there))
        # A name may be made up by the engine, so none has to be given (terraform.md §8.9).
        needed = (each.shown for each in inputs if each.needed and (is_provider or not _is_name(each)))
        _list(spec, "requiredInputs", needed)
        if not is_provider:
            described = f"Input properties used for looking up and filtering {owner} resources."
            spec["stateInputs"] = {"description": described, "type": "object", "properties": properties}
        return spec

    def _data_source(self, name: str, function: str) -> Json:
        return self._query(self._schema.data_sources[name], "data_sources", name, function)

    def _ephemeral(self, name: str, function: str) -> Json:
        spec = self._query(self._schema.ephemeral_resources[name], "ephemeral_resources", name, function)
        outputs = spec["outputs"]["properties"]
        spec["outputs"]["properties"] = {key: {**each, "secret": True} for key, each in outputs.items()}
        return spec

    def _query(self, schema: Schema, section: str, name: str, function: str) -> Json:
        names = self._mapping.names(section, name)
        fields = list(self._fields(schema.block, names, function, self._token, only_results=True))
        spec: Json = {"outputs": {"properties": {each.shown: each.spec for each in fields}}}
        _describe(spec, schema.block)
        _list(spec["outputs"], "required", (each.shown for each in fields if each.always_there))
        return spec | _arguments(fields)

    def _list_resource(self, name: str, function: str) -> Json:
        """A query: its own arguments, how much to find, and what it finds."""
        schema = self._schema.list_resources[name]
        names = self._mapping.names("list_resources", name)
        fields = list(self._fields(schema.block, names, function, self._token, only_results=False))
        spec = _arguments(fields)
        _describe(spec, schema.block)
        arguments = spec.setdefault("inputs", {"type": "object", "properties": {}})["properties"]
        for key, each in _QUERY_ARGUMENTS.items():
            arguments.setdefault(key, each)
        found = {"type": "array", "items": self._found(name, f"{function}Item")}
        return spec | {"outputs": {"properties": {"results": found}, "required": ["results"]}}

    def _found(self, name: str, path: str) -> Json:
        """One thing that a query finds. Its identity has Terraform's names, as it is given to imports."""
        properties: Json = {"displayName": {"type": "string"}}
        identity = self._schema.identities.get(name)
        if identity is not None:
            parts = {
                each.name: self._of_type(
                    each.type, Level({}), f"{path}Identity", self._token, only_results=True
                )
                | ({"description": each.description} if each.description else {})
                for each in identity.attributes.values()
            }
            properties["identity"] = self._named(
                self._token(f"{path}Identity"), {"type": "object", "properties": parts}
            )
        schema = self._schema.resources.get(name)
        if schema is not None:
            levels = self._mapping.names("resources", name)
            fields = list(
                self._fields(schema.block, levels, f"{path}Resource", self._token, only_results=True)
            )
            whole: Json = {"type": "object", "properties": {each.shown: each.spec for each in fields}}
            _list(whole, "required", (each.shown for each in fields if each.always_there))
            self._mapping.forget("resources", name)
            properties["resource"] = self._named(self._token(f"{path}Resource"), whole)
        item: Json = {"type": "object", "properties": properties, "required": ["displayName"]}
        return self._named(self._token(path), item)

    def _action(self, name: str, function: str) -> Json:
        """Something that is done when a program says so; nothing comes of it but that it is done."""
        schema = self._schema.actions[name]
        names = self._mapping.names("actions", name)
        fields = list(self._fields(schema.block, names, function, self._token, only_results=False))
        spec: Json = {"outputs": {"properties": {}}} | _arguments(fields)
        _describe(spec, schema.block)
        return spec

    def _function(self, function: Function, names: Level, shown: str) -> Json:
        def typed(name: str, kind: Type, described: str) -> Json:
            path = shown + raise_first(names.property_of(name) or name)
            spec = self._of_type(kind, names.below(name), path, self._token, only_results=name == RESULT)
            return {**spec, "description": described} if described else spec

        arguments = {
            names.property_of(each.name) or each.name: typed(each.name, each.type, each.description.text)
            for each in function.parameters
        }
        needed = [
            names.property_of(each.name) or each.name for each in function.parameters if not each.allow_null
        ]
        if function.variadic is not None:
            rest = function.variadic
            element = typed(rest.name, rest.type, "")
            described = {"description": rest.description.text} if rest.description else {}
            arguments[names.property_of(rest.name) or rest.name] = {
                "type": "array",
                "items": element,
                **described,
            }
        result = typed(RESULT, function.result, "")
        spec: Json = {"outputs": {"properties": {RESULT: result}, "required": [RESULT]}}
        text = function.description.text or function.summary
        if text:
            spec["description"] = text
        if function.deprecation_message:
            spec["deprecationMessage"] = function.deprecation_message
        if arguments:
            spec["multiArgumentInputs"] = list(arguments)
            spec["inputs"] = {"type": "object", "properties": arguments}
            _list(spec["inputs"], "required", needed)
        return spec

    # Properties and their types -----------------------------------------------------------------

    def _token(self, name: str) -> str:
        return type_token(self._package, name)

    def _fields(
        self,
        of: Block | NestedObject,
        names: Level,
        path: str,
        token: Callable[[str], str],
        *,
        only_results: bool,
        start: Callable[[str], str] = raise_first,
    ) -> Iterator[_Field]:
        blocks: Mapping[str, NestedBlock] = of.blocks if isinstance(of, Block) else {}
        for name, shown in names.properties.items():
            if shown is None:
                continue
            source = of.attributes.get(name) or blocks[name]
            many = _is_sequence(source) and not names.flattened(name)
            below = path + start(singular(shown) if many and path else shown)
            if isinstance(source, Attribute):
                spec = self._attribute(source, names.below(name), below, token, only_results=only_results)
            else:
                spec = self._block(source, names.below(name), below, token, flat=names.flattened(name))
            yield _Field(shown, spec, source)

    def _attribute(
        self,
        attribute: Attribute,
        names: Level,
        path: str,
        token: Callable[[str], str],
        *,
        only_results: bool,
    ) -> Json:
        results = only_results and attribute.computed_only
        if attribute.nested is not None:
            element = self._object_of(attribute.nested, names, path, token, only_results=results)
            spec = _collected(element, attribute.nested.nesting)
        else:
            spec = self._of_type(attribute.type, names, path, token, only_results=results)
        text = attribute.description.text
        if attribute.write_only:
            text = f"{text}\n\n{_WRITE_ONLY}" if text else _WRITE_ONLY
        if text:
            spec["description"] = text
        if attribute.sensitive or attribute.write_only:
            spec["secret"] = True
        if attribute.deprecated or attribute.deprecation_message:
            spec["deprecationMessage"] = attribute.deprecation_message or _DEPRECATED
        return spec

    def _block(
        self, nested: NestedBlock, names: Level, path: str, token: Callable[[str], str], *, flat: bool
    ) -> Json:
        element = self._object_of(nested.block, names, path, token, only_results=False)
        spec = element if flat else _collected(element, nested.nesting)
        _describe(spec, nested.block)
        return spec

    def _object_of(
        self,
        of: Block | NestedObject,
        names: Level,
        path: str,
        token: Callable[[str], str],
        *,
        only_results: bool,
    ) -> Json:
        fields = list(self._fields(of, names, path, token, only_results=only_results))
        spec: Json = {"type": "object", "properties": {each.shown: each.spec for each in fields}}
        needed = (each.shown for each in fields if (each.always_there if only_results else each.needed))
        _list(spec, "required", needed)
        return self._named(token(path), spec)

    def _of_type(
        self, kind: Type, names: Level, path: str, token: Callable[[str], str], *, only_results: bool
    ) -> Json:
        match kind:
            case ListOf(inner) | SetOf(inner):
                items = self._of_type(inner, names, path, token, only_results=only_results)
                return {"type": "array", "items": items}
            case MapOf(inner):
                values = self._of_type(inner, names, path, token, only_results=only_results)
                return {"type": "object", "additionalProperties": values}
            case ObjectOf(attributes):
                properties: Json = {}
                for name, shown in names.properties.items():
                    each = attributes.get(name)
                    if each is None or shown is None:
                        continue
                    many = isinstance(each, ListOf | SetOf)
                    below = path + raise_first(singular(shown) if many else shown)
                    properties[shown] = self._of_type(
                        each, names.below(name), below, token, only_results=only_results
                    )
                spec: Json = {"type": "object", "properties": properties}
                if only_results:
                    _list(spec, "required", (shown for shown in properties))
                return self._named(token(path), spec)
            case TupleOf(kinds):
                members = {
                    f"t{at}": self._of_type(each, names, f"{path}T{at}", token, only_results=only_results)
                    for at, each in enumerate(kinds)
                }
                members_spec: Json = {"type": "object", "properties": members}
                _list(members_spec, "required", members)
                return self._named(token(path), members_spec)
        if kind is DYNAMIC:
            return {"$ref": "pulumi.json#/Any"}
        return {"type": _PRIMITIVES[kind]}

    def _named(self, token: str, spec: Json) -> Json:
        self.types[token] = _encoded(spec)
        return {"$ref": f"#/types/{token}"}


def _arguments(fields: Iterable[_Field]) -> Json:
    """The `inputs` of a function with *fields*; nothing if none goes in."""
    inputs = [each for each in fields if each.goes_in]
    if not inputs:
        return {}
    arguments: Json = {"type": "object", "properties": {each.shown: each.spec for each in inputs}}
    _list(arguments, "required", (each.shown for each in inputs if each.needed))
    return {"inputs": arguments}


def _collected(element: Json, nesting: Nesting) -> Json:
    match nesting:
        case Nesting.LIST | Nesting.SET:
            return {"type": "array", "items": element}
        case Nesting.MAP:
            return {"type": "object", "additionalProperties": element}
    return element


def _is_sequence(source: Attribute | NestedBlock) -> bool:
    if isinstance(source, NestedBlock):
        return source.nesting in (Nesting.LIST, Nesting.SET)
    if source.nested is not None:
        return source.nested.nesting in (Nesting.LIST, Nesting.SET)
    return isinstance(source.type, ListOf | SetOf)


def _is_name(field: _Field) -> bool:
    return field.shown == "name" and isinstance(field.source, Attribute) and field.source.type is STRING


def _describe(spec: Json, block: Block) -> None:
    if block.description:
        spec["description"] = block.description.text
    if block.deprecated or block.deprecation_message:
        spec["deprecationMessage"] = block.deprecation_message or _DEPRECATED


def _list(spec: Json, key: str, names: Iterable[str]) -> None:
    listed = sorted(names)
    if listed:
        spec[key] = listed


def _encoded(spec: Json) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(spec))
