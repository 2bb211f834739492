"""The ledger plugin's component registers its parts with the monitor it is told of, and has a method."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import provider_pb2, resource_pb2, resource_pb2_grpc

from .conftest import Engine, Start, struct, urn

BUNDLE = "ledger:index:Bundle"

pytestmark = pytest.mark.real


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """A monitor that agrees to everything."""

    def __init__(self) -> None:
        self.registered: list[resource_pb2.RegisterResourceRequest] = []

    def SupportsFeature(self, request: object, context: object) -> resource_pb2.SupportsFeatureResponse:
        return resource_pb2.SupportsFeatureResponse(hasSupport=True)

    def RegisterResource(
        self, request: resource_pb2.RegisterResourceRequest, context: object
    ) -> resource_pb2.RegisterResourceResponse:
        self.registered.append(request)
        return resource_pb2.RegisterResourceResponse(
            urn=urn(request.type, request.name),
            id=f"id-of-{request.name}" if request.custom else "",
            object=request.object,
        )

    def RegisterResourceOutputs(self, request: object, context: object) -> empty_pb2.Empty:
        return empty_pb2.Empty()


@pytest.fixture
def monitor() -> Iterator[tuple[Monitor, str]]:
    servicer = Monitor()
    server = grpc.server(ThreadPoolExecutor(4))
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield servicer, f"127.0.0.1:{port}"
    server.stop(None).wait()


@pytest.fixture
def construct(start: Start, engine: tuple[Engine, str], monitor: tuple[Monitor, str]) -> Any:
    plugin = start("ledger", engine[1])

    def construct(**inputs: Any) -> provider_pb2.ConstructResponse:
        request = provider_pb2.ConstructRequest(
            project="project", stack="stack", type=BUNDLE, name="b", parallel=4, monitorEndpoint=monitor[1],
            inputs=struct(inputs), accepts_output_values=True,
        )  # fmt: skip
        return plugin.stub.Construct(request)

    return construct


def test_a_component_registers_itself_and_its_children(construct: Any, monitor: tuple[Monitor, str]) -> None:
    """Each child has the component as parent and depends on the child before it (protocol.md §8.14)."""
    answer = construct(count=2, value="v")

    first, second = monitor[0].registered[1:]
    assert answer.urn == urn(BUNDLE, "b")
    assert [r.name for r in monitor[0].registered] == ["b", "b-0", "b-1"]
    assert first.parent == second.parent == answer.urn
    assert urn("ledger:index:Record", "b-0") in second.dependencies
    assert MessageToDict(answer.state)["total"] == 2


@pytest.mark.parametrize(
    ("fail", "message"), [("inputs", "not possible"), ("no bundles today", "no bundles")]
)
def test_a_component_can_fail(construct: Any, fail: str, message: str) -> None:
    """It fails with a plain error, or with one that names inputs (protocol.md §6.3)."""
    with pytest.raises(grpc.RpcError, match=message) as caught:
        construct(count=1, fail=fail)

    assert ("grpc-status-details-bin" in dict(caught.value.trailing_metadata())) == (fail == "inputs")


def test_a_component_has_a_method(
    start: Start, engine: tuple[Engine, str], monitor: tuple[Monitor, str]
) -> None:
    """Call answers for the component it is called on, or says which argument is wrong (protocol.md §8.15)."""
    plugin = start("ledger", engine[1])
    signature = "4dabf18193072939515e22adb298388d"
    this = {signature: "5cf8f73096256a8f31e491e813e4eb8e", "urn": urn(BUNDLE, "b")}

    def call(**args: Any) -> provider_pb2.CallResponse:
        request = provider_pb2.CallRequest(
            tok="ledger:index:Bundle/describe", args=struct({"__self__": this, **args}), project="project",
            stack="stack", monitorEndpoint=monitor[1], accepts_output_values=True,
        )  # fmt: skip
        return plugin.stub.Call(request)

    assert "hi from" in str(MessageToDict(getattr(call(greeting="hi"), "return")))
    assert [f.property for f in call(refuse=True).failures] == ["refuse"]
