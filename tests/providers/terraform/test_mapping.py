"""The table between a program's names and Terraform's (terraform.md §8.2–§8.7)."""

from __future__ import annotations

from support.terraform_schemas import block, blocks, computed, free, nested, optional, required

from stackwright.providers.terraform import (
    BOOL,
    STRING,
    Block,
    Function,
    ListOf,
    MapOf,
    Nesting,
    ObjectOf,
    Parameter,
    ProviderSchema,
    Schema,
    SetOf,
    TupleOf,
)
from stackwright.providers.terraform._mapping import Level, PackageMapping, block_members


def level(of: Block) -> Level:
    return Level(block_members(of))


def mapping(resource: Block, provider: Block | None = None, **more: object) -> PackageMapping:
    schema = ProviderSchema(
        provider=Schema(0, provider or Block()),
        resources={"aws_ssm_parameter": Schema(0, resource)},
        **more,  # type: ignore[arg-type]
    )
    return PackageMapping("aws", schema)


class TestLevels:
    def test_names_are_found_in_both_directions(self) -> None:
        """terraform.md §8.3: an explicit table."""
        names = level(block(optional("address_1"), optional("is_64_bits_only")))

        assert names.property_of("address_1") == "address1"
        assert names.attribute_of("address1") == "address_1"
        assert names.attribute_of("is64BitsOnly") == "is_64_bits_only"
        assert names.property_of("missing") is None

    def test_sequences_are_plural(self) -> None:
        """terraform.md §8.3, step 1: lists and sets, of attributes, nested attributes and blocks; no maps."""
        names = level(
            block(
                optional("zone", type=ListOf(STRING)),
                optional("group", type=SetOf(STRING)),
                optional("tag", type=MapOf(STRING)),
                nested("origin", Nesting.LIST, optional("a")),
                nested("label", Nesting.MAP, optional("a")),
                cors_rule=blocks(Nesting.SET, optional("a")),
                part=blocks(Nesting.MAP, optional("a")),
                whole=blocks(Nesting.SINGLE, optional("a")),
            )
        )

        assert dict(names.properties) == {
            "cors_rule": "corsRules",
            "group": "groups",
            "label": "label",
            "origin": "origins",
            "part": "part",
            "tag": "tag",
            "whole": "whole",
            "zone": "zones",
        }

    def test_a_block_that_may_be_there_once_is_flattened(self) -> None:
        """terraform.md §8.5: no plural; attributes never."""
        once = blocks(Nesting.LIST, optional("a"))
        names = level(
            Block(
                attributes={"rule": optional("rule", type=ListOf(STRING))},
                blocks={
                    "grant": type(once)(name="grant", nesting=Nesting.SET, block=once.block, max_items=1)
                },
            )
        )

        assert names.property_of("grant") == "grant"
        assert names.flattened("grant")
        assert not names.flattened("rule")

    def test_no_plural_where_a_sibling_has_it(self) -> None:
        """terraform.md §8.3: `routing_rule` beside `routing_rules`."""
        names = level(block(optional("routing_rule", type=ListOf(STRING)), optional("routing_rules")))

        assert names.property_of("routing_rule") == "routingRule"
        assert names.property_of("routing_rules") == "routingRules"

    def test_of_two_with_one_name_the_first_keeps_it(self) -> None:
        """terraform.md §8.3, rule on collisions."""
        names = level(block(optional("a_b"), optional("a__b")))

        assert names.property_of("a__b") == "aB"
        assert names.property_of("a_b") == "aB_a_b"
        assert names.collisions == ("a_b",)

    def test_names_go_on_below_every_kind_of_collection(self) -> None:
        """terraform.md §8.3: per object level."""
        inner = ObjectOf({"cidr_block": ListOf(STRING)})
        names = level(
            block(
                optional("ingress", type=SetOf(inner)),
                optional("by_name", type=MapOf(ListOf(inner))),
                optional("pair", type=TupleOf((STRING, inner))),
                nested("deep_one", Nesting.SINGLE, nested("deep_two", Nesting.LIST, optional("leaf_name"))),
            )
        )

        assert names.below("ingress").property_of("cidr_block") == "cidrBlocks"
        assert names.below("by_name").property_of("cidr_block") == "cidrBlocks"
        assert names.below("pair").property_of("cidr_block") == "cidrBlocks"
        assert names.below("deep_one").property_of("deep_two") == "deepTwos"
        assert names.below("deep_one").below("deep_two").property_of("leaf_name") == "leafName"
        assert names.below("missing").properties == {}


class TestReservedNames:
    def test_an_id_that_only_the_provider_sets_is_the_id_of_the_resource(self) -> None:
        """terraform.md §8.7."""
        assert (
            mapping(block(computed("id"))).names("resources", "aws_ssm_parameter").property_of("id") is None
        )

    def test_other_ids_get_a_name_of_their_own(self) -> None:
        """terraform.md §8.7."""
        for attribute in (free("id"), required("id"), optional("id"), computed("id", type=BOOL)):
            names = mapping(block(attribute)).names("resources", "aws_ssm_parameter")
            assert names.property_of("id") == "ssmParameterId"
            assert names.attribute_of("ssmParameterId") == "id"

    def test_ids_further_inside_are_ordinary(self) -> None:
        """terraform.md §8.7: of a resource, that is at its top."""
        names = mapping(block(rule=blocks(Nesting.SINGLE, optional("id"))))

        assert names.names("resources", "aws_ssm_parameter").below("rule").property_of("id") == "id"

    def test_urn_and_pulumi(self) -> None:
        """terraform.md §8.7."""
        names = mapping(block(optional("urn"), optional("pulumi"))).names("resources", "aws_ssm_parameter")

        assert names.property_of("urn") == "awsUrn"
        assert names.property_of("pulumi") == "pulumiInfo"

    def test_a_provider_leaves_the_engine_its_keys(self) -> None:
        """terraform.md §8.7."""
        names = mapping(Block(), block(optional("version"), optional("region"))).names("provider", "")

        assert names.property_of("version") == "awsVersion"
        assert names.property_of("region") == "region"


class TestTokens:
    def test_both_ways(self) -> None:
        """terraform.md §8.2."""
        names = mapping(
            Block(),
            data_sources={"aws_ami": Schema(0, Block())},
            ephemeral_resources={"aws_secret": Schema(0, Block())},
            list_resources={"aws_vpc": Schema(0, Block())},
            actions={"aws_reboot": Schema(0, Block())},
            functions={"arn_parse": Function(name="arn_parse", result=STRING)},
        )

        assert names.token("resources", "aws_ssm_parameter") == "aws:index/ssmParameter:SsmParameter"
        assert names.resource("aws:index/ssmParameter:SsmParameter") == "aws_ssm_parameter"
        assert names.data_source("aws:index/getAmi:getAmi") == "aws_ami"
        assert names.function("aws:index/arnParse:arnParse") == "arn_parse"
        assert names.ephemeral("aws:index/openSecret:openSecret") == "aws_secret"
        assert names.listed("aws:index/listVpc:listVpc") == "aws_vpc"
        assert names.action("aws:index/runReboot:runReboot") == "aws_reboot"
        assert names.resource("aws:index/no:No") is None

    def test_a_functions_parameters_and_result(self) -> None:
        """terraform.md §8.10: invokes of functions."""
        function = Function(
            name="f",
            parameters=(Parameter(name="some_arn", type=STRING),),
            variadic=Parameter(name="more_names", type=STRING),
            result=ObjectOf({"account_id": STRING}),
        )
        names = mapping(Block(), functions={"f": function}).names("functions", "f")

        assert names.property_of("some_arn") == "someArn"
        assert names.property_of("more_names") == "moreNames"
        assert names.property_of("result") == "result"
        assert names.below("result").property_of("account_id") == "accountId"
