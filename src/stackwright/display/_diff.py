"""The `--diff` display: every step with what differs (cli.md §15)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TextIO

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.display._changes import Changes
from stackwright.display._events import pending_text
from stackwright.display._paint import Paint, Style
from stackwright.display._rows import Rows, changed_properties
from stackwright.display._sections import banner, render_diagnostic, render_end
from stackwright.display._settings import DisplaySettings
from stackwright.display._values import render_properties
from stackwright.display._words import WORDS
from stackwright.engine import (
    Acquiring,
    Event,
    Op,
    PendingFound,
    Stdout,
    Step,
    StepDone,
    StepStarted,
    Summary,
)
from stackwright.state import ResourceState
from stackwright.urn import UNKNOWN_ID, Urn, is_root_stack, urn_name
from stackwright.values import PropertyMap, values_equal

_HALVES = frozenset(
    {
        Op.CREATE_REPLACEMENT,
        Op.DELETE_REPLACED,
        Op.READ_REPLACEMENT,
        Op.DISCARD_REPLACED,
        Op.IMPORT_REPLACEMENT,
    }
)


class DiffDisplay:
    """A reporter that prints each step with its property changes."""

    def __init__(self, settings: DisplaySettings, stream: TextIO) -> None:
        self._settings = settings
        self._stream = stream
        self._paint = Paint(colour=settings.colour)
        self._changes = Changes(
            self._paint, show_secrets=settings.show_secrets, full=settings.show_full_output
        )
        self._lock = threading.Lock()
        self._depth: dict[Urn, int] = {}
        self._withheld: dict[Urn, Step] = {}
        self.rows = Rows(settings)

    def __enter__(self) -> DiffDisplay:
        self._write(banner(self._settings, self._paint))
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.flush()

    def pause(self) -> None:
        """Nothing to do: printed lines stand in nobody's way."""

    def __call__(self, event: Event) -> None:
        with self._lock:
            if isinstance(event, Acquiring) and (line := self.rows.acquiring_line(event)) is not None:
                self._write(line)
            self.rows.apply(event)
            match event:
                case StepStarted() if event.step.op not in (Op.REFRESH, Op.IMPORT):
                    if self._is_told_when_planned(event.step):
                        self._withheld[event.step.urn] = event.step
                    else:
                        self._step(event.step, event.step.op, event.step.new)
                case StepDone() if event.step.op in (Op.REFRESH, Op.IMPORT):
                    self._step(event.step, event.op, event.new)
                case StepDone() if is_root_stack(event.step.urn):
                    pass
                case StepDone():
                    self._tell_withheld(event.step.urn)
                    self._outputs(event)
                case Diagnostic() if not event.ephemeral:
                    self._tell_withheld(event.urn)
                    self._said(event)
                case PendingFound():
                    warning = Diagnostic(severity=Severity.WARNING, message=pending_text(event))
                    self._write(render_diagnostic(warning, self._paint, indent=""))
                case Stdout():
                    self._write(event.text.rstrip("\n"))
                case Summary():
                    self._end()
                case _:
                    pass

    def _is_told_when_planned(self, step: Step) -> bool:
        """Whether what its provider plans for *step* is a part of what is printed of it."""
        return self._settings.preview and step.op is Op.UPDATE and step.detailed is not None

    def _tell_withheld(self, urn: Urn | None) -> None:
        step = self._withheld.pop(urn, None) if urn is not None else None
        if step is not None:
            self._step(step, step.op, step.new)

    def _said(self, event: Diagnostic) -> None:
        if event.severity is not Severity.DEBUG or self._settings.debug:
            self._write(render_diagnostic(event, self._paint, indent=""))

    def _end(self) -> None:
        said = self.rows.loose
        self.rows.loose = []
        for row in self.rows.rows.values():
            row.diagnostics = []  # printed as they came
        self._write("")
        self._write(render_end(self.rows, self._paint))
        self.rows.loose = said

    def _step(self, step: Step, op: Op, new: ResourceState | None) -> None:
        settings = self._settings
        if step.is_internal or (op in _HALVES and not settings.show_replacement_steps):
            return
        if op is Op.SAME and not settings.show_sames and not is_root_stack(step.urn):
            return
        if op is Op.READ and not settings.show_reads:
            return
        subject = step.new if step.new is not None else step.old.state if step.old else None
        parent = subject.parent if subject is not None else None
        depth = self._depth.get(parent, -1) + 1 if parent else 0
        self._depth[step.urn] = depth
        indent = depth * 4
        for line in self._header(step, op, new, indent):
            self._write(line)
        for line in self._body(step, op, new, indent + 4):
            self._write(line)

    def _header(self, step: Step, op: Op, new: ResourceState | None, indent: int) -> Iterator[str]:
        words = WORDS[op]
        old = step.old.state if step.old is not None else None
        pad = " " * indent
        lock = ""
        if new is not None and new.protect:
            lock = " 🔒"
        elif old is not None and old.protect:
            lock = " 🔓"
        retain = "[retain]" if old is not None and old.retain_on_delete and op.deletes else ""
        title = step.urn if self._settings.urns else step.type
        yield self._paint(f"{pad}{op.prefix}{title}: ({op.value}){retain}{lock}", words.style)
        pad += "    "
        id_ = (new.id if new is not None else "") or (old.id if old is not None else "")
        if id_ and id_ != UNKNOWN_ID and not op.creates:
            yield self._paint(f"{pad}[id={id_}]", words.style)
        if not self._settings.urns:
            yield self._paint(f"{pad}[urn={step.urn}]", words.style)
        reference = step.provider
        if reference and urn_name(reference.rpartition("::")[0]) != "default":
            yield self._paint(f"{pad}[provider={reference.replace(UNKNOWN_ID, '[unknown]')}]", words.style)

    def _body(self, step: Step, op: Op, new: ResourceState | None, indent: int) -> Iterator[str]:
        old = step.old.state if step.old is not None else None
        if op in (Op.CREATE, Op.CREATE_REPLACEMENT, Op.IMPORT) and new is not None:
            yield from self._properties(new.outputs or new.inputs, indent, WORDS[op].style)
        elif op in (Op.DELETE, Op.DELETE_REPLACED, Op.DISCARD) and old is not None:
            yield from self._properties(old.inputs, indent, WORDS[op].style)
        elif op is Op.REFRESH or (step.op is Op.REFRESH and op is Op.UPDATE):
            if old is not None and new is not None:
                yield from self._changes.properties(old.outputs, new.outputs, indent=indent - 2)
        elif op in (Op.UPDATE, Op.REPLACE) and old is not None and new is not None:
            before, after = old.inputs, new.inputs
            if step.detailed is not None:  # only what its provider calls a difference
                before, after = _only(before, step), _only(after, step)
            yield from self._changes.properties(before, after, indent=indent - 2)
            if step.keys:
                reasons = ", ".join(step.keys)
                yield self._paint(f"{' ' * indent}[forces replacement: {reasons}]", Style.DIM)

    def _properties(self, properties: PropertyMap, indent: int, style: Style) -> Iterator[str]:
        lines = render_properties(
            properties,
            indent=indent,
            show_secrets=self._settings.show_secrets,
            full=self._settings.show_full_output,
        )
        for line in lines:
            for part in line.split("\n"):
                yield self._paint(part, style)

    def _outputs(self, event: StepDone) -> None:
        """What a change made of the outputs, where that is not what the inputs say already."""
        step, new = event.step, event.new
        if self._settings.suppress_outputs or new is None or step.is_internal:
            return
        if self._settings.preview and not self._is_told_when_planned(step):
            return
        if step.op not in (Op.CREATE, Op.UPDATE, Op.CREATE_REPLACEMENT):
            return
        if step.op in _HALVES and not self._settings.show_replacement_steps:
            return  # the header of the replacement has not been printed yet
        old = step.old.state.outputs if step.old is not None and step.op is Op.UPDATE else {}
        fresh = {
            key: value
            for key, value in new.outputs.items()
            if not (key in new.inputs and values_equal(new.inputs[key], value))
            and not (key in old and values_equal(old[key], value))
        }
        if self._settings.preview and step.old is not None:
            # What its provider plans although the program says the same.
            told = step.old.state.inputs
            fresh = {
                key: value
                for key, value in _only(fresh, step).items()
                if values_equal(told.get(key), new.inputs.get(key))
            }
        if not fresh:
            return
        indent = (self._depth.get(step.urn, 0) + 1) * 4
        self._write(self._paint(" " * indent + "--outputs:--", Style.DIM))
        before = {key: old[key] for key in fresh if key in old}
        for line in self._changes.properties(before, fresh, indent=indent - 2):
            self._write(line)

    def _write(self, text: str) -> None:
        self._stream.write(text + "\n")
        self._stream.flush()


def _only(properties: PropertyMap, step: Step) -> PropertyMap:
    """What of *properties* the provider called a difference."""
    keys = changed_properties(step)
    return {key: value for key, value in properties.items() if key in keys}
