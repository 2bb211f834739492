# mypy: ignore-errors
"""The life of a program, its configuration, its messages and its errors (sdk.md §9 to §11)."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import contextvars
import io
import os
import warnings

import pulumi
from outputs import tried
from pulumi import Config
from pulumi import ResourceOptions as Opts
from pulumi.runtime import config as table
from pulumi.runtime import rpc_manager, settings
from pulumi.runtime.stack import massage, run_in_stack
from pulumi.runtime.sync_await import _sync_await
from things import (
    Group,
    Part,
    Thing,
    Unhashed,
    boom,
    clause,
    later,
    o,
    secret,
    task,
    unknown,
)

# 9 ------------------------------------------------------------------------------------------------


async def lived(told, *bodies):
    """What each program left behind: its end, its resources by name, and the outputs of its stack."""
    found = []
    for body in bodies:
        settings.reset_options(project="project", stack="stack")
        told.requests.clear()
        pulumi.runtime.set_mocks(told.mocks, monitor=told)
        settings.set_root_resource(None)
        try:
            ended = await asyncio.wait_for(run_in_stack(body), 10)
        except BaseException as error:
            ended = error
        names = sorted(request["name"] for kind, request in told.requests if kind == "register")
        outputs = [
            request.get("outputs", {})
            for kind, request in told.requests
            if kind == "outputs" and request["urn"].endswith("::project-stack")
        ]
        # The stack that mocks bring along registers outputs as well, before this one.
        ended = ended if isinstance(ended, BaseException) else "ends"
        found.append([body.__name__, ended, names, outputs[-1:]])
    return found


@clause("9.1")
async def bodies(told):
    def plain():
        Thing("a")
        pulumi.export("x", 1)
        pulumi.export("x", 2)
        pulumi.export("late", Thing("b", x=1).x)

    async def coroutine():
        await asyncio.sleep(0)
        Thing("a")
        pulumi.export("x", await Thing("b", x=1).x.future())

    def of_a_callback():
        o(1).apply(lambda _: Thing("inside", x=2))

    def fails():
        Thing("a")
        pulumi.export("x", 1)
        raise KeyError("no")

    async def fails_later():
        Thing("a")
        await asyncio.sleep(0)
        raise KeyError("no")

    def second_root():
        pulumi.runtime.stack.Stack()

    def secret_and_unknown():
        pulumi.export("s", secret({"a": 1}))
        pulumi.export("n", None)
        pulumi.export("o", o(None))

    return await lived(
        told, plain, coroutine, of_a_callback, fails, fails_later, second_root, secret_and_unknown
    )


@clause("9.2")
async def entry_points(told):
    async def exported():
        Thing("in-main")
        return {"x": 1, "y": Thing("b", x=2).x}

    async def none():
        pulumi.export("z", 1)

    async def failing():
        raise KeyError("no")

    def runs():
        pulumi.export("x", 0)
        pulumi.export("kept", 0)
        pulumi.run(exported)

    def runs_none():
        pulumi.run(none)

    def runs_a_failure():
        pulumi.run(failing)

    def runs_twice():
        pulumi.run(none)
        pulumi.run(none)

    def runs_no_callable():
        pulumi.run(3)

    def runs_what_answers_no_awaitable():
        pulumi.run(lambda: {"x": 1})

    async def awaits_and_runs():
        await asyncio.sleep(0)
        pulumi.run(exported)

    def runs_while_running():
        async def again():
            pulumi.run(none)

        pulumi.run(again)

    found = await lived(
        told,
        runs,
        runs_none,
        runs_a_failure,
        runs_twice,
        runs_no_callable,
        runs_what_answers_no_awaitable,
        awaits_and_runs,
        runs_while_running,
    )
    settings.set_root_resource(None)
    return [found, tried(lambda: pulumi.run(none)), tried(lambda: pulumi.run("x"))]


@clause("9.3")
async def what_fails_and_what_is_waited_for(told):
    def failing_resource():
        Thing("f", typ="t:m:Fails")
        pulumi.export("x", 1)

    def failing_callback():
        o(1).apply(boom)

    def failing_callback_of_a_resource():
        Thing("a", x=1).x.apply(boom)

    def recovered():
        o(1).apply(boom).recover(lambda error: 1)

    def failing_lift():
        o({"a": 1}).b  # noqa: B018

    def probed():
        hasattr(o(1), "anything")

    def failing_input():
        Thing("a", x=o(1).apply(boom))

    def failing_awaitable():
        async def fails():
            raise KeyError("no")

        Thing("a", x=fails())
        Thing("b")

    def failing_function():
        pulumi.runtime.invoke_output("t:m:fails", {})

    def chain():
        value = Thing("c0", x=1).x
        for n in range(1, 4):
            value = Thing(f"c{n}", x=value).x
        value.apply(lambda _: o(1).apply(lambda _: Thing("last")))

    def dependents_of_a_failure():
        Thing("after", x=Thing("f", typ="t:m:Fails", x=1).x)
        Thing("free")

    def registered_after_a_failing_body():
        value = Thing("a", x=1).x
        value.apply(lambda _: Thing("b"))
        raise KeyError("body")

    def run_error():
        Thing("a")
        raise pulumi.RunError("no")

    return await lived(
        told,
        run_error,
        failing_resource,
        failing_callback,
        failing_callback_of_a_resource,
        recovered,
        failing_lift,
        probed,
        failing_input,
        failing_awaitable,
        failing_function,
        chain,
        dependents_of_a_failure,
        registered_after_a_failing_body,
    )


@clause("9.3")
async def an_export_that_fails(told):
    """Nothing is exported. Whether the genuine package says so, with no outputs, is a matter of time."""

    def failing_export():
        pulumi.export("x", o(1).apply(boom))

    ((name, ended, names, outputs),) = await lived(told, failing_export)
    return [name, ended, names, [each for each in outputs if each]]


@clause("9.1")
async def failures_of_the_body_and_of_what_it_began(told):
    def body_and_callback_fail():
        pulumi.export("x", 1)
        o(1).apply(lambda _: 1 / 0)
        raise KeyError("body")

    def body_and_resource_fail():
        Thing("f", typ="t:m:Fails")
        raise KeyError("body")

    def body_and_input_fail():
        Thing("a", x={1})
        raise KeyError("body")

    return await lived(told, body_and_callback_fail, body_and_resource_fail, body_and_input_fail)


@clause("9.4", previews=True)
async def massaged():
    class Slotless:
        def __init__(self):
            self.a, self._b, self.c = 1, 2, [o(3)]

    circle = {"a": 1}
    circle["self"] = circle
    listed = [1]
    listed.append(listed)
    twice = [1]
    thing = Thing("t", x=1)
    group = Group("g", Opts())
    group.child, group._hidden, group.made = thing, 1, {"a": thing.x}
    values = {
        "scalars": [None, "x", 1, 1.5, True],
        "output": o({"a": o(1)}),
        "awaitable": task([o(1)]),
        "circle": circle,
        "listed": listed,
        "not-a-circle": [twice, twice],
        "asset": pulumi.StringAsset("t"),
        "archive": [pulumi.FileArchive("p")],
        "resource": thing,
        "component": group,
        "resources": {"a": [thing]},
        "part": Part(the_name="n", sizes={"a": 1}),
        "dict": {"a": {1: 2}},
        "ordered": collections.OrderedDict(b=1),
        "tuple": (1, (o(2),)),
        "set": {1},
        "frozenset": frozenset({1}),
        "generator": (n for n in [1, o(2)]),
        "range": range(2),
        "keys": {"k": 1}.keys(),
        "object": Slotless(),
        "unhashed": Unhashed(),
        "bytes": b"ab",
        "secret": secret(thing),
        "unknown": unknown(),
        "lambda-output": o(1).apply(lambda _: {2}),
    }
    return {name: o(massage(value, [])) for name, value in values.items()}


@clause("9.5")
async def waiting_in_place():
    """Plain functions and awaitables inside callbacks, nested."""

    def nested(depth):
        if not depth:
            return pulumi.runtime.invoke("t:m:f", {"d": 0}).value["n"]
        _sync_await(asyncio.sleep(0))
        return _sync_await(o(depth).apply(lambda n: nested(n - 1)).future())

    return [
        _sync_await(later(1)),
        o(1).apply(lambda _: nested(3)),
        _sync_await(o(1).apply(lambda n: later(n + 1)).future()),
        tried(lambda: _sync_await(o(1).apply(boom).future())),
    ]


@clause("9.5")
def waiting_without_a_loop():
    def elsewhere():
        return _sync_await(later(3))

    import threading

    found = []
    thread = threading.Thread(target=lambda: found.append(elsewhere()))
    thread.start()
    thread.join()
    return found


@clause("9.6")
async def managed_requests():
    manager = rpc_manager.RPCManager()

    async def works(value):
        return value

    async def fails():
        raise KeyError("first")

    async def fails_again():
        raise ValueError("second")

    running = manager.do_rpc("works", works)(1)
    under_way = len(manager.rpcs)
    answers = [
        await running,
        await manager.do_rpc("fails", fails)(),
        await manager.do_rpc("again", fails_again)(),
    ]
    return [
        under_way >= 1,
        [[answer[0], answer[1]] for answer in answers],
        str(manager.unhandled_exception),
        manager.exception_traceback is not None,
    ]


@clause("9.1")
async def exports_of_callbacks(told):
    def exports():
        o(1).apply(lambda _: pulumi.export("x", 1))

    return await lived(told, exports)


# 10 -----------------------------------------------------------------------------------------------

VALUES = {
    "text": "x",
    "true": "true",
    "True": "True",
    "TRUE": "TRUE",
    "false": "false",
    "False": "False",
    "one": "1",
    "yes": "yes",
    "whole": "12",
    "spaced": " 12 ",
    "float": "1.5",
    "exponent": "1e3",
    "negative": "-3",
    "object": '{"a": [1, null]}',
    "list": "[1]",
    "broken": "{",
    "empty": "",
    "null": "null",
    "nan": "nan",
}
KINDS = ("", "_bool", "_int", "_float", "_object")


@clause("10")
def every_getter():
    table.set_all_config({f"project:{key}": value for key, value in VALUES.items()}, ["project:text"])
    config = Config()
    found = {}
    for key in (*VALUES, "absent"):
        for kind in KINDS:
            for way in ("get", "require", "get_secret", "require_secret"):
                found[f"{way}{kind} {key}"] = tried(
                    lambda w=way, k=kind, key=key: getattr(config, f"{w}{k}")(key)
                )
    return found


@clause("10")
def defaults_and_names():
    table.set_all_config({"project:a": "1", "other:a": "2", "project:zero": "0"})
    config, other = Config(), Config("other")
    return [
        [
            config.get("n", "d"),
            config.get_bool("n", True),
            config.get_int("n", 3),
            config.get_float("n", 1.5),
        ],
        [config.get_object("n", {"a": 1}), config.get_int("zero", 3), config.get("a", "d")],
        [config.get_secret("n", "d"), config.get_secret_int("n", 3), config.get_secret_object("n", [1])],
        [config.get_secret_bool("n", False), config.get_secret_float("n", 0.5), config.get_secret("n")],
        [config.full_key("k"), other.full_key("k"), config.name, other.name, other.get("a")],
        [tried(lambda name=name: Config(name)) for name in (1, ["x"])],
        Config("").name,
    ]


@clause("10")
def errors():
    table.set_all_config({"project:a": "x"})
    config = Config()
    missing, hidden = tried(lambda: config.require("k")), tried(lambda: config.require_secret("k"))
    wrong = [tried(lambda kind=kind: getattr(config, f"get{kind}")("a")) for kind in KINDS[1:]]
    return [
        [missing.key, missing.secret, hidden.key, hidden.secret],
        [isinstance(error, pulumi.RunError) for error in (missing, hidden, *wrong)],
        [error.key for error in wrong],
        [error.expect_type for error in wrong],
        ["project:k" in str(missing).splitlines()[0], "pulumi config set project:k <value>" in str(missing)],
        [
            "\tpulumi config set --secret project:k <value>" in str(hidden).replace("    ", "\t"),
            len(str(hidden).splitlines()),
        ],
        [part in str(wrong[0]) for part in ("project:a", "bool")],
    ]


@clause("10")
def where_it_is_found():
    os.environ["PULUMI_CONFIG"] = '{"a:b-c": "all", "a:d": "all", "a:e": "all"}'
    os.environ["PULUMI_CONFIG_A_B_C"] = "one"
    os.environ["PULUMI_CONFIG_A_X1_Y"] = "other"
    try:
        table.set_all_config({"a:e": "table"})
        found = [table.get_config(key) for key in ("a:b-c", "a:d", "a:e", "a:x1.y", "a:none")]
        table.set_config("a:d", "set")
        return [found, table.get_config("a:d"), table.get_config("a:e")]
    finally:
        for name in ("PULUMI_CONFIG", "PULUMI_CONFIG_A_B_C", "PULUMI_CONFIG_A_X1_Y"):
            del os.environ[name]


@clause("10")
def secret_keys():
    table.set_all_config({"project:a": "x", "project:b": "y"}, ["project:a"])
    found = [table.is_config_secret("project:a"), table.is_config_secret("project:b"), Config().get("a")]
    table.set_all_config({"project:b": "z"})
    found += [table.is_config_secret("project:a"), table.get_config("project:a"), Config().get("b")]
    table.set_all_config({}, [])
    return [*found, table.is_config_secret("project:a")]


# 11 -----------------------------------------------------------------------------------------------


@clause("11")
async def messages_without_a_deployment():
    def said():
        settings.SETTINGS.engine = None
        for level in ("debug", "info", "warn", "error"):
            getattr(pulumi.log, level)(f"a {level}")
        pulumi.info("b", None, 3, True)
        return pulumi.log.error("c")

    heard = io.StringIO()
    context = contextvars.copy_context()
    with contextlib.redirect_stderr(heard):
        context.run(lambda: (settings.reset_options(), said()))
    return heard.getvalue()


@clause("11")
def kinds_of_errors():
    one = pulumi.InputPropertyError("a.b", "is wrong")
    many = pulumi.InputPropertiesError("several", [{"property_path": "a", "reason": "r"}])
    return [
        issubclass(pulumi.RunError, Exception),
        issubclass(pulumi.ConfigMissingError, pulumi.RunError),
        issubclass(pulumi.ConfigTypeError, pulumi.RunError),
        [one.property_path, one.reason, isinstance(one, Exception)],
        [many.message, many.errors],
        [
            pulumi.InputPropertiesError("m").errors,
            dict(pulumi.InputPropertyErrorDetails(property_path="p", reason="r")),
        ],
        str(pulumi.RunError("text")),
    ]


@clause("11")
def deprecated_functions():
    @pulumi.deprecated("use the other")
    def old(a, *, b=1):
        """What it does."""
        return [a, b]

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        answers = [old(1), old(2, b=3)]
    return [
        answers,
        [[str(each.message), each.category.__name__] for each in caught],
        [old.__name__, old.__doc__],
        old.__dict__["_pulumi_deprecated_callable"](5),
    ]
