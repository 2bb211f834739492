"""Building the Go plugins: once, where a cache says so, and not at all where it cannot be done."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest
from support import goplugin

build_anew = partial(goplugin.built.__wrapped__, goplugin.SOURCES)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("STACKWRIGHT_TEST_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def go() -> str:
    return shutil.which("go") or pytest.skip("`go` is not installed")


def test_without_go_the_test_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason names what is missing."""
    monkeypatch.setenv("PATH", "")

    with pytest.raises(pytest.skip.Exception, match="`go` is not installed"):
        build_anew()


def test_without_the_modules_the_test_is_skipped(
    go: str, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that cannot reach the modules has none to build with, and keeps nothing half-built."""
    monkeypatch.setenv("GOPROXY", "off")
    monkeypatch.setenv("GOMODCACHE", str(cache / "modules"))

    with pytest.raises(pytest.skip.Exception, match="modules"):
        build_anew()
    assert [path.suffix for path in (cache / "go-plugins").iterdir()] == [".lock"]


def test_what_is_built_is_used(go: str, cache: Path) -> None:
    """The same sources under the same compiler are built once; other sources have another folder."""
    built = cache / "go-plugins" / goplugin._key(go, goplugin.SOURCES)
    built.mkdir(parents=True)

    assert build_anew() == built
