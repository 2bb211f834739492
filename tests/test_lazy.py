"""Names that are loaded when they are first used."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stackwright.lazy import LazyModule


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    folder = tmp_path / "lazily"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from stackwright.lazy import on_first_use\n"
        '__getattr__ = on_first_use(__name__, {"_heavy": ("Heavy",)}, whole=("entire",))\n'
    )
    (folder / "entire.py").touch()
    (folder / "_heavy.py").write_text("class Heavy: ...\nclass Hidden: ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "lazily"
    for name in ("lazily", "lazily._heavy", "lazily.entire"):
        sys.modules.pop(name, None)


def test_a_name_loads_its_module_once(package: str) -> None:
    import lazily  # type: ignore[import-not-found] # made above

    assert f"{package}._heavy" not in sys.modules
    first = lazily.Heavy
    assert f"{package}._heavy" in sys.modules
    assert vars(lazily)["Heavy"] is first


def test_a_module_is_imported_when_something_of_it_is_used(package: str) -> None:
    heavy = LazyModule(f"{package}._heavy")

    assert f"{package}._heavy" not in sys.modules
    assert heavy.Heavy is sys.modules[f"{package}._heavy"].Heavy
    with pytest.raises(AttributeError):
        _ = heavy.nothing


def test_the_sdk_loads_no_event_loop_before_something_runs() -> None:
    """Half of what importing it costs otherwise; nor what else only some programs need."""
    code = "import sys, stackwright; stackwright.Output; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split()

    assert "stackwright.sdk" in loaded
    assert not {"asyncio", "ssl", "logging", "hashlib", "json", "grpc", "google.protobuf"} & set(loaded)
    rooms = ("_program", "_remotely", "dynamic", "resource_hooks", "runtime.mocks", "stack_reference")
    assert not {f"stackwright.sdk.{name}" for name in rooms} & set(loaded)


def test_a_module_may_be_the_name(package: str) -> None:
    import lazily  # type: ignore[import-not-found,unused-ignore] # as above

    assert f"{package}.entire" not in sys.modules
    assert lazily.entire is sys.modules[f"{package}.entire"]


def test_other_names_are_not_there(package: str) -> None:
    import lazily

    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'Hidden'"):
        _ = lazily.Hidden
