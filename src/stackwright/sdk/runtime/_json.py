"""JSON of inputs, for properties that are JSON texts (sdk.md §16)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stackwright.sdk._types import input_type_to_dict, is_input_type


def to_json(obj: Any) -> str:
    """JSON of plain data and arguments objects, these by wire names."""
    import json  # only some programs need it

    return json.dumps(_plain(obj))


def _plain(obj: Any) -> Any:
    if is_input_type(type(obj)):
        return {name: _plain(value) for name, value in input_type_to_dict(obj).items()}
    if isinstance(obj, dict):
        return {name: _plain(value) for name, value in dict.items(obj)}
    if isinstance(obj, Mapping):
        return {name: _plain(value) for name, value in obj.items()}
    if isinstance(obj, Sequence) and not isinstance(obj, (str, bytes, tuple)):
        return [_plain(value) for value in obj]
    return obj
