"""
`import pulumi`, and the names of its forks, mean this package (sdk.md §23).

An import finder answers for those names, and every module below them, with the
module objects of `stackwright.sdk`: there is one `Output`, whatever it is imported
as. Installed by whoever runs a program, before the program starts. Nothing is patched
and nothing is written: a genuine package of that name is simply not the one imported.
"""

from __future__ import annotations

import copy
import importlib
import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, Final, cast

from stackwright.errors import UserError
from stackwright.sdk._borrowed import BORROWERS, lend, lend_all

BRANDS: Final = ("pulumi", "khulnasoft", "codeinfra")
"""The top-level names that programs and provider packages use."""

_SDK: Final = "stackwright.sdk"


class WrongPulumiError(UserError):
    """A genuine package was imported before its name came to mean this one."""

    code = "wrong-pulumi"


class _AliasLoader:
    """Loads an alias: the module is there already, under its own name."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(self._target)
        lend(module)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # The import system has just put the alias's spec there.
        alias = cast("ModuleSpec", module.__spec__).name
        module.__spec__ = self._spec
        _keep_what_hides_modules(alias, module)

    def get_code(self, fullname: str) -> object:
        """The code of the module behind the alias, for `python -m pulumi.…`."""
        spec = importlib.util.find_spec(self._target)
        loader = spec.loader if spec is not None else None
        return loader.get_code(self._target) if loader is not None else None  # type: ignore[attr-defined]


def _keep_what_hides_modules(alias: str, package: ModuleType) -> None:
    """
    Have imports of `pulumi.runtime.invoke` and its like leave the function `pulumi.runtime.invoke` alone.

    An import sets the module as its package's attribute, unless the module is there already.
    """
    for name, kept in list(vars(package).items()):
        hidden = sys.modules.get(f"{package.__name__}.{name}")
        if hidden is not None and kept is not hidden:
            sys.modules[f"{alias}.{name}"] = hidden


# Not derived from the classes of `importlib.abc`: importing those costs more than all of this module.
class AliasFinder:
    """Finds every module below the brand names in the SDK."""

    def __init__(self, brands: Sequence[str] = BRANDS) -> None:
        self._brands = frozenset(brands)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of an alias; None for other names, and for names that the SDK does not have."""
        brand, _, rest = fullname.partition(".")
        if brand not in self._brands:
            return _lending(fullname, path) if fullname in BORROWERS else None
        if rest.partition(".")[0] == "automation":
            from stackwright.sdk import _automation  # few ask for it

            if brand == _automation.BRAND:
                return _automation.find(rest)
            return ModuleSpec(
                fullname, cast("Any", _AliasLoader(f"{_automation.BRAND}.{rest}")), is_package=True
            )
        name = target_of(rest)
        found = importlib.util.find_spec(name)
        if found is None:
            return None
        return ModuleSpec(
            fullname,
            cast("Any", _AliasLoader(name)),
            origin=found.origin,
            is_package=found.submodule_search_locations is not None,
        )


def _lending(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    """The spec of one of our own modules that is loaded only now: it borrows names as those before it did."""
    spec = PathFinder.find_spec(name, path)
    if spec is None or spec.loader is None:
        return None
    loader = spec.loader = copy.copy(spec.loader)  # those of archives are shared by their modules
    execute = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        execute(module)
        lend(module)

    vars(loader)["exec_module"] = exec_module
    return spec


def target_of(rest: str) -> str:
    """The module behind `pulumi.<rest>`."""
    return f"{_SDK}.{rest}" if rest else _SDK


_installed: AliasFinder | None = None


def install() -> None:
    """
    Have the brand names mean this package from now on. Doing it twice is the same as once.

    Raises:
        WrongPulumiError: A package of such a name is imported already, and it is not this one.
    """
    global _installed  # noqa: PLW0603 # one finder for each process
    if _installed is not None:
        return
    for brand in BRANDS:
        present = sys.modules.get(brand)
        if present is not None and present is not sys.modules.get(_SDK):
            raise WrongPulumiError(
                f"`{brand}` is imported already, from {getattr(present, '__file__', 'somewhere')}",
                hint="Run the program in a process of its own, or import it after the program is started",
            )
    lend_all()
    _installed = AliasFinder()
    sys.meta_path.insert(0, _installed)


def uninstall() -> None:
    """Have the brand names mean what they meant; modules that hold the SDK's objects keep them."""
    global _installed  # noqa: PLW0603 # see `install`
    if _installed is None:
        return
    sys.meta_path.remove(_installed)
    _installed = None
    for name in list(sys.modules):
        if name.partition(".")[0] in BRANDS:
            del sys.modules[name]
