"""The program for what was moved: what refers to what, and how it is said (terraform.md §11)."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest

from stackwright.moving import Adoption, MovedResource, Program, ProviderUse, UsedPackage, write_program
from stackwright.moving._terraform_state import Output
from stackwright.packages import read_schema
from stackwright.urn import Urn
from stackwright.values import Secret

USE = ProviderUse("registry.terraform.io/acme/net")
STRING = {"type": "string"}


def kind(*inputs: str) -> dict[str, Any]:
    properties = dict.fromkeys(inputs, STRING)
    return {"inputProperties": properties, "properties": {**properties, "arn": STRING}}


SCHEMA = {
    "name": "net",
    "version": "1.0.0",
    "resources": {
        "net:index:Vpc": kind("cidr", "name"),
        "net:index:Gateway": kind("vpcId"),
        "net:index:Route": kind("vpcId", "gatewayId"),
        "net:index:Role": kind("name"),
        "net:index:Function": kind("functionName", "roleArn", "settings"),
        "net:index:Permission": kind("functionName", "policy"),
    },
}


def moved(type_: str, name: str, inputs: dict[str, Any], *needs: MovedResource, **more: Any) -> MovedResource:
    """A resource as it was adopted; it depends on the groups of *needs*."""
    variable = more.pop("variable", name.replace("-", "_"))
    outputs = {**inputs, **more.pop("outputs", {})}
    fields: dict[str, Any] = {
        "address": f"net_{type_}.{name}",
        "group": f"net_{type_}.{name}",
        "key": None,
        "id": f"{type_}-id-of-{name}".lower(),
        **more,
    }
    return MovedResource(
        type=f"net:index:{type_}",
        name=name,
        variable=variable,
        urn=Urn(f"urn:pulumi:dev::shop::net:index:{type_}::{name}"),
        provider=USE,
        inputs=inputs,
        outputs=outputs,
        depends_on=tuple(dict.fromkeys(each.group for each in needs)),
        **fields,
    )


def program(*resources: MovedResource, **outputs: Any) -> Program:
    package = UsedPackage(read_schema(json.dumps(SCHEMA).encode()), "pulumi_net")
    said = {key: each if isinstance(each, Output) else Output(value=each) for key, each in outputs.items()}
    made = write_program(Adoption(resources=resources, skipped=()), said, {USE.address: package}, "old")
    ast.parse(made.source)
    return made


VPC = moved("Vpc", "vpc", {"cidr": "10.0.0.0/16", "name": "net"})


class TestReferences:
    def test_what_a_property_is_named_after_comes_first(self) -> None:
        """`vpcId` is the VPC's id, though the gateway has a property that is called the same."""
        gateway = moved("Gateway", "gw", {"vpcId": VPC.id}, VPC)
        route = moved("Route", "route", {"vpcId": VPC.id, "gatewayId": gateway.id}, VPC, gateway)
        source = program(VPC, gateway, route).source
        assert 'route = net.Route("route", vpc_id=vpc.id, gateway_id=gw.id)' in source

    def test_what_a_resource_is_called_itself_refers_to_nothing_that_was_called_the_same(self) -> None:
        """Names are often the same; a permission means the function, and no role of its name."""
        role = moved("Role", "role", {"name": "worker"}, outputs={"arn": "arn:of:role"})
        function = moved(
            "Function", "fn", {"functionName": "worker", "roleArn": "arn:of:role"}, role, id="worker"
        )
        permission = moved("Permission", "ok", {"functionName": "worker"}, role, function)
        source = program(role, function, permission).source
        assert 'fn = net.Function("fn", function_name="worker", role_arn=role.arn)' in source
        assert 'ok = net.Permission("ok", function_name=fn.function_name)' in source

    def test_names_that_a_provider_made_up(self) -> None:
        """They are nobody's choice, so that whoever has the same name has it from there."""
        source = program(VPC, moved("Role", "role", {"name": VPC.id}, VPC)).source
        assert 'role = net.Role("role", name=vpc.id)' in source

    def test_references_within_json(self) -> None:
        """Ids and ARNs in a text of JSON; other words in it stay, and so does what is secret."""
        role = moved("Role", "role", {"name": "a-worker-role"}, outputs={"arn": "arn:of:role"})
        settings = {"to": ["arn:of:role"], "who": "a-worker-role"}
        plain = moved("Function", "plain", {"settings": json.dumps(settings)}, role)
        secret = moved("Function", "secret", {"settings": Secret(json.dumps(settings))}, role)
        made = program(role, plain, secret)
        assert 'settings=pulumi.Output.json_dumps({"to": [role.arn], "who": "a-worker-role"}),' in made.source
        assert 'settings=config.require_secret("secretSettings"),' in made.source
        assert made.references[plain.urn] == {"settings": (role.urn,)}

    def test_references_within_texts(self) -> None:
        """Ids, ARNs and what a provider thought of, the longest first; words that merely hold them stay."""
        role = moved("Role", "role", {"name": "chosen-name"}, outputs={"arn": "arn:of:role-id-of-role"})
        name = f"{role.id}-worker"
        function = moved(
            "Function", "fn", {"functionName": name, "roleArn": "arn:of:role-id-of-role/*"}, role
        )
        other = {"functionName": "the chosen-name", "policy": json.dumps({"a": [f"x/{role.id}/y"]})}
        permission = moved("Permission", "ok", other, role)
        longer = moved("Permission", "no", {"functionName": f"{role.id}s"}, role)
        made = program(role, function, permission, longer)
        for line in (
            '    function_name=pulumi.Output.concat(role.id, "-worker"),',
            '    role_arn=pulumi.Output.concat(role.arn, "/*"),',
            '    function_name="the chosen-name",',
            '    policy=pulumi.Output.json_dumps({"a": [pulumi.Output.concat("x/", role.id, "/y")]}),',
            '    function_name="role-id-of-roles",',
        ):
            assert line in made.source.splitlines(), made.source
        assert made.references[function.urn] == {"functionName": (role.urn,), "roleArn": (role.urn,)}
        assert made.depends_on[longer.urn] == (role.urn,)

    def test_no_part_of_a_secret_text_is_written(self) -> None:
        """However much of it is known of another resource."""
        password = f"hunter2@{VPC.id}/db"
        inputs = {"name": Secret(password)}
        made = program(VPC, moved("Role", "role", inputs, VPC))
        assert "hunter2" not in made.source
        assert 'name=config.require_secret("roleName")' in made.source
        nested = moved("Role", "role", {"name": Secret({"a": [password]})}, VPC)
        assert "hunter2" not in program(VPC, nested).source

    def test_names_that_begin_alike(self) -> None:
        """What a resource is called itself is built on what a provider thought of only."""
        role = moved("Role", "role", {"name": "shop-worker"}, id="shop-worker")
        twin = moved("Role", "twin", {"name": "shop-worker"}, role)
        longer = moved("Role", "longer", {"name": "shop-worker-2"}, role)
        assert "concat" not in program(role, twin, longer).source

    def test_scripts_stay_in_one_piece(self) -> None:
        script = f"#!/bin/sh\necho {VPC.id}\n"
        made = program(VPC, moved("Role", "role", {"name": script}, VPC))
        assert f'name="""\\\n{script}""",' in made.source
        assert "depends_on=[vpc]" in made.source

    def test_json_keeps_its_separators(self) -> None:
        """A policy is the very text again; what could not be is written as a text."""
        compact = '{"Resource":"vpc-id-of-vpc"}'
        source = program(VPC, moved("Permission", "p", {"policy": compact}, VPC)).source
        assert 'pulumi.Output.json_dumps({"Resource": vpc.id}, separators=(",", ":")),' in source
        assert 'policy="{ }"' in program(moved("Permission", "p", {"policy": "{ }"})).source

    def test_within_an_instance_of_a_module_that_instance_is_meant(self) -> None:
        """Dependencies have no keys; nothing can depend on another instance of its own module."""
        group = "module.m.net_Vpc.vpc"
        vpcs = {
            key: moved("Vpc", f"vpc-{key}", {"cidr": "10"}, group=group, module=(("m", f'"{key}"'),))
            for key in ("a", "b")
        }
        same, other, outside = (
            moved("Gateway", name, {}, vpcs["a"], module=module)
            for name, module in (
                ("same", (("m", '"b"'), ("x", ""))),
                ("other", (("n", "1"),)),
                ("outside", ()),
            )
        )
        made = program(*vpcs.values(), same, other, outside)
        assert made.depends_on[same.urn] == (vpcs["b"].urn,)
        assert made.depends_on[other.urn] == made.depends_on[outside.urn] == (vpcs["a"].urn, vpcs["b"].urn)


class TestOutputs:
    def test_a_value_that_one_resource_has(self) -> None:
        """By the name of the output, or if nothing else has the text."""
        role = moved(
            "Role", "role", {"name": "r"}, outputs={"owner": "123456789012", "fingerprint": "aa:bb:cc"}
        )
        twin = moved("Role", "twin", {"name": "t"}, outputs={"owner": "123456789012"})
        made = program(VPC, role, twin, vpc_id=VPC.id, account="123456789012", print="aa:bb:cc", small=["x"])
        for line in (
            'pulumi.export("vpc_id", vpc.id)',
            'pulumi.export("account", "123456789012")',
            'pulumi.export("print", role.fingerprint)',
            'pulumi.export("small", ["x"])',
        ):
            assert line in made.source.splitlines(), made.source
        assert made.exports == {
            "vpc_id": VPC.id,
            "account": "123456789012",
            "print": "aa:bb:cc",
            "small": ["x"],
        }

    @pytest.mark.parametrize("value", ["top secret", 7, ["a", "b"]])
    def test_secrets_that_nobody_else_has(self, value: Any) -> None:
        """They are in the configuration, as one value."""
        made = program(VPC, out=Output(value=value, sensitive=True))
        assert "config.require_secret" in made.source
        assert (made.secrets, made.exports) == ({"outputOut": value}, {"out": Secret(value)})

    def test_a_secret_of_which_there_is_none(self) -> None:
        made = program(VPC, out=Output(value=None, sensitive=True))
        assert 'pulumi.export("out", None)' in made.source
        assert (made.secrets, made.exports) == ({}, {"out": None})

    def test_secrets_that_refer_to_something(self) -> None:
        """The references are written, the rest is in the configuration, and all of it is secret."""
        made = program(VPC, out=Output(value={"vpc": VPC.id, "user": "bob", "no": None}, sensitive=True))
        assert '{"vpc": vpc.id, "user": config.require_secret("outputOutUser"), "no": None},' in made.source
        assert "pulumi.Output.secret(" in made.source
        assert made.secrets == {"outputOutUser": "bob"}
        assert made.exports == {"out": Secret({"vpc": VPC.id, "user": "bob", "no": None})}

    def test_what_is_secret_where_it_comes_from_is_secret_here(self) -> None:
        role = moved("Role", "role", {"name": "r"}, outputs={"password": Secret("hunter2 hunter2")})
        made = program(role, out=["hunter2 hunter2"])
        assert 'pulumi.export("out", [role.password])' in made.source
        assert made.exports == {"out": [Secret("hunter2 hunter2")]}
