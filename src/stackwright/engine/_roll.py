"""
Who has been registered: what one deployment knows of its resources while the program runs.

Only keeps and answers; the registrar and the reads write it. Facts: engine.md E11, E40, E61, E93, E129.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from stackwright.engine._steps import Record
from stackwright.state import ResourceState
from stackwright.urn import Urn


class Roll:
    """The URNs of one deployment, and how they hang together. Used on the engine's loop only."""

    def __init__(self, current: Mapping[Urn, Record]) -> None:
        self._current = current
        self.seen: set[Urn] = set()
        """Every URN of this deployment, from the moment it is generated (E11)."""
        self.settled: set[Urn] = set()
        """URNs whose request was answered (E93)."""
        self.operated: set[Urn] = set()
        """URNs of old records that this deployment has dealt with (E129)."""
        self.errored: set[Urn] = set()
        """Failed or skipped: what needs them is skipped, when errors do not stop everything (E240)."""
        self._children: dict[Urn, list[Urn]] = {}
        self._below: dict[Urn, int] = {}
        """How many registrations are under way beneath a component (E61)."""
        self._providers: dict[Urn, Mapping[str, str]] = {}
        self._waiting: list[asyncio.Future[None]] = []

    def enter(self, urn: Urn, parent: Urn | None) -> bool:
        """Take *urn*, once: whether nobody had it before."""
        if urn in self.seen:
            return False
        self.seen.add(urn)
        if parent is not None:
            self._children.setdefault(parent, []).append(urn)
        return True

    @contextmanager
    def under_way(self, parent: Urn | None) -> Iterator[None]:
        """While a registration beneath *parent* is served."""
        if parent is None:
            yield
            return
        self._below[parent] = self._below.get(parent, 0) + 1
        try:
            yield
        finally:
            self._below[parent] -= 1
            waiting, self._waiting = self._waiting, []
            for each in waiting:
                if not each.done():
                    each.set_result(None)

    def is_growing(self, urn: Urn) -> bool:
        """Whether a registration beneath *urn* is under way."""
        return self._below.get(urn, 0) > 0

    async def less_is_under_way(self) -> None:
        """Wait until a registration beneath some component has ended, well or not."""
        ended = asyncio.get_running_loop().create_future()
        self._waiting.append(ended)
        await ended

    def needs_errored(self, new: ResourceState) -> bool:
        """Whether something that *new* depends on, or its provider, is not as it should be."""
        if not self.errored:
            return False
        provider = new.provider.rpartition("::")[0]
        return provider in self.errored or any(urn in self.errored for urn in new.edges())

    def give(self, urn: Urn, providers: Mapping[str, str]) -> None:
        """*providers* are for what is below the component *urn*."""
        self._providers[urn] = providers

    def providers_of(self, urn: Urn | None) -> Mapping[str, str]:
        """The providers by package that a component has for what is below it (E40, E41)."""
        return self._providers.get(urn, {}) if urn is not None else {}

    def expand(self, urns: tuple[Urn, ...]) -> Iterator[Urn]:
        """
        The custom resources that *urns* stand for (E93): themselves, and for a component what
        is below it, down to the first custom resource of each branch.
        """
        pending = list(urns)
        while pending:
            urn = pending.pop()
            if urn not in self.seen:
                continue
            record = self._current.get(urn)
            if record is None or record.state.custom:
                yield urn
            else:
                pending.extend(self._children.get(urn, ()))
