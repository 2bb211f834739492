"""
What a program adds to a resource after its registration: outputs (engine.md E85-E89).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from stackwright.engine._context import Context
from stackwright.engine._roll import Roll
from stackwright.engine._steps import Step
from stackwright.engine.plan import merge_stack_outputs
from stackwright.urn import Urn
from stackwright.values import PropertyMap, contains_assets, reduce_outputs, with_recorded_hashes


class Outputs:
    """The outputs of components and of the stack."""

    def __init__(self, context: Context, roll: Roll) -> None:
        self._context = context
        self._roll = roll
        self._finishable: dict[Urn, Step] = {}
        self._stack: PropertyMap | None = None

    def expect(self, urn: Urn, steps: Sequence[Step]) -> None:
        """Outputs for *urn* may come: they are recorded as what the last word of *steps* has left."""
        self._finishable[urn] = next((step for step in steps if step.is_logical), steps[-1])

    async def register(self, urn: Urn, outputs: PropertyMap) -> None:
        """Serve RegisterResourceOutputs (E85-E89); the stack's own are kept for the end."""
        outputs = reduce_outputs(outputs)
        if contains_assets(outputs):
            directory = self._context.target.asset_directory
            outputs = await asyncio.to_thread(with_recorded_hashes, outputs, directory, self._recorded)
        if urn == self._context.root:
            self._stack = outputs
            return
        step = self._finishable.pop(urn, None)
        if step is None:
            if urn in self._roll.errored:
                return
            raise self._context.bail(
                f"cannot complete a resource '{urn}' whose registration isn't pending", urn=urn
            )
        await self._context.executor.record_outputs(urn, outputs, step)

    def _recorded(self) -> Iterator[PropertyMap]:
        """What resources have: an output may well name a file that has moved since it was used."""
        for record in list(self._context.executor.current.values()):
            yield record.state.outputs
            yield record.state.inputs

    async def finish_stack(self, *, failed: bool) -> None:
        """Apply the stack's outputs when all else is done (E87)."""
        root = self._context.root
        step = self._finishable.get(root) if root else None
        if root is None or step is None or root not in self._context.executor.current:
            return
        old = step.old.state.outputs if step.old is not None else {}
        if self._stack is None:
            outputs = old if failed else {}
        else:
            outputs = merge_stack_outputs(old, self._stack, failed=failed)
        await self._context.executor.record_outputs(root, outputs, step)
