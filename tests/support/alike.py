# mypy: ignore-errors
"""
Scenarios that run under the genuine package and under ours, with mocks; a script.

    python tests/support/alike.py ours|genuine preview|update

Prints what each scenario's output turned out to be, as JSON. `tests/sdk/test_alike.py`
compares the two.
"""

from __future__ import annotations

import asyncio
import enum
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

if sys.argv[1] == "ours":
    from stackwright.sdk import _import_aliases

    _import_aliases.install()
import pulumi
from pulumi import Output, ResourceOptions
from pulumi.runtime import Mocks, set_mocks


class MyMocks(Mocks):
    def new_resource(self, args):
        if args.typ == "t:m:Empty":
            return "", {}
        if args.typ == "t:m:Failing":
            raise Exception("refused")
        return args.name + "_id", {**args.inputs, "made": {"nested": [1, None, {"x": None}]}}

    def call(self, args):
        if args.token == "t:m:secret":
            return {
                "a": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "s"},
                "b": 1,
            }
        if args.token == "t:m:fail":
            return {}, [("p", "why"), ("q", "other")]
        return {"args": args.args}


class Thing(pulumi.CustomResource):
    def __init__(self, name, props=None, opts=None, typ="t:m:Thing"):
        super().__init__(typ, name, props or {}, opts)


class Comp(pulumi.ComponentResource):
    def __init__(self, name, props=None, opts=None):
        super().__init__("t:m:Comp", name, props or {}, opts)


@pulumi.output_type
class Inner(dict):
    def __init__(self, *, port: int, note: str | None = None):
        pulumi.set(self, "port", port)
        if note is not None:
            pulumi.set(self, "note", note)

    @property
    @pulumi.getter
    def port(self) -> int:
        return pulumi.get(self, "port")

    @property
    @pulumi.getter
    def note(self) -> str | None:
        return pulumi.get(self, "note")


class Colour(str, enum.Enum):  # noqa: UP042 # as generated code writes it
    RED = "red"


@pulumi.input_type
class InnerArgs:
    def __init__(
        self,
        *,
        port_number: pulumi.Input[int],
        tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
    ):
        pulumi.set(self, "port_number", port_number)
        if tags is not None:
            pulumi.set(self, "tags", tags)

    @property
    @pulumi.getter(name="portNumber")
    def port_number(self) -> pulumi.Input[int]:
        return pulumi.get(self, "port_number")

    @property
    @pulumi.getter
    def tags(self) -> pulumi.Input[Mapping[str, pulumi.Input[str]]] | None:
        return pulumi.get(self, "tags")


@pulumi.input_type
class TypedArgs:
    def __init__(self, **kw):
        for k, v in kw.items():
            pulumi.set(self, k, v)

    @property
    @pulumi.getter(name="innerList")
    def inner_list(self) -> pulumi.Input[Sequence[pulumi.Input[InnerArgs]]]: ...
    @property
    @pulumi.getter(name="innerOne")
    def inner_one(self) -> pulumi.Input[InnerArgs]: ...
    @property
    @pulumi.getter
    def colour(self) -> pulumi.Input[Colour]: ...


class Typed(pulumi.CustomResource):
    def __init__(self, name, opts=None, **kw):
        props = TypedArgs.__new__(TypedArgs)
        for k in ("inner_list", "inner_one", "colour"):
            props.__dict__[k] = kw.get(k)
        props.__dict__["made"] = None
        super().__init__("t:m:Typed", name, props, opts)

    @property
    @pulumi.getter(name="innerList")
    def inner_list(self) -> pulumi.Output[Sequence[TypedInner]]:
        return pulumi.get(self, "inner_list")

    @property
    @pulumi.getter(name="innerOne")
    def inner_one(self) -> pulumi.Output[TypedInner | None]:
        return pulumi.get(self, "inner_one")

    @property
    @pulumi.getter
    def colour(self) -> pulumi.Output[Colour]:
        return pulumi.get(self, "colour")

    @property
    @pulumi.getter
    def made(self) -> pulumi.Output[Any]:
        return pulumi.get(self, "made")


@pulumi.output_type
class TypedInner(dict):
    def __init__(self, *, port_number: int, tags: Mapping[str, str] | None = None):
        pulumi.set(self, "port_number", port_number)
        if tags is not None:
            pulumi.set(self, "tags", tags)

    @property
    @pulumi.getter(name="portNumber")
    def port_number(self) -> int:
        return pulumi.get(self, "port_number")

    @property
    @pulumi.getter
    def tags(self) -> Mapping[str, str] | None:
        return pulumi.get(self, "tags")


def plain(v, depth=0):
    if depth > 8:
        return "..."
    if isinstance(v, Output):
        return "<output>"
    if isinstance(v, enum.Enum):
        return ["enum", v.name]
    if isinstance(v, bool) or v is None or isinstance(v, str):
        return v
    if isinstance(v, (int, float)):
        return float(v)
    if type(v).__name__ == "Unknown":
        return "<unknown>"
    if isinstance(v, dict):
        return {str(k): plain(dict.__getitem__(v, k), depth + 1) for k in sorted(dict.keys(v), key=str)} | (
            {"<class>": type(v).__name__} if type(v) is not dict else {}
        )
    if isinstance(v, tuple):
        return ["tuple", *[plain(i, depth + 1) for i in v]]
    if isinstance(v, (list, set)):
        return [plain(i, depth + 1) for i in v]
    if isinstance(v, BaseException):
        return [type(v).__name__, str(v)]
    if isinstance(v, pulumi.Resource):
        return f"<resource {v._name}>"
    return f"<{type(v).__name__}>"


async def seen(o):
    try:
        return {
            "value": plain(await o.future()),
            "raw": plain(await o.future(with_unknowns=True)),
            "known": await o.is_known(),
            "secret": await o.is_secret(),
            "deps": sorted(r._name for r in await o.resources()),
        }
    except Exception as e:
        return {"error": type(e).__name__, "text": str(e)[:80]}


def unknown():
    return Output.from_input(pulumi.UNKNOWN)


async def later(v):
    await asyncio.sleep(0)
    return v


def boom(_):
    raise KeyError("boom")


def scenarios():
    found = {}

    def s(f):
        found[f.__name__] = f
        return f

    o = Output.from_input

    @s
    def apply_none():
        return o(None).apply(lambda v: v)

    @s
    def apply_list_of_outputs():
        return o(1).apply(lambda v: [o(v), o(2)])

    @s
    def apply_dict_outputs_flatten():
        return o(o(1).apply(lambda v: {"a": o(v)}))

    @s
    def apply_unknown_secret():
        return Output.secret(unknown()).apply(lambda v: v)

    @s
    def apply_rwu():
        return unknown().apply(lambda v: type(v).__name__, True)

    @s
    def apply_rwu_nested():
        return o([1, unknown()]).apply(plain, True)

    @s
    def apply_awaitable_unknown():
        return o(1).apply(lambda v: later(pulumi.UNKNOWN))

    @s
    def apply_awaitable_output():
        return o(1).apply(later)

    @s
    def apply_returns_unknown():
        return o(1).apply(lambda v: pulumi.UNKNOWN)

    @s
    def apply_returns_secret_unknown():
        return o(1).apply(lambda v: Output.secret(unknown()))

    @s
    def apply_error():
        return o(1).apply(boom).recover(repr)

    @s
    def apply_error_chain():
        return o(1).apply(boom).apply(lambda v: v).recover(repr)

    @s
    def recover_unknown():
        return unknown().recover(lambda e: 1)

    @s
    def lift_missing_key():
        return o({"a": 1})["b"].recover(repr)

    @s
    def lift_none():
        return o(None)["b"].recover(lambda e: type(e).__name__)

    @s
    def lift_unknown_attr():
        return unknown().foo.bar["x"]

    @s
    def lift_secret():
        return Output.secret({"a": [1, 2]})["a"][1]

    @s
    def lift_partial():
        return o({"a": 1, "b": unknown()})["a"]

    @s
    def lift_partial_unknown():
        return o({"a": 1, "b": unknown()})["b"]

    @s
    def from_nested():
        return o({"a": [o(1), {"b": (o(2),)}], "c": later(o(3))})

    @s
    def from_dict_output_key():
        return o({o("k"): 1})

    @s
    def from_set():
        return o({1})

    @s
    def from_resource():
        return o(Thing("r"))

    @s
    def from_list_resource():
        return o([Thing("r", {"x": 1})]).apply(lambda things: things[0].x)

    @s
    def all_known_unknown():
        return Output.all(1, unknown())

    @s
    def all_dict_secret():
        return Output.all(a=1, b=Output.secret(2))

    @s
    def all_empty():
        return Output.all()

    @s
    def concat():
        return Output.concat("a", o("b"), Thing("r").id)

    @s
    def concat_none():
        return Output.concat("a", o(None)).recover(lambda e: type(e).__name__)

    @s
    def format_():
        return Output.format("{0}{x}{0}", o("a"), x=Output.secret(1))

    @s
    def json_dumps():
        return Output.json_dumps({"a": [o(1), Thing("r").id], "b": None}, indent=1)

    @s
    def json_unknown():
        return Output.json_dumps([1, unknown()])

    @s
    def json_secret_unknown():
        return Output.json_dumps([Output.secret(1), unknown()])

    @s
    def json_loads():
        return Output.json_loads('{"a": [1, 2.5]}')

    @s
    def secret_of_secret():
        return Output.unsecret(Output.secret(Output.secret(1)))

    @s
    def secret_list():
        return Output.secret([o(1), {"a": unknown()}])

    @s
    def urn_id():
        return Output.all(Thing("r").urn, Thing("q").id)

    @s
    def prop():
        return Thing("r", {"x": 1}).x

    @s
    def prop_none():
        return Thing("r", {"x": None}).x

    @s
    def prop_secret():
        return Thing("r", {"x": Output.secret({"a": 1})}).x

    @s
    def prop_secret_nested():
        return Thing("r", {"x": [{"a": Output.secret(1)}, None]}).x

    @s
    def prop_unknown():
        return Thing("r", {"x": {"a": unknown(), "b": 1}}).x

    @s
    def prop_made():
        return Thing("r", {"made": None}).made

    @s
    def prop_missing():
        return Thing("r", {"gone": None}).gone

    @s
    def prop_from_other():
        return Thing("r", {"x": Thing("q", {"y": "z"}).y}).x

    @s
    def prop_asset():
        return Thing("r", {"x": pulumi.StringAsset("t")}).x.apply(lambda a: (type(a).__name__, a.text))

    @s
    def prop_archive():
        return Thing("r", {"x": pulumi.AssetArchive({"f": pulumi.FileAsset("p")})}).x.apply(
            lambda a: (type(a).__name__, a.assets["f"].path)
        )

    @s
    def prop_resource():
        return Thing("r", {"x": Thing("q")}).x

    @s
    def prop_component():
        return Thing("r", {"x": Comp("c")}).x

    @s
    def prop_tuple():
        return Thing("r", {"x": (1, (2,))}).x

    @s
    def prop_enum():
        return Thing("r", {"x": Colour.RED}).x

    @s
    def empty_input_copied():
        return Thing("r", {"x": {"a": None, "b": 1}}, typ="t:m:Empty").x

    @s
    def empty_id():
        return Thing("r", typ="t:m:Empty").id

    @s
    def component_prop():
        return Comp("c", {"p": 1}).p

    @s
    def component_prop_output():
        return Comp("c", {"p": Thing("r", {"x": 1}).x}).p

    @s
    def component_urn():
        return Comp("c").urn

    @s
    def typed_list():
        return Typed(
            "r", inner_list=[InnerArgs(port_number=1, tags={"a_b": "c"}), {"port_number": 2}]
        ).inner_list

    @s
    def typed_one_dict():
        return Typed("r", inner_one={"port_number": 2, "tags": None}).inner_one

    @s
    def typed_one_output():
        return Typed("r", inner_one=o({"port_number": 2})).inner_one

    @s
    def typed_port():
        return Typed("r", inner_one={"port_number": 2}).inner_one.port_number

    @s
    def typed_colour():
        return Typed("r", colour="red").colour

    @s
    def typed_missing():
        return Typed("r").inner_one

    @s
    def typed_made():
        return Typed("r").made

    @s
    def read_():
        return Thing("r", {"x": 1}, ResourceOptions(id="the-id")).id

    @s
    def read_state():
        return Thing("r", {"x": 1}, ResourceOptions(id=Thing("q").id)).x

    @s
    def invoke_output():
        return pulumi.runtime.invoke_output("t:m:f", {"a": Thing("r", {"x": 1}).x})

    @s
    def invoke_output_secret():
        return pulumi.runtime.invoke_output("t:m:f", {"a": Output.secret(1)})

    @s
    def invoke_output_secret_answer():
        return pulumi.runtime.invoke_output("t:m:secret", {})

    @s
    def invoke_output_unknown():
        return pulumi.runtime.invoke_output("t:m:f", {"a": unknown()})

    @s
    def invoke_output_fail():
        return pulumi.runtime.invoke_output("t:m:fail", {}).recover(str)

    @s
    def invoke_single_output():
        return pulumi.runtime.invoke_output_single("t:m:f", {"a": 1})

    @s
    def invoke_plain():
        r = pulumi.runtime.invoke("t:m:secret", {"a": Output.secret("x")})
        return o([r.value, r.is_secret, r.is_known])

    @s
    def invoke_plain_unknown():
        r = pulumi.runtime.invoke("t:m:f", {"a": unknown()})
        return o([r.value, r.is_secret, r.is_known])

    @s
    def invoke_none_args():
        return pulumi.runtime.invoke_output("t:m:f", {"a": None, "b": [None], "c": {"d": None}})

    @s
    def call_():
        return pulumi.runtime.call("t:m:f", {"a": Thing("r", {"x": 1}).x})

    @s
    def create_urn():
        return pulumi.create_urn("n", "t:m:R", parent=Comp("c"))

    @s
    def deferred():
        a, r = pulumi.deferred_output()
        r(Output.secret(Thing("r", {"x": 1}).x))
        return a

    @s
    def provider_inherit():
        p = pulumi.ProviderResource("t", "p")
        c = Comp("c", None, ResourceOptions(providers=[p]))
        return Thing("r", {"x": 1}, ResourceOptions(parent=c)).x

    @s
    def alias_urns():
        return Output.all(
            *Thing(
                "r",
                None,
                ResourceOptions(
                    aliases=[pulumi.Alias(name="old"), pulumi.Alias(type_="t:m:Old", stack="s2"), "urn:x"]
                ),
            )._aliases
        )

    @s
    def parent_alias_urns():
        c = Comp("c", None, ResourceOptions(aliases=[pulumi.Alias(name="old")]))
        return Output.all(
            *Thing("c-r", None, ResourceOptions(parent=c, aliases=[pulumi.Alias(name="x")]))._aliases
        )

    @s
    def config_secret():
        pulumi.runtime.set_all_config({"project:a": '{"b": [1]}', "project:n": "3"}, ["project:a"])
        return Output.all(
            pulumi.Config().require_secret_object("a"),
            pulumi.Config().get_secret_int("n"),
            pulumi.Config().get_secret("zz", "d"),
        )

    return found


async def main():
    preview = sys.argv[2] == "preview"
    results = {}
    for name, f in scenarios().items():
        set_mocks_again(preview)
        try:
            got = await asyncio.wait_for(seen(f()), 10)
        except Exception as e:
            got = {"raised": type(e).__name__, "text": str(e)[:80]}
        results[name] = got
    print(json.dumps(results))


def set_mocks_again(preview):
    import pulumi.runtime.settings as st

    st.reset_options(project="project", stack="stack")
    set_mocks(MyMocks(), preview=preview)


asyncio.run(main())
