# Written by tools/generate_stubs.py from pulumi/converter.proto; do not edit.
from google.protobuf import struct_pb2 as _struct_pb2
from stackwright.sdk.runtime.proto.codegen import hcl_pb2 as _hcl_pb2
from stackwright.sdk.runtime.proto.codegen import loader_pb2 as _loader_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ConvertStateRequest(_message.Message):
    __slots__ = ("mapper_target", "args", "loader_target", "resolver_target")
    MAPPER_TARGET_FIELD_NUMBER: _ClassVar[int]
    ARGS_FIELD_NUMBER: _ClassVar[int]
    LOADER_TARGET_FIELD_NUMBER: _ClassVar[int]
    RESOLVER_TARGET_FIELD_NUMBER: _ClassVar[int]
    mapper_target: str
    args: _containers.RepeatedScalarFieldContainer[str]
    loader_target: str
    resolver_target: str
    def __init__(self, mapper_target: _Optional[str] = ..., args: _Optional[_Iterable[str]] = ..., loader_target: _Optional[str] = ..., resolver_target: _Optional[str] = ...) -> None: ...

class ResourceImport(_message.Message):
    __slots__ = ("type", "name", "id", "version", "pluginDownloadURL", "logical_name", "is_component", "is_remote", "parameterization", "extension", "parent", "properties", "provider", "inputs", "outputs")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PLUGINDOWNLOADURL_FIELD_NUMBER: _ClassVar[int]
    LOGICAL_NAME_FIELD_NUMBER: _ClassVar[int]
    IS_COMPONENT_FIELD_NUMBER: _ClassVar[int]
    IS_REMOTE_FIELD_NUMBER: _ClassVar[int]
    PARAMETERIZATION_FIELD_NUMBER: _ClassVar[int]
    EXTENSION_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    type: str
    name: str
    id: str
    version: str
    pluginDownloadURL: str
    logical_name: str
    is_component: bool
    is_remote: bool
    parameterization: ResourceParameterization
    extension: ResourceExtension
    parent: str
    properties: _containers.RepeatedScalarFieldContainer[str]
    provider: str
    inputs: _struct_pb2.Struct
    outputs: _struct_pb2.Struct
    def __init__(self, type: _Optional[str] = ..., name: _Optional[str] = ..., id: _Optional[str] = ..., version: _Optional[str] = ..., pluginDownloadURL: _Optional[str] = ..., logical_name: _Optional[str] = ..., is_component: _Optional[bool] = ..., is_remote: _Optional[bool] = ..., parameterization: _Optional[_Union[ResourceParameterization, _Mapping]] = ..., extension: _Optional[_Union[ResourceExtension, _Mapping]] = ..., parent: _Optional[str] = ..., properties: _Optional[_Iterable[str]] = ..., provider: _Optional[str] = ..., inputs: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., outputs: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class ResourceParameterization(_message.Message):
    __slots__ = ("plugin_name", "plugin_version", "value")
    PLUGIN_NAME_FIELD_NUMBER: _ClassVar[int]
    PLUGIN_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    plugin_name: str
    plugin_version: str
    value: bytes
    def __init__(self, plugin_name: _Optional[str] = ..., plugin_version: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...

class ResourceExtension(_message.Message):
    __slots__ = ("name", "version", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    value: bytes
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...

class ConvertStateResponse(_message.Message):
    __slots__ = ("resources", "diagnostics")
    RESOURCES_FIELD_NUMBER: _ClassVar[int]
    DIAGNOSTICS_FIELD_NUMBER: _ClassVar[int]
    resources: _containers.RepeatedCompositeFieldContainer[ResourceImport]
    diagnostics: _containers.RepeatedCompositeFieldContainer[_hcl_pb2.Diagnostic]
    def __init__(self, resources: _Optional[_Iterable[_Union[ResourceImport, _Mapping]]] = ..., diagnostics: _Optional[_Iterable[_Union[_hcl_pb2.Diagnostic, _Mapping]]] = ...) -> None: ...

class ConvertProgramRequest(_message.Message):
    __slots__ = ("source_directory", "target_directory", "mapper_target", "loader_target", "args", "generated_project_directory")
    SOURCE_DIRECTORY_FIELD_NUMBER: _ClassVar[int]
    TARGET_DIRECTORY_FIELD_NUMBER: _ClassVar[int]
    MAPPER_TARGET_FIELD_NUMBER: _ClassVar[int]
    LOADER_TARGET_FIELD_NUMBER: _ClassVar[int]
    ARGS_FIELD_NUMBER: _ClassVar[int]
    GENERATED_PROJECT_DIRECTORY_FIELD_NUMBER: _ClassVar[int]
    source_directory: str
    target_directory: str
    mapper_target: str
    loader_target: str
    args: _containers.RepeatedScalarFieldContainer[str]
    generated_project_directory: str
    def __init__(self, source_directory: _Optional[str] = ..., target_directory: _Optional[str] = ..., mapper_target: _Optional[str] = ..., loader_target: _Optional[str] = ..., args: _Optional[_Iterable[str]] = ..., generated_project_directory: _Optional[str] = ...) -> None: ...

class ConvertProgramResponse(_message.Message):
    __slots__ = ("diagnostics",)
    DIAGNOSTICS_FIELD_NUMBER: _ClassVar[int]
    diagnostics: _containers.RepeatedCompositeFieldContainer[_hcl_pb2.Diagnostic]
    def __init__(self, diagnostics: _Optional[_Iterable[_Union[_hcl_pb2.Diagnostic, _Mapping]]] = ...) -> None: ...

class ConvertSnippetRequest(_message.Message):
    __slots__ = ("filename", "source", "target_loader", "package", "token", "attributes", "resources")
    class ResourceReference(_message.Message):
        __slots__ = ("token", "package")
        TOKEN_FIELD_NUMBER: _ClassVar[int]
        PACKAGE_FIELD_NUMBER: _ClassVar[int]
        token: str
        package: _loader_pb2.GetSchemaRequest
        def __init__(self, token: _Optional[str] = ..., package: _Optional[_Union[_loader_pb2.GetSchemaRequest, _Mapping]] = ...) -> None: ...
    class AttributesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class ResourcesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: ConvertSnippetRequest.ResourceReference
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[ConvertSnippetRequest.ResourceReference, _Mapping]] = ...) -> None: ...
    FILENAME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TARGET_LOADER_FIELD_NUMBER: _ClassVar[int]
    PACKAGE_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    RESOURCES_FIELD_NUMBER: _ClassVar[int]
    filename: str
    source: bytes
    target_loader: str
    package: _loader_pb2.GetSchemaRequest
    token: str
    attributes: _containers.ScalarMap[str, str]
    resources: _containers.MessageMap[str, ConvertSnippetRequest.ResourceReference]
    def __init__(self, filename: _Optional[str] = ..., source: _Optional[bytes] = ..., target_loader: _Optional[str] = ..., package: _Optional[_Union[_loader_pb2.GetSchemaRequest, _Mapping]] = ..., token: _Optional[str] = ..., attributes: _Optional[_Mapping[str, str]] = ..., resources: _Optional[_Mapping[str, ConvertSnippetRequest.ResourceReference]] = ...) -> None: ...

class ConvertSnippetResponse(_message.Message):
    __slots__ = ("diagnostics", "filename", "source", "attributes", "resource_names")
    class AttributesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class ResourceNamesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    DIAGNOSTICS_FIELD_NUMBER: _ClassVar[int]
    FILENAME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_NAMES_FIELD_NUMBER: _ClassVar[int]
    diagnostics: _containers.RepeatedCompositeFieldContainer[_hcl_pb2.Diagnostic]
    filename: str
    source: bytes
    attributes: _containers.ScalarMap[str, str]
    resource_names: _containers.ScalarMap[str, str]
    def __init__(self, diagnostics: _Optional[_Iterable[_Union[_hcl_pb2.Diagnostic, _Mapping]]] = ..., filename: _Optional[str] = ..., source: _Optional[bytes] = ..., attributes: _Optional[_Mapping[str, str]] = ..., resource_names: _Optional[_Mapping[str, str]] = ...) -> None: ...
