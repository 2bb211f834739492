"""The configuration table that `Config` reads from (sdk.md §10)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from stackwright.environment import CONFIG, CONFIG_SECRET_KEYS
from stackwright.lazy import LazyModule
from stackwright.sdk import _session

if TYPE_CHECKING:
    import json
else:
    json = LazyModule("json")


def set_config(k: str, v: Any) -> None:
    """Set one value, in the current table."""
    _session.config_table().values[k] = v


def set_all_config(config: dict[str, str], secret_keys: list[str] | None = None) -> None:
    """Replace the table, and the set of secret keys if one is given."""
    before = _session.config_table()
    keys = before.secret_keys if secret_keys is None else secret_keys
    _session.enter_config(_session.ConfigTable(config, keys))


def get_config(k: str) -> Any:
    """The value of a full key: from the table, else from the environment; None if it is nowhere."""
    table = _session.config_table()
    if k in table.values:
        return table.values[k]
    own = os.environ.get(get_config_env_key(k))
    if own is not None:
        return own
    return get_config_env().get(k)


def is_config_secret(k: str) -> bool:
    """Whether the value of a full key is a secret."""
    return k in _session.config_table().secret_keys


def get_config_env() -> dict[str, Any]:
    """The configuration in the environment, as whoever started the program left it there."""
    text = CONFIG.value()
    found: dict[str, Any] = json.loads(text) if text else {}
    return found


def get_config_secret_keys_env() -> list[str]:
    """The secret keys in the environment."""
    text = CONFIG_SECRET_KEYS.value()
    found: list[str] = json.loads(text) if text else []
    return found


def get_config_env_key(k: str) -> str:
    """The environment variable that sets one full key."""
    letters = "".join(c.upper() if c.isascii() and c.isalpha() else c if _kept(c) else "_" for c in k)
    return f"PULUMI_CONFIG_{letters}"


def _kept(c: str) -> bool:
    return c == "_" or (c.isascii() and c.isdigit())
