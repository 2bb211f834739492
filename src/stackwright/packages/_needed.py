"""
Which plugins and Terraform providers a project's packages need, and installing them (protocol.md §13.5).

Asked are the SDKs that programs of the project can import, and the entries of the project
file whose SDK is not there. What lies at a path, what is embedded, and what the project file
points at needs no installation.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping

from stackwright.errors import StackwrightError, UserError
from stackwright.packages._errors import FetchError, PackageError
from stackwright.packages._plugin_installer import PluginInstaller, PluginRequest
from stackwright.packages._progress import Progress
from stackwright.packages._provider_installer import ProviderInstaller
from stackwright.packages._sources import TERRAFORM, PluginSource, recorded_source
from stackwright.packages._web import Web
from stackwright.project import PackageSpec, Project
from stackwright.project.python import RequiredPlugin, has_own_environment, package_path, required_plugins
from stackwright.providers import ProviderNotFoundError
from stackwright.providers._lock_file import LockFile, read_lock_file
from stackwright.providers.builtin import is_embedded
from stackwright.providers.plugin import find_plugin, plugin_name
from stackwright.providers.terraform import parse_parameter
from stackwright.providers.terraform.installed import parse_constraint


def wanted_plugin(
    name: str,
    version: str,
    server: str,
    checksums: Mapping[str, str],
    *,
    packages: Mapping[str, PackageSpec],
    lock: LockFile,
) -> PluginRequest:
    """What to install for a plugin that somebody asks for, completed by the project and the lock file."""
    recorded = packages.get(name)
    if recorded is None or recorded.source != name:
        recorded = PackageSpec(source=name)
    version = version.removeprefix("v")
    name = plugin_name(name, server)
    entry = lock.plugin("resource", name, version or recorded.version or "")
    return PluginRequest(
        name=name,
        version=version or recorded.version or (entry.version if entry else ""),
        server=server or recorded.plugin_download_url or (entry.server if entry else ""),
        checksums=checksums or recorded.checksums,
        pinned=entry.hashes if entry else (),
    )


def needed_plugins(project: Project) -> list[PluginRequest]:
    """
    The plugins that have to be installed.

    Raises:
        PythonEnvironmentError: There is no environment to look into.
        UserError: The project file or the lock file cannot be understood.
    """
    lock = read_lock_file(project.root)
    found: dict[tuple[str, str], PluginRequest] = {}
    for name, version, server in _asked_for(project):
        request = wanted_plugin(name, version, server, {}, packages=project.packages, lock=lock)
        found.setdefault((name, request.version), request)
    return list(found.values())


def _asked_for(project: Project) -> Iterator[tuple[str, str, str]]:
    """Name, version and server of each plugin that is neither embedded nor at hand."""
    placed = {item.name for item in project.plugins if item.kind == "resource"}
    named: dict[str, PluginSource] = {}
    for name, spec in project.packages.items():
        source = recorded_source(name, spec, project.root)
        if isinstance(source, PluginSource) and source.path:
            placed |= {name, source.name}
        elif isinstance(source, PluginSource):
            named[source.name] = source
    for each in _sdks(project):
        # What the project file records was chosen for the project; an SDK may be older.
        recorded = named.pop(each.name, None)
        version = (recorded.version if recorded is not None else "") or each.version or ""
        server = (recorded.server if recorded is not None else "") or each.server or ""
        if _is_to_be_installed(each.name, server, placed):
            yield each.name, version, server
    for plugin in named.values():
        if _is_to_be_installed(plugin.name, plugin.server, placed):
            yield plugin.name, plugin.version, plugin.server


def _is_to_be_installed(name: str, server: str, placed: set[str]) -> bool:
    return name != TERRAFORM and name not in placed and (bool(server) or not is_embedded(name))


def _sdks(project: Project) -> tuple[RequiredPlugin, ...]:
    return required_plugins(package_path(project))


def install_needed(project: Project, web: Web, *, progress: Progress, reinstall: bool = False) -> None:
    """
    Install what is missing; with *reinstall*, what is there already, too.

    Packages of an environment that is not the project's alone may be there for others: if what
    they need cannot be fetched, that is only noted.

    Raises:
        StackwrightError: Something cannot be installed; all such things are named.
    """
    failed: list[StackwrightError] = []
    installer = PluginInstaller(web, progress=progress)
    for request in needed_plugins(project):
        if reinstall or not _is_here(request):
            try:
                installer.install(request, reinstall=reinstall)
            except FetchError as error:
                failed.append(error)
    if failed and not has_own_environment(project):
        for each in failed:
            progress.note(f"warning: {each.message}; it will be tried again when a program needs it")
    elif len(failed) == 1:
        raise failed[0]
    elif failed:
        hints = [each.hint for each in failed if each.hint]
        raise PackageError(
            f"{len(failed)} plugins cannot be installed",
            detail="\n".join(f"{each.message}\n{each.detail or ''}".rstrip() for each in failed),
            hint=hints[0] if hints else None,
        )
    for address, version in _needed_providers(project):
        providers = ProviderInstaller(project.root, web, progress=progress)
        providers.install(providers.resolve(address), parse_constraint(version))


def _is_here(request: PluginRequest) -> bool:
    try:
        find_plugin(request.name, request.version)
    except ProviderNotFoundError:
        return False
    return True


def _needed_providers(project: Project) -> Iterator[tuple[str, str]]:
    """Addresses and versions of the Terraform providers that SDKs are made of."""
    for each in _sdks(project):
        if each.name != TERRAFORM or each.parameterization is None:
            continue
        try:
            value = base64.b64decode(each.parameterization.value, validate=True)
        except binascii.Error:
            raise UserError(
                f"The package {each.distribution} does not say which provider it is made of"
            ) from None
        remote = parse_parameter(value).remote
        if remote is not None:
            yield remote.url, remote.version
