"""All calls in a file, and side channels (terraform.md §1.5, §1.9)."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import grpc.aio
import msgspec
import pytest
from support.fake_terraform import CallFails, FakeProvider
from support.tfclients import config_of, run

from stackwright.providers import ProviderError, ProviderGoneError
from stackwright.providers.terraform import (
    NUMBER,
    STRING,
    UNKNOWN,
    Attribute,
    Block,
    PluginPool,
    ProviderClient,
    Schema,
)
from stackwright.providers.terraform._broker import PluginBroker
from stackwright.wire.rpc import RpcClient
from stackwright.wire.stubs.terraform import plugin_pb2

THING = Schema(
    0,
    Block(
        attributes={
            "name": Attribute(name="name", type=STRING, required=True),
            "size": Attribute(name="size", type=NUMBER, computed=True),
        }
    ),
)


@pytest.mark.parametrize("variable", ["PULUMI_TF_DEBUG_GRPC", "STACKWRIGHT_TF_DEBUG_GRPC"])
def test_calls_are_noted_with_what_they_hold(variable: str, tmp_path: Path) -> None:
    """Requests, answers and errors; values readable; for nobody else's eyes."""
    path = tmp_path / "calls.jsonl"
    provider = FakeProvider(5, resources={"fake_thing": THING})

    def refuse(request: Any, answer: Any) -> None:
        raise CallFails(grpc.StatusCode.UNKNOWN, "no")

    provider.on("ReadResource", refuse)

    async def scenario() -> None:
        async with provider.serving() as program:
            pool = PluginPool(msgspec.structs.replace(program, environ={variable: str(path)}))
            client = ProviderClient(pool)
            await client.configure({})
            config = config_of(THING, name="a")
            await client.plan("fake_thing", prior=None, proposed={**config, "size": UNKNOWN}, config=config)
            with pytest.raises(ProviderError):
                await client.read("fake_thing", config)
            await pool.close()

    run(scenario)
    lines = {line["method"]: line for line in map(json.loads, path.read_text().splitlines())}
    planned = lines["/tfplugin5.Provider/PlanResourceChange"]
    assert planned["request"]["config"] == {"name": "a", "size": None}
    assert planned["response"]["planned_state"] == {"name": "a", "size": "(unknown)"}
    assert lines["/tfplugin5.Provider/ReadResource"]["errors"] == ["UNKNOWN: no"]
    assert "bytes" in lines["/tfplugin5.Provider/GetSchema"]["response"]
    assert path.stat().st_mode & 0o077 == 0


def test_a_change_goes_on_when_nobody_waits_for_it_any_more(tmp_path: Path) -> None:
    """§5.11, §5.27: it can only be asked to end, so its answer still arrives."""
    path = tmp_path / "calls.jsonl"
    provider = FakeProvider(6, resources={"fake_thing": THING})

    async def scenario() -> None:
        async with provider.serving() as program:
            pool = PluginPool(msgspec.structs.replace(program, environ={"PULUMI_TF_DEBUG_GRPC": str(path)}))
            client = ProviderClient(pool)
            await client.configure({})
            state = config_of(THING, name="a")
            apply = client.apply("fake_thing", prior=None, planned=state, config=state)
            applying = asyncio.ensure_future(apply)
            provider.on("ApplyResourceChange", lambda request, answer: applying.cancel())
            with pytest.raises(asyncio.CancelledError):
                await applying
            while "ApplyResourceChange" not in path.read_text():
                await asyncio.sleep(0.01)
            await pool.close()

    run(scenario)
    last = json.loads(path.read_text().splitlines()[-1])
    assert last["response"]["new_state"] == {"name": "a", "size": None}


class TestBroker:
    """The genuine service announces nothing for Terraform, so a fake of it does."""

    class Announcing:
        def __init__(self, *announced: tuple[int, str, str]) -> None:
            self.announced = announced

        async def StartStream(self, requests: Any, context: Any) -> Any:
            for number, network, address in self.announced:
                yield plugin_pb2.ConnInfo(service_id=number, network=network, address=address)
            await asyncio.sleep(3600)

    def test_a_channel_to_what_was_announced(self) -> None:
        async def scenario() -> None:
            with tempfile.TemporaryDirectory(prefix="sw-") as folder:
                address = f"{folder}/main"
                server = grpc.aio.server()
                announced = self.Announcing((7, "unix", f"{folder}/side"), (8, "tcp", "127.0.0.1:1"))
                plugin_pb2.add_GRPCBrokerServicer_to_server(announced, server)
                server.add_insecure_port(f"unix:{address}")
                server.add_insecure_port(f"unix:{folder}/side")
                await server.start()
                client = RpcClient("unix", address)
                broker = PluginBroker(client)
                for _ in range(2):
                    side = await broker.dial(7)
                    await side.connect()
                    assert side.address == f"{folder}/side"
                    await side.close()
                assert (await broker.dial(8)).address == "127.0.0.1:1"
                with pytest.raises(ProviderGoneError, match="no side channel 9"):
                    await broker.dial(9, within=0.05)
                await broker.close()
                await client.close()
                await server.stop(None)

        run(scenario)


def test_importing_the_package_loads_neither_protobuf_nor_grpc() -> None:
    """Start-up: both are loaded when a provider starts."""
    code = (
        "import sys, stackwright.providers.terraform\n"
        "heavy = [name for name in sys.modules if name.split('.')[0] in ('google', 'grpc', 'cryptography')]\n"
        "raise SystemExit(', '.join(heavy) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
