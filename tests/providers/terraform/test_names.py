"""What Terraform's names are called in a program (terraform.md §8.2, §8.3, §8.7)."""

from __future__ import annotations

import pytest

from stackwright.providers.terraform._names import (
    camel,
    common_prefix,
    data_source_names,
    function_names,
    id_stand_in,
    plural,
    resource_names,
    resource_token,
    singular,
    upper_camel,
    urn_stand_in,
    without_prefix,
)


def words(pairs: str) -> list[tuple[str, str]]:
    return [(one, many) for one, many in (pair.split("/") for pair in pairs.split())]


class TestPlural:
    @pytest.mark.parametrize(
        ("one", "many"),
        words(
            "ingress/ingresses egress/egresses policy/policies cors_rule/cors_rules group_by/group_bies "
            "sort_by/sort_bies any/anies data/datas criteria/criterias kinesis/kineses gpus/gpuses "
            "global_secondary_index/global_secondary_indices tags/tags "
            "origin_access_identity/origin_access_identities"
        ),
    )
    def test_names_as_aws_has_them(self, one: str, many: str) -> None:
        """terraform.md §8.3, the examples."""
        assert plural(one) == many

    @pytest.mark.parametrize(
        ("one", "many"),
        words(
            "child/children foo_child/foo_children hero/heroes foo_hero/foo_heros money/monies tooth/teeth "
            "Person/People sex/sexes"
        ),
    )
    def test_irregular_words_are_whole_words(self, one: str, many: str) -> None:
        """terraform.md §8.3, step 1."""
        assert plural(one) == many

    @pytest.mark.parametrize(
        "word",
        [
            "media",
            "social_media",
            "equipment",
            "chassis",
            "series",
            "people",
            "starfish",
            "japanese",
            "information",
        ],
    )
    def test_some_words_do_not_change(self, word: str) -> None:
        """terraform.md §8.3, step 2."""
        assert plural(word) == word

    @pytest.mark.parametrize(
        ("one", "many"),
        words(
            "status/statuses quiz/quizzes my_ox/my_oxes mouse/mice matrix/matrices box/boxes batch/batches "
            "class/classes mesh/meshes entry/entries colloquy/colloquies key/keys hive/hives knife/knives "
            "shelf/shelves analysis/analyses datum/data radius/radii bus/buses alias/aliases axis/axes "
            "tomato/tomatoes rule/rules"
        ),
    )
    def test_endings(self, one: str, many: str) -> None:
        """terraform.md §8.3, step 3."""
        assert plural(one) == many


class TestSingular:
    @pytest.mark.parametrize(
        ("many", "one"),
        words(
            "rules/rule ingresses/ingress policies/policy statuses/status indices/index matrices/matrix "
            "aliases/alias caches/cache waves/wave people/person children/child addresses/address "
            "boxes/box shelves/shelf knives/knife tentatives/tentative analyses/analysis data/datum "
            "class/class media/media series/series movies/movie origins/origin objectives/objective"
        ),
    )
    def test_endings(self, many: str, one: str) -> None:
        """terraform.md §8.3, singularisation."""
        assert singular(many) == one


class TestCamelCase:
    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("cors_rule", "corsRule"),
            ("address_1", "address1"),
            ("is_64_bits_only", "is64BitsOnly"),
            ("_hidden_name", "_hiddenName"),
            ("ends_", "ends_"),
            ("two__scores", "twoScores"),
            ("ends__", "ends_"),
            ("open_x_json_ser_de", "openXJsonSerDe"),
            ("a", "a"),
            ("", ""),
        ],
    )
    def test_underscores_raise_what_follows(self, name: str, shown: str) -> None:
        """terraform.md §8.3, step 2."""
        assert camel(name) == shown

    def test_classes_are_split_at_dashes_as_well(self) -> None:
        """terraform.md §8.2."""
        assert upper_camel("ssm-big_parameter") == "SsmBigParameter"

    def test_a_digit_in_front_becomes_a_word(self) -> None:
        """terraform.md §8.2."""
        assert upper_camel("3scale_product") == "ThreescaleProduct"


class TestTokens:
    def test_the_shared_first_part_is_left_out(self) -> None:
        """terraform.md §8.2: the first segment if all have it, else the package's name."""
        assert common_prefix(["aws_vpc", "aws_ssm_parameter"], "amazon") == "aws"
        assert common_prefix(["aws_vpc", "tls_key"], "amazon") == "amazon"
        assert without_prefix("aws_vpc", "aws") == "vpc"
        assert without_prefix("aws", "aws") == "aws"

    def test_resources(self) -> None:
        """terraform.md §8.2: `aws_ssm_parameter`."""
        names = resource_names(["aws_ssm_parameter"], "aws", "aws")

        assert names == {"aws_ssm_parameter": "SsmParameter"}
        assert resource_token("aws", "SsmParameter") == "aws:index/ssmParameter:SsmParameter"

    def test_functions(self) -> None:
        """terraform.md §8.2: data sources are got, functions are called."""
        assert data_source_names(["aws_ssm_parameter"], "aws") == {"aws_ssm_parameter": "getSsmParameter"}
        assert function_names(["arn_parse"]) == {"arn_parse": "arnParse"}

    def test_names_that_differ_in_case_alone_are_numbered_in_sorted_order(self) -> None:
        """terraform.md §8.2."""
        names = resource_names(["x_ab", "x_a_b"], "x", "x")

        assert names == {"x_a_b": "AB", "x_ab": "AbV2"}

    def test_no_resource_is_called_provider(self) -> None:
        """terraform.md §8.2."""
        assert resource_names(["x_provider"], "x", "pkg")["x_provider"] == "PkgProvider"
        taken = resource_names(["x_provider", "x_pkg_provider"], "x", "pkg")
        assert taken["x_provider"] == "ProviderResource"


class TestReservedNames:
    def test_an_id_is_named_after_its_resource(self) -> None:
        """terraform.md §8.7: `aws_ssm_parameter.id` is `ssmParameterId`."""
        assert id_stand_in("aws_ssm_parameter", "aws", "aws", set()) == "ssmParameterId"

    def test_the_first_free_name_is_taken(self) -> None:
        """terraform.md §8.7."""
        assert id_stand_in("aws_vpc", "aws", "aws", {"vpc_id"}) == "awsVpcId"
        assert id_stand_in("aws_vpc", "aws", "aws", {"vpc_id", "aws_vpc_id"}) == "resourceId"
        assert id_stand_in("aws_vpc", "aws", "aws", {"vpc_id", "aws_vpc_id", "resource_id"}) == "awsId"

    def test_a_urn_is_named_after_the_package(self) -> None:
        """terraform.md §8.7."""
        assert urn_stand_in("aws") == "awsUrn"
