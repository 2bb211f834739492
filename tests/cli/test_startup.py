"""What a command loads: nothing that it has no use for, so that it answers at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import Room

HEAVY = (
    "stackwright.engine",
    "stackwright.providers",
    "stackwright.wire",
    "stackwright.sdk",
    "grpc",
    "google",
    "rich",
)
_PROBE = """
import atexit, json, sys
atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))
from stackwright.cli import main
main(sys.argv[1:])
"""


def loaded(room: Room, *arguments: str) -> set[str]:
    """The modules that are loaded when a command ends."""
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, *arguments],
        cwd=room.project,
        env=room.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


def among(modules: set[str], packages: tuple[str, ...]) -> set[str]:
    return {name for name in modules if name in packages or name.startswith(tuple(f"{p}." for p in packages))}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    folder: Path = tmp_path_factory.mktemp("startup")
    return Room(folder).init()


def test_the_version_loads_neither_the_commands_nor_a_store(room: Room) -> None:
    modules = loaded(room, "version")
    assert not among(modules, (*HEAVY, "click", "msgspec", "stackwright.state", "stackwright.project"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("stack", "ls"),
        ("stack", "ls", "--json"),
        ("stack", "tag", "ls"),
        ("stack", "select", "dev"),
        ("config",),
        ("config", "set", "colour", "red"),
        ("whoami",),
        ("--help",),
    ],
    ids=" ".join,
)
def test_looking_at_stacks_loads_no_engine(room: Room, arguments: tuple[str, ...]) -> None:
    assert not among(loaded(room, *arguments), HEAVY)


def test_an_update_in_plain_lines_loads_neither_grpc_nor_the_terminal_library(room: Room) -> None:
    modules = loaded(room, "preview")
    # Nor what only mistakes, secrets, downloads and versions need.
    others = ("argparse", "cryptography", "httpx", "opentelemetry", "semver", "zipfile", "stackwright.wire")
    assert not among(modules, ("grpc", "google", "rich", *others))
    assert not among(modules, ("stackwright.project._template", "stackwright.project.python._install"))
