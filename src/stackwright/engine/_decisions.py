"""
From an old record and a new one to what is to be done, with the provider's answers.

What follows from the answers is decided in `plan`. Facts: engine.md §5, E56.
"""

from __future__ import annotations

import msgspec

from stackwright.diagnostics import Severity
from stackwright.engine._context import Context
from stackwright.engine._steps import Record
from stackwright.engine.apply import DiffUnavailableError
from stackwright.engine.plan import Decision, decide_early, decide_from_diff, unavailable_decision
from stackwright.errors import StackwrightError
from stackwright.providers import DiffChanges, DiffRequest, DiffResult, Provider
from stackwright.state import ResourceState
from stackwright.urn import ProviderReference, Urn, is_provider_type, parse_provider_reference, urn_type
from stackwright.values import PropertyMap


class Decisions:
    """Asks providers for what `plan` needs to know about one record at a time."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def decide(self, new: ResourceState, old: Record | None, first: bool | None) -> Decision:
        context = self._context
        changed = await self._provider_changed(new, old)
        try:
            decision = decide_early(
                new,
                old,
                context.facts,
                provider_changed=changed,
                preview=context.options.preview,
                delete_before_replace=first,
            )
        except StackwrightError as error:
            raise context.bail(str(error), urn=new.urn, place=new.source_position) from error
        if decision is not None or old is None:
            if decision is None:
                raise context.bail("nothing was decided", urn=new.urn)
            return decision
        try:
            diff = await self.diff(new, old.state)
            return decide_from_diff(new, old.state, diff, delete_before_replace=first)
        except DiffUnavailableError as error:
            context.say(Severity.WARNING, str(error), new.urn)
            return unavailable_decision(new, old.state, delete_before_replace=first)
        except StackwrightError as error:
            raise context.bail(str(error), urn=new.urn, place=new.source_position) from error

    async def diff(self, new: ResourceState, old: ResourceState) -> DiffResult:
        registry = self._context.registry
        if is_provider_type(new.type):
            return await registry.diff(new.urn, old=old, news=new.inputs, ignore_changes=new.ignore_changes)
        provider = await registry.provider(new.provider, new.extension_ref)
        return await self.ask(provider, new.urn, old, new.inputs, new.ignore_changes)

    async def ask(
        self,
        provider: Provider,
        urn: Urn,
        old: ResourceState,
        news: PropertyMap,
        ignore_changes: tuple[str, ...],
        *,
        preview: bool | None = None,
    ) -> DiffResult:
        return await provider.diff(
            DiffRequest(
                urn=urn,
                # Under an alias an old record may be of another type than it is to be now.
                type=urn_type(urn),
                id=old.id,
                old_inputs=old.inputs,
                old_outputs=old.outputs,
                news=news,
                preview=self._context.options.preview if preview is None else preview,
                ignore_changes=ignore_changes,
            )
        )

    async def _provider_changed(self, new: ResourceState, old: Record | None) -> bool:
        """Whether another provider makes it another resource (E56)."""
        if old is None or old.state.provider == new.provider or old.state.external:
            return False
        if not old.state.provider or not new.provider:
            return True
        was, is_ = parse_provider_reference(old.state.provider), parse_provider_reference(new.provider)
        if self._context.aliases.new_name(was.urn) == is_.urn:
            return False
        before = self._recorded_provider(was)
        after = self._context.executor.current.get(is_.urn)
        if before is None or after is None:
            return True
        diff = await self._context.registry.diff(
            is_.urn,
            old=msgspec.structs.replace(before, id=is_.id),
            news=after.state.inputs,
        )
        return diff.changes is DiffChanges.SOME and diff.requires_replacement

    def _recorded_provider(self, reference: ProviderReference) -> ResourceState | None:
        for record in self._context.base.all(reference.urn):
            if record.state.id == reference.id:
                return record.state
        current = self._context.executor.current.get(reference.urn)
        return current.state if current is not None and current.state.id == reference.id else None
