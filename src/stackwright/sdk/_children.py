"""
`import pulumi` in the Pythons that a process starts: of `multiprocessing`, `subprocess`, or whatever else.

They have the environment's variables in common with their parent, and nothing besides. So it is a
variable that leads them to `_in_children`; what is installed stays as it is.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_ALIAS_IN: Final = "STACKWRIGHT_ALIAS_IN"
"""The variable that names the environment whose interpreters are meant: others have packages of their own."""

_OUTER: Final = "STACKWRIGHT_OUTER_PYTHONPATH"
"""The variable that keeps what `PYTHONPATH` was, for what is asked of interpreters themselves."""

_PLACE: Final = os.path.join(os.path.dirname(__file__), "_in_children")  # noqa: PTH118, PTH120 - loaded early

_lock = threading.Lock()
_reaching = 0
_before: dict[str, str | None] = {}


@contextmanager
def children_reached(*places: str) -> Iterator[None]:
    """
    Have the Pythons that are started meanwhile find what this one does, also in *places*.

    Programs may run beside each other in threads, and end in any order: the last one tidies up.
    """
    global _reaching  # noqa: PLW0603 # the variables are the process's
    with _lock:
        _reaching += 1
        if _reaching == 1:
            _before.update({name: os.environ.get(name) for name in (_ALIAS_IN, _OUTER, "PYTHONPATH")})
        path = os.environ.get("PYTHONPATH", "")
        os.environ.setdefault(_OUTER, path)
        inherited = [each for each in path.split(os.pathsep) if each]
        found = dict.fromkeys([_PLACE, *inherited, *places])
        os.environ.update({_ALIAS_IN: sys.prefix, "PYTHONPATH": os.pathsep.join(found)})
    try:
        yield
    finally:
        with _lock:
            _reaching -= 1
            if not _reaching:
                for name, text in _before.items():
                    if text is None:
                        os.environ.pop(name, None)
                    else:
                        os.environ[name] = text
