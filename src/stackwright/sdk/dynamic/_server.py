"""
The dynamic providers of programs as one plugin, for engines that do not host them (protocol.md §13.7).

Each resource brings its own provider, pickled, and the engine that sends it answers for
it: whatever comes is loaded. Methods run on threads, one call beside the other.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import traceback
from collections.abc import Callable, Mapping
from typing import Any, Final

from stackwright.sdk import _import_aliases, _pickling
from stackwright.sdk.dynamic._dill import provider_from
from stackwright.sdk.dynamic.config import Config
from stackwright.sdk.dynamic.dynamic import PROVIDER_KEY, ConfigureRequest
from stackwright.sdk.provider._serving import Method, T
from stackwright.sdk.runtime import rpc, settings
from stackwright.sdk.runtime.proto import ResourceProviderServicer, plugin_pb2, provider_pb2

Base: Any = ResourceProviderServicer
VERSION: Final = "0.1.0"


def _telling_where(method: Method[T]) -> Method[T]:
    """Have failures of *method* reach the user with the lines of the provider that failed."""

    @functools.wraps(method)
    async def answered(self: Any, request: Any, context: Any) -> T:
        try:
            return await method(self, request, context)
        except Exception as error:  # its text travels
            import grpc

            await context.abort(grpc.StatusCode.UNKNOWN, _in_the_users_lines(error))
            raise

    return answered


def _in_the_users_lines(error: Exception) -> str:
    """The traceback from where this module calls a provider; all of it if none was called."""
    found = frame = error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == __file__ and frame.tb_next is not None:
            found = frame.tb_next
        frame = frame.tb_next
    return "".join(traceback.format_exception(type(error), error, found))


class DynamicResourceProviderServicer(Base):  # type: ignore[misc] # made from the service when it is first used
    """Answers an engine for whatever provider a resource has."""

    def __init__(self) -> None:
        super().__init__()
        self._config: dict[str, Any] = {}
        self._providers: dict[str, asyncio.Future[Any]] = {}

    # The plugin -----------------------------------------------------------------------------------

    async def GetPluginInfo(self, request: Any, context: Any) -> Any:
        """Say which version this is."""
        return plugin_pb2.PluginInfo(version=VERSION)

    async def Configure(self, request: Any, context: Any) -> Any:
        """Keep the configuration, for providers that ask for it when they are loaded."""
        found = rpc.deserialize_properties(request.args)
        self._config = {key: rpc.unwrap_rpc_secret(value) for key, value in found.items()}
        return provider_pb2.ConfigureResponse(acceptSecrets=False)

    async def Cancel(self, request: Any, context: Any) -> Any:
        """Nothing can be stopped from outside."""
        from google.protobuf import empty_pb2

        return empty_pb2.Empty()

    # Resources ------------------------------------------------------------------------------------

    @_telling_where
    async def Check(self, request: Any, context: Any) -> Any:
        """Check the inputs of a resource."""
        olds, news = _bag(request.olds, unknowns=True), _bag(request.news, unknowns=True)
        result = await self._run(await self._provider_of(news, olds), "check", olds, news)
        return provider_pb2.CheckResponse(
            inputs=await _struct(result.inputs, news),
            failures=[
                provider_pb2.CheckFailure(property=each.property, reason=each.reason)
                for each in result.failures or ()
            ],
        )

    @_telling_where
    async def Diff(self, request: Any, context: Any) -> Any:
        """Say what new inputs would change."""
        olds, news = _bag(request.olds, unknowns=True), _bag(request.news, unknowns=True)
        result = await self._run(await self._provider_of(news, olds), "diff", request.id, olds, news)
        kinds = provider_pb2.DiffResponse
        changes = kinds.DIFF_UNKNOWN
        if result.changes is not None:
            changes = kinds.DIFF_SOME if result.changes else kinds.DIFF_NONE
        return provider_pb2.DiffResponse(
            changes=changes,
            replaces=result.replaces or (),
            deleteBeforeReplace=bool(result.delete_before_replace),
        )

    @_telling_where
    async def Create(self, request: Any, context: Any) -> Any:
        """Make a resource."""
        props = _bag(request.properties)
        result = await self._run(await self._provider_of(props), "create", props)
        return provider_pb2.CreateResponse(id=result.id, properties=await _struct(result.outs, props))

    @_telling_where
    async def Read(self, request: Any, context: Any) -> Any:
        """Say what a resource is now; for an import only its inputs are known."""
        props = _bag(request.properties) or _bag(request.inputs)
        result = await self._run(await self._provider_of(props), "read", request.id, props)
        answer = provider_pb2.ReadResponse(id=result.id or "", properties=await _struct(result.outs, props))
        if result.inputs is not None:
            answer.inputs.CopyFrom(await _struct(result.inputs, props))
        return answer

    @_telling_where
    async def Update(self, request: Any, context: Any) -> Any:
        """Change a resource."""
        olds, news = _bag(request.olds), _bag(request.news)
        result = await self._run(await self._provider_of(news), "update", request.id, olds, news)
        return provider_pb2.UpdateResponse(properties=await _struct(result.outs, news))

    @_telling_where
    async def Delete(self, request: Any, context: Any) -> Any:
        """Remove a resource."""
        from google.protobuf import empty_pb2

        props = _bag(request.properties)
        await self._run(await self._provider_of(props), "delete", request.id, props)
        return empty_pb2.Empty()

    # Providers ------------------------------------------------------------------------------------

    async def _provider_of(self, *bags: Mapping[str, Any]) -> Any:
        """The provider that the first of *bags* names that a preview knows; loaded and configured once."""
        named = (bag.get(PROVIDER_KEY) for bag in bags)
        text = next((text for text in named if text and text != rpc.UNKNOWN), None)
        if text is None:
            raise RuntimeError(
                f"Nothing says which provider the resource has: there is no `{PROVIDER_KEY}`. "
                "Dynamic resources cannot be imported by their ids"
            )
        ready = self._providers.get(text)
        if ready is None:
            ready = self._providers[text] = asyncio.ensure_future(self._make_ready(text))
        try:
            return await asyncio.shield(ready)
        except Exception:
            self._providers.pop(text, None)
            raise

    async def _make_ready(self, text: str) -> Any:
        def load() -> Any:
            with _pickling.pickling():
                return provider_from(text)

        provider = await _in_thread(load)
        config = Config(raw_config=self._config, project_name=_project())
        await self._run(provider, "configure", ConfigureRequest(config))
        return provider

    async def _run(self, provider: Any, method: str, *args: Any) -> Any:
        answer = await _in_thread(functools.partial(getattr(provider, method), *args))
        return await answer if inspect.isawaitable(answer) else answer


def _project() -> str:
    return os.environ.get("PULUMI_PROJECT") or "project"


async def _in_thread(work: Callable[[], Any]) -> Any:
    """The result of *work*, for which `pulumi.get_project` and its like work."""

    def run() -> Any:
        settings.configure(settings.Settings(project=_project(), stack="stack", organization="organization"))
        return work()

    return await asyncio.to_thread(run)


def _bag(message: Any, *, unknowns: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = rpc.deserialize_properties(message, unknowns)
    return found


async def _struct(answer: Mapping[str, Any] | None, asked: Mapping[str, Any]) -> Any:
    """What a method has answered, with the provider that every bag of a resource carries."""
    return await rpc.serialize_properties({**(answer or {}), PROVIDER_KEY: asked[PROVIDER_KEY]}, {})


def main() -> None:
    """Serve, as the plugin `pulumi-resource-pulumi-python`, until interrupted."""
    from stackwright.sdk.provider._serving import serve

    _import_aliases.install()
    serve(DynamicResourceProviderServicer())
