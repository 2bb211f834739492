"""
Taking in what exists already, by command (engine.md §10.5).

No program runs: what is recorded stays, the stack and the providers that are wanting are
made, and then everything is looked up, parents before children. What is taken in and what
speaks against it is decided in `plan`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from stackwright.engine._announced import Announced
from stackwright.engine._context import Context
from stackwright.engine._packages import default_provider_name
from stackwright.engine._registrar import Registrar
from stackwright.engine._steps import Op, Step, Supplied
from stackwright.engine.apply import DeploymentStoppedError, StepFailedError
from stackwright.engine.plan import ImportGoal, Planned, Taken, batches, plan_imports
from stackwright.goals import PackageRequest, RegisterRequest, ResourceOptions
from stackwright.providers import ProviderError, ReadRequest
from stackwright.state import ResourceState
from stackwright.urn import (
    ROOT_STACK_TYPE,
    UNKNOWN_ID,
    Urn,
    child_urn,
    is_provider_type,
    make_urn,
    provider_type,
    resource_package,
    urn_name,
    urn_qualified_type,
    urn_type,
)
from stackwright.values import reveal, values_equal


class Imports:
    """The import of one deployment."""

    def __init__(
        self, context: Context, registrar: Registrar, announced: Announced, goals: Sequence[ImportGoal]
    ) -> None:
        self._context = context
        self._registrar = registrar
        self._announced = announced
        self._goals = goals
        target = context.target
        self._root = make_urn(
            target.stack, target.project, "", ROOT_STACK_TYPE, f"{target.project}-{target.stack}"
        )
        self._made: dict[Urn, str] = {}
        """References of the providers that there are, or are made here, by URN."""
        self._components: list[Step] = []
        self._looking = asyncio.Semaphore(context.options.parallel)

    async def run(self) -> None:
        """
        Do all of it, in the order of E223; the first phase or batch that fails is the last.

        Raises:
            BailError: The request is wrong, and the user has been told.
        """
        try:
            await self.keep()
            planned = await self._planned()
            await self._stack()
            await self._providers(planned)
            for batch in batches([each for each in planned if not each.goal.is_provider]):
                if not await self._take_in(batch):
                    break
        except (StepFailedError, DeploymentStoppedError):
            pass  # told already
        await self._show_components()

    async def keep(self, *, only_providers: bool = False) -> None:
        """What is recorded is still there; its providers become ready by that."""
        for record in self._context.base.records():
            if not record.state.delete and (not only_providers or is_provider_type(record.state.type)):
                await self._run(Step(op=Op.SAME, urn=record.state.urn, old=record, new=record.state))

    async def _run(self, step: Step) -> None:
        await self._context.executor.run(step)
        if step.new is not None and not step.new.custom:
            self._components.append(step)

    async def _planned(self) -> list[Planned]:
        context, target = self._context, self._context.target
        known = (each for each in context.executor.current.values() if _is_stack(each.state))
        self._root = next((each.state.urn for each in known), self._root)
        context.root = self._root
        plan = plan_imports(
            self._goals,
            context.executor.current,
            stack=target.stack,
            project=target.project,
            root=self._root,
        )
        managed = await asyncio.gather(*(self._is_managed(each) for each in plan.taken))
        taken = [each.problem for each, known in zip(plan.taken, managed, strict=True) if not known]
        found = [context.bail(each.message, urn=each.urn) for each in (*plan.problems, *taken)]
        if found:
            raise found[0]
        return plan.planned

    async def _is_managed(self, taken: Taken) -> bool:
        """
        Whether the id is another word for the object that the stack has.

        Many are imported by one id and known by another. Who repeats an import that ended
        half-way means the same objects.
        """
        old, id_ = taken.old, taken.planned.goal.id
        if not old.custom or is_provider_type(old.type) or not id_:
            return False
        request = ReadRequest(urn=old.urn, type=old.type, id=id_, outputs={}, inputs=None)
        try:
            async with self._looking:
                registry = self._context.registry
                result = await (await registry.provider(old.provider, old.extension_ref)).read(request)
        except ProviderError:
            return False
        return result.id == old.id and values_equal(reveal(result.outputs), reveal(old.outputs))

    async def _stack(self) -> None:
        """E224: the stack's own resource, if there is none."""
        if self._root not in self._context.executor.current:
            new = ResourceState(urn=self._root, type=ROOT_STACK_TYPE, custom=False)
            await self._run(Step(op=Op.CREATE, urn=self._root, new=new))

    # Providers ----------------------------------------------------------------------------------

    async def _providers(self, planned: Sequence[Planned]) -> None:
        """E225: those that are wanted and not there are made; those that are stay as they are."""
        for each in planned:
            if each.goal.is_provider:
                self._made[each.urn] = await self._make(each.urn, each.goal, each.goal.inputs or {})
        for each in planned:
            if each.goal.is_managed:
                await self.provider_of(each.goal)

    async def provider_of(self, goal: ImportGoal) -> str:
        """The reference of what manages *goal*: recorded, or made now (E225)."""
        urn = goal.provider or self._default(goal)
        known = self._made.get(urn)
        if known is None:
            known = self._made[urn] = await self._find_or_make(urn, goal)
        return known

    def _package(self, goal: ImportGoal) -> PackageRequest:
        return goal.package or PackageRequest(name=resource_package(goal.type))

    def _default(self, goal: ImportGoal) -> Urn:
        package, target = self._package(goal), self._context.target
        kind, name = provider_type(package.package), default_provider_name(package)
        return child_urn(target.stack, target.project, None, kind, name)

    async def _find_or_make(self, urn: Urn, goal: ImportGoal) -> str:
        recorded = self._context.executor.current.get(urn)
        if recorded is not None and not (goal.provider is None and self._is_denied(goal)):
            return f"{urn}::{recorded.state.id or UNKNOWN_ID}"
        if goal.provider is None:
            package = self._package(goal)
            self._announced.announce(package)
            return await self._registrar.defaults.reference(package, wanted_by=f"'{goal.name}' ({goal.type})")
        if goal.provider_inputs is None:
            raise self._context.bail(
                f"the provider of `{goal.name}` ({goal.type}) is unknown: {urn} is not in the stack", urn=None
            )
        return await self._make(urn, goal, goal.provider_inputs)

    def _is_denied(self, goal: ImportGoal) -> bool:
        return self._registrar.defaults.is_denied(self._package(goal).package)

    async def _make(self, urn: Urn, goal: ImportGoal, inputs: dict[str, object]) -> str:
        """An explicit provider, at *urn*, with what *goal* says of its plugin."""
        kind = urn_type(urn)
        parent = goal.parent if goal.is_provider else None
        if not goal.is_provider and urn_qualified_type(urn) != kind:
            raise self._context.bail(
                f"the provider {urn} is not in the stack, and cannot be made: its parent is unknown", urn=None
            )
        package = goal.package or PackageRequest(name=resource_package(kind))
        request = RegisterRequest(
            type=kind,
            name=urn_name(urn),
            custom=True,
            parent=parent or self._root,
            inputs=inputs,
            options=ResourceOptions(
                version=package.version,
                plugin_download_url=package.download_url,
                plugin_checksums=package.checksums,
                protect=goal.protect if goal.is_provider else None,
            ),
            package_ref=self._announced.announce(package),
        )
        registered = await self._registrar.register_provider(request)
        return f"{registered.urn}::{registered.id or UNKNOWN_ID}"

    # Resources ----------------------------------------------------------------------------------

    async def _take_in(self, batch: Sequence[Planned]) -> bool:
        """Look all of *batch* up; whether nothing failed. One that fails does not stop the others (E250)."""
        executor = self._context.executor
        executor.keeps_going = True
        try:
            steps = [await self._step(each) for each in batch]
            results = await asyncio.gather(*(self._run(step) for step in steps), return_exceptions=True)
        finally:
            executor.keeps_going = False
        for result in results:
            if isinstance(result, BaseException) and not isinstance(
                result, StepFailedError | DeploymentStoppedError
            ):
                raise result
        return not any(isinstance(result, BaseException) for result in results)

    async def _step(self, planned: Planned) -> Step:
        goal = planned.goal
        new = ResourceState(
            urn=planned.urn,
            type=goal.type,
            custom=not goal.component,
            parent=goal.parent or self._root,
            provider=await self.provider_of(goal) if goal.is_managed else "",
            protect=goal.protect,
            import_id=goal.id,
            extension_ref=self._context.registry.extensions.announce(goal.extension)
            if goal.extension
            else "",
        )
        supplied = Supplied(inputs=goal.inputs, outputs=goal.outputs, properties=goal.properties)
        return Step(op=Op.IMPORT, urn=planned.urn, new=new, supplied=supplied)

    async def _show_components(self) -> None:
        """Components are shown when they get their outputs; these have them already (E89, E294)."""
        executor = self._context.executor
        for step in self._components:
            await executor.record_outputs(step.urn, executor.current[step.urn].state.outputs, step)


def _is_stack(state: ResourceState) -> bool:
    return state.type == ROOT_STACK_TYPE and state.parent is None
