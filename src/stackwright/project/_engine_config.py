"""Settings for the engine among a stack's configuration: the namespace `pulumi` (spec: state.md §3.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stackwright.project._config_key import ENGINE_NAMESPACE, ConfigKey
from stackwright.project._config_value import tree_text
from stackwright.project._problems import ConfigError

if TYPE_CHECKING:
    from stackwright.project._config import Config


def stack_tags(config: Config) -> dict[str, str]:
    """
    The tags that `pulumi:tags` puts on the stack.

    Raises:
        ConfigError: It is not a map of texts.
    """
    tags = _plain(config, "tags")
    if tags is None:
        return {}
    if not isinstance(tags, dict) or any(isinstance(value, dict | list) for value in tags.values()):
        raise ConfigError("`pulumi:tags` must be a map of names to texts")
    return {name: tree_text(value) for name, value in tags.items()}


def disabled_default_providers(config: Config) -> frozenset[str]:
    """
    The packages that get no default provider; `*` stands for all.

    Raises:
        ConfigError: `pulumi:disable-default-providers` is not a list of names.
    """
    names = _plain(config, "disable-default-providers")
    if names is None:
        return frozenset()
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ConfigError(
            "`pulumi:disable-default-providers` must be a list of package names",
            hint="Set it with `stackwright config set --path 'pulumi:disable-default-providers[0]' '*'`",
        )
    return frozenset(names)


def _plain(config: Config, name: str) -> Any:
    """The value of an engine setting; one written as a text of JSON is read as such."""
    key = ConfigKey(ENGINE_NAMESPACE, name)
    value = config.find(key)
    if value is None:
        return None
    if value.is_secret:
        raise ConfigError(f"`{key}` is a setting for the engine and cannot be secret")
    if isinstance(value.tree, str):
        import json

        try:
            return json.loads(value.tree)
        except ValueError:
            return value.tree
    return value.tree
