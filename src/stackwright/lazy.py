"""Names of a package that are loaded when they are first used, so that importing the package stays cheap."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def on_first_use(package: str, modules: Mapping[str, tuple[str, ...]]) -> Callable[[str], Any]:
    """
    The `__getattr__` of *package*: *modules* says which names are in which of its modules.

    The package imports the same names under `TYPE_CHECKING`, for those who read types.
    """
    where = {name: module for module, names in modules.items() for name in names}

    def find(name: str) -> Any:
        module = where.get(name)
        if module is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(import_module(f"{package}.{module}"), name)
        setattr(sys.modules[package], name, found)  # from now on it is found without asking here
        return found

    return find
