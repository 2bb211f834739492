"""Packs in directories, and an environment with the genuine package."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from support import genuine

GENUINE = "pulumi_policy==1.21.0"

MakePack = Callable[..., Path]


@pytest.fixture(scope="session")
def environment() -> Path:
    """A virtual environment with the genuine SDK and the genuine `pulumi_policy`, and no Stackwright."""
    return genuine.interpreter(GENUINE).parents[1]


@pytest.fixture
def make_pack(tmp_path: Path, environment: Path) -> MakePack:
    """Write a pack: its program, and more lines for its manifest."""

    def make(program: str, manifest: str = "", name: str = "pack") -> Path:
        folder = tmp_path / name
        folder.mkdir()
        runtime = f"runtime:\n  name: python\n  options:\n    virtualenv: {environment}\n"
        (folder / "PulumiPolicy.yaml").write_text(runtime + manifest)
        (folder / "__main__.py").write_text(dedent(program))
        return folder

    return make
