"""
Configuration, options, exports and mistakes, as JSON: run under the genuine package and under ours.

    python faces_alike.py genuine|ours
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any

if sys.argv[1] == "ours":
    from stackwright.sdk import _import_aliases

    _import_aliases.install()

import pulumi
from pulumi import InvokeOptions, InvokeOutputOptions, Output, ResourceOptions
from pulumi.runtime.stack import massage

CONFIG = {"s": "x", "b": "true", "B": "True", "i": "12", "f": "1.5", "o": '{"a":[1]}', "e": "", "j": "{"}
GETTERS = ("", "_bool", "_int", "_float", "_object")
OPTIONS = ("protect", "ignore_changes", "version", "aliases", "depends_on", "id", "providers", "hide_diffs")


class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args: Any) -> Any:
        if args.typ == "pulumi:pulumi:StackReference":
            outputs = {"plain": "p", "pw": "s"}
            return args.name, {**args.inputs, "outputs": outputs, "secretOutputNames": ["pw"]}
        return f"{args.name}-id", args.inputs

    def call(self, args: Any) -> Any:
        return {"x": args.args}


class Thing(pulumi.CustomResource):
    v: pulumi.Output[Any]

    def __init__(self, resource_name: str, opts: Any = None, **props: Any) -> None:
        super().__init__("t:i:Thing", resource_name, {"v": None, **props}, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name: str, opts: Any = None) -> None:
        super().__init__("t:i:Group", name, {}, opts)


async def shown(value: Any) -> Any:
    """A value as JSON; an output with what is known about it."""
    if isinstance(value, Output):
        found = await value.future(with_unknowns=True)
        names = sorted(r.pulumi_resource_name for r in await value.resources())
        return ["output", await shown(found), await value.is_known(), await value.is_secret(), names]
    if isinstance(value, dict):
        return {str(name): await shown(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [await shown(item) for item in value]
    plain = value is None or isinstance(value, (str, int, float, bool))
    return value if plain else f"<{type(value).__name__}>"


async def attempt(make: Callable[[], Any]) -> Any:
    """What came of it, or the class of the exception."""
    try:
        return await shown(make())
    except Exception as error:
        return f"raises {type(error).__name__}"


def configuration() -> dict[str, Callable[[], Any]]:
    config = pulumi.Config()
    found: dict[str, Callable[[], Any]] = {}
    for key in (*CONFIG, "none"):
        for getter in GETTERS:
            for kind in (
                f"get{getter}",
                f"require{getter}",
                f"get_secret{getter}",
                f"require_secret{getter}",
            ):
                found[f"{kind} {key}"] = lambda kind=kind, key=key: getattr(config, kind)(key)
    found["default"] = lambda: [config.get("none", "d"), config.get_int("none", 3)]
    found["secret"] = lambda: [pulumi.runtime.is_config_secret(f"proj:{key}") for key in "sb"]
    found["missing"] = lambda: str(pulumi.ConfigMissingError("a:b", True))
    return found


def merged_options() -> dict[str, Callable[[], Any]]:
    thing = Thing("dependency")
    sides: dict[str, Any] = {
        "none": None,
        "empty": ResourceOptions(),
        "lists": ResourceOptions(ignore_changes=["a"], aliases=["x"], hide_diffs=["h"], version="1"),
        "other": ResourceOptions(ignore_changes=["b"], protect=False, depends_on=thing),
        "many": ResourceOptions(depends_on=[thing], version="2"),
    }
    calls: dict[str, Any] = {
        "none": None,
        "plain": InvokeOptions(version="1"),
        "url": InvokeOptions(plugin_download_url="u"),
        "empty output": InvokeOutputOptions(),
        "output": InvokeOutputOptions(version="2", depends_on=[thing]),
    }

    def read(options: Any) -> Any:
        return [getattr(options, name) for name in OPTIONS]

    def called(options: Any) -> Any:
        dependencies = getattr(options, "depends_on", None) or []
        # None and the empty text say the same there.
        version = options.version or "" if isinstance(options, InvokeOutputOptions) else options.version
        return [type(options).__name__, version, options.plugin_download_url, len(dependencies)]

    found: dict[str, Callable[[], Any]] = {}
    for a, one in sides.items():
        for b, other in sides.items():
            found[f"{a} + {b}"] = lambda one=one, other=other: read(ResourceOptions.merge(one, other))
    for kind in (InvokeOptions, InvokeOutputOptions):
        for a, one in calls.items():
            for b, other in calls.items():
                found[f"{kind.__name__} {a} + {b}"] = lambda kind=kind, one=one, other=other: called(
                    kind.merge(one, other)
                )
    found["wrong"] = lambda: ResourceOptions.merge(3, None)
    return found


def exports() -> dict[str, Callable[[], Any]]:
    class Plain:
        def __init__(self) -> None:
            self.a, self._b, self.c = 1, 2, Output.from_input(3)

    thing = Thing("exported", v="x")
    values = {
        "set": {1},
        "tuple": (1, "a"),
        "object": Plain(),
        "dict": {"a": thing.v, "b": None},
        "asset": pulumi.StringAsset("x"),
        "bytes": b"ab",
        "resource": thing,
        "secret": Output.secret({"a": 1}),
    }
    reference = pulumi.StackReference("org/proj/dev")
    found: dict[str, Callable[[], Any]] = {
        name: lambda value=value: Output.from_input(massage(value, [])) for name, value in values.items()
    }
    for name in ("plain", "pw", "none"):
        found[f"reference {name}"] = lambda name=name: reference.get_output(name)
    found["urn"] = lambda: pulumi.create_urn("n", "t:m:T", parent=thing, project="p", stack="s")
    found["call"] = lambda: pulumi.runtime.invoke_output("t:m:f", {"a": Output.secret(1), "b": thing.id})
    return found


def mistakes() -> dict[str, Callable[[], Any]]:
    return {
        "no type": lambda: pulumi.CustomResource("", "n"),
        "a number for a type": lambda: pulumi.CustomResource(3, "n"),
        "no name": lambda: pulumi.CustomResource("t:m:T", ""),
        "a number for a name": lambda: pulumi.CustomResource("t:m:T", 3),
        "no options": lambda: pulumi.CustomResource("t:m:T", "n", None, 3),
        "no properties": lambda: pulumi.CustomResource("t:m:T", "n", 3),
        "depends on a text": lambda: ResourceOptions(depends_on=["x"]),
        "a component's id": lambda: Group("g", ResourceOptions(id="x")),
        "iterated": lambda: list(Output.from_input([1])),
        "measured": lambda: len(Output.from_input([1])),
        "got": lambda: Output.from_input(1).get(),
        "mixed": lambda: Output.all(1, a=2),
        "run nothing": lambda: pulumi.run(3),
        "an empty property": lambda: pulumi.property(""),
        "a number for a path": lambda: pulumi.FileAsset(3),
        "a number in an archive": lambda: pulumi.AssetArchive({"a": 3}),
        "a function of no type": lambda: pulumi.runtime.invoke("t:m:f", {}, typ=dict),
        "a number for configuration": lambda: pulumi.Config(3),
        "a second stack": pulumi.runtime.stack.Stack,
    }


async def main() -> None:
    pulumi.runtime.set_mocks(Mocks(), project="proj", stack="dev")
    pulumi.runtime.set_all_config({f"proj:{key}": value for key, value in CONFIG.items()}, ["proj:s"])
    groups = (configuration, merged_options, exports, mistakes)
    found = {
        group.__name__: {name: await attempt(make) for name, make in group().items()} for group in groups
    }
    print(json.dumps(found))


asyncio.run(main())
