"""
A Terraform provider in Python, for both protocols, that does what a test says.

It serves in the test's own process, on a socket that the client attaches to, so it costs
nothing to start and its requests are there to look at:

    fake = FakeProvider(6, resources={"fake_thing": schema})
    fake.on("PlanResourceChange", lambda request, answer: ...)   # fill or change the answer
    async with fake.serving() as program, ... ProviderClient(PluginPool(program)) ...:
        ...
    fake.asked("PlanResourceChange")   # the requests

Calls go by their names in protocol 6. Unless told otherwise, it accepts every
configuration, plans what is proposed, applies what is planned with every unknown
replaced, reads what it is given, and echoes private data.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import grpc
import grpc.aio

from stackwright.providers.terraform import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    Attribute,
    Block,
    Function,
    IdentitySchema,
    ListOf,
    MapOf,
    ObjectOf,
    Parameter,
    Primitive,
    ProviderProgram,
    Reattached,
    Schema,
    ServerCapabilities,
    SetOf,
    TupleOf,
    Type,
    UnknownValue,
    decode_msgpack,
    encode_msgpack,
    type_json,
)
from stackwright.providers.terraform._dialects import Dialect
from stackwright.providers.terraform._handshake import Handshake
from stackwright.wire.stubs.terraform import tfplugin5_pb2, tfplugin6_pb2

Handler = Callable[[Any, Any], Any]
"""Given request and answer; changes the answer, or gives events for a stream."""


class CallFails(Exception):
    """Raised by a handler: the call ends with this status of gRPC."""

    def __init__(self, code: grpc.StatusCode, text: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class FakeProvider:
    """The provider. What it offers is given once; what it does may change at any time."""

    def __init__(
        self,
        protocol: Literal[5, 6] = 6,
        *,
        provider: Schema = Schema(0, Block()),  # noqa: B008 - it is frozen
        provider_meta: Schema | None = None,
        resources: Mapping[str, Schema] = {},
        data_sources: Mapping[str, Schema] = {},
        ephemeral_resources: Mapping[str, Schema] = {},
        list_resources: Mapping[str, Schema] = {},
        actions: Mapping[str, Schema] = {},
        functions: Mapping[str, Function] = {},
        identities: Mapping[str, IdentitySchema] = {},
        capabilities: ServerCapabilities = ServerCapabilities(schema_optional=True, plan_destroy=True),  # noqa: B008
    ) -> None:
        self.dialect = Dialect(protocol)
        self.resources = resources
        self.data_sources = data_sources
        self.requests: list[tuple[str, Any]] = []
        self._held: set[str] = set()
        self._offer = (provider, provider_meta, capabilities)
        self._schemas = {
            "resource_schemas": resources,
            "data_source_schemas": data_sources,
            "ephemeral_resource_schemas": ephemeral_resources,
            "list_resource_schemas": list_resources,
        }
        self._actions = actions
        self._functions = functions
        self._identities = identities
        self._handlers: dict[str, Handler] = {
            "GetProviderSchema": self._describe,
            "GetResourceIdentitySchemas": self._identify,
            "PlanResourceChange": self._plan,
            "ApplyResourceChange": self._apply,
            "ReadResource": self._read,
        }

    def on(self, call: str, handler: Handler) -> None:
        """Have *handler* complete the answers to *call*, or raise `CallFails`."""
        default = self._handlers.get(call)

        def both(request: Any, answer: Any) -> Any:
            if default is not None:
                default(request, answer)
            return handler(request, answer)

        self._handlers[call] = both

    def hold(self, call: str) -> None:
        """Never answer *call*: it ends when the client or the server does."""
        self._held.add(call)

    def asked(self, call: str) -> list[Any]:
        """The requests of *call*, in order."""
        return [request for name, request in self.requests if name == call]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[ProviderProgram]:
        """Serve until the block ends; gives what a `PluginPool` needs to attach."""
        with tempfile.TemporaryDirectory(prefix="sw-") as folder:
            server = grpc.aio.server(options=[("grpc.max_send_message_length", -1)])
            pb2 = tfplugin5_pb2 if self.dialect.protocol == 5 else tfplugin6_pb2
            pb2.add_ProviderServicer_to_server(self._servicer(), server)
            address = f"{folder}/plugin"
            server.add_insecure_port(f"unix:{address}")
            await server.start()
            handshake = Handshake(protocol=self.dialect.protocol, network="unix", address=address)
            try:
                yield ProviderProgram(
                    name="fake",
                    path=Path(folder) / "fake",
                    environ={},
                    reattached=Reattached(handshake=handshake, pid=0, keep=True),
                )
            finally:
                await server.stop(None)

    def _servicer(self) -> Any:
        calls = [
            method.name for method in self.dialect.messages.DESCRIPTOR.services_by_name["Provider"].methods
        ]
        known = {self.dialect.method(call).rpartition("/")[2]: call for call in _CALLS}
        unary = {name: self._unary(known[name]) for name in calls if name in known}
        streams = {name: self._stream(name) for name in ("ListResource", "InvokeAction")}
        return type("Servicer", (), {**unary, **streams})()

    def _unary(self, call: str) -> Any:
        async def serve(_: Any, request: Any, context: Any) -> Any:
            self.requests.append((call, request))
            answer = self.dialect.answer(call)()
            try:
                if call in self._handlers:
                    self._handlers[call](request, answer)
                elif call in _OPTIONAL:
                    raise CallFails(grpc.StatusCode.UNIMPLEMENTED, f"unknown method {call}")
            except CallFails as failure:
                await context.abort(failure.code, failure.text)
            if call in self._held:
                await asyncio.Event().wait()
            return answer

        return serve

    def _stream(self, call: str) -> Any:
        async def serve(_: Any, request: Any, context: Any) -> Any:
            self.requests.append((call, request))
            try:
                for event in self._handlers[call](request, self.dialect.answer(call)):
                    yield event
            except CallFails as failure:
                await context.abort(failure.code, failure.text)

        return serve

    # What it does by itself ----------------------------------------------------------------------

    def _describe(self, _: Any, answer: Any) -> None:
        provider, meta, capabilities = self._offer
        _write_block(answer.provider.block, provider.block)
        if meta is not None:
            _write_block(answer.provider_meta.block, meta.block)
        said = answer.server_capabilities
        said.plan_destroy = capabilities.plan_destroy
        said.get_provider_schema_optional = capabilities.schema_optional
        said.move_resource_state = capabilities.move_resource_state
        said.generate_resource_config = capabilities.generate_resource_config
        for field, schemas in self._schemas.items():
            for name, schema in schemas.items():
                written = getattr(answer, field)[name]
                written.version = schema.version
                _write_block(written.block, schema.block)
        for name, schema in self._actions.items():
            _write_block(answer.action_schemas[name].schema.block, schema.block)
        for name, function in self._functions.items():
            _write_function(answer.functions[name], function)

    def _identify(self, _: Any, answer: Any) -> None:
        for name, schema in self._identities.items():
            written = answer.identity_schemas[name]
            written.version = schema.version
            for each in schema.attributes.values():
                written.identity_attributes.add(
                    name=each.name,
                    type=type_json(each.type),
                    required_for_import=each.required_for_import,
                    optional_for_import=each.optional_for_import,
                    description=each.description,
                )

    def _plan(self, request: Any, answer: Any) -> None:
        answer.planned_state.msgpack = request.proposed_new_state.msgpack
        answer.planned_private = request.prior_private
        answer.planned_identity.CopyFrom(request.prior_identity)

    def _apply(self, request: Any, answer: Any) -> None:
        kind = self.resources[request.type_name].type
        planned = decode_msgpack(request.planned_state.msgpack, kind)
        answer.new_state.msgpack = encode_msgpack(filled(planned, kind), kind)
        answer.private = request.planned_private

    def _read(self, request: Any, answer: Any) -> None:
        answer.new_state.msgpack = request.current_state.msgpack
        answer.private = request.private


def filled(value: Any, kind: Type) -> Any:
    """*value* with something known in place of every unknown."""
    if isinstance(value, UnknownValue):
        return _SOMETHING[kind] if isinstance(kind, Primitive) else filled(_emptiest(kind), kind)
    if value is None:
        return None
    match kind:
        case ListOf(element) | SetOf(element):
            return [filled(each, element) for each in value]
        case MapOf(element):
            return {key: filled(each, element) for key, each in value.items()}
        case TupleOf(elements):
            return [filled(each, inner) for each, inner in zip(value, elements, strict=True)]
        case ObjectOf(attributes):
            return {name: filled(value.get(name), each) for name, each in attributes.items()}
    return value


_SOMETHING: dict[Type, Any] = {STRING: "computed", NUMBER: 7, BOOL: True, DYNAMIC: None}


def _emptiest(kind: Type) -> Any:
    match kind:
        case ObjectOf(attributes):
            return dict.fromkeys(attributes, UnknownValue())
        case MapOf():
            return {}
        case TupleOf(elements):
            return [UnknownValue()] * len(elements)
    return []


_OPTIONAL = frozenset(
    {
        "GetMetadata",
        "UpgradeResourceIdentity",
        "MoveResourceState",
        "GenerateResourceConfig",
        "ValidateEphemeralResourceConfig",
        "OpenEphemeralResource",
        "RenewEphemeralResource",
        "CloseEphemeralResource",
        "ValidateListResourceConfig",
        "GetFunctions",
        "CallFunction",
        "ValidateActionConfig",
        "PlanAction",
    }
)
_CALLS = _OPTIONAL | {
    "GetProviderSchema",
    "GetResourceIdentitySchemas",
    "ValidateProviderConfig",
    "ConfigureProvider",
    "ValidateResourceConfig",
    "ValidateDataResourceConfig",
    "UpgradeResourceState",
    "ReadResource",
    "PlanResourceChange",
    "ApplyResourceChange",
    "ImportResourceState",
    "ReadDataSource",
    "StopProvider",
}


def _write_block(message: Any, block: Block) -> None:
    for attribute in block.attributes.values():
        _write_attribute(message.attributes.add(), attribute)
    for nested in block.blocks.values():
        written = message.block_types.add(
            type_name=nested.name,
            nesting=nested.nesting.value,
            min_items=nested.min_items,
            max_items=nested.max_items,
        )
        _write_block(written.block, nested.block)
    message.description, message.description_kind = block.description.text, int(block.description.markdown)
    message.deprecated = block.deprecated
    message.deprecation_message = block.deprecation_message


def _write_attribute(message: Any, attribute: Attribute) -> None:
    for name in ("name", "required", "optional", "computed", "sensitive", "write_only", "deprecated"):
        setattr(message, name, getattr(attribute, name))
    message.deprecation_message = attribute.deprecation_message
    message.description = attribute.description.text
    message.description_kind = int(attribute.description.markdown)
    if attribute.nested is None:
        message.type = type_json(attribute.type)
        return
    message.nested_type.nesting = attribute.nested.nesting.value
    for inner in attribute.nested.attributes.values():
        _write_attribute(message.nested_type.attributes.add(), inner)


def _write_function(message: Any, function: Function) -> None:
    for parameter in function.parameters:
        _write_parameter(message.parameters.add(), parameter)
    if function.variadic is not None:
        _write_parameter(message.variadic_parameter, function.variadic)
    getattr(message, "return").type = type_json(function.result)
    message.summary = function.summary
    message.deprecation_message = function.deprecation_message
    message.description = function.description.text
    message.description_kind = int(function.description.markdown)


def _write_parameter(message: Any, parameter: Parameter) -> None:
    message.name = parameter.name
    message.type = type_json(parameter.type)
    message.allow_null_value = parameter.allow_null
    message.allow_unknown_values = parameter.allow_unknown
    message.description = parameter.description.text
    message.description_kind = int(parameter.description.markdown)
