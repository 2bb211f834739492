"""
How the providers of what was moved are had and configured.

A state does not hold the configuration of providers. That of the usual one is the stack's
own, `aws:region`; that of another is one object of the project's configuration, which the
program hands on. Pure.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Mapping

from stackwright.errors import UserError
from stackwright.goals import PackageRequest, Parameterization
from stackwright.moving._adoption import ProviderUse
from stackwright.moving._declarations import UsedPackage
from stackwright.moving._program import provider_key
from stackwright.packages._schema import PackageSchema, PropertySpec
from stackwright.packages._schema import Parameterization as SchemaParameterization
from stackwright.packages.sdkgen._names import py_name
from stackwright.values import PropertyMap, Secret, Value


def package_request(schema: PackageSchema) -> PackageRequest:
    """What the SDK of a package asks the engine for; of an extension, what it extends."""
    document = schema.document
    said = document.parameterization or document.extension_parameterization
    if said is None:
        return PackageRequest(name=document.name, version=schema.version)
    return PackageRequest(
        name=said.base_provider.name,
        version=said.base_provider.version,
        download_url=document.plugin_download_url if document.extension_parameterization else "",
        parameterization=_parameter(schema, document.parameterization),
    )


def package_extension(schema: PackageSchema) -> Parameterization | None:
    """What the SDK of a package has the provider learn; None for one with a provider of its own."""
    return _parameter(schema, schema.document.extension_parameterization)


def _parameter(schema: PackageSchema, said: SchemaParameterization | None) -> Parameterization | None:
    if said is None:
        return None
    value = base64.b64decode(said.parameter)
    return Parameterization(name=schema.name, version=schema.version, value=value)


def default_settings(package: str, config: Mapping[str, str], secret: Collection[str]) -> PropertyMap:
    """The inputs of a default provider, from the stack's configuration."""
    prefix = f"{package}:"
    return {
        key.removeprefix(prefix): Secret(value) if key in secret else value
        for key, value in config.items()
        if key.startswith(prefix)
    }


def explicit_settings(
    use: ProviderUse, package: UsedPackage, project: str, config: Mapping[str, str]
) -> PropertyMap:
    """
    The inputs of another provider, as the program makes them of the object in the configuration.

    Raises:
        UserError: That is no object, or has what the provider does not know.
    """
    key = f"{project}:{provider_key(use)}"
    text = config.get(key)
    if text is None:
        return {}
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise UserError(f"the configuration value {key} is to be an object of the provider's arguments")
    provider = package.schema.document.provider
    known = (
        {py_name(name): (name, spec) for name, spec in provider.input_properties.items()} if provider else {}
    )
    unknown = [name for name in said if name not in known]
    if unknown:
        raise UserError(
            f"the configuration value {key}: the provider has no argument `{unknown[0]}`",
            hint=f"In programs it is `{meant}`" if (meant := py_name(unknown[0])) in known else None,
        )
    return {known[name][0]: _input(value, known[name][1]) for name, value in said.items()}


def _input(value: Value, spec: PropertySpec) -> Value:
    """As SDKs send it: as it is where a text is expected, all else as JSON."""
    sent = value if spec.type == "string" else json.dumps(value)
    return Secret(sent) if spec.secret else sent
