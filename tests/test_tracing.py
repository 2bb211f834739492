"""A process is part of the trace that whoever started it keeps (sdk.md §24, protocol.md §7.5, §13.3)."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from support.commands import Room
from support.monitors import FakeMonitor

from stackwright import tracing
from stackwright.automation._engine_thread import EngineThread
from stackwright.wire import MonitorServer

TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{SPAN}-01"
REGISTER = "/pulumirpc.ResourceMonitor/RegisterResource"
EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

PROGRAM = """
import asyncio, os, sys
if "bare" in sys.argv:
    sys.modules["opentelemetry"] = None
if "ours" in sys.argv:
    from stackwright.sdk import _import_aliases
    _import_aliases.install()
import pulumi

def body():
    pulumi.CustomResource("t:m:R", "plain", {})
    if "own" in sys.argv:
        from opentelemetry import trace
        with trace.get_tracer("mine").start_as_current_span("my own") as span:
            print(format(span.get_span_context().span_id, "016x"), format(span.parent.span_id, "016x"))
            pulumi.CustomResource("t:m:R", "below", {})

address = os.environ["ADDRESS"]
pulumi.runtime.configure(pulumi.runtime.Settings(
    monitor=address, engine=address, project="p", stack="s", parallel=4, dry_run=False,
    organization="o", root_directory="/",
))
asyncio.run(pulumi.runtime.run_in_stack(body))
"""


class Received(grpc.aio.ServerInterceptor):  # type: ignore[type-arg] # a class at run time
    """What spans the calls of each method said they are in."""

    def __init__(self) -> None:
        self.parents: dict[str, list[str]] = {}

    async def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        said = dict(handler_call_details.invocation_metadata).get("traceparent", "")
        self.parents.setdefault(handler_call_details.method, []).append(said)
        return await continuation(handler_call_details)


class Engine:
    def __init__(self, address: str, received: Received) -> None:
        self.address = address
        self.received = received

    def run(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the program under this engine."""
        told = {"TRACEPARENT": PARENT, **variables, "ADDRESS": self.address}
        return subprocess.run(
            [sys.executable, "-c", PROGRAM, *words],
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
            env={**os.environ, **told},
        )


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    received, monitor = Received(), FakeMonitor(dry_run=False)
    monkeypatch.setattr("grpc.aio.server", functools.partial(grpc.aio.server, interceptors=[received]))
    with EngineThread() as thread:
        server = thread.run(MonitorServer.start(monitor))
        try:
            yield Engine(server.address, received)
        finally:
            thread.run(server.stop())
            monitor.stop()


class Collector:
    """Takes the spans that are sent to it."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self._server = grpc.server(futures.ThreadPoolExecutor(1))
        port = self._server.add_insecure_port("127.0.0.1:0")
        handler = grpc.unary_unary_rpc_method_handler(self._take)
        service, _, method = EXPORT.strip("/").rpartition("/")
        generic = grpc.method_handlers_generic_handler(service, {method: handler})
        self._server.add_generic_rpc_handlers((generic,))
        self._server.start()
        self.address = f"127.0.0.1:{port}"

    def _take(self, request: bytes, context: Any) -> bytes:
        from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

        del context
        message = trace_service_pb2.ExportTraceServiceRequest.FromString(request)
        self.spans += [span for r in message.resource_spans for s in r.scope_spans for span in s.spans]
        return b""

    def stop(self) -> None:
        self._server.stop(None).wait()


@pytest.fixture
def collector() -> Iterator[Collector]:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.grpc")
    found = Collector()
    yield found
    found.stop()


class TestWithoutPackages:
    def test_the_span_is_passed_on(self, engine: Engine) -> None:
        """With every call, as it was told."""
        done = engine.run("ours", "bare")

        assert done.stderr == ""
        assert set(engine.received.parents[REGISTER]) == {PARENT}
        assert {each for said in engine.received.parents.values() for each in said} == {PARENT}

    def test_an_address_for_spans_is_a_warning(self, engine: Engine) -> None:
        """It says what is missing; the program runs."""
        done = engine.run("ours", "bare", PULUMI_OTEL_EXPORTER_OTLP_ENDPOINT="127.0.0.1:1")

        assert "PULUMI_OTEL_EXPORTER_OTLP_ENDPOINT asks for traces" in done.stderr
        assert "pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-grpc" in done.stderr
        assert done.stderr.count("\n") == 1
        assert set(engine.received.parents[REGISTER]) == {PARENT}

    @pytest.mark.parametrize("told", ["", "nonsense", f"00-{TRACE}-{SPAN}", f"{PARENT}-\nx", f"{PARENT}-é"])
    def test_what_is_no_span_is_not_passed_on(self, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nor does it harm."""
        monkeypatch.setenv("TRACEPARENT", told)

        assert tracing.parent() == ""
        with tracing.call("/a.B/C") as headers:
            assert headers == ()


@pytest.mark.real
class TestWithPackages:
    @pytest.mark.parametrize("who", ["ours", "genuine"])
    def test_calls_are_spans(self, who: str, engine: Engine, collector: Collector) -> None:
        """They belong to the span that was told, and whoever is called hears of them."""
        done = engine.run(who, PULUMI_OTEL_EXPORTER_OTLP_ENDPOINT=collector.address)

        assert done.stderr == ""
        sent = {span.span_id.hex(): span for span in collector.spans if span.name == REGISTER}
        assert len(sent) == 2  # the stack and the resource
        for span in sent.values():
            assert (span.trace_id.hex(), span.parent_span_id.hex(), span.kind) == (TRACE, SPAN, 3)
            attributes = {each.key: each.value.string_value for each in span.attributes}
            assert attributes["rpc.service"] == "pulumirpc.ResourceMonitor"
            assert attributes["rpc.method"] == "RegisterResource"
        heard = {tuple(said.split("-")[1:3]) for said in engine.received.parents[REGISTER]}
        assert heard == {(TRACE, span) for span in sent}

    @pytest.mark.parametrize("who", ["ours", "genuine"])
    def test_the_programs_own_spans_are_in_between(
        self, who: str, engine: Engine, collector: Collector
    ) -> None:
        """A span that the program opens is a part of the one that was told, and has parts of its own."""
        done = engine.run(who, "own", PULUMI_OTEL_EXPORTER_OTLP_ENDPOINT=collector.address)

        own, parent = done.stdout.split()
        assert parent == SPAN
        parents = {span.parent_span_id.hex() for span in collector.spans if span.name == REGISTER}
        assert parents == {SPAN, own}

    def test_without_an_address_nothing_is_sent(self, engine: Engine) -> None:
        """The program's own spans have their place all the same, and are what calls are in."""
        done = engine.run("ours", "own")

        own, parent = done.stdout.split()
        assert (done.stderr, parent) == ("", SPAN)
        assert {said.split("-")[2] for said in engine.received.parents[REGISTER]} == {SPAN, own}


@pytest.mark.real
class TestCommands:
    """`--otel-traces` (cli.md §1.2): an operation is a span, and what it starts belongs to it."""

    PROGRAM = """
        import os
        from opentelemetry import trace
        with trace.get_tracer("mine").start_as_current_span("my own"):
            print(os.environ["TRACEPARENT"])
        """

    @pytest.mark.parametrize("told", ["", PARENT])
    def test_an_operation_is_a_span(self, told: str, collector: Collector, tmp_path: Path) -> None:
        """Of its own, or below the one that was told."""
        room = Room(tmp_path, self.PROGRAM, TRACEPARENT=told).init()

        room.ok("up", "--yes", "--skip-preview", "--otel-traces", f"grpc://{collector.address}")

        spans = {span.name: span for span in collector.spans}
        whole, own = spans["stackwright update"], spans["my own"]
        assert own.parent_span_id == whole.span_id
        assert own.trace_id == whole.trace_id
        assert whole.parent_span_id.hex() == (SPAN if told else "")
        assert not told or whole.trace_id.hex() == TRACE

    def test_another_place_than_a_collector_is_a_warning(self, tmp_path: Path) -> None:
        """The operation goes on."""
        room = Room(tmp_path, "").init()

        done = room.run("preview", "--otel-traces", "file:///tmp/traces.json")

        assert done.status == 0
        assert done.err == (
            "warning: traces cannot be sent to file:///tmp/traces.json, "
            "only to addresses like grpc://127.0.0.1:4317\n"
        )
