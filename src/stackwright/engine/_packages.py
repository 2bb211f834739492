"""
Which plugin a provider resource stands for, and how that is written into its inputs.

Pure. Facts: engine.md E27-E37, E43; protocol.md §9.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from stackwright.errors import UserError
from stackwright.goals import PackageRequest, Parameterization
from stackwright.urn import provider_package
from stackwright.values import PropertyMap, reveal

INTERNAL = "__internal"
"""The input that holds what only the engine reads; it is never sent to a plugin (protocol.md §9.2)."""

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_.-]")


class MalformedPackageError(UserError):
    """An engine-owned input of a provider cannot be read; `property` names it (E43)."""

    code = "malformed-package"

    def __init__(self, property: str, message: str) -> None:  # noqa: A002 - the protocol's word
        super().__init__(message)
        self.property = property


def default_provider_name(request: PackageRequest) -> str:
    """`default`, with the version and the download URL that were asked for (E30)."""
    name = "default"
    version = request.parameterization.version if request.parameterization else request.version
    if version:
        core, _, build = version.removeprefix("v").partition("+")
        numbers, _, prerelease = core.partition("-")
        parts = [*numbers.split("."), *(prerelease.split(".") if prerelease else ())]
        parts += build.split(".") if build else []
        name += "_" + "_".join(parts)
    if request.download_url:
        name += "_" + _qualified(request.download_url)
    return name


def _qualified(text: str) -> str:
    pieces = [_NOT_IN_NAMES.sub("_", piece) for piece in text.split("/") if piece]
    return "/".join(pieces) or "_"


def default_provider_key(request: PackageRequest) -> tuple[str, str, str]:
    """What makes two requests want the same default provider (E31)."""
    version = request.parameterization.version if request.parameterization else request.version
    return request.package, version, request.download_url


def engine_inputs(request: PackageRequest, environment: Mapping[str, str]) -> PropertyMap:
    """The engine-owned inputs of a provider resource for *request* (E33-E37)."""
    inputs: PropertyMap = {}
    internal: dict[str, Any] = {}
    if request.parameterization is not None:
        inputs["version"] = request.parameterization.version
        internal["name"] = request.name
        internal["version"] = request.version
        internal["parameterization"] = base64.b64encode(request.parameterization.value).decode()
    elif request.version:
        inputs["version"] = request.version
    if request.download_url:
        internal["pluginDownloadURL"] = request.download_url
    if request.checksums:
        internal["pluginChecksums"] = {name: digest.hex() for name, digest in request.checksums}
    if environment:
        internal["envVarMappings"] = dict(environment)
    # Setting a version always makes the object, so that readers know not to look at the top level (E33).
    if internal or "version" in inputs:
        inputs[INTERNAL] = internal
    return inputs


def strip_internal(inputs: PropertyMap) -> PropertyMap:
    """The inputs that the plugin may see."""
    if INTERNAL not in inputs:
        return inputs
    return {key: value for key, value in inputs.items() if key != INTERNAL}


def package_of_inputs(type_: str, inputs: PropertyMap) -> tuple[PackageRequest, Mapping[str, str]]:
    """
    The plugin that a provider resource stands for, and its environment mappings (E43).

    State of older engines has the keys at the top level: they are looked for there where
    `__internal` is missing (protocol.md §9.2).

    Raises:
        MalformedPackageError: One of the engine-owned inputs is of the wrong kind.
    """
    package = provider_package(type_) or ""
    bag = reveal(inputs.get(INTERNAL, inputs))
    if not isinstance(bag, Mapping):
        raise MalformedPackageError(INTERNAL, f"`{INTERNAL}` is to be an object")
    version = _text(reveal(inputs), "version")
    url = _text(bag, "pluginDownloadURL")
    checksums = _checksums(bag)
    environment = _mappings(bag)
    encoded = _text(bag, "parameterization")
    if not encoded:
        request = PackageRequest(name=package, version=version, download_url=url, checksums=checksums)
        return request, environment
    try:
        value = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedPackageError("parameterization", "`parameterization` is not base64") from error
    request = PackageRequest(
        name=_text(bag, "name") or package,
        version=_text(bag, "version"),
        download_url=url,
        checksums=checksums,
        parameterization=Parameterization(name=package, version=version, value=value),
    )
    return request, environment


def _text(bag: Mapping[str, Any], key: str) -> str:
    value = bag.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise MalformedPackageError(key, f"`{key}` is to be a string")
    return value


def _checksums(bag: Mapping[str, Any]) -> tuple[tuple[str, bytes], ...]:
    value = bag.get("pluginChecksums") or {}
    try:
        return tuple((name, bytes.fromhex(digest)) for name, digest in dict(value).items())
    except (TypeError, ValueError) as error:
        message = "`pluginChecksums` is to hold hexadecimal strings by platform"
        raise MalformedPackageError("pluginChecksums", message) from error


def _mappings(bag: Mapping[str, Any]) -> Mapping[str, str]:
    value = bag.get("envVarMappings") or {}
    if not isinstance(value, Mapping) or not all(isinstance(text, str) for text in value.values()):
        raise MalformedPackageError("envVarMappings", "`envVarMappings` is to hold strings by name")
    return dict(value)
