"""
Types of a package schema as Python annotations (packages.md §3.1).

Annotations are never evaluated when a module is imported, so they may name whatever the
package has, wherever it is: things of other modules by their full name.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final
from urllib.parse import unquote

from stackwright.packages._schema import PropertySpec, TypeSpec, token_of
from stackwright.packages.sdkgen._layout import Layout, Module
from stackwright.packages.sdkgen._names import class_name, import_name, module_path
from stackwright.packages.sdkgen._text import literal

_FOREIGN: Final = re.compile(
    r"/([a-zA-Z][-a-zA-Z0-9_]*)/v[^/]+/schema\.json#/(types|resources|provider)/?(.*)"
)
_PRIMITIVES: Final = {"boolean": "bool", "integer": "int", "number": "float", "string": "str"}
SHADOWED: Final = frozenset(_PRIMITIVES.values()) | {"property"}
"""Built-in names that a class cannot mention once it has a property of that name."""


class Side(Enum):
    """Which way a value goes."""

    INPUT = "input"
    PLAIN = "plain"
    """In, but with nothing to wait for: the arguments of plain functions."""
    OUTPUT = "output"


class Annotator:
    """
    Writes annotations for one file, and remembers which imports they take.

    *home* is the file's kind: types of the same file are named without a module.
    """

    def __init__(self, layout: Layout, module: Module, home: str = "") -> None:
        self._layout = layout
        self._module = module
        self._home = home
        self.package = layout.package
        self.shadowed = False
        """Whether built-in names have to be spelled out, because the class has properties of that name."""
        self.outputs_hidden = False
        """Whether `outputs` has to be named in full, because the class has a property of that name."""
        self.imports: set[str] = set()
        self.siblings: set[str] = set()
        self.typing: set[str] = set()
        self.collections: set[str] = set()
        self.enums = False
        """Whether the file has enums."""
        self.pulumi = False
        """Whether something of the SDK was mentioned."""

    def built_in(self, name: str) -> str:
        if self.shadowed:
            self.imports.add("builtins as _builtins")
            return f"_builtins.{name}"
        return name

    def input(self, spec: TypeSpec, *, optional: bool = False) -> str:
        """What a program may give, `Output` and all; an output of nothing counts as nothing."""
        return self._wrapped(spec, Side.INPUT, optional=optional)

    def plain(self, spec: TypeSpec, *, optional: bool = False) -> str:
        """What a program may give where nothing can be waited for."""
        return self._or_none(self._text(spec, Side.PLAIN), optional)

    def output(self, spec: TypeSpec, *, optional: bool = False) -> str:
        """What a program gets."""
        return self._or_none(self._text(spec, Side.OUTPUT), optional)

    def _wrapped(self, spec: TypeSpec, side: Side, *, optional: bool = False) -> str:
        text = self._or_none(self._text(spec, side), optional)
        if side is not Side.INPUT or spec.plain or text == "Any":
            return text
        self.pulumi = True
        return f"pulumi.Input[{text}]"

    @staticmethod
    def _or_none(text: str, optional: bool) -> str:
        return f"{text} | None" if optional and text != "Any" else text

    def _text(self, spec: TypeSpec, side: Side) -> str:
        if isinstance(spec, PropertySpec) and spec.const is not None and not isinstance(spec.const, float):
            self.typing.add("Literal")
            return f"Literal[{literal(spec.const)}]"
        if spec.ref:
            return self._reference(spec, side)
        if spec.one_of:
            return self._union(spec, side)
        if spec.type == "array" and spec.items is not None:
            self.collections.add("Sequence")
            return f"Sequence[{self._wrapped(spec.items, side)}]"
        if spec.type == "object":
            self.collections.add("Mapping")
            element = spec.additional_properties or TypeSpec(type="string")
            return f"Mapping[{self.built_in('str')}, {self._wrapped(element, side)}]"
        return self._primitive(spec.type)

    def _primitive(self, name: str) -> str:
        known = _PRIMITIVES.get(name)
        return self._any() if known is None else self.built_in(known)

    def _any(self) -> str:
        self.typing.add("Any")
        return "Any"

    def _union(self, spec: TypeSpec, side: Side) -> str:
        if side is Side.OUTPUT:
            for member in spec.one_of:
                token = token_of(member.ref, "types") if member.ref else None
                if token in self._layout.schema.types and self._layout.is_enum(token or ""):
                    return self._primitive(self._layout.schema.types[token or ""].type)
            return self._primitive(spec.type)
        members = list(dict.fromkeys(self._text(member, side) for member in spec.one_of))
        return "Any" if "Any" in members else " | ".join(members)

    def _reference(self, spec: TypeSpec, side: Side) -> str:
        match spec.ref.removeprefix("pulumi.json#/"):
            case "Archive":
                self.pulumi = True
                return "pulumi.Archive"
            case "Asset":
                self.pulumi = True
                return "pulumi.Asset | pulumi.Archive"
            case "Json" | "Any":
                return self._any()
        token = token_of(spec.ref, "types")
        if token is not None:
            if token not in self._layout.schema.types:
                return self._primitive(spec.type)
            return self._type(token, side)
        if spec.ref == "#/provider":
            return self._here("", "Provider", "provider")
        token = token_of(spec.ref, "resources")
        if token is not None:
            if token.startswith("pulumi:providers:"):
                return self._here("", "Provider", "provider")
            if token not in self._layout.schema.resources:
                return self._any()
            file = self._layout.file_of(token, function=False)
            return self._here(self._layout.module_of(token), class_name(token), file)
        return self._foreign(spec.ref, side)

    def _type(self, token: str, side: Side) -> str:
        layout = self._layout
        path = layout.module_of(token)
        if layout.is_enum(token):
            return self._here(path, class_name(token), "_enums")
        if side is Side.OUTPUT:
            return self._here(path, layout.output_class(token), layout.outputs_file(path))
        name = self._here(path, layout.args_class(token), "_inputs")
        return name if layout.schema.python.input_types == "classes" else f"{name} | {name}Dict"

    def _here(self, path: str, name: str, file: str) -> str:
        """*name* of *file* in the module at *path*, as this file has to spell it."""
        if path != self._module.path or (file == "outputs" != self._home and self.outputs_hidden):
            self.imports.add(self._layout.package)
            middle = f"{path}." if path else ""
            part = f"{file}." if file in ("_inputs", "_outputs", "outputs", "_enums") else ""
            return f"{self._layout.package}.{middle}{part}{name}"
        if file == self._home:
            return name
        self.siblings.add(file)
        return f"{file}.{name}"

    def _foreign(self, ref: str, side: Side) -> str:
        found = _FOREIGN.fullmatch(ref)
        if found is None:
            return self._any()
        package, section, token = found.groups()
        parts = unquote(token).split(":")
        if section != "provider" and (len(parts) != 3 or not parts[2]):
            return self._any()
        name = import_name(package, "")
        self.imports.add(name)
        if section == "provider":
            return f"{name}.Provider"
        module = module_path(parts[1].partition("/")[0] if section == "types" else parts[1])
        path = "" if module in ("", "index") else f"{module}."
        class_ = class_name(parts[2])
        if section == "resources":
            return f"{name}.{path}{class_}"
        if side is Side.OUTPUT:
            return f"{name}.{path}outputs.{class_}"
        self.pulumi = True
        return f"pulumi.InputType[{name}.{path}{class_}Args]"
