"""
Write a changed tree back into its file, keeping what people wrote.

Only what differs is touched: comments, the order of keys, quotes and blank lines
around unchanged values survive; new keys are appended, removed keys go (spec:
state.md §1.9). What is about to be written is read back first and must equal
what was asked for; otherwise nothing is written. Files are replaced as a whole,
so a reader never sees half of one.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, Final

from stackwright.errors import InternalError
from stackwright.project._document import Document, Tree
from stackwright.project._problems import FileProblemsError, Problem
from stackwright.project._text_edits import CannotEditError, dumped, edited, same

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_FILE_MODE: Final = 0o644


def rendered(
    path: Path, text: str, value: Tree, *, error: type[FileProblemsError] = FileProblemsError
) -> str:
    """
    *text*, the content of *path*, edited so that it reads as *value*.

    Raises:
        FileProblemsError: Of the class *error*: *text* is malformed.
    """
    old = Document(path, text, error=error)
    if old.value is not None and not isinstance(old.value, dict):
        raise error(path, [Problem("the file must hold `key: value` lines", old.position(()))])
    before: dict[str, Tree] = old.value or {}
    if text and same(before, value):
        return text
    if old.is_json:
        return json.dumps(value, indent=4, ensure_ascii=False) + "\n"
    # Three attempts, each rougher than the one before: an anchor or an odd layout may
    # make a small edit mean something else than it should.
    attempts: tuple[Callable[[], str], ...] = (
        lambda: edited(text, before, value),
        lambda: edited(text, before, value, depth=0),
        lambda: dumped(value),
    )
    for attempt in attempts:
        try:
            result = attempt()
            if same(Document(path, result).value or {}, value):
                return result
        except (CannotEditError, FileProblemsError):
            continue
    raise InternalError(f"{path} would not read back as what should be written to it; it was left unchanged")


def write_file(path: Path, text: str, *, mode: int = _FILE_MODE) -> None:
    """
    Replace the content of *path* at once, creating missing directories.

    An existing file keeps its permissions, and a link keeps pointing where it did.

    Raises:
        OSError: The file cannot be written; its old content is untouched.
    """
    import tempfile

    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        mode = target.stat().st_mode & 0o777
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)  # noqa: PTH101  (a name from mkstemp)
        os.replace(temporary, target)  # noqa: PTH105
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)  # noqa: PTH108
        raise
