"""A monitor across processes: served by one side, used by the other (protocol.md §10-§12)."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.monitors import FakeMonitor
from support.value_strategies import property_maps

from stackwright.diagnostics import DebuggerAwaited, Diagnostic, Severity
from stackwright.goals import (
    AliasSpec,
    CallRequest,
    CallResult,
    CheckFailure,
    CustomTimeouts,
    ExistsRequest,
    HookArgs,
    HookKind,
    HookRegistration,
    InvokeRequest,
    InvokeResult,
    InvokeTransformArgs,
    PackageRequest,
    Parameterization,
    ReadRequest,
    Registered,
    RegisterRequest,
    ResourceOptions,
    Result,
    SourcePosition,
    TransformArgs,
    TransformResult,
)
from stackwright.monitor import MonitorClosedError
from stackwright.reply import Reply
from stackwright.urn import UNKNOWN_ID, Urn
from stackwright.values import UNKNOWN, OutputValue, ResourceRef, Secret
from stackwright.wire import (
    EVERYTHING,
    MonitorRefusedError,
    MonitorServer,
    MonitorUnreachableError,
    RemoteMonitor,
    encode_properties,
)
from stackwright.wire import monitor_messages as messages
from stackwright.wire._callbacks import CallbackServer
from stackwright.wire._servers import open_channel
from stackwright.wire.stubs.google.protobuf import empty_pb2
from stackwright.wire.stubs.pulumi import callback_pb2, engine_pb2, resource_pb2

T = TypeVar("T")

URN = Urn("urn:pulumi:dev::proj::t:m:R::r")
OTHER = Urn("urn:pulumi:dev::proj::t:m:R::other")


class Served:
    """A monitor with its server, on a thread with a loop of its own."""

    def __init__(self, monitor: FakeMonitor) -> None:
        self.monitor = monitor
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = self.run(MonitorServer.start(monitor))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def stop(self) -> None:
        self.run(self.server.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()
        self.monitor.stop()


@contextmanager
def served(**settings: Any) -> Iterator[Served]:
    found = Served(FakeMonitor(**settings))
    try:
        yield found
    finally:
        found.stop()


@contextmanager
def remote(**settings: Any) -> Iterator[tuple[FakeMonitor, RemoteMonitor]]:
    """A fake engine, and the client that reaches it through a server."""
    with served(**settings) as there:
        address = there.server.address
        with RemoteMonitor(address, info=FakeMonitor(threaded=False).info, engine=address) as client:
            yield there.monitor, client


def call(address: str, use: Callable[[Any], Any]) -> Any:
    """What a foreign client gets."""
    with grpc.insecure_channel(address) as channel:
        return use(channel)


def unary(channel: grpc.Channel, method: str, message: Any, answer: Any) -> Any:
    service = "Engine" if method in ("Log", "GetRootResource", "SetRootResource") else "ResourceMonitor"
    invoke = channel.unary_unary(
        f"/pulumirpc.{service}/{method}",
        request_serializer=type(message).SerializeToString,
        response_deserializer=answer.FromString,
    )
    return invoke(message, timeout=30)


def register(channel: grpc.Channel, message: Any) -> Any:
    return unary(channel, "RegisterResource", message, resource_pb2.RegisterResourceResponse)


FULL = ResourceOptions(
    depends_on=(OTHER,),
    property_dependencies={"a": (OTHER,), "b": ()},
    protect=False,
    ignore_changes=("x",),
    replace_on_changes=("y",),
    delete_before_replace=False,
    retain_on_delete=True,
    deleted_with=OTHER,
    replace_with=(OTHER,),
    replacement_trigger=Secret("t"),
    additional_secret_outputs=("s",),
    aliases=(URN, AliasSpec(name="n", parent=OTHER), AliasSpec(type="t:m:Old", no_parent=True), AliasSpec()),
    custom_timeouts=CustomTimeouts(create=90, update=0.5, delete=3600, read=1),
    import_id="i",
    provider=f"{OTHER}::id",
    providers={"aws": f"{OTHER}::id"},
    version="1.2.3",
    plugin_download_url="https://example.com",
    plugin_checksums=(("linux-amd64", b"\x01"),),
    hooks={HookKind.BEFORE_CREATE: ("one", "two"), HookKind.ON_ERROR: ("three",)},
    hide_diffs=("h",),
    env_var_mappings={"NEW": "OLD"},
)
INPUTS = {
    "secret": Secret([1, UNKNOWN]),
    "reference": ResourceRef(urn=OTHER, id="id"),
    "output": OutputValue(value="v", dependencies=(OTHER,)),
    "unknown": UNKNOWN,
    "nested": {"a": [None, {"b": 1.5}]},
}


class TestMessages:
    def test_registrations(self) -> None:
        """Every field of a registration crosses (§10.3)."""
        request = RegisterRequest(
            type="t:m:R",
            name="r",
            custom=True,
            parent=OTHER,
            inputs=INPUTS,
            options=FULL,
            package_ref="ref",
            source=SourcePosition("file:///p/__main__.py", 3, 4),
            stack_trace=(SourcePosition("file:///p/__main__.py", 3), SourcePosition("file:///p/m.py", 1)),
        )
        message = resource_pb2.RegisterResourceRequest()
        messages.fill_register_request(message, request)

        assert messages.register_request_of(message) == request

    def test_components(self) -> None:
        """A remote component says so; what was not said stays unsaid (§10.3)."""
        request = RegisterRequest(type="t:m:C", name="c", custom=False, remote=True)
        message = resource_pb2.RegisterResourceRequest()
        messages.fill_register_request(message, request)

        assert messages.register_request_of(message) == request

    @given(property_maps, st.sampled_from(list(Result)), st.booleans())
    def test_answers(self, outputs: Any, result: Result, unknown: bool) -> None:
        """Outputs cross unchanged for a caller that takes everything (§10.3)."""
        asked = resource_pb2.RegisterResourceRequest(
            type="t:m:R",
            acceptSecrets=True,
            acceptResources=True,
            accepts_byte_string=True,
            supportsPartialValues=True,
        )
        given_ = Registered(urn=URN, id="id", outputs=outputs, result=result, unknown=unknown)
        message = resource_pb2.RegisterResourceResponse()
        messages.fill_register_answer(message, asked, given_)
        plain = resource_pb2.RegisterResourceResponse()
        encode_properties(
            outputs,
            plain.object,
            messages.accepted(byte_strings=True),
        )

        assert message.object == plain.object
        found = messages.register_answer_of(message, custom=True)
        assert (found.urn, found.id, found.result, found.unknown) == (URN, "id", result, unknown)

    def test_callers_that_take_less(self) -> None:
        """Secrets, references and partly known values go only to those who said so (§10.3)."""
        answer = Registered(
            urn=URN,
            id=UNKNOWN_ID,
            outputs={"s": Secret("x"), "r": ResourceRef(urn=OTHER, id="i"), "u": [UNKNOWN]},
        )
        message = resource_pb2.RegisterResourceResponse()
        messages.fill_register_answer(message, resource_pb2.RegisterResourceRequest(type="t:m:R"), answer)

        assert message.id == ""
        assert messages.register_answer_of(message, custom=True).outputs == {"s": "x", "r": "i"}

    def test_the_id_of_a_provider_in_a_preview(self) -> None:
        """It is the word for «not known», since it becomes part of references (§10.3)."""
        message = resource_pb2.RegisterResourceResponse()
        asked = resource_pb2.RegisterResourceRequest(type="pulumi:providers:aws")
        messages.fill_register_answer(message, asked, Registered(urn=URN, id=UNKNOWN_ID))

        assert message.id == UNKNOWN_ID

    def test_aliases_of_old_callers(self) -> None:
        """An old Node.js caller says the opposite of what it means (§10.3, step 5)."""
        message = resource_pb2.RegisterResourceRequest(type="t:m:R")
        message.aliases.add().spec.name = "a"
        message.aliases.add().spec.noParent = True

        found = messages.register_request_of(message, old_aliases=True).options.aliases

        assert found == (AliasSpec(name="a", no_parent=True), AliasSpec())

    def test_bad_positions_are_none(self) -> None:
        """A position that is no file's is ignored, never an error (§10.12)."""
        message = resource_pb2.RegisterResourceRequest(type="t:m:R")
        message.sourcePosition.uri = "http://example.com"

        assert messages.register_request_of(message).source is None


class TestBothSides:
    """`RemoteMonitor` through `MonitorServer` is as good as the monitor itself."""

    def test_the_deployment(self) -> None:
        """Project, configuration and features are the engine's (§10.1)."""
        config = {"proj:a": "1", "proj:s": "hidden"}
        with remote(config=config, secret_keys=frozenset({"proj:s"}), dry_run=True) as (engine, client):
            assert client.deployment() == engine.info
            assert client.supports("secrets")
            assert not client.supports("nothing like that")

    def test_resources(self) -> None:
        """Registered, read and completed; requests arrive as they were sent (§10.3-§10.5)."""
        with remote() as (engine, client):
            request = RegisterRequest(type="t:m:R", name="r", custom=True, inputs=INPUTS, options=FULL)
            here = SourcePosition("file:///p/__main__.py", 3)
            read = ReadRequest(
                type="t:m:R",
                name="g",
                id="the-id",
                inputs={"a": Secret(1)},
                depends_on=(URN,),
                source=here,
                stack_trace=(here,),
                trace_handle="there",
            )

            registered = client.register(request).wait(30)
            found = client.read(read).wait(30)
            client.register_outputs(URN, {"x": Secret("y")}).wait(30)

            assert engine.requests == [request, read, (URN, {"x": Secret("y")})]
            assert registered == Registered(
                urn=URN,
                id="r-id",
                outputs={
                    "secret": Secret([1, UNKNOWN]),
                    "reference": ResourceRef(urn=OTHER, id="id"),
                    "output": "v",
                    "unknown": UNKNOWN,
                    "nested": {"a": [None, {"b": 1.5}]},
                },
            )
            assert (found.id, found.outputs) == ("the-id", {"a": Secret(1)})

    def test_existence(self) -> None:
        """Three answers: there, not there, not known (§10.6); where the question comes from travels along."""
        with remote() as (engine, client):
            engine.there = {"a": True, "c": None}
            asked = [
                ExistsRequest(type="t:m:R", id=id_, parent=URN, inputs={"k": Secret(1)}, version="1.0.0")
                for id_ in "abc"
            ]

            answers = [client.exists(request).wait(30) for request in asked]

            assert answers == [True, False, None]
            assert engine.requests == asked

    def test_existence_is_not_known_to_every_engine(self) -> None:
        """§10.6 is newer than some engines; the program hears what is missing."""
        with remote() as (engine, client):
            engine.exists = None  # type: ignore[assignment] # as if there were no such method

            with pytest.raises(MonitorRefusedError):
                client.exists(ExistsRequest(type="t:m:R", id="a")).wait(30)

    def test_a_debugger_is_awaited(self) -> None:
        """`StartDebugging` is heard as what it is, with how one attaches (§12)."""
        with remote() as (engine, client):
            config = {"request": "attach", "connect": {"port": 1.0}, "pathMappings": [{"localRoot": "/a"}]}
            said = DebuggerAwaited(message="It waits", config=config)
            client.log(said)
            client.flush()
            assert engine.said == [said]

    def test_functions_methods_and_packages(self) -> None:
        """Invoke, Call and RegisterPackage (§10.7-§10.9)."""
        with remote() as (engine, client):
            engine.answers["t:m:f"] = lambda _: InvokeResult(
                value={"s": Secret(1)}, failures=(CheckFailure("p", "why"),), unknown=True
            )
            engine.answers["t:m/g"] = lambda _: CallResult(value={"a": 1}, dependencies={"a": (URN,)})
            invoke = InvokeRequest(
                token="t:m:f", args={"a": Secret(UNKNOWN)}, depends_on=(URN,), version="1.0.0"
            )
            method = CallRequest(
                token="t:m/g", args={"__self__": ResourceRef(urn=URN)}, arg_dependencies={"__self__": (URN,)}
            )
            base = PackageRequest(name="base", version="1.0.0", checksums=(("a", b"b"),))
            parameter = Parameterization(name="p", version="2.0.0", value=b"v")
            extension = PackageRequest(
                name="base", version="1.0.0", checksums=(("a", b"b"),), parameterization=parameter
            )

            assert client.invoke(invoke).wait(30) == engine.answers["t:m:f"](None)
            assert client.call(method).wait(30) == engine.answers["t:m/g"](None)
            first = client.register_package(base, extension=extension).wait(30)
            assert client.register_package(base, extension=extension).wait(30) == first
            assert engine.requests == [invoke, method, base, base]

    def test_transforms(self) -> None:
        """Transforms run where the program is, with everything they are told (§11.2, §11.3)."""
        seen: list[Any] = []

        async def one(args: TransformArgs) -> TransformResult:
            seen.append(args)
            return TransformResult(properties={"a": Secret("b")}, options=FULL)

        async def invoke(args: InvokeTransformArgs) -> InvokeTransformArgs | None:
            return InvokeTransformArgs(token=args.token, args={"added": 1}, version="9.0.0")

        async def neither(_: Any) -> TransformResult:
            return TransformResult()

        with remote() as (_, client):
            client.add_stack_transform(neither).wait(30)
            client.add_invoke_transform(invoke).wait(30)
            request = RegisterRequest(
                type="t:m:R", name="r", custom=True, inputs=INPUTS, options=FULL, transforms=(one,)
            )
            registered = client.register(request).wait(30)
            answer = client.invoke(InvokeRequest(token="t:m:f", args={"a": 1})).wait(30)

        without_mappings = {"env_var_mappings": {}, "property_dependencies": None}
        (args,) = seen
        expected = {name: getattr(FULL, name) for name in FULL.__struct_fields__} | without_mappings
        assert {name: getattr(args.options, name) for name in expected} == expected
        assert args.properties == INPUTS
        assert registered.outputs == {"a": Secret("b")}
        assert answer.value == {"added": 1}

    def test_a_transform_that_fails(self) -> None:
        """Its text reaches whoever asked for the resource (§11.1)."""

        async def fails(_: TransformArgs) -> TransformResult:
            raise ValueError("no such colour")

        with remote() as (_, client):
            request = RegisterRequest(type="t:m:R", name="r", custom=True, transforms=(fails,))
            with pytest.raises(MonitorRefusedError, match="no such colour"):
                client.register(request).wait(30)

    def test_hooks(self) -> None:
        """Resource hooks and error hooks, with what they are given and what they answer (§11.4, §11.5)."""
        seen: list[HookArgs] = []

        async def hook(args: HookArgs) -> bool | None:
            seen.append(args)
            if args.new_inputs == {"bad": True}:
                raise ValueError("not today")
            return True

        with remote() as (engine, client):
            client.add_hook(HookRegistration(name="h", callback=hook, on_dry_run=True)).wait(30)
            client.add_hook(HookRegistration(name="e", callback=hook, is_error_hook=True)).wait(30)
            with pytest.raises(MonitorRefusedError, match="registered already"):
                client.add_hook(HookRegistration(name="h", callback=hook)).wait(30)

            assert engine.hooks["h"].on_dry_run
            assert engine.hooks["e"].is_error_hook
            engine.run_hook("h", HookKind.BEFORE_CREATE, new_inputs={"a": Secret(1)})
            assert engine.run_hook("e", HookKind.ON_ERROR, operation="create", errors=("b", "a")) is True
            with pytest.raises(Exception, match="not today"):
                engine.run_hook("h", HookKind.BEFORE_CREATE, new_inputs={"bad": True})

        assert seen[0].kind is HookKind.BEFORE_CREATE
        assert seen[0].new_inputs == {"a": Secret(1)}
        assert (seen[1].operation, seen[1].errors) == ("create", ("b", "a"))

    def test_messages_and_the_root(self) -> None:
        """Log and SetRootResource have arrived when the end has been told (§12, §10.11)."""
        with remote() as (engine, client):
            client.log(Diagnostic(severity=Severity.WARNING, message=" two\nlines ", urn=URN, stream=3))
            client.set_root(URN)
            client.finish().wait(30)

            assert engine.root == URN
            assert engine.finished
            assert engine.said == [
                Diagnostic(severity=Severity.WARNING, message=" two\nlines ", urn=URN, stream=3)
            ]

    def test_the_deployment_is_over(self) -> None:
        """`MonitorClosedError`, as in the same process (§6.6, E79)."""
        with remote() as (engine, client):
            engine.close()
            with pytest.raises(MonitorClosedError):
                client.register(RegisterRequest(type="t:m:R", name="r", custom=True)).wait(30)

    def test_the_engine_is_gone(self) -> None:
        """What is open, and what comes after, fails alike (§6.6)."""
        with served() as there:
            client = RemoteMonitor(there.server.address, info=there.monitor.info).open()
            release = there.monitor.hold("r")
            waiting: Reply[Any] = client.register(RegisterRequest(type="t:m:R", name="r", custom=True))
        release()
        with pytest.raises(MonitorClosedError):
            waiting.wait(30)
        with pytest.raises(MonitorClosedError):
            client.register(RegisterRequest(type="t:m:R", name="q", custom=True)).wait(30)
        client.close()
        with pytest.raises(MonitorClosedError):
            client.register(RegisterRequest(type="t:m:R", name="q", custom=True)).wait(30)

    def test_nobody_is_there(self) -> None:
        """An address without an engine is told at once."""
        with served() as there:
            address = there.server.address
        with pytest.raises(MonitorUnreachableError, match=address):
            RemoteMonitor(address, info=FakeMonitor(threaded=False).info).open()


class TestCallbackServer:
    def test_tokens_and_statuses(self) -> None:
        """One token for one function, not to be guessed; a status for each failure (sdk.md §12.2)."""

        async def fails(_: TransformArgs) -> TransformResult:
            raise ValueError("no such colour")

        async def is_cancelled(_: TransformArgs) -> TransformResult:
            raise asyncio.CancelledError

        async def told(callback: Any, token: str) -> tuple[Any, str]:
            request = callback_pb2.CallbackInvokeRequest(token=token)
            async with open_channel(callback.target) as channel:
                with pytest.raises(grpc.aio.AioRpcError) as caught:
                    await callback_pb2.CallbacksStub(channel).Invoke(request)
            return caught.value.code(), caught.value.details() or ""

        async def main() -> None:
            server = CallbackServer()
            first, again, other = (callback_pb2.Callback() for _ in range(3))
            await server.offer_transform(first, fails)
            await server.offer_transform(again, fails)
            await server.offer_transform(other, is_cancelled)
            assert (first.token, first.target) == (again.token, again.target)
            assert first.target == other.target
            assert first.target.startswith("127.0.0.1:")
            assert {str(uuid.UUID(one.token)) for one in (first, other)} == {first.token, other.token}

            code, text = await told(first, first.token)
            assert code is grpc.StatusCode.UNKNOWN
            assert text.startswith(f"no such colour\nin callback {first.token}:\n")
            assert f'File "{__file__}"' in text
            assert (await told(first, "nobody's"))[0] is grpc.StatusCode.INVALID_ARGUMENT
            assert (await told(other, other.token))[0] is grpc.StatusCode.CANCELLED
            await server.stop()

        asyncio.run(main())


class TestForeignClients:
    """What others may send."""

    def test_old_engines(self) -> None:
        """Features are asked for by name where a program knows nothing newer (§10.1)."""
        with served() as there:
            answer = call(
                there.server.address,
                lambda channel: [
                    unary(
                        channel,
                        "SupportsFeature",
                        resource_pb2.SupportsFeatureRequest(id=name),
                        resource_pb2.SupportsFeatureResponse,
                    ).hasSupport
                    for name in ("secrets", "nothing")
                ],
            )
        assert answer == [True, False]

    @pytest.mark.parametrize(
        ("method", "message", "code", "text"),
        [
            ("RegisterResource", {"type": "t:m:R", "parent": "nobody"}, "INVALID_ARGUMENT", "parent"),
            ("RegisterResource", {"type": "t:m:R", "dependencies": ["x"]}, "INVALID_ARGUMENT", "dependency"),
            ("RegisterResource", {"type": "t:m:R", "aliasURNs": ["x"]}, "INVALID_ARGUMENT", "alias"),
            ("RegisterResource", {"type": "t:m:R", "deletedWith": "x"}, "INVALID_ARGUMENT", "deletedWith"),
            (
                "RegisterResource",
                {"type": "t:m:R", "customTimeouts": {"create": "soon"}},
                "INVALID_ARGUMENT",
                "unable to parse customTimeout Value soon",
            ),
            (
                "RegisterResource",
                {"type": "t:m:R", "state_migrations": [{"target": "a"}]},
                "FAILED_PRECONDITION",
                "migrations",
            ),
            ("RegisterStackTransform", {"token": "a"}, "INVALID_ARGUMENT", "address"),
            ("RegisterPackage", {"version": "1.0.0"}, "INVALID_ARGUMENT", "name"),
            ("ExistsResource", {"type": "t:m:R", "id": "a", "parent": "p"}, "INVALID_ARGUMENT", "parent"),
        ],
    )
    def test_nonsense(self, method: str, message: dict[str, Any], code: str, text: str) -> None:
        """It is refused with the protocol's code, and the server goes on (§6.6)."""
        kinds: dict[str, Any] = {
            "RegisterResource": resource_pb2.RegisterResourceRequest,
            "RegisterPackage": resource_pb2.RegisterPackageRequest,
            "ExistsResource": resource_pb2.ExistsResourceRequest,
        }
        kind = kinds.get(method)
        with served() as there:

            def use(channel: grpc.Channel) -> None:
                from stackwright.wire.stubs.pulumi import callback_pb2

                sent = (kind or callback_pb2.Callback)(**message)
                with pytest.raises(grpc.RpcError) as refused:
                    unary(channel, method, sent, empty_pb2.Empty)
                assert refused.value.code() is getattr(grpc.StatusCode, code)
                assert text in refused.value.details()
                register(
                    channel, resource_pb2.RegisterResourceRequest(type="t:m:R", name="fine", custom=True)
                )

            call(there.server.address, use)
            assert there.monitor.names[-1] == "fine"

    def test_failures_for_callers_that_know_no_results(self) -> None:
        """A registration that failed is an error for them (§6.6)."""
        with served() as there:
            there.monitor.answers["r"] = lambda _: Registered(urn=URN, result=Result.FAIL)

            def use(channel: grpc.Channel) -> None:
                for knows in (False, True):
                    message = resource_pb2.RegisterResourceRequest(
                        type="t:m:R", name="r", custom=True, supportsResultReporting=knows
                    )
                    if knows:
                        answer = unary(
                            channel, "RegisterResource", message, resource_pb2.RegisterResourceResponse
                        )
                        assert answer.result == resource_pb2.FAIL
                        continue
                    with pytest.raises(grpc.RpcError) as refused:
                        unary(channel, "RegisterResource", message, resource_pb2.RegisterResourceResponse)
                    assert refused.value.code() is grpc.StatusCode.INTERNAL

            call(there.server.address, use)

    def test_a_client_that_dies(self) -> None:
        """What it asked for goes on, and others are served (§10.3)."""
        with served() as there:
            release = there.monitor.hold("slow")
            channel = grpc.insecure_channel(there.server.address)
            invoke = channel.unary_unary(
                "/pulumirpc.ResourceMonitor/RegisterResource",
                request_serializer=resource_pb2.RegisterResourceRequest.SerializeToString,
                response_deserializer=resource_pb2.RegisterResourceResponse.FromString,
            )
            future = invoke.future(
                resource_pb2.RegisterResourceRequest(type="t:m:R", name="slow", custom=True)
            )
            while not there.monitor.requests:
                pass
            channel.close()
            assert isinstance(future.exception(timeout=30), grpc.RpcError | grpc.FutureCancelledError)
            release()
            answer = call(
                there.server.address,
                lambda other: register(
                    other, resource_pb2.RegisterResourceRequest(type="t:m:R", name="next", custom=True)
                ),
            )
            assert answer.id == "next-id"
            assert there.monitor.names == ["slow", "next"]

    def test_engine_service(self) -> None:
        """The root resource that was set is told; an unknown severity is refused (§12)."""
        with served() as there:

            def use(channel: grpc.Channel) -> str:
                unary(
                    channel,
                    "SetRootResource",
                    engine_pb2.SetRootResourceRequest(urn=URN),
                    engine_pb2.SetRootResourceResponse,
                )
                with pytest.raises(grpc.RpcError):
                    unary(channel, "Log", engine_pb2.LogRequest(severity=9), empty_pb2.Empty)  # type: ignore[arg-type]
                found = unary(
                    channel,
                    "GetRootResource",
                    engine_pb2.GetRootResourceRequest(),
                    engine_pb2.GetRootResourceResponse,
                )
                return str(found.urn)

            assert call(there.server.address, use) == URN
            assert there.monitor.root == URN


def test_everything_is_the_widest_coding() -> None:
    """Between two processes of ours nothing is lost."""
    assert EVERYTHING.keep_outputs
    assert EVERYTHING.keep_bytes
