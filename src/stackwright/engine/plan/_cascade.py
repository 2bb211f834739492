"""What must be deleted together with a resource that is deleted before its successor is made (E164, E165)."""

from __future__ import annotations

from collections.abc import Container, Generator, Iterable
from heapq import heappop, heappush

import msgspec

from stackwright.engine._steps import Op, Record, Step
from stackwright.engine.plan._base import Base, provider_urn
from stackwright.engine.plan._decide import replace_keys, settled_diff
from stackwright.providers import DiffChanges, DiffResult
from stackwright.state import Key, ResourceState
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


def cascade(
    base: Base, root: Record, *settled: Container[Urn], gone: Container[Key] = frozenset()
) -> Generator[Ask, DiffResult, list[Doomed]]:
    """
    Find what has to be deleted before *root* is, asking a provider where only it can tell.

    A dependent has to go if the objects it names becoming others would replace it; then what
    depends on it is looked at too, whichever way it does (S13). URNs in any of *settled* have
    been dealt with in this run and are left alone, and so are records in *gone*, which other
    cascades have taken. The answer has dependents before what they depend on, the order in
    which to delete.
    """
    going: set[Urn] = {root.state.urn}
    doomed: list[Doomed] = []
    waiting: list[tuple[int, Key]] = []
    queued: set[Key] = {root.key}

    def follow(record: Record) -> None:
        for dependent in base.referring_to(record.state.urn, after=base.place(record.key)):
            if dependent.key not in queued:
                queued.add(dependent.key)
                heappush(waiting, (base.place(dependent.key), dependent.key))

    follow(root)
    while waiting:
        record = base.get(heappop(waiting)[1])
        if record is None or record.key in gone or not _can_go(record.state, settled):
            continue
        keys = yield from _keys_if_doomed(record, going)
        if keys is not None:
            going.add(record.state.urn)
            doomed.append(Doomed(record, keys))
            follow(record)
    doomed.reverse()
    return doomed


def _can_go(state: ResourceState, settled: Iterable[Container[Urn]]) -> bool:
    """Whether deleting the record could be meant: components and what is only read have no object of ours."""
    if not state.custom or state.external or state.pending_replacement:
        return False  # with `pending_replacement`, the object has been deleted already (S7)
    return state.delete or not any(state.urn in urns for urns in settled)


def _keys_if_doomed(record: Record, going: set[Urn]) -> Generator[Ask, DiffResult, tuple[str, ...] | None]:
    state = record.state
    if state.delete or provider_urn(state) in going:
        return ()
    if state.deleted_with in going:
        return ("deletedWith",)
    if any(urn in going for urn in state.replace_with):
        return ("replaceWith",)
    touched = [
        name
        for name, urns in state.property_dependencies.items()
        if name in state.inputs and any(urn in going for urn in urns)
    ]
    if not touched:
        return None
    news = {**state.inputs, **dict.fromkeys(touched, UNKNOWN)}
    answer = yield Ask(record, news)
    diff = settled_diff(state, news, answer, state.replace_on_changes)
    if diff.changes is DiffChanges.SOME and diff.requires_replacement:
        return replace_keys(diff)
    return None


def cascade_steps(doomed: Iterable[Doomed]) -> list[Step]:
    """
    The deletes, one for each of *doomed*, in their order.

    Living records stay, flagged, until their successors are made (E163); those that only
    waited to be deleted go for good.
    """
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
