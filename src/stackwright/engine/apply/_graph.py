"""Running work that waits for other work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


async def run_in_order(
    nodes: Iterable[Node],
    waits: Mapping[Node, Iterable[Node]],
    work: Callable[[Node], Awaitable[bool]],
) -> list[Node]:
    """
    Do *work* for every node, each as soon as all that it waits for has been done.

    *work* answers whether it succeeded and must not raise. A node that waits for one
    that failed is not started. Names in *waits* that are no nodes count as done. The
    cost is that of the nodes and their waits, whatever their shape.

    Returns the nodes that were never started: those behind a failure.
    """
    waiting: dict[Node, int] = {}
    followers: dict[Node, list[Node]] = {}
    order = list(nodes)
    known = set(order)
    for node in order:
        before = {other for other in waits.get(node, ()) if other in known and other != node}
        waiting[node] = len(before)
        for other in before:
            followers.setdefault(other, []).append(node)

    async def start(node: Node, group: asyncio.TaskGroup) -> None:
        del waiting[node]
        if not await work(node):
            return
        for follower in followers.get(node, ()):
            waiting[follower] -= 1
            if waiting[follower] == 0:
                group.create_task(start(follower, group))

    async with asyncio.TaskGroup() as group:
        for node in [node for node in order if waiting[node] == 0]:
            group.create_task(start(node, group))
    return list(waiting)
