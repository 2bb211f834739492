"""The raw plugin says, word for word, what its script says."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import provider_pb2
from support import goplugin
from support.ledger import Ledger, Script

from .conftest import Start, struct, urn

THING = "rawledger:index:Thing"

pytestmark = pytest.mark.real


@pytest.fixture
def script(tmp_path: Path) -> Script:
    return Script(tmp_path / "raw.json", variable="RAWLEDGER_SCRIPT")


def test_by_itself_it_is_honest(start: Start, ledger: Ledger) -> None:
    """What is created is held by the ledger, can be read back, and is gone once deleted."""
    plugin = start("rawledger")
    made = plugin.create(THING, "a", value=1)
    read = plugin.stub.Read(provider_pb2.ReadRequest(id=made.id, urn=urn(THING, "a")))

    assert MessageToDict(read.properties) == {"value": 1}
    plugin.stub.Delete(provider_pb2.DeleteRequest(id=made.id, urn=urn(THING, "a")))
    assert not ledger.objects()


def test_a_method_can_be_missing(start: Start, script: Script) -> None:
    """Any method may answer UNIMPLEMENTED, the handshake too (protocol.md §8.1, §8.5)."""
    script.say({"method": "*", "error": {"code": "UNIMPLEMENTED", "message": "no such thing"}})
    plugin = start("rawledger", handshake=False, **script.environment())

    with pytest.raises(grpc.RpcError) as caught:
        plugin.stub.Handshake(provider_pb2.ProviderHandshakeRequest())
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_an_answer_can_be_anything(start: Start, script: Script) -> None:
    """`response` is the whole answer and `merge` a part of it; other resources are answered honestly."""
    script.say(
        {"method": "Create", "name": "empty", "response": {"id": "", "properties": {"x": 1}}},
        {"method": "Create", "name": "mixed", "merge": {"id": "mine"}},
        {"method": "Diff", "response": {"changes": "DIFF_SOME", "replaces": ["value"]}},
    )
    plugin = start("rawledger", **script.environment())

    def create(name: str) -> provider_pb2.CreateResponse:
        request = provider_pb2.CreateRequest(urn=urn(THING, name), name=name, properties=struct({"y": 2}))
        return plugin.stub.Create(request)

    assert create("empty").id == ""
    assert create("mixed").id == "mine"
    assert MessageToDict(create("mixed").properties) == {"y": 2}
    assert create("other").id.startswith("other-")
    assert list(plugin.stub.Diff(provider_pb2.DiffRequest()).replaces) == ["value"]


def test_an_error_carries_details(start: Start, script: Script) -> None:
    """Structured details travel as the script has them (protocol.md §6.1)."""
    detail = {
        "@type": "type.googleapis.com/pulumirpc.ErrorResourceInitFailed",
        "id": "half",
        "reasons": ["because"],
    }
    script.say(
        {"method": "Create", "error": {"code": "UNKNOWN", "message": "half", "details": [detail]}, "times": 1}
    )
    plugin = start("rawledger", **script.environment())
    with pytest.raises(grpc.RpcError, match="half") as caught:
        plugin.create(THING, "a")

    assert b"because" in dict(caught.value.trailing_metadata())["grpc-status-details-bin"]
    assert plugin.create(THING, "a").id


@pytest.mark.parametrize(
    ("how", "stdout", "status"),
    [
        ({"line": "hello\n", "exit": 0}, b"hello\n", 0),
        ({"silent": True, "stderr": "broken", "exit": 4}, b"", 4),
    ],
)
def test_a_start_can_go_wrong(how: dict[str, object], stdout: bytes, status: int) -> None:
    """The port line may be nonsense or missing (protocol.md §7.5)."""
    environment = {**os.environ, "RAWLEDGER_START": json.dumps(how)}
    done = subprocess.run(
        [goplugin.binary("rawledger")], env=environment, capture_output=True, stdin=subprocess.DEVNULL
    )

    assert (done.stdout, done.returncode) == (stdout, status)


def test_it_becomes_another_package(start: Start) -> None:
    """Parameterize changes the name, and the schema says how to do it again (protocol.md §8.2)."""
    plugin = start("rawledger")
    args = provider_pb2.ParameterizeRequest.ParametersArgs(args=["sub", "3.0.0"])
    answer = plugin.stub.Parameterize(provider_pb2.ParameterizeRequest(args=args))
    schema = json.loads(plugin.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema)

    assert (answer.name, answer.version) == ("sub", "3.0.0")
    assert list(schema["resources"]) == ["sub:index:Thing"]
    assert schema["parameterization"]["baseProvider"] == {"name": "rawledger", "version": "1.2.3"}


def test_it_reports_the_version_it_is_installed_as(tmp_path: Path) -> None:
    """One binary serves as several versions in the layout of a plugin cache (protocol.md §7.3)."""
    path = goplugin.install(tmp_path, name="rawledger", version="2.0.0-beta.1")
    assert path == tmp_path / "resource-rawledger-v2.0.0-beta.1" / "pulumi-resource-rawledger"

    with subprocess.Popen([path], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
            from pulumi.runtime.proto import provider_pb2_grpc

            info = provider_pb2_grpc.ResourceProviderStub(channel).GetPluginInfo(empty_pb2.Empty())
        process.kill()
    assert info.version == "2.0.0-beta.1"
