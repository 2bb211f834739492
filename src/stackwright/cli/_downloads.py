"""The progress of downloads: bars where there is a terminal, a line each where there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID


class Downloads:
    """Hears an installation and tells it on standard error."""

    def __init__(self, *, bars: bool) -> None:
        self._wanted = bars
        self._bars: Bars | None = None
        self._tasks: dict[str, TaskID] = {}

    def note(self, text: str, /) -> None:
        """A line."""
        if self._bars is not None:
            self._bars.console.print(text, markup=False, highlight=False)
        else:
            click.echo(text, err=True)

    def installing(self, what: str, text: str, /) -> None:
        """A line."""
        self.note(text)

    def downloading(self, what: str, /, *, done: int, total: int | None) -> None:
        """Move the bar of *what*."""
        if not self._wanted:
            return
        bars = self._started()
        if what not in self._tasks:
            self._tasks[what] = bars.add_task(what, total=total)
        bars.update(self._tasks[what], completed=done, total=total)
        if done == total:
            bars.remove_task(self._tasks.pop(what))

    def _started(self) -> Bars:
        if self._bars is None:
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                DownloadColumn,
                Progress,
                TextColumn,
                TimeRemainingColumn,
                TransferSpeedColumn,
            )

            self._bars = Progress(
                TextColumn("Downloading {task.description}", markup=False),
                BarColumn(),
                DownloadColumn(),
                TransferSpeedColumn(),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bars.start()
        return self._bars

    def stop(self) -> None:
        """Take the bars away."""
        if self._bars is not None:
            self._bars.stop()
            self._bars = None


@contextmanager
def shown_downloads() -> Iterator[Downloads]:
    """What a command gives to an installer, for as long as it runs."""
    downloads = Downloads(bars=sys.stderr.isatty())
    try:
        yield downloads
    finally:
        downloads.stop()
