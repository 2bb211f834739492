"""SDKs linked by the genuine pip, uv and poetry, and seen by programs (packages.md §5.2, cli.md §11)."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from support.goplugin import cache, locked, unhurried

from stackwright.packages._linking import link_sdk, unlink_sdk
from stackwright.project import Project, load_project
from stackwright.project.python import find_environment, install_dependencies, remove_distributions

pytestmark = [pytest.mark.real, pytest.mark.slow]

BUILD = '[build-system]\nrequires = ["setuptools>=61.0"]\nbuild-backend = "setuptools.build_meta"\n'


def _uv() -> str:
    places = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    uv = shutil.which("uv", path=places)
    if uv is None:
        pytest.skip("`uv` is not installed")
    return uv


@functools.cache
def _poetry() -> Path:
    """Genuine poetry, from the package index, in an environment of its own."""
    folder = cache() / f"poetry-py{sys.version_info[0]}.{sys.version_info[1]}"
    program, ready = folder / "bin" / "poetry", folder / "ready"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with unhurried(), locked(folder.with_suffix(".lock")):
        if not ready.exists():
            for words in (["venv", "--allow-existing", "--python", sys.executable, folder], [
                "pip", "install", "--python", folder / "bin" / "python", "poetry>=2,<3"
            ]):  # fmt: skip
                made = subprocess.run([_uv(), *words, "--quiet"], capture_output=True, text=True, check=False)
                if made.returncode != 0:
                    pytest.skip(f"poetry cannot be installed: {made.stderr.strip()[-300:]}")
            ready.touch()
    return program


def _index() -> str:
    """The plain index that pip asks: not every mirror has what poetry wants of the usual one."""
    code = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return os.environ.get("PIP_INDEX_URL") or done.stdout.strip()


@pytest.fixture(params=["pip", "uv", "poetry"])
def toolchain(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    tool: str = request.param
    if tool != "pip":
        folder = _poetry().parent if tool == "poetry" else Path(_uv()).parent
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("POETRY_VIRTUALENVS_IN_PROJECT", "1")
    monkeypatch.setenv("POETRY_CACHE_DIR", str(cache() / "poetry-cache"))
    for name in ("VIRTUAL_ENV", "POETRY_ACTIVE"):
        monkeypatch.delenv(name, raising=False)
    return tool


@pytest.fixture(params=["requirements.txt", "pyproject.toml", "nothing"])
def project(request: pytest.FixtureRequest, toolchain: str, tmp_path: Path) -> Project:
    if toolchain == "pip" and request.param == "pyproject.toml":
        pytest.skip("pip's projects have a requirements.txt")
    root = tmp_path / "shop"
    root.mkdir()
    (root / "Pulumi.yaml").write_text(
        f"name: shop\nruntime: {{name: python, options: {{toolchain: {toolchain}, virtualenv: .venv}}}}\n"
    )
    if request.param == "requirements.txt":
        (root / "requirements.txt").write_text("six  # of one\n")
    elif request.param == "pyproject.toml":
        source = f'\n[[tool.poetry.source]]\nname = "plain"\nurl = "{_index()}"\npriority = "primary"\n'
        (root / "pyproject.toml").write_text(
            '[project]\nname = "shop"\nversion = "1.0.0"\nrequires-python = ">=3.11,<4"\n'
            'dependencies = ["six"]  # of one\n\n[tool.uv]\npackage = false\n\n'
            f"[tool.poetry]\npackage-mode = false\n{source}"
        )
    elif toolchain == "poetry":
        pytest.skip("what poetry makes of nothing names no index")
    if toolchain == "poetry" and request.param == "requirements.txt":
        pytest.skip("a requirements.txt names no index that poetry can use everywhere")
    return load_project(root / "Pulumi.yaml")


def sdk(project: Project, version: str = "1.0.0") -> Path:
    """An SDK that needs nothing, as far as tools can see."""
    folder = project.root / "sdks" / "thing"
    package = folder / "pulumi_thing"
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").write_text(f"VERSION = {version!r}\n")
    (folder / "pyproject.toml").write_text(
        f'{BUILD}[project]\nname = "pulumi_thing"\nversion = "{version}"\nrequires-python = ">=3.11"\n'
    )
    return folder


def seen(project: Project) -> str:
    """What a program sees of the SDK: its version and whether the other requirement is there."""
    code = "import pulumi_thing, importlib.util as u; print(pulumi_thing.VERSION, bool(u.find_spec('six')))"
    command = [str(find_environment(project).interpreter), "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_linked_installed_changed_and_taken_out(project: Project, toolchain: str) -> None:
    had_six = (project.root / "requirements.txt").exists() or (project.root / "pyproject.toml").exists()
    folder = sdk(project)
    link_sdk(project, folder, "pulumi_thing")
    install_dependencies(project, output=print)
    assert seen(project) == f"1.0.0 {had_six}"

    written = "".join(
        path.read_text() for path in project.root.iterdir() if path.suffix in (".txt", ".toml", ".lock")
    )
    assert "sdks/thing" in written
    assert str(project.root) not in written, "what is recorded holds on every machine"
    if (project.root / "pyproject.toml").exists():
        names = tomllib.loads((project.root / "pyproject.toml").read_text())["project"]["dependencies"]
        assert [each for each in names if "thing" in each] == [
            each for each in names if each.replace("_", "-") == "pulumi-thing"
        ]

    sdk(project, "2.0.0")
    link_sdk(project, folder, "pulumi_thing")
    install_dependencies(project, output=print)
    assert seen(project) == f"2.0.0 {had_six}"

    assert unlink_sdk(project, folder) == "pulumi_thing"
    shutil.rmtree(folder)
    remove_distributions(project, ["pulumi_thing"], output=print)
    assert "No module named 'pulumi_thing'" in seen(project)
    written = "".join(
        path.read_text() for path in project.root.iterdir() if path.suffix in (".txt", ".toml", ".lock")
    )
    assert "thing" not in written
