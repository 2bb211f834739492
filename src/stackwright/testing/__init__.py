"""
Tests of programs: whole deployments in memory, with fakes for any provider.

`MemoryStack` deploys a program on the real engine, without a store on disk and without a
cloud; `Fakes` answer for the providers. The pytest plugin (`_plugin`, loaded by pytest
itself) makes fixtures of them. Decides what a fake answers, what a test can ask of a
deployment, and what is restored between tests. May import every room but `cli`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackwright.lazy import on_first_use

if TYPE_CHECKING:
    from stackwright.testing._fakes import Call, FakeProvider, FakeRequest, Fakes
    from stackwright.testing._golden import GoldenFiles
    from stackwright.testing._stack import DeploymentFailedError, MemoryStack, Result, Step

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

# The plugin is loaded by every run of pytest, the engine only by those that use it.
__getattr__ = on_first_use(
    __name__,
    {
        "_fakes": (
            "Call",
            "FakeProvider",
            "FakeRequest",
            "Fakes",
        ),
        "_stack": (
            "DeploymentFailedError",
            "MemoryStack",
            "Result",
            "Step",
        ),
        "_golden": ("GoldenFiles",),
    },
)
