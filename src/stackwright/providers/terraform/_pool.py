"""
The processes of one provider (terraform.md §1.10): one for each configuration, and no more.

What needs no configuration (the schema, validation, functions) is asked of whichever
process is there. The first configuration takes over the process that was started for
such questions, so that a program with one configuration has one process.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from stackwright.providers._interface import ProviderError, ProviderGoneError, UnimplementedError
from stackwright.providers.terraform._cache import KeptSchema, SchemaCache
from stackwright.providers.terraform._client import TfSeverity
from stackwright.providers.terraform._dialects import Dialect
from stackwright.providers.terraform._plugin import ProviderProgram, TerraformPlugin
from stackwright.providers.terraform._schema_messages import read_provider_schema, schema_diagnostics

if TYPE_CHECKING:
    from stackwright.providers.terraform._schema import ProviderSchema


class PluginPool:
    """
    All processes of one program. On one event loop; ended by `close`.

    A process that nobody has needed for *idle* seconds is ended; who needs it after all
    gets another.
    """

    def __init__(
        self, program: ProviderProgram, *, cache: SchemaCache | None = None, idle: float = 120
    ) -> None:
        self.program = program
        self._cache = None if program.reattached else cache
        self._schema: ProviderSchema | None = None
        self._shared: TerraformPlugin | None = None
        self._configured: list[TerraformPlugin] = []
        self._starting = asyncio.Lock()
        self._asking = asyncio.Lock()
        self._opening: asyncio.Task[TerraformPlugin] | None = None
        self._idle = idle
        self._sweep: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Future[None]] = set()
        self._closed = False

    async def schema(self) -> ProviderSchema:
        """
        What the provider offers; asked for once, then remembered here and in the cache.

        Raises:
            ProviderError: The provider cannot say.
        """
        if self._schema is not None:
            return self._schema
        async with self._asking:
            if self._schema is None:
                self._schema = await self._from_cache() or await self._ask()
            return self._schema

    async def any(self) -> TerraformPlugin:
        """A living process, configured or not; started if there is none."""
        async with self._starting:
            for plugin in self._configured:
                if plugin.alive:
                    return plugin.touch()
            if self._shared is not None and not self._shared.alive:
                self._retire(self._shared)
                self._shared = None
            if self._shared is None:
                self._shared = await self._start()
            return self._shared.touch()

    async def take(self) -> TerraformPlugin:
        """A process that was never configured, for the caller to configure and to give back."""
        async with self._starting:
            plugin, self._shared = self._shared, None
            if plugin is not None and not plugin.alive:
                self._retire(plugin)
                plugin = None
            if plugin is None:
                plugin = await self._start()
            self._configured.append(plugin)
            return plugin.touch()

    async def give_back(self, plugin: TerraformPlugin) -> None:
        """End a process that was taken."""
        if plugin in self._configured:
            self._configured.remove(plugin)
        await plugin.close()

    async def stop(self) -> None:
        """
        Ask everything that is under way, in all processes, to end soon.

        One that is only being started is not waited for: it has nothing to lose.
        """
        if self._opening is not None:
            self._opening.cancel()
        plugins = [*self._configured, *([self._shared] if self._shared else [])]
        await asyncio.gather(*(plugin.stop() for plugin in plugins))

    async def close(self) -> None:
        """End all processes. Idempotent."""
        self._closed = True
        if self._sweep is not None:
            self._sweep.cancel()
        async with self._starting:
            plugins = [*self._configured, *([self._shared] if self._shared else [])]
            self._configured, self._shared = [], None
            await asyncio.gather(*(plugin.close() for plugin in plugins), *self._ending)

    def end_idle(self, *, after: float | None = None) -> None:
        """End every process that nobody has needed for *after* seconds; look again later."""
        limit = self._idle if after is None else after
        plugins = [*self._configured, *([self._shared] if self._shared else [])]
        for plugin in plugins:
            idle = plugin.idle
            if plugin.alive and idle is not None and idle >= limit and not self.program.reattached:
                self._retire(plugin)
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        if any(plugin.alive for plugin in plugins):
            self._look_later()

    def _retire(self, plugin: TerraformPlugin) -> None:
        """End a process, or clear away what is left of it, without waiting."""
        ending = plugin.end()
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    def _look_later(self) -> None:
        if self._sweep is None and not self._closed:
            self._sweep = asyncio.get_running_loop().call_later(self._idle, self.end_idle)

    async def _start(self) -> TerraformPlugin:
        if self._closed:
            raise ProviderGoneError(f"The provider {self.program.name} has been stopped")
        self._opening = asyncio.ensure_future(self._open())
        try:
            return await self._opening
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            message = f"The provider {self.program.name} was stopped before it could be called"
            raise ProviderGoneError(message) from None
        finally:
            self._opening = None

    async def _open(self) -> TerraformPlugin:
        plugin = await TerraformPlugin.open(self.program)
        self._look_later()
        if self._schema is not None and not self._schema.capabilities.schema_optional:
            # Old SDKs set themselves up while they answer this (§1.10).
            try:
                await plugin.call_raw("GetProviderSchema", _request(plugin), "describe itself")
            except BaseException:
                await plugin.close()
                raise
        return plugin

    async def _from_cache(self) -> ProviderSchema | None:
        if self._cache is None:
            return None
        kept = await asyncio.to_thread(self._cache.load, self.program.path)
        if kept is None:
            return None
        return read_provider_schema(kept.schema, kept.identities, Dialect(kept.protocol))

    async def _ask(self) -> ProviderSchema:
        plugin = await self.any()
        answer = await plugin.call_raw("GetProviderSchema", _request(plugin), "describe itself")
        problems = schema_diagnostics(answer, plugin.dialect)
        if any(each.severity is TfSeverity.ERROR for each in problems):
            raise ProviderError(
                f"The provider {self.program.name} could not describe itself",
                detail="\n".join(f"{each.summary}: {each.detail}".rstrip(": ") for each in problems),
            )
        try:
            request = plugin.dialect.request("GetResourceIdentitySchemas")()
            identities = await plugin.call_raw("GetResourceIdentitySchemas", request, "list identities")
        except UnimplementedError:  # older than identities
            identities = b""
        schema = read_provider_schema(answer, identities, plugin.dialect)
        if self._cache is not None:
            kept = KeptSchema(plugin.dialect.protocol, answer, identities)
            await asyncio.to_thread(self._cache.keep, self.program.path, kept)
        return schema


def _request(plugin: TerraformPlugin) -> object:
    return plugin.dialect.request("GetProviderSchema")()
