"""
Who waits for whom in the programs of this process, for whoever watches them.

Only looks: nothing is kept for it but the requests that are under way. It may be asked
from any thread while the program goes on, so an answer is a glance, never a promise.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from stackwright.sdk import output as _output
from stackwright.sdk._registration import ResourceSubmission, Submission
from stackwright.sdk._session import Session, running
from stackwright.urn import Urn

_PATIENCE: Final = 4000
"""How many outputs and requests one glance looks at: programs may have any number of them."""


class Waiting(NamedTuple):
    """A resource that the program has made and that cannot be asked for yet."""

    type: str
    name: str
    parent: Urn | None
    on: tuple[str, ...]
    """The names of the resources that it waits for; empty when it waits for something else."""


def program_waits(limit: int) -> tuple[list[Waiting], int]:
    """The first *limit* resources that wait, and how many there are."""
    found: list[Waiting] = []
    count = 0
    for session in running():
        waiting = [one for one in list(session.unsent) if isinstance(one, ResourceSubmission)]
        count += len(waiting)
        shown = waiting[: max(0, limit - len(found))]
        if not shown:
            continue
        sources = _sources(session, waiting)
        for submission in shown:
            names = {**_registered_first(submission), **sources.get(submission, {})}
            found.append(Waiting(submission.type, submission.name, _parent(submission), tuple(names)))
    return found, count


def _parent(submission: ResourceSubmission) -> Urn | None:
    parent = submission.opts.parent
    return parent._standing.urn if parent is not None else None


def _registered_first(submission: ResourceSubmission) -> dict[str, None]:
    """What is named as a resource: by `depends_on`, as a parent, as a provider."""
    waits = submission.waits_for
    standings = list((waits.standings or {}).values()) if waits is not None else []
    return {standing.resource._name: None for standing in standings}


def _sources(
    session: Session, waiting: list[ResourceSubmission]
) -> dict[ResourceSubmission, dict[str, None]]:
    """Whose outputs each request waits for, through whatever was derived from them."""
    found: dict[ResourceSubmission, dict[str, None]] = {}
    under_way = [one for one in list(session.under_way) if isinstance(one, ResourceSubmission)]
    left = _PATIENCE
    for source in (*under_way, *waiting):
        seen: set[int] = set()
        to_do = [output for _, output in source.resource._standing._outputs or ()]
        while to_do and left:
            output = to_do.pop()
            if id(output) in seen:
                continue
            seen.add(id(output))
            left -= 1
            for call, argument in list(output._waiting or ()):
                listener = getattr(call, "__self__", None)
                if isinstance(listener, Submission):
                    if isinstance(listener, ResourceSubmission):
                        found.setdefault(listener, {})[source.name] = None
                else:
                    to_do.extend(_derived(listener, argument))
    return found


def _derived(listener: Any, argument: Any) -> Iterator[_output.Output[Any]]:
    """The outputs that are settled by what was to be called."""
    candidates = (getattr(listener, "result", None), *(argument if type(argument) is tuple else ()))
    for candidate in candidates:
        if isinstance(candidate, _output.Output) and _output.is_pending(candidate):
            yield candidate


__all__ = ["Waiting", "program_waits"]
