"""
A record's inputs, as its provider and the policies will have them.

Facts: engine.md E145-E147, E203-E204.
"""

from __future__ import annotations

import msgspec

from stackwright.diagnostics import Severity
from stackwright.engine._context import BailError, Context
from stackwright.engine._naming import Naming
from stackwright.engine._policies import Policies
from stackwright.engine._roll import Roll
from stackwright.engine.plan import apply_ignore_changes
from stackwright.errors import StackwrightError
from stackwright.goals import RegisterRequest
from stackwright.providers import CheckRequest, CheckResult
from stackwright.state import ResourceState
from stackwright.urn import is_provider_type
from stackwright.values import PropertyMap


class Checks:
    """Asks the provider and the policies about one new record at a time."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._naming = Naming(context)
        self.policies = Policies()

    async def checked(
        self, new: ResourceState, request: RegisterRequest, old: ResourceState | None, seed: bytes
    ) -> ResourceState:
        """The record with the inputs that its provider has checked, and that policies make of them (E203)."""
        if new.custom:
            new = await self._checked_by_provider(new, old, seed)
        if self.policies:
            try:
                new = await self.policies.remediated(new, request.options.delete_before_replace)
            except StackwrightError as error:
                raise self._context.bail(str(error), urn=new.urn, place=new.source_position) from error
        return new

    async def review(self, new: ResourceState, request: RegisterRequest) -> None:
        """Ask the policies; a refusal ends an update before anything is done to *new* (E204)."""
        if not self.policies:
            return
        try:
            allowed = await self.policies.review(new, request.options.delete_before_replace)
        except StackwrightError as error:
            raise self._context.bail(str(error), urn=new.urn, place=new.source_position) from error
        if not allowed:
            self._context.failed = True
            if not self._context.options.preview:
                self._context.executor.stop()
                raise BailError(f"a policy refuses {new.urn}")

    async def _checked_by_provider(
        self, new: ResourceState, old: ResourceState | None, seed: bytes
    ) -> ResourceState:
        """E145; failures bail (E147)."""
        news = new.inputs
        if old is not None and new.ignore_changes:
            ignored = apply_ignore_changes(old.inputs, new.inputs, new.ignore_changes)
            news = ignored.inputs
            if ignored.failed:
                self._context.say(
                    Severity.INFO,
                    "cannot ignore changes in added or removed elements: " + ", ".join(ignored.failed),
                    new.urn,
                )
        olds = old.inputs if old is not None else {}
        result = await self._check(new, olds, news, seed)
        if result.failures:
            self._report_failures(new, result)
            raise BailError(str(new.urn))
        self._context.executor.keep_out_of_records(new.urn, result.write_only)
        return msgspec.structs.replace(new, inputs=result.inputs)

    async def _check(
        self, new: ResourceState, olds: PropertyMap, news: PropertyMap, seed: bytes
    ) -> CheckResult:
        registry = self._context.registry
        try:
            if is_provider_type(new.type):
                return await registry.check(new.urn, new.type, olds, news)
            provider = await registry.provider(new.provider, new.extension_ref)
            return await provider.check(
                CheckRequest(
                    urn=new.urn,
                    type=new.type,
                    olds=olds,
                    news=news,
                    seed=seed,
                    preview=self._context.options.preview,
                    autonaming=self._naming.for_resource(new, seed),
                    timeouts=new.custom_timeouts,
                )
            )
        except StackwrightError as error:
            raise self._context.bail(str(error), urn=new.urn, place=new.source_position) from error

    def _report_failures(self, new: ResourceState, result: CheckResult) -> None:
        self._context.failed = True
        for failure in result.failures:
            if failure.property:
                message = (
                    f"{new.type} resource '{new.urn.split('::', 3)[3]}': property {failure.property} "
                    f"has a problem: {failure.reason}"
                )
                self._context.say(Severity.ERROR, message, new.urn, 2003, new.source_position)
            else:
                message = f"{new.type} resource '{new.urn.split('::', 3)[3]}' has a problem: {failure.reason}"
                self._context.say(Severity.ERROR, message, new.urn, 2002, new.source_position)
        self._context.executor.stop()

    async def review_stack(self, roll: Roll) -> None:
        """Have the policies look at all that was registered, when it is done (E205)."""
        context = self._context
        states = [record.state for urn, record in context.executor.current.items() if urn in roll.settled]
        firsts = {urn: goal.options.delete_before_replace for urn, goal in context.goals.items()}
        if not await self.policies.review_stack(states, context.root, firsts):
            context.failed = True
