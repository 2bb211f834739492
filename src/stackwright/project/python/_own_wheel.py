"""
A wheel of the Stackwright that is running.

A new project's environment needs Stackwright too. Where ours came from an index,
the index has it; where it came from a local file, a checkout or anywhere else,
the surest copy is the one that runs. It is packed into a wheel again from its
installed files; one that is developed in place becomes a wheel that points to the same
place, so that changes show at once.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stackwright.errors import InternalError
from stackwright.project.python._distributions import Distribution, find_distribution

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME: Final = "stackwright"

_STUBS: Final = "pulumi-stubs"
"""What type checkers take `import pulumi` for."""

# What an installer adds beside the wheel's own files, or makes anew.
_NOT_PACKED: Final = frozenset(
    {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json", "uv_build.json", "uv_cache.json"}
)
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def running_distribution() -> Distribution:
    """
    The installed distribution that this process runs.

    Raises:
        InternalError: Stackwright runs without having been installed.
    """
    found = find_distribution(NAME, [Path(entry) for entry in sys.path if entry])
    if found is None:
        raise InternalError("Stackwright runs from files that were never installed")
    return found


def comes_from_index() -> bool:
    """Whether the running Stackwright was installed from an index, where others find it too."""
    return not running_distribution().direct_url()


def pack_running(directory: Path) -> Path:
    """
    Write a wheel of the running Stackwright into *directory* and return its path.

    Raises:
        OSError: The wheel cannot be written.
    """
    distribution = running_distribution()
    source = distribution.editable_source()
    files = dict(_pointer(source, distribution) if source is not None else _installed(distribution))
    metadata = distribution.metadata.name
    for path in sorted(distribution.metadata.rglob("*")):
        if path.is_file() and path.name not in _NOT_PACKED:
            files[f"{metadata}/{path.relative_to(distribution.metadata).as_posix()}"] = path.read_bytes()
    files[f"{metadata}/RECORD"] = _record(files, metadata)
    directory.mkdir(parents=True, exist_ok=True)
    wheel = directory / f"{NAME}-{distribution.version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files, key=lambda name: (name.startswith(metadata), name)):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
    return wheel


def _pointer(source: Path, distribution: Distribution) -> Iterator[tuple[str, bytes]]:
    """A `.pth` file with the directory that holds the package."""
    root = source / "src" if (source / "src" / NAME).is_dir() else source
    yield f"_{NAME}_{distribution.version}.pth", f"{root}\n".encode()


def _installed(distribution: Distribution) -> Iterator[tuple[str, bytes]]:
    """The files of the packages, as they are installed."""
    root = distribution.metadata.parent
    for package in (NAME, _STUBS):
        for path in sorted((root / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(root).as_posix(), path.read_bytes()


def _record(files: dict[str, bytes], metadata: str) -> bytes:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows.writerow((name, f"sha256={digest}", len(data)))
    rows.writerow((f"{metadata}/RECORD", "", ""))
    return text.getvalue().encode()
