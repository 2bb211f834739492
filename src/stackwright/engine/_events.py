"""
What an operation tells while it runs (engine.md §13).

Events refer to steps and records as they are: those never change, so nothing
is copied. How events look, on a screen or as JSON, is the display's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Protocol, TypeAlias

import msgspec

from stackwright.diagnostics import Diagnostic
from stackwright.engine._steps import Op, Step
from stackwright.providers import ResourceStatus
from stackwright.state import Key, PendingOperation, ResourceState
from stackwright.urn import Urn
from stackwright.values import PropertyMap


class OperationResult(Enum):
    """How an operation ended (E288)."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class Prelude(msgspec.Struct, frozen=True):
    """The first event: the configuration, secret values masked."""

    config: Mapping[str, str]
    preview: bool


class DeletesPlanned(msgspec.Struct, frozen=True):
    """What is going to be deleted, before the first of it is; for displays, in no log."""

    steps: Sequence[Step]
    waits: Mapping[Key, frozenset[Key]]
    """For the key of an old record, the keys of those that go before it."""


class StepStarted(msgspec.Struct, frozen=True, gc=False):
    """A step is about to be carried out, or in a preview: would be (`resourcePreEvent`)."""

    step: Step
    preview: bool


class StepDone(msgspec.Struct, frozen=True, gc=False):
    """
    A step has been carried out, or a component got its outputs (`resOutputsEvent`).

    `new` is the record as it is now (None after a delete); `op` is the step's, except for
    refreshes, where it says what was found (E119, E294).
    """

    step: Step
    op: Op
    new: ResourceState | None
    preview: bool


class StepFailed(msgspec.Struct, frozen=True):
    """A step could not be carried out; a diagnostic has said why (`resOpFailedEvent`)."""

    step: Step
    status: ResourceStatus
    steps: int
    """Counted steps so far."""


class PendingFound(msgspec.Struct, frozen=True, kw_only=True):
    """What was under way when an earlier run was cut short, and what became of it."""

    operation: PendingOperation
    outcome: str
    """For people: adopted, dropped or left, with the evidence."""


class Acquiring(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was missing is fetched or installed (`progressEvent`)."""

    type: str
    """`plugin-download` or `plugin-install` (E288)."""
    id: str
    message: str
    received: int = 0
    total: int = 0
    """Bytes; 0 where nobody knows."""
    done: bool = False
    failed: bool = False
    """Over, but in vain; what is wrong is told by whoever needed it."""


class PoliciesLoading(msgspec.Struct, frozen=True):
    """Policy packs are made ready (`policyLoadEvent`)."""


class PolicyViolated(msgspec.Struct, frozen=True, kw_only=True):
    """A policy has something against a resource, or against the stack (`policyEvent`)."""

    urn: Urn | None
    message: str
    """Without secrets."""
    policy: str
    pack: str
    version: str
    place: str
    """The pack's directory, or empty."""
    level: str
    """`advisory` or `mandatory`."""
    severity: str = ""


class PolicyRemediated(msgspec.Struct, frozen=True, kw_only=True):
    """A policy has changed what a resource is to be (`policyRemediationEvent`)."""

    urn: Urn
    policy: str
    pack: str
    version: str
    place: str
    before: PropertyMap
    after: PropertyMap


class PolicySummaryKind(Enum):
    """What a pack was asked for; the value begins the event's name."""

    REMEDIATE = "policyRemediate"
    ANALYZE = "policyAnalyze"
    ANALYZE_STACK = "policyAnalyzeStack"


class PolicySummary(msgspec.Struct, frozen=True, kw_only=True):
    """What came of asking one pack (E206): the names of policies."""

    kind: PolicySummaryKind
    urn: Urn | None
    pack: str
    version: str
    place: str
    passed: tuple[str, ...]
    failed: tuple[str, ...]
    """For remediations: those that changed something."""


class ResourceFound(msgspec.Struct, frozen=True):
    """A query has found something that exists; `id` is what it can be imported by."""

    type: str
    id: str
    name: str


class Stdout(msgspec.Struct, frozen=True):
    """The program wrote something to its standard output."""

    text: str


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The last event but one: what was done, by kind of step (E296)."""

    result: OperationResult
    changes: Mapping[Op, int]
    preview: bool
    duration: float
    """Seconds."""
    maybe_corrupt: bool = False
    policy_packs: Mapping[str, str] = {}

    @property
    def has_changes(self) -> bool:
        """E300."""
        return any(op.changes and count for op, count in self.changes.items())


class Finished(msgspec.Struct, frozen=True):
    """Nothing follows (`cancelEvent`)."""


Event: TypeAlias = (
    Prelude
    | DeletesPlanned
    | StepStarted
    | StepDone
    | StepFailed
    | PendingFound
    | Acquiring
    | PoliciesLoading
    | PolicyViolated
    | PolicyRemediated
    | PolicySummary
    | ResourceFound
    | Stdout
    | Diagnostic
    | Summary
    | Finished
)


class Reporter(Protocol):
    """
    Hears what an operation tells. Called on the engine's thread, in order; must be
    quick and must not raise.
    """

    def __call__(self, event: Event, /) -> None: ...


def ignore(event: Event) -> None:
    """The default reporter: hears everything and does nothing."""


__all__ = [
    "Acquiring",
    "DeletesPlanned",
    "Event",
    "Finished",
    "OperationResult",
    "PendingFound",
    "PoliciesLoading",
    "PolicyRemediated",
    "PolicySummary",
    "PolicySummaryKind",
    "PolicyViolated",
    "Prelude",
    "Reporter",
    "ResourceFound",
    "Stdout",
    "StepDone",
    "StepFailed",
    "StepStarted",
    "Summary",
    "ignore",
]
