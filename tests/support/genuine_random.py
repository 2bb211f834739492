"""
Terraform's own provider `random`, run by `terraform`, to compare ours with.

Where `terraform` or the provider cannot be had, the asking test is skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support import tfproviders


class Terraform:
    """A folder in which `terraform` works with the genuine provider."""

    def __init__(self, folder: Path) -> None:
        terraform = shutil.which("terraform")
        if terraform is None:
            pytest.skip("`terraform` is not installed")
        self._terraform = terraform
        self._folder = folder
        settings = folder / "settings.tfrc"
        mirror = tfproviders.random().parents[5]
        settings.write_text(
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
        )
        self._environ = {
            **os.environ,
            "TF_CLI_CONFIG_FILE": str(settings),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
        }
        self._write({})
        self._run("init")

    def _write(self, resources: dict[str, dict[str, Any]]) -> None:
        declared: dict[str, dict[str, Any]] = {}
        for name, inputs in resources.items():
            kind, _, own = name.partition(".")
            declared.setdefault(kind, {})[own] = inputs
        required = {
            "required_providers": [
                {"random": {"source": "hashicorp/random", "version": tfproviders.RANDOM_VERSION}}
            ]
        }
        document: dict[str, Any] = {"terraform": [required]}
        if declared:
            document["resource"] = declared
        (self._folder / "main.tf.json").write_text(json.dumps(document))

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self._terraform, *arguments], cwd=self._folder, env=self._environ, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def apply(self, resources: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Make *resources* (by `type.name`) be; their attributes."""
        self._write(resources)
        self._run("apply", "-auto-approve", "-input=false")
        state = json.loads(self._run("show", "-json"))
        return {each["address"]: each["values"] for each in state["values"]["root_module"]["resources"]}

    def plan(self, resources: dict[str, dict[str, Any]]) -> dict[str, tuple[list[str], list[str]]]:
        """What getting to *resources* takes: actions, and the attributes that require a replacement."""
        self._write(resources)
        self._run("plan", "-input=false", "-out=plan")
        plan = json.loads(self._run("show", "-json", "plan"))
        return {
            each["address"]: (
                each["change"]["actions"],
                sorted({path[0] for path in each["change"].get("replace_paths", [])}),
            )
            for each in plan["resource_changes"]
        }
