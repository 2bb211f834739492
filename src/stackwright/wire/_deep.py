"""
Messages that are nested deeper than protobuf for Python will parse.

It gives up at a hundred messages within one another, which is 33 maps: few
programs come there, but the schemas that Kubernetes resources carry do, and the
plugins that send them know no such limit. Such a message is parsed again as a
twin class whose `Struct` keeps its members as unparsed bytes; each level is then
parsed when the codec comes to it.
"""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field
from google.protobuf.message import DecodeError as UnparsableError

from stackwright.wire._errors import DecodeError

if TYPE_CHECKING:
    from google.protobuf.descriptor import FileDescriptor

_STRUCT_FILE: Final = "google/protobuf/struct.proto"
_POOL: Final = descriptor_pool.DescriptorPool()

# The members of `google.protobuf.Value`, whose containers are bytes here.
_KINDS: Final = (
    ("null_value", Field.TYPE_INT32),
    ("number_value", Field.TYPE_DOUBLE),
    ("string_value", Field.TYPE_STRING),
    ("bool_value", Field.TYPE_BOOL),
    ("struct_value", Field.TYPE_BYTES),
    ("list_value", Field.TYPE_BYTES),
)


@cache
def deep_twin(message_class: Any) -> Any:
    """The class that parses what *message_class* parses, at any depth."""
    descriptor = message_class.DESCRIPTOR
    _add(descriptor.file)
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(descriptor.full_name))


@cache
def _add(file: FileDescriptor) -> None:
    for dependency in file.dependencies:
        _add(dependency)
    _POOL.AddSerializedFile(_struct_file() if file.name == _STRUCT_FILE else file.serialized_pb)


def _struct_file() -> bytes:
    """`struct.proto` with the same field numbers, and bytes where messages would nest."""
    file = descriptor_pb2.FileDescriptorProto(name=_STRUCT_FILE, package="google.protobuf", syntax="proto3")
    value = file.message_type.add(name="Value")
    value.oneof_decl.add(name="kind")
    for number, (name, type_) in enumerate(_KINDS, start=1):
        value.field.add(name=name, number=number, type=type_, label=Field.LABEL_OPTIONAL, oneof_index=0)
    entry = file.message_type.add(name="Entry")
    entry.field.add(name="key", number=1, type=Field.TYPE_STRING, label=Field.LABEL_OPTIONAL)
    _message_field(entry, "value", 2, "Value", Field.LABEL_OPTIONAL)
    struct = file.message_type.add(name="Struct")
    _message_field(struct, "fields", 1, "Entry", Field.LABEL_REPEATED)
    list_ = file.message_type.add(name="ListValue")
    _message_field(list_, "values", 1, "Value", Field.LABEL_REPEATED)
    return file.SerializeToString()


def _message_field(
    message: descriptor_pb2.DescriptorProto, name: str, number: int, type_: str, label: Field.Label.ValueType
) -> None:
    message.field.add(
        name=name,
        number=number,
        type=Field.TYPE_MESSAGE,
        type_name=f".google.protobuf.{type_}",
        label=label,
    )


@cache
def _twin(name: str) -> Any:
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"google.protobuf.{name}"))


def read_struct(message: Any) -> Any:
    """A Struct of either kind as one that can be read by its members."""
    return DeepStruct(message) if message.DESCRIPTOR.file.pool is _POOL else message


def read_value(message: Any) -> Any:
    """A Value of either kind as one that can be read by its members."""
    return DeepValue(message) if message.DESCRIPTOR.file.pool is _POOL else message


def _parsed(name: str, data: bytes) -> Any:
    try:
        return _twin(name).FromString(data)
    except UnparsableError:
        raise DecodeError("its bytes are no values") from None


class DeepStruct:
    """A twin's `Struct`, read the way a `Struct` is read."""

    def __init__(self, message: Any) -> None:
        self.fields = {entry.key: DeepValue(entry.value) for entry in message.fields}


class DeepList:
    """A twin's `ListValue`, read the way a `ListValue` is read."""

    def __init__(self, message: Any) -> None:
        self.values = [DeepValue(value) for value in message.values]


class DeepValue:
    """
    A twin's `Value`, read the way a `Value` is read.

    Raises our `DecodeError` when a container that is asked for is malformed.
    """

    def __init__(self, message: Any) -> None:
        self._message = message

    def WhichOneof(self, name: str) -> str | None:  # noqa: N802 - protobuf's name
        kind: str | None = self._message.WhichOneof(name)
        return kind

    @property
    def number_value(self) -> float:
        return float(self._message.number_value)

    @property
    def string_value(self) -> str:
        return str(self._message.string_value)

    @property
    def bool_value(self) -> bool:
        return bool(self._message.bool_value)

    @cached_property
    def struct_value(self) -> DeepStruct:
        return DeepStruct(_parsed("Struct", self._message.struct_value))

    @cached_property
    def list_value(self) -> DeepList:
        return DeepList(_parsed("ListValue", self._message.list_value))
