"""
What stands before a successor: whether there may be one, and what has to be deleted first.

Facts: engine.md E158-E164.
"""

from __future__ import annotations

import asyncio

import msgspec

from stackwright.diagnostics import Severity
from stackwright.engine._checks import Checks
from stackwright.engine._context import BailError, Context
from stackwright.engine._decisions import Decisions
from stackwright.engine._roll import Roll
from stackwright.engine._steps import Record, Step
from stackwright.engine.plan import Ask, Decision, Doomed, cascade, cascade_steps, replacement_refused
from stackwright.errors import StackwrightError
from stackwright.goals import RegisterRequest
from stackwright.providers import DiffResult
from stackwright.state import ResourceState
from stackwright.urn import Urn, is_provider_type


class Replacements:
    """The replacements of one deployment."""

    def __init__(self, context: Context, checks: Checks, decisions: Decisions, roll: Roll) -> None:
        self._context = context
        self._checks = checks
        self._decisions = decisions
        self._roll = roll
        self._deleting: dict[Urn, asyncio.Future[bool]] = {}
        self._cascading = asyncio.Lock()

    async def own_half_is_gone(self, urn: Urn) -> None:
        """Wait until what a cascade has doomed of *urn* is deleted, if there is such a thing (E163)."""
        waiting = self._deleting.get(urn)
        if waiting is not None:
            await waiting

    async def prepare(
        self,
        request: RegisterRequest,
        old: Record,
        new: ResourceState,
        decision: Decision,
        seed: bytes,
    ) -> ResourceState:
        """E158-E160: may it be replaced, and with which inputs?"""
        context = self._context
        refusal = replacement_refused(
            new,
            old.state,
            decision,
            import_id=request.options.import_id,
            preview=context.options.preview,
            ignore_protect=context.options.ignore_protect,
        )
        if refusal is not None:
            severity = Severity.WARNING if refusal.is_warning else Severity.ERROR
            context.say(severity, refusal.message, new.urn)
            if not refusal.is_warning:
                context.failed = True
                if refusal.stops:
                    context.executor.stop()
                    raise BailError(refusal.message)
        if new.custom and decision.check_again:
            if is_provider_type(new.type):
                await context.registry.drop(new.urn)
            fresh = msgspec.structs.replace(new, inputs=request.inputs)
            return await self._checks.checked(fresh, request, None, seed)
        return new

    async def delete_before(self, old: Record, own: list[Step]) -> None:
        """
        Delete what hangs on *old*, then *old* itself, before its successor is made (E163).

        One cascade at a time; what it dooms is known to later registrations before anything
        is deleted, and those that come meanwhile wait for their own old half to be gone.
        """
        context = self._context
        async with self._cascading:
            doomed = await self._cascade(old)
            steps = cascade_steps(doomed)
            for item in doomed:
                if item.record.state.protect and not context.options.ignore_protect:
                    raise context.bail(
                        f"{item.record.state.urn} is protected, but must be deleted because "
                        f"{old.state.urn} is replaced",
                        urn=item.record.state.urn,
                    )
            loop = asyncio.get_running_loop()
            gone: list[asyncio.Future[bool]] = []
            for item in doomed:
                future = loop.create_future()
                self._deleting[item.record.state.urn] = future
                context.facts.doom(item.record, item.keys)
                context.executor.doomed.add(item.record.state.urn)
                gone.append(future)
            context.executor.doomed.add(old.state.urn)
            try:
                for step, future in zip(steps, gone, strict=True):
                    await context.executor.run(step)
                    future.set_result(True)
                for step in own:
                    await context.executor.run(step)
            finally:
                for future in gone:
                    if not future.done():
                        future.set_result(False)

    async def _cascade(self, root: Record) -> list[Doomed]:
        """Ask the providers, question by question, which dependents go with *root* (E164)."""
        context = self._context
        questions = cascade(
            context.base, root, self._roll.operated, self._roll.seen, gone=context.facts.doomed_keys
        )
        try:
            ask: Ask = next(questions)
            while True:
                ask = questions.send(await self._answer_cascade(ask))
        except StopIteration as end:
            doomed: list[Doomed] = end.value
            return doomed
        except StackwrightError as error:
            raise context.bail(str(error), urn=root.state.urn) from error

    async def _answer_cascade(self, ask: Ask) -> DiffResult:
        state = ask.record.state
        registry = self._context.registry
        if is_provider_type(state.type):
            return await registry.diff(
                state.urn, old=state, news=ask.news, ignore_changes=state.ignore_changes
            )
        provider = await registry.provider(state.provider, state.extension_ref)
        return await self._decisions.ask(
            provider, state.urn, state, ask.news, state.ignore_changes, preview=True
        )
