"""
What `terraform` says to a provider, word for word.

A recorder stands between the two: `terraform` attaches to it as to a provider that runs
already, and it passes every call on to a genuine process. One process serves all phases
of a command, so this is for providers that may be configured again.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import msgspec
import pytest
from support.tfclients import program

from stackwright.providers.terraform._plugin import TerraformPlugin
from stackwright.wire.rpc import RpcError


class Exchange(msgspec.Struct, frozen=True):
    """One call: its name in protocol 6, request and answer as messages."""

    call: str
    request: Any
    answer: Any


class Recorder:
    """Serves as *address* in the way of `terraform`; `exchanges` are what passed through, in order."""

    def __init__(self, address: str, plugin: TerraformPlugin, socket: str) -> None:
        self.address = address
        self.plugin = plugin
        self.exchanges: list[Exchange] = []
        self._socket = socket

    @property
    def reattach(self) -> str:
        """The value of TF_REATTACH_PROVIDERS."""
        entry = {
            "Protocol": "grpc",
            "ProtocolVersion": self.plugin.dialect.protocol,
            "Pid": os.getpid(),
            "Test": True,
            "Addr": {"Network": "unix", "String": self._socket},
        }
        return json.dumps({self.address: entry})

    def asked(self, call: str) -> list[Any]:
        """The requests of *call*, in order."""
        return [each.request for each in self.exchanges if each.call == call]

    def clear(self) -> None:
        self.exchanges.clear()


@asynccontextmanager
async def recording(path: Path, address: str) -> AsyncIterator[Recorder]:
    """Start the provider at *path*, and a recorder before it."""
    plugin = await TerraformPlugin.open(program(path))
    with tempfile.TemporaryDirectory(prefix="sw-") as folder:
        recorder = Recorder(address, plugin, f"{folder}/plugin")
        server = grpc.aio.server(options=[("grpc.max_send_message_length", -1)])
        server.add_generic_rpc_handlers((_Passing(recorder),))
        server.add_insecure_port(f"unix:{folder}/plugin")
        await server.start()
        try:
            yield recorder
        finally:
            await server.stop(None)
            await plugin.close()


class _Passing(grpc.GenericRpcHandler):
    """Passes every unary call of a provider's service on."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        dialect = recorder.plugin.dialect
        service = dialect.messages.DESCRIPTOR.services_by_name["Provider"]
        named = {dialect.method(call): call for call in _RENAMED}
        paths = {f"/{service.full_name}/{method.name}": method for method in service.methods}
        self._calls = {path: named.get(path, method.name) for path, method in paths.items()}

    def service(self, details: Any) -> Any:
        call = self._calls.get(details.method)
        if call is None:
            return None
        dialect, client = self._recorder.plugin.dialect, self._recorder.plugin._client

        async def serve(data: bytes, context: Any) -> bytes:
            try:
                answer = await client.unary(details.method, data)
            except RpcError as error:
                await context.abort(grpc.StatusCode[error.status.name], error.details)
                raise
            messages = dialect.request(call).FromString(data), dialect.answer(call).FromString(answer)
            self._recorder.exchanges.append(Exchange(call, *messages))
            return answer

        return grpc.unary_unary_rpc_method_handler(serve)


_RENAMED = (
    "GetProviderSchema",
    "ValidateProviderConfig",
    "ValidateResourceConfig",
    "ValidateDataResourceConfig",
    "ConfigureProvider",
    "StopProvider",
)


class TerraformRun:
    """A folder with a configuration in which `terraform` runs, its provider being the recorder."""

    def __init__(self, folder: Path, recorder: Recorder) -> None:
        terraform = shutil.which("terraform")
        if terraform is None:
            pytest.skip("`terraform` is not installed")
        self._terraform = terraform
        self._folder = folder
        self._recorder = recorder

    def write(self, document: Mapping[str, Any]) -> None:
        """Replace the configuration."""
        name = self._recorder.address.rpartition("/")[2]
        required = {"required_providers": {name: {"source": self._recorder.address}}}
        text = json.dumps({"terraform": required, **document})
        (self._folder / "main.tf.json").write_text(text)

    async def __call__(self, *arguments: str, status: int = 0) -> str:
        """Run it; what it prints."""
        process = await asyncio.create_subprocess_exec(
            self._terraform,
            *arguments,
            "-no-color",
            cwd=self._folder,
            env={
                **os.environ,
                "TF_REATTACH_PROVIDERS": self._recorder.reattach,
                "TF_IN_AUTOMATION": "1",
                "CHECKPOINT_DISABLE": "1",
            },
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed, _ = await process.communicate()
        assert process.returncode == status, printed.decode()
        return printed.decode()
