# Written by tools/generate_stubs.py from pulumi/resource_status.proto; do not edit.
from google.protobuf import struct_pb2 as _struct_pb2
from stackwright.sdk.runtime.proto import provider_pb2 as _provider_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PublishViewStepsRequest(_message.Message):
    __slots__ = ("token", "steps")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    token: str
    steps: _containers.RepeatedCompositeFieldContainer[ViewStep]
    def __init__(self, token: _Optional[str] = ..., steps: _Optional[_Iterable[_Union[ViewStep, _Mapping]]] = ...) -> None: ...

class PublishViewStepsResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ViewStep(_message.Message):
    __slots__ = ("status", "error", "op", "type", "name", "old", "new", "keys", "diffs", "detailed_diff", "has_detailed_diff")
    class Op(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        UNSPECIFIED: _ClassVar[ViewStep.Op]
        SAME: _ClassVar[ViewStep.Op]
        CREATE: _ClassVar[ViewStep.Op]
        UPDATE: _ClassVar[ViewStep.Op]
        DELETE: _ClassVar[ViewStep.Op]
        REPLACE: _ClassVar[ViewStep.Op]
        CREATE_REPLACEMENT: _ClassVar[ViewStep.Op]
        DELETE_REPLACED: _ClassVar[ViewStep.Op]
        READ: _ClassVar[ViewStep.Op]
        READ_REPLACEMENT: _ClassVar[ViewStep.Op]
        REFRESH: _ClassVar[ViewStep.Op]
        READ_DISCARD: _ClassVar[ViewStep.Op]
        DISCARD_REPLACED: _ClassVar[ViewStep.Op]
        REMOVE_PENDING_REPLACE: _ClassVar[ViewStep.Op]
        IMPORT: _ClassVar[ViewStep.Op]
        IMPORT_REPLACEMENT: _ClassVar[ViewStep.Op]
    UNSPECIFIED: ViewStep.Op
    SAME: ViewStep.Op
    CREATE: ViewStep.Op
    UPDATE: ViewStep.Op
    DELETE: ViewStep.Op
    REPLACE: ViewStep.Op
    CREATE_REPLACEMENT: ViewStep.Op
    DELETE_REPLACED: ViewStep.Op
    READ: ViewStep.Op
    READ_REPLACEMENT: ViewStep.Op
    REFRESH: ViewStep.Op
    READ_DISCARD: ViewStep.Op
    DISCARD_REPLACED: ViewStep.Op
    REMOVE_PENDING_REPLACE: ViewStep.Op
    IMPORT: ViewStep.Op
    IMPORT_REPLACEMENT: ViewStep.Op
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        OK: _ClassVar[ViewStep.Status]
        PARTIAL_FAILURE: _ClassVar[ViewStep.Status]
        UNKNOWN: _ClassVar[ViewStep.Status]
    OK: ViewStep.Status
    PARTIAL_FAILURE: ViewStep.Status
    UNKNOWN: ViewStep.Status
    class DetailedDiffEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _provider_pb2.PropertyDiff
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_provider_pb2.PropertyDiff, _Mapping]] = ...) -> None: ...
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    OP_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    OLD_FIELD_NUMBER: _ClassVar[int]
    NEW_FIELD_NUMBER: _ClassVar[int]
    KEYS_FIELD_NUMBER: _ClassVar[int]
    DIFFS_FIELD_NUMBER: _ClassVar[int]
    DETAILED_DIFF_FIELD_NUMBER: _ClassVar[int]
    HAS_DETAILED_DIFF_FIELD_NUMBER: _ClassVar[int]
    status: ViewStep.Status
    error: str
    op: ViewStep.Op
    type: str
    name: str
    old: ViewStepState
    new: ViewStepState
    keys: _containers.RepeatedScalarFieldContainer[str]
    diffs: _containers.RepeatedScalarFieldContainer[str]
    detailed_diff: _containers.MessageMap[str, _provider_pb2.PropertyDiff]
    has_detailed_diff: bool
    def __init__(self, status: _Optional[_Union[ViewStep.Status, str]] = ..., error: _Optional[str] = ..., op: _Optional[_Union[ViewStep.Op, str]] = ..., type: _Optional[str] = ..., name: _Optional[str] = ..., old: _Optional[_Union[ViewStepState, _Mapping]] = ..., new: _Optional[_Union[ViewStepState, _Mapping]] = ..., keys: _Optional[_Iterable[str]] = ..., diffs: _Optional[_Iterable[str]] = ..., detailed_diff: _Optional[_Mapping[str, _provider_pb2.PropertyDiff]] = ..., has_detailed_diff: _Optional[bool] = ...) -> None: ...

class ViewStepState(_message.Message):
    __slots__ = ("type", "name", "parent_type", "parent_name", "inputs", "outputs")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PARENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    PARENT_NAME_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    type: str
    name: str
    parent_type: str
    parent_name: str
    inputs: _struct_pb2.Struct
    outputs: _struct_pb2.Struct
    def __init__(self, type: _Optional[str] = ..., name: _Optional[str] = ..., parent_type: _Optional[str] = ..., parent_name: _Optional[str] = ..., inputs: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., outputs: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...
