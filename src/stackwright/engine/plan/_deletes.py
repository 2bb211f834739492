"""What goes at the end of a run, and what waits for what (E168-E171)."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

import msgspec

from stackwright.engine._steps import Op, Record, Step
from stackwright.engine.plan._base import Base, referred
from stackwright.state import Key, ResourceState
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
    needed: Container[Key] = frozenset(),
) -> Deletes:
    """
    Delete every record that nothing in this run has dealt with.

    *doomed* records were deleted already, to make way; *flagged* ones have successors that
    exist; *needed* ones stay, because something that failed depends on them (E241). The order
    is a graph over edges, parents and providers, in time proportional to it.
    """
    steps: list[Step] = []
    for record in base.records():
        if record.key in needed:
            continue
        op = _op_for(record, operated, doomed, flagged)
        if op is not None:
            steps.append(Step(op=op, urn=record.state.urn, old=_flagged(record, op)))
    return Deletes(steps, _waits(base, steps))


def _op_for(
    record: Record, operated: Container[Urn], doomed: Container[Key], flagged: Container[Key]
) -> Op | None:
    state = record.state
    if state.delete or record.key in flagged:
        if state.delete and record.key in doomed:
            return None
        return Op.DISCARD_REPLACED if state.external else Op.DELETE_REPLACED
    if state.urn in operated:
        return None
    if state.view_of:
        # Its owner's business (E126), but without the owner it would refer to what is not there.
        return None if state.view_of in operated else Op.REMOVE_PENDING_REPLACE
    if state.pending_replacement or record.key in doomed:
        return Op.REMOVE_PENDING_REPLACE
    return Op.DISCARD if state.external else Op.DELETE


def _flagged(record: Record, op: Op) -> Record:
    if op is not Op.DELETE_REPLACED or record.state.delete:
        return record
    return Record(record.key, msgspec.structs.replace(record.state, delete=True))


def _waits(base: Base, steps: list[Step]) -> Mapping[Key, frozenset[Key]]:
    """For each record that goes, the records that depend on it and go as well."""
    going: dict[Urn, list[tuple[int, Key]]] = {}
    records = [(place, step.old) for place, step in enumerate(steps) if step.old is not None]
    for place, record in records:
        going.setdefault(record.state.urn, []).append((place, record.key))
    members = _Members(base, going)
    waits: dict[Key, set[Key]] = {}
    for place, record in records:
        for urn in _depended_on(record.state, members):
            for earlier, key in going.get(urn, ()):
                # Only what was recorded earlier can be depended on: so there are no cycles (E21).
                if earlier < place:
                    waits.setdefault(key, set()).add(record.key)
    return {key: frozenset(keys) for key, keys in waits.items()}


def _depended_on(state: ResourceState, members: _Members) -> Iterator[Urn]:
    """
    The URNs that must outlive a record.

    Depending on a component is depending on what it is made of; being its child is not.
    """
    for urn in referred(state):
        yield urn
        if urn != state.parent or urn in state.dependencies:
            yield from members.of(urn)


class _Members:
    """What components are made of, as far as it goes; each is gathered once."""

    def __init__(self, base: Base, going: Container[Urn]) -> None:
        self._base = base
        self._going = going
        self._known: dict[Urn, tuple[Urn, ...]] = {}

    def of(self, urn: Urn) -> tuple[Urn, ...]:
        known = self._known.get(urn)
        if known is None:
            record = self._base.live(urn)
            known = ()
            if record is not None and not record.state.custom:
                below = (child.state.urn for child in self._base.below(urn))
                known = tuple(dict.fromkeys(child for child in below if child in self._going))
            self._known[urn] = known
        return known
