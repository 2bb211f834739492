"""Nested types: what goes in, as classes and dictionaries; what comes out; enums (packages.md §3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from stackwright.packages._schema import ObjectSpec, PropertySpec, TypeSpec
from stackwright.packages.sdkgen._annotations import SHADOWED, Annotator
from stackwright.packages.sdkgen._layout import Layout, Module
from stackwright.packages.sdkgen._names import class_name, distinct_names, free_name, member_name
from stackwright.packages.sdkgen._source_file import python_file
from stackwright.packages.sdkgen._text import (
    LINE,
    alias,
    annotated,
    assigned,
    call,
    class_head,
    docstring,
    literal,
    names,
    quoted,
)

_GETTERS = {"boolean": "get_env_bool", "integer": "get_env_int", "number": "get_env_float"}


def ordered(
    properties: Mapping[str, PropertySpec], required: Iterable[str]
) -> list[tuple[str, PropertySpec]]:
    """Properties as constructors have them: those that are needed first, then by name."""
    needed = set(required)
    return sorted(properties.items(), key=lambda each: (each[0] not in needed, each[0]))


def has_default(spec: PropertySpec) -> bool:
    """Whether something stands in for a property that is not given."""
    return spec.const is not None or spec.default is not None or spec.default_info is not None


def fields(
    annotator: Annotator,
    properties: Mapping[str, PropertySpec],
    required: Iterable[str],
    *,
    output: bool = False,
    may_miss: bool = False,
    called: Mapping[str, str] | None = None,
) -> list[str]:
    """
    The annotated names of a class. With *may_miss*, its constructor needs none of them.

    *called* are their names in Python where more than these have to be told apart.
    """
    needed = set(required)
    called = distinct_names(properties) if called is None else called
    annotator.shadowed = any(called[name] in SHADOWED for name in properties)
    annotator.outputs_hidden = "outputs" in properties
    lines: list[str] = []
    given = (
        needed if output else {name for name in needed & set(properties) if not has_default(properties[name])}
    )
    for name, spec in ordered(properties, given):
        missing_allowed = name not in needed
        if output:
            annotation = annotator.output(spec, optional=missing_allowed)
        else:
            annotation = annotator.input(spec, optional=missing_allowed)
        optional = may_miss or name not in given
        lines += _field(called[name], name, annotation, spec, optional=optional, output=output)
        lines += docstring(described(spec), "    ")
    annotator.shadowed = annotator.outputs_hidden = False
    return lines or ["    pass"]


def _field(
    python: str, wire: str, annotation: str, spec: PropertySpec, *, optional: bool, output: bool
) -> list[str]:
    start = f"    {python}: {annotation}"
    arguments = [] if python == wire else [quoted(wire)]
    if optional:
        arguments.append("default=None")
    if not output:
        arguments += _filled(spec)
    if spec.deprecation_message:
        arguments.append(f"deprecated={quoted(spec.deprecation_message)}")
    if not arguments:
        return annotated(f"    {python}: ", annotation, "")
    may_be_none = annotation == "Any" or annotation.endswith(("| None", "| None]"))
    if arguments == ["default=None"] and may_be_none and len(start) + len(" = None") <= LINE:
        return [f"{start} = None"]
    if python == wire:
        arguments.insert(0, quoted(wire))
    return assigned(start, "_utilities.field", arguments)


def _filled(spec: PropertySpec) -> list[str]:
    """What stands in for a property that is not given."""
    if spec.const is not None:
        return [f"const={literal(spec.const)}"]
    found: list[str] = []
    if spec.default_info is not None and spec.default_info.environment:
        getter = _GETTERS.get(spec.type, "get_env")
        found.append(f"environment={names(spec.default_info.environment)}")
        if getter != "get_env":
            found.append(f"read=_utilities.{getter}")
    if spec.default is not None:
        found.append(f"value={literal(spec.default)}")
    return found


def described(spec: PropertySpec) -> str:
    """What there is to say about a property; its deprecation once."""
    message = spec.deprecation_message
    if not message or message in spec.description:
        return spec.description
    return f"{spec.description}\n\nDeprecated: {message}".strip()


def inputs_file(layout: Layout, module: Module) -> str:
    """The types that go in."""
    annotator = Annotator(layout, module, "_inputs")
    dictionaries = layout.schema.python.input_types != "classes"
    body: list[str] = []
    exported: list[str] = []
    for token in module.inputs:
        spec = layout.schema.types[token]
        name = layout.args_class(token)
        exported.append(name)
        body += ["", "", "@_utilities.input_type", f"class {name}:"]
        body += _about(spec, f"Goes into `{class_name(token)}`.")
        body += fields(annotator, spec.properties, spec.required)
        if dictionaries:
            exported.append(f"{name}Dict")
            body += ["", "", *_dictionary(annotator, f"{name}Dict", spec)]
    body += _aliases(
        layout, module, layout.args_class, exported, ("", "Dict") if dictionaries else ("",), True
    )
    about = f"What goes into the resources and functions of `{_dotted(layout, module)}`."
    return python_file(about, annotator, module.depth, exported, body, needs_pulumi=annotator.pulumi)


def _dictionary(annotator: Annotator, name: str, spec: ObjectSpec) -> list[str]:
    annotator.typing.add("TypedDict")
    needed = set(spec.required)
    lines = class_head(name, ["TypedDict"])
    lines += docstring(spec.description, "    ")
    called = distinct_names(spec.properties)
    annotator.shadowed = any(each in SHADOWED for each in called.values())
    members: list[str] = []
    for wire, each in ordered(spec.properties, needed):
        annotation = annotator.input(each, optional=wire not in needed)
        if wire not in needed or has_default(each):
            annotator.typing.add("NotRequired")
            annotation = f"NotRequired[{annotation}]"
        members += annotated(f"    {called[wire]}: ", annotation, "")
        members += docstring(described(each), "    ")
    annotator.shadowed = False
    return [*lines, *(members or ["    pass"])]


def outputs_file(layout: Layout, module: Module) -> str:
    """The types that come out."""
    annotator = Annotator(layout, module, layout.outputs_file(module.path))
    body: list[str] = []
    exported: list[str] = []
    for token in module.outputs:
        spec = layout.schema.types[token]
        name = layout.output_class(token)
        exported.append(name)
        body += ["", "", "@_utilities.output_type", *class_head(name, ["_utilities.Fields"])]
        body += _about(spec, f"Comes out of `{class_name(token)}`.")
        body += fields(annotator, spec.properties, spec.required, output=True)
    aliases = _aliases(layout, module, layout.output_class, exported, ("",), False)
    if not aliases and layout.other_names(module.path):
        aliases = ["", "", _below("")]
    body += aliases
    about = f"What comes out of the resources and functions of `{_dotted(layout, module)}`."
    return python_file(about, annotator, module.depth, exported, body, needs_pulumi=annotator.pulumi)


def _about(spec: ObjectSpec, otherwise: str) -> list[str]:
    return docstring(spec.description, "    ")


def _aliases(
    layout: Layout,
    module: Module,
    name_of: object,
    exported: list[str],
    suffixes: tuple[str, ...],
    inputs: bool,
) -> list[str]:
    """Other names of classes of this file, and a way to those that follow from these."""
    assert callable(name_of)
    known = set(exported)
    lines: list[str] = []
    for token, chosen in module.aliases:
        if name_of(chosen) not in known:
            continue
        for suffix in suffixes:
            own, other = f"{name_of(token)}{suffix}", f"{name_of(chosen)}{suffix}"
            exported.append(own)
            lines += alias(own, other)
    if not lines:
        return []
    ending = "Args" if inputs else ""
    return ["", "", *lines, "", _below(ending)]


def _below(ending: str) -> str:
    return f"__getattr__ = _utilities.names_below(globals(), {quoted(ending)})"


def enums_file(layout: Layout, module: Module) -> str:
    """The enums."""
    annotator = Annotator(layout, module, "_enums")
    body: list[str] = []
    exported: list[str] = []
    for token in module.enums:
        spec = layout.schema.types[token]
        name = class_name(token)
        exported.append(name)
        base = annotator.plain(_primitive_of(spec))
        body += ["", "", *call("@pulumi.type_token", [quoted(token)]), *class_head(name, [base, "Enum"])]
        body += docstring(spec.description, "    ")
        labels: dict[str, str] = {}
        taken: set[str] = set()
        for member in spec.enum:
            label = member_name(name, member.name or str(member.value))
            value = literal(member.value)
            if label in taken:
                label = free_name(label, taken)
            taken.add(label)
            body += alias(label, labels.get(value, value), "    ")
            labels.setdefault(value, label)
            body += docstring(member.description, "    ")
    annotator.enums = True
    about = f"Closed sets of values in `{_dotted(layout, module)}`."
    return python_file(about, annotator, module.depth, exported, body, needs_utilities=False)


def _primitive_of(spec: ObjectSpec) -> TypeSpec:
    return TypeSpec(type=spec.type)


def _dotted(layout: Layout, module: Module) -> str:
    return f"{layout.package}.{module.path}" if module.path else layout.package
