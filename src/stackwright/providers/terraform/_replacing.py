"""Which of the paths that a provider wants to replace for count (terraform.md §5.9)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stackwright.providers.terraform._attribute_paths import (
    MISSING,
    attribute_at,
    resolve,
    without_set_elements,
)
from stackwright.providers.terraform._client import AttributePath
from stackwright.providers.terraform._problems import Problem
from stackwright.providers.terraform._schema import Block
from stackwright.providers.terraform._values import TfValue, contains_unknown, equal


class ReplacePaths(msgspec.Struct, frozen=True):
    """
    Where values differ that take a new object, without the elements of sets.

    `write_only` says that one of them is a value which is never stored, so that nobody
    can compare it; `problems` are paths that lead nowhere.
    """

    paths: tuple[AttributePath, ...] = ()
    write_only: bool = False
    problems: tuple[Problem, ...] = ()


def surviving_replace_paths(
    block: Block, *, prior: TfValue, planned: TfValue, paths: Sequence[AttributePath]
) -> ReplacePaths:
    """
    Filter what a plan answered.

    Plans to create name everything that could ever force a replacement, so that without
    a *prior* nothing counts.
    """
    if prior is None:
        return ReplacePaths()
    kept: list[AttributePath] = []
    problems: list[Problem] = []
    write_only = False
    kind = block.type
    for given in paths:
        path = without_set_elements(given, kind)
        before, before_kind = resolve(prior, kind, path)
        after, after_kind = resolve(planned, kind, path)
        if before is MISSING and after is MISSING:
            problems.append(Problem(given, "the plan wants a replacement because of what is nowhere"))
            continue
        leaf = attribute_at(block, path)
        if leaf is not None and leaf.write_only:
            write_only = True
        elif _surely_equal(
            None if before is MISSING else before,
            None if after is MISSING else after,
            same_kind=before_kind == after_kind or MISSING in (before, after),
            kind=before_kind if before is not MISSING else after_kind,
        ):
            continue
        if path not in kept:
            kept.append(path)
    return ReplacePaths(tuple(kept), write_only, tuple(problems))


def _surely_equal(before: TfValue, after: TfValue, *, same_kind: bool, kind: object) -> bool:
    if contains_unknown(before) or contains_unknown(after):
        return False
    return same_kind and equal(before, after, kind)  # type: ignore[arg-type]
