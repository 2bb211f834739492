"""
Components and their types, read from the annotations of classes (sdk.md §19.2).

An annotation says what a property is: `Analyzer` follows it from each component
through its arguments and outputs to every class and enum that is mentioned. Wrappers
(`Input`, `Output`, `Optional`, `NotRequired`, `Required`) come off first and say
whether the property may be missing and whether it may be an output. What the
annotation of a property cannot say, its description, is taken from the source.

Leaves to others: the form of a schema (`schema`), and making components (`component`).
"""

from __future__ import annotations

import ast
import builtins
import collections
import contextlib
import importlib.resources
import inspect
import itertools
import json
import sys
import textwrap
import types
import typing
from collections import abc
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, ForwardRef, Literal, TypedDict, Union, get_args, get_origin

from stackwright.sdk.asset import Archive, Asset
from stackwright.sdk.output import Output
from stackwright.sdk.provider.experimental.util import camel_case
from stackwright.sdk.resource import ComponentResource, Resource


class PropertyType(Enum):
    """The types that a schema knows."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    OBJECT = "object"
    ARRAY = "array"


# What was found -----------------------------------------------------------------------------------


@dataclass
class EnumValueDefinition:
    """One member of an enum."""

    name: str
    value: str | float | int | bool
    description: str | None = None


@dataclass
class PropertyDefinition:
    """
    One property. Its type is *type*, or what *ref* points to.

    *plain* says that outputs are not taken. *items* and *additional_properties* describe
    the elements of an array and the values of a map.
    """

    optional: bool = False
    type: PropertyType | None = None
    ref: str | None = None
    description: str | None = None
    items: PropertyDefinition | None = None
    additional_properties: PropertyDefinition | None = None
    plain: Literal[True] | None = None


@dataclass
class TypeDefinition:
    """
    A class or an enum that properties refer to.

    *properties_mapping* leads from the names in the schema to those in Python; *module* is
    where the class is defined, *python_type* the class.
    """

    name: str
    type: PropertyType
    properties: dict[str, PropertyDefinition]
    properties_mapping: dict[str, str]
    module: str
    python_type: builtins.type
    description: str | None = None
    enum: list[EnumValueDefinition] | None = None


@dataclass
class ComponentDefinition:
    """A component; the mappings lead from the names in the schema to those in Python."""

    name: str
    inputs: dict[str, PropertyDefinition]
    outputs: dict[str, PropertyDefinition]
    inputs_mapping: dict[str, str]
    outputs_mapping: dict[str, str]
    module: str | None
    description: str | None = None


@dataclass(frozen=True)
class Parameterization:
    """The parameter of a package that another one's plugin serves; *value* is in base64."""

    name: str
    version: str
    value: str


@dataclass(frozen=True)
class Dependency:
    """A package whose resources or types are mentioned."""

    name: str
    version: str | None = None
    downloadURL: str | None = None  # noqa: N815 # as in a schema
    parameterization: Parameterization | None = None


class AnalyzeResult(TypedDict):
    """All that was found, by name; enums of other packages by the reference to them."""

    component_definitions: dict[str, ComponentDefinition]
    type_definitions: dict[str, TypeDefinition]
    external_enum_types: dict[str, type[Enum]]
    dependencies: set[Dependency]


# What can be wrong --------------------------------------------------------------------------------


class TypeNotFoundError(Exception):
    """A forward reference names nothing that the components' modules have."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"Could not find the type '{name}'. Ensure it is defined in your source code or is imported."
        )


class DuplicateTypeError(Exception):
    """Two classes of one name: in a schema there is room for one."""

    def __init__(self, new_module: str, existing: TypeDefinition | ComponentDefinition) -> None:
        self.new_module = new_module
        self.existing = existing
        # Spelt as the genuine one is: suites compare the whole text.
        super().__init__(
            f"Duplicate type '{existing.name}': orginally defined in '{existing.module}', "
            f"but also found in '{new_module}'"
        )


class InvalidMapKeyError(Exception):
    """A map with keys that are no strings."""

    def __init__(self, key_type: type, typ: type, property_name: str) -> None:
        self.key = key_type
        self.property = property_name
        self.typ = typ
        super().__init__(
            f"map keys must be strings, got '{key_type.__name__}' for '{typ.__name__}.{property_name}'"
        )


class InvalidMapTypeError(Exception):
    """A map that does not say what its keys and values are."""

    def __init__(self, arg: type, typ: type, property_name: str) -> None:
        self.property = property_name
        self.typ = typ
        super().__init__(
            "map types must specify two type arguments, "
            f"got '{arg.__name__}' for '{typ.__name__}.{property_name}'"
        )


class InvalidListTypeError(Exception):
    """A list that does not say what its elements are."""

    def __init__(self, arg: type, typ: type, property_name: str) -> None:
        self.property = property_name
        self.typ = typ
        super().__init__(
            "list types must specify a type argument, "
            f"got '{arg.__name__}' for '{typ.__name__}.{property_name}'"
        )


class DependencyError(Exception):
    """A package does not say which plugin it belongs to."""


# Reading ------------------------------------------------------------------------------------------


@dataclass
class _Spot:
    """A property as far as it is unwrapped: what it is of, and whether it may be missing, or plain."""

    typ: type
    name: str
    optional: bool
    plain: Literal[True] | None
    output: bool
    description: str | None

    def made(self, *, plain: bool = True, **found: Any) -> PropertyDefinition:
        """The definition; assets and what belongs to other packages are never said to be plain."""
        return PropertyDefinition(
            optional=self.optional,
            plain=self.plain if plain else None,
            description=self.description,
            **found,
        )

    def __str__(self) -> str:
        return f"{self.typ.__name__}.{self.name}"


class Analyzer:
    """
    Reads the components of one package.

    Classes that are only mentioned by forward references have to be found in the module of
    a component. All types share one namespace, so no two may have the same name.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.dependencies: set[Dependency] = set()
        self.type_definitions: dict[str, TypeDefinition] = {}
        self.external_enum_types: dict[str, type[Enum]] = {}
        self.unresolved_forward_refs: dict[str, tuple[bool, TypeDefinition]] = {}
        self.docstrings: dict[str, dict[str, str]] = {}
        self._under_way: set[type] = set()

    def analyze(self, components: list[type[ComponentResource]]) -> AnalyzeResult:
        """
        Read all of *components* and what they mention.

        Raises:
            DuplicateTypeError: Two classes have the same name.
            TypeNotFoundError: A forward reference leads nowhere.
        """
        found: dict[str, ComponentDefinition] = {}
        for component in components:
            known = found.get(component.__name__)
            if known is not None:
                raise DuplicateTypeError(component.__module__, known)
            found[component.__name__] = self.analyze_component(component)
        self._follow_forward_references(components)
        if not components:
            raise Exception("No components found")  # noqa: TRY002 # as for other mistakes of the author
        return {
            "component_definitions": found,
            "type_definitions": self.type_definitions,
            "dependencies": self.dependencies,
            "external_enum_types": self.external_enum_types,
        }

    def _follow_forward_references(self, components: list[type[ComponentResource]]) -> None:
        modules = [sys.modules.get(name) for name in dict.fromkeys(c.__module__ for c in components)]
        while self.unresolved_forward_refs:
            name, (is_output, definition) = next(iter(self.unresolved_forward_refs.items()))
            target = next((t for m in modules if m and (t := getattr(m, definition.name, None))), None)
            if target is None:
                raise TypeNotFoundError(name)
            del self.unresolved_forward_refs[name]
            self._describe(definition, target, is_output)

    def _describe(self, definition: TypeDefinition, target: type, is_output: bool) -> None:
        definition.python_type = target
        if is_enum(target):
            definition.type = enum_value_type(target)
            definition.enum = self._members(target)
            return
        definition.properties, definition.properties_mapping = self.analyze_type(
            target, is_component_output=is_output
        )

    def analyze_component(self, component: type[ComponentResource]) -> ComponentDefinition:
        """Read one component: what its constructor takes as `args`, and what it says it has."""
        args = _own_annotations(component.__init__, component.__module__).get("args")
        if not args:
            raise Exception(  # noqa: TRY002 # as above
                f"ComponentResource '{component.__name__}' requires an argument named 'args' "
                "with a type annotation in its __init__ method"
            )
        inputs, inputs_mapping = self.analyze_type(args, is_component_output=False)
        outputs, outputs_mapping = self.analyze_type(component, is_component_output=True)
        return ComponentDefinition(
            name=component.__name__,
            description=component.__doc__.strip() if component.__doc__ else None,
            inputs=inputs,
            inputs_mapping=inputs_mapping,
            outputs=outputs,
            outputs_mapping=outputs_mapping,
            module=component.__module__,
        )

    def analyze_type(
        self, typ: type, *, is_component_output: bool
    ) -> tuple[dict[str, PropertyDefinition], dict[str, str]]:
        """
        Read the properties of a class, inherited ones too.

        Answers them by their names in the schema, and how these names lead to those in Python.
        """
        annotations: dict[str, Any] = {}
        may_miss: set[str] = set()
        for cls in reversed(typ.__mro__):
            if cls in (object, Resource, ComponentResource):
                continue
            annotations.update(_own_annotations(cls, cls.__module__))
            if typing.is_typeddict(cls):
                may_miss.update(getattr(cls, "__optional_keys__", ()))
        public = {name: found for name, found in annotations.items() if not name.startswith("_")}
        properties = {
            camel_case(name): self.analyze_property(
                found,
                typ,
                name,
                can_be_plain=not is_component_output,
                is_component_output=is_component_output,
                optional=True if name in may_miss else None,
            )
            for name, found in public.items()
        }
        return properties, {camel_case(name): name for name in public}

    def analyze_property(
        self,
        arg: Any,
        typ: type,
        name: str,
        *,
        can_be_plain: bool,
        is_component_output: bool,
        optional: bool | None = None,
    ) -> PropertyDefinition:
        """
        Read the annotation *arg* of the property *name* of *typ*.

        Raises:
            InvalidListTypeError, InvalidMapTypeError, InvalidMapKeyError: An incomplete collection.
            DuplicateTypeError: A class of that name is known, and it is another one.
        """
        inner, missing, plain = _unwrapped(arg, can_be_plain)
        spot = _Spot(
            typ=typ,
            name=name,
            optional=missing if missing is not None else bool(optional),
            plain=true_or_none(plain),
            output=is_component_output,
            description=self.get_docstring(typ, name),
        )
        return self._property(inner, spot)

    def _property(self, arg: Any, spot: _Spot) -> PropertyDefinition:
        if is_simple(arg):
            return spot.made(type=py_type_to_property_type(arg))
        if is_any(arg):
            return spot.made(ref="pulumi.json#/Any")
        if is_list(arg):
            elements = get_args(arg)
            if len(elements) != 1:
                raise InvalidListTypeError(arg, spot.typ, spot.name)
            return spot.made(type=PropertyType.ARRAY, items=self._inside(elements[0], spot))
        if is_dict(arg):
            return self._map(arg, spot)
        if is_forward_ref(arg):
            return self._forward(arg.__forward_arg__, spot)
        if isinstance(arg, str):  # as in `list["Tree"]`
            return self._forward(arg, spot)
        if is_asset(arg):
            return spot.made(plain=False, ref="pulumi.json#/Asset")
        if is_archive(arg):
            return spot.made(plain=False, ref="pulumi.json#/Archive")
        if is_resource(arg):
            return spot.made(plain=False, ref=self._foreign(arg, spot, "resources"))
        if is_union(arg):
            raise Exception(  # noqa: TRY002 # as for other mistakes of the author
                f"Union types are not supported: found type '{arg}' for '{spot}'"
            )
        if not isinstance(arg, type) or is_builtin(arg):
            raise ValueError(f"Unsupported type '{arg}' for '{spot}'")
        return self._enum(arg, spot) if is_enum(arg) else self._class(arg, spot)

    def _inside(self, arg: Any, spot: _Spot) -> PropertyDefinition:
        """An element of a collection: whether it may be plain has nothing to do with the collection."""
        return self.analyze_property(
            arg, spot.typ, spot.name, can_be_plain=not spot.output, is_component_output=spot.output
        )

    def _map(self, arg: Any, spot: _Spot) -> PropertyDefinition:
        args = get_args(arg)
        if len(args) != 2:  # a key and a value
            raise InvalidMapTypeError(arg, spot.typ, spot.name)
        if args[0] is not str:
            raise InvalidMapKeyError(args[0], spot.typ, spot.name)
        return spot.made(type=PropertyType.OBJECT, additional_properties=self._inside(args[1], spot))

    def _reference(self, name: str) -> str:
        return f"#/types/{self.name}:index:{name}"

    def _forward(self, name: str, spot: _Spot) -> PropertyDefinition:
        # What is referred to is taken to be where the reference is.
        known = self.type_definitions.get(name)
        if known is None:
            known = self.type_definitions[name] = TypeDefinition(
                name=name,
                type=PropertyType.OBJECT,
                properties={},
                properties_mapping={},
                module=spot.typ.__module__,
                description=spot.description,
                python_type=typing.cast("type", ForwardRef(name)),
            )
            self.unresolved_forward_refs[name] = (spot.output, known)
        elif known.module != spot.typ.__module__:
            raise DuplicateTypeError(spot.typ.__module__, known)
        return spot.made(ref=self._reference(name))

    def _foreign(self, arg: type, spot: _Spot, kind: str) -> str:
        """The reference to a class of another package, which becomes a dependency."""
        token, package = get_package_name(arg, spot.typ, spot.name)
        try:
            dependency = get_dependency_for_type(arg)
        except DependencyError as error:
            raise Exception(f"{package}: {error}") from error  # noqa: TRY002 # as above
        self.dependencies.add(dependency)
        place = token.replace("/", "%2F")
        return f"/{dependency.name}/v{dependency.version}/schema.json#/{kind}/{place}"

    def _enum(self, arg: type[Enum], spot: _Spot) -> PropertyDefinition:
        if getattr(arg, "pulumi_type", None):
            reference = self._foreign(arg, spot, "types")
            self.external_enum_types[reference] = arg
            return spot.made(plain=False, ref=reference)
        if self._known(arg) is None:
            self.type_definitions[arg.__name__] = TypeDefinition(
                name=arg.__name__,
                module=arg.__module__,
                type=enum_value_type(arg),
                properties={},
                properties_mapping={},
                description=arg.__doc__,
                enum=self._members(arg),
                python_type=arg,
            )
        return spot.made(ref=self._reference(arg.__name__))

    def _members(self, arg: type[Enum]) -> list[EnumValueDefinition]:
        members = enum_members(arg)
        for member in members:
            member.description = self.get_docstring(arg, member.name)
        return members

    def _class(self, arg: type, spot: _Spot) -> PropertyDefinition:
        known = self._known(arg)
        if known is None:
            # Known before it is read, so that it may refer to itself.
            known = self.type_definitions[arg.__name__] = TypeDefinition(
                name=arg.__name__,
                type=PropertyType.OBJECT,
                properties={},
                properties_mapping={},
                description=arg.__doc__,
                module=arg.__module__,
                python_type=arg,
            )
        if arg not in self._under_way:
            self._under_way.add(arg)
            try:
                found = self.analyze_type(arg, is_component_output=spot.output)
            finally:
                self._under_way.discard(arg)
            known.properties, known.properties_mapping = found
            if self.unresolved_forward_refs.pop(known.name, None) is not None:
                known.python_type = arg
        return spot.made(ref=self._reference(known.name))

    def _known(self, arg: type) -> TypeDefinition | None:
        known = self.type_definitions.get(arg.__name__)
        if known is not None and known.module and known.module != arg.__module__:
            raise DuplicateTypeError(arg.__module__, known)
        return known

    def get_docstring(self, typ: type, name: str) -> str | None:
        """The text that stands below the property *name* in the source of *typ*, if there is any."""
        known = self.docstrings.get(typ.__name__)
        if known is None:
            known = self.docstrings[typ.__name__] = dict(_documented(typ))
        return known.get(name)


def _unwrapped(arg: Any, plain: bool) -> tuple[Any, bool | None, bool]:
    """
    *arg* without its wrappers; whether they say that it may be missing, and whether it may be plain.

    What is inside an input or output cannot be plain. The innermost word on missing counts.
    """
    missing: bool | None = None
    while True:
        if is_simple(arg):
            return arg, missing, plain
        if is_input(arg):
            missing = True if is_optional(arg) else missing
            arg, plain = unwrap_input(arg), False
        elif is_output(arg):
            arg, plain = unwrap_output(arg), False
        elif is_optional(arg):
            arg, missing = unwrap_optional(arg), True
        elif is_not_required(arg):
            arg, missing = unwrap_not_required(arg), True
        elif is_required(arg):
            arg, missing = unwrap_required(arg), False
        else:
            return arg, missing, plain


def _own_annotations(what: Any, module: str) -> dict[str, Any]:
    """The annotations of a class or function itself; those that are texts, as what they say."""
    found = inspect.get_annotations(what)
    if not any(isinstance(annotation, (str, ForwardRef)) for annotation in found.values()):
        return found
    names = vars(sys.modules[module]) if module in sys.modules else {}
    return {name: _meant(annotation, names) for name, annotation in found.items()}


def _meant(annotation: Any, names: dict[str, Any]) -> Any:
    """What a text stands for. The name of a class in a `TypedDict` stays a forward reference to it."""
    text = annotation.__forward_arg__ if isinstance(annotation, ForwardRef) else annotation
    if not isinstance(text, str):
        return annotation
    try:
        meant = eval(text, names)  # noqa: S307 # the author's own annotation, as Python would read it
    except NameError:
        return ForwardRef(text)
    named = get_origin(meant) is None and isinstance(meant, type) and not is_builtin(meant)
    return annotation if named and isinstance(annotation, ForwardRef) else meant


def _documented(typ: type) -> Iterator[tuple[str, str]]:
    """The properties of *typ* below which there is a text, each with it."""
    # Classes that were made without a source have no such texts.
    with contextlib.suppress(OSError, TypeError, SyntaxError):
        tree = ast.parse(textwrap.dedent(inspect.getsource(typ)))
        body = next((node.body for node in tree.body if isinstance(node, ast.ClassDef)), [])
        for statement, following in itertools.pairwise(body):
            target: ast.expr | None = None
            if isinstance(statement, ast.AnnAssign):
                target = statement.target
            elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                target = statement.targets[0]
            if (
                isinstance(target, ast.Name)
                and isinstance(following, ast.Expr)
                and isinstance(following.value, ast.Constant)
                and isinstance(following.value.value, str)
            ):
                yield target.id, following.value.value


# Other packages -----------------------------------------------------------------------------------


def get_package_name(arg: type, typ: type, name: str) -> tuple[str, str]:
    """The type token of a class of another package, and that package's name."""
    token = getattr(arg, "pulumi_type", None)
    if not token:
        package = arg.__module__.split(".")[0]
        raise Exception(  # noqa: TRY002 # as for other mistakes of the author
            f"Can not determine resource reference for type '{arg.__name__}' used in "
            f"'{typ.__name__}.{name}': '{arg.__name__}.pulumi_type' is not defined. "
            f"This may be due to an outdated version of '{package}'."
        )
    parts = token.split(":")
    if len(parts) != 3:  # package, module, name
        raise Exception(  # noqa: TRY002 # as above
            f"invalid type string '{token}' for type '{arg}' used in '{typ.__name__}.{name}'"
        )
    return token, parts[0]


def get_dependency_for_type(arg: type) -> Dependency:
    """
    The package that a class comes from, as its `pulumi-plugin.json` says.

    Raises:
        DependencyError: There is no such file, or it cannot be read.
    """
    root = arg.__module__.split(".")[0]
    try:
        plugin = json.loads(importlib.resources.files(root).joinpath("pulumi-plugin.json").read_text())
    except FileNotFoundError as error:
        raise DependencyError("Could not load pulumi-plugin.json") from error
    except json.JSONDecodeError as error:
        raise DependencyError("Could not parse pulumi-plugin.json for package") from error
    parameter = plugin.get("parameterization")
    return Dependency(
        name=plugin["name"],
        version=plugin["version"],
        downloadURL=plugin.get("server"),
        parameterization=None
        if parameter is None
        else Parameterization(parameter["name"], parameter["version"], parameter["value"]),
    )


def is_in_venv(path: Path) -> bool:
    """Whether *path* is below the environment that this interpreter belongs to."""
    return Path(sys.prefix).resolve() in path.resolve().parents


# Kinds of annotations -----------------------------------------------------------------------------

_SIMPLE: dict[Any, PropertyType] = {
    str: PropertyType.STRING,
    int: PropertyType.INTEGER,
    float: PropertyType.NUMBER,
    bool: PropertyType.BOOLEAN,
}
_LISTS = (list, abc.Sequence, abc.MutableSequence, collections.UserList, list)
_DICTS = (
    dict,
    abc.Mapping,
    abc.MutableMapping,
    collections.defaultdict,
    collections.OrderedDict,
    collections.UserDict,
)
_NOT_REQUIRED: tuple[Any, ...] = (typing.NotRequired,)
_REQUIRED: tuple[Any, ...] = (typing.Required,)


def py_type_to_property_type(typ: type) -> PropertyType:
    """The schema's type for one of Python's."""
    return _SIMPLE.get(typ, PropertyType.OBJECT)


def is_union(typ: Any) -> bool:
    """`A | B`, or `Union[A, B]`."""
    return get_origin(typ) in (Union, types.UnionType)


def is_enum(typ: Any) -> bool:
    """A subclass of `Enum`."""
    return issubclass(typ, Enum)


def is_simple(typ: Any) -> bool:
    """A text, a number or a truth value."""
    return any(typ is simple for simple in _SIMPLE)


def is_optional(typ: Any) -> bool:
    """A union with None."""
    return is_union(typ) and type(None) in get_args(typ)


def is_any(typ: Any) -> bool:
    """`Any`."""
    return typ is Any


def unwrap_optional(typ: Any) -> Any:
    """The first member of a union with None that is not None."""
    if not is_optional(typ):
        raise ValueError("Not an optional type")
    for member in get_args(typ):
        if member is not type(None):
            return member
    raise ValueError("Optional type with no non-None elements")


def is_not_required(typ: Any) -> bool:
    """`NotRequired[T]`."""
    return get_origin(typ) in _NOT_REQUIRED


def unwrap_not_required(typ: Any) -> Any:
    """The `T` of `NotRequired[T]`."""
    if not is_not_required(typ):
        raise ValueError(f"{typ} is not a NotRequired type")
    return get_args(typ)[0]


def is_required(typ: Any) -> bool:
    """`Required[T]`."""
    return get_origin(typ) in _REQUIRED


def unwrap_required(typ: Any) -> Any:
    """The `T` of `Required[T]`."""
    if not is_required(typ):
        raise ValueError(f"{typ} is not a Required type")
    return get_args(typ)[0]


def is_output(typ: Any) -> bool:
    """`Output[T]`."""
    return get_origin(typ) is Output


def unwrap_output(typ: Any) -> Any:
    """The `T` of `Output[T]`."""
    if not is_output(typ):
        raise ValueError(f"{typ} is not an output type")
    return get_args(typ)[0]


def is_input(typ: Any) -> bool:
    """`Input[T]`: a union of something plain, something awaitable and an output."""
    if not is_union(typ):
        return False
    kinds = {_kind_of_member(member) for member in get_args(typ)}
    return kinds >= {"awaitable", "output", "plain"}


def _kind_of_member(member: Any) -> str:
    if get_origin(member) is Awaitable:
        return "awaitable"
    # In `Input` itself the output is a forward reference, which is never replaced.
    if is_output(member) or (is_forward_ref(member) and member.__forward_arg__ == "Output[T]"):
        return "output"
    return "plain"


def unwrap_input(typ: Any) -> Any:
    """The `T` of `Input[T]`: it is whole inside the awaitable only."""
    if not is_input(typ):
        raise ValueError(f"{typ} is not an input type")
    for member in get_args(typ):
        if get_origin(member) is Awaitable:
            return get_args(member)[0]
    raise ValueError("Input type with no Awaitable elements")


def is_forward_ref(typ: Any) -> bool:
    """A reference to a class by its name."""
    return isinstance(typ, ForwardRef)


def is_builtin(typ: Any) -> bool:
    """Something of Python's own that no schema has a type for."""
    return bool(typ.__module__ == "builtins")


def is_list(typ: Any) -> bool:
    """A list, a sequence, and the like."""
    return (get_origin(typ) or typ) in _LISTS


def is_dict(typ: Any) -> bool:
    """A dict, a mapping, and the like."""
    return (get_origin(typ) or typ) in _DICTS


def is_resource(typ: Any) -> bool:
    """A class of resources."""
    return isinstance(typ, type) and issubclass(typ, Resource)


def is_asset(typ: Any) -> bool:
    """A class of assets."""
    return isinstance(typ, type) and issubclass(typ, Asset)


def is_archive(typ: Any) -> bool:
    """A class of archives."""
    return isinstance(typ, type) and issubclass(typ, Archive)


def enum_value_type(enu: type) -> PropertyType:
    """The type of an enum's values: that of its first member."""
    if not issubclass(enu, Enum):
        raise Exception(f"Invalid enum type {enu}.")  # noqa: TRY002, TRY004 # as for other mistakes
    member = next(iter(enu.__members__.values()))
    for kind in (bool, int, float, str):  # a truth value is a number too
        if isinstance(member.value, kind):
            return _SIMPLE[kind]
    raise Exception(  # noqa: TRY002 # as above
        f"Invalid type for enum value '{enu.__name__}.{member.name}': '{type(member.value)}'. "
        "Supported enum value types are bool, str, float and int."
    )


def enum_members(enu: type) -> list[EnumValueDefinition]:
    """The members of an enum, aliases too."""
    if not issubclass(enu, Enum):
        raise Exception(f"Invalid enum type {enu}.")  # noqa: TRY002, TRY004 # as above
    return [EnumValueDefinition(name=name, value=member.value) for name, member in enu.__members__.items()]


def true_or_none(plain: bool) -> Literal[True] | None:
    """In a schema a property is plain or nothing is said of it."""
    return True if plain else None
