# Written by tools/generate_stubs.py from pulumi/analyzer.proto; do not edit.
from google.protobuf import empty_pb2 as _empty_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from stackwright.sdk.runtime.proto import plugin_pb2 as _plugin_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EnforcementLevel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ADVISORY: _ClassVar[EnforcementLevel]
    MANDATORY: _ClassVar[EnforcementLevel]
    DISABLED: _ClassVar[EnforcementLevel]
    REMEDIATE: _ClassVar[EnforcementLevel]

class PolicyType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POLICY_TYPE_UNKNOWN: _ClassVar[PolicyType]
    POLICY_TYPE_RESOURCE: _ClassVar[PolicyType]
    POLICY_TYPE_STACK: _ClassVar[PolicyType]

class PolicySeverity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POLICY_SEVERITY_UNSPECIFIED: _ClassVar[PolicySeverity]
    POLICY_SEVERITY_LOW: _ClassVar[PolicySeverity]
    POLICY_SEVERITY_MEDIUM: _ClassVar[PolicySeverity]
    POLICY_SEVERITY_HIGH: _ClassVar[PolicySeverity]
    POLICY_SEVERITY_CRITICAL: _ClassVar[PolicySeverity]
ADVISORY: EnforcementLevel
MANDATORY: EnforcementLevel
DISABLED: EnforcementLevel
REMEDIATE: EnforcementLevel
POLICY_TYPE_UNKNOWN: PolicyType
POLICY_TYPE_RESOURCE: PolicyType
POLICY_TYPE_STACK: PolicyType
POLICY_SEVERITY_UNSPECIFIED: PolicySeverity
POLICY_SEVERITY_LOW: PolicySeverity
POLICY_SEVERITY_MEDIUM: PolicySeverity
POLICY_SEVERITY_HIGH: PolicySeverity
POLICY_SEVERITY_CRITICAL: PolicySeverity

class AnalyzerStackConfigureRequest(_message.Message):
    __slots__ = ("stack", "project", "organization", "dry_run", "config_secret_keys", "config", "tags")
    class ConfigEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class TagsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    STACK_FIELD_NUMBER: _ClassVar[int]
    PROJECT_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    CONFIG_SECRET_KEYS_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    stack: str
    project: str
    organization: str
    dry_run: bool
    config_secret_keys: _containers.RepeatedScalarFieldContainer[str]
    config: _containers.ScalarMap[str, str]
    tags: _containers.ScalarMap[str, str]
    def __init__(self, stack: _Optional[str] = ..., project: _Optional[str] = ..., organization: _Optional[str] = ..., dry_run: _Optional[bool] = ..., config_secret_keys: _Optional[_Iterable[str]] = ..., config: _Optional[_Mapping[str, str]] = ..., tags: _Optional[_Mapping[str, str]] = ...) -> None: ...

class AnalyzerStackConfigureResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AnalyzerHandshakeRequest(_message.Message):
    __slots__ = ("engine_address", "root_directory", "program_directory")
    ENGINE_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    ROOT_DIRECTORY_FIELD_NUMBER: _ClassVar[int]
    PROGRAM_DIRECTORY_FIELD_NUMBER: _ClassVar[int]
    engine_address: str
    root_directory: str
    program_directory: str
    def __init__(self, engine_address: _Optional[str] = ..., root_directory: _Optional[str] = ..., program_directory: _Optional[str] = ...) -> None: ...

class AnalyzerHandshakeResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AnalyzeRequest(_message.Message):
    __slots__ = ("type", "properties", "urn", "name", "options", "provider")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    URN_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    type: str
    properties: _struct_pb2.Struct
    urn: str
    name: str
    options: AnalyzerResourceOptions
    provider: AnalyzerProviderResource
    def __init__(self, type: _Optional[str] = ..., properties: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., urn: _Optional[str] = ..., name: _Optional[str] = ..., options: _Optional[_Union[AnalyzerResourceOptions, _Mapping]] = ..., provider: _Optional[_Union[AnalyzerProviderResource, _Mapping]] = ...) -> None: ...

class AnalyzerResource(_message.Message):
    __slots__ = ("type", "properties", "urn", "name", "options", "provider", "parent", "dependencies", "propertyDependencies")
    class PropertyDependenciesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: AnalyzerPropertyDependencies
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[AnalyzerPropertyDependencies, _Mapping]] = ...) -> None: ...
    TYPE_FIELD_NUMBER: _ClassVar[int]
    PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    URN_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    DEPENDENCIES_FIELD_NUMBER: _ClassVar[int]
    PROPERTYDEPENDENCIES_FIELD_NUMBER: _ClassVar[int]
    type: str
    properties: _struct_pb2.Struct
    urn: str
    name: str
    options: AnalyzerResourceOptions
    provider: AnalyzerProviderResource
    parent: str
    dependencies: _containers.RepeatedScalarFieldContainer[str]
    propertyDependencies: _containers.MessageMap[str, AnalyzerPropertyDependencies]
    def __init__(self, type: _Optional[str] = ..., properties: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., urn: _Optional[str] = ..., name: _Optional[str] = ..., options: _Optional[_Union[AnalyzerResourceOptions, _Mapping]] = ..., provider: _Optional[_Union[AnalyzerProviderResource, _Mapping]] = ..., parent: _Optional[str] = ..., dependencies: _Optional[_Iterable[str]] = ..., propertyDependencies: _Optional[_Mapping[str, AnalyzerPropertyDependencies]] = ...) -> None: ...

class AnalyzerResourceOptions(_message.Message):
    __slots__ = ("protect", "ignoreChanges", "deleteBeforeReplace", "deleteBeforeReplaceDefined", "additionalSecretOutputs", "aliases", "customTimeouts", "parent")
    class CustomTimeouts(_message.Message):
        __slots__ = ("create", "update", "delete", "read")
        CREATE_FIELD_NUMBER: _ClassVar[int]
        UPDATE_FIELD_NUMBER: _ClassVar[int]
        DELETE_FIELD_NUMBER: _ClassVar[int]
        READ_FIELD_NUMBER: _ClassVar[int]
        create: float
        update: float
        delete: float
        read: float
        def __init__(self, create: _Optional[float] = ..., update: _Optional[float] = ..., delete: _Optional[float] = ..., read: _Optional[float] = ...) -> None: ...
    PROTECT_FIELD_NUMBER: _ClassVar[int]
    IGNORECHANGES_FIELD_NUMBER: _ClassVar[int]
    DELETEBEFOREREPLACE_FIELD_NUMBER: _ClassVar[int]
    DELETEBEFOREREPLACEDEFINED_FIELD_NUMBER: _ClassVar[int]
    ADDITIONALSECRETOUTPUTS_FIELD_NUMBER: _ClassVar[int]
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    CUSTOMTIMEOUTS_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    protect: bool
    ignoreChanges: _containers.RepeatedScalarFieldContainer[str]
    deleteBeforeReplace: bool
    deleteBeforeReplaceDefined: bool
    additionalSecretOutputs: _containers.RepeatedScalarFieldContainer[str]
    aliases: _containers.RepeatedScalarFieldContainer[str]
    customTimeouts: AnalyzerResourceOptions.CustomTimeouts
    parent: str
    def __init__(self, protect: _Optional[bool] = ..., ignoreChanges: _Optional[_Iterable[str]] = ..., deleteBeforeReplace: _Optional[bool] = ..., deleteBeforeReplaceDefined: _Optional[bool] = ..., additionalSecretOutputs: _Optional[_Iterable[str]] = ..., aliases: _Optional[_Iterable[str]] = ..., customTimeouts: _Optional[_Union[AnalyzerResourceOptions.CustomTimeouts, _Mapping]] = ..., parent: _Optional[str] = ...) -> None: ...

class AnalyzerProviderResource(_message.Message):
    __slots__ = ("type", "properties", "urn", "name")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    URN_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    type: str
    properties: _struct_pb2.Struct
    urn: str
    name: str
    def __init__(self, type: _Optional[str] = ..., properties: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., urn: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class AnalyzerPropertyDependencies(_message.Message):
    __slots__ = ("urns",)
    URNS_FIELD_NUMBER: _ClassVar[int]
    urns: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, urns: _Optional[_Iterable[str]] = ...) -> None: ...

class AnalyzeStackRequest(_message.Message):
    __slots__ = ("resources",)
    RESOURCES_FIELD_NUMBER: _ClassVar[int]
    resources: _containers.RepeatedCompositeFieldContainer[AnalyzerResource]
    def __init__(self, resources: _Optional[_Iterable[_Union[AnalyzerResource, _Mapping]]] = ...) -> None: ...

class AnalyzeResponse(_message.Message):
    __slots__ = ("diagnostics", "not_applicable")
    DIAGNOSTICS_FIELD_NUMBER: _ClassVar[int]
    NOT_APPLICABLE_FIELD_NUMBER: _ClassVar[int]
    diagnostics: _containers.RepeatedCompositeFieldContainer[AnalyzeDiagnostic]
    not_applicable: _containers.RepeatedCompositeFieldContainer[PolicyNotApplicable]
    def __init__(self, diagnostics: _Optional[_Iterable[_Union[AnalyzeDiagnostic, _Mapping]]] = ..., not_applicable: _Optional[_Iterable[_Union[PolicyNotApplicable, _Mapping]]] = ...) -> None: ...

class AnalyzeDiagnostic(_message.Message):
    __slots__ = ("policyName", "policyPackName", "policyPackVersion", "description", "message", "enforcementLevel", "urn", "severity")
    POLICYNAME_FIELD_NUMBER: _ClassVar[int]
    POLICYPACKNAME_FIELD_NUMBER: _ClassVar[int]
    POLICYPACKVERSION_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ENFORCEMENTLEVEL_FIELD_NUMBER: _ClassVar[int]
    URN_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    policyName: str
    policyPackName: str
    policyPackVersion: str
    description: str
    message: str
    enforcementLevel: EnforcementLevel
    urn: str
    severity: PolicySeverity
    def __init__(self, policyName: _Optional[str] = ..., policyPackName: _Optional[str] = ..., policyPackVersion: _Optional[str] = ..., description: _Optional[str] = ..., message: _Optional[str] = ..., enforcementLevel: _Optional[_Union[EnforcementLevel, str]] = ..., urn: _Optional[str] = ..., severity: _Optional[_Union[PolicySeverity, str]] = ...) -> None: ...

class Remediation(_message.Message):
    __slots__ = ("policyName", "policyPackName", "policyPackVersion", "description", "properties", "diagnostic")
    POLICYNAME_FIELD_NUMBER: _ClassVar[int]
    POLICYPACKNAME_FIELD_NUMBER: _ClassVar[int]
    POLICYPACKVERSION_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    DIAGNOSTIC_FIELD_NUMBER: _ClassVar[int]
    policyName: str
    policyPackName: str
    policyPackVersion: str
    description: str
    properties: _struct_pb2.Struct
    diagnostic: str
    def __init__(self, policyName: _Optional[str] = ..., policyPackName: _Optional[str] = ..., policyPackVersion: _Optional[str] = ..., description: _Optional[str] = ..., properties: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., diagnostic: _Optional[str] = ...) -> None: ...

class RemediateResponse(_message.Message):
    __slots__ = ("remediations", "not_applicable")
    REMEDIATIONS_FIELD_NUMBER: _ClassVar[int]
    NOT_APPLICABLE_FIELD_NUMBER: _ClassVar[int]
    remediations: _containers.RepeatedCompositeFieldContainer[Remediation]
    not_applicable: _containers.RepeatedCompositeFieldContainer[PolicyNotApplicable]
    def __init__(self, remediations: _Optional[_Iterable[_Union[Remediation, _Mapping]]] = ..., not_applicable: _Optional[_Iterable[_Union[PolicyNotApplicable, _Mapping]]] = ...) -> None: ...

class AnalyzerInfo(_message.Message):
    __slots__ = ("name", "displayName", "policies", "version", "supportsConfig", "initialConfig", "description", "readme", "provider", "tags", "repository")
    class InitialConfigEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: PolicyConfig
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[PolicyConfig, _Mapping]] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    DISPLAYNAME_FIELD_NUMBER: _ClassVar[int]
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SUPPORTSCONFIG_FIELD_NUMBER: _ClassVar[int]
    INITIALCONFIG_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    README_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    REPOSITORY_FIELD_NUMBER: _ClassVar[int]
    name: str
    displayName: str
    policies: _containers.RepeatedCompositeFieldContainer[PolicyInfo]
    version: str
    supportsConfig: bool
    initialConfig: _containers.MessageMap[str, PolicyConfig]
    description: str
    readme: str
    provider: str
    tags: _containers.RepeatedScalarFieldContainer[str]
    repository: str
    def __init__(self, name: _Optional[str] = ..., displayName: _Optional[str] = ..., policies: _Optional[_Iterable[_Union[PolicyInfo, _Mapping]]] = ..., version: _Optional[str] = ..., supportsConfig: _Optional[bool] = ..., initialConfig: _Optional[_Mapping[str, PolicyConfig]] = ..., description: _Optional[str] = ..., readme: _Optional[str] = ..., provider: _Optional[str] = ..., tags: _Optional[_Iterable[str]] = ..., repository: _Optional[str] = ...) -> None: ...

class PolicyInfo(_message.Message):
    __slots__ = ("name", "displayName", "description", "message", "enforcementLevel", "configSchema", "policy_type", "severity", "framework", "tags", "remediation_steps", "url")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DISPLAYNAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ENFORCEMENTLEVEL_FIELD_NUMBER: _ClassVar[int]
    CONFIGSCHEMA_FIELD_NUMBER: _ClassVar[int]
    POLICY_TYPE_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    FRAMEWORK_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    REMEDIATION_STEPS_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    name: str
    displayName: str
    description: str
    message: str
    enforcementLevel: EnforcementLevel
    configSchema: PolicyConfigSchema
    policy_type: PolicyType
    severity: PolicySeverity
    framework: PolicyComplianceFramework
    tags: _containers.RepeatedScalarFieldContainer[str]
    remediation_steps: str
    url: str
    def __init__(self, name: _Optional[str] = ..., displayName: _Optional[str] = ..., description: _Optional[str] = ..., message: _Optional[str] = ..., enforcementLevel: _Optional[_Union[EnforcementLevel, str]] = ..., configSchema: _Optional[_Union[PolicyConfigSchema, _Mapping]] = ..., policy_type: _Optional[_Union[PolicyType, str]] = ..., severity: _Optional[_Union[PolicySeverity, str]] = ..., framework: _Optional[_Union[PolicyComplianceFramework, _Mapping]] = ..., tags: _Optional[_Iterable[str]] = ..., remediation_steps: _Optional[str] = ..., url: _Optional[str] = ...) -> None: ...

class PolicyConfigSchema(_message.Message):
    __slots__ = ("properties", "required")
    PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    properties: _struct_pb2.Struct
    required: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, properties: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., required: _Optional[_Iterable[str]] = ...) -> None: ...

class PolicyConfig(_message.Message):
    __slots__ = ("enforcementLevel", "properties")
    ENFORCEMENTLEVEL_FIELD_NUMBER: _ClassVar[int]
    PROPERTIES_FIELD_NUMBER: _ClassVar[int]
    enforcementLevel: EnforcementLevel
    properties: _struct_pb2.Struct
    def __init__(self, enforcementLevel: _Optional[_Union[EnforcementLevel, str]] = ..., properties: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class ConfigureAnalyzerRequest(_message.Message):
    __slots__ = ("policyConfig",)
    class PolicyConfigEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: PolicyConfig
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[PolicyConfig, _Mapping]] = ...) -> None: ...
    POLICYCONFIG_FIELD_NUMBER: _ClassVar[int]
    policyConfig: _containers.MessageMap[str, PolicyConfig]
    def __init__(self, policyConfig: _Optional[_Mapping[str, PolicyConfig]] = ...) -> None: ...

class PolicyComplianceFramework(_message.Message):
    __slots__ = ("name", "version", "reference", "specification")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    SPECIFICATION_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    reference: str
    specification: str
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., reference: _Optional[str] = ..., specification: _Optional[str] = ...) -> None: ...

class PolicyNotApplicable(_message.Message):
    __slots__ = ("policy_name", "reason")
    POLICY_NAME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    policy_name: str
    reason: str
    def __init__(self, policy_name: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...
