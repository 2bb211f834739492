"""
The configuration of one stack: an immutable map of keys to values.

Iteration is in the order of the stack file; `ordered` is the order in which people see
keys. What a program receives is made here, too (spec: state.md §3.5).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from stackwright.errors import StackwrightError
from stackwright.project._config_key import ConfigKey, ConfigPath
from stackwright.project._config_value import ConfigValue, Crypter, SecretTree
from stackwright.project._problems import ConfigError

T = TypeVar("T")


class ProgramConfig(msgspec.Struct, frozen=True):
    """
    What a program receives.

    Attributes:
        values: Full keys to texts, secrets decrypted.
        secret_keys: The full keys whose value holds a secret, sorted.
    """

    values: dict[str, str]
    secret_keys: tuple[str, ...]

    def variables(self) -> dict[str, str]:
        """The environment variables that hand this to a program in a process of its own."""
        return {
            "PULUMI_CONFIG": json.dumps(self.values, ensure_ascii=False, separators=(",", ":")),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(
                self.secret_keys, ensure_ascii=False, separators=(",", ":")
            ),
        }


class Config(Mapping[ConfigKey, ConfigValue]):
    """The values of one stack. Changing one makes another `Config`."""

    __slots__ = ("_values",)

    def __init__(
        self, values: Mapping[ConfigKey, ConfigValue] | Iterable[tuple[ConfigKey, ConfigValue]] = ()
    ) -> None:
        self._values: dict[ConfigKey, ConfigValue] = dict(values)

    def __getitem__(self, key: ConfigKey) -> ConfigValue:
        return self._values[key]

    def __iter__(self) -> Iterator[ConfigKey]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Config({', '.join(str(key) for key in self._values)})"

    @property
    def has_secrets(self) -> bool:
        """Whether any value holds a secret, so that reading all needs the secrets provider."""
        return any(value.is_secret for value in self._values.values())

    def ordered(self) -> list[tuple[ConfigKey, ConfigValue]]:
        """All entries, sorted by key."""
        return sorted(self._values.items())

    def find(self, key: ConfigKey, path: ConfigPath = ()) -> ConfigValue | None:
        """The value of *key*, or the one at *path* inside of it; None where there is none."""
        value = self._values.get(key)
        return value.at(path) if value is not None else None

    def with_value(self, key: ConfigKey, leaf: SecretTree, path: ConfigPath = ()) -> Config:
        """
        The configuration with *leaf* as the value of *key*, or at *path* inside of it.

        *leaf* is a tree of plain values and `Encrypted` leaves.

        Raises:
            ConfigError: The path does not fit the value (spec: state.md §3.2).
        """
        old = self._values.get(key, ConfigValue(None))
        return Config({**self._values, key: old.with_leaf(path, leaf)})

    def without(self, key: ConfigKey, path: ConfigPath = ()) -> Config:
        """The configuration without *key*, or without what is at *path* inside of its value."""
        if key not in self._values:
            return self
        if path:
            return Config({**self._values, key: self._values[key].without(path)})
        return Config({other: value for other, value in self._values.items() if other != key})

    def merged(self, values: Mapping[ConfigKey, ConfigValue]) -> Config:
        """The configuration with *values* added; they win over what is there."""
        return Config({**self._values, **values})

    def recrypted(self, old: Crypter, new: Crypter) -> Config:
        """The same values with every secret encrypted by another crypter."""
        return Config({key: named(key, value.recrypted, old, new) for key, value in self._values.items()})

    def for_program(self, crypter: Crypter | None) -> ProgramConfig:
        """
        What a program receives (spec: state.md §3.5).

        Raises:
            ConfigError: A secret cannot be decrypted; the message names its key.
        """
        values: dict[str, str] = {}
        secret: list[str] = []
        for key, value in self.ordered():
            if value.is_secret:
                secret.append(str(key))
                if crypter is None:
                    raise ConfigError(
                        f"The value of `{key}` is secret and there is no secrets provider to read it"
                    )
            values[str(key)] = named(key, value.text, crypter)
        return ProgramConfig(values, tuple(secret))

    def json_form(self, crypter: Crypter | None = None) -> dict[str, dict[str, Any]]:
        """Full keys to `{value, objectValue, secret}`, sorted (spec: state.md §3.6)."""
        return {str(key): named(key, value.json_form, crypter) for key, value in self.ordered()}

    def stored(self) -> dict[str, Any]:
        """Full keys to what goes into the stack file."""
        return {str(key): value.stored() for key, value in self._values.items()}


def named(key: ConfigKey, read: Callable[..., T], *arguments: Any) -> T:
    """Call *read*; a failure to decrypt tells which value it was."""
    try:
        return read(*arguments)
    except ConfigError:
        raise
    except StackwrightError as problem:
        raise ConfigError(
            f"The secret value of `{key}` cannot be decrypted",
            detail=str(problem.message),
            hint=problem.hint
            or f"If the value is lost, set it again: `stackwright config set --secret {key}`",
        ) from problem
