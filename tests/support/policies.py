"""Policy packs that do as a test says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from stackwright.engine import (
    Analyzer,
    EnforcementLevel,
    Findings,
    PolicySubject,
    PolicySummaryKind,
    Remediation,
    Reporter,
    Target,
    Violation,
)
from stackwright.errors import StackwrightError

Look = Callable[[PolicySubject], Iterable[Violation]]


class FakePack:
    """
    One pack with one policy of each kind: `look`, `mend` and `sum`.

    *look* sees a resource, *mend* makes inputs of it (None: leaves it; a text: why it cannot),
    *sum* sees the stack. `asked` is what it was asked about, in order.
    """

    version = "1.0.0"
    place = ""

    def __init__(
        self,
        name: str = "pack",
        *,
        look: Look = lambda _: (),
        mend: Callable[[PolicySubject], Any] | None = None,
        sums: Callable[[Sequence[PolicySubject]], Iterable[Violation]] = lambda _: (),
    ) -> None:
        self.name = name
        self.asked: list[tuple[str, str]] = []
        self.subjects: dict[str, PolicySubject] = {}
        self._look, self._mend, self._sums = look, mend, sums

    def policies(self, kind: PolicySummaryKind) -> list[str]:
        if kind is PolicySummaryKind.REMEDIATE:
            return ["mend"] if self._mend else []
        return ["look"] if kind is PolicySummaryKind.ANALYZE else ["sum"]

    async def remediate(self, subject: PolicySubject) -> list[Remediation]:
        self.asked.append(("remediate", subject.name))
        made = self._mend(subject) if self._mend else None
        if made is None:
            return []
        if isinstance(made, str):
            return [Remediation(policy="mend", problem=made)]
        return [Remediation(policy="mend", properties=made)]

    async def analyze(self, subject: PolicySubject) -> Findings:
        self.asked.append(("analyze", subject.name))
        self.subjects[subject.name] = subject
        return Findings(violations=tuple(self._look(subject)))

    async def analyze_stack(self, subjects: Sequence[PolicySubject]) -> Findings:
        self.asked.append(("stack", ""))
        self.subjects = {subject.name: subject for subject in subjects}
        return Findings(violations=tuple(self._sums(subjects)))


class FakePacks:
    """An `AnalyzerHost` of these packs."""

    def __init__(self, *packs: Analyzer, fails: StackwrightError | None = None) -> None:
        self.packs = packs
        self.fails = fails
        self.closed = False

    async def open(self, target: Target, *, preview: bool, report: Reporter) -> Sequence[Analyzer]:
        if self.fails is not None:
            raise self.fails
        return self.packs

    async def close(self) -> None:
        self.closed = True


def against(name: str, level: EnforcementLevel = EnforcementLevel.MANDATORY, **fields: Any) -> Look:
    """A policy that has something against the resource of that name."""

    def look(subject: PolicySubject) -> Iterable[Violation]:
        if subject.name == name:
            yield Violation(policy="look", message=fields.pop("message", "no"), level=level, **fields)

    return look
