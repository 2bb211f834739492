"""`TerraformProvider`: a Terraform provider behind the `Provider` interface (terraform.md §8.10)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from stackwright.goals import CallResult, InvokeResult, Parameterization
from stackwright.providers._interface import (
    CheckResult,
    CreateResult,
    DiffResult,
    ProviderInfo,
    ReadResult,
    UnimplementedError,
    UpdateResult,
)
from stackwright.providers.terraform._configuration import CheckedConfigurations, Configuration
from stackwright.providers.terraform._fitting import Adopted
from stackwright.providers.terraform._functions import Functions
from stackwright.providers.terraform._resources import Resources
from stackwright.urn import provider_type
from stackwright.values import seal

if TYPE_CHECKING:
    from stackwright.providers._interface import (
        CallRequest,
        CheckConfigRequest,
        CheckRequest,
        ConfigureRequest,
        ConstructRequest,
        ConstructResult,
        CreateRequest,
        DeleteRequest,
        DiffConfigRequest,
        DiffRequest,
        InvokeRequest,
        LikelyId,
        Listed,
        ListRequest,
        ReadRequest,
        UpdateRequest,
    )
    from stackwright.providers.terraform._client import AttributePath
    from stackwright.providers.terraform._session import Session
    from stackwright.providers.terraform._stored import StoredObject
    from stackwright.urn import Urn
    from stackwright.values import PropertyMap


class TerraformProvider:
    """
    Implements `Provider`.

    *session* is opened for this instance alone. *source* tells people where the provider
    was found. *make_schema* makes the package's schema when somebody asks for it.
    """

    def __init__(
        self,
        session: Session,
        *,
        package: str,
        source: str = "",
        checked: CheckedConfigurations | None = None,
        make_schema: Callable[[], Awaitable[bytes]],
    ) -> None:
        self._session = session
        self._package = package
        self._source = source
        self._make_schema = make_schema
        self._configuration = Configuration(session, checked or CheckedConfigurations())
        self._resources = Resources(session)
        self._functions = Functions(session)

    async def info(self) -> ProviderInfo:
        return ProviderInfo(name=self._package, version=self._session.provider.version, source=self._source)

    async def schema(self, *, package: str = "", version: str = "") -> bytes:
        return await self._make_schema()

    async def parameterize(self, value: Parameterization) -> Parameterization:
        raise UnimplementedError(f"`{self._package}` is a package already, and takes no parameter")

    # Configuration ------------------------------------------------------------------------------

    async def check_config(self, request: CheckConfigRequest) -> CheckResult:
        return await self._configuration.check(request)

    async def diff_config(self, request: DiffConfigRequest) -> DiffResult:
        return await self._configuration.diff(request)

    async def configure(self, request: ConfigureRequest) -> None:
        """Kept until something needs it, whose call then fails if the provider refuses."""
        await self._configuration.configure(request)

    async def configured(self) -> None:
        """
        Have the provider take its configuration now, for whoever wants to know whether it does.

        Raises:
            TerraformError: It refuses.
        """
        await self._configuration.needed()

    # Resources ----------------------------------------------------------------------------------

    async def check(self, request: CheckRequest) -> CheckResult:
        return await self._resources.check(request)

    async def diff(self, request: DiffRequest) -> DiffResult:
        await self._configuration.needed()
        return await self._resources.diff(request)

    async def create(self, request: CreateRequest) -> CreateResult:
        await self._configuration.needed()
        return await self._resources.create(request)

    async def foresee(self, request: CreateRequest) -> PropertyMap:
        """See `ForeseesUnconfigured`."""
        return self._resources.foresee(request)

    async def read(self, request: ReadRequest) -> ReadResult:
        await self._configuration.needed()
        return await self._resources.read(request)

    async def update(self, request: UpdateRequest) -> UpdateResult:
        await self._configuration.needed()
        return await self._resources.update(request)

    async def delete(self, request: DeleteRequest) -> None:
        await self._configuration.needed()
        await self._resources.delete(request)

    def likely_ids(self, type_: str, inputs: PropertyMap) -> tuple[LikelyId, ...]:
        """See `KnowsIds`: the identity, where the inputs say all of it that an import needs (§5.16)."""
        return self._resources.likely_ids(type_, inputs)

    async def adopt(
        self,
        token: str,
        stored: StoredObject,
        urn: Urn,
        *,
        sensitive: Sequence[AttributePath] = (),
        untyped: bool = False,
    ) -> Adopted:
        """
        An object that `terraform` recorded, as it is to be recorded here.

        *sensitive* are places in it that are secret beyond what the schema says. The real
        object is not touched, and not even looked at; no configuration is needed. *untyped*: the
        state is one that `terraform show -json` printed, without the types of dynamic values.

        Raises:
            TerraformError: The provider cannot read what is recorded.
        """
        return await self._resources.adopt(token, stored, urn, sensitive, untyped=untyped)

    def token(self, type_: str) -> str | None:
        """The token of Terraform's resource type *type_*; None if the provider has none of that name."""
        return self._session.catalogue.token(type_)

    # Functions and methods ----------------------------------------------------------------------

    async def invoke(self, request: InvokeRequest) -> InvokeResult:
        """Functions of the provider are pure, and need no configuration; all else does."""
        if self._session.catalogue.function(request.token) is None:
            await self._configuration.needed()
        return await self._functions.invoke(request)

    async def list_resources(self, request: ListRequest) -> AsyncGenerator[Listed, None]:
        """See `ListsResources`: with the provider's list resources (§5.20)."""
        await self._configuration.needed()
        async for each in self._functions.list_resources(request):
            yield each

    async def construct(self, request: ConstructRequest) -> ConstructResult:
        raise self._session.catalogue.missing("component", request.type)

    async def call(self, request: CallRequest) -> CallResult:
        """The one method there is tells the provider's configuration in Terraform's terms (§8.15)."""
        if request.token != f"{provider_type(self._package)}/terraformConfig":
            raise self._session.catalogue.missing("method", request.token)
        return CallResult(value={"result": seal(self._configuration.in_terraform())})

    # The end ------------------------------------------------------------------------------------

    async def cancel(self) -> None:
        await self._session.client.stop()

    async def close(self) -> None:
        await self._functions.close()
        await self._session.client.close()
