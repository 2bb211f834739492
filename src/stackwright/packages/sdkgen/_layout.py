"""
Where everything of a package goes: modules, files, and the names of classes.

Each module of a schema is a Python package with a file per resource and function, and one
each for nested types that go in, for those that come out, and for enums. A provider whose
hundreds of resources are all in one module is laid out by service, so that nobody pays for
all of it; the root knows every name nevertheless. Services are those of other names that
things have (`otherTokens`), or else the first words of names.

The nested types of such providers repeat themselves: of fifty thousand, three thousand
differ. Those of one module with the same structure share a class, under the shortest of
their names; the other names are aliases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from stackwright.packages._schema import (
    FunctionSpec,
    ObjectSpec,
    PackageSchema,
    PropertySpec,
    ResourceSpec,
    TypeSpec,
    token_of,
)
from stackwright.packages.sdkgen._names import class_name, function_name, identifier, module_path, py_name

PROVIDER: Final = "provider"
"""The file of the provider resource, at the root."""

_CROWDED: Final = 120
"""More resources and functions than this are not left in one module."""

_REPETITIVE: Final = 2_000
"""From so many types on, equal ones share a class."""

_VERB: Final = re.compile(r"(?:get|open|list|run)(?=[A-Z0-9])")
"""What functions that are made of something of a provider begin with."""

_FILES: Final = frozenset({"__init__", "_inputs", "outputs", "_outputs", "_enums"})
"""What any module may have files of besides its resources and functions."""

_OWN_FILES: Final = _FILES | {"config", PROVIDER, "_utilities"}
"""What the root may have."""


_OWN_MODULES: Final = re.compile(r"(?<![^.])(?:__init__|_utilities|_inputs|_outputs|_enums)(?![^.])")
"""Parts of a path that would take the place of such files."""


@dataclass
class Module:
    """One Python package: the root, or a service within it. Lists hold tokens, sorted."""

    path: str
    resources: list[str] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    enums: list[str] = field(default_factory=list)
    aliases: list[tuple[str, str]] = field(default_factory=list)
    """Types that are others of this module under a name of their own."""

    @property
    def depth(self) -> int:
        return self.path.count(".") + 1 if self.path else 0


@dataclass
class _Use:
    goes_in: bool = False
    comes_out: bool = False
    in_functions: bool = False


class Places:
    """Knows of every token its module, and no more: what nested types there are takes longer to find."""

    def __init__(self, schema: PackageSchema) -> None:
        self.schema = schema
        self._modules_by_token: dict[str, str] = {}
        self._others = schema.python.other_tokens
        self._other_types = frozenset(schema.python.other_types).intersection(schema.types)
        self._owners: dict[str, str] = {}
        self._longest_owner = 0
        in_root = sum(1 for token in (*schema.resources, *schema.functions) if not self._path_of(token))
        in_services = any(self._path_of(each) for others in self._others.values() for each in others)
        self.by_service = in_root > _CROWDED or in_services
        for token in (*schema.resources, *schema.functions):
            self._owners[token.rpartition(":")[2]] = self.module_of(token)
        self._longest_owner = max(map(len, self._owners), default=0)

    def module_of(self, token: str) -> str:
        """The path of the Python package that *token* is in."""
        known = self._modules_by_token.get(token)
        if known is None:
            path = self._path_of(token)
            if not path and self.by_service and token not in self._other_types:
                path = self._service_of(token)
            known = self._modules_by_token[token] = path
        return known

    @cached_property
    def has_replacements(self) -> bool:
        """Whether a change of something replaces resources (§1.5); Terraform's schemas do not know."""
        return any(part.mentions("replaceOnChanges") for part in (self.schema.types, self.schema.resources))

    def _service_of(self, token: str) -> str:
        others = self._others.get(token)
        if others:
            return self._path_of(others[0])
        name = token.rpartition(":")[2]
        for length in range(min(len(name) - 1, self._longest_owner), 0, -1):
            if not name[length].islower() and name[:length] in self._owners:
                return self._owners[name[:length]]
        return _service(token)

    def _path_of(self, token: str) -> str:
        module = self.schema.module_of(token)
        override = self.schema.python.module_name_overrides.get(module)
        path = module_path(module) if override is None else override.replace("/", ".")
        return "" if path == "index" else _OWN_MODULES.sub(r"\g<0>_", path)


class Layout(Places):
    """Knows of every token its module, file and classes; and which types there are at all."""

    def __init__(self, schema: PackageSchema, package: str) -> None:
        super().__init__(schema)
        self.package = package
        self.modules: dict[str, Module] = {"": Module("")}
        self.methods = _methods(schema)
        self._uses: dict[str, _Use] = {}
        self._shapes = _Shapes(schema) if len(schema.types) > _REPETITIVE else None
        self._stands_for: dict[str, str] = {}
        self._function_files: set[str] = set()
        self._suffixed = schema.python.compatibility in ("tfbridge20", "kubernetes20")
        self._place()
        self._follow_types()

    def other_names(self, path: str) -> Mapping[str, str]:
        """What things of the module at *path* are called as well, by those names."""
        return self._other_names.get(path, {})

    @cached_property
    def _other_names(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for is_function, part in ((False, self.schema.resources), (True, self.schema.functions)):
            for token in part:
                path = self.module_of(token)
                for other in self._others_within(token, path):
                    own, known = class_name(token), class_name(other)
                    if known == own:
                        continue
                    names = found.setdefault(path, {})
                    names[known] = own
                    if is_function:
                        names[function_name(other)] = function_name(token)
                        names[f"Awaitable{known}"] = f"Awaitable{own}"
        return found

    def _others_within(self, token: str, path: str) -> Iterator[str]:
        """Other tokens of *token*: those that are given, or else what is left of it behind its service."""
        if self._others:
            yield from (each for each in self._others.get(token, ()) if self._path_of(each) == path)
        elif self.by_service and path and not self._path_of(token):
            verb, rest = _verb_and_rest(token)
            word = _first_word(rest)
            short = rest[len(word) :]
            if short[:1].isupper():
                yield f"{verb}{short}"

    def outputs_file(self, path: str) -> str:
        """The file of the types that come out of the module at *path*; the root's is for all services."""
        return "_outputs" if self.by_service and not path else "outputs"

    def is_enum(self, token: str) -> bool:
        return bool(self.schema.types[token].enum)

    def canonical(self, token: str) -> str:
        """The type whose class stands for *token*."""
        return self._stands_for.get(token, token)

    def args_class(self, token: str) -> str:
        """The class of a type that goes in."""
        return f"{class_name(token)}Args"

    def output_class(self, token: str) -> str:
        """The class of a type that comes out (§4.3)."""
        use = self._uses.get(token)
        suffix = "Result" if self._suffixed and use is not None and use.in_functions else ""
        return class_name(token) + suffix

    def resource_args(self, token: str) -> str:
        """The class of a resource's arguments (§3.2)."""
        name = f"{class_name(token)}Args"
        taken = self._input_names.get(self.module_of(token), frozenset())
        return f"{class_name(token)}InitArgs" if name in taken else name

    def file_of(self, token: str, *, function: bool) -> str:
        """The file of a resource or function, without its ending."""
        name = function_name(token) if function else py_name(class_name(token))
        prefix = self.module_of(token)
        path = f"{prefix}.{name}" if prefix else name
        taken = path in self.modules or name in (_FILES if prefix else _OWN_FILES)
        taken |= not function and path in self._function_files
        return f"{name}_" if taken else name

    def _module(self, path: str) -> Module:
        known = self.modules.get(path)
        if known is None:
            known = self.modules[path] = Module(path)
            if "." in path:
                self._module(path.rpartition(".")[0])
        return known

    def _place(self) -> None:
        for token in sorted(self.schema.resources):
            if not self.schema.resources[token].is_overlay:
                self._module(self.module_of(token)).resources.append(token)
        for token in sorted(self.schema.functions):
            if token not in self.methods and not self.schema.functions[token].is_overlay:
                path = self.module_of(token)
                self._module(path).functions.append(token)
                name = function_name(token)
                self._function_files.add(f"{path}.{name}" if path else name)

    def _follow_types(self) -> None:
        """Find the types that something uses, and put each into its module (§2)."""
        visit = _Visit(self)
        provider = self.schema.document.provider
        if provider is not None:
            visit.resource(provider, is_provider=True)
        for token in self.schema.resources:
            visit.resource(self.schema.resources[token])
        for token in self.schema.functions:
            visit.function(self.schema.functions[token])
        self._uses = visit.uses
        if self._shapes is not None:
            self._share(self._shapes)
        for token in sorted({*self._uses, *self._other_types}):
            spec = self.schema.types[token]
            module = self._module(self.module_of(token))
            if spec.is_overlay:
                continue
            if spec.enum:
                module.enums.append(token)
            elif token in self._stands_for:
                module.aliases.append((token, self._stands_for[token]))
            else:
                use = self._uses[token]
                if use.goes_in:
                    module.inputs.append(token)
                if use.comes_out:
                    module.outputs.append(token)
        self._input_names = {
            path: frozenset(self.args_class(token) for token in module.inputs)
            for path, module in self.modules.items()
        }

    def _share(self, shapes: _Shapes) -> None:
        """
        Let equal types of one module share a class.

        Only types that something of its own reaches need a class, so whatever hangs below
        an alias is left out: its name follows from the alias's.
        """
        first: dict[tuple[str, int, bool], str] = {}
        for token in sorted(self._uses, key=lambda each: (len(each), each)):
            key = (self.module_of(token), shapes.of(token), self._uses[token].in_functions)
            chosen = first.setdefault(key, token)
            if chosen != token:
                self._stands_for[token] = chosen
                use, own = self._uses[chosen], self._uses[token]
                use.goes_in |= own.goes_in
                use.comes_out |= own.comes_out
        reached = set(_Reached(self, shapes).tokens())
        self._uses = {token: use for token, use in self._uses.items() if token in reached}


def _methods(schema: PackageSchema) -> frozenset[str]:
    found: set[str] = set()
    for token in schema.resources:
        found.update(schema.resources[token].methods.values())
    if schema.document.provider is not None:
        found.update(schema.document.provider.methods.values())
    return frozenset(found)


def _service(token: str) -> str:
    """The first word of what *token* is called, without the `get` of functions."""
    _, rest = _verb_and_rest(token)
    word = _first_word(rest)
    if word in ("", PROVIDER):
        return ""
    return f"{word}_" if word in _OWN_FILES else py_name(word)


def _first_word(name: str) -> str:
    return py_name(name[:1].upper() + name[1:]).partition("_")[0]


def _verb_and_rest(token: str) -> tuple[str, str]:
    """What *token* is called, with what functions begin with apart."""
    member = identifier(token.rpartition(":")[2])
    verb = _VERB.match(member)
    return (verb[0], member[verb.end() :]) if verb else ("", member)


def references(spec: TypeSpec) -> Iterator[str]:
    """The tokens of the types within *spec*."""
    if spec.ref:
        token = token_of(spec.ref, "types")
        if token is not None:
            yield token
    elif spec.one_of:
        for member in spec.one_of:
            yield from references(member)
    elif spec.items is not None:
        yield from references(spec.items)
    elif spec.additional_properties is not None:
        yield from references(spec.additional_properties)


class _Visit:
    """Goes along everything that a program can see, and notes which types are used how."""

    def __init__(self, layout: Layout) -> None:
        self.uses: dict[str, _Use] = {}
        self._types = layout.schema.types
        self._below: dict[str, tuple[str, ...]] = {}

    def resource(self, spec: ResourceSpec, *, is_provider: bool = False) -> None:
        self._mark(spec.input_properties, goes_in=True)
        if spec.state_inputs is not None:
            self._mark(spec.state_inputs.properties, goes_in=True)
        if not is_provider:
            self._mark(spec.properties, comes_out=True)

    def function(self, spec: FunctionSpec) -> None:
        if spec.inputs is not None:
            self._mark(spec.inputs.properties, goes_in=True, in_functions=True)
        if spec.outputs is not None and spec.outputs.properties is not None:
            self._mark(spec.outputs.properties, comes_out=True, in_functions=True)
        elif spec.outputs is not None:
            for token in references(spec.outputs):
                self._token(token, False, True, True)

    def _mark(
        self,
        properties: Mapping[str, PropertySpec],
        *,
        goes_in: bool = False,
        comes_out: bool = False,
        in_functions: bool = False,
    ) -> None:
        for spec in properties.values():
            for token in references(spec):
                self._token(token, goes_in, comes_out, in_functions)

    def _token(self, start: str, goes_in: bool, comes_out: bool, in_functions: bool) -> None:
        waiting = [start]
        while waiting:
            token = waiting.pop()
            if token not in self._types:
                continue
            use = self.uses.get(token)
            if use is None:
                use = self.uses[token] = _Use()
            elif use.goes_in >= goes_in and use.comes_out >= comes_out and use.in_functions >= in_functions:
                continue
            use.goes_in |= goes_in
            use.comes_out |= comes_out
            use.in_functions |= in_functions
            waiting.extend(self._inside(token))

    def _inside(self, token: str) -> tuple[str, ...]:
        known = self._below.get(token)
        if known is None:
            properties = self._types[token].properties.values()
            known = self._below[token] = tuple(each for spec in properties for each in references(spec))
        return known


class _Shapes:
    """Numbers for the structures of types: equal numbers, equal structures."""

    def __init__(self, schema: PackageSchema) -> None:
        self._schema = schema
        self._numbers: dict[object, int] = {}
        self._known: dict[str, int] = {}
        self._open: set[str] = set()

    def of(self, token: str) -> int:
        known = self._known.get(token)
        if known is not None:
            return known
        if token in self._open or token not in self._schema.types:
            return self._number(token)
        self._open.add(token)
        spec = self._schema.types[token]
        key = (
            spec.description,
            tuple(spec.required),
            tuple((name, self._property(each)) for name, each in spec.properties.items()),
            tuple(each.value for each in spec.enum),
        )
        self._open.discard(token)
        found = self._known[token] = self._number(key)
        return found

    def _number(self, key: object) -> int:
        return self._numbers.setdefault(key, len(self._numbers))

    def _property(self, spec: PropertySpec) -> object:
        return (spec.description, spec.deprecation_message, spec.secret, self._type(spec))

    def _type(self, spec: TypeSpec) -> object:
        if spec.ref:
            token = token_of(spec.ref, "types")
            return spec.ref if token is None else self.of(token)
        if spec.items is not None:
            return ("array", self._type(spec.items))
        if spec.additional_properties is not None:
            return ("map", self._type(spec.additional_properties))
        if spec.one_of:
            return tuple(self._type(each) for each in spec.one_of)
        return spec.type


class _Reached:
    """The types that are mentioned once equal ones share a class."""

    def __init__(self, layout: Layout, shapes: _Shapes) -> None:
        self._layout = layout
        self._types = layout.schema.types

    def tokens(self) -> Iterator[str]:
        seen: set[str] = set()
        waiting = list(self._roots())
        while waiting:
            token = waiting.pop()
            if token in seen or token not in self._types:
                continue
            seen.add(token)
            yield token
            chosen = self._layout.canonical(token)
            if chosen != token:
                waiting.append(chosen)
            else:
                waiting.extend(_inside(self._types[token]))

    def _roots(self) -> Iterator[str]:
        schema = self._layout.schema
        provider = schema.document.provider
        for resource in ([provider] if provider is not None else []) + [
            schema.resources[t] for t in schema.resources
        ]:
            for properties in (resource.properties, resource.input_properties):
                yield from _within(properties.values())
        for token in schema.functions:
            function = schema.functions[token]
            if function.inputs is not None:
                yield from _within(function.inputs.properties.values())
            if function.outputs is not None:
                yield from _within((function.outputs.properties or {}).values())
                yield from references(function.outputs)


def _inside(spec: ObjectSpec) -> Iterator[str]:
    return _within(spec.properties.values())


def _within(properties: Iterable[TypeSpec]) -> Iterator[str]:
    for spec in properties:
        yield from references(spec)
