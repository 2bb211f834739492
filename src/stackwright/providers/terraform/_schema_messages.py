"""
A provider's answer about itself, as a `ProviderSchema` (terraform.md §2.3, §2.4).

The answer of a large provider is 5 MB of which little is ever looked at. So it is cut
into its parts, which costs a few milliseconds, and a part is read when somebody asks
for that resource. Of its nested blocks few are structurally different: those that are
written alike become the same object, whichever resource they are in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Generic, TypeVar

from stackwright.errors import StackwrightError
from stackwright.providers.terraform._client import TfDiagnostic
from stackwright.providers.terraform._dialects import Dialect
from stackwright.providers.terraform._messages import read_diagnostics
from stackwright.providers.terraform._schema import (
    Attribute,
    Block,
    Function,
    IdentityAttribute,
    IdentitySchema,
    NestedBlock,
    NestedObject,
    Nesting,
    Parameter,
    ProviderSchema,
    Schema,
    ServerCapabilities,
    Text,
)
from stackwright.providers.terraform._types import parse_type
from stackwright.wire import parser

T = TypeVar("T")

_PROVIDER: Final = 1
_RESOURCES: Final = 2
_DATA_SOURCES: Final = 3
_DIAGNOSTICS: Final = 4
_META: Final = 5
_CAPABILITIES: Final = 6
_FUNCTIONS: Final = 7
_EPHEMERAL: Final = 8
_LISTS: Final = 9
_ACTIONS: Final = 11

_KEY_TAG: Final = b"\x0a"
_VARINT_BITS: Final = 63
_MARKDOWN: Final = 1
_NO_TEXT: Final = Text()


class MalformedSchemaError(StackwrightError):
    """A provider describes itself in a way that cannot be read."""

    code = "terraform-schema"


class _Lazy(Mapping[str, T], Generic[T]):
    """Parts by name, each read when it is first asked for."""

    def __init__(self, parts: dict[str, bytes], read: Callable[[str, bytes], T]) -> None:
        self._parts = parts
        self._read = read
        self._known: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._read(name, self._parts[name])
        return known

    def __contains__(self, name: object) -> bool:
        return name in self._parts

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def __repr__(self) -> str:
        return f"<{len(self)} by name, {len(self._known)} of them read>"


def read_provider_schema(answer: bytes, identities: bytes, dialect: Dialect) -> ProviderSchema:
    """
    The schema in the bytes of a `GetProviderSchema` and of a `GetResourceIdentitySchemas` answer.

    Raises:
        MalformedSchemaError: They are no such answers.
    """
    single, maps = _cut(answer)
    _, identity_maps = _cut(identities)
    messages = dialect.messages
    blocks = _BlockReader(messages)
    parse_function = parser(messages.Function)
    parse_identity = parser(messages.ResourceIdentitySchema)

    def schemas(number: int, read: Callable[[bytes], Schema] = blocks.schema) -> Mapping[str, Schema]:
        return _Lazy(maps.get(number, {}), lambda name, part: _read(name, part, read))

    return ProviderSchema(
        provider=_read("provider", single.get(_PROVIDER, b""), blocks.schema),
        provider_meta=_read("provider_meta", single[_META], blocks.schema) if _META in single else None,
        resources=schemas(_RESOURCES),
        data_sources=schemas(_DATA_SOURCES),
        ephemeral_resources=schemas(_EPHEMERAL),
        list_resources=schemas(_LISTS),
        actions=schemas(_ACTIONS, blocks.action),
        functions=_Lazy(
            maps.get(_FUNCTIONS, {}),
            lambda name, part: _read(name, part, lambda data: _function(name, parse_function(data))),
        ),
        identities=_Lazy(
            identity_maps.get(1, {}),
            lambda name, part: _read(name, part, lambda data: _identity(parse_identity(data))),
        ),
        capabilities=_read(
            "capabilities",
            single.get(_CAPABILITIES, b""),
            lambda data: _capabilities(messages.ServerCapabilities.FromString(data)),
        ),
        protocol=dialect.protocol,
    )


def schema_diagnostics(answer: bytes, dialect: Dialect) -> tuple[TfDiagnostic, ...]:
    """What a `GetProviderSchema` answer complains of."""
    parts = [value for number, value in _scan(answer) if number == _DIAGNOSTICS]
    return read_diagnostics(dialect.messages.Diagnostic.FromString(part) for part in parts)


def _read(name: str, part: bytes, read: Callable[[bytes], T]) -> T:
    from google.protobuf.message import DecodeError

    try:
        return read(part)
    except (DecodeError, ValueError, StackwrightError) as error:
        raise MalformedSchemaError(f"The schema of `{name}` cannot be read: {error}") from error


# Cutting ----------------------------------------------------------------------------------------


def _cut(data: bytes) -> tuple[dict[int, bytes], dict[int, dict[str, bytes]]]:
    """The embedded messages of *data* by field number: those that stand alone, and maps by their keys."""
    single: dict[int, bytes] = {}
    maps: dict[int, dict[str, bytes]] = {}
    for number, value in _scan(data):
        if not isinstance(value, bytes):
            continue
        single[number] = value
        if value.startswith(_KEY_TAG) and (entry := _entry(value)) is not None:
            maps.setdefault(number, {})[entry[0]] = entry[1]
    return single, maps


def _entry(data: bytes) -> tuple[str, bytes] | None:
    """Key and value of a map entry, or None if it is something else."""
    key, message = b"", b""
    for number, value in _scan(data):
        if not isinstance(value, bytes) or number not in (1, 2):
            return None
        if number == 1:
            key = value
        else:
            message = value
    try:
        return key.decode(), message
    except UnicodeDecodeError:
        return None


def _scan(data: bytes) -> Iterator[tuple[int, Any]]:
    """Number and content of every field of a message: bytes, or an int for a varint."""
    position, length = 0, len(data)
    try:
        while position < length:
            tag, position = _varint(data, position)
            match tag & 7:
                case 2:
                    size, position = _varint(data, position)
                    yield tag >> 3, data[position : position + size]
                    position += size
                case 0:
                    value, position = _varint(data, position)
                    yield tag >> 3, value
                case 1:
                    position += 8
                case 5:
                    position += 4
                case _:
                    raise MalformedSchemaError("A provider's description of itself is damaged")
    except IndexError:
        position = length + 1
    if position != length:
        raise MalformedSchemaError("A provider's description of itself is cut off")


def _varint(data: bytes, position: int) -> tuple[int, int]:
    byte = data[position]
    position += 1
    if byte < 0x80:
        return byte, position
    value, shift = byte & 0x7F, 7
    while True:
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
        if shift > _VARINT_BITS:
            raise MalformedSchemaError("A provider's description of itself is damaged")


# Reading ----------------------------------------------------------------------------------------


class _BlockReader:
    """Reads schemas of one protocol; what is written alike is read once."""

    def __init__(self, messages: Any) -> None:
        self._parse = parser(messages.Schema.Attribute)
        self._attributes: dict[bytes, Attribute] = {}
        self._blocks: dict[bytes, NestedBlock] = {}

    def schema(self, data: bytes) -> Schema:
        version, block = 0, b""
        for number, value in _scan(data):
            if number == 1:
                version = _signed(value)
            elif number == 2:
                block = value
        return Schema(version, self._block(block))

    def action(self, data: bytes) -> Schema:
        return self.schema(dict(_scan(data)).get(1, b""))

    def _block(self, data: bytes) -> Block:
        attributes: dict[str, Attribute] = {}
        blocks: dict[str, NestedBlock] = {}
        said: dict[int, Any] = {}
        for number, value in _scan(data):
            if number == 2:
                attribute = self._attribute(value)
                attributes[attribute.name] = attribute
            elif number == 3:
                nested = self._nested_block(value)
                blocks[nested.name] = nested
            else:
                said[number] = value
        return Block(
            attributes=attributes,
            blocks=blocks,
            description=_text(said.get(4, b"").decode(), said.get(5, 0)),
            deprecated=bool(said.get(6)),
            deprecation_message=said.get(7, b"").decode(),
        )

    def _nested_block(self, data: bytes) -> NestedBlock:
        known = self._blocks.get(data)
        if known is None:
            said = dict(_scan(data))
            known = self._blocks[data] = NestedBlock(
                name=said.get(1, b"").decode(),
                nesting=Nesting(said.get(3, 0)),
                block=self._block(said.get(2, b"")),
                min_items=_signed(said.get(4, 0)),
                max_items=_signed(said.get(5, 0)),
            )
        return known

    def _attribute(self, data: bytes) -> Attribute:
        known = self._attributes.get(data)
        if known is None:
            known = self._attributes[data] = _attribute(self._parse(data))
        return known


def _signed(value: int) -> int:
    """A varint as the int64 that it stands for."""
    return value - (1 << 64) if value >= 1 << 63 else value


def _attribute(message: Any) -> Attribute:
    nested = None
    if "nested_type" in message.DESCRIPTOR.fields_by_name and message.HasField("nested_type"):
        inner = {each.name: _attribute(each) for each in message.nested_type.attributes}
        nested = NestedObject(inner, Nesting(message.nested_type.nesting))
    return Attribute(
        name=message.name,
        type=nested.type if nested is not None else parse_type(message.type),
        nested=nested,
        description=_text(message.description, message.description_kind),
        required=message.required,
        optional=message.optional,
        computed=message.computed,
        sensitive=message.sensitive,
        write_only=message.write_only,
        deprecated=message.deprecated,
        deprecation_message=message.deprecation_message,
    )


def _text(text: str, kind: int) -> Text:
    return Text(text, kind == _MARKDOWN) if text else _NO_TEXT


def _capabilities(message: Any) -> ServerCapabilities:
    return ServerCapabilities(
        plan_destroy=message.plan_destroy,
        schema_optional=message.get_provider_schema_optional,
        move_resource_state=message.move_resource_state,
        generate_resource_config=message.generate_resource_config,
    )


def _function(name: str, message: Any) -> Function:
    result = getattr(message, "return")
    return Function(
        name=name,
        parameters=tuple(_parameter(each) for each in message.parameters),
        variadic=_parameter(message.variadic_parameter) if message.HasField("variadic_parameter") else None,
        result=parse_type(result.type),
        summary=message.summary,
        description=_text(message.description, message.description_kind),
        deprecation_message=message.deprecation_message,
    )


def _parameter(message: Any) -> Parameter:
    return Parameter(
        name=message.name,
        type=parse_type(message.type),
        allow_null=message.allow_null_value,
        allow_unknown=message.allow_unknown_values,
        description=_text(message.description, message.description_kind),
    )


def _identity(message: Any) -> IdentitySchema:
    return IdentitySchema(
        message.version,
        {
            each.name: IdentityAttribute(
                name=each.name,
                type=parse_type(each.type),
                required_for_import=each.required_for_import,
                optional_for_import=each.optional_for_import,
                description=each.description,
            )
            for each in message.identity_attributes
        },
    )
