"""
Provider plugins that do as a test says.

`FakePlugin` is a `ResourceProvider` service with scripted answers that remembers what
it was asked; it runs on the test's own event loop and is attached to by port.
`script_plugin` writes a plugin program of a few lines, for what only a process can do.
"""

from __future__ import annotations

import asyncio
import copy
import stat
import sys
import textwrap
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from stackwright.diagnostics import Diagnostic
from stackwright.providers.plugin import PluginContext, PluginHost, PluginProvider, Timing
from stackwright.wire import DETAILS_TRAILER, LocalServer, encode_details, load_grpc
from stackwright.wire.stubs.google.protobuf.empty_pb2 import Empty
from stackwright.wire.stubs.pulumi import plugin_pb2, provider_pb2

load_grpc()  # quietly, before anything else loads it

import grpc  # noqa: E402

BRISK = Timing(port=20, greeting=10, cancel=2, interrupt=2, last_words=5)
"""Waits that end soon where a test provokes them, and are long enough for a busy machine elsewhere."""

_ANSWERS: dict[str, Any] = {
    "Parameterize": provider_pb2.ParameterizeResponse,
    "GetSchema": provider_pb2.GetSchemaResponse,
    "GetMapping": provider_pb2.GetMappingResponse,
    "CheckConfig": provider_pb2.CheckResponse,
    "DiffConfig": provider_pb2.DiffResponse,
    "Configure": provider_pb2.ConfigureResponse,
    "Invoke": provider_pb2.InvokeResponse,
    "Call": provider_pb2.CallResponse,
    "Check": provider_pb2.CheckResponse,
    "Diff": provider_pb2.DiffResponse,
    "Create": provider_pb2.CreateResponse,
    "Read": provider_pb2.ReadResponse,
    "Update": provider_pb2.UpdateResponse,
    "Delete": Empty,
    "Construct": provider_pb2.ConstructResponse,
    "Cancel": Empty,
    "GetPluginInfo": plugin_pb2.PluginInfo,
    "Attach": Empty,
}


class Failing:
    """An answer that is a failure: a gRPC code, a text, and detail messages."""

    def __init__(self, code: grpc.StatusCode, text: str, *details: Any) -> None:
        self.code = code
        self.text = text
        self.details = details


UNIMPLEMENTED = Failing(grpc.StatusCode.UNIMPLEMENTED, "no such method")

MODERN = provider_pb2.ProviderHandshakeResponse(
    accept_secrets=True,
    accept_resources=True,
    accept_outputs=True,
    supports_autonaming_configuration=True,
    accepts_byte_string=True,
)
PLAIN = provider_pb2.ProviderHandshakeResponse()


class FakePlugin:
    """
    Answers each method with what *answers* holds for it, by default an empty message.

    An answer is a message, a dict of its fields, or a `Failing`. `asked` maps methods to
    the requests that came, in order.
    """

    def __init__(self, *, handshake: Any = MODERN, **answers: Any) -> None:
        self.asked: dict[str, list[Any]] = {}
        self.order: list[str] = []
        self._answers = answers
        for method, kind in {**_ANSWERS, "Handshake": provider_pb2.ProviderHandshakeResponse}.items():
            answer = handshake if method == "Handshake" else answers.get(method, {})
            setattr(self, method, partial(self._serve, method, kind, answer))

    async def _serve(self, method: str, kind: Any, answer: Any, request: Any, context: Any) -> Any:
        self.asked.setdefault(method, []).append(request)
        self.order.append(method)
        if callable(answer):
            answer = await answer(request)
        if isinstance(answer, Failing):
            if answer.details:
                trailer = encode_details(answer.code.value[0], answer.text, answer.details)
                context.set_trailing_metadata(((DETAILS_TRAILER, trailer),))
            await context.abort(answer.code, answer.text)
        return answer if isinstance(answer, kind) else kind(**answer)

    async def List(self, request: Any, context: Any) -> AsyncIterator[Any]:
        """Pages by continuation token; the first has none."""
        self.asked.setdefault("List", []).append(copy.copy(request))
        pages = self._answers.get("List")
        if pages is None:
            await context.abort(UNIMPLEMENTED.code, UNIMPLEMENTED.text)
        for each in pages[request.continuation_token]:
            yield provider_pb2.ListResponse(**each)

    def only(self, method: str) -> Any:
        """The one request that came for *method*."""
        (request,) = self.asked[method]
        return request


class Heard(list[Diagnostic]):
    """A log that remembers, and that can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._more = asyncio.Event()

    def __call__(self, diagnostic: Diagnostic) -> None:
        self.append(diagnostic)
        self._more.set()

    async def until(self, text: str = "", *, prefix: str = "") -> str:
        """The first message that holds *text* and has *prefix* in front, once there is one."""
        while True:
            for diagnostic in self:
                if text in diagnostic.message and diagnostic.prefix.startswith(prefix):
                    return diagnostic.message
            self._more.clear()
            await self._more.wait()

    @property
    def texts(self) -> list[str]:
        return [diagnostic.message for diagnostic in self]


@asynccontextmanager
async def attached(
    fake: FakePlugin, *, log: Heard | None = None, environ: Mapping[str, str] | None = None, **request: Any
) -> AsyncIterator[PluginProvider]:
    """A provider that talks to *fake*, ended with the block."""
    from stackwright.goals import PackageRequest

    server = await LocalServer.start(partial(provider_pb2.add_ResourceProviderServicer_to_server, fake))
    port = server.address.rpartition(":")[2]
    host = PluginHost(
        PluginContext(directory=Path.cwd()),
        log=log if log is not None else Heard(),
        environ={"PULUMI_DEBUG_PROVIDERS": f"fake:{port}", **(environ or {})},
        timing=BRISK,
    )
    try:
        yield await host.load(PackageRequest(name="fake", **request), environment={})
    finally:
        await host.close()
        await server.stop()


def script_plugin(directory: Path, name: str, body: str) -> Path:
    """Write the program `pulumi-resource-<name>`, a Python script, into *directory*."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"pulumi-resource-{name}"
    path.write_text(f"#!{sys.executable} -u\n" + textwrap.dedent(body))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


SERVING = """
import asyncio, os, signal, sys
from functools import partial
from stackwright.wire import LocalServer
from stackwright.wire.stubs.pulumi import provider_pb2

class Plugin:
    async def Handshake(self, request, context):
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    async def Create(self, request, context):
        print("creating", request.urn, file=sys.stderr, flush=True)
        if "crash" in request.urn:
            os._exit(3)
        if "hang" in request.urn:
            await asyncio.Event().wait()
        return provider_pb2.CreateResponse(id=str(os.getpid()))

async def main():
    server = await LocalServer.start(partial(provider_pb2.add_ResourceProviderServicer_to_server, Plugin()))
    print(server.address.rpartition(":")[2], flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
"""The body of a script that serves: `Create` answers its process id, crashes or hangs as the URN says."""


def run(scenario: Any) -> Any:
    """Run a test's coroutine on an event loop of its own."""
    return asyncio.run(scenario)
