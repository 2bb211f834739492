"""What goes at the end of a run, and what waits for what (E168-E171)."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

import msgspec

from stackwright.engine._steps import Op, Record, Step
from stackwright.engine.plan._base import Base, referred
from stackwright.state import Key
from stackwright.urn import Urn


class Deletes(msgspec.Struct, frozen=True):
    """The deletes of a run. Each waits for those that *waits* names: whatever depends on it goes first."""

    steps: list[Step]
    waits: Mapping[Key, frozenset[Key]]


def plan_deletes(
    base: Base,
    operated: Container[Urn],
    *,
    doomed: Container[Key] = frozenset(),
    flagged: Container[Key] = frozenset(),
) -> Deletes:
    """
    Delete every record that nothing in this run has dealt with.

    *doomed* records were deleted already, to make way; *flagged* ones have successors that
    exist. The order is a graph over edges, parents and providers, in time proportional to it.
    """
    steps: list[Step] = []
    for record in base.records():
        op = _op_for(record, operated, doomed, flagged)
        if op is not None:
            steps.append(Step(op=op, urn=record.state.urn, old=_flagged(record, op)))
    return Deletes(steps, _waits(steps))


def _op_for(
    record: Record, operated: Container[Urn], doomed: Container[Key], flagged: Container[Key]
) -> Op | None:
    state = record.state
    if state.view_of:
        return None
    if state.delete or record.key in flagged:
        if state.delete and record.key in doomed:
            return None
        return Op.DISCARD_REPLACED if state.external else Op.DELETE_REPLACED
    if state.urn in operated:
        return None
    if state.pending_replacement or record.key in doomed:
        return Op.REMOVE_PENDING_REPLACE
    return Op.DISCARD if state.external else Op.DELETE


def _flagged(record: Record, op: Op) -> Record:
    if op is not Op.DELETE_REPLACED or record.state.delete:
        return record
    return Record(record.key, msgspec.structs.replace(record.state, delete=True))


def _waits(steps: list[Step]) -> Mapping[Key, frozenset[Key]]:
    records = [step.old for step in steps if step.old is not None]
    place = {record.key: index for index, record in enumerate(records)}
    by_urn: dict[Urn, list[Record]] = {}
    children: dict[Urn, list[Record]] = {}
    for record in records:
        by_urn.setdefault(record.state.urn, []).append(record)
        if record.state.parent:
            children.setdefault(record.state.parent, []).append(record)
    below: dict[Urn, list[Record]] = {}

    def members(component: Urn) -> list[Record]:
        """Everything beneath a component, gathered once."""
        known = below.get(component)
        if known is None:
            known = below[component] = []
            pending = [component]
            while pending:
                for child in children.get(pending.pop(), ()):
                    known.append(child)
                    if not child.state.custom:
                        pending.append(child.state.urn)
        return known

    def depended_on(record: Record) -> Iterator[Record]:
        for urn in referred(record.state):
            for target in by_urn.get(urn, ()):
                yield target
                # Depending on a component is depending on what it is made of; being its child is not.
                if not target.state.custom and urn != record.state.parent:
                    yield from members(urn)

    waits: dict[Key, set[Key]] = {}
    for record in records:
        for target in depended_on(record):
            # Only what was recorded earlier can be depended on: so there are no cycles (E21).
            if place[target.key] < place[record.key]:
                waits.setdefault(target.key, set()).add(record.key)
    return {key: frozenset(keys) for key, keys in waits.items()}
