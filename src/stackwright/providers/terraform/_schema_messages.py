"""
A provider's answer about itself, as a `ProviderSchema` (terraform.md §2.3, §2.4).

The answer of a large provider is 5 MB of which little is ever looked at. So it is cut
into its parts, which costs a millisecond or two, and a part is parsed when somebody
asks for that resource.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Generic, TypeVar

from stackwright.errors import StackwrightError
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

_KEY_TAG: Final = 0x0A
_VALUE_TAG: Final = 0x12


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
    parse_schema = parser(messages.Schema)
    parse_action = parser(messages.ActionSchema)
    parse_function = parser(messages.Function)
    parse_identity = parser(messages.ResourceIdentitySchema)

    def schemas(number: int) -> Mapping[str, Schema]:
        return _Lazy(maps.get(number, {}), lambda name, part: _read(name, part, parse_schema, _schema))

    return ProviderSchema(
        provider=_read("provider", single.get(_PROVIDER, b""), parse_schema, _schema),
        provider_meta=_read("provider_meta", single[_META], parse_schema, _schema)
        if _META in single
        else None,
        resources=schemas(_RESOURCES),
        data_sources=schemas(_DATA_SOURCES),
        ephemeral_resources=schemas(_EPHEMERAL),
        list_resources=schemas(_LISTS),
        actions=_Lazy(
            maps.get(_ACTIONS, {}),
            lambda name, part: _read(name, part, parse_action, lambda message: _schema(message.schema)),
        ),
        functions=_Lazy(
            maps.get(_FUNCTIONS, {}),
            lambda name, part: _read(name, part, parse_function, lambda message: _function(name, message)),
        ),
        identities=_Lazy(
            identity_maps.get(1, {}), lambda name, part: _read(name, part, parse_identity, _identity)
        ),
        capabilities=_capabilities(single.get(_CAPABILITIES, b""), messages),
        protocol=dialect.protocol,
    )


def schema_diagnostics(answer: bytes, dialect: Dialect) -> Any:
    """What a `GetProviderSchema` answer complains of."""
    return read_diagnostics(
        dialect.messages.Diagnostic.FromString(part) for part in _fields(answer, _DIAGNOSTICS)
    )


def read_functions(answer: bytes, dialect: Dialect) -> Mapping[str, Function]:
    """The functions in the bytes of a `GetFunctions` answer."""
    _, maps = _cut(answer)
    parse = parser(dialect.messages.Function)
    return _Lazy(
        maps.get(1, {}),
        lambda name, part: _read(name, part, parse, lambda message: _function(name, message)),
    )


def _read(name: str, part: bytes, parse: Callable[[bytes], Any], make: Callable[[Any], T]) -> T:
    from google.protobuf.message import DecodeError

    try:
        return make(parse(part))
    except (DecodeError, ValueError, StackwrightError) as error:
        raise MalformedSchemaError(f"The schema of `{name}` cannot be read: {error}") from error


# Cutting ----------------------------------------------------------------------------------------


def _cut(data: bytes) -> tuple[dict[int, bytes], dict[int, dict[str, bytes]]]:
    """The embedded messages of *data* by field number: those that stand alone, and maps by their keys."""
    single: dict[int, bytes] = {}
    maps: dict[int, dict[str, bytes]] = {}
    for number, start, end in _embedded(data):
        entry = _entry(data, start, end) if data[start : start + 1] == b"\x0a" else None
        single[number] = data[start:end]
        if entry is not None:
            maps.setdefault(number, {})[entry[0]] = entry[1]
    return single, maps


def _fields(data: bytes, wanted: int) -> Iterator[bytes]:
    for number, start, end in _embedded(data):
        if number == wanted:
            yield data[start:end]


def _embedded(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Number, start and end of every length-delimited field of a message."""
    position, length = 0, len(data)
    try:
        while position < length:
            tag, position = _varint(data, position)
            match tag & 7:
                case 0:
                    _, position = _varint(data, position)
                case 1:
                    position += 8
                case 2:
                    size, position = _varint(data, position)
                    yield tag >> 3, position, position + size
                    position += size
                case 5:
                    position += 4
                case _:
                    raise MalformedSchemaError("A provider's description of itself is damaged")
    except IndexError:
        position = length + 1
    if position != length:
        raise MalformedSchemaError("A provider's description of itself is cut off")


def _entry(data: bytes, start: int, end: int) -> tuple[str, bytes] | None:
    """Key and value of the map entry there, or None if it is something else."""
    key, value = "", b""
    position = start
    while position < end:
        tag = data[position]
        size, position = _varint(data, position + 1)
        part = data[position : position + size]
        position += size
        if tag == _KEY_TAG:
            try:
                key = part.decode()
            except UnicodeDecodeError:
                return None
        elif tag == _VALUE_TAG:
            value = part
        else:
            return None
    return (key, value) if position == end else None


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


# Reading ----------------------------------------------------------------------------------------


def _capabilities(part: bytes, messages: Any) -> ServerCapabilities:
    said = messages.ServerCapabilities.FromString(part)
    return ServerCapabilities(
        plan_destroy=said.plan_destroy,
        schema_optional=said.get_provider_schema_optional,
        move_resource_state=said.move_resource_state,
        generate_resource_config=said.generate_resource_config,
    )


def _schema(message: Any) -> Schema:
    return Schema(message.version, _block(message.block))


def _block(message: Any) -> Block:
    return Block(
        attributes=_attributes(message.attributes),
        blocks={each.type_name: _nested_block(each) for each in message.block_types},
        description=_text(message),
        deprecated=message.deprecated,
        deprecation_message=message.deprecation_message,
    )


def _attributes(messages: Any) -> dict[str, Attribute]:
    return {each.name: _attribute(each) for each in messages}


def _attribute(message: Any) -> Attribute:
    nested = None
    if "nested_type" in message.DESCRIPTOR.fields_by_name and message.HasField("nested_type"):
        said = message.nested_type
        nested = NestedObject(_attributes(said.attributes), Nesting(said.nesting))
    flags = {
        "name": message.name,
        "description": _text(message),
        "required": message.required,
        "optional": message.optional,
        "computed": message.computed,
        "sensitive": message.sensitive,
        "write_only": message.write_only,
        "deprecated": message.deprecated,
        "deprecation_message": message.deprecation_message,
    }
    if nested is not None:
        return Attribute(nested=nested, **flags)
    return Attribute(type=parse_type(message.type), **flags)


def _nested_block(message: Any) -> NestedBlock:
    return NestedBlock(
        name=message.type_name,
        nesting=Nesting(message.nesting),
        block=_block(message.block),
        min_items=message.min_items,
        max_items=message.max_items,
    )


def _text(message: Any) -> Text:
    return Text(message.description, message.description_kind == 1) if message.description else _NO_TEXT


_NO_TEXT: Final = Text()


def _function(name: str, message: Any) -> Function:
    result = getattr(message, "return")
    return Function(
        name=name,
        parameters=tuple(_parameter(each) for each in message.parameters),
        variadic=_parameter(message.variadic_parameter) if message.HasField("variadic_parameter") else None,
        result=parse_type(result.type),
        summary=message.summary,
        description=_text(message),
        deprecation_message=message.deprecation_message,
    )


def _parameter(message: Any) -> Parameter:
    return Parameter(
        name=message.name,
        type=parse_type(message.type),
        allow_null=message.allow_null_value,
        allow_unknown=message.allow_unknown_values,
        description=_text(message),
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
