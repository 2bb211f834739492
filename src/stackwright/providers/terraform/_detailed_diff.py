"""
What a plan changes, place by place, in the program's own terms (terraform.md §8.11).

Compares what there is with what is planned, as Terraform values, and names every
difference by the property path that a program would use: flattened blocks have no
index, elements of sets are found in the *program's* order. The plan has decided whether
anything changes at all; the entries only tell what. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from stackwright.providers.terraform._blocks import block_elements
from stackwright.providers.terraform._client import AttributePath
from stackwright.providers.terraform._convert import to_value
from stackwright.providers.terraform._mismatch import ValueMismatchError
from stackwright.providers.terraform._property_paths import property_path
from stackwright.providers.terraform._proposed import could_come_from, object_could_come_from
from stackwright.providers.terraform._shapes import Form, Shape, ValueShape
from stackwright.providers.terraform._types import Primitive
from stackwright.providers.terraform._values import (
    DynamicValue,
    TfValue,
    UnknownValue,
    contains_unknown,
    equal,
)
from stackwright.values import (
    DiffKind,
    PropertyDiff,
    PropertyMap,
    PropertyPath,
    Value,
    format_path,
    get_path,
    path_contains,
    reveal,
)

META_PATH: Final = "__meta"
"""Where a replacement is put that no place of the program's explains."""

_LONG: Final = 1000
"""Lists longer than this are compared element by element: an edit script takes too long."""

_MISSING: Final = object()


class _Entry(msgspec.Struct, frozen=True):
    path: PropertyPath
    kind: DiffKind


def detailed_diff(
    shape: Shape,
    *,
    prior: Mapping[str, TfValue],
    planned: Mapping[str, TfValue],
    inputs: PropertyMap,
    replace_paths: Sequence[AttributePath] = (),
    replaces: bool = False,
) -> dict[str, PropertyDiff]:
    """
    The differences between *prior* and *planned*, both normalised, by property path.

    *inputs* are the program's. *replace_paths* are those that the plan wants to replace
    for; with *replaces* at least one entry says so, without it none does.
    """
    walker = _Walker()
    walker.object(shape, prior, planned, reveal(inputs), ())
    forced = [property_path(shape, path) for path in replace_paths] if replaces else []
    found: dict[str, PropertyDiff] = {}
    marked = False
    for entry in walker.entries:
        kind = entry.kind
        if any(path_contains(path, entry.path) or path_contains(entry.path, path) for path in forced if path):
            kind, marked = kind.as_replace, True
        in_inputs = get_path(inputs, entry.path, _MISSING) is not _MISSING
        found[format_path(entry.path)] = PropertyDiff(kind, input_diff=in_inputs)
    if replaces and not marked:
        found[META_PATH] = PropertyDiff(DiffKind.UPDATE_REPLACE)
    return found


def replace_properties(shape: Shape, paths: Iterable[AttributePath]) -> tuple[str, ...]:
    """The top-level properties that *paths* lead into."""
    found = (property_path(shape, path) for path in paths)
    return tuple(dict.fromkeys(str(path[0]) for path in found if path))


class _Walker:
    """Walks old and new side by side and notes where they differ."""

    def __init__(self) -> None:
        self.entries: list[_Entry] = []

    def note(self, path: PropertyPath, kind: DiffKind) -> None:
        self.entries.append(_Entry(path, kind))

    def object(
        self,
        shape: Shape,
        old: Mapping[str, TfValue],
        new: Mapping[str, TfValue],
        inputs: Value,
        path: PropertyPath,
    ) -> None:
        for name in sorted(shape.by_property):
            field = shape.by_property[name]
            below = inputs.get(name) if isinstance(inputs, dict) else None
            self.value(field.value, old.get(field.name), new.get(field.name), below, (*path, name))

    def value(self, shape: ValueShape, old: TfValue, new: TfValue, inputs: Value, path: PropertyPath) -> None:
        if shape.blocks is not None:
            old, new = block_elements(shape.blocks, old), block_elements(shape.blocks, new)
            if not shape.flattened:
                # No blocks are no property at all, however they are written down.
                old, new = old or None, new or None
        if shape.flattened:
            old, new = _only(old), _only(new)
            shape = shape.single
        if old is None and new is None:
            return
        if isinstance(new, UnknownValue):
            self.note(path, DiffKind.ADD if old is None else DiffKind.UPDATE)
        elif old is None:
            self.note(path, DiffKind.ADD)
        elif new is None:
            self.note(path, DiffKind.DELETE)
        else:
            self._both(shape, old, new, inputs, path)

    def _both(self, shape: ValueShape, old: TfValue, new: TfValue, inputs: Value, path: PropertyPath) -> None:
        if not contains_unknown(new) and shape.blocks is None and equal(old, new, shape.type):
            return
        inner = shape.element
        match shape.form:
            case Form.OBJECT:
                self.object(shape.object, old, new, inputs, path)
            case Form.MAP:
                assert inner is not None
                for key in sorted(old.keys() | new.keys()):
                    below = inputs.get(key) if isinstance(inputs, dict) else None
                    self._element(inner, old.get(key, _MISSING), new.get(key, _MISSING), below, (*path, key))
            case Form.LIST:
                assert inner is not None
                if isinstance(inner.type, Primitive) and len(old) < _LONG and len(new) < _LONG:
                    self._scalars(inner, old, new, path)
                else:
                    self._list(inner, old, new, inputs, path)
            case Form.SET:
                assert inner is not None
                self._set(inner, old, new, inputs, path)
            case Form.TUPLE:
                for at, member in enumerate(shape.members):
                    self.value(member, old[at], new[at], None, (*path, f"t{at}"))
            case _:
                self._scalar(shape, old, new, path)

    def _element(
        self, shape: ValueShape, old: TfValue, new: TfValue, inputs: Value, path: PropertyPath
    ) -> None:
        """An element that may not be there; null is there."""
        if old is _MISSING:
            self.note(path, DiffKind.ADD)
        elif new is _MISSING:
            self.note(path, DiffKind.DELETE)
        else:
            self.value(shape, old, new, inputs, path)

    def _scalar(self, shape: ValueShape, old: TfValue, new: TfValue, path: PropertyPath) -> None:
        if isinstance(old, DynamicValue) and isinstance(new, DynamicValue):
            if old.type == new.type and equal(old.value, new.value, old.type):
                return
        elif equal(old, new, shape.type):
            return
        self.note(path, DiffKind.UPDATE)

    def _list(
        self, inner: ValueShape, old: list[TfValue], new: list[TfValue], inputs: Value, path: PropertyPath
    ) -> None:
        given = inputs if isinstance(inputs, list) else []
        for at in range(max(len(old), len(new))):
            before = old[at] if at < len(old) else _MISSING
            after = new[at] if at < len(new) else _MISSING
            self._element(inner, before, after, given[at] if at < len(given) else None, (*path, at))

    def _scalars(self, inner: ValueShape, old: list[TfValue], new: list[TfValue], path: PropertyPath) -> None:
        """The shortest way from one list to the other."""
        removed, added = _edits(inner, old, new)
        for at in sorted(removed | added):
            if at in removed and at in added:
                self.note((*path, at), DiffKind.UPDATE)
            else:
                self.note((*path, at), DiffKind.ADD if at in added else DiffKind.DELETE)

    def _set(
        self, inner: ValueShape, old: list[TfValue], new: list[TfValue], inputs: Value, path: PropertyPath
    ) -> None:
        old_left = [at for at, each in enumerate(old) if not _has(inner, new, each)]
        added = [each for each in new if not _has(inner, old, each)]
        places = _places(inner, added, inputs)
        if places is None:
            self.note(path, DiffKind.UPDATE)
            return
        for at in sorted({*old_left, *places}):
            if at in places and at in old_left:
                before = old[at]
                given = inputs[at] if isinstance(inputs, list) and at < len(inputs) else None
                count = len(self.entries)
                self.value(inner, before, places[at], given, (*path, at))
                if len(self.entries) == count:
                    self.note((*path, at), DiffKind.UPDATE)
            else:
                self.note((*path, at), DiffKind.ADD if at in places else DiffKind.DELETE)


def _only(value: TfValue) -> TfValue:
    """What stands for a flattened sequence."""
    if isinstance(value, list):
        return value[0] if value else None
    return value


def _has(inner: ValueShape, elements: list[TfValue], wanted: TfValue) -> bool:
    if contains_unknown(wanted):
        return False
    return any(equal(each, wanted, inner.type) for each in elements)


def _places(inner: ValueShape, added: list[TfValue], inputs: Value) -> dict[int, TfValue] | None:
    """Where in *inputs* each of *added* was written; None if one of them was written nowhere."""
    if not added:
        return {}
    if not isinstance(inputs, list):
        return None
    try:
        given = [to_value(inner, each) for each in inputs]
    except ValueMismatchError:
        return None
    used: dict[int, TfValue] = {}
    for planned in added:
        for at, config in enumerate(given):
            if at not in used and _planned_from(inner, planned, config):
                used[at] = planned
                break
        else:
            return None
    return used


def _planned_from(inner: ValueShape, planned: TfValue, config: TfValue) -> bool:
    if inner.form is Form.OBJECT and isinstance(planned, dict):
        shape = inner.object
        if shape.block is not None:
            return could_come_from(shape.block, planned, config)
        if shape.nested is not None:
            return object_could_come_from(shape.nested, planned, config)
    return equal(planned, config, inner.type)


def _edits(inner: ValueShape, old: list[TfValue], new: list[TfValue]) -> tuple[set[int], set[int]]:
    """Indexes removed from *old* and added in *new*, as few as there can be."""
    start = 0
    while start < min(len(old), len(new)) and _same(inner, old[start], new[start]):
        start += 1
    old_end, new_end = len(old), len(new)
    while old_end > start and new_end > start and _same(inner, old[old_end - 1], new[new_end - 1]):
        old_end, new_end = old_end - 1, new_end - 1
    rows, columns = old_end - start, new_end - start
    # lengths[i][j]: the longest common part of what follows old[start+i] and new[start+j].
    lengths = [[0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            if _same(inner, old[start + i], new[start + j]):
                lengths[i][j] = lengths[i + 1][j + 1] + 1
            else:
                lengths[i][j] = max(lengths[i + 1][j], lengths[i][j + 1])
    removed: set[int] = set()
    added: set[int] = set()
    i = j = 0
    while i < rows or j < columns:
        if i < rows and j < columns and _same(inner, old[start + i], new[start + j]):
            i, j = i + 1, j + 1
        elif j >= columns or (i < rows and lengths[i + 1][j] >= lengths[i][j + 1]):
            removed.add(start + i)
            i += 1
        else:
            added.add(start + j)
            j += 1
    return removed, added


def _same(inner: ValueShape, one: TfValue, other: TfValue) -> bool:
    return not isinstance(other, UnknownValue) and equal(one, other, inner.type)
