# Written by tools/generate_stubs.py from pulumi/resource.proto; do not edit.
from google.protobuf import empty_pb2 as _empty_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from stackwright.sdk.runtime.proto import alias_pb2 as _alias_pb2
from stackwright.sdk.runtime.proto import callback_pb2 as _callback_pb2
from stackwright.sdk.runtime.proto import provider_pb2 as _provider_pb2
from stackwright.sdk.runtime.proto import source_pb2 as _source_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ResourceMonitorFeature(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESOURCE_MONITOR_FEATURE_SECRETS: _ClassVar[ResourceMonitorFeature]
    RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES: _ClassVar[ResourceMonitorFeature]
    RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES: _ClassVar[ResourceMonitorFeature]
    RESOURCE_MONITOR_FEATURE_ALIAS_SPECS: _ClassVar[ResourceMonitorFeature]
    RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER: _ClassVar[ResourceMonitorFeature]
    RESOURCE_MONITOR_FEATURE_DELETED_WITH: _ClassVar[ResourceMonitorFeature]
    RESOURCE_MONITOR_FEATURE_REPLACE_WITH: _ClassVar[ResourceMonitorFeature]
    RESOURCE_MONITOR_FEATURE_TRANSFORMS: _ClassVar[ResourceMonitorFeature]
    RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS: _ClassVar[ResourceMonitorFeature]
    RESOURCE_MONITOR_FEATURE_PARAMETERIZATION: _ClassVar[ResourceMonitorFeature]
    RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS: _ClassVar[ResourceMonitorFeature]
    RESOURCE_MONITOR_FEATURE_ERROR_HOOKS: _ClassVar[ResourceMonitorFeature]
    RESOURCE_MONITOR_FEATURE_SENDS_OPTIONS_TO_HOOKS: _ClassVar[ResourceMonitorFeature]
    RESOURCE_MONITOR_FEATURE_BYTE_STRING: _ClassVar[ResourceMonitorFeature]
    RESOURCE_MONITOR_FEATURE_INVOKE_DEPENDS_ON: _ClassVar[ResourceMonitorFeature]
    RESOURCE_MONITOR_FEATURE_INVOKE_PARENT: _ClassVar[ResourceMonitorFeature]
    RESOURCE_MONITOR_FEATURE_STATE_MIGRATIONS: _ClassVar[ResourceMonitorFeature]
    RESOURCE_MONITOR_FEATURE_INVOKE_OUTPUT_VALUES: _ClassVar[ResourceMonitorFeature]
    RESOURCE_MONITOR_FEATURE_CALL_OUTPUT_VALUES: _ClassVar[ResourceMonitorFeature]

class Result(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SUCCESS: _ClassVar[Result]
    FAIL: _ClassVar[Result]
    SKIP: _ClassVar[Result]
RESOURCE_MONITOR_FEATURE_SECRETS: ResourceMonitorFeature
RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES: ResourceMonitorFeature
RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES: ResourceMonitorFeature
RESOURCE_MONITOR_FEATURE_ALIAS_SPECS: ResourceMonitorFeature
RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER: ResourceMonitorFeature
RESOURCE_MONITOR_FEATURE_DELETED_WITH: ResourceMonitorFeature
RESOURCE_MONITOR_FEATURE_REPLACE_WITH: ResourceMonitorFeature
RESOURCE_MONITOR_FEATURE_TRANSFORMS: ResourceMonitorFeature
RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS: ResourceMonitorFeature
RESOURCE_MONITOR_FEATURE_PARAMETERIZATION: ResourceMonitorFeature
RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS: ResourceMonitorFeature
RESOURCE_MONITOR_FEATURE_ERROR_HOOKS: ResourceMonitorFeature
RESOURCE_MONITOR_FEATURE_SENDS_OPTIONS_TO_HOOKS: ResourceMonitorFeature
RESOURCE_MONITOR_FEATURE_BYTE_STRING: ResourceMonitorFeature
RESOURCE_MONITOR_FEATURE_INVOKE_DEPENDS_ON: ResourceMonitorFeature
RESOURCE_MONITOR_FEATURE_INVOKE_PARENT: ResourceMonitorFeature
RESOURCE_MONITOR_FEATURE_STATE_MIGRATIONS: ResourceMonitorFeature
RESOURCE_MONITOR_FEATURE_INVOKE_OUTPUT_VALUES: ResourceMonitorFeature
RESOURCE_MONITOR_FEATURE_CALL_OUTPUT_VALUES: ResourceMonitorFeature
SUCCESS: Result
FAIL: Result
SKIP: Result

class DeploymentInfo(_message.Message):
    __slots__ = ("project", "stack", "organization", "config", "configSecretKeys", "dryRun", "parallel", "supportedFeatures")
    class ConfigEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    STACK_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    CONFIGSECRETKEYS_FIELD_NUMBER: _ClassVar[int]
    DRYRUN_FIELD_NUMBER: _ClassVar[int]
    PARALLEL_FIELD_NUMBER: _ClassVar[int]
    SUPPORTEDFEATURES_FIELD_NUMBER: _ClassVar[int]
    project: str
    stack: str
    organization: str
    config: _containers.ScalarMap[str, str]
    configSecretKeys: _containers.RepeatedScalarFieldContainer[str]
    dryRun: bool
    parallel: int
    supportedFeatures: _containers.RepeatedScalarFieldContainer[ResourceMonitorFeature]
    def __init__(self, project: _Optional[str] = ..., stack: _Optional[str] = ..., organization: _Optional[str] = ..., config: _Optional[_Mapping[str, str]] = ..., configSecretKeys: _Optional[_Iterable[str]] = ..., dryRun: _Optional[bool] = ..., parallel: _Optional[int] = ..., supportedFeatures: _Optional[_Iterable[_Union[ResourceMonitorFeature, str]]] = ...) -> None: ...

class SupportsFeatureRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class SupportsFeatureResponse(_message.Message):
    __slots__ = ("hasSupport",)
    HASSUPPORT_FIELD_NUMBER: _ClassVar[int]
    hasSupport: bool
    def __init__(self, hasSupport: _Optional[bool] = ...) -> None: ...

class ReadResourceRequest(_message.Message):
    __slots__ = ("id", "type", "name", "parent", "properties", "dependencies", "provider", "version", "acceptSecrets", "additionalSecretOutputs", "acceptResources", "pluginDownloadURL", "pluginChecksums", "sourcePosition", "stackTrace", "parentStackTraceHandle", "packageRef", "accepts_byte_string")
    class PluginChecksumsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bytes
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    DEPENDENCIES_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ACCEPTSECRETS_FIELD_NUMBER: _ClassVar[int]
    ADDITIONALSECRETOUTPUTS_FIELD_NUMBER: _ClassVar[int]
    ACCEPTRESOURCES_FIELD_NUMBER: _ClassVar[int]
    PLUGINDOWNLOADURL_FIELD_NUMBER: _ClassVar[int]
    PLUGINCHECKSUMS_FIELD_NUMBER: _ClassVar[int]
    SOURCEPOSITION_FIELD_NUMBER: _ClassVar[int]
    STACKTRACE_FIELD_NUMBER: _ClassVar[int]
    PARENTSTACKTRACEHANDLE_FIELD_NUMBER: _ClassVar[int]
    PACKAGEREF_FIELD_NUMBER: _ClassVar[int]
    ACCEPTS_BYTE_STRING_FIELD_NUMBER: _ClassVar[int]
    id: str
    type: str
    name: str
    parent: str
    properties: _struct_pb2.Struct
    dependencies: _containers.RepeatedScalarFieldContainer[str]
    provider: str
    version: str
    acceptSecrets: bool
    additionalSecretOutputs: _containers.RepeatedScalarFieldContainer[str]
    acceptResources: bool
    pluginDownloadURL: str
    pluginChecksums: _containers.ScalarMap[str, bytes]
    sourcePosition: _source_pb2.SourcePosition
    stackTrace: _source_pb2.StackTrace
    parentStackTraceHandle: str
    packageRef: str
    accepts_byte_string: bool
    def __init__(self, id: _Optional[str] = ..., type: _Optional[str] = ..., name: _Optional[str] = ..., parent: _Optional[str] = ..., properties: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., dependencies: _Optional[_Iterable[str]] = ..., provider: _Optional[str] = ..., version: _Optional[str] = ..., acceptSecrets: _Optional[bool] = ..., additionalSecretOutputs: _Optional[_Iterable[str]] = ..., acceptResources: _Optional[bool] = ..., pluginDownloadURL: _Optional[str] = ..., pluginChecksums: _Optional[_Mapping[str, bytes]] = ..., sourcePosition: _Optional[_Union[_source_pb2.SourcePosition, _Mapping]] = ..., stackTrace: _Optional[_Union[_source_pb2.StackTrace, _Mapping]] = ..., parentStackTraceHandle: _Optional[str] = ..., packageRef: _Optional[str] = ..., accepts_byte_string: _Optional[bool] = ...) -> None: ...

class ReadResourceResponse(_message.Message):
    __slots__ = ("urn", "properties", "result", "unknown", "id")
    URN_FIELD_NUMBER: _ClassVar[int]
    PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    urn: str
    properties: _struct_pb2.Struct
    result: Result
    unknown: bool
    id: str
    def __init__(self, urn: _Optional[str] = ..., properties: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., result: _Optional[_Union[Result, str]] = ..., unknown: _Optional[bool] = ..., id: _Optional[str] = ...) -> None: ...

class ExistsResourceRequest(_message.Message):
    __slots__ = ("type", "id", "parent", "properties", "provider", "version", "pluginDownloadURL", "pluginChecksums", "packageRef")
    class PluginChecksumsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bytes
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...
    TYPE_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PLUGINDOWNLOADURL_FIELD_NUMBER: _ClassVar[int]
    PLUGINCHECKSUMS_FIELD_NUMBER: _ClassVar[int]
    PACKAGEREF_FIELD_NUMBER: _ClassVar[int]
    type: str
    id: str
    parent: str
    properties: _struct_pb2.Struct
    provider: str
    version: str
    pluginDownloadURL: str
    pluginChecksums: _containers.ScalarMap[str, bytes]
    packageRef: str
    def __init__(self, type: _Optional[str] = ..., id: _Optional[str] = ..., parent: _Optional[str] = ..., properties: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., provider: _Optional[str] = ..., version: _Optional[str] = ..., pluginDownloadURL: _Optional[str] = ..., pluginChecksums: _Optional[_Mapping[str, bytes]] = ..., packageRef: _Optional[str] = ...) -> None: ...

class ExistsResourceResponse(_message.Message):
    __slots__ = ("exists", "unknown")
    EXISTS_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    exists: bool
    unknown: bool
    def __init__(self, exists: _Optional[bool] = ..., unknown: _Optional[bool] = ...) -> None: ...

class RegisterResourceRequest(_message.Message):
    __slots__ = ("type", "name", "parent", "custom", "object", "protect", "dependencies", "provider", "propertyDependencies", "deleteBeforeReplace", "version", "ignoreChanges", "acceptSecrets", "additionalSecretOutputs", "aliasURNs", "importId", "customTimeouts", "deleteBeforeReplaceDefined", "supportsPartialValues", "remote", "acceptResources", "providers", "replaceOnChanges", "pluginDownloadURL", "pluginChecksums", "retainOnDelete", "aliases", "deletedWith", "replace_with", "replacement_trigger", "aliasSpecs", "sourcePosition", "stackTrace", "parentStackTraceHandle", "transforms", "supportsResultReporting", "packageRef", "hooks", "hideDiffs", "envVarMappings", "snippetId", "accepts_byte_string", "state_migrations")
    class PropertyDependencies(_message.Message):
        __slots__ = ("urns",)
        URNS_FIELD_NUMBER: _ClassVar[int]
        urns: _containers.RepeatedScalarFieldContainer[str]
        def __init__(self, urns: _Optional[_Iterable[str]] = ...) -> None: ...
    class CustomTimeouts(_message.Message):
        __slots__ = ("create", "update", "delete", "read")
        CREATE_FIELD_NUMBER: _ClassVar[int]
        UPDATE_FIELD_NUMBER: _ClassVar[int]
        DELETE_FIELD_NUMBER: _ClassVar[int]
        READ_FIELD_NUMBER: _ClassVar[int]
        create: str
        update: str
        delete: str
        read: str
        def __init__(self, create: _Optional[str] = ..., update: _Optional[str] = ..., delete: _Optional[str] = ..., read: _Optional[str] = ...) -> None: ...
    class ResourceHooksBinding(_message.Message):
        __slots__ = ("before_create", "after_create", "before_update", "after_update", "before_delete", "after_delete", "on_error")
        BEFORE_CREATE_FIELD_NUMBER: _ClassVar[int]
        AFTER_CREATE_FIELD_NUMBER: _ClassVar[int]
        BEFORE_UPDATE_FIELD_NUMBER: _ClassVar[int]
        AFTER_UPDATE_FIELD_NUMBER: _ClassVar[int]
        BEFORE_DELETE_FIELD_NUMBER: _ClassVar[int]
        AFTER_DELETE_FIELD_NUMBER: _ClassVar[int]
        ON_ERROR_FIELD_NUMBER: _ClassVar[int]
        before_create: _containers.RepeatedScalarFieldContainer[str]
        after_create: _containers.RepeatedScalarFieldContainer[str]
        before_update: _containers.RepeatedScalarFieldContainer[str]
        after_update: _containers.RepeatedScalarFieldContainer[str]
        before_delete: _containers.RepeatedScalarFieldContainer[str]
        after_delete: _containers.RepeatedScalarFieldContainer[str]
        on_error: _containers.RepeatedScalarFieldContainer[str]
        def __init__(self, before_create: _Optional[_Iterable[str]] = ..., after_create: _Optional[_Iterable[str]] = ..., before_update: _Optional[_Iterable[str]] = ..., after_update: _Optional[_Iterable[str]] = ..., before_delete: _Optional[_Iterable[str]] = ..., after_delete: _Optional[_Iterable[str]] = ..., on_error: _Optional[_Iterable[str]] = ...) -> None: ...
    class PropertyDependenciesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: RegisterResourceRequest.PropertyDependencies
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[RegisterResourceRequest.PropertyDependencies, _Mapping]] = ...) -> None: ...
    class ProvidersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class PluginChecksumsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bytes
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...
    class EnvVarMappingsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_FIELD_NUMBER: _ClassVar[int]
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    PROTECT_FIELD_NUMBER: _ClassVar[int]
    DEPENDENCIES_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    PROPERTYDEPENDENCIES_FIELD_NUMBER: _ClassVar[int]
    DELETEBEFOREREPLACE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    IGNORECHANGES_FIELD_NUMBER: _ClassVar[int]
    ACCEPTSECRETS_FIELD_NUMBER: _ClassVar[int]
    ADDITIONALSECRETOUTPUTS_FIELD_NUMBER: _ClassVar[int]
    ALIASURNS_FIELD_NUMBER: _ClassVar[int]
    IMPORTID_FIELD_NUMBER: _ClassVar[int]
    CUSTOMTIMEOUTS_FIELD_NUMBER: _ClassVar[int]
    DELETEBEFOREREPLACEDEFINED_FIELD_NUMBER: _ClassVar[int]
    SUPPORTSPARTIALVALUES_FIELD_NUMBER: _ClassVar[int]
    REMOTE_FIELD_NUMBER: _ClassVar[int]
    ACCEPTRESOURCES_FIELD_NUMBER: _ClassVar[int]
    PROVIDERS_FIELD_NUMBER: _ClassVar[int]
    REPLACEONCHANGES_FIELD_NUMBER: _ClassVar[int]
    PLUGINDOWNLOADURL_FIELD_NUMBER: _ClassVar[int]
    PLUGINCHECKSUMS_FIELD_NUMBER: _ClassVar[int]
    RETAINONDELETE_FIELD_NUMBER: _ClassVar[int]
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    DELETEDWITH_FIELD_NUMBER: _ClassVar[int]
    REPLACE_WITH_FIELD_NUMBER: _ClassVar[int]
    REPLACEMENT_TRIGGER_FIELD_NUMBER: _ClassVar[int]
    ALIASSPECS_FIELD_NUMBER: _ClassVar[int]
    SOURCEPOSITION_FIELD_NUMBER: _ClassVar[int]
    STACKTRACE_FIELD_NUMBER: _ClassVar[int]
    PARENTSTACKTRACEHANDLE_FIELD_NUMBER: _ClassVar[int]
    TRANSFORMS_FIELD_NUMBER: _ClassVar[int]
    SUPPORTSRESULTREPORTING_FIELD_NUMBER: _ClassVar[int]
    PACKAGEREF_FIELD_NUMBER: _ClassVar[int]
    HOOKS_FIELD_NUMBER: _ClassVar[int]
    HIDEDIFFS_FIELD_NUMBER: _ClassVar[int]
    ENVVARMAPPINGS_FIELD_NUMBER: _ClassVar[int]
    SNIPPETID_FIELD_NUMBER: _ClassVar[int]
    ACCEPTS_BYTE_STRING_FIELD_NUMBER: _ClassVar[int]
    STATE_MIGRATIONS_FIELD_NUMBER: _ClassVar[int]
    type: str
    name: str
    parent: str
    custom: bool
    object: _struct_pb2.Struct
    protect: bool
    dependencies: _containers.RepeatedScalarFieldContainer[str]
    provider: str
    propertyDependencies: _containers.MessageMap[str, RegisterResourceRequest.PropertyDependencies]
    deleteBeforeReplace: bool
    version: str
    ignoreChanges: _containers.RepeatedScalarFieldContainer[str]
    acceptSecrets: bool
    additionalSecretOutputs: _containers.RepeatedScalarFieldContainer[str]
    aliasURNs: _containers.RepeatedScalarFieldContainer[str]
    importId: str
    customTimeouts: RegisterResourceRequest.CustomTimeouts
    deleteBeforeReplaceDefined: bool
    supportsPartialValues: bool
    remote: bool
    acceptResources: bool
    providers: _containers.ScalarMap[str, str]
    replaceOnChanges: _containers.RepeatedScalarFieldContainer[str]
    pluginDownloadURL: str
    pluginChecksums: _containers.ScalarMap[str, bytes]
    retainOnDelete: bool
    aliases: _containers.RepeatedCompositeFieldContainer[_alias_pb2.Alias]
    deletedWith: str
    replace_with: _containers.RepeatedScalarFieldContainer[str]
    replacement_trigger: _struct_pb2.Value
    aliasSpecs: bool
    sourcePosition: _source_pb2.SourcePosition
    stackTrace: _source_pb2.StackTrace
    parentStackTraceHandle: str
    transforms: _containers.RepeatedCompositeFieldContainer[_callback_pb2.Callback]
    supportsResultReporting: bool
    packageRef: str
    hooks: RegisterResourceRequest.ResourceHooksBinding
    hideDiffs: _containers.RepeatedScalarFieldContainer[str]
    envVarMappings: _containers.ScalarMap[str, str]
    snippetId: str
    accepts_byte_string: bool
    state_migrations: _containers.RepeatedCompositeFieldContainer[_callback_pb2.Callback]
    def __init__(self, type: _Optional[str] = ..., name: _Optional[str] = ..., parent: _Optional[str] = ..., custom: _Optional[bool] = ..., object: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., protect: _Optional[bool] = ..., dependencies: _Optional[_Iterable[str]] = ..., provider: _Optional[str] = ..., propertyDependencies: _Optional[_Mapping[str, RegisterResourceRequest.PropertyDependencies]] = ..., deleteBeforeReplace: _Optional[bool] = ..., version: _Optional[str] = ..., ignoreChanges: _Optional[_Iterable[str]] = ..., acceptSecrets: _Optional[bool] = ..., additionalSecretOutputs: _Optional[_Iterable[str]] = ..., aliasURNs: _Optional[_Iterable[str]] = ..., importId: _Optional[str] = ..., customTimeouts: _Optional[_Union[RegisterResourceRequest.CustomTimeouts, _Mapping]] = ..., deleteBeforeReplaceDefined: _Optional[bool] = ..., supportsPartialValues: _Optional[bool] = ..., remote: _Optional[bool] = ..., acceptResources: _Optional[bool] = ..., providers: _Optional[_Mapping[str, str]] = ..., replaceOnChanges: _Optional[_Iterable[str]] = ..., pluginDownloadURL: _Optional[str] = ..., pluginChecksums: _Optional[_Mapping[str, bytes]] = ..., retainOnDelete: _Optional[bool] = ..., aliases: _Optional[_Iterable[_Union[_alias_pb2.Alias, _Mapping]]] = ..., deletedWith: _Optional[str] = ..., replace_with: _Optional[_Iterable[str]] = ..., replacement_trigger: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., aliasSpecs: _Optional[bool] = ..., sourcePosition: _Optional[_Union[_source_pb2.SourcePosition, _Mapping]] = ..., stackTrace: _Optional[_Union[_source_pb2.StackTrace, _Mapping]] = ..., parentStackTraceHandle: _Optional[str] = ..., transforms: _Optional[_Iterable[_Union[_callback_pb2.Callback, _Mapping]]] = ..., supportsResultReporting: _Optional[bool] = ..., packageRef: _Optional[str] = ..., hooks: _Optional[_Union[RegisterResourceRequest.ResourceHooksBinding, _Mapping]] = ..., hideDiffs: _Optional[_Iterable[str]] = ..., envVarMappings: _Optional[_Mapping[str, str]] = ..., snippetId: _Optional[str] = ..., accepts_byte_string: _Optional[bool] = ..., state_migrations: _Optional[_Iterable[_Union[_callback_pb2.Callback, _Mapping]]] = ...) -> None: ...

class RegisterResourceResponse(_message.Message):
    __slots__ = ("urn", "id", "object", "stable", "stables", "propertyDependencies", "result", "unknown")
    class PropertyDependencies(_message.Message):
        __slots__ = ("urns",)
        URNS_FIELD_NUMBER: _ClassVar[int]
        urns: _containers.RepeatedScalarFieldContainer[str]
        def __init__(self, urns: _Optional[_Iterable[str]] = ...) -> None: ...
    class PropertyDependenciesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: RegisterResourceResponse.PropertyDependencies
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[RegisterResourceResponse.PropertyDependencies, _Mapping]] = ...) -> None: ...
    URN_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    STABLE_FIELD_NUMBER: _ClassVar[int]
    STABLES_FIELD_NUMBER: _ClassVar[int]
    PROPERTYDEPENDENCIES_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    urn: str
    id: str
    object: _struct_pb2.Struct
    stable: bool
    stables: _containers.RepeatedScalarFieldContainer[str]
    propertyDependencies: _containers.MessageMap[str, RegisterResourceResponse.PropertyDependencies]
    result: Result
    unknown: bool
    def __init__(self, urn: _Optional[str] = ..., id: _Optional[str] = ..., object: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., stable: _Optional[bool] = ..., stables: _Optional[_Iterable[str]] = ..., propertyDependencies: _Optional[_Mapping[str, RegisterResourceResponse.PropertyDependencies]] = ..., result: _Optional[_Union[Result, str]] = ..., unknown: _Optional[bool] = ...) -> None: ...

class RegisterResourceOutputsRequest(_message.Message):
    __slots__ = ("urn", "outputs")
    URN_FIELD_NUMBER: _ClassVar[int]
    OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    urn: str
    outputs: _struct_pb2.Struct
    def __init__(self, urn: _Optional[str] = ..., outputs: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class ResourceInvokeRequest(_message.Message):
    __slots__ = ("tok", "args", "provider", "version", "acceptResources", "pluginDownloadURL", "pluginChecksums", "sourcePosition", "stackTrace", "parentStackTraceHandle", "packageRef", "accepts_byte_string", "dependsOn", "parent", "accept_output_values")
    class PluginChecksumsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bytes
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...
    TOK_FIELD_NUMBER: _ClassVar[int]
    ARGS_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ACCEPTRESOURCES_FIELD_NUMBER: _ClassVar[int]
    PLUGINDOWNLOADURL_FIELD_NUMBER: _ClassVar[int]
    PLUGINCHECKSUMS_FIELD_NUMBER: _ClassVar[int]
    SOURCEPOSITION_FIELD_NUMBER: _ClassVar[int]
    STACKTRACE_FIELD_NUMBER: _ClassVar[int]
    PARENTSTACKTRACEHANDLE_FIELD_NUMBER: _ClassVar[int]
    PACKAGEREF_FIELD_NUMBER: _ClassVar[int]
    ACCEPTS_BYTE_STRING_FIELD_NUMBER: _ClassVar[int]
    DEPENDSON_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_OUTPUT_VALUES_FIELD_NUMBER: _ClassVar[int]
    tok: str
    args: _struct_pb2.Struct
    provider: str
    version: str
    acceptResources: bool
    pluginDownloadURL: str
    pluginChecksums: _containers.ScalarMap[str, bytes]
    sourcePosition: _source_pb2.SourcePosition
    stackTrace: _source_pb2.StackTrace
    parentStackTraceHandle: str
    packageRef: str
    accepts_byte_string: bool
    dependsOn: _containers.RepeatedScalarFieldContainer[str]
    parent: str
    accept_output_values: bool
    def __init__(self, tok: _Optional[str] = ..., args: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., provider: _Optional[str] = ..., version: _Optional[str] = ..., acceptResources: _Optional[bool] = ..., pluginDownloadURL: _Optional[str] = ..., pluginChecksums: _Optional[_Mapping[str, bytes]] = ..., sourcePosition: _Optional[_Union[_source_pb2.SourcePosition, _Mapping]] = ..., stackTrace: _Optional[_Union[_source_pb2.StackTrace, _Mapping]] = ..., parentStackTraceHandle: _Optional[str] = ..., packageRef: _Optional[str] = ..., accepts_byte_string: _Optional[bool] = ..., dependsOn: _Optional[_Iterable[str]] = ..., parent: _Optional[str] = ..., accept_output_values: _Optional[bool] = ...) -> None: ...

class ResourceInvokeResponse(_message.Message):
    __slots__ = ("failures", "unknown")
    RETURN_FIELD_NUMBER: _ClassVar[int]
    FAILURES_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    failures: _containers.RepeatedCompositeFieldContainer[_provider_pb2.CheckFailure]
    unknown: bool
    def __init__(self, failures: _Optional[_Iterable[_Union[_provider_pb2.CheckFailure, _Mapping]]] = ..., unknown: _Optional[bool] = ..., **kwargs) -> None: ...

class ResourceCallRequest(_message.Message):
    __slots__ = ("tok", "args", "argDependencies", "provider", "version", "pluginDownloadURL", "pluginChecksums", "sourcePosition", "stackTrace", "parentStackTraceHandle", "packageRef", "accepts_byte_string", "accept_output_values")
    class ArgumentDependencies(_message.Message):
        __slots__ = ("urns",)
        URNS_FIELD_NUMBER: _ClassVar[int]
        urns: _containers.RepeatedScalarFieldContainer[str]
        def __init__(self, urns: _Optional[_Iterable[str]] = ...) -> None: ...
    class ArgDependenciesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: ResourceCallRequest.ArgumentDependencies
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[ResourceCallRequest.ArgumentDependencies, _Mapping]] = ...) -> None: ...
    class PluginChecksumsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bytes
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...
    TOK_FIELD_NUMBER: _ClassVar[int]
    ARGS_FIELD_NUMBER: _ClassVar[int]
    ARGDEPENDENCIES_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PLUGINDOWNLOADURL_FIELD_NUMBER: _ClassVar[int]
    PLUGINCHECKSUMS_FIELD_NUMBER: _ClassVar[int]
    SOURCEPOSITION_FIELD_NUMBER: _ClassVar[int]
    STACKTRACE_FIELD_NUMBER: _ClassVar[int]
    PARENTSTACKTRACEHANDLE_FIELD_NUMBER: _ClassVar[int]
    PACKAGEREF_FIELD_NUMBER: _ClassVar[int]
    ACCEPTS_BYTE_STRING_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_OUTPUT_VALUES_FIELD_NUMBER: _ClassVar[int]
    tok: str
    args: _struct_pb2.Struct
    argDependencies: _containers.MessageMap[str, ResourceCallRequest.ArgumentDependencies]
    provider: str
    version: str
    pluginDownloadURL: str
    pluginChecksums: _containers.ScalarMap[str, bytes]
    sourcePosition: _source_pb2.SourcePosition
    stackTrace: _source_pb2.StackTrace
    parentStackTraceHandle: str
    packageRef: str
    accepts_byte_string: bool
    accept_output_values: bool
    def __init__(self, tok: _Optional[str] = ..., args: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., argDependencies: _Optional[_Mapping[str, ResourceCallRequest.ArgumentDependencies]] = ..., provider: _Optional[str] = ..., version: _Optional[str] = ..., pluginDownloadURL: _Optional[str] = ..., pluginChecksums: _Optional[_Mapping[str, bytes]] = ..., sourcePosition: _Optional[_Union[_source_pb2.SourcePosition, _Mapping]] = ..., stackTrace: _Optional[_Union[_source_pb2.StackTrace, _Mapping]] = ..., parentStackTraceHandle: _Optional[str] = ..., packageRef: _Optional[str] = ..., accepts_byte_string: _Optional[bool] = ..., accept_output_values: _Optional[bool] = ...) -> None: ...

class TransformResourceOptions(_message.Message):
    __slots__ = ("depends_on", "protect", "ignore_changes", "replace_on_changes", "version", "aliases", "provider", "custom_timeouts", "plugin_download_url", "retain_on_delete", "deleted_with", "delete_before_replace", "additional_secret_outputs", "providers", "plugin_checksums", "hooks", "hide_diff", "replace_with", "replacement_trigger")
    class ProvidersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class PluginChecksumsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bytes
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...
    DEPENDS_ON_FIELD_NUMBER: _ClassVar[int]
    PROTECT_FIELD_NUMBER: _ClassVar[int]
    IGNORE_CHANGES_FIELD_NUMBER: _ClassVar[int]
    REPLACE_ON_CHANGES_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_TIMEOUTS_FIELD_NUMBER: _ClassVar[int]
    PLUGIN_DOWNLOAD_URL_FIELD_NUMBER: _ClassVar[int]
    RETAIN_ON_DELETE_FIELD_NUMBER: _ClassVar[int]
    DELETED_WITH_FIELD_NUMBER: _ClassVar[int]
    DELETE_BEFORE_REPLACE_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_SECRET_OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    PROVIDERS_FIELD_NUMBER: _ClassVar[int]
    PLUGIN_CHECKSUMS_FIELD_NUMBER: _ClassVar[int]
    HOOKS_FIELD_NUMBER: _ClassVar[int]
    IMPORT_FIELD_NUMBER: _ClassVar[int]
    HIDE_DIFF_FIELD_NUMBER: _ClassVar[int]
    REPLACE_WITH_FIELD_NUMBER: _ClassVar[int]
    REPLACEMENT_TRIGGER_FIELD_NUMBER: _ClassVar[int]
    depends_on: _containers.RepeatedScalarFieldContainer[str]
    protect: bool
    ignore_changes: _containers.RepeatedScalarFieldContainer[str]
    replace_on_changes: _containers.RepeatedScalarFieldContainer[str]
    version: str
    aliases: _containers.RepeatedCompositeFieldContainer[_alias_pb2.Alias]
    provider: str
    custom_timeouts: RegisterResourceRequest.CustomTimeouts
    plugin_download_url: str
    retain_on_delete: bool
    deleted_with: str
    delete_before_replace: bool
    additional_secret_outputs: _containers.RepeatedScalarFieldContainer[str]
    providers: _containers.ScalarMap[str, str]
    plugin_checksums: _containers.ScalarMap[str, bytes]
    hooks: RegisterResourceRequest.ResourceHooksBinding
    hide_diff: _containers.RepeatedScalarFieldContainer[str]
    replace_with: _containers.RepeatedScalarFieldContainer[str]
    replacement_trigger: _struct_pb2.Value
    def __init__(self, depends_on: _Optional[_Iterable[str]] = ..., protect: _Optional[bool] = ..., ignore_changes: _Optional[_Iterable[str]] = ..., replace_on_changes: _Optional[_Iterable[str]] = ..., version: _Optional[str] = ..., aliases: _Optional[_Iterable[_Union[_alias_pb2.Alias, _Mapping]]] = ..., provider: _Optional[str] = ..., custom_timeouts: _Optional[_Union[RegisterResourceRequest.CustomTimeouts, _Mapping]] = ..., plugin_download_url: _Optional[str] = ..., retain_on_delete: _Optional[bool] = ..., deleted_with: _Optional[str] = ..., delete_before_replace: _Optional[bool] = ..., additional_secret_outputs: _Optional[_Iterable[str]] = ..., providers: _Optional[_Mapping[str, str]] = ..., plugin_checksums: _Optional[_Mapping[str, bytes]] = ..., hooks: _Optional[_Union[RegisterResourceRequest.ResourceHooksBinding, _Mapping]] = ..., hide_diff: _Optional[_Iterable[str]] = ..., replace_with: _Optional[_Iterable[str]] = ..., replacement_trigger: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., **kwargs) -> None: ...

class ResourceOptions(_message.Message):
    __slots__ = ("depends_on", "protect", "ignore_changes", "replace_on_changes", "version", "aliases", "provider", "custom_timeouts", "plugin_download_url", "retain_on_delete", "deleted_with", "delete_before_replace", "additional_secret_outputs", "providers", "plugin_checksums", "hooks", "hide_diff", "replace_with", "replacement_trigger", "parent")
    class ProvidersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class PluginChecksumsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bytes
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...
    DEPENDS_ON_FIELD_NUMBER: _ClassVar[int]
    PROTECT_FIELD_NUMBER: _ClassVar[int]
    IGNORE_CHANGES_FIELD_NUMBER: _ClassVar[int]
    REPLACE_ON_CHANGES_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_TIMEOUTS_FIELD_NUMBER: _ClassVar[int]
    PLUGIN_DOWNLOAD_URL_FIELD_NUMBER: _ClassVar[int]
    RETAIN_ON_DELETE_FIELD_NUMBER: _ClassVar[int]
    DELETED_WITH_FIELD_NUMBER: _ClassVar[int]
    DELETE_BEFORE_REPLACE_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_SECRET_OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    PROVIDERS_FIELD_NUMBER: _ClassVar[int]
    PLUGIN_CHECKSUMS_FIELD_NUMBER: _ClassVar[int]
    HOOKS_FIELD_NUMBER: _ClassVar[int]
    IMPORT_FIELD_NUMBER: _ClassVar[int]
    HIDE_DIFF_FIELD_NUMBER: _ClassVar[int]
    REPLACE_WITH_FIELD_NUMBER: _ClassVar[int]
    REPLACEMENT_TRIGGER_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    depends_on: _containers.RepeatedScalarFieldContainer[str]
    protect: bool
    ignore_changes: _containers.RepeatedScalarFieldContainer[str]
    replace_on_changes: _containers.RepeatedScalarFieldContainer[str]
    version: str
    aliases: _containers.RepeatedCompositeFieldContainer[_alias_pb2.Alias]
    provider: str
    custom_timeouts: RegisterResourceRequest.CustomTimeouts
    plugin_download_url: str
    retain_on_delete: bool
    deleted_with: str
    delete_before_replace: bool
    additional_secret_outputs: _containers.RepeatedScalarFieldContainer[str]
    providers: _containers.ScalarMap[str, str]
    plugin_checksums: _containers.ScalarMap[str, bytes]
    hooks: RegisterResourceRequest.ResourceHooksBinding
    hide_diff: _containers.RepeatedScalarFieldContainer[str]
    replace_with: _containers.RepeatedScalarFieldContainer[str]
    replacement_trigger: _struct_pb2.Value
    parent: str
    def __init__(self, depends_on: _Optional[_Iterable[str]] = ..., protect: _Optional[bool] = ..., ignore_changes: _Optional[_Iterable[str]] = ..., replace_on_changes: _Optional[_Iterable[str]] = ..., version: _Optional[str] = ..., aliases: _Optional[_Iterable[_Union[_alias_pb2.Alias, _Mapping]]] = ..., provider: _Optional[str] = ..., custom_timeouts: _Optional[_Union[RegisterResourceRequest.CustomTimeouts, _Mapping]] = ..., plugin_download_url: _Optional[str] = ..., retain_on_delete: _Optional[bool] = ..., deleted_with: _Optional[str] = ..., delete_before_replace: _Optional[bool] = ..., additional_secret_outputs: _Optional[_Iterable[str]] = ..., providers: _Optional[_Mapping[str, str]] = ..., plugin_checksums: _Optional[_Mapping[str, bytes]] = ..., hooks: _Optional[_Union[RegisterResourceRequest.ResourceHooksBinding, _Mapping]] = ..., hide_diff: _Optional[_Iterable[str]] = ..., replace_with: _Optional[_Iterable[str]] = ..., replacement_trigger: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., parent: _Optional[str] = ..., **kwargs) -> None: ...

class TransformRequest(_message.Message):
    __slots__ = ("type", "name", "custom", "parent", "properties", "options")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    type: str
    name: str
    custom: bool
    parent: str
    properties: _struct_pb2.Struct
    options: TransformResourceOptions
    def __init__(self, type: _Optional[str] = ..., name: _Optional[str] = ..., custom: _Optional[bool] = ..., parent: _Optional[str] = ..., properties: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., options: _Optional[_Union[TransformResourceOptions, _Mapping]] = ...) -> None: ...

class TransformResponse(_message.Message):
    __slots__ = ("properties", "options")
    PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    properties: _struct_pb2.Struct
    options: TransformResourceOptions
    def __init__(self, properties: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., options: _Optional[_Union[TransformResourceOptions, _Mapping]] = ...) -> None: ...

class TransformInvokeRequest(_message.Message):
    __slots__ = ("token", "args", "options")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    ARGS_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    token: str
    args: _struct_pb2.Struct
    options: TransformInvokeOptions
    def __init__(self, token: _Optional[str] = ..., args: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., options: _Optional[_Union[TransformInvokeOptions, _Mapping]] = ...) -> None: ...

class TransformInvokeResponse(_message.Message):
    __slots__ = ("args", "options")
    ARGS_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    args: _struct_pb2.Struct
    options: TransformInvokeOptions
    def __init__(self, args: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., options: _Optional[_Union[TransformInvokeOptions, _Mapping]] = ...) -> None: ...

class TransformInvokeOptions(_message.Message):
    __slots__ = ("provider", "plugin_download_url", "version", "plugin_checksums")
    class PluginChecksumsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bytes
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    PLUGIN_DOWNLOAD_URL_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PLUGIN_CHECKSUMS_FIELD_NUMBER: _ClassVar[int]
    provider: str
    plugin_download_url: str
    version: str
    plugin_checksums: _containers.ScalarMap[str, bytes]
    def __init__(self, provider: _Optional[str] = ..., plugin_download_url: _Optional[str] = ..., version: _Optional[str] = ..., plugin_checksums: _Optional[_Mapping[str, bytes]] = ...) -> None: ...

class StateMigrationRequest(_message.Message):
    __slots__ = ("urn", "old_state")
    URN_FIELD_NUMBER: _ClassVar[int]
    OLD_STATE_FIELD_NUMBER: _ClassVar[int]
    urn: str
    old_state: bytes
    def __init__(self, urn: _Optional[str] = ..., old_state: _Optional[bytes] = ...) -> None: ...

class StateMigrationResponse(_message.Message):
    __slots__ = ("new_state", "successors")
    class SuccessorsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NEW_STATE_FIELD_NUMBER: _ClassVar[int]
    SUCCESSORS_FIELD_NUMBER: _ClassVar[int]
    new_state: bytes
    successors: _containers.ScalarMap[str, str]
    def __init__(self, new_state: _Optional[bytes] = ..., successors: _Optional[_Mapping[str, str]] = ...) -> None: ...

class ResourceHookRequest(_message.Message):
    __slots__ = ("urn", "id", "name", "type", "new_inputs", "old_inputs", "new_outputs", "old_outputs", "old_options", "new_options")
    URN_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NEW_INPUTS_FIELD_NUMBER: _ClassVar[int]
    OLD_INPUTS_FIELD_NUMBER: _ClassVar[int]
    NEW_OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    OLD_OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    OLD_OPTIONS_FIELD_NUMBER: _ClassVar[int]
    NEW_OPTIONS_FIELD_NUMBER: _ClassVar[int]
    urn: str
    id: str
    name: str
    type: str
    new_inputs: _struct_pb2.Struct
    old_inputs: _struct_pb2.Struct
    new_outputs: _struct_pb2.Struct
    old_outputs: _struct_pb2.Struct
    old_options: ResourceOptions
    new_options: ResourceOptions
    def __init__(self, urn: _Optional[str] = ..., id: _Optional[str] = ..., name: _Optional[str] = ..., type: _Optional[str] = ..., new_inputs: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., old_inputs: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., new_outputs: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., old_outputs: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., old_options: _Optional[_Union[ResourceOptions, _Mapping]] = ..., new_options: _Optional[_Union[ResourceOptions, _Mapping]] = ...) -> None: ...

class ResourceHookResponse(_message.Message):
    __slots__ = ("error",)
    ERROR_FIELD_NUMBER: _ClassVar[int]
    error: str
    def __init__(self, error: _Optional[str] = ...) -> None: ...

class ErrorHookRequest(_message.Message):
    __slots__ = ("urn", "id", "name", "type", "new_inputs", "old_inputs", "old_outputs", "failed_operation", "errors", "old_options", "new_options")
    URN_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NEW_INPUTS_FIELD_NUMBER: _ClassVar[int]
    OLD_INPUTS_FIELD_NUMBER: _ClassVar[int]
    OLD_OUTPUTS_FIELD_NUMBER: _ClassVar[int]
    FAILED_OPERATION_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    OLD_OPTIONS_FIELD_NUMBER: _ClassVar[int]
    NEW_OPTIONS_FIELD_NUMBER: _ClassVar[int]
    urn: str
    id: str
    name: str
    type: str
    new_inputs: _struct_pb2.Struct
    old_inputs: _struct_pb2.Struct
    old_outputs: _struct_pb2.Struct
    failed_operation: str
    errors: _containers.RepeatedScalarFieldContainer[str]
    old_options: ResourceOptions
    new_options: ResourceOptions
    def __init__(self, urn: _Optional[str] = ..., id: _Optional[str] = ..., name: _Optional[str] = ..., type: _Optional[str] = ..., new_inputs: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., old_inputs: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., old_outputs: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., failed_operation: _Optional[str] = ..., errors: _Optional[_Iterable[str]] = ..., old_options: _Optional[_Union[ResourceOptions, _Mapping]] = ..., new_options: _Optional[_Union[ResourceOptions, _Mapping]] = ...) -> None: ...

class ErrorHookResponse(_message.Message):
    __slots__ = ("error", "retry")
    ERROR_FIELD_NUMBER: _ClassVar[int]
    RETRY_FIELD_NUMBER: _ClassVar[int]
    error: str
    retry: bool
    def __init__(self, error: _Optional[str] = ..., retry: _Optional[bool] = ...) -> None: ...

class RegisterPackageRequest(_message.Message):
    __slots__ = ("name", "version", "download_url", "checksums", "parameterization", "extension")
    class ChecksumsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bytes
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DOWNLOAD_URL_FIELD_NUMBER: _ClassVar[int]
    CHECKSUMS_FIELD_NUMBER: _ClassVar[int]
    PARAMETERIZATION_FIELD_NUMBER: _ClassVar[int]
    EXTENSION_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    download_url: str
    checksums: _containers.ScalarMap[str, bytes]
    parameterization: Parameterization
    extension: Parameterization
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., download_url: _Optional[str] = ..., checksums: _Optional[_Mapping[str, bytes]] = ..., parameterization: _Optional[_Union[Parameterization, _Mapping]] = ..., extension: _Optional[_Union[Parameterization, _Mapping]] = ...) -> None: ...

class RegisterPackageResponse(_message.Message):
    __slots__ = ("ref",)
    REF_FIELD_NUMBER: _ClassVar[int]
    ref: str
    def __init__(self, ref: _Optional[str] = ...) -> None: ...

class Parameterization(_message.Message):
    __slots__ = ("name", "version", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    value: bytes
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., value: _Optional[bytes] = ...) -> None: ...

class RegisterResourceHookRequest(_message.Message):
    __slots__ = ("name", "callback", "on_dry_run", "ignore_errors")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CALLBACK_FIELD_NUMBER: _ClassVar[int]
    ON_DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    IGNORE_ERRORS_FIELD_NUMBER: _ClassVar[int]
    name: str
    callback: _callback_pb2.Callback
    on_dry_run: bool
    ignore_errors: bool
    def __init__(self, name: _Optional[str] = ..., callback: _Optional[_Union[_callback_pb2.Callback, _Mapping]] = ..., on_dry_run: _Optional[bool] = ..., ignore_errors: _Optional[bool] = ...) -> None: ...

class RegisterErrorHookRequest(_message.Message):
    __slots__ = ("name", "callback")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CALLBACK_FIELD_NUMBER: _ClassVar[int]
    name: str
    callback: _callback_pb2.Callback
    def __init__(self, name: _Optional[str] = ..., callback: _Optional[_Union[_callback_pb2.Callback, _Mapping]] = ...) -> None: ...
