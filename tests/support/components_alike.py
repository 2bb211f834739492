"""
The schemas of the component files, what they are constructed with and answer, as JSON.

    python components_alike.py genuine|ours
"""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from pathlib import Path
from typing import Any

if sys.argv[1] == "ours":
    from stackwright.sdk import _import_aliases

    _import_aliases.install()

import pulumi
from google.protobuf import json_format, struct_pb2
from pulumi.provider import CallResult, CheckFailure, ConstructResult, Provider
from pulumi.provider.experimental.analyzer import Analyzer
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.provider import InvokeResult
from pulumi.provider.server import ProviderServicer
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2

sys.path.insert(0, str(Path(__file__).parent.parent / "sdk"))
SIG = rpc._special_sig_key
URN = "urn:pulumi:s::p::a:b:C::n"


def component_files() -> list[Any]:
    names = ("simple", "collections_", "nested", "enums", "others")
    return [importlib.import_module(f"components.{name}") for name in names]


def schemas() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for module in component_files():
        provider = ComponentProvider(module.COMPONENTS, "components", "space", "1.2.3")
        found[module.__name__] = json.loads(provider.schema)
    everything = ComponentProvider(
        [*component_files()[0].COMPONENTS, *component_files()[3].COMPONENTS][:2], "two"
    )
    found["two"] = json.loads(everything.schema)
    return found


def mistakes() -> dict[str, Any]:
    from components.mistakes import ALONE

    found = {}
    for name, components in ALONE.items():
        try:
            Analyzer("components").analyze(components)
            found[name] = "works"
        except Exception as error:
            found[name] = type(error).__name__
    return found


class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args: Any) -> Any:
        return "", args.inputs

    def call(self, args: Any) -> Any:
        return {}


def shown(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: shown(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [shown(item) for item in value]
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value.value if hasattr(value, "value") else value
    return str(value) if hasattr(value, "value") else f"<{type(value).__name__}>"


def inputs() -> dict[str, Any]:
    """Names and enums on their way in; and what is missing."""
    simple, collections_, nested, enums, _ = component_files()
    found: dict[str, Any] = {}
    cases: dict[str, tuple[Any, Any]] = {
        "nested": (
            nested,
            {
                "data": {"someField": "x", "deep": {"mustBe": "m", "needed": True, "fromBase": "b"}},
                "tree": {"value": "v", "left": {"value": "l", "children": []}, "children": []},
            },
        ),
        "nested missing": (nested, {"data": {"someField": "x", "deep": {"needed": True}}}),
        "list missing": (collections_, {"names": [], "elements": [{"name": "x"}]}),
        "simple missing": (simple, {"plainText": "x"}),
        "enum wrong": (enums, {"color": "blue"}),
        "enum": (enums, {"color": "red", "plainColor": "green", "ratio": 0.5, "flags": [], "byName": {}}),
    }
    for name, (module, given) in cases.items():
        provider = ComponentProvider(module.COMPONENTS, "components")
        definition = provider._component_defs[module.COMPONENTS[0].__name__]
        try:
            found[name] = shown(provider.map_inputs(given, definition))
        except pulumi.InputPropertyError as error:
            found[name] = ["missing", error.property_path]
    return found


class Made(pulumi.ComponentResource):
    def __init__(self, name: str, inputs: Any, opts: Any) -> None:
        super().__init__("t:index:Made", name, {}, opts)
        self.out = inputs.get("a")


class Custom(Provider):
    """Shows what it is given."""

    given: Any = None

    def construct(self, name: str, resource_type: str, inputs: Any, options: Any = None) -> Any:
        self.given = [name, resource_type, inputs, options]
        made = Made(name, inputs, options)
        return ConstructResult(
            made.urn, {"out": made.out, "secret": pulumi.Output.secret(1), "id": "no", "urn": "no"}
        )

    def call(self, token: str, args: Any) -> Any:
        if token == "fails":
            return CallResult({}, [CheckFailure("a", "is wrong")])
        return CallResult({"got": args["a"], "self": args["__self__"]})

    def invoke(self, token: str, args: Any) -> Any:
        return InvokeResult({"got": args.get("a")}, [CheckFailure("b", "no")] if token == "fails" else None)


def struct(data: dict[str, Any]) -> Any:
    return json_format.ParseDict(data, struct_pb2.Struct())


async def described(value: Any) -> Any:
    if isinstance(value, pulumi.Output):
        return [
            "output",
            await value.is_known(),
            await value.is_secret(),
            sorted([await one.urn.future() for one in await value.resources()]),
            shown(await value.future(with_unknowns=True)),
        ]
    if isinstance(value, list):
        return [await described(item) for item in value]
    if isinstance(value, dict):
        return {name: await described(item) for name, item in value.items()}
    return shown(value)


async def served() -> dict[str, Any]:
    """Requests as a provider's author sees them, and answers on the wire."""
    provider = Custom("1.0.0", "{}")
    servicer = ProviderServicer(provider, [], "127.0.0.1:1")
    found: dict[str, Any] = {}
    bag = struct(
        {
            "plain": [1, {"a": None}],
            "secret": {SIG: rpc._special_secret_sig, "value": "s"},
            "depends": "x",
            "output": {SIG: rpc._special_output_value_sig, "value": 1, "secret": True, "dependencies": [URN]},
            "unknown output": {SIG: rpc._special_output_value_sig, "dependencies": [URN]},
            "nested": {"a": [{SIG: rpc._special_output_value_sig, "value": 2}]},
            "unknown": rpc.UNKNOWN,
        }
    )
    dependencies = {
        name: provider_pb2.ConstructRequest.PropertyDependencies(urns=[URN])
        for name in ("depends", "output", "nested", "unknown")
    }
    inputs = await ProviderServicer._construct_inputs(bag, dependencies)
    found["inputs"] = await described(inputs)
    request = provider_pb2.ConstructRequest(
        name="n",
        type="t:index:Made",
        protect=True,
        dependencies=[URN],
        ignoreChanges=["a"],
        replaceOnChanges=["b"],
        retainOnDelete=True,
        deletedWith=URN,
        replace_with=[URN],
        parent=URN,
        providers={"p": "urn:pulumi:s::p::pulumi:providers:p::n::id"},
    )
    request.aliases.add(urn=URN)
    request.aliases.add().spec.name = "was"
    request.aliases.add().spec.noParent = True
    request.resource_hooks.before_create.append("hook")
    request.resource_hooks.on_error.append("error-hook")
    options = ProviderServicer._construct_options(request)
    plain = ("protect", "ignore_changes", "replace_on_changes", "retain_on_delete", "replacement_trigger")
    found["options"] = {name: getattr(options, name) for name in plain}
    found["related"] = [
        await options.parent.urn.future(),
        await options.depends_on[0].urn.future(),
        await options.deleted_with.urn.future(),
        [await one.urn.future() for one in options.replace_with],
        {
            name: [await one.urn.future(), await one.id.future(), one.package]
            for name, one in options.providers.items()
        },
        [one.name for one in options.hooks.before_create],
        [one.name for one in options.hooks.on_error],
    ]
    found["aliases"] = [
        one
        if isinstance(one, str)
        else [one.name is ..., one.name, one.parent is None][:: 2 if one.name is ... else 1]
        for one in options.aliases
    ]
    found["aliases"] = json.loads(json.dumps(found["aliases"], default=str))
    result = provider.construct("n", "t:index:Made", inputs, pulumi.ResourceOptions())
    response = await servicer._construct_response(result)
    found["constructed"] = json_format.MessageToDict(response)
    call = provider_pb2.CallRequest(tok="m", args=struct({"a": 1, "__self__": "me"}))
    call.argDependencies["a"].urns.append(URN)
    args = await ProviderServicer._call_args(call)
    found["args"] = await described(args)
    found["called"] = json_format.MessageToDict(await servicer._call_response(provider.call("m", args)))
    found["refused"] = json_format.MessageToDict(await servicer._call_response(provider.call("fails", args)))
    invoke = provider_pb2.InvokeRequest(tok="fails", args=struct({"a": {"b": 1}}))
    found["invoked"] = json_format.MessageToDict(await servicer.Invoke(invoke, None))
    found["configured"] = json_format.MessageToDict(await servicer.Configure(None, None))
    found["info"] = (await servicer.GetPluginInfo(None, None)).version
    found["schema"] = (await servicer.GetSchema(provider_pb2.GetSchemaRequest(), None)).schema
    status = servicer.create_grpc_invalid_properties_status("m", [{"property_path": "a.b", "reason": "r"}])
    found["status"] = [str(status.code), status.details, status.trailing_metadata[0][1].hex()]
    return found


def values() -> dict[str, Any]:
    """Values of custom resources, both ways."""
    found: dict[str, Any] = {}
    bag = {
        "null": PropertyValue.null(),
        "list": PropertyValue([PropertyValue(1.0), PropertyValue("x")]),
        "map": PropertyValue({"a": PropertyValue(True, is_secret=True)}),
        "secret": PropertyValue("s", is_secret=True),
        "depends": PropertyValue("d", dependencies=[URN]),
        "asset": PropertyValue(pulumi.StringAsset("t")),
        "archive": PropertyValue(pulumi.AssetArchive({"x": pulumi.FileAsset("p")})),
    }
    message = PropertyValue.marshal_map(bag)
    found["marshalled"] = json_format.MessageToDict(message)
    again = PropertyValue.unmarshal_map(message)
    found["again"] = {
        name: again[name] == value for name, value in bag.items() if name not in ("asset", "archive")
    }
    found["types"] = {name: value.type.name for name, value in again.items()}
    found["contains"] = {name: value.contains_secret() for name, value in bag.items()}
    found["dependencies"] = sorted(PropertyValue([bag["depends"]], dependencies=["o"]).all_dependencies())
    found["text"] = [str(bag["secret"]), str(bag["depends"])]
    for name, make in {
        "int": lambda: PropertyValue(1),
        "set": lambda: PropertyValue({1}),
        "items": lambda: PropertyValue([1]),
        "keys": lambda: PropertyValue({1: bag["null"]}),
        "secretness": lambda: PropertyValue("x", is_secret=1),
        "names": lambda: PropertyValue("x", dependencies=[1]),
    }.items():
        try:
            make()
            found[name] = "works"
        except TypeError:
            found[name] = "TypeError"
    return found


async def main() -> None:
    pulumi.runtime.set_mocks(Mocks())
    print(
        json.dumps(
            {
                "schemas": schemas(),
                "mistakes": mistakes(),
                "inputs": inputs(),
                "served": await served(),
                "values": values(),
            }
        )
    )


asyncio.run(main())
