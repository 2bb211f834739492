"""What policies say of a stack as it is recorded, without its program (cli.md §13)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from stackwright.engine import AnalyzerHost, Policies, Reporter, Target
from stackwright.state import ResourceState
from stackwright.urn import ROOT_STACK_TYPE


def review_recorded(
    states: Sequence[ResourceState], packs: AnalyzerHost, target: Target, *, report: Reporter
) -> bool:
    """
    Ask *packs* about every record, and then about all of them; whether all of it may be.

    What they say goes to *report*. Nothing is changed: remediations only tell what they would do.

    Raises:
        StackwrightError: A pack cannot be loaded, is set wrongly, or fails.
    """
    return asyncio.run(_review([each for each in states if not each.delete], packs, target, report))


async def _review(
    states: Sequence[ResourceState], packs: AnalyzerHost, target: Target, report: Reporter
) -> bool:
    known = {state.urn: state for state in states}
    root = next((state.urn for state in states if state.type == ROOT_STACK_TYPE), None)
    try:
        analyzers = await packs.open(target, preview=False, report=report)
        policies = Policies(analyzers, report=report, recorded=known.get)
        allowed = True
        for state in states:
            allowed &= await policies.review(await policies.remediated(state, None), None)
        return await policies.review_stack(states, root, {}) and allowed
    finally:
        await packs.close()
