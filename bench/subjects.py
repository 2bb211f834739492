"""The tools that are compared, each doing the same series of operations on the same resources."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Protocol

import platformdirs

from bench.measure import Measured, run

SHAPES = ("independent", "chained", "fan-out")
OPERATIONS = ("create", "no-op", "one change", "destroy")
_RANDOM_MODULE = (
    "github.com/terraform-providers/terraform-provider-random@v1.3.2-0.20260513075824-f8d869dc98d9"
)
_RANDOM_PLACE = "registry.terraform.io/hashicorp/random/3.9.0/linux_amd64"


class Subject(Protocol):
    """A tool with its way of describing resources."""

    name: str

    def series(self, shape: str, size: int) -> dict[str, Measured]:
        """Create, do nothing, change one, destroy: in a fresh folder."""
        ...


class Stackwright:
    """Our own command line on the embedded random provider, state in SQLite."""

    name = "stackwright, embedded random"

    def series(self, shape: str, size: int) -> dict[str, Measured]:
        with tempfile.TemporaryDirectory() as folder:
            room = Path(folder)
            (room / "Pulumi.yaml").write_text("name: bench\nruntime: python\n")
            env = {**os.environ, "STACKWRIGHT_HOME": str(room / "home"), "NO_COLOR": "1"}
            tool = [sys.executable, "-m", "stackwright"]
            run([*tool, "stack", "init", "dev"], cwd=room, env=env)
            up = [*tool, "up", "--stack", "dev", "--yes", "--skip-preview", "--suppress-outputs"]
            program = room / "__main__.py"
            program.write_text(_program(shape, size, first=1))
            measured = {"create": run(up, cwd=room, env=env)}
            measured["no-op"] = run(up, cwd=room, env=env)
            program.write_text(_program(shape, size, first=2))
            measured["one change"] = run(up, cwd=room, env=env)
            destroy = [*tool, "destroy", "--stack", "dev", "--yes", "--skip-preview"]
            measured["destroy"] = run(destroy, cwd=room, env=env)
            return measured


def _program(shape: str, size: int, *, first: int) -> str:
    """N RandomIntegers; the last one (nothing depends on it) is what changes."""
    lines = [
        "import pulumi_random as random",
        f"N = {size}",
        "before = None",
        "for i in range(N):",
        f"    low = {first} if i == N - 1 else 1",
    ]
    if shape == "chained":
        lines.append("    keepers = {'before': before.result.apply(str)} if before is not None else None")
        lines.append("    before = random.RandomInteger(f'r{i}', min=low, max=99999, keepers=keepers)")
    elif shape == "fan-out":
        lines.append("    keepers = {'root': before.result.apply(str)} if before is not None else None")
        lines.append("    made = random.RandomInteger(f'r{i}', min=low, max=99999, keepers=keepers)")
        lines.append("    before = before or made")
    else:
        lines.append("    random.RandomInteger(f'r{i}', min=low, max=99999)")
    return "\n".join(lines) + "\n"


class Terraform:
    """The genuine `terraform`; *blocks* writes one resource of its configuration."""

    def __init__(self, name: str, executable: str, *, mirror: Path | None) -> None:
        self.name = name
        self._executable = executable
        self._mirror = mirror

    def series(self, shape: str, size: int) -> dict[str, Measured]:
        with tempfile.TemporaryDirectory() as folder:
            room = Path(folder)
            env = {**os.environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
            settings = room / "terraform.rc"
            if self._mirror is not None:
                settings.write_text(
                    f'provider_installation {{ filesystem_mirror {{ path = "{self._mirror}" }} }}\n'
                )
                env["TF_CLI_CONFIG_FILE"] = str(settings)
            main = room / "main.tf"
            main.write_text(self._configuration(shape, size, first=1))
            run([self._executable, "init", "-input=false", "-no-color"], cwd=room, env=env)
            apply = [self._executable, "apply", "-auto-approve", "-input=false", "-no-color"]
            measured = {"create": run(apply, cwd=room, env=env)}
            measured["no-op"] = run(apply, cwd=room, env=env)
            main.write_text(self._configuration(shape, size, first=2))
            measured["one change"] = run(apply, cwd=room, env=env)
            destroy = [self._executable, "destroy", "-auto-approve", "-input=false", "-no-color"]
            measured["destroy"] = run(destroy, cwd=room, env=env)
            return measured

    def _configuration(self, shape: str, size: int, *, first: int) -> str:
        return "\n".join(self._block(shape, index, size, first) for index in range(size))

    def _block(self, shape: str, index: int, size: int, first: int) -> str:
        low = first if index == size - 1 else 1
        source = index - 1 if shape == "chained" else 0
        linked = shape != "independent" and index > 0
        if self._mirror is None:
            value = f"terraform_data.r{source}.output" if linked else '""'
            return (
                f'resource "terraform_data" "r{index}" {{\n'
                f"  input = jsonencode({{ low = {low}, before = {value} }})\n}}"
            )
        keepers = f"  keepers = {{ before = random_integer.r{source}.result }}\n" if linked else ""
        return f'resource "random_integer" "r{index}" {{\n  min = {low}\n  max = 99999\n{keepers}}}'


def peers() -> list[Subject]:
    """The peers that are installed here; what is missing is told on standard error."""
    executable = shutil.which("terraform")
    if executable is None:
        sys.stderr.write("terraform is not on PATH: no comparison\n")
        return []
    found: list[Subject] = [Terraform("terraform, terraform_data", executable, mirror=None)]
    mirror = _random_mirror()
    if mirror is not None:
        found.append(Terraform("terraform, genuine random provider", executable, mirror=mirror))
    return found


def _random_mirror() -> Path | None:
    """A filesystem mirror with the genuine random provider, built once by `go install`."""
    cache = Path(
        os.environ.get("STACKWRIGHT_TEST_CACHE") or platformdirs.user_cache_path("stackwright-tests")
    )
    mirror = cache / "terraform-mirror"
    binary = mirror / _RANDOM_PLACE / "terraform-provider-random_v3.9.0"
    if binary.exists():
        return mirror
    go = shutil.which("go")
    if go is None:
        sys.stderr.write("go is not on PATH: no genuine random provider\n")
        return None
    binary.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "GOBIN": folder, "GOFLAGS": "-mod=mod"}
        built = subprocess.run(
            [go, "install", _RANDOM_MODULE], env=env, capture_output=True, text=True, check=False
        )
        if built.returncode:
            sys.stderr.write(f"the genuine random provider cannot be built here:\n{built.stderr[-800:]}\n")
            return None
        shutil.copy2(Path(folder) / "terraform-provider-random", binary)
    return mirror
