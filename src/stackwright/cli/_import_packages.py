"""Which packages the types of an import are of, as the project has them, and their schemas."""

from __future__ import annotations

import base64
import difflib
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from stackwright.errors import StackwrightError, UserError
from stackwright.goals import PackageRequest, Parameterization
from stackwright.urn import is_provider_type

if TYPE_CHECKING:
    from stackwright.automation import Stack
    from stackwright.moving import Entry, UsedPackage
    from stackwright.packages import PackageSchema
    from stackwright.project import Project
    from stackwright.project.python import Parameterization as InstalledParameterization
    from stackwright.project.python import RequiredPlugin


class UnknownTypeError(UserError):
    """A package has no resources of a type; says which one was probably meant."""

    code = "unknown-type"

    def __init__(self, token: str, schema: PackageSchema) -> None:
        close = _close(token, schema)
        words = "\n".join(["Did you mean this?", *[f"\t{each}" for each in close]]) if close else None
        super().__init__(
            f"the package {schema.name} {schema.version} has no resource type `{token}`".replace("  ", " "),
            detail=words,
            hint=f"Run `stackwright package info {schema.name}` to see what it has",
        )


class Packages:
    """
    The packages of a project by name: what its environment has installed, else what it lists.

    What neither knows is a plugin of that name, of whatever version there is.
    """

    def __init__(self, project: Project, stack: Stack, names: Collection[str]) -> None:
        self._project = project
        self._stack = stack
        self._schemas: dict[str, bytes] = {}
        self.extensions: dict[str, Parameterization] = {}
        """What providers have to learn, for the packages that have none of their own."""
        installed = _installed(project)
        self.requests = {name: self._request(name, installed) for name in names}

    def _request(self, name: str, installed: Mapping[str, RequiredPlugin]) -> PackageRequest:
        known = installed.get(name)
        if known is None:
            return self._listed(name) or PackageRequest(name=name)
        if known.extension is not None:
            self.extensions[name] = _decoded(known.extension)
        return PackageRequest(
            name=known.name,
            version=known.version or "",
            download_url=known.server or "",
            parameterization=_decoded(known.parameterization) if known.parameterization else None,
        )

    def _listed(self, name: str) -> PackageRequest | None:
        """As the project file has it; made ready for that, as an update would have it."""
        spec = self._project.packages.get(name)
        if spec is None:
            return None
        from stackwright.cli._downloads import shown_downloads
        from stackwright.moving import package_extension, package_request
        from stackwright.packages import read_schema
        from stackwright.packages._ready import PackageReadier
        from stackwright.packages._sources import recorded_source
        from stackwright.packages._web import Web

        source = recorded_source(name, spec, self._project.root)
        with shown_downloads() as progress, Web(progress=progress) as web:
            readier = PackageReadier(self._project.root, web, progress=progress)
            ready = readier.ready(source, recorded=True)
        self._schemas[name] = ready.schema
        schema = read_schema(ready.schema)
        extension = package_extension(schema)
        if extension is not None:
            self.extensions[name] = extension
        elif schema.document.parameterization is None:
            return PackageRequest(
                name=name, version=spec.version or "", download_url=spec.plugin_download_url or ""
            )
        return package_request(schema)

    def used(self, requests: Mapping[str, PackageRequest]) -> dict[str, UsedPackage]:
        """
        What generated code needs to know of *requests*, by their names; who has no schema is left out.

        Raises:
            ProviderError: One of them cannot be found or does not come up.
        """
        from stackwright.moving import UsedPackage
        from stackwright.packages import read_schema
        from stackwright.packages.sdkgen._names import import_name
        from stackwright.providers import ProviderNotFoundError

        asked = {
            name: self._for_schema(name, request)
            for name, request in requests.items()
            if name not in self._schemas or self.requests.get(name) != request
        }
        schemas = {name: data for name, data in self._schemas.items() if name in requests}
        try:
            schemas |= self._stack.package_schemas(asked)
        except ProviderNotFoundError as error:
            hints = [
                *([error.hint] if error.hint else []),
                "A Terraform provider becomes a package of this project by `stackwright package add ADDRESS`",
                *(f"Did you mean `{each}`?" for each in self._meant(asked)),
            ]
            raise ProviderNotFoundError(error.message, detail=error.detail, hint="\n".join(hints)) from error
        found: dict[str, UsedPackage] = {}
        for name, data in schemas.items():
            if not data.strip() or data.strip() == b"{}":
                continue
            schema = read_schema(data)
            spec = self._project.packages.get(name)
            module = spec.module if spec is not None else None
            usual = schema.python.package_name or import_name(schema.name, schema.document.namespace)
            found[name] = UsedPackage(schema, module or usual)
        return found

    def _for_schema(self, name: str, request: PackageRequest) -> PackageRequest:
        """Whom to ask for the schema: a plugin of its own takes an extension as a package like others."""
        extension = self.extensions.get(name)
        return msgspec.structs.replace(request, parameterization=extension) if extension else request

    def _meant(self, names: Iterable[str]) -> list[str]:
        """The packages that are called nearly so."""
        from stackwright.project._suggestions import closest
        from stackwright.providers.builtin import embedded_packages

        known = {*embedded_packages(), *self._project.packages, *_installed(self._project)}
        return [meant for name in names if name not in known and (meant := closest(name, sorted(known)))]


def _installed(project: Project) -> dict[str, RequiredPlugin]:
    from stackwright.project.python import find_environment, required_plugins

    try:
        plugins = required_plugins(find_environment(project).search_path())
    except StackwrightError:
        return {}  # no environment, or none of Python: then nothing is installed for it
    return {(each.parameterization or each.extension or each).name: each for each in plugins}


def _decoded(said: InstalledParameterization) -> Parameterization:
    return Parameterization(name=said.name, version=said.version, value=base64.b64decode(said.value))


def check_types(entries: Iterable[Entry], packages: Mapping[str, UsedPackage]) -> None:
    """
    Refuse types that their packages do not have.

    Raises:
        UnknownTypeError: There is one.
    """
    for each in entries:
        package = packages.get(each.package)
        if package is None or each.component or is_provider_type(each.type):
            continue
        schema = package.schema
        if schema.resources and each.type not in schema.resources and not _was_called(each.type, schema):
            raise UnknownTypeError(each.type, schema)


def _was_called(token: str, schema: PackageSchema) -> bool:
    """Whether a type had this name before."""
    return any(token == alias.type for each in schema.resources.values() for alias in each.aliases)


def _close(token: str, schema: PackageSchema) -> list[str]:
    """
    The types that are called nearly so, or so in another module.

    What Terraform calls them counts, and what another package of the same provider does.
    """
    elsewhere = [
        each
        for each, others in schema.python.other_tokens.items()
        if each in schema.resources and _place(token) in map(_place, others)
    ]
    if elsewhere:
        return elsewhere[:3]
    member = token.rpartition(":")[2]
    names = {_plain(member), _plain(member.removeprefix(f"{schema.name}_"))}
    same = [each for each in schema.resources if _plain(each.rpartition(":")[2]) in names]
    if same:
        return same[:3]
    return difflib.get_close_matches(token, list(schema.resources), n=3, cutoff=0.75)


def _place(token: str) -> tuple[str, str]:
    """The module and the class of *token*, whether or not it says the file as well."""
    package_and_module, _, name = token.rpartition(":")
    return package_and_module.partition("/")[0], name


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
