"""
When nothing is under way any more and something still waits (sdk.md §3.5, §9.5).

A program may wait for itself: resources that depend on each other in a circle, a
deferred output that nobody resolves, a callback that awaits what it has to bring
about. Such waits would never end; they fail here, saying who waits for what.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from stackwright.lazy import LazyModule
from stackwright.sdk import output as _output
from stackwright.sdk._registration import ResourceSubmission, Submission
from stackwright.sdk._session import Session
from stackwright.sdk._standing import ResourceBase

if TYPE_CHECKING:
    import asyncio
else:
    asyncio = LazyModule("asyncio")


class NeverResolvedError(RuntimeError):
    """Something waits for an output, or a resource, that nothing can bring any more."""


def what_may_bring_something(session: Session) -> set[asyncio.Future[Any]]:
    """
    What asyncio still works on that may lead to something: the program's tasks, futures that it awaits.

    Not among them are tasks that wait for outputs themselves, directly or through others, and those of
    a server that answers on the same loop, whose coroutines are not Python's own.
    """
    current = asyncio.current_task()
    shared = session.turns.shares_loop
    tasks: set[asyncio.Future[Any]] = {
        task for task in asyncio.all_tasks() if task is not current and not (shared and _serves(task))
    }
    stuck: set[Any] = set(session.awaited_by)
    # Something awaited that is done still has its callback to run.
    candidates = tasks | session.turns.awaiting
    return {future for future in candidates if not _waits_for(future, stuck, set())}


def _serves(task: asyncio.Task[Any]) -> bool:
    """Whether a task is a server's: it runs a coroutine of gRPC's, or waits for one."""
    coroutine: Any = task.get_coro()
    while isinstance(coroutine, CoroutineType):
        coroutine = coroutine.cr_await
    return type(coroutine).__module__.startswith("_cython")


def _waits_for(future: Any, stuck: set[Any], seen: set[int]) -> bool:
    """Whether *future* cannot be done before one of *stuck* is; asyncio says so in private places only."""
    if future in stuck:
        return True
    if id(future) in seen:
        return False
    seen.add(id(future))
    waited = getattr(future, "_fut_waiter", None)
    if waited is not None:
        return _waits_for(waited, stuck, seen)
    gathered = getattr(future, "_children", None) or ()
    return any(_waits_for(child, stuck, seen) for child in gathered if not child.done())


def fail_what_is_stuck(session: Session) -> None:
    """
    Fail all that waits for what can never come; called when nothing is under way.

    A circle of resources is reported once, with its members. What depends on the failed
    ones fails with them, in its turn.
    """
    circle = _circle(session)
    if circle:
        names = " → ".join(f"`{s.name}` ({s.type})" for s in [*circle, circle[0]])
        error: Exception = RuntimeError(
            f"The resources depend on each other in a circle: {names}. "
            "A component that is depended upon stands for all of its children"
        )
        _end(circle[0], error)
        return
    if session.unsent:
        submission = next(iter(session.unsent))
        what = submission.title()
        _end(
            submission,
            NeverResolvedError(
                f"{what} waits for {_missing(submission)}, and nothing that is under way can bring it. "
                "Check that every deferred output is resolved, and that nothing waits for itself"
            ),
        )
        return
    for output in list(session.open):
        _output.fail(
            output,
            NeverResolvedError(
                "An output never gets its value: what it is made from is never resolved. "
                "Check that every deferred output is resolved, and that no callback waits for its own result"
            ),
        )
        return


def _end(submission: Submission, error: Exception) -> None:
    submission._end()
    submission.located(error)
    submission.failed(error)


def _missing(submission: Submission) -> str:
    waits = submission.waits_for
    if waits is None:
        return "something"
    parts = [
        f"the resource `{s.resource._name}` ({s.resource._type})" for s in (waits.standings or {}).values()
    ]
    if waits.outputs:
        count = len(waits.outputs)
        parts.append(
            "an output that is never resolved" if count == 1 else f"{count} outputs that are never resolved"
        )
    return " and ".join(parts[:3]) or "something"


def _circle(session: Session) -> list[ResourceSubmission]:
    """Resources that wait for each other in a circle, if there are any."""
    waiting: dict[ResourceBase, ResourceSubmission] = {
        s.resource: s for s in session.unsent if isinstance(s, ResourceSubmission)
    }
    owners = {id(output): resource for resource in waiting for _, output in resource._standing._outputs or ()}
    finished: set[ResourceBase] = set()
    for start in waiting:
        # Depth first, on a list instead of the call stack: chains may be thousands long.
        path: dict[ResourceBase, None] = {}
        to_do: list[tuple[ResourceBase, bool]] = [(start, False)]
        while to_do:
            resource, leaving = to_do.pop()
            if leaving:
                del path[resource]
                finished.add(resource)
            elif resource in path:
                members = list(path)
                return [waiting[member] for member in members[members.index(resource) :]]
            elif resource not in finished:
                path[resource] = None
                to_do.append((resource, True))
                to_do.extend((needed, False) for needed in _needs(waiting[resource], waiting, owners))
    return []


def _needs(
    submission: ResourceSubmission,
    waiting: Mapping[ResourceBase, ResourceSubmission],
    owners: Mapping[int, ResourceBase],
) -> list[ResourceBase]:
    """The unregistered resources that *submission* waits for, directly or for one of their outputs."""
    waits = submission.waits_for
    if waits is None:
        return []
    found = [s.resource for s in (waits.standings or {}).values() if s.resource in waiting]
    found.extend(owners[key] for key in waits.outputs or () if key in owners)
    return found


__all__ = ["NeverResolvedError", "fail_what_is_stuck", "what_may_bring_something"]
