"""What is wrong with a project file is told by line and column, all at once (spec: state.md §1.4, §1.5)."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackwright.project import ProjectFileError, load_project, parse_project

PATH = Path("/work-of-somebody/shop/Pulumi.yaml")


def complaints(text: str) -> list[str]:
    """`LINE:COLUMN: words` of every problem."""
    with pytest.raises(ProjectFileError) as caught:
        parse_project(text, PATH)
    return [
        (f"{problem.position.line}:{problem.position.column}: " if problem.position else "") + problem.message
        for problem in caught.value.problems
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        # state.md §1.4
        ("runtime: python", "1:1: the project has no `name`"),
        ("", "the project has no `name`"),
        ("# nothing", "the project has no `name`"),
        ("runtime: python\nnane: x", "2:1: the project has no `name`, but `nane`; did you mean `name`?"),
        ("NAME: x", "1:1: the project has no `name`, but `NAME`; did you mean `name`?"),
        ("name: ''", "1:7: `name` must be a text that is not empty"),
        ("name: 5", "1:7: `name` must be a text that is not empty"),
        ("name:", "1:6: `name` must be a text that is not empty"),
        ("- name", "1:1: a project file must hold `key: value` lines"),
        ("just words", "1:1: a project file must hold `key: value` lines"),
        ("name: x\nruntime: [python]", "2:10: `runtime` must be a word such as `python`, or a map"),
        ("name: x\nruntime: {options: {}}", "2:10: `runtime` must be a word such as `python`, or a map"),
        (
            "name: x\nruntime:\n  name: python\n  option: {}",
            "4:3: `runtime.option` is not known here; did you mean `options`?",
        ),
        ("name: x\nbackend:\n  uri: file://~", "3:3: `backend.uri` is not known here; did you mean `url`?"),
        ("name: x\nbackend: file://~", "2:10: `backend` must be a map of `key: value` lines"),
        ("name: x\noptions: {refresh: never}", "2:20: `options.refresh` can only be `always`"),
        ("name: x\ndescription: [a]", "2:14: `description` must be text"),
        ("name: x\nrequiredPulumiVersion: latest", "2:24: `latest` is not a range of versions"),
        ("name: x\nrequiredPulumiVersion: '>='", "2:24: `>=` is not a range of versions"),
        # state.md §1.6
        ("name: x\ntemplate: {colour: red}", "2:12: `template.colour` is not known here"),
        ("name: x\ntemplate: {important: very}", "2:23: `template.important` must be `true` or `false`"),
        ("name: x\ntemplate: {config: {a: b}}", "2:24: `template.config.a` must be a map with `description`"),
        # state.md §1.7
        ("name: x\npackages: {aws: 5}", "2:17: `packages.aws` must be `source`, `source@version` or a map"),
        ("name: x\npackages: {aws: {version: 1.0.0}}", "2:12: `packages.aws` has no `source`"),
        (
            "name: x\npackages: {aws: {source: a, parameters: [1]}}",
            "2:42: `packages.aws.parameters[0]` must be text",
        ),
        # state.md §1.8
        ("name: x\nplugins: {providers: [{path: .}]}", "2:23: a resource plugin has no `name`"),
        ("name: x\nplugins: {languages: [{name: a}]}", "2:23: a language plugin has no `path`"),
        (
            "name: x\nplugins: {providers: [a]}",
            "2:23: a resource plugin must be a map with `name` and `path`",
        ),
        (
            "name: x\nplugins: {provider: []}",
            "2:11: `plugins.provider` is not known here; did you mean `providers`?",
        ),
        (
            "name: x\nplugins:\n  providers:\n  - name: a\n    path: nowhere",
            "5:11: the resource plugin `a` is said to be at `nowhere`, where there is nothing",
        ),
        (
            "name: x\nplugins:\n  providers:\n  - {name: a, path: /}\n  - {name: a, path: /}",
            "5:5: the resource plugin `a` is listed twice in the same version",
        ),
        # state.md §1.5
        (
            "name: x\nconfig:\n  k: {default: 1, value: 2}",
            "3:19: `k` has both a `default` and a `value`; it can have one",
        ),
        ("name: x\nconfig:\n  k: {type: array}", "3:13: `k` is an array, but `items` does not say of what"),
        (
            "name: x\nconfig:\n  k: {type: array, items: 5}",
            "3:27: `items` of `k` must be a map with a `type`",
        ),
        ("name: x\nconfig:\n  k: {type: array, items: {}}", "3:20: `items` of `k` has no `type`"),
        (
            "name: x\nconfig:\n  k: {type: integer, default: five}",
            "3:31: the default of `k` is not of the type integer",
        ),
        (
            "name: x\nconfig:\n  k:\n    type: array\n    items: {type: string}\n    default: [1]",
            "6:14: the default of `k` is not of the type array<string>",
        ),
        (
            (
                "name: x\nconfig:\n  k:\n    type: array\n    items: {type: array, items: {type: integer}}\n"
                "    default: [a]"
            ),
            "6:14: the default of `k` is not of the type array<array<integer>>",
        ),
        (
            "name: x\nconfig:\n  aws:k: {type: string, value: a}",
            "3:11: `aws:k` is not the project's own, so it has no `type`",
        ),
        (
            "name: x\nconfig:\n  aws:k: {default: a}",
            "3:11: `aws:k` is not the project's own: give it a `value`",
        ),
        (
            "name: x\nconfig:\n  aws:k: {description: a}",
            "3:3: `aws:k` is not the project's own and has no `value`",
        ),
        ("name: x\nconfig:\n  a:b:c: 1", "3:3: `a:b:c` is not a configuration key"),
        ("name: x\nconfig:\n  k: {type: strng}", "3:13: `strng` is not a type; did you mean `string`?"),
        (
            "name: x\nconfig:\n  k: {defalt: 1}",
            "3:7: `config.k.defalt` is not known here; did you mean `default`?",
        ),
        ("name: x\nconfig:\n  k: {secret: 1}", "3:15: `config.k.secret` must be `true` or `false`"),
        ("name: x\nconfig:\n  k: 1\n  x:k: 2", "4:3: `x:k` is declared twice"),
        ("name: x\nconfig: [a]", "2:9: `config` must be a map of `key: value` lines"),
    ],
)
def test_one_problem(text: str, complaint: str) -> None:
    """Each mistake is told once, in its place."""
    (told,) = complaints(text)
    assert told.startswith(complaint)


def test_all_problems_at_once() -> None:
    """Problems that can be mended together are reported together, in the order of the text."""
    text = "name: ''\nruntime: 5\noptions: {refresh: never}\nconfig:\n  k: {type: strng}\n"

    with pytest.raises(ProjectFileError) as caught:
        parse_project(text, PATH)

    assert caught.value.message == f"{PATH} has 4 problems"
    assert str(caught.value.detail).splitlines() == [
        f"{PATH}:1:7: `name` must be a text that is not empty",
        f"{PATH}:2:10: `runtime` must be a word such as `python`, or a map with `name` and `options`",
        f"{PATH}:3:20: `options.refresh` can only be `always`",
        f"{PATH}:5:13: `strng` is not a type; did you mean `string`?",
    ]


def test_paths_are_shown_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file below the working directory is named as a person there would name it."""
    (tmp_path / "Pulumi.yaml").write_text("name: x\n  y: [")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ProjectFileError, match=r"^Pulumi\.yaml:2:4: this is not valid YAML"):
        load_project(tmp_path / "Pulumi.yaml")


def test_a_missing_file(tmp_path: Path) -> None:
    """A path that was named but is not there is told."""
    with pytest.raises(ProjectFileError, match="there is no such file"):
        load_project(tmp_path / "Pulumi.yaml")


def test_slips_at_the_top_are_warned_about() -> None:
    """Unknown top-level keys are kept; one that looks like a slip is pointed out (state.md §1.2)."""
    project = parse_project("name: x\nruntme: python\nteam: a\n", PATH)

    (warning,) = project.warnings
    assert warning.message == "`runtme` means nothing here; did you mean `runtime`?"
    assert warning.position == (2, 1)
    assert project.extras == {"runtme": "python", "team": "a"}


def test_slips_in_the_options_of_the_runtime_are_warned_about() -> None:
    """Others are left to plugins, which are told of all options (state.md §14)."""
    options = "{virtualnev: venv, somethingElse: 1, mode: inline}"
    project = parse_project(f"name: x\nruntime: {{name: python, options: {options}}}\n", PATH)

    (warning,) = project.warnings
    assert warning.message == "`runtime.options.virtualnev` means nothing here; did you mean `virtualenv`?"
    assert warning.position is not None
