"""Modules that are imported when something in them is first looked at (sdk.md §22)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.monitors import FakeMonitor

from stackwright.sdk import run_program
from stackwright.sdk._utils import lazy_import


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package with a module that can say whether it was loaded, and one that cannot be loaded."""
    folder = tmp_path / "lazily"
    folder.mkdir()
    (folder / "__init__.py").write_text("loaded = []\n")
    (folder / "fine.py").write_text("from lazily import loaded\nloaded.append(1)\nanswer = 42\n")
    (folder / "broken.py").write_text("import no_such_module_anywhere\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "lazily"
    for name in [name for name in sys.modules if name.partition(".")[0] == "lazily"]:
        del sys.modules[name]


def test_a_look_loads_it(package: str) -> None:
    """What it is called and where it lies is known without loading it; anything else loads it, once."""
    module = lazy_import(f"{package}.fine")
    loaded = sys.modules[package].loaded

    assert module.__name__ == "lazily.fine"
    assert str(module.__file__).endswith("fine.py")
    assert loaded == []
    assert module.answer == 42
    assert module.answer == 42
    assert loaded == [1]


def test_the_end_of_a_program_loads_nothing(package: str, tmp_path: Path) -> None:
    """A module that was never used is not loaded by what comes after the program."""
    program = tmp_path / "program" / "__main__.py"
    program.parent.mkdir()
    program.write_text(
        "from stackwright.sdk._utils import lazy_import\nbroken = lazy_import('lazily.broken')\n"
    )
    monitor = FakeMonitor()

    result = run_program(monitor, program)

    monitor.stop()
    assert result.ok, result.error
