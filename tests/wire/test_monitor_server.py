"""A monitor at an address: what arrives as values, what goes back, and what bad clients get."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import grpc
import pytest
from google.protobuf import json_format

from stackwright.diagnostics import Severity
from stackwright.goals import (
    AliasSpec,
    CallResult,
    CheckFailure,
    CustomTimeouts,
    HookArgs,
    HookKind,
    InvokeResult,
    PackageRequest,
    Registered,
    Result,
    SourcePosition,
)
from stackwright.urn import UNKNOWN_ID, Urn
from stackwright.values import UNKNOWN, Asset, OutputValue, ResourceRef, Secret, Unknown, UnknownKind
from stackwright.wire import (
    EVERYTHING,
    LocalServer,
    MonitorServer,
    decode_properties,
    encode_properties,
    open_channel,
)
from stackwright.wire.stubs.google.protobuf.empty_pb2 import Empty
from stackwright.wire.stubs.pulumi import callback_pb2, engine_pb2, resource_pb2
from tests.support.monitors import FakeMonitor

PARENT = "urn:pulumi:dev::proj::pulumi:pulumi:Stack::proj-dev"
URN = Urn("urn:pulumi:dev::proj::t:m:R::r")


def serving(monitor: FakeMonitor, scenario: Callable[[Any, Any], Awaitable[Any]], **options: Any) -> Any:
    """Run *scenario* with clients of both services of *monitor*."""

    async def run() -> Any:
        server = await MonitorServer.start(monitor, **options)
        channel = open_channel(server.address)
        try:
            return await asyncio.wait_for(
                scenario(resource_pb2.ResourceMonitorStub(channel), engine_pb2.EngineStub(channel)), 30
            )
        finally:
            await channel.close(None)
            await server.stop()

    try:
        return asyncio.run(run())
    finally:
        monitor.stop()


def registration(inputs: dict[str, Any] | None = None, **fields: Any) -> Any:
    settings = {"type": "t:m:R", "name": "r", "custom": True, "supportsResultReporting": True, **fields}
    message = resource_pb2.RegisterResourceRequest(**settings)
    encode_properties(inputs or {}, message.object, EVERYTHING)
    return message


async def refusal(call: Awaitable[Any]) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value.code(), caught.value.details()


def test_a_program_learns_of_its_deployment() -> None:
    """protocol.md §10.1: numbers of features, feature 0 among them; names for older programs."""
    monitor = FakeMonitor(config={"proj:a": "1"}, secret_keys=frozenset({"proj:a"}), dry_run=True)

    async def scenario(stub: Any, _: Any) -> None:
        info = await stub.GetDeploymentInfo(Empty())
        assert (info.project, info.stack, info.dryRun, info.parallel) == ("proj", "dev", True, 16)
        assert dict(info.config) == {"proj:a": "1"}
        assert list(info.configSecretKeys) == ["proj:a"]
        assert {0, 1, 2, 3, 7, 11} <= set(info.supportedFeatures)
        for name, known in (("secrets", True), ("outputValues", True), ("nonsense", False)):
            answer = await stub.SupportsFeature(resource_pb2.SupportsFeatureRequest(id=name))
            assert answer.hasSupport is known

    serving(monitor, scenario)


def test_a_registration_arrives_with_everything_it_says() -> None:
    """protocol.md §10.3."""
    monitor = FakeMonitor()
    inputs = {
        "secret": Secret("s"),
        "unknown": UNKNOWN,
        "output": OutputValue(value=1, secret=True, dependencies=(URN,)),
        "reference": ResourceRef(urn=URN, id="i"),
        "asset": Asset(text="t"),
        "null": None,
    }

    async def scenario(stub: Any, _: Any) -> None:
        message = registration(
            inputs,
            parent=PARENT,
            dependencies=[URN],
            protect=False,
            retainOnDelete=True,
            deleteBeforeReplace=False,
            deleteBeforeReplaceDefined=True,
            ignoreChanges=["a"],
            replaceOnChanges=["b"],
            additionalSecretOutputs=["c"],
            hideDiffs=["d"],
            aliasURNs=[URN],
            aliasSpecs=True,
            importId="imported",
            providers={"t": f"{PARENT}::x"},
            version="1.2.3",
            pluginDownloadURL="https://example.com",
            pluginChecksums={"linux-amd64": b"x"},
            deletedWith=URN,
            replace_with=[URN],
            envVarMappings={"A": "B"},
            packageRef="p",
        )
        message.aliases.add().spec.name = "old"
        message.aliases.add().spec.noParent = True
        message.customTimeouts.create = "1h30m"
        message.customTimeouts.update = "5m"
        message.propertyDependencies["secret"].urns.append(URN)
        message.hooks.before_create.append("hook")
        message.replacement_trigger.number_value = 3
        message.sourcePosition.uri, message.sourcePosition.line = "file:///a.py", 7
        frame = message.stackTrace.frames.add().pc
        frame.uri, frame.line, frame.column = "file:///b.py", 8, 2
        message.stackTrace.frames.add()
        message.parentStackTraceHandle = "from here"
        await stub.RegisterResource(message)

    serving(monitor, scenario)
    (request,) = monitor.registrations
    assert request.inputs == inputs
    assert request.parent == PARENT
    options = request.options
    assert options.depends_on == (URN,)
    assert options.property_dependencies == {"secret": (URN,)}
    assert (options.protect, options.retain_on_delete, options.delete_before_replace) == (False, True, False)
    assert (options.ignore_changes, options.replace_on_changes) == (("a",), ("b",))
    assert (options.additional_secret_outputs, options.hide_diffs) == (("c",), ("d",))
    assert options.aliases == (URN, AliasSpec(name="old"), AliasSpec(no_parent=True))
    assert options.custom_timeouts == CustomTimeouts(create=5400, update=300)
    assert options.hooks == {HookKind.BEFORE_CREATE: ("hook",)}
    assert options.plugin_checksums == (("linux-amd64", b"x"),)
    assert (options.deleted_with, options.replace_with, options.replacement_trigger) == (URN, (URN,), 3)
    assert options.env_var_mappings == {"A": "B"}
    assert request.package_ref == "p"
    assert request.source == SourcePosition("file:///a.py", 7)
    assert request.stack_trace == (SourcePosition("file:///b.py", 8, 2),)
    assert request.trace_handle == "from here"


def test_what_is_absent_stays_absent() -> None:
    """protocol.md §1: presence matters; §10.3 step 8: no property dependencies were sent."""
    monitor = FakeMonitor()

    async def scenario(stub: Any, _: Any) -> None:
        await stub.RegisterResource(registration())

    serving(monitor, scenario)
    (plain,) = monitor.registrations
    assert plain.options.property_dependencies is None
    assert (
        plain.options.protect is plain.options.delete_before_replace is plain.options.custom_timeouts is None
    )
    assert plain.source is plain.parent is None


def test_old_programs_of_node_mean_the_opposite_by_an_empty_parent() -> None:
    """protocol.md §10.3 step 5: only without aliasSpecs, and only for that runtime."""
    monitor = FakeMonitor()

    async def scenario(stub: Any, _: Any) -> None:
        for runtime, specs in (("nodejs", False), ("nodejs", True), ("python", False)):
            message = registration(name=f"{runtime}-{specs}", aliasSpecs=specs)
            message.aliases.add().spec.name = "old"
            message.aliases.add().spec.noParent = True
            await stub.RegisterResource(message, metadata=(("pulumi-runtime", runtime),))

    serving(monitor, scenario)
    swapped, *kept = [request.options.aliases for request in monitor.registrations]
    assert swapped == (AliasSpec(name="old", no_parent=True), AliasSpec())
    assert kept == [(AliasSpec(name="old"), AliasSpec(no_parent=True))] * 2


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (
            {"acceptSecrets": True, "acceptResources": True, "supportsPartialValues": True},
            {"s": Secret("x"), "r": ResourceRef(urn=URN, id="i"), "u": UNKNOWN, "p": {"q": UNKNOWN}},
        ),
        ({"supportsPartialValues": True}, {"s": "x", "r": "i", "u": UNKNOWN, "p": {"q": UNKNOWN}}),
        ({}, {"s": "x", "r": "i"}),
    ],
)
def test_an_answer_holds_what_its_reader_takes(flags: dict[str, Any], expected: dict[str, Any]) -> None:
    """protocol.md §3.2, §10.3; §15.1: programs look for the text's sentinel alone."""
    monitor = FakeMonitor()
    monitor.answers["r"] = lambda _: {
        "s": Secret("x"),
        "r": ResourceRef(urn=URN, id="i"),
        "u": Unknown(UnknownKind.NUMBER),
        "p": {"q": Unknown(UnknownKind.BOOL)},
    }

    async def scenario(stub: Any, _: Any) -> None:
        answer = await stub.RegisterResource(registration(**flags))
        assert decode_properties(answer.object, EVERYTHING) == expected

    serving(monitor, scenario)


def test_byte_strings_go_to_programs_that_take_them() -> None:
    """protocol.md §2.7: for others it is an error that names the property."""
    monitor = FakeMonitor()
    monitor.answers["r"] = lambda _: {"data": b"\xff"}

    async def scenario(stub: Any, _: Any) -> None:
        answer = await stub.RegisterResource(registration(accepts_byte_string=True))
        assert decode_properties(answer.object, EVERYTHING) == {"data": b"\xff"}
        code, text = await refusal(stub.RegisterResource(registration()))
        assert code is grpc.StatusCode.UNKNOWN
        assert "`data`" in text

    serving(monitor, scenario)


def test_an_id_that_is_not_known_yet_is_empty() -> None:
    """protocol.md §10.3: but for a provider, whose id is then the sentinel."""
    monitor = FakeMonitor(dry_run=True)

    async def scenario(stub: Any, _: Any) -> None:
        assert (await stub.RegisterResource(registration())).id == ""
        provider = registration(type="pulumi:providers:t")
        assert (await stub.RegisterResource(provider)).id == UNKNOWN_ID
        component = await stub.RegisterResource(registration(custom=False, name="c"))
        assert (component.id, len(component.object.fields)) == ("", 0)

    serving(monitor, scenario)


def test_failed_registrations_are_told_as_the_program_can_hear_it() -> None:
    """protocol.md §6.6."""
    monitor = FakeMonitor()
    monitor.answers["r"] = lambda _: Registered(urn=URN, result=Result.FAIL)

    async def scenario(stub: Any, _: Any) -> None:
        assert (await stub.RegisterResource(registration())).result == resource_pb2.FAIL
        code, text = await refusal(stub.RegisterResource(registration(supportsResultReporting=False)))
        assert (code, text) == (grpc.StatusCode.INTERNAL, "resource registration failed")

    serving(monitor, scenario)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"parent": "nonsense"}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"dependencies": ["nonsense"]}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"aliasURNs": ["nonsense"]}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"deletedWith": "nonsense"}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"customTimeouts": {"create": "soon"}}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"transforms": [{"token": "t"}]}, grpc.StatusCode.INVALID_ARGUMENT),
        ({"state_migrations": [{"target": "t", "token": "t"}]}, grpc.StatusCode.FAILED_PRECONDITION),
        ({"inputs": {"x": {"4dabf18193072939515e22adb298388d": "?"}}}, grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
def test_a_wrong_request_is_refused_and_the_next_one_served(fields: Any, code: Any) -> None:
    """protocol.md §6.6."""
    monitor = FakeMonitor()
    inputs = fields.pop("inputs", {})

    async def scenario(stub: Any, _: Any) -> None:
        message = registration(inputs)
        json_format.ParseDict(fields, message)
        assert (await refusal(stub.RegisterResource(message)))[0] is code
        await stub.RegisterResource(registration())

    serving(monitor, scenario)
    assert monitor.names == ["r"]


def test_bytes_that_are_no_message_are_refused(capfd: pytest.CaptureFixture[str]) -> None:
    """A client that sends nonsense gets a status; no traceback is printed and the server goes on."""

    async def run() -> None:
        monitor = FakeMonitor()
        server = await MonitorServer.start(monitor)
        async with open_channel(server.address) as channel:
            call = channel.unary_unary("/pulumirpc.ResourceMonitor/RegisterResource")
            for data in (b"\xff\xff\xff", b"\x0a\x80", b"\x2a\x05abcde"):
                assert (await refusal(call(data)))[0] is grpc.StatusCode.INVALID_ARGUMENT
            unknown = channel.unary_unary("/pulumirpc.ResourceMonitor/Nothing")
            assert (await refusal(unknown(b"")))[0] is grpc.StatusCode.UNIMPLEMENTED
            await resource_pb2.ResourceMonitorStub(channel).RegisterResource(registration())
        await server.stop()
        monitor.stop()

    asyncio.run(run())
    assert "Traceback" not in capfd.readouterr().err


def test_when_the_deployment_is_over_everybody_hears_it() -> None:
    """protocol.md §6.6: UNAVAILABLE."""
    monitor = FakeMonitor()
    monitor.close()

    async def scenario(stub: Any, _: Any) -> None:
        code, text = await refusal(stub.RegisterResource(registration()))
        assert (code, text) == (grpc.StatusCode.UNAVAILABLE, "resource monitor shut down")

    serving(monitor, scenario)


def test_a_client_that_goes_away_takes_only_its_own_calls_with_it() -> None:
    """The others are served on; the server stops although a client never ended."""

    async def run() -> None:
        monitor = FakeMonitor()
        release = monitor.hold("held")
        server = await MonitorServer.start(monitor)
        gone, there = open_channel(server.address), open_channel(server.address)
        hanging = asyncio.ensure_future(
            resource_pb2.ResourceMonitorStub(gone).RegisterResource(registration(name="held"))
        )
        while not monitor.registrations:
            await asyncio.sleep(0)
        await gone.close(None)
        with pytest.raises((grpc.aio.AioRpcError, asyncio.CancelledError, grpc.aio.UsageError)):
            await hanging
        release()
        await resource_pb2.ResourceMonitorStub(there).RegisterResource(registration())
        release = monitor.hold("never")
        never = asyncio.ensure_future(
            resource_pb2.ResourceMonitorStub(there).RegisterResource(registration(name="never"))
        )
        while len(monitor.registrations) < 3:
            await asyncio.sleep(0)
        await server.stop()
        with pytest.raises(grpc.aio.AioRpcError):
            await never
        release()
        await there.close(None)
        monitor.stop()

    asyncio.run(asyncio.wait_for(run(), 30))


def test_outputs_reads_functions_and_methods() -> None:
    """protocol.md §10.4, §10.5, §10.7, §10.8."""
    monitor = FakeMonitor()
    monitor.answers["t:m:f"] = lambda _: InvokeResult(
        value={"s": Secret(1), "r": ResourceRef(urn=URN, id="i")}, failures=(CheckFailure("p", "bad"),)
    )
    monitor.answers["t:m:R/do"] = lambda _: CallResult(
        value={"r": ResourceRef(urn=URN, id="i")}, dependencies={"r": (URN,)}
    )

    async def scenario(stub: Any, _: Any) -> None:
        outputs = resource_pb2.RegisterResourceOutputsRequest(urn=PARENT)
        encode_properties({"o": OutputValue(value="v", secret=True)}, outputs.outputs, EVERYTHING)
        await stub.RegisterResourceOutputs(outputs)
        assert monitor.outputs == {PARENT: {"o": Secret("v")}}

        read = resource_pb2.ReadResourceRequest(id="i", type="t:m:R", name="read", parent=PARENT)
        encode_properties({"a": Secret(1)}, read.properties, EVERYTHING)
        found = await stub.ReadResource(read)
        assert (found.id, decode_properties(found.properties, EVERYTHING)) == ("i", {"a": 1})

        invoke = resource_pb2.ResourceInvokeRequest(tok="t:m:f", parent=PARENT, dependsOn=[URN])
        encode_properties({"a": UNKNOWN}, invoke.args, EVERYTHING)
        answer = await stub.Invoke(invoke)
        assert decode_properties(getattr(answer, "return"), EVERYTHING) == {"s": Secret(1), "r": "i"}
        assert [(f.property, f.reason) for f in answer.failures] == [("p", "bad")]

        call = resource_pb2.ResourceCallRequest(tok="t:m:R/do")
        call.argDependencies["a"].urns.append(URN)
        answer = await stub.Call(call)
        assert decode_properties(getattr(answer, "return"), EVERYTHING) == {"r": ResourceRef(urn=URN, id="i")}
        assert list(answer.returnDependencies["r"].urns) == [URN]

    serving(monitor, scenario)
    read, invoke, call = [r for r in monitor.requests if not isinstance(r, tuple)]
    assert (read.id, read.inputs) == ("i", {"a": Secret(1)})
    assert (invoke.args, invoke.depends_on, invoke.parent) == ({"a": UNKNOWN}, (URN,), PARENT)
    assert call.arg_dependencies == {"a": (URN,)}


def test_packages_are_announced_once() -> None:
    """protocol.md §10.9."""
    monitor = FakeMonitor()

    async def scenario(stub: Any, _: Any) -> None:
        message = resource_pb2.RegisterPackageRequest(name="base", version="1.0.0")
        message.parameterization.name, message.parameterization.value = "sub", b"v"
        first, second = await stub.RegisterPackage(message), await stub.RegisterPackage(message)
        assert first.ref == second.ref != ""
        message = resource_pb2.RegisterPackageRequest(name="base")
        message.extension.name = "ext"
        assert (await stub.RegisterPackage(message)).ref != first.ref
        code, _ = await refusal(stub.RegisterPackage(resource_pb2.RegisterPackageRequest()))
        assert code is grpc.StatusCode.INVALID_ARGUMENT

    serving(monitor, scenario)
    first = monitor.requests[0]
    assert isinstance(first, PackageRequest)
    assert (first.package, first.parameterization.value) == ("sub", b"v")


class Program:
    """A Callbacks server as a program has one; *script* answers by token, from bytes to a message."""

    def __init__(self, **script: Callable[[bytes], Any]) -> None:
        self.script = script

    async def Invoke(self, request: callback_pb2.CallbackInvokeRequest, context: Any) -> Any:
        try:
            answer = self.script[request.token](request.request)
        except KeyError:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "unknown token")
        except RuntimeError as error:
            await context.abort(grpc.StatusCode.UNKNOWN, str(error))
        return callback_pb2.CallbackInvokeResponse(response=answer.SerializeToString())

    async def serve(self) -> LocalServer:
        return await LocalServer.start(partial(callback_pb2.add_CallbacksServicer_to_server, self))


def test_transforms_run_in_the_program() -> None:
    """protocol.md §11.2: what is absent is unchanged, what is present replaces; §11.1: exceptions."""
    monitor = FakeMonitor()
    seen: list[Any] = []

    def change(data: bytes) -> Any:
        request = resource_pb2.TransformRequest.FromString(data)
        seen.append(request)
        answer = resource_pb2.TransformResponse()
        answer.options.CopyFrom(request.options)
        answer.options.protect = True
        return answer

    def replace(data: bytes) -> Any:
        answer = resource_pb2.TransformResponse()
        encode_properties({"new": Secret(1)}, answer.properties, EVERYTHING)
        return answer

    def fail(data: bytes) -> Any:
        raise RuntimeError("no such thing")

    async def scenario(stub: Any, _: Any) -> None:
        program = await Program(change=change, replace=replace, fail=fail).serve()
        where = program.address
        await stub.RegisterStackTransform(callback_pb2.Callback(target=where, token="replace"))
        message = registration({"a": 1}, parent=PARENT, envVarMappings={"A": "B"})
        message.transforms.add(target=where, token="change")
        await stub.RegisterResource(message)
        message = registration(name="failing")
        message.transforms.add(target=where, token="fail")
        assert "no such thing" in (await refusal(stub.RegisterResource(message)))[1]
        code, _ = await refusal(stub.RegisterStackTransform(callback_pb2.Callback(token="t")))
        assert code is grpc.StatusCode.INVALID_ARGUMENT
        await program.stop()
        message.transforms[0].token = "change"
        assert "gone" in (await refusal(stub.RegisterResource(message)))[1]

    serving(monitor, scenario)
    assert seen[0].parent == PARENT
    (changed,) = [r[1] for r in monitor.requests if isinstance(r, tuple) and r[0] == "transformed"]
    assert changed.inputs == {"new": Secret(1)}
    assert changed.options.protect is True
    assert changed.options.env_var_mappings == {"A": "B"}  # nothing on the wire stands for it here


def test_invoke_transforms_run_in_the_program() -> None:
    """protocol.md §11.3."""
    monitor = FakeMonitor()

    def change(data: bytes) -> Any:
        request = resource_pb2.TransformInvokeRequest.FromString(data)
        assert request.token == "t:m:f"
        answer = resource_pb2.TransformInvokeResponse()
        encode_properties({"b": 2}, answer.args, EVERYTHING)
        return answer

    async def scenario(stub: Any, _: Any) -> None:
        program = await Program(change=change).serve()
        await stub.RegisterStackInvokeTransform(callback_pb2.Callback(target=program.address, token="change"))
        answer = await stub.Invoke(resource_pb2.ResourceInvokeRequest(tok="t:m:f"))
        assert decode_properties(getattr(answer, "return"), EVERYTHING) == {"b": 2}
        await program.stop()

    serving(monitor, scenario)


def test_hooks_run_in_the_program() -> None:
    """protocol.md §11.4, §11.5: an error in the answer is the hook's failure; retries are asked for."""
    monitor = FakeMonitor()
    seen: list[Any] = []

    def hook(data: bytes) -> Any:
        request = resource_pb2.ResourceHookRequest.FromString(data)
        seen.append(request)
        return resource_pb2.ResourceHookResponse(error="" if request.id == "well" else "it is not well")

    def retry(data: bytes) -> Any:
        request = resource_pb2.ErrorHookRequest.FromString(data)
        seen.append(request)
        return resource_pb2.ErrorHookResponse(retry=request.errors[0] == "again")

    async def scenario(stub: Any, _: Any) -> None:
        program = await Program(hook=hook, retry=retry).serve()
        callback = partial(callback_pb2.Callback, target=program.address)
        await stub.RegisterResourceHook(
            resource_pb2.RegisterResourceHookRequest(
                name="h", callback=callback(token="hook"), on_dry_run=True
            )
        )
        await stub.RegisterErrorHook(
            resource_pb2.RegisterErrorHookRequest(name="e", callback=callback(token="retry"))
        )
        args = partial(HookArgs, urn=URN, name="r", type="t:m:R")
        before = args(kind=HookKind.BEFORE_UPDATE, id="well", new_inputs={"a": Secret(1)}, old_inputs={})
        await monitor.hooks["h"].callback(before)
        with pytest.raises(Exception, match="it is not well"):
            await monitor.hooks["h"].callback(args(kind=HookKind.BEFORE_UPDATE, id="ill"))
        error = args(kind=HookKind.ON_ERROR, id="", operation="create", errors=("again",))
        assert await monitor.hooks["e"].callback(error) is True
        await program.stop()

    serving(monitor, scenario)
    assert monitor.hooks["h"].on_dry_run
    assert monitor.hooks["e"].is_error_hook
    assert seen[0].HasField("old_inputs")
    assert not seen[0].HasField("new_outputs")
    assert decode_properties(seen[0].new_inputs, EVERYTHING) == {"a": Secret(1)}
    assert seen[2].failed_operation == "create"


def test_the_program_says_things_and_names_its_stack() -> None:
    """protocol.md §12; an unknown severity is an error."""
    monitor = FakeMonitor()

    async def scenario(_: Any, engine: Any) -> None:
        await engine.Log(engine_pb2.LogRequest(severity=2, message="careful\n ", urn=URN, streamId=3))
        assert (await refusal(engine.Log(engine_pb2.LogRequest(severity=9))))[0] is (
            grpc.StatusCode.INVALID_ARGUMENT
        )
        assert (await engine.GetRootResource(engine_pb2.GetRootResourceRequest())).urn == ""
        await engine.SetRootResource(engine_pb2.SetRootResourceRequest(urn=PARENT))
        assert (await engine.GetRootResource(engine_pb2.GetRootResourceRequest())).urn == PARENT
        await engine.RequirePulumiVersion(
            engine_pb2.RequirePulumiVersionRequest(pulumi_version_range=">=3.0.0")
        )

    serving(monitor, scenario)
    (said,) = monitor.said
    assert (said.severity, said.message, said.urn, said.stream) == (Severity.WARNING, "careful\n ", URN, 3)
    assert monitor.root == PARENT


def test_the_end_is_signalled_once() -> None:
    """protocol.md §10.11."""
    monitor = FakeMonitor()

    async def scenario(stub: Any, _: Any) -> None:
        await stub.SignalAndWaitForShutdown(Empty())
        code, _ = await refusal(stub.SignalAndWaitForShutdown(Empty()))
        assert code is grpc.StatusCode.FAILED_PRECONDITION

    serving(monitor, scenario)
    assert monitor.finished


def test_guests_neither_end_the_deployment_nor_name_its_stack() -> None:
    """A construction within somebody's deployment (protocol.md §8.14)."""
    monitor = FakeMonitor()

    async def scenario(stub: Any, engine: Any) -> None:
        await engine.SetRootResource(engine_pb2.SetRootResourceRequest(urn=URN))
        root = await engine.GetRootResource(engine_pb2.GetRootResourceRequest())
        assert root.urn == PARENT
        await stub.SignalAndWaitForShutdown(Empty())

    serving(monitor, scenario, guest=True, root=lambda: Urn(PARENT))
    assert monitor.root is None
    assert not monitor.finished


def test_a_flood_is_served() -> None:
    """Two thousand at once, one connection: all answered. gRPC promises no order."""
    monitor = FakeMonitor()
    names = [f"r{number}" for number in range(2000)]

    async def scenario(stub: Any, _: Any) -> None:
        answers = await asyncio.gather(*[stub.RegisterResource(registration(name=name)) for name in names])
        assert [answer.id for answer in answers] == [f"{name}-id" for name in names]

    serving(monitor, scenario)
    assert sorted(monitor.names) == sorted(names)
