"""What an update's line of history says of the circumstances (state.md §11.8)."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import stackwright.environment as environment
from stackwright._version import __version__

_SECONDS = 2


def circumstances(directory: Path) -> dict[str, str]:
    """The version, the machine's kind, the CI system and the commit that is deployed, as far as known."""
    found = {
        "exec.kind": "cli",
        "pulumi.version": __version__,
        "pulumi.os": sys.platform,
        "pulumi.arch": platform.machine(),
        "runtime.name": "python",
    }
    system = environment.ci_system()
    if system:
        found["ci.system"] = system
    head = _git(directory, "log", "-1", "--format=%H%n%cn%n%ce%n%an%n%ae")
    if head is not None:
        names = ("git.head", "git.committer", "git.committer.email", "git.author", "git.author.email")
        found.update(zip(names, head.split("\n"), strict=False))
        branch = _git(directory, "symbolic-ref", "-q", "HEAD")
        if branch:
            found["git.headName"] = branch
    return found


def default_message(directory: Path) -> str:
    """The first line of the commit that is deployed, or of the CI system's message."""
    subject = _git(directory, "log", "-1", "--format=%s")
    return subject or environment.GIT_COMMIT_MESSAGE.value() or ""


def _git(directory: Path, *arguments: str) -> str | None:
    if not any((folder / ".git").exists() for folder in (directory, *directory.parents)):
        return None
    try:
        done = subprocess.run(
            ["git", "-C", str(directory), *arguments],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
