"""Names, logins and selections (spec: state.md §6, §11.4)."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path

import pytest

from stackwright.environment import DISABLE_VALIDATION
from stackwright.project import (
    DEFAULT_BACKEND_URL,
    NameProblemError,
    Project,
    StackReference,
    WorkspaceError,
    check_description,
    check_project_name,
    check_stack_name,
    current_backend,
    deselect_stack,
    load_credentials,
    log_in,
    log_out,
    log_out_everywhere,
    parse_project,
    parse_stack_reference,
    project_name_from,
    select_stack,
    selected_stack,
)

LOCAL = "file://~"


def project(text: str = "name: shop\n", path: str = "/work-of-somebody/shop/Pulumi.yaml") -> Project:
    return parse_project(text, Path(path))


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in DISABLE_VALIDATION.variables:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"STACKWRIGHT_HOME": str(tmp_path / "home")}


class TestNames:
    @pytest.mark.parametrize("name", ["dev", "a", "A-1_b.c", "x" * 100])
    def test_good(self, name: str) -> None:
        """Letters, digits, hyphens, underscores and periods, at most 100 (state.md §6.5)."""
        check_stack_name(name)
        check_project_name(name)

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("", "must not be empty"),
            ("x" * 101, "at most 100 characters"),
            ("a b", "holds ' ' as its character 2"),
            ("ä", "holds 'ä' as its character 1"),
            ("dev\n", "as its character 4"),
        ],
    )
    def test_bad(self, name: str, words: str) -> None:
        """The first thing that is wrong is told (state.md §6.5)."""
        with pytest.raises(NameProblemError, match=words):
            check_stack_name(name)
        with pytest.raises(NameProblemError, match=words):
            check_project_name(name)

    def test_switched_off(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """`DISABLE_VALIDATION` lifts the rule for stacks, not for projects (state.md §6.5)."""
        monkeypatch.setenv("PULUMI_DISABLE_VALIDATION", "true")

        check_stack_name("a b")
        with pytest.raises(NameProblemError):
            check_project_name("a b")
        with pytest.raises(NameProblemError):
            check_stack_name("")

    @pytest.mark.parametrize("name", ["Pulumi", "Pulumi.x", "Stackwright"])
    def test_reserved(self, name: str) -> None:
        """A new project cannot be called like a project file (state.md §6.5)."""
        check_project_name(name)
        with pytest.raises(NameProblemError, match="reserved"):
            check_project_name(name, new=True)

    def test_descriptions(self) -> None:
        """A description has at most 256 characters (state.md §1.3)."""
        check_description("x" * 256)
        with pytest.raises(NameProblemError, match="at most 256"):
            check_description("x" * 257)

    @pytest.mark.parametrize(
        ("directory", "name"),
        [("my shop!", "my-shop-"), ("shop", "shop"), ("", "project"), ("日本", "project")],
    )
    def test_made_from_a_directory(self, directory: str, name: str) -> None:
        """A directory's name becomes a valid project name (cli.md §9.3)."""
        assert project_name_from(directory) == name


class TestReferences:
    @pytest.mark.parametrize(
        ("text", "reference"),
        [
            ("dev", StackReference("shop", "dev")),
            ("organization/dev", StackReference("shop", "dev")),
            ("organization/other/dev", StackReference("other", "dev")),
        ],
    )
    def test_forms(self, text: str, reference: StackReference) -> None:
        """Short and full forms (state.md §11.4)."""
        assert parse_stack_reference(text, project="shop") == reference

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("acme/dev", "names the organisation `acme`"),
            ("acme/shop/dev", "names the organisation `acme`"),
            ("a/b/c/d", "is not a stack"),
            ("organization/a b/dev", "project name `a b`"),
            ("organization/shop/", "must not be empty"),
            ("a b", "stack name `a b`"),
        ],
    )
    def test_refusals(self, text: str, words: str) -> None:
        """Anything else is refused (state.md §11.4)."""
        with pytest.raises(NameProblemError, match=words):
            parse_stack_reference(text, project="shop")

    def test_without_a_project(self) -> None:
        """Only the full form is clear where there is no project (state.md §11.4)."""
        assert parse_stack_reference("organization/shop/dev", project=None).project == "shop"
        with pytest.raises(NameProblemError, match=r"no Pulumi\.yaml project file"):
            parse_stack_reference("dev", project=None)

    def test_shown(self) -> None:
        """Short for the own project, full otherwise and on request (state.md §11.4)."""
        stack = StackReference("shop", "dev")

        assert stack.shown("shop") == "dev"
        assert stack.shown("shop", fully=True) == "organization/shop/dev"
        assert stack.shown("other") == stack.shown(None) == stack.qualified


class TestLogins:
    def test_format(self, environ: dict[str, str], tmp_path: Path) -> None:
        """Logging in writes the compatible format, for the owner alone, the URL as typed (state.md §6.2)."""
        log_in(LOCAL, environ)

        path = tmp_path / "home" / "credentials.json"
        assert json.loads(path.read_text()) == {
            "current": LOCAL,
            "accessTokens": {LOCAL: ""},
            "accounts": {LOCAL: {}},
        }
        assert path.read_text().startswith('{\n    "current"')
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    def test_other_members_are_kept(self, environ: dict[str, str], tmp_path: Path) -> None:
        """What we do not understand stays in the file."""
        path = tmp_path / "home" / "credentials.json"
        path.parent.mkdir()
        path.write_text(
            '{"accessTokens": {"https://x": "t"}, "accounts": {"https://x": {"username": "me"}}, "n": 1}'
        )

        log_in(LOCAL, environ)

        stored = json.loads(path.read_text())
        assert stored["n"] == 1
        assert stored["accessTokens"] == {"https://x": "t", LOCAL: ""}
        assert stored["accounts"]["https://x"] == {"username": "me"}

    def test_logging_out(self, environ: dict[str, str], tmp_path: Path) -> None:
        """Logging out of the current store clears it; the last login takes the file along (state.md §6.2)."""
        path = tmp_path / "home" / "credentials.json"
        log_in("file://a", environ)
        log_in("file://b", environ)

        assert log_out(None, environ)
        assert load_credentials(environ).current is None
        assert list(load_credentials(environ).access_tokens) == ["file://a"]
        assert log_out("file://a", environ)
        assert not path.exists()
        assert not log_out(None, environ)
        assert not log_out("file://never", environ)

    def test_everywhere(self, environ: dict[str, str]) -> None:
        """All logins can be forgotten at once."""
        log_in("file://a", environ)
        log_in("file://b", environ)
        log_out_everywhere(environ)

        assert not load_credentials(environ).access_tokens

    @pytest.mark.parametrize("text", ["{", "[]", "5", "\xff"])
    def test_damage(self, environ: dict[str, str], tmp_path: Path, text: str) -> None:
        """A damaged file is told, with what to do, and never overwritten."""
        path = tmp_path / "home" / "credentials.json"
        path.parent.mkdir()
        path.write_text(text, encoding="latin-1")

        with pytest.raises(WorkspaceError, match=r"credentials\.json"):
            load_credentials(environ)
        with pytest.raises(WorkspaceError):
            log_in(LOCAL, environ)
        assert path.read_text(encoding="latin-1") == text

    def test_a_home_that_cannot_be_written(self, tmp_path: Path) -> None:
        """A home that is no directory is told, with the setting that moves it."""
        (tmp_path / "home").write_text("")

        with pytest.raises(WorkspaceError) as caught:
            log_in(LOCAL, {"STACKWRIGHT_HOME": str(tmp_path / "home")})
        assert "STACKWRIGHT_HOME" in str(caught.value.hint)


class TestBackend:
    def test_order(self, environ: dict[str, str]) -> None:
        """Environment, project, login, default (state.md §6.4)."""
        with_url = project("name: shop\nbackend: {url: 'file:///project'}\n")

        assert current_backend(None, environ).url == DEFAULT_BACKEND_URL
        log_in("file:///login", environ)
        assert current_backend(project(), environ).source == "login"
        assert current_backend(with_url, environ).url == "file:///project"
        chosen = current_backend(with_url, {**environ, "PULUMI_BACKEND_URL": "file:///setting"})
        assert (chosen.url, chosen.setting) == ("file:///setting", "PULUMI_BACKEND_URL")


class TestSelection:
    def test_format(self, environ: dict[str, str], tmp_path: Path) -> None:
        """One file per project file, one entry per store (state.md §6.3)."""
        select_stack(project(), LOCAL, StackReference("shop", "dev"), environ)

        digest = hashlib.sha1(b"/work-of-somebody/shop/Pulumi.yaml").hexdigest()
        path = tmp_path / "home" / "workspaces" / f"shop-{digest}-workspace.json"
        assert (
            path.read_text() == '{\n    "stacks": {\n        "file://~": "organization/shop/dev"\n    }\n}\n'
        )
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    def test_per_store(self, environ: dict[str, str]) -> None:
        """The selection survives a change of stores and back (state.md §16.7)."""
        select_stack(project(), "file://a", StackReference("shop", "one"), environ)
        select_stack(project(), "file://b", StackReference("shop", "two"), environ)

        assert selected_stack(project(), "file://a", environ) == StackReference("shop", "one")
        assert selected_stack(project(), "file://b", environ) == StackReference("shop", "two")
        assert selected_stack(project(), "file://c", environ) is None

    def test_per_project_file(self, environ: dict[str, str]) -> None:
        """Another copy of the project has its own selection."""
        select_stack(project(), LOCAL, StackReference("shop", "dev"), environ)

        assert selected_stack(project(path="/elsewhere/Pulumi.yaml"), LOCAL, environ) is None

    def test_the_environment_wins(self, environ: dict[str, str]) -> None:
        """`STACK` in the environment is the selection (state.md §6.3)."""
        select_stack(project(), LOCAL, StackReference("shop", "dev"), environ)

        assert selected_stack(project(), LOCAL, {**environ, "PULUMI_STACK": "prod"}) == StackReference(
            "shop", "prod"
        )

    def test_clearing(self, environ: dict[str, str], tmp_path: Path) -> None:
        """Clearing removes the entry and the historical one; the empty file goes (state.md §6.3)."""
        select_stack(project(), LOCAL, StackReference("shop", "dev"), environ)
        (path,) = (tmp_path / "home" / "workspaces").glob("*.json")
        path.write_text(json.dumps({"stack": "old", **json.loads(path.read_text())}))

        deselect_stack(project(), LOCAL, environ)

        assert not path.exists()
        assert selected_stack(project(), LOCAL, environ) is None

    def test_historical(self, environ: dict[str, str], tmp_path: Path) -> None:
        """A selection of before there were several stores counts where there is no other (state.md §6.3)."""
        select_stack(project(), LOCAL, StackReference("shop", "dev"), environ)
        (path,) = (tmp_path / "home" / "workspaces").glob("*.json")
        path.write_text('{"stack": "old"}')

        assert selected_stack(project(), LOCAL, environ) == StackReference("shop", "old")
