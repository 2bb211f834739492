"""
Inputs that no record may hold: values that providers only ever take, and never give back.

A provider names them when it checks inputs (`CheckResult.write_only`). They are there as
long as a step is carried out, and gone from whatever is recorded of it. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stackwright.state import ResourceState
from stackwright.values import PropertyPath, Secret, Value


def without_unstored(state: ResourceState, paths: Sequence[PropertyPath]) -> ResourceState:
    """*state* as it may be recorded: the very object where nothing has to go."""
    inputs = state.inputs
    for path in paths:
        inputs = _without(inputs, path)
    return state if inputs is state.inputs else msgspec.structs.replace(state, inputs=inputs)


def _without(value: Value, path: PropertyPath) -> Value:
    if isinstance(value, Secret):
        inner = _without(value.value, path)
        return value if inner is value.value else Secret(inner)
    key, rest = path[0], path[1:]
    if isinstance(value, dict) and key in value:
        if not rest:
            return {name: each for name, each in value.items() if name != key}
        inner = _without(value[key], rest)
        return value if inner is value[key] else {**value, str(key): inner}
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        inner = _without(value[key], rest) if rest else None
        return value if inner is value[key] else [*value[:key], inner, *value[key + 1 :]]
    return value
