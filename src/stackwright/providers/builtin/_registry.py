"""Which packages are embedded, and how each is found; none is imported before it is wanted."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Final

from stackwright.providers._interface import Provider, ProviderLog
from stackwright.providers.builtin._provider import EmbeddedPackage, EmbeddedProvider

_MODULES: Final = {
    "command": "stackwright.providers.builtin.command",
    "local": "stackwright.providers.builtin.local",
    "random": "stackwright.providers.builtin.random",
}


def _package(name: str) -> EmbeddedPackage | None:
    module = _MODULES.get(name)
    if module is None:
        return None
    package = import_module(module).PACKAGE
    assert isinstance(package, EmbeddedPackage)
    return package


def is_embedded(name: str) -> bool:
    """Whether the package *name* comes with Stackwright; imports nothing."""
    return name in _MODULES


def embedded_packages() -> dict[str, str]:
    """The embedded packages and their versions, by name."""
    found = {name: _package(name) for name in _MODULES}
    return {name: package.version for name, package in found.items() if package is not None}


def open(  # noqa: A001 - read as builtin.open
    name: str, *, log: ProviderLog | None = None, directory: Path | None = None
) -> Provider | None:
    """
    A new, unconfigured provider of the embedded package *name*, or None if there is none.

    *log* hears what it says; relative paths begin at *directory*, by default the
    process's working directory.
    """
    package = _package(name)
    return None if package is None else EmbeddedProvider(package, log=log, directory=directory)
