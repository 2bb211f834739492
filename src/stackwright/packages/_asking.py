"""
Asking the provider of a package for what is no part of any deployment: its schema, its mappings.

Blocks; an event loop of its own runs while the provider is up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.goals import PackageRequest
from stackwright.packages._errors import PackageError
from stackwright.packages._progress import Progress
from stackwright.packages._schema_documents import as_extension
from stackwright.providers._lock_file import LockFile
from stackwright.providers.plugin import ProjectPlugin

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from stackwright.providers import Provider


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """
    How a package's provider is started: what is asked for and pinned, what makes the package of it.

    *arguments* turn it into another package, *extension* are those of a package beside its own.
    """

    request: PackageRequest
    lock: LockFile
    arguments: tuple[str, ...] = ()
    extension: tuple[str, ...] = ()
    plugins: tuple[ProjectPlugin, ...] = ()


class Asking:
    """Starts providers for the project in *project*, asks, and stops them."""

    def __init__(self, project: Path, *, environ: Mapping[str, str], progress: Progress) -> None:
        self._project = project
        self._environ = environ
        self._progress = progress

    def schema(self, opening: Opening) -> bytes:
        """
        The schema of a package.

        Raises:
            PackageError: The provider takes no parameters, or answers with another kind of schema.
            ProviderError: The provider does not come up, or fails.
        """

        async def ask(provider: Provider, name: str, version: str) -> bytes:
            return await provider.schema(package=name, version=version)

        schema = asyncio.run(self._asked(opening, ask))
        return as_extension(schema, opening.request.name) if opening.extension else schema

    def mapping(self, opening: Opening, key: str, provider: str) -> bytes:
        """
        How programs in the language *key* name what a package has; nothing where that is not known.

        Raises:
            ProviderError: The provider does not come up, or fails.
        """
        from stackwright.providers.plugin import PluginProvider

        async def ask(plugin: Provider, name: str, version: str) -> bytes:
            if not isinstance(plugin, PluginProvider):
                return b""
            return (await plugin.mapping(key, provider=provider))[1]

        return asyncio.run(self._asked(opening, ask))

    async def _asked(
        self, opening: Opening, ask: Callable[[Provider, str, str], Coroutine[None, None, bytes]]
    ) -> bytes:
        """What *ask* hears from the package's provider, given the name and version that it became."""
        from stackwright.providers import DefaultProviderHost
        from stackwright.providers.plugin import PluginProvider

        def log(diagnostic: Diagnostic) -> None:
            if diagnostic.severity is not Severity.DEBUG:  # such as what a plugin prints (protocol.md §7.5)
                self._progress.note(diagnostic.message)

        request = opening.request
        host = DefaultProviderHost(
            directory=self._project,
            log=log,
            plugins=opening.plugins,
            environ=self._environ,
            lock=opening.lock,
        )
        try:
            provider = await host.load(request, environment={})
            name = version = ""
            if said := opening.arguments or opening.extension:
                if not isinstance(provider, PluginProvider):
                    can = "cannot be extended" if opening.extension else "takes no parameters"
                    raise PackageError(f"The package {request.name} {can}")
                became = await provider.parameterize_with(said)
                name, version = became.name, became.version
            return await ask(provider, name, version)
        finally:
            await host.close()
