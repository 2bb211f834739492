"""The old state, indexed (engine.md E19, E21, E217)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from stackwright.engine._steps import Record
from stackwright.errors import StateError
from stackwright.state import Key, ResourceState
from stackwright.urn import Urn


class DuplicateResourceError(StateError):
    """Two living records share a URN (E19)."""

    code = "duplicate-resource"

    def __init__(self, urn: Urn) -> None:
        super().__init__(
            f"The state has two living records of {urn}",
            hint="Export it with `stackwright stack export`, remove one of them, and import it again",
        )


class Base:
    """
    What was recorded before this deployment, in dependency order.

    Looking up costs nothing that grows with the stack; who depends on whom is indexed
    once, when it is first asked.
    """

    def __init__(self, records: Mapping[Key, ResourceState]) -> None:
        self._records = records
        self._live: dict[Urn, Key] = {}
        self._dead: dict[Urn, list[Key]] = {}
        self._dependents: dict[Urn, list[Key]] | None = None
        for key, state in records.items():
            if state.delete:
                self._dead.setdefault(state.urn, []).append(key)
            elif state.urn in self._live:
                raise DuplicateResourceError(state.urn)
            else:
                self._live[state.urn] = key

    def __len__(self) -> int:
        return len(self._records)

    def live(self, urn: Urn) -> Record | None:
        """The record of *urn* that is not waiting to be deleted."""
        key = self._live.get(urn)
        return None if key is None else Record(key, self._records[key])

    def all(self, urn: Urn) -> Sequence[Record]:
        """Every record of *urn*, the living one first."""
        keys = self._dead.get(urn, [])
        if urn in self._live:
            keys = [self._live[urn], *keys]
        return [Record(key, self._records[key]) for key in keys]

    def get(self, key: Key) -> Record | None:
        """The record under *key*."""
        state = self._records.get(key)
        return None if state is None else Record(key, state)

    def records(self) -> Iterator[Record]:
        """All records, what they refer to before them."""
        return (Record(key, state) for key, state in self._records.items())

    def depending_on(self, root: Record) -> list[Record]:
        """
        The records that refer to *root*, directly or through others, in order (E21).

        A reference to its provider counts, being somebody's parent does not.
        """
        found: set[Key] = set()
        pending = [root.state.urn]
        seen = {root.state.urn}
        while pending:
            for key in self._index.get(pending.pop(), ()):
                if key in found or key == root.key:
                    continue
                found.add(key)
                urn = self._records[key].urn
                if urn not in seen:
                    seen.add(urn)
                    pending.append(urn)
        if not found:
            return []
        return [Record(key, state) for key, state in self._records.items() if key in found]

    @property
    def _index(self) -> Mapping[Urn, list[Key]]:
        if self._dependents is None:
            dependents: dict[Urn, list[Key]] = {}
            for key, state in self._records.items():
                for urn in referred(state, parent=False):
                    dependents.setdefault(urn, []).append(key)
            self._dependents = dependents
        return self._dependents


def referred(state: ResourceState, *, parent: bool = True) -> set[Urn]:
    """The URNs that a record refers to, its provider's among them (E18)."""
    urns = set(state.edges()) if parent else set(_edges_without_parent(state))
    if state.provider:
        urns.add(Urn(state.provider.rpartition("::")[0]))
    return urns


def _edges_without_parent(state: ResourceState) -> Iterator[Urn]:
    edges = state.edges()
    if state.parent:
        next(edges)
    return edges


def rebuilt(
    base: Base, found: Mapping[Key, ResourceState | None]
) -> tuple[Base, list[tuple[Key, ResourceState]]]:
    """
    The base after a refresh: what is gone is dropped, and so is every reference to it (E217).

    Answers the new base, and the records that lost a reference, to be written. A child whose
    parent is gone loses its parent; its URN stays.
    """
    records: dict[Key, ResourceState] = {}
    changed: list[tuple[Key, ResourceState]] = []
    any_gone = any(state is None for state in found.values())
    known: set[Urn] = set()
    for record in base.records():
        state = found.get(record.key, record.state)
        if state is None:
            continue
        if any_gone:
            kept = _without_dangling(state, known)
            if kept is not state:
                changed.append((record.key, kept))
                state = kept
            known.add(state.urn)
        records[record.key] = state
    return Base(records), changed


def _without_dangling(state: ResourceState, known: set[Urn]) -> ResourceState:
    if all(urn in known for urn in state.edges()):
        return state

    def kept(urns: Iterable[Urn]) -> tuple[Urn, ...]:
        return tuple(urn for urn in urns if urn in known)

    named = {name: kept(urns) for name, urns in state.property_dependencies.items()}
    return msgspec.structs.replace(
        state,
        parent=state.parent if state.parent in known else None,
        dependencies=kept(state.dependencies),
        property_dependencies={name: urns for name, urns in named.items() if urns},
        deleted_with=state.deleted_with if state.deleted_with in known else None,
        replace_with=kept(state.replace_with),
    )
