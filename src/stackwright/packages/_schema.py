"""
The package schema (packages.md §1): what a package offers, as a document says it.

A document is read in two steps. `read_schema` looks at the top level; types, resources
and functions stay text until somebody asks for one of them, because there may be fifty
thousand. `problems` looks at everything and tells all that is wrong, each with its path.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from keyword import iskeyword
from typing import Any, Final, Generic, TypeVar
from urllib.parse import unquote

import msgspec

from stackwright.packages._errors import PackageSchemaError
from stackwright.packages._module_format import ModuleFormat

T = TypeVar("T")

_NAME: Final = re.compile(r"[a-zA-Z][-a-zA-Z0-9_]*")
_MODULE: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*(?:[/.][a-zA-Z_][a-zA-Z0-9_]*)*")
_RESERVED_PACKAGES: Final = frozenset({"pulumi", "input"})
_PRIMITIVES: Final = frozenset({"boolean", "integer", "number", "string"})
_BUILT_IN: Final = frozenset({"Archive", "Asset", "Json", "Any"})


def _spelled(name: str) -> str:
    """How the document spells the field *name*."""
    if name in _SPELLINGS:
        return _SPELLINGS[name]
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


_SPELLINGS: Final = {
    "ref": "$ref",
    "plugin_download_url": "pluginDownloadURL",
    "logo_url": "logoUrl",
}


class Spec(msgspec.Struct, frozen=True, kw_only=True, rename=_spelled):
    """A part of the document. Members that nobody knows are left alone."""


class Discriminator(Spec, frozen=True, kw_only=True, rename=_spelled):
    """Tells members of a union apart, by the value of one of their properties."""

    property_name: str
    mapping: dict[str, str] = {}


class TypeSpec(Spec, frozen=True, kw_only=True, rename=_spelled):
    """The type at one place (§1.3)."""

    type: str = ""
    items: TypeSpec | None = None
    additional_properties: TypeSpec | None = None
    ref: str = ""
    one_of: list[TypeSpec] = []
    discriminator: Discriminator | None = None
    plain: bool = False


class DefaultInfo(Spec, frozen=True, kw_only=True, rename=_spelled):
    """Where the default of a property may come from."""

    environment: list[str] = []
    language: dict[str, msgspec.Raw] = {}


class PropertySpec(TypeSpec, frozen=True, kw_only=True, rename=_spelled):
    """One property (§1.5)."""

    description: str = ""
    const: bool | int | float | str | None = None
    default: bool | int | float | str | None = None
    default_info: DefaultInfo | None = None
    deprecation_message: str = ""
    secret: bool = False
    replace_on_changes: bool = False
    will_replace_on_changes: bool = False
    language: dict[str, msgspec.Raw] = {}


class EnumValue(Spec, frozen=True, kw_only=True, rename=_spelled):
    """One member of an enum."""

    value: bool | int | float | str
    name: str = ""
    description: str = ""
    deprecation_message: str = ""


class ObjectSpec(Spec, frozen=True, kw_only=True, rename=_spelled):
    """An object type, or an enum if `enum` has members (§1.6)."""

    description: str = ""
    type: str = ""
    properties: dict[str, PropertySpec] = {}
    required: list[str] = []
    enum: list[EnumValue] = []
    is_overlay: bool = False
    overlay_supported_languages: list[str] = []
    language: dict[str, msgspec.Raw] = {}


class AliasSpec(Spec, frozen=True, kw_only=True, rename=_spelled):
    """What a resource type was called before."""

    type: str = ""


class ResourceSpec(ObjectSpec, frozen=True, kw_only=True, rename=_spelled):
    """A resource (§1.7). Its own properties are what comes out."""

    input_properties: dict[str, PropertySpec] = {}
    required_inputs: list[str] = []
    plain_inputs: list[str] = []
    state_inputs: ObjectSpec | None = None
    list_inputs: ObjectSpec | None = None
    aliases: list[AliasSpec] = []
    deprecation_message: str = ""
    is_component: bool = False
    methods: dict[str, str] = {}

    @property
    def python(self) -> PythonResource:
        """
        What the schema says for Python.

        Raises:
            PackageSchemaError: It is malformed.
        """
        raw = self.language.get("python")
        if raw is None:
            return PythonResource()
        try:
            read = msgspec.json.decode(raw, type=PythonResource)
        except (msgspec.DecodeError, RecursionError) as error:
            raise _malformed("language/python", error) from error
        for own, other in read.other_inputs.items():
            if not other.name.isidentifier() or iskeyword(other.name):
                raise PackageSchemaError(
                    f"language/python/otherInputs/{own}: `{other.name}` is no name in Python"
                )
        return read


class OtherInput(Spec, frozen=True, kw_only=True, rename=_spelled):
    """What a property may be called as well, in Python's spelling."""

    name: str
    amount: str = ""
    """`one`: the only element of a list; `many`: a list with the value; empty: the same value."""


class PythonResource(Spec, frozen=True, kw_only=True, rename=_spelled):
    """`language.python` of a resource: a setting of our own."""

    other_inputs: dict[str, OtherInput] = {}


class ReturnSpec(TypeSpec, frozen=True, kw_only=True, rename=_spelled):
    """What a function answers: an object if `properties` are there, else any other type (§1.8)."""

    description: str = ""
    properties: dict[str, PropertySpec] | None = None
    required: list[str] = []

    @property
    def is_nothing(self) -> bool:
        return self.properties is None and not (self.type or self.ref or self.one_of)


class FunctionSpec(Spec, frozen=True, kw_only=True, rename=_spelled):
    """A function, or the method of a resource (§1.8)."""

    description: str = ""
    inputs: ObjectSpec | None = None
    multi_argument_inputs: list[str] = []
    outputs: ReturnSpec | None = None
    deprecation_message: str = ""
    is_overlay: bool = False
    plain: bool = True


class ConfigSpec(Spec, frozen=True, kw_only=True, rename=_spelled):
    """The variables of a package; `defaults` are the names of those that must be set."""

    variables: dict[str, PropertySpec] = {}
    defaults: list[str] = []


class NamedVersion(Spec, frozen=True, kw_only=True, rename=_spelled):
    """A plugin of one version."""

    name: str = ""
    version: str = ""


class Parameterization(Spec, frozen=True, kw_only=True, rename=_spelled):
    """The package is a view of a plugin, made by a parameter in base 64."""

    base_provider: NamedVersion = NamedVersion()
    parameter: str = ""


class Meta(Spec, frozen=True, kw_only=True, rename=_spelled):
    """How tokens are read."""

    module_format: str = "(.*)"
    support_pack: bool = False


class PyProject(Spec, frozen=True, kw_only=True, rename=_spelled):
    enabled: bool = False


class PythonSettings(Spec, frozen=True, kw_only=True, rename=_spelled):
    """`language.python` (§1.9), and settings of our own."""

    package_name: str = ""
    python_requires: str = ""
    requires: dict[str, str] = {}
    readme: str = ""
    module_name_overrides: dict[str, str] = {}
    compatibility: str = ""
    lift_single_value_method_returns: bool = False
    respect_schema_version: bool = False
    pyproject: PyProject = PyProject()
    input_types: str = ""
    other_tokens: dict[str, list[str]] = {}
    """Tokens that programs may know something by as well; the first lays out large packages."""
    other_types: list[str] = []
    """Types that nothing mentions, and programs use all the same."""
    keeps_numbers: bool = False
    """Whether whole numbers stay whole where the schema knows no integers."""


class Dependency(Spec, frozen=True, kw_only=True, rename=_spelled):
    """Another package whose types this one mentions."""

    name: str
    version: str = ""
    plugin_download_url: str = ""


class _Document(Spec, frozen=True, kw_only=True, rename=_spelled):
    name: str
    display_name: str = ""
    version: str = ""
    description: str = ""
    keywords: list[str] = []
    homepage: str = ""
    license: str = ""
    attribution: str = ""
    repository: str = ""
    logo_url: str = ""
    publisher: str = ""
    namespace: str = ""
    plugin_download_url: str = ""
    dependencies: list[Dependency] = []
    meta: Meta = Meta()
    allowed_package_names: list[str] = []
    language: dict[str, msgspec.Raw] = {}
    config: ConfigSpec = ConfigSpec()
    provider: ResourceSpec | None = None
    parameterization: Parameterization | None = None
    extension_parameterization: Parameterization | None = None
    types: dict[str, msgspec.Raw] = {}
    resources: dict[str, msgspec.Raw] = {}
    functions: dict[str, msgspec.Raw] = {}


class Part(Mapping[str, T], Generic[T]):
    """One of the large maps of a document: names at once, values when they are asked for."""

    def __init__(self, name: str, raw: Mapping[str, msgspec.Raw], kind: type[T]) -> None:
        self.name = name
        self._raw = raw
        self._decode: Callable[[msgspec.Raw], T] = msgspec.json.Decoder(kind).decode

    def __getitem__(self, token: str) -> T:
        try:
            return self._decode(self._raw[token])
        except (msgspec.DecodeError, RecursionError) as error:
            raise _malformed(f"#/{self.name}/{token}", error) from error

    def __contains__(self, token: object) -> bool:
        return token in self._raw

    def mentions(self, member: str) -> bool:
        """Whether anything in it has a member of that name; a text that reads so may count as well."""
        written = f'"{member}"'.encode()
        return any(written in bytes(raw) for raw in self._raw.values())

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)


class PackageSchema:
    """
    A package, as its document says it.

    Reading a part may raise `PackageSchemaError`, with the path to what is malformed.
    """

    def __init__(self, document: _Document, python: PythonSettings) -> None:
        self.document = document
        self.name = document.name
        self.version = document.version.removeprefix("v")
        self.python = python
        self.types = Part("types", document.types, ObjectSpec)
        self.resources = Part("resources", document.resources, ResourceSpec)
        self.functions = Part("functions", document.functions, FunctionSpec)
        self._format = ModuleFormat(document.meta.module_format)

    def module_of(self, token: str) -> str:
        """The module of *token* as the schema spells it; empty for the root (§1.2)."""
        parts = token.split(":")
        middle = parts[1] if len(parts) > 2 else ""
        module = self._format.module_in(middle)
        return "" if module == "index" else module


def read_schema(document: bytes) -> PackageSchema:
    """
    Read a schema from its JSON.

    Raises:
        PackageSchemaError: It is no package schema.
    """
    try:
        read = msgspec.json.decode(document, type=_Document)
        raw = read.language.get("python")
        python = msgspec.json.decode(raw, type=PythonSettings) if raw is not None else PythonSettings()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _malformed("#", error) from error
    if not _NAME.fullmatch(read.name) or read.name in _RESERVED_PACKAGES:
        raise PackageSchemaError(
            f"#/name: `{read.name}` cannot be the name of a package",
            hint="Names begin with a letter; `pulumi` and `input` are taken",
        )
    if read.namespace and not _NAME.fullmatch(read.namespace):
        raise PackageSchemaError(f"#/namespace: `{read.namespace}` cannot be the name of a namespace")
    for module, path in python.module_name_overrides.items():
        if not _MODULE.fullmatch(path):
            raise PackageSchemaError(
                f"#/language/python/moduleNameOverrides/{module}: `{path}` is no module of a package"
            )
    if read.parameterization is not None and read.extension_parameterization is not None:
        raise PackageSchemaError("#/extensionParameterization: a package has one parameterization at most")
    return PackageSchema(read, python)


class Problem(msgspec.Struct, frozen=True):
    """Something wrong with a schema, and where."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


def problems(schema: PackageSchema) -> Iterator[Problem]:
    """
    Everything that is wrong with *schema*, in the order of the document (§1.10).

    References into the package that lead nowhere are not: packages made by
    `package add` have them, and they stand for any value (§1.4).
    """
    if schema.document.extension_parameterization is not None and schema.document.provider is not None:
        yield Problem("#/provider", "what extends a package has no provider of its own")
    allowed = {schema.name, *schema.document.allowed_package_names}
    for part in (schema.types, schema.resources, schema.functions):
        for token in part:
            path = f"#/{part.name}/{token}"
            package, _, rest = token.partition(":")
            if rest.count(":") != 1:
                yield Problem(path, "a token is `package:module:member`")
            elif package not in allowed and not token.startswith("pulumi:providers:"):
                yield Problem(path, f"the token is of another package, `{package}`")
            try:
                spec = part[token]
            except PackageSchemaError as error:
                yield Problem(path, str(error).removeprefix(f"{path}: "))
                continue
            yield from _problems_of(spec, path)


def _problems_of(spec: Any, path: str) -> Iterator[Problem]:
    match spec:
        case ResourceSpec():
            if spec.plain_inputs:
                yield Problem(f"{path}/plainInputs", "is no longer known: say `plain` with the type")
            for name in spec.required_inputs:
                if name not in spec.input_properties:
                    yield Problem(f"{path}/requiredInputs", f"there is no input `{name}`")
            yield from _properties(spec.input_properties, f"{path}/inputProperties")
            yield from _object(spec, path)
            if spec.state_inputs is not None:
                if "id" in spec.state_inputs.properties:
                    yield Problem(f"{path}/stateInputs/properties/id", "every resource has an `id`")
                yield from _object(spec.state_inputs, f"{path}/stateInputs")
        case FunctionSpec():
            if spec.inputs is not None:
                yield from _object(spec.inputs, f"{path}/inputs")
                if spec.multi_argument_inputs and set(spec.multi_argument_inputs) != set(
                    spec.inputs.properties
                ):
                    yield Problem(f"{path}/multiArgumentInputs", "every input has to be listed once")
            if spec.outputs is not None and spec.outputs.properties is not None:
                yield from _properties(spec.outputs.properties, f"{path}/outputs/properties")
        case ObjectSpec():
            yield from _object(spec, path)


def _object(spec: ObjectSpec, path: str) -> Iterator[Problem]:
    for name in spec.required:
        if name not in spec.properties:
            yield Problem(f"{path}/required", f"there is no property `{name}`")
    yield from _properties(spec.properties, f"{path}/properties")


def _properties(properties: Mapping[str, PropertySpec], path: str) -> Iterator[Problem]:
    for name, spec in properties.items():
        if name == "pulumi":
            yield Problem(f"{path}/{name}", "the name is reserved")
        yield from _type(spec, f"{path}/{name}")


def _type(spec: TypeSpec, path: str) -> Iterator[Problem]:
    if spec.ref:
        if spec.ref.startswith("pulumi.json#/") and spec.ref[13:] not in _BUILT_IN:
            yield Problem(f"{path}/$ref", f"there is no built-in type `{spec.ref[13:]}`")
        elif "#/" not in spec.ref:
            yield Problem(f"{path}/$ref", f"`{spec.ref}` is no reference to a type")
    elif spec.one_of:
        if len(spec.one_of) < 2:
            yield Problem(f"{path}/oneOf", "a union has two members at least")
        for at, member in enumerate(spec.one_of):
            yield from _type(member, f"{path}/oneOf/{at}")
    elif spec.type == "array":
        if spec.items is None:
            yield Problem(path, "an array needs `items`")
        else:
            yield from _type(spec.items, f"{path}/items")
    elif spec.type == "object":
        if spec.additional_properties is not None:
            yield from _type(spec.additional_properties, f"{path}/additionalProperties")
    elif spec.type not in _PRIMITIVES:
        yield Problem(path, f"there is no type `{spec.type}`" if spec.type else "there is no type")


def token_of(ref: str, section: str) -> str | None:
    """The token that *ref* refers to in *section* of the same document; None if it is no such reference."""
    start = f"#/{section}/"
    return unquote(ref[len(start) :]) if ref.startswith(start) else None


def _malformed(path: str, error: Exception) -> PackageSchemaError:
    if isinstance(error, RecursionError):
        return PackageSchemaError(f"{path}: something in it is nested too deep")
    text = str(error)
    message, found, where = text.partition(" - at `")
    if found:
        path += where.rstrip("`").removeprefix("$").replace("[...]", ".*").replace(".", "/")
    return PackageSchemaError(f"{path}: {message}")
