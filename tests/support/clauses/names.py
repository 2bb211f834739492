# mypy: ignore-errors
"""Where names are found (sdk.md §1); `test_surface.py` has every public one with its parameters."""

from __future__ import annotations

import importlib
import typing

import pulumi
from things import clause

MODULES = {
    "": "runtime dynamic policy log metadata output resource asset errors",
    "runtime": "sync_await rpc mocks settings stack config invoke resource known_types proto",
    "runtime.sync_await": "_sync_await",
    "runtime.rpc": "isLegalProtobufValue UNKNOWN ResourceModule ResourcePackage serialize_property",
    "_utils": "lazy_import",
    "_types": "",
    "output": "Output Input Inputs contains_unknowns",
    "resource": "Resource CustomResource DependencyResource DependencyProviderResource",
    "invoke": "InvokeOptions",
    "config": "Config",
    "log": "debug info warn error",
    "asset": "Asset",
    "errors": "RunError",
    "urn": "",
    "metadata": "get_project",
    "stack_reference": "StackReference",
    "stash": "Stash",
    "type_token": "type_token",
    "deprecated": "deprecated",
    "resource_hooks": "ResourceHook",
    "dynamic": "Resource ResourceProvider CreateResult",
    "provider": "Provider ConstructResult",
    "provider.experimental": "",
    "runtime.proto": "AnalyzerServicer PluginInfo",
}
PROTO = [
    "resource",
    "provider",
    "engine",
    "language",
    "analyzer",
    "plugin",
    "callback",
    "alias",
    "source",
    "status",
    "errors",
    "events",
    "converter",
    "resource_status",
]
SERVICES = {
    "resource": "ResourceMonitor",
    "provider": "ResourceProvider",
    "engine": "Engine",
    "language": "LanguageRuntime",
    "analyzer": "Analyzer",
    "callback": "Callbacks",
    "events": "Events",
}


@clause("1")
def modules():
    found = {}
    for module, names in MODULES.items():
        loaded = importlib.import_module(f"pulumi.{module}".rstrip("."))
        found[module] = [hasattr(loaded, name) for name in names.split()]
    return found


@clause("1")
def messages():
    found = [
        len(importlib.import_module(f"pulumi.runtime.proto.{name}_pb2").DESCRIPTOR.name) > 0 for name in PROTO
    ]
    for file, name in SERVICES.items():
        loaded = importlib.import_module(f"pulumi.runtime.proto.{file}_pb2_grpc")
        found.append([hasattr(loaded, f"{name}{kind}") for kind in ("Stub", "Servicer")])
    importlib.import_module("pulumi.runtime.proto.codegen.hcl_pb2")
    return [found, hasattr(pulumi.runtime.proto, "codegen")]


@clause("1.1")
def what_shadows_builtins():
    return [
        pulumi.ROOT_STACK_RESOURCE,
        *(getattr(pulumi, name).__module__.startswith("builtins") for name in ("property", "set", "get")),
    ]


@clause("1.2")
def aliases_of_types():
    members = typing.get_args(pulumi.Input[str])
    return [
        len(members),
        members[0] is str,
        typing.get_origin(members[1]).__name__,
        str(members[2]),
        [str(each).rpartition(".")[2] for each in typing.get_args(pulumi.Inputs)][:1],
        [str(each) for each in typing.get_args(pulumi.InputType[str])],
    ]
