"""Installing what an operation lacks, told to the operation's own reporter (protocol.md §7.4, E288)."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.engine import Acquiring, Event, Reporter

if TYPE_CHECKING:
    from stackwright.goals import PackageRequest
    from stackwright.packages._acquiring import AutomaticInstaller
    from stackwright.project import Project
    from stackwright.providers import ProviderMissingError
    from stackwright.providers._lock_file import LockFile

_OFTEN: Final = 0.2
"""Seconds between two words about one download."""


class Acquisition:
    """
    Implements `Acquirer`. Make it on the engine's loop: what is said comes to *report* there.

    Nothing of installing is loaded before something is missing.
    """

    def __init__(
        self, directory: Path, report: Reporter, *, project: Project | None, lock: LockFile | None
    ) -> None:
        self._directory = directory
        self._project = project
        self._lock = lock
        self._told = _Told(report, asyncio.get_running_loop())
        self._making = threading.Lock()

    @cached_property
    def _installer(self) -> AutomaticInstaller:
        from stackwright.packages._acquiring import AutomaticInstaller

        packages = self._project.packages if self._project is not None else {}
        return AutomaticInstaller(self._directory, packages, progress=self._told, lock=self._lock)

    def acquire(self, request: PackageRequest, problem: ProviderMissingError) -> None:
        """See `Acquirer`."""
        with self._making:  # the first ones of several may come at once
            installer = self._installer
        well = False
        try:
            installer.acquire(request, problem)
            well = True
        finally:
            self._told.over(well=well)

    def cancel(self) -> None:
        """See `Acquirer`."""
        if "_installer" in vars(self):
            self._installer.cancel()


class _Told:
    """A `Progress` that makes events of what it hears, in any thread."""

    def __init__(self, report: Reporter, loop: asyncio.AbstractEventLoop) -> None:
        self._report = report
        self._loop = loop
        self._mine = threading.local()
        """What the current thread is about, by id, and when something was last said of it."""

    def note(self, text: str, /) -> None:
        self._say(Diagnostic(severity=Severity.INFO, message=text))

    def installing(self, what: str, text: str, /) -> None:
        self._tell(Acquiring(type="plugin-install", id=what, message=text))

    def downloading(self, what: str, /, *, done: int, total: int | None) -> None:
        event = Acquiring(
            type="plugin-download",
            id=f"{what} download",
            message=f"Downloading {what}",
            received=done,
            total=total or 0,
            done=done == total,
        )
        said = self._open.get(event.id)
        if event.done or said is None or time.monotonic() - said[1] >= _OFTEN:
            self._tell(event)

    def over(self, *, well: bool) -> None:
        """The current thread has done what it could."""
        for event, _ in list(self._open.values()):
            self._tell(msgspec.structs.replace(event, done=True, failed=not well))

    @property
    def _open(self) -> dict[str, tuple[Acquiring, float]]:
        opened: dict[str, tuple[Acquiring, float]] = self._mine.__dict__.setdefault("open", {})
        return opened

    def _tell(self, event: Acquiring) -> None:
        if event.done:
            self._open.pop(event.id, None)
        else:
            self._open[event.id] = (event, time.monotonic())
        self._say(event)

    def _say(self, event: Event) -> None:
        with contextlib.suppress(RuntimeError):  # the operation ended without waiting for us
            self._loop.call_soon_threadsafe(self._report, event)
