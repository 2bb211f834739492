"""What policy packs had to say, at the end of a run (cli.md §14.6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from stackwright.display._paint import Paint, Style
from stackwright.display._settings import DisplaySettings
from stackwright.display._words import in_brief, short_type
from stackwright.engine import Event, PolicyRemediated, PolicySummary, PolicyViolated
from stackwright.urn import Urn, urn_name, urn_type
from stackwright.values import values_equal

_LEVELS: Final = ("mandatory", "advisory")
_SEVERITIES: Final = ("critical", "high", "medium", "low", "")
_INDENT: Final = "        - "


class PackReport(msgspec.Struct):
    """One pack, and what it said so far."""

    name: str
    version: str
    place: str
    violations: list[PolicyViolated] = []
    remediations: list[PolicyRemediated] = []

    @property
    def refuses(self) -> bool:
        return any(each.level == "mandatory" for each in self.violations)


class PolicyReports:
    """All packs of a run, in the order in which they were heard of."""

    def __init__(self) -> None:
        self._packs: dict[tuple[str, str], PackReport] = {}

    def __bool__(self) -> bool:
        return bool(self._packs)

    @property
    def refuse(self) -> bool:
        """Whether something is that must not be."""
        return any(pack.refuses for pack in self._packs.values())

    def take_in(self, event: Event) -> None:
        """Take *event* in, if it is about policies."""
        if not isinstance(event, PolicyViolated | PolicyRemediated | PolicySummary):
            return
        report = PackReport(event.pack, event.version, event.place)
        pack = self._packs.setdefault((event.pack, event.place), report)
        if isinstance(event, PolicyViolated):
            pack.violations.append(event)
        elif isinstance(event, PolicyRemediated):
            pack.remediations.append(event)

    def lines(self, settings: DisplaySettings, paint: Paint) -> Iterator[str]:
        """The section, empty if no pack took part."""
        if not self._packs:
            return
        yield paint("Policies:", Style.HEADING)
        for pack in self._packs.values():
            place = f" (local: {pack.place})" if pack.place else ""
            glyph = "❌" if pack.refuses else "⚠️" if pack.violations else "✅"
            yield f"    {glyph} {pack.name}@v{pack.version.removeprefix('v')}{place}"
            if settings.show_policy_remediations:
                yield from _each_remediation(pack, paint)
            else:
                yield from _remediations(pack, paint)
            for violation in sorted(pack.violations, key=_order):
                yield from _violation(violation, paint)
        yield ""


def _order(violation: PolicyViolated) -> tuple[int, int, str, str]:
    level = _LEVELS.index(violation.level)
    return level, _SEVERITIES.index(violation.severity), violation.policy, violation.urn or ""


def _subject(urn: Urn | None) -> str:
    return f"({short_type(urn_type(urn))}: {urn_name(urn)})" if urn else ""


def _remediations(pack: PackReport, paint: Paint) -> Iterator[str]:
    counts: dict[str, set[Urn]] = {}
    for each in pack.remediations:
        counts.setdefault(each.policy, set()).add(each.urn)
    for policy, urns in sorted(counts.items()):
        number = f"{len(urns)} resource{'s' if len(urns) > 1 else ''}"
        yield f"{_INDENT}{paint('[remediate]', Style.UPDATE)}  {policy}  ({number})"


def _each_remediation(pack: PackReport, paint: Paint) -> Iterator[str]:
    for each in sorted(pack.remediations, key=lambda each: (each.policy, each.urn)):
        before, after = each.before, each.after
        updated = [key for key in before.keys() & after.keys() if not values_equal(before[key], after[key])]
        differ = in_brief(after.keys() - before.keys(), before.keys() - after.keys(), updated)
        line = f"{_INDENT}{paint('[remediate]', Style.UPDATE)}  {each.policy}  {_subject(each.urn)} {differ}"
        yield line.rstrip()


def _violation(violation: PolicyViolated, paint: Paint) -> Iterator[str]:
    style = Style.ERROR if violation.level == "mandatory" else Style.WARNING
    severity = f" [severity: {violation.severity}]" if violation.severity else ""
    head = f"{_INDENT}{paint(f'[{violation.level}]', style)}{severity}  {violation.policy}"
    yield f"{head}  {_subject(violation.urn)}".rstrip()
    for line in violation.message.rstrip().splitlines():
        yield f"          {line}".rstrip()
