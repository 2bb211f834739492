"""The live tree of a terminal: what is under way, since when, and what waits (cli.md §14.4)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text

from stackwright.display._paint import Paint, Style
from stackwright.display._rows import Phase, Row, Rows
from stackwright.display._sections import banner, render_end
from stackwright.display._settings import DisplaySettings
from stackwright.display._words import GERUNDS, WORDS, short_type
from stackwright.engine import Event, Finished, Stdout, Summary
from stackwright.urn import Urn

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class TreeDisplay:
    """
    A reporter that redraws a tree of rows about eight times a second.

    The region it draws in stays below everything that the program prints, so that
    neither tears the other. Rows that do not fit are summed up in one line; the whole
    tree is printed once at the end.
    """

    def __init__(self, settings: DisplaySettings, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=False)
        self._paint = Paint(colour=settings.colour)
        self._lock = threading.RLock()
        self._live: Live | None = None
        self.rows = Rows(settings)

    def __enter__(self) -> TreeDisplay:
        self._print(banner(self.rows.settings, self._paint))
        self._live = Live(
            self,
            console=self._console,
            refresh_per_second=8,
            transient=True,
            redirect_stdout=True,
            redirect_stderr=True,
        )
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.pause()

    def pause(self) -> None:
        """Take the tree off the screen: before a debugger, a prompt, or the end."""
        live, self._live = self._live, None
        if live is not None:
            live.stop()

    def __call__(self, event: Event) -> None:
        with self._lock:
            self.rows.apply(event)
        if isinstance(event, Stdout):
            self._print(event.text.rstrip("\n"))
        elif isinstance(event, Summary):
            self.pause()
            for line in self._tree_lines(None):
                self._print(line)
            self._print("")
            self._print(render_end(self.rows, self._paint))
        elif isinstance(event, Finished):
            self.pause()

    def _print(self, text: str) -> None:
        self._console.print(Text.from_ansi(text), soft_wrap=True)

    # Drawing ------------------------------------------------------------------------------------

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        height = max(4, (options.max_height or console.height) - 2)
        with self._lock:
            lines = list(self._tree_lines(height))
            footer = self._progress()
        # A row that wrapped would be drawn over the rows above it the next time.
        for line in [*lines, footer]:
            text = Text.from_ansi(line)
            text.truncate(console.width - 1, overflow="ellipsis")
            yield text

    def _progress(self) -> str:
        rows = self.rows
        frame = _FRAMES[int(rows.clock() * 8) % len(_FRAMES)]
        word = "Previewing" if rows.settings.preview else GERUNDS[rows.settings.kind]
        text = f"{frame} {word}: {rows.finished} done, {rows.running} under way"
        return self._paint(text, Style.DIM)

    def _tree_lines(self, height: int | None) -> Iterator[str]:
        rows = self._ordered()
        cells = [self._cells(prefix, row) for prefix, row in rows]
        if not cells:
            return
        widths = [max(len(cell[index][0]) for cell in cells) for index in range(3)]
        lines = [self._line(cell, widths) for cell in cells]
        if height is not None and len(lines) > height:
            # What is under way matters most when not everything fits.
            busy = [line for line, (_, row) in zip(lines, rows, strict=True) if row.phase is Phase.RUNNING]
            shown = (busy or lines)[: height - 1]
            yield from shown
            yield self._paint(f"     … and {len(lines) - len(shown)} more rows", Style.DIM)
            return
        yield from lines

    def _cells(self, prefix: str, row: Row) -> list[tuple[str, str]]:
        """Plain text for widths, painted text for the screen: tree and type, name, status, info."""
        rows = self.rows
        words = WORDS[row.shown_op]
        status = row.status(preview=rows.settings.preview, now=rows.clock())
        if row.is_stack and not status and rows.summary is None:
            status = "running"
        style = Style.ERROR if row.phase is Phase.FAILED else words.style
        if rows.settings.urns:
            head, name = f"{prefix}{row.urn}", ""
        else:
            head, name = f"{prefix}{short_type(row.type)}", row.name
        glyph = row.shown_op.prefix
        return [
            (f" {glyph} {head}", f" {self._paint(glyph, words.style)} {head}"),
            (name, name),
            (status, self._paint(status, style)),
            (rows.info(row), rows.info(row)),
        ]

    @staticmethod
    def _line(cell: list[tuple[str, str]], widths: list[int]) -> str:
        parts = [
            painted + " " * (width - len(plain))
            for (plain, painted), width in zip(cell[:3], widths, strict=True)
        ]
        return "  ".join([*parts, cell[3][1]]).rstrip()

    def _ordered(self) -> list[tuple[str, Row]]:
        """Visible rows as a tree below the stack, each with the branches drawn in front of it."""
        rows = self.rows
        children: dict[Urn | None, list[Row]] = {}
        for row in rows.rows.values():
            above = row.parent if row.parent in rows.rows else None
            if above is None and rows.root is not None and row is not rows.root:
                above = rows.root.urn
            children.setdefault(above, []).append(row)
        seen: dict[Urn, bool] = {}

        def visible(row: Row) -> bool:
            known = seen.get(row.urn)
            if known is None:
                known = rows.is_visible(row) or any(visible(child) for child in children.get(row.urn, ()))
                seen[row.urn] = known
            return known

        ordered: list[tuple[str, Row]] = []

        def walk(row: Row, own: str, below: str) -> None:
            ordered.append((own, row))
            kept = [child for child in children.get(row.urn, ()) if visible(child)]
            for index, child in enumerate(kept):
                last = index == len(kept) - 1
                walk(child, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  "))

        for row in children.get(None, ()):
            if visible(row):
                walk(row, "", "")
        return ordered


def make_console(**options: Any) -> Console:
    """A console for tests and commands, without rich's own highlighting."""
    return Console(highlight=False, soft_wrap=False, **options)
