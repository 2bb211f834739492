"""Runtime options of projects (spec: cli.md §10.2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackwright.project import ProjectFileError, UnknownRuntimeError, load_project
from stackwright.project.python import (
    PythonOptions,
    RunMode,
    Toolchain,
    Typechecker,
    python_options,
    runtime_variables,
)


def options_of(directory: Path, text: str) -> PythonOptions:
    (directory / "Pulumi.yaml").write_text(f"name: x\n{text}")
    return python_options(load_project(directory / "Pulumi.yaml"))


class TestOptions:
    def test_all(self, tmp_path: Path) -> None:
        """Every option is understood; the environment's path is seen from the project."""
        options = options_of(
            tmp_path,
            "runtime:\n  name: python\n  options:\n    toolchain: uv\n    virtualenv: env/dev\n"
            "    typechecker: pyright\n    mode: remote\n",
        )

        assert options == PythonOptions(
            toolchain=Toolchain.UV,
            virtualenv=tmp_path / "env" / "dev",
            typechecker=Typechecker.PYRIGHT,
            mode=RunMode.REMOTE,
        )

    def test_none(self, tmp_path: Path) -> None:
        """Without options pip is used, without an environment of its own."""
        assert options_of(tmp_path, "runtime: python\n") == PythonOptions(toolchain=Toolchain.PIP)

    @pytest.mark.parametrize(
        ("locks", "toolchain"),
        [
            ({".": "uv.lock"}, Toolchain.UV),
            ({".": "poetry.lock"}, Toolchain.POETRY),
            ({"..": "uv.lock"}, Toolchain.UV),
            ({".": "poetry.lock", "..": "uv.lock"}, Toolchain.POETRY),
        ],
    )
    def test_lock_files_decide(self, tmp_path: Path, locks: dict[str, str], toolchain: Toolchain) -> None:
        """The nearest lock file names the tool where the project does not."""
        inner = tmp_path / "inner"
        inner.mkdir()
        for where, name in locks.items():
            (inner / where / name).write_text("")

        assert options_of(inner, "runtime: python\n").toolchain is toolchain

    def test_the_project_wins(self, tmp_path: Path) -> None:
        """A named tool is used whatever lock files there are."""
        (tmp_path / "uv.lock").write_text("")

        text = "runtime:\n  name: python\n  options: {toolchain: pip}\n"
        assert options_of(tmp_path, text).toolchain is Toolchain.PIP

    @pytest.mark.parametrize(
        ("option", "words"),
        [
            ("toolchain: ux", ":5:16: the toolchain `ux` is not known; did you mean `uv`?"),
            ("toolchain: conda", ":5:16: the toolchain `conda` is not known"),
            ("typechecker: mypi", ":5:18: the typechecker `mypi` is not known; did you mean `mypy`?"),
            ("virtualenv: [a]", ":5:17: the option `virtualenv` must be text"),
            ("toolchain: 5", ":5:16: the option `toolchain` must be text"),
        ],
    )
    def test_mistakes(self, tmp_path: Path, option: str, words: str) -> None:
        """Unknown values are told with their place and what was probably meant."""
        with pytest.raises(ProjectFileError) as caught:
            options_of(tmp_path, f"runtime:\n  name: python\n  options:\n    {option}\n")
        assert words in caught.value.message

    def test_other_languages(self, tmp_path: Path) -> None:
        """A project in another language has no Python options."""
        with pytest.raises(UnknownRuntimeError, match="`nodejs`"):
            options_of(tmp_path, "runtime: nodejs\n")


def test_variables_for_plugins(tmp_path: Path) -> None:
    """Resource plugins learn the options as variables (state.md §14)."""
    (tmp_path / "Pulumi.yaml").write_text(
        "name: x\nruntime: {name: python, options: {virtualenv: venv, on: true, deep: {a: b}}}\n"
    )

    assert runtime_variables(load_project(tmp_path / "Pulumi.yaml")) == {
        "PULUMI_RUNTIME_VIRTUALENV": "venv",
        "PULUMI_RUNTIME_ON": "true",
    }
