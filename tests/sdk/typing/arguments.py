"""Input and output types, arguments classes and typed dictionaries, functions."""

import builtins as _builtins
from collections.abc import Mapping
from typing import NotRequired, Optional, TypedDict, Union

import pulumi


class RuleArgsDict(TypedDict):
    port: pulumi.Input[int]
    source: NotRequired[pulumi.Input[str]]


@pulumi.input_type
class RuleArgs:
    def __init__(self, *, port: pulumi.Input[int], source: Optional[pulumi.Input[str]] = None) -> None:
        pulumi.set(self, "port", port)
        if source is not None:
            pulumi.set(self, "source", source)

    @_builtins.property
    @pulumi.getter
    def port(self) -> pulumi.Input[int]:
        return pulumi.get(self, "port")  # type: ignore[no-any-return,unused-ignore]

    @port.setter
    def port(self, value: pulumi.Input[int]) -> None:
        pulumi.set(self, "port", value)


@pulumi.output_type
class Rule(dict[str, object]):
    def __init__(self, *, port: int, source: Optional[str] = None) -> None:
        pulumi.set(self, "port", port)

    @_builtins.property
    @pulumi.getter
    def port(self) -> int:
        return pulumi.get(self, "port")  # type: ignore[no-any-return,unused-ignore]


class Firewall(pulumi.CustomResource):
    rules: pulumi.Output[list[Rule]]

    def __init__(
        self,
        resource_name: str,
        rules: Optional[pulumi.Input[list[pulumi.Input[Union[RuleArgs, RuleArgsDict]]]]] = None,
        labels: Optional[pulumi.Input[Mapping[str, pulumi.Input[str]]]] = None,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        super().__init__("net:index:Firewall", resource_name, {"rules": rules}, opts)


other = Firewall("other")
firewall = Firewall(
    "firewall",
    rules=[RuleArgs(port=80), {"port": 443, "source": "10.0.0.0/8"}, {"port": pulumi.Output.from_input(1)}],
    labels={"a": "b", "c": other.urn},
)
reveal_type(RuleArgs(port=1).port)
reveal_type(Rule(port=1).port)
reveal_type(firewall.rules.apply(lambda rules: rules[0].port))
reveal_type(firewall.rules.apply(lambda rules: [rule.port for rule in rules]))
reveal_type(firewall.id)


def ports(given: pulumi.Input[list[pulumi.Input[int]]]) -> "pulumi.Output[int]":
    return pulumi.Output.from_input(given).apply(lambda known: len(known))


reveal_type(ports([1, pulumi.Output.from_input(2)]))
options = pulumi.InvokeOptions(version="1.0.0")
reveal_type(pulumi.InvokeOptions.merge(options, None))
reveal_type(pulumi.runtime.invoke("net:index:get", {"a": 1}, opts=options).value)
reveal_type(pulumi.runtime.invoke_output("net:index:get", {"a": 1}))
