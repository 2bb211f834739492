"""The package schema document of an embedded package (packages.md §1), from its declarations."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import msgspec

from stackwright.providers.builtin._functions import Function
from stackwright.providers.builtin._properties import Choice, Property
from stackwright.providers.builtin._provider import EmbeddedPackage
from stackwright.providers.builtin._resources import Resource


def schema_document(package: EmbeddedPackage) -> bytes:
    """The schema as JSON, complete enough to generate an SDK from."""
    document: dict[str, Any] = {
        "name": package.name,
        "version": package.version,
        "description": package.about,
        "license": "Apache-2.0",
        # `index/randomId` is the module `index`, which is the root (packages.md §1.2).
        "meta": {"moduleFormat": "(.*)(?:/[^/]*)" if _has_nested_modules(package) else "(.*)"},
        "language": {"python": {"respectSchemaVersion": True, "pyproject": {"enabled": True}}},
        "types": {each.token: _choice(each) for each in package.choices},
        "provider": {"description": f"Provider of `{package.name}`; it takes no configuration."},
        "resources": {each.token: _resource(each) for each in package.resources},
        "functions": {each.token: _function(each) for each in package.functions},
    }
    return msgspec.json.encode({name: part for name, part in document.items() if part != {}})


def _has_nested_modules(package: EmbeddedPackage) -> bool:
    tokens = [each.token for each in package.resources] + [each.token for each in package.functions]
    return any("/" in token for token in tokens)


def _about(described: type[Resource] | type[Function]) -> str:
    return inspect.cleandoc(described.__doc__ or "")


def _choice(choice: Choice) -> dict[str, Any]:
    return {
        "type": "string",
        "description": choice.about,
        "enum": [{"value": text, "description": about} for text, about in choice.texts.items()],
    }


def _property(declared: Property, *, output: bool = False) -> dict[str, Any]:
    spec: dict[str, Any] = {**declared.type.spec, "description": declared.about}
    if declared.secret:
        spec["secret"] = True
    if declared.deprecated:
        spec["deprecationMessage"] = declared.deprecated
    if declared.replaces and not output:
        spec["willReplaceOnChanges"] = True
    if declared.replaces_in_sdk:
        spec["replaceOnChanges"] = True
    return spec


def _properties(declared: Iterable[Property], *, output: bool = False) -> dict[str, Any]:
    return {each.name: _property(each, output=output) for each in declared}


def _required(declared: Iterable[Property]) -> list[str]:
    return sorted(each.name for each in declared if each.required)


def _resource(resource: type[Resource]) -> dict[str, Any]:
    always = {each.name for each in resource.inputs if each.required or each.default is not None}
    always |= {each.name for each in resource.outputs if not each.optional_output}
    everything = (*resource.inputs, *resource.outputs)
    return {
        "description": _about(resource),
        "properties": _properties(everything, output=True),
        "required": sorted(always),
        "inputProperties": _properties(resource.inputs),
        "requiredInputs": _required(resource.inputs),
        "stateInputs": {
            "description": "What an existing object may be looked up with.",
            "properties": _properties(everything),
            "type": "object",
        },
    }


def _function(function: type[Function]) -> dict[str, Any]:
    always = {each.name for each in function.inputs if each.required}
    always |= {each.name for each in function.outputs if not each.optional_output}
    spec: dict[str, Any] = {
        "description": _about(function),
        "inputs": {
            "type": "object",
            "properties": _properties(function.inputs),
            "required": _required(function.inputs),
        },
        "outputs": {
            "type": "object",
            "properties": _properties((*function.inputs, *function.outputs), output=True),
            "required": sorted(always),
        },
    }
    return spec
