"""Small JSON files in our own home that only their owner may read, written whole."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from typing import TYPE_CHECKING, Any

from stackwright.environment import writing_home
from stackwright.project._editing import write_file
from stackwright.project._problems import WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def read_private(path: Path) -> dict[str, Any]:
    """
    The object in *path*; empty where there is no such file, or nothing in it.

    Raises:
        WorkspaceError: It cannot be read, or holds anything but a JSON object.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as problem:
        raise WorkspaceError(f"{path} cannot be read", detail=str(problem)) from None
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
    except ValueError as problem:
        value, reason = None, str(problem)
    else:
        reason = "it does not hold a JSON object"
    if not isinstance(value, dict):
        raise WorkspaceError(
            f"{path} is damaged",
            detail=reason,
            hint="Move the file away; logging in and selecting a stack write it anew. No state is kept in it",
        )
    return value


def write_private(path: Path, value: dict[str, Any]) -> None:
    """
    Replace *path*; an empty object removes it.

    Raises:
        WorkspaceError: The file cannot be written; what was there is untouched.
    """
    with writing_home(WorkspaceError, f"{path} cannot be written"):
        if not value:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_file(path, json.dumps(value, indent=4, ensure_ascii=False) + "\n", mode=0o600)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """
    Keep other processes from changing *path* meanwhile; they wait.

    Raises:
        WorkspaceError: The directory cannot be written.
    """
    lock = path.with_name(f"{path.name}.lock")
    with writing_home(WorkspaceError, f"{path} cannot be changed"):
        lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
