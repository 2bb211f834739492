"""
Finds the Terraform provider that a package is made of (terraform.md §8.1).

Programs ask for the base plugin `terraform-provider` with a parameter that says which
provider is meant; the same parameter makes Pulumi's bridge what it is. Looked for, in
this order: a provider that runs already, a local path, what is installed on this machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.environment import home
from stackwright.errors import UserError
from stackwright.providers.terraform._cache import SchemaCache
from stackwright.providers.terraform._opening import TerraformPackage, TerraformPrograms
from stackwright.providers.terraform._reattach import find_reattached
from stackwright.providers.terraform._session import ProviderOrigin
from stackwright.providers.terraform.installed import (
    InstalledProvider,
    find_provider,
    parse_address,
    parse_constraint,
    provider_at,
)

if TYPE_CHECKING:
    from stackwright.goals import PackageRequest
    from stackwright.providers._interface import ProviderLog
    from stackwright.providers._lock_file import LockFile
    from stackwright.providers.terraform._provider import TerraformProvider

BASE_PLUGIN: Final = "terraform-provider"
"""The plugin that packages of Terraform providers name as their own."""


class BadParameterError(UserError):
    """A package's parameter does not say which Terraform provider is meant."""

    code = "terraform-parameter"


class RemoteProvider(msgspec.Struct, frozen=True, kw_only=True):
    """A provider in a registry: its address, and the version that was once chosen."""

    url: str
    version: str = ""


class LocalProvider(msgspec.Struct, frozen=True, kw_only=True):
    """A provider at a path."""

    path: str


class TerraformParameter(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What a package of a Terraform provider is told about itself; exactly one of the first two is there."""

    remote: RemoteProvider | None = None
    local: LocalProvider | None = None
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    provider_name: str = ""


def parse_parameter(value: bytes) -> TerraformParameter:
    """
    Read a parameter.

    Raises:
        BadParameterError: It says nothing that can be found.
    """
    try:
        parameter = msgspec.json.decode(value, type=TerraformParameter)
    except msgspec.DecodeError as error:
        raise BadParameterError(
            "The parameter of a Terraform provider's package cannot be read",
            detail=str(error),
            hint="Add the package again: stackwright package add terraform-provider <address>",
        ) from error
    if (parameter.remote is None) == (parameter.local is None):
        raise BadParameterError(
            "The parameter of a Terraform provider's package names no provider, or two",
            hint="It has either `remote` or `local`",
        )
    return parameter


class TerraformHost:
    """
    Loads Terraform providers; *directory* is the project's, and *lock* what holds there (by
    default what lies in it).

    Everything happens on one event loop.
    """

    def __init__(
        self,
        *,
        directory: Path,
        log: ProviderLog,
        environ: Mapping[str, str],
        lock: LockFile | None = None,
    ) -> None:
        self._lock = lock
        self._directory = directory
        self._log = log
        self._environ = dict(environ)
        self._told: set[str] = set()
        self._programs = TerraformPrograms(
            log=log,
            cache=SchemaCache(home(environ) / "terraform" / "schemas"),
            directory=directory,
        )

    async def load(self, request: PackageRequest, *, environment: Mapping[str, str]) -> TerraformProvider:
        """
        See `ProviderHost.load`.

        Raises:
            BadParameterError: The request does not say which provider is meant.
            ProviderNotFoundError: It is not on this machine.
            ProviderGoneError: Its process did not come up.
        """
        if request.parameterization is None:
            raise BadParameterError(
                f"`{BASE_PLUGIN}` alone is no package: a parameter has to say which provider is meant",
                hint="Add one: stackwright package add terraform-provider <address>",
            )
        parameter = parse_parameter(request.parameterization.value)
        located = await asyncio.to_thread(self._located, request.package, parameter)
        package = msgspec.structs.replace(located, parameter=request.parameterization.value)
        variables = {new: self._environ[old] for new, old in environment.items() if old in self._environ}
        return await self._programs.open(package, environ={**self._environ, **variables})

    def _located(self, name: str, parameter: TerraformParameter) -> TerraformPackage:
        if parameter.local is not None:
            found = provider_at((self._directory / parameter.local.path).resolve())
            return self._package(name, parameter, found)
        assert parameter.remote is not None  # `parse_parameter` saw to it
        address = parse_address(parameter.remote.url)
        running = find_reattached(str(address), self._environ)
        if running is not None:
            origin = ProviderOrigin(address=str(address), version=parameter.remote.version)
            return TerraformPackage(
                name=name,
                provider=origin,
                path=Path(),
                reattached=running,
                includes=parameter.includes,
                excludes=parameter.excludes,
            )
        constraint = parse_constraint(parameter.remote.version)
        found = find_provider(
            address, constraint, project=self._directory, environ=self._environ, lock=self._lock
        )
        for note in found.notes:
            if note not in self._told:
                self._told.add(note)
                self._log(Diagnostic(severity=Severity.WARNING, message=note))
        return self._package(name, parameter, found)

    @staticmethod
    def _package(name: str, parameter: TerraformParameter, found: InstalledProvider) -> TerraformPackage:
        return TerraformPackage(
            name=name,
            provider=ProviderOrigin(address=str(found.address), version=found.version),
            path=found.executable,
            released=bool(found.hashes),
            includes=parameter.includes,
            excludes=parameter.excludes,
        )

    async def cancel(self) -> None:
        """Ask everything under way to end soon."""
        await self._programs.cancel()

    async def close(self) -> None:
        """End every process. Idempotent."""
        await self._programs.close()
