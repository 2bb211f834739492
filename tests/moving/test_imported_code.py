"""The code that declares what was imported: pure, from records and a schema (cli.md §4.8)."""

from __future__ import annotations

import ast
import json
from decimal import Decimal
from typing import Any

import pytest

from stackwright.moving import Imported, ImportedProgram, UsedPackage, configured_text, write_imported
from stackwright.packages import read_schema
from stackwright.state import ResourceState
from stackwright.urn import Urn
from stackwright.values import Asset, Secret

ROOT = Urn("urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev")
STRING = {"type": "string"}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/types/net:index:{name}"}


SCHEMA = {
    "name": "net",
    "version": "1.0.0",
    "meta": {"moduleFormat": "(.*)(?:/[^/]*)"},
    "provider": {
        "inputProperties": {"region": STRING, "retries": {"type": "integer"}, "on": {"type": "boolean"}}
    },
    "types": {
        "net:index:Rule": {"type": "object", "properties": {"portRange": STRING, "to": STRING}},
        "net:index:Cat": {
            "type": "object",
            "properties": {"kind": {"const": "cat", **STRING}, "lives": STRING},
        },
        "net:index:Dog": {
            "type": "object",
            "properties": {"kind": {"const": "dog", **STRING}, "tricks": STRING},
        },
    },
    "resources": {
        "net:core/vpc:Vpc": {
            "inputProperties": {"cidr": STRING, "name": STRING, "peerId": STRING},
            "properties": {"arn": STRING},
        },
        "net:core/subnet:Subnet": {
            "inputProperties": {
                "vpcId": STRING,
                "peerId": STRING,
                "from": STRING,
                "rules": {"type": "array", "items": ref("Rule")},
                "tags": {"type": "object", "additionalProperties": STRING},
                "pet": {
                    "oneOf": [ref("Cat"), ref("Dog")],
                    "discriminator": {
                        "propertyName": "kind",
                        "mapping": {"cat": "#/types/net:index:Cat", "dog": "#/types/net:index:Dog"},
                    },
                },
                "source": {"$ref": "pulumi.json#/Asset"},
                "password": {"secret": True, **STRING},
            },
            "requiredInputs": ["vpcId"],
        },
    },
}


def resource(
    kind: str, name: str, inputs: dict[str, Any] | None = None, *, id_: str = "", **fields: Any
) -> Imported:
    type_ = f"net:core/{kind.lower()}:{kind}" if ":" not in kind else kind
    state = {
        "urn": Urn(f"urn:pulumi:dev::shop::{type_}::{name}"),
        "type": type_,
        "custom": True,
        "id": id_ or f"{name}-id",
        "inputs": inputs or {},
        "outputs": inputs or {},
        "parent": ROOT,
        **fields,
    }
    return Imported(ResourceState(**state), name)


def written(*resources: Imported, names: dict[Urn, str] | None = None, **settings: Any) -> ImportedProgram:
    package = UsedPackage(read_schema(json.dumps(SCHEMA).encode()), "pulumi_net")
    made = write_imported(resources, {"net": package}, names or {}, **settings)
    ast.parse(made.source)
    return made


def lines(*resources: Imported, **settings: Any) -> list[str]:
    """The statements that declare *resources*."""
    return written(*resources, **settings).source.split("\n\n")[1:]


class TestValues:
    def test_nested_objects_have_their_classes(self) -> None:
        """Names of Python, wherever they are nested; the keys of maps stay as they are."""
        (made,) = lines(
            resource(
                "Subnet",
                "a",
                {
                    "vpcId": "v",
                    "from": "x",
                    "rules": [{"portRange": "80"}],
                    "tags": {"someKey": "v"},
                    "unheardOf": 1,
                },
            )
        )

        for part in (
            'vpc_id="v"',
            'from_="x"',
            'rules=[net.RuleArgs(port_range="80")]',
            'tags={"someKey": "v"}',
        ):
            assert part in made
        assert "unheard" not in made

    def test_maps_are_in_order(self) -> None:
        """Providers hand them over in any."""
        (made,) = lines(resource("Subnet", "a", {"vpcId": "v", "tags": {"b": "1", "a": "2"}}))
        assert 'tags={"a": "2", "b": "1"}' in made

    @pytest.mark.parametrize(
        ("pet", "part"),
        [
            ({"kind": "dog", "tricks": "sit"}, 'pet=net.DogArgs(kind="dog", tricks="sit")'),
            ({"lives": "9"}, 'pet=net.CatArgs(lives="9")'),
            ({"wings": "2"}, 'pet={"wings": "2"}'),
        ],
    )
    def test_unions(self, pet: dict[str, str], part: str) -> None:
        """The discriminator says which; without one the first that fits; else a dictionary."""
        assert part in lines(resource("Subnet", "a", {"vpcId": "v", "pet": pet}))[0]

    def test_assets(self) -> None:
        """Files by their paths."""
        assert (
            'source=pulumi.FileAsset("./a.txt")'
            in lines(resource("Subnet", "a", {"vpcId": "v", "source": Asset(path="./a.txt")}))[0]
        )

    def test_secrets(self) -> None:
        """Never in the code; under keys that are free, or have the very value."""
        inputs = {"vpcId": "v", "password": Secret("s")}
        made = written(resource("Subnet", "a", inputs), configured={"aPassword": "other", "aPassword2": "s"})

        assert 'password=config.require_secret("aPassword2")' in made.source
        assert "config = pulumi.Config()" in made.source
        assert made.secrets == {"aPassword2": "s"}

    @pytest.mark.parametrize(
        ("value", "reader", "text"),
        [
            (3, "_int", "3"),
            (True, "_bool", "true"),
            (Decimal(12345678901234567890), "_object", "12345678901234567890"),
            ({"a": [Decimal("0.5"), None]}, "_object", '{"a": [0.5, null]}'),
        ],
    )
    def test_secrets_of_all_kinds(self, value: Any, reader: str, text: str) -> None:
        """As configuration has them, and with what reads them again."""
        made = written(resource("Subnet", "a", {"vpcId": "v", "password": Secret(value)}))

        assert f'config.require_secret{reader}("aPassword")' in made.source
        assert configured_text(made.secrets["aPassword"]) == text

    def test_what_is_missing_is_told(self) -> None:
        """A required input that the provider did not tell."""
        assert written(resource("Subnet", "a")).notes == (
            "a needs vpc_id as well: its provider does not tell",
        )


class TestReferences:
    def test_ids_and_arns(self) -> None:
        """What refers comes after what it refers to, whatever the order."""
        subnet = resource("Subnet", "sub", {"vpcId": "vpc-1", "from": "arn:of:the-vpc"})
        vpc = resource("Vpc", "net", {"cidr": "c"}, id_="vpc-1", outputs={"arn": "arn:of:the-vpc"})

        first, second = lines(subnet, vpc)

        assert first.startswith("net_vpc = net.core.Vpc(")
        assert "vpc_id=net_vpc.id" in second
        assert "from_=net_vpc.arn" in second

    def test_names_that_are_the_same_by_chance(self) -> None:
        """Who is called as another is known does not refer to it; short texts say nothing."""
        one = resource("Vpc", "one", {"name": "production"}, id_="production")
        two = resource("Vpc", "two", {"name": "production", "cidr": "ab"}, id_="production")
        three = resource("Subnet", "three", {"vpcId": "other", "from": "ab"}, id_="ab")

        assert ".id" not in "".join(lines(one, two, three))

    def test_a_circle_is_cut(self) -> None:
        """One of the two says the id itself."""
        made = lines(
            resource("Vpc", "a", {"peerId": "b-id-long"}, id_="a-id-long"),
            resource("Vpc", "b", {"peerId": "a-id-long"}, id_="b-id-long"),
        )

        assert [each.partition(" =")[0] for each in made] == ["b", "a"]
        assert 'peer_id="a-id-long"' in made[0]
        assert "peer_id=b.id" in made[1]

    def test_parents_and_providers(self) -> None:
        """Those of the list by their variables, others by the names that the program has."""
        group = Urn("urn:pulumi:dev::shop::my:index:Group::group")
        mine = Urn("urn:pulumi:dev::shop::pulumi:providers:net::mine")
        provider = resource("pulumi:providers:net", "mine", {"region": "r", "retries": "3", "on": "true"})
        vpc = resource("Vpc", "net", parent=group, provider=f"{mine}::x", protect=True)
        lone = resource("Vpc", "lone", parent=Urn("urn:pulumi:dev::shop::my:index:Group::some other"))

        made = written(vpc, provider, lone, names={group: "box"})

        assert 'mine = net.Provider("mine", region="r", retries=3, on=True)' in made.source
        assert "opts=pulumi.ResourceOptions(parent=box, provider=mine, protect=True)" in made.source
        assert "parent=some_other" in made.source
        assert made.expects == ("box", "some_other")


class TestWithoutASchema:
    def test_a_package_that_nobody_knows(self) -> None:
        """The type by its token, the inputs as the provider has them; secrets stay out even so."""
        inputs = {"someKey": [{"innerKey": Secret({"k": 1})}]}
        made = written(resource("other:index:Thing", "a", inputs))

        assert 'a = pulumi.CustomResource(\n    "other:index:Thing",\n    "a",\n' in made.source
        assert '{"someKey": [{"innerKey": config.require_secret_object("aSomeKeyInnerKey")}]}' in made.source

    def test_components(self) -> None:
        """They hold others, and that is all there is to say."""
        (made,) = lines(resource("my:index:Group", "group", custom=False))
        assert made == 'group = pulumi.ComponentResource("my:index:Group", "group")\n'


def test_variables_are_told_apart() -> None:
    """By the type where two are called the same, and from modules and built-in names."""
    made = lines(
        resource("Vpc", "main"),
        resource("Subnet", "main", {"vpcId": "v"}),
        resource("Vpc", "net"),
        resource("Vpc", "print"),
        resource("Vpc", "pulumi"),
    )

    assert [each.partition(" =")[0] for each in made] == [
        "main",
        "main_subnet",
        "net_vpc",
        "print_",
        "pulumi_vpc",
    ]
