"""A provider whose configuration a preview cannot know: it is not asked anything (E53)."""

from __future__ import annotations

from stackwright.errors import InternalError
from stackwright.goals import CallResult, InvokeResult, Parameterization
from stackwright.providers import (
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
    ForeseesUnconfigured,
    InvokeRequest,
    Provider,
    ProviderError,
    ProviderInfo,
    ReadRequest,
    ReadResult,
    UpdateRequest,
    UpdateResult,
)


class DiffUnavailableError(ProviderError):
    """What differs cannot be told, because the provider's configuration is not known yet (E155)."""

    code = "diff-unavailable"


class UnconfiguredProvider:
    """
    Answers in place of *provider*, whose configuration holds unknowns, for one preview.

    Without asking the plugin: inputs pass as they are, whatever would be made has unknown
    outputs, and functions answer nothing (protocol.md §8.7). A provider that can say more
    without its configuration is asked.
    """

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def info(self) -> ProviderInfo:
        return await self._provider.info()

    async def schema(self, *, package: str = "", version: str = "") -> bytes:
        return await self._provider.schema(package=package, version=version)

    async def parameterize(self, value: Parameterization) -> Parameterization:
        return await self._provider.parameterize(value)

    async def check_config(self, request: CheckConfigRequest) -> CheckResult:
        return await self._provider.check_config(request)

    async def diff_config(self, request: DiffConfigRequest) -> DiffResult:
        return await self._provider.diff_config(request)

    async def configure(self, request: ConfigureRequest) -> None:
        raise InternalError(f"{request.urn} was to be configured with values that are not known")

    async def check(self, request: CheckRequest) -> CheckResult:
        if isinstance(self._provider, ForeseesUnconfigured):
            return await self._provider.check(request)
        return CheckResult(inputs=request.news)

    async def diff(self, request: DiffRequest) -> DiffResult:
        raise DiffUnavailableError(
            f"The provider of {request.urn} has inputs that are not known during preview",
            detail="This preview may not say precisely what an update will do",
        )

    async def create(self, request: CreateRequest) -> CreateResult:
        if isinstance(self._provider, ForeseesUnconfigured):
            return CreateResult(id="", outputs=await self._provider.foresee(request))
        return CreateResult(id="", outputs={})

    async def read(self, request: ReadRequest) -> ReadResult:
        return ReadResult(id="", outputs=None)

    async def update(self, request: UpdateRequest) -> UpdateResult:
        return UpdateResult(outputs={})

    async def delete(self, request: DeleteRequest) -> None:
        raise InternalError(f"{request.urn} was to be deleted in a preview")

    async def invoke(self, request: InvokeRequest) -> InvokeResult:
        return InvokeResult(unknown=True)

    async def construct(self, request: ConstructRequest) -> ConstructResult:
        raise DiffUnavailableError(
            f"The provider of component {request.name} has inputs that are not known during preview"
        )

    async def call(self, request: CallRequest) -> CallResult:
        return CallResult()

    async def cancel(self) -> None:
        await self._provider.cancel()

    async def close(self) -> None:
        await self._provider.close()
