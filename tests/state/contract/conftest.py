"""Every test in this folder runs once per kind of store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stackwright.state import MemoryStore, SqliteStore, Store

Reopen = Callable[[], Store]


@pytest.fixture(params=["memory", "sqlite"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def reopen(kind: str, tmp_path: Path) -> Iterator[Reopen]:
    """
    Opens the store anew, as another process would find it.

    A store in memory is its own storage: reopening it gives the same object.
    """
    memory = MemoryStore()
    stores: list[Store] = []

    def open_again() -> Store:
        if kind == "memory":
            return memory
        store = SqliteStore(tmp_path / "state.db", heartbeat=0)
        stores.append(store)
        return store

    yield open_again
    for store in stores:
        store.close()


@pytest.fixture
def store(reopen: Reopen) -> Store:
    return reopen()
