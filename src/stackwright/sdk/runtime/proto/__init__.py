"""
The protocol's messages and services, for those who import them from here (sdk.md §1).

Decides nothing: each module below is loaded when something in it is first used (most
who import one never use it), and hands out messages of the process's shared pool, so
that they take `google.protobuf`'s structs. Inside the house, `stackwright.wire` has its own.
"""

from __future__ import annotations

from typing import Any, Final

from stackwright.sdk._utils import lazy_import

MODULES: Final = (
    "alias_pb2",
    "analyzer_pb2",
    "callback_pb2",
    "converter_pb2",
    "engine_pb2",
    "errors_pb2",
    "events_pb2",
    "language_pb2",
    "plugin_pb2",
    "provider_pb2",
    "resource_pb2",
    "resource_status_pb2",
    "source_pb2",
    "status_pb2",
)

_EXPORTED: Final = ("analyzer", "engine", "events", "language", "plugin", "provider", "resource")
"""The files whose messages and services are also names of this package."""


def __getattr__(name: str) -> Any:
    if name.removesuffix("_grpc") in MODULES or name == "codegen":
        found = globals()[name] = lazy_import(f"{__name__}.{name}")
        return found
    if not name.startswith("_"):
        for file in _EXPORTED:
            for kind in ("pb2", "pb2_grpc"):
                thing = getattr(lazy_import(f"{__name__}.{file}_{kind}"), name, None)
                if thing is not None:
                    return thing
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    exported = [
        lazy_import(f"{__name__}.{file}_{kind}") for file in _EXPORTED for kind in ("pb2", "pb2_grpc")
    ]
    return sorted({*globals(), *MODULES, *(name for module in exported for name in dir(module))})
