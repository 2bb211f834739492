"""
Policies: what packs say of resources, and what follows from it (engine.md §8).

A pack is an `Analyzer`, however it runs; the engine knows no more of it. Remediations
rewrite a resource's inputs, pack after pack; then all packs look at it at once; and when
all is done they look at the whole stack.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Protocol

import msgspec

from stackwright.engine._events import (
    PolicyRemediated,
    PolicySummary,
    PolicySummaryKind,
    PolicyViolated,
    Reporter,
    ignore,
)
from stackwright.engine._options import Target
from stackwright.engine._waits import Waits
from stackwright.environment import PARALLEL_ANALYZE
from stackwright.goals import CustomTimeouts
from stackwright.state import ResourceState
from stackwright.urn import Urn, parse_provider_reference, urn_name
from stackwright.values import Mask, PropertyMap, values_equal


class EnforcementLevel(Enum):
    """What a violation leads to, with the names that settings and events use."""

    ADVISORY = "advisory"
    MANDATORY = "mandatory"
    REMEDIATE = "remediate"
    DISABLED = "disabled"


class PolicyProvider(msgspec.Struct, frozen=True, kw_only=True):
    """What policies see of the provider that manages a resource."""

    urn: Urn
    type: str
    name: str
    inputs: PropertyMap


class PolicySubject(msgspec.Struct, frozen=True, kw_only=True):
    """
    What policies see of a resource (E202, E205).

    `properties` are its checked inputs before anything is done, and its outputs when all
    is done; secrets and unknowns are in them as such.
    """

    urn: Urn
    type: str
    name: str
    properties: PropertyMap
    protect: bool = False
    ignore_changes: tuple[str, ...] = ()
    delete_before_replace: bool | None = None
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    timeouts: CustomTimeouts | None = None
    parent: Urn | None = None
    provider: PolicyProvider | None = None
    dependencies: tuple[Urn, ...] = ()
    property_dependencies: Mapping[str, tuple[Urn, ...]] = {}


class Violation(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy has against a resource, or against the stack: then `urn` may name the resource."""

    policy: str
    message: str
    level: EnforcementLevel
    severity: str = ""
    """`low`, `medium`, `high`, `critical`, or empty."""
    urn: Urn | None = None


class Remediation(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy makes of a resource's inputs; or why it cannot: then there are no `properties`."""

    policy: str
    properties: PropertyMap | None = None
    problem: str = ""


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """All that a pack has to say at once, and which of its policies were of no concern."""

    violations: tuple[Violation, ...] = ()
    not_applicable: frozenset[str] = frozenset()


class Analyzer(Protocol):
    """
    A policy pack, ready to be asked. Calls may come at the same time, on one event loop.

    Every failure is a `StackwrightError`.
    """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def place(self) -> str:
        """The directory that it was loaded from; empty if it is part of the program or a test."""
        ...

    def policies(self, kind: PolicySummaryKind) -> Iterable[str]:
        """The names of the policies that take part, those that are disabled left out."""
        ...

    async def remediate(self, subject: PolicySubject) -> Sequence[Remediation]:
        """What the pack's policies make of the inputs, in the order in which they are applied."""
        ...

    async def analyze(self, subject: PolicySubject) -> Findings:
        """What is wrong with a resource, before anything is done to it."""
        ...

    async def analyze_stack(self, subjects: Sequence[PolicySubject]) -> Findings:
        """What is wrong with the stack, when all is done."""
        ...


class AnalyzerHost(Protocol):
    """Makes the analyzers of one operation ready, on the engine's loop."""

    async def open(self, target: Target, *, preview: bool, report: Reporter) -> Sequence[Analyzer]:
        """
        Load and configure every pack; what they print goes to *report*.

        Raises:
            StackwrightError: One cannot be loaded, or is configured wrongly; none stays open.
        """
        ...

    async def close(self) -> None:
        """Give up every analyzer. Idempotent; never fails; nothing is asked afterwards."""
        ...


class Policies:
    """
    The packs of one operation, asked in the order and with the consequences of §8.

    What they say goes to *report*; *recorded* answers what is recorded under a provider's URN.
    Every method raises `StackwrightError` where a pack fails, and `DeploymentStoppedError`
    where *waits* is told to stop.
    """

    def __init__(
        self,
        analyzers: Sequence[Analyzer] = (),
        *,
        report: Reporter = ignore,
        recorded: Callable[[Urn], ResourceState | None] = lambda _: None,
        waits: Waits | None = None,
    ) -> None:
        self._analyzers = tuple(analyzers)
        self._report = report
        self._recorded = recorded
        self._waits = waits or Waits(report)
        limit = PARALLEL_ANALYZE.value() or 0
        self._turns = asyncio.Semaphore(limit) if limit > 0 else None

    def __bool__(self) -> bool:
        return bool(self._analyzers)

    @property
    def packs(self) -> dict[str, str]:
        """Name and version of each pack, as the summary tells them (E207)."""
        return dict(_in_summary(each) for each in self._analyzers)

    # One resource -------------------------------------------------------------------------------

    async def remediated(self, new: ResourceState, first: bool | None) -> ResourceState:
        """
        *new* with the inputs that the packs make of its own, one pack after the other (E201, E203).

        *first*, here and below, is the program's word on deleting before replacing.
        """
        for analyzer in self._analyzers:
            enabled = set(analyzer.policies(PolicySummaryKind.REMEDIATE))
            if not enabled:
                continue
            applied: set[str] = set()
            asked = analyzer.remediate(self._subject(new, new.inputs, first))
            doing = f"remediate {new.urn}"
            for remediation in await self._waits.answer(analyzer.name, doing, asked, new.urn):
                if remediation.properties is None:
                    self._tell_why_not(analyzer, remediation, new)
                    continue
                if values_equal(remediation.properties, new.inputs):
                    continue
                applied.add(remediation.policy)
                self._report(
                    PolicyRemediated(
                        urn=new.urn,
                        policy=remediation.policy,
                        pack=analyzer.name,
                        version=analyzer.version,
                        place=analyzer.place,
                        before=new.inputs,
                        after=remediation.properties,
                    )
                )
                new = msgspec.structs.replace(new, inputs=remediation.properties)
            self._sum_up(analyzer, PolicySummaryKind.REMEDIATE, enabled - applied, applied, new.urn)
        return new

    def _tell_why_not(self, analyzer: Analyzer, remediation: Remediation, new: ResourceState) -> None:
        violation = Violation(
            policy=remediation.policy, message=remediation.problem, level=EnforcementLevel.ADVISORY
        )
        self._show(analyzer, violation, new.urn, Mask.of(new.inputs))

    async def review(self, new: ResourceState, first: bool | None) -> bool:
        """Have all packs look at what *new* is to be (E201); whether it may be (E204)."""
        subject, mask = self._subject(new, new.inputs, first), Mask.of(new.inputs)

        async def ask(analyzer: Analyzer) -> Findings:
            async with self._turns or contextlib.nullcontext():
                asked = analyzer.analyze(subject)
                return await self._waits.answer(analyzer.name, f"analyze {new.urn}", asked, new.urn)

        found = await asyncio.gather(*(ask(each) for each in self._analyzers))
        allowed = True
        for analyzer, findings in zip(self._analyzers, found, strict=True):
            for violation in findings.violations:
                allowed &= not self._show(analyzer, violation, new.urn, mask)
            self._conclude(analyzer, PolicySummaryKind.ANALYZE, findings, new.urn)
        return allowed

    # The stack ----------------------------------------------------------------------------------

    async def review_stack(
        self, states: Sequence[ResourceState], root: Urn | None, firsts: Mapping[Urn, bool | None]
    ) -> bool:
        """Have all packs look at what there is now; whether all of it may be (E205)."""
        subjects = [self._subject(each, each.outputs, firsts.get(each.urn)) for each in states]
        known = {subject.urn for subject in subjects}
        mask = Mask.of(*(subject.properties for subject in subjects))
        allowed = True
        for analyzer in self._analyzers:
            asked = analyzer.analyze_stack(subjects)
            findings = await self._waits.answer(analyzer.name, "analyze the stack", asked, root)
            for violation in findings.violations:
                urn = violation.urn if violation.urn in known else root
                allowed &= not self._show(analyzer, violation, urn, mask)
            self._conclude(analyzer, PolicySummaryKind.ANALYZE_STACK, findings, None)
        return allowed

    # What they share ----------------------------------------------------------------------------

    def _subject(self, state: ResourceState, properties: PropertyMap, first: bool | None) -> PolicySubject:
        return PolicySubject(
            urn=state.urn,
            type=state.type,
            name=urn_name(state.urn),
            properties=properties,
            protect=state.protect,
            ignore_changes=state.ignore_changes,
            delete_before_replace=first,
            additional_secret_outputs=state.additional_secret_outputs,
            aliases=state.aliases,
            timeouts=state.custom_timeouts,
            parent=state.parent,
            provider=self._provider(state),
            dependencies=state.dependencies,
            property_dependencies=state.property_dependencies,
        )

    def _provider(self, state: ResourceState) -> PolicyProvider | None:
        if not state.provider:
            return None
        urn = parse_provider_reference(state.provider).urn
        provider = self._recorded(urn)
        if provider is None:
            return None
        return PolicyProvider(urn=urn, type=provider.type, name=urn_name(urn), inputs=provider.inputs)

    def _show(self, analyzer: Analyzer, violation: Violation, urn: Urn | None, mask: Mask) -> bool:
        """Tell of a violation; whether it must not be. What remediation left over must not (E203)."""
        level = violation.level
        if level is EnforcementLevel.DISABLED:
            return False
        if level is EnforcementLevel.REMEDIATE:
            level = EnforcementLevel.MANDATORY
        self._report(
            PolicyViolated(
                urn=urn,
                message=mask(violation.message),
                policy=violation.policy,
                pack=analyzer.name,
                version=analyzer.version,
                place=analyzer.place,
                level=level.value,
                severity=violation.severity,
            )
        )
        return level is EnforcementLevel.MANDATORY

    def _conclude(
        self, analyzer: Analyzer, kind: PolicySummaryKind, findings: Findings, urn: Urn | None
    ) -> None:
        enabled = set(analyzer.policies(kind)) - findings.not_applicable
        failed = {violation.policy for violation in findings.violations}
        self._sum_up(analyzer, kind, enabled - failed, failed, urn)

    def _sum_up(
        self,
        analyzer: Analyzer,
        kind: PolicySummaryKind,
        passed: set[str],
        failed: set[str],
        urn: Urn | None,
    ) -> None:
        """E206."""
        self._report(
            PolicySummary(
                kind=kind,
                urn=urn,
                pack=analyzer.name,
                version=analyzer.version,
                place=analyzer.place,
                passed=tuple(sorted(passed)),
                failed=tuple(sorted(failed)),
            )
        )


def _in_summary(analyzer: Analyzer) -> tuple[str, str]:
    if analyzer.place:
        return f"{analyzer.name}|local|{analyzer.place}", "(local)"
    return analyzer.name, analyzer.version
