"""The engine's own thread, with an event loop of its own (design.md §2)."""

from __future__ import annotations

from stackwright.debugging import untraced
from stackwright.loop_thread import LoopThread


class EngineThread(LoopThread):
    """
    The loop that the engine runs on, which goes on while a debugger has stopped the program.

    Leaving it as a context manager cancels what still runs there and waits for the thread to end.
    """

    def __init__(self) -> None:
        super().__init__("stackwright-engine")
        untraced(self._thread)
