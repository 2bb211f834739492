"""Whether a snapshot holds together (E274; state.md §9.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from stackwright.errors import StateError
from stackwright.state._manifest import magic_of
from stackwright.state._ordering import find_cycle
from stackwright.state._resource import ResourceState
from stackwright.state._snapshot import Snapshot
from stackwright.urn import (
    InvalidProviderReferenceError,
    is_provider_type,
    is_urn,
    parse_provider_reference,
)

_SHOWN: Final = 20


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a snapshot; `urn` is the resource's, empty where it concerns none."""

    text: str
    urn: str = ""

    def __str__(self) -> str:
        return self.text


class IntegrityError(StateError):
    """A snapshot does not hold together, so that nothing may be built on it (E276)."""

    code = "snapshot-integrity"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            f"snapshot integrity failure; refusing to use it: {self.problems[0]}",
            detail=shown(self.problems) if len(self.problems) > 1 else None,
            hint="Nothing was changed. `stackwright state repair` mends what can be mended",
        )


def shown(problems: Iterable[object]) -> str:
    """Problems for people, one in a line; of very many the first ones."""
    texts = [str(problem) for problem in problems]
    more = [f"… and {len(texts) - _SHOWN} more"] if len(texts) > _SHOWN else []
    return "\n".join(f"- {text}" for text in [*texts[:_SHOWN], *more])


def require_integrity(snapshot: Snapshot) -> None:
    """Raise `IntegrityError` unless *snapshot* holds together; to be asked before it is used (E276)."""
    problems = integrity_problems(snapshot)
    if problems:
        raise IntegrityError(problems)


def integrity_problems(snapshot: Snapshot) -> list[Problem]:
    """Everything that is wrong with *snapshot*, in the order of its records."""
    records = snapshot.resources
    problems = []
    manifest = snapshot.manifest
    if manifest.magic != magic_of(manifest.version):
        problems.append(
            Problem(
                text=f"magic cookie mismatch: the manifest's does not belong to version `{manifest.version}`"
            )
        )
    everywhere: set[str] = {record.urn for record in records}
    earlier: set[str] = set()
    live: set[str] = set()
    providers: set[str] = set()
    for record in records:
        problems.extend(_own_problems(record, providers))
        problems.extend(_reference_problems(record, earlier, everywhere))
        if not record.delete:
            if record.urn in live:
                problems.append(
                    Problem(text=f"duplicate resource {record.urn} (not marked for deletion)", urn=record.urn)
                )
            live.add(record.urn)
        earlier.add(record.urn)
    problems.extend(_snippet_problems(snapshot))
    if any("comes after it" in problem.text for problem in problems):
        cycle = find_cycle(records)
        if cycle:
            path = " → ".join([*cycle, cycle[0]])
            problems.append(Problem(text=f"resources refer to each other in a circle: {path}", urn=cycle[0]))
    return problems


def _own_problems(record: ResourceState, providers: set[str]) -> Iterator[Problem]:
    urn = record.urn
    if not is_urn(urn):
        yield Problem(text=f"resource {urn or '(without a URN)'} has no valid URN", urn=urn)
    if not record.type:
        yield Problem(text=f"resource {urn} has no type", urn=urn)
    if not record.custom and record.id:
        yield Problem(text=f"resource {urn} has id `{record.id}` although it is a component", urn=urn)
    if is_provider_type(record.type):
        try:
            providers.add(str(parse_provider_reference(f"{urn}::{record.id}")))
        except InvalidProviderReferenceError as error:
            yield Problem(text=f"provider {urn} is not referenceable: {error.message}", urn=urn)
    if record.provider:
        try:
            reference = str(parse_provider_reference(record.provider))
        except InvalidProviderReferenceError as error:
            yield Problem(
                text=f"failed to parse provider reference for resource {urn}: {error.message}", urn=urn
            )
        else:
            if reference not in providers and not record.pending_replacement:
                yield Problem(text=f"resource {urn} refers to unknown provider {record.provider}", urn=urn)


def _reference_problems(record: ResourceState, earlier: set[str], everywhere: set[str]) -> Iterator[Problem]:
    urn = record.urn

    def check(target: str, out_of_order: str, missing: str) -> Iterator[Problem]:
        if target not in earlier:
            yield Problem(text=out_of_order if target in everywhere else missing, urn=urn)

    if record.parent:
        parent = record.parent
        yield from check(
            parent,
            f"child resource {urn}'s parent {parent} comes after it",
            f"child resource {urn} refers to missing parent {parent}",
        )
    dependencies = [("dependency", target) for target in record.dependencies]
    for targets in record.property_dependencies.values():
        dependencies += [("property dependency", target) for target in targets]
    for kind, target in dict.fromkeys(dependencies):
        yield from check(
            target,
            f"resource {urn}'s {kind} {target} comes after it",
            f"resource {urn} refers to missing {kind} {target}",
        )
    companions = [("deleted", record.deleted_with)] if record.deleted_with else []
    companions += [("replaced", target) for target in record.replace_with]
    for verb, companion in companions:
        opening = f"resource {urn} is specified as being {verb} with {companion}"
        yield from check(companion, f"{opening}, which comes after it", f"{opening}, which is missing")


def _snippet_problems(snapshot: Snapshot) -> Iterator[Problem]:
    seen: set[str] = set()
    for snippet in snapshot.snippets:
        uuid = snippet.get("uuid")
        if not uuid:
            yield Problem(text=f"snippet `{snippet.get('name', '')}` has no uuid")
        elif uuid in seen:
            yield Problem(text=f"duplicate snippet uuid {uuid}")
        else:
            seen.add(uuid)
