"""
A request's inputs, in the form that providers and records have (engine.md E64-E76).

Nothing here depends on what is recorded.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from stackwright.engine._announced import Announced
from stackwright.engine._packages import engine_inputs
from stackwright.engine._requests import InvalidRequestError
from stackwright.errors import StackwrightError
from stackwright.goals import RegisterRequest
from stackwright.urn import provider_package
from stackwright.values import (
    contains_assets,
    contains_outputs,
    dependencies_by_property,
    reduce_outputs,
    with_hashes,
)


async def prepared(request: RegisterRequest, announced: Announced, directory: Path) -> RegisterRequest:
    """
    Dependencies out of output values, hashes into assets, engine keys into providers (E64-E76).

    Relative paths of assets start from *directory*.

    Raises:
        InvalidRequestError: An asset cannot be read, or nobody has announced the package.
    """
    inputs, options = request.inputs, request.options
    if contains_outputs(inputs):
        named = dependencies_by_property(inputs, options.property_dependencies or {})
        options = msgspec.structs.replace(options, property_dependencies=named)
        if not request.remote:  # a provider that builds a component takes outputs as they are (E76)
            inputs = reduce_outputs(inputs)
    if contains_assets(inputs):
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
        asked = announced.package(package, request.package_ref, options)
        inputs = {**inputs, **engine_inputs(asked, options.env_var_mappings)}
    if inputs is request.inputs and options is request.options:
        return request
    return msgspec.structs.replace(request, inputs=inputs, options=options)
