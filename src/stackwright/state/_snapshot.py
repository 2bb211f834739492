"""A stack's state as one value (engine.md E266, E267; state.md §7.2)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, NewType

import msgspec

from stackwright.goals import Parameterization
from stackwright.secrets import SecretsProvider
from stackwright.state._resource import ResourceState

Key = NewType("Key", int)
"""
Names one record of one stack for as long as it is stored.

Several records may share a URN (old halves of replacements); none shares a key.
Keys say nothing about order.
"""


class OperationKind(Enum):
    """What was being done when a run was cut short (E259)."""

    CREATING = "creating"
    UPDATING = "updating"
    DELETING = "deleting"
    READING = "reading"
    IMPORTING = "importing"


class PendingOperation(msgspec.Struct, frozen=True, kw_only=True):
    """
    An operation that began and, as far as anybody knows, never ended.

    `number` is its name in the journal; `uncertain` says that it did end, with an error
    that leaves open whether anything was created (S5).
    """

    number: int
    kind: OperationKind
    resource: ResourceState
    uncertain: bool = False


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote the state last, and when (state.md §7.2). `time` is RFC 3339."""

    time: str = ""
    version: str = ""
    magic: str = ""
    plugins: tuple[Mapping[str, Any], ...] = ()


class Snapshot(msgspec.Struct, kw_only=True):
    """
    All that is recorded of a stack, decrypted, at one moment.

    `records` is in dependency order: whatever a record refers to comes before it (E274).
    """

    records: dict[Key, ResourceState] = {}
    pending: tuple[PendingOperation, ...] = ()
    manifest: Manifest = Manifest()
    secrets_provider: SecretsProvider | None = None
    metadata: Mapping[str, Any] = {}
    snippets: tuple[Mapping[str, Any], ...] = ()
    extensions: Mapping[str, Parameterization] = {}

    @property
    def is_blank(self) -> bool:
        """Whether nothing was ever recorded of the stack, so that an export has no deployment."""
        return not (self.records or self.pending or self.manifest.time)

    @property
    def used_extensions(self) -> dict[str, Parameterization]:
        """The extensions that something recorded refers to (E267)."""
        if not self.extensions:
            return {}
        records = (*self.records.values(), *(each.resource for each in self.pending))
        used = {record.extension_ref for record in records}
        return {ref: value for ref, value in self.extensions.items() if ref in used}

    @property
    def resources(self) -> list[ResourceState]:
        """The records in dependency order."""
        return list(self.records.values())
