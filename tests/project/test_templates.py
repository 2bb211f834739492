"""Templates (spec: cli.md §9.4)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from stackwright.project import ProjectFileError, TemplateError, find_template, list_templates

OURS = ["aws-python", "azure-python", "gcp-python", "kubernetes-python", "python"]


def write_template(directory: Path, text: str = "name: ${PROJECT}\ntemplate: {description: Mine}\n") -> Path:
    directory.mkdir(parents=True)
    (directory / "Pulumi.yaml").write_text(text)
    return directory


class TestOurs:
    def test_all_are_listed(self) -> None:
        """Our templates are there without any network, with a description each."""
        listings = list_templates({})

        assert [listing.name for listing in listings] == OURS
        assert all(listing.description and listing.problem is None for listing in listings)

    @pytest.mark.parametrize("name", OURS)
    def test_each_is_complete(self, name: str) -> None:
        """Each has a program that parses, Stackwright first among its requirements, and an ignore list."""
        template = find_template(name, {})

        ast.parse((template.directory / "__main__.py").read_text())
        assert (template.directory / "requirements.txt").read_text().startswith("stackwright\n")
        assert "venv/" in (template.directory / ".gitignore").read_text().splitlines()
        assert template.project.python_runtime().options["virtualenv"] == "venv"
        assert template.project.name == "${PROJECT}"


class TestFinding:
    def test_a_directory(self, tmp_path: Path) -> None:
        """A directory with a project file is a template."""
        directory = write_template(tmp_path / "mine")

        template = find_template(str(directory), {})

        assert (template.name, template.directory, template.description) == ("mine", directory, "Mine")

    def test_a_directory_wins_over_a_name(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A directory here is meant before a template of that name; one without a project file is not."""
        monkeypatch.chdir(tmp_path)
        (tmp_path / "python").mkdir()
        assert find_template("python", {}).directory != tmp_path / "python"
        (tmp_path / "python" / "Pulumi.yaml").write_text("name: x\n")
        assert find_template("python", {}).directory == tmp_path / "python"

    def test_a_directory_of_templates(self, tmp_path: Path) -> None:
        """`TEMPLATE_PATH` puts other templates in the place of ours; broken ones are listed as such."""
        write_template(tmp_path / "b-important", "name: x\ntemplate: {important: true}\n")
        write_template(tmp_path / "a-plain")
        write_template(tmp_path / "c-broken", "name: [\n")
        (tmp_path / "no-template").mkdir()
        environ = {"PULUMI_TEMPLATE_PATH": str(tmp_path)}

        listings = list_templates(environ)

        assert [listing.name for listing in listings] == ["b-important", "a-plain", "c-broken"]
        assert "not valid YAML" in str(listings[2].problem)
        assert find_template("a-plain", environ).description == "Mine"
        with pytest.raises(ProjectFileError):
            find_template("c-broken", environ)

    def test_a_missing_directory_of_templates(self, tmp_path: Path) -> None:
        """A setting that names nothing is told with the variable."""
        with pytest.raises(TemplateError) as caught:
            list_templates({"PULUMI_TEMPLATE_PATH": str(tmp_path / "missing")})
        assert "PULUMI_TEMPLATE_PATH" in str(caught.value.hint)

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("pyton", "There is no template `pyton`; did you mean `python`?"),
            ("fortran", "There is no template `fortran`"),
            ("", "There is no template ``"),
            ("https://github.com/somebody/templates", "would have to be downloaded"),
            ("git@github.com:somebody/templates.git", "would have to be downloaded"),
            ("github.com/somebody/templates", "would have to be downloaded"),
            ("https://example.org/x.zip", "would have to be downloaded"),
        ],
    )
    def test_unknown(self, text: str, words: str) -> None:
        """What is no template is told with what was probably meant, or with a way around."""
        with pytest.raises(TemplateError) as caught:
            find_template(text, {})
        assert caught.value.message.startswith(words) or words in caught.value.message

    def test_a_directory_without_a_project_file(self, tmp_path: Path) -> None:
        """A path that is clearly one is told as such, even below a project."""
        (tmp_path / "Pulumi.yaml").write_text("name: around\n")
        (tmp_path / "sub").mkdir()

        with pytest.raises(TemplateError, match="it has no project file"):
            find_template(str(tmp_path / "sub"), {})
