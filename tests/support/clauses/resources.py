# mypy: ignore-errors
"""Resources and their options (sdk.md §3, §4)."""

from __future__ import annotations

import functools
import inspect
import os
import warnings

import pulumi
from outputs import tried
from pulumi import Alias, CustomTimeouts, Output
from pulumi import ResourceOptions as Opts
from things import (
    URN,
    Group,
    PartArgs,
    Provider,
    Renamed,
    Thing,
    Whole,
    boom,
    clause,
    later,
    o,
    secret,
    settled,
    task,
    unknown,
)

# 3.1, 3.2 -----------------------------------------------------------------------------------------


@clause("3.1", previews=True)
def classes():
    thing, group, provider = Thing("a", x=1), Group("g", p=1), Provider("p")
    other = pulumi.resource.DependencyResource(URN)
    reference = pulumi.resource.DependencyProviderResource("urn:pulumi:s::p::pulumi:providers:aws::x::the-id")
    return [
        [thing.id, thing.urn, thing.pulumi_resource_type, thing.pulumi_resource_name, thing.x],
        [group.urn, group.__dict__["id"], group._remote, group.p, group.pulumi_resource_type],
        [provider.package, provider.pulumi_resource_type, provider.id, provider.urn],
        [other.urn, other.__dict__.get("id")],
        [reference.package, reference.urn, reference.id],
        [vars(CustomTimeouts("5m", "1h", delete="30s", read="1s")), vars(CustomTimeouts())],
        [thing.translate_output_property("aB"), thing.translate_input_property("a_b")],
        [tried(lambda: Provider("q", Opts(provider=provider))), tried(lambda: group.id)],
    ]


@clause("3.1")
def private_state():
    group = Group("g", Opts(protect=True, providers=[Provider("p")]))
    thing = Thing("a", Opts(parent=group, version="1.2.3", plugin_download_url="u", aliases=["urn:x"]))
    return [
        [thing._name, thing._type, sorted(thing._providers), thing._protect],
        [thing._provider, thing._version, thing._plugin_download_url, thing._transformations, thing._aliases],
        [len(group._childResources), group._provider, thing in group._childResources],
    ]


@clause("3.1")
def providers_of_members():
    provider, other = Provider("p"), Provider("q", pkg="other")
    group = Group("g", Opts(providers=[provider, other]))
    return [
        getattr(group.get_provider(token), "_name", None)
        for token in ("t:m:f", "other:x:y", "none:a:b", "t", "t:m", "t:m:f:x", "")
    ]


@clause("3.2")
def mistakes():
    group = Group("g")
    return [
        tried(make)
        for make in (
            lambda: pulumi.CustomResource("", "n"),
            lambda: pulumi.CustomResource(None, "n"),
            lambda: pulumi.CustomResource(1, "n"),
            lambda: pulumi.CustomResource("t:m:T", ""),
            lambda: pulumi.CustomResource("t:m:T", None),
            lambda: pulumi.CustomResource("t:m:T", 1),
            lambda: pulumi.CustomResource("t:m:T", "n", None, {}),
            lambda: pulumi.CustomResource("t:m:T", "n", []),
            lambda: pulumi.CustomResource("t:m:T", "n", "x"),
            lambda: pulumi.ComponentResource("t:m:T", "n", {}, Opts(id="x")),
            lambda: Group("h", Opts(parent=group, id="x")),
        )
    ]


@clause("3.2")
def a_parent_that_is_no_resource():
    return tried(lambda: pulumi.CustomResource("t:m:T", "n", {}, Opts(parent="x")))


@clause("3.2")
def what_is_there_at_once():
    opts = Opts(protect=True)
    before = dict(vars(opts))
    group = Group("g", Opts(protect=True))
    thing = Thing("a", opts, x=1, y=None, urn="u", id="i")
    child = Thing("b", Opts(parent=group))
    free = Thing("c", Opts(parent=group, protect=False))
    return [
        vars(opts) == before,
        sorted(name for name in ("x", "y", "urn", "id") if isinstance(getattr(thing, name), Output)),
        thing.urn,
        thing.id,
        [child._protect, free._protect],
    ]


@clause("3.2")
async def typed_and_untyped_properties(told):
    Whole("typed", one_part=PartArgs(the_name="n"), some_text="t")
    Thing("none", x=None)
    pulumi.CustomResource("t:m:T", "absent", None)
    pulumi.CustomResource("t:m:T", "arguments", PartArgs(the_name="n"))
    return await settled(told, "register")


@clause("3.2")
async def transformations(told):
    seen = []

    def change(name):
        def changed(args):
            seen.append([name, args.name, args.type_, sorted(args.props), type(args.opts).__name__])
            return pulumi.ResourceTransformationResult({**args.props, name: len(seen)}, args.opts)

        return changed

    def moves(args):
        return pulumi.ResourceTransformationResult(args.props, Opts(parent=Group("elsewhere")))

    group = Group("g", Opts(transformations=[change("a"), lambda args: None]))
    inner = Group("inner", Opts(parent=group, transformations=[change("b")]))
    thing = Thing("t", Opts(parent=inner, transformations=[change("c")]), x=1)
    failed = tried(lambda: Thing("m", Opts(transformations=[moves])))
    return [
        seen,
        len(thing._transformations),
        len(inner._transformations),
        failed,
        await settled(told, "register"),
    ]


# 3.3 ----------------------------------------------------------------------------------------------


@clause("3.3", previews=True)
async def providers(told):
    p, q, other = Provider("p"), Provider("q"), Provider("other", pkg="other")
    group = Group("g", Opts(providers={"t": p, "other": other}))
    single = Group("single", Opts(provider=p))
    listed = Group("listed", Opts(providers=[p, other]))
    inner = Group("inner", Opts(parent=group, providers=[q]))
    remote = Group("remote", Opts(provider=other), remote=True)
    found = [
        Thing("own", Opts(provider=p)),
        Thing("foreign", Opts(provider=other)),
        Thing("below", Opts(parent=group)),
        Thing("below-single", Opts(parent=single)),
        Thing("below-listed", Opts(parent=listed)),
        Thing("below-inner", Opts(parent=inner)),
        Thing("wins", Opts(parent=group, provider=q)),
        Thing("by-map", Opts(providers=[p])),
        Thing("odd-type", Opts(parent=group), typ="t:Thing"),
        pulumi.CustomResource("other:m:Thing", "of-other", {}, Opts(parent=inner)),
    ]
    names = [
        [
            each._name,
            getattr(each._provider, "_name", None),
            {k: v._name for k, v in sorted(each._providers.items())},
        ]
        for each in (*found, group, single, listed, inner, remote)
    ]
    return [names, await settled(told, "register")]


@clause("3.3")
def conflicts():
    p, q = Provider("p"), Provider("q")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        thing = Thing("a", Opts(provider=p, providers=[q]))
        warned = ["provider" in str(each.message) and "conflict" in str(each.message) for each in caught]
    return [
        any(warned),
        thing._provider._name,
        thing._providers["t"]._name,
        tried(lambda: Thing("b", Opts(providers={"t": Provider("z", pkg="other")}))),
        tried(lambda: Thing("c", Opts(providers={"t": Provider("y", pkg="other")}, id="i"))),
        tried(lambda: Thing("d", Opts(providers={"t": Provider("x", pkg="other")}, urn=URN))),
    ]


# 3.4 ----------------------------------------------------------------------------------------------


@clause("3.4", previews=True)
async def every_option(told):
    a, group = Thing("a", x=1), Group("g")
    hook = pulumi.ResourceHook("hook", lambda args: None)
    Thing(
        "full",
        Opts(
            parent=group,
            depends_on=[a],
            protect=True,
            delete_before_replace=False,
            ignore_changes=["x", "a_b.c"],
            version="1.2.3",
            aliases=[Alias(name="was")],
            additional_secret_outputs=["made"],
            import_="import-id",
            custom_timeouts=CustomTimeouts("60s", update="7200s", delete="30s"),
            hooks=pulumi.ResourceHookBinding(before_create=[hook], after_delete=[hook]),
            replace_on_changes=["x", "*"],
            replacement_trigger=a.x,
            plugin_download_url="https://example.com",
            retain_on_delete=True,
            deleted_with=a,
            replace_with=[a],
            hide_diffs=["x", "a_b"],
            env_var_mappings={"A": "B"},
        ),
        x={"deep": [a.x, secret("s")]},
        y=a.id,
    )
    Thing("empty")
    Thing("false", Opts(protect=False, retain_on_delete=False, delete_before_replace=True))
    return await settled(told)


@clause("3.4")
async def remote_components(told):
    a = Thing("a", x=1)
    Group("remote", Opts(depends_on=[a]), remote=True, r=a, o=a.x, s=secret(1), plain=1)
    return await settled(told)


@clause("3.4", previews=True)
async def names_are_translated(told):
    Renamed(
        "r",
        Opts(ignore_changes=["a_b", "a_b.c_d", "x"], replace_on_changes=["a_b"]),
        a_b={"c_d": [{"e_f": 1}]},
    )
    Whole(
        "w",
        Opts(
            ignore_changes=["one_part", "one_part.the_name", "any"],
            replace_on_changes=["some_text"],
            additional_secret_outputs=["all_parts", "x_y"],
        ),
    )
    return await settled(told)


@clause("3.4")
async def names_of_hidden_diffs(told):
    Whole("w", Opts(hide_diffs=["some_text", "otherText"]))
    return await settled(told)


@clause("3.4")
async def timeouts_in_minutes(told):
    Thing("a", Opts(custom_timeouts=CustomTimeouts("5m", "1h30m")))
    return await settled(told)


@clause("3.4")
async def references_turned_off(told):
    os.environ["PULUMI_DISABLE_RESOURCE_REFERENCES"] = "TRUE"
    try:
        Thing("a", x=1)
        return [[r["name"], r.get("acceptResources")] for _, r in await settled(told, "register")]
    finally:
        del os.environ["PULUMI_DISABLE_RESOURCE_REFERENCES"]


def _fails_without(feature, make):
    async def lacking():
        made = tried(make)
        if isinstance(made, Exception):
            return made
        return [made.urn, made.id, made.x]

    lacking.__name__ = f"without_{feature}"
    return clause("3.4", without=(feature,))(lacking)


_fails_without("deletedWith", lambda: Thing("a", Opts(deleted_with=Thing("b")), x=1))
_fails_without("replaceWith", lambda: Thing("a", Opts(replace_with=[Thing("b")]), x=1))
_fails_without(
    "resourceHooks",
    lambda: Thing("a", Opts(hooks=pulumi.ResourceHookBinding(before_create=[lambda args: None])), x=1),
)
_fails_without("transforms", lambda: Thing("a", Opts(transforms=[lambda args: None]), x=1))


@clause("3.4")
def what_fails_with_a_resource():
    bad = Thing("a", x=1, y={1, 2})
    failed = Thing("f", typ="t:m:Fails", x=1)
    after = Thing("g", x=failed.x)
    return [bad.x, bad.y, bad.id, bad.urn, failed.x, failed.id, failed.urn, after.x, after.id]


@clause("3.4")
async def the_message_of_a_bad_input():
    found = []
    for value in ({1}, {"k": [b"x"]}, Part, Whole("w", all_parts="x").all_parts):
        try:
            await Thing("a", x=value).x.future()
        except Exception as error:
            lines = str(error).splitlines()
            found.append([type(error).__name__, len(lines) >= 2, "unexpected input of type" in str(error)])
    return found


class Part:
    pass


# 3.5 ----------------------------------------------------------------------------------------------


def dependencies(requests):
    return {request["name"]: sorted(request.get("dependencies", [])) for kind, request in requests}


@clause("3.5", previews=True)
async def depends_on(told):
    a, b = Thing("a", x=1), Thing("b", x=2)
    group = Group("g")
    Thing("child", Opts(parent=group))
    inner = Group("inner", Opts(parent=group))
    Thing("grandchild", Opts(parent=inner))
    remote = Group("remote", remote=True)
    Thing("below-remote", Opts(parent=remote))
    cases = {
        "one": a,
        "list": [a, b],
        "tuple": (a,),
        "output": o(a),
        "output-list": o([a, b]),
        "list-output": [o(a), task(b)],
        "awaitable": task(a),
        "awaitable-list": task([a]),
        "own": Output.all(a.x, b.x).apply(lambda _: a),
        "local": group,
        "remote": [remote],
        "lazy-none": [o(None)],
        "lazy-nones": o([None, a]),
        "unknown": unknown(),
        "empty": [],
        "provider": Provider("p"),
        "dependency": pulumi.resource.DependencyResource(URN),
    }
    for name, value in cases.items():
        Thing(name, Opts(depends_on=value))
    Thing("later-child", Opts(parent=group))
    return dependencies(await settled(told, "register"))


@clause("3.5")
async def depends_on_what_is_no_resource():
    lazy = [o("x"), task("x"), [o(1)], o(["x"])]
    return [
        *(tried(lambda v=v: Opts(depends_on=v)) for v in ("x", ["x"], [1], 1, [None], {"a": 1})),
        *("depends_on" in str(tried(lambda v=v: Opts(depends_on=v))) for v in ("x", ["x"])),
        *(Thing(f"lazy-{n}", Opts(depends_on=v), x=1).x for n, v in enumerate(lazy)),
    ]


@clause("3.5")
async def properties_depend(told):
    a, b = Thing("a", x=1), Thing("b", x=2)
    group = Group("g")
    child = Thing("child", Opts(parent=group))
    Thing(
        "all",
        Opts(depends_on=[b]),
        plain=1,
        value=a.x,
        id_=a.id,
        urn_=a.urn,
        resource=a,
        both=[a.x, {"k": b.x}],
        component=group,
        nested=o({"a": a}),
        secret=secret(a.x),
        inner=o(a).apply(lambda thing: thing.x),
        derived=Output.all(a.x, b.x).apply(lambda values: 1),
        awaited=later(a),
    )
    Thing("of-component", p=group.urn, q=child)
    return [
        [r["name"], sorted(r.get("dependencies", [])), r.get("propertyDependencies"), r["object"]]
        for k, r in await settled(told, "register")
        if r["name"] in ("all", "of-component")
    ]


@clause("3.5")
async def circles():
    group = Group("g")
    child = Thing("child", Opts(parent=group, depends_on=[group]), x=1)
    return child.x


# 3.6 ----------------------------------------------------------------------------------------------


@clause("3.6", previews=True)
def after_the_answer():
    anonymous = Thing("a", typ="t:m:Anonymous", x=1, y=None)
    silent = Thing("s", typ="t:m:Silent", x={"k": [1, None]}, y=None, z=secret(1))
    echo = Thing("e", typ="t:m:Echo", answer={"x": 5, "n": None, "extra": 1}, x=1, n=2, m=None)
    thing = Thing("t", made=None, gone=None)
    return [
        [anonymous.id.apply(len), anonymous.urn, anonymous.x, anonymous.y],
        [silent.id, silent.x, silent.y, silent.z],
        [echo.x, echo.n, echo.m, tried(lambda: echo.extra)],
        [thing.made, thing.gone],
    ]


@clause("3.6", previews=True)
async def reading(told):
    a = Thing("a", x=1)
    read = [
        Thing("by-text", Opts(id="the-id"), x=1),
        Thing("by-output", Opts(id=a.id), x=a.x),
        Thing("by-awaitable", Opts(id=later("i"))),
        Thing(
            "with-all",
            Opts(
                id="i",
                version="1.2.3",
                plugin_download_url="u",
                additional_secret_outputs=["x"],
                depends_on=[a],
                parent=Group("g"),
            ),
        ),
    ]
    return [[[each.id, each.urn] for each in read], read[0].x, await settled(told, "read")]


@clause("3.6")
async def getting_by_urn(told):
    thing = Thing("a", x=1)
    urn = await thing.urn.future()
    got = Thing("got", Opts(urn=urn), x=None, made=None)
    missing = Thing("missing", Opts(urn=URN), x=None)
    return [
        [got.urn, got.id, got.x, got.made],
        [missing.x, missing.id, missing.urn],
        await settled(told, "invoke"),
    ]


# 3.8 ----------------------------------------------------------------------------------------------


@clause("3.8")
async def outputs_of_components(told):
    for name, outputs in {
        "dict": {"a": 1, "b": secret("s"), "c": Thing("t", x=1).x},
        "none": None,
        "empty": {},
        "nested": {"a": {"b": [unknown()]}, "r": Thing("u")},
    }.items():
        Group(name).register_outputs(outputs)
    twice = Group("twice")
    twice.register_outputs({"n": 1})
    twice.register_outputs({"n": 2})
    return await settled(told, "outputs")


@clause("3.8")
def exporting_nowhere():
    pulumi.runtime.settings.set_root_resource(None)
    return tried(lambda: pulumi.export("a", 1))


# 4.1, 4.2 -----------------------------------------------------------------------------------------


@clause("4.1")
def fields():
    plain = Opts()
    names = list(inspect.signature(Opts).parameters)
    plain.ignore_changes = ["x"]
    plain.anything = 1
    return [names, [getattr(plain, n) for n in names if n != "ignore_changes"], plain.ignore_changes]


def merged():
    a, b = Thing("a"), Thing("b")
    p, q, r = Provider("p"), Provider("q"), Provider("r", pkg="other")
    hook = pulumi.ResourceHook("h", lambda args: None)
    one, two = (lambda args: None), (lambda args: None)
    lists = ("ignore_changes", "replace_on_changes", "aliases", "additional_secret_outputs", "hide_diffs")
    calls = ("transformations", "transforms", "state_migrations")
    return {
        "lists": (Opts(**{n: ["1"] for n in lists}), Opts(**{n: ["2"] for n in lists})),
        "calls": (Opts(**{n: [one] for n in calls}), Opts(**{n: [two] for n in calls})),
        "one-sided": (Opts(**{n: ["1"] for n in lists}), Opts()),
        "replace_with": (Opts(replace_with=[a]), Opts(replace_with=[b])),
        "providers": (Opts(providers=[p, r]), Opts(providers={"t": q})),
        "providers-and-provider": (Opts(provider=p), Opts(providers=[q])),
        "single": (Opts(provider=p), Opts(provider=r)),
        "single-kept": (Opts(provider=p), Opts()),
        "no-providers": (Opts(providers=[]), Opts(providers={})),
        "lying-map": (Opts(providers={"wrong": p}), Opts()),
        "depends": (Opts(depends_on=a), Opts(depends_on=[b])),
        "depends-lifted": (Opts(depends_on=o([a])), Opts(depends_on=task(b))),
        "depends-one": (Opts(depends_on=a), Opts()),
        "hooks": (
            Opts(hooks=pulumi.ResourceHookBinding(before_create=[hook], after_update=[hook])),
            Opts(hooks=pulumi.ResourceHookBinding(before_create=[hook], before_delete=[hook])),
        ),
        "hooks-one": (Opts(), Opts(hooks=pulumi.ResourceHookBinding(before_create=[hook]))),
        "variables": (Opts(env_var_mappings={"A": "B"}), Opts(env_var_mappings={"C": "D"})),
        "others": (
            Opts(
                parent=a,
                protect=True,
                delete_before_replace=True,
                version="1",
                id="1",
                import_="1",
                urn="1",
                retain_on_delete=True,
                deleted_with=a,
                replacement_trigger=1,
                plugin_download_url="1",
                custom_timeouts=CustomTimeouts("1s"),
            ),
            Opts(
                parent=b,
                protect=False,
                delete_before_replace=False,
                version="2",
                id="2",
                import_="2",
                urn="2",
                retain_on_delete=False,
                deleted_with=b,
                replacement_trigger=2,
                plugin_download_url="2",
                custom_timeouts=CustomTimeouts("2s"),
            ),
        ),
        "others-kept": (Opts(parent=a, protect=True, version="1", id="1"), Opts()),
        "mixed-kinds": (Opts(ignore_changes=["a"]), Opts(ignore_changes=("b",))),
    }


async def options(opts):
    found = {}
    for name, value in sorted(vars(opts).items()):
        if value is None or name.startswith("_"):
            continue
        if name == "depends_on" and isinstance(value, Output):
            value = await value.future()
        if name == "depends_on":
            value = [each if not isinstance(each, Output) else await each.future() for each in value]
        if name == "hooks":
            value = {kind: len(hooks) for kind, hooks in vars(value).items() if hooks}
            if not value:  # the genuine ones have a binding without hooks after every merge
                continue
        if name == "custom_timeouts":
            value = vars(value)
        named = lambda each: getattr(each, "_name", each if isinstance(each, (str, int, bool)) else "?")
        if isinstance(value, dict) and name != "custom_timeouts":
            value = {key: named(each) for key, each in value.items()}
        elif isinstance(value, (list, tuple)):
            value = [type(value).__name__, *(named(each) for each in value)]
        else:
            value = value if isinstance(value, dict) else named(value)
        found[name] = value
    return found


@clause("4.2")
async def merging():
    found = {}
    for name, (first, second) in merged().items():
        kept = [dict(vars(first)), dict(vars(second))]
        both = tried(functools.partial(Opts.merge, first, second))
        found[name] = both if isinstance(both, Exception) else await options(both)
        found[f"{name} as a method"] = (
            isinstance(both, Exception) or await options(first.merge(second)) == found[name]
        )
        found[f"{name} unchanged"] = kept == [dict(vars(first)), dict(vars(second))]
    for name, arguments in {
        "nones": (None, None),
        "none": (None, Opts(version="1")),
        "second": (Opts(version="1"), None),
    }.items():
        found[name] = await options(Opts.merge(*arguments))
    for name, arguments in {"wrong first": (1, None), "wrong second": (None, "x")}.items():
        error = tried(lambda a=arguments: Opts.merge(*a))
        found[name] = [error, "opts1" in str(error), "opts2" in str(error), "ResourceOptions" in str(error)]
    return found


@clause("4.2")
def a_lying_map_is_warned_about():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        Opts.merge(Opts(providers={"wrong": Provider("p")}), None)
    return [str(each.category.__name__) for each in caught if "wrong" in str(each.message)]


# 4.3, 4.4 -----------------------------------------------------------------------------------------


def aliases(other):
    return [
        Alias(),
        Alias(name="was"),
        Alias(type_="t:m:Was"),
        Alias(parent=None),
        Alias(parent=pulumi.ROOT_STACK_RESOURCE, name="was"),
        Alias(parent=other),
        Alias(parent=URN),
        Alias(parent=o(URN)),
        Alias(stack="s", project="p"),
        Alias(stack=o("s"), project=task("p")),
        Alias(parent=other.urn),
        URN,
        o(URN),
        task(URN),
    ]


@clause("4.3")
async def alias_specs(told):
    other = Group("other")
    Thing("a", Opts(aliases=aliases(other)))
    Thing("b", Opts(aliases=[o(None), Alias(name="x")]))
    Thing("g-c", Opts(parent=Group("g", Opts(aliases=[Alias(name="old")]))))
    return await settled(told, "register")


@clause("4.3", without=("aliasSpecs",))
async def alias_urns(told):
    other = Group("other")
    Thing("a", Opts(aliases=aliases(other)))
    group = Group("g", Opts(aliases=[Alias(name="old"), Alias(name="older")]))
    inner = Group("g-inner", Opts(parent=group, aliases=[Alias(name="old-inner")]))
    Thing("g-inner-a", Opts(parent=inner, aliases=[Alias(name="x"), Alias(type_="t:m:Was")]))
    Thing("free", Opts(parent=group))
    return [[r["name"], sorted(r.get("aliasURNs", []))] for k, r in await settled(told, "register")]


@clause("4.3")
def collapsed():
    thing = Thing("a", Opts(parent=Group("g"), aliases=[Alias(), Alias(name="x", parent=None), URN, o(URN)]))
    wrong = [
        tried(lambda alias=alias: Thing("b", Opts(aliases=[alias]))._aliases[0])
        for alias in (Alias(name=None), Alias(type_=None))
    ]
    return [thing._aliases, wrong]


@clause("4.4")
def urns():
    thing, group = Thing("a"), Group("g")
    below = Thing("b", Opts(parent=group))
    return [
        pulumi.create_urn("n", "t:m:T"),
        pulumi.create_urn("n", "t:m:T", group),
        pulumi.create_urn("n", "t:m:T", below),
        pulumi.create_urn("n", "t:m:T", parent=thing.urn, stack="s", project="p"),
        pulumi.create_urn("n", "t:m:T", stack="s", project="p"),
        pulumi.create_urn(o("n"), later("t:m:T"), URN),
        pulumi.create_urn(secret("n"), "t:m:T"),
        pulumi.create_urn(unknown(), "t:m:T"),
        pulumi.create_urn(o(1).apply(boom), "t:m:T"),
    ]
