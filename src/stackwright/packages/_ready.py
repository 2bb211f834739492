"""
Making a package ready: its plugin installed and pinned, its schema at hand.

Decides what is installed, what is pinned, and how the project file says it. Fetching is left to
the installers, speaking with the provider to `_asking`. Blocks.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
from semver import Version

from stackwright.goals import PackageRequest, Parameterization
from stackwright.packages._asking import Asking, Opening
from stackwright.packages._git import PIN, Git, ref_of
from stackwright.packages._plugin_installer import PluginInstaller, PluginRequest
from stackwright.packages._progress import Progress, Silent
from stackwright.packages._provider_installer import ProviderInstaller
from stackwright.packages._schema_documents import (
    about_schema,
    leading_to,
    read_schema_file,
    sum_of,
)
from stackwright.packages._source_plugins import provide_beside
from stackwright.packages._sources import (
    TERRAFORM,
    GitSource,
    PluginSource,
    SchemaSource,
    Source,
    TerraformSource,
)
from stackwright.packages._web import Web
from stackwright.project import PackageSpec
from stackwright.providers._lock_file import LockedPlugin, LockedProvider, LockFile, LockMismatchError
from stackwright.providers.plugin import ProjectPlugin, plugin_name
from stackwright.providers.terraform.installed import parse_constraint, provider_at, read_locks


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """
    A package whose SDK can be generated and whose provider can be started.

    Attributes:
        spec: How the project file says it; None where nothing should be recorded.
        lock: The lock file with the package in it; not written yet.
        identity: Changes whenever the SDK has to be generated anew.
        opening: How its provider is asked more; None where it has none.
    """

    name: str
    version: str
    schema: bytes
    spec: PackageSpec | None
    lock: LockFile
    identity: str = ""
    opening: Opening | None = None


class PackageReadier:
    """Makes packages ready for the project in *project*, one after the other."""

    def __init__(
        self,
        project: Path,
        web: Web,
        *,
        lock: LockFile | None = None,
        progress: Progress | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._project = project
        self._web = web
        self._environ = os.environ if environ is None else environ
        self._progress: Progress = progress or Silent()
        self._asking = Asking(project, environ=self._environ, progress=self._progress)
        self.lock = read_locks(project) if lock is None else lock

    def ready(self, source: Source, *, recorded: bool = False, upgrade: bool = False) -> Ready:
        """
        Install what *source* names, and get its schema; `lock` then has it.

        *recorded* says that the words are the project file's, where a version is one that was
        chosen, not one that was asked for. *upgrade* chooses anew what is pinned.

        Raises:
            PackageError, FetchError, VerificationError: It cannot be installed.
            LockMismatchError: It is not what the lock file pins.
            ProviderError: The provider does not come up, or has no schema.
        """
        match source:
            case SchemaSource(path):
                done = self._schema_file(path)
            case TerraformSource():
                done = self._terraform(source, recorded=recorded, upgrade=upgrade)
            case PluginSource():
                done = self._plugin(source, upgrade=upgrade)
            case GitSource():
                done = self._repository(source, upgrade=upgrade)
        self.lock = done.lock
        return done

    def _schema_file(self, path: Path) -> Ready:
        data = read_schema_file(path)
        about = about_schema(data)
        identity = hashlib.sha256(data).hexdigest()
        return Ready(
            name=about.name, version=about.version, schema=data, spec=None, lock=self.lock, identity=identity
        )

    # Terraform providers --------------------------------------------------------------------------

    def _terraform(self, source: TerraformSource, *, recorded: bool, upgrade: bool) -> Ready:
        entry: LockedProvider | None = None
        if source.path:
            path = (self._project / Path(source.path).expanduser()).resolve()
            found = provider_at(path)
            value: dict[str, object] = {"local": {"path": source.path}}
        else:
            installer = ProviderInstaller(
                self._project, self._web, lock=self.lock, progress=self._progress, environ=self._environ
            )
            address = installer.resolve(source.address)
            old = self.lock.provider(str(address))
            constraint = parse_constraint(source.constraint)
            if upgrade and recorded:
                constraint = parse_constraint(old.constraints if old is not None else "")
            elif old is not None and not recorded and not constraint.allows(Version.parse(old.version)):
                upgrade = True  # who asks for something else by name means it
            done = installer.install(address, constraint, upgrade=upgrade)
            found, entry = done.provider, done.entry
            if entry is not None and recorded and old is not None:
                entry = msgspec.structs.replace(entry, constraints=old.constraints)
            value = {"remote": {"url": str(found.address), "version": found.version}}
        if source.includes:
            value["includes"] = source.includes
        if source.excludes:
            value["excludes"] = source.excludes
        if source.provider_name:
            value["providerName"] = source.provider_name
        name = source.provider_name or found.address.type
        lock = self.lock.with_provider(entry) if entry is not None else self.lock
        request = PackageRequest(
            name=TERRAFORM,
            parameterization=Parameterization(
                name=name, version=found.version, value=msgspec.json.encode(value)
            ),
        )
        opening = Opening(request=request, lock=lock)
        schema = self._asking.schema(opening)
        pin = sum_of(schema)
        if entry is not None:
            if entry.schema and entry.schema != pin and not upgrade:
                self._progress.note(
                    f"The schema of {name} differs from the one that {lock.path and lock.path.name} pins:"
                    " this version of Stackwright maps the same provider differently"
                )
            lock = lock.with_provider(msgspec.structs.replace(entry, schema=pin))
        chosen = source.parameters(found.version, str(found.address))
        return Ready(
            name=name,
            version=found.version,
            schema=schema,
            spec=PackageSpec(source=TERRAFORM, parameters=chosen),
            lock=lock,
            identity=pin,
            opening=opening,
        )

    # Plugins --------------------------------------------------------------------------------------

    def _plugin(self, source: PluginSource, *, upgrade: bool) -> Ready:
        from stackwright.providers.builtin import embedded_packages

        entry: LockedPlugin | None = None
        plugins: tuple[ProjectPlugin, ...] = ()
        version = source.version
        if source.path:
            plugins = (self._at_path(source),)
        else:
            known = self.lock.plugin("resource", source.name, version)
            pinned = None if upgrade else known
            # An embedded package serves without any network, unless another version is asked for.
            embedded = embedded_packages().get(source.name)
            if embedded is None or source.server or known or version not in ("", embedded):
                entry = self._installed(source, pinned)
                version = entry.version if entry is not None else version
        lock = self.lock
        if entry is not None:
            others = lock.without_plugin("resource", source.name) if upgrade else lock
            lock = others.with_plugin(entry)
        request = PackageRequest(name=source.name, version=version, download_url=source.server)
        opening = Opening(
            request=request,
            lock=lock,
            arguments=source.arguments,
            extension=source.extension,
            plugins=plugins,
        )
        schema = self._asking.schema(opening)
        about = about_schema(schema)
        return Ready(
            name=about.name or source.name,
            version=about.version or version,
            schema=schema,
            spec=self._spec(source, version or about.version),
            lock=_with_schema(lock, entry, schema, opening),
            identity=sum_of(schema),
            opening=opening,
        )

    def _repository(self, source: GitSource, *, upgrade: bool) -> Ready:
        repository = source.repository
        server = repository.address
        name = plugin_name("", server)
        pinned = None if upgrade else pinned_revision(self.lock, name, source.ref)
        if pinned is not None:
            version, hashes, ref = pinned.version, pinned.hashes, source.ref or ref_of(pinned.version)
        else:
            revision = Git(self._environ).resolve(repository, source.ref)
            version, hashes, ref = revision.version, (f"{PIN}{revision.commit}",), revision.ref
        installer = PluginInstaller(self._web, progress=self._progress, environ=self._environ)
        wanted = PluginRequest(name=name, version=version, server=server, pinned=hashes)
        entry = installer.install(wanted).entry
        entry = msgspec.structs.replace(entry, schema=pinned.schema if pinned else "")
        lock = self.lock.without_plugin("resource", name).with_plugin(entry)
        request = PackageRequest(name=name, version=version, download_url=server)
        opening = Opening(request=request, lock=lock, arguments=source.arguments, extension=source.extension)
        schema = leading_to(self._asking.schema(opening), name=name, version=version, server=server)
        about = about_schema(schema)
        return Ready(
            name=about.name or name,
            version=about.version,
            schema=schema,
            spec=PackageSpec(
                source=repository.shown,
                version=ref,
                parameters=source.arguments,
                extensions=source.extension,
            ),
            lock=_with_schema(lock, entry, schema, opening),
            identity=sum_of(schema),
            opening=opening,
        )

    def _installed(self, source: PluginSource, pinned: LockedPlugin | None) -> LockedPlugin | None:
        """The plugin's entry once it is installed; None for one that is found elsewhere, as on PATH."""
        from stackwright.providers import ProviderNotFoundError
        from stackwright.providers.plugin import find_plugin

        installer = PluginInstaller(self._web, progress=self._progress, environ=self._environ)
        wanted = PluginRequest(
            name=source.name,
            version=source.version or (pinned.version if pinned else ""),
            server=source.server or (pinned.server if pinned else ""),
            checksums=source.checksums,
            pinned=pinned.hashes if pinned else (),
        )
        try:
            found = find_plugin(source.name, wanted.version, environ=self._environ)
        except ProviderNotFoundError:
            done = installer.install(wanted).entry
        else:
            if not found.version:
                return None
            done = installer.entry_of(wanted, found)
        return msgspec.structs.replace(done, schema=pinned.schema if pinned else "")

    def _at_path(self, source: PluginSource) -> ProjectPlugin:
        path = (self._project / Path(source.path).expanduser()).resolve()
        if path.is_dir():
            provide_beside(path, progress=self._progress)
        return ProjectPlugin(name=source.name, path=path)

    @staticmethod
    def _spec(source: PluginSource, version: str) -> PackageSpec:
        if source.path:
            return PackageSpec(source=source.path, parameters=source.arguments, extensions=source.extension)
        return PackageSpec(
            source=source.name,
            version=version or None,
            parameters=source.arguments,
            extensions=source.extension,
            checksums=dict(source.checksums),
            plugin_download_url=source.server or None,
        )

    # Asking ---------------------------------------------------------------------------------------

    def mapping(self, ready: Ready, key: str, provider: str = "") -> bytes:
        """
        How programs in the language *key* name what a package has; nothing where that is not known.

        Raises:
            ProviderError: The provider does not come up, or fails.
        """
        return b"" if ready.opening is None else self._asking.mapping(ready.opening, key, provider)


def _with_schema(lock: LockFile, entry: LockedPlugin | None, schema: bytes, opening: Opening) -> LockFile:
    """
    *lock* with what *entry*, a plugin's, pins of its schema, unless a parameter made another package's of it.

    Raises:
        LockMismatchError: The plugin has another schema than the one that is pinned.
    """
    if entry is None or opening.arguments or opening.extension:
        return lock
    pin = sum_of(schema)
    if entry.schema and entry.schema != pin:
        what = f"The schema of the plugin {entry.name} {entry.version}"
        raise LockMismatchError(what, lock.path, pinned=[entry.schema], found=[pin])
    return lock.with_plugin(msgspec.structs.replace(entry, schema=pin))


def pinned_revision(lock: LockFile, name: str, ref: str) -> LockedPlugin | None:
    """The entry of a repository's plugin that *ref*, if there is one, stands for."""
    for entry in lock.plugins:
        if (entry.kind, entry.name) != ("resource", name):
            continue
        meant = {entry.version, f"v{entry.version}", *(each.removeprefix(PIN) for each in entry.hashes)}
        if not ref or ref in meant:
            return entry
    return None
