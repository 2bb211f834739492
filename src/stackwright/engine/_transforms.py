"""Resource and invoke transforms: the program's say before a request is acted upon (E68, E91)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from stackwright.errors import UserError
from stackwright.goals import (
    InvokeRequest,
    InvokeTransform,
    InvokeTransformArgs,
    RegisterRequest,
    ResourceTransform,
    TransformArgs,
)
from stackwright.urn import Urn
from stackwright.values import (
    OutputValue,
    Value,
    dependencies_in,
    reduce_outputs,
    upgrade_to_outputs,
    values_equal,
)


class TransformFailedError(UserError):
    """A transform raised: the registration fails with it (E68)."""

    code = "transform-failed"


class Transforms:
    """The transforms of one deployment: the stack's, and those of each resource for what is below it."""

    def __init__(self) -> None:
        self.stack: tuple[ResourceTransform, ...] = ()
        """
        The stack's, so far. They are for what is asked for afterwards: whoever takes a request
        takes them along at once, since more may be added before its turn comes.
        """
        self.invoke: tuple[InvokeTransform, ...] = ()
        """Those of function calls, likewise."""
        self._own: dict[Urn, tuple[ResourceTransform, ...]] = {}
        self._handed: dict[tuple[Urn | None, str, str], tuple[ResourceTransform, ...]] = {}
        self._parents: dict[Urn, Urn | None] = {}

    def add(self, transform: ResourceTransform) -> None:
        """Use *transform* for every resource from now on."""
        self.stack += (transform,)

    def add_invoke(self, transform: InvokeTransform) -> None:
        """Use *transform* for every invoke from now on."""
        self.invoke += (transform,)

    def remember(self, urn: Urn, request: RegisterRequest) -> None:
        """Note a registered resource, so that its children find its transforms (E81)."""
        self._parents[urn] = request.parent
        if request.transforms:
            self._own[urn] = request.transforms

    def hand_over(self, request: RegisterRequest) -> None:
        """Keep the transforms of a component for its registration by the provider that builds it (E69)."""
        if request.transforms:
            self._handed[request.parent, request.type, request.name] = request.transforms

    def handed_over(self, request: RegisterRequest) -> RegisterRequest:
        """*request* with the transforms that were kept for it, if there are any; once (E69)."""
        if request.remote or not self._handed:
            return request
        kept = self._handed.pop((request.parent, request.type, request.name), None)
        return request if kept is None else msgspec.structs.replace(request, transforms=kept)

    def apply_to(self, request: RegisterRequest, stack: tuple[ResourceTransform, ...]) -> bool:
        """Whether any transform concerns this request; the common answer is no, at once."""
        return bool(request.transforms or stack or self._own or self._handed)

    def _chain(
        self, request: RegisterRequest, stack: tuple[ResourceTransform, ...]
    ) -> list[ResourceTransform]:
        """Its own, each ancestor's from nearest outwards, then the stack's (E68)."""
        chain = list(request.transforms)
        ancestor = request.parent
        while ancestor is not None:
            chain.extend(self._own.get(ancestor, ()))
            ancestor = self._parents.get(ancestor)
        return [*chain, *stack]

    async def run(self, request: RegisterRequest, stack: tuple[ResourceTransform, ...]) -> RegisterRequest:
        """
        The request after its transforms, the last of which are the *stack*'s (E66-E68, E73).

        What a transform changed in `depends_on` or in the dependencies of properties is
        honoured wherever the transform was declared (S22 does better than the original).
        """
        chain = self._chain(request, stack)
        if not chain:
            return request
        named = request.options.property_dependencies
        if named is None:
            named = dict.fromkeys(request.inputs, request.options.depends_on)
        properties = {
            key: _with_dependencies(value, named.get(key, ())) for key, value in request.inputs.items()
        }
        options = request.options
        for transform in chain:
            arguments = TransformArgs(
                type=request.type,
                name=request.name,
                custom=request.custom,
                parent=request.parent,
                properties=properties,
                options=options,
            )
            with _told(f"A transform failed for `{request.name}` ({request.type})"):
                result = await transform(arguments)
            if result.properties is not None:
                properties = result.properties
            if result.options is not None:
                options = result.options
        dependencies = {}
        for key, value in properties.items():
            within = dependencies_in(value)
            # A program in another process may answer what it left alone as a plain value.
            if key in named and values_equal(reduce_outputs(value), reduce_outputs(request.inputs.get(key))):
                within = within.union(named[key])
            dependencies[key] = tuple(sorted(within))
        found = {urn for urns in dependencies.values() for urn in urns}
        options = msgspec.structs.replace(
            options,
            property_dependencies={key: urns for key, urns in dependencies.items() if urns},
            depends_on=(*options.depends_on, *sorted(found.difference(options.depends_on))),
        )
        return msgspec.structs.replace(request, inputs=properties, options=options)


async def run_invoke(request: InvokeRequest, transforms: tuple[InvokeTransform, ...]) -> InvokeRequest:
    """The invoke after *transforms*, in order (E91)."""
    for transform in transforms:
        arguments = InvokeTransformArgs(
            token=request.token,
            args=request.args,
            provider=request.provider,
            version=request.version,
            plugin_download_url=request.plugin_download_url,
            plugin_checksums=request.plugin_checksums,
        )
        with _told(f"An invoke transform failed for {request.token}"):
            result = await transform(arguments)
        if result is not None:
            request = msgspec.structs.replace(
                request,
                args=result.args,
                provider=result.provider,
                version=result.version,
                plugin_download_url=result.plugin_download_url,
                plugin_checksums=result.plugin_checksums,
            )
    return request


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Whatever users' code raises, the request fails with *what*."""
    try:
        yield
    except Exception as error:
        raise TransformFailedError(f"{what}: {error}") from error


def _with_dependencies(value: Value, dependencies: tuple[Urn, ...]) -> Value:
    """*value* as transforms see it: secrets, unknowns and what depends on something are outputs."""
    upgraded = upgrade_to_outputs(value)
    if not dependencies:
        return upgraded
    if isinstance(upgraded, OutputValue):
        every = tuple(sorted({*upgraded.dependencies, *dependencies}))
        return OutputValue(value=upgraded.value, secret=upgraded.secret, dependencies=every)
    return OutputValue(value=upgraded, dependencies=dependencies)
