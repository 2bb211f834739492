"""
Programs for tests of the SDK: run a function as a program, and look at what became of it.

    ran = run(program, dry_run=True)
    assert ran.monitor.names == ["web"]

    seen = outcome_of(lambda: Output.all(1, 2))
    assert seen.value == [1, 2]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from support.monitors import FakeMonitor

from stackwright.sdk import CustomResource, Output, ProgramResult, ResourceOptions, run_program


@dataclass(frozen=True)
class Ran:
    """A program that has ended, and the deployment it talked to."""

    monitor: FakeMonitor
    result: ProgramResult

    @property
    def error(self) -> str:
        """The failure's text and traceback; empty if there was none."""
        return "" if self.result.error is None else str(self.result.error)


def run(program: Callable[[], Any], *, monitor: FakeMonitor | None = None, **options: Any) -> Ran:
    """Run *program* to its end, however it ends."""
    monitor = FakeMonitor(**options) if monitor is None else monitor
    try:
        return Ran(monitor, run_program(monitor, program))
    finally:
        monitor.stop()


def run_ok(program: Callable[[], Any], **options: Any) -> Ran:
    """Run *program*, which must succeed."""
    ran = run(program, **options)
    assert ran.result.ok, ran.error or ran.result
    return ran


@dataclass(frozen=True)
class Seen:
    """What an output turned out to be."""

    value: Any
    known: bool
    secret: bool
    resources: frozenset[str]
    raw: Any


async def look_at(output: Output[Any]) -> Seen:
    """Wait for *output* and say what it is; resources by name."""
    return Seen(
        value=await output.future(),
        known=await output.is_known(),
        secret=await output.is_secret(),
        resources=frozenset(r.pulumi_resource_name for r in await output.resources()),
        raw=await output.future(with_unknowns=True),
    )


def outcome_of(make: Callable[[], Any], **options: Any) -> Seen:
    """Make an output in a program, wait for it, and say what it is."""
    seen: list[Seen] = []

    async def program() -> None:
        seen.append(await look_at(make()))

    run_ok(program, **options)
    return seen[0]


class Thing(CustomResource):
    """A resource of whatever properties."""

    def __init__(self, name: str, opts: ResourceOptions | None = None, **props: Any) -> None:
        super().__init__("test:index:Thing", name, props, opts)
