"""
`Provider` over a plugin: values into messages, messages into values (protocol.md §3.3, §3.4, §8).

What may be sent in which call, and what of an answer is believed, is the table in
`_codings`. The plugin is started by the first call that needs it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NoReturn

import msgspec

from stackwright.diagnostics import Diagnostic, Severity
from stackwright.goals import (
    CallResult,
    CheckFailure,
    InvokeResult,
    Parameterization,
    ResourceOptions,
)
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
    DiffChanges,
    DiffConfigRequest,
    DiffRequest,
    DiffResult,
    GuestRequest,
    InitFailedError,
    InvokeRequest,
    Listed,
    ListRequest,
    ProviderError,
    ProviderInfo,
    ReadRequest,
    ReadResult,
    ResourceStatus,
    UnimplementedError,
    UpdateRequest,
    UpdateResult,
)
from stackwright.providers._secretness import all_secret, with_secretness
from stackwright.providers.plugin._connection import CallRefused, PluginConnection, Support
from stackwright.providers.plugin._discovery import parse_version
from stackwright.providers.plugin._failures import failure
from stackwright.urn import Urn, provider_package, urn_name, urn_type
from stackwright.values import (
    DiffKind,
    PropertyDiff,
    PropertyMap,
    contains_secrets,
    restore_contents,
    reveal,
)
from stackwright.wire import (
    NO_DETAILS,
    CodecOptions,
    DecodeError,
    EncodeError,
    decode_properties,
    encode_properties,
    encode_value,
)
from stackwright.wire.option_messages import (
    dependencies_of,
    fill_alias,
    fill_dependencies,
    fill_hooks,
    fill_timeouts,
)

if TYPE_CHECKING:
    from stackwright.providers._interface import ProviderLog
    from stackwright.wire.stubs.google.protobuf import struct_pb2
    from stackwright.wire.stubs.pulumi import provider_pb2

_DIFF_KINDS: Final = (
    DiffKind.ADD,
    DiffKind.ADD_REPLACE,
    DiffKind.DELETE,
    DiffKind.DELETE_REPLACE,
    DiffKind.UPDATE,
    DiffKind.UPDATE_REPLACE,
)
_CHANGES: Final = (DiffChanges.UNKNOWN, DiffChanges.NONE, DiffChanges.SOME)
_CHANGING: Final = frozenset({"Create", "Update", "Delete"})


class _Codings(msgspec.Struct, frozen=True, kw_only=True):
    """The options of each call for one plugin (§3.3); pairs are indexed by «is this a preview»."""

    config: CodecOptions
    configure: CodecOptions
    inputs: tuple[CodecOptions, CodecOptions]
    elided: tuple[CodecOptions, CodecOptions]
    construct: CodecOptions
    call: CodecOptions
    answer: tuple[CodecOptions, CodecOptions]
    rich_answer: tuple[CodecOptions, CodecOptions]


def _codings(support: Support) -> _Codings:
    replace = msgspec.structs.replace
    known = CodecOptions(
        keep_secrets=support.secrets, keep_resources=support.resources, keep_bytes=support.bytes
    )
    preview = replace(known, keep_unknowns=True)
    answer = CodecOptions(keep_secrets=True, keep_resources=True, reject_unknowns=True)
    dry_answer = replace(answer, keep_unknowns=True, reject_unknowns=False)
    return _Codings(
        config=CodecOptions(keep_unknowns=True, keep_bytes=support.bytes),
        configure=replace(preview, keep_secrets=True, keep_resources=True),
        inputs=(known, preview),
        elided=(replace(known, elide_assets=True), replace(preview, elide_assets=True)),
        construct=replace(preview, keep_secrets=True, keep_outputs=support.outputs),
        call=replace(preview, keep_secrets=True, keep_resources=True, keep_outputs=support.outputs),
        answer=(answer, dry_answer),
        rich_answer=(replace(answer, keep_outputs=True), replace(dry_answer, keep_outputs=True)),
    )


class PluginProvider:
    """
    One instance of a provider plugin; implements `stackwright.providers.Provider`.

    *connect* opens the connection; it is called once, by whichever call comes first.
    *parameterization* is applied to the fresh plugin before anything else is asked of it.
    *at_least* is the version that was asked for where nobody but the plugin knows its own:
    an older one is used and mentioned (§7.3).
    """

    def __init__(
        self,
        *,
        name: str,
        package: str,
        version: str,
        source: str,
        connect: Callable[[], Awaitable[PluginConnection]],
        log: ProviderLog,
        parameterization: Parameterization | None = None,
        preview_calls: bool = True,
        at_least: str = "",
    ) -> None:
        self._name = name
        self._package = package
        self._version = version
        self._source = source
        self._connect = connect
        self._log = log
        self._parameterization = parameterization
        self._preview_calls = preview_calls
        self._at_least = at_least
        self._connection: PluginConnection | None = None
        self._codings = _codings(Support())
        self._opening: asyncio.Future[PluginConnection] | None = None
        self._closed = False

    # The connection -----------------------------------------------------------------------------

    async def _open(self) -> PluginConnection:
        """The connection, opened by the first call and shared by all that wait for it."""
        if self._connection is not None:
            return self._connection
        if self._closed:
            raise ProviderError(f"The provider `{self._name}` has been closed")
        if self._opening is None:
            self._opening = asyncio.ensure_future(self._first_open())
        try:
            self._connection = await asyncio.shield(self._opening)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._opening.cancelled() and not (task is not None and task.cancelling()):
                raise ProviderError(f"The provider `{self._name}` was closed while it was starting") from None
            raise
        return self._connection

    async def _first_open(self) -> PluginConnection:
        connection = await self._connect()
        self._codings = _codings(connection.support)
        try:
            if self._at_least:
                await self._compare_version(connection)
            if self._parameterization is not None:
                await self._parameterize(connection, self._parameterization)
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _compare_version(self, connection: PluginConnection) -> None:
        wanted, actual = parse_version(self._at_least), parse_version(await _reported_version(connection))
        if wanted is not None and actual is not None and actual < wanted:
            self._warn(
                f"The provider plugin `{self._name}` is version {actual}, and {wanted} was asked for: "
                f"{self._source}"
            )

    async def _call(
        self, method: str, request: Any, doing: str, *, inputs: PropertyMap | None = None, **options: Any
    ) -> Any:
        connection = self._connection or await self._open()
        try:
            return await connection.call(method, request, doing, **options)
        except CallRefused as refused:
            raise self._failure(refused, doing, inputs) from None

    def _failure(self, refused: CallRefused, doing: str, inputs: PropertyMap | None = None) -> ProviderError:
        return failure(
            refused.code, refused.text, refused.details, doing=doing, package=self._package, inputs=inputs
        )

    # What it is ---------------------------------------------------------------------------------

    async def info(self) -> ProviderInfo:
        version = await _reported_version(await self._open())
        return ProviderInfo(name=self._name, version=version or self._version, source=self._source)

    async def schema(self, *, package: str = "", version: str = "") -> bytes:
        from stackwright.wire.stubs.pulumi import provider_pb2

        request = provider_pb2.GetSchemaRequest(subpackage_name=package, subpackage_version=version)
        answer = await self._call("GetSchema", request, "give its schema")
        text: str = answer.schema
        return text.encode()

    async def mapping(self, key: str, *, provider: str = "") -> tuple[str, bytes]:
        """
        How programs in the language *key* name what this provider has (protocol.md §8.18).

        Answers for which of its providers, and the mapping; nothing in both where there is none.
        """
        from stackwright.wire.stubs.pulumi import provider_pb2

        request = provider_pb2.GetMappingRequest(key=key, provider=provider)
        try:
            answer = await self._call("GetMapping", request, "give its mapping")
        except UnimplementedError:
            return "", b""
        return str(answer.provider), bytes(answer.data)

    async def parameterize(self, value: Parameterization) -> Parameterization:
        return await self._parameterize(await self._open(), value)

    async def _parameterize(self, connection: PluginConnection, value: Parameterization) -> Parameterization:
        from stackwright.wire.stubs.pulumi import provider_pb2

        request = provider_pb2.ParameterizeRequest()
        request.value.name = value.name
        request.value.version = value.version
        request.value.value = value.value
        answer = await self._become(connection, request, f"serve the package {value.name}")
        if answer.name != value.name:
            raise ProviderError(
                f"The provider `{self._name}` was to serve the package `{value.name}`, "
                f"and serves `{answer.name}`",
                hint="The SDK in use was generated for another release of this plugin",
            )
        return Parameterization(name=answer.name, version=answer.version, value=value.value)

    async def parameterize_with(self, arguments: Sequence[str]) -> Parameterization:
        """
        Become the package that words of a command line mean; answers its name and version.

        The value that stands for them from then on is in its schema.
        """
        from stackwright.wire.stubs.pulumi import provider_pb2

        request = provider_pb2.ParameterizeRequest()
        request.args.args.extend(arguments)
        doing = f"become the package that `{' '.join(arguments)}` means"
        answer = await self._become(await self._open(), request, doing)
        return Parameterization(name=answer.name, version=answer.version, value=b"")

    async def _become(self, connection: PluginConnection, request: Any, doing: str) -> Any:
        try:
            return await connection.call("Parameterize", request, doing)
        except CallRefused as refused:
            raise self._failure(refused, doing) from None

    # Configuration ------------------------------------------------------------------------------

    async def check_config(self, request: CheckConfigRequest) -> CheckResult:
        from stackwright.wire.stubs.pulumi import provider_pb2

        doing = f"check the configuration {request.urn}"
        connection = await self._open()
        type_ = urn_type(request.urn)
        message = provider_pb2.CheckRequest(urn=request.urn, name=urn_name(request.urn), type=type_)
        if request.olds:
            self._encode(request.olds, message.olds, self._codings.config, doing)
        self._encode(request.news, message.news, self._codings.config, doing)
        try:
            answer = await connection.call("CheckConfig", message, doing)
        except CallRefused as refused:
            if not _is_unimplemented(refused, type_):
                raise self._failure(refused, doing, request.news) from None
            return CheckResult(inputs=request.news)
        inputs = self._decode(answer.inputs, self._codings.answer[1], doing)
        if inputs.pop("__internal", None) is not None:
            self._warn(f"The provider `{self._name}` answered with the reserved input `__internal`")
        return CheckResult(inputs=with_secretness(inputs, request.news), failures=_failures(answer.failures))

    async def diff_config(self, request: DiffConfigRequest) -> DiffResult:
        from stackwright.wire.stubs.pulumi import provider_pb2

        doing = f"compare the configuration {request.urn}"
        connection = await self._open()
        type_ = urn_type(request.urn)
        message = provider_pb2.DiffRequest(
            urn=request.urn,
            name=urn_name(request.urn),
            type=type_,
            ignoreChanges=request.ignore_changes,
        )
        coding = self._codings.config
        self._encode(request.old_outputs, message.olds, coding, doing)
        self._encode(request.old_inputs, message.old_inputs, coding, doing)
        self._encode(request.news, message.news, coding, doing)
        try:
            return _diff_result(await connection.call("DiffConfig", message, doing))
        except CallRefused as refused:
            if not _is_unimplemented(refused, type_) and not _is_legacy_kubernetes(refused, type_):
                raise self._failure(refused, doing, request.news) from None
            return DiffResult()

    async def configure(self, request: ConfigureRequest) -> None:
        from stackwright.wire.stubs.pulumi import provider_pb2

        doing = f"take the configuration {request.urn}"
        connection = await self._open()
        type_ = urn_type(request.urn)
        message = provider_pb2.ConfigureRequest(
            variables=_variables(provider_package(type_) or self._package, request.inputs),
            acceptSecrets=True,
            acceptResources=True,
            sends_old_inputs=True,
            sends_old_inputs_to_delete=True,
            id=request.id,
            urn=request.urn,
            name=urn_name(request.urn),
            type=type_,
        )
        self._encode(request.inputs, message.args, self._codings.configure, doing)
        answer = await self._call("Configure", message, doing, inputs=request.inputs)
        connection.support_from(answer)
        self._codings = _codings(connection.support)

    # Resources ----------------------------------------------------------------------------------

    async def check(self, request: CheckRequest) -> CheckResult:
        from stackwright.wire.stubs.pulumi import provider_pb2

        doing = f"check {request.urn}"
        connection = self._connection or await self._open()
        message = provider_pb2.CheckRequest(
            urn=request.urn, name=urn_name(request.urn), type=request.type, randomSeed=request.seed
        )
        coding = self._codings.inputs[request.preview]
        self._encode(request.olds, message.olds, coding, doing)
        self._encode(request.news, message.news, coding, doing)
        if request.autonaming is not None:
            if connection.support.autonaming:
                message.autonaming.proposed_name = request.autonaming.proposed_name
                message.autonaming.mode = request.autonaming.mode.value  # type: ignore[assignment]
            elif request.autonaming.warn_if_unsupported:
                self._warn(
                    f"The provider `{self._name}` does not know about configured names, so the name set "
                    f"for {request.type} has no effect; a newer version of the plugin may",
                    request.urn,
                )
        answer = await self._call("Check", message, doing, inputs=request.news)
        inputs = self._decode(answer.inputs, self._codings.answer[request.preview], doing)
        return CheckResult(inputs=self._secret(inputs, request.news), failures=_failures(answer.failures))

    async def diff(self, request: DiffRequest) -> DiffResult:
        from stackwright.wire.stubs.pulumi import provider_pb2

        doing = f"compare {request.urn}"
        if self._connection is None:
            await self._open()
        message = provider_pb2.DiffRequest(
            id=request.id,
            urn=request.urn,
            name=urn_name(request.urn),
            type=request.type,
            ignoreChanges=request.ignore_changes,
        )
        coding = self._codings.elided[request.preview]
        self._encode(request.old_outputs, message.olds, coding, doing)
        self._encode(request.old_inputs, message.old_inputs, coding, doing)
        self._encode(request.news, message.news, coding, doing)
        return _diff_result(await self._call("Diff", message, doing, inputs=request.news))

    async def create(self, request: CreateRequest) -> CreateResult:
        from stackwright.wire.stubs.pulumi import provider_pb2

        doing = f"create {request.urn}"
        connection = self._connection or await self._open()
        if request.preview and not (connection.support.preview and self._preview_calls):
            return CreateResult(id="", outputs=request.inputs)
        message = provider_pb2.CreateRequest(
            urn=request.urn,
            name=urn_name(request.urn),
            type=request.type,
            timeout=request.timeout,
            preview=request.preview,
        )
        self._encode(request.inputs, message.properties, self._codings.inputs[request.preview], doing)
        try:
            answer = await self._call("Create", message, doing, inputs=request.inputs)
        except InitFailedError as error:
            raise self._repaired(error, request.inputs) from None
        outputs = self._changed(answer.properties, request.preview, doing, id_=answer.id)
        return CreateResult(
            id=answer.id,
            outputs=self._secret(outputs, request.inputs),
            refresh_before_update=answer.refresh_before_update,
        )

    async def read(self, request: ReadRequest) -> ReadResult:
        from stackwright.wire.stubs.pulumi import provider_pb2

        doing = f"read {request.urn}"
        if self._connection is None:
            await self._open()
        message = provider_pb2.ReadRequest(
            id=request.id,
            urn=request.urn,
            name=urn_name(request.urn),
            type=request.type,
            timeout=request.timeout,
        )
        self._encode(request.outputs, message.properties, self._codings.elided[0], doing)
        sent: PropertyMap = {}
        if request.inputs is not None:
            sent = request.inputs
            self._encode(sent, message.inputs, self._codings.elided[0], doing)
        try:
            answer = await self._call("Read", message, doing, inputs=sent)
        except InitFailedError as error:
            raise self._repaired(error, request.outputs, sent) from None
        outputs = inputs = None
        if answer.HasField("properties"):
            outputs = self._decode(answer.properties, self._codings.answer[0], doing)
            outputs = self._secret(restore_contents(outputs, sent), request.outputs)
        if answer.HasField("inputs"):
            inputs = self._decode(answer.inputs, self._codings.answer[0], doing)
            inputs = self._secret(restore_contents(inputs, sent), sent)
        return ReadResult(
            id=answer.id,
            outputs=outputs,
            inputs=inputs,
            refresh_before_update=answer.refresh_before_update,
        )

    async def update(self, request: UpdateRequest) -> UpdateResult:
        from stackwright.wire.stubs.pulumi import provider_pb2

        doing = f"update {request.urn}"
        connection = self._connection or await self._open()
        if request.preview and not (connection.support.preview and self._preview_calls):
            return UpdateResult(outputs=request.news)
        message = provider_pb2.UpdateRequest(
            id=request.id,
            urn=request.urn,
            name=urn_name(request.urn),
            type=request.type,
            timeout=request.timeout,
            ignoreChanges=request.ignore_changes,
            preview=request.preview,
        )
        self._encode(request.old_outputs, message.olds, self._codings.elided[0], doing)
        self._encode(request.old_inputs, message.old_inputs, self._codings.elided[0], doing)
        self._encode(request.news, message.news, self._codings.inputs[request.preview], doing)
        try:
            answer = await self._call("Update", message, doing, inputs=request.news)
        except InitFailedError as error:
            raise self._repaired(error, request.news) from None
        outputs = self._changed(answer.properties, request.preview, doing)
        return UpdateResult(
            outputs=self._secret(outputs, request.news),
            refresh_before_update=answer.refresh_before_update,
        )

    async def delete(self, request: DeleteRequest) -> None:
        from stackwright.wire.stubs.pulumi import provider_pb2

        doing = f"delete {request.urn}"
        if self._connection is None:
            await self._open()
        message = provider_pb2.DeleteRequest(
            id=request.id,
            urn=request.urn,
            name=urn_name(request.urn),
            type=request.type,
            timeout=request.timeout,
        )
        self._encode(request.outputs, message.properties, self._codings.elided[0], doing)
        self._encode(request.inputs, message.old_inputs, self._codings.elided[0], doing)
        await self._call("Delete", message, doing, inputs=request.inputs)

    # Functions and components -------------------------------------------------------------------

    async def invoke(self, request: InvokeRequest) -> InvokeResult:
        from stackwright.wire.stubs.pulumi import provider_pb2

        doing = f"call {request.token}"
        connection = self._connection or await self._open()
        message = provider_pb2.InvokeRequest(tok=request.token, preview=request.preview)
        self._encode(request.args, message.args, self._codings.inputs[0], doing)
        answer = await self._call("Invoke", message, doing, inputs=request.args)
        value = self._decode(getattr(answer, "return"), self._codings.answer[0], doing)
        if not connection.support.secrets and contains_secrets(request.args):
            value = all_secret(value)
        return InvokeResult(value=value, failures=_failures(answer.failures))

    async def list_resources(self, request: ListRequest) -> AsyncGenerator[Listed, None]:
        """See `ListsResources` (§8.17): page after page, until there is enough."""
        from stackwright.wire.stubs.pulumi import provider_pb2

        doing, left = f"list what there is of {request.type}", request.limit
        connection = self._connection or await self._open()
        message = provider_pb2.ListRequest(token=request.type, limit=request.limit)
        self._encode(request.query, message.query, self._codings.inputs[0], doing)
        while True:
            try:
                page = await connection.collect("List", message, doing)
            except CallRefused as refused:
                raise self._failure(refused, doing, request.query) from None
            message.continuation_token = ""
            for each in page:
                match each.WhichOneof("response"):
                    case "result":
                        yield Listed(id=each.result.id, name=each.result.name)
                        left -= 1
                        if left == 0:
                            return
                    case "continuation":
                        message.continuation_token = each.continuation.continuation_token
                    case _:
                        raise ProviderError(
                            f"The provider `{self._name}` cannot {doing}: the query is unknown"
                        )
            if not message.continuation_token:
                return

    async def construct(self, request: ConstructRequest) -> ConstructResult:
        from stackwright.wire.stubs.pulumi import provider_pb2

        doing = f"construct the component {request.type} `{request.name}`"
        connection = self._connection or await self._open()
        if not connection.support.secrets:
            raise ProviderError(
                f"The provider `{self._name}` cannot construct components, because it takes no secrets"
            )
        message = provider_pb2.ConstructRequest(
            type=request.type,
            name=request.name,
            parent=request.parent or "",
            accepts_output_values=True,
        )
        _fill_deployment(message, request)
        self._encode(request.inputs, message.inputs, self._codings.construct, doing)
        fill_dependencies(message.inputDependencies, request.input_dependencies)
        _fill_options(message, request.options, self._codings.construct)
        answer = await self._call("Construct", message, doing, inputs=request.inputs)
        return ConstructResult(
            urn=Urn(answer.urn),
            outputs=self._decode(answer.state, self._codings.rich_answer[request.deployment.dry_run], doing),
            dependencies=dependencies_of(answer.stateDependencies),
        )

    async def call(self, request: CallRequest) -> CallResult:
        from stackwright.wire.stubs.pulumi import provider_pb2

        doing = f"call {request.token}"
        if self._connection is None:
            await self._open()
        message = provider_pb2.CallRequest(tok=request.token, accepts_output_values=True)
        _fill_deployment(message, request)
        self._encode(request.args, message.args, self._codings.call, doing)
        fill_dependencies(message.argDependencies, request.arg_dependencies)
        answer = await self._call("Call", message, doing, inputs=request.args)
        return CallResult(
            value=self._decode(
                getattr(answer, "return"), self._codings.rich_answer[request.deployment.dry_run], doing
            ),
            dependencies=dependencies_of(answer.returnDependencies),
            failures=_failures(answer.failures),
        )

    # The end ------------------------------------------------------------------------------------

    async def cancel(self) -> None:
        if self._connection is not None:
            await self._connection.cancel()

    async def close(self) -> None:
        """End the plugin, also one that is only just starting. A plugin that was never needed never was."""
        self._closed = True
        if self._opening is None:
            return
        if not self._opening.done():
            self._opening.cancel()
        await asyncio.wait([self._opening])
        if not self._opening.cancelled() and self._opening.exception() is None:
            await self._opening.result().close()

    # Values -------------------------------------------------------------------------------------

    def _encode(
        self, properties: PropertyMap, into: struct_pb2.Struct, coding: CodecOptions, doing: str
    ) -> None:
        try:
            encode_properties(properties, into, coding)
        except EncodeError as error:
            raise ProviderError(
                f"The provider `{self._name}` could not be asked to {doing}: {error.message}", hint=error.hint
            ) from error

    def _decode(self, message: struct_pb2.Struct, coding: CodecOptions, doing: str) -> PropertyMap:
        try:
            return decode_properties(message, coding)
        except DecodeError as error:
            self._malformed(error, doing, ResourceStatus.OK)

    def _changed(
        self, message: struct_pb2.Struct, preview: bool, doing: str, *, id_: str = ""
    ) -> PropertyMap:
        """The answer to a call that has changed something: failing to read it does not undo the change."""
        try:
            return decode_properties(message, self._codings.answer[preview])
        except DecodeError as error:
            status = ResourceStatus.OK if preview else ResourceStatus.UNKNOWN
            self._malformed(error, doing, status, f"The object's id is `{id_}`" if id_ else None)

    def _malformed(
        self, error: DecodeError, doing: str, status: ResourceStatus, detail: str | None = None
    ) -> NoReturn:
        raise ProviderError(
            f"The provider `{self._name}` was asked to {doing}, and its answer cannot be used: "
            f"{error.message}",
            status=status,
            detail=detail,
            hint="This is a mistake in the provider plugin; tell its authors",
        ) from error

    def _secret(self, answer: PropertyMap, asked: PropertyMap) -> PropertyMap:
        connection = self._connection
        if connection is not None and connection.support.secrets:
            return answer
        return with_secretness(answer, asked)

    def _repaired(
        self, error: InitFailedError, outputs: PropertyMap, inputs: PropertyMap | None = None
    ) -> InitFailedError:
        """*error* with what the answer would have been given: secretness and the sources of assets."""
        sent = inputs if inputs is not None else outputs
        return InitFailedError(
            id=error.id,
            outputs=self._secret(restore_contents(error.outputs, sent), outputs),
            inputs=None if error.inputs is None else self._secret(restore_contents(error.inputs, sent), sent),
            reasons=error.reasons,
            refresh_before_update=error.refresh_before_update,
        )

    def _warn(self, text: str, urn: Urn | None = None) -> None:
        self._log(Diagnostic(severity=Severity.WARNING, message=text, urn=urn))


async def _reported_version(connection: PluginConnection) -> str:
    """What the plugin says its version is, without a leading `v`; empty when it does not say (§8.4)."""
    from stackwright.wire.stubs.google.protobuf import empty_pb2

    try:
        answer = await connection.call("GetPluginInfo", empty_pb2.Empty(), "name its version")
    except CallRefused:
        return ""
    version: str = answer.version
    return version.removeprefix("v")


# Translations -----------------------------------------------------------------------------------


def _is_unimplemented(refused: CallRefused, type_: str) -> bool:
    """Whether a provider of *type_* says, in its way, that it has no such method (§8.5)."""
    return (
        refused.code == "UNIMPLEMENTED"
        or (refused.code == "INTERNAL" and type_ == "pulumi:providers:pulumi-nodejs")
        or (
            refused.code == "UNKNOWN"
            and type_ == "pulumi:providers:kubernetes"
            and "Unimplemented" in refused.text
        )
    )


def _is_legacy_kubernetes(refused: CallRefused, type_: str) -> bool:
    """An early kubernetes provider fails to compare configuration that it takes as text (§8.6)."""
    return (
        type_ == "pulumi:providers:kubernetes"
        and refused.details is NO_DETAILS
        and "cannot unmarshal string into Go value of type struct" in refused.text
    )


def _variables(package: str, inputs: PropertyMap) -> dict[str, str]:
    """Configuration as texts, which is how plugins took it before there were values (§8.7)."""
    variables = {}
    for key, value in reveal(inputs).items():
        if key != "version":
            text = value if type(value) is str else json.dumps(value, default=str, separators=(",", ":"))
            variables[f"{package}:config:{key}"] = text
    return variables


def _failures(failures: Any) -> tuple[CheckFailure, ...]:
    return tuple([CheckFailure(entry.property, entry.reason) for entry in failures])


def _diff_result(answer: provider_pb2.DiffResponse) -> DiffResult:
    detailed = None
    if answer.hasDetailedDiff:
        # An unknown kind is an update: a later protocol may have more of them (§1).
        detailed = {
            path: PropertyDiff(
                _DIFF_KINDS[entry.kind] if 0 <= entry.kind < len(_DIFF_KINDS) else DiffKind.UPDATE,
                input_diff=entry.inputDiff,
            )
            for path, entry in sorted(answer.detailedDiff.items())
        }
    return DiffResult(
        changes=_CHANGES[answer.changes] if 0 <= answer.changes < len(_CHANGES) else DiffChanges.UNKNOWN,
        replaces=tuple(answer.replaces),
        diffs=tuple(answer.diffs),
        stables=tuple(answer.stables),
        delete_before_replace=answer.deleteBeforeReplace,
        detailed=detailed,
    )


def _fill_deployment(
    message: provider_pb2.ConstructRequest | provider_pb2.CallRequest, request: GuestRequest
) -> None:
    """Which deployment it is that a component or a method is part of, and where it can be reached."""
    deployment = request.deployment
    message.project, message.stack = deployment.project, deployment.stack
    message.organization = deployment.organization
    message.config.update(deployment.config)
    message.configSecretKeys.extend(sorted(deployment.config_secret_keys))
    message.dryRun = deployment.dry_run
    message.parallel = deployment.parallel
    message.monitorEndpoint = request.monitor_address
    message.stack_trace_handle = request.trace_handle


def _fill_options(
    message: provider_pb2.ConstructRequest, options: ResourceOptions, coding: CodecOptions
) -> None:
    """The options that a component is constructed with (§8.14)."""
    message.dependencies.extend(options.depends_on)
    message.providers.update(options.providers)
    message.ignoreChanges.extend(options.ignore_changes)
    message.replaceOnChanges.extend(options.replace_on_changes)
    message.additionalSecretOutputs.extend(options.additional_secret_outputs)
    message.replace_with.extend(options.replace_with)
    message.deletedWith = options.deleted_with or ""
    if options.protect is not None:
        message.protect = options.protect
    if options.delete_before_replace is not None:
        message.deleteBeforeReplace = options.delete_before_replace
    if options.retain_on_delete is not None:
        message.retainOnDelete = options.retain_on_delete
    if options.custom_timeouts:
        fill_timeouts(message.customTimeouts, options.custom_timeouts)
    if options.replacement_trigger is not None:
        encode_value(options.replacement_trigger, message.replacement_trigger, coding)
    if options.hooks:
        fill_hooks(message.resource_hooks, options.hooks)
    for alias in options.aliases:
        fill_alias(message.aliases.add(), alias)
