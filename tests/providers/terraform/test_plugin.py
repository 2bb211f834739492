"""The connection to a provider (terraform.md §1.3, §1.9): what it needs, and what it survives."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest
from support import tfproviders
from support.tfclients import program, run

from stackwright.providers import ProviderError, ProviderGoneError
from stackwright.providers.terraform._handshake import Handshake
from stackwright.providers.terraform._plugin import TerraformPlugin
from stackwright.providers.terraform._reattach import Reattached
from stackwright.wire.stubs.terraform import tfplugin6_pb2


class Fixed(grpc.GenericRpcHandler):
    """Gives every call the same answer."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    def service(self, details: grpc.HandlerCallDetails) -> Any:
        return grpc.unary_unary_rpc_method_handler(self._give)

    async def _give(self, request: bytes, context: Any) -> bytes:
        return self._answer


async def serve(address: str, answer: bytes) -> grpc.aio.Server:
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((Fixed(answer),))
    server.add_insecure_port(f"unix:{address}")
    await server.start()
    return server


async def attached(address: str) -> TerraformPlugin:
    handshake = Handshake(protocol=6, network="unix", address=address)
    reattached = Reattached(handshake=handshake, pid=0, keep=True)
    return await TerraformPlugin.open(program(Path("fake"), reattached=reattached))


async def metadata(plugin: TerraformPlugin) -> Any:
    return await plugin.call("GetMetadata", plugin.dialect.request("GetMetadata")(), "tell what it has")


def with_folder(scenario: Callable[[str], Any]) -> Any:
    async def within() -> Any:
        with tempfile.TemporaryDirectory(prefix="sw-") as folder:
            return await scenario(f"{folder}/plugin")

    return run(within)


def test_an_answer_that_is_no_message() -> None:
    async def scenario(address: str) -> None:
        server = await serve(address, b"\xff\xff")
        plugin = await attached(address)
        with pytest.raises(ProviderError) as caught:
            await metadata(plugin)
        assert caught.value.message == (
            "The provider fake did not tell what it has: its answer is no message of the protocol"
        )
        await plugin.close()
        await server.stop(None)

    with_folder(scenario)


def test_a_provider_that_somebody_starts_again_is_found_again() -> None:
    async def scenario(address: str) -> None:
        server = await serve(address, b"")
        plugin = await attached(address)
        await metadata(plugin)
        await server.stop(None)
        with pytest.raises(ProviderGoneError, match="no longer answers at"):
            await metadata(plugin)
        server = await serve(address, b"")
        # The file of the socket is there a moment before somebody listens.
        await asyncio.wait_for(plugin.connect(), 10)
        assert await metadata(plugin) == tfplugin6_pb2.GetMetadata.Response()
        await plugin.close()
        await server.stop(None)

    with_folder(scenario)


@pytest.mark.real
def test_providers_need_no_grpcio() -> None:
    """Loading it takes longer than many a run."""
    code = f"""
import asyncio, os, sys
from pathlib import Path
from stackwright.providers.terraform import PluginPool, ProviderClient, ProviderProgram

async def scenario():
    path = Path({str(tfproviders.modern())!r})
    pool = PluginPool(ProviderProgram(name="modern", path=path, environ=os.environ))
    client = ProviderClient(pool)
    await client.schema()
    await client.configure({{}})
    await client.close()
    await pool.close()

asyncio.run(scenario())
raise SystemExit("grpc is loaded" if "grpc" in sys.modules else 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


@pytest.mark.real
@pytest.mark.parametrize(("given", "found"), [({}, "400"), ({"GOGC": "50"}, "50")])
def test_small_providers_look_for_garbage_less_often(given: dict[str, str], found: str) -> None:
    """Unless the user says how often."""
    variables = Path("/proc/self/environ")
    if not variables.exists():
        pytest.skip("this system does not show the variables of a process")

    async def scenario() -> None:
        plugin = await TerraformPlugin.open(program(tfproviders.modern(), environ={**os.environ, **given}))
        shown = Path(f"/proc/{plugin.pid}/environ").read_bytes().split(b"\0")
        await plugin.close()
        assert f"GOGC={found}".encode() in shown

    run(scenario)
