"""
What is wrong with an answer of a provider, and where.

Terraform tells the same in its own words; ours name the place the way people write it.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from stackwright.providers.terraform._client import AttributeName, AttributePath, ElementKey
from stackwright.providers.terraform._values import TfValue, UnknownValue


class Problem(msgspec.Struct, frozen=True):
    """One promise that an answer breaks. `text` may hold a value that is not known to be secret."""

    path: AttributePath
    text: str

    def __str__(self) -> str:
        where = describe_path(self.path)
        return f"{where}: {self.text}" if where else self.text


def describe_path(path: AttributePath) -> str:
    """*path* as people write it: `.rule[0].port`."""
    parts = []
    for step in path:
        if isinstance(step, AttributeName):
            parts.append(f".{step.name}")
        elif isinstance(step.key, int):
            parts.append(f"[{step.key}]")
        else:
            parts.append("[" + msgspec.json.encode(step.key).decode() + "]")
    return "".join(parts)


def attribute(path: AttributePath, name: str) -> AttributePath:
    """The path of an attribute or block below *path*."""
    return (*path, AttributeName(name))


def element(path: AttributePath, key: str | int) -> AttributePath:
    """The path of an element below *path*."""
    return (*path, ElementKey(key))


def shown(value: TfValue) -> str:
    """*value* in a word or two."""
    if value is None:
        return "null"
    if isinstance(value, UnknownValue):
        return "(not known yet)"
    if isinstance(value, str):
        text = msgspec.json.encode(value).decode()
        return text if len(text) <= 80 else f"{text[:77]}..."
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return str(value)
    return f"a value of {len(value)} elements" if isinstance(value, list | dict) else "a value"
