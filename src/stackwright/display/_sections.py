"""What frames an operation: the banner before it, diagnostics and totals after it (cli.md §4.4, §14.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.display._paint import Paint, Style
from stackwright.display._rows import Phase, Rows
from stackwright.display._settings import DisplaySettings
from stackwright.display._values import render_value
from stackwright.display._words import GERUNDS, SUMMARY_ORDER, WORDS, short_type, whole
from stackwright.engine import Op, Summary
from stackwright.values import values_equal

_SEVERITY = {
    Severity.ERROR: Style.ERROR,
    Severity.WARNING: Style.WARNING,
    Severity.DEBUG: Style.DIM,
}


def banner(settings: DisplaySettings, paint: Paint) -> str:
    """The first line of an operation."""
    if settings.preview:
        text = f"Previewing {settings.kind} ({settings.stack}):"
    else:
        text = f"{GERUNDS[settings.kind]} ({settings.stack}):"
    return paint(text, Style.HEADING)


def render_diagnostic(diagnostic: Diagnostic, paint: Paint, *, indent: str) -> str:
    """
    One thing said: errors and warnings with their word in front, informational text as it is.

    What concerns a resource ends with the line of the program that declares it.
    """
    lines = diagnostic.message.rstrip("\n").split("\n")
    if place := _place_in_words(diagnostic.place):
        lines.append(place)
    word = diagnostic.severity.value if diagnostic.severity in _SEVERITY else ""
    head = f"{diagnostic.prefix}{paint(word + ':', _SEVERITY[diagnostic.severity])} " if word else ""
    return "\n".join([f"{indent}{head}{lines[0]}", *[f"{indent}{line}".rstrip() for line in lines[1:]]])


def _place_in_words(place: str) -> str:
    path, _, position = place.removeprefix("project:///").partition("#")
    return f"{unquote(path)}, line {position.partition(',')[0]}" if position else ""


def render_end(rows: Rows, paint: Paint) -> str:
    """Everything that follows the rows: configuration, policies, diagnostics, outputs, totals, duration."""
    blocks = [
        *_configuration(rows),
        *rows.policies.lines(rows.settings, paint),
        *_diagnostics(rows, paint),
        *_outputs(rows, paint),
        *_resources(rows, paint),
        *_duration(rows, paint),
    ]
    return "\n".join(blocks)


def _configuration(rows: Rows) -> Iterator[str]:
    if rows.settings.show_config:
        yield "Configuration:"
        yield from (f"    {key}: {value}" for key, value in sorted(rows.config.items()))
        yield ""


def _diagnostics(rows: Rows, paint: Paint) -> Iterator[str]:
    first = True
    for row, said in rows.diagnostics():
        if first:
            yield paint("Diagnostics:", Style.HEADING)
            first = False
        if row is None:
            root = rows.root
            title = f"pulumi:pulumi:Stack ({root.name})" if root is not None else f"{rows.settings.stack}"
        else:
            title = f"{short_type(row.type)} ({row.name})"
        yield f"  {paint(title + ':', Style.READ)}"
        yield from (render_diagnostic(item, paint, indent="    ") for item in said)
        yield ""


def _outputs(rows: Rows, paint: Paint) -> Iterator[str]:
    settings, root = rows.settings, rows.root
    if settings.suppress_outputs or root is None or settings.kind == "refresh":
        return
    old: Mapping[str, Any] = {}
    if root.step is not None and root.step.old is not None:
        old = root.step.old.state.outputs
    new = root.new.outputs if root.new is not None else {}
    if settings.kind == "destroy" and root.phase is Phase.DONE:
        new = {}
    lines = list(_output_lines(old, new, settings, paint))
    if lines:
        yield paint("Outputs:", Style.HEADING)
        yield from lines
        yield ""


def _output_lines(
    old: Mapping[str, Any], new: Mapping[str, Any], settings: DisplaySettings, paint: Paint
) -> Iterator[str]:
    names = sorted(old.keys() | new.keys())
    width = max((len(name) for name in names), default=0)
    everything = settings.show_sames or not settings.preview

    def shown(value: Any) -> str:
        return render_value(
            value, indent=4, show_secrets=settings.show_secrets, full=settings.show_full_output
        )

    for name in names:
        label = name.ljust(width)
        if name not in new:
            yield paint(f"  - {label}: {shown(old[name])}", Style.DELETE)
        elif name not in old:
            yield paint(f"  + {label}: {shown(new[name])}", Style.CREATE)
        elif not values_equal(old[name], new[name]):
            before, after = shown(old[name]), shown(new[name])
            both = f"{before} => {after}" if before != after else after
            yield paint(f"  ~ {label}: {both}", Style.UPDATE)
        elif everything:
            yield f"    {label}: {shown(new[name])}"


def _resources(rows: Rows, paint: Paint) -> Iterator[str]:
    summary = rows.summary
    if summary is None or rows.policies.refuse:
        return
    lines = list(_totals(rows, summary, paint))
    if lines:
        yield paint("Resources:", Style.HEADING)
        yield from lines


def _totals(rows: Rows, summary: Summary, paint: Paint) -> Iterator[str]:
    counts = [(op, summary.changes.get(op, 0)) for op in SUMMARY_ORDER]
    changed = [(op, count) for op, count in counts if count]
    for op, count in changed:
        words = WORDS[op]
        text = f"to {words.planned}" if rows.settings.preview else words.done
        if op is Op.REFRESH and not rows.settings.preview:
            text = "refreshed"
        yield "    " + paint(f"{op.prefix}{count} {text}".replace("  ", " "), words.style)
    same = summary.changes.get(Op.SAME, 0)
    parts = []
    if len(changed) > 1:
        parts.append(f"{sum(count for _, count in changed)} changes")
    if same:
        parts.append(f"{same} unchanged")
    if parts:
        yield "    " + ". ".join(parts)
    if rows.errored:
        yield "    " + paint(f"{rows.errored} errored", Style.DELETE)


def _duration(rows: Rows, paint: Paint) -> Iterator[str]:
    if rows.summary is not None and not rows.settings.preview:
        yield ""
        yield paint(f"Duration: {whole(rows.summary.duration)}", Style.HEADING)
