"""
Terraform's own provider `random`, run by `terraform`, to compare ours with.

The provider is built once from the Go module proxy into a cache folder outside the
repository: the user's own, or the one that STACKWRIGHT_TEST_CACHE names. Where
`terraform`, `go` or the module cannot be had, the asking test is skipped.
"""

from __future__ import annotations

import functools
import json
import os
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from support.goplugin import locked, unhurried

MODULE = "github.com/terraform-providers/terraform-provider-random@v1.3.2-0.20260513075824-f8d869dc98d9"
VERSION = "3.9.0"


@functools.cache
def _mirror() -> Path:
    """A filesystem mirror that holds the provider."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("`go` is not installed, so the genuine random provider cannot be built")
    cache = Path(os.environ.get("STACKWRIGHT_TEST_CACHE") or platformdirs.user_cache_dir("stackwright-tests"))
    mirror = cache / "terraform-mirror"
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    folder = (
        mirror / f"registry.terraform.io/hashicorp/random/{VERSION}/{platform.system().lower()}_{machine}"
    )
    program = folder / f"terraform-provider-random_v{VERSION}"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with unhurried(), locked(cache / "terraform-mirror.lock"):
            if not program.exists():
                _build(go, program)
    return mirror


def _build(go: str, program: Path) -> None:
    scratch = program.with_name(f"build.{os.getpid()}")
    try:
        environ = {**os.environ, "GOBIN": str(scratch), "GOFLAGS": "-trimpath"}
        made = subprocess.run([go, "install", MODULE], env=environ, capture_output=True, text=True)
        if made.returncode != 0:
            pytest.skip(f"the genuine random provider cannot be built: {made.stderr.strip()[-500:]}")
        (scratch / "terraform-provider-random").rename(program)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


class Terraform:
    """A folder in which `terraform` works with the genuine provider."""

    def __init__(self, folder: Path) -> None:
        terraform = shutil.which("terraform")
        if terraform is None:
            pytest.skip("`terraform` is not installed")
        self._terraform = terraform
        self._folder = folder
        settings = folder / "settings.tfrc"
        settings.write_text(
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{_mirror()}"\n  }}\n}}\n'
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
        required = {"required_providers": [{"random": {"source": "hashicorp/random", "version": VERSION}}]}
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
