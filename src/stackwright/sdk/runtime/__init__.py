"""
The SDK's runtime, under the names that provider packages and tests use (sdk.md §16).

Decides nothing itself: re-exports what the modules below it decide. May import
whatever `stackwright.sdk` may.
"""

from importlib import import_module
from types import ModuleType
from typing import Final

from stackwright.sdk.runtime._existence import exists_resource
from stackwright.sdk.runtime._json import to_json
from stackwright.sdk.runtime.config import (
    get_config,
    get_config_env,
    get_config_env_key,
    get_config_secret_keys_env,
    is_config_secret,
    set_all_config,
    set_config,
)
from stackwright.sdk.runtime.invoke import (
    call,
    call_single,
    invoke,
    invoke_async,
    invoke_output,
    invoke_output_single,
    invoke_single,
)
from stackwright.sdk.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks, set_mocks, test
from stackwright.sdk.runtime.rpc import (
    ResourceModule,
    ResourcePackage,
    register_resource_module,
    register_resource_package,
)
from stackwright.sdk.runtime.settings import (
    Settings,
    configure,
    get_root_directory,
    get_root_resource,
    is_dry_run,
    register_package,
    require_pulumi_version,
    reset_options,
)
from stackwright.sdk.runtime.stack import (
    register_invoke_transform,
    register_resource_transform,
    register_stack_transform,
    register_stack_transformation,
    run_in_stack,
)

_LATER: Final = frozenset({"known_types", "resource", "resource_cycle_breaker", "sync_await"})
"""Modules that programs find here without importing them, and most programs never look for."""


def __getattr__(name: str) -> ModuleType:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")


__all__ = [
    "MockCallArgs",
    "MockResourceArgs",
    "Mocks",
    "ResourceModule",
    "ResourcePackage",
    "Settings",
    "call",
    "call_single",
    "configure",
    "exists_resource",
    "get_config",
    "get_config_env",
    "get_config_env_key",
    "get_config_secret_keys_env",
    "get_root_directory",
    "get_root_resource",
    "invoke",
    "invoke_async",
    "invoke_output",
    "invoke_output_single",
    "invoke_single",
    "is_config_secret",
    "is_dry_run",
    "register_invoke_transform",
    "register_package",
    "register_resource_module",
    "register_resource_package",
    "register_resource_transform",
    "register_stack_transform",
    "register_stack_transformation",
    "require_pulumi_version",
    "reset_options",
    "run_in_stack",
    "set_all_config",
    "set_config",
    "set_mocks",
    "test",
    "to_json",
]
