"""Type tokens on classes (sdk.md §15.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T", bound=type)


def type_token(type_token: str) -> Callable[[T], T]:
    """Give a resource class its type token, such as `pkg:module:Name`."""

    def mark(cls: T) -> T:
        cls.pulumi_type = type_token  # type: ignore[attr-defined] # read by `get_type_token` and by hosts
        return cls

    return mark


def get_type_token(klass: type) -> str | None:
    """The type token of a resource class, if it has one."""
    token: Any = getattr(klass, "pulumi_type", None)
    return token if isinstance(token, str) else None
