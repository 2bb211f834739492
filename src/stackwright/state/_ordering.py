"""
Dependency order: whatever a record refers to comes before it (E18, E274).

Records are stored in the order in which they were added, which nearly always is
such an order already. Where it is not (an update made an old record depend on a
newer one), the records are sorted; those whose order does not matter stay as they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stackwright.state._resource import ResourceState
from stackwright.urn import Urn


def is_ordered(records: Sequence[ResourceState]) -> bool:
    """
    Whether every reference to a record that exists leads backwards.

    A live record has to come after the live record of each URN it refers to; the old
    half of a replacement that happens to share the URN is not enough. May say no of an
    order that is right, where several records share a URN.
    """
    live: set[str] = set()
    seen: set[str] = set()
    late: set[str] = set()
    for record in records:
        before = seen if record.delete else live
        if record.parent and record.parent not in before:
            late.add(record.parent)
        if record.provider:
            provider = record.provider.rpartition("::")[0]
            if provider not in before:
                late.add(provider)
        for urn in record.dependencies:
            if urn not in before:
                late.add(urn)
        if record.property_dependencies or record.deleted_with or record.replace_with:
            late.update(urn for urn in record.edges() if urn not in before)
        if late and record.urn in late and (not record.delete or record.urn not in seen):
            return False
        seen.add(record.urn)
        if not record.delete:
            live.add(record.urn)
    return True


def dependency_order(records: Sequence[ResourceState]) -> list[int]:
    """
    Positions of *records* in dependency order, stable; cost grows with records and references.

    Where records refer to each other in a circle no order is right: they keep the place
    at which the circle was entered (`find_cycle` names it).
    """
    return _walk(records)[0]


def find_cycle(records: Sequence[ResourceState]) -> list[Urn]:
    """The URNs of records that refer to each other in a circle, each to the next; empty: there is none."""
    return _walk(records)[1]


def _walk(records: Sequence[ResourceState]) -> tuple[list[int], list[Urn]]:
    targets = _resolve(records)
    order: list[int] = []
    cycle: list[Urn] = []
    state = bytearray(len(records))  # 0 not visited, 1 being visited, 2 placed
    for start in range(len(records)):
        if state[start]:
            continue
        path: list[tuple[int, Iterator[int]]] = [(start, iter(targets[start]))]
        state[start] = 1
        while path:
            position, following = path[-1]
            for target in following:
                if state[target] == 0:
                    state[target] = 1
                    path.append((target, iter(targets[target])))
                    break
                if state[target] == 1 and not cycle:
                    inside = [entry for entry, _ in path]
                    cycle = [records[entry].urn for entry in inside[inside.index(target) :]]
            else:
                path.pop()
                state[position] = 2
                order.append(position)
    return order, cycle


def _resolve(records: Sequence[ResourceState]) -> list[list[int]]:
    """
    For each record the positions of those it refers to.

    Where a URN has a live record and ones to be deleted, a record to be deleted means
    one to be deleted and a live one means the live one (E277); of those, the nearest
    before it.
    """
    live: dict[str, int] = {}
    deleted: dict[str, list[int]] = {}
    for position, record in enumerate(records):
        if record.delete:
            deleted.setdefault(record.urn, []).append(position)
        else:
            live[record.urn] = position
    by_provider = (
        {f"{record.urn}::{record.id}": position for position, record in enumerate(records) if record.custom}
        if deleted
        else {}
    )

    def find(position: int, record: ResourceState, urn: str) -> int | None:
        if urn in deleted and (record.delete or urn not in live):
            candidates = deleted[urn]
            earlier = [candidate for candidate in candidates if candidate < position]
            return earlier[-1] if earlier else candidates[0]
        return live.get(urn)

    result = []
    for position, record in enumerate(records):
        found: list[int] = []
        for urn in record.edges():
            target = find(position, record, urn)
            if target is not None and target != position:
                found.append(target)
        if record.provider:
            target = by_provider.get(record.provider)
            if target is None:
                target = find(position, record, record.provider.rpartition("::")[0])
            if target is not None and target != position:
                found.append(target)
        result.append(found)
    return result
