"""The stubs: complete, apart from everybody else's, and up to date."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import descriptor_pool

ROOT = Path(__file__).resolve().parents[2]

OURS = "from stackwright.wire.stubs.pulumi import provider_pb2 as ours"
THEIRS = "from pulumi.runtime.proto import provider_pb2 as theirs"
SPEAK = """
request = ours.CheckRequest(urn="u", autonaming={"proposed_name": "n", "mode": "ENFORCE"})
request.news.fields["a"].string_value = "b"
read = theirs.CheckRequest.FromString(request.SerializeToString())
assert read.news["a"] == "b" and read.autonaming.mode == theirs.CheckRequest.AutonamingOptions.ENFORCE
assert ours.CheckRequest.FromString(read.SerializeToString()) == request
assert ours.CheckRequest is not theirs.CheckRequest
"""


@pytest.mark.parametrize("imports", [(OURS, THEIRS), (THEIRS, OURS)], ids=["ours first", "theirs first"])
def test_the_genuine_package_can_be_loaded_into_the_same_process(imports: tuple[str, str]) -> None:
    """Both define `pulumirpc.…`; in either order both work, and understand each other's bytes."""
    pytest.importorskip("pulumi", reason="the genuine SDK is not installed")
    program = "\n".join([*imports, SPEAK])

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


def test_nothing_of_ours_enters_the_pool_that_everybody_shares() -> None:
    """A process that holds our stubs can still register any file of these names."""
    program = (
        "from stackwright.wire.stubs.pulumi import resource_pb2\n"
        "from stackwright.wire.stubs.google.rpc import status_pb2\n"
        "from google.protobuf import descriptor_pool\n"
        "for name in ('pulumi/resource.proto', 'google/rpc/status.proto', 'google/protobuf/struct.proto'):\n"
        "    try:\n"
        "        descriptor_pool.Default().FindFileByName(name)\n"
        "    except KeyError:\n"
        "        continue\n"
        "    raise SystemExit(name)\n"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr or done.stdout


@pytest.mark.real
def test_every_message_service_and_enum_of_the_genuine_package_is_ours_too() -> None:
    """spec/wire/pulumirpc.txt and the genuine package: same names, numbers, types and presence."""
    pytest.importorskip("pulumi", reason="the genuine SDK is not installed")

    # In a process of its own, where nobody has put other files into the shared pool before.
    done = subprocess.run([sys.executable, __file__], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


def _compare() -> None:
    import importlib
    import pkgutil

    import pulumi.runtime.proto as genuine

    from stackwright.wire._pool import POOL

    for module in pkgutil.walk_packages(genuine.__path__, f"{genuine.__name__}."):
        if module.name.endswith("_pb2") and ".testing" not in module.name:
            importlib.import_module(module.name)
    for path in sorted(ROOT.glob("src/stackwright/wire/proto/pulumi/**/*.proto")):
        name = path.relative_to(ROOT / "src/stackwright/wire/proto").as_posix()
        importlib.import_module(f"stackwright.wire.stubs.{name[:-6].replace('/', '.')}_pb2")
        facts = _facts(POOL, name)
        if name == "pulumi/resource.proto":
            assert facts["pulumirpc.Result"].pop("SKIP") == 2  # older engines answered it (§10.3)
        assert facts == _facts(descriptor_pool.Default(), name), name


def _facts(pool: Any, name: str) -> dict[str, Any]:
    from google.protobuf import descriptor_pb2

    proto = descriptor_pb2.FileDescriptorProto()
    pool.FindFileByName(name).CopyToProto(proto)
    facts: dict[str, Any] = {}

    def enum(scope: str, kind: descriptor_pb2.EnumDescriptorProto) -> None:
        facts[f"{scope}.{kind.name}"] = {value.name: value.number for value in kind.value}

    def message(scope: str, kind: descriptor_pb2.DescriptorProto) -> None:
        here = f"{scope}.{kind.name}"
        facts[here] = {
            field.name: (
                field.number,
                field.type,
                field.label,
                field.type_name,
                field.proto3_optional,
                kind.oneof_decl[field.oneof_index].name if field.HasField("oneof_index") else None,
            )
            for field in kind.field
        }
        for inner in kind.nested_type:
            message(here, inner)
        for listed in kind.enum_type:
            enum(here, listed)

    for top in proto.message_type:
        message(proto.package, top)
    for listed in proto.enum_type:
        enum(proto.package, listed)
    for service in proto.service:
        facts[f"{proto.package}.{service.name}"] = {
            method.name: (
                method.input_type,
                method.output_type,
                method.client_streaming,
                method.server_streaming,
            )
            for method in service.method
        }
    return facts


def test_the_stubs_are_what_the_protos_say() -> None:
    """`python tools/generate_stubs.py` was run after the last change of a .proto file."""
    pytest.importorskip("grpc_tools", reason="grpcio-tools is not installed")
    from google.protobuf import descriptor_pb2

    import stackwright.wire.stubs.pulumi.provider_pb2 as stub

    done = subprocess.run(
        [sys.executable, str(ROOT / "tools/generate_stubs.py"), "--check"], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert descriptor_pb2.FileDescriptorProto.FromString(stub.DESCRIPTOR.serialized_pb).package == "pulumirpc"


def test_stub_modules_list_what_they_have() -> None:
    """Messages, enums, members of top-level enums, clients and servers; nothing else is there."""
    from stackwright.wire.stubs.pulumi import engine_pb2

    assert "LogRequest" in dir(engine_pb2)
    assert engine_pb2.WARNING == engine_pb2.LogSeverity.Value("WARNING") == 2
    assert engine_pb2.EngineStub.__name__ == "EngineStub"
    with pytest.raises(AttributeError, match="no attribute 'LogReply'"):
        engine_pb2.LogReply  # type: ignore[attr-defined]  # noqa: B018


def test_importing_the_codec_loads_neither_protobuf_nor_grpc() -> None:
    """Start-up: the package is light until a stub or a server is needed."""
    program = (
        "import sys, stackwright.wire\n"
        "heavy = [name for name in sys.modules if name.split('.')[0] in ('google', 'grpc')]\n"
        "raise SystemExit(', '.join(heavy) or 0)\n"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


if __name__ == "__main__":
    _compare()
