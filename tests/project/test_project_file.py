"""The project file: discovery, fields, saving (spec: state.md §1)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stackwright.project import (
    ConfigKey,
    PackageSpec,
    ProjectFileError,
    ProjectNotFoundError,
    UnknownRuntimeError,
    check_required_version,
    find_plugin_file,
    find_policy_file,
    find_project,
    find_project_file,
    load_project,
    package_entry,
    parse_project,
    runtime_entry,
    save_project,
)
from stackwright.project._version_range import VersionRange

PATH = Path("/work-of-somebody/shop/Pulumi.yaml")


def touch(path: Path, text: str = "name: x\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


class TestDiscovery:
    def test_upwards(self, tmp_path: Path) -> None:
        """The nearest project file counts, here or above (state.md §1.1)."""
        touch(tmp_path / "Pulumi.yaml")
        inner = touch(tmp_path / "a" / "Pulumi.yaml")
        (tmp_path / "a" / "b" / "c").mkdir(parents=True)

        assert find_project_file(tmp_path / "a" / "b" / "c") == inner

    def test_order_in_one_directory(self, tmp_path: Path) -> None:
        """Ours comes first, then the compatible tool's as json, yaml, yml (state.md §1.1, sdk.md §23)."""
        order = [
            "Stackwright.yaml",
            "Pulumi.json",
            "Pulumi.yaml",
            "Pulumi.yml",
            "Khulnasoft.yaml",
            "Codeinfra.yaml",
        ]
        for name in order:
            touch(tmp_path / name)

        found = []
        for _ in order:
            path = find_project_file(tmp_path)
            found.append(path.name)
            path.unlink()
        assert found == order

    def test_names_have_their_case(self, tmp_path: Path) -> None:
        """`pulumi.yaml` is no project file, and neither is a directory called `Pulumi.yaml`."""
        touch(tmp_path / "pulumi.yaml")
        (tmp_path / "Pulumi.yaml").mkdir()

        with pytest.raises(ProjectNotFoundError) as caught:
            find_project_file(tmp_path)

        assert str(tmp_path) in caught.value.message
        assert "stackwright new" in str(caught.value.hint)

    def test_the_working_directory_is_the_default(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Without a start the search begins where the command runs."""
        touch(tmp_path / "Pulumi.yaml", "name: here\n")
        monkeypatch.chdir(tmp_path)

        assert find_project().name == "here"

    def test_a_closed_directory_has_no_project(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A directory that may not be read counts as one without a project (state.md §1.1)."""
        touch(tmp_path / "Pulumi.yaml")
        closed = tmp_path / "closed"
        touch(closed / "Pulumi.yaml")
        scandir = os.scandir

        def guarded(path: Path) -> object:
            if path == closed:
                raise PermissionError(13, "Permission denied")
            return scandir(path)

        monkeypatch.setattr(os, "scandir", guarded)

        assert find_project_file(closed).parent == tmp_path

    def test_siblings(self, tmp_path: Path) -> None:
        """Manifests of policy packs and plugins are found the same way (state.md §1.1)."""
        policy = touch(tmp_path / "PulumiPolicy.yaml", "runtime: python\n")
        plugin = touch(tmp_path / "sub" / "PulumiPlugin.yaml", "runtime: python\n")

        assert find_policy_file(tmp_path / "sub") == policy
        assert find_plugin_file(tmp_path / "sub") == plugin
        assert find_plugin_file(tmp_path) is None


class TestFields:
    def test_everything(self) -> None:
        """Every top-level field of the format is understood (state.md §1.3)."""
        project = parse_project(
            """
name: shop
runtime:
  name: python
  options: {toolchain: uv, virtualenv: venv}
main: src
description: A shop
author: me
website: https://example.org
license: MIT
stackConfigDir: stacks
backend: {url: "file://~"}
options: {refresh: always}
requiredPulumiVersion: ">=3.0.0"
somebody: elses
""",
            PATH,
        )

        assert project.name == "shop"
        assert project.root == PATH.parent
        assert project.runtime is not None
        assert (project.runtime.name, project.runtime.options) == (
            "python",
            {"toolchain": "uv", "virtualenv": "venv"},
        )
        assert (project.main, project.description, project.author) == ("src", "A shop", "me")
        assert (project.website, project.license) == ("https://example.org", "MIT")
        assert (project.stack_config_dir, project.backend_url, project.always_refresh) == (
            "stacks",
            "file://~",
            True,
        )
        assert project.required_version == ">=3.0.0"
        assert project.extras == {"somebody": "elses"}

    def test_the_least(self) -> None:
        """A name is enough; a project without a runtime is valid (state.md §1.3)."""
        project = parse_project("name: x\n", PATH)

        assert project.runtime is None
        with pytest.raises(UnknownRuntimeError, match="no runtime"):
            project.python_runtime()

    def test_json(self) -> None:
        """The same in JSON."""
        assert (
            parse_project('{"name": "x", "runtime": "python"}', PATH.with_suffix(".json")).runtime is not None
        )

    def test_the_old_meaning_of_config(self) -> None:
        """A text under `config` is the directory of stack files (state.md §1.3)."""
        assert parse_project("name: x\nconfig: stacks\n", PATH).stack_config_dir == "stacks"

    def test_packages(self) -> None:
        """Packages are words or maps (state.md §1.7)."""
        project = parse_project(
            """
name: x
packages:
  aws: aws@6.0.0
  local: ./plugins/mine
  git: git@github.com:org/repo.git
  tf:
    source: terraform-provider
    version: 0.8.0
    parameters: [hashicorp/random, 3.6.0]
    checksums: {linux-amd64: abc=}
    pluginDownloadURL: https://example.org
    extensions: [a]
""",
            PATH,
        )

        assert project.packages["aws"] == PackageSpec(source="aws", version="6.0.0")
        assert project.packages["local"].is_path
        assert project.packages["git"] == PackageSpec(source="git@github.com:org/repo.git")
        assert project.packages["tf"].parameters == ("hashicorp/random", "3.6.0")

    def test_packages_are_written_as_short_as_they_can_be(self) -> None:
        """Source and version alone collapse to a word (state.md §1.7)."""
        assert package_entry(PackageSpec(source="aws", version="6.0.0")) == "aws@6.0.0"
        assert package_entry(PackageSpec(source="aws")) == "aws"
        assert package_entry(PackageSpec(source="tf", parameters=("a",))) == {
            "source": "tf",
            "parameters": ["a"],
        }

    def test_runtimes_are_written_as_short_as_they_can_be(self) -> None:
        """A runtime without options is a word (state.md §1.3)."""
        assert runtime_entry("python", {}) == "python"
        assert runtime_entry("python", {"virtualenv": "venv"}) == {
            "name": "python",
            "options": {"virtualenv": "venv"},
        }

    def test_plugins(self, tmp_path: Path) -> None:
        """Plugins have paths, seen from the project file (state.md §1.8)."""
        touch(tmp_path / "bin" / "mine", "")
        path = touch(
            tmp_path / "Pulumi.yaml",
            "name: x\nplugins:\n  providers:\n  - name: mine\n    path: ./bin\n    version: 1.0.0\n",
        )

        (plugin,) = load_project(path).plugins

        assert (plugin.kind, plugin.name, plugin.path, plugin.version) == (
            "resource",
            "mine",
            tmp_path / "bin",
            "1.0.0",
        )

    def test_template(self) -> None:
        """The template block is understood (state.md §1.6)."""
        template = parse_project(
            "name: x\ntemplate:\n  displayName: A\n  description: B\n  quickstart: C\n  important: true\n"
            "  metadata: {cloud: aws}\n  config:\n"
            "    aws:region:\n      description: Where\n      default: us-east-1\n"
            "    size: {default: 3, secret: true}\n",
            PATH,
        ).template

        assert template is not None
        assert (template.display_name, template.important, template.metadata) == ("A", True, {"cloud": "aws"})
        assert [(asked.key, asked.default, asked.secret) for asked in template.config] == [
            ("aws:region", "us-east-1", False),
            ("size", "3", True),
        ]

    def test_configuration(self) -> None:
        """Declarations come as words, as lists, and in full (state.md §1.5)."""
        config = parse_project(
            """
name: shop
config:
  short: word
  shop:number: 3
  aws:region: us-west-2
  asked: {type: integer, description: How many, secret: true}
  names: {type: array, items: {type: array, items: {type: string}}, default: [[a]]}
  gcp:project: {value: mine}
""",
            PATH,
        ).config

        own, asked, names = (config[ConfigKey("shop", name)] for name in ("number", "asked", "names"))
        assert own.fallback is not None
        assert own.fallback.tree == "3"
        assert asked.is_required
        assert asked.secret
        assert str(names.type) == "array<array<string>>"
        assert {str(key) for key, declared in config.items() if not declared.is_required} == {
            "shop:short",
            "shop:number",
            "aws:region",
            "shop:names",
            "gcp:project",
        }


class TestProgram:
    @pytest.mark.parametrize(
        ("main", "directory", "entry_point"),
        [(None, ".", "."), ("src", "src", "."), ("src/app.py", "src", "app.py"), ("./src/", "src", ".")],
    )
    def test_where(self, tmp_path: Path, main: str | None, directory: str, entry_point: str) -> None:
        """`main` is a directory or a file; without it the program is beside the file (state.md §1.1)."""
        touch(tmp_path / "src" / "app.py", "")
        path = touch(tmp_path / "Pulumi.yaml", "name: x\n" + (f"main: {main}\n" if main else ""))

        program = load_project(path).program()

        assert (program.directory, program.entry_point) == (tmp_path / directory, entry_point)

    def test_missing(self, tmp_path: Path) -> None:
        """A `main` that is not there is told with its place."""
        path = touch(tmp_path / "Pulumi.yaml", "name: x\nmain: nowhere\n")

        with pytest.raises(ProjectFileError, match=r"Pulumi\.yaml:2:7: `main` names `nowhere`"):
            load_project(path).program()

    def test_absolute(self, tmp_path: Path) -> None:
        """An absolute `main` is used as it is (cli.md §17.7)."""
        path = touch(tmp_path / "a" / "Pulumi.yaml", f"name: x\nmain: {tmp_path}\n")

        assert load_project(path).program().directory == tmp_path


class TestRuntime:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            (
                "runtime: pyhton",
                "Pulumi.yaml:2:10: the runtime `pyhton` is not known; did you mean `python`?",
            ),
            ("runtime: nodejs", "Pulumi.yaml:2:10: the runtime `nodejs` is not known"),
            ("runtime:\n  name: go", "Pulumi.yaml:3:9: the runtime `go` is not known"),
        ],
    )
    def test_unknown(self, text: str, words: str) -> None:
        """A project in another language loads, but cannot be run."""
        project = parse_project(f"name: x\n{text}\n", PATH)

        with pytest.raises(UnknownRuntimeError) as caught:
            project.python_runtime()

        assert words in caught.value.message
        assert "runtime: python" in str(caught.value.hint)

    def test_python(self) -> None:
        """Python is what is run."""
        assert parse_project("name: x\nruntime: python\n", PATH).python_runtime().name == "python"


class TestSaving:
    def test_edit(self, tmp_path: Path) -> None:
        """Entries are set and removed; the rest stays as it was typed (state.md §1.9)."""
        path = touch(
            tmp_path / "Pulumi.yaml",
            "# mine\nname: x   # short\nruntime: python\ntemplate:\n  important: true\n",
        )

        project = save_project(load_project(path), {"template": None, "description": "new: thing"})

        assert path.read_text() == "# mine\nname: x   # short\nruntime: python\ndescription: 'new: thing'\n"
        assert project.description == "new: thing"
        assert load_project(path).description == "new: thing"

    def test_an_invalid_project_is_never_written(self, tmp_path: Path) -> None:
        """What could not be read again is refused, and the file stays."""
        path = touch(tmp_path / "Pulumi.yaml")

        with pytest.raises(ProjectFileError):
            save_project(load_project(path), {"runtime": 5})

        assert path.read_text() == "name: x\n"


class TestRequiredVersion:
    @pytest.mark.parametrize(
        ("text", "inside", "outside"),
        [
            (">=3.0.0", "3.260.0", "2.9.9"),
            (">=3.0.0 <4.0.0", "3.9.0", "4.0.0"),
            ("<2.0.0 || >=3.1.0", "1.0.0", "3.0.0"),
            ("3.260.0", "v3.260.0", "3.260.1"),
            ("=3.260.0", "3.260.0", "3.259.0"),
            ("!3.1.0", "3.1.1", "3.1.0"),
            ("!=3.1.x", "3.2.0", "3.1.7"),
            ("3.x", "3.9.9", "4.0.0"),
            (">3.1.x", "3.2.0", "3.1.9"),
            ("<=3.1.x", "3.1.9", "3.2.0"),
            (">= 3.0.0", "3.0.0", "2.0.0"),
            ("<3.0.0", "3.0.0-alpha.1", "3.0.0"),
        ],
    )
    def test_ranges(self, text: str, inside: str, outside: str) -> None:
        """The grammar of ranges (state.md §1.3)."""
        assert inside in VersionRange(text)
        assert outside not in VersionRange(text)

    def test_mismatch(self) -> None:
        """Both the range and the version are named (state.md §1.3)."""
        project = parse_project("name: x\nrequiredPulumiVersion: '>=4.0.0'\n", PATH)

        with pytest.raises(ProjectFileError, match=r":2:24: .*`>=4\.0\.0`.* version 3\.260\.0"):
            check_required_version(project, "v3.260.0")
        check_required_version(project, "4.0.0")
        check_required_version(parse_project("name: x\n", PATH), "0.0.1")
