"""
Provider packages from PyPI: found where they are installed, or fetched once into a cache.

The cache is a folder outside of the repository: the user's own, or the one that
STACKWRIGHT_TEST_CACHE names. Where a package cannot be had, the asking test is skipped.
They are never imported into the process of the tests: `in_a_process` runs code with our
SDK under the name that they import.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

import platformdirs
import pytest

import stackwright

SUPPORT = Path(__file__).parent.parent
SOURCE = Path(stackwright.__file__).parent.parent


def installed(package: str) -> None:
    """Skip the test if *package* is not installed beside us."""
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"the provider package {package} is not installed")


def fetched(package: str, version: str) -> Path:
    """A folder that has *package* unpacked in it; skips the test if the package index cannot be reached."""
    cache = Path(os.environ.get("STACKWRIGHT_TEST_CACHE") or platformdirs.user_cache_dir("stackwright-tests"))
    place = cache / "provider-packages" / f"{package}-{version}"
    if not place.exists():
        unfinished = place.with_name(f"{place.name}.{os.getpid()}")
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
        done = subprocess.run(
            [*command, "--target", unfinished, f"{package}=={version}"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"{package} {version} cannot be fetched: {done.stderr.strip().splitlines()[-1:]}")
        if place.exists():  # somebody else was faster
            return place
        unfinished.rename(place)
    return place


def in_a_process(
    code: str,
    *,
    path: Path | None = None,
    timeout: float = 300,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run *code* in a fresh interpreter that can import `support` and *path*; answers its output."""
    places = [str(SUPPORT), str(SOURCE), *([str(path)] if path is not None else [])]
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
        env={**os.environ, **(environment or {}), "PYTHONPATH": os.pathsep.join(places)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()
