# mypy: ignore-errors
"""
What the scenarios beside this file are made of, and how they are run and shown.

Every scenario has mocks of its own. Numbers are shown with their kinds, failures by their classes.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import json
import logging
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Optional, Union

import pulumi
from google.protobuf import json_format
from pulumi import Output
from pulumi.runtime import mocks, settings
from pulumi.runtime.proto import resource_pb2

SIG = "4dabf18193072939515e22adb298388d"
URN = "urn:pulumi:stack::project::t:m:Other::other"
logging.disable(logging.CRITICAL)

# What scenarios are made of ------------------------------------------------------------------------


class Answers(mocks.Mocks):
    def new_resource(self, args):
        if args.typ == "t:m:Fails":
            raise Exception("refused")
        if args.typ == "t:m:Anonymous":
            return "", dict(args.inputs)
        if args.typ == "t:m:Silent":
            return f"{args.name}-id", {}
        if args.typ == "t:m:Echo":
            return f"{args.name}-id", args.inputs.get("answer", {})
        return f"{args.name}-id", {**args.inputs, "made": "m"}

    def call(self, args):
        if args.token == "t:m:fails":
            return {}, [("p", "why"), ("q", "other")]
        if args.token == "t:m:raises":
            raise Exception("down")
        if args.token == "t:m:nothing" or args.token.startswith("kubernetes:"):
            return {}
        if args.token == "t:m:answer":
            return args.args["answer"]
        return {"got": args.args, "n": 1}


FEATURES = {
    "aliasSpecs": resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    "transforms": resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    "deletedWith": resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    "replaceWith": resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    "resourceHooks": resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    "errorHooks": resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
    "resourceReferences": resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    "secrets": resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
}


# What every request has, and where it was made (test_registration.py has that).
DULL = ("sourcePosition", "stackTrace", "acceptsByteString", "aliasSpecs")


class Told(mocks.MockMonitor):
    """A monitor that keeps every request in the protocol's words; it may lack features."""

    def __init__(self, without=()):
        super().__init__(Answers())
        self.without, self.requests = without, []

    def note(self, kind, request):
        found = json_format.MessageToDict(request)
        for name in DULL:
            found.pop(name, None)
        depends = found.pop("propertyDependencies", {})
        found["propertyDependencies"] = {name: sorted(d["urns"]) for name, d in depends.items() if d}
        for name in ("dependencies", "aliasURNs"):
            found[name] = sorted(found.get(name, []))
        self.requests.append((kind, {name: value for name, value in found.items() if value not in ({}, [])}))

    def RegisterResource(self, request):
        if request.type != "pulumi:pulumi:Stack":
            self.note("register", request)
        return super().RegisterResource(request)

    def RegisterResourceOutputs(self, request):
        self.note("outputs", request)
        return super().RegisterResourceOutputs(request)

    def ReadResource(self, request):
        self.note("read", request)
        return super().ReadResource(request)

    def Invoke(self, request):
        self.note("invoke", request)
        return super().Invoke(request)

    def SupportsFeature(self, request):
        if request.id in self.without:
            return resource_pb2.SupportsFeatureResponse(hasSupport=False)
        return super().SupportsFeature(request)

    def GetDeploymentInfo(self, request):
        lacking = {FEATURES[name] for name in self.without}
        found = super().GetDeploymentInfo(request).supportedFeatures
        return resource_pb2.DeploymentInfo(supportedFeatures=[one for one in found if one not in lacking])


def fresh(preview=False, without=()):
    settings.reset_options(project="project", stack="stack")
    told = Told(without)
    pulumi.runtime.set_mocks(told.mocks, preview=preview, monitor=told)
    pulumi.runtime.set_all_config({})
    return told


class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, typ="t:m:Thing", **props):
        super().__init__(typ, name, props, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None, remote=False, **props):
        super().__init__("t:m:Group", name, props or None, opts, remote)


class Provider(pulumi.ProviderResource):
    def __init__(self, name, opts=None, pkg="t", **props):
        super().__init__(pkg, name, props, opts)


class Unhashed:
    """An object that programs export or give as an input."""

    def __init__(self):
        self.a, self._hidden, self.c = 1, 2, Output.from_input(3)


@pulumi.input_type
class PartArgs:
    def __init__(self, *, the_name: pulumi.Input[str], sizes=None):
        pulumi.set(self, "the_name", the_name)
        if sizes is not None:
            pulumi.set(self, "sizes", sizes)

    @property
    @pulumi.getter(name="theName")
    def the_name(self) -> pulumi.Input[str]:
        return pulumi.get(self, "the_name")

    @property
    @pulumi.getter
    def sizes(self) -> Optional[pulumi.Input[Mapping[str, pulumi.Input[int]]]]:
        return pulumi.get(self, "sizes")


@pulumi.input_type
class EmptyArgs:
    pass


@pulumi.input_type
class OtherArgs:
    def __init__(self, *, the_size: pulumi.Input[int]):
        pulumi.set(self, "the_size", the_size)

    @property
    @pulumi.getter(name="theSize")
    def the_size(self) -> pulumi.Input[int]:
        return pulumi.get(self, "the_size")


@pulumi.input_type
class WholeArgs:
    def __init__(self, **given):
        for name, value in given.items():
            pulumi.set(self, name, value)

    @property
    @pulumi.getter(name="onePart")
    def one_part(self) -> Optional[pulumi.Input[PartArgs]]: ...
    @property
    @pulumi.getter(name="allParts")
    def all_parts(self) -> Optional[pulumi.Input[Sequence[pulumi.Input[PartArgs]]]]: ...
    @property
    @pulumi.getter(name="partMap")
    def part_map(self) -> Optional[pulumi.Input[Mapping[str, pulumi.Input[PartArgs]]]]: ...
    @property
    @pulumi.getter(name="eitherPart")
    def either_part(self) -> Optional[pulumi.Input[Union[PartArgs, OtherArgs]]]: ...
    @property
    @pulumi.getter(name="someText")
    def some_text(self) -> Optional[pulumi.Input[str]]: ...
    @property
    @pulumi.getter(name="anyThing")
    def any_thing(self) -> Optional[Any]: ...


@pulumi.output_type
class Part(dict):
    def __init__(self, *, the_name: str, sizes: Optional[Mapping[str, int]] = None):
        pulumi.set(self, "the_name", the_name)
        if sizes is not None:
            pulumi.set(self, "sizes", sizes)

    @property
    @pulumi.getter(name="theName")
    def the_name(self) -> str:
        return pulumi.get(self, "the_name")

    @property
    @pulumi.getter
    def sizes(self) -> Optional[Mapping[str, int]]:
        return pulumi.get(self, "sizes")


@pulumi.output_type
class Size(dict):
    def __init__(self, *, the_size: int):
        pulumi.set(self, "the_size", the_size)

    @property
    @pulumi.getter(name="theSize")
    def the_size(self) -> int:
        return pulumi.get(self, "the_size")


class Colour(str, enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Share(float, enum.Enum):
    HALF = 0.5


class Whole(pulumi.CustomResource):
    """As generated code has it: typed inputs, typed outputs."""

    def __init__(self, name, opts=None, typ="t:m:Whole", **given):
        props = WholeArgs.__new__(WholeArgs)
        names = (
            "one_part",
            "all_parts",
            "part_map",
            "either_part",
            "some_text",
            "any_thing",
            "colour",
            "level",
        )
        for each in (*names, "count", "counts"):
            props.__dict__[each] = given.get(each)
        super().__init__(typ, name, props, opts)

    @property
    @pulumi.getter(name="onePart")
    def one_part(self) -> Output[Optional[Part]]:
        return pulumi.get(self, "one_part")

    @property
    @pulumi.getter(name="allParts")
    def all_parts(self) -> Output[Optional[Sequence[Part]]]:
        return pulumi.get(self, "all_parts")

    @property
    @pulumi.getter(name="partMap")
    def part_map(self) -> Output[Optional[Mapping[str, Part]]]:
        return pulumi.get(self, "part_map")

    @property
    @pulumi.getter(name="eitherPart")
    def either_part(self) -> Output[Optional[Union[Part, Size]]]:
        return pulumi.get(self, "either_part")

    @property
    @pulumi.getter(name="someText")
    def some_text(self) -> Output[Optional[str]]:
        return pulumi.get(self, "some_text")

    @property
    @pulumi.getter(name="anyThing")
    def any_thing(self) -> Output[Any]:
        return pulumi.get(self, "any_thing")

    @property
    @pulumi.getter
    def colour(self) -> Output[Optional[Colour]]:
        return pulumi.get(self, "colour")

    @property
    @pulumi.getter
    def level(self) -> Output[Optional[Level]]:
        return pulumi.get(self, "level")

    @property
    @pulumi.getter
    def count(self) -> Output[Optional[int]]:
        return pulumi.get(self, "count")

    @property
    @pulumi.getter
    def counts(self) -> Output[Optional[Sequence[int]]]:
        return pulumi.get(self, "counts")


class Renamed(pulumi.CustomResource):
    """Keys by hand: snake case in Python, camel case on the wire."""

    def __init__(self, name, opts=None, **props):
        super().__init__("t:m:Renamed", name, props, opts)

    def translate_input_property(self, prop):
        first, *rest = prop.split("_")
        return first + "".join(part.title() for part in rest)

    def translate_output_property(self, prop):
        return "".join("_" + char.lower() if char.isupper() else char for char in prop)


o = Output.from_input
secret = Output.secret


def unknown():
    return o(pulumi.UNKNOWN)


async def later(value):
    await asyncio.sleep(0)
    return value


def task(value):
    """An awaitable that may be awaited more than once."""
    return asyncio.ensure_future(later(value))


def boom(_):
    raise KeyError("boom")


# How outcomes are shown ----------------------------------------------------------------------------


def text(error):
    """The class of an exception; what its text says is another test's."""
    return f"raises {type(error).__name__}"


async def shown(value, depth=0):
    if depth > 9:
        return "..."
    if isinstance(value, Output):
        try:
            found = await asyncio.wait_for(value.future(with_unknowns=True), 5)
        except Exception as error:
            return ["output", text(error)]
        names = sorted(getattr(r, "_name", "") for r in await value.resources())
        state = ("known" if await value.is_known() else "unknown") + (
            " secret" if await value.is_secret() else ""
        )
        return ["output", await shown(found, depth + 1), state, names]
    if isinstance(value, enum.Enum):
        return f"<{type(value).__name__}.{value.name}>"
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return f"number {value!r}"
    if type(value).__name__ == "Unknown":
        return "<unknown>"
    if isinstance(value, dict):
        plain = {
            str(k): await shown(dict.__getitem__(value, k), depth + 1)
            for k in sorted(dict.keys(value), key=str)
        }
        return plain if type(value) is dict else {"<class>": type(value).__name__, **plain}
    if isinstance(value, (list, tuple, set, frozenset)):
        kind = "" if type(value) is list else type(value).__name__
        items = [await shown(item, depth + 1) for item in value]
        return [kind, *items] if kind else items
    if isinstance(value, BaseException):
        return text(value)
    if isinstance(value, pulumi.Resource):
        return f"<{type(value).__name__}>"
    if isinstance(value, (pulumi.Asset, pulumi.Archive)) or type(value).__name__.endswith("Args"):
        return [type(value).__name__, await shown(dict(vars(value)), depth + 1)]
    return f"<{type(value).__name__}>"


async def attempt(make):
    try:
        found = make()
        if asyncio.iscoroutine(found):
            found = await asyncio.wait_for(found, 5)
        return await shown(found)
    except Exception as error:
        return text(error)


CLAUSES = []


def clause(section, without=(), previews=False):
    """A scenario of *section*; with *previews* it runs in one too. It may ask for its monitor."""

    def add(scenario):
        CLAUSES.append((section, scenario, without, previews))
        return scenario

    return add


async def settled(told, *kinds):
    """All requests that were made, once every resource is there; sorted, since their order is free."""
    for _ in range(5):
        with contextlib.suppress(Exception):
            await pulumi.runtime.stack.wait_for_rpcs(await_all_outstanding_tasks=False)
        await asyncio.sleep(0)
    asked = ([kind, request] for kind, request in told.requests if not kinds or kind in kinds)
    return sorted(asked, key=lambda each: json.dumps(each, sort_keys=True))


async def run(wanted):
    """Run every scenario whose name has *wanted* in it; answers what came of each."""
    found = {}
    for section, scenario, without, previews in CLAUSES:
        for preview in (False, True) if previews else (False,):
            name = f"{section} {scenario.__name__}{' in a preview' if preview else ''}"
            if wanted and wanted not in name:
                continue
            told = fresh(preview, without)
            takes = scenario.__code__.co_argcount
            with warnings.catch_warnings(record=True):
                warnings.simplefilter("always")
                found[name] = await attempt((lambda s=scenario, t=told: s(t)) if takes else scenario)
    return found
