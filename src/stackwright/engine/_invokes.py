"""
What is asked of providers in the program's name (engine.md §3.5).

Functions, methods, and whether something exists.
"""

from __future__ import annotations

from stackwright.engine._announced import Announced
from stackwright.engine._context import Context
from stackwright.engine._defaults import DefaultProviders
from stackwright.engine._guests import Guests, place_in_words
from stackwright.engine._requests import InvalidRequestError, check_readable
from stackwright.engine._roll import Roll
from stackwright.engine._transforms import run_invoke
from stackwright.engine.apply import UnconfiguredProvider
from stackwright.errors import UserError
from stackwright.goals import (
    CallRequest,
    CallResult,
    ExistsRequest,
    InvokeRequest,
    InvokeResult,
    InvokeTransform,
    ServedRequest,
)
from stackwright.providers import CallRequest as ProviderCallRequest
from stackwright.providers import InitFailedError, Provider, ProviderError
from stackwright.providers import InvokeRequest as ProviderInvokeRequest
from stackwright.providers import ReadRequest as ProviderReadRequest
from stackwright.urn import (
    PROVIDER_TYPE_PREFIX,
    UNKNOWN_ID,
    Urn,
    child_urn,
    is_provider_type,
    type_package,
    urn_type,
)
from stackwright.values import (
    PropertyMap,
    ResourceRef,
    contains_unknowns,
    dependencies_by_property,
    reduce_outputs,
    reveal,
)


class InvokeFailedError(UserError):
    """A function failed; the program that called it hears of it (E91)."""

    code = "invoke-failed"


class Invokes:
    """Serves the invokes and calls of one deployment."""

    def __init__(
        self,
        context: Context,
        guests: Guests,
        announced: Announced,
        defaults: DefaultProviders,
        roll: Roll,
    ) -> None:
        self._context = context
        self._guests = guests
        self._announced = announced
        self._defaults = defaults
        self._roll = roll

    async def invoke(self, request: InvokeRequest, transforms: tuple[InvokeTransform, ...]) -> InvokeResult:
        """
        Call a function (E91-E93); *transforms* are those that there were when it was asked for.

        Raises:
            InvokeFailedError: The provider could not answer. The deployment goes on.
        """
        request = await run_invoke(request, transforms)
        if request.depends_on and not await self._are_ready(request.depends_on):
            return InvokeResult(unknown=True)
        provider = await self._provider(
            request, request.token, request.provider, request.parent, what="Invoke"
        )
        # What is not known never reaches a provider (protocol.md §8.16).
        args = {
            key: value for key, value in reduce_outputs(request.args).items() if not contains_unknowns(value)
        }
        try:
            return await provider.invoke(
                ProviderInvokeRequest(token=request.token, args=args, preview=self._context.options.preview)
            )
        except ProviderError as error:
            raise InvokeFailedError(
                f"invocation of {request.token} returned an error: {error.message}",
                detail=error.detail,
                hint=error.hint,
            ) from error

    async def _provider(
        self, request: ServedRequest, token: str, reference: str, parent: Urn | None, *, what: str
    ) -> Provider:
        """The provider of *reference*; without one what *request* chooses (protocol.md §10.2)."""
        extension = self._announced.extension_of(request.package_ref)
        if not reference:
            package = self._announced.package(type_package(token), request.package_ref, request)
            if parent is not None:
                reference = self._roll.providers_of(parent).get(package.package, "")
            if not reference:
                reference = await self._defaults.reference(package, wanted_by=f"{what} {token}")
        return await self._context.registry.provider(reference, extension)

    async def exists(self, request: ExistsRequest) -> bool | None:
        """
        Ask for the existence of what the deployment does not manage (protocol.md §10.6); None: not known yet.

        Raises:
            InvalidRequestError: Nothing of that kind can be looked up.
            ProviderError: The provider could not answer. The deployment goes on.
        """
        if not request.id:
            raise InvalidRequestError(f"a {request.type} is asked for, but without an id")
        check_readable(request.type)
        inputs = reduce_outputs(request.inputs)
        if request.id == UNKNOWN_ID or contains_unknowns(inputs):
            return None
        provider = await self._provider(
            request, request.type, request.provider, request.parent, what="Existence of a"
        )
        if isinstance(provider, UnconfiguredProvider):
            return None
        target = self._context.target
        # What is asked for has no name; the id is what tells questions apart in a provider's messages.
        urn = child_urn(target.stack, target.project, request.parent, request.type, request.id)
        try:
            found = await provider.read(
                ProviderReadRequest(urn=urn, type=request.type, id=request.id, outputs=inputs, inputs=inputs)
            )
        except InitFailedError:
            return True
        return found.exists

    async def _are_ready(self, urns: tuple[Urn, ...]) -> bool:
        """Whether everything that an invoke depends on has an id (E93)."""
        roll = self._roll
        while True:
            for urn in roll.expand(urns):
                record = self._context.executor.current.get(urn)
                if urn in roll.seen and urn not in roll.settled:
                    return False
                if record is not None and record.state.custom and record.state.id in ("", UNKNOWN_ID):
                    return False
            if not any(roll.is_growing(urn) for urn in urns):
                return True
            await roll.less_is_under_way()

    async def call(self, request: CallRequest) -> CallResult:
        """Call a method of a resource (E94, E95); its failure stops the deployment (2017)."""
        context = self._context
        reference = self._receiver(request) or request.provider
        if not reference:
            owner = _self(request.args)
            record = context.executor.current.get(owner.urn) if owner is not None else None
            if owner is not None and record is None:
                raise InvalidRequestError(f"{request.token} is called on an unknown resource {owner.urn}")
            reference = record.state.provider if record is not None else ""
        provider = await self._provider(request, request.token, reference, None, what="Call")
        dependencies = dependencies_by_property(request.args, request.arg_dependencies)
        try:
            result = await provider.call(
                ProviderCallRequest(
                    token=request.token,
                    args=request.args,
                    arg_dependencies=dependencies,
                    deployment=context.info,
                    monitor_address=await self._guests.address(),
                    trace_handle=self._guests.trace_handle(request),
                )
            )
        except ProviderError as error:
            what = f"call to {request.token} failed: {error}{place_in_words(request)}"
            raise context.bail(what, code=2017) from error
        returned = dependencies_by_property(result.value, result.dependencies)
        return CallResult(value=reduce_outputs(result.value), dependencies=returned, failures=result.failures)

    @staticmethod
    def _receiver(request: CallRequest) -> str:
        """For methods of a provider resource, that very instance (E94)."""
        if not request.token.startswith(PROVIDER_TYPE_PREFIX):
            return ""
        owner = _self(request.args)
        if owner is None or not isinstance(owner.id, str) or not owner.id:
            raise InvalidRequestError(f"{request.token} needs the provider it is called on, with its id")
        if not is_provider_type(urn_type(owner.urn)):
            raise InvalidRequestError(f"{request.token} is called on {owner.urn}, which is no provider")
        return f"{owner.urn}::{owner.id}"


def _self(args: PropertyMap) -> ResourceRef | None:
    owner = reveal(args.get("__self__"))
    return owner if isinstance(owner, ResourceRef) else None
