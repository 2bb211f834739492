# mypy: ignore-errors
"""Outputs (sdk.md §2)."""

from __future__ import annotations

import asyncio
import copy
import json
import os
import pickle
import typing

import pulumi
from pulumi import Output
from pulumi.runtime import known_types, settings
from things import (
    Colour,
    EmptyArgs,
    Part,
    PartArgs,
    Thing,
    Unhashed,
    boom,
    clause,
    later,
    o,
    secret,
    unknown,
)


def tried(make):
    """What *make* answers, or the class of what it raises, at once."""
    try:
        return make()
    except Exception as error:
        return error


# 2.1 ----------------------------------------------------------------------------------------------


@clause("2.1")
def constructed_of_a_set_or_an_awaitable():
    resources = {Thing("a")}
    return [
        Output(resources, later(1), later(True)),
        Output(later(resources), later(1), later(True), later(True)),
        Output(set(), later({"a": [pulumi.UNKNOWN]}), later(True)),
        Output(set(), later(None), later(False), later(None)),
    ]


@clause("2.1")
def generic():
    return [typing.get_origin(Output[str]) is Output, str(typing.get_args(Output[str])[0])]


@clause("2.1")
async def tracked_until_it_completes_or_is_derived_from():
    tracked = settings.SETTINGS.outputs
    waiting = asyncio.get_running_loop().create_future()
    source = o(waiting)
    before = len(tracked) > 0
    waiting.set_result(1)
    await source.future()
    await asyncio.sleep(0)
    return before


# 2.2 ----------------------------------------------------------------------------------------------


@clause("2.2")
async def accessors():
    part = o([1, unknown()])
    one = secret(Thing("a", x=1).x)
    return [
        await part.future(),
        await part.future(with_unknowns=True),
        await part.future(True),
        await part.is_known(),
        await unknown().future(),
        await one.is_secret(),
        sorted(type(r).__name__ for r in await one.resources()),
    ]


@clause("2.2")
async def legacy_accessors():
    one = secret(Thing("a", x=1).x)
    raw = o([1, pulumi.UNKNOWN])
    return [
        await one._future,
        await one._future,
        await one._is_known,
        await one._is_secret,
        len(await one._resources),
        await raw._future,
        asyncio.iscoroutine(keep := one._future) and (keep.close() or True),
    ]


@clause("2.2")
async def no_await():
    async def awaits():
        return await o(1)

    return [hasattr(Output, "__await__"), await _raised(awaits())]


async def _raised(awaitable):
    try:
        return await awaitable
    except Exception as error:
        return error


@clause("2.2")
def get_recommends_apply():
    error = tried(o(1).get)
    return [type(error) is Exception, "apply" in str(error)]


# 2.3 ----------------------------------------------------------------------------------------------


@clause("2.3", previews=True)
async def apply_by_state_of_the_source():
    calls = []

    def seen(value):
        calls.append(type(value).__name__)
        return value

    part = o({"a": 1, "b": unknown()})
    found = [
        o(1).apply(seen),
        secret(Thing("a", x=1).x).apply(seen),
        unknown().apply(seen),
        secret(unknown()).apply(seen),
        part.apply(seen),
        part.apply(seen, True),
        part.apply(lambda v: v["a"], run_with_unknowns=True),
        unknown().apply(seen, True),
        unknown().apply(known_types.is_unknown, True),
        o(1).apply(boom).apply(seen),
        Output(set(), later(5), later(False)).apply(seen, True),
        Output(set(), later(5), later(False)).apply(seen),
    ]
    for output in found:
        await _raised(output.future())
    return [found, sorted(calls)]


@clause("2.3", previews=True)
def apply_by_what_the_function_returns():
    a, b = Thing("a", x=1), Thing("b", x=2)
    answers = [
        lambda _: b.x,
        lambda _: secret(b.x),
        lambda _: unknown(),
        lambda _: secret(unknown()),
        later,
        lambda _: later(b.x),
        lambda _: later(secret(1)),
        lambda _: later(pulumi.UNKNOWN),
        lambda _: pulumi.UNKNOWN,
        lambda _: [b.x, 1],
        lambda _: None,
        lambda _: o(o(b.x)),
    ]
    return [[source.apply(answer) for answer in answers] for source in (a.x, secret(a.x), unknown())]


@clause("2.3", previews=True)
async def what_becomes_of_an_output_inside():
    """An async function's output stays one; whatever resolves deeply takes its value."""
    found = []
    for inner in (Thing("b", x=2).x, secret("s"), *([unknown()] if pulumi.runtime.is_dry_run() else [])):
        outer = Thing("a", x=1).x.apply(lambda _, inner=inner: later(inner))
        found.append(
            [
                isinstance(await outer.future(), Output),
                Output.from_input(outer),
                Output.all(outer, [outer]),
                Output.all(k=outer),
                Output.format("{0}", outer).apply(str.upper),
                Output.secret(outer),
                Output.json_dumps({"k": outer}),
                Thing("c", x=outer).x,
                Thing("d", x=[{"k": outer}]).x,
                Output.from_input({"k": [outer]}),
                isinstance(await Output.unsecret(outer).future(), Output),
                outer.apply(lambda value: value),
                isinstance(await outer.recover(lambda error: "none").future(), Output),
            ]
        )
    return found


@clause("2.3")
async def apply_runs_later_once_even_unused():
    calls = []
    o(1).apply(calls.append)
    at_once = list(calls)
    kept = o(2).apply(calls.append)
    await kept.future()
    await kept.future()
    await asyncio.sleep(0.01)
    return [at_once, calls]


@clause("2.3")
def apply_may_make_resources():
    return o("n").apply(lambda name: Thing(name, x=1).x)


@clause("2.3")
def recover():
    failed = o(1).apply(boom)
    return [
        failed.recover(lambda error: type(error).__name__),
        failed.recover(lambda error: secret("s")),
        failed.recover(lambda error: later(3)),
        failed.recover(lambda error: Thing("a", x=1).x),
        failed.recover(boom),
        failed.recover(lambda error: [secret(1), later(2)]),
        secret(Thing("b", x=1).x).recover(boom),
        unknown().recover(boom),
        Output.all(1, failed).recover(lambda error: "all"),
        Thing("f", typ="t:m:Fails", x=1).x.recover(lambda error: "resource"),
    ]


# 2.4 ----------------------------------------------------------------------------------------------


@clause("2.4", previews=True)
def lifting():
    part = o({"a": {"b": [1, 2]}, "u": unknown(), "apply": 5})
    args = o(Unhashed())
    return [
        part["a"]["b"][1],
        secret({"a": 1})["a"],
        part["u"],
        part["u"]["x"].y[0],
        unknown().anything["at"].all,
        part["apply"],
        args.a,
        o([1, 2])[-1],
        o("text")[0],
        Thing("t", x={"k": [1]}).x["k"][0],
        o("text").upper.apply(lambda method: method()),
    ]


@clause("2.4")
def what_is_missing():
    source = o({"key": 1})
    return [
        source.key.recover(lambda error: type(error).__name__),
        source["none"].recover(lambda error: type(error).__name__),
        o([1])["x"].recover(lambda error: type(error).__name__),
        o(None).x.recover(lambda error: type(error).__name__),
        o(1)[0].recover(lambda error: type(error).__name__),
    ]


@clause("2.4")
def dunder_names_and_own_names():
    source = o({"a": 1})
    own = (
        "apply",
        "get",
        "future",
        "all",
        "concat",
        "format",
        "secret",
        "resources",
        "is_known",
        "is_secret",
    )
    return [
        *(
            tried(lambda name=name: getattr(source, name))
            for name in ("__foo__", "__dataclass_fields__", "__x")
        ),
        hasattr(source, "__len__"),
        hasattr(o(object()), "real"),
        *(isinstance(getattr(source, name), Output) for name in (*own, "recover")),
        [isinstance(source._hidden.recover(lambda e: 1), Output)],
    ]


def unpacked(source):
    one, two = source
    return one, two


@clause("2.4")
def as_a_python_object():
    source = o([1, 2])
    error = tried(lambda: list(source))
    return [
        error,
        "apply" in str(error),
        "not iterable" in str(error),
        tried(lambda: [*source]),
        tried(lambda: unpacked(source)),
        source == source,
        source == o([1, 2]),
        source != 1,
        bool(o(0)),
        bool(unknown()),
        hash(source) == hash(source),
        len({source, source}),
        tried(lambda: len(source)),
        tried(lambda: source + 1),
        tried(lambda: 1 + source),
        tried(lambda: source < 1),
        tried(lambda: int(source)),
        tried(lambda: 1 in source),
    ]


# 2.5 ----------------------------------------------------------------------------------------------


@clause("2.5", previews=True)
def from_input():
    a = Thing("a", x=1)
    return [
        o(o(o(1))),
        o(a.x),
        o(PartArgs(the_name=a.x, sizes={"n": secret(1)})),
        o([PartArgs(the_name=o("n"))]),
        o(EmptyArgs()),
        o({"k": [a.x, (o(2), {"z": later(o(3))})], o("key"): secret(4)}),
        o({}),
        o([]),
        o(()),
        o((1, o(2))),
        o({1}),
        o(frozenset({1})),
        o(a),
        o([a]),
        o(Unhashed()).apply(lambda plain: isinstance(plain.c, Output)),
        o(later([o(1)])),
        o(Part(the_name="n")).apply(lambda value: type(value) is dict),
        o([unknown(), 1]),
        o({"a": secret(unknown())}),
        o(None),
        o("x"),
        o(b"x").apply(lambda v: v.decode()),
        o(pulumi.StringAsset("t")),
        o(Colour.RED),
    ]


@clause("2.5")
def from_input_with_keys_that_are_no_names():
    return [o({1: 2}).recover(lambda error: type(error).__name__), o({"with space": 1, "class": o(2)})]


@clause("2.5")
def from_input_shallow():
    return [
        Output._from_input_shallow(later(1)),
        Output._from_input_shallow(secret(1)),
        Output._from_input_shallow([o(1)]).apply(lambda found: isinstance(found[0], Output)),
    ]


@clause("2.5", previews=True)
def secrets():
    a = Thing("a", x=1)
    return [
        secret(1),
        secret({"a": a.x}),
        secret([later(1)]),
        secret(unknown()),
        Output.unsecret(secret(a.x)),
        Output.unsecret(secret(unknown())),
        Output.unsecret(o(1)),
        Output.unsecret(o([secret(1)])),
        secret(secret(1)),
    ]


@clause("2.5", previews=True)
def all_():
    a = Thing("a", x=1)
    return [
        Output.all(1, a.x, later(2)),
        Output.all(x=a.x, y=secret([o(1)])),
        Output.all(),
        tried(lambda: Output.all(1, x=2)),
        Output.all(1, unknown(), secret(a.x)),
        Output.all([o(1), {"k": a.x}]),
        Output.all(a, {1}),
        Output.all(a.x).apply(lambda values: values[0]),
    ]


@clause("2.5", previews=True)
def concat_and_format():
    a = Thing("a", x="v")
    failing = lambda error: type(error).__name__
    return [
        Output.concat(),
        Output.concat("a", a.x, later("b"), secret("c")),
        Output.concat("a", unknown()),
        Output.concat("a", o(1)).recover(failing),
        Output.concat("a", None).recover(failing),
        Output.format("{} {1:>3} {k[z]}".replace("{} {1", "{0} {1"), a.x, 2, k={"z": o(1)}),
        Output.format(o("{}!"), "x"),
        Output.format("{}", unknown()).apply(len),
        Output.format("{}", secret(1)),
        Output.format("{0}").recover(failing),
        Output.format("{x.real}", x=o(3)),
    ]


class Money:
    def __init__(self, amount):
        self.amount = amount


class Encoder(json.JSONEncoder):
    def default(self, value):
        return {"money": value.amount}


@clause("2.5", previews=True)
def json_dumps():
    a = Thing("a", x=1)
    failing = lambda error: type(error).__name__
    return [
        Output.json_dumps({"b": [a.x, secret("s")], "a": None}),
        Output.json_dumps({"b": 1, "a": o(2)}, sort_keys=True, indent=2, separators=(",", " : ")),
        Output.json_dumps({o("k"): o("é")}, ensure_ascii=False),
        Output.json_dumps(o({"x": (1, 2)})),
        Output.json_dumps([1, unknown()]),
        Output.json_dumps([secret(1), unknown()]),
        Output.json_dumps(Money(secret(3)), cls=Encoder),
        Output.json_dumps({(1,): 2, "a": 1}, skipkeys=True),
        Output.json_dumps([float("nan")], allow_nan=False).recover(failing),
        Output.json_dumps({"m": object()}).recover(failing),
        Output.json_dumps(later([1.0, True, None])),
        Output.json_dumps(a).recover(failing),
    ]


@clause("2.5")
def json_loads():
    failing = lambda error: type(error).__name__
    return [
        Output.json_loads('{"a": [1, 2.5, null]}'),
        Output.json_loads(secret("1.5"), parse_float=str),
        Output.json_loads(o("{")).recover(failing),
        Output.json_loads(unknown()),
        Output.json_loads('{"a": 1}', object_hook=sorted),
    ]


@clause("2.5")
async def deferred():
    found = []
    for source in (secret(Thing("a", x=1).x), unknown(), o(1).apply(boom)):
        output, resolve = pulumi.deferred_output()
        derived = output.apply(lambda v: v)
        resolve(source)
        found += [output, derived]
        await asyncio.sleep(0.01)
    return [found, tried(lambda: resolve(o(2)))]


# 2.6 ----------------------------------------------------------------------------------------------


@clause("2.6")
def as_text():
    source = o("x")
    message = str(source)
    words = ("__str__", "not supported", 'o.apply(lambda v: f"prefix{v}suffix")', "/inputs-outputs")
    return [
        *(part in message for part in words),
        "future version" in message.splitlines()[-1],
        f"{source}" == message,
        format(source) == message,
        "".join([str(source)]) == message,
    ]


@clause("2.6")
def as_text_where_that_is_an_error():
    found = []
    for value in ("1", "true", "TRUE", "0", "yes", ""):
        os.environ["PULUMI_ERROR_OUTPUT_STRING"] = value
        try:
            found.append(isinstance(tried(lambda: str(o(1))), Exception))
        finally:
            del os.environ["PULUMI_ERROR_OUTPUT_STRING"]
    return found


@clause("2.6")
def represented():
    source = o(1)
    return [repr(source) == object.__repr__(source), "Output object at" in repr(source)]


# 2.7 ----------------------------------------------------------------------------------------------


@clause("2.7")
def copied_and_pickled_outside_of_a_context():
    return [tried(lambda deed=deed: deed(o(1))) for deed in (pickle.dumps, copy.copy, copy.deepcopy)]


# 2.8 ----------------------------------------------------------------------------------------------


@clause("2.8")
def unknowns():
    circle = [1]
    circle.append(circle)
    other = type(pulumi.UNKNOWN)()
    return [
        known_types.is_unknown(other),
        known_types.is_unknown(pulumi.UNKNOWN),
        known_types.is_unknown(None),
        pulumi.contains_unknowns(other),
        pulumi.contains_unknowns({"a": [1, {"b": other}]}),
        pulumi.contains_unknowns(circle),
        pulumi.contains_unknowns((other,)),
        pulumi.contains_unknowns({"a": (other,)}),
        pulumi.contains_unknowns(Unhashed()),
    ]
