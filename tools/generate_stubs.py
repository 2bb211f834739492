"""
Regenerate `src/stackwright/wire/stubs` from `src/stackwright/wire/proto`.

    python tools/generate_stubs.py            write the stubs
    python tools/generate_stubs.py --check    say which stubs are out of date, and fail if any are

Every .proto file becomes a module that holds its serialized descriptor, and a
.pyi file that describes the messages and services to type checkers. What protoc
itself would write for Python is not used: it registers every file in the pool
that all of a process shares, where the genuine `pulumi` package has already
claimed the same names, and it refuses to load under a protobuf release that is
older, or much newer, than the compiler.

Beside them, modules of a few lines below `src/stackwright/sdk/runtime/proto` hand out
the same messages to programs, from the pool that all of a process shares.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import grpc_tools  # type: ignore[import-untyped]
from google.protobuf import descriptor_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from google.protobuf.descriptor_pb2 import FileDescriptorProto

ROOT: Final = Path(__file__).resolve().parent.parent
PROTOS: Final = ROOT / "src/stackwright/wire/proto"
STUBS: Final = ROOT / "src/stackwright/wire/stubs"
PACKAGE: Final = "stackwright.wire.stubs"
PUBLIC: Final = ROOT / "src/stackwright/sdk/runtime/proto"
PUBLIC_PACKAGE: Final = "stackwright.sdk.runtime.proto"
BUNDLED: Final = Path(grpc_tools.__file__).parent / "_proto"
WELL_KNOWN: Final = (
    "google/protobuf/any.proto",
    "google/protobuf/empty.proto",
    "google/protobuf/struct.proto",
    "google/protobuf/timestamp.proto",
)
HEADER: Final = "# Written by tools/generate_stubs.py from {name}; do not edit.\n"


def module_of(name: str) -> str:
    """`pulumi/provider.proto` as the dotted name of its stub below the stubs package."""
    return name.removesuffix(".proto").replace("/", ".") + "_pb2"


def compiled(names: list[str], into: Path) -> descriptor_pb2.FileDescriptorSet:
    """Compile *names*, leaving protoc's own .pyi files in *into*."""
    descriptors = into / "descriptors.binpb"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "grpc_tools.protoc",
            f"-I{PROTOS}",
            f"-I{BUNDLED}",
            "--include_imports",
            f"--descriptor_set_out={descriptors}",
            f"--pyi_out={into}",
            *names,
        ],
        check=True,
    )
    return descriptor_pb2.FileDescriptorSet.FromString(descriptors.read_bytes())


def runtime_stub(file: FileDescriptorProto) -> str:
    """The module that defines the messages of *file* when one of them is first asked for."""
    lines = [HEADER.format(name=file.name), "from stackwright.wire._pool import define"]
    lines += [f"import {PACKAGE}.{module_of(name)}  # noqa: F401" for name in file.dependency]
    data = file.SerializeToString(deterministic=True)
    lines.append("\n__getattr__, __dir__ = define(\n    __name__,\n    (")
    lines += [f"        {data[start : start + 60]!r}" for start in range(0, len(data), 60)]
    lines.append("    ),\n)\n")
    return "\n".join(lines)


def public_name(name: str) -> str | None:
    """Where programs find the messages of *name*, below the public package; None for nowhere."""
    if name == "google/rpc/status.proto":
        return "status"
    return name.removeprefix("pulumi/").removesuffix(".proto") if name.startswith("pulumi/") else None


def public_stub(file: FileDescriptorProto, what: str) -> str:
    """The module that hands out *what* ("messages", "services") of *file* to programs."""
    return (
        HEADER.format(name=file.name)
        + f"\nfrom stackwright.wire._shared import shared_{what}\n\n"
        + f'__getattr__, __dir__ = shared_{what}(__name__, "{module_of(file.name)}")\n'
    )


def public_typing_stub(file: FileDescriptorProto, written: str) -> str:
    """protoc's .pyi for *file*, with the public modules in its imports."""

    def public(match: re.Match[str]) -> str:
        place = public_name(
            f"{match['package'].replace('.', '/')}/{match['module'].removesuffix('_pb2')}.proto"
        )
        if place is None:
            return match[0]
        package = ".".join([PUBLIC_PACKAGE, *place.split("/")[:-1]])
        return f"from {package} import {match['module']}"

    text = re.sub(r"(?m)^from (?P<package>[\w.]+) import (?P<module>\w+_pb2)\b", public, written)
    return HEADER.format(name=file.name) + text.rstrip() + "\n"


def typing_stub(file: FileDescriptorProto, written: str, known: set[str]) -> str:
    """protoc's .pyi for *file*, with our own modules in its imports and its services added."""

    def ours(match: re.Match[str]) -> str:
        name = f"{match['package'].replace('.', '/')}/{match['module'].removesuffix('_pb2')}.proto"
        if name not in known:
            return match[0]
        return f"from {PACKAGE}.{match['package']} import {match['module']}"

    text = re.sub(r"(?m)^from (?P<package>[\w.]+) import (?P<module>\w+_pb2)\b", ours, written)
    if file.service:
        text = "import grpc.aio as _aio\n" + text
        text = text.rstrip() + "\n\n" + "\n".join(_services(file))
    return HEADER.format(name=file.name) + text.rstrip() + "\n"


def _services(file: FileDescriptorProto) -> Iterator[str]:
    for service in file.service:
        yield f"class {service.name}Stub:"
        yield "    def __init__(self, channel: _aio.Channel) -> None: ..."
        for method in service.method:
            kinds = ("Stream" if method.client_streaming else "Unary") + (
                "Stream" if method.server_streaming else "Unary"
            )
            types = f"{_type_name(file, method.input_type)}, {_type_name(file, method.output_type)}"
            yield f"    {method.name}: _aio.{kinds}MultiCallable[{types}]"
        yield f"def add_{service.name}Servicer_to_server(servicer: object, server: _aio.Server) -> None: ..."
        yield ""


def _type_name(file: FileDescriptorProto, full_name: str) -> str:
    """How the .pyi of *file* calls the message `.package.Message` or `.package.Message.Nested`."""
    for defining in (file.name, *file.dependency):
        prefix = f".{_PACKAGES[defining]}."
        name = full_name.removeprefix(prefix)
        if full_name.startswith(prefix) and name.partition(".")[0] in _TOP_LEVEL[defining]:
            own = defining == file.name
            return name if own else f"_{module_of(defining).rpartition('.')[2]}.{name}"
    raise LookupError(f"{file.name}: no import defines {full_name}")


_TOP_LEVEL: dict[str, set[str]] = {}
_PACKAGES: dict[str, str] = {}


def stubs() -> dict[Path, str]:
    """Every file of the stubs package and its content."""
    names = sorted(path.relative_to(PROTOS).as_posix() for path in PROTOS.rglob("*.proto"))
    names += WELL_KNOWN
    files = {STUBS / "__init__.py": '"""Messages and services; written by tools/generate_stubs.py."""\n'}
    with tempfile.TemporaryDirectory() as folder:
        descriptors = compiled(names, Path(folder))
        for file in descriptors.file:
            _TOP_LEVEL[file.name] = {message.name for message in file.message_type}
            _PACKAGES[file.name] = file.package
        for file in descriptors.file:
            stem = STUBS / file.name.removesuffix(".proto")
            typed = (Path(folder) / (file.name.removesuffix(".proto") + "_pb2.pyi")).read_text()
            files[stem.with_name(stem.name + "_pb2.py")] = runtime_stub(file)
            files[stem.with_name(stem.name + "_pb2.pyi")] = typing_stub(file, typed, set(_TOP_LEVEL))
            public = public_name(file.name)
            if public is not None:
                stem_there = PUBLIC / public
                there = stem_there.with_name(stem_there.name + "_pb2")
                files[there.with_suffix(".py")] = public_stub(file, "messages")
                files[there.with_suffix(".pyi")] = public_typing_stub(file, typed)
                files[there.with_name(there.name + "_grpc.py")] = public_stub(file, "services")
                if stem_there.parent != PUBLIC:
                    files[stem_there.parent / "__init__.py"] = ""
            for parent in stem.relative_to(STUBS).parents:
                files.setdefault(STUBS / parent / "__init__.py", "")
    return files


def main() -> int:
    """Write the stubs, or compare them with what would be written."""
    parser = argparse.ArgumentParser(description="Regenerate the wire stubs from their .proto files.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a stub is out of date")
    check = parser.parse_args().check
    wanted = stubs()
    present = {path for path in STUBS.rglob("*") if path.suffix in {".py", ".pyi"}}
    present |= set(PUBLIC.rglob("*_pb2*.py")) | set(PUBLIC.rglob("*_pb2.pyi"))
    stale = sorted(present - set(wanted)) + sorted(
        path for path, text in wanted.items() if not path.is_file() or path.read_text() != text
    )
    for path in stale:
        print(f"{'out of date' if check else 'writing'}: {path.relative_to(ROOT)}")  # noqa: T201 - a command
        if check:
            continue
        if path not in wanted:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path])
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
