"""What the resources of one embedded provider instance share."""

from __future__ import annotations

from collections.abc import Callable
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

    `on_cancel` holds what `Provider.cancel` calls; whoever adds something takes it
    out again.
    """

    log: ProviderLog = unheard
    directory: Path = field(default_factory=Path.cwd)
    cancelled: bool = False
    on_cancel: set[Callable[[], None]] = field(default_factory=set)

    def cancel(self) -> None:
        """Ask everything under way to end; what begins afterwards is refused by itself."""
        self.cancelled = True
        for stop in tuple(self.on_cancel):
            stop()
