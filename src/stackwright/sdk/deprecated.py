"""Deprecation of functions and properties in provider packages (sdk.md §11)."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any, TypeVar, cast

from stackwright.sdk import log

C = TypeVar("C", bound=Callable[..., Any])


def deprecated(message: str) -> Callable[[C], C]:
    """Warn with *message* whenever the function is called."""

    def decorate(fn: C) -> C:
        if not callable(fn):
            raise TypeError("Expected fn to be callable")

        @functools.wraps(fn)
        def warned(*args: Any, **kwargs: Any) -> Any:
            warnings.warn(message, stacklevel=2)
            log.warn(f"{fn.__name__} is deprecated: {message}")
            return fn(*args, **kwargs)

        # Whoever only looks (serializers) takes the function without the warning from here.
        warned.__dict__["_pulumi_deprecated_callable"] = fn
        return cast("C", warned)

    return decorate
