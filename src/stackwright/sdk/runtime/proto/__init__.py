"""
The protocol's messages, for provider packages and tools that import them from here (sdk.md §1).

Decides nothing: hands out `stackwright.wire.stubs.pulumi`, one module at a time, and
each is loaded when something in it is first used (most who import one never use it).
"""

from __future__ import annotations

from typing import Any, Final

from stackwright.sdk._utils import lazy_import

_STUBS: Final = "stackwright.wire.stubs.pulumi"

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


def __getattr__(name: str) -> Any:
    if name in MODULES:
        found = globals()[name] = lazy_import(f"{_STUBS}.{name}")
        return found
    if not name.startswith("_"):
        for module in MODULES:
            message = getattr(lazy_import(f"{_STUBS}.{module}"), name, None)
            if message is not None:
                return message
    raise AttributeError(f"module 'stackwright.sdk.runtime.proto' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *MODULES})
