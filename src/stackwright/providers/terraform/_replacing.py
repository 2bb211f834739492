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
from stackwright.providers.terraform._types import Type
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
        elif MISSING not in (before, after) and before_kind != after_kind:
            pass  # within a dynamic value, whose type has changed
        elif _surely_equal(before, after, after_kind if before is MISSING else before_kind):
            continue
        if path not in kept:
            kept.append(path)
    return ReplacePaths(tuple(kept), write_only, tuple(problems))


def _surely_equal(before: TfValue, after: TfValue, kind: Type) -> bool:
    """Whether two values of one type are the same and known; what is missing on one side counts as null."""
    before, after = (None if each is MISSING else each for each in (before, after))
    return not contains_unknown(before) and not contains_unknown(after) and equal(before, after, kind)
