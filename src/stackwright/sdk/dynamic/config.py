"""The configuration that a dynamic provider is given (sdk.md §18)."""

from __future__ import annotations

from typing import Any


class Config:
    """The stack's configuration by full key; a key without a namespace is the project's own."""

    def __init__(self, raw_config: dict[str, Any], project_name: str) -> None:
        self._props = raw_config
        self._project_name = project_name

    def get(self, key: str) -> Any:
        """The value of *key*, or None."""
        return self._props.get(key if ":" in key else f"{self._project_name}:{key}")

    def require(self, key: str) -> Any:
        """
        The value of *key*.

        Raises:
            ValueError: It is not set.
        """
        value = self.get(key)
        if value is None:
            raise ValueError(f"missing required configuration key: {key}")
        return value
