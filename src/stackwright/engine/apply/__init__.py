"""
Carrying steps out: concurrently, each once, each journaled.

Decides when a step may run and what is recorded of it; decides nothing about
what should happen, which `plan` has done. May import what `engine` may, and
never `plan`.
"""

from stackwright.engine.apply._builtin import BuiltinProvider
from stackwright.engine.apply._executor import DeploymentStoppedError, Done, Executor, StepFailedError
from stackwright.engine.apply._extensions import Extensions
from stackwright.engine.apply._graph import run_in_order
from stackwright.engine.apply._hooks import Hooks
from stackwright.engine.apply._registry import ProviderRegistry, UnknownProviderError
from stackwright.engine.apply._run import Moment
from stackwright.engine.apply._unconfigured import DiffUnavailableError, UnconfiguredProvider
from stackwright.engine.apply._work import ProtectedError, now

__all__ = [
    "BuiltinProvider",
    "DeploymentStoppedError",
    "DiffUnavailableError",
    "Done",
    "Executor",
    "Extensions",
    "Hooks",
    "Moment",
    "ProtectedError",
    "ProviderRegistry",
    "StepFailedError",
    "UnconfiguredProvider",
    "UnknownProviderError",
    "now",
    "run_in_order",
]
