"""
What a program would say to have an object that exists already (terraform.md §8.10, §11).

A provider knows more of an object than anybody would write, and some of that excludes the
rest. Inputs are found by asking: with which of them does it find nothing wrong, and plan nothing?
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, Protocol

import msgspec

from stackwright.goals import CheckFailure
from stackwright.providers._interface import (
    CheckRequest,
    CheckResult,
    CreateRequest,
    CreateResult,
    DiffChanges,
    DiffRequest,
    DiffResult,
    ProviderError,
)
from stackwright.urn import Urn
from stackwright.values import PropertyMap, parse_path, reveal, values_equal

_ROUNDS: Final = 24
"""So many properties of one object at most are left out or added before its inputs are as they are."""


class Comparing(Protocol):
    """What is asked of a provider."""

    async def check(self, request: CheckRequest) -> CheckResult: ...

    async def diff(self, request: DiffRequest) -> DiffResult: ...

    async def create(self, request: CreateRequest) -> CreateResult: ...


class Adopted(msgspec.Struct, frozen=True, kw_only=True):
    """
    An object that Terraform made, as it is to be recorded.

    Attributes:
        inputs: What a program would say to get it.
        all_inputs: The same, with everything in it that says nothing as well.
        optional: Properties that a program need not name.
        can_be_left_out: Properties that the provider keeps as they are when nobody names them.
        usually_unsaid: Properties that programs rarely name: deprecated, or told by the cloud.
    """

    id: str
    outputs: PropertyMap
    inputs: PropertyMap
    all_inputs: PropertyMap
    optional: frozenset[str]
    can_be_left_out: frozenset[str]
    usually_unsaid: frozenset[str]


async def fitted(
    provider: Comparing, token: str, urn: Urn, adopted: Adopted, *, plans: bool
) -> tuple[PropertyMap, str]:
    """
    Inputs with which the provider finds nothing wrong and plans nothing, and what is left of either.

    Begun with what a person would write; then one property after the other is left out,
    if the provider refuses it and keeps it by itself, or added, if it misses it.
    """
    inputs = {name: value for name, value in adopted.inputs.items() if name not in adopted.usually_unsaid}
    left_out: set[str] = set(adopted.inputs) - inputs.keys()
    added: set[str] = set()
    for _ in range(_ROUNDS):
        checked = await provider.check(
            CheckRequest(urn=urn, type=token, olds=inputs, news=inputs, seed=b"", preview=False)
        )
        if checked.failures:
            name = _refused(checked.failures, inputs, adopted, added)
            if name is None:
                return inputs, "; ".join(f"{each.property}: {each.reason}" for each in checked.failures)
            del inputs[name]
            left_out.add(name)
            continue
        if not plans:
            return inputs, ""
        diff = await provider.diff(_as_it_is(token, urn, adopted, inputs))
        if diff.changes is DiffChanges.NONE:
            return inputs, ""
        changed = list(dict.fromkeys(str(parse_path(path)[0]) for path in diff.detailed or {} if path))
        better = _better(changed, inputs, adopted, added, left_out)
        if better is None:
            return (
                inputs,
                f"it would change {', '.join(changed) or 'in a way that its provider does not tell'}",
            )
        inputs = better
    return inputs, "no inputs were found with which its provider plans nothing"


async def terse(
    provider: Comparing, token: str, urn: Urn, adopted: Adopted, inputs: PropertyMap
) -> PropertyMap:
    """
    *inputs*, with which the provider plans nothing, without what a new object would get anyway.

    Nobody writes defaults down. A default is what the provider plans for a new object of which
    nothing is said; where it does not tell, or minds what is left, all the inputs stay.
    """
    optional = {name for name in inputs if name in adopted.optional}
    # Of some properties one has to be there. Those are hardly ever numbers, or yes or no.
    plain = {name for name in optional if isinstance(inputs[name], bool | int | float | Decimal)}
    for names in (optional, plain):
        kept = await _without_defaults(provider, token, urn, adopted, inputs, names)
        if kept is not None:
            return kept
    return inputs


async def _without_defaults(
    provider: Comparing, token: str, urn: Urn, adopted: Adopted, inputs: PropertyMap, names: set[str]
) -> PropertyMap | None:
    """*inputs* without those of *names* that are as planned without them; None where that does not do."""
    bare = {name: value for name, value in inputs.items() if name not in names}
    try:
        fresh = await _planned(provider, token, urn, bare)
        if fresh is None:
            return None
        kept = {
            name: value
            for name, value in inputs.items()
            if name not in names or not _is_as_recorded(name, fresh, adopted)
        }
        again = await _planned(provider, token, urn, kept)
        gone = inputs.keys() - kept.keys()
        if again is None or not all(_is_as_recorded(name, again, adopted) for name in gone):
            return None
        left = msgspec.structs.replace(adopted, inputs=kept, all_inputs=kept)
        fit, differs = await fitted(provider, token, urn, left, plans=True)
    except ProviderError:
        return None
    return kept if fit == kept and not differs else None


async def _planned(provider: Comparing, token: str, urn: Urn, inputs: PropertyMap) -> PropertyMap | None:
    """
    What the provider plans for a new object, of which nothing is made; None if it would refuse it.

    It is not asked to plan what it refuses: some providers do not survive that.
    """
    check = CheckRequest(urn=urn, type=token, olds={}, news=inputs, seed=b"", preview=True)
    if (await provider.check(check)).failures:
        return None
    request = CreateRequest(urn=urn, type=token, inputs=inputs, preview=True)
    return (await provider.create(request)).outputs


def _is_as_recorded(name: str, planned: PropertyMap, adopted: Adopted) -> bool:
    return values_equal(reveal(planned.get(name)), reveal(adopted.outputs.get(name)))


def _as_it_is(token: str, urn: Urn, adopted: Adopted, inputs: PropertyMap) -> DiffRequest:
    """The question what *inputs* would make of an object that is recorded with them."""
    return DiffRequest(
        urn=urn,
        type=token,
        id=adopted.id,
        old_inputs=inputs,
        old_outputs=adopted.outputs,
        news=inputs,
        preview=True,
    )


async def ignorable(
    provider: Comparing, token: str, urn: Urn, adopted: Adopted, inputs: PropertyMap
) -> tuple[str, ...]:
    """
    The places that the provider would change whatever is said, if it leaves them alone when told to.

    Some record a digest of what they were given and plan a digest of that digest. Nothing is
    to be ignored where something else changes as well, such as tags that the provider's own
    configuration sets: that configuration is another one then.
    """
    request = _as_it_is(token, urn, adopted, inputs)
    try:
        planned = (await provider.diff(request)).detailed or {}
        paths = tuple(planned)
        if not all(path and parse_path(path)[0] in inputs for path in paths):
            return ()
        left = await provider.diff(msgspec.structs.replace(request, ignore_changes=paths))
    except ProviderError:
        return ()
    return paths if left.changes is DiffChanges.NONE else ()


def _refused(
    failures: Sequence[CheckFailure], inputs: PropertyMap, adopted: Adopted, added: set[str]
) -> str | None:
    """The property that is to go: of those that exclude each other the one that says less."""
    names = [
        each.property
        for each in failures
        if each.property in inputs and (each.property in adopted.can_be_left_out or each.property in added)
    ]
    if not names:
        return None
    return max(names, key=lambda name: (name.endswith("Prefix"), len(name), name))


def _better(
    changed: Sequence[str], inputs: PropertyMap, adopted: Adopted, added: set[str], left_out: set[str]
) -> PropertyMap | None:
    made = dict(inputs)
    for name in changed:
        if name in adopted.all_inputs and name not in added:
            added.add(name)
            # First in the form that says what matters, then in full.
            said = adopted.inputs.get(name)
            first = said if said is not None and name not in inputs else adopted.all_inputs[name]
            if first is said:
                added.discard(name)
            if made.get(name) != first:
                made[name] = first
                continue
        if name in made and name in adopted.can_be_left_out and name not in left_out:
            left_out.add(name)
            del made[name]
    return made if made != inputs else None
