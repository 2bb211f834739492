"""
Installing, unasked, what a running operation lacks (protocol.md §7.4).

Decides whether that is allowed, what exactly is meant by what a program or a record asks
for, and what is said when it cannot be had. Obeys the lock file and changes no file of the
project: pinning is the matter of `package add` and `install`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path

from stackwright.environment import DISABLE_AUTOMATIC_PLUGIN_ACQUISITION
from stackwright.goals import PackageRequest
from stackwright.packages._errors import PackageError, VerificationError
from stackwright.packages._needed import wanted_plugin
from stackwright.packages._plugin_installer import PluginInstaller
from stackwright.packages._progress import Progress
from stackwright.packages._provider_installer import ProviderInstaller
from stackwright.packages._sources import TERRAFORM
from stackwright.packages._web import Web
from stackwright.project import PackageSpec
from stackwright.providers import ProviderMissingError
from stackwright.providers._lock_file import LockFile
from stackwright.providers.terraform import parse_parameter
from stackwright.providers.terraform.installed import parse_constraint, read_locks


class InterruptedInstallationError(PackageError):
    """The user wants to end; what was fetched is kept for the next time."""

    code = "installation-interrupted"


class AutomaticInstaller:
    """
    Implements `Acquirer` for the project in *project*, whose file records *packages*.

    Each installation is told to *progress*, from the thread it runs in.
    """

    def __init__(
        self,
        project: Path,
        packages: Mapping[str, PackageSpec],
        *,
        progress: Progress,
        lock: LockFile | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._project = project
        self._packages = packages
        self._environ = os.environ if environ is None else environ
        self._lock = lock
        self._canceled = threading.Event()
        self._progress: Progress = _Interruptible(progress, self._canceled)

    def cancel(self) -> None:
        """See `Acquirer`."""
        self._canceled.set()

    def acquire(self, request: PackageRequest, problem: ProviderMissingError) -> None:
        """See `Acquirer`."""
        if DISABLE_AUTOMATIC_PLUGIN_ACQUISITION.value(self._environ):
            variable = DISABLE_AUTOMATIC_PLUGIN_ACQUISITION.source(self._environ)
            raise _because(problem, f"Nothing is installed unasked, because {variable} is set")
        try:
            with Web(progress=self._progress, environ=self._environ) as web:
                if request.name == TERRAFORM:
                    self._install_provider(request, web)
                else:
                    self._install_plugin(request, web)
        except VerificationError:
            raise
        except InterruptedInstallationError as error:
            raise ProviderMissingError(error.message, hint=error.hint) from error
        except PackageError as error:
            told = "\n".join(each for each in (error.message, error.detail) if each)
            if request.name == TERRAFORM:  # all places are in there already
                raise ProviderMissingError(problem.message, detail=told, hint=error.hint) from error
            raise _because(problem, f"It cannot be installed now:\n{_indented(told)}", error.hint) from error

    def _install_provider(self, request: PackageRequest, web: Web) -> None:
        parameter = request.parameterization
        remote = parse_parameter(parameter.value).remote if parameter is not None else None
        if remote is None:
            return
        installer = ProviderInstaller(
            self._project, web, lock=self._pins(), progress=self._progress, environ=self._environ
        )
        installer.install(installer.resolve(remote.url), parse_constraint(remote.version))

    def _install_plugin(self, request: PackageRequest, web: Web) -> None:
        checksums = {name: value.hex() for name, value in request.checksums}
        wanted = wanted_plugin(
            request.name,
            request.version,
            request.download_url,
            checksums,
            packages=self._packages,
            lock=self._pins(),
        )
        PluginInstaller(web, progress=self._progress, environ=self._environ).install(wanted)

    def _pins(self) -> LockFile:
        if self._lock is None:
            self._lock = read_locks(self._project)
        return self._lock


class _Interruptible:
    """Passes all on, until somebody wants to end."""

    def __init__(self, progress: Progress, canceled: threading.Event) -> None:
        self._progress = progress
        self._canceled = canceled

    def note(self, text: str, /) -> None:
        self._progress.note(text)

    def installing(self, what: str, text: str, /) -> None:
        self._check(what)
        self._progress.installing(what, text)

    def downloading(self, what: str, /, *, done: int, total: int | None) -> None:
        self._check(what)
        self._progress.downloading(what, done=done, total=total)

    def _check(self, what: str) -> None:
        if self._canceled.is_set():
            raise InterruptedInstallationError(
                f"The installation of {what} was interrupted", hint="The next run continues it"
            )


def _because(problem: ProviderMissingError, reason: str, hint: str | None = None) -> ProviderMissingError:
    detail = "\n".join(each for each in (problem.detail, reason) if each)
    return ProviderMissingError(problem.message, detail=detail, hint=hint or problem.hint)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
