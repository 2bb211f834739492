"""
Tests of programs: whole deployments in memory, with fakes for any provider.

`MemoryStack` deploys a program on the real engine, without a store on disk and without a
cloud; `Fakes` answer for the providers. The pytest plugin (`_plugin`, loaded by pytest
itself) makes fixtures of them. Decides what a fake answers, what a test can ask of a
deployment, and what is restored between tests. May import every room but `cli`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stackwright.testing._fakes import Call, FakeProvider, FakeRequest, Fakes
    from stackwright.testing._golden import GoldenFiles
    from stackwright.testing._stack import DeploymentFailedError, MemoryStack, Result, Step

_MODULES = {
    "Call": "_fakes",
    "DeploymentFailedError": "_stack",
    "FakeProvider": "_fakes",
    "FakeRequest": "_fakes",
    "Fakes": "_fakes",
    "GoldenFiles": "_golden",
    "MemoryStack": "_stack",
    "Result": "_stack",
    "Step": "_stack",
}

__all__ = [
    "Call",
    "DeploymentFailedError",
    "FakeProvider",
    "FakeRequest",
    "Fakes",
    "GoldenFiles",
    "MemoryStack",
    "Result",
    "Step",
]


def __getattr__(name: str) -> Any:
    # The plugin is loaded by every run of pytest, the engine only by those that use it.
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{module}"), name)
    return found
