"""Making and filling environments (spec: cli.md §10.5)."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from support.environments import (
    calls_of,
    install,
    site_packages,
    write_environment,
    write_project,
    write_tool,
)

from stackwright.project import Project, PythonEnvironmentError
from stackwright.project.python import (
    InstallError,
    check_types,
    create_environment,
    find_environment,
    install_dependencies,
    provide_environment,
)
from stackwright.project.python._own_wheel import comes_from_index, pack_running
from stackwright.project.python._requirements import (
    has_requirement,
    pyproject_from_requirements,
    requirement_lines,
)


class Lines(list[str]):
    """What was said, line by line."""

    def __call__(self, line: str) -> None:
        self.append(line)


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "tools"
    directory.mkdir()
    monkeypatch.setenv("PATH", f"{directory}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setenv("STACKWRIGHT_HOME", str(tmp_path / "home"))
    return directory


@pytest.fixture
def from_index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Pretend that Stackwright runs from a directory of packages, installed from an index."""
    site = tmp_path / "running"
    files = {"cli.py": "", "project/templates/python/Pulumi.yaml": "name: x\n", "__pycache__/x.pyc": ""}
    install(site, "stackwright", "9.9.9", package="stackwright", files=files, requires=("click",))
    monkeypatch.setattr(sys, "path", [str(site)])
    return site


def pip_project(directory: Path, requirements: str | None, **tool: object) -> tuple[Project, Path]:
    project = write_project(directory, "{virtualenv: venv}", requirements=requirements)
    env = write_environment(directory / "venv", **tool)
    install(site_packages(env), "pip", "24.0")
    return project, env / "bin" / "python"


class TestPlugins:
    """What comes as source, apart from any project (protocol.md §7.6)."""

    def provided(self, tmp_path: Path, **files: str) -> tuple[bool, list[str]]:
        source = tmp_path / "source"
        source.mkdir()
        for name, text in files.items():
            (source / name.replace("_", ".")).write_text(text)
        began: list[str] = []
        made = provide_environment(source, tmp_path / "made", began=lambda: began.append("began"))
        assert made == bool(began) == (tmp_path / "made").exists()
        return made, calls_of(tmp_path / "tool")

    @pytest.fixture(autouse=True)
    def _venv(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """An interpreter whose environments hold a tool for an interpreter."""
        tool = write_tool(tmp_path / "tool")
        making = f'mkdir -p "$3/bin" && cp {tool} "$3/bin/python"'
        monkeypatch.setenv("PULUMI_PYTHON_CMD", str(write_tool(tmp_path / "base", then=making)))

    @pytest.mark.parametrize(
        "files",
        [
            {},
            {"requirements_txt": "pulumi>=3,<4\n# more\n"},
            {"pyproject_toml": '[project]\nname = "x"\ndependencies = ["stackwright"]\n'},
        ],
    )
    def test_nothing_but_an_sdk(self, tmp_path: Path, files: dict[str, str]) -> None:
        """Whoever runs it has one."""
        assert self.provided(tmp_path, **files) == (False, [])

    def test_requirements(self, tmp_path: Path) -> None:
        """In an environment of its own, from the file."""
        made, (call,) = self.provided(tmp_path, requirements_txt="pulumi\nrequests\n")
        assert made
        assert call.endswith(f"-r {tmp_path / 'source' / 'requirements.txt'}")

    def test_what_options_bring(self, tmp_path: Path) -> None:
        """Requirements may stand in other files."""
        assert self.provided(tmp_path, requirements_txt="pulumi\n-r more.txt\n")[0]

    def test_a_project_file(self, tmp_path: Path) -> None:
        """Its dependencies, and not the project itself: building it would write among its files."""
        text = '[project]\nname = "x"\ndependencies = ["pulumi", "requests>=2"]\n'
        made, (call,) = self.provided(tmp_path, pyproject_toml=text)
        assert made
        assert call.endswith(" pulumi requests>=2")


class TestPip:
    def test_requirements(self, tmp_path: Path, tools: Path) -> None:
        """The requirements are installed with the environment's own pip, and its words passed on."""
        project, python = pip_project(tmp_path / "p", "pulumi-random\n", says="Collecting pulumi-random")
        said = Lines()

        found = install_dependencies(project, output=said)

        (call,) = calls_of(python)
        assert call.startswith("-m pip install ")
        assert call.endswith(f"-r {project.root / 'requirements.txt'}")
        assert said == [
            "Installing dependencies...",
            "Installing dependencies in virtual environment...",
            "Collecting pulumi-random",
            "Finished installing dependencies",
        ]
        assert found.directory == project.root / "venv"

    def test_nothing_to_install(self, tmp_path: Path, tools: Path) -> None:
        """Without requirements there is nothing to do."""
        project, python = pip_project(tmp_path / "p", None)
        said = Lines()

        install_dependencies(project, output=said)

        assert calls_of(python) == []
        assert any("no requirements.txt" in line for line in said)

    def test_the_environment_is_made(self, tmp_path: Path, tools: Path) -> None:
        """A missing environment is made first; an empty directory is taken for one that is missing."""
        project = write_project(tmp_path / "p", "{virtualenv: venv}")
        (project.root / "venv").mkdir()
        said = Lines()

        found = install_dependencies(project, output=said)

        assert "Creating virtual environment..." in said
        assert found.interpreter.exists()
        assert found.version() == ".".join(str(part) for part in sys.version_info[:3])
        assert found.installed_version("pip") is not None

    def test_something_else_in_its_place(self, tmp_path: Path, tools: Path) -> None:
        """A directory with other things in it is left alone."""
        project = write_project(tmp_path / "p", "{virtualenv: data}")
        (project.root / "data").mkdir()
        (project.root / "data" / "precious").write_text("")

        with pytest.raises(PythonEnvironmentError, match="not empty either"):
            install_dependencies(project, output=Lines())
        assert (project.root / "data" / "precious").exists()

    def test_an_environment_without_pip(self, tmp_path: Path, tools: Path) -> None:
        """pip is put into an environment that has none."""
        project = write_project(tmp_path / "p", "{virtualenv: venv}", requirements="a\n")
        python = write_environment(project.root / "venv") / "bin" / "python"

        install_dependencies(project, output=Lines())

        assert [call.split()[1] for call in calls_of(python)] == ["ensurepip", "pip"]

    def test_failure(self, tmp_path: Path, tools: Path) -> None:
        """A failing installation tells the command, its status and what it said last."""
        project, _ = pip_project(
            tmp_path / "p", "no-such\n", says="ERROR: No matching distribution", status=3
        )

        with pytest.raises(InstallError, match="ended with status 3") as caught:
            install_dependencies(project, output=Lines())

        assert "-m pip install" in caught.value.message
        assert caught.value.detail == "ERROR: No matching distribution"

    def test_what_matters_is_said_once(self, tmp_path: Path, tools: Path) -> None:
        """The way to the failure is heard as it comes, the failure itself is in the error."""
        words = "Collecting no-such\nERROR: Could not find a version\nERROR: No matching distribution"
        project, _ = pip_project(tmp_path / "p", "no-such\n", says=words, status=1)
        said = Lines()
        with pytest.raises(InstallError) as caught:
            install_dependencies(project, output=said)

        assert said.count("Collecting no-such") == 1
        assert not any(line.startswith("ERROR") for line in said)
        assert caught.value.detail == "ERROR: Could not find a version\nERROR: No matching distribution"
        assert "Collecting no-such" in caught.value.output

    def test_a_failure_without_words_of_its_own(self, tmp_path: Path, tools: Path) -> None:
        project, _ = pip_project(tmp_path / "p", "a\n", says="Collecting a", status=1)
        with pytest.raises(InstallError) as caught:
            install_dependencies(project, output=Lines())

        assert (caught.value.detail, caught.value.hint) == (None, "What it said is above")

    def test_a_complaint_that_is_no_failure(self, tmp_path: Path, tools: Path) -> None:
        """It is heard as well, only later."""
        project, _ = pip_project(tmp_path / "p", "a\n", says="ERROR: a and b do not agree\nInstalled a")
        said = Lines()
        install_dependencies(project, output=said)

        assert said.index("ERROR: a and b do not agree") < said.index("Installed a")

    def test_networks_fail(self, tmp_path: Path, tools: Path) -> None:
        """What fails as networks do is tried three times."""
        project, python = pip_project(
            tmp_path / "p", "a\n", says="ReadTimeoutError: Read timed out.", status=1
        )
        said = Lines()

        with pytest.raises(InstallError):
            install_dependencies(project, output=said)

        assert len(calls_of(python)) == 3
        assert said.count("The network failed; trying again (1 of 2)") == 1

    def test_an_interpreter_that_cannot_start(self, tmp_path: Path, tools: Path) -> None:
        """A file that is no program is told as such."""
        project, python = pip_project(tmp_path / "p", "a\n")
        python.chmod(0o644)

        with pytest.raises(PythonEnvironmentError, match="cannot be started"):
            install_dependencies(project, output=Lines())

    def test_making_one_fails(self, tmp_path: Path, tools: Path) -> None:
        """A failing `venv` is told with its words and the usual reason."""
        python = write_tool(tmp_path / "python3", says="ensurepip is not available", status=1)

        with pytest.raises(InstallError, match="Creating the virtual environment failed") as caught:
            create_environment(tmp_path / "venv", output=Lines(), interpreter=python)
        assert "python3-venv" in str(caught.value.hint)


class TestOwnWheel:
    """The environment gets the Stackwright that runs, where no index has it."""

    def test_from_a_file(self, tmp_path: Path, tools: Path, from_index: Path) -> None:
        """A Stackwright that came from a file is packed again and given to pip."""
        (from_index / "stackwright-9.9.9.dist-info" / "direct_url.json").write_text(
            '{"url": "file:///gone/stackwright-9.9.9-py3-none-any.whl", "archive_info": {}}'
        )
        project, python = pip_project(tmp_path / "p", "stackwright\n")

        install_dependencies(project, output=Lines())

        (call,) = calls_of(python)
        wheel = tmp_path / "home" / "wheels" / "stackwright-9.9.9-py3-none-any.whl"
        assert call.endswith(f" {wheel}")
        assert wheel.exists()

    def test_from_the_index(self, tmp_path: Path, tools: Path, from_index: Path) -> None:
        """A Stackwright that came from an index is found there."""
        project, python = pip_project(tmp_path / "p", "stackwright\n")

        install_dependencies(project, output=Lines())

        assert len(calls_of(python)) == 1
        assert ".whl" not in calls_of(python)[0]

    def test_not_on_the_index_after_all(self, tmp_path: Path, tools: Path, from_index: Path) -> None:
        """Where the index does not have it, ours is given."""
        says = "ERROR: No matching distribution found for stackwright"
        then = 'case "$*" in *.whl) exit 0;; esac'
        project, python = pip_project(tmp_path / "p", "stackwright\n", says=says, then=then, status=1)

        install_dependencies(project, output=Lines())

        assert [call.endswith(".whl") for call in calls_of(python)] == [False, True]

    def test_only_when_asked_for(self, tmp_path: Path, tools: Path) -> None:
        """A project that does not ask for Stackwright does not get it."""
        project, python = pip_project(tmp_path / "p", "pulumi\n# stackwright\nstackwright-extras\n")

        install_dependencies(project, output=Lines())

        assert ".whl" not in calls_of(python)[0]

    def test_only_when_missing(self, tmp_path: Path, tools: Path) -> None:
        """An environment that has Stackwright keeps it."""
        project, python = pip_project(tmp_path / "p", "stackwright\n")
        install(site_packages(project.root / "venv"), "stackwright", "0.1.0")

        install_dependencies(project, output=Lines())

        assert ".whl" not in calls_of(python)[0]

    def test_contents(self, tmp_path: Path, from_index: Path) -> None:
        """The wheel holds the package and its metadata, and is the same each time."""
        wheel = pack_running(tmp_path / "one")

        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
            record = archive.read("stackwright-9.9.9.dist-info/RECORD").decode()
        assert names == [
            "stackwright/__init__.py",
            "stackwright/cli.py",
            "stackwright/project/templates/python/Pulumi.yaml",
            "stackwright-9.9.9.dist-info/METADATA",
            "stackwright-9.9.9.dist-info/RECORD",
            "stackwright-9.9.9.dist-info/WHEEL",
        ]
        assert [line.split(",")[0] for line in record.splitlines()] == sorted(names, key=record.find)
        assert pack_running(tmp_path / "two").read_bytes() == wheel.read_bytes()

    def test_developed_in_place(self, tmp_path: Path, from_index: Path) -> None:
        """A Stackwright that is developed in place is pointed to, so that changes show at once."""
        checkout = tmp_path / "checkout"
        (checkout / "src" / "stackwright").mkdir(parents=True)
        (from_index / "stackwright-9.9.9.dist-info" / "direct_url.json").write_text(
            f'{{"url": "{checkout.as_uri()}", "dir_info": {{"editable": true}}}}'
        )

        assert not comes_from_index()
        with zipfile.ZipFile(pack_running(tmp_path)) as archive:
            assert archive.read("_stackwright_9.9.9.pth").decode() == f"{checkout / 'src'}\n"
            assert "stackwright/__init__.py" not in archive.namelist()

    def test_installs(self, tmp_path: Path) -> None:
        """pip accepts the wheel of the Stackwright that runs these tests, and it can be imported."""
        pytest.importorskip("pip", reason="pip is not installed")
        wheel = pack_running(tmp_path)
        target = tmp_path / "target"
        pip = [
            sys.executable,
            "-m",
            "pip",
            "--disable-pip-version-check",
            "install",
            "--no-deps",
            "--no-index",
        ]
        subprocess.run([*pip, "--target", str(target), str(wheel)], check=True, capture_output=True)

        program = (
            f"import site; site.addsitedir({str(target)!r}); import stackwright; print(stackwright.__file__)"
        )
        answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert answer.stdout.strip().endswith("__init__.py")


class TestUv:
    def test_sync(self, tmp_path: Path, tools: Path, from_index: Path) -> None:
        """uv syncs in the directory of its project, undisturbed by an active environment."""
        project = write_project(tmp_path / "p", "{toolchain: uv}")
        (project.root / "pyproject.toml").write_text(
            '[project]\nname = "x"\ndependencies = ["stackwright"]\n'
        )
        uv = write_tool(tools / "uv", then='test -z "$VIRTUAL_ENV" || exit 5')
        write_environment(project.root / ".venv")

        found = install_dependencies(project, output=Lines())

        assert calls_of(uv) == ["sync"]
        assert found.directory == project.root / ".venv"

    def test_requirements_become_a_project(self, tmp_path: Path, tools: Path, from_index: Path) -> None:
        """A requirements.txt alone turns into a pyproject.toml."""
        project = write_project(
            tmp_path / "p", "{toolchain: uv}", requirements="stackwright\n# c\npulumi-aws>=7,<8\n"
        )
        write_tool(tools / "uv")
        write_environment(project.root / ".venv")

        install_dependencies(project, output=Lines())

        content = tomllib.loads((project.root / "pyproject.toml").read_text())
        assert content["project"]["dependencies"] == ["stackwright", "pulumi-aws>=7,<8"]
        assert content["tool"]["uv"] == {"package": False}
        assert not (project.root / "requirements.txt").exists()

    def test_own_wheel(self, tmp_path: Path, tools: Path, from_index: Path) -> None:
        """uv is shown where our wheel is when the index does not have it."""
        project = write_project(tmp_path / "p", "{toolchain: uv}", requirements="stackwright\n")
        says = "Because stackwright was not found in the package registry"
        uv = write_tool(tools / "uv", says=says, then='case "$*" in *--find-links*) exit 0;; esac', status=1)
        write_environment(project.root / ".venv")

        install_dependencies(project, output=Lines())

        assert calls_of(uv) == ["sync", f"sync --find-links {tmp_path / 'home' / 'wheels'}"]

    def test_missing(self, tmp_path: Path, tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A tool that is not installed is told before anything is changed."""
        monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
        project = write_project(tmp_path / "p", "{toolchain: uv}", requirements="a\n")

        with pytest.raises(PythonEnvironmentError, match="uses uv, which is not installed"):
            install_dependencies(project, output=Lines())
        assert (project.root / "requirements.txt").exists()


class TestPoetry:
    def test_install(self, tmp_path: Path, tools: Path) -> None:
        """poetry installs; requirements become a project that names our wheel."""
        project = write_project(
            tmp_path / "p", "{toolchain: poetry}", requirements="stackwright\npulumi-aws\n"
        )
        poetry = write_tool(tools / "poetry")
        write_environment(project.root / ".venv")

        install_dependencies(project, output=Lines())

        assert calls_of(poetry) == ["install --no-ansi --no-interaction"]
        first, second = tomllib.loads((project.root / "pyproject.toml").read_text())["project"][
            "dependencies"
        ]
        assert first.startswith("stackwright @ file://")
        assert second == "pulumi-aws"


class TestLanguageVersionTools:
    def test_pyenv(self, tmp_path: Path, tools: Path) -> None:
        """pyenv installs what `.python-version` names, when both are there."""
        project, _ = pip_project(tmp_path / "p", None)
        pyenv = write_tool(tools / "pyenv")

        install_dependencies(project, output=Lines(), use_language_version_tools=True)
        assert calls_of(pyenv) == []
        (project.root / ".python-version").write_text("3.12\n")
        install_dependencies(project, output=Lines(), use_language_version_tools=True)
        assert calls_of(pyenv) == ["install --skip-existing"]


class TestTypecheckers:
    def check(self, directory: Path, checker: str, **tool: object) -> list[str]:
        project = write_project(directory, f"{{virtualenv: venv, typechecker: {checker}}}")
        env = write_environment(directory / "venv", **tool)
        install(site_packages(env), checker, "1.0")
        check_types(project, find_environment(project))
        return calls_of(env / "bin" / "python")

    def test_mypy(self, tmp_path: Path) -> None:
        """mypy looks at the program, not at its environment (cli.md §10.4)."""
        calls = self.check(tmp_path / "p", "mypy", says="Success")

        assert calls == [f"-m mypy --exclude ^venv/ {tmp_path / 'p'}"]

    def test_pyright(self, tmp_path: Path) -> None:
        """pyright is given the program's directory."""
        assert self.check(tmp_path / "p", "pyright") == [f"-m pyright {tmp_path / 'p'}"]

    def test_mistakes(self, tmp_path: Path) -> None:
        """What it finds stops the run, with its words."""
        with pytest.raises(PythonEnvironmentError, match="mypy does not accept the program") as caught:
            self.check(tmp_path / "p", "mypy", says="__main__.py:1: error: no", status=1)
        assert "__main__.py:1" in str(caught.value.detail)
        assert "Correct the program" in str(caught.value.hint)

    @pytest.mark.parametrize(
        "says",
        [
            'error: Cannot find implementation or library stub for module named "pulumi"  [import-not-found]',
            'error: Import "pulumi" could not be resolved (reportMissingImports)',
        ],
    )
    def test_the_sdk_is_not_on_the_disk(self, tmp_path: Path, says: str) -> None:
        """`pulumi` is an alias that only exists while a program runs: the hint says what helps."""
        with pytest.raises(PythonEnvironmentError) as caught:
            self.check(tmp_path / "p", "mypy", says=says, status=1)
        assert "import stackwright as pulumi" in str(caught.value.hint)

    def test_not_installed(self, tmp_path: Path) -> None:
        """A checker that is not installed is named, with what to do."""
        project = write_project(tmp_path, "{virtualenv: venv, typechecker: mypy}")
        write_environment(tmp_path / "venv")

        with pytest.raises(PythonEnvironmentError, match="mypy is not installed") as caught:
            check_types(project, find_environment(project))
        assert "stackwright install" in str(caught.value.hint)

    def test_none(self, tmp_path: Path) -> None:
        """Without a checker nothing is run."""
        project = write_project(tmp_path, "{virtualenv: venv}")
        env = write_environment(tmp_path / "venv")

        check_types(project, find_environment(project))
        assert calls_of(env / "bin" / "python") == []


class TestRequirements:
    def test_lines(self) -> None:
        """Comments, options and blank lines are no requirements; continued lines are one."""
        text = "# c\na>=1  # why\n\n-r other.txt\n--hash x\nb \\\n  ==2\nc @ https://x/y#egg=z\n"

        assert requirement_lines(text) == ["a>=1", "b  ==2", "c @ https://x/y#egg=z"]

    @pytest.mark.parametrize(
        ("line", "named"),
        [
            ("stackwright", True),
            ("Stackwright>=0.1", True),
            ("stackwright[postgres]", True),
            ("stackwright @ file:///x", True),
            ("stackwright; python_version > '3'", True),
            ("stackwright-extras", False),
            ("other", False),
        ],
    )
    def test_names(self, tmp_path: Path, line: str, named: bool) -> None:
        """A requirement is recognised however it is written, in both kinds of files."""
        (tmp_path / "requirements.txt").write_text(f"{line}\n")
        (tmp_path / "pyproject.toml").write_text(pyproject_from_requirements(tmp_path, line, {}))

        assert has_requirement(tmp_path / "requirements.txt", "stackwright") is named
        assert has_requirement(tmp_path / "pyproject.toml", "stackwright") is named

    @pytest.mark.parametrize(
        ("for_poetry", "table", "editable"),
        [(False, ("uv", "sources"), "editable"), (True, ("poetry", "dependencies"), "develop")],
    )
    def test_paths(self, tmp_path: Path, for_poetry: bool, table: tuple[str, str], editable: str) -> None:
        """What lies at a path is a requirement by its name, and the tool is told where it is."""
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "pyproject.toml").write_text(f'[project]\nname = "Pkg_{name}"\n')
        text = "c>=1\n./a  # mine\n-e ./b\n"
        made = tomllib.loads(pyproject_from_requirements(tmp_path, text, {}, for_poetry=for_poetry))

        assert made["project"]["dependencies"] == ["c>=1", "pkg-a", "pkg-b"]
        tool, key = table
        assert made["tool"][tool][key] == {
            "pkg-a": {"path": "./a"},
            "pkg-b": {"path": "./b", editable: True},
        }

    @pytest.mark.parametrize(
        "line",
        ["--index-url https://x/simple", "-r more.txt", "-c limits.txt", "./nothing", "https://x/y.whl"],
    )
    def test_what_has_no_place_in_a_pyproject(self, tmp_path: Path, line: str) -> None:
        """It is refused, where once it was left out without a word."""
        with pytest.raises(PythonEnvironmentError, match="cannot be put into a pyproject") as caught:
            pyproject_from_requirements(tmp_path, f"a\n{line}\n", {})
        assert line in caught.value.message

    def test_no_file(self, tmp_path: Path) -> None:
        """A missing or broken file names nothing."""
        (tmp_path / "pyproject.toml").write_text("[")

        assert not has_requirement(tmp_path / "requirements.txt", "a")
        assert not has_requirement(tmp_path / "pyproject.toml", "a")

    def test_wheels_are_readable(self, tmp_path: Path, from_index: Path) -> None:
        """Files in the wheel can be read by everybody."""
        with zipfile.ZipFile(pack_running(tmp_path)) as archive:
            assert {stat.S_IMODE(entry.external_attr >> 16) for entry in archive.infolist()} == {0o644}
