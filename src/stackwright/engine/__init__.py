"""
The engine: one deployment from goals to journal.

Decides what is done to every resource, in which order, and what is recorded of
it. `plan` is pure: from old state, a goal and the provider's answers to steps.
`apply` carries steps out and decides nothing twice. Leaves to others: what a
program is and how it runs (`sdk`, `project`), where state lives (`state`), how
providers are spoken to (`providers`), and how it looks (`display`). May import
`providers`, `state` and the vocabulary; never `sdk`.
"""

from stackwright.engine._deployment import Deployment
from stackwright.engine._events import (
    Acquiring,
    DeletesPlanned,
    Event,
    Finished,
    OperationResult,
    PendingFound,
    PoliciesLoading,
    PolicyRemediated,
    PolicySummary,
    PolicySummaryKind,
    PolicyViolated,
    Prelude,
    Reporter,
    ResourceFound,
    Stdout,
    StepDone,
    StepFailed,
    StepStarted,
    Summary,
    ignore,
)
from stackwright.engine._listeners import Listeners
from stackwright.engine._options import OperationType, Options, StackOutputs, Target, default_parallel
from stackwright.engine._policies import (
    Analyzer,
    AnalyzerHost,
    EnforcementLevel,
    Findings,
    Policies,
    PolicyProvider,
    PolicySubject,
    Remediation,
    Violation,
)
from stackwright.engine._queries import ResourceQuery
from stackwright.engine._requests import InvalidRequestError
from stackwright.engine._steps import Op, Record, Step
from stackwright.engine._waits import PolicySilentError, Waits
from stackwright.engine.plan import ImportGoal

__all__ = [
    "Acquiring",
    "Analyzer",
    "AnalyzerHost",
    "DeletesPlanned",
    "Deployment",
    "EnforcementLevel",
    "Event",
    "Findings",
    "Finished",
    "ImportGoal",
    "InvalidRequestError",
    "Listeners",
    "Op",
    "OperationResult",
    "OperationType",
    "Options",
    "PendingFound",
    "Policies",
    "PoliciesLoading",
    "PolicyProvider",
    "PolicyRemediated",
    "PolicySilentError",
    "PolicySubject",
    "PolicySummary",
    "PolicySummaryKind",
    "PolicyViolated",
    "Prelude",
    "Record",
    "Remediation",
    "Reporter",
    "ResourceFound",
    "ResourceQuery",
    "StackOutputs",
    "Stdout",
    "Step",
    "StepDone",
    "StepFailed",
    "StepStarted",
    "Summary",
    "Target",
    "Violation",
    "Waits",
    "default_parallel",
    "ignore",
]
