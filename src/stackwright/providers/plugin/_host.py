"""Finds plugins and makes providers of them: the `ProviderHost` for genuine Pulumi plugins."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from stackwright.debugging import NOT_DEBUGGED, DebugTargets
from stackwright.diagnostics import Diagnostic, Severity
from stackwright.environment import DEBUG_PROVIDERS, DISABLE_PROVIDER_PREVIEW
from stackwright.errors import UserError
from stackwright.providers._lock_file import LockFile, check_hashes, pins_for
from stackwright.providers.plugin._connection import Launch, PluginConnection, Timing
from stackwright.providers.plugin._discovery import (
    LocatedPlugin,
    ProjectPlugin,
    find_plugin,
    mark_used,
    plugin_name,
)
from stackwright.providers.plugin._programs import plugin_command, source_variables
from stackwright.providers.plugin._provider import PluginProvider
from stackwright.wire import LocalServer
from stackwright.wire._engine_service import EngineService

if TYPE_CHECKING:
    from stackwright.goals import PackageRequest
    from stackwright.providers._interface import ProviderLog
    from stackwright.urn import Urn


_A_DAY: Final = 24 * 60 * 60.0
"""Seconds that a plugin may take to come up when somebody is to attach a debugger first."""


class PluginContext(msgspec.Struct, frozen=True, kw_only=True):
    """
    What plugins are told of the project they work for (protocol.md §7.5).

    `directory` is where they run: the project's program directory. `config` is the
    stack's configuration by full key, decrypted: each plugin gets its package's part.
    """

    directory: Path
    project: str = ""
    runtime_options: Mapping[str, object] = {}
    config: Mapping[str, str] = {}
    plugins: tuple[ProjectPlugin, ...] = ()
    lock: LockFile | None = None
    debugged: DebugTargets = NOT_DEBUGGED
    """Those that are to wait for a debugger."""


class PluginHost:
    """
    Loads provider plugins; implements `stackwright.providers.ProviderHost`.

    One process per provider that is loaded, started by the first call that needs it.
    Everything happens on the event loop on which `load` is first called. *log* hears
    what plugins say; *root_urn* answers which URN the stack's own resource has.
    """

    def __init__(
        self,
        context: PluginContext,
        *,
        log: ProviderLog,
        root_urn: Callable[[], Urn | None] | None = None,
        environ: Mapping[str, str] | None = None,
        timing: Timing | None = None,
    ) -> None:
        self._context = context
        self._log = log
        self._environ = dict(os.environ if environ is None else environ)
        self._timing = timing or Timing()
        self._service = EngineService(log, root_urn=root_urn)
        self._server: asyncio.Future[LocalServer] | None = None
        self._providers: list[PluginProvider] = []
        self._told: set[str] = set()

    async def load(self, request: PackageRequest, *, environment: Mapping[str, str]) -> PluginProvider:
        """
        A new provider for *request*; its plugin is found now and started when it is needed.

        Raises:
            ProviderNotFoundError: There is no such plugin; says where it was looked for.
            UserError: A setting or the project file names a plugin wrongly.
            LockMismatchError: The plugin is not the one that the lock file pins.
        """
        variables = self._variables(request.package, environment)
        port = attached_ports(DEBUG_PROVIDERS.value(self._environ)).get(request.name)
        if port is not None:
            launch = Launch(
                name=request.name,
                source=f"port {port}",
                cwd=self._context.directory,
                environ=variables,
                port=port,
                timing=self._timing,
            )
            located = None
        else:
            located = self._find(request)
            debugged = self._context.debugged.has_plugin(request.name) and located.path.is_dir()
            launch = Launch(
                name=request.name,
                source=str(located.path),
                command=plugin_command(located, variables, debugged=debugged),
                directory=located.path if located.path.is_dir() else located.path.parent,
                cwd=self._context.directory,
                environ={**variables, **source_variables(located, variables)},
                timing=msgspec.structs.replace(self._timing, port=_A_DAY) if debugged else self._timing,
            )
        provider = PluginProvider(
            name=request.name,
            package=request.package,
            version=located.version if located is not None else "",
            source=launch.source,
            connect=partial(self._connect, launch),
            log=self._log,
            parameterization=request.parameterization,
            at_least=request.version if located is not None and not located.version else "",
            preview_calls=not DISABLE_PROVIDER_PREVIEW.value(self._environ),
        )
        self._providers.append(provider)
        return provider

    def of_command(self, name: str, command: tuple[str, ...], variables: Mapping[str, str]) -> PluginProvider:
        """
        A new provider that *command* serves when it is started, in the program's directory.

        *variables* are set on top of those that every plugin gets.
        """
        launch = Launch(
            name=name,
            source=" ".join(command),
            command=command,
            directory=self._context.directory,
            cwd=self._context.directory,
            environ={**self._variables(name, {}), **variables},
            timing=self._timing,
        )
        provider = PluginProvider(
            name=name,
            package=name,
            version="",
            source=launch.source,
            connect=partial(self._connect, launch),
            log=self._log,
        )
        self._providers.append(provider)
        return provider

    def _find(self, request: PackageRequest) -> LocatedPlugin:
        # What the project file points at goes by the plugin's own name, wherever others get it from.
        pointed_at = any(plugin.name == request.name for plugin in self._context.plugins)
        name = request.name if pointed_at else plugin_name(request.name, request.download_url)
        located = find_plugin(
            name,
            request.version,
            project_plugins=self._context.plugins,
            environ=self._environ,
        )
        self._check_pinned(located)
        mark_used(located, self._environ)
        for note in located.notes:
            if note not in self._told:
                self._told.add(note)
                self._log(Diagnostic(severity=Severity.WARNING, message=note))
        return located

    def _check_pinned(self, located: LocatedPlugin) -> None:
        """What comes from a plugin directory is what the lock file pins; other places are the user's own."""
        entry = None
        lock = self._context.lock
        if located.version and lock is not None:
            entry = lock.plugin("resource", located.name, located.version)
        if lock is None or entry is None or located.origin == "the project file":
            return
        from stackwright.providers.terraform.installed import current_platform, remembered_package_hash

        pins = pins_for(entry.hashes, current_platform().replace("_", "-"))
        directory = located.path if located.path.is_dir() else located.path.parent
        check_hashes(
            f"The plugin {located.name} {located.version}",
            lock.path,
            pinned=[each for each in pins if each.startswith("h1:")],
            found=lambda: [remembered_package_hash(directory, self._environ)],
        )

    def _variables(self, package: str, mappings: Mapping[str, str]) -> dict[str, str]:
        """The environment of a plugin (§7.5)."""
        variables = dict(self._environ)
        for option, value in self._context.runtime_options.items():
            text = str(value).lower() if isinstance(value, bool) else str(value)
            variables[f"PULUMI_RUNTIME_{option.upper()}"] = text
        if self._context.project:
            variables["PULUMI_PROJECT"] = self._context.project
            variables["PULUMI_NODEJS_PROJECT"] = self._context.project
        prefix = f"{package}:"
        config = {
            key.removeprefix(prefix): value
            for key, value in self._context.config.items()
            if key.startswith(prefix)
        }
        variables["PULUMI_CONFIG"] = json.dumps(config)
        for new, old in mappings.items():
            if new in self._environ:
                variables[old] = self._environ[new]
        return variables

    async def _connect(self, launch: Launch) -> PluginConnection:
        if self._server is None:
            self._server = asyncio.ensure_future(self._serve())
        server = await asyncio.shield(self._server)
        return await PluginConnection.open(launch, engine_address=server.address, log=self._log)

    async def _serve(self) -> LocalServer:
        return await _serving(self._service)

    async def cancel(self) -> None:
        """Ask every plugin to stop soon (E255)."""
        await asyncio.gather(*(provider.cancel() for provider in self._providers))

    async def close(self) -> None:
        """End every plugin, then the service they call. Idempotent."""
        providers, self._providers = self._providers, []
        await asyncio.gather(*(provider.close() for provider in providers))
        server, self._server = self._server, None
        if server is not None:
            await (await server).stop()


async def run_plugin(command: Sequence[str], *, log: ProviderLog) -> int:
    """
    Run a plugin that is a tool, with the terminal for itself, and answer its exit status.

    `PULUMI_RPC_TARGET` tells it where an engine can be spoken to meanwhile; *log* hears that.
    """
    server = await _serving(EngineService(log))
    try:
        environ = {**os.environ, "PULUMI_RPC_TARGET": server.address}
        process = await asyncio.create_subprocess_exec(*command, env=environ)
        return await process.wait()
    finally:
        await server.stop()


async def _serving(service: EngineService) -> LocalServer:
    from stackwright.wire.stubs.pulumi import engine_pb2

    return await LocalServer.start(partial(engine_pb2.add_EngineServicer_to_server, service))


def attached_ports(entries: Sequence[str]) -> dict[str, int]:
    """
    `name:port` entries as a map (§7.7).

    Raises:
        UserError: An entry has no number for a port.
    """
    ports = {}
    for entry in entries:
        name, _, port = entry.rpartition(":")
        if not name or not port.isdecimal() or not 1 <= int(port) <= 65535:
            raise UserError(
                f"`{entry}` does not say which provider runs at which port",
                hint="PULUMI_DEBUG_PROVIDERS is a list such as aws:41234,random:41235",
            )
        ports[name] = int(port)
    return ports
