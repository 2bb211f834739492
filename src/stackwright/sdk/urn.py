"""URNs taken apart, as provider packages and hosts read them."""

from __future__ import annotations

from typing import NamedTuple

from stackwright.urn import split_urn


class _UrnParts(NamedTuple):
    urn_name: str
    typ: str
    pkg_name: str
    mod_name: str
    typ_name: str


def _parse_urn(urn: str) -> _UrnParts:
    """A URN's name and type, and the parts of the type token (missing ones are empty)."""
    parts = split_urn(urn)
    token = parts.type.split(":")
    package = token[0] if token else ""
    module = token[1] if len(token) > 1 else ""
    name = token[2] if len(token) > 2 else ""
    return _UrnParts(parts.name, parts.type, package, module, name)
