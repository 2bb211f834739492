"""What must be deleted together with a resource that is deleted before its successor is made (E164, E165)."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable

import msgspec

from stackwright.engine._steps import Op, Record, Step
from stackwright.engine.plan._base import Base
from stackwright.engine.plan._decide import structural_diff, with_replace_on_changes
from stackwright.providers import DiffChanges, DiffResult
from stackwright.state import ResourceState
from stackwright.urn import Urn
from stackwright.values import UNKNOWN, PropertyMap


class Ask(msgspec.Struct, frozen=True):
    """A question to a provider: what would it mean for this record to get these inputs?"""

    record: Record
    news: PropertyMap


class Doomed(msgspec.Struct, frozen=True):
    """A record that has to go, and the properties that make it so."""

    record: Record
    keys: tuple[str, ...]


def cascade(base: Base, root: Record, settled: Collection[Urn]) -> Generator[Ask, DiffResult, list[Doomed]]:
    """
    Find what has to be deleted before *root* is, asking a provider where only it can tell.

    A dependent has to go if the objects it names becoming others would replace it. URNs in
    *settled* have been dealt with in this run: they are left alone. The answer has dependents
    before what they depend on, the order in which to delete.
    """
    going: set[Urn] = {root.state.urn}
    doomed: list[Doomed] = []
    for record in base.depending_on(root):
        state = record.state
        if state.urn in settled or not state.custom or state.external:
            continue
        keys = yield from _keys_if_doomed(record, going)
        if keys is not None:
            going.add(state.urn)
            doomed.append(Doomed(record, keys))
    doomed.reverse()
    return doomed


def _keys_if_doomed(record: Record, going: set[Urn]) -> Generator[Ask, DiffResult, tuple[str, ...] | None]:
    state = record.state
    if state.provider and Urn(state.provider.rpartition("::")[0]) in going:
        return ()
    if state.delete or (state.deleted_with in going) or any(urn in going for urn in state.replace_with):
        return ()
    touched = [
        name
        for name, urns in state.property_dependencies.items()
        if name in state.inputs and any(urn in going for urn in urns)
    ]
    if not touched:
        return None
    news = {**state.inputs, **dict.fromkeys(touched, UNKNOWN)}
    diff = yield Ask(record, news)
    return _replace_keys(state, news, diff)


def _replace_keys(state: ResourceState, news: PropertyMap, diff: DiffResult) -> tuple[str, ...] | None:
    if diff.changes is DiffChanges.UNKNOWN:
        diff = structural_diff(state, msgspec.structs.replace(state, inputs=news), diff)
    if diff.changes is DiffChanges.SOME:
        diff = with_replace_on_changes(diff, state, state.replace_on_changes)
    return diff.replaces if diff.requires_replacement else None


def cascade_steps(doomed: Iterable[Doomed]) -> list[Step]:
    """The deletes, in order; living records stay, flagged, until their successors are made (E163)."""
    return [
        Step(
            op=Op.DELETE_REPLACED,
            urn=item.record.state.urn,
            old=item.record,
            keys=item.keys,
            sets_pending_replacement=not item.record.state.delete,
        )
        for item in doomed
    ]
