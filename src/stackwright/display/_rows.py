"""What the screen knows of a running operation: one row for each resource (cli.md §14)."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from enum import Enum

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.display._events import pending_text
from stackwright.display._policies import PolicyReports
from stackwright.display._settings import DisplaySettings
from stackwright.display._words import WORDS, in_brief, seconds, short_type
from stackwright.engine import (
    Acquiring,
    DeletesPlanned,
    Event,
    Op,
    PendingFound,
    PolicyRemediated,
    PolicySummary,
    PolicyViolated,
    Prelude,
    Stdout,
    Step,
    StepDone,
    StepFailed,
    StepStarted,
    Summary,
)
from stackwright.state import Key, ResourceState
from stackwright.urn import Urn, is_root_stack, urn_name, urn_type
from stackwright.values import reveal, values_equal


class Phase(Enum):
    """Where a row is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Row:
    """One resource on the screen."""

    def __init__(self, urn: Urn, type_: str) -> None:
        self.urn = urn
        self.type = type_
        self.parent: Urn | None = None
        self.op = Op.SAME
        self.phase = Phase.WAITING
        self.step: Step | None = None
        self.started = 0.0
        self.ended = 0.0
        self.new: ResourceState | None = None
        self.diagnostics: list[Diagnostic] = []
        self.violations = 0
        """What policies have against it."""
        self.halves: set[Op] = set()
        self.waits_for: tuple[str, ...] | None = None
        """For what cannot begin yet: the names of what has to be done first."""

    @property
    def name(self) -> str:
        """The resource's name, control characters escaped."""
        return _printable(urn_name(self.urn))

    @property
    def is_stack(self) -> bool:
        return is_root_stack(self.urn)

    @property
    def shown_op(self) -> Op:
        """The operation to speak of: the halves of a replacement are one `replace` when all went well."""
        if self.phase is not Phase.FAILED and self.halves and self.phase is Phase.DONE:
            return Op.REPLACE
        return self.op

    def status(self, *, preview: bool, now: float, folded: bool = True) -> str:
        """The words of the status column; not *folded*, each half of a replacement speaks for itself."""
        words = WORDS[self.shown_op if folded else self.op]
        if self.waits_for is not None:
            return _waiting(self.waits_for)
        if self.phase is Phase.FAILED:
            return f"**{words.failed}**"
        if preview:
            return words.planned
        if self.phase is Phase.RUNNING:
            return f"{words.running} ({int(now - self.started)}s)" if words.running else ""
        if self.phase is Phase.DONE and words.done:
            retained = "[retain]" if self.retained else ""
            return f"{words.done}{retained} ({seconds(self.ended - self.started)})"
        return ""

    @property
    def is_spoken_of(self) -> bool:
        """Whether anything was said about it, whatever is done with it."""
        return bool(self.diagnostics or self.violations)

    @property
    def retained(self) -> bool:
        old = self.step.old.state if self.step is not None and self.step.old is not None else None
        return old is not None and old.retain_on_delete and (self.op.deletes or bool(self.halves))

    def count(self, severity: Severity) -> int:
        return sum(1 for item in self.diagnostics if item.severity is severity and not item.ephemeral)


class Rows:
    """All rows of one operation, in the order they came up; fed with events."""

    def __init__(self, settings: DisplaySettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.settings = settings
        self.clock = clock
        self.rows: dict[Urn, Row] = {}
        self.loose: list[Diagnostic] = []
        """Diagnostics that concern no resource."""
        self.system: list[str] = []
        self.acquiring: dict[str, Acquiring] = {}
        """What is being fetched or installed now."""
        self.config: dict[str, str] = {}
        self.policies = PolicyReports()
        self.summary: Summary | None = None
        self.root: Row | None = None
        self.finished = 0
        self.running = 0
        self._planned: dict[Key, Step] = {}
        """Deletes that have not begun."""
        self._going: dict[Key, Urn] = {}
        """Deletes that have not ended."""
        self._waits: Mapping[Key, frozenset[Key]] = {}

    def apply(self, event: Event) -> Row | None:
        """Take *event* in; answers the row that it changed, if any."""
        match event:
            case StepStarted():
                self._began(event.step)
                return self._started(event)
            case StepDone():
                self._ended(event.step)
                return self._done(event)
            case DeletesPlanned():
                self._plan(event)
            case StepFailed():
                return self._failed(event)
            case Diagnostic():
                return self._said(event)
            case PolicyViolated() | PolicyRemediated() | PolicySummary():
                self._judged(event)
            case PendingFound():
                warning = Diagnostic(severity=Severity.WARNING, message=pending_text(event))
                self.loose.append(warning)
            case Prelude():
                self.config = dict(event.config)
            case Acquiring():
                self._acquire(event)
            case Stdout():
                self.system.append(event.text)
            case Summary():
                self.summary = event
            case _:
                pass
        return None

    def _row(self, step: Step) -> Row:
        row = self.rows.get(step.urn)
        if row is None or row.step is None:
            row = row or self._add(Row(step.urn, step.type))
            subject = step.new if step.new is not None else step.old.state if step.old else None
            row.parent = subject.parent if subject is not None else None
        return row

    def _add(self, row: Row) -> Row:
        self.rows[row.urn] = row
        if row.is_stack:
            self.root = row
            # What was said before there was a stack belongs to it (protocol.md §12).
            row.diagnostics, self.loose = self.loose, []
        return row

    def _spoken_of(self, urn: Urn) -> Row:
        """The row of a resource that something is said about, perhaps before any step of it."""
        return self.rows.get(urn) or self._add(Row(urn, urn_type(urn)))

    def _started(self, event: StepStarted) -> Row | None:
        step = event.step
        if step.is_internal:
            return None
        row = self._row(step)
        # The marker of a replacement follows its halves at once: it starts nothing of its own.
        if step.op is Op.REPLACE:
            row.step = step
            row.halves.add(step.op)
            return None
        if step.op in (Op.CREATE_REPLACEMENT, Op.DELETE_REPLACED):
            row.halves.add(step.op)
        if row.phase is not Phase.RUNNING:
            self.running += 1
        row.op, row.phase = step.op, Phase.RUNNING
        # The end of the old one says nothing of what differs: a folded row goes on telling that.
        if step.op is not Op.DELETE_REPLACED or row.step is None:
            row.step = step
        row.started = self.clock()
        return row

    def _done(self, event: StepDone) -> Row | None:
        step = event.step
        if step.is_internal or step.op is Op.REPLACE:
            return None
        row = self._row(step)
        if row.phase is Phase.RUNNING:
            self.running -= 1
            self.finished += 1
        row.op = event.op
        if row.phase is not Phase.FAILED:
            row.phase = Phase.DONE
        row.ended = self.clock()
        row.new = event.new
        return row

    def _failed(self, event: StepFailed) -> Row | None:
        if event.step.is_internal:
            return None
        return self._fail(self._row(event.step))

    def _fail(self, row: Row) -> Row:
        if row.phase is Phase.RUNNING:
            self.running -= 1
            self.finished += 1
        row.phase = Phase.FAILED
        row.ended = self.clock()
        return row

    def _said(self, event: Diagnostic) -> Row | None:
        if event.severity is Severity.DEBUG and not self.settings.debug:
            return None
        row = self._spoken_of(event.urn) if event.urn else self.root
        if row is None:
            if not event.ephemeral:
                self.loose.append(event)
            return None
        row.diagnostics.append(event)
        if event.code == 2005:  # a step that failed in a preview has no event of its own (E293)
            return self._fail(row)
        return row

    def _judged(self, event: PolicyViolated | PolicyRemediated | PolicySummary) -> None:
        self.policies.take_in(event)
        if isinstance(event, PolicyViolated) and event.urn is not None:
            self._spoken_of(event.urn).violations += 1

    def acquiring_line(self, event: Acquiring) -> str | None:
        """What plain output says of *event*, not yet applied; None for nothing new (cli.md §14.5)."""
        if event.done:
            return f"{event.message}: {'failed' if event.failed else 'done'}"
        return None if event.id in self.acquiring else f"{event.message}: starting"

    def _acquire(self, event: Acquiring) -> None:
        if event.done:
            self.acquiring.pop(event.id, None)
        else:
            self.acquiring[event.id] = event

    # What waits ---------------------------------------------------------------------------------

    def _plan(self, event: DeletesPlanned) -> None:
        self._waits = event.waits
        for step in event.steps:
            if step.old is not None:
                self._going[step.old.key] = step.urn
                if not step.is_internal:
                    self._planned[step.old.key] = step

    def _began(self, step: Step) -> None:
        if self._planned and step.old is not None:
            self._planned.pop(step.old.key, None)

    def _ended(self, step: Step) -> None:
        if self._going and step.old is not None:
            self._going.pop(step.old.key, None)

    @property
    def waiting(self) -> int:
        """How many deletes have not begun."""
        return len(self._planned)

    def waiting_rows(self, limit: int) -> list[Row]:
        """Rows for the first *limit* deletes that have not begun, saying what goes before them."""
        rows = []
        for key, step in itertools.islice(self._planned.items(), limit):
            if step.urn in self.rows or step.old is None:
                continue
            row = Row(step.urn, step.type)
            row.op, row.step, row.parent = step.op, step, step.old.state.parent
            before = (self._going.get(other) for other in self._waits.get(key, ()))
            row.waits_for = tuple(sorted(urn_name(urn) for urn in before if urn is not None))
            rows.append(row)
        return rows

    # What is shown ------------------------------------------------------------------------------

    def is_visible(self, row: Row) -> bool:
        """Whether a row is worth a line of its own."""
        if row.is_stack or row.waits_for is not None or row.phase is Phase.FAILED or row.is_spoken_of:
            return True
        op = row.shown_op
        if op is Op.SAME or op is Op.REMOVE_PENDING_REPLACE:
            return self.settings.show_sames
        if op is Op.READ:
            return self.settings.show_reads
        return True

    def label(self, row: Row) -> str:
        """Type and name, or the URN when that is wanted."""
        return row.urn if self.settings.urns else f"{short_type(row.type)} {row.name}"

    def info(self, row: Row, *, folded: bool = True) -> str:
        """The last column: what differs, and what was said (cli.md §14.3); *folded* as for `Row.status`."""
        parts = []
        difference = "" if row.op is Op.DELETE_REPLACED and not folded else _difference(row)
        if difference:
            parts.append(difference)
        if self.summary is None and row.diagnostics:
            last = row.diagnostics[-1]
            errors = [item for item in row.diagnostics if item.severity is Severity.ERROR]
            shown = errors[-1] if errors else last
            parts.append(f"{shown.severity.value}: {shown.message.strip().partition(chr(10))[0]}")
        elif row.diagnostics:
            parts.append(_counts(row))
        if row.violations:
            parts.append(f"{row.violations} policy violation{'s' if row.violations > 1 else ''}")
        return "; ".join(part for part in parts if part)

    @property
    def errored(self) -> int:
        return sum(1 for row in self.rows.values() if row.phase is Phase.FAILED)

    def diagnostics(self) -> Iterator[tuple[Row | None, list[Diagnostic]]]:
        """What was said, by resource, ephemeral words left out."""
        for row in self.rows.values():
            kept = [item for item in row.diagnostics if not item.ephemeral]
            if kept:
                yield row, kept
        if self.loose:
            yield None, self.loose


def _printable(name: str) -> str:
    return name if name.isprintable() else name.encode("unicode_escape").decode()


def _waiting(names: tuple[str, ...]) -> str:
    if not names:
        return "waiting"
    first, others = _printable(names[0]), len(names) - 1
    if not others:
        return f"waiting for {first}"
    return f"waiting for {first} and {others} other{'s' if others > 1 else ''}"


def _counts(row: Row) -> str:
    names = ((Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "message"))
    counts = [(row.count(severity), word) for severity, word in (*names, (Severity.DEBUG, "debug"))]
    return "; ".join(
        f"{count} {word}{'s' if count > 1 and word != 'debug' else ''}" for count, word in counts if count
    )


def changed_properties(step: Step) -> set[str]:
    """The properties that differ, as the provider says; none where it does not say which."""
    return {diff.partition(".")[0].partition("[")[0] for diff in step.diffs}


def _difference(row: Row) -> str:
    step = row.step
    refreshed = step is not None and step.op is Op.REFRESH
    new = row.new if refreshed or step is None else step.new
    if step is None or step.old is None or new is None:
        return ""
    old = step.old.state
    added, deleted, updated = [], [], []
    if row.shown_op is not Op.SAME:
        wanted = changed_properties(step)
        sides = (old.outputs, new.outputs) if refreshed else (old.inputs, new.inputs)
        before, after = (reveal(side) for side in sides)
        for key in sorted(before.keys() | after.keys()):
            if key.startswith("__") or (wanted and key not in wanted):
                continue
            if key not in before:
                added.append(key)
            elif key not in after:
                deleted.append(key)
            elif not values_equal(before[key], after[key]):
                updated.append(key)
        if not (added or deleted or updated):
            # The program says the same, and still its provider changes something.
            updated += (key for key in wanted if not key.startswith(("__", "#")))
        if old.provider != new.provider and old.provider and new.provider:
            updated.append("provider")
    if old.protect != new.protect:
        updated.append("protect")
    if old.taint and row.shown_op is not Op.SAME:
        updated.append("taint")
    return in_brief(added, deleted, updated)
