"""What hand-made packages call things."""

from __future__ import annotations

import pytest

from stackwright.providers.terraform._other_names import OtherNames


class TestAws:
    @pytest.mark.parametrize(
        ("name", "token"),
        [
            ("ssm_parameter", "aws:ssm/parameter:Parameter"),
            ("vpc", "aws:ec2/vpc:Vpc"),
            ("vpc_peering_connection", "aws:ec2/vpcPeeringConnection:VpcPeeringConnection"),
            ("ec2_transit_gateway", "aws:ec2transitgateway/transitGateway:TransitGateway"),
            ("cloudtrail", "aws:cloudtrail/trail:Trail"),
            ("lambda_function", "aws:lambda/function:Function"),
            ("cloudwatch_log_group", "aws:cloudwatch/logGroup:LogGroup"),
        ],
    )
    def test_resources(self, name: str, token: str) -> None:
        """The longest name that fits decides."""
        assert OtherNames("aws", "aws").tokens("resources", name)[0] == token

    def test_functions(self) -> None:
        """Data sources may have a name of their own; what only we have follows its resource."""
        names = OtherNames("aws", "aws")

        assert names.tokens("data_sources", "eip") == ("aws:ec2/getElasticIp:getElasticIp",)
        assert names.tokens("resources", "eip") == ("aws:ec2/eip:Eip",)
        assert names.tokens("data_sources", "region") == ("aws:index/getRegion:getRegion",)
        assert names.tokens("ephemeral_resources", "ssm_parameter") == (
            "aws:ssm/openParameter:openParameter",
        )
        assert names.tokens("actions", "ssm_reset") == ("aws:ssm/runReset:runReset",)

    def test_several_names(self) -> None:
        assert len(OtherNames("aws", "aws").tokens("resources", "s3_bucket")) == 2

    def test_arguments(self) -> None:
        """Terraform's name, what it is called there, and how many of it there are."""
        names = OtherNames("aws", "aws")

        assert [each.name for each in names.inputs("security_group")] == ["egress", "ingress"]
        alias, *_ = names.inputs("route53_record")
        assert (alias.attribute, alias.name, alias.amount) == ("alias", "aliases", "many")
        assert names.inputs("vpc") == ()

    def test_names_that_nobody_knows(self) -> None:
        assert OtherNames("aws", "aws").tokens("resources", "surely_new") == ()


def test_a_package_under_another_name() -> None:
    """terraform.md §8.1: the provider's own prefix says which table; tokens have the package's name."""
    names = OtherNames("random", "chance")

    assert names.tokens("resources", "pet") == ("chance:index/randomPet:RandomPet",)
    assert names.tokens("ephemeral_resources", "bytes") == ()


@pytest.mark.parametrize("prefix", ["nothing", "", "../aws", "a b"])
def test_providers_without_one(prefix: str) -> None:
    assert not OtherNames(prefix, "nothing")
    assert OtherNames(prefix, "nothing").tokens("resources", "thing") == ()


class TestEnums:
    def test_names_and_values(self) -> None:
        """Names as schemas spell them; what all values begin with is said once."""
        enums = OtherNames("aws", "aws").enums({"iam", "lambda", "index"})

        runtime = enums["aws:lambda/Runtime:Runtime"]
        assert ("python3d12", "python3.12") in runtime.members
        policies = dict(enums["aws:iam/ManagedPolicy:ManagedPolicy"].members)
        assert policies["AWSAccountActivityAccess"].endswith(":policy/AWSAccountActivityAccess")
        assert "aws:index/Region:Region" in enums
        assert all(token.split(":")[1].partition("/")[0] in ("iam", "lambda", "index") for token in enums)

    def test_providers_without(self) -> None:
        assert OtherNames("random", "random").enums({"index"}) == {}
