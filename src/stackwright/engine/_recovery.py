"""
What an interrupted run left behind: look at each operation that was in flight, and settle it.

The journal knows what had begun and not ended. Each such operation is probed with the
provider before anything else happens: what was made after all is adopted, what is gone is
dropped, and the user is told which and why. (The compatible tool only warns: E260-E262.)
"""

from __future__ import annotations

import asyncio
from itertools import chain

import msgspec

from stackwright.engine._context import Context
from stackwright.engine._events import PendingFound
from stackwright.engine._likely_ids import description, ids_taken, likely_ids
from stackwright.engine._outcomes import Outcomes
from stackwright.engine._steps import Record
from stackwright.engine.apply import now
from stackwright.engine.plan import rebuilt
from stackwright.errors import StackwrightError, StateError
from stackwright.providers import (
    DiffChanges,
    DiffRequest,
    KnowsIds,
    LikelyId,
    ProviderError,
    ReadRequest,
    ReadResult,
)
from stackwright.state import Change, Key, OperationKind, PendingOperation, ResourceState
from stackwright.urn import Urn, is_provider_type
from stackwright.values import PropertyMap, parse_path, reveal, values_equal


class Recovery:
    """Settles the operations that earlier runs left open."""

    def __init__(self, context: Context, pending: tuple[PendingOperation, ...]) -> None:
        self._context = context
        self._pending = pending
        self._outcomes = Outcomes()
        self._records: dict[Key, ResourceState | None] = {}
        self._gone: list[tuple[int, Key]] = []
        self._adopted: dict[Urn, Record] = {}
        self._taken: set[tuple[str, str]] = set()
        """Types and ids of what has been adopted: no object is adopted twice."""

    async def run(self) -> None:
        """Probe and settle everything; previews only tell. The base holds the findings afterwards."""
        if not self._pending:
            return
        if self._context.options.preview:
            for operation in self._pending:
                self._tell(operation, "was interrupted; the next update will look at what became of it")
            return
        by_urn: dict[Urn, list[PendingOperation]] = {}
        for operation in self._pending:
            by_urn.setdefault(operation.resource.urn, []).append(operation)
        answers = await asyncio.gather(
            *(self._settle_all(operations) for operations in by_urn.values()), return_exceptions=True
        )
        for answer in answers:
            if answer is not None:
                raise answer
        self._context.base, dangling = rebuilt(self._context.base, self._records)
        if self._gone:
            # All at once: a state in which others still refer to what is gone would not be whole.
            numbers = tuple(number for number, _ in self._gone)
            keys = tuple(dict.fromkeys(key for _, key in self._gone))
            await self._context.executor.commit(Change(settle=numbers, remove=keys, put=tuple(dangling)))

    async def _settle_all(self, operations: list[PendingOperation]) -> None:
        """
        Settle what is open for one URN, the oldest first: what one finds, the next goes by.

        There are several where one could not be looked at, and a later run was cut short as well.
        """
        for operation in operations:
            await self._settle(operation)

    def _tell(self, operation: PendingOperation, outcome: str) -> None:
        self._context.report(PendingFound(operation=operation, outcome=outcome))

    async def _settle(self, operation: PendingOperation) -> None:
        probe = {
            OperationKind.CREATING: self._creating,
            OperationKind.UPDATING: self._existing,
            OperationKind.DELETING: self._existing,
            OperationKind.READING: self._harmless,
            OperationKind.IMPORTING: self._harmless,
        }[operation.kind]
        try:
            await probe(operation)
        except StateError:
            raise  # a journal that cannot be written ends the run, as everywhere
        except StackwrightError as error:
            self._tell(operation, f"could not be looked at: {error.message}")
        except Exception as error:  # noqa: BLE001 - a provider may raise anything; the operation stays open
            self._tell(operation, f"could not be looked at: {type(error).__name__}: {error}")

    async def _harmless(self, operation: PendingOperation) -> None:
        """Reading and importing change nothing outside: there is nothing to find."""
        await self._context.executor.commit(Change(settle=(operation.number,)))
        self._tell(operation, "changed nothing")

    async def _existing(self, operation: PendingOperation) -> None:
        """An update or a delete: the record is there, and the object's id with it."""
        record = self._find(operation.resource)
        if record is None:
            await self._context.executor.commit(Change(settle=(operation.number,)))
            self._tell(operation, "concerns a resource that is recorded no more")
            return
        key, old = record
        result = await self._read(old, old.id, old.outputs, old.inputs)
        if not result.exists:
            self._gone.append((operation.number, key))
            self._records[key] = None
            self._tell(operation, f"left nothing behind: `{old.id}` does not exist any more; forgotten")
            return
        new = old
        if operation.kind is OperationKind.UPDATING:
            new = self._outcomes.refreshed(old, result, now=now()) or old
        put = () if new is old else ((key, new),)
        await self._context.executor.commit(Change(settle=(operation.number,), put=put))
        self._records[key] = new
        self._tell(operation, f"`{old.id}` exists and was read again; it will be compared once more")

    async def _creating(self, operation: PendingOperation) -> None:
        """A create: its id never reached us. Look under the names that it was to have."""
        wanted = operation.resource
        if not wanted.custom or is_provider_type(wanted.type):
            await self._harmless(operation)
            return
        recorded = [record.state for record in self._context.base.records()]
        taken = ids_taken(wanted, recorded)
        for likely in chain(await self._known_ids(wanted), likely_ids(wanted, recorded)):
            try:
                result = await self._read(wanted, likely.id, {}, None)
            except ProviderError:
                continue  # not an id of this kind: the provider would not even look
            if not result.exists or result.id in taken:
                continue
            if not await self._is_the_same(wanted, result, likely.inputs):
                continue
            identity = wanted.type, result.id
            if identity not in self._taken:
                self._taken.add(identity)
                await self._adopt(operation, wanted, result)
                return
        await self._context.executor.commit(Change(settle=(operation.number,)))
        self._tell(
            operation,
            "left nothing that could be found; it will be created again. If its provider had made it, "
            f"an object that nobody manages remains: look for {description(wanted)}",
        )

    async def _known_ids(self, wanted: ResourceState) -> tuple[LikelyId, ...]:
        """What the provider itself can say: better than any guess, where it can."""
        provider = await self._context.registry.provider(wanted.provider)
        return provider.likely_ids(wanted.type, wanted.inputs) if isinstance(provider, KnowsIds) else ()

    async def _is_the_same(self, wanted: ResourceState, result: ReadResult, names: tuple[str, ...]) -> bool:
        """
        Whether what was found has the names, and no input that differs from what was asked for.

        Where texts differ its provider has the last word: it knows that two documents say
        the same. What nobody asked for may differ; the update sees to that.
        """
        inputs = result.inputs if result.inputs is not None else result.outputs or {}
        found, asked = reveal(inputs), reveal(wanted.inputs)
        if not all(name in found and values_equal(asked[name], found[name]) for name in names):
            return False
        if all(values_equal(asked[key], value) for key, value in found.items() if key in asked):
            return True
        provider = await self._context.registry.provider(wanted.provider, wanted.extension_ref)
        request = DiffRequest(
            urn=wanted.urn,
            type=wanted.type,
            id=result.id,
            old_inputs=inputs,
            old_outputs=result.outputs or {},
            news=wanted.inputs,
            preview=False,
        )
        try:
            diff = await provider.diff(request)
        except ProviderError:
            return False
        if diff.changes is not DiffChanges.SOME:
            return diff.changes is DiffChanges.NONE
        differing = {*diff.diffs, *(str(parse_path(path)[0]) for path in diff.detailed or () if path)}
        return bool(differing) and not diff.requires_replacement and not differing & asked.keys()

    async def _adopt(self, operation: PendingOperation, wanted: ResourceState, result: ReadResult) -> None:
        key = self._context.executor.new_key()
        made = self._outcomes.created(wanted, result.id, result.outputs or {}, now=now())
        put = [(key, made)]
        live = self._adopted.get(wanted.urn) or self._context.base.live(wanted.urn)
        remove: tuple[Key, ...] = ()
        if live is not None:  # the new half of a replacement: the old one goes at the end, or is gone
            if live.state.pending_replacement:
                remove = (live.key,)
            else:
                put.append((live.key, msgspec.structs.replace(live.state, delete=True)))
        await self._context.executor.commit(Change(settle=(operation.number,), remove=remove, put=tuple(put)))
        self._records.update(dict.fromkeys(remove))
        self._records.update(put)
        self._adopted[wanted.urn] = Record(key, made)
        self._tell(operation, f"had been made: `{result.id}` exists with the same inputs; adopted")

    def _find(self, resource: ResourceState) -> tuple[Key, ResourceState] | None:
        for record in self._context.base.all(resource.urn):
            if record.state.id == resource.id or not resource.id:
                return record.key, record.state
        return None

    async def _read(
        self, resource: ResourceState, id_: str, outputs: PropertyMap, inputs: PropertyMap | None
    ) -> ReadResult:
        if not resource.custom or is_provider_type(resource.type) or not id_:
            return ReadResult(id=id_ or "-", outputs=outputs, inputs=inputs)
        provider = await self._context.registry.provider(resource.provider, resource.extension_ref)
        return await provider.read(
            ReadRequest(urn=resource.urn, type=resource.type, id=id_, outputs=outputs, inputs=inputs)
        )
