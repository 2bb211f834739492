"""
Mending snapshots, and bringing aliases to an end (E268, E277; state.md §9.2, §9.3).

Nothing here touches what a resource is: only its place, and its references.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from stackwright.errors import StateError
from stackwright.state._ordering import dependency_order
from stackwright.state._resource import ResourceState
from stackwright.state._snapshot import Snapshot
from stackwright.urn import Urn, make_urn, split_urn, urn_qualified_type


def repaired(snapshot: Snapshot) -> tuple[Snapshot, list[str]]:
    """
    *snapshot* in dependency order and without references that lead nowhere, and what was changed.

    A record whose parent is missing moves to the top, which gives it another URN; its
    descendants' URNs and all references follow. Where records refer to each other in a
    circle, references that cannot be put in order are dropped. A missing provider
    cannot be mended: `integrity_problems` still tells of it.
    """
    notes: list[str] = []
    keys = list(snapshot.records)
    records = snapshot.resources
    order = dependency_order(records)
    if order != sorted(order):
        notes.append("put the resources in dependency order")
    keys, records = [keys[at] for at in order], [records[at] for at in order]
    repair = _Repair(notes)
    result = [repair.record(record) for record in records]
    new_urns = repair.new_urns
    mended_snapshot = msgspec.structs.replace(
        snapshot,
        records=dict(zip(keys, result, strict=True)),
        pending=tuple(
            msgspec.structs.replace(operation, resource=with_references(operation.resource, new_urns))
            for operation in snapshot.pending
        ),
    )
    return mended_snapshot, notes


class _Repair:
    """Goes through records in order, and remembers what came before."""

    def __init__(self, notes: list[str]) -> None:
        self.new_urns: dict[str, Urn] = {}
        self._notes = notes
        self._earlier: set[str] = set()
        self._moved: set[str] = set()

    def record(self, record: ResourceState) -> ResourceState:
        record = with_references(record, self.new_urns)
        parent = record.parent
        if parent and parent not in self._earlier:
            self._notes.append(f"moved {record.urn} to the top: its parent {parent} is missing")
            parent = None
        urn = record.urn
        if parent != record.parent or parent in self._moved:
            urn = self._below(parent, urn)
        mended = msgspec.structs.replace(
            record,
            urn=urn,
            parent=parent,
            dependencies=self._kept(record, "dependency", record.dependencies),
            property_dependencies={
                name: self._kept(record, f"dependency by `{name}`", targets)
                for name, targets in record.property_dependencies.items()
            },
            deleted_with=next(iter(self._kept(record, "deletion", _maybe(record.deleted_with))), None),
            replace_with=self._kept(record, "replacement", record.replace_with),
        )
        self._earlier.add(urn)
        return mended

    def _below(self, parent: Urn | None, urn: Urn) -> Urn:
        parts = split_urn(urn)
        moved = make_urn(
            parts.stack, parts.project, urn_qualified_type(parent) if parent else "", parts.type, parts.name
        )
        self._moved.add(moved)
        if moved != urn:
            self.new_urns[urn] = moved
        return moved

    def _kept(self, record: ResourceState, what: str, targets: Sequence[Urn]) -> tuple[Urn, ...]:
        missing = [target for target in targets if target not in self._earlier]
        self._notes.extend(f"removed the {what} of {record.urn} on {target}" for target in missing)
        return tuple(target for target in targets if target in self._earlier)


def _maybe(urn: Urn | None) -> tuple[Urn, ...]:
    return (urn,) if urn else ()


class AliasConflictError(StateError):
    """Two resources claim to be what a third was."""

    code = "alias-conflict"

    def __init__(self, first: str, second: str, alias: str) -> None:
        super().__init__(f"Two resources ('{first}' and '{second}') aliased to the same: '{alias}'")


def without_aliases(records: Sequence[ResourceState]) -> list[ResourceState]:
    """
    *records* with every reference to an alias leading to the resource that has it, and no aliases left.

    Raises:
        AliasConflictError: Two living records have one alias.
    """
    owners: dict[str, Urn] = {}
    for record in records:
        for alias in record.aliases:
            owner = owners.setdefault(alias, record.urn)
            if owner != record.urn and not record.delete:
                raise AliasConflictError(owner, record.urn, alias)
    if not owners:
        return list(records)
    return [msgspec.structs.replace(with_references(record, owners), aliases=()) for record in records]


def with_references(record: ResourceState, new_urns: Mapping[str, Urn]) -> ResourceState:
    """*record* with its references following renamed resources; its own URN stays."""
    if not new_urns:
        return record

    def one(urn: Urn | None) -> Urn | None:
        return new_urns.get(urn, urn) if urn else urn

    def many(urns: Sequence[Urn]) -> tuple[Urn, ...]:
        return tuple(new_urns.get(urn, urn) for urn in urns)

    provider, separator, id_ = record.provider.rpartition("::")
    return msgspec.structs.replace(
        record,
        parent=one(record.parent),
        provider=f"{new_urns.get(provider, provider)}{separator}{id_}",
        dependencies=many(record.dependencies),
        property_dependencies={name: many(urns) for name, urns in record.property_dependencies.items()},
        deleted_with=one(record.deleted_with),
        replace_with=many(record.replace_with),
        view_of=one(record.view_of),
    )
