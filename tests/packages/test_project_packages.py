"""Packages of a project: added, restored, upgraded (packages.md §5.2; terraform.md §7.2; cli.md §11)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.environments import calls_of, write_tool

from stackwright.errors import UserError
from stackwright.packages._linking import link_sdk, unlink_sdk, with_relative_path, with_requirement
from stackwright.packages._project_packages import ProjectPackages
from stackwright.packages._sources import parse_source
from stackwright.packages._web import Web
from stackwright.project import load_project

Open = Callable[[], ProjectPackages]
FILE = "# ours\nname: shop\nruntime: python # the language\n"
SCHEMA = {
    "name": "thing",
    "version": "1.2.3",
    "resources": {"thing:index/box:Box": {"inputProperties": {"size": {"type": "integer"}}}},
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    directory = tmp_path / "project"
    directory.mkdir()
    (directory / "Pulumi.yaml").write_text(FILE)
    return directory


@pytest.fixture
def opened(root: Path) -> Iterator[Open]:
    with Web() as web:
        yield lambda: ProjectPackages(load_project(root / "Pulumi.yaml"), web)


class TestAdding:
    def test_an_embedded_package(self, root: Path, opened: Open) -> None:
        """§5.2: generated into `sdks`, linked, recorded with the file's comments kept; no network."""
        packages = opened()
        added = packages.add(parse_source("random", directory=root))

        assert added.directory == root / "sdks" / "random"
        assert (added.directory / "pulumi_random" / "__init__.py").is_file()
        assert (root / "requirements.txt").read_text() == "./sdks/random\n"
        text = (root / "Pulumi.yaml").read_text()
        assert text.startswith(FILE)
        assert packages.project.packages["random"].source == "random"
        assert not (root / "stackwright.lock").exists()

    def test_another_module(self, root: Path, opened: Open) -> None:
        """issue: --module picks another import name, and it is reproduced."""
        assert opened().add(parse_source("random", directory=root), module="chance").module == "chance"
        assert (root / "sdks" / "random" / "chance").is_dir()
        (root / "sdks" / "random" / ".made-from").unlink()
        (again,) = opened().restore()
        assert again.module == "chance"

    def test_a_schema_file_is_not_recorded(self, root: Path, opened: Open) -> None:
        """§5.2: generated and linked, and that is all; YAML as well as JSON."""
        (root / "schema.yaml").write_text(json.dumps(SCHEMA))
        added = opened().add(parse_source("./schema.yaml", directory=root))
        assert (added.name, added.version) == ("thing", "1.2.3")
        assert (root / "Pulumi.yaml").read_text() == FILE

    def test_a_failure_records_nothing(self, root: Path, opened: Open) -> None:
        """The project file is written when everything else has succeeded."""
        (root / "schema.json").write_text('{"name": 1}')
        with pytest.raises(UserError):
            opened().add(parse_source("./schema.json", directory=root))
        assert sorted(each.name for each in root.iterdir()) == ["Pulumi.yaml", "schema.json"]


class TestRestoring:
    def test_sdks_come_back(self, root: Path, opened: Open) -> None:
        """§5.2: `sdks` need not be committed; what is there in the right form is left alone."""
        opened().add(parse_source("random", directory=root))
        opened().restore()
        note = root / "sdks" / "random" / ".made-from"
        before = note.stat().st_mtime_ns
        opened().restore()
        assert note.stat().st_mtime_ns == before

        (root / "sdks").rename(root / "gone")
        (restored,) = opened().restore()
        assert (restored.directory / "pulumi_random").is_dir()
        opened().restore(reinstall=True)
        assert note.stat().st_mtime_ns != before

    def test_upgrading_what_is_not_there(self, opened: Open) -> None:
        """The mistake is named."""
        with pytest.raises(UserError, match="has no package thing"):
            opened().upgrade(["thing"])


class TestLinking:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", "./sdks/a\n"),
            ("pulumi>=3\n", "pulumi>=3\n./sdks/a\n"),
            ("pulumi>=3", "pulumi>=3\n./sdks/a\n"),
            ("pulumi>=3\r\n", "pulumi>=3\r\n./sdks/a\r\n"),
            ("sdks/a\nb\n", "./sdks/a\nb\n"),
            ("-e ./sdks/a # mine\nsdks/a/\n", "./sdks/a\n"),
            ("./sdks/ab\n", "./sdks/ab\n./sdks/a\n"),
        ],
    )
    def test_one_line_in_requirements(self, text: str, expected: str) -> None:
        """§5.2: an existing line for the same package is replaced; line ends are preserved."""
        assert with_requirement(text, "./sdks/a", "pulumi_a") == (expected, ())
        assert with_requirement(expected, "./sdks/a", "pulumi_a") == (expected, ())

    def test_a_package_of_the_same_name(self, root: Path, opened: Open) -> None:
        """§5.2: both cannot be installed, so the one from the index goes, and that is said."""
        text = "stackwright\nPulumi.random >=4.16,<5 # genuine\npulumi-random-more\n-e sdks/random\n"
        expected = "stackwright\n./sdks/random\npulumi-random-more\n"
        gone = ("Pulumi.random >=4.16,<5 # genuine",)
        assert with_requirement(text, "./sdks/random", "pulumi_random") == (expected, gone)
        (root / "requirements.txt").write_text("pulumi-random\n")
        opened().add(parse_source("random", directory=root), module="chance")
        assert (root / "requirements.txt").read_text() == "pulumi-random\n./sdks/random\n"
        opened().add(parse_source("random", directory=root))
        assert (root / "requirements.txt").read_text() == "./sdks/random\n"

    @pytest.mark.parametrize("indexed", [True, False])
    def test_uv(self, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, indexed: bool) -> None:
        """§5.2: by uv's own commands, which are shown where Stackwright is if no index has it."""
        uv = write_tool(tmp_path / "tools" / "uv")
        monkeypatch.setenv("PATH", str(uv.parent))
        monkeypatch.setattr("stackwright.project.python._install.comes_from_index", lambda: indexed)
        wheel = tmp_path / "wheels" / "stackwright.whl"
        monkeypatch.setattr("stackwright.project.python._install._own_wheel", lambda: wheel)
        (root / "Pulumi.yaml").write_text(
            "name: shop\nruntime:\n  name: python\n  options:\n    toolchain: uv\n"
        )
        pyproject = root / "pyproject.toml"
        pyproject.write_text('[project]\nname = "shop"\ndependencies = ["stackwright", "pulumi-a"]\n')
        sdk = root / "sdks" / "a"
        sdk.mkdir(parents=True)
        (sdk / "pyproject.toml").write_text('[project]\nname = "pulumi_a"\n')
        project = load_project(root / "Pulumi.yaml")
        places = "" if indexed else f"--find-links {wheel.parent} "
        assert link_sdk(project, sdk, "pulumi_a") == ()
        assert unlink_sdk(project, sdk) == "pulumi_a"
        assert calls_of(uv) == [
            f"add --no-sync {places}--no-workspace ./sdks/a",
            f"remove --no-sync {places}pulumi_a",
        ]

    def test_an_older_uv(self, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """It does not know how to leave the SDK out of a workspace."""
        refuse = 'case "$*" in *--no-workspace*) echo "unexpected argument --no-workspace" >&2; exit 2;; esac'
        uv = write_tool(tmp_path / "tools" / "uv", then=refuse)
        monkeypatch.setenv("PATH", f"{uv.parent}:/usr/bin:/bin")
        options = "runtime:\n  name: python\n  options:\n    toolchain: uv\n"
        (root / "Pulumi.yaml").write_text(f"name: shop\n{options}")
        (root / "pyproject.toml").write_text('[project]\nname = "shop"\n')
        sdk = root / "sdks" / "a"
        sdk.mkdir(parents=True)
        link_sdk(load_project(root / "Pulumi.yaml"), sdk, "pulumi_a")
        assert calls_of(uv) == ["add --no-sync --no-workspace ./sdks/a", "add --no-sync ./sdks/a"]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (
                '[project]\ndependencies = ["six", "pulumi-a @ file:///p/sdks/a"]  # mine\n',
                (
                    '[project]\ndependencies = ["six", "pulumi-a"]  # mine\n\n'
                    '[tool.poetry.dependencies]\npulumi-a = { path = "sdks/a" }\n'
                ),
            ),
            (
                (
                    "[project]\ndependencies = ['pulumi-a @ file:///p/sdks/a']\n\n"
                    '[tool.poetry.dependencies] # more\nsix = "*"\n[tool.x]\n'
                ),
                (
                    "[project]\ndependencies = ['pulumi-a']\n\n"
                    '[tool.poetry.dependencies] # more\npulumi-a = { path = "sdks/a" }\nsix = "*"\n[tool.x]\n'
                ),
            ),
            ('[tool.poetry.dependencies]\npulumi-a = {path = "sdks/a"}\n', None),
            ('[tool.poetry]\ndependencies = {}\n[project]\ndependencies = ["a @ file:///p/sdks/a"]\n', None),
        ],
        ids=["no table", "a table", "as poetry 1 has it", "no way"],
    )
    def test_poetrys_absolute_paths(self, text: str, expected: str | None) -> None:
        """What is recorded holds on every machine (§5.2)."""
        assert with_relative_path(text, "file:///p/sdks/a", "sdks/a") == (expected or text)
