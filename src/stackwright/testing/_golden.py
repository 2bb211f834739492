"""Golden files: what a test expects, kept beside it and written anew when asked."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Any, Final

import msgspec

_UNSAFE: Final = re.compile(r"[^\w.-]+")
FOLDER: Final = "golden"


class GoldenFiles:
    """
    The golden files of one test, in the folder `golden` beside its module.

    Call it with a `Result`, a text or plain data; with *update* the file is written instead.
    """

    def __init__(self, module: Path, test: str, *, update: bool = False) -> None:
        self._folder = module.parent / FOLDER / module.stem
        self._test = _UNSAFE.sub("-", test).strip("-")
        self._update = update
        self._calls = 0

    def __call__(self, found: Any, name: str = "") -> None:
        """
        Hold *found* against its file, named after the test, and *name* or a number.

        Raises:
            AssertionError: It is different, or there is no such file yet.
        """
        __tracebackhide__ = True
        self._calls += 1
        suffix = f".{name}" if name else f".{self._calls}" if self._calls > 1 else ""
        path = self._folder / f"{self._test}{suffix}.txt"
        text = _text(found)
        if self._update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            return
        if not path.exists():
            raise AssertionError(
                f"There is no golden file {path}\n"
                f"Run the test with --stackwright-update to write it. It would be:\n{text}"
            )
        expected = path.read_text(encoding="utf-8")
        if text != expected:
            changes = difflib.unified_diff(
                expected.splitlines(), text.splitlines(), str(path), "found", lineterm=""
            )
            raise AssertionError(
                "\n".join(changes) + "\nIf this is meant, run the test with --stackwright-update"
            )


def _text(found: Any) -> str:
    render = getattr(found, "render", None)
    if callable(render):
        return str(render())
    if isinstance(found, str):
        return found if found.endswith("\n") else f"{found}\n"
    return msgspec.json.format(msgspec.json.encode(found, order="sorted"), indent=2).decode() + "\n"
