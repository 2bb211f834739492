"""
The genuine `pulumi` package in an environment of its own, without Stackwright in it.

Made once, in the cache folder (see `goplugin`); where it cannot be had, the asking test is skipped.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.goplugin import cache, locked, unhurried

VERSION = "3.272.0"


@functools.cache
def interpreter(*packages: str) -> Path:
    """The environment's interpreter; with *packages*, of one that has these provider packages, too."""
    extra = "".join(f"-{package}" for package in packages)
    folder = cache() / f"pulumi-{VERSION}{extra}-py{sys.version_info[0]}.{sys.version_info[1]}"
    ready = folder / "ready"
    if not ready.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with unhurried(), locked(folder.with_suffix(".lock")):
            if not ready.exists():  # somebody else may have made it while we waited
                _make(folder, packages)
                ready.touch()
    return folder / "bin" / "python"


def _make(folder: Path, packages: tuple[str, ...]) -> None:
    places = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    uv = shutil.which("uv", path=places)
    if uv is None:
        pytest.skip("`uv` is not installed, so there is no environment for the genuine SDK")
    for command in (
        [uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, folder],
        [
            uv,
            "pip",
            "install",
            "--quiet",
            "--python",
            folder / "bin" / "python",
            f"pulumi=={VERSION}",
            *packages,
        ],
    ):
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode != 0:
            pytest.skip(f"the genuine SDK cannot be installed: {made.stderr.strip()[-500:]}")
