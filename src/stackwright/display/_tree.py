"""The live tree of a terminal: what is under way, since when, and what waits (cli.md §14.4)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeAlias

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.text import Text

from stackwright.display._paint import Paint, Style
from stackwright.display._rows import Phase, Row, Rows
from stackwright.display._sections import banner, render_end
from stackwright.display._settings import DisplaySettings
from stackwright.display._words import GERUNDS, WORDS, short_type
from stackwright.engine import Acquiring, Event, Finished, Stdout, Summary
from stackwright.urn import Urn, child_urn, split_urn

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_WAITING_ROWS = 50
"""So many of what waits get a row; all of it is counted."""


class Waiting(Protocol):
    """A resource that the program has made and that cannot be asked for yet."""

    @property
    def type(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def parent(self) -> Urn | None: ...
    @property
    def on(self) -> tuple[str, ...]: ...


Waits: TypeAlias = Callable[[int], tuple[Sequence[Waiting], int]]
"""Answers the first so many resources that wait in the program, and how many there are."""


def _nothing_waits(_: int) -> tuple[Sequence[Waiting], int]:
    return (), 0


class TreeDisplay:
    """
    A reporter that redraws a tree of rows about eight times a second.

    The region it draws in stays below everything that the program prints, so that
    neither tears the other. Rows that do not fit are summed up in one line; the whole
    tree is printed once at the end. *waits* is asked, each time, what waits in the program.
    """

    def __init__(
        self,
        settings: DisplaySettings,
        console: Console | None = None,
        *,
        waits: Waits = _nothing_waits,
    ) -> None:
        self._waits = waits
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
            for line in self._tree_lines(None, []):
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
            waiting, count = self._waiting()
            fetched = [self._paint(_fetching(each), Style.DIM) for each in self.rows.acquiring.values()]
            lines = [*self._tree_lines(max(2, height - len(fetched)), waiting), *fetched]
            footer = self._progress(count)
        # A row that wrapped would be drawn over the rows above it the next time.
        for line in [*lines, footer]:
            text = Text.from_ansi(line)
            text.truncate(console.width - 1, overflow="ellipsis")
            yield text

    def _waiting(self) -> tuple[list[Row], int]:
        """Rows of what cannot start yet, and how many there would be."""
        rows, root = self.rows, self.rows.root
        found = rows.waiting_rows(_WAITING_ROWS)
        asked, count = self._waits(_WAITING_ROWS) if root is not None else ((), 0)
        if root is not None:
            place = split_urn(root.urn)
            for one in asked:
                above = one.parent or root.urn
                row = Row(child_urn(place.stack, place.project, above, one.type, one.name), one.type)
                row.parent, row.waits_for = above, one.on
                if row.urn not in rows.rows:
                    found.append(row)
        return found, count + rows.waiting

    def _progress(self, waiting: int) -> str:
        rows = self.rows
        frame = _FRAMES[int(rows.clock() * 8) % len(_FRAMES)]
        word = "Previewing" if rows.settings.preview else GERUNDS[rows.settings.kind]
        text = f"{frame} {word}: {rows.finished} done, {rows.running} under way"
        if waiting:
            text += f", {waiting} waiting"
        return self._paint(text, Style.DIM)

    def _tree_lines(self, height: int | None, waiting: list[Row]) -> Iterator[str]:
        rows = self._ordered(waiting)
        cells = [self._cells(prefix, row) for prefix, row in rows]
        if not cells:
            return
        widths = [max(len(cell[index][0]) for cell in cells) for index in range(2)]
        # Rows that say no more may have a long status, without pushing the others' last column away.
        widths.append(max((len(cell[2][0]) for cell in cells if cell[3][0]), default=0))
        lines = [self._line(cell, widths) for cell in cells]
        if height is not None and len(lines) > height:
            # What is under way matters most when not everything fits.
            told = list(zip(lines, rows, strict=True))
            busy = [line for line, (_, row) in told if row.phase is Phase.RUNNING]
            busy += [line for line, (_, row) in told if row.waits_for is not None]
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
        if row.waits_for is not None:
            style = Style.DIM
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

    def _ordered(self, waiting: list[Row]) -> list[tuple[str, Row]]:
        """Visible rows as a tree below the stack, each with the branches drawn in front of it."""
        rows = self.rows
        known = {**rows.rows, **{row.urn: row for row in waiting}}
        root = rows.root or next((row for row in waiting if row.is_stack), None)
        children: dict[Urn | None, list[Row]] = {}
        for row in known.values():
            above = row.parent if row.parent in known else None
            if above is None and root is not None and row is not root:
                above = root.urn
            children.setdefault(above, []).append(row)
        seen: dict[Urn, bool] = {}

        def visible(row: Row) -> bool:
            answer = seen.get(row.urn)
            if answer is None:
                answer = rows.is_visible(row) or any(visible(child) for child in children.get(row.urn, ()))
                seen[row.urn] = answer
            return answer

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


def _fetching(event: Acquiring) -> str:
    """What is being fetched, and how far that is."""
    if not event.received:
        return f"   {event.message} …"
    here = f"{event.received / 1e6:.1f}"
    if not event.total:
        return f"   {event.message}: {here} MB"
    share = event.received * 100 // event.total
    return f"   {event.message}: {here} of {event.total / 1e6:.1f} MB, {share} %"


def make_console(**options: Any) -> Console:
    """A console for tests and commands, without rich's own highlighting."""
    return Console(highlight=False, soft_wrap=False, **options)
