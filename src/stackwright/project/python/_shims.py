"""
The interpreter behind a stand-in of pyenv.

Starting one through its stand-in takes several times as long as starting Python, and an
operation starts with asking the interpreter on PATH what it has. Only the plain cases are
decided here; the stand-in itself decides all others.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_SPECIAL: Final = ("PYENV_DIR", "PYENV_HOOK_PATH")
"""With these, more than the names of versions has a say."""


def behind_shim(interpreter: Path, environ: Mapping[str, str], directory: Path) -> Path:
    """What *interpreter* would start in *directory*; itself if it is no stand-in, or that is not plain."""
    root = interpreter.parent.parent
    if interpreter.parent.name != "shims" or not (root / "versions").is_dir():
        return interpreter
    if any(environ.get(name) for name in _SPECIAL) or environ.get("PYENV_ROOT", str(root)) != str(root):
        return interpreter
    version = environ.get("PYENV_VERSION") or _version_in_files(directory, root)
    if not version or version != Path(version).name:
        return interpreter  # none, several, or a path
    found = root / "versions" / version / "bin" / interpreter.name
    return found if os.access(found, os.X_OK) else interpreter


def _version_in_files(directory: Path, root: Path) -> str:
    """The one version that the nearest file names; nothing if it names several."""
    files = [*(each / ".python-version" for each in (directory, *directory.parents)), root / "version"]
    for file in files:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError):
            return ""
        named = [words[0] for line in lines if (words := line.split()) and not words[0].startswith("#")]
        if named:
            return named[0] if len(named) == 1 else ""
    return ""
