"""Plain lines, for everything that is not a terminal (cli.md §14.5)."""

from __future__ import annotations

import threading
from typing import TextIO

from stackwright.diagnostics import Severity
from stackwright.display._paint import Paint
from stackwright.display._rows import Phase, Row, Rows
from stackwright.display._sections import banner, render_end
from stackwright.display._settings import DisplaySettings
from stackwright.display._words import WORDS
from stackwright.engine import Acquiring, Event, Op, Stdout, Summary


class PlainDisplay:
    """
    A reporter that writes a line for each change of a row, and the totals at the end.

    Lines are flushed one by one: clients read them as they come (cli.md §17.2). The
    program's own `print` goes its own way and cannot tear anything.
    """

    def __init__(self, settings: DisplaySettings, stream: TextIO) -> None:
        self._stream = stream
        self._paint = Paint(colour=settings.colour)
        self._lock = threading.Lock()
        self._last: dict[str, str] = {}
        self.rows = Rows(settings)

    def __enter__(self) -> PlainDisplay:
        self._write(banner(self.rows.settings, self._paint))
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.flush()

    def pause(self) -> None:
        """Nothing to do: plain lines never stand in anybody's way."""

    def __call__(self, event: Event) -> None:
        with self._lock:
            if isinstance(event, Acquiring) and (line := self.rows.acquiring_line(event)) is not None:
                self._write(line)
            row = self.rows.apply(event)
            if row is not None:
                self._show(row)
            elif isinstance(event, Stdout):
                self._write(event.text.rstrip("\n"))
            elif isinstance(event, Summary):
                self._write("")
                self._write(render_end(self.rows, self._paint))

    def _show(self, row: Row) -> None:
        if not self.rows.is_visible(row) or (row.is_stack and row.phase is not Phase.FAILED):
            return
        settings = self.rows.settings
        op = row.op if not settings.preview else row.shown_op
        # A preview tells its findings once; what is only on its way there is no finding.
        if settings.preview and row.phase is Phase.RUNNING:
            return
        if (
            op is Op.SAME
            and row.phase is not Phase.FAILED
            and not row.is_spoken_of
            and not settings.show_sames
        ):
            return
        info = self.rows.info(row, folded=settings.preview)
        last = row.diagnostics[-1].severity if row.diagnostics else None
        if last is Severity.DEBUG and not settings.debug:
            return
        # Why a step fails is said a moment before it has failed: that is one line, not two.
        if last is Severity.ERROR and row.phase is Phase.RUNNING:
            return
        words = WORDS[op]
        status = row.status(preview=settings.preview, now=self.rows.clock(), folded=settings.preview)
        parts = [op.prefix.strip() or " ", self.rows.label(row), self._paint(status, words.style), info]
        line = " " + self._paint(op.prefix, words.style) + " " + " ".join(part for part in parts[1:] if part)
        if self._last.get(row.urn) != line:
            self._last[row.urn] = line
            self._write(line)

    def _write(self, text: str) -> None:
        self._stream.write(text + "\n")
        self._stream.flush()
