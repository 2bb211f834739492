"""`preview --json`: one object at the end (state.md §13.3)."""

from __future__ import annotations

import json
from typing import Any

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.display._events import detailed_json, pending_text, state_json
from stackwright.display._values import value_json
from stackwright.engine import Event, PendingFound, Prelude, StepDone, Summary


class Digest:
    """A reporter that gathers a preview, for `text` to print when it has ended."""

    def __init__(self, *, show_secrets: bool = False, show_sames: bool = True) -> None:
        self._show_secrets = show_secrets
        self._config: dict[str, str] = {}
        self._steps: list[dict[str, Any]] = []
        self._diagnostics: list[dict[str, Any]] = []
        self._summary: Summary | None = None

    def __call__(self, event: Event) -> None:
        match event:
            case Prelude():
                self._config = dict(event.config)
            case StepDone() if not event.step.is_internal:
                self._steps.append(self._step(event))
            case Diagnostic() if not event.ephemeral and event.severity is not Severity.DEBUG:
                entry: dict[str, Any] = {"urn": event.urn} if event.urn else {}
                if event.prefix:
                    entry["prefix"] = event.prefix
                self._diagnostics.append(entry | {"message": event.message, "severity": event.severity.value})
            case PendingFound():
                self._diagnostics.append({"message": pending_text(event), "severity": "warning"})
            case Summary():
                self._summary = event
            case _:
                pass

    def _step(self, event: StepDone) -> dict[str, Any]:
        step = event.step
        entry: dict[str, Any] = {"op": event.op.value, "urn": step.urn}
        if step.provider:
            entry["provider"] = step.provider
        if step.old is not None:
            entry["oldState"] = self._state(step.old.state)
        if event.new is not None:
            entry["newState"] = self._state(event.new)
        if step.diffs:
            entry["diffReasons"] = list(step.diffs)
        if step.keys:
            entry["replaceReasons"] = list(step.keys)
        entry["detailedDiff"] = detailed_json(step.detailed, kind="kind")
        return entry

    def _state(self, state: Any) -> dict[str, Any]:
        shown = state_json(state, show_secrets=self._show_secrets)
        for bag in ("inputs", "outputs"):
            shown[bag] = value_json(getattr(state, bag), show_secrets=self._show_secrets, tagged=False)
        empty = [key for key, value in shown.items() if value in ("", {}) and key not in ("urn", "type")]
        for key in empty:
            del shown[key]
        return shown

    def text(self) -> str:
        """The digest, 4-space indented, with a newline at its end."""
        document: dict[str, Any] = {}
        if self._config:
            document["config"] = self._config
        if self._steps:
            document["steps"] = self._steps
        if self._diagnostics:
            document["diagnostics"] = self._diagnostics
        if self._summary is not None:
            document["duration"] = int(self._summary.duration * 1e9)
            document["changeSummary"] = {op.value: n for op, n in self._summary.changes.items()}
            if self._summary.maybe_corrupt:
                document["maybeCorrupt"] = True
        return json.dumps(document, indent=4, ensure_ascii=False) + "\n"
