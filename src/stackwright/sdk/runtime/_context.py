"""Calls that keep the caller's context, for code that hands them to threads (sdk.md §9.5)."""

from __future__ import annotations

import contextvars
import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def wrap_with_context(fn: Callable[P, R]) -> Callable[P, R]:
    """*fn*, to be run elsewhere with the deployment, settings and configuration of here and now."""
    context = contextvars.copy_context()

    @functools.wraps(fn)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        return context.run(fn, *args, **kwargs)

    return run
