"""
Which `pulumi` a test means.

Some tests talk to plugins with the stubs of the genuine `pulumi` package, others run
programs for which `import pulumi` is Stackwright. One process can hold only one of them
under that name at a time, so each test gets the world it needs.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

_TESTS = Path(__file__).parent
_GENUINE_WORLD = ("plugins", "wire")
_set_aside: dict[str, ModuleType] = {}

# No test downloads what it did not ask for.
os.environ.setdefault("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Change the world before a test where the one before it needed the other."""
    folder = item.path.relative_to(_TESTS).parts[0] if item.path.is_relative_to(_TESTS) else ""
    if folder in _GENUINE_WORLD:
        _enter_genuine()
    else:
        _leave_genuine()


def _leave_genuine() -> None:
    """Put the genuine package, and what was imported on top of it, out of sight."""
    aliases = sys.modules.get("stackwright.sdk._import_aliases")
    if aliases is not None and aliases._installed is not None:
        return
    for name in [name for name in sys.modules if _is_genuine(name)]:
        _set_aside[name] = sys.modules.pop(name)


def _enter_genuine() -> None:
    aliases = sys.modules.get("stackwright.sdk._import_aliases")
    if aliases is not None:
        aliases.uninstall()
    ours = [name for name in sys.modules if name.startswith("pulumi_")]
    for name in ours:
        del sys.modules[name]  # imported on top of ours
    references = sys.modules.get("stackwright.sdk._references")
    if references is not None:
        references.forget(ours)  # so that they can be imported on top of ours again
    sys.modules.update(_set_aside)
    _set_aside.clear()


def _is_genuine(name: str) -> bool:
    root = name.partition(".")[0]
    return root in ("pulumi", "khulnasoft") or root.startswith("pulumi_")
