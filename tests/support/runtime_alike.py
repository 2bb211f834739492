"""
What the functions of `pulumi.runtime` answer, as JSON: run under the genuine package and under ours.

    python runtime_alike.py genuine|ours
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

if sys.argv[1] == "ours":
    from stackwright.sdk import _import_aliases

    _import_aliases.install()

import pulumi
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import mocks, rpc, settings, stack
from pulumi.runtime import resource as runtime_resource
from pulumi.runtime.proto import provider_pb2, resource_pb2

SIG = rpc._special_sig_key


class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args: Any) -> Any:
        return f"{args.name}-id", {**args.inputs, "made": True}

    def call(self, args: Any) -> Any:
        return ({}, [("a", "is wrong")]) if args.token == "t:m:fails" else {"got": args.args}


class Told(mocks.MockMonitor):
    """A monitor such as test suites write."""

    def __init__(self) -> None:
        super().__init__(Mocks())
        self.told: list[Any] = []

    def RegisterResource(self, request: Any) -> Any:
        self.told.append(["register", request.type, request.name, json_format.MessageToDict(request.object)])
        return super().RegisterResource(request)

    def RegisterResourceOutputs(self, request: Any) -> Any:
        self.told.append(["outputs", request.urn, json_format.MessageToDict(request.outputs)])
        return super().RegisterResourceOutputs(request)

    def ReadResource(self, request: Any) -> Any:
        self.told.append(["read", request.id, json_format.MessageToDict(request.properties)])
        return super().ReadResource(request)

    def Invoke(self, request: Any) -> Any:
        self.told.append(["invoke", request.tok, json_format.MessageToDict(request.args)])
        return super().Invoke(request)


class Custom(pulumi.CustomResource):
    name: pulumi.Output[str]
    made: pulumi.Output[bool]

    def __init__(self, resource_name: str, opts: Any = None, **props: Any) -> None:
        super().__init__("test:index:Custom", resource_name, {"made": None, **props}, opts)


class Component(pulumi.ComponentResource):
    def __init__(self, name: str, opts: Any = None) -> None:
        super().__init__("test:index:Component", name, None, opts)


def shown(value: Any) -> Any:
    """A value of any kind as JSON shows it."""
    if isinstance(value, (struct_pb2.Struct, struct_pb2.ListValue, struct_pb2.Value)):
        return json_format.MessageToDict(value)
    if isinstance(value, dict):
        return {str(name): shown(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [shown(item) for item in value]
    if isinstance(value, pulumi.Resource):
        return f"<{type(value).__name__}>"
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, (pulumi.Asset, pulumi.Archive)):
        return [type(value).__name__, shown(vars(value))]
    return f"<{type(value).__name__}>"


async def output(value: Any) -> Any:
    return [
        shown(await value.future(with_unknowns=True)),
        await value.is_known(),
        await value.is_secret(),
        len(await value.resources()),
    ]


async def attempt(awaitable: Any) -> Any:
    try:
        return shown(await awaitable)
    except Exception as error:
        return f"{type(error).__name__}"


def struct(data: dict[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(data, struct_pb2.Struct())


STRUCTS: dict[str, dict[str, Any]] = {
    "plain": {"a": 1, "b": [1.5, "x", None, True], "c": {"d": None, "e": {}}, "n": None},
    "unknown": {"a": rpc.UNKNOWN, "b": [rpc.UNKNOWN], "c": {"d": rpc.UNKNOWN}},
    "secret": {
        "a": {SIG: rpc._special_secret_sig, "value": "s"},
        "b": {"c": [{SIG: rpc._special_secret_sig, "value": 1}]},
    },
    "assets": {
        "a": {SIG: rpc._special_asset_sig, "path": "p"},
        "b": {SIG: rpc._special_asset_sig, "text": "t"},
        "c": {SIG: rpc._special_asset_sig, "uri": "u"},
        "d": {SIG: rpc._special_archive_sig, "path": "p"},
        "e": {SIG: rpc._special_archive_sig, "assets": {"x": {SIG: rpc._special_asset_sig, "text": "t"}}},
    },
    "bad signature": {"a": {SIG: "nonsense"}},
    "empty asset": {"a": {SIG: rpc._special_asset_sig}},
    "internal": {"__internal": 1, "__provider": "p", "a": {"__x": 1}},
    "reference": {
        "a": {SIG: rpc._special_resource_sig, "urn": "urn:pulumi:s::p::a:b:C::n", "id": "i"},
        "b": {SIG: rpc._special_resource_sig, "urn": "urn:pulumi:s::p::a:b:C::n"},
        "c": {SIG: rpc._special_resource_sig, "urn": "urn:pulumi:s::p::a:b:C::n", "id": ""},
    },
}


async def deserialized() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, data in STRUCTS.items():
        message = struct(data)
        for keep in (None, True, False):

            async def one(keep: Any = keep, message: Any = message) -> Any:
                return rpc.deserialize_properties(message, keep_unknowns=keep)

            found[f"{name} {keep}"] = await attempt(one())

        async def unwrapped(message: Any = message) -> Any:
            return rpc.deserialize_properties_unwrap_secrets(message)

        async def bare(message: Any = message) -> Any:
            return rpc.deserialize_properties(message, keep_internal=False)

        found[f"{name} unwrapped"] = await attempt(unwrapped())
        found[f"{name} bare"] = await attempt(bare())
    value = rpc.deserialize_property(
        struct(
            {
                "o": {
                    SIG: rpc._special_output_value_sig,
                    "value": ["v"],
                    "secret": True,
                    "dependencies": ["urn:pulumi:s::p::a:b:C::n"],
                },
                "u": {SIG: rpc._special_output_value_sig},
            }
        )
    )
    found["outputs"] = [await output(value["o"]), await output(value["u"])]
    return found


async def serialized() -> dict[str, Any]:
    resource = Custom("serialized", name="x")
    component = Component("component")
    child = Custom("child", opts=pulumi.ResourceOptions(parent=component))
    found: dict[str, Any] = {}
    unknown = pulumi.Output.from_input(pulumi.UNKNOWN)

    async def later() -> str:
        return "later"

    values: dict[str, Any] = {
        "plain": {"a": 1, "b": "x", "c": [1, None], "d": None, "e": {"f": None}},
        "outputs": {
            "a": resource.id,
            "b": pulumi.Output.secret("s"),
            "c": unknown,
            "d": pulumi.Output.secret(unknown),
        },
        "nested": {"a": [{"b": (resource.id, later())}]},
        "resources": {"a": resource, "b": component, "c": child},
        "assets": {"a": pulumi.FileAsset("p"), "b": pulumi.AssetArchive({"x": pulumi.StringAsset("t")})},
        "bytes": {"a": b"x"},
        "set": {"a": {1}},
        "message": {"a": struct({"x": [1, {"y": None}]}).fields["x"]},
    }
    for name, bag in values.items():
        for keep in (False, True):
            deps: dict[str, Any] = {}
            found[f"{name} {keep}"] = await attempt(
                rpc.serialize_properties(bag, deps, keep_output_values=keep)
            )
            found[f"{name} {keep} deps"] = {key: len(set(found)) for key, found in deps.items()}
    single: list[Any] = []
    found["one"] = shown(
        await rpc.serialize_property({"a_b": resource.id}, single, "k", input_transformer=str.upper)
    )
    found["one as message"] = shown(
        await rpc.serialize_property([1, None, "x"], None, None, return_protobuf_value=True)
    )
    return found


async def resolved() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for mode in (False, True):
        settings.SETTINGS.dry_run = mode
        resource = Custom("resolved-preview" if mode else "resolved-update", name="x")
        props = {"name": "n", "count": 1, "missing": None, "urn": "u", "id": "i"}
        resolvers = rpc.transfer_properties(resource, props, True)
        found[f"names {mode}"] = sorted(resolvers)
        rpc.resolve_outputs(
            resource,
            struct({"name": "sent", "count": 1}),
            struct({"name": "answered", "extra": 1}),
            {},
            resolvers,
            True,
        )
        for name in ("name", "count", "missing"):
            found[f"{name} {mode}"] = await output(resource.__dict__[name])
    settings.SETTINGS.dry_run = False
    return found


async def aliases() -> dict[str, Any]:
    parent = Component("parent", opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="old-parent")]))
    opts = pulumi.ResourceOptions(
        parent=parent,
        aliases=[
            pulumi.Alias(name="was"),
            pulumi.Alias(type_="test:index:Was", parent=None),
            pulumi.Alias(stack="other", project=pulumi.Output.from_input("another")),
            "urn:pulumi:s::p::a:b:C::n",
            pulumi.Output.from_input("urn:pulumi:s::p::a:b:C::o"),
            pulumi.Alias(parent="urn:pulumi:s::p::a:b:C::n"),
        ],
    )
    resource = Custom("parent-child", opts=opts)
    specs = await runtime_resource.prepare_aliases(resource, opts, True)
    urns = await runtime_resource.prepare_aliases(resource, opts, False)
    every = runtime_resource.all_aliases(opts.aliases, "parent-child", "test:index:Custom", parent)
    collapsed = runtime_resource.collapse_alias_to_urn(pulumi.Alias(name="x"), "n", "t:m:T", parent)
    prepared = await runtime_resource.prepare_resource(
        resource, "test:index:Custom", True, False, {"a": Custom("other").id}, opts
    )
    return {
        "specs": [json_format.MessageToDict(one) for one in specs],
        "urns": sorted(one.urn for one in urns),
        "all": [await pulumi.Output.from_input(one).future() for one in every],
        "collapsed": await collapsed.future(),
        "parent": prepared.parent_urn,
        "props": shown(prepared.serialized_props),
    }


async def monitor() -> dict[str, Any]:
    told = Told()
    settings.reset_options()
    pulumi.runtime.set_mocks(Mocks(), monitor=told)
    component = Component("c")
    Custom("r", name="x", secret=pulumi.Output.secret("s"), opts=pulumi.ResourceOptions(parent=component))
    read = Custom("read", opts=pulumi.ResourceOptions(id="existing"))
    component.register_outputs({"out": 1, "hidden": pulumi.Output.secret(2)})
    await read.urn.future()
    called = await pulumi.runtime.invoke_output("t:m:f", {"a": 1}).future()
    refused = await attempt(pulumi.runtime.invoke_output("t:m:fails", {}).future())
    await pulumi.runtime.stack.wait_for_rpcs(await_all_outstanding_tasks=False)
    there = pulumi.runtime.exists_resource(None, "test:index:Custom", "r-id", {}, pulumi.ResourceOptions())
    gone = pulumi.runtime.exists_resource(None, "test:index:Custom", "no", {}, pulumi.ResourceOptions())
    return {
        # In which order independent requests are made is not promised.
        "told": sorted([one for one in told.told if "Stack" not in str(one)], key=str),
        "called": called,
        "refused": refused,
        "exists": [await there.future(), await gone.future()],
        "registered": sorted(told.get_registered_resources()),
        "supports": told.SupportsFeature(resource_pb2.SupportsFeatureRequest(id="secrets")).hasSupport,
        "info": list(told.GetDeploymentInfo(None).supportedFeatures),
    }


async def managed() -> dict[str, Any]:
    manager = pulumi.runtime.rpc_manager.RPCManager()

    async def works(value: int) -> int:
        return value

    async def fails() -> None:
        raise ValueError("no")

    good = await manager.do_rpc("works", works)(1)
    bad = await manager.do_rpc("fails", fails)()
    return {
        "good": good,
        "bad": [bad[0], str(bad[1])],
        "unhandled": str(manager.unhandled_exception),
        "traceback": manager.exception_traceback is not None,
        "message": type(provider_pb2.CheckFailure(property="p")).__name__,
        "unsupported": rpc.struct_contains_unknowns(struct({"a": [{"b": rpc.UNKNOWN}]})),
    }


async def between_tests() -> dict[str, Any]:
    """What suites do by names with an underscore, so that no test sees what another one left."""
    before = (settings.get_project(), settings.get_stack())
    settings._set_project("another")
    settings._set_stack("elsewhere")
    await settings._load_monitor_feature_support()
    Custom("left")
    settings._get_rpc_manager().clear()
    found = {
        "names": [settings.get_project(), settings.get_stack()],
        "urn": await Custom("named").urn.future(),
    }
    settings._set_project(before[0])
    settings._set_stack(before[1])
    await stack.wait_for_rpcs(await_all_outstanding_tasks=False)
    return found


async def main() -> None:
    pulumi.runtime.set_mocks(Mocks())
    print(
        json.dumps(
            {
                "deserialized": await deserialized(),
                "serialized": await serialized(),
                "resolved": await resolved(),
                "aliases": await aliases(),
                "managed": await managed(),
                "between tests": await between_tests(),
                "monitor": await monitor(),
            }
        )
    )


asyncio.run(main())
