"""
What programs import: `import stackwright`, `import pulumi`, `import khulnasoft`.

Decides how a program looks: outputs and what is derived from them, resources and
their options, configuration, functions, hooks; and how a program is run
(`run_program`). The names and their behaviour are those of the `pulumi` package
(sdk.md), so that programs and provider packages that exist work unmodified.

Leaves to others: everything that happens to a resource after it was asked for. The
deployment is known as a `stackwright.monitor.Monitor` and no more. May import `wire`
(lazily) and the vocabulary; never the engine.
"""

from typing import TYPE_CHECKING, Final

from stackwright.environment import TRACEPARENT
from stackwright.lazy import on_first_use
from stackwright.sdk import config as _config_module  # noqa: F401 # `pulumi.config` is a module too
from stackwright.sdk import log, metadata, runtime
from stackwright.sdk import urn as _urn_module  # noqa: F401 # `pulumi.urn` is a module
from stackwright.sdk._types import MISSING, get, getter, input_type, output_type, property, set
from stackwright.sdk.asset import (
    Archive,
    Asset,
    AssetArchive,
    FileArchive,
    FileAsset,
    RemoteArchive,
    RemoteAsset,
    StringAsset,
)
from stackwright.sdk.config import Config, ConfigMissingError, ConfigTypeError
from stackwright.sdk.deprecated import deprecated
from stackwright.sdk.errors import (
    InputPropertiesError,
    InputPropertyError,
    InputPropertyErrorDetails,
    RunError,
)
from stackwright.sdk.invoke import (
    InvokeOptions,
    InvokeOutputOptions,
    InvokeTransform,
    InvokeTransformArgs,
    InvokeTransformResult,
)
from stackwright.sdk.log import debug, error, info, warn
from stackwright.sdk.metadata import (
    get_organization,
    get_project,
    get_root_directory,
    get_stack,
    require_pulumi_version,
)
from stackwright.sdk.output import (
    UNKNOWN,
    Input,
    Inputs,
    InputType,
    Output,
    contains_unknowns,
    deferred_output,
)
from stackwright.sdk.resource import (
    ROOT_STACK_RESOURCE,
    Alias,
    ComponentResource,
    CustomResource,
    CustomTimeouts,
    ProviderResource,
    Resource,
    ResourceOptions,
    ResourceTransform,
    ResourceTransformArgs,
    ResourceTransformation,
    ResourceTransformationArgs,
    ResourceTransformationResult,
    ResourceTransformResult,
    StateMigration,
    StateMigrationArgs,
    StateMigrationResult,
    create_urn,
    export,
)
from stackwright.sdk.runtime.stack import run
from stackwright.sdk.type_token import get_type_token, type_token

if TYPE_CHECKING:
    from stackwright.sdk import dynamic, policy
    from stackwright.sdk._program import Outcome, ProgramError, ProgramResult, run_program
    from stackwright.sdk._remotely import report_end, run_remotely
    from stackwright.sdk._waiting import program_waits
    from stackwright.sdk.python_provider import ProvidedResource, Provider
    from stackwright.sdk.resource_hooks import (
        ErrorHook,
        ErrorHookArgs,
        ErrorHookFunction,
        ResourceHook,
        ResourceHookArgs,
        ResourceHookBinding,
        ResourceHookFunction,
        ResourceHookOptions,
        error_hook,
        resource_hook,
    )
    from stackwright.sdk.stack_reference import StackReference, StackReferenceOutputDetails
    from stackwright.sdk.stash import Stash

if TRACEPARENT.is_set():
    from stackwright import tracing

    tracing.begin()

_LATER: Final = {
    "_program": ("Outcome", "ProgramError", "ProgramResult", "run_program"),
    "_remotely": ("report_end", "run_remotely"),
    "_waiting": ("program_waits",),
    "python_provider": ("ProvidedResource", "Provider"),
    "resource_hooks": (
        "ErrorHook",
        "ErrorHookArgs",
        "ErrorHookFunction",
        "ResourceHook",
        "ResourceHookArgs",
        "ResourceHookBinding",
        "ResourceHookFunction",
        "ResourceHookOptions",
        "error_hook",
        "resource_hook",
    ),
    "stack_reference": ("StackReference", "StackReferenceOutputDetails"),
    "stash": ("Stash",),
}
"""Names that most programs never use, by the modules that are loaded when they do."""

_MODULES_LATER: Final = ("dynamic", "policy", "python_provider", "resource_hooks", "stack_reference", "stash")
"""Modules that programs find here without importing them."""

__getattr__ = on_first_use(__name__, _LATER, whole=_MODULES_LATER)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES_LATER})


__all__ = [
    "MISSING",
    "ROOT_STACK_RESOURCE",
    "UNKNOWN",
    "Alias",
    "Archive",
    "Asset",
    "AssetArchive",
    "ComponentResource",
    "Config",
    "ConfigMissingError",
    "ConfigTypeError",
    "CustomResource",
    "CustomTimeouts",
    "ErrorHook",
    "ErrorHookArgs",
    "ErrorHookFunction",
    "FileArchive",
    "FileAsset",
    "Input",
    "InputPropertiesError",
    "InputPropertyError",
    "InputPropertyErrorDetails",
    "InputType",
    "Inputs",
    "InvokeOptions",
    "InvokeOutputOptions",
    "InvokeTransform",
    "InvokeTransformArgs",
    "InvokeTransformResult",
    "Outcome",
    "Output",
    "ProgramError",
    "ProgramResult",
    "ProvidedResource",
    "Provider",
    "ProviderResource",
    "RemoteArchive",
    "RemoteAsset",
    "Resource",
    "ResourceHook",
    "ResourceHookArgs",
    "ResourceHookBinding",
    "ResourceHookFunction",
    "ResourceHookOptions",
    "ResourceOptions",
    "ResourceTransform",
    "ResourceTransformArgs",
    "ResourceTransformResult",
    "ResourceTransformation",
    "ResourceTransformationArgs",
    "ResourceTransformationResult",
    "RunError",
    "StackReference",
    "StackReferenceOutputDetails",
    "Stash",
    "StateMigration",
    "StateMigrationArgs",
    "StateMigrationResult",
    "StringAsset",
    "contains_unknowns",
    "create_urn",
    "debug",
    "deferred_output",
    "deprecated",
    "dynamic",
    "error",
    "error_hook",
    "export",
    "get",
    "get_organization",
    "get_project",
    "get_root_directory",
    "get_stack",
    "get_type_token",
    "getter",
    "info",
    "input_type",
    "log",
    "metadata",
    "output_type",
    "policy",
    "program_waits",
    "property",
    "report_end",
    "require_pulumi_version",
    "resource_hook",
    "run",
    "run_program",
    "run_remotely",
    "runtime",
    "set",
    "type_token",
    "warn",
]
