# mypy: ignore-errors
"""Callbacks, stack references, `runtime`, mocks, dynamic providers (sdk.md §12-§14, §16-§18, §24)."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import inspect
import logging
import os

import grpc
import pulumi
from outputs import tried
from pulumi import Output, ResourceHook, ResourceHookBinding, dynamic, runtime
from pulumi import ResourceOptions as Opts
from pulumi.runtime import mocks, settings
from pulumi.runtime.proto import resource_pb2
from things import (
    Answers,
    Group,
    PartArgs,
    Provider,
    Thing,
    clause,
    fresh,
    o,
    secret,
    settled,
)


@contextlib.contextmanager
def environ(**values):
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


async def failure(work):
    try:
        await work
    except Exception as error:
        return f"raises {type(error).__name__}"
    return "fine"


async def missing(output):
    """Whether it fails with a KeyError; the classes below that are each package's own."""
    try:
        return ["there", await output.future()]
    except KeyError:
        return "missing"


# 12 ------------------------------------------------------------------------------------------------


@clause("12.1")
async def transformations_of_the_stack(told):
    seen = []

    def transform(args):
        seen.append([args.type_, args.name, sorted(args.props), type(args.resource).__name__])
        if args.name == "a":
            return pulumi.ResourceTransformationResult({**args.props, "added": 1}, args.opts)
        return None

    runtime.register_stack_transformation(transform)
    group = Group("g")
    Thing("a", Opts(parent=group, transformations=[lambda args: seen.append(["own", args.name])]), x=1)
    return [await settled(told, "register"), seen]


@clause("12.1")
def transformations_without_a_stack():
    settings.reset_options(project="p", stack="s")
    return tried(lambda: runtime.register_stack_transformation(lambda args: None))


@clause("12.2")
def transforms_without_a_monitor():
    settings.reset_options(project="p", stack="s")
    return [
        tried(lambda: runtime.register_resource_transform(lambda args: None)),
        tried(lambda: runtime.register_stack_transform(lambda args: None)),
        tried(lambda: runtime.register_invoke_transform(lambda args: None)),
    ]


@clause("12.2")
def arguments_and_results():
    args = pulumi.ResourceTransformArgs(True, "t:m:T", "n", {"a": 1}, Opts())
    result = pulumi.ResourceTransformResult({"a": 1}, Opts(version="1"))
    call = pulumi.InvokeTransformArgs("t:m:f", {"a": 1}, pulumi.InvokeOptions())
    answer = pulumi.InvokeTransformResult({"a": 1}, pulumi.InvokeOptions(version="1"))
    return [
        [args.custom, args.type_, args.name, args.props],
        [result.props, result.opts.version],
        [call.token, call.args, type(call.opts).__name__],
        [answer.args, answer.opts.version],
    ]


# 13 ------------------------------------------------------------------------------------------------


@clause("13")
def hook_objects():
    calls = []
    hook = ResourceHook("h", calls.append)
    flags = ResourceHook("f", calls.append, pulumi.ResourceHookOptions(on_dry_run=True, ignore_errors=True))
    failing = pulumi.ErrorHook("e", lambda args: True)
    hook("x")

    @pulumi.resource_hook("decorated")
    def decorated(args):
        calls.append(args)

    @pulumi.error_hook("retried")
    def retried(args):
        return args == 1

    decorated("y")
    return [
        calls,
        [hook.name, hook.opts, hook.callback == calls.append],
        [flags.opts.on_dry_run, flags.opts.ignore_errors],
        [vars(pulumi.ResourceHookOptions())],
        [
            failing.name,
            failing("x"),
            retried(1),
            retried(2),
            type(decorated).__name__,
            type(retried).__name__,
        ],
        inspect.isawaitable(hook._registered),
    ]


@clause("13")
async def bindings(told):
    def mine(args):
        return None

    named, failing = ResourceHook("named", mine), pulumi.ErrorHook("failing", lambda args: False)
    kinds = (
        "before_create",
        "after_create",
        "before_update",
        "after_update",
        "before_delete",
        "after_delete",
    )
    for kind in kinds:
        Thing(f"named-{kind}", Opts(hooks=ResourceHookBinding(**{kind: [named]})))
    for kind in kinds[:4]:
        Thing(f"plain-{kind}", Opts(hooks=ResourceHookBinding(**{kind: [mine, named, mine]})))
    Thing("failing", Opts(hooks=ResourceHookBinding(on_error=[failing])))
    return await settled(told, "register")


@clause("13")
async def wrong_bindings():
    def mine(args):
        return None

    found = []
    for binding in (
        {"before_delete": [mine]},
        {"after_delete": [mine]},
        {"on_error": [mine]},
        {"before_create": ["text"]},
        {"on_error": ["text"]},
    ):
        fresh()
        thing = Thing("a", Opts(hooks=ResourceHookBinding(**binding)))
        found.append(await failure(asyncio.wait_for(thing.urn.future(), 5)))
    return found


@clause("13")
def what_hooks_are_given():
    args = pulumi.ResourceHookArgs("u", "i", "n", "t", {"a": 1}, None, None, {"b": 2})
    failed = pulumi.ErrorHookArgs("u", "i", "n", "t", {"a": 1}, None, None, "create", ["e"])
    migration = pulumi.StateMigrationArgs("u", [{"a": 1}])
    answer = pulumi.StateMigrationResult([{"a": 2}])
    return [vars(args), vars(failed), vars(migration), vars(answer), vars(ResourceHookBinding())]


@clause("13", without=("resourceHooks",))
async def hooks_that_are_not_supported():
    return await failure(ResourceHook("h", print)._registered)


# 14 ------------------------------------------------------------------------------------------------


def answered(told, **state):
    told.mocks.new_resource = lambda args: (args.resource_id or args.name, {**args.inputs, **state})


async def details(reference, name):
    found = await reference.get_output_details(name)
    return [found.value, found.secret_value]


@clause("14", previews=True)
async def references(told):
    answered(told, outputs={"plain": "p", "pw": {"a": 1}, "none": None}, secretOutputNames=["pw", "gone"])
    reference = pulumi.StackReference("ref", "org/proj/dev")
    other = pulumi.StackReference("org/proj/other")
    found = [reference.name, reference.outputs, reference.secret_output_names, other.name, other.id]
    for name in ("plain", "pw", "none", "missing", "gone"):
        found += [reference.get_output(name), await details(reference, name)]
        found.append(await missing(reference.require_output(name)))
    found += [reference.get_output(o("plain")), reference.get_output(secret("plain"))]
    return [found, await settled(told, "read")]


@clause("14", previews=True)
async def references_of_secret_bags(told):
    sig = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
    found = []
    for names in (None, [], ["a"]):
        state = {"outputs": {"a": {**sig, "value": "s"}, "b": "plain"}}
        told = fresh(settings.SETTINGS.dry_run)
        answered(told, **state, **({} if names is None else {"secretOutputNames": names}))
        reference = pulumi.StackReference("other")
        for name in ("a", "b"):
            found += [reference.get_output(name), reference.require_output(name)]
            found.append(await details(reference, name))
    return found


@clause("14", previews=True)
async def references_that_are_not_known(told):
    answered(told)
    reference = pulumi.StackReference(pulumi.UNKNOWN)
    return [reference.get_output("a"), await details(reference, "a")]


@clause("14")
async def stashes(told):
    answered(told, output="kept")
    one = pulumi.Stash("one", input={"a": secret("s")})
    two = pulumi.Stash("two", pulumi.StashArgs(input=[1]))
    return [
        [one.input, one.output, two.input, two.output],
        tried(lambda: pulumi.Stash("three")),
        await settled(told, "register"),
    ]


# 16 ------------------------------------------------------------------------------------------------


@clause("16")
def configured():
    return [
        [tried(lambda v=value: runtime.configure(v)) for value in (None, 3, {})],
        [
            hasattr(settings.SETTINGS, name)
            for name in (
                "rpc_manager",
                "outputs",
                "lock",
                "monitor",
                "engine",
                "monitor_features",
                "callbacks",
                "package_refs",
                "project",
                "stack",
                "organization",
                "parallel",
                "dry_run",
                "legacy_apply_enabled",
                "root_directory",
            )
        ],
        [settings.SETTINGS.monitor is not None, settings.SETTINGS.engine is not None],
    ]


@clause("16")
def making_settings_configures():
    made = runtime.Settings("made", "other", dry_run=True, organization="org", root_directory="/r")
    found = [pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization(), runtime.is_dry_run()]
    return [*found, made.project, runtime.get_root_directory(), settings.SETTINGS.monitor is None]


@clause("16")
def reset():
    before = runtime.get_root_resource() is not None
    runtime.settings.reset_options("p", "s", "/root", 4, None, None, True, "o")
    return [
        before,
        runtime.get_root_resource(),
        [settings.get_project(), settings.get_stack(), settings.get_organization()],
        [runtime.get_root_directory(), settings.SETTINGS.parallel, runtime.is_dry_run()],
        [settings.get_monitor(), settings.get_engine()],
    ]


class Refusal(grpc.RpcError):
    def __init__(self, code):
        self._code = code

    def code(self):
        return self._code

    def details(self):
        return "details"


class Asked:
    def __init__(self, code=None):
        self.code, self.asked = code, []

    def RequirePulumiVersion(self, request):
        self.asked.append(request.pulumi_version_range)
        if self.code is not None:
            raise Refusal(self.code)

    def Log(self, request):
        pass


@clause("16")
def required_versions():
    found = []
    settings.SETTINGS.engine = None
    found.append(tried(lambda: runtime.require_pulumi_version(">=3.0.0")))
    for code in (None, grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.FAILED_PRECONDITION):
        settings.SETTINGS.engine = engine = Asked(code)
        try:
            found.append([runtime.require_pulumi_version(">=3.0.0"), engine.asked])
        except Exception as error:
            found.append([type(error).__name__, "pgrade" in str(error), "details" in str(error)])
    return found


@clause("16")
async def packages():
    asked = []

    def register(request):
        asked.append(
            [
                request.name,
                request.version,
                request.download_url,
                request.parameterization.name,
                request.extension.name,
            ]
        )
        return resource_pb2.RegisterPackageResponse(ref=f"ref-{len(asked)}")

    settings.SETTINGS.monitor.RegisterPackage = register
    settings.SETTINGS.monitor_features = {resource_pb2.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION}
    args = ("base", "1.0.0", "url", "pkg", "2.0.0", "aGk=")
    return [
        [await runtime.register_package(*args) for _ in range(2)],
        await runtime.register_package(*args, extension=True),
        await runtime.register_package(*args[:-1], "eQ=="),
        asked,
    ]


@clause("16")
def as_json():
    return [
        runtime.to_json(value)
        for value in (
            [1, "a", None],
            {"a": [PartArgs(the_name="x")], "b_c": 1},
            PartArgs(the_name="x", sizes={"a": 1}),
            "x",
        )
    ] + [tried(lambda: runtime.to_json((1, 2))), tried(lambda: runtime.to_json({1, 2}))]


@clause("16")
def features(told):
    every = (
        resource_pb2.ResourceMonitorFeature.items() if hasattr(resource_pb2, "ResourceMonitorFeature") else []
    )
    return {name: settings.monitor_supports_feature(value) for name, value in every}


# 17 ------------------------------------------------------------------------------------------------


@clause("17", previews=True)
def features_of_mocks(told):
    names = (
        "secrets",
        "resourceReferences",
        "outputValues",
        "aliasSpecs",
        "replacementTrigger",
        "deletedWith",
        "replaceWith",
        "transforms",
        "invokeTransforms",
        "parameterization",
        "resourceHooks",
        "errorHooks",
    )
    return {
        name: told.SupportsFeature(resource_pb2.SupportsFeatureRequest(id=name)).hasSupport for name in names
    }


@clause("17")
async def answers_of_any_kind(told):
    found = []
    for answer in (["id", {"x": 2}], ("id", {})):
        told = fresh()
        told.mocks.new_resource = lambda args, answer=answer: answer
        thing = Thing("a", x=1)
        found.append([thing.id, thing.x, thing.urn])
    return found


@clause("17")
async def arguments_of_mocks(told):
    asked = []

    def answer(args):
        asked.append([args.typ, args.name, args.inputs, args.provider, args.resource_id, args.custom])
        return f"{args.name}-id", dict(args.inputs)

    told.mocks.new_resource = answer
    group = Group("g")
    provider = Provider("p")
    await provider.urn.future()
    Thing("a", Opts(parent=group, provider=provider, import_="imported"), x=secret(1), n=None, u=[o("v")])
    Thing("read", Opts(id="the-id"), given=1)
    await settled(told)
    registered = told.get_registered_resources()
    return [
        sorted(asked, key=str),
        sorted(registered),
        {urn: [one.urn, one.id, one.state] for urn, one in registered.items() if "Stack::" not in urn},
    ]


@clause("17")
async def recorded_transforms(told):
    def one(args):
        raise AssertionError

    def two(args):
        raise AssertionError

    runtime.register_resource_transform(one)
    runtime.register_invoke_transform(two)
    thing = Thing("a", Opts(transforms=[one]), x=1)
    called = runtime.invoke_output("t:m:f", {"a": 1})
    return [
        await thing.x.future(),
        await called.future(),
        told.get_registered_transforms() == [one],
        told.get_registered_invoke_transforms() == [two],
    ]


@clause("17")
async def monitors_that_are_patched(told):
    """On the object, as well as on its class."""
    seen = []
    kept = type(told).RegisterResource

    def register(*args):
        request = args[-1]
        if request.type != "pulumi:pulumi:Stack":
            seen.append([request.type, request.name])
        return kept(told, request)

    told.RegisterResource = register
    await Thing("object", x=1).urn.future()
    del told.RegisterResource
    whole = mocks.MockMonitor.ReadResource
    mocks.MockMonitor.ReadResource = lambda self, request: (seen.append(request.id), whole(self, request))[1]
    try:
        plain = mocks.MockMonitor(Answers())
        runtime.set_mocks(plain.mocks, monitor=plain)
        await Thing("class", Opts(id="read"), x=1).urn.future()
    finally:
        mocks.MockMonitor.ReadResource = whole
    return seen


@clause("17")
def names_of_deployments():
    found = []
    for given in ({}, {"project": "p", "stack": "s", "organization": "o", "preview": True}):
        settings.reset_options()
        runtime.set_mocks(Answers(), **given)
        root = runtime.get_root_resource()
        found.append([pulumi.get_project(), pulumi.get_stack(), runtime.is_dry_run(), root._name, root._type])
    found.append(pulumi.get_organization())
    return found


@clause("17")
def messages_of_mocks():
    class Kept(logging.Handler):
        def __init__(self):
            super().__init__()
            self.kept = []

        def emit(self, record):
            self.kept.append([record.levelname, record.getMessage()])

    logger = logging.getLogger("clauses")
    logger.propagate, handler = False, Kept()
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    disabled = logging.root.manager.disable
    logging.disable(logging.NOTSET)
    try:
        runtime.set_mocks(Answers(), logger=logger)
        for name in ("debug", "info", "warn", "error"):
            getattr(pulumi.log, name)(f"said {name}")
    finally:
        logging.disable(disabled)
        logger.removeHandler(handler)
    return [one for one in handler.kept if one[1].startswith("said")]


@clause("17")
def saved_settings():
    saved = copy.deepcopy(settings.SETTINGS)
    runtime.set_mocks(Answers(), project="another")
    changed = pulumi.get_project()
    runtime.configure(saved)
    return [type(saved).__name__, changed, settings.SETTINGS.monitor is not None]


# 18 ------------------------------------------------------------------------------------------------


class Plain(dynamic.ResourceProvider):
    pass


class Open(dynamic.ResourceProvider):
    serialize_as_secret_always = False


class Made(dynamic.Resource, module="mod", name="Named"):
    pass


class Unnamed(dynamic.Resource):
    pass


@clause("18")
def defaults_of_providers():
    provider = Plain()
    config = dynamic.Config({"proj:a": "1", "other:b": "2"}, "proj")
    return [
        provider.configure(dynamic.ConfigureRequest(config)),
        vars(provider.check({"a": 1}, {"a": 2})),
        vars(provider.diff("i", {}, {"a": 1})),
        tried(lambda: provider.create({"a": 1})),
        vars(provider.read("i", {"a": 1})),
        vars(provider.update("i", {"a": 1}, {"a": 2})),
        provider.delete("i", {}),
        [config.get("a"), config.get("other:b"), config.get("none"), config.require("a")],
        tried(lambda: config.require("none")),
        provider.serialize_as_secret_always,
        [
            vars(one)
            for one in (
                dynamic.CheckResult({}, [dynamic.CheckFailure("p", "r")]),
                dynamic.CreateResult("i"),
                dynamic.CreateResult("i", {"a": 1}),
                dynamic.DiffResult(),
                dynamic.DiffResult(True, ["a"], ["b"], True),
                dynamic.ReadResult(),
                dynamic.ReadResult("i", {"a": 1}, {"b": 1}),
                dynamic.UpdateResult(),
                dynamic.UpdateResult({"a": 1}),
            )
            if not isinstance(getattr(one, "failures", None), list)
        ],
    ]


@clause("18")
async def dynamic_resources(told):
    props = {"a": 1, "b": None}
    made, unnamed = Made(Plain(), "made", props), Unnamed(Open(), "unnamed", {"a": secret(1)})
    hidden = props["__provider"]
    registered = await settled(told, "register")
    for _, request in registered:
        request["object"]["__provider"] = (
            sorted(request["object"]["__provider"])
            if isinstance(request["object"]["__provider"], dict)
            else type(request["object"]["__provider"]).__name__
        )
    return [
        registered,
        [made.a, made.b, unnamed.a],
        [isinstance(hidden, Output), await Output.from_input(hidden).is_secret()],
        tried(lambda: Unnamed(Plain(), "wrong", {"__provider": "x"})),
        tried(lambda: Unnamed("text", "wrong", {})),
        tried(lambda: Unnamed(Plain(), "wrong", None)),
    ]


# 24 ------------------------------------------------------------------------------------------------


@clause("24")
def configuration_of_the_environment():
    config = pulumi.Config("proj")
    with environ(
        PULUMI_CONFIG='{"proj:a": "all", "proj:b": "b"}',
        PULUMI_CONFIG_SECRET_KEYS='["proj:b"]',
        PULUMI_CONFIG_PROJ_A="one",
        PULUMI_CONFIG_PROJ_C_D="dashed",
    ):
        return [
            [config.get("a"), config.get("b"), config.get("c-d"), config.get("none")],
            [runtime.is_config_secret("proj:b"), runtime.is_config_secret("proj:a")],
            runtime.config.get_config_env(),
            sorted(runtime.config.get_config_secret_keys_env()),
            runtime.config.get_config_env_key("proj:a-b.c"),
        ]


@clause("24")
def outputs_as_text():
    found = []
    for value in ("", "true", "1", "TRUE", "no"):
        with environ(PULUMI_ERROR_OUTPUT_STRING=value):
            try:
                found.append(type(str(o(1))).__name__)
            except Exception as error:
                found.append("not supported" in str(error))
    return found


@clause("24")
async def accepted_references(told):
    found = []
    for value in ("", "1", "true", "false"):
        told = fresh()
        with environ(PULUMI_DISABLE_RESOURCE_REFERENCES=value):
            Thing("a", x=1)
            Thing("b", Opts(id="i"), x=1)
            called = runtime.invoke_output("t:m:f", {})
            requests = await settled(told)
            await called.future()
        found.append(
            [[kind, {k: v for k, v in request.items() if "ccept" in k}] for kind, request in requests]
        )
    return found


@clause("24")
def legacy_apply():
    found = []
    for value in ("true", "false"):
        with environ(PULUMI_ENABLE_LEGACY_APPLY=value):
            made = runtime.Settings("p", "s", dry_run=True)
            found.append([made.legacy_apply_enabled, settings.is_legacy_apply_enabled()])
    return found


@clause("24")
async def cycles(told):
    found = []
    for value in ("true", "false", "FALSE"):
        told = fresh()
        with environ(PULUMI_ERROR_ON_DEPENDENCY_CYCLES=value):
            group = Group("g")
            child = Thing("child", Opts(parent=group, depends_on=[group]), x=1)
            found.append(
                [await failure(asyncio.wait_for(child.urn.future(), 5)), len(await settled(told, "register"))]
            )
    return found
