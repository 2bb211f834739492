"""From a package schema to the files of an installable Python package."""

from __future__ import annotations

import itertools
import re
import tempfile
from collections.abc import Iterator, Mapping
from keyword import iskeyword
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec

from stackwright.packages._errors import PackageSchemaError
from stackwright.packages._schema import PackageSchema, ResourceSpec, read_schema
from stackwright.packages.sdkgen._functions import FunctionFile
from stackwright.packages.sdkgen._layout import PROVIDER, Layout, Module
from stackwright.packages.sdkgen._names import import_name
from stackwright.packages.sdkgen._nested_types import enums_file, inputs_file, outputs_file
from stackwright.packages.sdkgen._overlays import overlays_of
from stackwright.packages.sdkgen._package import (
    config_init,
    config_stub,
    module_init,
    module_stub,
    outputs_of_services,
    outputs_stub,
    plugin_json,
    pyproject,
    readme,
    utilities,
)
from stackwright.packages.sdkgen._resources import ResourceFile

_LISTED_IN_ROOT: Final = 1_000
"""Of a service with more nested types than these, checkers see them in the service alone, not in the root."""

_IMPORTABLE: Final = re.compile("[A-Za-z_][A-Za-z0-9_]*")
_TAKEN: Final = frozenset({"pulumi", "stackwright"})
"""The SDKs themselves, whose place no package takes."""

_IGNORED = "*.pyc\n__pycache__/\n.mypy_cache/\n/dist/\n/build/\n*.egg-info/\n"


class Generated(msgspec.Struct, frozen=True, kw_only=True):
    """What was generated."""

    module: str
    """What programs import."""
    directory: Path
    files: int
    bytes: int


def generate(
    schema: PackageSchema | bytes,
    directory: Path,
    *,
    module: str | None = None,
    has_sdk: bool = False,
    overlays: Mapping[str, bytes] = MappingProxyType({}),
) -> Generated:
    """
    Make the Python package of *schema* at *directory*, in place of what is there.

    *directory* becomes an installable project; programs import it as *module*, by default
    the name that Pulumi's own generator gives it. Where its environment *has_sdk* of ours,
    it requires none. *overlays* are files of the package that somebody wrote, by their paths
    in it; see `read_overlays`. Equal arguments give equal files. What is at *directory* is
    only replaced once everything is written.

    Raises:
        PackageSchemaError: The schema is malformed; the message has the path to where.
        UnnameableError: Something in it has no name in Python.
        OverlayError: An overlay cannot be one.
        OSError: The files cannot be written.
    """
    read = schema if isinstance(schema, PackageSchema) else read_schema(schema)
    package = module or read.python.package_name or import_name(read.name, read.document.namespace)
    if not _IMPORTABLE.fullmatch(package) or iskeyword(package) or package in _TAKEN:
        raise PackageSchemaError(
            f"`{package}` cannot be imported in Python, so no package can be called that"
        )
    directory.parent.mkdir(parents=True, exist_ok=True)
    count = size = 0
    with tempfile.TemporaryDirectory(dir=directory.parent, prefix=f".{directory.name}-") as temporary:
        made = Path(temporary) / "sdk"
        texts = _depth_told(_files(read, package, has_sdk=has_sdk, overlays=overlays))
        written = ((path, text.encode("utf-8")) for path, text in texts)
        given = ((f"{package}/{path}", data) for path, data in overlays.items())
        for path, data in itertools.chain(written, given):
            target = made / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists() and path.removeprefix(f"{package}/") not in overlays:
                raise PackageSchemaError(
                    f"Two things of the schema have the same name: both would be in {path}"
                )
            target.write_bytes(data)
            count += 1
            size += len(data)
        if directory.exists():
            directory.replace(Path(temporary) / "old")
        made.replace(directory)
    return Generated(module=package, directory=directory, files=count, bytes=size)


def _files(
    schema: PackageSchema, package: str, *, has_sdk: bool, overlays: Mapping[str, bytes]
) -> Iterator[tuple[str, str]]:
    """Every file with its text, one after the other: all of a large package is never in memory."""
    layout = Layout(schema, package)
    yield "pyproject.toml", pyproject(schema, package, has_sdk=has_sdk)
    yield "README.md", readme(schema, package)
    yield ".gitignore", _IGNORED
    yield f"{package}/py.typed", ""
    yield f"{package}/pulumi-plugin.json", plugin_json(schema)
    yield f"{package}/_utilities.py", utilities(schema)
    has_config = bool(schema.document.config.variables) and schema.python.compatibility != "kubernetes20"
    if has_config:
        yield f"{package}/config/__init__.py", config_init(layout)
        yield f"{package}/config/__init__.pyi", config_stub(layout)
    services: dict[str, list[str]] = {}
    nested: dict[str, list[str]] = {}
    outputs: dict[str, list[str]] = {}
    for path in sorted(layout.modules, reverse=True):
        module = layout.modules[path]
        folder = "/".join([package, *path.split(".")]) if path else package
        exported: dict[str, list[str]] = {}
        for file, names, text in _module_files(layout, module):
            exported[file] = names
            yield f"{folder}/{file}.py", text
        exported |= overlays_of(overlays, path.replace(".", "/"))
        # Programs say `outputs.Name`: plain names are those of resources.
        results = exported.pop(layout.outputs_file(path), [])
        if layout.by_service:
            file = f"{path}.outputs" if path else layout.outputs_file(path)
            outputs[file] = results if len(results) <= _LISTED_IN_ROOT else []
        if path and layout.by_service:
            inputs = exported.get("_inputs", [])
            nested[path] = inputs if len(inputs) <= _LISTED_IN_ROOT else []
            # Several services have an enum of the same name.
            in_root = [names for file, names in exported.items() if file not in ("_inputs", "_enums")]
            services[path] = [name for names in in_root for name in names]
        shown = exported if path else exported | services
        typed = exported if path else exported | {each: services[each] + nested[each] for each in services}
        packages = [*_children(layout, path), *(["config"] if has_config and not path else [])]
        own = {name for names in exported.values() for name in names}
        others = {name: known for name, known in layout.other_names(path).items() if name not in own}
        yield f"{folder}/__init__.py", module_init(layout, module, shown, packages, others)
        yield f"{folder}/__init__.pyi", module_stub(layout, module, typed, packages, others)
    if layout.by_service:
        yield f"{package}/outputs.py", outputs_of_services(package)
        yield f"{package}/outputs.pyi", outputs_stub(package, outputs)


def _depth_told(texts: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """*texts*, whose making may go deeper into the schema than Python does; how deep that is, varies."""
    try:
        yield from texts
    except RecursionError as error:
        raise PackageSchemaError("#: something in it is nested too deep") from error


def _children(layout: Layout, path: str) -> list[str]:
    start = f"{path}." if path else ""
    return [
        each.removeprefix(start)
        for each in layout.modules
        if each and each.startswith(start) and "." not in each.removeprefix(start)
    ]


def _module_files(layout: Layout, module: Module) -> Iterator[tuple[str, list[str], str]]:
    """File, names in it, and text."""
    schema = layout.schema
    if not module.path and not schema.document.extension_parameterization:
        provider = ResourceFile(
            layout,
            module,
            f"pulumi:providers:{schema.name}",
            schema.document.provider or ResourceSpec(),
        )
        yield PROVIDER, provider.exported, provider.text()
    for token in module.resources:
        resource = ResourceFile(layout, module, token, schema.resources[token])
        yield layout.file_of(token, function=False), resource.exported, resource.text()
    for token in module.functions:
        function = FunctionFile(layout, module, token, schema.functions[token])
        text = function.text()
        yield layout.file_of(token, function=True), function.exported, text
    for file, wanted, make in (
        ("_inputs", module.inputs, inputs_file),
        (layout.outputs_file(module.path), module.outputs, outputs_file),
        ("_enums", module.enums, enums_file),
    ):
        if wanted:
            text = make(layout, module)
            yield file, _listed(text), text


def _listed(text: str) -> list[str]:
    """The names in the `__all__` of *text*."""
    start = text.index("__all__ = [") + len("__all__ = [")
    inside = text[start : text.index("]", start)]
    return [each.strip().strip('"') for each in inside.split(",") if each.strip()]
