# Written by tools/generate_stubs.py from pulumi/engine.proto; do not edit.
from google.protobuf import empty_pb2 as _empty_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LogSeverity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DEBUG: _ClassVar[LogSeverity]
    INFO: _ClassVar[LogSeverity]
    WARNING: _ClassVar[LogSeverity]
    ERROR: _ClassVar[LogSeverity]
DEBUG: LogSeverity
INFO: LogSeverity
WARNING: LogSeverity
ERROR: LogSeverity

class LogRequest(_message.Message):
    __slots__ = ("severity", "message", "urn", "streamId", "ephemeral")
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    URN_FIELD_NUMBER: _ClassVar[int]
    STREAMID_FIELD_NUMBER: _ClassVar[int]
    EPHEMERAL_FIELD_NUMBER: _ClassVar[int]
    severity: LogSeverity
    message: str
    urn: str
    streamId: int
    ephemeral: bool
    def __init__(self, severity: _Optional[_Union[LogSeverity, str]] = ..., message: _Optional[str] = ..., urn: _Optional[str] = ..., streamId: _Optional[int] = ..., ephemeral: _Optional[bool] = ...) -> None: ...

class GetRootResourceRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetRootResourceResponse(_message.Message):
    __slots__ = ("urn",)
    URN_FIELD_NUMBER: _ClassVar[int]
    urn: str
    def __init__(self, urn: _Optional[str] = ...) -> None: ...

class SetRootResourceRequest(_message.Message):
    __slots__ = ("urn",)
    URN_FIELD_NUMBER: _ClassVar[int]
    urn: str
    def __init__(self, urn: _Optional[str] = ...) -> None: ...

class SetRootResourceResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StartDebuggingRequest(_message.Message):
    __slots__ = ("config", "message")
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    config: _struct_pb2.Struct
    message: str
    def __init__(self, config: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., message: _Optional[str] = ...) -> None: ...

class RequirePulumiVersionRequest(_message.Message):
    __slots__ = ("pulumi_version_range",)
    PULUMI_VERSION_RANGE_FIELD_NUMBER: _ClassVar[int]
    pulumi_version_range: str
    def __init__(self, pulumi_version_range: _Optional[str] = ...) -> None: ...

class RequirePulumiVersionResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
