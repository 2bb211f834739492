"""Folders for files that a provider reads (terraform.md §8.8): none is left, none in use is taken."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stackwright.providers.terraform import _file_folders
from stackwright.providers.terraform._file_folders import clear_left_folders, folder_for_files

HOLDER = """
from stackwright.providers.terraform._file_folders import folder_for_files
with folder_for_files() as folder:
    (folder / "file").touch()
    print(folder, flush=True)
    input()
"""


@pytest.fixture(autouse=True)
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    _file_folders._clear.cache_clear()
    return tmp_path


@contextmanager
def holder(parent: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Another process that has such a folder."""
    environ = {**os.environ, "TMPDIR": str(parent)}
    command = [sys.executable, "-c", HOLDER]
    with subprocess.Popen(
        command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def test_what_a_killed_process_has_left_is_removed(parent: Path) -> None:
    with holder(parent) as (process, folder):
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert folder.exists()

        clear_left_folders()

        assert not folder.exists()


def test_what_is_in_use_stays(parent: Path) -> None:
    """By another process, or by this one."""
    with holder(parent) as (_, folder), folder_for_files() as own:
        clear_left_folders()

        assert (folder / "file").exists()
        assert own.exists()
    assert not own.exists()


def test_what_only_looks_like_one_stays(parent: Path) -> None:
    elsewhere = parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").touch()
    (parent / "stackwright-files-link").symlink_to(elsewhere)
    (parent / "stackwright-files-note").write_text("a file")

    clear_left_folders()

    assert (elsewhere / "file").exists()
    assert (parent / "stackwright-files-note").exists()


def test_a_folder_that_is_removed_before_it_is_locked_is_made_anew(
    parent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, left = tempfile.mkdtemp, iter([True])

    def make_and_lose(prefix: str) -> str:
        made = make(prefix=prefix)
        if next(left, False):
            clear_left_folders()
        return made

    monkeypatch.setattr(tempfile, "mkdtemp", make_and_lose)

    with folder_for_files() as folder:
        assert folder.is_dir()
