"""Engine events as JSON lines (engine.md §13.1, state.md §13.2)."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from stackwright.diagnostics import DebuggerAwaited, Diagnostic
from stackwright.display._values import value_json
from stackwright.engine import (
    Acquiring,
    DeletesPlanned,
    Event,
    Finished,
    Op,
    PendingFound,
    PoliciesLoading,
    PolicyRemediated,
    PolicySummary,
    PolicyViolated,
    Prelude,
    ResourceFound,
    Stdout,
    Step,
    StepDone,
    StepFailed,
    StepStarted,
    Summary,
)
from stackwright.state import ResourceState
from stackwright.values import PropertyDiff

_WITH_KEYS = frozenset({Op.CREATE_REPLACEMENT, Op.REPLACE})
_WITH_DIFFS = _WITH_KEYS | {Op.UPDATE, Op.REFRESH}


def event_json(event: Event, *, show_secrets: bool = False) -> dict[str, Any]:
    """The payload of *event* under its name, without sequence and time; empty if logs do not know it."""
    match event:
        case DeletesPlanned() | ResourceFound():
            return {}
        case Prelude():
            return {"preludeEvent": {"config": dict(event.config)}}
        case StepStarted():
            metadata = _metadata(event.step, event.step.op, event.step.new, show_secrets=show_secrets)
            return {"resourcePreEvent": {"metadata": metadata, **_planning(event.preview)}}
        case StepDone():
            metadata = _metadata(event.step, event.op, event.new, show_secrets=show_secrets)
            return {"resOutputsEvent": {"metadata": metadata, **_planning(event.preview)}}
        case StepFailed():
            metadata = _metadata(event.step, event.step.op, event.step.new, show_secrets=show_secrets)
            return {
                "resOpFailedEvent": {
                    "metadata": metadata,
                    "status": event.status.value,
                    "steps": event.steps,
                }
            }
        case DebuggerAwaited():
            return {"startDebuggingEvent": {"config": dict(event.config)} if event.config else {}}
        case Diagnostic():
            return {"diagnosticEvent": _diagnostic(event)}
        case Acquiring():
            return {
                "progressEvent": {
                    "type": event.type,
                    "id": event.id,
                    "message": event.message,
                    "received": event.received,
                    "total": event.total,
                    "done": event.done,
                }
            }
        case PoliciesLoading():
            return {"policyLoadEvent": {}}
        case PolicyViolated():
            severity = {"severity": event.severity} if event.severity else {}
            return {
                "policyEvent": {
                    **_pack(event),
                    "policyName": event.policy,
                    "message": event.message,
                    "color": "never",
                    "enforcementLevel": event.level,
                    **severity,
                }
            }
        case PolicyRemediated():
            return {
                "policyRemediationEvent": {
                    **_pack(event),
                    "policyName": event.policy,
                    "color": "never",
                    "before": value_json(event.before, show_secrets=show_secrets),
                    "after": value_json(event.after, show_secrets=show_secrets),
                }
            }
        case PolicySummary():
            named = {"passed": list(event.passed), "failed": list(event.failed)}
            told = {key: names for key, names in named.items() if names}
            return {f"{event.kind.value}SummaryEvent": {**_pack(event), **told}}
        case Stdout():
            return {"stdoutEvent": {"message": event.text, "color": "never"}}
        case PendingFound():
            return {"diagnosticEvent": pending_diagnostic(event)}
        case Summary():
            return {
                "summaryEvent": {
                    "maybeCorrupt": event.maybe_corrupt,
                    "durationSeconds": math.ceil(event.duration),
                    "resourceChanges": {op.value: count for op, count in event.changes.items()},
                    "PolicyPacks": dict(event.policy_packs),
                    "isPreview": event.preview,
                    "result": event.result.value,
                }
            }
        case Finished():
            return {"cancelEvent": {}}


def _pack(event: PolicyViolated | PolicyRemediated | PolicySummary) -> dict[str, Any]:
    urn = {"resourceUrn": event.urn} if event.urn else {}
    version = {"policyPackVersion": event.version, "policyPackVersionTag": event.version}
    return {**urn, "policyPackName": event.pack, **version}


def pending_diagnostic(event: PendingFound) -> dict[str, Any]:
    """An interrupted operation as the warning that the compatible tool's clients know."""
    return {
        "urn": event.operation.resource.urn,
        "message": pending_text(event),
        "color": "never",
        "severity": "warning",
    }


def pending_text(event: PendingFound) -> str:
    """What was in flight when an earlier run was cut short, and what became of it."""
    operation = event.operation
    return f"{operation.resource.urn}, interrupted while {operation.kind.value}, {event.outcome}"


def _planning(preview: bool) -> dict[str, bool]:
    return {"planning": True} if preview else {}


def _diagnostic(event: Diagnostic) -> dict[str, Any]:
    payload: dict[str, Any] = {}
    if event.urn:
        payload["urn"] = event.urn
    if event.prefix:
        payload["prefix"] = event.prefix
    payload |= {"message": event.message, "color": "never", "severity": event.severity.value}
    if event.stream:
        payload["streamID"] = event.stream
    if event.ephemeral:
        payload["ephemeral"] = True
    return payload


def _metadata(step: Step, op: Op, new: ResourceState | None, *, show_secrets: bool) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "op": op.value,
        "urn": step.urn,
        "type": step.type,
        "old": state_json(step.old.state, show_secrets=show_secrets) if step.old is not None else None,
        "new": state_json(new, show_secrets=show_secrets) if new is not None else None,
    }
    if step.op in _WITH_KEYS and step.keys:
        payload["keys"] = list(step.keys)
    if step.op in _WITH_DIFFS and step.diffs:
        payload["diffs"] = list(step.diffs)
    payload["detailedDiff"] = detailed_json(step.detailed)
    if step.is_logical:
        payload["logical"] = True
    payload["provider"] = step.provider
    return payload


def detailed_json(
    detailed: Mapping[str, PropertyDiff] | None, *, kind: str = "diffKind"
) -> dict[str, Any] | None:
    """A detailed diff by path; None where the provider gave none."""
    if detailed is None:
        return None
    return {path: {kind: entry.kind.value, "inputDiff": entry.input_diff} for path, entry in detailed.items()}


def state_json(state: ResourceState, *, show_secrets: bool = False) -> dict[str, Any]:
    """One side of a step (E290)."""
    payload: dict[str, Any] = {"type": state.type, "urn": state.urn}
    flags = {
        "custom": state.custom,
        "delete": state.delete,
        "protect": state.protect,
        "taint": state.taint,
        "external": state.external,
        "retainOnDelete": state.retain_on_delete,
    }
    payload |= {name: True for name, value in flags.items() if value}
    payload |= {
        "id": state.id,
        "parent": state.parent or "",
        "inputs": value_json(state.inputs, show_secrets=show_secrets),
        "outputs": value_json(state.outputs, show_secrets=show_secrets),
        "provider": state.provider,
    }
    if state.init_errors:
        payload["initErrors"] = list(state.init_errors)
    if state.hide_diffs:
        payload["hideDiffs"] = [list(path) for path in state.hide_diffs]
    return payload


class Lines(Protocol):
    """What an event log is written to: a text file, a pipe, a stream to somebody who listens."""

    def write(self, text: str, /) -> int: ...

    def flush(self) -> None: ...


class EventLog:
    """A reporter that writes one JSON object for each event, as they come (E287)."""

    def __init__(
        self,
        stream: Lines,
        *,
        show_secrets: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._stream = stream
        self._show_secrets = show_secrets
        self._clock = clock
        self._sequence = 0
        self._encoder = msgspec.json.Encoder()

    def __call__(self, event: Event) -> None:
        payload = event_json(event, show_secrets=self._show_secrets)
        if not payload:
            return
        line = {"sequence": self._sequence, "timestamp": int(self._clock()), **payload}
        self._sequence += 1
        self._stream.write(self._encoder.encode(line).decode() + "\n")
        self._stream.flush()
