# Written by tools/generate_stubs.py from pulumi/callback.proto; do not edit.
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class Callback(_message.Message):
    __slots__ = ("target", "token", "accepts_byte_string")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    ACCEPTS_BYTE_STRING_FIELD_NUMBER: _ClassVar[int]
    target: str
    token: str
    accepts_byte_string: bool
    def __init__(self, target: _Optional[str] = ..., token: _Optional[str] = ..., accepts_byte_string: _Optional[bool] = ...) -> None: ...

class CallbackInvokeRequest(_message.Message):
    __slots__ = ("token", "request")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    token: str
    request: bytes
    def __init__(self, token: _Optional[str] = ..., request: _Optional[bytes] = ...) -> None: ...

class CallbackInvokeResponse(_message.Message):
    __slots__ = ("response",)
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    response: bytes
    def __init__(self, response: _Optional[bytes] = ...) -> None: ...
