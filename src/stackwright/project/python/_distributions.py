"""
What is installed in directories of packages, read from their metadata alone.

Nothing is imported and no interpreter is started, so any environment can be
looked into, at the price of listing its directories.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SEPARATORS: Final = re.compile(r"[-_.]+")
_REQUIREMENT: Final = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


class Distribution(msgspec.Struct, frozen=True):
    """
    One installed distribution.

    Attributes:
        name: Its normalised name, with hyphens.
        version: Its version as it was installed.
        metadata: The directory of its metadata.
    """

    name: str
    version: str
    metadata: Path

    def direct_url(self) -> dict[str, Any]:
        """Where it was installed from, when that was not an index (PEP 610); empty otherwise."""
        try:
            value = json.loads((self.metadata / "direct_url.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}

    def editable_source(self) -> Path | None:
        """The directory it is developed in, when it is installed from there in place."""
        origin = self.direct_url()
        info = origin.get("dir_info")
        if not isinstance(info, dict) or not info.get("editable"):
            return None
        return file_path(str(origin.get("url", "")))

    def requires(self) -> frozenset[str]:
        """The normalised names of what it always needs; extras are left out."""
        try:
            text = (self.metadata / "METADATA").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return frozenset()
        header = text.partition("\n\n")[0]
        return frozenset(
            normalized(match[1])
            for line in header.splitlines()
            if line.startswith("Requires-Dist:") and "extra ==" not in line
            if (match := _REQUIREMENT.match(line.removeprefix("Requires-Dist:")))
        )


def normalized(name: str) -> str:
    """A distribution's name as comparisons need it: lower case, hyphens between words."""
    return _SEPARATORS.sub("-", name).lower()


def file_path(url: str) -> Path | None:
    """The path that a `file:` URL names, or None for any other."""
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def distributions(search_path: Iterable[Path]) -> Iterator[Distribution]:
    """Everything installed in *search_path*; of a name that is there twice, the first counts."""
    seen: set[str] = set()
    for directory in search_path:
        try:
            names = [entry.name for entry in os.scandir(directory)]
        except OSError:
            continue
        for entry in sorted(names):
            if not entry.endswith((".dist-info", ".egg-info")):
                continue
            name, _, version = entry.rpartition(".")[0].partition("-")
            version = version.partition("-py")[0]
            name = normalized(name)
            if version and name not in seen:
                seen.add(name)
                yield Distribution(name, version, directory / entry)


def find_distribution(name: str, search_path: Iterable[Path]) -> Distribution | None:
    """The installed distribution *name* (in any spelling), or None."""
    wanted = normalized(name)
    return next((found for found in distributions(search_path) if found.name == wanted), None)
