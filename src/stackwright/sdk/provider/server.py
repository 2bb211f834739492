"""
A `Provider` as a plugin: the part of the protocol that components and functions need.

Construct, Call and Invoke are translated to the provider's methods; each runs with
the settings and configuration of the deployment it came from (edge case 103).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stackwright.sdk.errors import InputPropertyErrorDetails
from stackwright.sdk.output import Output
from stackwright.sdk.provider import _requests
from stackwright.sdk.provider._deployments import Deployments
from stackwright.sdk.provider._serving import (
    ComponentInitError,
    answering_failures,
    engine_address,
    invalid_properties,
    serve,
)
from stackwright.sdk.provider.provider import CallResult, ConstructResult, InvokeResult, Provider
from stackwright.sdk.resource import ResourceOptions
from stackwright.sdk.runtime import rpc
from stackwright.sdk.runtime.proto import ResourceProviderServicer, provider_pb2
from stackwright.sdk.runtime.stack import wait_for_rpcs

if TYPE_CHECKING:
    import grpc

Base: Any = ResourceProviderServicer


class ProviderServicer(Base):  # type: ignore[misc] # made from the service when it is first used
    """Answers an engine for *provider*."""

    engine_address: str
    provider: Provider
    args: list[str]

    def __init__(self, provider: Provider, args: list[str], engine_address: str) -> None:
        super().__init__()
        self.provider = provider
        self.args = args
        self.engine_address = engine_address
        self._deployments = Deployments()

    def create_grpc_invalid_properties_status(
        self, message: str, errors: list[InputPropertyErrorDetails] | None
    ) -> grpc.Status:
        """A status that blames inputs."""
        return invalid_properties(message, errors)

    @answering_failures
    async def Construct(self, request: Any, context: Any) -> Any:
        """Make a component."""
        monitor = await self._deployments.monitor(request, self.engine_address)
        _requests.enter_deployment(request, monitor)
        inputs = await self._construct_inputs(request.inputs, request.inputDependencies)
        result = self.provider.construct(
            name=request.name,
            resource_type=request.type,
            inputs=inputs,
            options=self._construct_options(request),
        )
        response = await self._construct_response(result)
        await _requests.leave_deployment(monitor)
        return response

    @staticmethod
    async def _construct_inputs(inputs: Any, input_dependencies: Any) -> dict[str, Any]:
        return await _requests.inputs_of(inputs, input_dependencies)

    @staticmethod
    async def _select_value(the_input: Any, deps: set[str]) -> Any:
        return await _requests.one_input(the_input, deps)

    @staticmethod
    def _construct_options(request: Any) -> ResourceOptions:
        return _requests.options_of(request)

    async def _construct_response(self, result: ConstructResult) -> Any:
        urn = await Output.from_input(result.urn).future()
        assert urn is not None
        state = {name: value for name, value in result.state.items() if name not in ("id", "urn")}
        struct, dependencies = await _requests.bag_with_dependencies(state)
        response = provider_pb2.ConstructResponse(urn=urn, state=struct)
        for name, urns in dependencies.items():
            response.stateDependencies[name].urns.extend(urns)
        return response

    @answering_failures
    async def Call(self, request: Any, context: Any) -> Any:
        """Call a method of a component."""
        monitor = await self._deployments.monitor(request, self.engine_address)
        _requests.enter_deployment(request, monitor)
        args = await self._call_args(request)
        response = await self._call_response(self.provider.call(token=request.tok, args=args))
        await _requests.leave_deployment(monitor)
        return response

    @staticmethod
    async def _call_args(request: Any) -> dict[str, Any]:
        return await _requests.inputs_of(request.args, request.argDependencies, keep_internal=True)

    async def _call_response(self, result: CallResult) -> Any:
        struct, dependencies = await _requests.bag_with_dependencies(result.outputs or {})
        response = provider_pb2.CallResponse(failures=_failures(result))
        getattr(response, "return").CopyFrom(struct)
        for name, urns in dependencies.items():
            response.returnDependencies[name].urns.extend(urns)
        return response

    @answering_failures
    async def Invoke(self, request: Any, context: Any) -> Any:
        """Call a function."""
        args = rpc.deserialize_properties(request.args, keep_unknowns=False)
        return await self._invoke_response(self.provider.invoke(token=request.tok, args=args))

    async def _invoke_response(self, result: InvokeResult) -> Any:
        struct, _ = await _requests.bag_with_dependencies(result.outputs or {})
        response = provider_pb2.InvokeResponse(failures=_failures(result))
        getattr(response, "return").CopyFrom(struct)
        return response

    async def Handshake(self, request: Any, context: Any) -> Any:
        """Learn where the engine is, and say what this provider understands."""
        self.engine_address = request.engine_address or self.engine_address
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, accept_resources=True, accept_outputs=True
        )

    async def Attach(self, request: Any, context: Any) -> Any:
        """Learn where the engine is, from one that has not started this process (protocol.md §7.7)."""
        from google.protobuf import empty_pb2

        self.engine_address = request.address
        return empty_pb2.Empty()

    async def Configure(self, request: Any, context: Any) -> Any:
        """Say what this provider understands."""
        return provider_pb2.ConfigureResponse(acceptSecrets=True, acceptResources=True, acceptOutputs=True)

    async def List(self, request: Any, context: Any) -> Any:
        """There is nothing to list: refused as unimplemented."""
        return super().List(request, context)

    async def Cancel(self, request: Any, context: Any) -> Any:
        """Stop what is under way."""
        from google.protobuf import empty_pb2

        self.provider.cancel()
        return empty_pb2.Empty()

    async def GetPluginInfo(self, request: Any, context: Any) -> Any:
        """Say which version this is."""
        from stackwright.sdk.runtime.proto import plugin_pb2

        return plugin_pb2.PluginInfo(version=self.provider.version or "")

    async def GetSchema(self, request: Any, context: Any) -> Any:
        """The package's schema."""
        if request.version != 0:
            raise Exception(f"unsupported schema version {request.version}")  # noqa: TRY002 # travels as text
        return provider_pb2.GetSchemaResponse(schema=self.provider.schema or "{}")


def _failures(result: CallResult | InvokeResult) -> list[Any]:
    return [
        provider_pb2.CheckFailure(property=one.property, reason=one.reason) for one in result.failures or ()
    ]


def main(provider: Provider, args: list[str]) -> None:
    """Serve *provider* as a plugin: the whole program of a provider's executable."""
    servicer = ProviderServicer(provider, args, engine_address())
    serve(servicer, servicer._deployments.close)


__all__ = ["ComponentInitError", "ProviderServicer", "main", "wait_for_rpcs"]
