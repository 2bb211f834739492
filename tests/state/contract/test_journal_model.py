"""Random journals against a small model: what was durable is there after a crash, and nothing else."""

from __future__ import annotations

import itertools
import shutil
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stored import NAME, opened, run, thing, urn

from stackwright.state import (
    Change,
    Journal,
    Key,
    MemoryStore,
    OperationKind,
    ResourceState,
    Snapshot,
    SqliteStore,
    Store,
)
from stackwright.state import _sqlite_lease as lease_module
from stackwright.urn import Urn

NAMES = ("a", "b", "c", "d")


class Model:
    """A stack as its journal describes it, in the plainest way."""

    def __init__(self) -> None:
        self.records: dict[Key, ResourceState] = {}
        self.pending: dict[int, tuple[OperationKind, ResourceState, bool]] = {}

    def copy(self) -> Model:
        other = Model()
        other.records, other.pending = dict(self.records), dict(self.pending)
        return other

    def begin(self, number: int, kind: OperationKind, record: ResourceState) -> None:
        self.pending[number] = (kind, record, False)

    def change(self, change: Change) -> None:
        for old, new in change.renames:
            self.records = {key: followed(record, old, new) for key, record in self.records.items()}
            self.pending = {
                number: (kind, followed(record, old, new), uncertain)
                for number, (kind, record, uncertain) in self.pending.items()
            }
        for key in change.remove:
            self.records.pop(key, None)
        self.records.update(change.put)
        if change.operation is not None and change.operation in self.pending:
            kind, record, _ = self.pending.pop(change.operation)
            if change.keep_pending:
                self.pending[change.operation] = (kind, record, True)
        for number in change.settle:
            self.pending.pop(number, None)

    def agrees_with(self, snapshot: Snapshot) -> None:
        assert snapshot.records == self.records
        assert {
            operation.number: (operation.kind, operation.resource, operation.uncertain)
            for operation in snapshot.pending
        } == self.pending
        seen = set()
        references_backwards = True
        for record in snapshot.resources:
            references_backwards &= all(
                target in seen or target not in {each.urn for each in snapshot.resources}
                for target in record.dependencies
            )
            seen.add(record.urn)
        if references_backwards:
            return
        assert has_circle(snapshot.resources)


def followed(record: ResourceState, old: Urn, new: Urn) -> ResourceState:
    """The record with its references following a rename."""
    return msgspec.structs.replace(
        record, dependencies=tuple(new if target == old else target for target in record.dependencies)
    )


def has_circle(records: list[ResourceState]) -> bool:
    """Whether the records cannot be put in order, found by taking away what can come first."""
    left = dict(enumerate(records))
    while left:
        waiting = {record.urn for record in left.values()}
        free = [number for number, record in left.items() if not waiting & set(record.dependencies)]
        if not free:
            return True
        for number in free:
            del left[number]
    return False


class Actor:
    """Carries out drawn commands on a journal and on the model, alike."""

    def __init__(self, draw: Any, journal: Journal, model: Model) -> None:
        self.draw = draw
        self.journal = journal
        self.model = model

    def act(self) -> None:
        if self.draw(st.booleans()):
            record = self.record()
            kind = self.draw(st.sampled_from(OperationKind))
            number, _ = self.journal.begin(kind, record)
            self.model.begin(number, kind, record)
        else:
            change = self.change()
            self.journal.commit(change)
            self.model.change(change)

    def record(self) -> ResourceState:
        name = self.draw(st.sampled_from(NAMES))
        targets = self.draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True))
        size = self.draw(st.integers(0, 3))
        dependencies = tuple(urn(target) for target in targets if target != name)
        return thing(name, dependencies=dependencies, inputs={"size": size})

    def change(self) -> Change:
        known = sorted(self.model.records)
        keys = st.lists(st.sampled_from(known), max_size=2, unique=True) if known else st.just([])
        put = [(key, self.record()) for key in self.draw(keys)]
        if self.draw(st.booleans()):
            put.append((self.journal.new_key(), self.record()))
        numbers = sorted(self.model.pending)
        operation = self.draw(st.sampled_from([None, *numbers]))
        settle = self.draw(st.lists(st.sampled_from(numbers), max_size=1)) if numbers else []
        names = st.sampled_from(NAMES).map(urn)
        renames = self.draw(st.lists(st.tuples(names, names), max_size=1)) if self.draw(st.booleans()) else []
        return Change(
            operation=operation,
            keep_pending=self.draw(st.booleans()),
            settle=tuple(number for number in settle if number != operation),
            renames=tuple(renames),
            remove=tuple(self.draw(keys)),
            put=tuple(put),
        )


def crashed(store: Store, folder: Path, number: int) -> Store:
    """What another process finds if this one dies now: the files as they are."""
    if isinstance(store, MemoryStore):
        return store
    assert isinstance(store, SqliteStore)
    target = folder / f"crash-{number}"
    target.mkdir()
    for file in (folder / "live").iterdir():
        if not file.name.endswith("-shm"):
            shutil.copy(file, target)
    return SqliteStore(target / "state.db", heartbeat=0)


@pytest.mark.parametrize(("kind", "fold_at"), [("memory", 1), ("sqlite", 3), ("sqlite", 1000)])
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_crash_loses_nothing_that_was_durable(kind: str, fold_at: int, data: st.DataObject) -> None:
    """
    After any sequence of entries, a crash at any turn leaves exactly the turns that were durable.

    Entries of a turn become durable together (rule 4), so the model of the last
    durable turn is what has to be found, whether or not the journal was folded between.
    """
    with ExitStack() as closing:
        closing.enter_context(pytest.MonkeyPatch.context()).setattr(lease_module, "FOLD_ENTRIES", fold_at)
        folder = Path(closing.enter_context(TemporaryDirectory()))
        store: Store = MemoryStore()
        if kind == "sqlite":
            store = SqliteStore(folder / "live" / "state.db", heartbeat=0)
        closing.callback(store.close)
        durable = Model()
        images = itertools.count()
        for _ in range(data.draw(st.integers(1, 3), label="runs")):
            work = opened(store)
            actor = Actor(data.draw, work.journal, durable.copy())

            async def main(actor: Actor = actor) -> None:
                for _ in range(data.draw(st.integers(0, 6), label="turns")):
                    before = actor.model.copy()
                    for _ in range(data.draw(st.integers(1, 4), label="entries")):
                        actor.act()
                    if kind == "sqlite" and data.draw(st.booleans(), label="crash within the turn"):
                        found = crashed(store, folder, next(images))
                        closing.callback(found.close)
                        before.agrees_with(found.snapshot(NAME))
                    await actor.journal.flush()

            run(main)
            durable = actor.model
            found = crashed(store, folder, next(images))
            closing.callback(found.close)
            durable.agrees_with(found.snapshot(NAME))
            work.lease.release()
            durable.agrees_with(store.snapshot(NAME))
