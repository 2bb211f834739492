"""
From a request to a recorded resource: the pipeline of registrations and reads.

One coroutine for each request. What is decided comes from `plan`, what is done goes
through `apply`; this puts the questions in order. Everything up to the URN happens in
the order of the requests. Facts: engine.md §3.2-3.4, §5.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator, Mapping

import msgspec

from stackwright.diagnostics import Severity
from stackwright.engine._context import BailError, Context
from stackwright.engine._defaults import DefaultProviders
from stackwright.engine._guests import Guests, place_in_words
from stackwright.engine._naming import Naming
from stackwright.engine._outcomes import Outcomes
from stackwright.engine._packages import engine_inputs
from stackwright.engine._policies import Policies
from stackwright.engine._steps import Op, Record, Step
from stackwright.engine._transforms import Transforms
from stackwright.engine.apply import DeploymentStoppedError, DiffUnavailableError, Done, StepFailedError
from stackwright.engine.plan import (
    Ask,
    Decision,
    DecisionKind,
    Doomed,
    Match,
    apply_ignore_changes,
    cascade,
    cascade_steps,
    choose_provider,
    decide_early,
    decide_from_diff,
    effective_providers,
    inherit,
    merge_stack_outputs,
    new_record,
    plan_read,
    position_text,
    replacement_refused,
    steps_for,
    unavailable_decision,
)
from stackwright.errors import StackwrightError, UserError
from stackwright.goals import (
    PackageRequest,
    Parameterization,
    ReadRequest,
    Registered,
    RegisterRequest,
    ResourceOptions,
    ResourceTransform,
    Result,
    ServedRequest,
)
from stackwright.providers import (
    CheckRequest,
    CheckResult,
    ConstructRequest,
    DiffChanges,
    DiffRequest,
    DiffResult,
    Provider,
)
from stackwright.state import ResourceState
from stackwright.urn import (
    ROOT_STACK_TYPE,
    UNKNOWN_ID,
    ProviderReference,
    Urn,
    child_urn,
    is_provider_type,
    is_root_stack,
    is_type_token,
    parse_provider_reference,
    provider_package,
    resource_package,
    urn_type,
)
from stackwright.values import (
    PropertyMap,
    contains_assets,
    contains_outputs,
    dependencies_by_property,
    reduce_outputs,
    with_hashes,
)


class InvalidRequestError(UserError):
    """A registration is wrong in itself; the program hears of it, nothing else happens (protocol.md §6.6)."""

    code = "invalid-request"


class Registrar:
    """Serves registrations, reads and outputs of one deployment."""

    def __init__(self, context: Context, transforms: Transforms, guests: Guests) -> None:
        self._context = context
        self._transforms = transforms
        self._guests = guests
        self.policies = Policies()
        self._outcomes = Outcomes()
        self._naming = Naming(context)
        self.packages: dict[str, PackageRequest] = {}
        """Announced packages by the reference that requests use (E96)."""
        self.defaults = DefaultProviders(context, self.register_provider, self.packages)
        self.seen: set[Urn] = set()
        """Every URN of this deployment, from the moment it is generated (E11)."""
        self.settled: set[Urn] = set()
        """URNs whose request was answered (E93)."""
        self.operated: set[Urn] = set()
        """URNs of old records that this deployment has dealt with (E129)."""
        self.children: dict[Urn, list[Urn]] = {}
        self.below: dict[Urn, int] = {}
        """How many registrations are under way beneath a component (E61)."""
        self.errored: set[Urn] = set()
        """Failed or skipped: what needs them is skipped, when errors do not stop everything (E240)."""
        self._providers: dict[Urn, Mapping[str, str]] = {}
        self._finishable: dict[Urn, Step] = {}
        self._stack_outputs: tuple[Urn, PropertyMap] | None = None
        self._deleting: dict[Urn, asyncio.Future[bool]] = {}
        self._cascading = asyncio.Lock()

    # Registration -------------------------------------------------------------------------------

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
        self._check_request(request)
        if parent is not None:
            self.below[parent] = self.below.get(parent, 0) + 1
        try:
            return await self._register(request, transforms)
        finally:
            if parent is not None:
                self.below[parent] -= 1

    def _check_request(self, request: RegisterRequest) -> None:
        parent = request.parent
        if parent is not None and parent not in self.seen:
            raise self._context.bail(
                f"could not find parent resource {parent}, which {request.type} `{request.name}` names",
                urn=None,
            )
        if (request.custom or request.remote) and not is_type_token(request.type):
            raise InvalidRequestError(
                f"`{request.type}` is not a type of resources that a provider manages",
                hint="Such a type has three parts: package:module:name",
            )
        if request.options.env_var_mappings and not is_provider_type(request.type):
            raise InvalidRequestError(
                f"env_var_mappings is for providers; `{request.name}` ({request.type}) is none"
            )

    async def register_provider(self, request: RegisterRequest) -> Registered:
        """A provider that no program asked for goes the way of every resource, untransformed."""
        return await self._register(request, None)

    def announce(self, package: PackageRequest) -> str:
        """The reference by which requests name *package*; equal ones share one (E96)."""
        for known, other in self.packages.items():
            if other == package:
                return known
        reference = str(uuid.uuid4())
        self.packages[reference] = package
        return reference

    def announce_extension(self, base: PackageRequest, value: Parameterization) -> str:
        """The reference of what *base* is to learn: its provider serves the resources that name it (E96)."""
        reference = self._context.registry.extensions.announce(value)
        self.packages[reference] = base
        return reference

    def extension_of(self, package_ref: str) -> str:
        """*package_ref*, if it is the reference of an extension that was announced."""
        extensions = self._context.registry.extensions
        return package_ref if package_ref in self.packages and package_ref in extensions else ""

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
        request = await self._prepare_inputs(request)
        if request.remote:
            return await self._construct(request, reference)
        target = context.target
        urn = child_urn(target.stack, target.project, request.parent, request.type, request.name)
        self._claim_urn(urn, request)
        if request.type == ROOT_STACK_TYPE and context.root is None and is_root_stack(urn):
            context.root = urn
        self.children.setdefault(request.parent or Urn(""), []).append(urn)
        if not request.custom:
            above = self._providers.get(request.parent, {}) if request.parent else {}
            self._providers[urn] = effective_providers(request.options.providers, above)
        match = context.aliases.claim(urn, context.aliases.candidates(urn, request), context.base)
        if match.conflict is not None:
            code, message = match.conflict
            raise context.bail(message, urn=urn, code=code)
        if match.alias is not None and is_provider_type(request.type):
            context.registry.alias(match.alias, urn)
        try:
            done = await self._realize(urn, request, reference, match)
        except StepFailedError:
            self.errored.add(urn)
            if not context.options.continue_on_error:
                raise
            return Registered(urn=urn, result=Result.FAIL)
        if done is None:
            self.errored.add(urn)
            return Registered(urn=urn, result=Result.SKIP)
        context.goals[urn] = request
        self._transforms.remember(urn, request)
        self.settled.add(urn)
        return self._answer(request, done)

    async def _construct(self, request: RegisterRequest, reference: str) -> Registered:
        """
        Have a provider build a component (E77).

        The component's own registration, and those of its parts, come from the provider's
        process while this waits: there is no step for this one.
        """
        context = self._context
        above = self._providers.get(request.parent, {}) if request.parent else {}
        options = msgspec.structs.replace(
            request.options, providers=effective_providers(request.options.providers, above)
        )
        self._transforms.hand_over(request)
        try:
            provider = await context.registry.provider(reference, self.extension_of(request.package_ref))
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

    def _answer(self, request: RegisterRequest, done: ResourceState) -> Registered:
        id_ = done.id
        if request.custom and not id_ and is_provider_type(request.type):
            id_ = UNKNOWN_ID
        return Registered(
            urn=done.urn,
            id=id_ if request.custom else None,
            outputs=done.outputs if request.custom else {},
        )

    def _claim_urn(self, urn: Urn, request: RegisterRequest | ReadRequest) -> None:
        if urn in self.seen:
            raise self._context.bail(
                f"Duplicate resource URN '{urn}'; try giving it a unique name",
                urn=urn,
                code=2001,
                place=position_text(request.source, self._context.target.root_directory),
            )
        self.seen.add(urn)

    async def _provider_reference(self, request: RegisterRequest) -> str:
        """E39, E71: which provider manages it; components and providers have none."""
        if not (request.custom or request.remote) or is_provider_type(request.type):
            return ""
        above = self._providers.get(request.parent, {}) if request.parent else {}
        extension = self.extension_of(request.package_ref)
        base = self.packages[extension].package if extension else ""
        reference = choose_provider(request, above, package=base)
        if reference:
            parse_provider_reference(reference)
            return reference
        package = self.package(resource_package(request.type), request.package_ref, request.options)
        return await self.defaults.reference(package, wanted_by=f"'{request.name}' ({request.type})")

    def package(self, name: str, package_ref: str, choice: ResourceOptions | ServedRequest) -> PackageRequest:
        """
        The package *name* as a request wants it, or the announced one that it refers to (protocol.md §10.2).

        Raises:
            InvalidRequestError: Nobody has announced it.
        """
        if package_ref:
            package = self.packages.get(package_ref)
            if package is None:
                raise InvalidRequestError(f"unknown provider package '{package_ref}'")
            return package
        return PackageRequest(
            name=name,
            version=choice.version,
            download_url=choice.plugin_download_url.removesuffix("/"),
            checksums=choice.plugin_checksums,
        )

    async def _prepare_inputs(self, request: RegisterRequest) -> RegisterRequest:
        """Dependencies out of output values, hashes into assets, engine keys into providers (E64-E76)."""
        inputs, options = request.inputs, request.options
        if contains_outputs(inputs):
            named = dependencies_by_property(inputs, options.property_dependencies or {})
            options = msgspec.structs.replace(options, property_dependencies=named)
            if not request.remote:  # a provider that builds a component takes outputs as they are (E76)
                inputs = reduce_outputs(inputs)
        if contains_assets(inputs):
            directory = self._context.target.asset_directory
            try:
                inputs = await asyncio.to_thread(with_hashes, inputs, directory)
            except StackwrightError as error:
                raise InvalidRequestError(
                    f"`{request.name}` ({request.type}): {error.message}",
                    detail=error.detail,
                    hint=error.hint,
                ) from error
        package = provider_package(request.type)
        if package is not None:
            asked = self.package(package, request.package_ref, options)
            inputs = {**inputs, **engine_inputs(asked, options.env_var_mappings)}
        if inputs is request.inputs and options is request.options:
            return request
        return msgspec.structs.replace(request, inputs=inputs, options=options)

    # From an old record and a goal to steps -----------------------------------------------------

    async def _realize(
        self, urn: Urn, request: RegisterRequest, reference: str, match: Match
    ) -> ResourceState | None:
        """Check, decide, do. None: skipped because something it needs has failed."""
        context = self._context
        waiting = self._deleting.get(urn)
        if waiting is not None:
            await waiting
        old = match.record
        extension = "" if is_provider_type(request.type) else self.extension_of(request.package_ref)
        new = new_record(
            request,
            urn,
            old.state if old else None,
            match.alias,
            reference,
            context.target.root_directory,
            extension_ref=extension,
        )
        if old is not None:
            self.operated.add(old.state.urn)
        if self._needs_errored(new):
            return None
        if self._is_import(request, old):
            old = await self._import(new, old)
            new = new_record(
                request,
                urn,
                old.state,
                None,
                reference,
                context.target.root_directory,
                extension_ref=extension,
            )
            imported = True
        else:
            imported = False
        seed = context.seed() if new.custom else b""
        recreate = old is None or context.facts.recreates(old.state)
        new = await self._checked(new, request, None if recreate or old is None else old.state, seed)
        if self.policies:
            await self._review(new, request)
        decision = await self._decide(new, old, self._deletes_first(request))
        if decision.kind is DecisionKind.SAME and imported and old is not None:
            context.executor.current[urn] = old
            self._finishable[urn] = Step(op=Op.SAME, urn=urn, old=old, new=new)
            return old.state
        return await self._do(urn, request, old, new, decision, seed)

    def _needs_errored(self, new: ResourceState) -> bool:
        return bool(self.errored) and any(urn in self.errored for urn in new.edges())

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

    async def _checked(
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

    async def _review(self, new: ResourceState, request: RegisterRequest) -> None:
        """Ask the policies; a refusal ends an update before anything is done to *new* (E204)."""
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

    def _deletes_first(self, request: RegisterRequest) -> bool | None:
        """The program's say, unless names without a random part leave no choice (E144, E161)."""
        if request.custom and self._naming.forces_delete_first(request.type):
            return True
        return request.options.delete_before_replace

    async def _decide(self, new: ResourceState, old: Record | None, first: bool | None) -> Decision:
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
            diff = await self._diff(new, old.state)
            return decide_from_diff(new, old.state, diff, delete_before_replace=first)
        except DiffUnavailableError as error:
            context.say(Severity.WARNING, str(error), new.urn)
            return unavailable_decision(new, old.state, delete_before_replace=first)
        except StackwrightError as error:
            raise context.bail(str(error), urn=new.urn, place=new.source_position) from error

    async def _diff(self, new: ResourceState, old: ResourceState) -> DiffResult:
        registry = self._context.registry
        if is_provider_type(new.type):
            return await registry.diff(new.urn, old=old, news=new.inputs, ignore_changes=new.ignore_changes)
        provider = await registry.provider(new.provider, new.extension_ref)
        return await self._ask(provider, new.urn, old, new.inputs, new.ignore_changes)

    async def _ask(
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

    # Doing --------------------------------------------------------------------------------------

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
            new = await self._prepare_replacement(request, old, new, decision, seed)
        steps = list(steps_for(decision, urn, old, new))
        delete_first = [step for step in steps if step.op.deletes]
        if delete_first and old is not None:
            await self._delete_before(old, delete_first)
            steps = [step for step in steps if not step.op.deletes]
        context.facts.note(steps)
        result: Done | None = None
        for step in steps:
            done = await context.executor.run(step)
            context.facts.made(step)
            if step.op is not Op.REPLACE:
                result = done
        if result is None:
            raise context.bail("no step was made", urn=urn)
        self._finishable[urn] = next((step for step in steps if step.is_logical), steps[-1])
        return result.new

    async def _prepare_replacement(
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
            return await self._checked(fresh, request, None, seed)
        return new

    async def _delete_before(self, old: Record, own: list[Step]) -> None:
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
        questions = cascade(context.base, root, self.operated, self.seen, gone=context.facts.doomed_keys)
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
        return await self._ask(provider, state.urn, state, ask.news, state.ignore_changes, preview=True)

    # Reads --------------------------------------------------------------------------------------

    async def read(self, request: ReadRequest) -> Registered:
        """Serve a read (E90, E136)."""
        context = self._context
        request = self._guests.placed(request)
        if request.parent is not None and request.parent not in self.seen:
            raise context.bail(f"could not find parent resource {request.parent}")
        if not request.id:
            raise InvalidRequestError(f"`{request.name}` ({request.type}) is to be read, but without an id")
        check_readable(request.type)
        reference = request.provider
        extension = self.extension_of(request.package_ref)
        if not reference:
            package = self.package(resource_package(request.type), request.package_ref, request)
            reference = await self.defaults.reference(package, wanted_by=f"Read of '{request.name}'")
        target = context.target
        urn = child_urn(target.stack, target.project, request.parent, request.type, request.name)
        self._claim_urn(urn, request)
        self.children.setdefault(request.parent or Urn(""), []).append(urn)
        match = context.aliases.claim(urn, context.aliases.candidates(urn, request), context.base)
        if match.conflict is not None:
            code, message = match.conflict
            raise context.bail(message, urn=urn, code=code)
        old = match.record
        if old is not None:
            self.operated.add(old.state.urn)
        inputs = reduce_outputs(request.inputs)
        plain = msgspec.structs.replace(request, inputs=inputs, provider=reference)
        result: Done | None = None
        steps = plan_read(plain, urn, old, context.target.root_directory, extension_ref=extension)
        for step in steps:
            done = await context.executor.run(step)
            context.facts.made(step)
            if step.op is not Op.REPLACE:
                result = done
        if result is None or result.new is None:
            raise context.bail("nothing was read", urn=urn)
        self._finishable[urn] = next((step for step in steps if step.is_logical), steps[-1])
        self.settled.add(urn)
        return Registered(urn=urn, id=result.new.id, outputs=result.new.outputs)

    # What invokes ask ---------------------------------------------------------------------------

    def providers_of(self, urn: Urn) -> Mapping[str, str]:
        """The providers by package that a component has for what is below it (E40, E41)."""
        return self._providers.get(urn, {})

    def expand(self, urns: tuple[Urn, ...]) -> Iterator[Urn]:
        """
        The custom resources that *urns* stand for (E93): themselves, and for a component what
        is below it, down to the first custom resource of each branch.
        """
        pending = list(urns)
        while pending:
            urn = pending.pop()
            if urn not in self.seen:
                continue
            record = self._context.executor.current.get(urn)
            if record is None or record.state.custom:
                yield urn
            else:
                pending.extend(self.children.get(urn, ()))

    # Outputs ------------------------------------------------------------------------------------

    async def register_outputs(self, urn: Urn, outputs: PropertyMap) -> None:
        """Serve RegisterResourceOutputs (E85-E89); the stack's own are kept for the end."""
        outputs = reduce_outputs(outputs)
        if contains_assets(outputs):
            directory = self._context.target.asset_directory
            outputs = await asyncio.to_thread(with_hashes, outputs, directory)
        if urn == self._context.root:
            self._stack_outputs = (urn, outputs)
            return
        step = self._finishable.pop(urn, None)
        if step is None:
            if urn in self.errored:
                return
            raise self._context.bail(
                f"cannot complete a resource '{urn}' whose registration isn't pending", urn=urn
            )
        await self._context.executor.record_outputs(urn, outputs, step)

    async def review_stack(self) -> None:
        """Have the policies look at all that was registered, when it is done (E205)."""
        context = self._context
        states = [record.state for urn, record in context.executor.current.items() if urn in self.settled]
        firsts = {urn: goal.options.delete_before_replace for urn, goal in context.goals.items()}
        if not await self.policies.review_stack(states, context.root, firsts):
            context.failed = True

    async def finish_stack(self, *, failed: bool) -> None:
        """Apply the stack's outputs when all else is done (E87)."""
        root = self._context.root
        step = self._finishable.get(root) if root else None
        if root is None or step is None or root not in self._context.executor.current:
            return
        old = step.old.state.outputs if step.old is not None else {}
        if self._stack_outputs is None:
            outputs = old if failed else {}
        else:
            outputs = merge_stack_outputs(old, self._stack_outputs[1], failed=failed)
        await self._context.executor.record_outputs(root, outputs, step)


def check_readable(type_: str) -> None:
    """
    Refuse what no provider can be asked to read.

    Raises:
        InvalidRequestError: Resources of that type are no objects of a provider.
    """
    if not is_type_token(type_) or is_provider_type(type_):
        raise InvalidRequestError(f"a resource of type `{type_}` cannot be read")


def _record(done: Done) -> Record:
    if done.key is None or done.new is None:
        raise DeploymentStoppedError
    return Record(done.key, done.new)
