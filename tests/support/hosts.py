"""
Provider programs, started as an engine would start them, under either SDK; and an engine that takes notes.

The client's side is the genuine stubs, so that nothing of ours is on both ends.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import (
    engine_pb2_grpc,
    errors_pb2,
    provider_pb2,
    provider_pb2_grpc,
    resource_pb2,
    resource_pb2_grpc,
)

import stackwright
from stackwright.urn import Urn, child_urn

# Ours lives in a pool of its own: in the shared one others may have defined it already.
from stackwright.wire.stubs.google.rpc import status_pb2

STARTER = Path(stackwright.__file__).parent / "plugin_program.py"


def struct(data: dict[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(data, struct_pb2.Struct())


class Engine(resource_pb2_grpc.ResourceMonitorServicer, engine_pb2_grpc.EngineServicer):
    """Agrees to everything, answers inputs as outputs, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._lock = threading.Lock()

    def note(self, method: str, request: Any) -> None:
        with self._lock:
            self.asked.append((method, _plain(request)))

    def asked_for(self, name: str) -> list[tuple[str, dict[str, Any]]]:
        """What was asked in which *name* occurs, in an order that does not depend on chance."""
        with self._lock:
            return sorted((one for one in self.asked if name in repr(one)), key=repr)

    def GetDeploymentInfo(self, request: Any, context: Any) -> Any:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "Each feature is asked for")

    def SupportsFeature(self, request: Any, context: Any) -> Any:
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id != "stateMigrations")

    def RegisterResource(self, request: Any, context: Any) -> Any:
        self.note("RegisterResource", request)
        urn = child_urn("stack", "project", Urn(request.parent) or None, request.type, request.name)
        answer = resource_pb2.RegisterResourceResponse(
            urn=urn, id=f"{request.name}-id" if request.custom else "", object=request.object
        )
        if request.custom:
            answer.object.update({"made": f"made-{request.name}"})
        return answer

    def RegisterResourceOutputs(self, request: Any, context: Any) -> Any:
        self.note("RegisterResourceOutputs", request)
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:
        self.note("Invoke", request)
        if request.tok == "pulumi:pulumi:getResource":
            urn = request.args["urn"]
            found = {"urn": urn, "id": f"{urn.rpartition('::')[2]}-id", "state": {"length": 2}}
            return provider_pb2.InvokeResponse(**{"return": struct(found)})
        return provider_pb2.InvokeResponse(**{"return": struct({"answer": 42})})

    def RegisterResourceHook(self, request: Any, context: Any) -> Any:
        self.note("RegisterResourceHook", request)
        return empty_pb2.Empty()

    def Log(self, request: Any, context: Any) -> Any:
        if request.severity > 0:  # what SDKs say of themselves for debugging is their own affair
            self.note("Log", request)
        return empty_pb2.Empty()


# Where the program is, and ports; what an SDK understands beyond what a program asks for.
_LEFT_OUT = ("sourcePosition", "stackTrace", "target", "token", "accepts_byte_string", "aliasSpecs")


# Said and unsaid, these mean the same: no hooks; a property that depends on nothing; a parent as it is.
_NOTHING = (("hooks", {}), ("parentUrn", ""), ("propertyDependencies", {}))


def _plain(message: Any) -> Any:
    return _tidied(json_format.MessageToDict(message, preserving_proto_field_name=True))


def _tidied(value: Any) -> Any:
    if isinstance(value, dict):
        needed = value.get("propertyDependencies")
        if needed:
            value = {**value, "propertyDependencies": {name: urns for name, urns in needed.items() if urns}}
        return {
            key: _tidied(item)
            for key, item in sorted(value.items())
            if key not in _LEFT_OUT and (key, item) not in _NOTHING
        }
    if isinstance(value, list):
        items = [_tidied(item) for item in value]
        urns = all(isinstance(item, str) and item.startswith("urn:") for item in items)
        return sorted(set(items)) if urns else items
    return value


@contextlib.contextmanager
def engine() -> Iterator[tuple[Engine, str]]:
    """An engine, and the address of its two services."""
    servicer = Engine()
    server = grpc.server(ThreadPoolExecutor(8))
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(servicer, server)
    engine_pb2_grpc.add_EngineServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield servicer, f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


class Hosted:
    """A provider that runs, and what its calls come to."""

    def __init__(self, port: int, engine: Engine, address: str) -> None:
        self.address = address
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self.channel)
        self.engine = engine

    def ask(self, method: str, request: Any, name: str = "") -> dict[str, Any]:
        """The answer and what the engine was asked for *name*, or the error; as plain data."""
        try:
            answer = getattr(self.stub, method)(request, timeout=60)
        except grpc.RpcError as error:
            return {"error": _error(error)}
        return {"answer": _plain(answer), "asked": self.engine.asked_for(name) if name else []}


def _error(error: Any) -> dict[str, Any]:
    details = [value for key, value in error.trailing_metadata() or () if key == "grpc-status-details-bin"]
    blamed = []
    for packed in details:
        status = status_pb2.Status.FromString(packed)
        blamed += [_plain(errors_pb2.InputPropertiesError.FromString(one.value)) for one in status.details]
    text = error.details().removeprefix(
        "Unexpected <class 'Exception'>: "
    )  # some releases of gRPC put it there
    # Of a traceback only the frames of the provider's own files are the same.
    lines = text.splitlines()
    frames = [line.strip() for line in lines if line.lstrip().startswith('File "') and "hosted" in line]
    return {"code": error.code().name, "text": lines[:1], "frames": frames, "blamed": blamed}


@contextlib.contextmanager
def hosted(directory: Path, python: str | Path = sys.executable, **environment: str) -> Iterator[Hosted]:
    """The provider in *directory*, started by the interpreter *python*."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}
    with (
        engine() as (servicer, address),
        subprocess.Popen(
            [python, "-W", "ignore", STARTER, directory, address],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env={**inherited, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        ) as process,
    ):
        try:
            assert process.stdout is not None
            provider = Hosted(int(process.stdout.readline()), servicer, address)
            yield provider
            provider.channel.close()
        finally:
            process.kill()
