"""
`breakpoint()` while a command runs: the display makes room, and one debugger at a time has the terminal.

It may be called on any thread: in the program, and in methods of providers that are written in Python,
several of which run at once.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

_terminal: Final = threading.RLock()


@contextmanager
def usable_breakpoints(pause: Callable[[], None]) -> Iterator[None]:
    """Have *pause* take a live display off the screen before a debugger stops, while the block lasts."""
    former = sys.breakpointhook

    def stop_here(*arguments: Any, **options: Any) -> Any:
        pause()
        chosen = os.environ.get("PYTHONBREAKPOINT") or "pdb.set_trace"
        if former is not sys.__breakpointhook__ or chosen != "pdb.set_trace" or arguments or options:
            return former(*arguments, **options)
        # Python's own hook stops where it was called: here, where nobody's variables are.
        return _debugger().set_trace(sys._getframe(1))  # noqa: SLF001 - where the user's code called it

    sys.breakpointhook = stop_here
    try:
        yield
    finally:
        sys.breakpointhook = former


def _debugger() -> Any:
    from pdb import Pdb  # few commands need it

    class InTurn(Pdb):
        """Waits until another thread's debugger has gone on: they share the keyboard."""

        def interaction(self, *arguments: Any, **options: Any) -> None:
            with _terminal:
                super().interaction(*arguments, **options)

    return InTurn()
