"""
Steps: what deciding hands to doing, and what the display is told about.

A step describes one change of one resource. `plan` makes steps, `apply` carries
them out; neither imports the other, both import this. Facts: engine.md §4.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import msgspec

from stackwright.state import Key, OperationKind, ResourceState
from stackwright.urn import Urn, is_default_provider
from stackwright.values import PropertyDiff, PropertyMap


class Op(Enum):
    """The kinds of steps, with the names that events and files use (E109)."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE = "replace"
    CREATE_REPLACEMENT = "create-replacement"
    DELETE_REPLACED = "delete-replaced"
    READ = "read"
    READ_REPLACEMENT = "read-replacement"
    REFRESH = "refresh"
    DISCARD = "discard"
    DISCARD_REPLACED = "discard-replaced"
    REMOVE_PENDING_REPLACE = "remove-pending-replace"
    IMPORT = "import"
    IMPORT_REPLACEMENT = "import-replacement"

    # Members are the only ones of their kind, and looked up several times for each step.
    __hash__ = object.__hash__

    @property
    def is_logical(self) -> bool:
        """Whether summaries count it; the others are physical details of one that they do."""
        return self not in _PHYSICAL

    @property
    def prefix(self) -> str:
        """The two characters that displays put in front."""
        return _PREFIXES[self]

    @property
    def is_replacement(self) -> bool:
        """Whether displays show it as part of a replacement (E110)."""
        return self in _REPLACEMENTS

    @property
    def deletes(self) -> bool:
        """Whether the old record is to go."""
        return self in _DELETES

    @property
    def creates(self) -> bool:
        """Whether a provider is asked to make something."""
        return self in (Op.CREATE, Op.CREATE_REPLACEMENT)

    @property
    def changes(self) -> bool:
        """Whether an operation with such a step «has changes» (E300)."""
        return self not in (Op.SAME, Op.READ, Op.DISCARD, Op.READ_REPLACEMENT)

    @property
    def pending(self) -> OperationKind | None:
        """What is noted in the journal before it starts, if anything (E259, E269)."""
        return _PENDING.get(self)


_PHYSICAL = frozenset(
    {
        Op.CREATE_REPLACEMENT,
        Op.DELETE_REPLACED,
        Op.READ_REPLACEMENT,
        Op.REFRESH,
        Op.DISCARD_REPLACED,
        Op.REMOVE_PENDING_REPLACE,
        Op.IMPORT_REPLACEMENT,
    }
)
_REPLACEMENTS = frozenset(
    {
        Op.REPLACE,
        Op.CREATE_REPLACEMENT,
        Op.DELETE_REPLACED,
        Op.READ_REPLACEMENT,
        Op.DISCARD_REPLACED,
        Op.REMOVE_PENDING_REPLACE,
        Op.IMPORT_REPLACEMENT,
    }
)
_DELETES = frozenset({Op.DELETE, Op.DELETE_REPLACED, Op.DISCARD, Op.DISCARD_REPLACED})
_PREFIXES = {
    Op.SAME: "  ",
    Op.CREATE: "+ ",
    Op.UPDATE: "~ ",
    Op.DELETE: "- ",
    Op.REPLACE: "+-",
    Op.CREATE_REPLACEMENT: "++",
    Op.DELETE_REPLACED: "--",
    Op.READ: "> ",
    Op.READ_REPLACEMENT: ">>",
    Op.REFRESH: "~ ",
    Op.DISCARD: "< ",
    Op.DISCARD_REPLACED: "<<",
    Op.REMOVE_PENDING_REPLACE: "~ ",
    Op.IMPORT: "= ",
    Op.IMPORT_REPLACEMENT: "=>",
}
_PENDING = {
    Op.CREATE: OperationKind.CREATING,
    Op.CREATE_REPLACEMENT: OperationKind.CREATING,
    Op.UPDATE: OperationKind.UPDATING,
    Op.DELETE: OperationKind.DELETING,
    Op.DELETE_REPLACED: OperationKind.DELETING,
    Op.DISCARD: OperationKind.DELETING,
    Op.DISCARD_REPLACED: OperationKind.DELETING,
    Op.READ: OperationKind.READING,
    Op.READ_REPLACEMENT: OperationKind.READING,
    Op.IMPORT: OperationKind.IMPORTING,
    Op.IMPORT_REPLACEMENT: OperationKind.IMPORTING,
}


class Record(msgspec.Struct, frozen=True):
    """A record of the base state under its key in the store."""

    key: Key
    state: ResourceState


class Supplied(msgspec.Struct, frozen=True, kw_only=True):
    """
    What an import by command brings along (E227, E228).

    With *outputs* nothing is read; *properties*, if any, are the only inputs that are kept.
    """

    inputs: PropertyMap | None = None
    outputs: PropertyMap | None = None
    properties: tuple[str, ...] = ()


class Step(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    One change to one resource. Steps describe; only `apply` acts.

    `old` is what is recorded, `new` what shall be (without id and outputs until it has
    been done). At least one of them is there.
    """

    op: Op
    urn: Urn
    old: Record | None = None
    new: ResourceState | None = None
    keys: tuple[str, ...] = ()
    """For replacements: the properties that force it."""
    diffs: tuple[str, ...] = ()
    """The properties that differ."""
    detailed: Mapping[str, PropertyDiff] | None = None
    pending_delete: bool = False
    """For the new half of a replacement: the old record stays, flagged `delete`, until the end."""
    sets_pending_replacement: bool = False
    """For a delete before a replacement: the old record stays, flagged so (E115)."""
    skipped_create: bool = False
    """A `same` that stands for a create left out by targeting (E193)."""
    supplied: Supplied | None = None
    """For an import that nobody's program asked for."""

    @property
    def type(self) -> str:
        return self.new.type if self.new is not None else self.old.state.type  # type: ignore[union-attr]

    @property
    def provider(self) -> str:
        """The reference of the provider that carries it out (E121)."""
        return self.new.provider if self.new is not None else self.old.state.provider  # type: ignore[union-attr]

    @property
    def extension_ref(self) -> str:
        """The extension that the provider has to have learnt for it (E137)."""
        return self.new.extension_ref if self.new is not None else self.old.state.extension_ref  # type: ignore[union-attr]

    @property
    def is_logical(self) -> bool:
        return self.op.is_logical

    @property
    def is_internal(self) -> bool:
        """Whether it is neither shown nor counted (E295)."""
        return self.op is Op.REMOVE_PENDING_REPLACE or is_default_provider(self.urn)
