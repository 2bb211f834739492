"""What the resources of one embedded provider instance share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from stackwright.diagnostics import Diagnostic
from stackwright.providers._interface import ProviderLog


def unheard(diagnostic: Diagnostic) -> None:
    """Hears everything and does nothing."""


@dataclass(slots=True)
class Session:
    """
    Where to say things, where relative paths begin, and how work under way learns to end.
    """

    log: ProviderLog = unheard
    directory: Path = field(default_factory=Path.cwd)
    cancelled: bool = False
    _stops: set[Callable[[], None]] = field(default_factory=set)

    @contextmanager
    def calling_on_cancel(self, stop: Callable[[], None]) -> Iterator[None]:
        """Have `cancel` call *stop* within this block; at once, if it has been called already."""
        self._stops.add(stop)
        try:
            if self.cancelled:
                stop()
            yield
        finally:
            self._stops.discard(stop)

    def cancel(self) -> None:
        """Ask everything under way to end; what would begin afterwards refuses by itself."""
        self.cancelled = True
        for stop in tuple(self._stops):
            stop()
