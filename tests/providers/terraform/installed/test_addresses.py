"""Addresses, versions and constraints (terraform.md §7.1, §7.2)."""

from __future__ import annotations

import pytest
from semver import Version

from stackwright.providers.terraform.installed import (
    BadAddressError,
    BadConstraintError,
    parse_address,
    parse_constraint,
)


class TestAddresses:
    @pytest.mark.parametrize(
        ("text", "whole"),
        [
            ("aws", "registry.terraform.io/hashicorp/aws"),
            ("hashicorp/aws", "registry.terraform.io/hashicorp/aws"),
            ("DataDog/Datadog", "registry.terraform.io/datadog/datadog"),
            ("registry.opentofu.org/hashicorp/aws", "registry.opentofu.org/hashicorp/aws"),
            ("localhost:8443/acme/thing", "localhost:8443/acme/thing"),
        ],
    )
    def test_missing_parts_are_filled_in_and_cases_folded(self, text: str, whole: str) -> None:
        """§7.1: the canonical form has three parts, in lower case."""
        assert str(parse_address(text)) == whole

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("a/b/c/d", "Addresses look like"),
            ("", "Addresses look like"),
            ("acme//thing", "Addresses look like"),
            ("-/aws", "hashicorp/aws"),
            ("terraform-provider-aws", "`aws`"),
            ("acme/terraform-thing", "`acme/thing`"),
            ("acme/two--dashes", "single dashes"),
            ("acme/-thing", "dashes"),
            ("../../etc", "host"),
            ("acme/../thing", "dashes"),
            ("terraform.io/builtin/terraform", "part of Terraform itself"),
        ],
    )
    def test_what_is_no_address_is_refused_with_advice(self, text: str, said: str) -> None:
        """§7.1: legacy namespaces, prefixes and odd labels are refused, with what to write instead."""
        with pytest.raises(BadAddressError) as caught:
            parse_address(text)
        assert said in str(caught.value)


class TestConstraints:
    @pytest.mark.parametrize(
        ("text", "inside", "outside"),
        [
            ("", ["0.1.0", "9.0.0"], ["1.0.0-beta1"]),
            ("5.1.0", ["5.1.0"], ["5.1.1"]),
            ("= 5.1", ["5.1.0"], ["5.1.1"]),
            ("v5.1.0", ["5.1.0"], ["5.0.0"]),
            ("!= 5.1.0", ["5.0.0", "5.1.1"], ["5.1.0"]),
            ("> 5.1.0", ["5.1.1"], ["5.1.0"]),
            (">= 5.1, < 6", ["5.1.0", "5.99.9"], ["5.0.9", "6.0.0"]),
            ("<= 5.1.0", ["5.1.0"], ["5.1.1"]),
            ("~> 5.1", ["5.1.0", "5.9.0"], ["5.0.9", "6.0.0"]),
            ("~> 5.1.2", ["5.1.2", "5.1.9"], ["5.1.1", "5.2.0"]),
            ("~> 5", ["5.0.0", "5.9.0"], ["6.0.0"]),
            ("1.0.0-beta1", ["1.0.0-beta1"], ["1.0.0", "1.0.0-beta2"]),
            (">= 1.0.0-beta1", ["1.0.0"], ["1.0.0-beta2"]),
        ],
    )
    def test_terms(self, text: str, inside: list[str], outside: list[str]) -> None:
        """§7.2: every operator; a pre-release only where a term names exactly it."""
        constraint = parse_constraint(text)

        assert [each for each in inside if not constraint.allows(Version.parse(each))] == []
        assert [each for each in outside if constraint.allows(Version.parse(each))] == []

    def test_the_newest_is_chosen(self) -> None:
        """§7.2: selection takes the newest matching version, by number and not by spelling."""
        versions = [Version.parse(each) for each in ("5.9.0", "5.10.0", "6.0.0", "5.11.0-rc1")]

        assert str(parse_constraint("~> 5.0").newest(versions)) == "5.10.0"
        assert parse_constraint("> 7").newest(versions) is None

    @pytest.mark.parametrize("text", ["latest", "~>", ">= 1.0 < 2.0", "1.0.0.0", ">= 1.0,"])
    def test_what_is_no_constraint_is_refused(self, text: str) -> None:
        """§7.2: a mistake is named, never taken for «any version»."""
        with pytest.raises(BadConstraintError, match="not a version constraint"):
            parse_constraint(text)
