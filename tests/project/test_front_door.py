"""What the package shows, and that it stays light."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import stackwright.project
import stackwright.project.python
from stackwright.project import effective_config, find_project, load_stack_file

HEAVY = (
    "ruamel",
    "grpc",
    "google",
    "rich",
    "click",
    "cryptography",
    "httpx",
    "semver",
    "packaging",
)


def test_every_name_is_there() -> None:
    """Each exported name exists, once, and classes and functions explain themselves."""
    for door in (stackwright.project, stackwright.project.python):
        assert len(set(door.__all__)) == len(door.__all__)
        for name in door.__all__:
            member = getattr(door, name)
            if callable(member) and not isinstance(member, str | tuple):
                assert member.__doc__, name


def test_an_ordinary_project_loads_nothing_heavy(tmp_path: Path) -> None:
    """Reading a project and a stack does without the YAML library and all else that is slow."""
    (tmp_path / "Pulumi.yaml").write_text(
        "name: shop\nruntime:\n  name: python\n  options:\n    virtualenv: venv\n"
    )
    (tmp_path / "Pulumi.dev.yaml").write_text(
        "config:\n  aws:region: us-west-2\n  shop:x:\n    secure: v1:abc\n"
    )
    program = (
        "import sys; from pathlib import Path; from stackwright.project import *\n"
        "import stackwright.project.python\n"
        f"project = find_project(Path({str(tmp_path)!r}))\n"
        "effective_config(project, 'dev', load_stack_file(project, 'dev'))\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )

    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"


def test_loading_is_quick(tmp_path: Path) -> None:
    """A small project with its stack is loaded in well under ten milliseconds."""
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\nconfig:\n  shop:size: 3\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("".join(f"k{n}: v\n" for n in range(20)))

    def load() -> float:
        start = time.perf_counter()
        project = find_project(tmp_path)
        effective_config(project, "dev", load_stack_file(project, "dev"))
        return time.perf_counter() - start

    assert min(load() for _ in range(5)) < 0.010
