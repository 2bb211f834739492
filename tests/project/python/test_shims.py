"""What a stand-in of pyenv would start, told without starting it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stackwright.project.python import PythonEnvironment, Toolchain
from stackwright.project.python._shims import behind_shim


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A pyenv with two versions, of which the first is everybody's, and a stand-in that never answers."""
    made = tmp_path / "pyenv"
    for version in ("3.11.7", "3.12.1"):
        (made / "versions" / version / "bin").mkdir(parents=True)
        (made / "versions" / version / "bin" / "python3").symlink_to(sys.executable)
    (made / "version").write_text("3.11.7\n")
    (made / "shims").mkdir()
    shim = made / "shims" / "python3"
    shim.write_text("#!/bin/sh\nexit 3\n")
    shim.chmod(0o755)
    return made


def found(root: Path, directory: Path, **environ: str) -> str:
    """The version that is found, or `shim`."""
    place = behind_shim(root / "shims" / "python3", environ, directory)
    return "shim" if place.parent.name == "shims" else place.parts[-3]


def test_the_version_of_everybody(root: Path, tmp_path: Path) -> None:
    assert found(root, tmp_path) == "3.11.7"


def test_the_version_of_the_directory_or_one_above(root: Path, tmp_path: Path) -> None:
    (tmp_path / ".python-version").write_text("# ours\n\n3.12.1 \n")
    (tmp_path / "a" / "b").mkdir(parents=True)

    assert found(root, tmp_path / "a" / "b") == "3.12.1"


def test_the_version_of_the_shell(root: Path, tmp_path: Path) -> None:
    (tmp_path / ".python-version").write_text("3.11.7")

    assert found(root, tmp_path, PYENV_VERSION="3.12.1") == "3.12.1"


@pytest.mark.parametrize("version", ["3.12", "system", "3.12.1:3.11.7", "../3.12.1", "3.12.1/envs/own"])
def test_what_is_not_plain_is_left_to_pyenv(version: str, root: Path, tmp_path: Path) -> None:
    assert found(root, tmp_path, PYENV_VERSION=version) == "shim"


@pytest.mark.parametrize("text", ["3.11.7\n3.12.1\n", "", "\xff"])
def test_files_that_are_not_plain(text: str, root: Path, tmp_path: Path) -> None:
    (root / "version").write_text(text, encoding="latin-1")

    assert found(root, tmp_path) == "shim"


@pytest.mark.parametrize("name", ["PYENV_DIR", "PYENV_ROOT", "PYENV_HOOK_PATH"])
def test_surroundings_that_are_not_plain(name: str, root: Path, tmp_path: Path) -> None:
    assert found(root, tmp_path, **{name: "/elsewhere"}) == "shim"


def test_another_interpreter_is_itself(tmp_path: Path) -> None:
    assert behind_shim(Path("/usr/bin/python3"), {}, tmp_path) == Path("/usr/bin/python3")


def test_the_interpreter_is_asked_past_its_stand_in(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PYENV_VERSION", "PYENV_DIR", "PYENV_ROOT", "PYENV_HOOK_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    shim = PythonEnvironment(interpreter=root / "shims" / "python3", directory=None, toolchain=Toolchain.PIP)

    assert shim.version() == ".".join(str(part) for part in sys.version_info[:3])


def test_a_genuine_one_agrees(tmp_path: Path) -> None:
    shim = shutil.which("python3")
    if shim is None or behind_shim(Path(shim), os.environ, tmp_path) == Path(shim):
        pytest.skip("`python3` is no stand-in of pyenv here")
    program = "import os, sys; print(os.path.realpath(sys.executable), sys.path)"

    said = [
        subprocess.run([each, "-c", program], cwd=tmp_path, capture_output=True, text=True).stdout
        for each in (shim, behind_shim(Path(shim), os.environ, tmp_path))
    ]

    assert said[0] == said[1]
