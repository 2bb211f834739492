"""`new` and `install` (cli.md §9, §10.1)."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import Any

import pytest

from stackwright.project import load_project

TEMPLATES = {
    "python": "",
    "aws-python": "pulumi-aws",
    "azure-python": "pulumi-azure",
    "gcp-python": "pulumi-gcp",
    "kubernetes-python": "pulumi-kubernetes",
}
FILES = [".gitignore", "Pulumi.yaml", "__main__.py", "requirements.txt"]


def test_the_templates_are_listed(line: Any) -> None:
    """cli.md §9.1"""
    rows = line.ok("new", "--list-templates").splitlines()
    assert rows[0] == "Available Templates:"
    assert {row.split()[0] for row in rows[1:]} == set(TEMPLATES)


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_template_is_filled_in(line: Any, template: str, tmp_path: Path) -> None:
    """cli.md §9.2, §9.5"""
    place = tmp_path / "made"
    said = line.ok(
        "new", template, "--yes", "-g", "--dir", str(place), "-n", "till", "-d", 'Says: "ding"', "--offline"
    )
    assert said.startswith("Created project 'till'\n")
    assert "Your new project is ready to go!" in said
    for step in (f"cd {place}", "stackwright install", "stackwright stack init"):
        assert step in said
    assert sorted(path.name for path in place.iterdir()) == FILES
    project = load_project(place / "Pulumi.yaml")
    assert (project.name, project.description) == ("till", 'Says: "ding"')
    text = (place / "Pulumi.yaml").read_text(encoding="utf-8")
    assert "template:\n" not in text
    assert f"pulumi:template: {template}" in text.replace("\n      value: ", " ") or template in text
    program = (place / "__main__.py").read_text(encoding="utf-8")
    ast.parse(program)
    assert "import stackwright" in program
    requirements = (place / "requirements.txt").read_text(encoding="utf-8")
    assert "stackwright" in requirements
    assert TEMPLATES[template] in requirements
    assert not any("${" in path.read_text(encoding="utf-8") for path in place.iterdir())


def test_a_first_stack_with_configuration(line: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """cli.md §9.2, §9.3"""
    monkeypatch.setattr("stackwright.cli._new._install", lambda created: None)
    place = tmp_path / "cloud"
    said = line.ok(
        "new",
        "aws-python",
        "-y",
        "--dir",
        str(place),
        "-s",
        "prod",
        "-c",
        "aws:region=eu-west-1",
        "-c",
        "a=b",
    )
    assert "Created project 'cloud'" in said
    assert "Created stack 'prod'" in said
    assert "Saved config" in said
    assert f"cd {place}" in said
    assert Path(os.getcwd()) == place  # noqa: PTH109
    assert line.ok("stack", "--show-name") == "prod\n"
    assert line.ok("config", "get", "aws:region") == "eu-west-1\n"
    assert line.ok("config", "get", "a") == "b\n"
    assert line.ok("stack", "tag", "get", "pulumi:template") == "aws-python\n"


def test_refusals(line: Any, tmp_path: Path) -> None:
    """cli.md §9.2, §9.3, §9.4"""
    assert "non-interactive mode requires --yes flag" in line.refused("new", "python")
    assert "is not empty\nAdd --force" in line.refused("new", "python", "-y")
    place = str(tmp_path / "made")
    assert "There is no template `pythn`; did you mean `python`?" in line.refused(
        "new", "pythn", "-y", "--dir", place
    )
    assert line.refused("new", "python", "-y", "--dir", place, "-n", "not a name")
    assert "have to agree" in line.refused(
        "new", "python", "-y", "--dir", place, "-n", "a", "-s", "organization/b/dev"
    )


def test_force_writes_over_what_is_there(line: Any) -> None:
    """cli.md §9.2"""
    (line.project / "notes.txt").write_text("kept", encoding="utf-8")
    line.ok("new", "python", "-y", "-g", "--force", "-n", "fresh")
    assert load_project(line.project / "Pulumi.yaml").name == "fresh"
    assert (line.project / "notes.txt").read_text(encoding="utf-8") == "kept"


def test_runtime_options(line: Any, tmp_path: Path) -> None:
    """cli.md §9.1"""
    place = tmp_path / "made"
    line.ok("new", "python", "-y", "-g", "--dir", str(place), "--runtime-options", "toolchain=uv")
    runtime = load_project(place / "Pulumi.yaml").runtime
    assert runtime is not None
    assert runtime.options["toolchain"] == "uv"


def test_install_can_leave_either_part_out(line: Any, tmp_path: Path) -> None:
    """cli.md §10.1"""
    line.ok("install", "--no-dependencies", "--no-plugins")
    assert sorted(path.name for path in line.project.iterdir()) == ["Pulumi.yaml"]
    assert line.refused("-C", str(tmp_path), "install", "--no-plugins")
