"""
Schemas as documents: read from a file, looked at from the outside and
made to fit how their package was asked for.

What a schema says in full is for `_schema`; here it stays the text that a provider or a file gave.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

import msgspec

from stackwright.packages._errors import PackageError

_MAX_SCHEMA: Final = 512 * 1024**2


class About(msgspec.Struct, frozen=True):
    """What a schema says of its package."""

    name: str = ""
    version: str = ""


def read_schema_file(path: Path) -> bytes:
    """
    The JSON of a schema that somebody wrote, whose size and depth are bounded.

    Raises:
        PackageError: It cannot be read.
        FileProblemsError: It is no YAML.
    """
    try:
        if path.suffix != ".json":
            from stackwright.project._document import read_document

            return msgspec.json.encode(read_document(path).value)
        if path.stat().st_size > _MAX_SCHEMA:
            raise PackageError(f"{path} is too long to be a schema")
        return path.read_bytes()
    except OSError as error:
        raise PackageError(f"{path} cannot be read", detail=error.strerror) from None
    except (UnicodeEncodeError, TypeError) as error:
        raise PackageError(f"{path} holds what no JSON says", detail=str(error)) from None


def as_extension(schema: bytes, plugin: str) -> bytes:
    """
    *schema* as that of an extension.

    Plugins need not know for which of the two they are asked for a parameter's schema: one that
    says what replaces the plugin's own package means what extends it here.

    Raises:
        PackageError: It is of no package that a parameter makes.
    """
    said = _object(schema)
    if "extensionParameterization" in said:
        return schema
    if "parameterization" not in said:
        raise PackageError(
            f"The provider {plugin} did not answer with the schema of an extension",
            hint="It may not be one that can be extended",
        )
    said["extensionParameterization"] = said.pop("parameterization")
    said.pop("provider", None)  # it is the plugin's own
    return msgspec.json.encode(said)


def leading_to(schema: bytes, *, name: str, version: str, server: str) -> bytes:
    """*schema* so that what is registered with its SDK leads to this very plugin again."""
    said = _object(schema)
    made = said.get("extensionParameterization") or said.get("parameterization")
    if isinstance(made, dict):
        made["baseProvider"] = {"name": name, "version": version}
    else:
        said["version"] = version
    return msgspec.json.encode({**said, "pluginDownloadURL": server})


def _object(schema: bytes) -> dict[str, Any]:
    about_schema(schema)
    found: dict[str, Any] = msgspec.json.decode(schema)
    return found


def about_schema(schema: bytes) -> About:
    """
    What *schema* says of its package.

    Raises:
        PackageError: It is too long, or no JSON object.
    """
    if len(schema) > _MAX_SCHEMA:
        raise PackageError("The schema is too long to be one")
    try:
        return msgspec.json.decode(schema, type=About)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PackageError("The schema cannot be read", detail=str(error)) from None


def sum_of(data: bytes) -> str:
    """The hash by which lock files pin a schema."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
