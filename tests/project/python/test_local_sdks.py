"""SDKs of projects that have no environment of their own (packages.md §5.2, cli.md §10.5)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.environments import calls_of, write_environment, write_project, write_tool

from stackwright.project import load_project
from stackwright.project.python import (
    has_own_environment,
    install_dependencies,
    local_sdks,
    missing_sdks,
    package_path,
)


def write_sdk(root: Path, name: str) -> Path:
    directory = root / "sdks" / name
    directory.mkdir(parents=True)
    (directory / "pyproject.toml").write_text("")
    return directory


class TestWhose:
    def test_what_the_project_file_names_is_the_projects(self, tmp_path: Path) -> None:
        """An environment that is named, or kept by a tool, gets SDKs installed."""
        assert has_own_environment(write_project(tmp_path / "a", "{virtualenv: venv}"))
        assert has_own_environment(write_project(tmp_path / "b", "{toolchain: uv}"))

    def test_an_interpreter_is_nobodys(self, tmp_path: Path) -> None:
        """The one that runs this command is the tool's, or the system's, or other projects'."""
        assert not has_own_environment(write_project(tmp_path / "a"))

    def test_an_environment_within_the_project(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Who activates `.venv` in the project's folder means it to be the project's."""
        project = write_project(tmp_path / "a")
        here = write_environment(tmp_path / "a" / ".venv")
        monkeypatch.setenv("PULUMI_PYTHON_CMD", str(here / "bin" / "python"))
        assert has_own_environment(project)
        elsewhere = write_environment(tmp_path / "venv")
        monkeypatch.setenv("PULUMI_PYTHON_CMD", str(elsewhere / "bin" / "python"))
        assert not has_own_environment(project)


class TestWhere:
    def test_found_before_what_is_installed(self, tmp_path: Path) -> None:
        """They come first; folders that hold no package do not count."""
        project = write_project(tmp_path / "a")
        made = [write_sdk(project.root, name) for name in ("one", "two")]
        (project.root / "sdks" / "notes").mkdir()
        assert list(local_sdks(project)) == made
        assert list(package_path(project))[:2] == made
        assert Path(sys.path[-1]) in package_path(project)

    def test_installed_ones_are_not_meant(self, tmp_path: Path) -> None:
        """In the project's own environment they are what is installed there."""
        project = write_project(tmp_path / "a", "{virtualenv: venv}")
        write_sdk(project.root, "one")
        assert local_sdks(project) == ()
        assert local_sdks(write_project(tmp_path / "b")) == ()


def test_those_that_are_missing(tmp_path: Path) -> None:
    """What a fresh clone lacks; a namespace may stand before a package's name."""
    project = write_project(tmp_path / "a")
    project.path.write_text(project.path.read_text() + "packages: {one: one, two: two, three: three}\n")
    for name in ("one", "acme-two", "othree"):
        write_sdk(project.root, name)
    assert missing_sdks(load_project(project.path)) == ("three",)
    assert missing_sdks(write_project(tmp_path / "b")) == ()


def test_they_are_left_out_of_an_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """cli.md §10.5: `install` in somebody else's environment takes all but them; often nothing is left."""
    seen = tmp_path / "seen"
    copying = f'for each in "$@"; do last="$each"; done\ncp "$last" {seen}'
    python = write_tool(tmp_path / "python", then=copying)
    monkeypatch.setenv("PULUMI_PYTHON_CMD", str(python))
    monkeypatch.setattr(
        "stackwright.project.python._environment.PythonEnvironment.search_path",
        lambda self: (Path(pytest.__file__).parent.parent,),
    )
    lines = "# ours\n-e ./sdks/one # linked\nsdks/two/\n"
    project = write_project(tmp_path / "a", requirements=lines)
    for name in ("one", "two"):
        write_sdk(project.root, name)
    install_dependencies(project, output=lambda line: None)
    assert calls_of(python) == []
    (project.root / "requirements.txt").write_text(lines + "requests\n./sdks/three\n")
    install_dependencies(project, output=lambda line: None)
    assert seen.read_text() == "# ours\nrequests\n./sdks/three\n"
    assert sorted(each.name for each in project.root.iterdir()) == [
        "Pulumi.yaml",
        "__main__.py",
        "requirements.txt",
        "sdks",
    ]
