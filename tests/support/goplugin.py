"""Builds the Go plugins under `tests/plugins` and lays them out as an engine expects to find them.

Building takes about a minute, so it happens once per state of the sources, in a cache folder outside the
repository: the user's own cache folder, or the one that STACKWRIGHT_TEST_CACHE names. Processes that test at
the same time wait for each other. Where Go or its modules cannot be had, the asking test is skipped.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import os
import platform
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs
import pytest

SOURCES = Path(__file__).parent.parent / "plugins" / "ledger"
NAMES = ("ledger", "rawledger")
VERSION = "1.2.3"


def binary(name: str = "ledger") -> Path:
    """The built plugin *name*, `ledger` or `rawledger`; skips the test where it cannot be built."""
    assert name in NAMES, f"{name} is none of {NAMES}"
    return built(SOURCES) / f"pulumi-resource-{name}"


def install(plugins: Path, *, name: str = "ledger", version: str = VERSION) -> Path:
    """Put plugin *name* into the plugin cache *plugins* as *version*, which it will report; give the binary.

    The layout is that of protocol.md §7.3: `resource-NAME-vVERSION/pulumi-resource-NAME`.
    """
    source = binary(name)
    target = plugins / f"resource-{name}-v{version}" / source.name
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        _place(source, target)
    return target


def plugins(folder: Path, *, names: Iterable[str] = NAMES, version: str = VERSION) -> Path:
    """Make *folder* a plugin cache with each of *names*, and return it."""
    for name in names:
        install(folder, name=name, version=version)
    return folder


def _place(source: Path, target: Path) -> None:
    # A link costs nothing; a cache folder on another file system cannot have one.
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@functools.cache
def built(sources: Path) -> Path:
    """A folder with the programs of the Go module *sources*, one for each folder below its `cmd`."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("`go` is not installed, so the Go test plugins cannot be built")
    folder = cache() / "go-plugins" / _key(go, sources)
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with unhurried(), locked(folder.with_suffix(".lock")):
            if not folder.exists():  # somebody else may have built it while we waited
                _build(go, sources, folder)
    return folder


def cache() -> Path:
    """The folder for what takes long to make."""
    return Path(os.environ.get("STACKWRIGHT_TEST_CACHE") or platformdirs.user_cache_dir("stackwright-tests"))


def _key(go: str, sources: Path) -> str:
    """A name for this state of the sources under this compiler."""
    digest = hashlib.sha256()
    digest.update(subprocess.run([go, "version"], check=True, capture_output=True, cwd=sources).stdout)
    digest.update(platform.machine().encode())
    for path in sorted(sources.rglob("*")):
        if path.suffix in {".go", ".mod", ".sum"}:
            digest.update(path.relative_to(sources).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:20]


def _build(go: str, sources: Path, folder: Path) -> None:
    loaded = subprocess.run([go, "list", "-deps", "./..."], cwd=sources, capture_output=True, text=True)
    if loaded.returncode != 0:
        pytest.skip(f"the modules of the Go test plugins cannot be loaded: {loaded.stderr.strip()[-500:]}")
    fresh = folder.with_name(f"{folder.name}.{os.getpid()}")
    fresh.mkdir(parents=True)
    try:
        command = [go, "build", "-trimpath", "-ldflags=-s -w", "-o", f"{fresh}{os.sep}", "./cmd/..."]
        made = subprocess.run(command, cwd=sources, capture_output=True, text=True)
        assert made.returncode == 0, f"the Go test plugins do not compile:\n{made.stderr}"
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock *path* against other processes."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def unhurried() -> Iterator[None]:
    """Stop the test's own timeout while it builds: the test that happens to be first is not slow."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    left = signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *left)
