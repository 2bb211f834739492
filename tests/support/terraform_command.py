"""The genuine `terraform`, on a configuration of a test: it makes states for others to read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest


class TerraformProject:
    """
    A folder in which `terraform` works, with providers from the mirrors that *programs* lie in.

    Where `terraform` is missing, the asking test is skipped.
    """

    def __init__(self, folder: Path, *programs: Path, environ: Mapping[str, str] | None = None) -> None:
        found = shutil.which("terraform")
        if found is None:
            pytest.skip("`terraform` is not installed")
        self._terraform = found
        self.folder = folder
        folder.mkdir(parents=True)
        self.cli_config = folder.parent / "terraform.rc"
        mirrors = "".join(
            f"  filesystem_mirror {{\n    path = {json.dumps(str(root))}\n  }}\n"
            for root in dict.fromkeys(each.parents[5] for each in programs)
        )
        self.cli_config.write_text(f"provider_installation {{\n{mirrors}}}\n")
        self._environ = {
            **os.environ,
            "TF_CLI_CONFIG_FILE": str(self.cli_config),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            **(environ or {}),
        }

    @property
    def state_file(self) -> Path:
        return self.folder / "terraform.tfstate"

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self._terraform, *arguments], cwd=self.folder, env=self._environ, capture_output=True, text=True
        )
        assert done.returncode == 0, f"terraform {' '.join(arguments)}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def apply(self, files: Mapping[str, str]) -> dict[str, Any]:
        """Make *files* be the configuration and real; the state that is left."""
        self.write(files)
        self.run("init", "-no-color", "-input=false")
        self.run("apply", "-no-color", "-auto-approve", "-input=false")
        return self.state()

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.state_file.read_text())
        return found
