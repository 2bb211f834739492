"""
The protocol's messages in the pool that all of a process shares.

Code that programs and tools bring along (policy packs, monitors in test suites) fills
the protocol's messages with `google.protobuf.Struct` and the like, and these only fit
messages of the same pool. Whatever is registered there already, by the genuine package
for instance, is used as it is. The rest of this package keeps to a pool of its own.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def shared_messages(module: str, stub: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of *module*: the messages and enums of the stub of that name."""
    return _found_late(module, stub, services=False)


def shared_services(module: str, stub: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of *module*: what protoc's plugin for gRPC makes of the services."""
    return _found_late(module, stub, services=True)


def _found_late(
    module: str, stub: str, *, services: bool
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    # Registered when something is looked at: importing such a module is what most importers do with it.
    known: dict[str, Callable[[], Any]] = {}

    def table() -> dict[str, Callable[[], Any]]:
        if not known:
            from stackwright.wire._pool import members

            file = _shared_file(_own_file(stub))
            if services:
                from stackwright.wire._services import service_members

                for service in file.services_by_name.values():
                    known.update(service_members(service, module))
            else:
                known.update(members(file))
        return known

    def get(name: str) -> Any:
        # Every tool that looks at modules asks for such names; none is worth loading protobuf for.
        if name.startswith("__") or name not in table():
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        value = table()[name]()
        setattr(sys.modules[module], name, value)
        return value

    return get, lambda: sorted(table())


def _own_file(stub: str) -> Any:
    return importlib.import_module(f"stackwright.wire.stubs.{stub}").DESCRIPTOR


def _shared_file(own: Any) -> Any:
    """The file *own* in the shared pool, registered there with all it needs if it is not there yet."""
    from google.protobuf import descriptor_pool

    pool: Any = descriptor_pool.Default()
    symbol = next(iter([*own.message_types_by_name.values(), *own.services_by_name.values()])).full_name
    try:
        return pool.FindFileContainingSymbol(symbol)
    except KeyError:
        pass
    for needed in own.dependencies:
        if needed.package == "google.protobuf":
            importlib.import_module(needed.name.removesuffix(".proto").replace("/", ".") + "_pb2")
        else:
            _shared_file(needed)
    return pool.AddSerializedFile(own.serialized_pb)
