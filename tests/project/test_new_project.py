"""Making projects from templates (spec: cli.md §9.2, §9.3, §9.5)."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackwright.errors import StackwrightError
from stackwright.project import (
    ConfigError,
    ConfigKey,
    CreatedProject,
    Identity,
    NameProblemError,
    Template,
    TemplateError,
    check_destination,
    choose_config,
    choose_identity,
    create_project,
    find_template,
    load_project,
    parse_assignment,
    parse_runtime_options,
    read_template,
)
from stackwright.project._document import Document
from stackwright.project._new_project import _filled_yaml


class Answers:
    """A prompter that gives prepared answers, and keeps what it was asked."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, str, bool]] = []
        self.refused: list[str] = []

    def ask(
        self,
        label: str,
        *,
        default: str = "",
        secret: bool = False,
        check: Callable[[str], None] | None = None,
    ) -> str:
        self.asked.append((label, default, secret))
        while True:
            answer = self._answers.pop(0) or default
            try:
                if check is not None:
                    check(answer)
            except StackwrightError as problem:
                self.refused.append(problem.message)
            else:
                return answer


def template(
    directory: Path, files: dict[str, str], project: str = "name: ${PROJECT}\nruntime: python\n"
) -> Template:
    for name, content in {"Pulumi.yaml": project, **files}.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return read_template(directory)


def created(
    tmp_path: Path, source: Template, name: str = "shop", description: str = "A shop"
) -> CreatedProject:
    return create_project(source, tmp_path / "new", Identity(name, description))


class TestDestination:
    def test_empty(self, tmp_path: Path) -> None:
        """A missing or empty directory will do, and one under version control."""
        check_destination(tmp_path / "missing")
        (tmp_path / ".git").mkdir()
        check_destination(tmp_path)

    def test_not_empty(self, tmp_path: Path) -> None:
        """Any other file needs `--force`."""
        (tmp_path / "a").write_text("")

        with pytest.raises(TemplateError, match="is not empty") as caught:
            check_destination(tmp_path)
        assert "--force" in str(caught.value.hint)
        check_destination(tmp_path, force=True)

    def test_a_file(self, tmp_path: Path) -> None:
        """A file is no directory, whatever is forced."""
        (tmp_path / "a").write_text("")

        with pytest.raises(TemplateError, match="is not a directory"):
            check_destination(tmp_path / "a", force=True)


class TestIdentity:
    def test_defaults(self, tmp_path: Path) -> None:
        """Without a person the directory's name and the template's description are taken."""
        identity = choose_identity(tmp_path / "my shop", template=find_template("python", {}))

        assert identity == Identity("my-shop", "A first Python program that needs no cloud")

    def test_a_template_with_a_name(self, tmp_path: Path) -> None:
        """A template that is an ordinary project keeps its name and description."""
        source = template(tmp_path / "t", {}, "name: fixed\ndescription: Its own\n")

        assert choose_identity(tmp_path / "elsewhere", template=source) == Identity("fixed", "Its own")

    def test_given(self, tmp_path: Path) -> None:
        """What is given is not asked for, but checked."""
        person = Answers()

        assert choose_identity(tmp_path, name="a", description="b", prompter=person) == Identity("a", "b")
        assert person.asked == []
        with pytest.raises(NameProblemError):
            choose_identity(tmp_path, name="a b")
        with pytest.raises(NameProblemError):
            choose_identity(tmp_path, name="a", description="x" * 257)

    def test_asked(self, tmp_path: Path) -> None:
        """A person is asked until the answer will do."""
        person = Answers("a b", "shop", "")

        identity = choose_identity(tmp_path / "dir", template=find_template("python", {}), prompter=person)

        assert identity.name == "shop"
        assert [label for label, _, _ in person.asked] == ["Project name", "Project description"]
        assert person.asked[0][1] == "dir"
        assert len(person.refused) == 1

    def test_a_reserved_directory(self, tmp_path: Path) -> None:
        """A default that will not do is an error where nobody can be asked."""
        with pytest.raises(NameProblemError, match="reserved"):
            choose_identity(tmp_path / "Pulumi")


class TestFiles:
    def test_copies(self, tmp_path: Path) -> None:
        """Files are copied with names filled in, in contents and in paths; binary ones as they are."""
        source = template(
            tmp_path / "t",
            {
                "src/${PROJECT}.py": "# ${PROJECT}: ${DESCRIPTION} ${OTHER}\n",
                ".gitignore": "venv/\n",
                "run.sh": "#!/bin/sh\n",
                ".git/config": "no",
                "__pycache__/x.pyc": "no",
                "Pulumi.yaml.append": "no",
            },
        )
        (source.directory / "logo.bin").write_bytes(b"\xff\x00${PROJECT}")
        (source.directory / "run.sh").chmod(0o555)

        project = created(tmp_path, source)

        new = tmp_path / "new"
        assert [str(path) for path in project.files] == [
            ".gitignore",
            "Pulumi.yaml",
            "logo.bin",
            "run.sh",
            "src/shop.py",
        ]
        assert (new / "src" / "shop.py").read_text() == "# shop: A shop ${OTHER}\n"
        assert (new / "logo.bin").read_bytes() == b"\xff\x00${PROJECT}"
        assert stat.S_IMODE((new / "run.sh").stat().st_mode) == 0o755
        assert sorted(path.name for path in new.iterdir()) == [
            ".gitignore",
            "Pulumi.yaml",
            "logo.bin",
            "run.sh",
            "src",
        ]

    def test_nothing_is_overwritten(self, tmp_path: Path) -> None:
        """Files in the way are listed, and nothing at all is written."""
        source = template(tmp_path / "t", {"a.txt": "new", "b.txt": "new"})
        (tmp_path / "new").mkdir()
        (tmp_path / "new" / "b.txt").write_text("old")

        with pytest.raises(TemplateError, match="would change files") as caught:
            created(tmp_path, source)

        assert caught.value.detail == "  overwrite   b.txt"
        assert [path.name for path in (tmp_path / "new").iterdir()] == ["b.txt"]

    def test_unless_forced(self, tmp_path: Path) -> None:
        """`--force` overwrites what has the same name and leaves the rest."""
        source = template(tmp_path / "t", {"b.txt": "new"})
        (tmp_path / "new").mkdir()
        (tmp_path / "new" / "b.txt").write_text("old")
        (tmp_path / "new" / "c.txt").write_text("kept")

        create_project(source, tmp_path / "new", Identity("shop", ""), force=True)

        assert (tmp_path / "new" / "b.txt").read_text() == "new"
        assert (tmp_path / "new" / "c.txt").read_text() == "kept"

    @pytest.mark.parametrize("name", ["file", "directory"])
    def test_links_are_refused(self, tmp_path: Path, name: str) -> None:
        """A template cannot reach outside through a link."""
        source = template(tmp_path / "t", {})
        (tmp_path / "outside").mkdir()
        (tmp_path / "outside" / "secret").write_text("secret")
        target = tmp_path / "outside" / ("secret" if name == "file" else "")
        (source.directory / "link").symlink_to(target)

        with pytest.raises(TemplateError, match="is a link"):
            created(tmp_path, source)
        assert not (tmp_path / "new").exists()

    def test_names_stay_inside(self, tmp_path: Path) -> None:
        """A project called `..` does not lead out of its directory."""
        source = template(tmp_path / "t", {"${PROJECT}/x.py": ""})

        with pytest.raises(TemplateError, match="would be written outside"):
            created(tmp_path, source, name="..")

    def test_a_place_that_cannot_be_written(self, tmp_path: Path) -> None:
        """A file where a directory has to be is told."""
        source = template(tmp_path / "t", {"sub/a.txt": "x"})
        (tmp_path / "new").mkdir()
        (tmp_path / "new" / "sub").write_text("")

        with pytest.raises(TemplateError, match="cannot be written"):
            create_project(source, tmp_path / "new", Identity("shop", ""), force=True)


class TestProjectFile:
    def test_tidied(self, tmp_path: Path) -> None:
        """Names are set, the template block goes, the origin is tagged, comments stay (cli.md §9.2)."""
        source = template(
            tmp_path / "t",
            {},
            "# ours\nname: ${PROJECT} # the name\ndescription: ${DESCRIPTION}\n"
            "runtime:\n  name: python\n  options:\n    virtualenv: venv\n"
            "template:\n  description: x\n  quickstart: Go, ${PROJECT}!\n",
        )

        project = created(tmp_path, source, description="It's a shop: small")

        assert (tmp_path / "new" / "Pulumi.yaml").read_text() == (
            '# ours\nname: shop # the name\ndescription: "It\'s a shop: small"\n'
            "runtime:\n  name: python\n  options:\n    virtualenv: venv\n"
            "config:\n  pulumi:tags:\n    value:\n      pulumi:template: t\n"
        )
        assert project.quickstart == "Go, shop!"
        assert project.project.config[ConfigKey("pulumi", "tags")].fallback is not None

    def test_runtime_options(self, tmp_path: Path) -> None:
        """Options are merged; tools with an environment of their own lose pip's (cli.md §9.1)."""
        source = find_template("python", {})

        def runtime(directory: str, options: str) -> dict[str, object]:
            project = create_project(
                source,
                tmp_path / directory,
                Identity("shop", ""),
                runtime_options=parse_runtime_options(options),
            ).project
            return project.python_runtime().options

        assert runtime("a", "typechecker=mypy") == {
            "toolchain": "pip",
            "virtualenv": "venv",
            "typechecker": "mypy",
        }
        assert runtime("b", "toolchain=uv") == {"toolchain": "uv"}
        assert runtime("c", "virtualenv=env") == {"toolchain": "pip", "virtualenv": "env"}

    def test_an_empty_description_goes(self, tmp_path: Path) -> None:
        """No description, no line."""
        project = create_project(find_template("python", {}), tmp_path / "new", Identity("shop", ""))

        assert project.project.description is None

    def test_without_a_template(self, tmp_path: Path) -> None:
        """A bare project has a name, and that is enough (state.md §1.3)."""
        project = create_project(None, tmp_path / "new", Identity("shop", "")).project

        assert project.path.read_text() == "name: shop\n"
        with pytest.raises(TemplateError, match="would change files"):
            create_project(None, tmp_path / "new", Identity("other", ""))

    @pytest.mark.parametrize("name", ["a b", "", "Pulumi"])
    def test_bad_names_write_nothing(self, tmp_path: Path, name: str) -> None:
        """A name that will not do is refused before anything is written."""
        with pytest.raises(NameProblemError):
            create_project(find_template("python", {}), tmp_path / "new", Identity(name, ""))
        assert not (tmp_path / "new").exists()

    @pytest.mark.parametrize("name", ["123", "true", "1e5", "null", "-", "0x1", "on"])
    def test_names_that_read_as_something_else(self, tmp_path: Path, name: str) -> None:
        """A name that YAML would take for a number or a word of its own is quoted."""
        project = created(tmp_path, find_template("python", {}), name=name)

        assert load_project(project.project.path).name == name


_TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))
    | st.sampled_from("'\"\\:#-[]{}&*!|>%@` \n"),
    max_size=20,
)


class TestSubstitution:
    @settings(max_examples=150)
    @given(_TEXTS)
    def test_any_text_stays_one_value(self, text: str) -> None:
        """Whatever a description holds, each place of a YAML file reads as that text (cli.md §9.5)."""
        template_text = (
            "plain: ${DESCRIPTION}\nnoted: ${DESCRIPTION} # note\nmixed: About ${DESCRIPTION}, yes\n"
            "double: \"a ${DESCRIPTION} b\"\nsingle: 'a ${DESCRIPTION} b'\nlist:\n  - ${DESCRIPTION}\n"
        )

        filled = _filled_yaml(template_text, Identity("x", text))
        value = Document(Path("/p/x.yaml"), filled).value

        assert value["plain"] == value["noted"] == value["list"][0] == text
        assert value["mixed"] == f"About {text}, yes"
        assert value["double"] == f"a {text} b"
        if "\n" not in text:
            assert value["single"] == f"a {text} b"


class TestConfig:
    ASKING = (
        "name: ${PROJECT}\ntemplate:\n  config:\n    aws:region: {description: Where, default: us-east-1}\n"
        "    password: {secret: true}\n"
    )

    def answers(self, tmp_path: Path, **options: object) -> dict[str, tuple[str, bool]]:
        source = template(tmp_path / "t", {}, self.ASKING)
        found = choose_config("shop", source, **options)
        return {str(answer.key): (answer.text, answer.secret) for answer in found}

    def test_defaults(self, tmp_path: Path) -> None:
        """Without a person defaults are taken; what has none is left out."""
        assert self.answers(tmp_path) == {"aws:region": ("us-east-1", False)}

    def test_asked(self, tmp_path: Path) -> None:
        """A person is asked with description, key and default; secrets are hidden (cli.md §9.3)."""
        person = Answers("", "hunter2")

        assert self.answers(tmp_path, prompter=person) == {
            "aws:region": ("us-east-1", False),
            "shop:password": ("hunter2", True),
        }
        assert person.asked == [("Where (aws:region)", "us-east-1", False), ("password", "", True)]

    def test_given(self, tmp_path: Path) -> None:
        """What is given is not asked for; the template knows what is secret."""
        person = Answers("eu")

        assert self.answers(tmp_path, given=["password=x=y", "other=1"], prompter=person) == {
            "shop:password": ("x=y", True),
            "shop:other": ("1", False),
            "aws:region": ("eu", False),
        }

    def test_existing(self, tmp_path: Path) -> None:
        """What the stack already has is the default."""
        assert self.answers(tmp_path, existing={ConfigKey("aws", "region"): "eu"})["aws:region"] == (
            "eu",
            False,
        )

    def test_paths(self) -> None:
        """Given keys may lead into structured values."""
        assert parse_assignment("a.b[0]=c", project="shop", paths=True).path == ("b", 0)
        assert parse_assignment("a.b=c", project="shop").key == ConfigKey("shop", "a.b")

    @pytest.mark.parametrize("text", ["novalue", "=x", ""])
    def test_mistakes(self, text: str) -> None:
        """A value needs a key and a `=`, and is never repeated in the message."""
        with pytest.raises(ConfigError) as caught:
            parse_assignment(text, project="shop")
        assert "key=value" in str(caught.value.hint)

    def test_runtime_options(self) -> None:
        """Runtime options are pairs as well."""
        assert parse_runtime_options("a=b, c = d,") == {"a": "b", "c": "d"}
        with pytest.raises(TemplateError, match="`a` must be given as"):
            parse_runtime_options("a")
