"""The words of `package info` (cli.md §11): what a package, a module, a resource or a function is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from stackwright.errors import UserError

if TYPE_CHECKING:
    from stackwright.packages import PackageSchema
    from stackwright.packages._schema import PropertySpec, TypeSpec

_SUMMARY = 100


def describe(
    schema: PackageSchema, *, module: str | None, resource: str | None, function: str | None
) -> Iterator[str]:
    """
    The lines to print. What a package has only one of is shown at once.

    Raises:
        UserError: There is no such thing, or several of that name.
    """
    if resource is not None or (function is None and module is None and _is_single(schema, "resources")):
        yield from _resource(schema, _token(schema.resources, resource, module, "resource"))
    elif function is not None:
        yield from _function(schema, _token(schema.functions, function, module, "function"))
    elif module is not None:
        yield from _module(schema, module)
    else:
        yield from _package(schema)


def _is_single(schema: PackageSchema, section: str) -> bool:
    return len(schema.resources) + len(schema.functions) == 1 and len(getattr(schema, section)) == 1


def _package(schema: PackageSchema) -> Iterator[str]:
    modules = _modules(schema)
    yield f"Name: {schema.name}"
    yield f"Version: {schema.version}"
    yield f"Description: {_summary(schema.document.description)}"
    yield f"Total resources: {len(schema.resources)}"
    yield f"Total functions: {len(schema.functions)}"
    yield f"Total modules: {len(modules)}"
    yield ""
    if len(modules) == 1:
        yield from _module(schema, next(iter(modules)))
        return
    yield "Modules:"
    for name, (resources, functions) in modules.items():
        yield f" - {name}: {len(resources)} resources, {len(functions)} functions"
    yield ""
    yield "Use --module NAME to list what is in a module,"
    yield "and --resource NAME or --function NAME for the inputs and outputs of one of them."


def _modules(schema: PackageSchema) -> dict[str, tuple[list[str], list[str]]]:
    modules: dict[str, tuple[list[str], list[str]]] = {}
    sections: tuple[Iterable[str], ...] = (schema.resources, schema.functions)
    for index, section in enumerate(sections):
        for token in section:
            modules.setdefault(_module_of(token), ([], []))[index].append(token)
    return dict(sorted(modules.items()))


def _module(schema: PackageSchema, wanted: str) -> Iterator[str]:
    modules = _modules(schema)
    if wanted not in modules:
        raise UserError(
            f"the package {schema.name} has no module {wanted}", hint=f"It has {', '.join(modules)}"
        )
    resources, functions = modules[wanted]
    yield f"Module: {wanted}"
    for title, tokens, section in (
        ("Resources", resources, schema.resources),
        ("Functions", functions, schema.functions),
    ):
        if tokens:
            yield ""
            yield f"{title}: {len(tokens)}"
        for token in sorted(tokens):
            yield f" - {_name(token)}: {_summary(section[token].description)}".rstrip(": ")


def _resource(schema: PackageSchema, token: str) -> Iterator[str]:
    spec = schema.resources[token]
    yield f"Resource: {token}"
    yield f"Description: {_summary(spec.description)}"
    yield ""
    yield from _properties("Inputs", spec.input_properties, spec.required_inputs)
    yield from _properties("Outputs", spec.properties, spec.required)


def _function(schema: PackageSchema, token: str) -> Iterator[str]:
    spec = schema.functions[token]
    yield f"Function: {token}"
    yield f"Description: {_summary(spec.description)}"
    yield ""
    if spec.inputs is not None:
        yield from _properties("Inputs", spec.inputs.properties, spec.inputs.required)
    if spec.outputs is not None:
        yield from _properties("Outputs", spec.outputs.properties or {}, spec.outputs.required)


def _properties(title: str, properties: Mapping[str, PropertySpec], required: Iterable[str]) -> Iterator[str]:
    yield f"{title}: {len(properties)}"
    needed = set(required)
    for name, spec in sorted(properties.items(), key=lambda each: (each[0] not in needed, each[0])):
        mark = "*" if name in needed else " "
        yield f" {mark} {name} ({_type(spec)}): {_summary(spec.description)}".rstrip(": ")
    if needed & set(properties):
        yield "   (* is required)"
    yield ""


def _type(spec: TypeSpec) -> str:
    if spec.ref:
        return spec.ref.rpartition("/")[2].rpartition(":")[2] or spec.ref
    if spec.one_of:
        return " | ".join(_type(each) for each in spec.one_of)
    if spec.items is not None:
        return f"list of {_type(spec.items)}"
    if spec.additional_properties is not None:
        return f"map of {_type(spec.additional_properties)}"
    return spec.type or "any"


def _token(section: Mapping[str, object], wanted: str | None, module: str | None, kind: str) -> str:
    tokens = [
        token
        for token in section
        if (wanted is None or wanted in (token, _name(token)))
        and (module is None or _module_of(token) == module)
    ]
    if len(tokens) == 1:
        return tokens[0]
    if not tokens:
        raise UserError(f"there is no {kind} {wanted}{f' in the module {module}' if module else ''}")
    modules = ", ".join(_module_of(token) for token in tokens)
    raise UserError(f"there are several {kind}s {wanted}: say with --module which is meant", detail=modules)


def _module_of(token: str) -> str:
    """`aws:s3/bucket:Bucket` is in `s3`."""
    return token.split(":")[1].partition("/")[0] or "index"


def _name(token: str) -> str:
    return token.rpartition(":")[2]


def _summary(text: str | None) -> str:
    """The first sentence, without formatting."""
    plain = re.sub(r"<[^>]+>|[`*#]", "", text or "").strip()
    first = re.split(r"(?<=[.!?])\s|\n", plain, maxsplit=1)[0].strip()
    return first if len(first) <= _SUMMARY else f"{first[: _SUMMARY - 1]}…"
