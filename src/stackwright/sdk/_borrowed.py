"""
Names that a module of the genuine package has because it imports them from another.

Test suites and tools take names from wherever they once found them, or replace them
there. Ours has each name in one place; under the brand names the others are answered
from there. A name in the table is looked up when somebody asks for it.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Mapping
from types import MappingProxyType, ModuleType
from typing import Any, Final

_SDK: Final = "stackwright.sdk"

_PROTOCOL: Final = "runtime.proto"

_OF_SERVERS: Final = {
    "DependencyProviderResource": "resource:DependencyProviderResource",
    "DependencyResource": "resource:DependencyResource",
    "InputPropertiesError": "errors:InputPropertiesError",
    "InputPropertyError": "errors:InputPropertyError",
    "ProviderResource": "resource:ProviderResource",
    "Resource": "resource:Resource",
    "errors_pb2": f"{_PROTOCOL}.errors_pb2",
    "known_types": "runtime.known_types",
    "proto": _PROTOCOL,
    "provider_pb2_grpc": f"{_PROTOCOL}.provider_pb2_grpc",
    "rpc": "runtime.rpc",
    "status_pb2": f"{_PROTOCOL}.status_pb2",
}

BORROWED: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        _SDK: {"automation": "pulumi.automation"},
        "config": {"errors": "errors"},
        "deprecated": {"warn": "log:warn"},
        "log": {"engine_pb2": f"{_PROTOCOL}.engine_pb2", "get_engine": "runtime.settings:get_engine"},
        "metadata": {"settings": "runtime.settings"},
        "output": {"SETTINGS": "runtime.settings:SETTINGS", "log": "log", "rpc": "runtime.rpc"},
        "provider.experimental.component": {"Input": "output:Input"},
        "provider.experimental.server": _OF_SERVERS,
        "provider.server": {
            **_OF_SERVERS,
            "RunError": "errors:RunError",
            "alias_pb2": f"{_PROTOCOL}.alias_pb2",
        },
        "resource": {
            "ResourceHookBinding": "resource_hooks:ResourceHookBinding",
            "collapse_alias_to_urn": "runtime.resource:collapse_alias_to_urn",
            "create_urn_internal": "runtime.resource:create_urn",
            "get_resource": "runtime.resource:get_resource",
            "get_root_resource": "runtime.settings:get_root_resource",
            "known_types": "runtime.known_types",
            "log": "log",
            "read_resource": "runtime.resource:read_resource",
            "register_resource": "runtime.resource:register_resource",
            "register_resource_outputs": "runtime.resource:register_resource_outputs",
            "urn_util": "urn",
        },
        "resource_hooks": {
            "register_error_hook": "runtime.resource:register_error_hook",
            "register_resource_hook": "runtime.resource:register_resource_hook",
        },
        "runtime.invoke": {
            "CustomResource": "resource:CustomResource",
            "get_base_provider_for_ref": "runtime.settings:get_base_provider_for_ref",
            "get_monitor": "runtime.settings:get_monitor",
            "grpc_error_to_exception": "runtime.settings:grpc_error_to_exception",
            "handle_grpc_error": "runtime.settings:handle_grpc_error",
            "log": "log",
            "monitor_supports_feature": "runtime.settings:monitor_supports_feature",
            "resource_pb2": f"{_PROTOCOL}.resource_pb2",
            "rpc": "runtime.rpc",
            "wrap_with_context": "runtime._context:wrap_with_context",
        },
        "runtime.mocks": {
            "SETTINGS": "runtime.settings:SETTINGS",
            "Stack": "runtime.stack:Stack",
            "configure": "runtime.settings:configure",
            "engine_pb2": f"{_PROTOCOL}.engine_pb2",
            "get_project": "runtime.settings:get_project",
            "get_root_resource": "runtime.settings:get_root_resource",
            "get_stack": "runtime.settings:get_stack",
            "provider_pb2": f"{_PROTOCOL}.provider_pb2",
            "resource_pb2": f"{_PROTOCOL}.resource_pb2",
            "rpc": "runtime.rpc",
            "rpc_manager": "runtime.rpc_manager",
            "run_pulumi_func": "runtime.stack:run_pulumi_func",
        },
        "runtime.resource": {
            "alias_pb2": f"{_PROTOCOL}.alias_pb2",
            "callback_pb2": f"{_PROTOCOL}.callback_pb2",
            "handle_grpc_error": "runtime.settings:handle_grpc_error",
            "known_types": "runtime.known_types",
            "log": "log",
            "monitor_supports_feature": "runtime.settings:monitor_supports_feature",
            "resource_pb2": f"{_PROTOCOL}.resource_pb2",
            "rpc": "runtime.rpc",
            "serialize_property": "runtime.rpc:serialize_property",
            "settings": "runtime.settings",
            "source_pb2": f"{_PROTOCOL}.source_pb2",
            "urn_util": "urn",
            "wrap_with_context": "runtime._context:wrap_with_context",
        },
        "runtime.resource_hooks": {
            "ConstructRequest": f"{_PROTOCOL}.provider_pb2:ConstructRequest",
            "RegisterResourceRequest": f"{_PROTOCOL}.resource_pb2:RegisterResourceRequest",
        },
        "runtime.rpc": {
            "declare_dependency": "runtime.resource_cycle_breaker:declare_dependency",
            "known_types": "runtime.known_types",
            "log": "log",
            "resource_pb2": f"{_PROTOCOL}.resource_pb2",
            "settings": "runtime.settings",
            "urn_util": "urn",
        },
        "runtime.rpc_manager": {"log": "log"},
        "runtime.settings": {
            "engine_pb2": f"{_PROTOCOL}.engine_pb2",
            "engine_pb2_grpc": f"{_PROTOCOL}.engine_pb2_grpc",
            "resource_pb2": f"{_PROTOCOL}.resource_pb2",
            "resource_pb2_grpc": f"{_PROTOCOL}.resource_pb2_grpc",
            "wrap_with_context": "runtime._context:wrap_with_context",
        },
        "runtime.stack": {
            "InvokeTransform": "invoke:InvokeTransform",
            "Resource": "resource:Resource",
            "SETTINGS": "runtime.settings:SETTINGS",
            "export": "resource:export",
            "get_monitor": "runtime.settings:get_monitor",
            "get_project": "runtime.settings:get_project",
            "get_root_resource": "runtime.settings:get_root_resource",
            "get_stack": "runtime.settings:get_stack",
            "is_dry_run": "runtime.settings:is_dry_run",
            "log": "log",
            "monitor_supports_feature": "runtime.settings:monitor_supports_feature",
            "resource_pb2": f"{_PROTOCOL}.resource_pb2",
            "set_root_resource": "runtime.settings:set_root_resource",
            "settings": "runtime.settings",
            "wrap_with_context": "runtime._context:wrap_with_context",
        },
    }
)
"""By module and name: where the thing is, a module or a name in one; all below the SDK."""

BORROWERS: Final = frozenset(name if name == _SDK else f"{_SDK}.{name}" for name in BORROWED)
"""The full names of those modules."""


def lend(module: ModuleType) -> None:
    """Have *module* answer for the names it borrows, if it borrows any."""
    table = BORROWED.get(module.__name__.removeprefix(f"{_SDK}."))
    own = vars(module).get("__getattr__")
    if table is None or getattr(own, "lends", False):
        return
    named = vars(module).get("__dir__") or functools.partial(vars, module)

    def borrowed(name: str) -> Any:
        place = table.get(name)
        if place is None:
            if own is not None:
                return own(name)
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
        home, _, attribute = place.partition(":")
        found = importlib.import_module(home if home.startswith("pulumi.") else f"{_SDK}.{home}")
        return getattr(found, attribute) if attribute else found

    vars(borrowed)["lends"] = True
    vars(module)["__getattr__"] = borrowed
    vars(module)["__dir__"] = lambda: sorted({*named(), *table})


def lend_all() -> None:
    """Do so for every module that is loaded already."""
    for name in BORROWERS:
        module = sys.modules.get(name)
        if module is not None:
            lend(module)
