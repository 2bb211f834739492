"""Finding the environment of a project, and how to run in it (spec: cli.md §10.3)."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from support.environments import (
    RUNNING,
    calls_of,
    install,
    site_packages,
    write_environment,
    write_project,
    write_tool,
)

from stackwright.project import PythonEnvironmentError
from stackwright.project.python import (
    REEXECUTED,
    PythonEnvironment,
    RunMode,
    Toolchain,
    available_toolchains,
    environment_facts,
    find_environment,
    installed_packages,
    run_plan,
)
from stackwright.project.python._environment import _lasting
from stackwright.sdk._children import children_reached


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "STACKWRIGHT_PYTHON_CMD",
        "PULUMI_PYTHON_CMD",
        "UV_PROJECT_ENVIRONMENT",
        "VIRTUAL_ENV",
        REEXECUTED,
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only directory on PATH beside the system's own."""
    directory = tmp_path / "tools"
    directory.mkdir()
    monkeypatch.setenv("PATH", f"{directory}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return directory


class TestVirtualenv:
    def test_found(self, tmp_path: Path) -> None:
        """`virtualenv` names the environment, seen from the project."""
        project = write_project(tmp_path / "p", "{virtualenv: ../env}")
        write_environment(tmp_path / "env")

        found = find_environment(project)

        assert found.interpreter.resolve() == tmp_path / "env" / "bin" / "python"
        assert not found.is_running

    @pytest.mark.parametrize(
        ("state", "words"), [("missing", "does not exist"), ("empty", "is not a virtual env")]
    )
    def test_missing(self, tmp_path: Path, state: str, words: str) -> None:
        """Without it, the path is named and the commands that make it are listed."""
        project = write_project(tmp_path, "{virtualenv: venv}")
        if state == "empty":
            (tmp_path / "venv").mkdir()

        with pytest.raises(PythonEnvironmentError, match=words) as caught:
            find_environment(project)

        assert "venv" in caught.value.message
        hint = str(caught.value.hint)
        assert "stackwright install" in hint
        assert f"python3 -m venv {tmp_path / 'venv'}" in hint
        assert f"pip install -r {tmp_path / 'requirements.txt'}" in hint

    def test_activation(self, tmp_path: Path) -> None:
        """Processes in it find its programs first and no other Python's home."""
        directory = write_environment(tmp_path / "env")
        found = PythonEnvironment(
            interpreter=directory / "bin" / "python", directory=directory, toolchain=Toolchain.PIP
        )

        variables = found.activated({"PATH": "/bin", "PYTHONHOME": "/x", "A": "b"})

        assert variables == {"PATH": f"{directory}/bin:/bin", "VIRTUAL_ENV": str(directory), "A": "b"}

    def test_a_bare_interpreter_needs_no_activation(self) -> None:
        """Without an environment the variables stay as they are."""
        found = PythonEnvironment(interpreter=RUNNING, directory=None, toolchain=Toolchain.PIP)

        assert found.activated({"PYTHONHOME": "/x"}) == {"PYTHONHOME": "/x"}


class TestTools:
    def test_uv(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """uv's environment is beside its lock file, or where its own variable says."""
        project = write_project(tmp_path / "a" / "b")
        (tmp_path / "uv.lock").write_text("")
        write_environment(tmp_path / ".venv")
        write_environment(tmp_path / "other")

        assert find_environment(project).directory == tmp_path / ".venv"
        monkeypatch.setenv("UV_PROJECT_ENVIRONMENT", "other")
        assert find_environment(project).directory == tmp_path / "other"

    def test_uv_without_a_lock_file(self, tmp_path: Path) -> None:
        """Before the first lock, uv's project is that of pyproject.toml."""
        project = write_project(tmp_path / "a", "{toolchain: uv}")
        (tmp_path / "pyproject.toml").write_text("")
        write_environment(tmp_path / ".venv")

        assert find_environment(project).directory == tmp_path / ".venv"

    def test_uv_missing(self, tmp_path: Path) -> None:
        """What is missing is made with uv."""
        with pytest.raises(PythonEnvironmentError) as caught:
            find_environment(write_project(tmp_path, "{toolchain: uv}"))
        assert "uv sync" in str(caught.value.hint)

    def test_poetry_is_asked(self, tmp_path: Path, tools: Path) -> None:
        """poetry knows where its environment is."""
        env = write_environment(tmp_path / "cache" / "env")
        poetry = write_tool(tools / "poetry", says=str(env))

        assert find_environment(write_project(tmp_path / "p", "{toolchain: poetry}")).directory == env
        assert calls_of(poetry) == ["env info --path --no-ansi"]

    def test_poetry_is_not_asked_in_vain(self, tmp_path: Path, tools: Path) -> None:
        """An environment inside the project is found without starting poetry."""
        project = write_project(tmp_path / "p", "{toolchain: poetry}")
        env = write_environment(tmp_path / "p" / ".venv")

        assert find_environment(project).directory == env

    def test_poetry_missing(self, tmp_path: Path, tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A tool that is not installed is told, with what to do."""
        monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))

        with pytest.raises(PythonEnvironmentError, match="uses poetry, which is not installed") as caught:
            find_environment(write_project(tmp_path / "p", "{toolchain: poetry}"))
        assert "toolchain: pip" in str(caught.value.hint)

    def test_which_are_there(self, tmp_path: Path, tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """`new` can show which tools are not installed (cli.md §10.5)."""
        monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
        write_tool(tools / "uv")

        assert available_toolchains() == {Toolchain.PIP: True, Toolchain.UV: True, Toolchain.POETRY: False}


class TestBareInterpreter:
    def test_the_setting(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tools: Path) -> None:
        """`PYTHON_CMD` names the interpreter of projects without an environment."""
        write_tool(tools / "python3.99")
        monkeypatch.setenv("PULUMI_PYTHON_CMD", "python3.99")

        assert find_environment(write_project(tmp_path)).interpreter == tools / "python3.99"

    def test_a_bad_setting(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A setting that names nothing is told with the variable."""
        monkeypatch.setenv("PULUMI_PYTHON_CMD", "no-such-python")

        with pytest.raises(PythonEnvironmentError, match="`no-such-python` cannot be found") as caught:
            find_environment(write_project(tmp_path))
        assert "PULUMI_PYTHON_CMD" in str(caught.value.hint)

    @pytest.mark.parametrize("sdk", ["pulumi", "stackwright"])
    def test_an_active_environment(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sdk: str) -> None:
        """The interpreter on PATH is used where its environment has an SDK."""
        env = write_environment(tmp_path / "active")
        install(site_packages(env), sdk, "3.0.0")
        shutil.copy(env / "bin" / "python", env / "bin" / "python3")
        monkeypatch.setenv("PATH", str(env / "bin"))

        assert find_environment(write_project(tmp_path)).interpreter == env / "bin" / "python3"

    def test_ours_otherwise(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A command started by its path runs the program with its own interpreter."""
        env = write_environment(tmp_path / "unrelated")
        shutil.copy(env / "bin" / "python", env / "bin" / "python3")
        monkeypatch.setenv("PATH", str(env / "bin"))

        found = find_environment(write_project(tmp_path))

        assert found.interpreter == RUNNING
        assert found.is_running

    def test_the_active_environment_is_ours_by_any_of_its_names(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Neither asked nor started anew: `python` and `python3` are one program."""
        env = write_environment(tmp_path / "active")
        install(site_packages(env), "stackwright", "1.0.0")
        (env / "bin" / "python3").symlink_to("python")
        monkeypatch.setenv("PATH", str(env / "bin"))
        monkeypatch.setattr(sys, "executable", str(env / "bin" / "python"))
        monkeypatch.setattr(sys, "prefix", str(env))

        plan = run_plan(write_project(tmp_path))

        assert plan.mode is RunMode.INLINE
        assert plan.environment.is_running
        assert plan.again == ()
        assert calls_of(env / "bin" / "python") == []

    def test_nothing_on_the_path(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without any Python on PATH there is still ours."""
        monkeypatch.setenv("PATH", str(tmp_path))

        assert find_environment(write_project(tmp_path)).is_running


class TestLookingInside:
    def test_without_starting_it(self, tmp_path: Path) -> None:
        """Versions and packages of an environment are read from its files."""
        env = write_environment(tmp_path / "env", version="3.12.1", status=1)
        site = site_packages(env)
        install(site, "pulumi-aws", "7.0.0", requires=("pulumi>=3", 'colour; extra == "x"'))
        install(site, "pulumi", "3.2.1")
        install(site, "Colour", "1.0")
        found = PythonEnvironment(interpreter=env / "bin" / "python", directory=env, toolchain=Toolchain.PIP)

        assert found.version() == "3.12.1"
        assert found.installed_version("Pulumi_AWS") == "7.0.0"
        assert found.installed_version("stackwright") is None
        assert [package.name for package in installed_packages(found)] == ["colour", "pulumi-aws"]
        assert [package.name for package in installed_packages(found, transitive=True)] == [
            "colour",
            "pulumi",
            "pulumi-aws",
        ]
        assert calls_of(env / "bin" / "python") == []

    def test_one_that_sees_the_system_must_be_asked(self, tmp_path: Path) -> None:
        """An environment with the system's packages says itself where they are."""
        env = write_environment(tmp_path / "env", says=f'["{tmp_path}/system"]')
        (env / "pyvenv.cfg").write_text("include-system-site-packages = true\nversion = 3.11.7\n")
        install(tmp_path / "system", "pulumi", "3.0.0")
        found = PythonEnvironment(interpreter=env / "bin" / "python", directory=env, toolchain=Toolchain.PIP)

        assert found.installed_version("pulumi") == "3.0.0"

    def test_a_broken_interpreter(self, tmp_path: Path) -> None:
        """An interpreter that does not start is told with what it said."""
        broken = write_tool(tmp_path / "python", status=1, then="echo 'bad marshal data' >&2")
        found = PythonEnvironment(interpreter=broken, directory=None, toolchain=Toolchain.PIP)

        with pytest.raises(PythonEnvironmentError, match="does not work") as caught:
            found.version()
        assert caught.value.detail == "bad marshal data"

    def test_our_own(self) -> None:
        """Of the running environment nothing needs to be started or read twice."""
        found = PythonEnvironment(interpreter=RUNNING, directory=Path(sys.prefix), toolchain=Toolchain.PIP)

        assert found.is_running
        assert found.version() == ".".join(str(part) for part in sys.version_info[:3])
        assert found.installed_version("stackwright") is not None

    def test_facts(self, tmp_path: Path, tools: Path) -> None:
        """`about` tells interpreter, version and tool (cli.md §10.7)."""
        env = write_environment(tmp_path / "env")
        install(site_packages(env), "pip", "23.2.1")
        write_tool(tools / "uv", says="uv 0.5.1 (abc 2024-11-01)")
        write_tool(tools / "poetry", says="Poetry (version 1.8.4)")

        def version(toolchain: Toolchain) -> str | None:
            found = PythonEnvironment(interpreter=env / "bin" / "python", directory=env, toolchain=toolchain)
            return environment_facts(found).toolchain_version

        assert version(Toolchain.PIP) == "23.2.1"
        assert version(Toolchain.UV) == "0.5.1"
        assert version(Toolchain.POETRY) == "1.8.4"


class TestHowToRun:
    def test_here(self, tmp_path: Path) -> None:
        """In the project's own environment the program runs in this process."""
        plan = run_plan(write_project(tmp_path, f"{{virtualenv: {sys.prefix}}}"), ("up",))

        assert (plan.mode, plan.again) == (RunMode.INLINE, ())

    def test_again_over_there(self, tmp_path: Path) -> None:
        """An environment that has Stackwright takes over the command."""
        env = write_environment(tmp_path / "venv")
        install(site_packages(env), "stackwright", "0.1.0")

        plan = run_plan(write_project(tmp_path, "{virtualenv: venv}"), ("up", "--yes"))

        assert plan.mode is RunMode.INLINE
        assert plan.again == (str(env / "bin" / "python"), "-m", "stackwright", "up", "--yes")

    def test_never_twice(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A command that was handed over does not hand over again."""
        env = write_environment(tmp_path / "venv")
        install(site_packages(env), "stackwright", "0.1.0")
        monkeypatch.setenv(REEXECUTED, "1")

        assert run_plan(write_project(tmp_path, "{virtualenv: venv}")).again == ()

    def test_remote(self, tmp_path: Path) -> None:
        """An environment without Stackwright runs its program with the SDK it has."""
        env = write_environment(tmp_path / "venv")
        install(site_packages(env), "pulumi", "3.0.0")

        plan = run_plan(write_project(tmp_path, "{virtualenv: venv}"))

        assert (plan.mode, plan.again, plan.environment.directory) == (RunMode.REMOTE, (), env)

    def test_remote_on_demand(self, tmp_path: Path) -> None:
        """The project can ask for a process of its own."""
        plan = run_plan(write_project(tmp_path, f"{{virtualenv: {sys.prefix}, mode: remote}}"))

        assert plan.mode is RunMode.REMOTE

    def test_inline_on_demand(self, tmp_path: Path) -> None:
        """A project that insists on inline is told when its environment cannot."""
        write_environment(tmp_path / "venv")

        with pytest.raises(PythonEnvironmentError, match="has no Stackwright"):
            run_plan(write_project(tmp_path, "{virtualenv: venv, mode: inline}"))


@pytest.mark.parametrize("path", [None, "/own"])
def test_programs_and_debuggers_leave_no_marks(path: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an interpreter was asked before they came is not asked again, for a debugger would stop it."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    if path is not None:
        monkeypatch.setenv("PYTHONPATH", path)
    before = _lasting(os.environ)
    monkeypatch.setenv("PYDEVD_USE_FRAME_EVAL", "NO")
    with children_reached("/one"), children_reached("/two"):
        assert _lasting(os.environ) == before
    assert os.environ.get("PYTHONPATH") == path
    assert "STACKWRIGHT_OUTER_PYTHONPATH" not in os.environ
