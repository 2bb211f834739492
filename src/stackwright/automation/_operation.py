"""One operation on one stack: lease, journal, engine, program, history."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from enum import Enum
from functools import partial
from typing import Any, Protocol, runtime_checkable

import msgspec

from stackwright.automation._engine_thread import EngineThread
from stackwright.automation._holder import holder
from stackwright.automation._interrupts import Interrupts
from stackwright.collector import patience
from stackwright.engine import (
    AnalyzerHost,
    Deployment,
    ImportGoal,
    Op,
    OperationResult,
    OperationType,
    Options,
    Reporter,
    ResourceQuery,
    Summary,
    Target,
    ignore,
)
from stackwright.monitor import Monitor
from stackwright.providers import ProviderHost
from stackwright.state import (
    Crypter,
    Lease,
    StackName,
    Store,
    UpdateRecord,
    require_integrity,
)


class ProgramEnd(Enum):
    """How a program ended."""

    WELL = "well"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


Program = Callable[[Monitor], ProgramEnd]
"""
Runs a program against a monitor on this thread, reports its errors itself, and says how it ended.

A program that is a `ServedProgram` besides runs elsewhere, and is told more.
"""


@runtime_checkable
class ServedProgram(Protocol):
    """A program in another process: it is served from the engine's own event loop."""

    def __call__(self, monitor: Monitor) -> ProgramEnd: ...

    def run(self, monitor: Monitor, engine: EngineThread, over: Future[Any]) -> ProgramEnd:
        """Like the call; *over* is done when nothing more can come of the deployment."""
        ...


class OperationRequest(msgspec.Struct, kw_only=True):
    """Everything one operation needs."""

    store: Store
    name: StackName
    target: Target
    crypter: Crypter
    host: Callable[[], ProviderHost]
    """Makes the provider host, on the engine's thread."""
    options: Options = Options()
    program: Program | None = None
    imports: Sequence[ImportGoal] = ()
    """What an import takes in."""
    query: ResourceQuery | None = None
    """What an import only looks for."""
    policies: AnalyzerHost | None = None
    """What is asked about whatever an update makes."""
    report: Reporter = ignore
    message: str = ""
    check_integrity: bool = True
    """Refuse state that contradicts itself (E276)."""
    environment: Mapping[str, str] = {}
    config: Mapping[str, Any] = {}
    """What history records of the configuration; secret values as stored."""


def run_operation(request: OperationRequest) -> Summary:
    """
    Carry *request* out on this thread and the engine's; returns when all is recorded.

    The program, if there is one, runs on this thread. What goes wrong inside the
    deployment is reported and shows in the summary.

    Raises:
        LeaseHeldError: Somebody else is working on the stack.
        StateError: The stack cannot be read or written.
    """
    options = request.options
    if options.preview:
        return _run(request, None)
    lease = request.store.acquire(request.name, holder(options.type.word))
    try:
        start = int(time.time())
        summary = _run(request, lease)
        request.store.record_update(request.name, _history(request, summary, start), lease=lease)
    finally:
        lease.release()
    return summary


def _run(request: OperationRequest, lease: Lease | None) -> Summary:
    snapshot = request.store.snapshot(request.name, crypter=request.crypter)
    if request.check_integrity:
        require_integrity(snapshot)

    async def make() -> Deployment:
        journal = None
        if lease is not None:
            journal = request.store.journal(request.name, lease, crypter=request.crypter)
        return Deployment(
            request.target,
            snapshot,
            host=request.host(),
            journal=journal,
            options=request.options,
            report=request.report,
            imports=request.imports,
            query=request.query,
            policies=request.policies,
        )

    with patience(), EngineThread() as engine:
        deployment = engine.run(make())
        with Interrupts(cancel=deployment.cancel, terminate=deployment.terminate) as interrupts:
            running = engine.start(deployment.run())
            if request.program is not None and request.options.type is OperationType.UPDATE:
                run = request.program
                if isinstance(run, ServedProgram):
                    run = partial(run.run, engine=engine, over=running)
                _run_program(run, deployment, interrupts)
            return running.result()


def _run_program(program: Program, deployment: Deployment, interrupts: Interrupts) -> None:
    interrupts.program_runs = True
    end = ProgramEnd.FAILED
    try:
        end = program(deployment.monitor)
    except KeyboardInterrupt:
        end = ProgramEnd.INTERRUPTED
    finally:
        interrupts.program_runs = False
        if end is ProgramEnd.INTERRUPTED and interrupts.count == 0:
            deployment.cancel()
        deployment.program_ended(failed=end is ProgramEnd.FAILED)


def _history(request: OperationRequest, summary: Summary, start: int) -> UpdateRecord:
    result = "succeeded" if summary.result is OperationResult.SUCCEEDED else "failed"
    changes: dict[str, int] = {}
    for op, count in summary.changes.items():
        if op is not Op.SAME or count:
            changes[op.value] = count
    return UpdateRecord(
        kind=request.options.type.value,
        start_time=start,
        end_time=int(time.time()),
        result=result,
        message=request.message,
        resource_changes=changes,
        environment=request.environment,
        config=request.config,
    )
