"""
Policies that run in this process: objects as the package `pulumi_policy` makes them.

What is asked of such an object is what every policy has (sdk.md §20): a name, a level, and
`validate` or `remediate`. Their class says whether they look at a resource or at the stack.
"""

from __future__ import annotations

import asyncio
import inspect
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from stackwright.engine import (
    EnforcementLevel,
    Findings,
    PolicySubject,
    PolicySummaryKind,
    Remediation,
    Violation,
)
from stackwright.policy._configuration import PolicyInfo, PolicyKind, PolicySetting, parse_setting, settled
from stackwright.policy._errors import PolicyFailedError, PolicyPackError
from stackwright.policy._seen import (
    NotApplicableError,
    SeenResource,
    SeenStack,
    UnknownTouchedError,
    recorded,
)
from stackwright.policy._threads import Threads
from stackwright.providers._secretness import with_secretness
from stackwright.urn import Urn
from stackwright.values import PropertyMap

_VERSION: Final = "0.0.1"
"""What packs are that do not say their version."""


class LocalPack(msgspec.Struct, frozen=True, kw_only=True):
    """
    Policies as objects.

    Attributes:
        level: That of policies that name none.
        settings: As in a settings file: a level, or an object of properties, by policy.
    """

    policies: Sequence[Any]
    name: str = "policies"
    level: EnforcementLevel = EnforcementLevel.ADVISORY
    settings: Mapping[str, Any] = {}

    def analyzer(self) -> LocalAnalyzer:
        """
        The pack, ready to be asked.

        Raises:
            PolicyPackError: Something in it is no policy, or is set wrongly.
        """
        return LocalAnalyzer(self)


class LocalAnalyzer:
    """Implements `stackwright.engine.Analyzer`. Policies run in threads: they may take their time."""

    def __init__(self, pack: LocalPack) -> None:
        self.name = pack.name
        self.version = _VERSION
        self.place = ""
        self._threads = Threads()
        self._policies = {policy.name: policy for policy in map(_checked, pack.policies)}
        self._infos = {name: _info(policy, pack.level) for name, policy in self._policies.items()}
        given = {name: parse_setting(name, value, pack.name) for name, value in pack.settings.items()}
        self._settings: dict[str, PolicySetting] = settled(pack.name, list(self._infos.values()), {}, given)

    def policies(self, kind: PolicySummaryKind) -> Iterable[str]:
        """See `Analyzer.policies`."""
        wanted = PolicyKind.STACK if kind is PolicySummaryKind.ANALYZE_STACK else PolicyKind.RESOURCE
        for name, info in self._infos.items():
            level = self._settings[name].level
            if info.kind is not wanted or level is EnforcementLevel.DISABLED:
                continue
            if kind is not PolicySummaryKind.REMEDIATE or (
                level is EnforcementLevel.REMEDIATE and _can(self._policies[name], "remediate")
            ):
                yield name

    async def remediate(self, subject: PolicySubject) -> Sequence[Remediation]:
        return await self._threads.run(self._remediate, subject)

    async def analyze(self, subject: PolicySubject) -> Findings:
        def arguments(name: str) -> SeenResource:
            return SeenResource(subject, self._settings[name].properties)

        return await self._threads.run(self._findings, PolicySummaryKind.ANALYZE, arguments)

    async def analyze_stack(self, subjects: Sequence[PolicySubject]) -> Findings:
        def arguments(name: str) -> SeenStack:
            return SeenStack(subjects, self._settings[name].properties)

        return await self._threads.run(self._findings, PolicySummaryKind.ANALYZE_STACK, arguments)

    async def close(self) -> None:
        """Nothing is open."""

    # In a thread --------------------------------------------------------------------------------

    def _remediate(self, subject: PolicySubject) -> list[Remediation]:
        found = []
        for name in self.policies(PolicySummaryKind.REMEDIATE):
            try:
                made = self._called(name, "remediate", SeenResource(subject, self._settings[name].properties))
            except NotApplicableError:
                continue
            except UnknownTouchedError as error:
                found.append(Remediation(policy=name, problem=self._unknown("remediation", name, error)))
                continue
            if not made:
                continue
            properties: Any = recorded(made)
            if not isinstance(properties, dict):
                raise PolicyFailedError(
                    f"the policy `{name}` of `{self.name}` made no properties of {subject.urn}"
                )
            kept: PropertyMap = with_secretness(properties, subject.properties)
            found.append(Remediation(policy=name, properties=kept))
            subject = msgspec.structs.replace(subject, properties=kept)
        return found

    def _findings(self, kind: PolicySummaryKind, arguments: Callable[[str], Any]) -> Findings:
        violations: list[Violation] = []
        elsewhere: set[str] = set()
        for name in self.policies(kind):
            if not _can(self._policies[name], "validate"):
                elsewhere.add(name)
                continue
            try:
                self._called(name, "validate", arguments(name), self._reporting(name, violations))
            except NotApplicableError:
                elsewhere.add(name)
            except UnknownTouchedError as error:
                level, text = EnforcementLevel.ADVISORY, self._unknown("policy", name, error)
                violations.append(Violation(policy=name, message=text, level=level))
        return Findings(violations=tuple(violations), not_applicable=frozenset(elsewhere))

    def _unknown(self, what: str, name: str, error: UnknownTouchedError) -> str:
        pack = f"{self.name}@v{self.version}"
        return f"can't run {what} '{name}' from policy pack '{pack}' during preview: {error}"

    def _reporting(self, name: str, found: list[Violation]) -> Callable[..., None]:
        """The `report_violation` of one policy."""
        policy, level = self._policies[name], self._settings[name].level
        severity = getattr(policy, "severity", None)

        def report_violation(message: str, urn: str | None = None) -> None:
            if message and not isinstance(message, str):
                raise TypeError("Expected message to be a string")
            text = "\n".join(each for each in (policy.description, message) if each)
            found.append(
                Violation(
                    policy=name,
                    message=text,
                    level=level or EnforcementLevel.ADVISORY,
                    severity=str(getattr(severity, "value", severity) or ""),
                    urn=Urn(urn) if urn else None,
                )
            )

        return report_violation

    def _called(self, name: str, method: str, *arguments: Any) -> Any:
        """What the policy's own code answers, which may be asynchronous."""
        try:
            answer = getattr(self._policies[name], method)(*arguments)
            return asyncio.run(_awaited(answer)) if inspect.isawaitable(answer) else answer
        except (NotApplicableError, UnknownTouchedError):
            raise
        except Exception as error:
            raise PolicyFailedError(
                f"the policy `{name}` of `{self.name}` failed: {type(error).__name__}: {error}",
                detail=traceback.format_exc(),
            ) from error


async def _awaited(answer: Any) -> Any:
    return await answer


def _kind(policy: Any) -> PolicyKind:
    names = {each.__name__ for each in type(policy).__mro__}
    return PolicyKind.STACK if "StackValidationPolicy" in names else PolicyKind.RESOURCE


def _can(policy: Any, method: str) -> bool:
    """Whether a policy validates, or remediates; its own word for that goes first."""
    says = getattr(policy, {"validate": "has_validation", "remediate": "has_remediation"}[method], None)
    return bool(says()) if says is not None else hasattr(policy, method)


def _checked(policy: Any) -> Any:
    if not isinstance(getattr(policy, "name", None), str) or not (
        _can(policy, "validate") or _can(policy, "remediate")
    ):
        raise PolicyPackError(
            f"{type(policy).__name__} is no policy",
            hint="Policies are objects such as `pulumi_policy.ResourceValidationPolicy(...)`",
        )
    return policy


def _info(policy: Any, usual: EnforcementLevel) -> PolicyInfo:
    level = getattr(policy, "enforcement_level", None)
    schema = getattr(policy, "config_schema", None)
    return PolicyInfo(
        name=policy.name,
        kind=_kind(policy),
        description=policy.description,
        level=usual if level is None else EnforcementLevel(getattr(level, "value", level)),
        properties=getattr(schema, "properties", None) or {},
        required=tuple(getattr(schema, "required", None) or ()),
    )
