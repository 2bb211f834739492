"""
What a project says about its configuration: types, defaults and values.

`ConfigType` decides whether a value is of a type. `complete` fills in what a
stack does not set, `check` compares a stack with the declarations (spec: state.md
§4). Reading the declarations from the project file, and complaining about them,
is `_project_file`'s work.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from stackwright.project._config import Config, named
from stackwright.project._config_key import ConfigKey
from stackwright.project._config_value import ConfigValue, Crypter
from stackwright.project._problems import ConfigValidationError
from stackwright.project._suggestions import listed

if TYPE_CHECKING:
    from collections.abc import Mapping

TypeName = Literal["string", "integer", "boolean", "array", "object"]
TYPE_NAMES: Final[tuple[TypeName, ...]] = ("string", "integer", "boolean", "array", "object")

_WHOLE_NUMBER: Final = re.compile(r"[-+]?[0-9]+\Z")


class ConfigType(msgspec.Struct, frozen=True):
    """A type that a project gives to one of its values; `items` belongs to arrays."""

    name: TypeName
    items: ConfigType | None = None

    def __str__(self) -> str:
        return f"{self.name}<{self.items}>" if self.items is not None else self.name

    def accepts(self, value: Any) -> bool:
        """Whether *value*, a tree of plain values, is of this type (spec: state.md §1.5)."""
        match self.name:
            case "string":
                return isinstance(value, str)
            case "integer":
                if isinstance(value, str):
                    return _WHOLE_NUMBER.match(value) is not None
                if isinstance(value, float):
                    return value.is_integer()
                return isinstance(value, int) and not isinstance(value, bool)
            case "boolean":
                return isinstance(value, bool) or value in ("true", "false")
            case "object":
                return isinstance(value, dict)
            case "array":
                items = self.items
                return isinstance(value, list) and (
                    items is None or all(items.accepts(entry) for entry in value)
                )


class ConfigDeclaration(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the project file says about one key.

    Attributes:
        key: The full key.
        type: The declared type, or None when the declaration gives none.
        fallback: What a stack gets that does not set the key, or None.
        is_required: Whether a stack must set the key itself.
        secret: Whether the stack's value must be stored encrypted.
    """

    key: ConfigKey
    type: ConfigType | None = None
    description: str | None = None
    secret: bool = False
    fallback: ConfigValue | None = None
    is_required: bool = False


def project_value(tree: Any) -> ConfigValue:
    """A value of the project file as a stack would hold it: scalars become texts (spec: state.md §4)."""
    if isinstance(tree, bool):
        return ConfigValue("true" if tree else "false")
    if isinstance(tree, int):
        return ConfigValue(str(tree))
    return ConfigValue(tree)


def complete(config: Config, declarations: Mapping[ConfigKey, ConfigDeclaration]) -> Config:
    """*config* with the project's values for keys that the stack does not set; never to be saved."""
    missing = {
        key: declaration.fallback
        for key, declaration in declarations.items()
        if declaration.fallback is not None and key not in config
    }
    return config.merged(missing) if missing else config


def check(
    config: Config,
    declarations: Mapping[ConfigKey, ConfigDeclaration],
    *,
    stack: str,
    project: str,
    crypter: Crypter | None = None,
) -> None:
    """
    Make sure that what a stack sets itself is what its project declares.

    *config* is the stack's own, before `complete`: the project's defaults are checked
    where the project file is read, and need not be encrypted.
    *crypter* reads secret values to check their type; without it their type is
    taken on trust.

    Raises:
        ConfigValidationError: Names every key that is missing, of the wrong type,
            or stored in plain text although it is secret.
        ConfigError: A secret value cannot be decrypted.
    """
    missing = sorted(
        key for key, declaration in declarations.items() if declaration.is_required and key not in config
    )
    faults: list[str] = []
    hints: list[str] = []
    if missing:
        names = [key.shown(project) for key in missing]
        faults.append(f"it has no value for {listed(names)}")
        hints.append("\n".join(f"stackwright config set {name} VALUE --stack {stack}" for name in names))
    for key, declaration in sorted(declarations.items()):
        value = config.find(key)
        if value is None or declaration.type is None:
            continue
        name = key.shown(project)
        if declaration.secret and not value.is_secret:
            faults.append(f"`{name}` is stored in plain text, but the project says that it is secret")
            hints.append(f"stackwright config set --secret {name} VALUE --stack {stack}")
        elif not named(key, _is_of, declaration.type, value, crypter):
            faults.append(f"`{name}` is not of the type {declaration.type} that the project declares")
    if faults:
        opening = f"The configuration of stack `{stack}` does not fit the project: "
        raise ConfigValidationError(
            opening + (faults[0] if len(faults) == 1 else f"{len(faults)} problems"),
            detail=None if len(faults) == 1 else "\n".join(f"- {fault}" for fault in faults),
            hint="\n".join(["Set what is wrong or missing:", *(f"  {hint}" for hint in hints)])
            if hints
            else None,
        )


def _is_of(type_: ConfigType, value: ConfigValue, crypter: Crypter | None) -> bool:
    if not value.is_secret:
        return type_.accepts(value.tree)
    return crypter is None or type_.accepts(value.plain(crypter))
