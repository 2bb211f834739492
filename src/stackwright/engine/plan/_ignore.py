"""`ignore_changes`: parts of the new inputs put back to what they were (E174)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

import msgspec

from stackwright.values import (
    WILDCARD,
    InvalidPathError,
    PropertyMap,
    PropertyPath,
    Secret,
    Value,
    parse_path,
    seal,
)

_MISSING: Final = object()
_Copy: TypeAlias = Callable[[Value], Value]
_Below: TypeAlias = Callable[[Value, Value], Value]


class Ignored(msgspec.Struct, frozen=True):
    """The inputs with what is to be ignored put back, and the paths where that cannot be done."""

    inputs: PropertyMap
    failed: tuple[str, ...]


class _FailsError(Exception):
    """A path leads to something that was added or removed."""


def apply_ignore_changes(old: PropertyMap, new: PropertyMap, paths: Iterable[str]) -> Ignored:
    """
    Put each of *paths* in *new* back to its value in *old*, looking through secrets.

    Works on copies: neither bag is changed, and a path that fails changes nothing (S18).
    A path that cannot be parsed is skipped.
    """
    failed: list[str] = []
    result: Value = new
    for text in paths:
        try:
            path = parse_path(text)
        except InvalidPathError:
            continue
        if not path:
            continue
        try:
            result = _put_back(old, result, path, was_secret=False, is_secret=False)
        except _FailsError:
            failed.append(text)
    return Ignored(result, tuple(failed))


def _put_back(old: Value, new: Value, path: PropertyPath, *, was_secret: bool, is_secret: bool) -> Value:
    if isinstance(old, Secret):
        return _put_back(old.value, new, path, was_secret=True, is_secret=is_secret)
    if isinstance(new, Secret):
        inner = _put_back(old, new.value, path, was_secret=was_secret, is_secret=True)
        return new if inner is new.value else Secret(inner)
    key, rest = path[0], path[1:]
    if rest:
        return _descend(old, new, key, rest, was_secret=was_secret, is_secret=is_secret)

    def copied(value: Value) -> Value:
        return seal(value) if was_secret and not is_secret else value

    if key == WILDCARD:
        return _copy_all(old, new, copied)
    if isinstance(key, int):
        has_old, has_new = _has_index(old, key), _has_index(new, key)
        if has_old != has_new:
            raise _FailsError
        return _with_index(new, key, copied(old[key])) if has_old else new
    return _copy_key(old, new, key, copied)


def _copy_key(old: Value, new: Value, key: str, copied: _Copy) -> Value:
    if isinstance(old, dict) and key in old:
        if not isinstance(new, dict):
            raise _FailsError
        return {**new, key: copied(old[key])}
    if isinstance(new, dict) and key in new:
        return {name: value for name, value in new.items() if name != key}
    return new


def _copy_all(old: Value, new: Value, copied: _Copy) -> Value:
    if isinstance(new, dict):
        return {name: copied(value) for name, value in old.items()} if isinstance(old, dict) else new
    if isinstance(new, list):
        if not isinstance(old, list):
            return new
        if len(old) != len(new):
            raise _FailsError
        return [copied(value) for value in old]
    raise _FailsError


def _descend(
    old: Value, new: Value, key: str | int, rest: PropertyPath, *, was_secret: bool, is_secret: bool
) -> Value:
    def below(before: Value, after: Value) -> Value:
        return _put_back(before, after, rest, was_secret=was_secret, is_secret=is_secret)

    if key == WILDCARD:
        return _descend_all(old, new, below)
    if isinstance(key, int):
        if not isinstance(old, list) and not isinstance(new, list):
            return new
        if not _has_index(old, key) or not _has_index(new, key):
            raise _FailsError
        return _with_index(new, key, below(old[key], new[key]))
    has_old = isinstance(old, dict) and key in old
    has_new = isinstance(new, dict) and key in new
    if not has_old and not has_new:
        if isinstance(old, dict) != isinstance(new, dict) and old is not _MISSING:
            raise _FailsError
        return new
    if isinstance(old, dict) != isinstance(new, dict) or not has_new:
        raise _FailsError
    return {**new, key: below(old[key] if has_old else _MISSING, new[key])}


def _descend_all(old: Value, new: Value, below: _Below) -> Value:
    if isinstance(old, dict) and isinstance(new, dict):
        if any(name not in new for name in old):
            raise _FailsError
        return {name: below(old[name], value) if name in old else value for name, value in new.items()}
    if isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            raise _FailsError
        return [below(before, after) for before, after in zip(old, new, strict=True)]
    raise _FailsError


def _has_index(value: Value, index: int) -> bool:
    return isinstance(value, list) and 0 <= index < len(value)


def _with_index(value: list[Value], index: int, item: Value) -> list[Value]:
    return [*value[:index], item, *value[index + 1 :]]
