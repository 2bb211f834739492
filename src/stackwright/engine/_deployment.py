"""
One operation on one stack, from the first event to the last (engine.md §10.1, §11).

`Deployment` is made and run on the engine's event loop. Its `monitor` is what a program
talks to, from any thread; `program_ended`, `cancel` and `terminate` too may be called
from any thread.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.engine._announced import Announced
from stackwright.engine._checks import Checks
from stackwright.engine._context import BailError, Context
from stackwright.engine._events import (
    DeletesPlanned,
    Finished,
    OperationResult,
    PoliciesLoading,
    Prelude,
    Reporter,
    Summary,
    ignore,
)
from stackwright.engine._guests import Guests
from stackwright.engine._imports import Imports
from stackwright.engine._invokes import Invokes
from stackwright.engine._monitor import (
    EngineMonitor,
    FinishRequest,
    OutputsRequest,
    PackageRegistration,
    RootRequest,
    StackInvokeTransform,
    StackTransform,
)
from stackwright.engine._old_records import complete
from stackwright.engine._options import OperationType, Options, Target
from stackwright.engine._outcomes import Outcomes
from stackwright.engine._outputs import Outputs
from stackwright.engine._policies import AnalyzerHost, Policies
from stackwright.engine._queries import Queries, ResourceQuery
from stackwright.engine._reads import Reads
from stackwright.engine._recovery import Recovery
from stackwright.engine._registrar import Registrar
from stackwright.engine._roll import Roll
from stackwright.engine._steps import Op, Record, Step
from stackwright.engine._transforms import Transforms
from stackwright.engine._waits import Waits
from stackwright.engine.apply import (
    BuiltinProvider,
    DeploymentStoppedError,
    Executor,
    Extensions,
    Hooks,
    ProviderRegistry,
    StepFailedError,
    run_in_order,
)
from stackwright.engine.plan import Base, Deletes, ImportGoal, plan_deletes, rebuilt
from stackwright.errors import StackwrightError
from stackwright.goals import (
    CallRequest,
    ExistsRequest,
    HookKind,
    HookRegistration,
    InvokeRequest,
    ReadRequest,
    RegisterRequest,
)
from stackwright.monitor import Monitor, MonitorClosedError
from stackwright.providers import ProviderError, ProviderHost
from stackwright.reply import Reply
from stackwright.state import Change, Journal, Key, ResourceState, Snapshot
from stackwright.urn import Urn


class Deployment:
    """
    One operation. Make it on a running event loop, then await `run` once.

    Without a journal nothing is recorded: previews must have none, everything else one.
    *imports* is what an import takes in, a *query* what it only looks for; *policies* are
    asked about whatever an update makes.
    Nothing is raised for what goes wrong with the deployment: it is told to *report*,
    and the `Summary` that `run` returns says how it ended.
    """

    def __init__(
        self,
        target: Target,
        snapshot: Snapshot,
        *,
        host: ProviderHost,
        journal: Journal | None,
        options: Options = Options(),  # noqa: B008 - frozen
        report: Reporter = ignore,
        imports: Sequence[ImportGoal] = (),
        query: ResourceQuery | None = None,
        policies: AnalyzerHost | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._host = host
        self._analyzers = policies
        self._waits = Waits(report)
        self._journal = journal
        self._report = report
        builtin = BuiltinProvider(
            read_stack=self._read_stack, read_resources=self._read_stack_resources, find=self._find
        )
        registry = ProviderRegistry(
            host,
            preview=options.preview,
            recorded=self._recorded,
            builtin=builtin,
            extensions=Extensions(snapshot.used_extensions),
        )
        hooks = Hooks(preview=options.preview, tell=report)
        executor = Executor(
            registry=registry,
            hooks=hooks,
            outcomes=Outcomes(),
            journal=journal,
            report=report,
            parallel=options.parallel,
            continue_on_error=options.continue_on_error,
            ignore_protect=options.ignore_protect,
        )
        completed = complete(snapshot, target, new_key=executor.new_key)
        self._pending = completed.snapshot.pending
        self._completion = completed.change
        self._context = Context(
            target=target,
            options=options,
            base=Base(completed.snapshot.records),
            host=host,
            registry=registry,
            executor=executor,
            report=report,
        )
        self._transforms = Transforms()
        self._guests = Guests(lambda: self._monitor, lambda: self._context.root)
        self._announced = Announced(registry.extensions)
        self._roll = Roll(executor.current)
        self._checks = Checks(self._context)
        self._outputs = Outputs(self._context, self._roll)
        self._registrar = Registrar(
            self._context,
            self._transforms,
            self._guests,
            self._announced,
            self._roll,
            self._checks,
            self._outputs,
        )
        shared = self._guests, self._announced, self._registrar.defaults, self._roll
        self._reads = Reads(self._context, *shared, self._outputs)
        self._invokes = Invokes(self._context, *shared)
        self._imports = Imports(self._context, self._registrar, self._announced, imports)
        self._query = query
        self._queries = Queries(self._context, self._imports)
        self._tasks: set[asyncio.Task[None]] = set()
        self._program_over = asyncio.Event()
        self._program_failed = False
        self._finish: Reply[Any] | None = None
        # What the program asks for before its turn has come: looking at old state comes first.
        self._early: list[tuple[Any, Reply[Any]]] | None = []
        self._canceled = False
        self._running: asyncio.Task[Any] | None = None
        self._monitor = EngineMonitor(self._loop, self._context.info, self._serve)

    @property
    def monitor(self) -> Monitor:
        """What the program talks to."""
        return self._monitor

    # From any thread ----------------------------------------------------------------------------

    def program_ended(self, *, failed: bool = False) -> None:
        """
        The program is over. Needed when it ends without `Monitor.finish`, as failing programs do.

        After a failure nothing is deleted; what is under way is finished (E99).
        """
        self._loop.call_soon_threadsafe(self._end_program, failed)

    def cancel(self) -> None:
        """Stop gracefully: what is under way is finished and recorded (E255)."""
        self._loop.call_soon_threadsafe(self._cancel)

    def terminate(self) -> None:
        """Stop now: what is under way stays pending in the journal (E256)."""
        self._loop.call_soon_threadsafe(self._terminate)

    def _end_program(self, failed: bool) -> None:
        self._program_failed = self._program_failed or failed
        if failed:
            self._context.executor.stop()
        self._program_over.set()

    def _cancel(self) -> None:
        if not self._canceled:
            self._canceled = True
            self._context.executor.stop()
            self._program_over.set()
            self._tell_what_is_waited_for()
            self._waits.stop()
            # Also where no step is under way: a provider may be on its way here, or be asked something.
            self._background(self._host.cancel())
            self._monitor.close()

    def _tell_what_is_waited_for(self) -> None:
        what = self._context.options.type.word
        for urn in self._context.executor.in_flight:
            self._context.say(
                Severity.INFO,
                f"The {what} is being canceled and waits for this to end. A second Ctrl-C ends it at once: "
                "what became of this operation the next run then finds out",
                urn,
            )

    def _terminate(self) -> None:
        self._canceled = True
        if self._running is not None:
            self._running.cancel()

    # Serving the program ------------------------------------------------------------------------

    def _serve(self, request: Any, reply: Reply[Any]) -> None:
        """Take the next request; called on the loop, in the order they were made."""
        if self._early is not None:
            self._early.append((request, reply))
            return
        kind = type(request)
        if kind is RegisterRequest:
            register = partial(self._registrar.register, transforms=self._transforms.stack)
            self._background(self._answer(register, request, reply))
        elif kind is OutputsRequest:
            self._background(self._answer(self._register_outputs, request, reply))
        elif kind is InvokeRequest:
            invoke = partial(self._invokes.invoke, transforms=self._transforms.invoke)
            self._background(self._answer(invoke, request, reply))
        elif kind is ReadRequest:
            self._background(self._answer(self._reads.read, request, reply))
        elif kind is CallRequest:
            self._background(self._answer(self._invokes.call, request, reply))
        elif kind is ExistsRequest:
            self._background(self._answer(self._invokes.exists, request, reply))
        else:
            self._serve_at_once(request, reply)

    def _register_outputs(self, request: OutputsRequest) -> Awaitable[None]:
        return self._outputs.register(request.urn, request.outputs)

    def _serve_at_once(self, request: Any, reply: Reply[Any]) -> None:
        try:
            match request:
                case Diagnostic():
                    if request.urn is None and self._context.root is not None:  # protocol.md §12
                        request = msgspec.structs.replace(request, urn=self._context.root)
                    self._report(request)
                    if request.severity is Severity.ERROR:
                        self._context.failed = True
                case RootRequest():
                    self._context.root = request.urn
                case StackTransform():
                    self._transforms.add(request.transform)
                case StackInvokeTransform():
                    self._transforms.add_invoke(request.transform)
                case HookRegistration():
                    self._context.executor.hooks.add(request)
                case PackageRegistration():
                    reply.answer(self._announce(request))
                case FinishRequest():
                    if self._finish is not None:
                        reply.fail(MonitorClosedError())
                    self._finish = self._finish or reply
                    self._program_over.set()
                    return
        except StackwrightError as error:
            reply.fail(error)
            return
        reply.answer(None)

    def _announce(self, registration: PackageRegistration) -> str:
        """E96: equal announcements get one reference; an extension's is stable across runs."""
        extension = registration.extension
        if extension is not None and extension.parameterization is not None:
            return self._announced.announce_extension(registration.base, extension.parameterization)
        return self._announced.announce(registration.base)

    def _background(self, work: Any) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, serve: Callable[[Any], Awaitable[Any]], request: Any, reply: Reply[Any]) -> None:
        try:
            reply.answer(await serve(request))
        except (BailError, StepFailedError, DeploymentStoppedError):
            # Told already. The program is not answered: it ends when the monitor closes (E128). What it
            # had yet to say is not known, so nothing may be deleted for not having been asked for.
            self._context.executor.stop()
            self._program_over.set()
        except asyncio.CancelledError:
            raise
        except StackwrightError as error:
            reply.fail(error)
        except Exception as error:  # noqa: BLE001 - a bug of ours or a provider's: never a hang
            self._context.bail(f"{type(error).__name__}: {error}")
            reply.fail(error)
            self._program_over.set()

    # The operation ------------------------------------------------------------------------------

    async def run(self) -> Summary:
        """Carry the operation out. Returns when everything is recorded and every provider is closed."""
        started = time.monotonic()
        self._running = asyncio.ensure_future(self._phases())
        terminated = False
        try:
            await self._running
        except asyncio.CancelledError:
            terminated = True
            for task in list(self._tasks):
                task.cancel()
        except (BailError, DeploymentStoppedError):
            pass  # told already
        except StackwrightError as error:
            self._context.bail(str(error))
        except Exception as error:  # noqa: BLE001 - a bug of ours or a provider's: never a hang
            self._context.bail(f"{type(error).__name__}: {error}")
        self._monitor.close()
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        if not terminated and self._journal is not None:
            try:
                await self._journal.flush()
            except StackwrightError as error:
                self._context.bail(str(error))
        await self._guests.close()
        await self._host.close()
        if self._analyzers is not None:
            await self._analyzers.close()
        return self._conclude(time.monotonic() - started)

    def _conclude(self, duration: float) -> Summary:
        executor = self._context.executor
        failed = self._has_failed
        if self._canceled:
            result = OperationResult.CANCELED
        else:
            result = OperationResult.FAILED if failed else OperationResult.SUCCEEDED
        if failed or self._canceled:
            what = "preview" if self._context.options.preview else self._context.options.type.word
            self._context.say(
                Severity.ERROR, f"{what} {'canceled' if self._canceled else 'failed'}", self._context.root
            )
        summary = Summary(
            result=result,
            changes=dict(executor.changes),
            preview=self._context.options.preview,
            duration=duration,
            maybe_corrupt=executor.maybe_corrupt,
            policy_packs=self._checks.policies.packs,
        )
        self._report(summary)
        self._report(Finished())
        return summary

    @property
    def _has_failed(self) -> bool:
        executor = self._context.executor
        return bool(
            self._context.failed or executor.failures or executor.after_hook_failed or self._program_failed
        )

    async def _phases(self) -> None:
        options = self._context.options
        await self._load_policies()
        masked = {
            key: "[secret]" if key in self._context.target.config_secret_keys else value
            for key, value in self._context.target.config.items()
        }
        self._report(Prelude(masked, options.preview))
        if self._completion is not None:
            await self._context.executor.commit(self._completion)
        await Recovery(self._context, self._pending).run()
        if options.type is OperationType.IMPORT:
            await (self._imports.run() if self._query is None else self._queries.run(self._query))
            return
        if options.type is OperationType.DESTROY:
            self._refuse_delete_hooks()
        if options.refresh or options.type is OperationType.REFRESH:
            await self._refresh(list(self._context.base.records()))
        else:
            await self._refresh(
                [record for record in self._context.base.records() if record.state.refresh_before_update]
            )
        if options.type is OperationType.REFRESH or self._context.failed:
            return
        if options.type is OperationType.UPDATE:
            await self._program()
        if not self._stopped:
            await self._delete_the_rest()
        await self._outputs.finish_stack(failed=self._has_failed or self._canceled)
        if self._checks.policies and not (self._stopped or self._has_failed):
            await self._checks.review_stack(self._roll)
        if self._finish is not None:
            self._finish.answer(None)

    async def _load_policies(self) -> None:
        """Only what a program asks for is looked at (E207); packs come up before all else (E292)."""
        context = self._context
        if self._analyzers is None or context.options.type is not OperationType.UPDATE:
            return
        self._report(PoliciesLoading())
        analyzers = await self._waits.unless_stopped(
            self._analyzers.open(context.target, preview=context.options.preview, report=self._report)
        )
        current = context.executor.current
        self._checks.policies = Policies(
            analyzers,
            report=self._report,
            recorded=lambda urn: current[urn].state if urn in current else None,
            waits=self._waits,
        )

    @property
    def _stopped(self) -> bool:
        return self._context.executor.stopped or self._canceled or self._program_failed

    async def _program(self) -> None:
        """Serve the program until it is over and everything it asked for has been done."""
        early, self._early = self._early or [], None
        for request, reply in early:
            self._serve(request, reply)
        await self._program_over.wait()
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    def _refuse_delete_hooks(self) -> None:
        """E107: a destroy without the program cannot run hooks that live in the program."""
        kinds = (HookKind.BEFORE_DELETE, HookKind.AFTER_DELETE)
        owners = [
            record.state.urn
            for record in self._context.base.records()
            if record.state.hooks and any(record.state.hooks.get(kind) for kind in kinds)
        ]
        if owners:
            raise self._context.bail(
                "Resources with delete hooks cannot be destroyed without running the program: "
                + ", ".join(owners[:5])
                + ". Use `--run-program`."
            )

    # Refresh ------------------------------------------------------------------------------------

    async def _refresh(self, records: list[Record]) -> None:
        """Read *records* from their providers and take what was found as the base (E216-E217)."""
        context = self._context
        if not records:
            return
        executor = context.executor
        executor.counts_refreshes = context.options.type is OperationType.REFRESH
        found: dict[Key, ResourceState | None] = {}

        async def one(record: Record) -> None:
            step = Step(op=Op.REFRESH, urn=record.state.urn, old=record, new=None)
            try:
                done = await executor.run(step)
            except StepFailedError:
                return
            except DeploymentStoppedError:
                return
            if done.new is not record.state:
                found[record.key] = done.new

        executor.keeps_going = True
        try:
            async with asyncio.TaskGroup() as group:
                for record in records:
                    group.create_task(one(record))
        finally:
            executor.keeps_going = False
        if executor.failures:
            context.failed = True
        if not found:
            return
        context.base, dangling = rebuilt(context.base, found)
        gone = tuple(key for key, state in found.items() if state is None)
        if gone:
            await executor.commit(Change(remove=gone, put=tuple(dangling)))

    # Deletes ------------------------------------------------------------------------------------

    async def _delete_the_rest(self) -> None:
        """Delete what is recorded and was not asked for any more (E168-E171)."""
        context = self._context
        executor = context.executor
        facts = context.facts
        deletes: Deletes = plan_deletes(
            context.base,
            self._roll.operated,
            doomed=facts.doomed_keys,
            flagged=facts.flagged_keys,
            needed=context.base.needed_by(self._failed_states()),
        )
        steps: dict[Key, Step] = {}
        for step in deletes.steps:
            if step.old is not None:
                steps[step.old.key] = step
                executor.doomed.add(step.urn)

        if steps:
            self._report(DeletesPlanned(tuple(steps.values()), deletes.waits))

        async def one(key: Key) -> bool:
            try:
                await executor.run(steps[key])
            except StepFailedError:
                return False
            except DeploymentStoppedError:
                return False
            return True

        await run_in_order(steps, deletes.waits, one)

    def _failed_states(self) -> Iterator[ResourceState]:
        """What failed steps were about: whatever it depends on stays (E241)."""
        for failure in self._context.executor.failures:
            if failure.step.old is not None:
                yield failure.step.old.state
            if failure.step.new is not None:
                yield failure.step.new

    # What the built-in provider and the registry ask --------------------------------------------

    def _recorded(self, urn: Urn, id_: str) -> ResourceState | None:
        for record in self._context.base.all(urn):
            if record.state.id == id_:
                return record.state
        return None

    def _find(self, urn: Urn) -> ResourceState | None:
        record = self._context.executor.current.get(urn)
        return record.state if record is not None else None

    async def _read_stack(self, name: str) -> Mapping[str, Any]:
        read = self._context.target.read_stack
        if read is None:
            raise ProviderError(f'unknown stack "{name}": stack references need a store')
        return (await read(name)).outputs

    async def _read_stack_resources(self, name: str) -> Mapping[str, Any]:
        read = self._context.target.read_stack
        if read is None:
            raise ProviderError(f'unknown stack "{name}": stack references need a store')
        return (await read(name)).resources
