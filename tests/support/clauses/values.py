# mypy: ignore-errors
"""Values on their way out and back, and references to resources (sdk.md §5 to §7)."""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import datetime
import decimal
import os
import types
from collections.abc import Sequence
from typing import Any

import pulumi
from google.protobuf import json_format, struct_pb2
from outputs import tried
from pulumi import Output
from pulumi import ResourceOptions as Opts
from pulumi.runtime import rpc
from things import (
    SIG,
    Colour,
    EmptyArgs,
    Group,
    Level,
    OtherArgs,
    Part,
    PartArgs,
    Renamed,
    Share,
    Thing,
    Whole,
    clause,
    later,
    o,
    secret,
    settled,
    task,
    unknown,
)

# 5 ------------------------------------------------------------------------------------------------


class Mine(Sequence):
    """A sequence that is no list."""

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return [1, o(2)][index]


class Count(int):
    pass


@dataclasses.dataclass
class Data:
    a: int = 1


def message(value):
    return json_format.ParseDict(value, struct_pb2.Value())


async def sent(told, **values):
    """What each value becomes, or that it fails; and what the property depends on."""
    found = {}
    for name, value in values.items():
        told.requests.clear()
        thing = Thing(name, v=value)
        try:
            await thing.urn.future()
        except Exception as error:
            found[name] = error
            continue
        request = next(r for _, r in await settled(told, "register") if r["name"] == name)
        found[name] = [request.get("object"), request.get("propertyDependencies")]
    return found


@clause("5", previews=True)
async def kinds_of_values(told):
    a, group = Thing("a", x=1), Group("g")
    Thing("child", Opts(parent=group))
    return await sent(
        told,
        tuple_=(1, (2, [3])),
        sequence=Mine(),
        deque=collections.deque([1]),
        userlist=collections.UserList([1]),
        unknown=pulumi.UNKNOWN,
        nested_unknown=[pulumi.UNKNOWN, {"k": pulumi.UNKNOWN}],
        resource=a,
        component=group,
        resources=[a, {"k": group}],
        file=pulumi.FileAsset("p"),
        text=pulumi.StringAsset("t"),
        remote=pulumi.RemoteAsset("https://x"),
        archive=pulumi.FileArchive("p"),
        remote_archive=pulumi.RemoteArchive("https://x"),
        assets=pulumi.AssetArchive({"a": pulumi.StringAsset("t"), "b": pulumi.FileArchive("p")}),
        awaitable=task([task(1)]),
        future=asyncio.ensure_future(later(a)),
        arguments=PartArgs(the_name=a.x, sizes={"x_y": 1}),
        arguments_without=PartArgs(the_name=None),
        empty_arguments=EmptyArgs(),
        ordered=collections.OrderedDict(b=1, a=2),
        proxy=types.MappingProxyType({"a": (1,)}),
        message=message({"a": [1, None, {"b": "x"}]}),
        none=None,
        nones=[None, {"k": None}],
        none_output=o(None),
        scalars=[True, 0, 1.5, "", -3, 1e300],
        colour=Colour.RED,
        level=[Level.HIGH, Share.HALF],
        subclasses=[Count(3), {"k": Count(4)}],
        empties=[{}, [], (), ""],
        part=Part(the_name="n", sizes={"a": 1}),
        ints={"k": 2**53 + 2},
    )


@clause("5")
async def what_cannot_be_sent(told):
    class Mine:
        pass

    values = {
        "set": {1},
        "frozenset": frozenset(),
        "bytes": b"x",
        "bytearray": bytearray(b"x"),
        "memoryview": memoryview(b"x"),
        "range": range(3),
        "dataclass": Data(),
        "datetime": datetime.date(2020, 1, 1),
        "decimal": decimal.Decimal(1),
        "object": Mine(),
        "class": Mine,
        "function": len,
        "nested": [{"k": {1}}],
        "in-output": o({1}),
        "in-tuple": (b"x",),
        "generator": (n for n in [1]),
        "complex": 1j,
    }
    return await sent(told, **values)


@clause("5", without=("resourceReferences",))
async def without_references(told):
    a, group = Thing("a", x=1), Group("g")
    return await sent(told, resource=a, component=group, nested=[a, {"k": o(a)}])


@clause("5.1", previews=True)
async def outputs(told):
    a = Thing("a", x=1)
    return await sent(
        told,
        known=a.x,
        secret=secret(a.x),
        unknown=unknown(),
        secret_unknown=secret(unknown()),
        partly=o([1, unknown()]),
        partly_secret=secret(o({"a": unknown(), "b": a.x})),
        nested=[{"k": secret("s")}],
        inner=a.x.apply(lambda _: [o(1), Thing("b", x=2).x]),
        resource=o(a),
        resources=o({"k": [a]}),
        secret_resource=secret(a),
        asset=o(pulumi.StringAsset("t")),
        none=o({"k": None}),
        urn=a.urn,
        id_=a.id,
    )


@clause("5.1")
async def output_values():
    """Where output values are kept; mocks do not take them, so by the function itself."""
    a = Thing("a", x=1)
    values = {
        "known": a.x,
        "secret": secret("s"),
        "unknown": unknown(),
        "secret-unknown": secret(unknown()),
        "resource": a,
        "nested": {"k": [a.x]},
        "plain": 1,
    }
    found = {}
    for name, value in values.items():
        for excluded in (False, True):
            deps: dict[str, Any] = {}
            found[f"{name} {excluded}"] = json_format.MessageToDict(
                await rpc.serialize_properties(
                    {"v": value}, deps, keep_output_values=True, exclude_resource_refs_from_deps=excluded
                )
            )
            found[f"{name} {excluded} deps"] = {key: len(set(resources)) for key, resources in deps.items()}
    return found


async def typed(told, **properties):
    found = {}
    for name, value in properties.items():
        told.requests.clear()
        for how, given in {
            "plain": value,
            "output": o(value) if not isinstance(value, Output) else value,
        }.items():
            whole = Whole(f"{name}-{how}", **{name.split("__")[0]: given})
            try:
                await whole.urn.future()
            except Exception as error:
                found[f"{name} {how}"] = error
                continue
            request = next(r for _, r in await settled(told, "register") if r["name"] == f"{name}-{how}")
            found[f"{name} {how}"] = request.get("object")
    return found


@clause("5.2")
async def names_of_typed_properties(told):
    return await typed(
        told,
        one_part=PartArgs(the_name="n", sizes={"a_b": 1}),
        one_part__dict={"the_name": "n", "sizes": {"a_b": 1}},
        one_part__wire={"theName": "n"},
        one_part__more={"the_name": "n", "other_key": {"in_side": 1}},
        one_part__none={"the_name": "n", "sizes": None},
        all_parts=[PartArgs(the_name="n"), {"the_name": "m"}],
        all_parts__tuple=({"the_name": "m"},),
        all_parts__text="x",
        all_parts__dict={"the_name": "n"},
        part_map={"a_key": {"the_name": "n"}, "b_key": PartArgs(the_name="m")},
        either_part={"the_name": "n"},
        either_part__other={"the_size": 1},
        either_part__neither={"a_b": {"the_name": 1}},
        either_part__both={"the_name": "n", "the_size": 1},
        either_part__wrong={"the_size": "x"},
        either_part__bool={"the_size": True},
        either_part__lazy={"the_size": o(1)},
        either_part__args=OtherArgs(the_size=1),
        some_text={"the_name": {"in_side": 1}},
        some_text__list=["x"],
        any_thing={"the_name": {"in_side": [{"the_size": 1}]}},
        any_thing__args=[PartArgs(the_name="n")],
        colour=Colour.RED,
        colour__text="red",
    )


@clause("5.2", previews=True)
async def names_of_untyped_properties(told):
    thing = Renamed(
        "r", a_b={"c_d": [{"e_f": 1}], "gH": 2}, i_j=[{"k_l": o({"m_n": 1})}], o_p=PartArgs(the_name="n")
    )
    return [thing.a_b, thing.i_j, await settled(told, "register")]


# 6 ------------------------------------------------------------------------------------------------

SECRET = "1b47061264138c4ac30d75fd1eb44270"


def hidden(value):
    return {SIG: SECRET, "value": value}


@clause("6", previews=True)
def answers():
    """Null entries, unknowns, secrets that bubble up, internal keys, numbers."""
    values = {
        "nulls": {"a": None, "b": [None, {"c": None, "d": 1}]},
        "deep-secret": {"a": [{"b": secret(1)}, 2]},
        "two": [secret(1), secret([2])],
        "internal": {"__a": 1, "b": {"__c": 2}},
        "numbers": [1, 1.5, True, 2**53, 1e300],
        "assets": [pulumi.StringAsset("t"), pulumi.AssetArchive({"a": pulumi.FileAsset("p")})],
        "text": "",
        "empty": {},
    }
    return [
        [Thing(name, v=value).v, Thing(f"{name}-all", all=o({"v": value})).all]
        for name, value in values.items()
    ]


@clause("6", previews=True)
def answered_unknowns():
    thing = Thing(
        "a", typ="t:m:Echo", answer={"u": pulumi.UNKNOWN, "d": {"u": pulumi.UNKNOWN, "n": 1}}, u=1, d=2
    )
    return [thing.u, thing.d, thing.d["n"], thing.d["u"]]


@clause("6.1", previews=True)
def typed_answers():
    def answered(**values):
        names = {
            name: values.get(name)
            for name in ("one_part", "all_parts", "part_map", "either_part", "some_text")
        }
        more = {name: values.get(name) for name in ("any_thing", "colour", "level", "count", "counts")}
        return Whole(f"w{len(made)}", **names, **more)

    made = []
    for values in (
        {"one_part": {"the_name": "n", "sizes": {"a_b": 1}}},
        {"one_part": {"the_name": "n"}, "all_parts": [{"the_name": "m"}, {"the_name": "o"}]},
        {"part_map": {"a_key": {"the_name": "n"}}},
        {"either_part": {"the_size": 1}, "some_text": "t"},
        {"either_part": {"a_b": 1}},
        {"any_thing": {"the_name": {"inSide": 1}}, "colour": "red", "level": 3},
        {"colour": "blue"},
        {"level": 9},
        {"count": 1, "counts": [1, 2]},
        {"count": "x", "counts": [1.5]},
        {"some_text": {"the_name": 1}},
        {"one_part": secret({"the_name": "n"})},
        {"all_parts": [unknown(), {"the_name": secret("n")}]},
    ):
        whole = answered(**values)
        made.append(
            [getattr(whole, name) for name in values]
            + [whole.one_part.the_name if "one_part" in values else 0]
        )
    return made


@clause("6.1", previews=True)
def inputs_that_were_not_answered():
    whole = Whole(
        "w",
        typ="t:m:Silent",
        one_part={"the_name": "n"},
        some_text={"a": 1},
        count=1,
        any_thing=secret({"a": None}),
    )
    renamed = Renamed("r", a_b={"c_d": 1}, other=None)
    silent = Thing("s", typ="t:m:Silent", x=1, y={"a": [None]}, n=None)
    return [
        [whole.one_part, whole.some_text, whole.count, whole.any_thing, whole.all_parts],
        [renamed.a_b, renamed.other],
        [silent.x, silent.y, silent.n],
    ]


@clause("6.1", previews=True)
def with_legacy_apply():
    os.environ["PULUMI_ENABLE_LEGACY_APPLY"] = "true"
    pulumi.runtime.settings.SETTINGS.legacy_apply_enabled = True
    silent = Thing("s", typ="t:m:Silent", x=1, n=None)
    del os.environ["PULUMI_ENABLE_LEGACY_APPLY"]
    return [silent.x, silent.n]


@clause("6.1")
def names_that_never_come_from_the_bag():
    thing = Thing(
        "a", typ="t:m:Echo", answer={"urn": "u", "id": "i", "extra": 1, "x": 2}, x=None, id=None, urn=None
    )
    group = Group("g", id="own")
    return [
        thing.urn,
        thing.id,
        thing.x,
        tried(lambda: thing.extra),
        group.urn,
        tried(lambda: group.id),
    ]


@clause("6.1")
async def a_dict_for_a_text_says_where():
    whole = Whole("named", typ="t:m:Echo", any_thing=None)
    told = []
    try:
        rpc.translate_output_properties({"a": 1}, lambda k: k, str, True)
    except AssertionError as error:
        told = ["str" in str(error), "dict" in str(error), "{'a': 1}" in str(error)]
    return [told, isinstance(whole.urn, Output)]


# 7 ------------------------------------------------------------------------------------------------


def reference(typ, **more):
    return {SIG: "5cf8f73096256a8f31e491e813e4eb8e", "urn": f"urn:pulumi:s::p::{typ}::n", **more}


class Module(rpc.ResourceModule):
    def __init__(self, version, label):
        self.given, self.label = version, label

    def version(self):
        import semver

        return None if self.given is None else semver.VersionInfo.parse(self.given)

    def construct(self, name, typ, urn):
        made = pulumi.resource.DependencyResource(urn)
        made.__dict__["seen"] = [self.label, name, typ, urn]
        return made


class Package(Module):
    construct_provider = Module.construct


async def arrived(value):
    found = rpc.deserialize_properties(json_format.ParseDict({"v": value}, struct_pb2.Struct())).get("v")
    return found.__dict__["seen"] if isinstance(found, pulumi.Resource) else found


@clause("7")
async def registered_modules():
    key = "versioned"
    for version in ("1.0.0", "1.5.2", "2.1.0"):
        pulumi.runtime.register_resource_module(key, "m", Module(version, version))
    pulumi.runtime.register_resource_module("anyversion", "m", Module(None, "any"))
    pulumi.runtime.register_resource_package(key, Package("1.0.0", "package"))
    found = [
        tried(lambda v=v: pulumi.runtime.register_resource_module(key, "m", Module(v, "again")))
        for v in ("1.0.0", None)
    ]
    found.append(tried(lambda: pulumi.runtime.register_resource_package(key, Package("1.0.0", "again"))))
    found += [
        [version, await arrived(reference(f"{key}:m:T", id="i", packageVersion=version))]
        for version in ("", "1.0.0", "1.5.0", "1.4.3", "1.5.3", "2.0.0", "2.1.1", "3.0.0", "0.9.0")
    ]
    found.append(await arrived(reference("anyversion:m:T", packageVersion="9.9.9")))
    found.append(await arrived(reference(f"pulumi:providers:{key}", id="i", packageVersion="1.0.0")))
    found.append(await arrived(reference("pulumi:providers:none", id="i")))
    found.append(await arrived(reference("parent:x:Y$versioned:m:T", id="i")))
    return found


@clause("7", previews=True)
async def unregistered():
    return [
        await arrived(reference("none:m:T", id="i")),
        await arrived(reference("none:m:T")),
        await arrived(reference("none:m:T", id="")),
        await arrived(
            reference("none:m:T", id=pulumi.UNKNOWN if isinstance(pulumi.UNKNOWN, str) else rpc.UNKNOWN)
        ),
    ]


@clause("7", previews=True)
def in_properties():
    return [Thing("b", x=Thing("a")).x, Thing("c", x=[Group("g")]).x]
