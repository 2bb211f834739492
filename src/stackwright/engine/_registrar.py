"""
From a registration to a recorded resource: the pipeline, in order.

One coroutine for each request. What a request must be is said by `_requests`, what its
provider and policies make of it by `_checks`, what is to be done by `_decisions` and `plan`;
what is done goes through `apply`. This puts the questions in order. Everything up to the URN
happens in the order of the requests. Facts: engine.md §3.2-3.4, §5.
"""

from __future__ import annotations

from functools import partial

import msgspec

from stackwright.engine._announced import Announced
from stackwright.engine._checks import Checks
from stackwright.engine._claims import claim
from stackwright.engine._context import Context
from stackwright.engine._decisions import Decisions
from stackwright.engine._defaults import DefaultProviders
from stackwright.engine._guests import Guests, place_in_words
from stackwright.engine._naming import Naming
from stackwright.engine._outputs import Outputs
from stackwright.engine._replacements import Replacements
from stackwright.engine._request_inputs import prepared
from stackwright.engine._requests import check_request
from stackwright.engine._roll import Roll
from stackwright.engine._steps import Op, Record, Step
from stackwright.engine._transforms import Transforms
from stackwright.engine.apply import DeploymentStoppedError, Done, StepFailedError
from stackwright.engine.plan import (
    Decision,
    DecisionKind,
    Match,
    choose_provider,
    effective_providers,
    inherit,
    new_record,
    steps_for,
)
from stackwright.errors import StackwrightError
from stackwright.goals import Registered, RegisterRequest, ResourceTransform, Result
from stackwright.providers import ConstructRequest
from stackwright.state import ResourceState
from stackwright.urn import (
    ROOT_STACK_TYPE,
    UNKNOWN_ID,
    Urn,
    is_provider_type,
    is_root_stack,
    parse_provider_reference,
    resource_package,
)
from stackwright.values import dependencies_by_property, reduce_outputs


class Registrar:
    """Serves the registrations of one deployment."""

    def __init__(
        self,
        context: Context,
        transforms: Transforms,
        guests: Guests,
        announced: Announced,
        roll: Roll,
        checks: Checks,
        outputs: Outputs,
    ) -> None:
        self._context = context
        self._transforms = transforms
        self._guests = guests
        self._announced = announced
        self._roll = roll
        self._checks = checks
        self._outputs = outputs
        self._naming = Naming(context)
        self._decisions = Decisions(context)
        self._replacements = Replacements(context, checks, self._decisions, roll)
        self.defaults = DefaultProviders(context, self.register_provider, announced)

    async def register(
        self, request: RegisterRequest, transforms: tuple[ResourceTransform, ...]
    ) -> Registered:
        """
        Serve a registration (E61-E84); *transforms* are those that the stack had when it was asked for.

        Raises:
            InvalidRequestError: The request itself is wrong; tell the program.
            BailError, StepFailedError, DeploymentStoppedError: The deployment stops; the
                user has been told, the program is not answered.
        """
        request = self._guests.placed(request)
        parent = request.parent
        if parent is not None and parent not in self._roll.seen:
            raise self._context.bail(
                f"could not find parent resource {parent}, which {request.type} `{request.name}` names",
                urn=None,
            )
        check_request(request)
        with self._roll.under_way(parent):
            return await self._register(request, transforms)

    async def register_provider(self, request: RegisterRequest) -> Registered:
        """A provider that no program asked for goes the way of every resource, untransformed."""
        return await self._register(request, None)

    async def _register(
        self, request: RegisterRequest, transforms: tuple[ResourceTransform, ...] | None
    ) -> Registered:
        context = self._context
        parent_goal = context.goals.get(request.parent) if request.parent else None
        if parent_goal is not None and request.parent is not None:
            owner = context.executor.current.get(request.parent) if parent_goal.custom else None
            request = inherit(request, parent_goal, owner.state.provider if owner is not None else "")
        if transforms is not None and self._transforms.apply_to(request, transforms):
            request = await self._transforms.run(self._transforms.handed_over(request), transforms)
        reference = await self._provider_reference(request)
        request = await prepared(request, self._announced, context.target.asset_directory)
        if request.remote:
            return await self._construct(request, reference)
        urn, match = claim(context, self._roll, request)
        if request.type == ROOT_STACK_TYPE and context.root is None and is_root_stack(urn):
            context.root = urn
        if not request.custom:
            above = self._roll.providers_of(request.parent)
            self._roll.give(urn, effective_providers(request.options.providers, above))
        if match.alias is not None and is_provider_type(request.type):
            context.registry.alias(match.alias, urn)
        try:
            done = await self._realize(urn, request, reference, match)
        except StepFailedError:
            self._roll.errored.add(urn)
            if not context.options.continue_on_error:
                raise
            return Registered(urn=urn, result=Result.FAIL)
        if done is None:
            self._roll.errored.add(urn)
            return Registered(urn=urn, result=Result.SKIP)
        context.goals[urn] = request
        self._transforms.remember(urn, request)
        self._roll.settled.add(urn)
        return self._answer(request, done)

    async def _construct(self, request: RegisterRequest, reference: str) -> Registered:
        """
        Have a provider build a component (E77).

        The component's own registration, and those of its parts, come from the provider's
        process while this waits: there is no step for this one.
        """
        context = self._context
        above = self._roll.providers_of(request.parent)
        options = msgspec.structs.replace(
            request.options, providers=effective_providers(request.options.providers, above)
        )
        self._transforms.hand_over(request)
        try:
            provider = await context.registry.provider(
                reference, self._announced.extension_of(request.package_ref)
            )
            built = await provider.construct(
                ConstructRequest(
                    type=request.type,
                    name=request.name,
                    parent=request.parent,
                    inputs=request.inputs,
                    input_dependencies=options.property_dependencies or {},
                    options=options,
                    deployment=context.info,
                    monitor_address=await self._guests.address(),
                    trace_handle=self._guests.trace_handle(request),
                )
            )
        except StackwrightError as error:
            what = f"could not construct {request.type} `{request.name}`: {error}{place_in_words(request)}"
            raise context.bail(what, urn=None, code=2002) from error
        return Registered(
            urn=built.urn,
            outputs=reduce_outputs(built.outputs),
            dependencies=dependencies_by_property(built.outputs, built.dependencies),
        )

    @staticmethod
    def _answer(request: RegisterRequest, done: ResourceState) -> Registered:
        id_ = done.id
        if request.custom and not id_ and is_provider_type(request.type):
            id_ = UNKNOWN_ID
        return Registered(
            urn=done.urn,
            id=id_ if request.custom else None,
            outputs=done.outputs if request.custom else {},
        )

    async def _provider_reference(self, request: RegisterRequest) -> str:
        """E39, E71: which provider manages it; components and providers have none."""
        if not (request.custom or request.remote) or is_provider_type(request.type):
            return ""
        above = self._roll.providers_of(request.parent)
        base = self._announced.extended(request.package_ref)
        reference = choose_provider(request, above, package=base)
        if reference:
            parse_provider_reference(reference)
            return reference
        package = self._announced.package(
            resource_package(request.type), request.package_ref, request.options
        )
        return await self.defaults.reference(package, wanted_by=f"'{request.name}' ({request.type})")

    # From an old record and a goal to steps -----------------------------------------------------

    async def _realize(
        self, urn: Urn, request: RegisterRequest, reference: str, match: Match
    ) -> ResourceState | None:
        """Check, decide, do. None: skipped because something it needs has failed."""
        context = self._context
        await self._replacements.own_half_is_gone(urn)
        old = match.record
        extension = "" if is_provider_type(request.type) else request.package_ref
        record_of = partial(
            new_record,
            request,
            urn,
            provider=reference,
            root_directory=context.target.root_directory,
            extension_ref=self._announced.extension_of(extension),
        )
        new = record_of(old.state if old else None, match.alias)
        if old is not None:
            self._roll.operated.add(old.state.urn)
        if self._roll.needs_errored(new):
            return None
        imported = self._is_import(request, old)
        if imported:
            old = await self._import(new, old)
            new = record_of(old.state, None)
        seed = context.seed() if new.custom else b""
        recreate = old is None or context.facts.recreates(old.state)
        new = await self._checks.checked(new, request, None if recreate or old is None else old.state, seed)
        await self._checks.review(new, request)
        decision = await self._decisions.decide(new, old, self._deletes_first(request))
        if decision.kind is DecisionKind.SAME and imported and old is not None:
            context.executor.current[urn] = old
            self._outputs.expect(urn, [Step(op=Op.SAME, urn=urn, old=old, new=new)])
            return old.state
        return await self._do(urn, request, old, new, decision, seed)

    @staticmethod
    def _is_import(request: RegisterRequest, old: Record | None) -> bool:
        """E143."""
        wanted = request.options.import_id
        if not wanted or not request.custom:
            return False
        return old is None or old.state.external or wanted != (old.state.import_id or old.state.id)

    async def _import(self, new: ResourceState, old: Record | None) -> Record:
        """Adopt an object that exists by its id, before it is compared with the goal (E230, E231)."""
        executor = self._context.executor
        op = Op.IMPORT if old is None else Op.IMPORT_REPLACEMENT
        step = Step(op=op, urn=new.urn, old=old, new=new, pending_delete=old is not None)
        done = await executor.run(step)
        self._context.facts.made(step)
        if old is not None:
            marker = Step(op=Op.REPLACE, urn=new.urn, old=old, new=new)
            self._context.facts.note([marker])
            await executor.run(marker)
        return _record(done)

    def _deletes_first(self, request: RegisterRequest) -> bool | None:
        """The program's say, unless names without a random part leave no choice (E144, E161)."""
        if request.custom and self._naming.forces_delete_first(request.type):
            return True
        return request.options.delete_before_replace

    async def _do(
        self,
        urn: Urn,
        request: RegisterRequest,
        old: Record | None,
        new: ResourceState,
        decision: Decision,
        seed: bytes,
    ) -> ResourceState | None:
        context = self._context
        if decision.kind is DecisionKind.REPLACE and old is not None:
            new = await self._replacements.prepare(request, old, new, decision, seed)
        steps = list(steps_for(decision, urn, old, new))
        delete_first = [step for step in steps if step.op.deletes]
        if delete_first and old is not None:
            await self._replacements.delete_before(old, delete_first)
            steps = [step for step in steps if not step.op.deletes]
        context.facts.note(steps)
        result = await context.carry_out(steps)
        if result is None:
            raise context.bail("no step was made", urn=urn)
        self._outputs.expect(urn, steps)
        return result.new


def _record(done: Done) -> Record:
    if done.key is None or done.new is None:
        raise DeploymentStoppedError
    return Record(done.key, done.new)
