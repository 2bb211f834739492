"""What is recorded of one resource (engine.md §1.3; state.md §7.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from stackwright.goals import CustomTimeouts, HookNames
from stackwright.urn import Urn
from stackwright.values import PropertyMap, Value


class ResourceState(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    The record of one resource. Immutable: a step makes a new one (`msgspec.structs.replace`).

    `id` is empty for components, and for a resource whose id a preview cannot know.
    `created` and `modified` are RFC 3339 texts in UTC, or empty.
    """

    urn: Urn
    type: str
    custom: bool
    id: str = ""
    inputs: PropertyMap = {}
    outputs: PropertyMap = {}
    parent: Urn | None = None
    provider: str = ""
    dependencies: tuple[Urn, ...] = ()
    property_dependencies: Mapping[str, tuple[Urn, ...]] = {}
    delete: bool = False
    pending_replacement: bool = False
    protect: bool = False
    external: bool = False
    taint: bool = False
    init_errors: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[Urn, ...] = ()
    """Only the alias that matched, within one deployment; never written (E135, E268)."""
    custom_timeouts: CustomTimeouts | None = None
    import_id: str = ""
    retain_on_delete: bool = False
    deleted_with: Urn | None = None
    replace_with: tuple[Urn, ...] = ()
    created: str = ""
    modified: str = ""
    source_position: str = ""
    stack_trace: tuple[str, ...] = ()
    ignore_changes: tuple[str, ...] = ()
    hide_diffs: tuple[tuple[str | int, ...], ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    replacement_trigger: Value = None
    refresh_before_update: bool = False
    view_of: Urn | None = None
    hooks: HookNames = {}
    extension_ref: str = ""
    snippet_id: str = ""

    def edges(self) -> Iterator[Urn]:
        """Every URN this record refers to but its provider, with repetitions, in the order of E18."""
        if self.parent:
            yield self.parent
        yield from self.dependencies
        for urns in self.property_dependencies.values():
            yield from urns
        if self.deleted_with:
            yield self.deleted_with
        yield from self.replace_with
