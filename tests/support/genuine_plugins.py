"""
Pulumi plugins that others wrote, built from their public Go modules.

`kubernetes` is the genuine plugin. `random` is Terraform's provider behind the genuine bridge, as all
bridged plugins are; only the table of names is ours (`tests/plugins/bridged`), since the module of that
plugin is in no index of Go modules. Building takes minutes, so it happens once, in the cache folder of
`goplugin`. Where Go or a module cannot be had, the asking test is skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.goplugin import cache, locked, unhurried

KUBERNETES = "4.34.2"
"""The version that the plugin says it is: that of the Python package that it is used with."""

_KUBERNETES_MODULE = "github.com/pulumi/pulumi-kubernetes/provider/v4"
_KUBERNETES_COMMIT = "v4.0.0-20260115033456-f47bc2d6f199"


def kubernetes(plugins: Path) -> Path:
    """Put the Kubernetes plugin into the plugin cache *plugins*, and give its binary."""
    return _install(plugins, "kubernetes", KUBERNETES, _build_kubernetes)


def _build_kubernetes(sources: Path, binary: Path) -> None:
    """Its own main file, with the schema that its build makes ready from the one in the repository."""
    (sources / "go.mod").write_text("module example.com/kubernetes\n\ngo 1.24\n", encoding="utf-8")
    _go(sources, "get", f"{_KUBERNETES_MODULE}@{_KUBERNETES_COMMIT}")
    listed = _go(sources, "list", "-m", "-json", _KUBERNETES_MODULE)
    theirs = Path(json.loads(listed)["Dir"]) / "cmd" / "pulumi-resource-kubernetes"
    schema = json.loads((theirs / "schema.json").read_text(encoding="utf-8"))
    (sources / "schema-embed.json").write_text(
        json.dumps({**schema, "version": KUBERNETES}), encoding="utf-8"
    )
    for theirs_name, name in (
        ("main.go", "main.go"),
        ("terraform-mapping.json", "terraform-mapping-embed.json"),
    ):
        (sources / name).write_bytes((theirs / theirs_name).read_bytes())
    version = f"-X {_KUBERNETES_MODULE}/pkg/version.Version={KUBERNETES}"
    _go(sources, "build", "-mod=mod", "-trimpath", f"-ldflags=-s -w {version}", "-o", str(binary), ".")


RANDOM = "4.21.4"
"""Likewise; it stands in `bridged/mapping/mapping.go` as well."""

_BRIDGED = Path(__file__).parent.parent / "plugins" / "bridged"


def random(plugins: Path) -> Path:
    """Put the bridged plugin `random` into the plugin cache *plugins*, and give its binary."""
    return _install(plugins, "random", RANDOM, _build_random)


def _build_random(sources: Path, binary: Path) -> None:
    """The bridge reads the provider and writes a schema, with which the plugin is built."""
    shutil.copytree(_BRIDGED, sources, dirs_exist_ok=True)
    generator, plugin = sources / "tfgen", sources / "cmd" / binary.name
    _go(sources, "build", "-mod=mod", "-o", str(generator), "./cmd/pulumi-tfgen-random")
    written = subprocess.run(
        [generator, "schema", "--out", plugin],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PULUMI_HOME": str(sources / "home")},
    )
    assert written.returncode == 0, written.stderr
    _go(
        sources, "build", "-mod=mod", "-trimpath", "-ldflags=-s -w", "-o", str(binary), f"./cmd/{binary.name}"
    )


def _install(plugins: Path, name: str, version: str, build: Callable[[Path, Path], None]) -> Path:
    built = cache() / "go-plugins" / f"genuine-{name}-{version}" / f"pulumi-resource-{name}"
    if not built.exists():
        built.parent.parent.mkdir(parents=True, exist_ok=True)
        with unhurried(), locked(built.parent.with_suffix(".lock")):
            if not built.exists():  # somebody else may have built it while we waited
                _built(built, build)
    target = plugins / f"resource-{name}-v{version}" / built.name
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        try:
            os.link(built, target)
        except OSError:  # another file system
            shutil.copy2(built, target)
    return target


def _built(binary: Path, build: Callable[[Path, Path], None]) -> None:
    fresh = binary.parent.with_name(f"{binary.parent.name}.{os.getpid()}")
    sources = fresh / "sources"
    sources.mkdir(parents=True)
    try:
        build(sources, fresh / binary.name)
        shutil.rmtree(sources)
        fresh.rename(binary.parent)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _go(folder: Path, *arguments: str) -> str:
    go = shutil.which("go")
    if go is None:
        pytest.skip("`go` is not installed, so genuine plugins cannot be built")
    done = subprocess.run(
        [go, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "GOFLAGS": "-buildvcs=false", "GOWORK": "off"},
    )
    if done.returncode:
        pytest.skip(f"`go {arguments[0]}` fails for a genuine plugin: {done.stderr.strip()[-500:]}")
    return done.stdout
