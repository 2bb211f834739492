"""
How often Python looks for garbage while programs make resources, and operations carry them out.

What they make they keep. With Python's own thresholds, looking through all resources again
and again takes more time at a hundred thousand of them than making them. Whoever set thresholds
of their own, or turned the collector off, keeps what they set.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_PATIENT: Final = (20_000, 10, 10)

_lock: Final = threading.Lock()
_waiting = 0
_before: tuple[int, int, int] = gc.get_threshold()


def be_patient() -> None:
    """Have Python look for garbage less often, until `be_usual` was called as many times as this."""
    global _waiting, _before  # noqa: PLW0603 # the collector is the process's
    with _lock:
        _waiting += 1
        found = gc.get_threshold()
        if _waiting == 1 and 0 < found[0] < _PATIENT[0]:
            _before = found
            gc.set_threshold(*_PATIENT)


def be_usual() -> None:
    """The opposite of one `be_patient`."""
    global _waiting  # noqa: PLW0603 # the collector is the process's
    with _lock:
        _waiting -= 1
        if _waiting == 0 and gc.get_threshold() == _PATIENT:
            gc.set_threshold(*_before)


@contextmanager
def patience() -> Iterator[None]:
    """Have Python look for garbage less often while the block lasts."""
    be_patient()
    try:
        yield
    finally:
        be_usual()
