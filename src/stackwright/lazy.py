"""What is loaded when it is first used: names of our packages, modules of others. Importing stays cheap."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any


def on_first_use(
    package: str, modules: Mapping[str, tuple[str, ...]], *, whole: Collection[str] = ()
) -> Callable[[str], Any]:
    """
    The `__getattr__` of *package*: *modules* says which names are in which of its modules.

    The modules named in *whole* are themselves names of the package.

    The package imports the same names under `TYPE_CHECKING`, for those who read types.
    """
    where = {name: module for module, names in modules.items() for name in names}

    def find(name: str) -> Any:
        if name in whole:
            return import_module(f"{package}.{name}")
        module = where.get(name)
        if module is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(import_module(f"{package}.{module}"), name)
        setattr(sys.modules[package], name, found)  # from now on it is found without asking here
        return found

    return find


class LazyModule(ModuleType):
    """
    Stands for the module of its name, which is imported when something of it is first used.

    For a costly module that a file needs inside of functions alone, and in more than one or two.
    """

    def __getattr__(self, name: str) -> Any:
        found = getattr(import_module(self.__name__), name)
        setattr(self, name, found)  # from now on it is found without asking here
        return found
