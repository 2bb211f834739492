# mypy: ignore-errors
"""Functions and methods of providers (sdk.md §8)."""

from __future__ import annotations

from typing import Any

import pulumi
from outputs import tried
from pulumi import InvokeOptions, InvokeOutputOptions, Output
from pulumi import ResourceOptions as Opts
from pulumi.runtime import (
    call,
    call_single,
    invoke,
    invoke_async,
    invoke_output,
    invoke_output_single,
    invoke_single,
)
from pulumi.runtime.invoke import InvokeResult
from things import (
    EmptyArgs,
    Group,
    PartArgs,
    Provider,
    Thing,
    clause,
    o,
    secret,
    settled,
    task,
    unknown,
)


@pulumi.output_type
class Found:
    def __init__(self, got=None, n=None):
        pulumi.set(self, "got", got)
        pulumi.set(self, "n", n)

    @property
    @pulumi.getter
    def got(self) -> Any: ...
    @property
    @pulumi.getter
    def n(self) -> int: ...


def plain(result):
    """A result of the plain form, in full."""
    return [type(result).__name__, result.value, result.is_secret, result.is_known, len(result.dependencies)]


ARGUMENTS = {
    "nothing": dict,
    "scalars": lambda: {"a": 1, "b": "x", "c": None, "d": [None, {"e": None}]},
    "secret": lambda: {"a": secret("s")},
    "deep-secret": lambda: {"a": [{"b": secret(1)}], "c": 2},
    "unknown": lambda: {"a": unknown()},
    "deep-unknown": lambda: {"a": {"b": unknown()}},
    "listed-unknown": lambda: {"a": [{"b": unknown()}]},
    "output": lambda: {"a": Thing("t", x=1).x, "b": Thing("u").id},
    "awaitable": lambda: {"a": task([task(1)])},
    "arguments": lambda: {"a": PartArgs(the_name=o("n"), sizes={"a_b": 1}), "b": EmptyArgs()},
    "resource": lambda: {"a": Thing("t")},
    "asset": lambda: {"a": pulumi.StringAsset("t")},
}


@clause("8", previews=True)
async def every_form(told):
    found = {}
    for name, arguments in ARGUMENTS.items():
        found[name] = [
            plain(invoke("t:m:f", arguments())),
            invoke_output("t:m:f", arguments()),
            await invoke_async("t:m:f", arguments()),
        ]
    return [found, await settled(told, "invoke")]


@clause("8")
async def results():
    result = invoke("t:m:f", {"a": 1})

    def iterated():
        return (yield from result)

    generator = iterated()
    try:
        next(generator)
    except StopIteration as end:
        found = end.value
    made = InvokeResult({"a": 1})
    return [
        await result,
        found,
        [made.value, made.is_secret, made.is_known, made.dependencies],
        [(await made)["a"], InvokeResult(1, True, False, ["x"]).dependencies],
    ]


@clause("8")
def single():
    answer = lambda value: {"answer": value}
    return [
        plain(invoke_single("t:m:answer", answer({"one": [1]}))),
        plain(invoke_single("t:m:answer", answer({"one": secret("s")}))),
        tried(lambda: invoke_single("t:m:nothing", {})),
        invoke_output_single("t:m:answer", answer({"one": 1})),
        invoke_output_single("t:m:nothing", {}).recover(lambda error: type(error).__name__),
    ]


@clause("8", previews=True)
def typed():
    wrong = [tried(lambda f=f: f("t:m:f", {}, typ=dict)) for f in (invoke, call)]
    return [
        wrong,
        invoke("t:m:f", {"a": 1}, typ=Found).value.n,
        invoke("t:m:f", {"a": 1}, typ=Found).value.got,
        invoke_output("t:m:f", {"a": secret(1)}, typ=Found).n,
        invoke_output("t:m:f", {"a": unknown()}, typ=Found).n,
        invoke_output("t:m:f", {"a": 1}, typ=Found).apply(lambda found: type(found).__name__),
    ]


@clause("8")
def failures():
    def text(make):
        return str(tried(make))

    failing = lambda error: [type(error).__name__, str(error)]
    return [
        text(lambda: invoke("t:m:fails", {})),
        type(tried(lambda: invoke("t:m:fails", {}))).__name__,
        invoke_output("t:m:fails", {}).recover(failing),
        text(lambda: invoke("t:m:raises", {})),
        invoke_output("t:m:f", {"a": {1}}).recover(lambda error: type(error).__name__),
        tried(lambda: invoke("t:m:f", {"a": {1}})),
        invoke_output("t:m:f", {"a": o(1).apply(lambda _: 1 / 0)}).recover(
            lambda error: type(error).__name__
        ),
    ]


@clause("8")
def nothing_and_kubernetes():
    tokens = ("kubernetes:yaml:decode", "kubernetes:helm:template", "kubernetes:kustomize:directory")
    found = [invoke("t:m:nothing", {}).value]
    versions = (None, "", "4.5.4", "4.5.5", "4.5.4-alpha", "nonsense", "3.0.0", "10.0.0")
    found += [
        [token, version, invoke(token, {}, InvokeOptions(version=version)).value]
        for token in (*tokens, "kubernetes:x:y")
        for version in versions
    ]
    return found


@clause("8")
def secret_answers():
    values = {
        "one": {"a": secret("s"), "b": 1},
        "deep": {"a": {"b": [secret(1)]}},
        "none": {"a": None, "b": [None]},
        "unknown": {"a": pulumi.UNKNOWN},
    }
    return [
        [plain(invoke("t:m:answer", {"answer": value})), invoke_output("t:m:answer", {"answer": value})]
        for value in values.values()
    ]


@clause("8", previews=True)
async def providers(told):
    provider, other = Provider("p"), Provider("q", pkg="other")
    group = Group("g", Opts(providers=[provider, other]))
    # The genuine functions write into the options that they are given, so each call has its own.
    options = lambda: {
        "provider": InvokeOptions(provider=provider),
        "parent": InvokeOptions(parent=group),
        "both": InvokeOptions(parent=group, provider=provider),
        "version": InvokeOptions(version="1.2.3", plugin_download_url="u"),
        "output": InvokeOutputOptions(parent=group, version="2.0.0"),
        "empty": InvokeOptions(),
        "none": None,
    }
    for name in options():
        for token in ("t:m:f", "other:m:f", "third:m:f"):
            await invoke_output(token, {"name": name}, options()[name]).future()
            invoke(token, {"plain": name}, options()[name])
    return await settled(told, "invoke")


@clause("8", previews=True)
async def dependencies(told):
    a, b = Thing("a", x=1), Thing("b", x=2)
    group = Group("g")
    Thing("child", Opts(parent=group))
    cases = {
        "one": a,
        "list": [a, o(b)],
        "output": o([a]),
        "component": [group],
        "none": None,
    }
    found = [
        invoke_output("t:m:f", {"name": name}, InvokeOutputOptions(depends_on=value))
        for name, value in cases.items()
    ]
    found.append(invoke_output("t:m:f", {"name": "arguments", "a": a.x, "b": [b.id]}))
    found.append(invoke_output("t:m:f", {"name": "both", "a": a.x}, InvokeOutputOptions(depends_on=[b])))
    found.append(plain(invoke("t:m:f", {"a": a.x})))
    return found


@clause("8")
async def what_is_not_there_yet(told):
    anonymous = Thing("anonymous", typ="t:m:Anonymous", x=1)
    found = [
        invoke_output("t:m:f", {"a": 1}, InvokeOutputOptions(depends_on=[anonymous])),
        invoke_output("t:m:f", {"a": anonymous.x}),
        invoke_output("t:m:f", {"a": unknown()}),
    ]
    states = [[await each.future(), await each.is_known(), await each.is_secret()] for each in found]
    return [states, await settled(told, "invoke")]


@clause("8")
async def references_to_packages(told):
    opts = lambda: InvokeOptions(version="1.2.3", plugin_download_url="u")
    resource = Opts(version="1.2.3", plugin_download_url="u")
    for name, reference in {"some": task("ref"), "none": task(None)}.items():
        invoke("t:m:f", {"plain": name}, opts(), package_ref=reference)
        await invoke_output("t:m:f", {"output": name}, opts(), package_ref=reference).future()
        pulumi.CustomResource("t:m:T", name, {}, resource, package_ref=reference)
        pulumi.CustomResource(
            "t:m:T", f"read-{name}", {}, Opts.merge(resource, Opts(id="i")), package_ref=reference
        )
    return await settled(told, "register", "read", "invoke")


@clause("8")
def where_it_can_be_called():
    return o(1).apply(
        lambda _: [invoke("t:m:f", {"a": 1}).value, o(2).apply(lambda n: invoke("t:m:f", {"n": n}).value)]
    )


@clause("8")
def calling_single():
    return [tried(lambda: call_single("t:m:f", {}, typ=dict)), tried(lambda: call("t:m:f", {}, typ=PartArgs))]


# 8.1 ----------------------------------------------------------------------------------------------


def shown(opts):
    version = opts.version or "" if isinstance(opts, InvokeOutputOptions) else opts.version
    found = [type(opts).__name__, version, opts.plugin_download_url]
    found += [getattr(each, "_name", each) for each in (opts.parent, opts.provider)]
    depends = getattr(opts, "depends_on", None)
    return [*found, Output.from_input(depends).apply(names)]


def names(depends):
    """Nothing, one and a list of one mean the same."""
    return [r._name for r in (depends if isinstance(depends, list) else [depends]) if r is not None]


@clause("8.1")
def options():
    a, b, p = Thing("a"), Thing("b"), Provider("p")
    sides = {
        "none": None,
        "empty": InvokeOptions(),
        "full": InvokeOptions(parent=a, provider=p, version="1", plugin_download_url="u"),
        "version": InvokeOptions(version="2"),
        "blank": InvokeOptions(version=""),
        "output": InvokeOutputOptions(),
        "output-full": InvokeOutputOptions(b, p, "3", "v", [a]),
        "output-one": InvokeOutputOptions(depends_on=b),
        "output-lazy": InvokeOutputOptions(depends_on=o([a])),
    }
    found = {}
    for kind in (InvokeOptions, InvokeOutputOptions):
        for one, first in sides.items():
            for other, second in sides.items():
                merged = tried(lambda k=kind, f=first, s=second: k.merge(f, s))
                found[f"{kind.__name__} {one}+{other}"] = (
                    merged if isinstance(merged, Exception) else shown(merged)
                )
                if isinstance(first, kind) and not isinstance(merged, Exception):
                    found[f"{kind.__name__} {one}.{other}"] = shown(first.merge(second))[:-1]
    return found


@clause("8.1")
def made_and_mistaken():
    a = Thing("a")
    plain_ones, output_ones = vars(InvokeOptions()), vars(InvokeOutputOptions())
    resource = Opts(parent=a, version="1", plugin_download_url="u", depends_on=[a], protect=True)
    mistakes = [
        tried(lambda k=k, x=x: k.merge(*x))
        for k in (InvokeOptions, InvokeOutputOptions)
        for x in ((1, None), (None, {}))
    ]
    wrong = [str(tried(lambda k=k: k.merge(1, None))) for k in (InvokeOptions, InvokeOutputOptions)]
    return [
        plain_ones,
        output_ones,
        [shown(kind.from_resource_options(resource)) for kind in (InvokeOptions, InvokeOutputOptions)],
        mistakes,
        [text.startswith("Expected opts1 to be ") for text in wrong],
        [shown(kind.merge(None, None)) for kind in (InvokeOptions, InvokeOutputOptions)],
    ]
