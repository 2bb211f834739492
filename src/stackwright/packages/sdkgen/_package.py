"""What a package has besides its modules: names for everybody, settings, metadata (packages.md §2)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from stackwright.packages._errors import PackageSchemaError
from stackwright.packages._schema import PackageSchema, Parameterization
from stackwright.packages.sdkgen._annotations import Annotator
from stackwright.packages.sdkgen._layout import Layout, Module
from stackwright.packages.sdkgen._names import class_name, distinct_names, function_name, python_version
from stackwright.packages.sdkgen._source_file import import_order
from stackwright.packages.sdkgen._text import LINE, alias, collection, docstring, literal, quoted, readable

_TEMPLATE: Final = Path(__file__).with_name("utilities.template")
_READERS: Final = {"boolean": "get_bool", "integer": "get_int", "number": "get_float"}
_REQUIRES_PYTHON: Final = ">=3.11"
_REQUIRES_PULUMI: Final = ">=3.142.0,<4.0.0"


def module_init(
    layout: Layout,
    module: Module,
    files: Mapping[str, Iterable[str]],
    packages: Iterable[str],
    others: Mapping[str, str],
) -> str:
    """The module's `__init__.py`: names and the files they are in. Nothing is imported before it is used."""
    lines = [f'"""{_about(layout, module)}"""', "", f"from {'.' * (module.depth + 1)} import _utilities", ""]
    lines += ["_FILES = {"]
    for file, exported in sorted(files.items()):
        if file == "_inputs":
            continue
        lines += collection(
            f"{quoted(file)}: ", (quoted(each) for each in sorted(exported)), "[]", "    ", ","
        )
    lines += ["}"]
    modules = sorted([*packages, *_own_modules(layout, module)])
    lines += collection("_MODULES = ", (quoted(each) for each in modules), "[]")
    tables = "_FILES, _MODULES"
    if others:
        tables += ", _OTHER_NAMES"
        known = (f"{quoted(other)}: {quoted(own)}" for other, own in sorted(others.items()))
        lines += collection("_OTHER_NAMES = ", known, "{}")
    lines += ["", f"__all__ = _utilities.exported({tables})"]
    lines += [f"__getattr__, __dir__ = _utilities.lazy_names(__name__, {tables})"]
    if not module.path:
        lines += ["", *_registration(layout)]
    return "\n".join(lines) + "\n"


def _own_modules(layout: Layout, module: Module) -> list[str]:
    found = []
    if module.inputs:
        found.append("_inputs")
    if module.outputs:
        found.append(layout.outputs_file(module.path))
    if layout.by_service and not module.path:
        found.append("outputs")
    if module.enums:
        found.append("_enums")
    return found


def _registration(layout: Layout) -> list[str]:
    lines = ["_RESOURCES = {"]
    for module in layout.modules.values():
        for token in module.resources:
            file = layout.file_of(token, function=False)
            path = f"{module.path}.{file}" if module.path else file
            lines.append(f"    {quoted(token)}: {quoted(path)},")
    return [*lines, "}", "_utilities.register(__name__, _RESOURCES)"]


def module_stub(
    layout: Layout,
    module: Module,
    files: Mapping[str, Iterable[str]],
    packages: Iterable[str],
    others: Mapping[str, str],
) -> str:
    """What checkers and editors see of `__init__.py`."""
    lines = [f'"""{_about(layout, module)}"""', ""]
    lines += [*_import("", [*packages, *_own_modules(layout, module)]), *_imports(files)]
    if others:
        lines += ["", *_other_names(module, files, others)]
    return "\n".join(lines) + "\n"


def _other_names(
    module: Module, files: Mapping[str, Iterable[str]], others: Mapping[str, str]
) -> Iterator[str]:
    """Assignments of other names: of things, and of all that is called after them."""
    owners = {class_name(token) for token in (*module.resources, *module.functions)}
    owners |= {function_name(token) for token in module.functions} | set(others.values())
    known: dict[str, list[str]] = {}
    for other, own in others.items():
        known.setdefault(own, []).append(other)
    listed = {name for names in files.values() for name in names}
    found: dict[str, str] = {}
    for name in listed:
        owner = _owner(name, owners)
        rest = name.removeprefix(owner)
        for other in known.get(owner, ()):
            if f"{owner}InitArgs" in listed and not _is_nested(other, owner, others):
                # By its other name, nothing nested has the name of the resource's arguments.
                if rest in ("Args", "ArgsDict"):
                    continue
                rest = "Args" if rest == "InitArgs" else rest
            found.setdefault(other + rest, name)
    for other in sorted(found):
        if other not in listed:
            yield from alias(other, found[other])


def _is_nested(other: str, own: str, others: Mapping[str, str]) -> bool:
    """Whether *other* names something below another thing, as *own* does."""
    return any(
        other != start and other.startswith(start) and own == owner + other[len(start) :]
        for start, owner in others.items()
    )


def _owner(name: str, owners: Container[str]) -> str:
    """The longest of *owners* that *name* begins with, by whole words; empty if there is none."""
    for length in range(len(name), 0, -1):
        rest = name[length:]
        if name[:length] in owners and not (rest[:1].islower() or rest[:1].isdigit()):
            return name[:length]
    return ""


def outputs_of_services(package: str) -> str:
    """The root's `outputs.py` where types are in services."""
    about = (
        f'"""What comes out of the resources and functions of `{package}`: the types of all its services."""'
    )
    return (
        f"{about}\n\nfrom . import _utilities\n\n__getattr__ = _utilities.outputs_of_services(__package__)\n"
    )


def outputs_stub(package: str, files: Mapping[str, Iterable[str]]) -> str:
    """What checkers and editors see of it."""
    about = (
        f'"""What comes out of the resources and functions of `{package}`: the types of all its services."""'
    )
    return "\n".join([about, "", *_imports(files)]) + "\n"


def _imports(files: Mapping[str, Iterable[str]]) -> list[str]:
    return [line for file in sorted(files) for line in _import(file, files[file])]


def _import(file: str, names: Iterable[str]) -> list[str]:
    """What makes *names* of *file* names of the module, as checkers see it."""
    listed = [f"{each} as {each}" for each in sorted(names, key=import_order)]
    if not listed:
        return []
    if len(listed) == 1 and len(f"from .{file} import {listed[0]}") <= LINE:
        return [f"from .{file} import {listed[0]}"]
    return [f"from .{file} import (", *(f"    {each}," for each in listed), ")"]


def _about(layout: Layout, module: Module) -> str:
    text = readable(layout.schema.document.description).strip().split("\n")[0]
    text = text.replace('"', "'").replace("\\", "")
    if module.path or not text:
        return (
            f"The module `{module.path}` of `{layout.package}`."
            if module.path
            else f"The package `{layout.schema.name}`."
        )
    return text if text.endswith(".") else f"{text}."


def utilities(schema: PackageSchema) -> str:
    """`_utilities.py`: what the package knows of itself, and what its classes share."""
    document = schema.document
    text = _TEMPLATE.read_text(encoding="utf-8")
    text = text.replace("$NAME", quoted(schema.name)).replace("$VERSION", quoted(schema.version or "0.0.0"))
    text = text.replace("$SERVER", literal(document.plugin_download_url or None))
    text = text.replace("$KEEPS_NUMBERS", literal(schema.python.keeps_numbers))
    parameterization = document.parameterization or document.extension_parameterization
    if parameterization is None:
        return text
    return text + "\n".join(
        [
            "",
            "",
            "async def get_package() -> str:",
            '    """What the engine calls this package, once it has been told what it is."""',
            "    return await pulumi.runtime.register_package(",
            f"        base_provider_name={quoted(parameterization.base_provider.name)},",
            f"        base_provider_version={quoted(parameterization.base_provider.version)},",
            f"        base_provider_download_url={quoted(document.plugin_download_url)},",
            f"        package_name={quoted(schema.name)},",
            "        package_version=_VERSION,",
            f"        base64_parameter={quoted(parameterization.parameter)},",
            *(["        extension=True,"] if document.extension_parameterization else []),
            "    )",
            "",
        ]
    )


def config_init(layout: Layout) -> str:
    """`config/__init__.py`: the package's settings, read when they are asked for (§3.9)."""
    lines = [
        f'"""The configuration of `{layout.schema.name}`: `config.NAME` reads the stack\'s settings."""',
        "",
    ]
    called = distinct_names(layout.schema.document.config.variables)
    lines += ["from .. import _utilities", "", "_VARIABLES = {"]
    for name, spec in sorted(layout.schema.document.config.variables.items()):
        reader = _READERS.get(spec.type if not spec.ref else "", "get")
        default = f", {literal(spec.default)}" if spec.default is not None else ""
        environment = spec.default_info.environment if spec.default_info is not None else []
        if environment:
            default = (default or ", None") + "".join(f", {quoted(each)}" for each in environment)
        lines.append(f"    {quoted(called[name])}: ({quoted(name)}, {quoted(reader)}{default}),")
    lines += ["}", "", "__getattr__, __dir__ = _utilities.settings(_VARIABLES)"]
    return "\n".join(lines) + "\n"


def config_stub(layout: Layout) -> str:
    """What checkers and editors see of `config`."""
    annotator = Annotator(layout, Module("config"))
    called = distinct_names(layout.schema.document.config.variables)
    lines: list[str] = []
    for name, spec in sorted(layout.schema.document.config.variables.items()):
        simple = spec.type in ("boolean", "integer", "number") and not spec.ref
        annotation = annotator.output(spec) if simple else "str"
        optional = "" if spec.default is not None else " | None"
        lines.append(f"{called[name]}: {annotation}{optional}")
        lines += docstring(spec.description, "")
    return "\n".join(lines) + "\n"


def plugin_json(schema: PackageSchema) -> str:
    """`pulumi-plugin.json`: the plugin that the engine needs for this package (§2.4)."""
    document = schema.document
    parameterization = document.parameterization or document.extension_parameterization
    found: dict[str, object] = {"resource": True, "name": schema.name}
    if schema.version:
        found["version"] = schema.version
    if parameterization is not None:
        _check_parameter(parameterization)
        found["name"] = parameterization.base_provider.name
        found["version"] = parameterization.base_provider.version
    if document.plugin_download_url:
        found["server"] = document.plugin_download_url
    if parameterization is not None:
        key = "parameterization" if document.parameterization else "extensionParameterization"
        found[key] = {"name": schema.name, "version": schema.version, "value": parameterization.parameter}
    return json.dumps(found, indent=2) + "\n"


def _check_parameter(parameterization: Parameterization) -> None:
    try:
        base64.b64decode(parameterization.parameter, validate=True)
    except (binascii.Error, ValueError) as error:
        raise PackageSchemaError(f"#/parameterization/parameter: no base 64: {error}") from error


def pyproject(schema: PackageSchema, package: str, *, has_sdk: bool) -> str:
    """`pyproject.toml` (§2.5); it asks for Pulumi's SDK only where there is no other one."""
    document = schema.document
    about = document.description.strip().split("\n")[0]
    requires = {} if has_sdk else {"pulumi": _REQUIRES_PULUMI}
    for each in document.dependencies:
        version = f">={python_version(each.version)}" if each.version else ""
        requires[f"pulumi-{each.name}"] = version
    asked = dict(schema.python.requires)
    pulumi = "pulumi" + asked.pop("pulumi", _REQUIRES_PULUMI) if has_sdk else ""
    requires |= asked
    lines = [
        "[build-system]",
        'requires = ["setuptools>=61.0"]',
        'build-backend = "setuptools.build_meta"',
        "",
        "[project]",
        f"name = {_toml(package)}",
        f"version = {_toml(python_version(schema.version) if schema.version else '0.0.0')}",
    ]
    if about:
        lines.append(f"description = {_toml(about)}")
    lines += ['readme = "README.md"', f"requires-python = {_toml(_python_range(schema))}"]
    if document.keywords:
        lines += collection("keywords = ", (_toml(each) for each in document.keywords), "[]")
    if document.license:
        lines.append(f"license = {{ text = {_toml(document.license)} }}")
    if requires:
        lines += [
            "dependencies = [",
            *(f"    {_toml(name + requires[name])}," for name in sorted(requires)),
            "]",
        ]
    if pulumi:
        about_extra = "# The environment has Stackwright's SDK; others need Pulumi's."
        lines += ["", "[project.optional-dependencies]", about_extra, f"pulumi = [{_toml(pulumi)}]"]
    urls = {"Homepage": document.homepage, "Repository": document.repository}
    if any(urls.values()):
        lines += ["", "[project.urls]", *(f"{name} = {_toml(url)}" for name, url in urls.items() if url)]
    lines += [
        "",
        "[tool.setuptools.packages.find]",
        f"include = [{_toml(package)}, {_toml(package + '.*')}]",
        "",
        "[tool.setuptools.package-data]",
        f'{package} = ["py.typed", "pulumi-plugin.json", "*.pyi", "**/*.pyi"]',
        "",
        "[tool.ruff]",
        "line-length = 110",
        "",
        "[tool.ruff.lint]",
        'select = ["B", "C4", "E", "F", "I", "N", "PIE", "RUF", "SIM", "UP", "W"]',
        "ignore = [",
        '    "E501",   # descriptions have links',
        '    "N805",   # something may be called `self`',
        '    "RUF001", # descriptions are as their authors wrote them',
        '    "RUF002",',
        '    "RUF003",',
        '    "UP042",  # enums print as programs expect it',
        "]",
        "isort.combine-as-imports = true",
    ]
    return "\n".join(lines) + "\n"


def _python_range(schema: PackageSchema) -> str:
    """What the schema asks for, if that is newer than what the generated code needs."""
    asked = schema.python.python_requires
    return asked if asked.startswith((">=3.12", ">=3.13", ">=3.14")) else _REQUIRES_PYTHON


def readme(schema: PackageSchema, package: str) -> str:
    """`README.md`."""
    document = schema.document
    if schema.python.readme:
        return schema.python.readme.rstrip() + "\n"
    version = f" {schema.version}" if schema.version else ""
    about = document.description.strip() or f"What the provider `{schema.name}`{version} offers to programs."
    made = "Made from the provider's schema: changes are lost when that is done again."
    parts = [f"# {package}", about, document.attribution.strip(), made]
    return "\n\n".join(part for part in parts if part) + "\n"


def _toml(text: str) -> str:
    """*text* as TOML has it, which knows no halves of characters as JSON does."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
