"""Reads: objects that a provider has, recorded without being managed (engine.md E90, E136)."""

from __future__ import annotations

import msgspec

from stackwright.engine._announced import Announced
from stackwright.engine._claims import claim
from stackwright.engine._context import Context
from stackwright.engine._defaults import DefaultProviders
from stackwright.engine._guests import Guests
from stackwright.engine._outputs import Outputs
from stackwright.engine._requests import InvalidRequestError, check_readable
from stackwright.engine._roll import Roll
from stackwright.engine.apply import StepFailedError
from stackwright.engine.plan import plan_read
from stackwright.goals import ReadRequest, Registered, Result
from stackwright.urn import resource_package
from stackwright.values import reduce_outputs


class Reads:
    """Serves the reads of one deployment."""

    def __init__(
        self,
        context: Context,
        guests: Guests,
        announced: Announced,
        defaults: DefaultProviders,
        roll: Roll,
        outputs: Outputs,
    ) -> None:
        self._context = context
        self._guests = guests
        self._announced = announced
        self._defaults = defaults
        self._roll = roll
        self._outputs = outputs

    async def read(self, request: ReadRequest) -> Registered:
        """
        Serve a read.

        Raises:
            InvalidRequestError: The request itself is wrong; tell the program.
            BailError, StepFailedError, DeploymentStoppedError: The deployment stops; the
                user has been told, the program is not answered. A failure that does not stop it
                is the answer (E240).
        """
        context = self._context
        request = self._guests.placed(request)
        if request.parent is not None and request.parent not in self._roll.seen:
            raise context.bail(f"could not find parent resource {request.parent}")
        if not request.id:
            raise InvalidRequestError(f"`{request.name}` ({request.type}) is to be read, but without an id")
        check_readable(request.type)
        reference = request.provider
        extension = self._announced.extension_of(request.package_ref)
        if not reference:
            package = self._announced.package(resource_package(request.type), request.package_ref, request)
            reference = await self._defaults.reference(package, wanted_by=f"Read of '{request.name}'")
        urn, match = claim(context, self._roll, request)
        if match.record is not None:
            self._roll.operated.add(match.record.state.urn)
        plain = msgspec.structs.replace(request, inputs=reduce_outputs(request.inputs), provider=reference)
        steps = plan_read(plain, urn, match.record, context.target.root_directory, extension_ref=extension)
        if any(step.new is not None and self._roll.needs_errored(step.new) for step in steps):
            self._roll.errored.add(urn)
            return Registered(urn=urn, id="", result=Result.SKIP)
        try:
            result = await context.carry_out(steps)
        except StepFailedError:
            self._roll.errored.add(urn)
            if not context.options.continue_on_error:
                raise
            return Registered(urn=urn, id="", result=Result.FAIL)
        if result is None or result.new is None:
            raise context.bail("nothing was read", urn=urn)
        self._outputs.expect(urn, steps)
        self._roll.settled.add(urn)
        return Registered(urn=urn, id=result.new.id, outputs=result.new.outputs)
