"""
`TerraformClient` over a provider's processes: values into messages, answers into values.

The two protocols differ here in nothing but the names of calls (`_dialects`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from stackwright.providers._interface import ProviderError, ResourceStatus, UnimplementedError
from stackwright.providers.terraform._client import (
    TERRAFORM_VERSION,
    ActionEvent,
    Answer,
    Applied,
    Called,
    ClientCapabilities,
    GeneratedConfig,
    Imported,
    ImportedResource,
    Listed,
    Moved,
    Opened,
    Planned,
    PlannedAction,
    PreparedConfig,
    ReadData,
    ReadState,
    Renewed,
    UpgradedIdentity,
    UpgradedState,
)
from stackwright.providers.terraform._messages import (
    is_the_same,
    read_deferred,
    read_diagnostics,
    read_path,
    read_value,
    write_value,
)
from stackwright.providers.terraform._mismatch import ValueMismatchError
from stackwright.providers.terraform._plugin import TerraformPlugin
from stackwright.providers.terraform._pool import PluginPool
from stackwright.providers.terraform._schema import (
    Function,
    IdentitySchema,
    ProviderSchema,
    Schema,
    empty_value,
)
from stackwright.providers.terraform._types import BOOL, NUMBER, Type
from stackwright.providers.terraform._values import UNKNOWN, TfValue, contains_unknown

_NO_PRIVATE: Final = b""


class ProviderClient:
    """
    One configuration of a provider, in a process of its own once `configure` was called.

    A process that has died since, or was stopped because nobody needed it, is replaced
    and configured again by the next call.
    """

    def __init__(
        self,
        pool: PluginPool,
        *,
        capabilities: ClientCapabilities = ClientCapabilities(),  # noqa: B008 - it is frozen
        terraform_version: str = TERRAFORM_VERSION,
    ) -> None:
        self._pool = pool
        self._capabilities = capabilities
        self._terraform_version = terraform_version
        self._plugin: TerraformPlugin | None = None
        self._config: Any = None
        self._reviving = asyncio.Lock()

    # The provider itself -------------------------------------------------------------------------

    async def schema(self) -> ProviderSchema:
        return await self._pool.schema()

    async def identity_schemas(self) -> Mapping[str, IdentitySchema]:
        return (await self.schema()).identities

    async def functions(self) -> Mapping[str, Function]:
        return (await self.schema()).functions

    async def prepare_config(self, config: TfValue) -> PreparedConfig:
        kind = (await self.schema()).provider.type
        plugin, request = await self._question("ValidateProviderConfig")
        write_value(request.config, config, kind)
        answer = await plugin.call("ValidateProviderConfig", request, "check its configuration")
        prepared = None
        if plugin.dialect.protocol == 5:
            prepared = self._value(answer.prepared_config, kind, "its configuration")
        return PreparedConfig(config=prepared, diagnostics=read_diagnostics(answer.diagnostics))

    async def configure(self, config: TfValue) -> Answer:
        kind = (await self.schema()).provider.type
        async with self._reviving:
            if self._plugin is not None:
                raise ProviderError(f"The provider {self._pool.program.name} is configured already")
            plugin = await self._pool.take()
            request = plugin.dialect.request("ConfigureProvider")(terraform_version=self._terraform_version)
            write_value(request.config, config, kind)
            self._declare(request)
            try:
                answer = await self._configure(plugin, request)
            except BaseException:
                await self._pool.give_back(plugin)
                raise
            if answer.failed:
                await self._pool.give_back(plugin)
            else:
                self._plugin, self._config = plugin, request
            return answer

    async def stop(self) -> None:
        if self._plugin is not None:
            await self._plugin.stop()

    async def close(self) -> None:
        plugin, self._plugin, self._config = self._plugin, None, None
        if plugin is not None:
            await self._pool.give_back(plugin)

    # Managed resources ---------------------------------------------------------------------------

    async def validate_resource(self, type_name: str, config: TfValue) -> Answer:
        schema = await self._resource(type_name)
        return await self._validate("ValidateResourceConfig", type_name, schema, config)

    async def upgrade_state(
        self, type_name: str, version: int, raw_json: bytes, *, flatmap: Mapping[str, str] | None = None
    ) -> UpgradedState:
        schema = await self._resource(type_name)
        plugin, request = await self._lookup("UpgradeResourceState", type_name=type_name, version=version)
        if flatmap is not None:
            request.raw_state.flatmap.update(flatmap)
        else:
            request.raw_state.json = raw_json
        answer = await plugin.call("UpgradeResourceState", request, f"upgrade the state of a `{type_name}`")
        return UpgradedState(
            state=self._value(answer.upgraded_state, schema.type, type_name),
            diagnostics=read_diagnostics(answer.diagnostics),
        )

    async def upgrade_identity(self, type_name: str, version: int, raw_json: bytes) -> UpgradedIdentity:
        await self._resource(type_name)
        plugin, request = await self._lookup("UpgradeResourceIdentity", type_name=type_name, version=version)
        request.raw_identity.json = raw_json
        answer = await plugin.call(
            "UpgradeResourceIdentity", request, f"upgrade the identity of a `{type_name}`"
        )
        return UpgradedIdentity(
            identity=await self._read_identity(answer, "upgraded_identity", type_name),
            diagnostics=read_diagnostics(answer.diagnostics),
        )

    async def read(
        self,
        type_name: str,
        state: TfValue,
        *,
        private: bytes = _NO_PRIVATE,
        identity: TfValue = None,
    ) -> ReadState:
        schema = await self._resource(type_name)
        plugin, request = await self._work("ReadResource", type_name=type_name, private=private)
        write_value(request.current_state, state, schema.type)
        await self._write_identity(request, "current_identity", type_name, identity)
        await self._complete(request)
        answer = await plugin.call("ReadResource", request, f"read a `{type_name}`")
        unchanged = is_the_same(answer.new_state, request.current_state)
        return ReadState(
            state=state if unchanged else self._value(answer.new_state, schema.type, type_name),
            private=answer.private,
            identity=await self._read_identity(answer, "new_identity", type_name),
            deferred=read_deferred(answer),
            diagnostics=read_diagnostics(answer.diagnostics),
        )

    async def plan(
        self,
        type_name: str,
        *,
        prior: TfValue,
        proposed: TfValue,
        config: TfValue,
        private: bytes = _NO_PRIVATE,
        identity: TfValue = None,
    ) -> Planned:
        schema = await self._resource(type_name)
        plugin, request = await self._work("PlanResourceChange", type_name=type_name, prior_private=private)
        write_value(request.prior_state, prior, schema.type)
        write_value(request.proposed_new_state, proposed, schema.type)
        write_value(request.config, config, schema.type)
        await self._write_identity(request, "prior_identity", type_name, identity)
        await self._complete(request)
        answer = await plugin.call("PlanResourceChange", request, f"plan a `{type_name}`")
        unchanged = is_the_same(answer.planned_state, request.prior_state)
        return Planned(
            state=prior if unchanged else self._value(answer.planned_state, schema.type, type_name),
            requires_replace=tuple(read_path(path) for path in answer.requires_replace),
            private=answer.planned_private,
            identity=await self._read_identity(answer, "planned_identity", type_name),
            legacy=answer.legacy_type_system,
            deferred=read_deferred(answer),
            diagnostics=read_diagnostics(answer.diagnostics),
        )

    async def apply(
        self,
        type_name: str,
        *,
        prior: TfValue,
        planned: TfValue,
        config: TfValue,
        private: bytes = _NO_PRIVATE,
        identity: TfValue = None,
    ) -> Applied:
        schema = await self._resource(type_name)
        plugin, request = await self._work(
            "ApplyResourceChange", type_name=type_name, planned_private=private
        )
        write_value(request.prior_state, prior, schema.type)
        write_value(request.planned_state, planned, schema.type)
        write_value(request.config, config, schema.type)
        await self._write_identity(request, "planned_identity", type_name, identity)
        await self._complete(request)
        doing = "delete" if planned is None else "create" if prior is None else "update"
        answer = await plugin.call("ApplyResourceChange", request, f"{doing} a `{type_name}`")
        with self._unclear():
            return Applied(
                state=self._value(answer.new_state, schema.type, type_name),
                private=answer.private,
                identity=await self._read_identity(answer, "new_identity", type_name),
                legacy=answer.legacy_type_system,
                diagnostics=read_diagnostics(answer.diagnostics),
            )

    async def import_state(
        self,
        type_name: str,
        *,
        id: str | None = None,  # noqa: A002 - the protocol's word
        identity: TfValue = None,
    ) -> Imported:
        if (id is None) == (identity is None):
            raise ProviderError(f"A `{type_name}` is imported by its id or by its identity, one of the two")
        await self._resource(type_name)
        plugin, request = await self._work("ImportResourceState", type_name=type_name, id=id or "")
        await self._write_identity(request, "identity", type_name, identity)
        await self._complete(request)
        answer = await plugin.call("ImportResourceState", request, f"import a `{type_name}`")
        return Imported(
            resources=tuple([await self._imported(each) for each in answer.imported_resources]),
            deferred=read_deferred(answer),
            diagnostics=read_diagnostics(answer.diagnostics),
        )

    async def _imported(self, message: Any) -> ImportedResource:
        schema = await self._resource(message.type_name)
        return ImportedResource(
            type=message.type_name,
            state=self._value(message.state, schema.type, message.type_name),
            private=message.private,
            identity=await self._read_identity(message, "identity", message.type_name),
        )

    async def move_state(
        self,
        target_type: str,
        *,
        source_provider: str,
        source_type: str,
        source_version: int,
        source_json: bytes,
        source_private: bytes = _NO_PRIVATE,
        source_identity_json: bytes | None = None,
        source_identity_version: int = 0,
    ) -> Moved:
        schema = await self._resource(target_type)
        plugin, request = await self._lookup(
            "MoveResourceState",
            target_type_name=target_type,
            source_provider_address=source_provider,
            source_type_name=source_type,
            source_schema_version=source_version,
            source_private=source_private,
            source_identity_schema_version=source_identity_version,
        )
        request.source_state.json = source_json
        if source_identity_json is not None:
            request.source_identity.json = source_identity_json
        doing = f"turn a `{source_type}` into a `{target_type}`"
        answer = await plugin.call("MoveResourceState", request, doing)
        return Moved(
            state=self._value(answer.target_state, schema.type, target_type),
            private=answer.target_private,
            identity=await self._read_identity(answer, "target_identity", target_type),
            diagnostics=read_diagnostics(answer.diagnostics),
        )

    async def generate_config(self, type_name: str, state: TfValue) -> GeneratedConfig:
        schema = await self._resource(type_name)
        plugin, request = await self._work("GenerateResourceConfig", type_name=type_name)
        write_value(request.state, state, schema.type)
        doing = f"write a configuration for a `{type_name}`"
        answer = await plugin.call("GenerateResourceConfig", request, doing)
        return GeneratedConfig(
            config=self._value(answer.config, schema.type, type_name),
            diagnostics=read_diagnostics(answer.diagnostics),
        )

    # Data sources --------------------------------------------------------------------------------

    async def validate_data(self, type_name: str, config: TfValue) -> Answer:
        schema = self._of((await self.schema()).data_sources, "data source", type_name)
        return await self._validate("ValidateDataResourceConfig", type_name, schema, config)

    async def read_data(self, type_name: str, config: TfValue) -> ReadData:
        schema = self._of((await self.schema()).data_sources, "data source", type_name)
        plugin, request = await self._work("ReadDataSource", type_name=type_name)
        write_value(request.config, config, schema.type)
        await self._complete(request)
        answer = await plugin.call("ReadDataSource", request, f"read the data source `{type_name}`")
        return ReadData(
            state=self._value(answer.state, schema.type, type_name),
            deferred=read_deferred(answer),
            diagnostics=read_diagnostics(answer.diagnostics),
        )

    # Ephemeral resources -------------------------------------------------------------------------

    async def validate_ephemeral(self, type_name: str, config: TfValue) -> Answer:
        schema = await self._ephemeral(type_name)
        return await self._validate("ValidateEphemeralResourceConfig", type_name, schema, config)

    async def open_ephemeral(self, type_name: str, config: TfValue) -> Opened:
        schema = await self._ephemeral(type_name)
        plugin, request = await self._work("OpenEphemeralResource", type_name=type_name)
        write_value(request.config, config, schema.type)
        self._declare(request)
        answer = await plugin.call("OpenEphemeralResource", request, f"open a `{type_name}`")
        plugin.held += 1
        return Opened(
            result=self._value(answer.result, schema.type, type_name),
            renew_at=_time(answer),
            private=answer.private if answer.HasField("private") else None,
            deferred=read_deferred(answer),
            diagnostics=read_diagnostics(answer.diagnostics),
        )

    async def renew_ephemeral(self, type_name: str, private: bytes | None) -> Renewed:
        plugin, request = await self._work("RenewEphemeralResource", type_name=type_name, private=private)
        answer = await plugin.call("RenewEphemeralResource", request, f"renew a `{type_name}`")
        return Renewed(
            renew_at=_time(answer),
            private=answer.private if answer.HasField("private") else None,
            diagnostics=read_diagnostics(answer.diagnostics),
        )

    async def close_ephemeral(self, type_name: str, private: bytes | None) -> Answer:
        plugin, request = await self._work("CloseEphemeralResource", type_name=type_name, private=private)
        plugin.held = max(0, plugin.held - 1)
        answer = await plugin.call("CloseEphemeralResource", request, f"close a `{type_name}`")
        return Answer(diagnostics=read_diagnostics(answer.diagnostics))

    # Functions -----------------------------------------------------------------------------------

    async def call_function(self, name: str, arguments: Sequence[TfValue]) -> Called:
        function = (await self.schema()).functions.get(name)
        if function is None:
            raise UnimplementedError(f"The provider {self._pool.program.name} has no function `{name}`")
        early = _without_call(function, arguments)
        if early is not None:
            return early
        plugin, request = await self._question("CallFunction", name=name)
        for index, argument in enumerate(arguments):
            parameter = function.parameter(index)
            assert parameter is not None  # counted above
            try:
                write_value(request.arguments.add(), argument, parameter.type)
            except ValueMismatchError as error:
                return Called(error=f"{parameter.name}: {error.message}", argument=index)
        answer = await plugin.call("CallFunction", request, f"call the function `{name}`")
        if answer.HasField("error"):
            at = answer.error.function_argument if answer.error.HasField("function_argument") else None
            return Called(error=answer.error.text, argument=at)
        return Called(result=self._value(answer.result, function.result, name))

    # Lists and actions ---------------------------------------------------------------------------

    async def validate_list(
        self, type_name: str, config: TfValue, *, include_resource: bool = False, limit: int | None = None
    ) -> Answer:
        schema = self._of((await self.schema()).list_resources, "list", type_name)
        plugin, request = await self._question("ValidateListResourceConfig", type_name=type_name)
        write_value(request.config, config, schema.type)
        write_value(request.include_resource_object, include_resource, BOOL)
        write_value(request.limit, limit, NUMBER)
        answer = await plugin.call("ValidateListResourceConfig", request, f"check a list of `{type_name}`")
        return Answer(diagnostics=read_diagnostics(answer.diagnostics))

    async def list_resources(
        self, type_name: str, config: TfValue, *, include_resource: bool = False, limit: int = 0
    ) -> AsyncGenerator[Listed, None]:
        schema = self._of((await self.schema()).list_resources, "list", type_name)
        resource = await self._resource(type_name)
        plugin, request = await self._work(
            "ListResource", type_name=type_name, include_resource_object=include_resource, limit=limit
        )
        write_value(request.config, config, schema.type)
        events = plugin.stream("ListResource", request, f"list `{type_name}`")
        async with contextlib.aclosing(events):
            async for event in events:
                yield Listed(
                    identity=await self._read_identity(event, "identity", type_name),
                    display_name=event.display_name,
                    resource=self._value(event.resource_object, resource.type, type_name),
                    diagnostics=read_diagnostics(event.diagnostic),
                )

    async def validate_action(self, type_name: str, config: TfValue) -> Answer:
        schema = self._of((await self.schema()).actions, "action", type_name)
        plugin, request = await self._question("ValidateActionConfig", action_type=type_name)
        write_value(request.config, config, schema.type)
        answer = await plugin.call("ValidateActionConfig", request, f"check the action `{type_name}`")
        return Answer(diagnostics=read_diagnostics(answer.diagnostics))

    async def plan_action(self, type_name: str, config: TfValue) -> PlannedAction:
        schema = self._of((await self.schema()).actions, "action", type_name)
        plugin, request = await self._work("PlanAction", action_type=type_name)
        write_value(request.config, config, schema.type)
        self._declare(request)
        answer = await plugin.call("PlanAction", request, f"plan the action `{type_name}`")
        return PlannedAction(deferred=read_deferred(answer), diagnostics=read_diagnostics(answer.diagnostics))

    async def invoke_action(self, type_name: str, config: TfValue) -> AsyncGenerator[ActionEvent, None]:
        schema = self._of((await self.schema()).actions, "action", type_name)
        plugin, request = await self._work("InvokeAction", action_type=type_name)
        write_value(request.config, config, schema.type)
        self._declare(request)
        events = plugin.stream("InvokeAction", request, f"run the action `{type_name}`")
        async with contextlib.aclosing(events):
            async for event in events:
                if event.WhichOneof("type") == "completed":
                    said = read_diagnostics(event.completed.diagnostics)
                    yield ActionEvent(completed=True, diagnostics=said)
                else:
                    yield ActionEvent(progress=event.progress.message)

    # What they share -----------------------------------------------------------------------------

    async def _question(self, call: str, **fields: Any) -> tuple[TerraformPlugin, Any]:
        """A process for a call that needs no configuration, and the beginnings of a request."""
        plugin = self._plugin if self._plugin is not None and self._plugin.alive else await self._pool.any()
        return plugin, plugin.dialect.request(call)(**fields)

    async def _work(self, call: str, **fields: Any) -> tuple[TerraformPlugin, Any]:
        """The configured process, alive, and the beginnings of a request."""
        plugin = self._plugin
        if plugin is None or not plugin.alive:
            plugin = await self._revive()
        plugin.touch()
        return plugin, plugin.dialect.request(call)(**fields)

    async def _lookup(self, call: str, **fields: Any) -> tuple[TerraformPlugin, Any]:
        """The configured process for what may look at the configuration; any other before there is one."""
        configured = self._config is not None
        return await (self._work(call, **fields) if configured else self._question(call, **fields))

    async def _revive(self) -> TerraformPlugin:
        async with self._reviving:
            if self._config is None:
                raise ProviderError(
                    f"The provider {self._pool.program.name} is asked to work before it is configured"
                )
            if self._plugin is not None and self._plugin.alive:
                return self._plugin
            if self._plugin is not None:
                await self._pool.give_back(self._plugin)
                self._plugin = None
            plugin = await self._pool.take()
            try:
                answer = await self._configure(plugin, self._config)
            except BaseException:
                await self._pool.give_back(plugin)
                raise
            if answer.failed:
                await self._pool.give_back(plugin)
                raise ProviderError(
                    f"The provider {self._pool.program.name} no longer takes its configuration",
                    detail="\n".join(each.summary for each in answer.errors),
                )
            self._plugin = plugin
            return plugin

    async def _configure(self, plugin: TerraformPlugin, request: Any) -> Answer:
        answer = await plugin.call("ConfigureProvider", request, "take its configuration")
        return Answer(diagnostics=read_diagnostics(answer.diagnostics))

    async def _validate(self, call: str, type_name: str, schema: Schema, config: TfValue) -> Answer:
        plugin, request = await self._question(call, type_name=type_name)
        write_value(request.config, config, schema.type)
        self._declare(request)
        answer = await plugin.call(call, request, f"check a `{type_name}`")
        return Answer(diagnostics=read_diagnostics(answer.diagnostics))

    async def _complete(self, request: Any) -> None:
        """Add what most requests carry: what we understand, and the provider's meta value (§5.22)."""
        self._declare(request)
        meta = (await self.schema()).provider_meta
        if meta is not None and "provider_meta" in request.DESCRIPTOR.fields_by_name:
            write_value(request.provider_meta, empty_value(meta.block), meta.type)

    def _declare(self, request: Any) -> None:
        if "client_capabilities" in request.DESCRIPTOR.fields_by_name:
            request.client_capabilities.deferral_allowed = self._capabilities.deferral
            request.client_capabilities.write_only_attributes_allowed = self._capabilities.write_only

    async def _resource(self, type_name: str) -> Schema:
        return self._of((await self.schema()).resources, "resource", type_name)

    async def _ephemeral(self, type_name: str) -> Schema:
        return self._of((await self.schema()).ephemeral_resources, "ephemeral resource", type_name)

    def _of(self, schemas: Mapping[str, Schema], what: str, type_name: str) -> Schema:
        schema = schemas.get(type_name)
        if schema is None:
            raise UnimplementedError(f"The provider {self._pool.program.name} has no {what} `{type_name}`")
        return schema

    async def _write_identity(self, request: Any, field: str, type_name: str, identity: TfValue) -> None:
        if identity is None:
            return
        schema = (await self.schema()).identities.get(type_name)
        if schema is None:
            raise UnimplementedError(f"A `{type_name}` of {self._pool.program.name} has no identity")
        write_value(getattr(request, field).identity_data, identity, schema.type)

    async def _read_identity(self, answer: Any, field: str, type_name: str) -> TfValue:
        if not answer.HasField(field):
            return None
        schema = (await self.schema()).identities.get(type_name)
        if schema is None:
            return None
        return self._value(getattr(answer, field).identity_data, schema.type, f"{type_name}'s identity")

    def _value(self, message: Any, kind: Type, of: str) -> TfValue:
        try:
            return read_value(message, kind)
        except ValueMismatchError as error:
            raise ProviderError(
                f"The provider {self._pool.program.name} answered with a value that does not fit its own"
                f" schema of `{of}`: {error.message}",
                hint="This is a fault of the provider: tell its authors",
            ) from error

    @contextlib.contextmanager
    def _unclear(self) -> Any:
        """An answer about a change that cannot be read leaves unknown what there is now."""
        try:
            yield
        except ProviderError as error:
            error.status = ResourceStatus.UNKNOWN
            raise


def _without_call(function: Function, arguments: Sequence[TfValue]) -> Called | None:
    """What a call comes to that need not, or may not, be made (§5.19)."""
    least = len(function.parameters)
    if len(arguments) < least or (len(arguments) > least and function.variadic is None):
        more = " or more" if function.variadic else ""
        return Called(
            error=f"`{function.name}` takes {least}{more} arguments, and {len(arguments)} were given"
        )
    unknown = False
    for index, argument in enumerate(arguments):
        parameter = function.parameter(index)
        assert parameter is not None
        if argument is None and not parameter.allow_null:
            return Called(error=f"{parameter.name}: must not be null", argument=index)
        unknown = unknown or (not parameter.allow_unknown and contains_unknown(argument))
    return Called(result=UNKNOWN) if unknown else None


def _time(answer: Any) -> datetime | None:
    if not answer.HasField("renew_at"):
        return None
    return datetime.fromtimestamp(answer.renew_at.seconds + answer.renew_at.nanos / 1e9, UTC)
