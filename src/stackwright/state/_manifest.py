"""The manifest of a state that we write (state.md §7.2)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from stackwright._version import __version__
from stackwright.state._snapshot import Manifest


def magic_of(version: str) -> str:
    """What proves that a manifest's version was not edited: its SHA-256, or nothing for no version (E267)."""
    return hashlib.sha256(version.encode()).hexdigest() if version else ""


def fresh_manifest() -> Manifest:
    """A manifest that says: this version, now."""
    version = f"v{__version__}"
    now = datetime.now(UTC)
    return Manifest(time=now.strftime("%Y-%m-%dT%H:%M:%S.%f000Z"), version=version, magic=magic_of(version))
