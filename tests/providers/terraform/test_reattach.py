"""Providers that somebody else started (terraform.md §1.9)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stackwright.providers.terraform import Reattached, ReattachError, find_reattached
from stackwright.providers.terraform._handshake import Handshake

AWS = "registry.terraform.io/hashicorp/aws"


def entry(**changes: Any) -> dict[str, Any]:
    said = {"Protocol": "grpc", "ProtocolVersion": 6, "Pid": 12, "Test": True}
    return {**said, "Addr": {"Network": "unix", "String": "/p"}, **changes}


def variable(*names: str, **changes: Any) -> dict[str, str]:
    return {"TF_REATTACH_PROVIDERS": json.dumps({name: entry(**changes) for name in names})}


@pytest.mark.parametrize("name", [AWS, "hashicorp/aws", "aws", "Registry.Terraform.io/HashiCorp/AWS"])
def test_found_under_any_form_of_its_address(name: str) -> None:
    found = find_reattached(AWS, variable("other/aws", name))

    handshake = Handshake(protocol=6, network="unix", address="/p")
    assert found == Reattached(handshake=handshake, pid=12, keep=True)


def test_the_bridges_variable_counts_too() -> None:
    environ = {"PULUMI_BRIDGE_REATTACH_PROVIDERS": variable(AWS)["TF_REATTACH_PROVIDERS"]}

    assert find_reattached("hashicorp/aws", environ) is not None


@pytest.mark.parametrize("changes", [{"ProtocolVersion": 0}, {"ProtocolVersion": 5}])
def test_no_version_means_five(changes: dict[str, Any]) -> None:
    found = find_reattached(AWS, variable(AWS, **changes))

    assert found is not None
    assert found.handshake.protocol == 5


def test_not_meant() -> None:
    assert find_reattached(AWS, {}) is None
    assert find_reattached(AWS, {"TF_REATTACH_PROVIDERS": ""}) is None
    assert find_reattached(AWS, variable("registry.opentofu.org/hashicorp/aws")) is None


@pytest.mark.parametrize(
    "environ",
    [
        {"TF_REATTACH_PROVIDERS": "{"},
        {"TF_REATTACH_PROVIDERS": "[]"},
        {"TF_REATTACH_PROVIDERS": json.dumps({AWS: {"Protocol": "grpc"}})},
        variable(AWS, ProtocolVersion=4),
        variable(AWS, Protocol="netrpc"),
        variable(AWS, Addr={"Network": "pipe", "String": "x"}),
    ],
)
def test_a_variable_that_cannot_be_read_is_an_error(environ: dict[str, str]) -> None:
    with pytest.raises(ReattachError, match="TF_REATTACH_PROVIDERS"):
        find_reattached(AWS, environ)
