"""Names that are loaded when they are first used."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    folder = tmp_path / "lazily"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from stackwright.lazy import on_first_use\n"
        '__getattr__ = on_first_use(__name__, {"_heavy": ("Heavy",)})\n'
    )
    (folder / "_heavy.py").write_text("class Heavy: ...\nclass Hidden: ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield "lazily"
    for name in ("lazily", "lazily._heavy"):
        sys.modules.pop(name, None)


def test_a_name_loads_its_module_once(package: str) -> None:
    import lazily  # type: ignore[import-not-found] # made above

    assert f"{package}._heavy" not in sys.modules
    first = lazily.Heavy
    assert f"{package}._heavy" in sys.modules
    assert vars(lazily)["Heavy"] is first


def test_other_names_are_not_there(package: str) -> None:
    import lazily

    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'Hidden'"):
        _ = lazily.Hidden
