"""The providers that a Terraform state needs: as packages of the project, and how they are configured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from stackwright.errors import UserError
from stackwright.goals import PackageRequest
from stackwright.moving import ProviderUse, UsedPackage
from stackwright.packages._ready import Ready
from stackwright.packages._sources import TerraformSource
from stackwright.values import PropertyMap

if TYPE_CHECKING:
    from stackwright.automation import Stack
    from stackwright.project import Project

_LOCK_NAME = ".terraform.lock.hcl"


class StateProviders(msgspec.Struct, frozen=True, kw_only=True):
    """
    The providers of a state that can be had, by their addresses there.

    Attributes:
        configurations: The inputs that each use of them is configured with.
        missing: Those that cannot be had, and why.
    """

    uses: tuple[ProviderUse, ...]
    sources: Mapping[str, TerraformSource]
    ready: Mapping[str, Ready]
    packages: Mapping[str, UsedPackage]
    requests: Mapping[str, PackageRequest]
    configurations: Mapping[ProviderUse, PropertyMap]
    missing: Mapping[str, str]


def state_providers(
    project: Project, stack: Stack, uses: Iterable[ProviderUse], directory: Path
) -> StateProviders:
    """
    Make the packages of *uses* ready, which a state in *directory* has; the project stays as it is.

    Raises:
        FetchError: None of them can be had.
        UserError: Two of them would be one package, or a configuration is none.
    """
    from stackwright.moving import package_request

    wanted = tuple(uses)
    ready, missing = _readied(project, _sources(project, wanted, directory))
    had = tuple(each for each in wanted if each.address in ready)
    packages = {address: _used_package(project, each) for address, (_, each) in ready.items()}
    return StateProviders(
        uses=had,
        sources={address: source for address, (source, _) in ready.items()},
        ready={address: each for address, (_, each) in ready.items()},
        packages=packages,
        requests={address: package_request(each.schema) for address, each in packages.items()},
        configurations=_configurations(project, stack, had, packages),
        missing=missing,
    )


def _sources(project: Project, uses: Iterable[ProviderUse], directory: Path) -> dict[str, TerraformSource]:
    """The package of each provider: as the project has it, else as Terraform's lock file pins it."""
    from stackwright.packages._sources import TERRAFORM, recorded_source
    from stackwright.providers.terraform.installed import OPENTOFU_HOST, parse_address, read_terraform_lock

    pinned = {
        _whichever_registry(each.address): each.version
        for each in read_terraform_lock(directory / _LOCK_NAME)
    }
    recorded: dict[str, TerraformSource] = {}
    for name, spec in project.packages.items():
        source = recorded_source(name, spec, project.root)
        if spec.source == TERRAFORM and isinstance(source, TerraformSource) and source.address:
            recorded[_whichever_registry(str(parse_address(source.address)))] = source
    found: dict[str, TerraformSource] = {}
    for use in uses:
        known = _whichever_registry(use.address)
        # Who works with OpenTofu's registry may have the provider from Terraform's mirror.
        address = known if use.address.startswith(OPENTOFU_HOST) else use.address
        found[use.address] = recorded.get(known) or TerraformSource(
            address=address, constraint=pinned.get(known, "")
        )
    return found


def _readied(
    project: Project, sources: Mapping[str, TerraformSource]
) -> tuple[dict[str, tuple[TerraformSource, Ready]], dict[str, str]]:
    """The packages that can be had, and why the others cannot; an error if there is nothing else."""
    from stackwright.cli._downloads import shown_downloads
    from stackwright.packages._errors import FetchError
    from stackwright.packages._ready import PackageReadier
    from stackwright.packages._web import Web

    ready: dict[str, tuple[TerraformSource, Ready]] = {}
    missing: dict[str, str] = {}
    failed: FetchError | None = None
    with shown_downloads() as progress, Web(progress=progress) as web:
        readier = PackageReadier(project.root, web, progress=progress)
        for address, source in sources.items():
            try:
                ready[address] = source, readier.ready(source)
            except FetchError as error:
                missing[address] = f"its provider cannot be had: {error.message}"
                failed = error
    if failed is not None and not ready:
        raise failed
    names = [each.name for _, each in ready.values()]
    if len(set(names)) != len(names):
        raise UserError(
            f"two providers of the state make a package of the same name: {', '.join(sorted(names))}",
            hint="Add one by another name first: stackwright package add ADDRESS --provider-name NAME",
        )
    return ready, missing


def _used_package(project: Project, ready: Ready) -> UsedPackage:
    from stackwright.packages import read_schema
    from stackwright.packages.sdkgen._names import import_name

    schema = read_schema(ready.schema)
    spec = project.packages.get(ready.name)
    module = spec.module if spec is not None else None
    usual = schema.python.package_name or import_name(schema.name, schema.document.namespace)
    return UsedPackage(schema, module or usual)


def _configurations(
    project: Project, stack: Stack, uses: Iterable[ProviderUse], packages: Mapping[str, UsedPackage]
) -> dict[ProviderUse, PropertyMap]:
    from stackwright.moving import default_settings, explicit_settings

    config = stack.effective_config(validate=False)
    values = config.for_program(stack.crypter if config.has_secrets else None)
    found: dict[ProviderUse, PropertyMap] = {}
    for use in uses:
        package = packages[use.address]
        found[use] = (
            explicit_settings(use, package, project.name, values.values)
            if use.configuration
            else default_settings(package.schema.name, values.values, values.secret_keys)
        )
    return found


def _whichever_registry(address: str) -> str:
    """A provider's address without its host, if that is a public one: those have the same providers."""
    from stackwright.providers.terraform.installed import PUBLIC_HOSTS

    host, _, rest = address.partition("/")
    return rest if host in PUBLIC_HOSTS else address


def add_packages(project: Project, providers: StateProviders) -> None:
    """Have the project list the packages of *providers*, and its environment hold them."""
    from stackwright.cli._downloads import shown_downloads
    from stackwright.packages._project_packages import ProjectPackages
    from stackwright.packages._web import Web
    from stackwright.project import load_project
    from stackwright.project.python import install_dependencies

    missing = [
        source
        for address, source in providers.sources.items()
        if providers.ready[address].name not in project.packages
    ]
    if not missing:
        return
    with shown_downloads() as progress, Web(progress=progress) as web:
        packages = ProjectPackages(project, web, progress=progress)
        for source in missing:
            packages.add(source)
    install_dependencies(load_project(project.path), output=lambda line: click.echo(line, err=True))
