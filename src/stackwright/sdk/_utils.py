"""
Small things that generated provider packages import by this name (sdk.md §1, §22).

The module's name is theirs, not ours: `pulumi._utils.lazy_import` is called by every
generated `_utilities`.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from collections.abc import Callable
from typing import Any, Final


def _nothing() -> None: ...


def _nothing_said() -> None:
    """Said, and nothing else."""


_bare: Final = lambda: None  # noqa: E731 # how a lambda is compiled is what we look at

_EMPTY: Final = frozenset({_nothing.__code__.co_code, _bare.__code__.co_code})
_EMPTY_SAID: Final = _nothing_said.__code__.co_code


def is_empty_function(fn: Any) -> bool:
    """Whether *fn* does nothing: its body is `...`, `pass`, a docstring, or returns None (edge case 87)."""
    code = getattr(fn, "__code__", None)
    if code is None:
        return False
    constants = code.co_consts
    if code.co_code in _EMPTY:
        return not constants or constants[0] is None or (constants[0] == fn.__doc__ and constants[-1] is None)
    return bool(code.co_code == _EMPTY_SAID and constants[0] == fn.__doc__ and constants[-1] is None)


class _LazyModule(types.ModuleType):
    """A module that is imported when something in it is first looked at."""

    def __getattribute__(self, name: str) -> Any:
        own = types.ModuleType.__getattribute__
        if name in _FREE:
            return own(self, name)
        namespace = own(self, "__dict__")
        load: Callable[[], None] | None = namespace.pop("_stackwright_load", None)
        if load is not None:
            load()
        return own(self, name)


_FREE: Final = frozenset(
    {"__class__", "__doc__", "__file__", "__loader__", "__name__", "__package__", "__path__", "__spec__"}
)


def lazy_import(fullname: str) -> types.ModuleType:
    """
    Import a module when it is first used: what a program never touches of a big package costs nothing.

    The module object is there at once; its code runs when an attribute is first read.
    """
    present = sys.modules.get(fullname)
    if present is not None:
        return present
    # The parent is imported to find the module; that may import the module itself.
    spec = importlib.util.find_spec(fullname)
    present = sys.modules.get(fullname)
    if present is not None:
        return present
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
    loader = spec.loader
    module = _LazyModule(fullname)
    module.__spec__ = spec
    module.__loader__ = loader
    module.__package__ = spec.parent
    if spec.submodule_search_locations is not None:
        module.__path__ = spec.submodule_search_locations
    if spec.has_location and spec.origin is not None:
        module.__file__ = spec.origin

    def load() -> None:
        loader.exec_module(module)
        # Nothing is lazy about it any more; plain modules are faster to look things up in.
        if type(module) is _LazyModule:
            plain: Any = module
            plain.__class__ = types.ModuleType

    vars(module)["_stackwright_load"] = load
    sys.modules[fullname] = module
    parent, _, child = fullname.rpartition(".")
    if parent in sys.modules:
        setattr(sys.modules[parent], child, module)
    return module
