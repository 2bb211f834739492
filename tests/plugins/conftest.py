"""Running plugins to talk to, over plain gRPC and with the stubs of the genuine SDK."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc
from support import goplugin
from support.ledger import Ledger


class Engine(engine_pb2_grpc.EngineServicer):
    """An engine that only hears what plugins say."""

    def __init__(self) -> None:
        self.heard: list[engine_pb2.LogRequest] = []

    def Log(self, request: engine_pb2.LogRequest, context: object) -> empty_pb2.Empty:
        self.heard.append(request)
        return empty_pb2.Empty()


class Plugin:
    """A plugin that is running, and short ways to call it."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self.channel)

    def check(self, token: str, name: str, /, **inputs: Any) -> provider_pb2.CheckResponse:
        request = provider_pb2.CheckRequest(
            urn=urn(token, name), olds=struct({}), news=struct(inputs), randomSeed=b"s" * 32
        )
        return self.stub.Check(request)

    def create(self, token: str, name: str, /, **inputs: Any) -> provider_pb2.CreateResponse:
        checked = self.check(token, name, **inputs).inputs
        return self.stub.Create(provider_pb2.CreateRequest(urn=urn(token, name), properties=checked))

    def diff(
        self, token: str, name: str, /, olds: struct_pb2.Struct, **news: Any
    ) -> provider_pb2.DiffResponse:
        request = provider_pb2.DiffRequest(
            urn=urn(token, name), olds=olds, old_inputs=olds, news=struct(news)
        )
        return self.stub.Diff(request)


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:stack::project::{token}::{name}"


def struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    result = struct_pb2.Struct()
    result.update(values)
    return result


Start = Callable[..., Plugin]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """An empty ledger."""
    return Ledger(tmp_path / "ledger.jsonl")


@pytest.fixture
def engine() -> Iterator[tuple[Engine, str]]:
    """An engine and its address."""
    servicer = Engine()
    server = grpc.server(ThreadPoolExecutor(2))
    engine_pb2_grpc.add_EngineServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield servicer, f"127.0.0.1:{port}"
    server.stop(None).wait()


@pytest.fixture
def start(ledger: Ledger) -> Iterator[Start]:
    """Starts plugins on the ledger; they are stopped with the test."""
    with ExitStack() as stack:

        def start(name: str = "ledger", *arguments: str, handshake: bool = True, **variables: str) -> Plugin:
            process = stack.enter_context(
                subprocess.Popen(
                    [goplugin.binary(name), *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env={**os.environ, **ledger.environment(), **variables},
                )
            )
            stack.callback(process.kill)
            assert process.stdout is not None
            plugin = Plugin(process, int(process.stdout.readline()))
            stack.callback(plugin.channel.close)
            if handshake:
                plugin.stub.Handshake(
                    provider_pb2.ProviderHandshakeRequest(
                        engine_address=arguments[-1] if arguments else "", supports_refresh_before_update=True
                    )
                )
            return plugin

        yield start
