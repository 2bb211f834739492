"""
Terraform providers to test with: two of our own, and genuine ones.

    vintage, modern   of our own (`tests/plugins/terraform`), on Terraform's old SDK and its framework
    random, time      genuine, built once through Go's module proxy
    local             genuine, of 2019: on the first SDK that stood on its own
    aws               genuine, where this machine has it in a filesystem mirror
    openstack         genuine, of people who have nothing to do with Terraform's authors

Each is a path of an executable in a filesystem mirror, HOST/NAMESPACE/TYPE/VERSION/OS_ARCH.
Where one cannot be had, the asking test is skipped and says why. All is built once into
the cache folder that `goplugin` describes.
"""

from __future__ import annotations

import functools
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.goplugin import built, cache, locked, unhurried

SOURCES = Path(__file__).parent.parent / "plugins" / "terraform"
HOST = "registry.terraform.io"
OWN_VERSION = "1.0.0"
RANDOM_VERSION = "3.9.0"
TIME_VERSION = "0.14.2"
LOCAL_VERSION = "1.4.0"
OPENSTACK_VERSION = "3.4.0"
_RANDOM = "github.com/terraform-providers/terraform-provider-random@v1.3.2-0.20260513075824-f8d869dc98d9"
_TIME = f"github.com/hashicorp/terraform-provider-time@v{TIME_VERSION}"
_LOCAL = f"github.com/hashicorp/terraform-provider-local@v{LOCAL_VERSION}"
_OPENSTACK = f"github.com/terraform-provider-openstack/terraform-provider-openstack/v3@v{OPENSTACK_VERSION}"
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


def target() -> str:
    """This machine as `OS_ARCH`."""
    return f"{platform.system().lower()}_{_MACHINES.get(platform.machine(), platform.machine())}"


def mirror() -> Path:
    """The filesystem mirror that holds what was built."""
    return cache() / "terraform-mirror"


def vintage() -> Path:
    """Our provider on the old SDK: protocol 5, every deviation of the legacy type system."""
    return _own("vintage")


def modern() -> Path:
    """Our provider on the plugin framework: protocol 6, every feature that has."""
    return _own("modern")


def random() -> Path:
    """The genuine random provider: protocol 5, on the framework, without any cloud."""
    return _genuine("random", RANDOM_VERSION, _RANDOM)


def time() -> Path:
    """The genuine time provider: protocol 5, with functions."""
    return _genuine("time", TIME_VERSION, _TIME)


def local() -> Path:
    """The genuine local provider as it was in 2019: protocol 5, before schemas were optional."""
    return _genuine("local", LOCAL_VERSION, _LOCAL, by=_install_copy)


def openstack() -> Path:
    """The genuine OpenStack provider: protocol 5, a hundred resources on the old SDK."""
    return _genuine("openstack", OPENSTACK_VERSION, _OPENSTACK, namespace="terraform-provider-openstack")


@functools.cache
def aws() -> Path:
    """
    The genuine AWS provider: the largest schema there is.

    Looked for in STACKWRIGHT_TEST_AWS_PROVIDER (a path of the executable), then in the
    mirrors that people usually have.
    """
    named = os.environ.get("STACKWRIGHT_TEST_AWS_PROVIDER")
    if named:
        return Path(named)
    below = f"{HOST}/hashicorp/aws/*/{target()}/terraform-provider-aws*"
    for root in (
        mirror(),
        Path.home() / ".terraform.d",
        Path("/usr/local/share"),
        Path("/usr/share"),
        Path("/opt"),
    ):
        for pattern in (below, f"*/{below}"):
            if found := sorted(root.glob(pattern)):
                return found[-1]
    pytest.skip("the AWS provider is in no filesystem mirror; STACKWRIGHT_TEST_AWS_PROVIDER can name it")


class Cloud:
    """What `vintage` and `modern` manage: the folder of `tests/plugins/terraform/internal/cloud`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def objects(self) -> dict[str, dict[str, Any]]:
        """What exists now, by id."""
        return {
            path.stem: json.loads(path.read_text()) for path in sorted(self.folder.glob("objects/*.json"))
        }

    def drift(self, object_id: str, **changes: Any) -> None:
        """Change an object behind everybody's back."""
        path = self.folder / "objects" / f"{object_id}.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    def vanish(self, object_id: str) -> None:
        """Remove an object behind everybody's back."""
        (self.folder / "objects" / f"{object_id}.json").unlink()

    def calls(self, op: str = "") -> list[dict[str, Any]]:
        """The calls that providers recorded, all or those of one kind (`create`, `read`, `open`, ...)."""
        path = self.folder / "calls.jsonl"
        lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return [line for line in lines if op in ("", line["op"])]

    def fail(self, **faults: str) -> None:
        """
        Say what goes wrong from now on: `fail(create="panic")` for all, `**{"create big": "hang"}` for one.

        Everywhere: `panic`, `exit`, `hang` (until stopped), `slow:DURATION`, `chatter`, `error[:TEXT]`.
        In `create`: `partial`, `vanish`, `warn`, `inconsistent` (modern); in `update`: `partial`.
        """
        rules = {op if " " in op else f"{op} *": fault for op, fault in faults.items()}
        fresh = self.folder / "faults.json.new"
        fresh.write_text(json.dumps(rules))
        fresh.replace(self.folder / "faults.json")


@functools.cache
def _own(name: str) -> Path:
    program = built(SOURCES) / f"terraform-provider-{name}"
    # The mirror follows the sources: each state of them has a mirror of its own.
    place = program.parent / "mirror" / HOST / "stackwright" / name / OWN_VERSION / target()
    linked = place / f"{program.name}_v{OWN_VERSION}"
    if not linked.exists():
        place.mkdir(parents=True, exist_ok=True)
        with locked(program.parent.with_suffix(".lock")):
            if not linked.exists():
                os.link(program, linked)
    return linked


@functools.cache
def _genuine(
    name: str,
    version: str,
    module: str,
    *,
    namespace: str = "hashicorp",
    by: Callable[[str, str, Path], None] | None = None,
) -> Path:
    folder = mirror() / HOST / namespace / name / version / target()
    program = folder / f"terraform-provider-{name}_v{version}"
    if not program.exists():
        go = shutil.which("go")
        if go is None:
            pytest.skip(f"`go` is not installed, so the genuine {name} provider cannot be built")
        program.parent.mkdir(parents=True, exist_ok=True)
        with unhurried(), locked(cache() / "terraform-mirror.lock"):
            if not program.exists():
                (by or _install)(go, module, program)
    return program


def _install(go: str, module: str, program: Path) -> None:
    scratch = program.parent.with_name(f"build.{os.getpid()}")
    try:
        environ = {**os.environ, "GOBIN": str(scratch), "GOFLAGS": "-trimpath"}
        made = subprocess.run([go, "install", module], env=environ, capture_output=True, text=True)
        if made.returncode != 0:
            pytest.skip(f"{module} cannot be built: {made.stderr.strip()[-500:]}")
        next(scratch.iterdir()).rename(program)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _install_copy(go: str, module: str, program: Path) -> None:
    """Build *module* in a copy of its own: its path has changed since, so nothing else can require it."""
    scratch = program.parent.with_name(f"build.{os.getpid()}")
    environ = {**os.environ, "GOFLAGS": "-mod=mod -trimpath"}
    try:
        scratch.mkdir()
        asked = [go, "mod", "download", "-json", module]
        found = subprocess.run(asked, cwd=scratch, env=environ, capture_output=True, text=True)
        if found.returncode != 0:
            pytest.skip(f"{module} cannot be downloaded: {found.stderr.strip()[-500:]}")
        sources = scratch / "sources"
        ignored = shutil.ignore_patterns("vendor")
        shutil.copytree(json.loads(found.stdout)["Dir"], sources, ignore=ignored, copy_function=shutil.copy)
        for path in (sources, *sources.rglob("*")):
            path.chmod(0o755)
        made = subprocess.run(
            [go, "build", "-o", str(scratch / "made"), "."],
            cwd=sources,
            env=environ,
            capture_output=True,
            text=True,
        )
        if made.returncode != 0:
            pytest.skip(f"{module} cannot be built: {made.stderr.strip()[-500:]}")
        (scratch / "made").rename(program)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
