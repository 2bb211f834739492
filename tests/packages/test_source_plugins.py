"""Plugins that come as Python code, and what they require (protocol.md §7.6, cli.md §10.1)."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.environments import calls_of, write_tool

from stackwright.cli._app import run
from stackwright.packages._progress import Silent
from stackwright.packages._source_plugins import provide_beside
from stackwright.providers import ProviderNotFoundError


@pytest.fixture
def pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The interpreter of every environment that is made: a tool that only tells how it was called."""
    tool = write_tool(tmp_path / "tool")
    making = f'mkdir -p "$3/bin" && touch "$3/pyvenv.cfg" && cp {tool} "$3/bin/python"'
    monkeypatch.setenv("PULUMI_PYTHON_CMD", str(write_tool(tmp_path / "base", then=making)))
    return tool


def plugin(folder: Path, *, description: str = "runtime: python\n", requires: str = "requests\n") -> Path:
    folder.mkdir(parents=True)
    (folder / "PulumiPlugin.yaml").write_text(description)
    (folder / "requirements.txt").write_text(requires)
    return folder


def test_an_environment_in_the_plugins_folder(tmp_path: Path, pip: Path) -> None:
    """Once: what is there already is the user's own."""
    source = plugin(tmp_path / "thing")
    assert provide_beside(source, progress=Silent())
    assert calls_of(pip)[0].endswith(f"-r {source / 'requirements.txt'}")
    assert (source / "venv" / "bin" / "python").is_file()
    assert not provide_beside(source, progress=Silent())
    assert len(calls_of(pip)) == 1


def test_where_the_plugin_says(tmp_path: Path, pip: Path) -> None:
    """§7.6: the option `virtualenv` of its runtime."""
    text = "runtime:\n  name: python\n  options:\n    virtualenv: env\n"
    source = plugin(tmp_path / "thing", description=text)
    assert provide_beside(source, progress=Silent())
    assert (source / "env").is_dir()


def test_nothing_to_do(tmp_path: Path, pip: Path) -> None:
    """For what needs an SDK alone, and for other languages."""
    assert not provide_beside(plugin(tmp_path / "sdk", requires="pulumi\n"), progress=Silent())
    assert not provide_beside(plugin(tmp_path / "go", description="runtime: go\n"), progress=Silent())
    with pytest.raises(ProviderNotFoundError, match="does not name a runtime"):
        provide_beside(plugin(tmp_path / "broken", description="x: y\n"), progress=Silent())


def test_the_requirements_cannot_be_had(tmp_path: Path, pip: Path) -> None:
    """Half an environment would be taken for a whole one the next time."""
    pip.write_text(pip.read_text().replace("exit 0", "exit 1"))
    source = plugin(tmp_path / "thing")
    with pytest.raises(Exception, match="Installing the requirements failed"):
        provide_beside(source, progress=Silent())
    assert not (source / "venv").exists()


class TestInstall:
    """`install` in the folder of a plugin."""

    def test_the_nearest_counts(
        self, tmp_path: Path, pip: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """cli.md §10.1: a plugin's folder within a project is the plugin's."""
        (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
        source = plugin(tmp_path / "plugins" / "thing")
        monkeypatch.chdir(source)
        assert run(["install"]) == 0
        assert capsys.readouterr().out == f"The plugin in {source} has what it requires\n"
        assert run(["install"]) == 0
        assert capsys.readouterr().out == f"The plugin in {source} requires nothing more\n"

    def test_another_language(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Said before anything is done."""
        monkeypatch.chdir(plugin(tmp_path / "thing", description="runtime: nodejs\n"))
        assert run(["install"]) == 1
        assert "is not written in Python" in capsys.readouterr().err
