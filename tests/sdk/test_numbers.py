"""Numbers of an answer: floats, unless metadata says otherwise (sdk.md §6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Union

import pytest
from support.monitors import FakeMonitor
from support.pages import Pages
from support.programs import Thing, outcome_of, run_ok

import stackwright.sdk as pulumi
from stackwright.goals import InvokeResult
from stackwright.sdk import Output, dynamic, runtime
from stackwright.sdk._deserialize import translate
from stackwright.sdk._hooks import bag
from stackwright.sdk._session import Session
from stackwright.testing import MemoryStack

EXACT = 2**53


def shown(value: Any) -> str:
    """A value with the kind of every number in it."""
    return repr(value)


class Typed(pulumi.CustomResource):
    port: pulumi.Output[int]
    share: pulumi.Output[float]
    ports: pulumi.Output[Sequence[int]]
    loose: pulumi.Output[dict[str, Any]]
    other: pulumi.Output[Any]

    def __init__(self, name: str, **props: Any) -> None:
        super().__init__("test:index:Typed", name, props)


@pytest.mark.parametrize(
    ("value", "typ", "expected"),
    [
        (8080, None, 8080.0),
        (8080, Any, 8080.0),
        (0, None, 0.0),
        (True, None, True),
        ({"a": [1, {"b": 2}]}, None, {"a": [1.0, {"b": 2.0}]}),
        ({"a": 1, "b": [1]}, dict[str, Any], {"a": 1.0, "b": [1.0]}),
        ({"a": 1}, dict, {"a": 1.0}),
        ([1], list, [1.0]),
        (1, int | str, 1.0),
        (1, Union[int, str], 1.0),  # noqa: UP007 # as generated code has it
        (1, str, 1.0),
        (1, int, 1),
        (1.0, int, 1),
        ([1], list[int], [1]),
        ([1, None], list[int | None], [1, None]),
        ({"a": 1}, dict[str, int], {"a": 1}),
        (1, float, 1.0),
        ({"a": [1]}, dict[str, list[float]], {"a": [1.0]}),
        (EXACT, None, float(EXACT)),
        (-EXACT, None, float(-EXACT)),
        (EXACT + 1, None, EXACT + 1),
        (10**400, None, 10**400),
    ],
)
def test_by_type(value: Any, typ: Any, expected: Any) -> None:
    """Whole numbers stay whole where `int` is promised, and beyond what floats hold exactly (§6)."""
    assert shown(translate(value, typ)) == shown(expected)


@pytest.mark.parametrize("typ", [None, Any, float, int, int | str])
def test_kept(typ: Any) -> None:
    """A class may say that its numbers are what arrived: those of Terraform's packages do."""
    assert shown(translate(1, typ, keep_numbers=True)) == shown(1)
    assert shown(translate([{"a": 1}], None, keep_numbers=True)) == shown([{"a": 1}])


def test_of_resources() -> None:
    """Inputs that come back and what the provider made; secrets and parts of outputs too (§6)."""

    def program() -> Any:
        thing: Any = Thing("a", port=8080, all={"n": [1]}, hidden=Output.secret(7))
        typed = Typed("t", port=1, share=2, ports=[3], loose={"x": 4}, other=5)
        return Output.all(
            Output.format("{0}", thing.port),
            thing.all["n"][0],
            thing.hidden,
            typed.port,
            typed.share,
            typed.ports,
            typed.loose,
            typed.other,
        )

    expected = ["8080.0", 1.0, 7.0, 1, 2.0, [3], {"x": 4.0}, 5.0]
    assert shown(outcome_of(program).value) == shown(expected)


def test_of_functions_and_methods() -> None:
    """The plain form, the output form, and calls (§8)."""
    answer = InvokeResult(value={"n": 1, "l": [2]})

    def program() -> Any:
        plain = runtime.invoke("test:index:find", {}).value
        output = runtime.invoke_output("test:index:find", {})
        return Output.all(plain, output, runtime.call("test:index:Thing/do", {"n": 3}))

    monitor = FakeMonitor()
    monitor.answers["test:index:find"] = lambda _: answer
    seen = outcome_of(program, monitor=monitor)
    assert shown(seen.value[:2]) == shown([{"n": 1.0, "l": [2.0]}] * 2)
    assert "3.0" in shown(seen.value[2])


def test_of_hooks_and_transforms() -> None:
    """Their arguments are answers too (§12.2, §13)."""
    seen: list[Any] = []

    def change(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult:
        seen.append(args.props["x"])
        return pulumi.ResourceTransformResult({**args.props, "label": f"{args.props['x']}"}, args.opts)

    def program() -> Any:
        thing: Any = Thing("a", pulumi.ResourceOptions(transforms=[change]), x=1, label=None)
        return thing.label

    assert outcome_of(program).value == "1.0"
    assert shown(seen) == "[1.0]"
    assert shown(bag(Session(), {"n": [2], "text": "t"})) == "{'n': [2.0], 'text': 't'}"


def test_what_is_sent_is_whole_again() -> None:
    """A deployment in this process is asked for what one behind a wire would be (protocol.md §2.1)."""

    def program() -> None:
        thing: Any = Thing("a", n=1)
        Thing("b", n=thing.n, all=[2.0, {"k": -3.0}], half=0.5, large=1e300)
        pulumi.export("n", thing.n)

    ran = run_ok(program)
    inputs = ran.monitor.resource("b").inputs
    assert shown(inputs) == shown({"n": 1, "all": [2, {"k": -3}], "half": 0.5, "large": 1e300})
    assert shown(ran.monitor.exports["n"]) == "1"


class Ports(dynamic.ResourceProvider):
    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        return dynamic.CreateResult("id", {**props, "address": f"host:{props['port']}", "found": 1})


class Plain(dynamic.Resource):
    found: pulumi.Output[Any]
    address: pulumi.Output[str]

    def __init__(self, name: str, port: int) -> None:
        super().__init__(Ports(), name, {"port": port, "found": None, "address": None})


class Annotated(Plain):
    found: pulumi.Output[int]


def test_of_dynamic_providers() -> None:
    """They are given floats, and their answers are what the resource's annotations say (§18)."""

    def program() -> None:
        for kind in (Plain, Annotated):
            made = kind(kind.__name__, 80)
            pulumi.export(kind.__name__, Output.format("{0} {1}", made.address, made.found))

    stack = MemoryStack(program)
    assert stack.up().outputs == {"Plain": "host:80.0 1.0", "Annotated": "host:80.0 1"}
    assert stack.up().changes == {}


def test_of_providers_as_plain_classes() -> None:
    """What a Python class answers is what it means: nothing is made a float of it."""

    def program() -> None:
        page: Any = pulumi.ProvidedResource(Pages, "page", {"value": "hello"})
        pulumi.export("shown", Output.format("{0}", page.size))

    assert MemoryStack(program).up().outputs == {"shown": "5"}
