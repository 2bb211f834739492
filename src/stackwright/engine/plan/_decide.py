"""
What is to happen to a resource: the first rule that applies decides (E147-E157).

The cases, in order: deleted by a cascade · not recorded · only read so far · its trigger
fired · tainted, or the user wants it replaced · replaced together with another · its
provider changed · a component · what the provider's diff says.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from enum import Enum

import msgspec

from stackwright.engine._steps import Op, Record, Step
from stackwright.engine.plan._ignore import apply_ignore_changes
from stackwright.errors import UserError
from stackwright.providers import DiffChanges, DiffResult
from stackwright.state import Key, ResourceState
from stackwright.urn import Urn
from stackwright.values import (
    INIT_ERROR_PATH,
    InvalidPathError,
    PropertyDiff,
    PropertyMap,
    contains_unknowns,
    diff_properties,
    parse_path,
    path_contains,
    reveal,
    values_equal,
)


class DecisionKind(Enum):
    """What is to happen, in a word."""

    CREATE = "create"
    SAME = "same"
    UPDATE = "update"
    REPLACE = "replace"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is to happen to one resource, and why.

    `deleted` says that its old half is gone already; `check_again` that a replacement's
    inputs are to be checked without regard to the old ones (E160).
    """

    kind: DecisionKind
    keys: tuple[str, ...] = ()
    diffs: tuple[str, ...] = ()
    detailed: Mapping[str, PropertyDiff] | None = None
    delete_before_replace: bool = False
    deleted: bool = False
    check_again: bool = False


_SAME = Decision(kind=DecisionKind.SAME)
_CREATE = Decision(kind=DecisionKind.CREATE)
_UPDATE = Decision(kind=DecisionKind.UPDATE)
"""An update without differences: it is to clear initialisation errors (E157)."""


class Facts:
    """What one deployment has decided so far, as far as later decisions depend on it (E129)."""

    def __init__(self, *, to_replace: Container[Urn] = frozenset()) -> None:
        self.to_replace = to_replace
        """URNs that the user wants replaced, whatever their inputs (E196)."""
        self.replaced: set[Urn] = set()
        self.doomed_keys: set[Key] = set()
        """Records that a cascade deletes before their successors are made."""
        self.flagged_keys: set[Key] = set()
        """Records whose successors exist: they go at the end."""
        self._doomed: dict[Urn, tuple[str, ...]] = {}

    def doom(self, record: Record, keys: tuple[str, ...]) -> None:
        """A cascade deletes *record*, because of *keys*."""
        self.doomed_keys.add(record.key)
        if not record.state.delete:
            self._doomed[record.state.urn] = keys

    def is_doomed(self, urn: Urn) -> bool:
        """Whether a cascade has deleted the living record of *urn* (E148)."""
        return urn in self._doomed

    def reasons(self, urn: Urn) -> tuple[str, ...]:
        """The properties for which a cascade deleted *urn*."""
        return self._doomed.get(urn, ())

    def recreates(self, old: ResourceState) -> bool:
        """Whether *old* is replaced whatever its inputs are, so that they say nothing to `check` (E145)."""
        return old.external or old.taint or old.urn in self._doomed or old.urn in self.to_replace

    def note(self, steps: Iterable[Step]) -> None:
        """Steps that are about to be taken."""
        for step in steps:
            if step.op is Op.REPLACE:
                self.replaced.add(step.urn)

    def made(self, step: Step) -> None:
        """*step* has been carried out."""
        if step.pending_delete and step.old is not None:
            self.flagged_keys.add(step.old.key)


class UnknownTriggerError(UserError):
    """A replacement trigger is not known in a real run, so nobody can tell whether it fired (E181)."""

    code = "unknown-trigger"


def decide_early(
    new: ResourceState,
    old: Record | None,
    facts: Facts,
    *,
    provider_changed: bool,
    preview: bool,
    delete_before_replace: bool | None = None,
) -> Decision | None:
    """
    The decisions for which no provider has to be asked; None: ask for a diff.

    Raises:
        UnknownTriggerError: See there.
    """
    first = bool(delete_before_replace)

    def replace(*keys: str, check_again: bool = True) -> Decision:
        return Decision(
            kind=DecisionKind.REPLACE, keys=keys, delete_before_replace=first, check_again=check_again
        )

    recorded = old.state.urn if old is not None else new.urn
    if facts.is_doomed(recorded):
        return Decision(kind=DecisionKind.REPLACE, keys=facts.reasons(recorded), deleted=True)
    if old is None:
        return _CREATE
    state = old.state
    if state.external:
        return replace(check_again=False)
    if _trigger_fired(state, new, preview=preview):
        return replace()
    if state.taint or new.urn in facts.to_replace:
        return replace("id", check_again=False)
    if any(urn in facts.replaced for urn in new.replace_with):
        return replace("replaceWith")
    if new.deleted_with is not None and new.deleted_with in facts.replaced:
        return replace("deletedWith")
    if provider_changed:
        return replace("provider")
    if not new.custom:
        return _decide_component(new, state, first)
    return None


def _decide_component(new: ResourceState, old: ResourceState, first: bool) -> Decision:
    """E152 row 7: a component differs when its inputs do, those apart that it wants ignored (E146)."""
    if old.pending_replacement:
        return Decision(kind=DecisionKind.REPLACE, delete_before_replace=first)
    news = new.inputs
    if new.ignore_changes:
        news = apply_ignore_changes(old.inputs, news, new.ignore_changes).inputs
    if values_equal(old.inputs, news):
        return _UPDATE if old.init_errors else _SAME
    detailed = diff_properties(old.inputs, news)
    return Decision(kind=DecisionKind.UPDATE, diffs=_top_level(detailed), detailed=detailed)


def _trigger_fired(old: ResourceState, new: ResourceState, *, preview: bool) -> bool:
    """E181: null on either side is no trigger; what is not known counts as changed in previews."""
    if old.replacement_trigger is None or new.replacement_trigger is None:
        return False
    before, after = reveal(old.replacement_trigger), reveal(new.replacement_trigger)
    if before is None or after is None:
        return False
    if contains_unknowns(after):
        if not preview:
            raise UnknownTriggerError(f"The replacement trigger of {new.urn} is not known")
        return True
    return contains_unknowns(before) or not values_equal(before, after)


def unavailable_decision(
    new: ResourceState, old: ResourceState, *, delete_before_replace: bool | None = None
) -> Decision:
    """What to assume when a preview cannot ask for a diff: something differs (E155)."""
    some = DiffResult(changes=DiffChanges.SOME)
    return decide_from_diff(new, old, some, delete_before_replace=delete_before_replace)


def decide_from_diff(
    new: ResourceState,
    old: ResourceState,
    diff: DiffResult,
    *,
    delete_before_replace: bool | None = None,
) -> Decision:
    """
    What a provider's diff amounts to (E153-E157).

    *delete_before_replace* is the goal's say, None leaves it to the provider (E161).

    Raises:
        InvalidPathError: A path in `replace_on_changes`, or in the provider's detailed diff, is malformed.
    """
    if diff.changes is DiffChanges.NONE and not old.init_errors and not old.pending_replacement:
        return _SAME
    diff = settled_diff(old, new.inputs, diff, new.replace_on_changes)
    if diff.changes is DiffChanges.NONE and not old.pending_replacement:
        return _UPDATE if old.init_errors else _SAME
    diffs = diff.diffs or _top_level(diff.detailed or {})
    if not diff.requires_replacement and not old.pending_replacement:
        return Decision(kind=DecisionKind.UPDATE, diffs=diffs, detailed=diff.detailed)
    first = diff.delete_before_replace if delete_before_replace is None else delete_before_replace
    return Decision(
        kind=DecisionKind.REPLACE,
        keys=replace_keys(diff),
        diffs=diffs,
        detailed=diff.detailed,
        delete_before_replace=first,
        check_again=True,
    )


def settled_diff(
    old: ResourceState, news: PropertyMap, diff: DiffResult, replace_on_changes: tuple[str, ...]
) -> DiffResult:
    """A provider's answer made definite, with what is to force a replacement marked so (E154, E156)."""
    if diff.changes is DiffChanges.UNKNOWN:
        diff = structural_diff(old.inputs, news, diff)
    if diff.changes is DiffChanges.SOME or old.init_errors:
        diff = with_replace_on_changes(diff, old, replace_on_changes)
    return diff


def structural_diff(olds: PropertyMap, news: PropertyMap, diff: DiffResult) -> DiffResult:
    """A provider that cannot tell is compared by inputs; without differences nothing is replaced (E154)."""
    found = diff_properties(olds, news)
    if not found:
        return DiffResult(changes=DiffChanges.NONE)
    return msgspec.structs.replace(diff, changes=DiffChanges.SOME, diffs=_top_level(found), detailed=found)


def with_replace_on_changes(diff: DiffResult, old: ResourceState, patterns: tuple[str, ...]) -> DiffResult:
    """The diff with what the program wants to force replacement marked so (E156)."""
    if not patterns:
        return diff
    parsed = [parse_path(pattern) for pattern in patterns]
    detailed: dict[str, PropertyDiff] | None = None
    if diff.detailed is not None:
        detailed = {}
        for path, entry in diff.detailed.items():
            hit = any(path_contains(pattern, parse_path(path)) for pattern in parsed)
            detailed[path] = PropertyDiff(entry.kind.as_replace, entry.input_diff) if hit else entry
    replaces = list(diff.replaces)
    for key in diff.diffs:
        if key not in replaces and any(path_contains(pattern, _path_of(key)) for pattern in parsed):
            replaces.append(key)
    changes = diff.changes
    if old.init_errors and any(path_contains(pattern, (INIT_ERROR_PATH,)) for pattern in parsed):
        replaces.append(INIT_ERROR_PATH)
        changes = DiffChanges.SOME
    return msgspec.structs.replace(
        diff, changes=changes, replaces=tuple(dict.fromkeys(replaces)), detailed=detailed
    )


def _path_of(key: str) -> tuple[str | int, ...]:
    """A changed key as a path; providers name properties, some name paths."""
    try:
        return parse_path(key)
    except InvalidPathError:
        return (key,)


def replace_keys(diff: DiffResult) -> tuple[str, ...]:
    """The properties that force a replacement: those the provider lists, else those of the details."""
    if diff.replaces:
        return diff.replaces
    return tuple(
        dict.fromkeys(
            str(_path_of(path)[0])
            for path, entry in (diff.detailed or {}).items()
            if entry.kind.replaces and path
        )
    )


def _top_level(detailed: Mapping[str, PropertyDiff]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(_path_of(path)[0]) for path in detailed if path))
