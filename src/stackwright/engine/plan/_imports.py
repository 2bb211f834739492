"""
What an import takes in, and what speaks against it (E224-E226). Pure.

Everything that is wrong with the request is found before anything is asked or recorded,
and told together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from stackwright.engine._steps import Record
from stackwright.goals import PackageRequest, Parameterization
from stackwright.state import ResourceState
from stackwright.urn import ROOT_STACK_TYPE, Urn, child_urn, is_provider_type, is_type_token
from stackwright.values import PropertyMap


class ImportGoal(msgspec.Struct, frozen=True, kw_only=True):
    """
    «This exists already; take it in under this name» (E229).

    Attributes:
        id: What its provider knows it by; empty for components and providers.
        parent: None for the stack itself.
        provider: The URN of an explicit provider, or None for the default one of `package`.
        package: None for the newest package of the type's name.
        extension: What that package's provider has to learn first, if it does not know the type itself.
        properties: The only inputs to record, if any are named.
        inputs: What is to be recorded where nothing is read, and where that says nothing.
        outputs: If they are given, nothing is read at all.
        provider_inputs: What an explicit provider is made of, where there is none yet.
    """

    type: str
    name: str
    id: str = ""
    parent: Urn | None = None
    provider: Urn | None = None
    package: PackageRequest | None = None
    extension: Parameterization | None = None
    properties: tuple[str, ...] = ()
    component: bool = False
    remote: bool = False
    protect: bool = False
    inputs: PropertyMap | None = None
    outputs: PropertyMap | None = None
    provider_inputs: PropertyMap | None = None

    @property
    def is_provider(self) -> bool:
        """Whether it is a provider that is to be made, not an object to be read."""
        return is_provider_type(self.type)

    @property
    def is_managed(self) -> bool:
        """Whether a provider has a say in it."""
        return not self.is_provider and (not self.component or self.remote)


class Planned(msgspec.Struct, frozen=True):
    """A goal with the address that it gets."""

    urn: Urn
    goal: ImportGoal


class ImportProblem(msgspec.Struct, frozen=True):
    """Why an import may not begin."""

    urn: Urn | None
    message: str


class Taken(msgspec.Struct, frozen=True):
    """A goal whose name another object has, unless both ids mean the same one (E226)."""

    planned: Planned
    old: ResourceState

    @property
    def problem(self) -> ImportProblem:
        known = self.old.import_id or self.old.id
        # The other id is not repeated: for some types it is the secret itself.
        text = (
            f"{self.planned.urn} already exists in the stack with another id, `{known}`; give it another name"
        )
        return ImportProblem(self.planned.urn, text)


class ImportPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What is left to do, what has to be looked at, and all that is wrong."""

    planned: list[Planned]
    taken: list[Taken]
    problems: list[ImportProblem]


def plan_imports(
    goals: Sequence[ImportGoal], current: Mapping[Urn, Record], *, stack: str, project: str, root: Urn
) -> ImportPlan:
    """
    What becomes of *goals* beside what there is (*current*).

    *root* is the stack's own resource, the parent of whatever names none. What the stack
    manages already, under the same id, is left out without a word.
    """
    addressed = [
        Planned(child_urn(stack, project, goal.parent or root, goal.type, goal.name), goal) for goal in goals
    ]
    known = {*current, *(each.urn for each in addressed), root}
    planned: list[Planned] = []
    taken: list[Taken] = []
    problems: list[ImportProblem] = []
    named: set[Urn] = set()
    for each in addressed:
        urn, goal = each.urn, each.goal
        if urn in named:
            problems.append(ImportProblem(urn, f"{urn} is to be imported twice; give one another name"))
            continue
        named.add(urn)
        wrong = _wrong(goal)
        if goal.parent is not None and goal.parent not in known:
            wrong = f"the parent of `{goal.name}` is neither in the stack nor imported: {goal.parent}"
        if wrong:
            problems.append(ImportProblem(None, wrong))
            continue
        old = current.get(urn)
        if old is None:
            planned.append(each)
            continue
        if not goal.is_provider and goal.id != (old.state.import_id or old.state.id):
            taken.append(Taken(each, old.state))
    return ImportPlan(planned=planned, taken=taken, problems=problems)


def _wrong(goal: ImportGoal) -> str:
    """What is wrong with *goal* in itself; empty if nothing is."""
    what = f"`{goal.name}` ({goal.type})"
    if goal.type == ROOT_STACK_TYPE:
        return f"{what}: a stack cannot be imported into a stack"
    if goal.component:
        if goal.id:
            return f"{what} is a component, and components have no id"
        if goal.remote and not is_type_token(goal.type):
            return f"{what}: a component of a provider has a type of three parts: package:module:name"
        return ""
    if not is_type_token(goal.type):
        return f"{what} has no type of resources that a provider manages: package:module:name"
    if not goal.id and not goal.is_provider:
        return f"{what} is to be imported, but without an id"
    return ""


def batches(planned: Sequence[Planned]) -> Iterator[list[Planned]]:
    """What can be taken in at once: all that does not wait for its parent (E223)."""
    remaining = {each.urn: each for each in planned}
    while remaining:
        ready = [each for each in remaining.values() if each.goal.parent not in remaining]
        # A circle of parents has no beginning; who records it will say so.
        batch = ready or list(remaining.values())
        for each in batch:
            del remaining[each.urn]
        yield batch
