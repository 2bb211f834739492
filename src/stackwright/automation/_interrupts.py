"""Ctrl-C: once to stop gracefully, twice to stop now (design.md §8, E255, E256)."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

_HANGUP: Final = getattr(signal, "SIGHUP", None)  # Windows has none


class Interrupts:
    """
    Handles SIGINT, SIGTERM and SIGHUP while an operation runs. Use as a context manager.

    The first one calls *cancel*, and raises `KeyboardInterrupt` where the program is
    while `program_runs` is set; every further one calls *terminate*. A terminal that goes
    away is told of more than once, by the kernel and by the shell: that never terminates,
    and is left alone where it is ignored (`nohup`). Outside the main thread, where Python
    delivers no signals, this does nothing.
    """

    def __init__(self, *, cancel: Callable[[], None], terminate: Callable[[], None]) -> None:
        self._cancel = cancel
        self._terminate = terminate
        self._former: dict[int, Any] = {}
        self.count = 0
        self.program_runs = False

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM, _HANGUP):
                if number is None or (number == _HANGUP and signal.getsignal(number) is signal.SIG_IGN):
                    continue
                self._former[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._former.items():
            signal.signal(number, handler)
        self._former.clear()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if number == _HANGUP and self.count:
            return
        self.count += 1
        if self.count == 1:
            self._cancel()
        else:
            self._terminate()
        if self.program_runs:
            raise KeyboardInterrupt
