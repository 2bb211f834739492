"""`package` and its commands (cli.md §11)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from stackwright.cli._app import run

Say = Callable[..., tuple[int, str, str]]


def test_from_nothing_to_nothing(say: Say, project: Path) -> None:
    """Added, listed, upgraded and taken out again: the project is what it was."""
    status, out, err = say("package", "add", "random")
    assert status == 0, err
    assert "Successfully generated an SDK for the random package at " in out
    assert "  import pulumi_random as random\n" in out
    assert err.endswith("Added package random\n")
    (listed,) = json.loads(say("package", "ls", "--json")[1])
    assert (listed["name"], listed["source"], listed["pinned"]) == ("random", "random", False)
    version = listed["version"]
    assert say("package", "ls")[1].splitlines()[1].split() == ["random", "random", version, "-", "no"]
    assert say("package", "upgrade")[1] == f"random: unchanged ({version})\n"
    assert json.loads(say("package", "update", "--json")[1]) == [
        {"name": "random", "from": version, "version": version}
    ]
    assert (project / "sdks" / "random").is_dir()
    assert say("package", "delete", "random") == (0, "Removed package random\n", "")
    assert (project / "Pulumi.yaml").read_text() == "name: shop # ours\nruntime: python\n"
    assert (project / "requirements.txt").read_text() == ""
    assert list((project / "sdks").iterdir()) == []
    assert say("package", "list")[1].startswith("The project has no packages yet.")


def test_one_of_two_is_taken_out(say: Say, project: Path) -> None:
    """The other one stays, with its records."""
    say("package", "add", "random")
    say("package", "add", "command", "--module", "shell")
    (project / "requirements.txt").write_text("requests\n" + (project / "requirements.txt").read_text())
    status, out, _ = say("package", "remove", "random", "--json")
    assert (status, json.loads(out)) == (0, [{"name": "random"}])
    assert [each["name"] for each in json.loads(say("package", "ls", "-j")[1])] == ["command"]
    assert (project / "requirements.txt").read_text() == "requests\n./sdks/command\n"
    assert [each.name for each in (project / "sdks").iterdir()] == ["command"]


def test_locked_ones_are_unlocked(say: Say, project: Path) -> None:
    """What another package is made of, too, stays pinned."""
    (project / "Pulumi.yaml").write_text(
        "name: shop\nruntime: python\npackages:\n"
        "  a:\n    source: terraform-provider\n    parameters: [registry.terraform.io/acme/a, 1.0.0]\n"
        "  b:\n    source: terraform-provider\n    parameters: [registry.terraform.io/acme/a, 1.0.0,"
        " --provider-name=b]\n"
    )
    lock = project / "stackwright.lock"
    lock.write_text(
        'version = 1\n[[provider]]\naddress = "registry.terraform.io/acme/a"\nversion = "1.0.0"\n'
    )
    assert [each["version"] for each in json.loads(say("package", "ls", "-j")[1])] == ["1.0.0", "1.0.0"]
    say("package", "remove", "b")
    assert "acme/a" in lock.read_text()
    say("package", "remove", "a")
    assert "acme/a" not in lock.read_text()
    assert "packages" not in (project / "Pulumi.yaml").read_text()


def test_looking_into_one(say: Say, tmp_path: Path) -> None:
    """A schema as JSON with two spaces; a description; an SDK without a project knowing of it."""
    status, out, _ = say("package", "get-schema", "random")
    assert status == 0
    assert out.startswith('{\n  "')
    assert json.loads(out)["name"] == "random"
    status, out, _ = say("package", "info", "random")
    assert out.splitlines()[0] == "Name: random"
    status, _, err = say(
        "package", "gen-sdk", "random", "--language", "python", "--out", str(tmp_path / "out")
    )
    assert (status, err) == (0, f"SDK has been written to {tmp_path / 'out' / 'python'}\n")
    assert (tmp_path / "out" / "python" / "pulumi_random").is_dir()


def test_typed_in_a_folder_of_the_project(say: Say, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path is meant from where it is typed; a schema file is taken, and not recorded."""
    (project / "sub" / "deep").mkdir(parents=True)
    (project / "sub" / "schema.json").write_text('{"name": "thing", "version": "1.0.0"}')
    monkeypatch.chdir(project / "sub" / "deep")
    status, _, err = say("package", "add", "../schema.json")
    assert status == 0, err
    assert (project / "sdks" / "thing" / "pulumi_thing").is_dir()
    assert say("package", "ls")[1].startswith("The project has no packages yet.")
    assert "Name: thing" in say("package", "info", "../schema.json")[1]
    assert "There is no ./sub/deep/other" in say("package", "add", "./other")[2]


def test_mappings(say: Say, tmp_path: Path) -> None:
    """`no mapping found`, for a package that gives none."""
    status, out, err = say("package", "get-mapping", "terraform", "random")
    assert (status, out) == (1, "")
    assert err == 'error: no mapping found for key "terraform"\n'
    assert 'key "tf" and provider "aws"' in say("package", "get-mapping", "tf", "random", "aws")[2]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["remove", "random"], "The project has no package random\nIt has none"),
        (["upgrade", "random"], "The project has no package random"),
        (["remove"], "Missing argument"),
        (["add", "random", "--language", "python"], "--language is only for outside of a project"),
        (["add", "random", "--extension", "x"], "The package random cannot be extended"),
        (["add", "random", "--extension", "'x"], "the parameters in --extension cannot be told apart"),
        (["add", "random", "y", "--extension", "x"], "which takes one parameter"),
        (["add", "hashicorp/aws", "--extension", "x"], "Only plugins can be extended"),
        (["gen-sdk", "random", "--language", "go"], "SDKs are generated for Python, not for go"),
        (["gen-sdk", "random", "--language", "cobol"], "there is no language cobol"),
        (["info", "random", "-r", "a", "-f", "b"], "only one of --resource and --function"),
        (["publish", "x"], "`package publish` is for Pulumi's registry"),
        (["publish-sdk", "python", "x"], "`package publish-sdk` is for Pulumi's registry"),
        (["pack-sdk", "python", "x"], "build it with `pip wheel`"),
        (["new"], "Write a component as docs/components.md shows"),
    ],
)
def test_mistakes(say: Say, words: list[str], said: str) -> None:
    """Each says what is wrong, or what to do instead."""
    status, _, err = say("package", *words)
    assert status != 0
    assert said in err


def test_outside_of_a_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--language` says what a project would say."""
    monkeypatch.chdir(tmp_path)
    assert run(["package", "add", "random"]) == 1
    assert "--language" in capsys.readouterr().err
    assert run(["package", "add", "random", "--language", "python"]) == 0
    assert (tmp_path / "sdks" / "random" / "pulumi_random").is_dir()


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    """cli.md §1.3: with a sentence of what it does."""
    assert run(["package", "--help"]) == 0
    listed = capsys.readouterr().out
    for name in ("add", "gen-sdk", "get-mapping", "get-schema", "info", "ls", "remove", "upgrade"):
        assert f"  {name} " in listed
        assert run(["package", name, "--help"]) == 0
        assert f"Usage: stackwright package {name}" in capsys.readouterr().out
    assert "publish" not in listed
