"""Fixtures for the SDK's tests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

import pytest

from stackwright.sdk import _session

# Messages of one name are made once in a process, and ours step back where the genuine ones are there.
with contextlib.suppress(ImportError):
    import pulumi.runtime.proto  # noqa: F401 # for the genuine hosts in these tests


@pytest.fixture(autouse=True)
def packages_are_forgotten() -> Iterator[None]:
    """What a test registers for types of its own makes nothing in the next one (sdk.md §7)."""
    tables = (_session.resource_packages, _session.resource_modules)
    before = [{key: list(entries) for key, entries in table.items()} for table in tables]
    yield
    for table, entries in zip(tables, before, strict=True):
        table.clear()
        table.update(entries)


@pytest.fixture(autouse=True)
def loops_are_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Outside of programs the SDK makes an event loop where there is none, and leaves it; close those."""
    made: list[asyncio.AbstractEventLoop] = []
    make = asyncio.new_event_loop

    def remembered() -> asyncio.AbstractEventLoop:
        made.append(make())
        return made[-1]

    monkeypatch.setattr(asyncio, "new_event_loop", remembered)
    yield
    for loop in made:
        loop.close()
    asyncio.set_event_loop(None)
