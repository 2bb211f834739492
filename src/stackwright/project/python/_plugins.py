"""
Which plugins the installed provider SDKs need (spec: cli.md §10.6, protocol.md §13.5).

A provider SDK says so in a `pulumi-plugin.json` of its package; one that has
none but is called `pulumi-…` is taken at its name and version. Only directory
listings and these small files are read.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from stackwright.project.python._distributions import Distribution, distributions, normalized

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DESCRIPTIONS: Final = ("pulumi-plugin.json", "khulnasoft-plugin.json", "codeinfra-plugin.json")
_PREFIX: Final = "pulumi-"
_NO_PROVIDERS: Final = frozenset({"pulumi-policy", "pulumi-esc-sdk"})
_PEP_440: Final = re.compile(
    r"v?(?:(?P<epoch>[0-9]+)!)?(?P<release>[0-9]+(?:\.[0-9]+)*)"
    r"(?:[-_.]?(?P<kind>a|alpha|b|beta|c|rc|pre|preview)[-_.]?(?P<number>[0-9]*))?"
    r"(?:(?:[-_.]?(?:post|rev|r)[-_.]?|-)(?P<post>[0-9]+))?"
    r"(?:[-_.]?dev[-_.]?(?P<dev>[0-9]*))?"
    r"(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?\Z",
    re.IGNORECASE,
)
_STAGES: Final = {"a": "alpha", "alpha": "alpha", "b": "beta", "beta": "beta"}


class Parameterization(msgspec.Struct, frozen=True):
    """What turns a general plugin into a package: name and version of the package, and a value in base64."""

    name: str
    version: str
    value: str


class RequiredPlugin(msgspec.Struct, frozen=True, kw_only=True):
    """
    A resource plugin that an installed package needs.

    Attributes:
        version: A semantic version without `v`, or None when any will do.
        server: Where to download it from, or None for the usual place.
        distribution: The Python distribution that asks for it.
    """

    name: str
    version: str | None
    server: str | None = None
    parameterization: Parameterization | None = None
    extension: Parameterization | None = None
    distribution: str


def required_plugins(search_path: Iterable[Path]) -> tuple[RequiredPlugin, ...]:
    """
    What the packages in *search_path* need, sorted by name.

    Descriptions that cannot be read count as absent: a damaged package must not stop
    a program that does not use it.
    """
    found: dict[tuple[str, str | None, Parameterization | None], RequiredPlugin] = {}
    search_path = tuple(search_path)
    installed = {distribution.name: distribution for distribution in distributions(search_path)}
    described: set[str] = set()
    for package, description in _descriptions(search_path, installed.values()):
        distribution = installed.get(normalized(package))
        name = distribution.name if distribution else normalized(package)
        described.add(name)
        if name in _NO_PROVIDERS or description.get("resource") is False:
            continue
        plugin = _described(name, distribution, description)
        if plugin is not None:
            found[plugin.name, plugin.version, plugin.parameterization or plugin.extension] = plugin
    for name, distribution in installed.items():
        if name.startswith(_PREFIX) and name not in described and name not in _NO_PROVIDERS:
            version = plugin_version(distribution.version)
            if version is not None:
                plugin = RequiredPlugin(name=name.removeprefix(_PREFIX), version=version, distribution=name)
                found[plugin.name, version, None] = plugin
    return tuple(sorted(found.values(), key=lambda plugin: (plugin.name, plugin.version or "")))


def plugin_version(version: str) -> str | None:
    """
    The semantic version of a plugin whose Python package has *version*; None when there is none.

    `1.2.3a4` becomes `1.2.3-alpha.4`, `.post` and `.dev` become build metadata.
    """
    match = _PEP_440.match(version.strip())
    if match is None or match["epoch"]:
        return None
    numbers = [str(int(part)) for part in match["release"].split(".")]
    text = ".".join(numbers + ["0"] * (3 - len(numbers)))
    if match["kind"]:
        text += f"-{_STAGES.get(match['kind'].lower(), 'rc')}.{int(match['number'] or 0)}"
    build = [f"post{match['post']}"] if match["post"] else []
    if match["dev"] is not None:
        build.append(f"dev{match['dev']}")
    if match["local"]:
        build.append(match["local"].replace("_", "-"))
    return f"{text}+{'.'.join(build)}" if build else text


def _described(
    name: str, distribution: Distribution | None, description: dict[str, Any]
) -> RequiredPlugin | None:
    version = description.get("version")
    if not isinstance(version, str) or not version:
        version = plugin_version(distribution.version) if distribution is not None else None
        if version is None and distribution is not None:
            return None
    plugin = description.get("name")
    server = description.get("server")
    return RequiredPlugin(
        name=plugin if isinstance(plugin, str) and plugin else name.removeprefix(_PREFIX),
        version=version.removeprefix("v") if version else None,
        server=server if isinstance(server, str) and server else None,
        parameterization=_parameterization(description.get("parameterization")),
        extension=_parameterization(description.get("extensionParameterization")),
        distribution=name,
    )


def _parameterization(value: Any) -> Parameterization | None:
    if not isinstance(value, dict) or not value.get("name"):
        return None
    return Parameterization(str(value["name"]), str(value.get("version", "")), str(value.get("value", "")))


def _descriptions(
    search_path: tuple[Path, ...], installed: Iterable[Distribution]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each package directory with a description, and what it says."""
    seen: set[str] = set()
    for directory in (*search_path, *_editable_roots(installed)):
        try:
            entries = [entry.name for entry in os.scandir(directory) if entry.is_dir()]
        except OSError:
            continue
        for package in sorted(entries):
            if package in seen or package.endswith((".dist-info", ".egg-info")):
                continue
            description = _read_description(Path(directory) / package)
            if description is not None:
                seen.add(package)
                yield package, description


def _read_description(package: Path) -> dict[str, Any] | None:
    for name in _DESCRIPTIONS:
        try:
            data = (package / name).read_bytes()
        except OSError:
            continue
        try:
            value = json.loads(data)
        except ValueError:
            continue
        if isinstance(value, dict):
            return value
    return None


def _editable_roots(installed: Iterable[Distribution]) -> Iterator[Path]:
    for distribution in installed:
        source = distribution.editable_source()
        if source is not None:
            yield source
            yield source / "src"
