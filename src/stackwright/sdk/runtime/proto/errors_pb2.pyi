# Written by tools/generate_stubs.py from pulumi/errors.proto; do not edit.
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorCause(_message.Message):
    __slots__ = ("message", "stackTrace")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    STACKTRACE_FIELD_NUMBER: _ClassVar[int]
    message: str
    stackTrace: str
    def __init__(self, message: _Optional[str] = ..., stackTrace: _Optional[str] = ...) -> None: ...

class InputPropertiesError(_message.Message):
    __slots__ = ("errors",)
    class PropertyError(_message.Message):
        __slots__ = ("property_path", "reason")
        PROPERTY_PATH_FIELD_NUMBER: _ClassVar[int]
        REASON_FIELD_NUMBER: _ClassVar[int]
        property_path: str
        reason: str
        def __init__(self, property_path: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    errors: _containers.RepeatedCompositeFieldContainer[InputPropertiesError.PropertyError]
    def __init__(self, errors: _Optional[_Iterable[_Union[InputPropertiesError.PropertyError, _Mapping]]] = ...) -> None: ...
