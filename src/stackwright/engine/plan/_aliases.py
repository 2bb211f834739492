"""Aliases: under which old names a resource may be recorded (engine.md §5.2)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from stackwright.engine._steps import Record
from stackwright.engine.plan._base import Base
from stackwright.goals import Alias, AliasSpec, ReadRequest, RegisterRequest
from stackwright.urn import (
    ROOT_STACK_TYPE,
    Urn,
    make_urn,
    parse_urn,
    urn_name,
    urn_qualified_type,
    urn_type,
)

ALIAS_TAKEN = 2008
ALREADY_ALIASED = 2016


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is recorded of a resource. `alias` is the old URN when it was found under one.

    `conflict` is a diagnostic's number and text where two resources want one record.
    """

    record: Record | None = None
    alias: Urn | None = None
    conflict: tuple[int, str] | None = None


class AliasTable:
    """The aliases that have matched in one deployment."""

    def __init__(self, stack: str, project: str) -> None:
        self._stack = stack
        self._project = project
        self._new_names: dict[Urn, Urn] = {}
        self._old_names: dict[Urn, Urn] = {}
        self._registered: set[Urn] = set()

    def new_name(self, old: Urn) -> Urn | None:
        """What the resource recorded as *old* is called now, if an alias matched it."""
        return self._new_names.get(old)

    def old_name(self, new: Urn) -> Urn | None:
        """What the resource now called *new* was recorded as, if an alias matched it."""
        return self._old_names.get(new)

    def candidates(self, urn: Urn, request: RegisterRequest | ReadRequest) -> list[Urn]:
        """
        The old URNs to look under, without the own one, in order and without repetitions (E131-E133).

        Reads have no aliases of their own, but inherit their parent's (E136).
        """
        parent = request.parent
        aliases = request.options.aliases if isinstance(request, RegisterRequest) else ()
        parent_alias = self._old_names.get(parent) if parent is not None else None
        if not aliases and parent_alias is None:
            return []
        own = [self._resolve(alias, request) for alias in aliases]
        if parent is not None and parent_alias is not None:
            inherited = [(request.name, request.type)]
            inherited += [(urn_name(alias), urn_type(alias)) for alias in own]
            own += [
                self._below(parent_alias, type_, _renamed(name, parent, parent_alias))
                for name, type_ in inherited
            ]
        return [alias for alias in dict.fromkeys(own) if alias != urn]

    def _resolve(self, alias: Alias, request: RegisterRequest | ReadRequest) -> Urn:
        if not isinstance(alias, AliasSpec):
            return parse_urn(alias)
        parent = request.parent
        if alias.no_parent:
            parent = None
        elif alias.parent is not None:
            # The parent may itself have been recorded under another name (E131).
            parent = self._old_names.get(alias.parent, alias.parent)
        return make_urn(
            alias.stack or self._stack,
            alias.project or self._project,
            _prefix(parent),
            alias.type or request.type,
            alias.name or request.name,
        )

    def _below(self, parent: Urn, type_: str, name: str) -> Urn:
        return make_urn(self._stack, self._project, _prefix(parent), type_, name)

    def claim(self, urn: Urn, candidates: Iterable[Urn], base: Base) -> Match:
        """
        Take the record of *urn*: its own, else the first alias's that has one (E133-E135).

        A record is claimed once: whoever comes second gets a conflict.
        """
        self._registered.add(urn)
        claimed_by = self._new_names.get(urn)
        if claimed_by is not None:
            text = f"{urn} is already the alias of {claimed_by}, which was registered before it"
            return Match(conflict=(ALREADY_ALIASED, text))
        record = base.live(urn)
        if record is not None:
            return Match(record=record)
        for alias in candidates:
            record = base.live(alias)
            if record is None:
                continue
            other = self._new_names.get(alias)
            if other is not None or alias in self._registered:
                text = f"{urn} has the alias {alias}, which belongs to {other or alias} already"
                return Match(conflict=(ALIAS_TAKEN, text))
            self._new_names[alias] = urn
            self._old_names[urn] = alias
            return Match(record=record, alias=alias)
        return Match()


def _prefix(parent: Urn | None) -> str:
    """The chain of types above; the root stack contributes nothing (E5, E131)."""
    chain = urn_qualified_type(parent) if parent else ""
    return "" if chain == ROOT_STACK_TYPE else chain


def _renamed(name: str, parent: Urn, parent_alias: Urn) -> str:
    """Children are often named after their parent: they were named after its old name then (E132)."""
    new, old = urn_name(parent), urn_name(parent_alias)
    return old + name[len(new) :] if name.startswith(new) else name
