"""`EmbeddedProvider`: a package's resources and functions behind the `Provider` interface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stackwright.goals import CallResult, InvokeResult, Parameterization
from stackwright.providers._interface import (
    CallRequest,
    CheckConfigRequest,
    CheckRequest,
    CheckResult,
    ConfigureRequest,
    ConstructRequest,
    ConstructResult,
    CreateRequest,
    CreateResult,
    DeleteRequest,
    DiffConfigRequest,
    DiffRequest,
    DiffResult,
    InvokeRequest,
    ProviderInfo,
    ProviderLog,
    ReadRequest,
    ReadResult,
    UnimplementedError,
    UpdateRequest,
    UpdateResult,
)
from stackwright.providers.builtin._arguments import suggestion
from stackwright.providers.builtin._functions import Function
from stackwright.providers.builtin._properties import Choice
from stackwright.providers.builtin._resources import Resource
from stackwright.providers.builtin._session import Session, unheard


@dataclass(frozen=True, kw_only=True)
class EmbeddedPackage:
    """
    A package that comes with Stackwright.

    `version` is the genuine package's whose behaviour is reproduced. `absent` says for
    tokens that begin so why they are not here, although the genuine package has them.
    """

    name: str
    version: str
    about: str
    resources: tuple[type[Resource], ...]
    functions: tuple[type[Function], ...] = ()
    choices: tuple[Choice, ...] = ()
    absent: Mapping[str, str] = field(default_factory=dict)


class EmbeddedProvider:
    """A `Provider` that runs in this process. Previews never reach a resource's own code."""

    def __init__(
        self, package: EmbeddedPackage, *, log: ProviderLog | None = None, directory: Path | None = None
    ) -> None:
        self._package = package
        self._session = Session(log=log or unheard, directory=directory or Path.cwd())
        self._resources = {each.token: each(self._session) for each in package.resources}
        self._functions = {each.token: each(self._session) for each in package.functions}

    async def info(self) -> ProviderInfo:
        return ProviderInfo(name=self._package.name, version=self._package.version, source="embedded")

    async def schema(self, *, package: str = "", version: str = "") -> bytes:
        from stackwright.providers.builtin._schema import schema_document

        return schema_document(self._package)

    async def parameterize(self, value: Parameterization) -> Parameterization:
        raise UnimplementedError(f"The embedded provider `{self._package.name}` takes no parameter")

    async def check_config(self, request: CheckConfigRequest) -> CheckResult:
        """
        Anything goes: no embedded package has configuration of its own.

        A project may be called like a package, and then its own configuration is what
        arrives here (protocol.md §9.1).
        """
        return CheckResult(inputs=request.news)

    async def diff_config(self, request: DiffConfigRequest) -> DiffResult:
        return DiffResult()

    async def configure(self, request: ConfigureRequest) -> None:
        pass

    async def check(self, request: CheckRequest) -> CheckResult:
        return self._resource(request.type).check(request)

    async def diff(self, request: DiffRequest) -> DiffResult:
        return await self._resource(request.type).diff(request)

    async def create(self, request: CreateRequest) -> CreateResult:
        resource = self._resource(request.type)
        if request.preview:
            return CreateResult(id="", outputs=resource.preview_create(request.inputs))
        return await resource.create(request)

    async def read(self, request: ReadRequest) -> ReadResult:
        return await self._resource(request.type).read(request)

    async def update(self, request: UpdateRequest) -> UpdateResult:
        resource = self._resource(request.type)
        if request.preview:
            return UpdateResult(outputs=resource.preview_update(request))
        return await resource.update(request)

    async def delete(self, request: DeleteRequest) -> None:
        await self._resource(request.type).delete(request)

    async def invoke(self, request: InvokeRequest) -> InvokeResult:
        function = self._functions.get(request.token)
        if function is None:
            raise self._missing("function", request.token, self._functions)
        return await function.invoke(request.args)

    async def construct(self, request: ConstructRequest) -> ConstructResult:
        raise self._missing("component", request.type, ())

    async def call(self, request: CallRequest) -> CallResult:
        raise self._missing("method", request.token, ())

    async def cancel(self) -> None:
        self._session.cancel()

    async def close(self) -> None:
        self._session.cancel()

    def _resource(self, token: str) -> Resource:
        resource = self._resources.get(token)
        if resource is None:
            raise self._missing("resource type", token, self._resources)
        return resource

    def _missing(
        self, what: str, token: str, known: Mapping[str, object] | tuple[str, ...]
    ) -> UnimplementedError:
        package = self._package
        text = f"The embedded provider `{package.name}` has no {what} `{token}`"
        install = f"Install the plugin: stackwright plugin install resource {package.name} {package.version}"
        for prefix, reason in package.absent.items():
            if token.startswith(prefix):
                return UnimplementedError(text, detail=reason, hint=install)
        meant = suggestion(token, known)
        return UnimplementedError(text, hint=f"Did you mean `{meant}`?" if meant else install)
