"""`--output json`: one line for each run, a preview or what follows it (cli.md §16)."""

from __future__ import annotations

import json
from typing import Any, TextIO

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.engine import Event, Op, Step, StepDone, StepFailed, StepStarted, Summary
from stackwright.urn import Urn, urn_name


class PhaseLine:
    """
    A reporter that says nothing until the end, and then all in one line.

    What went wrong goes to *errors* as text when it happens, as errors do in every mode.
    """

    def __init__(self, stream: TextIO, errors: TextIO, *, show_sames: bool = False) -> None:
        self._stream = stream
        self._errors = errors
        self._show_sames = show_sames
        self._steps: dict[Urn, tuple[Step, Op]] = {}

    def __call__(self, event: Event) -> None:
        match event:
            case StepStarted() if event.step.is_logical:
                self._steps[event.step.urn] = (event.step, event.step.op)
            case StepDone() if event.step.op is Op.REFRESH and event.op.is_logical:
                self._steps[event.step.urn] = (event.step, event.op)
            case StepFailed():
                self._steps.pop(event.step.urn, None)
            case Diagnostic() if event.severity is Severity.ERROR and not event.ephemeral:
                self._errors.write(f"error: {event.message.rstrip()}\n")
            case Summary():
                self._stream.write(json.dumps(self._document(event), ensure_ascii=False) + "\n")
                self._stream.flush()
            case _:
                pass

    def _document(self, summary: Summary) -> dict[str, Any]:
        document: dict[str, Any] = {
            "result": summary.result.value,
            "duration": int(summary.duration * 1e9),
        }
        counts = {op.value: count for op, count in summary.changes.items() if count}
        if counts:
            document["summary"] = counts
        resources = [
            _resource(step, op)
            for step, op in self._steps.values()
            if not step.is_internal and (op is not Op.SAME or self._show_sames)
        ]
        if resources:
            document["resources"] = resources
        return document


def _resource(step: Step, op: Op) -> dict[str, str]:
    entry = {"urn": step.urn, "type": step.type, "name": urn_name(step.urn), "op": op.value}
    subject = step.new if step.new is not None else step.old.state if step.old is not None else None
    if subject is not None and subject.parent:
        entry["parent"] = subject.parent
    return entry
