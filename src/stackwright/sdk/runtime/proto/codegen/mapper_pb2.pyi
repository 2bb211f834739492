# Written by tools/generate_stubs.py from pulumi/codegen/mapper.proto; do not edit.
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetMappingRequest(_message.Message):
    __slots__ = ("provider", "pulumi_provider", "parameterization_hint", "ecosystem")
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    PULUMI_PROVIDER_FIELD_NUMBER: _ClassVar[int]
    PARAMETERIZATION_HINT_FIELD_NUMBER: _ClassVar[int]
    ECOSYSTEM_FIELD_NUMBER: _ClassVar[int]
    provider: str
    pulumi_provider: str
    parameterization_hint: MapperParameterizationHint
    ecosystem: str
    def __init__(self, provider: _Optional[str] = ..., pulumi_provider: _Optional[str] = ..., parameterization_hint: _Optional[_Union[MapperParameterizationHint, _Mapping]] = ..., ecosystem: _Optional[str] = ...) -> None: ...

class MapperParameterizationHint(_message.Message):
    __slots__ = ("name", "version", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    value: bytes
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...

class GetMappingResponse(_message.Message):
    __slots__ = ("data",)
    DATA_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    def __init__(self, data: _Optional[bytes] = ...) -> None: ...
