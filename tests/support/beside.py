"""Scenarios that run twice, under our SDK and under the genuine package: what came of them."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def both(scenarios: Path, *words: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """
    What *scenarios*, a script or a package, print last: run with `ours`, and with `genuine`, before *words*.

    Skips the test where the genuine package is not installed.
    """
    if not list(importlib.metadata.Distribution.discover(name="pulumi")):
        pytest.skip("the genuine pulumi package is not installed")
    return _outcome(scenarios, "ours", *words), _outcome(scenarios, "genuine", *words)


def _outcome(scenarios: Path, *words: str) -> dict[str, Any]:
    command = [sys.executable, "-W", "ignore", str(scenarios), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
