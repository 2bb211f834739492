"""
The descriptor pool of our own that every message class of the stubs comes from.

The genuine `pulumi` package registers `pulumirpc.…` in the pool that a whole
process shares, and so do other libraries with `google.rpc` and `grpc.health`. A
second definition of the same name there is an error, so ours live apart: both can
be loaded into one process, in either order. A message of ours is therefore never
an instance of theirs; between the two only serialized bytes travel.

This module is the one place of the package that holds process-wide state.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.internal import enum_type_wrapper

if TYPE_CHECKING:
    from collections.abc import Callable

POOL: Final = descriptor_pool.DescriptorPool()


def define(module: str, descriptor: bytes) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """
    Register a serialized file descriptor; answer the `__getattr__` and `__dir__` of its stub module.

    A message class is built when it is first asked for, and kept in the module. The
    names are those protoc's own modules have: messages, enums, the members of
    top-level enums, and per service `XStub` and `add_XServicer_to_server`.
    """
    # An import of a stub that was imported lazily has not registered anything yet.
    for needed in FileDescriptorProto.FromString(descriptor).dependency:
        stub = f"stackwright.wire.stubs.{needed.removesuffix('.proto').replace('/', '.')}_pb2"
        getattr(sys.modules[stub], "__file__", None)
    file: Any = POOL.AddSerializedFile(descriptor)
    known = members(file)
    for service in file.services_by_name:
        for name in (f"{service}Stub", f"add_{service}Servicer_to_server"):
            known[name] = partial(_service_part, file, name)

    def get(name: str) -> Any:
        if name not in known:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        value = known[name]()
        setattr(sys.modules[module], name, value)
        return value

    return get, lambda: sorted(known)


def members(file: Any) -> dict[str, Callable[[], Any]]:
    """The names protoc's module for *file* has, each with what makes the thing of that name."""
    found: dict[str, Callable[[], Any]] = {"DESCRIPTOR": lambda: file}
    for name, message in file.message_types_by_name.items():
        found[name] = partial(message_factory.GetMessageClass, message)
    for name, enum in file.enum_types_by_name.items():
        found[name] = partial(enum_type_wrapper.EnumTypeWrapper, enum)
        for member, value in enum.values_by_name.items():
            found[member] = partial(int, value.number)
    return found


def _service_part(file: Any, name: str) -> Any:
    from stackwright.wire._services import register_servicer, stub_class

    if name.startswith("add_"):
        service = file.services_by_name[name.removeprefix("add_").removesuffix("Servicer_to_server")]
        return lambda servicer, server: register_servicer(service, servicer, server)
    return stub_class(file.services_by_name[name.removesuffix("Stub")])
