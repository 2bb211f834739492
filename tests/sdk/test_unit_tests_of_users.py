"""
Test suites that exist run unmodified, whichever `pulumi` is meant (sdk.md §17).

The suites lie in `unit_tests_of_users`; they pass with the genuine package, and with ours
under `stackwright exec -- pytest`.
"""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest

SUITES = Path(__file__).parent / "unit_tests_of_users"
_PYTEST = [
    "-q",
    "--assert=plain",
    "-p",
    "no:cacheprovider",
    "-o",
    "python_files=case_*.py",
    "-c",
    "none.ini",
    "--rootdir",
    ".",
]


def passed(*command: str) -> int:
    """How many tests a run of all suites has; all of them must pass."""
    done = subprocess.run(
        [sys.executable, *command, *_PYTEST, str(SUITES)],
        capture_output=True,
        text=True,
        check=False,
        cwd=SUITES,
        env={"PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"^(\d+) passed", done.stdout, re.MULTILINE)
    assert found is not None, done.stdout
    return int(found[1])


@pytest.mark.real
def test_with_the_genuine_package() -> None:
    """So that the suites are known to be right."""
    if not list(importlib.metadata.Distribution.discover(name="pulumi")):
        pytest.skip("the genuine pulumi package is not installed")
    assert passed("-m", "pytest") >= 25


def test_with_ours() -> None:
    """`stackwright exec -- pytest` and nothing else."""
    assert passed("-m", "stackwright", "exec", "--", "pytest") >= 25
