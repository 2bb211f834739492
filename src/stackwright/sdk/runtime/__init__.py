"""
The SDK's runtime, under the names that provider packages and tests use (sdk.md §16).

Decides nothing itself: re-exports what the modules below it decide. May import
whatever `stackwright.sdk` may.
"""

from typing import TYPE_CHECKING, Final

from stackwright.lazy import on_first_use
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

if TYPE_CHECKING:
    from stackwright.sdk.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks, set_mocks, test

_LATER: Final = {"mocks": ("MockCallArgs", "MockResourceArgs", "Mocks", "set_mocks", "test")}
"""Names that programs other than tests never use, by the module that is loaded when they do."""

_MODULES_LATER: Final = ("known_types", "mocks", "resource", "resource_cycle_breaker", "sync_await")
"""Modules that programs find here without importing them, and most programs never look for."""

__getattr__ = on_first_use(__name__, _LATER, whole=_MODULES_LATER)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES_LATER})


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
