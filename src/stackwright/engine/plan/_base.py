"""The old state, indexed (engine.md E19, E21, E217)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush

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

    Looking up costs nothing that grows with the stack. Who refers to whom is indexed once,
    when it is first asked; after that an answer costs as much as it is long.
    """

    def __init__(self, records: Mapping[Key, ResourceState]) -> None:
        self._records = records
        self._live: dict[Urn, Key] = {}
        self._dead: dict[Urn, list[Key]] = {}
        self._links: _Links | None = None
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

    def place(self, key: Key) -> int:
        """Where the record under *key* stands in the order, counted from 0."""
        return self._indexed.places[key]

    def referring_to(self, urn: Urn, *, after: int = -1) -> Iterator[Record]:
        """
        The records behind place *after* that name *urn*, in order.

        Naming it as the provider counts, being its child does not (E21).
        """
        links = self._indexed
        for key in links.referring.get(urn, ()):
            if links.places[key] > after:
                yield Record(key, self._records[key])

    def children(self, urn: Urn) -> Iterator[Record]:
        """The records whose parent is *urn*, in order."""
        for key in self._indexed.children.get(urn, ()):
            yield Record(key, self._records[key])

    def below(self, urn: Urn) -> Iterator[Record]:
        """The children of *urn*, their children, and so on."""
        pending = [urn]
        seen = {urn}
        while pending:
            for child in self.children(pending.pop()):
                yield child
                if child.state.urn not in seen:
                    seen.add(child.state.urn)
                    pending.append(child.state.urn)

    def depending_on(self, root: Record, *, children: bool = False) -> list[Record]:
        """
        The records behind *root* that refer to it, directly or through others, in order (E21).

        A reference to its provider counts; being somebody's child only with *children*.
        """
        links = self._indexed
        order = links.order
        found: list[Record] = []
        queued: set[int] = set()
        queue: list[int] = []

        def add(urn: Urn, place: int) -> None:
            named = links.referring.get(urn, ())
            for key in (*named, *links.children.get(urn, ())) if children else named:
                at = links.places[key]
                if at > place and at not in queued:
                    queued.add(at)
                    heappush(queue, at)

        add(root.state.urn, links.places[root.key])
        while queue:
            place = heappop(queue)
            record = Record(order[place], self._records[order[place]])
            found.append(record)
            add(record.state.urn, place)
        return found

    def needed_by(self, states: Iterable[ResourceState]) -> frozenset[Key]:
        """
        The records that any of *states* refers to, directly or through others.

        What has failed, or may still exist after a failure, needs them: they must not go (E241, E254).
        """
        found: set[Key] = set()
        pending = [urn for state in states for urn in referred(state)]
        seen = set(pending)
        while pending:
            for record in self.all(pending.pop()):
                if record.key in found:
                    continue
                found.add(record.key)
                further = referred(record.state) - seen
                seen |= further
                pending.extend(further)
        return frozenset(found)

    @property
    def _indexed(self) -> _Links:
        if self._links is None:
            self._links = _Links.of(self._records)
        return self._links


class _Links(msgspec.Struct, frozen=True, kw_only=True):
    """Who refers to whom, both lists in the order of the records."""

    order: list[Key]
    places: Mapping[Key, int]
    referring: Mapping[Urn, list[Key]]
    children: Mapping[Urn, list[Key]]

    @classmethod
    def of(cls, records: Mapping[Key, ResourceState]) -> _Links:
        referring: dict[Urn, list[Key]] = {}
        children: dict[Urn, list[Key]] = {}
        for key, state in records.items():
            for urn in referred(state, parent=False):
                referring.setdefault(urn, []).append(key)
            if state.parent:
                children.setdefault(state.parent, []).append(key)
        order = list(records)
        places = {key: place for place, key in enumerate(order)}
        return cls(order=order, places=places, referring=referring, children=children)


def referred(state: ResourceState, *, parent: bool = True) -> set[Urn]:
    """The URNs that a record refers to, its provider's among them (E18)."""
    urns = set(state.dependencies)
    for named in state.property_dependencies.values():
        urns.update(named)
    urns.update(state.replace_with)
    if state.deleted_with:
        urns.add(state.deleted_with)
    if state.provider:
        urns.add(provider_urn(state))
    if parent and state.parent:
        urns.add(state.parent)
    return urns


def provider_urn(state: ResourceState) -> Urn:
    """The URN within a record's provider reference; empty where it has none (E23)."""
    return Urn(state.provider.rpartition("::")[0])


def rebuilt(
    base: Base, found: Mapping[Key, ResourceState | None]
) -> tuple[Base, list[tuple[Key, ResourceState]]]:
    """
    The base after a look at what is recorded: what is gone (None) is dropped, and every reference to it.

    *found* may have records that are new. Answers the new base, and the records that lost a
    reference: they are to be written together with what is dropped. A child whose parent is gone
    loses its parent; its URN stays (E217).
    """
    records: dict[Key, ResourceState] = {}
    for record in base.records():
        state = found.get(record.key, record.state)
        if state is not None:
            records[record.key] = state
    for key, state in found.items():
        if state is not None:
            records.setdefault(key, state)
    changed: list[tuple[Key, ResourceState]] = []
    if any(state is None for state in found.values()):
        known = {state.urn for state in records.values()}
        for key, state in records.items():
            kept = _without_dangling(state, known)
            if kept is not state:
                records[key] = kept
                changed.append((key, kept))
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
