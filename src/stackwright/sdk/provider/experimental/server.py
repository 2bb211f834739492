"""
A `Provider` of custom resources as a plugin: the whole provider protocol (protocol.md §4-§7).

Each method translates a request, asks the provider, and translates its answer; which
means nothing to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from stackwright.sdk.errors import InputPropertyErrorDetails
from stackwright.sdk.provider import _requests
from stackwright.sdk.provider._deployments import Deployments
from stackwright.sdk.provider._serving import (
    ComponentInitError,
    answering_failures,
    engine_address,
    invalid_properties,
    serve,
)
from stackwright.sdk.provider.experimental import provider as asked
from stackwright.sdk.provider.experimental.property_value import PropertyValue
from stackwright.sdk.runtime.proto import ResourceProviderServicer, plugin_pb2, provider_pb2
from stackwright.sdk.runtime.stack import wait_for_rpcs

if TYPE_CHECKING:
    import grpc

Base: Any = ResourceProviderServicer
_bag = PropertyValue.unmarshal_map
_struct = PropertyValue.marshal_map


class ProviderServicer(Base):  # type: ignore[misc] # made from the service when it is first used
    """Answers an engine for *provider*."""

    _version: str
    _args: list[str]
    _provider: asked.Provider
    _engine_address: str

    def __init__(self, args: list[str], version: str, provider: asked.Provider, engine_address: str) -> None:
        super().__init__()
        self._args = args
        self._version = version
        self._provider = provider
        self._engine_address = engine_address
        self._deployments = Deployments()

    def create_grpc_invalid_properties_status(
        self, message: str, errors: list[InputPropertyErrorDetails] | None
    ) -> grpc.Status:
        """A status that blames inputs."""
        return invalid_properties(message, errors)

    # The plugin -----------------------------------------------------------------------------------

    async def GetPluginInfo(self, request: Any, context: Any) -> Any:
        """Say which version this is."""
        return plugin_pb2.PluginInfo(version=self._version)

    async def Attach(self, request: Any, context: Any) -> Any:
        """Learn where the engine is, from one that has not started this process (protocol.md §7.7)."""
        self._engine_address = request.address
        return _nothing()

    async def Cancel(self, request: Any, context: Any) -> Any:
        """Stop what is under way."""
        await self._provider.cancel()
        return _nothing()

    @answering_failures
    async def Parameterize(self, request: Any, context: Any) -> Any:
        """Become another package."""
        which = request.WhichOneof("parameters")
        parameters: asked.Parameters
        if which == "args":
            parameters = asked.ParametersArgs(list(request.args.args))
        elif which == "value":
            value = request.value
            parameters = asked.ParametersValue(value.name, value.version, value.value)
        else:
            raise ValueError("ParameterizeRequest must contain either args or value")
        answer = await self._provider.parameterize(asked.ParameterizeRequest(parameters))
        return provider_pb2.ParameterizeResponse(name=answer.name, version=answer.version)

    @answering_failures
    async def GetSchema(self, request: Any, context: Any) -> Any:
        """Say what is in this package."""
        answer = await self._provider.get_schema(
            asked.GetSchemaRequest(
                request.version, request.subpackage_name or None, request.subpackage_version or None
            )
        )
        return provider_pb2.GetSchemaResponse(schema=answer.schema or "")

    @answering_failures
    async def CheckConfig(self, request: Any, context: Any) -> Any:
        """Check the provider's own configuration."""
        return _checked(await self._provider.check_config(_check(request)))

    @answering_failures
    async def DiffConfig(self, request: Any, context: Any) -> Any:
        """Say what a change of the provider's own configuration means."""
        return _differing(await self._provider.diff_config(_diff(request)))

    @answering_failures
    async def Configure(self, request: Any, context: Any) -> Any:
        """Take the configuration."""
        answer = await self._provider.configure(
            asked.ConfigureRequest(
                dict(request.variables), _bag(request.args), request.acceptSecrets, request.acceptResources
            )
        )
        return provider_pb2.ConfigureResponse(
            acceptSecrets=answer.accept_secrets,
            acceptResources=answer.accept_resources,
            acceptOutputs=answer.accept_outputs,
            supportsPreview=answer.supports_preview,
        )

    # Resources ------------------------------------------------------------------------------------

    @answering_failures
    async def Check(self, request: Any, context: Any) -> Any:
        """Check the inputs of a resource."""
        return _checked(await self._provider.check(_check(request)))

    @answering_failures
    async def Diff(self, request: Any, context: Any) -> Any:
        """Say what new inputs would change."""
        return _differing(await self._provider.diff(_diff(request)))

    @answering_failures
    async def Create(self, request: Any, context: Any) -> Any:
        """Make a resource."""
        answer = await self._provider.create(
            asked.CreateRequest(request.urn, _bag(request.properties), request.timeout, request.preview)
        )
        return provider_pb2.CreateResponse(id=answer.resource_id, properties=_struct(answer.properties or {}))

    @answering_failures
    async def Read(self, request: Any, context: Any) -> Any:
        """Say what a resource is now."""
        answer = await self._provider.read(
            asked.ReadRequest(request.urn, request.id, _bag(request.properties), _bag(request.inputs))
        )
        return provider_pb2.ReadResponse(
            id=answer.resource_id,
            properties=_struct(answer.properties or {}),
            inputs=_struct(answer.inputs or {}),
        )

    @answering_failures
    async def Update(self, request: Any, context: Any) -> Any:
        """Change a resource."""
        answer = await self._provider.update(
            asked.UpdateRequest(
                request.urn,
                request.id,
                _bag(request.olds),
                _bag(request.news),
                request.timeout,
                list(request.ignoreChanges),
                request.preview,
            )
        )
        return provider_pb2.UpdateResponse(properties=_struct(answer.properties or {}))

    @answering_failures
    async def Delete(self, request: Any, context: Any) -> Any:
        """Remove a resource."""
        await self._provider.delete(
            asked.DeleteRequest(request.urn, request.id, _bag(request.properties), request.timeout)
        )
        return _nothing()

    async def List(self, request: Any, context: Any) -> Any:
        """There is nothing to list: refused as unimplemented."""
        return super().List(request, context)

    # Functions and components ---------------------------------------------------------------------

    @answering_failures
    async def Invoke(self, request: Any, context: Any) -> Any:
        """Call a function."""
        answer = await self._provider.invoke(asked.InvokeRequest(request.tok, _bag(request.args)))
        response = provider_pb2.InvokeResponse(failures=_failures(answer.failures))
        if answer.return_value:
            getattr(response, "return").CopyFrom(_struct(answer.return_value))
        return response

    @answering_failures
    async def Construct(self, request: Any, context: Any) -> Any:
        """Make a component."""
        monitor = await self._deployments.monitor(request, self._engine_address)
        _requests.enter_deployment(request, monitor)
        answer = await self._provider.construct(
            asked.ConstructRequest(
                name=request.name,
                resource_type=request.type,
                inputs=_with_dependencies(_bag(request.inputs), request.inputDependencies),
                options=_requests.options_of(request),
            )
        )
        state = {name: value for name, value in answer.state.items() if name not in ("id", "urn")}
        response = provider_pb2.ConstructResponse(urn=answer.urn, state=_struct(state))
        _fill_dependencies(response.stateDependencies, state, answer.state_dependencies)
        await _requests.leave_deployment(monitor)
        return response

    @answering_failures
    async def Call(self, request: Any, context: Any) -> Any:
        """Call a method."""
        monitor = await self._deployments.monitor(request, self._engine_address)
        _requests.enter_deployment(request, monitor)
        args = _with_dependencies(_bag(request.args), request.argDependencies)
        answer = await self._provider.call(asked.CallRequest(request.tok, args))
        response = provider_pb2.CallResponse(failures=_failures(answer.failures))
        bag = answer.return_value or {}
        getattr(response, "return").CopyFrom(_struct(bag))
        _fill_dependencies(response.returnDependencies, bag, answer.return_dependencies or {})
        await _requests.leave_deployment(monitor)
        return response


def _nothing() -> Any:
    from google.protobuf import empty_pb2

    return empty_pb2.Empty()


def _with_dependencies(bag: dict[str, PropertyValue], dependencies: Any) -> dict[str, PropertyValue]:
    """*bag* with what the request says beside it that each value depends on."""
    return {
        name: value.with_dependencies(value.dependencies.union(dependencies[name].urns))
        if name in dependencies
        else value
        for name, value in bag.items()
    }


def _fill_dependencies(into: Any, bag: dict[str, PropertyValue], said: Mapping[str, Iterable[str]]) -> None:
    """What each value depends on: by itself, and as was *said* beside it."""
    for name, value in bag.items():
        into[name].urns.extend(sorted(value.all_dependencies().union(said.get(name, ()))))


def _check(request: Any) -> asked.CheckRequest:
    return asked.CheckRequest(request.urn, _bag(request.olds), _bag(request.news), request.randomSeed)


def _checked(answer: asked.CheckResponse) -> Any:
    response = provider_pb2.CheckResponse(failures=_failures(answer.failures))
    if answer.inputs is not None:
        response.inputs.CopyFrom(_struct(answer.inputs))
    return response


def _diff(request: Any) -> asked.DiffRequest:
    return asked.DiffRequest(
        request.urn, request.id, _bag(request.olds), _bag(request.news), list(request.ignoreChanges)
    )


def _differing(answer: asked.DiffResponse) -> Any:
    changes: Any = {None: "DIFF_UNKNOWN", True: "DIFF_SOME", False: "DIFF_NONE"}[answer.changes]
    return provider_pb2.DiffResponse(
        replaces=answer.replaces,
        stables=answer.stables,
        deleteBeforeReplace=answer.delete_before_replace,
        changes=changes,
        diffs=answer.diffs,
        detailedDiff={
            name: provider_pb2.PropertyDiff(kind=diff.kind.name, inputDiff=diff.input_diff)
            for name, diff in (answer.detailed_diff or {}).items()
        },
        hasDetailedDiff=True,
    )


def _failures(failures: Iterable[asked.CheckFailure] | None) -> list[Any]:
    return [provider_pb2.CheckFailure(property=one.property, reason=one.reason) for one in failures or ()]


def main(args: list[str], version: str, provider: asked.Provider) -> None:
    """Serve *provider* as a plugin: the whole program of a provider's executable."""
    servicer = ProviderServicer(args, version, provider, engine_address())
    serve(servicer, servicer._deployments.close)


__all__ = ["ComponentInitError", "ProviderServicer", "main", "wait_for_rpcs"]
