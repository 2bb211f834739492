# Written by tools/generate_stubs.py from pulumi/source.proto; do not edit.
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SourcePosition(_message.Message):
    __slots__ = ("uri", "line", "column")
    URI_FIELD_NUMBER: _ClassVar[int]
    LINE_FIELD_NUMBER: _ClassVar[int]
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    uri: str
    line: int
    column: int
    def __init__(self, uri: _Optional[str] = ..., line: _Optional[int] = ..., column: _Optional[int] = ...) -> None: ...

class StackFrame(_message.Message):
    __slots__ = ("pc",)
    PC_FIELD_NUMBER: _ClassVar[int]
    pc: SourcePosition
    def __init__(self, pc: _Optional[_Union[SourcePosition, _Mapping]] = ...) -> None: ...

class StackTrace(_message.Message):
    __slots__ = ("frames",)
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    frames: _containers.RepeatedCompositeFieldContainer[StackFrame]
    def __init__(self, frames: _Optional[_Iterable[_Union[StackFrame, _Mapping]]] = ...) -> None: ...
