"""
`DefaultProviderHost`: finds the provider for a package, wherever it is.

A genuine plugin of the wanted version comes first, an embedded provider second. Looking
for plugins properly means loading much that a run with embedded providers never needs
(gRPC above all), so the first look is a coarse one of our own: whether anything on
this machine could be that plugin at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from stackwright.debugging import NOT_DEBUGGED, DebugTargets
from stackwright.environment import DEBUG_PROVIDERS, TRUST_PICKLED_PROVIDERS, plugin_directories
from stackwright.providers._interface import (
    Acquirer,
    Provider,
    ProviderMissingError,
    ProviderNotFoundError,
)

if TYPE_CHECKING:
    from stackwright.goals import PackageRequest
    from stackwright.providers._interface import ProviderLog
    from stackwright.providers._lock_file import LockFile
    from stackwright.providers.plugin import PluginHost, ProjectPlugin
    from stackwright.providers.terraform import TerraformHost
    from stackwright.secrets import Crypter
    from stackwright.urn import Urn

_IN_PYTHON: Final = frozenset(
    {"pulumi-python", "khulnasoft-python", "codeinfra-python", "stackwright-python"}
)
"""Packages whose providers are Python code of the user's own."""

DynamicHost = tuple[tuple[str, ...], Mapping[str, str]]
"""What serves dynamic providers in an environment that is not ours: the command, and the variables for it."""

_TERRAFORM: Final = "terraform-provider"
"""The plugin that packages of Terraform providers are made of: spoken to without any plugin."""


class DefaultProviderHost:
    """
    Implements `ProviderHost` for genuine plugins, Terraform providers and embedded providers.

    *directory* is the project's program directory, where plugins run; *plugins* are
    those the project file points at; *config* is the stack's configuration by full key,
    decrypted. *log* hears what providers say; *root_urn* answers which URN the stack's
    own resource has. *crypter*, the stack's, tells which pickled providers of the state the
    stack wrote itself; *trust_pickles* loads the others too. *debugged* plugins wait for
    a debugger, where they are written in Python. *lock* says what plugins and
    providers must be; by default that is read from *directory*. *acquirer* installs what is
    missing. Everything happens on the event loop on which `load` is first called.
    """

    def __init__(
        self,
        *,
        directory: Path,
        log: ProviderLog,
        project: str = "",
        runtime_options: Mapping[str, object] | None = None,
        config: Mapping[str, str] | None = None,
        plugins: Sequence[ProjectPlugin] = (),
        root_urn: Callable[[], Urn | None] | None = None,
        environ: Mapping[str, str] | None = None,
        crypter: Crypter | None = None,
        trust_pickles: bool = False,
        debugged: DebugTargets = NOT_DEBUGGED,
        dynamic_host: Callable[[], DynamicHost | None] = lambda: None,
        lock: LockFile | None = None,
        acquirer: Acquirer | None = None,
    ) -> None:
        self._lock = lock
        self._acquirer = acquirer
        self._crypter = crypter
        self._trust_pickles = trust_pickles
        self._debugged = debugged
        self._dynamic_host = dynamic_host
        self._directory = directory
        self._log = log
        self._project = project
        self._runtime_options = runtime_options or {}
        self._config = config or {}
        self._plugins = tuple(plugins)
        self._root_urn = root_urn
        self._environ = dict(os.environ if environ is None else environ)
        self._plugin_host: PluginHost | None = None
        self._terraform_host: TerraformHost | None = None
        self._embedded: list[Provider] = []

    async def load(self, request: PackageRequest, *, environment: Mapping[str, str]) -> Provider:
        """
        See `ProviderHost.load`.

        An embedded provider serves whatever version is wanted. A parameterised request is
        for a Terraform provider or a plugin. What is missing is installed, where that is allowed.

        Raises:
            ProviderNotFoundError: There is neither a plugin nor an embedded provider.
            ProviderGoneError: The plugin did not come up.
            UserError: A setting or the project file names a plugin wrongly, or what was installed
                for it is not what was promised.
        """
        try:
            return await self._load(request, environment)
        except ProviderMissingError as problem:
            if self._acquirer is None:
                raise
            await _in_thread(partial(self._acquirer.acquire, request, problem))
        return await self._load(request, environment)

    async def _load(self, request: PackageRequest, environment: Mapping[str, str]) -> Provider:
        if request.name == _TERRAFORM:
            return await self._terraform().load(request, environment=environment)
        from stackwright.providers.builtin import is_embedded

        if request.name in _IN_PYTHON:
            return self._in_python(request.name)
        embedded = request.parameterization is None and is_embedded(request.name)
        if embedded and not self._could_be_installed(request.name):
            return self._open(request.name)
        try:
            return await self._plugins_of_others().load(request, environment=environment)
        except ProviderNotFoundError as error:
            if embedded:
                return self._open(request.name)
            raise self._nowhere(error) from None

    def _in_python(self, name: str) -> Provider:
        from stackwright.providers.python import (
            Admission,
            Calls,
            ClassProvider,
            DynamicProvider,
            ForeignDynamicProvider,
            Signatures,
        )

        trusting = self._trust_pickles or TRUST_PICKLED_PROVIDERS.value(self._environ)
        admission = Admission(Signatures(self._crypter), trusting=trusting)
        foreign = self._dynamic_host()
        if foreign is not None and name != "stackwright-python":
            command, variables = foreign
            inner = self._plugins_of_others().of_command(name, command, variables)
            return cast("Provider", ForeignDynamicProvider(inner, admission))
        calls = Calls(directory=self._directory, project=self._project, log=self._log)
        provider: Provider
        if name == "stackwright-python":
            provider = ClassProvider(calls, log=self._log)
        else:
            provider = DynamicProvider(calls, admission)
        self._embedded.append(provider)
        return provider

    def _open(self, name: str) -> Provider:
        from stackwright.providers import builtin

        provider = builtin.open(name, log=self._log, directory=self._directory)
        assert provider is not None  # `is_embedded` said so
        self._embedded.append(provider)
        return provider

    def _plugins_of_others(self) -> PluginHost:
        if self._plugin_host is None:
            from stackwright.providers.plugin import PluginContext, PluginHost

            context = PluginContext(
                directory=self._directory,
                project=self._project,
                runtime_options=self._runtime_options,
                config=self._config,
                plugins=self._plugins,
                lock=self._lock,
                debugged=self._debugged,
            )
            self._plugin_host = PluginHost(
                context, log=self._log, root_urn=self._root_urn, environ=self._environ
            )
        return self._plugin_host

    def _terraform(self) -> TerraformHost:
        if self._terraform_host is None:
            from stackwright.providers.terraform import TerraformHost

            self._terraform_host = TerraformHost(
                directory=self._directory,
                log=self._log,
                environ=self._environ,
                lock=self._lock,
            )
        return self._terraform_host

    def _could_be_installed(self, name: str) -> bool:
        """Whether a proper search has any chance; errs on the side of searching."""
        if DEBUG_PROVIDERS.value(self._environ) or any(plugin.name == name for plugin in self._plugins):
            return True
        if shutil.which(f"pulumi-resource-{name}", path=self._environ.get("PATH", os.defpath)):
            return True
        prefix = f"resource-{name}-v"
        for directory in plugin_directories(self._environ):
            try:
                with os.scandir(directory) as entries:
                    if any(entry.name.startswith(prefix) for entry in entries):
                        return True
            except OSError:
                continue
        return False

    @staticmethod
    def _nowhere(error: ProviderNotFoundError) -> ProviderNotFoundError:
        from stackwright.providers.builtin import embedded_packages

        known = ", ".join(embedded_packages())
        detail = f"{error.detail or ''}\n  the embedded providers: only {known}".lstrip("\n")
        return type(error)(error.message, detail=detail, hint=error.hint)

    async def cancel(self) -> None:
        """Ask every living provider to stop soon (E255)."""
        if self._acquirer is not None:
            self._acquirer.cancel()
        hosts = (self._plugin_host, self._terraform_host)
        others = [host.cancel() for host in hosts if host is not None]
        await asyncio.gather(*(provider.cancel() for provider in self._embedded), *others)

    async def close(self) -> None:
        """Close every provider that was loaded. Idempotent."""
        embedded, self._embedded = self._embedded, []
        hosts = (self._plugin_host, self._terraform_host)
        self._plugin_host = self._terraform_host = None
        others = [host.close() for host in hosts if host is not None]
        await asyncio.gather(*(provider.close() for provider in embedded), *others)


def _in_thread(work: Callable[[], None]) -> asyncio.Future[None]:
    """
    Run *work* in a thread of its own; the future is done when it is over.

    Whoever ends now does not wait for that, as for the threads of the loop's own pool: a server
    that says nothing would keep a command from ending.
    """
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()

    def settle(problem: BaseException | None) -> None:
        if over.done():
            return
        if problem is not None:
            over.set_exception(problem)
        else:
            over.set_result(None)

    def run() -> None:
        problem: BaseException | None = None
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - whoever waits for the work gets it
            problem = error
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, problem)

    threading.Thread(target=run, name="stackwright-acquire", daemon=True).start()
    return over
