"""Tables and JSON, as all commands print them (cli.md §1.8)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click


def print_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Upper-case titles, columns padded to their widest cell, two spaces between."""
    table = [list(titles), *[list(row) for row in rows]]
    widths = [max(len(row[column]) for row in table) for column in range(len(titles))]
    for row in table:
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths[:-1], strict=True)]
        click.echo("  ".join([*cells, row[-1]]))


def print_json(value: Any, *, indent: int = 2) -> None:
    """A JSON document with a newline at its end."""
    click.echo(json.dumps(value, indent=indent, ensure_ascii=False))


def json_time(seconds: float) -> str:
    """A moment in UTC with exactly three digits of fraction."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def parse_time(text: str) -> datetime:
    """A recorded moment."""
    return datetime.fromisoformat(text)


_UNITS = ((60, "second"), (60, "minute"), (24, "hour"), (7, "day"), (4.35, "week"), (12, "month"))


def ago(moment: datetime, *, now: datetime | None = None) -> str:
    """How long ago, in words: `3 minutes ago`."""
    amount = ((now or datetime.now(UTC)) - moment).total_seconds()
    if amount < 1:
        return "now"
    for size, unit in _UNITS:
        if amount < size:
            count = int(amount)
            return f"{count} {unit}{'s' if count != 1 else ''} ago"
        amount /= size
    count = int(amount)
    return f"{count} year{'s' if count != 1 else ''} ago"
