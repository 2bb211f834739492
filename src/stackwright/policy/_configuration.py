"""
How policies are set: by their pack, by what the pack suggests, and by the user (protocol.md §14.1).

A setting is an enforcement level, or an object with the policy's own properties and perhaps
`enforcementLevel` among them. `all` speaks for every policy of the pack.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Final

import msgspec

from stackwright.engine import EnforcementLevel
from stackwright.policy._errors import PolicyPackError

ALL: Final = "all"
"""The name that means every policy."""

_LEVEL: Final = "enforcementLevel"


class PolicyKind(Enum):
    """What a policy looks at."""

    RESOURCE = "resource"
    STACK = "stack"
    UNKNOWN = "unknown"


class PolicyInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What a pack says of one of its policies."""

    name: str
    kind: PolicyKind = PolicyKind.UNKNOWN
    description: str = ""
    level: EnforcementLevel = EnforcementLevel.ADVISORY
    properties: Mapping[str, Any] = {}
    """The JSON schema of each property that can be set."""
    required: tuple[str, ...] = ()


class PolicySetting(msgspec.Struct, frozen=True, kw_only=True):
    """How one policy is set. `level` None leaves it to whoever spoke before."""

    level: EnforcementLevel | None = None
    properties: Mapping[str, Any] = {}


def read_settings(path: Path) -> dict[str, PolicySetting]:
    """
    The settings in a JSON file.

    Raises:
        PolicyPackError: There is no such file, or something in it cannot be meant.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyPackError(f"the policy settings {path} cannot be read: {error}") from error
    try:
        content = json.loads(text)
    except ValueError as error:
        raise PolicyPackError(f"the policy settings {path} are no JSON: {error}") from error
    if not isinstance(content, dict):
        raise PolicyPackError(f"the policy settings {path} are to be an object with policies as its keys")
    return {name: parse_setting(name, value, str(path)) for name, value in content.items()}


def parse_setting(name: str, value: object, where: str) -> PolicySetting:
    """
    What *value* says for the policy *name*; *where* it stands is for errors.

    Raises:
        PolicyPackError: It is neither a level nor an object.
    """
    if isinstance(value, str):
        return PolicySetting(level=_level(name, value, where))
    if not isinstance(value, dict):
        raise PolicyPackError(
            f"{where}: `{name}` is to be an enforcement level, or an object", hint=_levels_in_words()
        )
    properties = {key: each for key, each in value.items() if key != _LEVEL}
    level = _level(name, value[_LEVEL], where) if _LEVEL in value else None
    return PolicySetting(level=level, properties=properties)


def _level(name: str, value: object, where: str) -> EnforcementLevel:
    try:
        return EnforcementLevel(value)
    except ValueError:
        raise PolicyPackError(
            f"{where}: `{value}` is no enforcement level, which `{name}` is to have", hint=_levels_in_words()
        ) from None


def _levels_in_words() -> str:
    return "The levels are: " + ", ".join(level.value for level in EnforcementLevel)


def settled(
    pack: str,
    policies: Sequence[PolicyInfo],
    suggested: Mapping[str, PolicySetting],
    given: Mapping[str, PolicySetting],
) -> dict[str, PolicySetting]:
    """
    The setting of every policy: what is *given* goes before what the pack has *suggested*.

    Raises:
        PolicyPackError: A setting is for no policy, or does not fit the policy's schema; all are told.
    """
    known = {ALL, *(policy.name for policy in policies)}
    problems = [f"there is no policy `{name}`" for name in given if name not in known]
    found: dict[str, PolicySetting] = {}
    for policy in policies:
        spoken = [
            settings[name]
            for settings in (suggested, given)
            for name in (ALL, policy.name)
            if name in settings
        ]
        level = next((each.level for each in reversed(spoken) if each.level is not None), policy.level)
        properties: dict[str, Any] = {}
        for settings in (suggested, given):
            if policy.name in settings:
                properties.update(settings[policy.name].properties)
        for name, schema in policy.properties.items():
            if name not in properties and isinstance(schema, Mapping) and "default" in schema:
                properties[name] = schema["default"]
        if level is not EnforcementLevel.DISABLED:
            problems += _misfits(policy, properties)
        found[policy.name] = PolicySetting(level=level, properties=properties)
    if problems:
        raise PolicyPackError(
            f"the policy pack `{pack}` is not set as it should be:",
            detail="\n".join(f"  {problem}" for problem in problems),
            hint=f"Its policies: {', '.join(sorted(policy.name for policy in policies))}",
        )
    return found


def _misfits(policy: PolicyInfo, properties: Mapping[str, Any]) -> list[str]:
    """Where *properties* are not what the policy's schema asks for."""
    if not policy.properties and not policy.required:
        return []
    from jsonschema import Draft7Validator, SchemaError

    schema = {"type": "object", "properties": policy.properties, "required": list(policy.required)}
    try:
        Draft7Validator.check_schema(schema)
    except SchemaError as error:
        return [f"`{policy.name}` has a schema that is none: {error.message}"]
    errors = sorted(Draft7Validator(schema).iter_errors(properties), key=lambda error: error.json_path)
    return [
        f"`{policy.name}`{''.join(f'.{part}' for part in error.absolute_path)}: {error.message}"
        for error in errors
    ]
