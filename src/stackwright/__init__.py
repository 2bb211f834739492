"""
Infrastructure as code for Python, in Python.

The front door: what a program needs, under one name. Re-exports `stackwright.sdk`,
decides nothing. The SDK is loaded when the first of its names is asked for, so that
modules of the house, which all pass through this file, cost no more than they need.

PYTEST_DONT_REWRITE: the plugin that ships with us is no reason to warn about this file.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from stackwright._version import __version__ as __version__

if TYPE_CHECKING:
    from stackwright.sdk import *  # noqa: F403 # the same names, the same objects


_ROOMS = frozenset({"policy"})
"""Names of the SDK's own, empty modules that mean something else here: rooms of the house."""


def __getattr__(name: str) -> Any:
    # `from stackwright import urn` asks for the attribute before it looks for the module.
    if (name.startswith("__") and name != "__all__") or find_spec(f"{__name__}.{name}") is not None:
        raise AttributeError(f"module 'stackwright' has no attribute '{name}'")
    sdk = import_module("stackwright.sdk")

    if name == "__all__":
        return ["__version__", *(name for name in sdk.__all__ if name not in _ROOMS)]
    if name not in sdk.__all__:
        raise AttributeError(f"module 'stackwright' has no attribute '{name}'")
    found = globals()[name] = getattr(sdk, name)
    return found


def __dir__() -> list[str]:
    sdk = import_module("stackwright.sdk")

    return sorted({*globals(), *sdk.__all__} - _ROOMS)
