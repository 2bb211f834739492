"""
A provider plugin that can be extended: a program of a few lines, with its objects in a file.

Its own package is `base`, with the resource `base:index:Thing`. The arguments of an extension are
its name, its version and the names of its resources; `how` says what its schema calls a parameter.
It refuses whatever is of a package that this very process has not learnt, and writes down what it
is asked, for `asked`.
"""

from __future__ import annotations

import json
from pathlib import Path

from support.fake_plugins import script_plugin

PROGRAM = """
import asyncio, base64, json, os, sys, uuid
from functools import partial
from pathlib import Path
from stackwright.wire import LocalServer, load_grpc
load_grpc()
import grpc
from stackwright.wire.stubs.google.protobuf.empty_pb2 import Empty
from stackwright.wire.stubs.pulumi import plugin_pb2, provider_pb2

HERE = Path(__file__).parent
OBJECTS, LOG, HOW = HERE / "objects.json", HERE / "log.jsonl", {how!r}


def objects(changed=None):
    if changed is not None:
        OBJECTS.write_text(json.dumps(changed))
    return json.loads(OBJECTS.read_text()) if OBJECTS.exists() else {{}}


class Plugin:
    def __init__(self):
        self.learnt = {{}}

    async def note(self, what, token, context):
        with LOG.open("a") as log:
            log.write(json.dumps([os.getpid(), what, token]) + "\\\\n")
        package = token.partition(":")[0]
        if what != "parameterize" and package != "base" and package not in self.learnt:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"nothing is known of {{token}}")

    async def Handshake(self, request, context):
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    async def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version="1.0.0")

    async def Parameterize(self, request, context):
        if request.WhichOneof("parameters") == "args":
            name, version, *types = request.args.args
            value = json.dumps(types).encode()
        else:
            name, version, value = request.value.name, request.value.version, request.value.value
        await self.note("parameterize", f"{{name}}@{{version}}", context)
        self.learnt[name] = version, value
        return provider_pb2.ParameterizeResponse(name=name, version=version)

    async def GetSchema(self, request, context):
        name, types = request.subpackage_name or "base", ["Thing"]
        schema = {{"name": name, "version": request.subpackage_version or "1.0.0"}}
        if name != "base":
            version, value = self.learnt[name]
            types = json.loads(value)
            schema[HOW] = {{
                "baseProvider": {{"name": "base", "version": "1.0.0"}},
                "parameter": base64.b64encode(value).decode(),
            }}
        size = {{"size": {{"type": "integer"}}}}
        schema["resources"] = {{
            f"{{name}}:index:{{each}}": {{"inputProperties": size, "properties": size}} for each in types
        }}
        found = {{"properties": {{"found": {{"type": "integer"}}}}}}
        schema["functions"] = {{f"{{name}}:index:count": {{"outputs": found}}}}
        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema))

    async def CheckConfig(self, request, context):
        return provider_pb2.CheckResponse(inputs=request.news)

    async def DiffConfig(self, request, context):
        return provider_pb2.DiffResponse()

    async def Configure(self, request, context):
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    async def Check(self, request, context):
        await self.note("check", request.type, context)
        return provider_pb2.CheckResponse(inputs=request.news)

    async def Diff(self, request, context):
        await self.note("diff", request.type, context)
        same = request.news == request.old_inputs
        changes = provider_pb2.DiffResponse.DIFF_NONE if same else provider_pb2.DiffResponse.DIFF_SOME
        return provider_pb2.DiffResponse(changes=changes)

    async def Create(self, request, context):
        await self.note("create", request.type, context)
        made = f"{{request.type}}/{{request.name}}"
        if not request.preview:
            objects({{**objects(), made: request.type}})
        return provider_pb2.CreateResponse(id=made, properties=request.properties)

    async def Update(self, request, context):
        await self.note("update", request.type, context)
        return provider_pb2.UpdateResponse(properties=request.news)

    async def Read(self, request, context):
        await self.note("read", request.type, context)
        if request.id not in objects():
            return provider_pb2.ReadResponse()
        answer = provider_pb2.ReadResponse(id=request.id, properties=request.properties)
        answer.inputs.update({{"size": 1}})
        return answer

    async def Delete(self, request, context):
        await self.note("delete", request.type, context)
        objects({{key: value for key, value in objects().items() if key != request.id}})
        return Empty()

    async def Invoke(self, request, context):
        await self.note("invoke", request.tok, context)
        answer = provider_pb2.InvokeResponse()
        answer.__getattribute__("return").update({{"found": len(objects())}})
        return answer

    async def Cancel(self, request, context):
        return Empty()


async def main():
    server = await LocalServer.start(partial(provider_pb2.add_ResourceProviderServicer_to_server, Plugin()))
    print(server.address.rpartition(":")[2], flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


class Extensible:
    """The plugin in *folder*, and what it was asked."""

    def __init__(self, folder: Path, *, how: str = "parameterization") -> None:
        self.path = script_plugin(folder, "base", PROGRAM.format(how=how).replace("\\\\n", "\\n"))
        self._log, self._objects = folder / "log.jsonl", folder / "objects.json"

    def asked(self) -> list[tuple[str, str]]:
        """What it was asked and for which token, in order, since the last time that this was asked."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        self._log.write_text("")
        return [(what, token) for _, what, token in map(json.loads, lines)]

    @property
    def objects(self) -> dict[str, str]:
        """The type of each object, by its id."""
        found: dict[str, str] = json.loads(self._objects.read_text())
        return found

    @objects.setter
    def objects(self, found: dict[str, str]) -> None:
        self._objects.write_text(json.dumps(found))
